//! The daemon's side: the socket, and who is answered what.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream as Probe;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;

use crate::cli::exit::{Exit, Refusal};
use crate::cli::failure::Failure;
use crate::config::{ControlSettings, Ink};
use crate::daemon::{Bells, Reloader, Stop, TakenUp, Task};
use crate::port::Tally;

use super::{Answer, QUESTION_BYTES_MAX, Question, RELOAD, RING};

/// Talks at the same time; others wait in the socket's queue.
const TALKS_MAX: usize = 8;
/// Who connects has to have asked by then, and taken his answer.
const TURN_MAX: Duration = Duration::from_secs(10);
/// Talks under way at a stop end by then: a reload that was asked for is refused, and told so.
const DRAIN: Duration = Duration::from_secs(2);
/// A terminal is no wider.
const COLUMNS_MAX: usize = 1_000;
/// The wait after a connection could not be taken: no descriptor is left.
const RETRY: Duration = Duration::from_secs(1);

/// What is asked for at the socket.
#[derive(Clone)]
pub(in crate::cli) struct Asked {
    pub(in crate::cli) reloader: Reloader,
    pub(in crate::cli) bells: Bells,
    /// What a reload reads.
    pub(in crate::cli) file: PathBuf,
}

/// The socket, open.
pub(in crate::cli) struct Desk {
    listener: UnixListener,
    path: PathBuf,
    /// The user of this process, as the socket's file says.
    owner: u32,
}

impl Desk {
    /// Opens the socket that the settings name. What a killed daemon left there is replaced; a socket at which somebody
    /// listens is not. Where nothing names a place and the usual one can't be had, the daemon does without, and says so.
    ///
    /// # Errors
    /// When a daemon listens there, or the place that the configuration names can't be had.
    pub(in crate::cli) fn open(settings: &ControlSettings) -> anyhow::Result<Option<Self>> {
        let Some(path) = &settings.socket else { return Ok(None) };
        if Probe::connect(path).is_ok() {
            bail!(
                "a daemon listens at {} already: stop it, or give this one a socket of its own in [control]",
                path.display()
            );
        }
        match Self::bind(path) {
            Ok(desk) => Ok(Some(desk)),
            Err(error) if settings.named => {
                Err(error.context(format!("listen at {} (socket in [control])", path.display())))
            }
            Err(error) => {
                tracing::warn!("no control socket at {}, so tidings reload can't ask: {error:#}", path.display());
                Ok(None)
            }
        }
    }

    /// Binds beside `path` and moves the socket there, so that it never stands there with another mode.
    fn bind(path: &Path) -> anyhow::Result<Self> {
        if fs::symlink_metadata(path).is_ok_and(|there| !there.file_type().is_socket()) {
            bail!("what is there is no socket, and left alone");
        }
        let mut name = path.as_os_str().to_owned();
        name.push("~");
        let passing = Path::new(&name);
        if let Err(why) = fs::remove_file(passing)
            && why.kind() != io::ErrorKind::NotFound
        {
            return Err(why).with_context(|| format!("remove {}", passing.display()));
        }
        let listener = UnixListener::bind(passing)?;
        fs::set_permissions(passing, fs::Permissions::from_mode(0o600)).context("close it to others")?;
        fs::rename(passing, path).context("put it in its place")?;
        let owner = fs::metadata(path).context("look at it")?.uid();
        Ok(Self { listener, path: path.to_owned(), owner })
    }

    /// Answers until the stop; then the socket is gone.
    pub(in crate::cli) fn task(self, asked: Asked) -> (&'static str, Task) {
        ("control", Box::new(move |stop| Box::pin(async move { self.serve(&asked, stop).await })))
    }

    async fn serve(self, asked: &Asked, stop: Stop) -> anyhow::Result<()> {
        let mut talks = JoinSet::new();
        loop {
            tokio::select! {
                () = stop.heard() => break,
                accepted = self.listener.accept(), if talks.len() < TALKS_MAX => match accepted {
                    Ok((stream, _)) if self.is_welcome(&stream) => {
                        talks.spawn(talk(stream, asked.clone()));
                    }
                    Ok(_stranger) => tracing::warn!("refused another user at the control socket"),
                    Err(error) => {
                        tracing::warn!("a connection of the control socket could not be taken: {error}");
                        tokio::time::sleep(RETRY).await;
                    }
                },
                Some(ended) = talks.join_next() => ended.context("a talk panicked")?,
            }
        }
        // A socket that is left behind is replaced at the next start.
        fs::remove_file(&self.path).ok();
        drop(self.listener);
        let drained = async { while talks.join_next().await.is_some() {} };
        tokio::time::timeout(DRAIN, drained).await.ok();
        Ok(())
    }

    /// Whether the other end is root or our own user.
    fn is_welcome(&self, stream: &UnixStream) -> bool {
        stream.peer_cred().is_ok_and(|peer| peer.uid() == 0 || peer.uid() == self.owner)
    }
}

/// Hears one question and answers it. Whoever leaves early misses the answer; the log has it.
async fn talk(stream: UnixStream, Asked { reloader, bells, file }: Asked) {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    let mut asked = BufReader::new(read.take(QUESTION_BYTES_MAX));
    let heard = tokio::time::timeout(TURN_MAX, asked.read_line(&mut line)).await;
    if !matches!(heard, Ok(Ok(1..))) {
        return;
    }
    let answer = match serde_json::from_str::<Question>(&line) {
        Ok(question) if question.ask == RELOAD => {
            let columns = question.columns.min(COLUMNS_MAX);
            match reloader.reload().await {
                Ok(taken) => taken_up(&taken, &file),
                Err(error) => refused(&error, columns),
            }
        }
        Ok(question) if question.ask == RING => {
            bells.told();
            Answer { exit: Exit::Done.code(), text: "it looks at what is due".to_owned(), record: None }
        }
        Ok(_) | Err(_) => unknown(),
    };
    let Ok(mut text) = serde_json::to_string(&answer) else { return };
    text.push('\n');
    let told = async {
        write.write_all(text.as_bytes()).await?;
        write.shutdown().await
    };
    if !matches!(tokio::time::timeout(TURN_MAX, told).await, Ok(Ok(()))) {
        tracing::debug!("whoever asked at the control socket left before the answer");
    }
}

fn taken_up(taken: &TakenUp, file: &Path) -> Answer {
    let TakenUp { synced, notes } = taken;
    let kinds = [("topics", synced.topics), ("sources", synced.sources), ("subscriptions", synced.subscriptions)];
    let kinds = kinds.map(|(kind, tally)| format!("{kind:<14}{}", in_words(tally)));
    let lines: Vec<String> = std::iter::once(format!("took up {}", file.display()))
        .chain(kinds)
        .chain(notes.iter().map(|note| format!("note: {note}")))
        .collect();
    let numbers = |tally: Tally| json!({"added": tally.added, "changed": tally.changed, "removed": tally.retired});
    let record = json!({
        "file": file.display().to_string(), "topics": numbers(synced.topics), "sources": numbers(synced.sources),
        "subscriptions": numbers(synced.subscriptions), "notes": notes,
    });
    Answer { exit: Exit::Done.code(), text: lines.join("\n"), record: Some(record) }
}

/// How many things of a kind are concerned.
pub(in crate::cli) fn in_words(tally: Tally) -> String {
    let counts = [(tally.added, "added"), (tally.changed, "changed"), (tally.retired, "removed")];
    let told: Vec<String> =
        counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if told.is_empty() { "as before".to_owned() } else { told.join(", ") }
}

fn refused(error: &anyhow::Error, columns: usize) -> Answer {
    let Failure { exit, text, record } = Failure::of(error, Ink::Plain, columns);
    Answer { exit: exit.code(), text: text + "\nThe daemon goes on with the configuration that it has.", record }
}

fn unknown() -> Answer {
    let version = env!("CARGO_PKG_VERSION");
    let why = format!("the daemon (version {version}) doesn't know what it is asked: restart it after an upgrade");
    let Failure { exit, text, record } = Failure::of(&Refusal::Usage(why).into(), Ink::Plain, COLUMNS_MAX);
    Answer { exit: exit.code(), text, record }
}
