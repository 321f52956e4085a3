//! What is said on stderr while a command works, or to the journal with fields that it can be asked for.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tracing::callsite::Identifier;
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry};

use crate::config::{LogFormat, LogSettings, filter_fault};

use super::exit::Refusal;
use super::screen::shown;

/// Where what is said goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spoken {
    /// To stderr, in lines.
    Lines,
    /// To stderr, an object a line.
    Json,
    /// To the journal, by its own protocol.
    Journal,
}

/// Whether stderr is what the service manager connected to the journal: `stream` is `$JOURNAL_STREAM`, its device and
/// inode (systemd.exec(5)). A variable that was only inherited names another.
pub(super) fn is_journal(stream: Option<&str>) -> bool {
    let named = stream.and_then(|stream| stream.split_once(':'));
    let named = named.and_then(|(device, inode)| Some((device.parse::<u64>().ok()?, inode.parse::<u64>().ok()?)));
    let ours = rustix::fs::fstat(io::stderr()).ok().map(|file| (file.st_dev, file.st_ino));
    named.is_some() && named == ours
}

/// Starts logging: by `--log` where given, else as configured. Gives where to: the journal may be unreachable.
pub(super) fn start(settings: &LogSettings, wanted: Option<&str>, stream: Option<&str>) -> anyhow::Result<Spoken> {
    if let Some((expected, help)) = wanted.and_then(filter_fault) {
        let help = help.map_or_else(String::new, |help| format!("; {help}"));
        return Err(Refusal::Usage(format!(
            "--log: {:?} is no level or filter ({expected}){help}",
            shown(wanted.unwrap_or_default())
        ))
        .into());
    }
    let filter = wanted.unwrap_or(&settings.filter);
    let filter = EnvFilter::try_new(filter).with_context(|| format!("read the log filter {filter:?}"))?;
    let terminal = io::stderr().is_terminal();
    let journal = is_journal(stream);
    let said = Registry::default().with(filter).with(Bounded::new(instant));
    if let (true, LogFormat::Auto, Ok(native)) = (journal, settings.format, tracing_journald::layer()) {
        let native = native
            .with_field_prefix(Some("TIDINGS".to_owned()))
            .with_syslog_identifier("tidings".to_owned())
            .with_priority_mappings(tracing_journald::PriorityMappings {
                info: tracing_journald::Priority::Informational,
                debug: tracing_journald::Priority::Debug,
                ..tracing_journald::PriorityMappings::new()
            });
        said.with(native).try_init().context("start logging")?;
        return Ok(Spoken::Journal);
    }
    let text = match settings.format {
        LogFormat::Auto => terminal || journal,
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    let lines = fmt::layer().with_writer(io::stderr);
    let started = match (text, journal) {
        // The journal adds the time itself.
        (true, true) => said.with(lines.without_time().with_ansi(false)).try_init(),
        (true, false) => said.with(lines.with_ansi(terminal && console::colors_enabled_stderr())).try_init(),
        (false, _) => said.with(lines.json().flatten_event(true)).try_init(),
    };
    started.context("start logging")?;
    Ok(if text { Spoken::Lines } else { Spoken::Json })
}

#[expect(clippy::disallowed_methods, reason = "what is said is bounded by real time, wherever it is said from")]
fn instant() -> Instant {
    Instant::now()
}

/// Lines of one kind (one place in the code) in a span of [`SPAN`] at most.
const LINES_MAX: u32 = 60;
/// The span.
const SPAN: Duration = Duration::from_mins(1);

/// Leaves out what would flood the log: of each kind of line at most [`LINES_MAX`] in [`SPAN`]. The next line of its kind
/// after that comes with how many were left out.
struct Bounded<N> {
    kinds: Mutex<BTreeMap<usize, Kind>>,
    now: N,
}

/// What was said of one kind.
struct Kind {
    since: Instant,
    said: u32,
    left_out: u64,
}

/// What becomes of a line.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// It is said, after this many that were not.
    Said(u64),
    /// It is left out.
    LeftOut,
}

impl<N: Fn() -> Instant> Bounded<N> {
    fn new(now: N) -> Self {
        Self { kinds: Mutex::default(), now }
    }

    fn judge(&self, kind: usize) -> Fate {
        let now = (self.now)();
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = kinds.entry(kind).or_insert(Kind { since: now, said: 0, left_out: 0 });
        if now.duration_since(kind.since) >= SPAN {
            kind.since = now;
            kind.said = 0;
        }
        if kind.said >= LINES_MAX {
            kind.left_out += 1;
            return Fate::LeftOut;
        }
        kind.said += 1;
        Fate::Said(std::mem::take(&mut kind.left_out))
    }
}

/// A number for the place in the code: the address of what describes it, which stays as long as the program runs.
fn place(site: &Identifier) -> usize {
    std::ptr::from_ref(site.0).cast::<()>().addr()
}

impl<S: Subscriber, N: Fn() -> Instant + 'static> Layer<S> for Bounded<N> {
    fn event_enabled(&self, event: &Event<'_>, _ctx: Context<'_, S>) -> bool {
        match self.judge(place(&event.metadata().callsite())) {
            Fate::LeftOut => false,
            Fate::Said(0) => true,
            Fate::Said(count) => {
                let span = SPAN.as_secs();
                tracing::info!(
                    "{count} lines like the next were left out: of one kind {LINES_MAX} are said in {span} s"
                );
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;

    #[test]
    fn of_one_kind_so_many_are_said_in_a_minute_and_the_rest_is_counted() {
        let (begun, passed) = (instant(), Rc::new(Cell::new(Duration::ZERO)));
        let clock = Rc::clone(&passed);
        let bounded = Bounded::new(move || begun + clock.get());
        let said = |kind| bounded.judge(kind);
        let flood: Vec<_> = (0..LINES_MAX + 5).map(|_| said(1)).collect();
        assert_eq!(flood.iter().filter(|fate| **fate == Fate::Said(0)).count(), 60);
        assert_eq!(flood.last(), Some(&Fate::LeftOut));
        assert_eq!(said(2), Fate::Said(0), "another kind has a bound of its own");

        passed.set(SPAN);
        assert_eq!((said(1), said(1)), (Fate::Said(5), Fate::Said(0)));
    }

    #[test]
    fn a_stream_that_was_only_inherited_is_not_the_journal() {
        assert!(!is_journal(None));
        assert!(!is_journal(Some("")));
        assert!(!is_journal(Some("8:1")));
        let ours = rustix::fs::fstat(io::stderr()).unwrap();
        assert!(is_journal(Some(&format!("{}:{}", ours.st_dev, ours.st_ino))));
    }
}
