//! Atom 1.0 (RFC 4287).

use std::fmt::Write as _;

use jiff::Timestamp;

use super::document::{Document, Item};
use super::xml::text;

/// The feed as Atom.
pub(super) fn write(document: &Document) -> String {
    let mut xml = String::with_capacity(16 * 1024);
    let (id, title) = (text(&document.id), text(&document.title));
    let (home, own) = (text(&document.home), text(&document.own));
    let hub =
        document.hub.as_deref().map(|hub| format!("<link rel=\"hub\" href=\"{}\"/>\n", text(hub))).unwrap_or_default();
    let older = document
        .older
        .as_deref()
        .map(|older| format!("<link rel=\"next\" href=\"{}\"/>\n", text(older)))
        .unwrap_or_default();
    // A feed must say when it changed; one without entries never did.
    let updated = time(document.changed_at.unwrap_or(Timestamp::UNIX_EPOCH));
    // Writing to a `String` can't fail.
    write!(
        xml,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n<id>{id}</id>\n\
         <title>{title}</title>\n<updated>{updated}</updated>\n<link rel=\"self\" type=\"application/atom+xml\" href=\"{own}\"/>\n{hub}{older}\
         <link rel=\"alternate\" type=\"text/html\" href=\"{home}\"/>\n<generator>tidings</generator>\n"
    )
    .ok();
    for item in &document.items {
        entry(&mut xml, item);
    }
    xml.push_str("</feed>\n");
    xml
}

fn entry(xml: &mut String, item: &Item) {
    let (id, title, author, html) = (text(&item.id), text(&item.title), text(&item.author), text(&item.html));
    let link = item.link.as_deref().map(|link| format!("<link href=\"{}\"/>\n", text(link))).unwrap_or_default();
    let (published, updated) = (time(item.published), time(item.updated));
    write!(
        xml,
        "<entry>\n<id>{id}</id>\n<title>{title}</title>\n{link}<published>{published}</published>\n\
         <updated>{updated}</updated>\n<author><name>{author}</name></author>\n\
         <content type=\"html\">{html}</content>\n</entry>\n"
    )
    .ok();
}

fn time(at: Timestamp) -> String {
    format!("{at:.0}")
}
