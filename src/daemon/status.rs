//! The daemon's status: whether its loops turn, and what they have done since it started.
//!
//! Loops write it, the server and the watchdog read it. These are counts in memory, for people and graphs; whatever
//! must outlive the process stands in the store.

use std::collections::BTreeMap;
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
    /// Finds the price of a poll.
    Market,
}

impl LoopName {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Poll, Self::Decide, Self::Dispatch, Self::Push, Self::Retention, Self::Hub, Self::Verify, Self::Market];

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
            Self::Market => "market",
        }
    }
}

/// How a loop is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoopState {
    /// When it last turned; `None` before its first turn.
    pub turned_at: Option<Timestamp>,
    /// How often it has turned.
    pub turns: u64,
    /// What it waits for since; `None` while it works.
    pub waits: Option<Wait>,
    /// Whether the store refused what it last asked for.
    pub refused: Option<Refusal>,
}

/// A loop's wait, which a bell may end sooner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// What it has under way meanwhile: polls, attempts, visits.
    pub under_way: usize,
    /// When it looks at the store again at the latest.
    pub until: Timestamp,
}

/// The store's refusal, one or several in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// When it refused first.
    pub since: Timestamp,
    /// Its own words, the last time.
    pub why: String,
}

/// The service manager's watchdog.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Watchdog {
    /// Whether the service manager wants it fed.
    pub is_wanted: bool,
    /// When it was fed last; where it isn't wanted, when it would have been.
    pub fed_at: Option<Timestamp>,
}

/// What came of the last reload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReloadOutcome {
    /// When.
    pub at: Timestamp,
    /// Whether the new configuration was taken up.
    pub is_good: bool,
}

/// The steps from a publisher's post to a subscriber's receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// From published to read here, of stories that came after their source's first poll.
    Seen,
    /// From read to decided.
    Decided,
    /// From decided to the start of the first attempt.
    Sent,
    /// From the start of the attempt that was taken to its end.
    Delivered,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Seen, Self::Decided, Self::Sent, Self::Delivered];

    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Decided => "decided",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
        }
    }
}

/// The status of one daemon; clones share it.
#[derive(Debug, Clone)]
pub struct Status(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    started_at: Timestamp,
    loops: Mutex<BTreeMap<LoopName, LoopState>>,
    watchdog: Mutex<Watchdog>,
    reload: Mutex<Option<ReloadOutcome>>,
    figures: Mutex<Figures>,
}

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
    /// How long each step took.
    pub steps: BTreeMap<Step, Histogram>,
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
            steps: Step::ALL.into_iter().map(|step| (step, Histogram::new(&STEP_BOUNDS_MS))).collect(),
            visits: BTreeMap::new(),
        }
    }
}

/// Bounds for exchanges with the web: from a 304 on the same host to the longest allowed.
const EXCHANGE_BOUNDS_MS: [u64; 12] = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 15_000, 60_000];
/// Bounds for a step: from a decision (about a millisecond) to a feed that is polled every few hours.
const STEP_BOUNDS_MS: [u64; 14] =
    [1, 5, 25, 100, 500, 1_000, 5_000, 30_000, 60_000, 300_000, 900_000, 3_600_000, 14_400_000, 86_400_000];

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
            loops: Mutex::default(),
            watchdog: Mutex::default(),
            reload: Mutex::default(),
            figures: Mutex::new(Figures::default()),
        }))
    }

    /// When the daemon started.
    pub fn started_at(&self) -> Timestamp {
        self.0.started_at
    }

    /// Notes that a loop turned. A loop with nothing to do turns all the same, well within the watchdog's patience.
    pub fn turn(&self, name: LoopName, now: Timestamp) {
        let mut loops = held(&self.0.loops);
        let state = loops.entry(name).or_default();
        state.turned_at = Some(now);
        state.turns += 1;
        state.waits = None;
    }

    /// Notes that a loop waits, until it turns again.
    pub fn waits(&self, name: LoopName, wait: Wait) {
        held(&self.0.loops).entry(name).or_default().waits = Some(wait);
    }

    /// Notes that the store refused a loop. Gives whether it had not before.
    pub fn refused(&self, name: LoopName, why: &str, now: Timestamp) -> bool {
        let mut loops = held(&self.0.loops);
        let state = loops.entry(name).or_default();
        let before = state.refused.take();
        let is_first = before.is_none();
        state.refused = Some(Refusal { since: before.map_or(now, |refusal| refusal.since), why: why.to_owned() });
        is_first
    }

    /// Notes that the store did what a loop asked for. Gives since when it had refused, if it had.
    pub fn served(&self, name: LoopName) -> Option<Timestamp> {
        held(&self.0.loops).get_mut(&name).and_then(|state| state.refused.take()).map(|refusal| refusal.since)
    }

    /// How a loop is.
    pub fn of_loop(&self, name: LoopName) -> LoopState {
        held(&self.0.loops).get(&name).cloned().unwrap_or_default()
    }

    /// Notes that the watchdog was fed, or would have been if the service manager wanted it.
    pub fn fed(&self, watchdog: Watchdog) {
        *held(&self.0.watchdog) = watchdog;
    }

    /// The service manager's watchdog.
    pub fn watchdog(&self) -> Watchdog {
        *held(&self.0.watchdog)
    }

    /// Notes what came of a reload.
    pub fn reloaded(&self, outcome: ReloadOutcome) {
        *held(&self.0.reload) = Some(outcome);
    }

    /// What came of the last reload, if there was one.
    pub fn last_reload(&self) -> Option<ReloadOutcome> {
        *held(&self.0.reload)
    }

    /// When a loop last turned; `None` before its first turn.
    pub fn last_turn(&self, name: LoopName) -> Option<Timestamp> {
        held(&self.0.loops).get(&name).and_then(|state| state.turned_at)
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
            Verdict::Retry { .. } | Verdict::PutOff { .. } => "retry",
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

    /// Notes how long a step took.
    pub fn stepped(&self, step: Step, took: Duration) {
        if let Some(histogram) = self.lock().steps.get_mut(&step) {
            histogram.observe(took);
        }
    }

    /// What the loops have done so far.
    pub fn figures(&self) -> Figures {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Figures> {
        held(&self.0.figures)
    }
}

/// What is behind a lock. Nothing here is ever half written in a way that matters, so a poisoned lock is taken as it is.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
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
            LoopName::ALL.into_iter().filter(|name| *name != LoopName::Decide).collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_refusal_lasts_until_the_store_serves_the_loop_again_and_keeps_its_beginning() {
        let status = Status::new(at(0));
        assert!(status.refused(LoopName::Poll, "disk full", at(1)));
        status.turn(LoopName::Poll, at(2));
        assert!(!status.refused(LoopName::Poll, "disk is full", at(2)), "told once");

        let refusal = status.of_loop(LoopName::Poll).refused;
        assert_eq!(refusal, Some(Refusal { since: at(1), why: "disk is full".to_owned() }));
        assert_eq!(status.served(LoopName::Poll), Some(at(1)));
        assert_eq!(status.served(LoopName::Poll), None);
        assert_eq!(status.of_loop(LoopName::Poll).turns, 1);
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
