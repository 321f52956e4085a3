//! A list of sources to OPML 2.0.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::NAMESPACE;
use super::outline::{is_kept, to_seconds};
use crate::model::{Priority, SourceKind, SourceSpec, TopicKey};
use crate::url::site;

/// Writes sources as OPML 2.0, an outline each, in their order.
///
/// What OPML can say stands in its own attributes: name, address, language, topics as categories; a page is a link, so
/// that no reader takes it for a feed. What it can't (selectors, intervals, ...) stands in attributes of our namespace,
/// which others pass over.
pub fn write<'a>(sources: impl IntoIterator<Item = &'a SourceSpec>, title: &str, created: Timestamp) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str("<opml version=\"2.0\" xmlns:tidings=\"");
    out.push_str(NAMESPACE);
    out.push_str("\">\n  <head>\n    <title>");
    push_escaped(&mut out, title);
    let date = created.strftime("%a, %d %b %Y %H:%M:%S GMT");
    // A string takes all that is written to it.
    write!(out, "</title>\n    <dateCreated>{date}</dateCreated>\n  </head>\n  <body>\n").ok();
    for source in sources {
        outline(&mut out, source);
    }
    out.push_str("  </body>\n</opml>\n");
    out
}

fn outline(out: &mut String, source: &SourceSpec) {
    let (kind, address) = match &source.kind {
        SourceKind::Feed => ("rss", "xmlUrl"),
        SourceKind::Page(_) | SourceKind::List => ("link", "url"),
    };
    let topics: Vec<&str> = source.topics.iter().map(TopicKey::as_str).collect();
    let categories: Vec<String> = topics.iter().map(|topic| format!("/{topic}")).collect();
    out.push_str("    <outline");
    let mut put = |name: &str, value: Option<&str>| {
        let Some(value) = value else { return };
        write!(out, " {name}=\"").ok();
        push_escaped(out, value);
        out.push('"');
    };
    put("type", Some(kind));
    put("text", Some(&source.name));
    put("title", Some(&source.name));
    put(address, Some(&source.url.without_user()));
    put("language", source.lang.as_deref());
    put("category", Some(&categories.join(",")).filter(|_| !topics.is_empty()).map(String::as_str));
    put("tidings:topics", Some(&topics.join(",")).filter(|_| !topics.is_empty()).map(String::as_str));
    match &source.kind {
        SourceKind::Feed => {}
        SourceKind::List => put("tidings:kind", Some("list")),
        SourceKind::Page(selectors) => {
            put("tidings:kind", Some("page"));
            put("tidings:item", Some(&selectors.item));
            put("tidings:link", selectors.link.as_deref());
            put("tidings:title", selectors.title.as_deref());
            put("tidings:date", selectors.date.as_deref());
            put("tidings:summary", selectors.summary.as_deref());
        }
    }
    let is_usual = source.publisher == site(source.url.host_text());
    put("tidings:publisher", Some(source.publisher.as_str()).filter(|_| !is_usual));
    put("tidings:intervalMinSeconds", Some(&to_seconds(source.interval_min)));
    put("tidings:intervalMaxSeconds", Some(&to_seconds(source.interval_max)));
    put("tidings:priority", Some(source.priority.label()).filter(|_| source.priority != Priority::Normal));
    put("tidings:fullText", Some("true").filter(|_| source.full_text));
    out.push_str("/>\n");
}

/// Appends text for an attribute or an element. What XML can't hold is left out; line ends and tabs are references, or
/// readers would make spaces of them (XML 1.0 section 3.3.3).
fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            c if is_kept(c) => out.push(c),
            _ => {}
        }
    }
}
