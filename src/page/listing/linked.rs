//! The list in a page's linked data.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::date;
use crate::model::{Entry, WebUrl};
use crate::page::json_ld;
use crate::page::markup::{Tag, Tree};
use crate::url;

/// Articles of one list at most.
const ITEMS_MAX: usize = 500;

/// The articles that the page's scripts list with address and headline, in their order.
pub(super) fn linked(tree: &Tree<'_>, base: &WebUrl) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut seen = BTreeSet::new();
    for (at, node) in tree.nodes() {
        let kind = node.attributes.raw("type").unwrap_or_default();
        if node.tag != Tag::Script || !json_ld::is_type(kind) {
            continue;
        }
        let Some(value) = json_ld::read(tree.node(at + 1).text) else { continue };
        let mut things = Vec::new();
        json_ld::listed(&value, 0, &mut things);
        for thing in things {
            let Some(entry) = entry(thing, base) else { continue };
            let key = entry.link.as_deref().and_then(|link| WebUrl::parse(link).ok()).map(|link| url::canonical(&link));
            if entries.len() < ITEMS_MAX && key.is_some_and(|key| seen.insert(key)) {
                entries.push(entry);
            }
        }
    }
    entries
}

fn entry(thing: &Map<String, Value>, base: &WebUrl) -> Option<Entry> {
    let text = |keys: &[&str]| keys.iter().find_map(|key| thing.get(*key).and_then(json_ld::text));
    let link = text(&["url", "@id", "mainEntityOfPage"])?;
    let link = base.join(&link).ok().filter(|link| link.as_url().path() != "/")?;
    Some(Entry {
        link: Some(link.as_str().to_owned()),
        title: Some(text(&["headline", "name"])?),
        published: text(&["datePublished"]).as_deref().and_then(date::parse),
        updated: text(&["dateModified"]).as_deref().and_then(date::parse),
        summary: text(&["description"]),
        ..Entry::default()
    })
}
