//! `tidings source find`: the search carried out, one request at a time.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use clap::Args;

use crate::discover::{Found, Nature, Search, Stopped, Wanted};
use crate::model::{Method, Redirects, Request, TopicKey, WebUrl};
use crate::port::Store;
use crate::topic::{Matcher, Query};
use crate::url::registrable;

use super::Ground;
use super::add::as_source;
use super::found::View;
use super::known::{self, KnownSources};
use crate::cli::exit::Refusal;
use crate::cli::screen::{Screen, shown};

/// Redirects that are followed, as for polls.
const REDIRECTS_MAX: u8 = 5;
/// What we read, best first.
const ACCEPT: &str = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, \
    text/html;q=0.8, */*;q=0.5";

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

/// What is sought.
pub(super) struct Sought {
    pub(super) url: WebUrl,
    pub(super) lang: Option<String>,
}

/// Shows what can be polled at an address.
pub(super) async fn find(
    store: &mut dyn Store,
    args: &FindArgs,
    ground: &Ground<'_>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let sought = Sought { url: address(&args.url)?, lang: args.lang.clone() };
    let known = KnownSources::read(store, ground.declared)?;
    let topics = topics(store, &args.topics, ground)?;
    let found = search(&sought, ground, screen).await?;
    if found.findings.is_empty() {
        return Err(nothing(&sought, &found, screen));
    }
    let best = found.best().map(|best| as_source(best, ground.bounds));
    View { found: &found, known: &known, topics: &topics, best: best.as_ref(), bounds: ground.bounds }.show(screen)
}

/// An address as a person types it: without its scheme too.
pub(super) fn address(text: &str) -> anyhow::Result<WebUrl> {
    let text = text.trim();
    let host = text.split(['/', ':', '?']).next().unwrap_or_default();
    let is_bare = host.contains('.') && !text.contains("://");
    let parsed = if is_bare { WebUrl::parse(&format!("https://{text}")) } else { WebUrl::parse(text) };
    let url = parsed.map_err(|why| Refusal::Usage(why.to_string()))?;
    if !url.as_url().username().is_empty() || url.as_url().password().is_some() {
        return Err(Refusal::Usage("addresses with a user name or password are refused".to_owned()).into());
    }
    Ok(url)
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
    let mut search = Search::new(sought.url.clone(), Wanted { lang: sought.lang.clone(), now: screen.now() });
    let mut hosts = BTreeSet::new();
    while let Some(ask) = search.ask() {
        if !hosts.insert(registrable(ask.url.host_text()).to_owned()) {
            tokio::time::sleep(ground.spacing).await;
        }
        screen.note(&format!("asking {} ({})", shown(ask.url.as_str()), ask.purpose()));
        let request = Request {
            method: Method::Get,
            url: ask.url.clone(),
            headers: vec![("accept".to_owned(), ACCEPT.to_owned())],
            body: Vec::new(),
            redirects: Redirects::Follow(REDIRECTS_MAX),
            limits: ground.limits,
        };
        search.take(&ask, &http.send(request).await);
    }
    Ok(search.finish())
}

/// Says that nothing was found, why, and what to do.
pub(super) fn nothing(sought: &Sought, found: &Found, screen: &mut Screen) -> anyhow::Error {
    let url = shown(sought.url.as_str());
    match &found.stopped {
        Some(Stopped::Unreachable(why)) => {
            return anyhow::anyhow!(
                "{url} can't be reached: {}; to add it all the same: tidings source add --no-fetch {url}",
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
        None => {}
    }
    for (url, why) in &found.in_vain {
        screen.note(&format!("  {}: {}", shown(url.as_str()), shown(why)));
    }
    let mut said = format!("nothing to poll was found at {url}");
    if let Some((_, why)) = found.in_vain.iter().find(|(asked, _)| *asked == sought.url) {
        write!(said, " ({})", shown(why)).ok();
    }
    if found.findings.iter().any(|finding| finding.nature == Nature::Beside) {
        said.push_str("; it is an article: give the address of its section or of the site's front page");
    }
    let only = found.findings.first().map(|finding| {
        format!(
            "; there is only {}, which can be added with: tidings source add --as {} {}",
            super::found::what(finding),
            if finding.kind.is_page() { "list" } else { "feed" },
            shown(finding.url.as_str())
        )
    });
    said.push_str(&only.unwrap_or_default());
    write!(
        said,
        "; if it lists articles, say where: tidings source add {url} --item CSS \
         (try it first: tidings inspect --item CSS {url})"
    )
    .ok();
    Refusal::Data(said).into()
}
