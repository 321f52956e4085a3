//! RSS 2.0, with Atom's link to itself and Dublin Core's creator, as its readers expect; and Atom's `updated`, as RSS has no word
//! for when an item changed.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::document::{Document, Item};
use super::xml::text;

/// The feed as RSS.
pub(super) fn write(document: &Document) -> String {
    let mut xml = String::with_capacity(16 * 1024);
    let (title, home, own) = (text(&document.title), text(&document.home), text(&document.own));
    let built = document.changed_at.map(|at| format!("<lastBuildDate>{}</lastBuildDate>\n", time(at)));
    let hub = document
        .hub
        .as_deref()
        .map(|hub| format!("<atom:link rel=\"hub\" href=\"{}\"/>\n", text(hub)))
        .unwrap_or_default();
    let older = document
        .older
        .as_deref()
        .map(|older| format!("<atom:link rel=\"next\" href=\"{}\"/>\n", text(older)))
        .unwrap_or_default();
    // Writing to a `String` can't fail.
    write!(
        xml,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n<channel>\n<title>{title}</title>\n<link>{home}</link>\n\
         <description>Events on {title}</description>\n<atom:link rel=\"self\" type=\"application/rss+xml\" href=\"{own}\"/>\n{hub}{older}{}\
         <generator>tidings</generator>\n",
        built.unwrap_or_default()
    )
    .ok();
    for item in &document.items {
        entry(&mut xml, item);
    }
    xml.push_str("</channel>\n</rss>\n");
    xml
}

fn entry(xml: &mut String, item: &Item) {
    // Readers take a title for HTML or for text; escaped as HTML first it is shown right by the first and by most of the others.
    let title = text(&html_escape::encode_text(&item.title));
    let (id, author, html) = (text(&item.id), text(&item.author), text(&item.html));
    let link = item.link.as_deref().map(|link| format!("<link>{}</link>\n", text(link))).unwrap_or_default();
    write!(
        xml,
        "<item>\n<guid isPermaLink=\"false\">{id}</guid>\n<title>{title}</title>\n{link}<pubDate>{}</pubDate>\n\
         <atom:updated>{:.0}</atom:updated>\n<dc:creator>{author}</dc:creator>\n<description>{html}</description>\n</item>\n",
        time(item.published),
        item.updated
    )
    .ok();
}

/// RFC 822 with a year of four digits.
fn time(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
