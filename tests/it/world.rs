//! The world test: the real binary, subscribed to a served world of 65 publishers, tells a webhook that checks signatures.
//!
//! Articles come out one by one in the order of their time. Three lives of the same world: an untroubled
//! one; one with faults of publishers and of the subscriber; one that is killed (`kill -9`) ten times at random moments.
//! The same must be told in all three: by type and article, as ids are made of addresses and each life has its own port
//! (that equal addresses give equal ids is shown in ingest/). Skipped, loudly, without `../shared`.

#![expect(clippy::disallowed_methods, reason = "processes live in real time")]

mod daemon;
pub(crate) mod sink;
mod site;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use daemon::{Daemon, Decided};
use serde_json::Value;
use sink::{Got, Sink};
use site::{Label, Site};

/// What goes wrong in a life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    None,
    Faults,
    Kills(usize),
}

/// What a life came to.
struct Life {
    got: Got,
    /// Topic and event of each article's story, by article.
    decided: Decided,
    missing: Vec<String>,
    pending: u64,
}

pub(crate) fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    if folder.join("tools/make_world.py").exists() {
        return Some(folder);
    }
    eprintln!("!!! SKIPPED: the world test needs ../shared, which is absent");
    None
}

fn live(shared: &Path, trouble: Trouble) -> Life {
    let site = Site::start(shared, site::free_port());
    let sink = Sink::start(trouble == Trouble::Faults);
    let mut daemon = Daemon::start(&site, &sink);
    daemon.wait_for_first_round(&site);
    let kinds = ["500", "429", "slow", "gzip", "reset", "html"];
    let kills = match trouble {
        Trouble::Kills(n) => n,
        Trouble::None | Trouble::Faults => 0,
    };
    let mut chance = 0x2545_f491_4f6c_dd1d_u64;
    for (turn, article) in site.articles.iter().enumerate() {
        if trouble == Trouble::Faults && turn % 7 == 3 {
            site.control(&format!("fault=*={}:{}", kinds[(turn / 7) % kinds.len()], 8));
        }
        site.control("add=1");
        if kills > 0 && turn % (site.articles.len() / kills) == 1 {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            daemon.kill_after(std::time::Duration::from_millis((chance >> 33) % 400));
        }
        daemon.wait_until_told(&article.publisher);
    }
    site.control("clear=1");
    daemon.wait_until_quiet();
    let (decided, missing, pending) = daemon.take_stock(&site);
    drop(daemon);
    Life { got: sink.stop(), decided, missing, pending }
}

/// How long the daemon is killed every second; `tests/nightly/kills` gives minutes.
fn killed_for() -> std::time::Duration {
    let secs = std::env::var("TIDINGS_KILLED_FOR_SECS").ok().and_then(|secs| secs.parse().ok());
    std::time::Duration::from_secs(secs.unwrap_or(15))
}

#[test]
fn killed_every_second_in_a_world_with_faults_it_loses_nothing() {
    let Some(shared) = shared() else { return };
    let span = killed_for();
    let site = Site::start(&shared, site::free_port());
    let sink = Sink::start(true);
    let mut daemon = Daemon::start(&site, &sink);
    daemon.wait_for_first_round(&site);
    let kinds = ["500", "429", "slow", "gzip", "reset", "html"];
    let lives = usize::try_from(span.as_secs()).unwrap().max(1);
    let (each, mut out) = (site.articles.len().div_ceil(lives), 0);
    for life in 0..lives {
        if life % 3 == 0 {
            site.control(&format!("fault=*={}:{}", kinds[life / 3 % kinds.len()], 8));
        }
        let more = each.min(site.articles.len() - out);
        if more > 0 {
            site.control(&format!("add={more}"));
            out += more;
        }
        daemon.kill_after(std::time::Duration::from_secs(1));
    }
    site.control("clear=1");
    daemon.wait_until_all_told();
    let (decided, missing, pending) = daemon.take_stock(&site);
    drop(daemon);
    let life = Life { got: sink.stop(), decided, missing, pending };
    check(&life);
    assert_eq!(life.decided.len(), site.articles.len(), "articles stored and decided");
    eprintln!(
        "{lives} kills: {} articles, {} notifications, {} repeats under the same id",
        site.articles.len(),
        life.got.bodies.len(),
        life.got.repeats
    );
}

#[test]
fn each_event_of_a_served_world_is_told_once_whatever_breaks() {
    let Some(shared) = shared() else { return };
    let (clean, others) = std::thread::scope(|scope| {
        let troubles = [Trouble::Faults, Trouble::Kills(10)];
        let place = &shared;
        let others = troubles.map(|trouble| (trouble, scope.spawn(move || live(place, trouble))));
        let clean = live(&shared, Trouble::None);
        (clean, others.map(|(trouble, life)| (trouble, life.join().unwrap())))
    });
    report(&shared, &clean);
    check(&clean);
    for (trouble, life) in others {
        check(&life);
        assert_eq!(life.got.told(), clean.got.told(), "other notifications with {trouble:?} than without");
        eprintln!(
            "{trouble:?}: the same {} notifications; {} repeats under the same id",
            clean.got.bodies.len(),
            life.got.repeats
        );
    }
}

/// What holds in every life.
fn check(life: &Life) {
    assert_eq!(life.missing, Vec::<String>::new(), "articles that were never stored");
    assert_eq!(life.pending, 0, "deliveries left in the outbox");
    assert_eq!(life.got.bad_signatures, 0, "signatures that don't verify");
    assert!(life.got.bodies.values().all(|bodies| bodies.len() == 1), "an id with two bodies");
    let opened: BTreeSet<i64> = life.decided.values().filter_map(|(_, event)| *event).collect();
    let told: Vec<i64> = life.got.events();
    assert_eq!(told.iter().copied().collect::<BTreeSet<_>>().len(), told.len(), "an event told under two ids");
    assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), opened, "events told, and events there are");
    for told in life.got.articles() {
        let copies = ["copy", "again"];
        let ruling = told.pointer("/data/story/ruling").and_then(Value::as_str).unwrap_or_default();
        assert!(!copies.contains(&ruling), "a copy was told: {told}");
    }
}

/// Precision, recall and F1 of what is on the topic, by article and by event, against the labels; asserted with a margin.
fn report(shared: &Path, life: &Life) {
    let labels: BTreeMap<String, Label> = site::labels(shared);
    let figures = |keep: &dyn Fn(&Label) -> bool| {
        let (mut right, mut wrong, mut missed) = (0.0, 0.0, 0.0);
        for (id, label) in labels.iter().filter(|(_, label)| keep(label)) {
            match (life.decided.get(id).is_some_and(|d| d.0), label.relevant) {
                (true, true) => right += 1.0,
                (true, false) => wrong += 1.0,
                (false, true) => missed += 1.0,
                (false, false) => {}
            }
        }
        let (p, r) = (right / f64::max(right + wrong, 1.0), right / f64::max(right + missed, 1.0));
        (p, r, 2.0 * p * r / f64::max(p + r, 1e-9))
    };
    let season = |l: &Label| ("2021-10".."2022-02").contains(&l.published.as_str());
    let main = |l: &Label| ["en", "ru", "uk"].contains(&l.lang.as_str());
    let all = figures(&|_| true);
    let in_season = figures(&season);
    let in_season_main = figures(&|l| season(l) && main(l));
    eprintln!(
        "on the topic, precision recall F1: all {all:.2?}; Oct 2021-Jan 2022 {in_season:.2?}; of those en, ru, uk {in_season_main:.2?}"
    );

    // Events among relevant articles, by the labels' fine-grained story.
    let mut of_label: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
    let mut of_event: BTreeMap<i64, BTreeSet<&str>> = BTreeMap::new();
    for (id, label) in labels.iter().filter(|(_, label)| label.relevant) {
        if let Some((_, Some(event))) = life.decided.get(id) {
            of_label.entry(&label.story).or_default().insert(*event);
            of_event.entry(*event).or_default().insert(&label.story);
        }
    }
    let again: usize = of_label.values().map(|events| events.len() - 1).sum();
    let swallowed: usize = of_event.values().map(|stories| stories.len() - 1).sum();
    eprintln!(
        "events: {} labelled, {} told; {again} told again, {swallowed} swallowed",
        of_label.len(),
        of_event.len()
    );
    assert!(in_season_main.2 >= 0.85, "F1 of en, ru, uk in season fell to {:.2}", in_season_main.2);
    assert!(in_season.2 >= 0.75, "F1 in season fell to {:.2}", in_season.2);
    assert!(swallowed <= 2, "{swallowed} events are swallowed");
    assert!(again <= 2 * of_label.len(), "{again} events are told again");
}
