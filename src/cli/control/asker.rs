//! The asking side: a command beside the daemon.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, anyhow};

use crate::cli::exit::{Exit, Refusal};
use crate::cli::failure::Failure;

use super::{ANSWER_BYTES_MAX, Answer, Question};

/// A daemon that has not answered by then waits for its disk. Below what systemd gives a reload (90 s, 60 in our unit).
const PATIENCE: Duration = Duration::from_secs(55);

/// A ring saves seconds, and waits for none.
const RING_MAX: Duration = Duration::from_secs(1);

/// Whether a daemon listens at `socket`.
pub(in crate::cli) fn is_heard(socket: &Path) -> bool {
    UnixStream::connect(socket).is_ok()
}

/// Rings the daemon at `socket`, as deliveries were made: it sends them now, and not at its next turn. Whether it heard: one of an older
/// version doesn't know of it, and one that has no time finds them soon by itself.
pub(in crate::cli) fn ring(socket: &Path) -> bool {
    let answer = UnixStream::connect(socket).and_then(|mut stream| exchange(&mut stream, &Question::ring(), RING_MAX));
    answer.is_ok_and(|answer| {
        serde_json::from_str::<Answer>(&answer).is_ok_and(|answer| Exit::of_code(answer.exit) == Exit::Done)
    })
}

/// Asks the daemon at `socket`.
///
/// # Errors
/// When none listens there or it doesn't answer; the daemon's own failure as a [`Failure`].
pub(in crate::cli) fn ask(socket: &Path, question: &Question) -> anyhow::Result<Answer> {
    let at = socket.display();
    let mut stream = UnixStream::connect(socket).map_err(|why| {
        if matches!(why.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) {
            anyhow!("no daemon listens at {at}: start one with systemctl start tidings, or tidings run")
        } else if why.kind() == io::ErrorKind::PermissionDenied {
            anyhow!("the daemon at {at} may be asked by root and its own user alone: run this as one of them")
        } else {
            anyhow::Error::new(why).context(format!("ask the daemon at {at}"))
        }
    })?;
    let answer = exchange(&mut stream, question, PATIENCE).map_err(|why| {
        if matches!(why.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) {
            let secs = PATIENCE.as_secs();
            Refusal::Later(format!("the daemon at {at} has not answered within {secs} s: look into its log")).into()
        } else {
            anyhow::Error::new(why).context(format!("hear the daemon at {at}"))
        }
    })?;
    if answer.trim_end().is_empty() {
        anyhow::bail!("the daemon at {at} ended without an answer: look into its log");
    }
    let answer: Answer = serde_json::from_str(&answer).with_context(|| format!("read the answer of {at}"))?;
    let exit = Exit::of_code(answer.exit);
    if exit == Exit::Done {
        return Ok(answer);
    }
    Err(Failure { exit, text: answer.text, record: answer.record }.into())
}

/// One line there, one line back.
fn exchange(stream: &mut UnixStream, question: &Question, patience: Duration) -> io::Result<String> {
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    let line = serde_json::to_string(question)? + "\n";
    stream.write_all(line.as_bytes())?;
    let mut answer = String::new();
    BufReader::new(stream.take(ANSWER_BYTES_MAX)).read_line(&mut answer)?;
    Ok(answer)
}
