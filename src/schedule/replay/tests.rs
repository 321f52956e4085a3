use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::super::age::AGES;
use super::super::intensity::Intensity;
use super::super::market::{Market, Trader};
use super::super::pace::{Pace, Seen};
use super::super::pool::Pool;
use super::drive::{self, Visit};
use super::trace::moment;
use super::*;
use crate::model::Priority;

/// Chance for tests: a number from 0 to 1 for a feed and a turn.
fn throw(feed: usize, turn: u64) -> f64 {
    // The finalizer of SplitMix64 (Steele, Lea and Flood 2014).
    let mut z =
        (feed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(turn.wrapping_mul(0xd1b5_4a32_d192_ed03));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    f64::from(u32::try_from((z ^ (z >> 31)) >> 32).expect("32 bits are left")) / 4_294_967_296.0
}

fn terms(trace: &Trace) -> Replay {
    Replay {
        requests_per_hour: 2.0 * trace.feeds_number(),
        interval_min: std::time::Duration::from_mins(5),
        interval_max: std::time::Duration::from_hours(4),
        jitter: 0.03,
    }
}

/// A world of feeds from one post in five days to sixty a day, most of them quiet, in three zones, quieter at night and
/// on weekends, six days long after a fortnight that the first documents show.
fn world(feeds: usize) -> Trace {
    let mut posts = Vec::new();
    for feed in 0..feeds {
        let share = throw(feed, 1_000_000);
        let per_day = 0.2 * (300.0_f64).powf(share * share);
        let zone = [0.0, 5.0, 17.0][feed % 3];
        let (mut at, mut turn) = (-14.0 * 86_400.0, 0);
        while at < 6.0 * 86_400.0 {
            turn += 1;
            // Thinning: candidates at the highest rate, kept by the hour's share of it.
            at += -(1.0 - throw(feed, 2 * turn)).ln() * 86_400.0 / (2.2 * per_day);
            let hour = (at / 3_600.0 + zone).rem_euclid(24.0);
            let weekend = (at / 86_400.0).rem_euclid(7.0) >= 5.0;
            let kept = if (8.0..19.0).contains(&hour) { 0.9 } else { 0.08 } * if weekend { 0.5 } else { 1.0 };
            if throw(feed, 2 * turn + 1) < kept {
                posts.push((format!("feed {feed}"), at));
            }
        }
    }
    Trace::collect(posts.iter().map(|(feed, at)| (feed.as_str(), *at)))
}

/// What a trace must reach, as shares of the means of others.
struct Bar {
    of_fixed: f64,
    of_entry_frequency: f64,
    quiet_minutes: f64,
    lost: usize,
}

/// Everything that falls short of the bar, in words; empty where it is reached.
fn shortfalls(score: &Score, trace: &Trace, bar: &Bar) -> String {
    let others = [Contender::Fixed, Contender::EntryFrequency].map(|who| replay(trace, who, &terms(trace), &throw));
    let [fixed, entry_frequency] = &others;
    let mut short = String::new();
    let mut check = |what: &str, found: f64, most: f64| {
        if found > most {
            write!(short, "{what} {found:.3} > {most:.3}; ").expect("a string takes all");
        }
    };
    check("requests off the budget", (score.share() - 1.0).abs(), 0.02);
    check("mean of fixed", score.mean / fixed.mean, bar.of_fixed);
    check("mean of entry frequency", score.mean / entry_frequency.mean, bar.of_entry_frequency);
    check("p95 of fixed", score.p95 / fixed.p95, 1.0);
    check("quiet feeds' mean", score.quiet.unwrap_or(0.0) / 60.0, bar.quiet_minutes);
    check("lost", super::super::market::count(score.lost), super::super::market::count(bar.lost));
    short
}

fn adaptive(trace: &Trace) -> Score {
    replay(trace, Contender::Adaptive, &terms(trace), &throw)
}

/// A fault that the bar must notice.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    /// Polls in proportion to the rate, not to its root.
    Proportional,
    /// Every hour is thought alike.
    Shapeless,
    /// That the last story is old is taken for a sign that none will come.
    Ageless,
}

/// Schedules as we do but for one fault, its price fitted so that requests come out at the budget.
fn faulty(trace: &Trace, fault: Fault) -> Score {
    let terms = terms(trace);
    let per_sec = terms.requests_per_hour / 3_600.0;
    drive::fitted(per_sec, &|factor| {
        let mut paces = vec![Pace::default(); trace.feeds()];
        let mut market = Market::default();
        let mut price_at = 0.0;
        drive::run(trace, trace.feeds_number() / per_sec, &throw, &mut |visit| {
            let now = moment(visit.at);
            if visit.at >= price_at {
                let trader = |pace: &Pace| {
                    Trader::of(&pace.to_bytes(), Priority::Normal, (terms.interval_min, terms.interval_max), None)
                };
                let traders: Vec<_> = paces.iter().map(trader).collect();
                market.price(&traders, traders.len(), per_sec, now);
                price_at = visit.at + 6.0 * 3_600.0;
            }
            let pool = if fault == Fault::Shapeless { Pool::default() } else { market.quote().pool.clone() };
            let pace = &mut paces[visit.feed];
            learn(pace, visit, &pool);
            if fault == Fault::Shapeless {
                pace.hours = [0.0; 24];
                pace.weekend = 0.0;
            }
            if fault == Fault::Proportional {
                return (factor * 0.4 * 86_400.0 / pace.per_day()).clamp(300.0, 86_400.0);
            }
            let mut rate = Intensity::plain(pace, &pool, now);
            if fault == Fault::Ageless {
                rate = rate.beyond(0.2);
            }
            rate.reaches(market.quote().price * factor * factor, terms.interval_max).as_secs_f64().max(300.0)
        })
    })
}

fn learn(pace: &mut Pace, visit: &Visit<'_>, pool: &Pool) {
    let dates: Vec<Timestamp> = visit.new.iter().map(|at| moment(*at)).collect();
    let known: Vec<_> = dates.iter().copied().map(Some).collect();
    let seen = if visit.first { Seen::First(&dates) } else { Seen::New(&known) };
    pace.see(seen, moment(visit.at), pool);
}

/// One of `each` feeds of a recorded trace of the development data; `None`, loudly, where it is absent. The whole is
/// held against the same bar by `tidings schedule --compare`, which takes seconds where an unoptimized test takes
/// minutes.
fn recorded(name: &str, each: usize) -> Option<Trace> {
    let file: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/schedule/dev").join(name);
    let Ok(text) = std::fs::read_to_string(&file) else {
        eprintln!("!!! SKIPPED: the acceptance of the schedule needs ../shared/schedule/dev/{name}, which is absent");
        return None;
    };
    let posts: Vec<(String, f64)> = text
        .lines()
        .map(|line| {
            let post: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
            (post["feed"].as_str().expect("a name").to_owned(), post["t"].as_f64().expect("seconds"))
        })
        .collect();
    let whole = Trace::collect(posts.iter().map(|(feed, at)| (feed.as_str(), *at)));
    Some(Trace { feeds: whole.feeds.into_iter().step_by(each).collect() })
}

const SYNTHETIC: Bar = Bar { of_fixed: 0.46, of_entry_frequency: 0.60, quiet_minutes: 45.0, lost: 0 };
const TELEGRAM: Bar = Bar { of_fixed: 0.76, of_entry_frequency: 0.76, quiet_minutes: f64::INFINITY, lost: 0 };
const OWN: Bar = Bar { of_fixed: 0.60, of_entry_frequency: 0.75, quiet_minutes: 45.0, lost: 0 };

#[test]
fn posts_of_a_made_world_are_noticed_sooner_than_by_others_at_equal_requests() {
    let trace = world(45);
    assert_eq!(shortfalls(&adaptive(&trace), &trace, &OWN), "");
}

#[test]
fn posts_of_recorded_channels_are_noticed_sooner_than_by_others_and_not_without_hours() {
    let Some(trace) = recorded("telegram.jsonl", 1) else { return };
    assert_eq!(shortfalls(&adaptive(&trace), &trace, &TELEGRAM), "");
    let short = shortfalls(&faulty(&trace, Fault::Shapeless), &trace, &TELEGRAM);
    assert!(short.contains("mean of fixed"), "the bar must notice that hours are not learnt: {short:?}");
}

#[test]
fn posts_of_a_heavy_tailed_world_are_noticed_sooner_than_by_others() {
    let Some(trace) = recorded("synthetic.jsonl", 6) else { return };
    assert_eq!(shortfalls(&adaptive(&trace), &trace, &SYNTHETIC), "");
}

#[test]
fn polls_in_proportion_to_the_rate_do_not_reach_the_bar() {
    let Some(trace) = recorded("synthetic.jsonl", 6) else { return };
    let short = shortfalls(&faulty(&trace, Fault::Proportional), &trace, &SYNTHETIC);
    assert!(short.contains("mean of fixed") && short.contains("quiet"), "{short:?}");
}

#[test]
fn taking_an_old_last_story_for_a_sign_starves_quiet_feeds() {
    let Some(trace) = recorded("synthetic.jsonl", 6) else { return };
    let short = shortfalls(&faulty(&trace, Fault::Ageless), &trace, &SYNTHETIC);
    assert!(short.contains("quiet"), "{short:?}");
}

#[test]
fn a_trace_is_scored_by_its_rules() {
    // One feed posts at hour 13 sharp and again 25 times at hour 20; the last post ends the trace at day 1.
    let posts = (0..25).map(|n| ("a", 72_000.0 + f64::from(n))).chain([("a", 46_800.0), ("a", 80_000.0), ("a", -5.0)]);
    let trace = Trace::collect(posts);
    assert!((trace.days() - 1.0).abs() < 1e-9 && trace.feeds() == 1);
    let score = replay(&trace, Contender::Fixed, &Replay { requests_per_hour: 1.0, ..terms(&trace) }, &|_, _| 0.5);
    assert_eq!((score.posts, score.requests, score.lost), (27, 12, 5));
    // Polled at half past each hour: half an hour late, the last one 1,600 s before 22:43:20's poll at 22:30.
    assert!((score.median - 1_787.0).abs() < 20.0, "{score:?}");
    assert!((score.budget - 12.0).abs() < 1e-9 && (score.share() - 1.0).abs() < 1e-9);
}

#[test]
fn ages_beyond_the_last_bin_are_one_more() {
    assert_eq!(super::super::age::index(300.0 * 60.0), AGES);
}
