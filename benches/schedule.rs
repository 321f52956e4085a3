//! What a poll costs the schedule with a million sources: learning, deciding, the queue, the price. Prints; never fails.
//!
//! `cargo bench --bench schedule [SOURCES]`

#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]
#![expect(clippy::indexing_slicing, reason = "sources are numbered from 0")]

use std::time::{Duration, Instant};

use jiff::Timestamp;
use tidings::model::{Exchange, Headers, PollOutcome, Priority, Response, SourceSpec, SourceState, WebUrl};
use tidings::schedule::{Market, Poll, PollPolicy, Seen, Trader, Wheel, next};

const START: i64 = 1_800_000_000;
/// Polls that are timed.
const POLLS: usize = 1_000_000;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_second(START + secs).expect("a moment")
}

fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// A number below `n`, by a step of xorshift64.
fn below(state: &mut u64, n: i64) -> i64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    i64::try_from(*state >> 33).unwrap_or(0) % n
}

struct World {
    spec: SourceSpec,
    state: SourceState,
    exchange: Exchange,
    policy: PollPolicy,
    market: Market,
}

impl World {
    fn new() -> Self {
        let url = WebUrl::parse("http://feed.invalid/").expect("an address");
        let response = Response {
            status: 200,
            headers: Headers::default(),
            body: Vec::new(),
            url: url.clone(),
            redirects: Vec::new(),
        };
        Self {
            spec: SourceSpec::feed(url, (Duration::from_mins(5), Duration::from_hours(4))),
            state: SourceState::default(),
            exchange: Ok(response),
            policy: PollPolicy::default(),
            market: Market::default(),
        }
    }

    /// Polls a source whose stored pace is `pace`; what is stored next, and when it is due.
    fn poll(&mut self, pace: &[u8], seen: Seen<'_>, now: Timestamp) -> (Vec<u8>, Timestamp) {
        self.state.pace.clear();
        self.state.pace.extend_from_slice(pace);
        let poll = Poll {
            now,
            spec: &self.spec,
            state: &self.state,
            exchange: &self.exchange,
            outcome: &PollOutcome::Read { entries: 20 },
            seen,
            newest: None,
            dates: &[],
            is_cut_off: false,
            asked: None,
        };
        let decided = next(&poll, &self.policy, self.market.quote(), 0.5);
        (decided.pace.map_or_else(Vec::new, |pace| pace.to_bytes()), decided.at)
    }
}

fn main() {
    let sources = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(1_000_000);
    let (mut world, mut chance) = (World::new(), 0x2545_f491_4f6c_dd1d_u64);
    // A first document each, its stories from a minute to a day apart.
    let mut held: Vec<Box<[u8]>> = Vec::with_capacity(sources);
    let mut due = Wheel::new(micros(at(0)));
    for source in (0..sources).filter_map(|n| u32::try_from(n).ok()) {
        let gap = 60 + below(&mut chance, 86_400);
        let dates: Vec<Timestamp> = (0..20).map(|n| at(-n * gap)).collect();
        let (pace, _) = world.poll(&[], Seen::First(&dates), at(0));
        held.push(pace.into_boxed_slice());
        due.put(micros(at(below(&mut chance, 1_800))), source);
    }
    let bytes = held.first().map_or(0, |pace| pace.len());

    let begun = Instant::now();
    let sample: Vec<Trader> = held
        .iter()
        .step_by((sources / 20_000).max(1))
        .map(|pace| Trader::of(pace, Priority::Normal, (world.spec.interval_min, world.spec.interval_max), None))
        .collect();
    world.market.price(&sample, sources, world.policy.requests_per_sec(sources), at(0));
    let price = begun.elapsed();

    let begun = Instant::now();
    for _ in 0..POLLS {
        let Some((now, number)) = due.take() else { break };
        let (now, source) = (Timestamp::from_microsecond(now).expect("a moment"), number as usize);
        let news = [Some(now)];
        let new = if below(&mut chance, 4) == 0 { &news[..] } else { &[] };
        let (pace, at) = world.poll(&held[source], Seen::New(new), now);
        held[source] = pace.into_boxed_slice();
        due.put(micros(at), number);
    }
    let polls = begun.elapsed();

    let mut queue = due.clone();
    let begun = Instant::now();
    for _ in 0..POLLS {
        let Some((now, number)) = queue.take() else { break };
        queue.put(now + 1_800_000_000, number);
    }
    let queued = begun.elapsed();

    let each = |span: Duration| span.as_secs_f64() * 1e6 / POLLS as f64;
    println!("{sources} sources, {bytes} bytes of state each, {POLLS} polls");
    println!("a poll (read the state, learn, decide, write the state, queue): {:.2} us", each(polls));
    println!("  of it the queue alone (a wheel): {:.2} us", each(queued));
    println!("the price, from a sample of {}: {:.0} ms", sample.len(), price.as_secs_f64() * 1e3);
    println!(
        "polls a second needed at one a half hour: {:.0}, {:.2} % of a core",
        sources as f64 / 1_800.0,
        sources as f64 / 1_800.0 * each(polls) / 1e4
    );
}
