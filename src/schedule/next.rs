//! The decision after a poll: when to poll next, and whether the source is well.

use std::time::Duration;

use jiff::Timestamp;

use super::calendar::DAY_SECS;
use super::hints::{self, Asked};
use super::intensity::Intensity;
use super::market::{Quote, count};
use super::pace::{Pace, Seen};
use super::silence::silence;
use crate::model::{
    Exchange, FailureKind, NotificationType, PollOutcome, Priority, Response, SourceHealth, SourceSpec, SourceState,
    Validators,
};

/// The numbers of polling that hold for all sources.
#[derive(Debug, Clone, PartialEq)]
pub struct PollPolicy {
    /// Each wait is lengthened, never shortened, by up to this fraction of itself, so that polls drift apart.
    pub jitter: f64,
    /// Failed polls in a row until a source counts as failing.
    pub failing_after: u32,
    /// The wait after a first failure; it doubles with each further one.
    pub first_retry: Duration,
    /// No wait after a failure is longer, a publisher's own request aside.
    pub retry_max: Duration,
    /// Requests a day, those of all sources together; `None` is one each half hour for each source.
    pub requests_per_day: Option<u32>,
}

impl PollPolicy {
    /// The budget of so many sources, in requests a second.
    pub fn requests_per_sec(&self, sources: usize) -> f64 {
        self.requests_per_day.map_or(48.0 * count(sources), f64::from) / DAY_SECS
    }
}

impl Default for PollPolicy {
    fn default() -> Self {
        Self {
            jitter: 0.03,
            failing_after: 5,
            first_retry: Duration::from_mins(5),
            retry_max: Duration::from_hours(24),
            requests_per_day: None,
        }
    }
}

/// A finished poll.
#[derive(Debug, Clone, Copy)]
pub struct Poll<'a> {
    /// When it ended.
    pub now: Timestamp,
    /// The source as declared.
    pub spec: &'a SourceSpec,
    /// The source's state before it, with the validators that were sent.
    pub state: &'a SourceState,
    /// What came over the wire.
    pub exchange: &'a Exchange,
    /// What came of it.
    pub outcome: &'a PollOutcome,
    /// What a good poll showed of the source's pace.
    pub seen: Seen<'a>,
    /// The newest date of the document, whoever brought its entry first.
    pub newest: Option<Timestamp>,
    /// The dates of its entries, in any order; none where there was no document.
    pub dates: &'a [Timestamp],
    /// Whether nobody else could be reached at that time either: the trouble is at our own end.
    pub is_cut_off: bool,
    /// What the document asks; `None` where there was none: what the last one asked holds.
    pub asked: Option<Asked>,
}

/// What is decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Next {
    /// When to poll next; always after the poll.
    pub at: Timestamp,
    /// The wait that led to it, before jitter.
    pub interval: Duration,
    /// Failed polls in a row, this one included.
    pub failures: u32,
    /// How the source is now.
    pub health: SourceHealth,
    /// Until when its whole domain is left alone, where it asked for that.
    pub domain_pause: Option<Timestamp>,
    /// `source.failing` (a silence too) or `source.recovered`, where its health changed.
    pub turned: Option<NotificationType>,
    /// What is learnt of the source now; `None` where the poll taught nothing.
    pub pace: Option<Pace>,
}

/// A source after a boost.
#[derive(Debug, Clone, PartialEq)]
pub struct Boosted {
    /// When to poll it next.
    pub at: Timestamp,
    /// What is known of it now.
    pub pace: Pace,
}

/// A Retry-After is kept in full up to 30 days; a longer one is a mistake.
const RETRY_AFTER_MAX: Duration = Duration::from_hours(720);
/// A source of a busy host that has brought nothing for so long, or is to bring nothing for so long, fails.
const BUSY_MAX: Duration = Duration::from_hours(24);
/// 410 is believed when it is repeated about a day later.
const GONE_AGAIN: Duration = Duration::from_hours(24);
/// A second 410 counts from this on: a day, less what clocks and leases may be off.
const GONE_AGAIN_MIN: Duration = Duration::from_hours(20);
/// A back-off is never longer than so many of the source's longest intervals: a source that is looked at every minute
/// is not lost for a day because its trouble was long.
const BACK_OFF_INTERVALS: u32 = 24;
/// While nobody answers, no wait is longer: such a try costs no publisher anything.
const CUT_OFF_MAX: Duration = Duration::from_mins(15);
/// So many failures in a row with an answer from the server until it is asked once without conditions.
const UNCONDITIONED_AFTER: u32 = 2;
/// And again each so many failures.
const UNCONDITIONED_EVERY: u32 = 8;
/// An `interval_max` below this overrides the publisher's hints.
pub(super) const URGENT_MAX: Duration = Duration::from_mins(15);
/// Below this no wait makes sense, whatever is configured.
const WAIT_MIN: Duration = Duration::from_millis(20);

/// Decides when the source is polled next. `jitter` is a random number from 0 to 1.
pub fn next(poll: &Poll<'_>, policy: &PollPolicy, quote: &Quote, jitter: f64) -> Next {
    let decided = match (poll.outcome, poll.exchange) {
        (PollOutcome::Read { .. } | PollOutcome::NotModified, _) => good(poll, quote),
        (PollOutcome::Failed { .. }, exchange) if let Some(until) = busy_until(exchange, poll.now) => {
            throttled(poll, policy, until)
        }
        (PollOutcome::Failed { .. }, Ok(response)) if response.status == 410 => gone(poll, policy),
        (PollOutcome::Failed { .. }, _) => failed(poll, policy),
    };
    let health = decided.health;
    let at = jittered(poll.now, decided.interval, policy.jitter * jitter.clamp(0.0, 1.0));
    // The hours and days that the publisher leaves out, unless the owner's own maximum overrides its wishes.
    let asked = decided.pace.as_ref().map(|pace| pace.asked).filter(|_| poll.spec.interval_max >= URGENT_MAX);
    let at = asked.map_or(at, |asked| asked.past_skipped(at));
    let pace = decided.pace.or_else(|| asked_in_vain(poll));
    Next { at, turned: turned(poll.state.health, health), pace, ..decided }
}

/// Whether the next request goes out without validators: where a source that used to post has said for 30 days that nothing has
/// changed, as its server may say so for ever (once); and where it fails, as it may fail for them alone (once; for a while, where that
/// has helped before). The poll's `state` then has none.
pub fn asks_whole(state: &SourceState) -> bool {
    if state.validators == Validators::default() {
        return false;
    }
    let pace = Pace::from_bytes(&state.pace).unwrap_or_default();
    pace.doubts_silence() || pace.doubts_conditions() || may_fail_for_conditions(state, &pace)
}

/// Whether a source's last polls failed by an answer that it may give to conditional requests alone.
fn may_fail_for_conditions(state: &SourceState, pace: &Pace) -> bool {
    let after = if pace.has_suspected_conditions() { 1 } else { UNCONDITIONED_AFTER };
    let (kind, detail) = state.last_outcome.split_once(": ").unwrap_or((&state.last_outcome, ""));
    let is_refusal = || ["401", "403", "404", "410", "429"].iter().any(|status| detail.starts_with(status));
    let is_suspect = kind == "empty" || kind == "status" && !is_refusal();
    is_suspect && state.failures >= after && (state.failures - after).is_multiple_of(UNCONDITIONED_EVERY)
}

/// The pace after a whole document was asked for and did not come: it is not asked for again before another 30 days.
fn asked_in_vain(poll: &Poll<'_>) -> Option<Pace> {
    let is_conditional = poll.state.validators != Validators::default();
    let mut pace = Pace::from_bytes(&poll.state.pace).filter(|pace| !is_conditional && pace.doubts_silence())?;
    pace.note_whole(poll.now);
    Some(pace)
}

fn good(poll: &Poll<'_>, quote: &Quote) -> Next {
    let headers = poll.exchange.as_ref().ok().map(|response| &response.headers);
    let (min, max) = bounds(poll.spec);
    let mut pace = Pace::from_bytes(&poll.state.pace).unwrap_or_default();
    let shape = pace.see(poll.seen, poll.now, &quote.pool);
    pace.hear_of(poll.newest, poll.now);
    pace.asked = poll.asked.unwrap_or(pace.asked);
    match poll.outcome {
        PollOutcome::Read { .. } => pace.note_whole(poll.now),
        PollOutcome::NotModified | PollOutcome::Failed { .. } => pace.note_unchanged(poll.now),
    }
    match (poll.outcome, poll.state.validators == Validators::default()) {
        (PollOutcome::Read { .. }, true) if may_fail_for_conditions(poll.state, &pace) => {
            pace.suspect_conditions(poll.now);
        }
        (_, false) => pace.trust_conditions(),
        (_, true) => {}
    }
    pace.see_window(poll.dates, poll.now);
    let hint = pace.asked.wait().max(hints::fresh(headers)).min(hints::HINT_MAX).min(pace.longest_wish(poll.now));
    pace.hint_secs = u32::try_from(hint.as_secs()).unwrap_or(u32::MAX);
    // Whatever the price, the wait ends within the bounds: no need to look beyond them.
    let price = quote.price / weight(poll.spec.priority);
    let earned = Intensity::shaped_as(shape, &pace, &quote.pool, poll.now).reaches(price, max);
    let interval = earned.clamp(min, max).max(wish(hint, max));
    // One that has just recovered is told to be well first.
    let may_be_silent = matches!(poll.state.health, SourceHealth::Well | SourceHealth::Silent);
    let is_silent = may_be_silent && silence(&pace, poll.now).is_some();
    let health = if is_silent { SourceHealth::Silent } else { SourceHealth::Well };
    Next { pace: Some(pace), ..decision(poll, interval, 0, health) }
}

/// Expects `stories` more of a source within the next hour or so than its own pace promises, as when others tell of an
/// event on its topic. Gives what is then known of it and when to poll it: never later than planned, never sooner than
/// its shortest wait allows. A source in trouble is left as it is: `None`.
pub fn boost(spec: &SourceSpec, state: &SourceState, quote: &Quote, stories: f64, now: Timestamp) -> Option<Boosted> {
    let last = state.last_poll_at.filter(|_| state.failures == 0 && state.health.is_polled_well())?;
    let mut pace = Pace::from_bytes(&state.pace)?;
    pace.boost(stories, now);
    let (min, max) = bounds(spec);
    let shortest = min.max(wish(pace.hint(), max));
    let price = quote.price / weight(spec.priority);
    let wait = Intensity::plain(&pace, &quote.pool, last).reaches(price, max).max(shortest);
    Some(Boosted { at: later(last, wait).max(now).min(state.next_poll_at), pace })
}

/// How many stories an event that others tell of lets expect of a source: half its share of the topic's events, with
/// one of twelve believed before any was seen. (The gain was chosen on simulated worlds, docs/schedule.md.)
pub fn boost_of(told: u32, events: u32) -> f64 {
    const GAIN: f64 = 0.5;
    GAIN * (1.0 + f64::from(told)) / (12.0 + f64::from(events.max(told)))
}

/// How much a source's stories count: four times the weight is twice the polls.
pub(super) fn weight(priority: Priority) -> f64 {
    match priority {
        Priority::Low => 0.25,
        Priority::Normal => 1.0,
        Priority::High => 4.0,
    }
}

/// The publisher's wish is kept, unless the owner declared so short a maximum that it can only be meant: a page of
/// one's own, a desk that pays for it.
pub(super) fn wish(hint: Duration, max: Duration) -> Duration {
    if max < URGENT_MAX { hint.min(max) } else { hint }
}

/// 429 or 503 with a word of when to come back: the host is busy, the source is not at fault. But whoever waits for its
/// stories has to know once that lasts.
fn throttled(poll: &Poll<'_>, policy: &PollPolicy, until: Timestamp) -> Next {
    let asked = Duration::try_from(until.duration_since(poll.now)).unwrap_or_default();
    let (min, _) = bounds(poll.spec);
    let was_busy = was_answered(poll, &["429", "503"]);
    let for_long = match poll.state.last_good_at {
        Some(last_good) => poll.now >= later(last_good, BUSY_MAX),
        None => poll.state.polls >= u64::from(policy.failing_after),
    };
    let lasts = asked >= BUSY_MAX || (was_busy && for_long);
    let health = match poll.state.health {
        SourceHealth::Well | SourceHealth::Silent if lasts => SourceHealth::Failing,
        health @ (SourceHealth::Well | SourceHealth::Silent | SourceHealth::Failing | SourceHealth::Gone) => health,
    };
    Next { domain_pause: Some(until), ..decision(poll, asked.max(min), poll.state.failures, health) }
}

/// Whether the poll before this one was answered with one of these statuses. The state keeps none; its last outcome's words do.
fn was_answered(poll: &Poll<'_>, statuses: &[&str]) -> bool {
    poll.state.last_outcome.split(|c: char| !c.is_alphanumeric()).any(|word| statuses.contains(&word))
}

/// Until when an answer asks for its whole domain to be left alone: Retry-After of a 429 or 503, up to 30 days.
pub fn busy_until(exchange: &Exchange, now: Timestamp) -> Option<Timestamp> {
    let response = exchange.as_ref().ok().filter(|response| matches!(response.status, 429 | 503))?;
    response.headers.retry_after(now).map(|until| until.min(later(now, RETRY_AFTER_MAX))).filter(|until| *until > now)
}

fn gone(poll: &Poll<'_>, policy: &PollPolicy) -> Next {
    let was_gone = was_answered(poll, &["410"]);
    let a_day_later = poll.state.last_poll_at.is_some_and(|last| poll.now >= later(last, GONE_AGAIN_MIN));
    let failures = poll.state.failures.saturating_add(1);
    let health = if poll.state.health == SourceHealth::Gone || (was_gone && a_day_later) {
        SourceHealth::Gone
    } else {
        failing(poll, policy, failures)
    };
    let (min, _) = bounds(poll.spec);
    decision(poll, GONE_AGAIN.max(min), failures, health)
}

fn failed(poll: &Poll<'_>, policy: &PollPolicy) -> Next {
    let failures = match poll.state.failures.saturating_add(1) {
        // Nobody answers: it fails with all the others, and is none the worse for how long that lasts.
        more if poll.is_cut_off => more.min(policy.failing_after).max(poll.state.failures),
        more => more,
    };
    let doubled = 2u32.saturating_pow(failures.saturating_sub(1));
    let (_, max) = bounds(poll.spec);
    let backed_off = policy.first_retry.min(max).saturating_mul(doubled);
    let floor = floor(poll);
    // A refusal starts at its floor and doubles from there; else trouble would be met a dozen times before it counts.
    // A 200 that can't be read costs the publisher what a readable one does: it is looked at no more rarely than that.
    let answered = poll.exchange.as_ref().is_ok_and(|response| response.status == 200);
    let longest = if answered { max } else { policy.retry_max.min(max.saturating_mul(BACK_OFF_INTERVALS)) };
    let longest = if poll.is_cut_off { longest.min(CUT_OFF_MAX) } else { longest };
    let interval = backed_off.max(floor).min(longest.max(floor));
    let decided = decision(poll, interval, failures, failing(poll, policy, failures));
    let busy = poll.exchange.as_ref().is_ok_and(|response| response.status == 429);
    // It names no time: its own wait doubles, but no refusal of one address keeps its domain's other sources waiting for as long.
    let pause = interval.min(policy.first_retry);
    Next { domain_pause: busy.then(|| later(poll.now, pause)), ..decided }
}

/// The shortest wait after this failure.
///
/// What never reached the publisher costs it nothing and may be retried soon. An answer is a request like any other,
/// so the minimum holds; and one that says "not here", "not you" will not change within the hour.
fn floor(poll: &Poll<'_>) -> Duration {
    let (min, max) = bounds(poll.spec);
    // What stands before a source (a check for robots, a page that asks for consent) refuses, whatever its status.
    if let PollOutcome::Failed { kind: "wall", .. } = poll.outcome {
        return max;
    }
    match poll.exchange {
        Ok(Response { status: 401 | 403 | 404, .. }) => max,
        Ok(_) => min,
        Err(failure) => match failure.kind {
            FailureKind::Dns | FailureKind::Connect | FailureKind::Tls => WAIT_MIN,
            FailureKind::Timeout | FailureKind::Protocol | FailureKind::Decode | FailureKind::Redirect => min,
            FailureKind::TooLarge | FailureKind::Blocked | FailureKind::Robots => max,
        },
    }
}

fn failing(poll: &Poll<'_>, policy: &PollPolicy, failures: u32) -> SourceHealth {
    match poll.state.health {
        SourceHealth::Well | SourceHealth::Silent if failures >= policy.failing_after.max(1) => SourceHealth::Failing,
        health @ (SourceHealth::Well | SourceHealth::Silent | SourceHealth::Failing | SourceHealth::Gone) => health,
    }
}

fn turned(before: SourceHealth, after: SourceHealth) -> Option<NotificationType> {
    match after {
        same if same == before => None,
        SourceHealth::Well => Some(NotificationType::SourceRecovered),
        // What was gone and only fails is on its way back.
        SourceHealth::Failing if before == SourceHealth::Gone => None,
        SourceHealth::Silent | SourceHealth::Failing | SourceHealth::Gone => Some(NotificationType::SourceFailing),
    }
}

fn decision(poll: &Poll<'_>, interval: Duration, failures: u32, health: SourceHealth) -> Next {
    let interval = interval.max(WAIT_MIN);
    Next { at: later(poll.now, interval), interval, failures, health, domain_pause: None, turned: None, pace: None }
}

/// The source's own bounds, in order even where they were declared the wrong way round.
fn bounds(spec: &SourceSpec) -> (Duration, Duration) {
    ordered((spec.interval_min, spec.interval_max))
}

pub(super) fn ordered((min, max): (Duration, Duration)) -> (Duration, Duration) {
    let min = min.max(WAIT_MIN);
    (min, max.max(min))
}

fn jittered(now: Timestamp, interval: Duration, fraction: f64) -> Timestamp {
    let stretched = Duration::try_from_secs_f64(interval.as_secs_f64() * (1.0 + fraction)).unwrap_or(interval);
    later(now, stretched.max(interval))
}

pub(super) fn later(at: Timestamp, wait: Duration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
