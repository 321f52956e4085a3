//! One article page: fetch, read, merge into its story.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::ingest::{tells_of, with_article};
use crate::model::{
    ArticleClaim, ArticleRecord, DomainPause, Exchange, Failure, FailureKind, Method, Redirects, Request, Wall,
};
use crate::page;
use crate::schedule::busy_until;

use super::super::Parts;
use super::super::lifecycle::insist;
use super::{Lane, domain, robots, tell_pause};

/// The wait after the first failure; it doubles.
const RETRY: Duration = Duration::from_secs(20);
/// A domain that refuses (429) and doesn't say for how long is left alone for so long.
const REFUSED: Duration = Duration::from_mins(5);
/// Redirects followed.
const REDIRECTS_MAX: u8 = 5;

/// Fetches a claimed article page and records what came of it.
pub(super) async fn fetch(parts: &Parts, claim: ArticleClaim) -> anyhow::Result<Lane> {
    let terms = parts.terms();
    let request = Request {
        method: Method::Get,
        url: claim.url.clone(),
        headers: vec![("accept".to_owned(), "text/html, application/xhtml+xml, */*;q=0.5".to_owned())],
        body: Vec::new(),
        redirects: Redirects::Follow(REDIRECTS_MAX),
        limits: terms.loops.page_limits,
    };
    let exchange = robots::fetch(parts, request).await;
    let now = parts.clock.now();
    let turn = u64::from(claim.tries);
    let lane = domain(&claim.url);
    let jitter = parts.dice.unit("article", claim.story.0, turn);
    // Reading an article page takes milliseconds, whatever its size.
    let record = tokio::task::spawn_blocking(move || read(&exchange, claim, now, jitter)).await?;
    parts.status.article(&record);
    if let ArticleRecord::Failed { story, detail, retry_at, .. } = &record {
        let last = retry_at.is_none();
        tracing::debug!(story.id = story.0, last, "failed to read an article page: {detail}");
    }
    if let Some(pause) = pause_of(&record) {
        tell_pause(pause, now);
    }
    let ends = pause_of(&record).is_some_and(|pause| pause.domain == lane);
    let record = Arc::new(record);
    let write = || {
        let record = Arc::clone(&record);
        parts.keeper.note(move |store| store.record_article(&record, now))
    };
    insist(write).await?;
    parts.bells.decide.ring();
    Ok(if ends { Lane::Ends } else { Lane::GoesOn })
}

fn pause_of(record: &ArticleRecord) -> Option<&DomainPause> {
    match record {
        ArticleRecord::Failed { domain_pause, .. } => domain_pause.as_ref(),
        ArticleRecord::Read { .. } => None,
    }
}

fn read(exchange: &Exchange, claim: ArticleClaim, now: Timestamp, jitter: f64) -> ArticleRecord {
    let (story, fence) = (claim.story, claim.fence);
    let failed = |detail: String, again: bool| {
        let wait = RETRY * 2u32.saturating_pow(claim.tries);
        let retry_at = (again && claim.tries + 1 < ArticleClaim::TRIES_MAX)
            .then(|| now.checked_add(wait.mul_f64(1.0 + 0.2 * jitter)).ok())
            .flatten();
        let refused = exchange.as_ref().is_ok_and(|response| response.status == 429);
        let unnamed = || refused.then(|| now.checked_add(REFUSED).ok()).flatten();
        // Where the page was redirected to another host, that one asks to be left alone.
        let answered = exchange.as_ref().map_or(&claim.url, |response| &response.url);
        let domain_pause = busy_until(exchange, now).or_else(unnamed).map(|until| DomainPause {
            domain: domain(answered),
            until,
            why: format!("{} answered {detail}", answered.redacted()),
        });
        let retry_at = retry_at.map(|at| domain_pause.as_ref().map_or(at, |pause| at.max(pause.until)));
        ArticleRecord::Failed { story, fence, detail, retry_at, domain_pause }
    };
    match exchange {
        Ok(response) if response.status == 200 => {
            let article = page::article(&response.body, response.headers.first("content-type"), &response.url);
            match article.wall {
                Some(Wall::Consent) => return failed("a consent page stands before the article".to_owned(), false),
                // Checks come and go with the load of the site.
                Some(Wall::Check) => return failed("a check for robots stands before the article".to_owned(), true),
                Some(Wall::Paywall) | None => {}
            }
            if article.text.is_empty() && article.title.is_none() {
                return failed("the page holds no article".to_owned(), false);
            }
            if !tells_of(&article, &claim.draft) {
                return failed(
                    "the page has no word of the story: it is what the site shows in its place".to_owned(),
                    false,
                );
            }
            let draft = Box::new(with_article(claim.draft, &article, claim.is_listed, now));
            ArticleRecord::Read { story, fence, draft }
        }
        Ok(response) => {
            let again = response.status == 429 || response.status >= 500;
            failed(format!("status {}", response.status), again)
        }
        Err(Failure { kind, detail }) => {
            let again = match kind {
                FailureKind::Blocked | FailureKind::TooLarge | FailureKind::Redirect | FailureKind::Robots => false,
                FailureKind::Dns
                | FailureKind::Connect
                | FailureKind::Tls
                | FailureKind::Timeout
                | FailureKind::Protocol
                | FailureKind::Decode => true,
            };
            failed(format!("{}: {detail}", kind.label()), again)
        }
    }
}
