//! The virtual clock: who is polled when, and what each poll sees.

use std::time::Duration;

use jiff::Timestamp;

use super::super::market::{Market, Trader, count};
use super::super::next::{Poll, PollPolicy, next};
use super::super::pace::Seen;
use super::super::wheel::Wheel;
use super::Contender;
use super::rival::EntryFrequency;
use super::score::{Ledger, Score};
use super::trace::{Trace, moment, seconds};
use crate::model::{Exchange, Headers, PollOutcome, Response, SourceSpec, SourceState, WebUrl};

/// Entries that a feed's document shows.
const WINDOW: usize = 20;
/// From one finding of the price to the next, as in the daemon.
const PRICE_EVERY_SECS: f64 = 600.0;
/// A fit ends when requests are this near the budget, or after so many tries.
const FIT_NEAR: f64 = 0.002;
const FIT_TRIES: u32 = 12;

/// The terms of a replay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Replay {
    /// Requests an hour, in all.
    pub requests_per_hour: f64,
    /// The bounds on a wait.
    pub interval_min: Duration,
    /// The longest wait.
    pub interval_max: Duration,
    /// The policy of good and failed polls: its jitter counts here.
    pub jitter: f64,
}

/// A poll as a contender sees it.
pub(super) struct Visit<'a> {
    pub(super) feed: usize,
    pub(super) at: f64,
    /// What is new, as far as the document still shows it, oldest first.
    pub(super) new: &'a [f64],
    pub(super) first: bool,
}

/// Replays a trace. `dice` gives a number from 0 to 1 for a feed and the count of its polls.
pub fn replay(trace: &Trace, contender: Contender, terms: &Replay, dice: &dyn Fn(usize, u64) -> f64) -> Score {
    let per_sec = terms.requests_per_hour / 3_600.0;
    let interval = trace.feeds_number() / per_sec;
    match contender {
        Contender::Fixed => {
            let ledger = run(trace, interval, dice, &mut |_visit| interval);
            ledger.score(per_sec, 1.0)
        }
        Contender::EntryFrequency => fitted(per_sec, &|factor| {
            let mut feeds = vec![EntryFrequency::default(); trace.feeds()];
            let mut wait = |visit: &Visit<'_>| {
                feeds.get_mut(visit.feed).map_or(interval, |feed| feed.wait(visit.new, visit.at, factor))
            };
            run(trace, interval, dice, &mut wait)
        }),
        Contender::Adaptive => {
            let mut desk = Desk::new(trace.feeds(), terms, dice);
            let ledger = run(trace, interval, dice, &mut |visit| desk.wait(visit));
            ledger.score(per_sec, 1.0)
        }
    }
}

/// Finds the factor at which requests come out at the budget: by a line through the last two tries on a scale of
/// logarithms, along which requests fall nearly straight.
pub(super) fn fitted(per_sec: f64, run: &dyn Fn(f64) -> Ledger) -> Score {
    let mut best = run(1.0).score(per_sec, 1.0);
    let (mut last, mut slope) = ((0.0_f64, best.share().ln()), -1.0_f64);
    for _ in 1..FIT_TRIES {
        if last.1.abs() < FIT_NEAR {
            break;
        }
        let at = last.0 - last.1 / slope;
        let score = run(at.exp()).score(per_sec, at.exp());
        let share = score.share().ln();
        if (score.share() - 1.0).abs() < (best.share() - 1.0).abs() {
            best = score;
        }
        // Bounds flatten the line; it is never taken for level or rising.
        slope = ((share - last.1) / (at - last.0)).clamp(-3.0, -0.15);
        last = (at, share);
    }
    best
}

/// Turns the clock to the end; `wait` gives the seconds to a feed's next poll.
pub(super) fn run(
    trace: &Trace,
    interval: f64,
    dice: &dyn Fn(usize, u64) -> f64,
    wait: &mut dyn FnMut(&Visit<'_>) -> f64,
) -> Ledger {
    let mut ledger = Ledger::new(trace);
    let mut seen = vec![None::<usize>; trace.feeds()];
    let mut due = Wheel::new(0);
    for (feed, number) in (0..trace.feeds()).zip(0..) {
        due.put(micros(dice(feed, 0) * interval), number);
    }
    let mut hour = 0_usize;
    while let Some((at, number)) = due.take() {
        let (at, feed) = (seconds_of(at), usize::try_from(number).unwrap_or(usize::MAX));
        if at >= ledger.end() {
            break;
        }
        while count(hour + 1) * 3_600.0 <= at {
            hour += 1;
        }
        ledger.poll(at, hour);
        let (Some(posts), Some(known)) = (trace.feeds.get(feed), seen.get_mut(feed)) else { continue };
        let shown = posts.partition_point(|posted| *posted <= at);
        let fresh = posts.get(known.unwrap_or(0)..shown).unwrap_or_default();
        for posted in fresh {
            ledger.noticed(feed, *posted, at);
        }
        let (gone, new) = fresh.split_at_checked(fresh.len().saturating_sub(WINDOW)).unwrap_or((&[], fresh));
        if known.is_some() {
            ledger.lost(gone.len());
        }
        let visit = Visit { feed, at, new, first: known.is_none() };
        *known = Some(shown);
        let wait = wait(&visit);
        due.put(micros(at + wait.max(1.0)), number);
    }
    // What nobody came for waits until the end.
    for (feed, (posts, known)) in trace.feeds.iter().zip(seen).enumerate() {
        let left = posts.get(known.unwrap_or(0)..).unwrap_or_default();
        let end = ledger.end();
        for posted in left {
            ledger.noticed(feed, *posted, end.max(*posted));
        }
    }
    ledger
}

/// The daemon's side of polling, for many feeds.
struct Desk<'a> {
    terms: &'a Replay,
    dice: &'a dyn Fn(usize, u64) -> f64,
    spec: SourceSpec,
    answer: Exchange,
    policy: PollPolicy,
    states: Vec<SourceState>,
    market: Market,
    price_at: f64,
    requests: u32,
}

impl<'a> Desk<'a> {
    fn new(feeds: usize, terms: &'a Replay, dice: &'a dyn Fn(usize, u64) -> f64) -> Self {
        let url = WebUrl::parse("http://feed.invalid/").expect("the address above is one");
        let response = Response {
            status: 200,
            headers: Headers::default(),
            body: Vec::new(),
            url: url.clone(),
            redirects: Vec::new(),
        };
        Self {
            terms,
            dice,
            spec: SourceSpec::feed(url, (terms.interval_min, terms.interval_max)),
            answer: Ok(response),
            policy: PollPolicy { jitter: terms.jitter, ..PollPolicy::default() },
            states: vec![SourceState::default(); feeds],
            market: Market::default(),
            price_at: 0.0,
            requests: 0,
        }
    }

    fn wait(&mut self, visit: &Visit<'_>) -> f64 {
        if visit.at >= self.price_at {
            self.find_price(visit.at);
            self.price_at = visit.at + PRICE_EVERY_SECS;
        }
        self.requests += 1;
        let Some(state) = self.states.get_mut(visit.feed) else { return f64::INFINITY };
        state.polls += 1;
        let jitter = (self.dice)(visit.feed, state.polls);
        let now = moment(visit.at);
        let dates: Vec<Timestamp> = visit.new.iter().map(|posted| moment(*posted)).collect();
        let known: Vec<Option<Timestamp>> = dates.iter().copied().map(Some).collect();
        let poll = Poll {
            now,
            spec: &self.spec,
            state,
            exchange: &self.answer,
            outcome: &PollOutcome::Read { entries: dates.len() },
            seen: if visit.first { Seen::First(&dates) } else { Seen::New(&known) },
            newest: None,
            dates: &[],
            is_cut_off: false,
            asked: None,
        };
        let decided = next(&poll, &self.policy, self.market.quote(), jitter);
        if let Some(pace) = decided.pace {
            state.pace = pace.to_bytes();
        }
        seconds(decided.at) - visit.at
    }

    fn find_price(&mut self, at: f64) {
        let now = moment(at);
        self.market.tally(std::mem::take(&mut self.requests), now);
        let bounds = (self.spec.interval_min, self.spec.interval_max);
        let trader = |state: &SourceState| Trader::of(&state.pace, self.spec.priority, bounds, None);
        let traders: Vec<Trader> = self.states.iter().map(trader).collect();
        self.market.price(&traders, traders.len(), self.terms.requests_per_hour / 3_600.0, now);
    }
}

/// Whole microseconds, which order in a heap.
fn micros(secs: f64) -> i64 {
    jiff::SignedDuration::try_from_secs_f64(secs)
        .ok()
        .and_then(|d| i64::try_from(d.as_micros()).ok())
        .unwrap_or(i64::MAX)
}

fn seconds_of(micros: i64) -> f64 {
    jiff::SignedDuration::from_micros(micros).as_secs_f64()
}
