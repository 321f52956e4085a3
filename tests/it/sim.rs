//! The simulation: the real loops over a real SQLite file, in a world made from a seed.
//!
//! Time, chance and the network are simulated (tokio's paused clock drives both waiting and [`Clock`]); publishers
//! answer late, wrongly or not at all, subscribers too, and the daemon is killed at random moments: its runtime is
//! dropped wherever it stands and the store's file is opened again. A world ends with faults off and a quiet day; then
//! every article is stored and decided with reasons, every event on the topic was told under exactly one id, and
//! nothing is left in the outbox. A seed repeats exactly: `TIDINGS_SIM_SEED=N cargo test --test it sim` runs one.

mod audit;
mod chance;
mod jester;
mod operator;
mod outbox;
mod web;
mod world;

use std::collections::BTreeMap;

pub(crate) use chance::Chance;
use world::{Ledger, World};

/// Seeds of a run of the suite.
const SEEDS: u64 = 200;
/// So many tests share them: no test takes longer than half a minute of a processor.
const SHARES: u64 = 4;
/// So many of them are lived twice: pranks are in the fourth and the twelfth among others.
const SEEDS_REPEATED: usize = 12;

#[expect(clippy::disallowed_methods, reason = "a person names a seed to run it again")]
fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// The seeds to run: `TIDINGS_SIM_SEED` alone, or `TIDINGS_SIM_SEEDS` many from `TIDINGS_SIM_FROM` on.
pub(crate) fn seeds(usual: u64) -> Vec<u64> {
    if let Some(seed) = asked("TIDINGS_SIM_SEED") {
        return vec![seed];
    }
    let from = asked("TIDINGS_SIM_FROM").unwrap_or(1);
    (from..from + asked("TIDINGS_SIM_SEEDS").unwrap_or(usual)).collect()
}

/// Says how to run a seed again where it panics.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.again());
        }
    }
}

impl Seed {
    fn again(&self) -> String {
        format!("run it again with TIDINGS_SIM_SEED={} cargo test --test it sim:: -- --nocapture", self.0)
    }
}

/// Lives a world; a panic is a promise broken like any other.
fn live(seed: u64) -> Ledger {
    let lived = std::panic::catch_unwind(|| World::new(seed).live());
    lived.unwrap_or_else(|why| {
        let why = why.downcast_ref::<String>().cloned().unwrap_or_else(|| "it panicked".to_owned());
        Ledger { broken: vec![why], ..Ledger::default() }
    })
}

/// The seeds of a share: of a number that a person gives, all are the first's.
fn shared(share: u64) -> Vec<u64> {
    let is_asked = ["TIDINGS_SIM_SEED", "TIDINGS_SIM_SEEDS"].iter().any(|name| asked(name).is_some());
    let each = SEEDS / SHARES;
    match (is_asked, share) {
        (true, 0) => seeds(SEEDS),
        (true, _) => Vec::new(),
        (false, _) => (1 + share * each..=(share + 1) * each).collect(),
    }
}

#[test]
fn whatever_breaks_nothing_read_is_lost_and_each_event_is_told_under_one_id() {
    nothing_is_lost(0);
}

#[test]
fn whatever_breaks_nothing_is_lost_in_a_second_share_of_worlds() {
    nothing_is_lost(1);
}

#[test]
fn whatever_breaks_nothing_is_lost_in_a_third_share_of_worlds() {
    nothing_is_lost(2);
}

#[test]
fn whatever_breaks_nothing_is_lost_in_a_fourth_share_of_worlds() {
    nothing_is_lost(3);
}

/// Lives a share of the seeds, so that two run at once on two processors.
fn nothing_is_lost(share: u64) {
    let mut broken = Vec::new();
    let mut pranks: BTreeMap<_, u64> = BTreeMap::new();
    let (mut worlds, mut articles, mut events) = (0, 0, 0);
    let (mut kills, mut deeds, mut polls, mut posts) = (0, 0, 0, 0);
    for seed in shared(share) {
        let ledger = live(seed);
        for why in &ledger.broken {
            eprintln!("seed {seed}: {why}");
        }
        if !ledger.broken.is_empty() {
            eprintln!("{}", Seed(seed).again());
            broken.push(seed);
        }
        for (prank, times) in ledger.pranks {
            *pranks.entry(prank).or_default() += times;
        }
        worlds += 1;
        articles += ledger.articles;
        events += ledger.events;
        kills += ledger.kills;
        deeds += ledger.deeds;
        polls += ledger.polls;
        posts += ledger.received.len();
    }
    eprintln!(
        "{worlds} worlds, {articles} articles of {events} events: {kills} kills, {deeds} deeds, {polls} polls, {posts} posts, \
         pranks {pranks:?}"
    );
    assert_eq!(broken, Vec::<u64>::new(), "seeds of worlds in which a promise did not hold");
}

/// Seeds of deliveries alone: their worlds are short.
const OUTBOX_SEEDS: u64 = 20;

#[test]
fn whatever_endpoints_do_each_gets_each_of_its_notifications_in_order_and_repeats_bear_the_same_id() {
    let (mut kills, mut posts) = (0, 0);
    for seed in seeds(OUTBOX_SEEDS) {
        let guard = Seed(seed);
        let account = outbox::live(seed);
        drop(guard);
        let again = format!("run it again with TIDINGS_SIM_SEED={seed}");
        assert_eq!(account.unaccounted, Vec::<String>::new(), "deliveries that did not end well; {again}");
        assert_eq!(account.lost, Vec::<String>::new(), "notifications lost; {again}");
        assert_eq!(account.altered, Vec::<String>::new(), "one id with two bodies; {again}");
        assert_eq!(account.out_of_order, Vec::<String>::new(), "later ones of an event came first; {again}");
        kills += account.kills;
        posts += account.posts;
    }
    eprintln!("{kills} kills, {posts} posts");
}

#[test]
fn a_seed_repeats_exactly() {
    for seed in seeds(SEEDS).into_iter().take(SEEDS_REPEATED) {
        let (one, other) = (live(seed), live(seed));
        assert_eq!(one.received, other.received, "seed {seed}");
        assert_eq!((one.polls, one.kills, one.pranks), (other.polls, other.kills, other.pranks), "seed {seed}");
    }
}

#[test]
fn chance_is_a_function_of_its_seed() {
    let draw = |seed| (0..5).map(|_| 0).scan(Chance::new(seed), |c, _: u64| Some(c.below(1000))).collect::<Vec<_>>();
    assert_eq!(draw(3), draw(3));
    assert_ne!(draw(3), draw(4));
}
