//! `tidings schedule`: recorded posts, replayed through the daemon's own decisions on a virtual clock.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::config::Settings;
use crate::daemon::Dice;
use crate::schedule::replay::{Contender, Ratios, Replay, Score, Trace, replay};

use super::exit::Refusal;
use super::screen::{Screen, Table, shown};

/// Which traces, how many requests, which way.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tidings schedule --trace posts.jsonl
  tidings schedule --trace a.jsonl b.jsonl --requests-per-hour 500 --compare
  tidings schedule --trace posts.jsonl --policy fixed

A line of a trace is an object {feed, t}: a post of a feed at t seconds from a Monday, 00:00 UTC. Posts before 0 are
what a feed's document shows at the first poll. Counted from hour 12 to the end; nothing is fetched or stored.
Prints a JSON object a trace; a table with --compare.")]
pub(super) struct ScheduleArgs {
    /// Recorded posts as JSON Lines
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    pub(super) trace: Vec<PathBuf>,
    /// The budget in all; two for each feed unless given
    #[arg(long, value_name = "N")]
    pub(super) requests_per_hour: Option<f64>,
    /// How polls are scheduled
    #[arg(long, value_enum, default_value_t = Way::Adaptive)]
    pub(super) policy: Way,
    /// Show the other policies as well, in a table
    #[arg(long)]
    pub(super) compare: bool,
    /// Chance: the feeds' first polls and the jitter
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub(super) seed: u64,
}

/// A policy as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Way {
    /// Ours
    Adaptive,
    /// Each feed at the same interval
    Fixed,
    /// Miniflux's, its factor fitted to the budget
    EntryFrequency,
}

impl Way {
    fn contender(self) -> Contender {
        match self {
            Self::Adaptive => Contender::Adaptive,
            Self::Fixed => Contender::Fixed,
            Self::EntryFrequency => Contender::EntryFrequency,
        }
    }
}

/// A line of a trace.
#[derive(Debug, Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    feed: Cow<'a, str>,
    t: f64,
}

/// Replays each trace and prints its figures.
pub(super) fn schedule(settings: &Settings, args: &ScheduleArgs, screen: &mut Screen) -> anyhow::Result<()> {
    if args.requests_per_hour.is_some_and(|n| !n.is_finite() || n <= 0.0) {
        return Err(Refusal::Usage("--requests-per-hour: expected a number above 0".to_owned()).into());
    }
    let mut rows = Vec::new();
    for file in &args.trace {
        let trace = read(file)?;
        let feeds = u32::try_from(trace.feeds()).context("count the feeds")?;
        let terms = Replay {
            requests_per_hour: args.requests_per_hour.unwrap_or(2.0 * f64::from(feeds)),
            interval_min: settings.poll.interval_min,
            interval_max: settings.poll.interval_max,
            jitter: settings.poll.jitter,
        };
        rows.extend(compete(&trace, args, &terms).into_iter().map(|row| (file.clone(), feeds, row)));
    }
    // One trace and one policy are for a program to read; a comparison is for people.
    if screen.is_json() || !args.compare {
        return Ok(rows.iter().try_for_each(|(file, feeds, row)| screen.record(&record(file, *feeds, row)))?);
    }
    let mut table = Table::new([
        "TRACE",
        "POLICY",
        "REQUESTS",
        "MEAN",
        "MEDIAN",
        "P95",
        "P99",
        "QUIET",
        "A FEED",
        "LOST",
        "BUSIEST",
        "OF FIXED",
        "OF ENTRY-FREQ",
    ]);
    for (file, _, row) in &rows {
        let score = &row.score;
        let minutes = |secs: f64| format!("{:.1}", secs / 60.0);
        let ratio = |of: fn(&Ratios) -> f64| row.ratios.as_ref().map_or("-".to_owned(), |r| format!("{:.3}", of(r)));
        table.row([
            file.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            row.contender.label().to_owned(),
            format!("{} ({:.1} %)", score.requests, score.share() * 100.0),
            minutes(score.mean),
            minutes(score.median),
            minutes(score.p95),
            minutes(score.p99),
            score.quiet.map_or("-".to_owned(), minutes),
            minutes(score.per_feed),
            score.lost.to_string(),
            format!("{:.2}", score.busiest_hour),
            ratio(|ratios| ratios.of_fixed),
            ratio(|ratios| ratios.of_entry_frequency),
        ]);
    }
    screen.table(&table)?;
    screen.note("delays in minutes; requests as counted from hour 12, and of the budget");
    Ok(())
}

/// How a contender came out, and against whom.
struct Row {
    contender: Contender,
    score: Score,
    ratios: Option<Ratios>,
}

fn compete(trace: &Trace, args: &ScheduleArgs, terms: &Replay) -> Vec<Row> {
    let dice = Dice::new(args.seed);
    let throw = |feed: usize, turn: u64| dice.unit("replay", i64::try_from(feed).unwrap_or(i64::MAX), turn);
    let run = |contender| replay(trace, contender, terms, &throw);
    let asked = args.policy.contender();
    let score = run(asked);
    if asked != Contender::Adaptive && !args.compare {
        return vec![Row { contender: asked, score, ratios: None }];
    }
    let all = Contender::ALL.map(|contender| (contender, if contender == asked { score } else { run(contender) }));
    let mean = |wanted| all.iter().find(|(c, _)| *c == wanted).map_or(f64::NAN, |(_, score)| score.mean);
    let (fixed, entry_frequency) = (mean(Contender::Fixed), mean(Contender::EntryFrequency));
    let row = |(contender, score): (Contender, Score)| Row {
        contender,
        score,
        ratios: Some(Ratios { of_fixed: score.mean / fixed, of_entry_frequency: score.mean / entry_frequency }),
    };
    all.into_iter().filter(|(contender, _)| args.compare || *contender == asked).map(row).collect()
}

fn read(file: &Path) -> anyhow::Result<Trace> {
    let text = std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    let mut posts = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |why: &dyn std::fmt::Display| {
            Refusal::Data(format!(
                "{}:{number}: {why} (expected {{\"feed\": text, \"t\": seconds}})",
                shown(&file.display().to_string())
            ))
        };
        let post: Line<'_> = serde_json::from_str(line).map_err(|why| wrong(&why))?;
        if !post.t.is_finite() {
            return Err(wrong(&"t is no number").into());
        }
        posts.push((post.feed, post.t));
    }
    let trace = Trace::collect(posts.iter().map(|(feed, t)| (feed.as_ref(), *t)));
    if trace.days() <= 0.5 {
        let said = format!("{}: no posts after hour 12, from which on they count", shown(&file.display().to_string()));
        return Err(Refusal::Data(said).into());
    }
    Ok(trace)
}

fn record(file: &Path, feeds: u32, row: &Row) -> Value {
    let score = &row.score;
    let tenth = |secs: f64| (secs * 10.0).round() / 10.0;
    let mut value = json!({
        "file": file.display().to_string(), "policy": row.contender.label(), "feeds": feeds, "posts": score.posts,
        "requests": score.requests, "budget": score.budget.round(), "requests_of_budget": score.share(),
        "delay_s": {
            "mean": tenth(score.mean), "median": tenth(score.median), "p95": tenth(score.p95), "p99": tenth(score.p99),
            "quiet": score.quiet.map(tenth), "per_feed": tenth(score.per_feed),
        },
        "lost": score.lost, "peak": score.busiest_hour, "factor": score.factor,
    });
    if let (Some(ratios), Some(object)) = (&row.ratios, value.as_object_mut()) {
        object.insert("of_fixed".to_owned(), ratios.of_fixed.into());
        object.insert("of_entry_frequency".to_owned(), ratios.of_entry_frequency.into());
    }
    value
}
