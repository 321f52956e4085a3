//! The scheduler against recorded posts: what it must reach beside a fixed interval and beside Miniflux's
//! `entry_frequency`, at the same number of requests.

use std::collections::BTreeMap;
use std::path::Path;

use tidings::schedule::{PolicyKind, Report, Trial, replay};

/// The posts of each feed; `None` (said aloud) without the traces.
fn trace(name: &str) -> Option<Vec<Vec<f64>>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/schedule/dev").join(name);
    let Ok(text) = std::fs::read_to_string(&file) else {
        eprintln!("!!! SKIPPED: no traces of posts at ../shared/schedule/dev");
        return None;
    };
    let mut feeds: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for line in text.lines() {
        let post: serde_json::Value = serde_json::from_str(line).unwrap();
        feeds.entry(post["feed"].as_str().unwrap().to_owned()).or_default().push(post["t"].as_f64().unwrap());
    }
    Some(feeds.into_values().collect())
}

/// One request a feed each thirty minutes, intervals of five minutes to four hours.
fn run(feeds: &[Vec<f64>], kind: PolicyKind) -> Report {
    let feeds_count = f64::from(u32::try_from(feeds.len()).unwrap());
    replay(feeds, kind, &Trial { requests_per_hour: 2.0 * feeds_count, min: 300.0, max: 14_400.0 })
}

fn check(name: &str, of_fixed: f64, of_entry_frequency: f64) -> Option<Report> {
    let feeds = trace(name)?;
    let [ours, fixed, frequency] =
        [PolicyKind::Adaptive, PolicyKind::Fixed, PolicyKind::EntryFrequency].map(|kind| run(&feeds, kind));
    let requests = f64::from(u32::try_from(ours.requests).unwrap()) / ours.budget;
    let (by_fixed, by_frequency) = (ours.mean / fixed.mean, ours.mean / frequency.mean);
    println!(
        "{name}: requests {requests:.3} of the budget; mean {:.0} s, {by_fixed:.3} of fixed, {by_frequency:.3} of \
         entry_frequency; p95 {:.0} s ({:.0})",
        ours.mean, ours.p95, fixed.p95
    );
    assert!((0.98..=1.02).contains(&requests), "{requests} of the budget");
    assert!(by_fixed <= of_fixed, "{by_fixed} of fixed");
    assert!(by_frequency <= of_entry_frequency, "{by_frequency} of entry_frequency");
    assert!(ours.p95 <= fixed.p95);
    Some(ours)
}

#[test]
fn of_many_feeds_few_of_them_busy_stories_are_noticed_in_less_than_half_the_time() {
    let Some(ours) = check("synthetic.jsonl", 0.46, 0.60) else { return };
    assert_eq!(ours.lost, 0);
    assert!(ours.quiet_mean.unwrap() <= 45.0 * 60.0);
}

#[test]
fn of_channels_that_keep_hours_stories_are_noticed_in_three_quarters_of_the_time() {
    check("telegram.jsonl", 0.76, 0.76);
}
