//! JSON Feed 1.1.

use serde::Serialize;

use super::document::{Document, Item};

#[derive(Serialize)]
struct Feed<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: &'a str,
    #[serde(rename = "feed_url")]
    own_url: &'a str,
    #[serde(rename = "next_url", skip_serializing_if = "Option::is_none")]
    older_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hubs: Vec<Hub<'a>>,
    items: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Hub<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    url: &'a str,
}

#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    title: &'a str,
    content_html: &'a str,
    date_published: String,
    date_modified: String,
    authors: [Author<'a>; 1],
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
}

/// The feed as JSON.
pub(super) fn write(document: &Document) -> String {
    let feed = Feed {
        version: "https://jsonfeed.org/version/1.1",
        title: &document.title,
        home_page_url: &document.home,
        own_url: &document.own,
        older_url: document.older.as_deref(),
        hubs: document.hub.iter().map(|hub| Hub { kind: "WebSub", url: hub }).collect(),
        items: document.items.iter().map(entry).collect(),
    };
    serde_json::to_string(&feed).expect("texts and lists of them can be written as JSON")
}

fn entry(item: &Item) -> Entry<'_> {
    Entry {
        id: &item.id,
        url: item.link.as_deref(),
        title: &item.title,
        content_html: &item.html,
        date_published: item.published.to_string(),
        date_modified: item.updated.to_string(),
        authors: [Author { name: &item.author }],
    }
}
