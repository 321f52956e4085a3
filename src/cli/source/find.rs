//! `tidings source find`: the search carried out, one request at a time.

use std::fmt::Write as _;

use clap::Args;

use crate::daemon::{self, SearchTerms, Sought};
use crate::discover::{Ask, Found, Nature, Stopped};
use crate::model::{TopicKey, WebUrl};
use crate::port::Store;
use crate::server::{typed, wire};
use crate::topic::{Matcher, Query};

use super::Ground;
use super::found::View;
use super::known;
use crate::cli::exit::Refusal;
use crate::cli::screen::{Screen, shown};

/// Where to look.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tidings source find https://example.org/
  tidings source find https://www.youtube.com/@example --json")]
pub(in crate::cli) struct FindArgs {
    /// The address of a feed, or of a page that has one
    pub(super) url: String,
    /// Prefer a feed in this language
    #[arg(long, value_name = "CODE")]
    pub(super) lang: Option<String>,
    /// Hold what is found against this topic alone (may be repeated)
    #[arg(long = "topic", value_name = "ID")]
    pub(super) topics: Vec<String>,
}

/// Shows what can be polled at an address.
pub(super) async fn find(
    store: &mut dyn Store,
    args: &FindArgs,
    ground: &Ground<'_>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let sought = Sought { url: address(&args.url)?, lang: args.lang.clone() };
    let known = known::sources(store, ground.declared)?;
    let topics = topics(store, &args.topics, ground)?;
    let found = search(&sought, ground, screen).await?;
    if found.findings.is_empty() {
        return Err(nothing(&sought, &found, screen));
    }
    let best = found.best().map(|best| best.as_source(ground.bounds));
    let seen = wire::View { found: &found, known: &known, topics: &topics, now: screen.now() };
    View { seen, best: best.as_ref(), bounds: ground.bounds }.show(screen)
}

/// An address as a person types it: without its scheme too.
pub(super) fn address(text: &str) -> anyhow::Result<WebUrl> {
    Ok(typed(text).map_err(Refusal::Usage)?)
}

/// The topics that what is found is held against: those named, or all.
pub(super) fn topics(store: &mut dyn Store, wanted: &[String], ground: &Ground<'_>) -> anyhow::Result<Matcher> {
    let named = known::named_topics(store, ground.declared, wanted)?;
    let all = known::topics(store, ground.declared)?;
    let meant = all.into_iter().filter(|topic| named.is_empty() || named.contains(&topic.key));
    // A query that can't be read is `tidings check`'s to tell.
    let queries = meant.filter_map(|topic| Some((topic.key, Query::parse(&topic.query).ok()?)));
    Ok(Matcher::new(&queries.collect::<Vec<(TopicKey, Query)>>()))
}

/// Searches: one request at a time, those to one host apart.
pub(super) async fn search(sought: &Sought, ground: &Ground<'_>, screen: &mut Screen) -> anyhow::Result<Found> {
    let http = (ground.http)()?;
    let terms = SearchTerms { limits: ground.limits, spacing: ground.spacing, patience: None };
    let now = screen.now();
    let told = |ask: &Ask| screen.note(&format!("asking {} ({})", shown(ask.url.as_str()), ask.purpose()));
    let found = daemon::search(&*http, sought, &terms, now, (told, |_pause| ())).await;
    let own = found.in_vain.iter().find(|(asked, _)| *asked == sought.url);
    if let Some((url, why)) = own.filter(|_| !found.findings.is_empty()) {
        screen.note(&format!("{} itself can't be polled: {}", shown(url.as_str()), shown(why)));
    }
    Ok(found)
}

/// Says that nothing was found, why, and what to do.
pub(super) fn nothing(sought: &Sought, found: &Found, screen: &mut Screen) -> anyhow::Error {
    let url = shown(sought.url.as_str());
    match &found.stopped {
        Some(Stopped::Unreachable(why)) => {
            // Typed without a scheme it was asked by https.
            let may_be_plain = ["tls", "connect", "timeout"].iter().any(|kind| why.starts_with(kind));
            let plain = match url.strip_prefix("https://").filter(|_| may_be_plain) {
                Some(rest) => format!("; where it has no https: http://{rest}"),
                None => String::new(),
            };
            return anyhow::anyhow!(
                "{url} can't be reached: {}{plain}; to add it all the same: tidings source add --no-fetch {url}",
                shown(why)
            );
        }
        Some(Stopped::LeaveAlone { host, status, until }) => {
            let until = until.map_or_else(|| "for now".to_owned(), |at| format!("until {at:.0}"));
            return Refusal::Later(format!(
                "{} answered {status} and asks to be left alone {until}; try again then, or add the \
                 address as it is: tidings source add --no-fetch {url}",
                shown(host)
            ))
            .into();
        }
        Some(Stopped::TimeUp) | None => {}
    }
    for (url, why) in &found.in_vain {
        screen.note(&format!("  {}: {}", shown(url.as_str()), shown(why)));
    }
    let mut said = format!("nothing to poll was found at {url}");
    let own = found.in_vain.iter().find(|(asked, _)| *asked == sought.url);
    if let Some((_, why)) = own {
        write!(said, " ({})", shown(why)).ok();
    }
    if found.findings.iter().any(|finding| finding.nature == Nature::Beside) {
        said.push_str("; it is an article: give the address of its section or of the site's front page");
    }
    let only = found.findings.first().map(|finding| {
        format!(
            "; there is only {}, which can be added with: tidings source add --as {} {}",
            finding.what(),
            if finding.kind.is_page() { "list" } else { "feed" },
            shown(finding.url.as_str())
        )
    });
    said.push_str(&only.unwrap_or_default());
    let status = own.and_then(|(_, why)| why.strip_prefix("status ")?.parse::<u16>().ok());
    let help = match status {
        Some(401 | 403 | 451) => {
            "; it lets no program in: if it has a feed, give the feed's own address, else ask its publisher".to_owned()
        }
        Some(404 | 410) => "; nothing is there: look the address up in a browser".to_owned(),
        Some(_) => "; try again when it answers".to_owned(),
        None => format!(
            "; if it lists articles, say where: tidings source add {url} --item CSS \
             (try it first: tidings inspect --item CSS {url})"
        ),
    };
    said.push_str(&help);
    Refusal::Data(said).into()
}
