//! The second opinion: feed-rs, asked where our own reader finds no entry.
//!
//! Architecture invariant: `feed-rs` is named here only. It is never shown what comes from the network as it came: the
//! document is decoded, its nesting counted (feed-rs recurses, and a stack that overflows ends the process), and a
//! panic of it is a problem of that document.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::address;
use super::kept::Kept;
use super::lexer::{Lexer, Token};
use super::mended::Mended;
use crate::date;
use crate::model::{Announced, DocumentKind, Enclosure, Entry, Parsed, Problem, WebUrl};

/// Elements open at once that a 2 MB stack bears; it broke at 1,000.
const DEPTH_MAX: usize = 200;
/// Larger documents are not shown to it: it copies every text of them.
const BYTES_MAX: usize = 8 * 1024 * 1024;

/// Asks feed-rs. `None` where it may not see the document, or finds nothing in it; `Err` where it panicked.
pub(super) fn opinion(document: &str, base: Option<&WebUrl>, mended: &mut Mended) -> Result<Option<Parsed>, Problem> {
    if document.len() > BYTES_MAX || is_too_deep(document) {
        return Ok(None);
    }
    let run = || {
        feed_rs::parser::Builder::new()
            .base_uri(base.map(WebUrl::as_str))
            // An id that feed-rs makes up would change with the title: none is better.
            .id_generator(|_, _, _| String::new())
            .timestamp_parser(|text| date::parse(text)?.to_string().parse().ok())
            .build()
            .parse(document.as_bytes())
    };
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(feed)) => Ok(Some(taken_over(feed, base, mended))),
        Ok(Err(_)) => Ok(None),
        Err(_) => Err(Problem {
            kind: "panic",
            detail: "the second reader of feeds panicked (a fault of tidings, please report it)".to_owned(),
            offset: None,
            fatal: false,
        }),
    }
}

/// Counts elements that are open, as a reader does that closes none by itself.
fn is_too_deep(document: &str) -> bool {
    let mut lexer = Lexer::new(document);
    let (mut depth, mut attributes) = (0_usize, Vec::new());
    while let Some(token) = lexer.next("", &mut attributes) {
        match token {
            Token::Start { is_empty: false, .. } => depth += 1,
            Token::End(_) => depth = depth.saturating_sub(1),
            Token::Start { .. } | Token::Text(_) | Token::Section(_) | Token::Doctype(_) | Token::Nothing => {}
        }
        if depth > DEPTH_MAX {
            return true;
        }
    }
    false
}

fn taken_over(feed: feed_rs::model::Feed, base: Option<&WebUrl>, mended: &mut Mended) -> Parsed {
    let kind = match feed.feed_type {
        feed_rs::model::FeedType::Atom => DocumentKind::Atom,
        feed_rs::model::FeedType::JSON => DocumentKind::JsonFeed,
        feed_rs::model::FeedType::RSS0 | feed_rs::model::FeedType::RSS1 | feed_rs::model::FeedType::RSS2 => {
            DocumentKind::Rss
        }
    };
    let mut kept = Kept::default();
    feed.entries.into_iter().for_each(|found| kept.push(entry(found, base)));
    Parsed {
        kind,
        title: feed.title.map(|title| title.content),
        lang: feed.language.filter(|lang| !lang.trim().is_empty()),
        home: page_of(&feed.links, base),
        announced: Announced { ttl_minutes: feed.ttl, ..Announced::default() },
        entries: kept.into_entries(mended),
        ..Parsed::default()
    }
}

fn entry(found: feed_rs::model::Entry, base: Option<&WebUrl>) -> Entry {
    let id = Some(found.id.trim().to_owned()).filter(|id| !id.is_empty());
    Entry {
        link: page_of(&found.links, base).or_else(|| id.as_deref().and_then(|id| address::absolute(id, None))),
        title: found.title.map(|title| title.content),
        published: found.published.and_then(|at| jiff::Timestamp::from_second(at.timestamp()).ok()),
        updated: found.updated.and_then(|at| jiff::Timestamp::from_second(at.timestamp()).ok()),
        summary: found.summary.map(|summary| summary.content),
        content: found.content.and_then(|content| content.body),
        author: found.authors.into_iter().find_map(|person| person.name.or(person.email)),
        lang: found.language,
        enclosures: enclosures(&found.media, base),
        origin: None,
        id,
    }
}

fn enclosures(media: &[feed_rs::model::MediaObject], base: Option<&WebUrl>) -> Vec<Enclosure> {
    let files = media.iter().flat_map(|object| &object.content).take(100);
    let enclosure = |file: &feed_rs::model::MediaContent| {
        let url = address::absolute(file.url.as_ref()?.as_str(), base)?;
        let media_type = file.content_type.as_ref().map(ToString::to_string);
        Some(Enclosure { url, media_type, length: file.size })
    };
    files.filter_map(enclosure).collect()
}

/// The link to the page itself: neither comments, nor the feed, nor a file.
fn page_of(links: &[feed_rs::model::Link], base: Option<&WebUrl>) -> Option<String> {
    let is_page = |link: &&feed_rs::model::Link| {
        link.target.is_none() && link.rel.as_deref().is_none_or(|rel| rel == "alternate") && !link.href.is_empty()
    };
    links.iter().find(is_page).and_then(|link| address::absolute(&link.href, base))
}
