//! What a person at the terminal sees of the loops' work: a line for each thing that happened.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::daemon::{Happening, Observer};
use crate::model::{Notification, PollOutcome, Verdict};
use crate::text::counted;

use super::screen::{Form, Screen, shown};

/// Which happenings are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shows {
    /// Each source's first poll, and what is told.
    Service,
    /// Every poll, what is told, and each attempt.
    Round,
}

/// Counts of a round.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) polls: usize,
    pub(super) failed: usize,
    pub(super) unmodified: usize,
    pub(super) new: usize,
    pub(super) told: usize,
    pub(super) delivered: usize,
    pub(super) undelivered: usize,
}

/// Polls as JSON wait for others this long at most: nobody reads a thousand a second, and each costs a call of the kernel. What is
/// told waits for nothing.
const GATHERED: Duration = Duration::from_millis(50);

/// Writes happenings to stdout, one at a time.
pub(super) struct Teller {
    held: Mutex<Held>,
    shows: Shows,
}

struct Held {
    screen: Screen,
    tally: Tally,
    /// Lines wait, and a task will write them.
    waits: bool,
    /// Sources that are to be polled.
    sources: usize,
}

/// A poll, as an object.
#[derive(Serialize)]
struct PollLine<'a> {
    detail: &'a str,
    new: usize,
    outcome: &'a str,
    seconds: f64,
    source: &'a str,
}

/// Says to the log what a person at the terminal would see: the journal can be asked for its fields.
pub(super) fn to_the_log() -> Observer {
    Arc::new(|happening| match happening {
        Happening::Told { notification, takers } => {
            let Notification { kind, topic, event, story, .. } = notification.as_ref();
            let (topic, label) = (topic.as_ref().map(ToString::to_string).unwrap_or_default(), kind.label());
            let (event, story) = (event.map(|event| event.0), story.map(|story| story.0));
            let body: Value = serde_json::from_str(&notification.body).unwrap_or_default();
            let text = |path: &str| shown(body.pointer(path).and_then(Value::as_str).unwrap_or_default());
            let (title, publisher) = (text("/data/story/title"), text("/data/story/publisher"));
            tracing::info!(
                topic.id = topic,
                event.id = event,
                story.id = story,
                takers,
                "told {takers} subscriptions of {topic} ({label}): {title} ({publisher})"
            );
        }
        Happening::Polled { source, outcome: PollOutcome::Failed { kind, detail }, first: true, .. } => {
            tracing::warn!(source.name = source, "the first poll of {source} failed: {kind}: {detail}");
        }
        Happening::Polled { source, outcome, new, first: true, .. } => {
            let said = poll_words(outcome, *new);
            tracing::info!(source.name = source, "the first poll of {source}: {said}");
        }
        Happening::Polled { .. } | Happening::Untold { .. } | Happening::Attempted { .. } => {}
    })
}

impl Teller {
    pub(super) fn new(form: Form, shows: Shows, sources: usize, now: Timestamp) -> Arc<Self> {
        let screen = if form == Form::Json { Screen::gathering(form, now) } else { Screen::of_process(form, now) };
        Arc::new(Self { held: Mutex::new(Held { screen, tally: Tally::default(), waits: false, sources }), shows })
    }

    /// So many sources are to be polled.
    pub(super) fn expect(&self, sources: usize) {
        self.held().sources = sources;
    }

    pub(super) fn observer(self: &Arc<Self>) -> Observer {
        let teller = Arc::clone(self);
        Arc::new(move |happening| teller.observe(happening))
    }

    /// What was counted, after all lines of it are written.
    pub(super) fn tally(&self) -> Tally {
        self.flush();
        self.held().tally
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn flush(&self) {
        let mut held = self.held();
        held.waits = false;
        held.screen.flush().ok();
    }

    fn observe(self: &Arc<Self>, happening: &Happening) {
        let is_poll = matches!(happening, Happening::Polled { .. });
        let mut held = self.held();
        self.tell(&mut held, happening);
        if !held.screen.is_json() {
            return;
        }
        match Handle::try_current() {
            Ok(_) if held.waits && is_poll => {}
            Ok(runtime) if is_poll => {
                held.waits = true;
                let teller = Arc::clone(self);
                drop(runtime.spawn(async move {
                    tokio::time::sleep(GATHERED).await;
                    teller.flush();
                }));
            }
            Ok(_) | Err(_) => drop(held.screen.flush()),
        }
    }

    fn tell(&self, held: &mut Held, happening: &Happening) {
        let Held { screen, tally, sources, .. } = held;
        let (line, value) = match happening {
            Happening::Polled { source, outcome, new, took, first } => {
                tally.polls += 1;
                tally.new += new;
                tally.failed += usize::from(matches!(outcome, PollOutcome::Failed { .. }));
                tally.unmodified += usize::from(*outcome == PollOutcome::NotModified);
                if self.shows == Shows::Service && !first {
                    return;
                }
                let (seconds, detail) = (took.as_secs_f64(), poll_words(outcome, *new));
                // Who closed the terminal still wants the daemon to go on.
                if screen.is_json() {
                    let outcome = poll_label(outcome);
                    screen.record(&PollLine { detail: &detail, new: *new, outcome, seconds, source }).ok();
                } else {
                    // Of a source that came later, or is polled a second time, there is no place among those of the start.
                    let place = (tally.polls <= *sources).then(|| format!("[{:>3}/{sources}] ", tally.polls));
                    let place = place.unwrap_or_default();
                    screen.line(&format!("{place}{}: {detail} ({seconds:.1} s)", shown(source))).ok();
                }
                return;
            }
            Happening::Told { notification, takers } => {
                tally.told += 1;
                told(notification, *takers)
            }
            Happening::Untold { events, why } => {
                // For whoever wonders why nothing is told; programs read the decisions.
                if !screen.is_json() {
                    let (what, it) = match events {
                        1 => ("an event is".to_owned(), "it"),
                        n => (format!("{n} events are"), "of the first: it"),
                    };
                    let why = why.strip_prefix("it ").unwrap_or(why);
                    screen.line(&format!("  {what} on a topic and not told ({it} {why})")).ok();
                }
                return;
            }
            Happening::Attempted { subscription, verdict, detail, took } => {
                let delivered = *verdict == Verdict::Delivered;
                tally.delivered += usize::from(delivered);
                tally.undelivered += usize::from(!delivered);
                if self.shows == Shows::Service {
                    return;
                }
                let said = match verdict {
                    Verdict::Delivered => "delivered".to_owned(),
                    Verdict::Retry { at } => format!("failed, to be tried again at {at:.0}"),
                    Verdict::PutOff { at } => format!("asks for patience until {at:.0}"),
                    Verdict::Expired => "given up".to_owned(),
                    Verdict::Gone => "the endpoint is gone".to_owned(),
                };
                let took = took.as_secs_f64();
                let line = format!("  to {}: {said} ({}, {took:.1} s)", shown(subscription), shown(detail));
                (line, json!({"subscription": subscription, "verdict": said, "detail": detail, "seconds": took}))
            }
        };
        if screen.is_json() {
            screen.record(&value).ok()
        } else {
            screen.line(&line).ok()
        };
    }
}

fn poll_words(outcome: &PollOutcome, new: usize) -> String {
    match outcome {
        PollOutcome::Read { entries } => format!("{}, {new} new", counted(*entries, "entry", "entries")),
        PollOutcome::NotModified => "not modified".to_owned(),
        PollOutcome::Failed { kind, detail } => format!("failed: {kind}: {}", shown(detail)),
    }
}

fn poll_label(outcome: &PollOutcome) -> &'static str {
    match outcome {
        PollOutcome::Read { .. } => "read",
        PollOutcome::NotModified => "not-modified",
        PollOutcome::Failed { kind, .. } => kind,
    }
}

/// A line and an object for a notification; both are read from its body, as a subscriber would.
fn told(notification: &Notification, takers: usize) -> (String, Value) {
    let body: Value = serde_json::from_str(&notification.body).unwrap_or_default();
    let text = |path: &str| body.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    let topic = notification.topic.as_ref().map(ToString::to_string).unwrap_or_default();
    let (title, publisher, link) = (text("/data/story/title"), text("/data/story/publisher"), text("/data/story/link"));
    let line =
        format!("{} {topic}: {} ({}) {}", notification.kind.label(), shown(&title), shown(&publisher), shown(&link));
    let value = json!({"type": notification.kind.label(), "id": notification.id.0, "topic": topic, "title": title,
        "publisher": publisher, "link": link, "subscriptions": takers});
    (line, value)
}
