//! `tidings poll`: one round, now.

use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use crate::config::Settings;
use crate::daemon::{self, Parts};
use crate::model::SourceId;
use crate::port::{Listed, Store, StoreError};
use crate::server::wire::Beside;
use crate::text::counted;

use super::assembly::{self, Assembly, Company};
use super::exit::{Exit, Told};
use super::lookup;
use super::screen::{Form, Screen, shown};
use super::teller::{Shows, Teller};

/// Which sources.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tidings poll --all
  tidings poll 3 https://press.un.org/en/rss.xml --json

Deliveries that follow are sent before it ends.")]
#[group(required = true, multiple = false)]
pub(super) struct PollArgs {
    /// All sources
    #[arg(long)]
    pub(super) all: bool,
    /// Sources by number, name or address
    #[arg(value_name = "SOURCE")]
    pub(super) sources: Vec<String>,
}

/// Polls, decides, delivers; a line a source, then totals.
pub(super) async fn poll(settings: Settings, args: &PollArgs, screen: &mut Screen) -> anyhow::Result<()> {
    let form = if screen.is_json() { Form::Json } else { Form::People };
    let begun = screen.now();
    let wanted = args.sources.clone();
    let teller = Teller::new(form, Shows::Round, wanted.len(), begun);
    let Assembly { parts, terms: _terms, lock } = assembly::assemble(&settings, Company::Shared, teller.observer())?;
    let only = if args.all { None } else { Some(find(&parts, wanted).await?) };
    if only.is_none() && form == Form::People {
        teller.expect(parts.keeper.read(|store| store.sources(Listed::Current)).await?.len());
    }
    let now = parts.clock.now();
    let due = only.clone();
    parts.keeper.write(move |store| store.poll_now(due.as_deref(), now)).await?;
    let (clock, keeper) = (Arc::clone(&parts.clock), parts.keeper.clone());
    let named = only.clone().unwrap_or_default();
    let done = daemon::round(parts, only).await;
    let paused =
        if named.is_empty() { Vec::new() } else { keeper.read(move |store| paused(store, &named, now)).await? };
    keeper.close().await;
    drop(lock);
    done?;
    let took = clock.now().duration_since(now).as_secs_f64();
    let tally = teller.tally();
    let exit = exit(tally.polls, tally.failed, paused.len());
    if screen.is_json() {
        screen.record(&json!({
            "polls": tally.polls, "failed": tally.failed, "not_modified": tally.unmodified, "new": tally.new,
            "told": tally.told, "delivered": tally.delivered, "undelivered": tally.undelivered, "seconds": took,
        }))?;
        return exit;
    }
    for (name, until) in paused {
        screen.note(&format!("{} was left alone, as its host asked for: {}", shown(&name), screen.lasts(until)));
    }
    screen.line(&format!(
        "{} in {took:.1} s: {} failed, {} not modified; {}, {} told, {} made, {} failed",
        counted(tally.polls, "poll", "polls"),
        tally.failed,
        tally.unmodified,
        counted(tally.new, "new story", "new stories"),
        counted(tally.told, "event", "events"),
        counted(tally.delivered, "delivery", "deliveries"),
        tally.undelivered
    ))?;
    exit
}

/// Nothing answered, or nothing was to be asked yet: that is no success.
fn exit(polls: usize, failed: usize, paused: usize) -> anyhow::Result<()> {
    match polls {
        0 if paused > 0 => Err(Told(Exit::TryLater).into()),
        polls if polls > 0 && failed == polls => Err(Told(Exit::Unavailable).into()),
        _ => Ok(()),
    }
}

/// Of the sources that were named, those whose domains had asked to be left alone, and until when.
fn paused(store: &mut dyn Store, named: &[SourceId], now: Timestamp) -> Result<Vec<(String, Timestamp)>, StoreError> {
    let mut paused = Vec::new();
    let beside = Beside::new(Vec::new(), store.pauses(now)?, now);
    for source in store.sources(Listed::Current)?.into_iter().filter(|source| named.contains(&source.id)) {
        let until = beside.pause(&source).map(|pause| pause.until);
        paused.extend(until.map(|until| (source.spec.name, until)));
    }
    Ok(paused)
}

/// The sources that were named, each by number, address or name.
async fn find(parts: &Parts, wanted: Vec<String>) -> anyhow::Result<Vec<SourceId>> {
    let sources = parts.keeper.read(|store| store.sources(Listed::Current)).await?;
    wanted.iter().map(|name| Ok(lookup::source_among(&sources, name)?.id)).collect()
}
