//! One answer of a source to what it means: an outcome, the stories in it, and what to send back next time.

use jiff::Timestamp;

use crate::feed::{self, Hints};
use crate::model::{Exchange, Parsed, PollOutcome, Problem, Response, Source, SourceKind, StoryDraft, Validators};
use crate::page::{self, Selectors};

use super::digest;

/// An answer, examined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// What came of the poll.
    pub outcome: PollOutcome,
    /// The stories in the document, oldest first.
    pub drafts: Vec<StoryDraft>,
    /// The validators to store; `None` keeps those stored (a failed or damaged answer must be fetched whole again).
    pub validators: Option<Validators>,
    /// Publication times in the document.
    pub entry_times: Vec<Timestamp>,
    /// How long the publisher asks readers to wait (RSS `ttl`), in minutes.
    pub ttl_minutes: Option<u32>,
}

/// Examines what a source answered.
pub fn examine(exchange: &Exchange, source: &Source, now: Timestamp) -> Examined {
    let response = match exchange {
        Err(failure) => return failed(failure.kind.label(), failure.detail.clone()),
        Ok(response) => response,
    };
    match response.status {
        200 | 203 | 226 => read(response, source, now),
        304 if source.state.validators == Validators::default() => failed(
            "status",
            "it answered 304 Not Modified to a request without conditions; its server or a cache before it is broken"
                .to_owned(),
        ),
        304 => Examined {
            outcome: PollOutcome::NotModified,
            drafts: Vec::new(),
            // RFC 9110 section 15.4.5: a 304 may carry newer validators.
            validators: validators(response).or_else(|| Some(source.state.validators.clone())),
            entry_times: Vec::new(),
            ttl_minutes: None,
        },
        status => failed("status", status_words(status)),
    }
}

fn read(response: &Response, source: &Source, now: Timestamp) -> Examined {
    let parsed = match parse(response, source) {
        Ok(parsed) => parsed,
        Err(detail) => return failed("selectors", detail),
    };
    if let Some(problem) = parsed.fatal() {
        return failed(problem.kind, remedy(problem));
    }
    let damaged = parsed.problems.iter().any(|p| p.kind == "truncated");
    let outcome = PollOutcome::Read { entries: parsed.entries.len() };
    Examined {
        outcome,
        drafts: digest(&parsed, &source.spec, source.id, now),
        validators: (!damaged).then(|| validators(response).unwrap_or_default()),
        entry_times: parsed.entries.iter().filter_map(|e| e.published.or(e.updated)).collect(),
        ttl_minutes: parsed.ttl_minutes,
    }
}

/// Reads a document as its source says; `Err` holds what is wrong with a page's selectors.
fn parse(response: &Response, source: &Source) -> Result<Parsed, String> {
    let content_type = response.headers.first("content-type");
    match &source.spec.kind {
        SourceKind::Feed => {
            let parsed = feed::parse(&response.body, &Hints { content_type, url: Some(&response.url) });
            // A feed that isn't one may be a sitemap. It is asked second: sources are feeds, nearly all of them.
            let is_other = parsed.fatal().is_some_and(|problem| problem.kind == "not-a-feed");
            let sitemap = is_other.then(|| page::sitemap(&response.body, content_type, &response.url)).flatten();
            Ok(sitemap.map_or(parsed, |sitemap| sitemap.parsed))
        }
        SourceKind::Page(selectors) => {
            let selectors = Selectors::compile(selectors).map_err(|error| error.to_string())?;
            Ok(page::list(&response.body, content_type, &response.url, &selectors))
        }
    }
}

fn validators(response: &Response) -> Option<Validators> {
    let field = |name| response.headers.first(name).map(str::to_owned);
    let found = Validators { etag: field("etag"), last_modified: field("last-modified") };
    (found != Validators::default()).then_some(found)
}

fn failed(kind: &'static str, detail: String) -> Examined {
    Examined {
        outcome: PollOutcome::Failed { kind, detail },
        drafts: Vec::new(),
        validators: None,
        entry_times: Vec::new(),
        ttl_minutes: None,
    }
}

fn remedy(problem: &Problem) -> String {
    let hint = match problem.kind {
        "not-a-feed" => "; check the address, or make it a source of kind \"page\" with selectors",
        "no-items" => "; the page's layout may have changed: check its selectors with `tidings inspect`",
        _ => "",
    };
    format!("{}{hint}", problem.detail)
}

fn status_words(status: u16) -> String {
    let meaning = match status {
        401 | 403 => "it refuses us: it may want a subscription, or block programs",
        404 => "there is nothing at this address: the feed may have moved",
        410 => "it is gone for good: remove the source or find its new address",
        429 => "it says that we ask too often: waiting as long as it asks",
        500..=599 => "its server is in trouble",
        _ => "unexpected for a feed or page",
    };
    format!("status {status}: {meaning}")
}

impl Examined {
    /// Whether the document could be read.
    pub fn is_read(&self) -> bool {
        matches!(self.outcome, PollOutcome::Read { .. })
    }
}
