//! RSS, RDF and Atom by feed-rs, its model to ours.

use feed_rs::model::{FeedType, Link, MediaObject};
use feed_rs::parser::Builder;
use jiff::Timestamp;

use crate::date;
use crate::model::{DocumentKind, Enclosure, Entry, Parsed};

/// Reads a mended document; the error is feed-rs's own words.
pub(super) fn parse(text: &str, base: Option<&str>) -> Result<Parsed, String> {
    let parser = Builder::new()
        .base_uri(base)
        // An id that the document doesn't give is none: ours is made of the link, or of title and day.
        .id_generator(|_, _, _| String::new())
        .sanitize_content(false)
        .timestamp_parser(|text| date::parse(text).and_then(|at| feed_rs_time(at.as_millisecond())))
        .build();
    let feed = parser.parse(text.as_bytes()).map_err(|error| error.to_string())?;
    let kind = match feed.feed_type {
        FeedType::Atom => DocumentKind::Atom,
        FeedType::JSON => DocumentKind::JsonFeed,
        FeedType::RSS0 | FeedType::RSS1 | FeedType::RSS2 => DocumentKind::Rss,
    };
    Ok(Parsed {
        kind,
        title: feed.title.map(|t| t.content),
        lang: feed.language,
        home: best_link(&feed.links).map(str::to_owned),
        ttl_minutes: feed.ttl,
        entries: feed.entries.into_iter().map(entry).collect(),
        problems: Vec::new(),
    })
}

fn feed_rs_time(ms: i64) -> Option<chrono::DateTime<chrono::Utc>> {
    chrono::DateTime::from_timestamp_millis(ms)
}

fn entry(entry: feed_rs::model::Entry) -> Entry {
    let moment = |at: Option<chrono::DateTime<chrono::Utc>>| {
        at.and_then(|at| Timestamp::from_millisecond(at.timestamp_millis()).ok())
    };
    let link = best_link(&entry.links).map(str::to_owned);
    Entry {
        link,
        published: moment(entry.published),
        updated: moment(entry.updated),
        title: entry.title.map(|t| t.content),
        summary: entry.summary.map(|s| s.content),
        content: entry.content.and_then(|c| c.body),
        author: entry.authors.into_iter().find_map(|p| p.name.or(p.email)),
        lang: entry.language,
        enclosures: enclosures(&entry.links, &entry.media),
        id: Some(entry.id),
    }
}

/// The page that a feed or entry points to: alternate, HTML before other types.
fn best_link(links: &[Link]) -> Option<&str> {
    let rank = |link: &&Link| {
        let alternate = link.rel.as_deref().is_none_or(|rel| rel == "alternate");
        let page = link.media_type.as_deref().is_none_or(|t| t.contains("html"));
        (!alternate, !page)
    };
    let alternates = links.iter().filter(|l| {
        !matches!(l.rel.as_deref(), Some("self" | "enclosure" | "hub" | "replies" | "edit" | "next" | "prev"))
    });
    alternates.min_by_key(rank).map(|l| l.href.as_str())
}

fn enclosures(links: &[Link], media: &[MediaObject]) -> Vec<Enclosure> {
    let linked = links.iter().filter(|l| l.rel.as_deref() == Some("enclosure")).map(|l| Enclosure {
        url: l.href.clone(),
        media_type: l.media_type.clone(),
        length: l.length,
    });
    let carried = media.iter().flat_map(|m| &m.content).filter_map(|c| {
        let url = c.url.as_ref()?.to_string();
        Some(Enclosure { url, media_type: c.content_type.as_ref().map(ToString::to_string), length: c.size })
    });
    let mut all: Vec<Enclosure> = Vec::new();
    for enclosure in linked.chain(carried) {
        if !all.iter().any(|known| known.url == enclosure.url) {
            all.push(enclosure);
        }
    }
    all
}
