//! `tidings source add`: what is told, or what is found at an address.

use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, RangedI64ValueParser};
use serde_json::json;

use crate::config::Checks;
use crate::daemon::Sought;
use crate::discover::{Finding, Known};
use crate::model::{INTERVAL_MINUTES_MAX, Priority, SourceKind, SourceSpec, WebUrl};
use crate::port::Store;
use crate::server::wire;
use crate::url::site;

use super::Ground;
use super::find;
use super::found;
use super::known;
use crate::cli::exit::Refusal;
use crate::cli::screen::{Screen, shown};
use crate::cli::within::Within;

/// The source to add.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tidings source add https://example.org/
  tidings source add https://github.com/rust-lang/rust --topic releases --dry-run
  tidings source add https://press.un.org/en/rss.xml --no-fetch --lang en
  tidings source add https://example.org/news/ --item 'ul.news > li' --date time

It asks at most ten times, a second apart: the address, what its platform serves, the feeds that the page names, four
well-known paths, the sitemaps of robots.txt. With --as, selectors or --no-fetch it asks nobody and adds what it is told.")]
pub(in crate::cli) struct AddArgs {
    /// The address of a feed, or of a page that has one
    pub(super) url: String,
    /// Show what would be added, and add nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Add the address itself as a feed, asking nobody
    #[arg(long, visible_alias = "exact")]
    pub(super) no_fetch: bool,
    /// Add the address itself, as what: feed, page (with selectors) or list (articles found by what repeats)
    #[arg(long = "as", value_name = "KIND", value_parser = PossibleValuesParser::new(["feed", "page", "list"]),
        requires_if("page", "item"))]
    pub(super) kind: Option<String>,
    /// What people call it; the found title otherwise
    #[arg(long)]
    pub(super) name: Option<String>,
    /// Who publishes there
    #[arg(long)]
    pub(super) publisher: Option<String>,
    /// The language of entries that name none; of several feeds, the one in it is taken
    #[arg(long, value_name = "CODE")]
    pub(super) lang: Option<String>,
    /// Hold its stories against this topic alone (may be repeated)
    #[arg(long = "topic", value_name = "ID")]
    pub(super) topics: Vec<String>,
    /// Poll no sooner than after so many minutes; [poll] otherwise
    #[arg(long, value_name = "MINUTES", value_parser = minutes())]
    pub(super) interval_min: Option<u32>,
    /// Poll no later than after so many minutes; [poll] otherwise
    #[arg(long, value_name = "MINUTES", value_parser = minutes())]
    pub(super) interval_max: Option<u32>,
    /// How much its stories count: low, normal or high
    #[arg(long, value_name = "WORD", default_value = "normal", value_parser = priority)]
    pub(super) priority: Priority,
    /// Fetch the page of each new story
    #[arg(long)]
    pub(super) full_text: bool,
    /// It is a page: the selector of one article
    #[arg(long, value_name = "CSS")]
    pub(super) item: Option<String>,
    #[command(flatten)]
    pub(super) within: Within,
}

pub(super) fn priority(word: &str) -> Result<Priority, String> {
    Priority::parse(word).ok_or_else(|| "expected low, normal or high".to_owned())
}

/// Minutes between polls.
pub(super) fn minutes() -> RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=INTERVAL_MINUTES_MAX.into())
}

/// Adds what is told, or the best of what is found.
pub(super) async fn add(
    store: &mut dyn Store,
    args: &AddArgs,
    ground: &Ground<'_>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let url = find::address(&args.url)?;
    let mut spec = told(store, args, ground, url.clone())?;
    let known = known::sources(store, ground.declared)?;
    if let Some(there) = known.at(&url) {
        return Err(polled_already(&url, there));
    }
    if args.no_fetch || args.kind.is_some() || args.item.is_some() {
        spec.kind = kind(args, &ground.checks)?;
        if args.dry_run {
            return would_add(&spec, screen);
        }
        let id = store.add_source(&spec, screen.now())?;
        if screen.is_json() {
            return Ok(screen.record(&json!({"id": id.0, "url": spec.url.as_str()}))?);
        }
        return Ok(screen.line(&format!("added source {id}: {}", shown(spec.url.as_str())))?);
    }
    let sought = Sought { url, lang: args.lang.clone() };
    let found = find::search(&sought, ground, screen).await?;
    let topics = find::topics(store, &args.topics, ground)?;
    let Some(best) = found.best() else { return Err(find::nothing(&sought, &found, screen)) };
    take(&mut spec, args, best);
    let seen = wire::View { found: &found, known: &known, topics: &topics, now: screen.now() };
    let view = found::View { seen, best: Some(&spec), bounds: ground.bounds };
    if args.dry_run {
        return view.show(screen);
    }
    if let Some(there) = seen.source_of(best) {
        view.show(screen)?;
        return Err(polled_already(&best.url, there));
    }
    let id = store.add_source(&spec, screen.now())?;
    if screen.is_json() {
        let candidates = view.candidates();
        let record = json!({"id": id.0, "url": spec.url.as_str(), "name": spec.name, "publisher": spec.publisher,
            "requests": found.requests, "found": candidates});
        return Ok(screen.record(&record)?);
    }
    view.show(screen)?;
    screen.line("")?;
    Ok(screen.line(&format!("added source {id}: {}", shown(spec.url.as_str())))?)
}

fn polled_already(url: &WebUrl, there: &Known) -> anyhow::Error {
    Refusal::Data(format!("{} is polled already: {}", shown(url.as_str()), shown(&there.words))).into()
}

/// The source as the arguments tell it, a feed at `url`.
fn told(store: &mut dyn Store, args: &AddArgs, ground: &Ground<'_>, url: WebUrl) -> anyhow::Result<SourceSpec> {
    let minutes = |count: u32| Duration::from_mins(u64::from(count));
    let (least, most) = ground.bounds;
    // A bound that is given moves the other's default with it.
    let bounds = match (args.interval_min.map(minutes), args.interval_max.map(minutes)) {
        (None, None) => (least, most),
        (Some(min), None) => (min, most.max(min)),
        (None, Some(max)) => (least.min(max), max),
        (Some(min), Some(max)) => (min, max),
    };
    if bounds.0.is_zero() || bounds.0 > bounds.1 {
        return Err(Refusal::Usage("--interval-min must be at least 1 and at most --interval-max".to_owned()).into());
    }
    let spec = SourceSpec::feed(url, bounds);
    Ok(SourceSpec {
        name: args.name.clone().unwrap_or_else(|| spec.name.clone()),
        publisher: args.publisher.clone().unwrap_or_else(|| site(&spec.publisher).to_owned()),
        lang: args.lang.clone(),
        topics: known::named_topics(store, ground.declared, &args.topics)?,
        priority: args.priority,
        full_text: args.full_text,
        ..spec
    })
}

/// Takes what was found into the source: where and how, and what the arguments don't say.
fn take(spec: &mut SourceSpec, args: &AddArgs, best: &Finding) {
    let found = best.as_source((spec.interval_min, spec.interval_max));
    (spec.url, spec.kind) = (found.url, found.kind);
    if args.name.is_none() {
        spec.name = found.name;
    }
    if args.publisher.is_none() {
        spec.publisher = found.publisher;
    }
}

fn would_add(spec: &SourceSpec, screen: &mut Screen) -> anyhow::Result<()> {
    if screen.is_json() {
        return Ok(screen.record(&json!({"id": null, "url": spec.url.as_str()}))?);
    }
    Ok(screen.line(&format!("would add {}", shown(spec.url.as_str())))?)
}

fn kind(args: &AddArgs, checks: &Checks<'_>) -> Result<SourceKind, Refusal> {
    let Some(item) = &args.item else {
        return Ok(if args.kind.as_deref() == Some("list") { SourceKind::List } else { SourceKind::Feed });
    };
    if matches!(args.kind.as_deref(), Some("feed" | "list")) {
        return Err(Refusal::Usage("selectors are for pages: give --as page, or leave --as out".to_owned()));
    }
    for selector in [item].into_iter().chain(args.within.given()) {
        if let Some(wrong) = (checks.selector)(selector) {
            return Err(Refusal::Usage(format!("{:?} is no CSS selector: {wrong}", shown(selector))));
        }
    }
    Ok(SourceKind::Page(args.within.of(item)))
}
