//! `tidings poll`: one round, now.

use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::config::Settings;
use crate::daemon::{self, Parts};
use crate::model::{DomainPause, Source, SourceHealth, SourceId};
use crate::port::{Listed, Store, StoreError};
use crate::text::counted;
use crate::url::registrable;

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
    let Assembly { parts, terms: _terms, lock, unlike } =
        assembly::assemble(&settings, Company::Shared, teller.observer())?;
    if let Some(said) = unlike {
        screen.note(&said);
    }
    let only = if args.all { None } else { Some(find(&parts, wanted).await?) };
    if only.is_none() && form == Form::People {
        teller.expect(parts.keeper.read(|store| store.sources(Listed::Current)).await?.len());
    }
    let now = parts.clock.now();
    let due = only.clone();
    parts.keeper.write(move |store| store.poll_now(due.as_deref(), now)).await?;
    let (clock, keeper) = (Arc::clone(&parts.clock), parts.keeper.clone());
    let named = only.clone();
    let done = daemon::round(parts, only).await;
    let left_alone = keeper.read(move |store| left_alone(store, named.as_deref(), now)).await?;
    keeper.close().await;
    drop(lock);
    done?;
    let took = clock.now().duration_since(now).as_secs_f64();
    let tally = teller.tally();
    let exit = exit(tally.polls, tally.failed, left_alone.len());
    if screen.is_json() {
        screen.record(&json!({
            "polls": tally.polls, "failed": tally.failed, "not_modified": tally.unmodified, "new": tally.new,
            "told": tally.told, "delivered": tally.delivered, "undelivered": tally.undelivered, "seconds": took,
            "left_alone": left_alone.iter().map(LeftAlone::record).collect::<Vec<_>>(),
        }))?;
        return exit;
    }
    for host in &left_alone {
        host.tell(screen);
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

/// A domain that asked to be left alone, and how many of the sources that were to be polled were left out for that.
pub(super) struct LeftAlone {
    pause: DomainPause,
    sources: usize,
}

impl LeftAlone {
    pub(super) fn record(&self) -> Value {
        let Self { pause: DomainPause { domain, until, why }, sources } = self;
        json!({"domain": domain, "until": until.to_string(), "why": why, "sources": sources})
    }

    fn tell(&self, screen: &mut Screen) {
        let Self { pause: DomainPause { domain, until, why }, sources } = self;
        let why = if why.is_empty() { String::new() } else { format!(" ({})", shown(why)) };
        let sources = counted(*sources, "source was", "sources were");
        let (domain, lasts) = (shown(domain), screen.lasts(*until));
        screen.note(&format!(
            "{sources} left out: {domain} asked to be left alone, {lasts}{why}; to ask it all the same: tidings source \
             resume {domain}"
        ));
    }
}

/// What was left out of a round that began at `begun`, of the sources that were named or of all.
pub(super) fn left_alone(
    store: &mut dyn Store,
    named: Option<&[SourceId]>,
    begun: Timestamp,
) -> Result<Vec<LeftAlone>, StoreError> {
    let pauses = store.pauses(begun)?;
    if pauses.is_empty() {
        return Ok(Vec::new());
    }
    let mut sources = store.sources(Listed::Current)?;
    sources.retain(|source| {
        let is_wanted =
            named.is_none_or(|named| named.contains(&source.id)) && source.state.health != SourceHealth::Gone;
        is_wanted && source.state.last_poll_at.is_none_or(|at| at < begun)
    });
    let domain = |source: &Source| registrable(source.spec.url.host_text()).to_owned();
    let left_out = |pause: DomainPause| {
        let sources = sources.iter().filter(|source| domain(source) == pause.domain).count();
        LeftAlone { pause, sources }
    };
    Ok(pauses.into_iter().map(left_out).filter(|left| left.sources > 0).collect())
}

/// The sources that were named, each by number, address or name.
async fn find(parts: &Parts, wanted: Vec<String>) -> anyhow::Result<Vec<SourceId>> {
    let sources = parts.keeper.read(|store| store.sources(Listed::Current)).await?;
    wanted.iter().map(|name| Ok(lookup::source_among(&sources, name)?.id)).collect()
}
