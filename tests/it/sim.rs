//! The simulation: the real loops over a real SQLite file, in a world made from a seed.
//!
//! Time, chance and the network are simulated (tokio's paused clock drives both waiting and [`Clock`]); publishers
//! answer late, wrongly or not at all, subscribers too, and the daemon is killed at random moments: its runtime is
//! dropped wherever it stands and the store's file is opened again. A world ends with faults off and a quiet day; then
//! every article is stored and decided with reasons, every event on the topic was told under exactly one id, and
//! nothing is left in the outbox. A seed repeats exactly: `TIDINGS_SIM_SEED=N cargo test --test it sim` runs one.

mod chance;
mod outbox;
mod web;
mod world;

pub(crate) use chance::Chance;
use world::{Ledger, World};

/// Seeds of a run of the suite.
const SEEDS: u64 = 6;

#[expect(clippy::disallowed_methods, reason = "a person names a seed to run it again")]
pub(crate) fn seeds(usual: u64) -> Vec<u64> {
    if let Some(seed) = std::env::var("TIDINGS_SIM_SEED").ok().and_then(|s| s.parse().ok()) {
        vec![seed]
    } else {
        let count = std::env::var("TIDINGS_SIM_SEEDS").ok().and_then(|s| s.parse().ok()).unwrap_or(usual);
        (1..=count).collect()
    }
}

fn live(seed: u64) -> Ledger {
    let ledger = World::new(seed).live();
    eprintln!(
        "seed {seed}: {} articles, {} events, {} kills, {} polls, {} posts",
        ledger.articles,
        ledger.events,
        ledger.kills,
        ledger.polls,
        ledger.received.len()
    );
    ledger
}

#[test]
fn whatever_breaks_nothing_read_is_lost_and_each_event_is_told_under_one_id() {
    for seed in seeds(SEEDS) {
        let ledger = live(seed);
        let again = format!("run it again with TIDINGS_SIM_SEED={seed}");
        assert_eq!(ledger.missing, Vec::<String>::new(), "stories lost; {again}");
        assert_eq!(ledger.unexplained, Vec::<String>::new(), "stories without a decision or reasons; {again}");
        assert_eq!(ledger.pending, 0, "deliveries left in the outbox; {again}");
        assert_eq!(ledger.untold, Vec::<String>::new(), "notifications that the subscriber never got; {again}");
        assert_eq!(ledger.not_shown, Vec::<String>::new(), "notifications that the device never got; {again}");
        assert_eq!(ledger.changed_bodies, Vec::<String>::new(), "one id with two bodies; {again}");
        assert_eq!(ledger.told_events, ledger.events_by_name, "events told, by name and number of ids; {again}");
    }
}

/// Seeds of deliveries alone: their worlds are short.
const OUTBOX_SEEDS: u64 = 20;

#[test]
fn whatever_endpoints_do_each_gets_each_of_its_notifications_in_order_and_repeats_bear_the_same_id() {
    let (mut kills, mut posts) = (0, 0);
    for seed in seeds(OUTBOX_SEEDS) {
        let account = outbox::live(seed);
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
    let seed = seeds(SEEDS).first().copied().unwrap_or(1);
    let (one, other) = (World::new(seed).live(), World::new(seed).live());
    assert_eq!(one.received, other.received);
    assert_eq!((one.polls, one.kills), (other.polls, other.kills));
}

#[test]
fn chance_is_a_function_of_its_seed() {
    let draw = |seed| (0..5).map(|_| 0).scan(Chance::new(seed), |c, _: u64| Some(c.below(1000))).collect::<Vec<_>>();
    assert_eq!(draw(3), draw(3));
    assert_ne!(draw(3), draw(4));
}
