//! The older pages of a feed, on demand: paged feeds and archives (RFC 5005, JSON Feed's `next_url`).

use std::collections::BTreeSet;

use anyhow::Context as _;

use super::Parts;
use super::poll::robots;
use crate::ingest::{Examined, examine, resolve};
use crate::model::{
    Exchange, Method, PollOutcome, Recorded, Redirects, Request, Source, SourceKind, SourceState, StoryChange, WebUrl,
};
use crate::url::registrable;

/// Redirects followed, as for a poll.
const REDIRECTS_MAX: u8 = 5;

/// What became of one page.
#[derive(Debug, Clone, PartialEq)]
pub struct OlderPage {
    /// Its address.
    pub url: WebUrl,
    /// What came of asking for it.
    pub outcome: PollOutcome,
    /// Its stories that were not known.
    pub new: usize,
}

/// Reads up to `pages` of a feed's older pages, one after another with its domain's spacing, and stores their stories as
/// the source's past: held against topics, searchable, and told only where an entry of a first poll would be. Calls
/// `seen` after each page. Ends where no page names an older one, or where one can't be read.
///
/// The document that is polled is read for where its past begins, and not recorded: its entries are the next poll's.
///
/// # Errors
/// When the store refuses.
pub async fn backfill(
    parts: &Parts,
    source: Source,
    pages: usize,
    mut seen: impl FnMut(&OlderPage),
) -> anyhow::Result<()> {
    let mut visited = BTreeSet::from([source.spec.url.clone()]);
    // What is stored of the source's last answer says nothing of these documents.
    let mut source = Source { state: SourceState::default(), ..source };
    let mut examined = read(parts, &source, source.spec.url.clone()).await?;
    if let PollOutcome::Failed { .. } = examined.outcome {
        seen(&OlderPage { url: source.spec.url.clone(), outcome: examined.outcome, new: 0 });
        return Ok(());
    }
    for _ in 0..pages {
        let Some(url) = examined.older.take().filter(|url| visited.insert(url.clone())) else { break };
        let terms = parts.terms();
        tokio::time::sleep(terms.loops.spacing(registrable(url.host_text()))).await;
        examined = read(parts, &source, url.clone()).await?;
        let drafts = std::mem::take(&mut examined.drafts);
        let (spec, id, now) = (source.spec.clone(), source.id, parts.clock.now());
        let recorded: Recorded = parts
            .keeper
            .write(move |store| {
                let keys: Vec<_> = drafts.iter().flat_map(|draft| draft.keys.iter().copied()).collect();
                let known = if keys.is_empty() { Vec::new() } else { store.known(&keys)? };
                let mut stories = resolve(drafts, &known, &spec, id);
                // An archive holds what a story said once.
                stories.retain(|change| !matches!(change, StoryChange::Revised { .. }));
                store.backfill(id, &stories, now)
            })
            .await
            .context("store a page of older entries")?;
        source.stories += u64::try_from(recorded.new).unwrap_or(0);
        let failed = matches!(examined.outcome, PollOutcome::Failed { .. });
        seen(&OlderPage { url, outcome: examined.outcome.clone(), new: recorded.new });
        if failed {
            break;
        }
    }
    Ok(())
}

async fn read(parts: &Parts, source: &Source, url: WebUrl) -> anyhow::Result<Examined> {
    let exchange = fetch(parts, source, url).await;
    let (source, now) = (source.clone(), parts.clock.now());
    Ok(tokio::task::spawn_blocking(move || examine(&exchange, &source, now)).await?)
}

/// Asks for a page: the feed's own address was given by a person, what it names is held against `robots.txt`.
async fn fetch(parts: &Parts, source: &Source, url: WebUrl) -> Exchange {
    let terms = parts.terms();
    let is_given = url == source.spec.url && source.spec.kind == SourceKind::Feed;
    let request = Request {
        method: Method::Get,
        url,
        headers: Vec::new(),
        body: Vec::new(),
        redirects: Redirects::Follow(REDIRECTS_MAX),
        limits: terms.loops.feed_limits,
    };
    if is_given { terms.http.send(request).await } else { robots::fetch(parts, request).await }
}
