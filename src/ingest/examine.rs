//! One answer of a source to what it means: an outcome, the stories in it, and what to send back next time.

use jiff::Timestamp;

use crate::feed::{self, Hints};
use crate::model::{
    Announced, Exchange, Parsed, PollOutcome, Problem, Response, Source, SourceKind, StoryDraft, Validators, Wall,
    WebUrl,
};
use crate::page::{self, Gate, Selectors};
use crate::schedule::Asked;
use crate::url;

use super::digest;

/// A layout of so many bytes is stored: some ten places.
const LAYOUT_BYTES_MAX: usize = 2_048;

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
    /// What the document says of when to come again; `None` where none was read.
    pub asked: Option<Asked>,
    /// What else it says: its hubs, and its own address.
    pub announced: Announced,
    /// The page of older entries that the document names (RFC 5005).
    pub older: Option<WebUrl>,
    /// Where the list stands that was found by what repeats, to be stored.
    pub layout: Option<String>,
    /// Whether that is in none of the places where the source's list stood before; see [`super::settle()`].
    pub is_elsewhere: bool,
    /// Of an index of sitemaps: the one that changed last, whose answer is to be examined in this one's place.
    pub follow: Option<WebUrl>,
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
            validators: Some(renewed(&source.state.validators, response)),
            entry_times: Vec::new(),
            asked: None,
            announced: Announced::default(),
            older: None,
            layout: None,
            is_elsewhere: false,
            follow: None,
        },
        status => match page::gate(response) {
            Some(gate) => failed(WALL, gate_words(gate, response, &source.spec.kind)),
            None => failed("status", status_words(status)),
        },
    }
}

fn read(response: &Response, source: &Source, now: Timestamp) -> Examined {
    let Document { parsed, layout, follow } = match parse(response, source) {
        Ok(read) => read,
        Err(detail) => return failed("selectors", detail),
    };
    // A list that has always been empty is one that nothing has been written for yet; its first article is then news. One
    // that had articles has changed its layout.
    let is_still_empty = |problem: &&Problem| problem.kind == EMPTY_LIST && source.stories == 0;
    if let Some(problem) = parsed.fatal().filter(|problem| !is_still_empty(problem)) {
        if let Some(gate) = page::gate(response) {
            return failed(WALL, gate_words(gate, response, &source.spec.kind));
        }
        return failed(problem.kind, remedy(problem, &parsed.alternatives, &source.spec.kind));
    }
    let damaged = parsed.problems.iter().any(|p| p.kind == "truncated");
    let outcome = PollOutcome::Read { entries: parsed.entries.len() };
    Examined {
        outcome,
        drafts: digest(&parsed, &source.spec, source.id, now),
        validators: (!damaged).then(|| validators(response)),
        entry_times: parsed.entries.iter().filter_map(|e| e.published.or(e.updated)).collect(),
        asked: Some(Asked::of(&parsed)),
        older: older(&parsed, &response.url),
        announced: parsed.announced,
        is_elsewhere: layout
            .as_deref()
            .zip(source.state.layout.as_deref())
            .is_some_and(|(now, before)| !page::stands_alike(before, now)),
        layout,
        follow,
    }
}

/// A document, read.
struct Document {
    parsed: Parsed,
    /// Where a list stands that was found by what repeats.
    layout: Option<String>,
    /// What of an index is to be followed.
    follow: Option<WebUrl>,
}

/// Reads a document as its source says; `Err` holds what is wrong with a page's selectors.
fn parse(response: &Response, source: &Source) -> Result<Document, String> {
    let content_type = response.headers.first("content-type");
    match &source.spec.kind {
        SourceKind::Feed => {
            let parsed = feed::parse(&response.body, &Hints { content_type, url: Some(&response.url) });
            // A feed that isn't one may be a sitemap. It is asked second: sources are feeds, nearly all of them.
            let is_other = parsed.fatal().is_some_and(|problem| matches!(problem.kind, "not-a-feed" | "packed"));
            let sitemap = is_other.then(|| page::sitemap(&response.body, content_type, &response.url)).flatten();
            let plain = Document { parsed, layout: None, follow: None };
            Ok(sitemap.map_or(plain, |sitemap| {
                let is_own =
                    |url: &WebUrl| url::registrable(url.host_text()) == url::registrable(response.url.host_text());
                let follow = sitemap.children.into_iter().map(|child| child.url).find(is_own);
                Document { parsed: sitemap.parsed, layout: None, follow }
            }))
        }
        SourceKind::Page(selectors) => {
            let selectors = Selectors::compile(selectors).map_err(|error| error.to_string())?;
            let parsed = page::list(&response.body, content_type, &response.url, &selectors);
            Ok(Document { parsed, layout: None, follow: None })
        }
        SourceKind::List => {
            let before = source.state.layout.as_deref();
            let page::Listing { parsed, layout, apart: _ } =
                page::listing(&response.body, content_type, &response.url, before);
            Ok(Document {
                parsed,
                layout: layout.as_deref().map(shortened).filter(|layout| !layout.is_empty()),
                follow: None,
            })
        }
    }
}

/// As many of a layout's places as are stored; one alone that is longer comes from no page that people made.
fn shortened(layout: &str) -> String {
    let end =
        layout.match_indices(", ").map(|(at, _)| at).chain([layout.len()]).take_while(|at| *at <= LAYOUT_BYTES_MAX);
    layout.get(..end.last().unwrap_or(0)).unwrap_or_default().to_owned()
}

/// The page of older entries that a document names: the next one of a paged feed, else the archive before it.
fn older(parsed: &Parsed, base: &WebUrl) -> Option<WebUrl> {
    let announced = &parsed.announced;
    let named = announced.next_page.as_ref().or(announced.previous_archive.as_ref())?;
    base.join(named).ok()
}

/// Those of a full answer: what it doesn't have is no longer sent.
fn validators(response: &Response) -> Validators {
    let field = |name| response.headers.first(name).map(str::to_owned);
    Validators { etag: field("etag"), last_modified: field("last-modified") }
}

/// Those stored, with what an answer of 304 has anew: a field that it leaves out stands (RFC 9111 section 3.2).
fn renewed(stored: &Validators, response: &Response) -> Validators {
    let new = validators(response);
    Validators {
        etag: new.etag.or_else(|| stored.etag.clone()),
        last_modified: new.last_modified.or_else(|| stored.last_modified.clone()),
    }
}

pub(super) fn failed(kind: &'static str, detail: String) -> Examined {
    Examined {
        outcome: PollOutcome::Failed { kind, detail },
        drafts: Vec::new(),
        validators: None,
        entry_times: Vec::new(),
        asked: None,
        announced: Announced::default(),
        older: None,
        layout: None,
        is_elsewhere: false,
        follow: None,
    }
}

/// What came is not the publisher's document but a page that stands before it.
const WALL: &str = "wall";

/// What stands before a document, and what can be done about it.
fn gate_words(gate: Gate, response: &Response, kind: &SourceKind) -> String {
    let what = if kind.is_page() { "page" } else { "feed" };
    let (status, host) = (response.status, response.url.host_text());
    match (gate.wall, gate.whose) {
        (Wall::Consent, _) => format!(
            "{status}, a page at {host} that asks for consent to cookies stands before the {what}: look for another \
             address of it, or ask the publisher to serve it without"
        ),
        (Wall::Check | Wall::Paywall, whose) => format!(
            "{status}, a check for robots{} stands before the {what}, which no program passes: ask the publisher to let \
             readers of feeds through (ours by user_agent in [network]), or look for another address of it",
            whose.map(|whose| format!(" by {whose}")).unwrap_or_default()
        ),
    }
}

/// The problem of a list page without articles.
const EMPTY_LIST: &str = "empty-list";

/// The feeds that a page names, in a failure's words; nobody reads more.
const NAMED_MAX: usize = 3;

/// A problem with the way out: `named` are the feeds that an HTML page in the feed's place names.
fn remedy(problem: &Problem, named: &[String], kind: &SourceKind) -> String {
    if !named.is_empty() {
        let feeds: Vec<&str> = named.iter().take(NAMED_MAX).map(String::as_str).collect();
        return format!("{}; it names as its feed: {}", problem.detail, feeds.join(", "));
    }
    let hint = match (problem.kind, kind) {
        ("not-a-feed", _) => "; check the address, or make it a source of kind \"page\"",
        (EMPTY_LIST, SourceKind::List) => {
            "; its layout may have changed: look with `tidings inspect --list`, give selectors"
        }
        (EMPTY_LIST | "no-links", _) => {
            "; the page's layout may have changed: check its selectors with `tidings inspect`"
        }
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
    format!("{status}, {meaning}")
}

impl Examined {
    /// Whether the document could be read.
    pub fn is_read(&self) -> bool {
        matches!(self.outcome, PollOutcome::Read { .. })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Examined, examine};
    use crate::model::{
        Headers, Origin, PageSelectors, PollOutcome, Response, Source, SourceId, SourceKind, SourceSpec, SourceState,
        Validators, WebUrl,
    };

    fn source(kind: SourceKind, stories: u64) -> Source {
        let url = WebUrl::parse("https://news.example/world/").unwrap();
        Source {
            id: SourceId(1),
            spec: SourceSpec { kind, ..SourceSpec::feed(url, (Duration::from_mins(1), Duration::from_mins(1))) },
            origin: Origin::Config,
            state: SourceState::default(),
            stories,
        }
    }

    fn answered(body: &str, source: &Source) -> Examined {
        examined(source, response(200, body, &[("etag", "\"1\"")]))
    }

    fn response(status: u16, body: &str, fields: &[(&str, &str)]) -> Response {
        Response {
            status,
            headers: Headers(fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()),
            body: body.as_bytes().to_vec(),
            url: WebUrl::parse("https://news.example/world/").unwrap(),
            redirects: Vec::new(),
        }
    }

    fn examined(source: &Source, response: Response) -> Examined {
        examine(&Ok(response), source, "2021-12-06T12:00:00Z".parse().unwrap())
    }

    /// The kind of a failure and its words.
    fn failure(examined: &Examined) -> (&'static str, &str) {
        let PollOutcome::Failed { kind, detail } = &examined.outcome else { panic!("{examined:?}") };
        assert_eq!((examined.validators.as_ref(), examined.drafts.len()), (None, 0));
        (kind, detail)
    }

    fn selected() -> SourceKind {
        SourceKind::Page(PageSelectors { item: "li".to_owned(), ..PageSelectors::default() })
    }

    #[test]
    fn a_list_that_never_had_an_article_is_read_and_one_that_had_some_has_failed() {
        for kind in [selected(), SourceKind::List] {
            let still_empty = answered("<ul></ul><p>Nothing yet", &source(kind.clone(), 0));
            assert_eq!(still_empty.outcome, PollOutcome::Read { entries: 0 });
            assert!(still_empty.validators.is_some());
            let emptied = answered("<ul></ul><p>New look", &source(kind, 7));
            assert!(matches!(emptied.outcome, PollOutcome::Failed { kind: "empty-list", .. }), "{:?}", emptied.outcome);
            assert_eq!(emptied.validators, None);
        }
    }

    #[test]
    fn an_empty_page_and_items_without_links_are_failures_from_the_first() {
        assert!(matches!(answered(" ", &source(selected(), 0)).outcome, PollOutcome::Failed { kind: "empty", .. }));
        let unlinked = answered("<ul><li>One", &source(selected(), 0));
        assert!(matches!(unlinked.outcome, PollOutcome::Failed { kind: "no-links", .. }));
    }

    #[test]
    fn an_html_page_in_a_feeds_place_fails_with_the_feed_that_it_names() {
        let html = "<html><head><title>Log in</title><link rel=alternate type='application/rss+xml' href='/rss.xml'>\
            </head><body>Welcome</body></html>";
        let examined = answered(html, &source(SourceKind::Feed, 3));
        let PollOutcome::Failed { kind: "not-a-feed", detail } = &examined.outcome else { panic!("{examined:?}") };
        assert!(detail.ends_with("it names as its feed: https://news.example/rss.xml"), "{detail}");
        assert_eq!(examined.validators, None);
    }

    #[test]
    fn what_is_no_feed_brings_no_stories_and_leaves_the_validators_as_they_are() {
        let source = source(SourceKind::Feed, 3);
        for (body, expected) in [
            ("", "empty"),
            (" \r\n", "empty"),
            ("<html><title>Back soon</title>", "not-a-feed"),
            ("{\"error\":\"login\"}", "not-a-feed"),
            ("(\u{fffd}/\u{fffd}", "not-a-feed"),
        ] {
            assert_eq!(failure(&answered(body, &source)).0, expected, "{body:?}");
        }
    }

    #[test]
    fn of_a_document_that_was_cut_off_the_whole_stories_are_taken_and_the_next_fetch_is_whole() {
        let whole = "<rss><channel><item><title>A</title><link>/a</link></item>";
        let cut = answered(&format!("{whole}<item><title>B"), &source(SourceKind::Feed, 3));
        assert_eq!((cut.outcome, cut.drafts.len(), cut.validators), (PollOutcome::Read { entries: 1 }, 1, None));
        assert!(answered(&format!("{whole}</channel></rss>"), &source(SourceKind::Feed, 3)).validators.is_some());
    }

    #[test]
    fn relative_links_are_resolved_against_the_address_that_answered() {
        let feed = "<rss><channel><item><link>story?n=1</link></item></channel></rss>";
        let moved = Response {
            url: WebUrl::parse("https://www.new.example/feeds/all.xml").unwrap(),
            redirects: vec![301],
            ..response(200, feed, &[("content-location", "/elsewhere/x.xml")])
        };
        let drafts = examined(&source(SourceKind::Feed, 0), moved).drafts;
        assert_eq!(drafts[0].link, "https://www.new.example/feeds/story?n=1");
    }

    #[test]
    fn nothing_new_is_believed_where_it_was_asked_and_keeps_or_renews_the_validators_as_they_came() {
        let mut source = source(SourceKind::Feed, 3);
        let bare = examined(&source, response(304, "", &[]));
        assert!(failure(&bare).1.contains("without conditions"), "{bare:?}");
        let text = |text: &str| Some(text.to_owned());
        source.state.validators = Validators { etag: text("W/\"a-gzip\""), last_modified: text("noon, 2041") };
        let kept = examined(&source, response(304, "", &[]));
        assert_eq!(
            (kept.outcome, kept.validators.as_ref()),
            (PollOutcome::NotModified, Some(&source.state.validators))
        );
        let renewed = examined(&source, response(304, "", &[("etag", "b")])).validators.unwrap();
        assert_eq!(renewed, Validators { etag: text("b"), last_modified: text("noon, 2041") });
    }

    #[test]
    fn a_check_for_robots_is_named_whatever_its_status() {
        let source = source(SourceKind::Feed, 3);
        for status in [403, 503, 200] {
            let page = "<html><title>Just a moment...</title>";
            let examined = examined(&source, response(status, page, &[("cf-mitigated", "challenge")]));
            let (_, detail) = failure(&examined);
            assert!(detail.contains("a check for robots by Cloudflare stands before the feed"), "{detail}");
        }
        assert!(failure(&examined(&source, response(403, "", &[]))).1.contains("it refuses us"));
    }

    #[test]
    fn what_stands_before_a_feed_is_named_with_what_to_do() {
        let source = source(SourceKind::Feed, 3);
        let challenge = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Enable JavaScript";
        let words = |examined: Examined| match examined.outcome {
            PollOutcome::Failed { kind, detail } => format!("{kind}: {detail}"),
            outcome @ (PollOutcome::Read { .. } | PollOutcome::NotModified) => format!("{outcome:?}"),
        };
        insta::assert_snapshot!(words(examined(&source, response(403, challenge, &[("server", "cloudflare")]))), @"wall: 403, a check for robots by Cloudflare stands before the feed, which no program passes: ask the publisher to let readers of feeds through (ours by user_agent in [network]), or look for another address of it");
        insta::assert_snapshot!(words(answered(challenge, &source)), @"wall: 200, a check for robots by Cloudflare stands before the feed, which no program passes: ask the publisher to let readers of feeds through (ours by user_agent in [network]), or look for another address of it");
        let consent = "<html><form action='/consent/save' method=post><button>Accept all</button></form>";
        insta::assert_snapshot!(words(answered(consent, &source)), @"wall: 200, a page at news.example that asks for consent to cookies stands before the feed: look for another address of it, or ask the publisher to serve it without");
        insta::assert_snapshot!(words(examined(&source, response(403, "Forbidden", &[("server", "nginx")]))), @"status: 403, it refuses us: it may want a subscription, or block programs");
    }

    #[test]
    fn a_feed_that_tells_of_walls_is_read() {
        let feed = "<rss><channel><title>Just a moment...</title><item><title>cf-chl</title></item></channel></rss>";
        let examined = examined(&source(SourceKind::Feed, 0), response(200, feed, &[("server", "cloudflare")]));
        assert_eq!(examined.outcome, PollOutcome::Read { entries: 1 });
    }

    #[test]
    fn a_news_sitemap_is_read_where_a_feed_is_expected() {
        let xml = "<urlset><url><loc>/a</loc><news:news><news:publication_date>2021-12-06</news:publication_date>\
            <news:title>Adopted</news:title></news:news></url></urlset>";
        let examined = answered(xml, &source(SourceKind::Feed, 0));
        assert_eq!(examined.outcome, PollOutcome::Read { entries: 1 });
        assert_eq!((examined.drafts[0].title.as_str(), examined.entry_times.len()), ("Adopted", 1));
    }

    #[test]
    fn of_an_index_the_last_changed_sitemap_of_the_same_site_is_followed() {
        let xml = "<sitemapindex><sitemap><loc>https://elsewhere.example/1.xml</loc><lastmod>2021-12-07</lastmod></sitemap>\
            <sitemap><loc>/2.xml</loc><lastmod>2021-12-05</lastmod></sitemap>\
            <sitemap><loc>https://www.news.example/3.xml</loc><lastmod>2021-12-06</lastmod></sitemap></sitemapindex>";
        let follow = answered(xml, &source(SourceKind::Feed, 0)).follow;
        assert_eq!(follow.as_ref().map(WebUrl::as_str), Some("https://www.news.example/3.xml"));
    }
}
