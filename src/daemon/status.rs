//! The daemon's status: whether its loops turn, and what they have done since it started.
//!
//! Loops write it, the server and the watchdog read it. These are counts in memory, for people and graphs; whatever
//! must outlive the process stands in the store.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::model::{ArticleRecord, Commit, NotificationType, PollOutcome, Recorded, Ruling, Verdict};

/// The daemon's loops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LoopName {
    /// Claims due sources and article pages, fetches and records them.
    Poll,
    /// Decides undecided stories.
    Decide,
    /// Claims due deliveries, sends and settles them.
    Dispatch,
    /// Asks hubs for channels and examines what they push.
    Push,
    /// Deletes what is old.
    Retention,
    /// Confirms followers and posts feeds to them.
    Hub,
    /// Asks endpoints whether they want what they would be told.
    Verify,
}

impl LoopName {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Poll, Self::Decide, Self::Dispatch, Self::Push, Self::Retention, Self::Hub, Self::Verify];

    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Poll => "poll",
            Self::Decide => "decide",
            Self::Dispatch => "dispatch",
            Self::Push => "push",
            Self::Retention => "retention",
            Self::Hub => "hub",
            Self::Verify => "verify",
        }
    }
}

/// The status of one daemon; clones share it.
#[derive(Debug, Clone)]
pub struct Status(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    started_at: Timestamp,
    /// When each loop last turned, in milliseconds since 1970; [`NEVER`] before its first turn.
    poll: AtomicI64,
    decide: AtomicI64,
    dispatch: AtomicI64,
    push: AtomicI64,
    retention: AtomicI64,
    hub: AtomicI64,
    verify: AtomicI64,
    figures: Mutex<Figures>,
}

/// Before a loop's first turn.
const NEVER: i64 = i64::MIN;

/// What the loops have done since the start.
#[derive(Debug, Clone)]
pub struct Figures {
    /// Polls by outcome: `read`, `not-modified`, or the failure's word.
    pub polls: BTreeMap<&'static str, u64>,
    /// How long polls took.
    pub poll_time: Histogram,
    /// Pushes by what became of them: `accepted`, `refused` (no good signature), `overflow` (polled instead); of those
    /// accepted, `examined` and `thin` (polled).
    pub pushes: BTreeMap<&'static str, u64>,
    /// Article pages by outcome: `read`, `failed`.
    pub articles: BTreeMap<&'static str, u64>,
    /// New stories.
    pub stories_new: u64,
    /// Stories whose words changed.
    pub stories_revised: u64,
    /// Decisions by ruling.
    pub decisions: BTreeMap<&'static str, u64>,
    /// Events opened.
    pub events_opened: u64,
    /// Notifications by type.
    pub notifications: BTreeMap<&'static str, u64>,
    /// Attempts by what followed: `delivered`, `retry`, `expired`, `gone`.
    pub attempts: BTreeMap<&'static str, u64>,
    /// How long attempts took.
    pub attempt_time: Histogram,
    /// How endpoints turned: `rests`, `well`, `disabled`.
    pub endpoints: BTreeMap<&'static str, u64>,
    /// From the moment a story was read to the start of the first attempt to tell it.
    pub latency: Histogram,
    /// Visits to callbacks by what came of them: `confirmed`, `unconfirmed`; `posted`, `failed`, `gone`.
    pub visits: BTreeMap<&'static str, u64>,
}

impl Default for Figures {
    fn default() -> Self {
        Self {
            polls: BTreeMap::new(),
            poll_time: Histogram::new(&EXCHANGE_BOUNDS_MS),
            pushes: BTreeMap::new(),
            articles: BTreeMap::new(),
            stories_new: 0,
            stories_revised: 0,
            decisions: BTreeMap::new(),
            events_opened: 0,
            notifications: BTreeMap::new(),
            attempts: BTreeMap::new(),
            attempt_time: Histogram::new(&EXCHANGE_BOUNDS_MS),
            endpoints: BTreeMap::new(),
            latency: Histogram::new(&LATENCY_BOUNDS_MS),
            visits: BTreeMap::new(),
        }
    }
}

/// Bounds for exchanges with the web: from a 304 on the same host to the longest allowed.
const EXCHANGE_BOUNDS_MS: [u64; 12] = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 15_000, 60_000];
/// Bounds for read to sent: the goal is 1.5 ms at the median and 5 ms at the 99th percentile.
const LATENCY_BOUNDS_MS: [u64; 12] = [1, 2, 5, 10, 25, 50, 100, 250, 1_000, 5_000, 30_000, 300_000];

/// How many durations fell under each bound.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    bounds_ms: &'static [u64],
    /// One for each bound, and one for what is above them all; not cumulative.
    counts: Vec<u64>,
    sum: Duration,
}

impl Histogram {
    fn new(bounds_ms: &'static [u64]) -> Self {
        Self { bounds_ms, counts: vec![0; bounds_ms.len() + 1], sum: Duration::ZERO }
    }

    fn observe(&mut self, took: Duration) {
        let place = self.bounds_ms.partition_point(|&bound| Duration::from_millis(bound) < took);
        if let Some(count) = self.counts.get_mut(place) {
            *count += 1;
        }
        self.sum = self.sum.saturating_add(took);
    }

    /// Each bound with the number of durations above the bound before and at or under this one; the last, with no
    /// bound, counts what is above them all.
    pub fn buckets(&self) -> Vec<(Option<Duration>, u64)> {
        let bounds = self.bounds_ms.iter().map(|&ms| Some(Duration::from_millis(ms))).chain([None]);
        bounds.zip(self.counts.iter().copied()).collect()
    }

    /// How many durations there were.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Their sum.
    pub fn sum(&self) -> Duration {
        self.sum
    }
}

impl Status {
    /// The status of a daemon that starts now.
    pub fn new(now: Timestamp) -> Self {
        Self(Arc::new(Shared {
            started_at: now,
            poll: AtomicI64::new(NEVER),
            decide: AtomicI64::new(NEVER),
            dispatch: AtomicI64::new(NEVER),
            push: AtomicI64::new(NEVER),
            retention: AtomicI64::new(NEVER),
            hub: AtomicI64::new(NEVER),
            verify: AtomicI64::new(NEVER),
            figures: Mutex::new(Figures::default()),
        }))
    }

    /// When the daemon started.
    pub fn started_at(&self) -> Timestamp {
        self.0.started_at
    }

    /// Notes that a loop turned. A loop with nothing to do turns all the same, well within the watchdog's patience.
    pub fn turn(&self, name: LoopName, now: Timestamp) {
        self.place(name).store(now.as_millisecond(), Ordering::Relaxed);
    }

    /// When a loop last turned; `None` before its first turn.
    pub fn last_turn(&self, name: LoopName) -> Option<Timestamp> {
        let at = self.place(name).load(Ordering::Relaxed);
        if at == NEVER { None } else { Timestamp::from_millisecond(at).ok() }
    }

    /// The loops that have not turned within `patience` before `now`; a loop's first turn is awaited from the start.
    pub fn stuck(&self, now: Timestamp, patience: Duration) -> Vec<LoopName> {
        LoopName::ALL
            .into_iter()
            .filter(|&name| {
                let last = self.last_turn(name).unwrap_or(self.0.started_at);
                // A turn in the future was by a clock that has been put back.
                now.duration_since(last).unsigned_abs() > patience
            })
            .collect()
    }

    /// Whether every loop turned within `patience` before `now`.
    pub fn alive(&self, now: Timestamp, patience: Duration) -> bool {
        self.stuck(now, patience).is_empty()
    }

    /// Whether the first round of polls has begun.
    pub fn begun(&self) -> bool {
        self.last_turn(LoopName::Poll).is_some()
    }

    /// Counts a poll and what the store made of it.
    pub fn polled(&self, outcome: &PollOutcome, took: Duration, recorded: Recorded) {
        let label = match outcome {
            PollOutcome::Read { .. } => "read",
            PollOutcome::NotModified => "not-modified",
            PollOutcome::Failed { kind, .. } => kind,
        };
        let mut figures = self.lock();
        count(&mut figures.polls, label);
        figures.poll_time.observe(took);
        figures.stories_new += widen(recorded.new);
        figures.stories_revised += widen(recorded.revised);
    }

    /// Counts a push, by what became of it and what the store made of it.
    pub fn pushed(&self, label: &'static str, recorded: Recorded) {
        let mut figures = self.lock();
        count(&mut figures.pushes, label);
        figures.stories_new += widen(recorded.new);
        figures.stories_revised += widen(recorded.revised);
    }

    /// Counts a visit to a follower's callback, by what came of it.
    pub fn visited(&self, label: &'static str) {
        count(&mut self.lock().visits, label);
    }

    /// Counts an article page.
    pub fn article(&self, record: &ArticleRecord) {
        let label = match record {
            ArticleRecord::Read { .. } => "read",
            ArticleRecord::Failed { .. } => "failed",
        };
        count(&mut self.lock().articles, label);
    }

    /// Counts a batch of decisions that was committed.
    pub fn decided(&self, commit: &Commit) {
        let mut figures = self.lock();
        for decision in &commit.decisions {
            count(&mut figures.decisions, Ruling::label(decision.ruling));
        }
        figures.events_opened += widen(commit.opened.len());
        let told = commit.notifications.iter().map(|(notification, _)| notification);
        for notification in told.chain(commit.late.iter().map(|late| &late.notification)) {
            count(&mut figures.notifications, notification.kind.label());
        }
    }

    /// Counts a notification made outside the decider: a source in trouble or well again, a test.
    pub fn notified(&self, kind: NotificationType) {
        count(&mut self.lock().notifications, kind.label());
    }

    /// Counts a finished attempt.
    pub fn attempted(&self, verdict: Verdict, took: Duration) {
        let label = match verdict {
            Verdict::Delivered => "delivered",
            Verdict::Retry { .. } => "retry",
            Verdict::Expired => "expired",
            Verdict::Gone => "gone",
        };
        let mut figures = self.lock();
        count(&mut figures.attempts, label);
        figures.attempt_time.observe(took);
    }

    /// Counts how an endpoint turned.
    pub fn endpoint_turned(&self, how: &'static str) {
        count(&mut self.lock().endpoints, how);
    }

    /// Notes how long it took from the moment a story was read to the start of the first attempt to tell it.
    pub fn told_after(&self, latency: Duration) {
        self.lock().latency.observe(latency);
    }

    /// What the loops have done so far.
    pub fn figures(&self) -> Figures {
        self.lock().clone()
    }

    fn place(&self, name: LoopName) -> &AtomicI64 {
        match name {
            LoopName::Poll => &self.0.poll,
            LoopName::Decide => &self.0.decide,
            LoopName::Dispatch => &self.0.dispatch,
            LoopName::Push => &self.0.push,
            LoopName::Retention => &self.0.retention,
            LoopName::Hub => &self.0.hub,
            LoopName::Verify => &self.0.verify,
        }
    }

    /// The figures. A count is never half written in a way that matters, so a poisoned lock is taken as it is.
    fn lock(&self) -> MutexGuard<'_, Figures> {
        self.0.figures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count(by: &mut BTreeMap<&'static str, u64>, label: &'static str) {
    *by.entry(label).or_default() += 1;
}

fn widen(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_loop_that_stops_turning_is_named_after_the_patience_runs_out() {
        let status = Status::new(at(0));
        let patience = Duration::from_secs(30);
        assert!(status.alive(at(30), patience), "before the first turn the start counts");

        for name in LoopName::ALL {
            status.turn(name, at(40));
        }
        status.turn(LoopName::Decide, at(50));

        assert!(status.alive(at(70), patience));
        assert_eq!(
            status.stuck(at(71), patience),
            [LoopName::Poll, LoopName::Dispatch, LoopName::Push, LoopName::Retention, LoopName::Hub, LoopName::Verify]
        );
    }

    #[test]
    fn a_daemon_has_begun_once_the_poll_loop_turns() {
        let status = Status::new(at(0));
        assert!(!status.begun());
        status.turn(LoopName::Poll, at(0));
        assert!(status.begun());
    }

    #[test]
    fn polls_are_counted_by_outcome_and_time() {
        let status = Status::new(at(0));
        let failed = PollOutcome::Failed { kind: "dns", detail: String::new() };
        let brought = Recorded { accepted: true, new: 3, revised: 1, awaiting: 0 };
        status.polled(&PollOutcome::Read { entries: 9 }, Duration::from_millis(10), brought);
        status.polled(&failed, Duration::from_mins(5), Recorded::default());

        let figures = status.figures();
        assert_eq!(figures.polls, BTreeMap::from([("dns", 1), ("read", 1)]));
        assert_eq!((figures.stories_new, figures.stories_revised), (3, 1));
        assert_eq!(figures.poll_time.count(), 2);
        let filled: Vec<_> = figures.poll_time.buckets().into_iter().filter(|bucket| bucket.1 > 0).collect();
        assert_eq!(filled, [(Some(Duration::from_millis(10)), 1), (None, 1)], "a bound holds what equals it");
    }
}
