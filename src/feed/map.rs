//! From feed-rs's model to ours.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::{DocumentKind, Enclosure, Entry, Parsed, Problem, WebUrl};

/// Characters of a field beyond these bytes are left out; the longest article of a year's news has half of it.
pub(super) const FIELD_BYTES_MAX: usize = 200_000;
/// Entries of one document; feeds with more publish an archive.
pub(super) const ENTRIES_MAX: usize = 2_000;

/// Takes over a document that feed-rs has read.
pub(super) fn document(feed: feed_rs::model::Feed, kind: DocumentKind, base: Option<&WebUrl>) -> Parsed {
    Parsed {
        kind,
        title: feed.title.map(|title| as_html(title.content, title.content_type.as_ref(), kind)),
        lang: feed.language.filter(|lang| !lang.trim().is_empty()),
        home: alternate(&feed.links).and_then(|link| address(&link.href, base)),
        ttl_minutes: feed.ttl,
        entries: feed.entries.into_iter().map(|found| entry(found, kind, base)).collect(),
        problems: Vec::new(),
    }
}

fn entry(found: feed_rs::model::Entry, kind: DocumentKind, base: Option<&WebUrl>) -> Entry {
    let id = Some(found.id.trim().to_owned()).filter(|id| !id.is_empty());
    let link = alternate(&found.links).and_then(|link| address(&link.href, base));
    let published = found.published.and_then(|at| instant(at.timestamp(), at.timestamp_subsec_nanos()));
    let updated = found.updated.and_then(|at| instant(at.timestamp(), at.timestamp_subsec_nanos()));
    let described = found.media.iter().find_map(|media| media.description.as_ref()).map(|text| text.content.clone());
    let author = found.authors.iter().find_map(|person| person.name.clone().or_else(|| person.email.clone()));
    Entry {
        link: link.or_else(|| id.as_deref().and_then(|id| address(id, None))),
        title: found.title.map(|title| as_html(title.content, title.content_type.as_ref(), kind)),
        published,
        // feed-rs copies the one to the other in RSS; a copy says nothing.
        updated: updated.filter(|_| kind == DocumentKind::Atom || updated != published),
        summary: found
            .summary
            .map(|summary| as_html(summary.content, summary.content_type.as_ref(), kind))
            .or(described),
        content: found
            .content
            .and_then(|content| content.body.map(|body| as_html(body, content.content_type.as_ref(), kind))),
        author: author.map(|name| name.trim().to_owned()),
        lang: found.language,
        enclosures: enclosures(&found.media, &found.links, base),
        id,
    }
}

/// Gives a text as HTML: plain text of Atom keeps its `<`, unless it is HTML that calls itself plain.
fn as_html(content: String, media_type: &str, kind: DocumentKind) -> String {
    let looks_like_html =
        ["</", "<br", "<p>", "<img", "/>", "&#", "&amp;", "&lt;"].iter().any(|mark| content.contains(mark));
    if kind == DocumentKind::Atom && media_type == "text/plain" && !looks_like_html {
        return html_escape::encode_text(&content).into_owned();
    }
    content
}

fn enclosures(
    media: &[feed_rs::model::MediaObject],
    links: &[feed_rs::model::Link],
    base: Option<&WebUrl>,
) -> Vec<Enclosure> {
    let of_media = media.iter().flat_map(|object| &object.content).filter_map(|content| {
        let url = address(content.url.as_ref()?.as_str(), base)?;
        Some(Enclosure {
            url,
            media_type: content.content_type.as_ref().map(ToString::to_string),
            length: content.size,
        })
    });
    let of_links = links.iter().filter(|link| link.rel.as_deref() == Some("enclosure")).filter_map(|link| {
        Some(Enclosure { url: address(&link.href, base)?, media_type: link.media_type.clone(), length: link.length })
    });
    let mut found: Vec<Enclosure> = Vec::new();
    for enclosure in of_media.chain(of_links).take(100) {
        if found.iter().all(|known| known.url != enclosure.url) {
            found.push(enclosure);
        }
    }
    found
}

/// The link to the page itself: neither comments, nor the feed, nor a file; a page before other types.
fn alternate(links: &[feed_rs::model::Link]) -> Option<&feed_rs::model::Link> {
    let is_page = |link: &&feed_rs::model::Link| {
        link.target.is_none() && link.rel.as_deref().is_none_or(|rel| rel == "alternate") && !link.href.is_empty()
    };
    let is_html = |link: &&feed_rs::model::Link| link.media_type.as_deref().is_none_or(|kind| kind.contains("html"));
    links.iter().filter(is_page).find(is_html).or_else(|| links.iter().find(is_page))
}

/// An absolute web address, resolved against `base`.
pub(super) fn address(text: &str, base: Option<&WebUrl>) -> Option<String> {
    if text.trim().is_empty() {
        return None;
    }
    let resolved = WebUrl::parse(text).or_else(|why| base.map_or(Err(why), |base| base.join(text)));
    resolved.ok().map(|url| url.as_str().to_owned())
}

fn instant(second: i64, nanosecond: u32) -> Option<Timestamp> {
    Timestamp::new(second, i32::try_from(nanosecond).ok()?).ok()
}

/// Holds a document to its limits, and drops ids that name more than one entry (they name none).
pub(super) fn settle(parsed: &mut Parsed) {
    let over = parsed.entries.len().saturating_sub(ENTRIES_MAX);
    let first_and_last = parsed.entries.first().zip(parsed.entries.last());
    // The newest are kept: at the head, unless the dates say that the document runs the other way.
    if first_and_last.is_some_and(|(first, last)| first.published < last.published && first.published.is_some()) {
        parsed.entries.drain(..over);
    } else {
        parsed.entries.truncate(ENTRIES_MAX);
    }
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for id in parsed.entries.iter().filter_map(|entry| entry.id.clone()) {
        *uses.entry(id).or_default() += 1;
    }
    if uses.values().any(|&uses| uses > 1) {
        let detail = "several entries carry one id; their links are taken instead".to_owned();
        parsed.problems.push(Problem { kind: "shared-ids", detail, offset: None, fatal: false });
    }
    for entry in &mut parsed.entries {
        entry.id.take_if(|id| uses.get(id).is_some_and(|&uses| uses > 1) || id.len() > 4096);
        for field in [&mut entry.summary, &mut entry.content, &mut entry.title].into_iter().flatten() {
            cut(field);
        }
        for field in [&mut entry.summary, &mut entry.content, &mut entry.title, &mut entry.author] {
            field.take_if(|text| text.trim().is_empty());
        }
    }
}

fn cut(text: &mut String) {
    if text.len() > FIELD_BYTES_MAX {
        text.truncate(text.floor_char_boundary(FIELD_BYTES_MAX));
    }
}
