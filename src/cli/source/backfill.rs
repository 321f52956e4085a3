//! `tidings source backfill`: the older pages of a feed.

use clap::Args;
use serde_json::json;

use crate::cli::assembly::{self, Assembly, Company};
use crate::cli::exit::Refusal;
use crate::cli::lookup;
use crate::cli::screen::{Screen, shown};
use crate::config::Settings;
use crate::daemon::{self, OlderPage};
use crate::model::{PollOutcome, SourceKind};
use crate::port::Listed;
use crate::text::counted;

/// Whose past, and how far back.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tidings source backfill https://example.org/feed.xml
  tidings source backfill 3 --pages 5

Reads the pages that a feed names as older (RFC 5005: rel=next and rel=prev-archive; JSON Feed's next_url), one after another
with the spacing of its domain. Their stories are stored as the source's past: found by search and told as those of a first poll.")]
pub(in crate::cli) struct BackfillArgs {
    /// The source's number, name or address
    pub(super) source: String,
    /// At most so many pages
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=500))]
    pub(super) pages: u16,
}

/// Reads, stores and decides; a line a page, then totals.
pub(in crate::cli) async fn backfill(
    settings: Settings,
    args: &BackfillArgs,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let Assembly { parts, terms: _terms, lock, unlike } =
        assembly::assemble(&settings, Company::Shared, std::sync::Arc::new(|_| {}))?;
    if let Some(said) = unlike {
        screen.note(&said);
    }
    let sources = parts.keeper.read(|store| store.sources(Listed::Current)).await?;
    let source = lookup::source_among(&sources, &args.source)?.clone();
    if source.spec.kind != SourceKind::Feed {
        let why = format!("{} is a page: only feeds name older pages", shown(&source.spec.name));
        return Err(Refusal::Usage(why).into());
    }
    let (mut pages, mut new, mut failed) = (0_usize, 0_usize, None);
    let mut told = Ok(());
    daemon::backfill(&parts, source.clone(), usize::from(args.pages), |page| {
        match &page.outcome {
            PollOutcome::Failed { kind, detail } => failed = Some(format!("{}: {kind}: {detail}", page.url)),
            PollOutcome::Read { .. } | PollOutcome::NotModified => {
                pages += 1;
                new += page.new;
            }
        }
        told = tell(page, screen);
    })
    .await?;
    told?;
    // Where no daemon runs beside this, what is new is decided here.
    let keeper = parts.keeper.clone();
    daemon::round(parts, Some(Vec::new())).await?;
    keeper.close().await;
    drop(lock);
    if screen.is_json() {
        screen.record(&json!({"source": source.id.0, "pages": pages, "new": new}))?;
    } else {
        screen.line(&format!("{pages} older pages of {}: {new} new stories", shown(&source.spec.name)))?;
    }
    match failed {
        Some(why) => Err(Refusal::Data(format!("it ends early: {why}")).into()),
        None if pages == 0 => {
            screen.note("the feed names no older page");
            Ok(())
        }
        None => Ok(()),
    }
}

fn tell(page: &OlderPage, screen: &mut Screen) -> anyhow::Result<()> {
    let PollOutcome::Read { entries } = page.outcome else { return Ok(()) };
    if screen.is_json() {
        return Ok(screen.record(&json!({"url": page.url.as_str(), "entries": entries, "new": page.new}))?);
    }
    Ok(screen.line(&format!(
        "{}: {}, {} new",
        shown(page.url.as_str()),
        counted(entries, "entry", "entries"),
        page.new
    ))?)
}
