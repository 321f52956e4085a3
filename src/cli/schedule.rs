//! `tidings schedule`: recorded posts against the scheduler, on a virtual clock.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::schedule::{PolicyKind, Report, Trial, replay};

use super::exit::Refusal;
use super::screen::Screen;

/// What to replay.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tidings schedule --trace posts.jsonl
  tidings schedule --trace posts.jsonl --requests-per-hour 1340 --policy fixed

A line of the file is an object {feed, t}: a post of that feed, t in seconds from a Monday, 00:00 UTC;
posts before 0 stand in the feed's document at its first poll. Prints one JSON object.")]
pub(super) struct ScheduleArgs {
    /// Posts as JSON Lines; several files are one trace
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    pub(super) trace: Vec<PathBuf>,
    /// Requests an hour for all feeds together [default: two a feed]
    #[arg(long, value_name = "N")]
    pub(super) requests_per_hour: Option<f64>,
    /// How polls are spread
    #[arg(long, value_enum, default_value_t = Spread::Adaptive)]
    pub(super) policy: Spread,
}

/// A policy by its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Spread {
    /// This program's own
    Adaptive,
    /// Every feed at the same interval
    Fixed,
    /// Miniflux's, its factor fitted to the same number of requests
    EntryFrequency,
}

#[derive(Deserialize)]
struct Post {
    feed: String,
    t: f64,
}

/// No interval of the adaptive policy is shorter or longer, in seconds: five minutes and four hours.
const BOUNDS: (f64, f64) = (300.0, 4.0 * 3_600.0);

/// Replays the trace and prints what came of it.
pub(super) fn schedule(args: &ScheduleArgs, screen: &mut Screen) -> anyhow::Result<()> {
    let feeds = read(&args.trace)?;
    let twice = 2.0 * f64::from(u32::try_from(feeds.len()).unwrap_or(u32::MAX));
    let requests_per_hour = args.requests_per_hour.unwrap_or(twice);
    if !requests_per_hour.is_finite() || requests_per_hour <= 0.0 {
        return Err(
            Refusal::Usage(format!("--requests-per-hour {requests_per_hour}: expected a number above 0")).into()
        );
    }
    let kind = match args.policy {
        Spread::Adaptive => PolicyKind::Adaptive,
        Spread::Fixed => PolicyKind::Fixed,
        Spread::EntryFrequency => PolicyKind::EntryFrequency,
    };
    let trial = Trial { requests_per_hour, min: BOUNDS.0, max: BOUNDS.1 };
    Ok(screen.record(&value(kind, &replay(&feeds, kind, &trial)))?)
}

/// The posts of each feed, ascending.
fn read(files: &[PathBuf]) -> anyhow::Result<Vec<Vec<f64>>> {
    let mut feeds: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for file in files {
        let text = fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            let post: Post = serde_json::from_str(line).map_err(|why| {
                Refusal::Data(format!(
                    "{}:{number}: expected {{\"feed\": text, \"t\": seconds}}: {why}",
                    file.display()
                ))
            })?;
            feeds.entry(post.feed).or_default().push(post.t);
        }
    }
    if feeds.is_empty() {
        return Err(Refusal::Data("the trace holds no post".to_owned()).into());
    }
    let mut feeds: Vec<Vec<f64>> = feeds.into_values().collect();
    for posts in &mut feeds {
        posts.sort_by(f64::total_cmp);
    }
    Ok(feeds)
}

fn value(kind: PolicyKind, report: &Report) -> Value {
    let seconds = |number: f64| (number * 10.0).round() / 10.0;
    json!({
        "policy": kind.label(), "feeds": report.feeds, "posts": report.posts, "requests": report.requests,
        "budget": report.budget.round(), "lost": report.lost, "busiest_hour_over_mean": (report.peak * 100.0).round() / 100.0,
        "delay_s": {"mean": seconds(report.mean), "median": seconds(report.median), "p95": seconds(report.p95),
            "p99": seconds(report.p99), "quiet_mean": report.quiet_mean.map(seconds)},
    })
}
