//! What `tidings inspect` prints.

use serde_json::{Value, json};

use crate::feed::opml::{ListedSource, SourceList};
use crate::model::{Announced, Article, Entry, Parsed, Problem, Wall, WebUrl};
use crate::page::{Child, Listing, Sitemap};
use crate::text;
use crate::text::counted;

use super::super::screen::{Screen, Table, shown};

/// A document that could not be had.
pub(super) fn unread(input: &str, why: &str, screen: &mut Screen) -> anyhow::Result<()> {
    if screen.is_json() {
        screen.record(
            &json!({"file": input, "kind": "unknown", "error": why, "problems": [], "title": null, "entries": []}),
        )?;
    } else {
        screen.note(&format!("{}: failed to {}", shown(input), shown(why)));
    }
    Ok(())
}

fn time(at: Option<jiff::Timestamp>) -> Value {
    // Whole seconds: no feed means more, and every reader of RFC 3339 understands them.
    at.map_or(Value::Null, |at| {
        Value::String(jiff::fmt::temporal::DateTimePrinter::new().precision(Some(0)).timestamp_to_string(&at))
    })
}

/// A feed or a list page read by selectors.
pub(super) fn document(input: &str, parsed: &Parsed, screen: &mut Screen) -> anyhow::Result<()> {
    if screen.is_json() {
        return Ok(screen.record(&value(input, parsed))?);
    }
    lines(input, parsed, screen)
}

/// A list that was found, and how its links stand.
pub(super) fn listing(input: &str, listing: &Listing, screen: &mut Screen) -> anyhow::Result<()> {
    if screen.is_json() {
        let mut value = value(input, &listing.parsed);
        if let Some(object) = value.as_object_mut() {
            object.insert("layout".to_owned(), json!(listing.selector()));
        }
        return Ok(screen.record(&value)?);
    }
    lines(input, &listing.parsed, screen)?;
    if let Some(layout) = listing.selector() {
        screen.field("layout", &shown(&layout))?;
    }
    Ok(())
}

/// A sitemap, or an index with the sitemaps in it.
pub(super) fn sitemap(input: &str, sitemap: &Sitemap, screen: &mut Screen) -> anyhow::Result<()> {
    if screen.is_json() {
        let mut value = value(input, &sitemap.parsed);
        let child = |child: &Child| json!({"url": child.url.as_str(), "changed": time(child.changed)});
        let children: Vec<Value> = sitemap.children.iter().map(child).collect();
        if let Some(object) = value.as_object_mut() {
            object.insert("sitemaps".to_owned(), Value::Array(children));
        }
        return Ok(screen.record(&value)?);
    }
    lines(input, &sitemap.parsed, screen)?;
    let mut table = Table::new(["changed", "sitemap"]);
    for child in &sitemap.children {
        let changed = child.changed.map_or_else(|| "-".to_owned(), |at| format!("{at:.0}"));
        table.row([changed, child.url.as_str().to_owned()]);
    }
    if !sitemap.children.is_empty() {
        screen.table(&table)?;
    }
    Ok(())
}

/// A list of sources, and what to do with it.
pub(super) fn opml(input: &str, list: &SourceList, screen: &mut Screen) -> anyhow::Result<()> {
    let title = list.title.as_deref().map(text::title).unwrap_or_default();
    if screen.is_json() {
        let source = |listed: &ListedSource| json!({"name": listed.spec.name, "url": listed.spec.url.as_str()});
        let sources: Vec<Value> = list.sources.iter().map(source).collect();
        let problem = |p: &Problem| json!({"kind": p.kind, "detail": p.detail, "offset": p.offset, "fatal": p.fatal});
        let problems: Vec<Value> = list.problems.iter().map(problem).collect();
        let title = Some(title).filter(|title| !title.is_empty());
        return Ok(screen.record(&json!({"file": input, "kind": "opml", "problems": problems, "title": title,
            "entries": [], "sources": sources, "left_out": list.left_out.len()}))?);
    }
    screen.heading(&format!("{}: opml {}", shown(input), shown(&title)))?;
    let mut table = Table::new(["name", "address"]);
    for listed in &list.sources {
        table.row([listed.spec.name.clone(), listed.spec.url.as_str().to_owned()]);
    }
    if !list.sources.is_empty() {
        screen.table(&table)?;
    }
    let sources = counted(list.sources.len(), "source", "sources");
    let others = list.left_out.len();
    let others = if others > 0 { format!(", {others} that can't be read") } else { String::new() };
    screen.line(&format!("a list of {sources}{others}; to add them: tidings source import {}", shown(input)))?;
    Ok(())
}

fn value(input: &str, parsed: &Parsed) -> Value {
    let problems: Vec<Value> = parsed
        .problems
        .iter()
        .map(|p| json!({"kind": p.kind, "detail": p.detail, "offset": p.offset, "fatal": p.fatal}))
        .collect();
    let entries: Vec<Value> = parsed.entries.iter().map(entry_value).collect();
    let mut value = json!({"file": input, "kind": parsed.kind.label(), "problems": problems,
        "title": parsed.title, "link": parsed.home, "lang": parsed.lang,
        "announced": announced_value(&parsed.announced), "alternatives": parsed.alternatives, "entries": entries});
    if let (Some(problem), Some(object)) = (parsed.fatal(), value.as_object_mut()) {
        object.insert("error".to_owned(), json!(format!("{}: {}", problem.kind, problem.detail)));
    }
    value
}

fn lines(input: &str, parsed: &Parsed, screen: &mut Screen) -> anyhow::Result<()> {
    let title = parsed.title.as_deref().map(text::title).unwrap_or_default();
    screen.heading(&format!("{}: {} {}", shown(input), parsed.kind.label(), shown(&title)))?;
    for problem in &parsed.problems {
        let place = problem.offset.map(|offset| format!(" (byte {offset})")).unwrap_or_default();
        screen.line(&format!("  {}{place}: {}", problem.kind, shown(&problem.detail)))?;
    }
    for feed in &parsed.alternatives {
        screen.line(&format!("  the page names a feed: {}", shown(feed)))?;
    }
    let mut table = Table::new(["published", "title", "link"]);
    for entry in &parsed.entries {
        let title = entry.title.as_deref().map(text::title).unwrap_or_default();
        let published = entry.published.map_or_else(|| "-".to_owned(), |at| format!("{at:.0}"));
        table.row([published, title, entry.link.clone().unwrap_or_default()]);
    }
    if !parsed.entries.is_empty() {
        screen.table(&table)?;
    }
    screen.line(&counted(parsed.entries.len(), "entry", "entries"))?;
    Ok(())
}

fn announced_value(announced: &Announced) -> Value {
    json!({"ttl_minutes": announced.ttl_minutes, "skip_hours": announced.skip_hours, "skip_days": announced.skip_days,
        "update_every_secs": announced.update_every.map(|every| every.as_secs()), "hubs": announced.hubs,
        "self": announced.self_link, "next_page": announced.next_page, "previous_archive": announced.previous_archive})
}

fn entry_value(entry: &Entry) -> Value {
    let origin = entry.origin.as_ref().map(|origin| json!({"name": origin.name, "url": origin.url}));
    let enclosures: Vec<&str> = entry.enclosures.iter().map(|e| e.url.as_str()).collect();
    json!({"id": entry.id, "link": entry.link, "title": entry.title,
        "published": time(entry.published), "updated": time(entry.updated), "summary": entry.summary,
        "content": entry.content, "author": entry.author, "lang": entry.lang, "enclosures": enclosures,
        "origin": origin})
}

/// An article.
pub(super) fn article(input: &str, article: &Article, url: Option<&WebUrl>, screen: &mut Screen) -> anyhow::Result<()> {
    let address = article.canonical.clone().or_else(|| url.map(|u| u.as_str().to_owned()));
    if screen.is_json() {
        return Ok(screen.record(
            &json!({"file": input, "url": address, "title": article.title, "author": article.author,
            "published": time(article.published), "updated": time(article.updated), "lang": article.lang,
            "wall": article.wall.map(Wall::label), "text": article.text}),
        )?);
    }
    screen.heading(&shown(article.title.as_deref().unwrap_or("(no title)")))?;
    screen.field("address", address.as_deref().unwrap_or("-"))?;
    screen.field("author", article.author.as_deref().unwrap_or("-"))?;
    screen.field("published", &article.published.map_or_else(|| "-".to_owned(), |at| at.to_string()))?;
    screen.field("changed", &article.updated.map_or_else(|| "-".to_owned(), |at| at.to_string()))?;
    screen.field("language", article.lang.as_deref().unwrap_or("-"))?;
    if let Some(wall) = article.wall {
        screen.field("behind", wall.label())?;
    }
    for line in article.text.lines() {
        screen.line(&shown(line))?;
    }
    Ok(())
}
