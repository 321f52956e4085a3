//! What a page says of itself: JSON-LD first, then meta elements, then the visible page.

use scraper::{Html, Selector};
use serde_json::Value;

use crate::date;
use crate::model::{Article, WebUrl};
use crate::text;
use crate::url;

/// JSON-LD types that are articles (schema.org).
const ARTICLE_TYPES: [&str; 9] = [
    "NewsArticle",
    "Article",
    "ReportageNewsArticle",
    "AnalysisNewsArticle",
    "OpinionNewsArticle",
    "BlogPosting",
    "LiveBlogPosting",
    "Report",
    "TechArticle",
];

/// Reads an article's metadata; its text is left empty.
pub(super) fn read(tree: &Html, at: &WebUrl) -> Article {
    let linked = json_ld(tree);
    let ld = |key: &str| linked.as_ref().and_then(|a| a.get(key)).and_then(text_of);
    let meta = |names: &[&str]| names.iter().find_map(|name| meta(tree, name));
    let title = ld("headline")
        .or_else(|| meta(&["og:title", "twitter:title"]))
        .or_else(|| first(tree, "h1"))
        .or_else(|| first(tree, "title").map(|t| without_site(&t)));
    let canonical = attribute(tree, "link[rel~=canonical]", "href").or_else(|| meta(&["og:url"]));
    let published = ld("datePublished")
        .or_else(|| meta(&["article:published_time", "datePublished", "date", "pubdate", "DC.date.issued"]))
        .or_else(|| attribute(tree, "time[datetime]", "datetime"));
    let updated = ld("dateModified").or_else(|| meta(&["article:modified_time", "dateModified", "og:updated_time"]));
    let lang = ld("inLanguage")
        .or_else(|| attribute(tree, "article[lang]", "lang"))
        .or_else(|| attribute(tree, "html[lang]", "lang"))
        .or_else(|| meta(&["og:locale"]));
    Article {
        title: title.map(|t| text::title(&t)).filter(|t| !t.is_empty()),
        canonical: canonical
            .and_then(|link| at.join(&link).ok())
            .filter(|link| is_own(link, at))
            .map(|link| link.as_str().to_owned()),
        published: published.as_deref().and_then(date::parse),
        updated: updated.as_deref().and_then(date::parse),
        author: ld("author").or_else(|| meta(&["author", "article:author"])).filter(|a| !a.starts_with("http")),
        lang,
        text: String::new(),
    }
}

/// Whether an address may speak for the page: only the same site names its own pages.
fn is_own(link: &WebUrl, at: &WebUrl) -> bool {
    url::site(link.host_text()) == url::site(at.host_text())
}

/// The first article in the page's JSON-LD, in a graph or not.
fn json_ld(tree: &Html) -> Option<Value> {
    let scripts = Selector::parse("script[type='application/ld+json']").ok()?;
    tree.select(&scripts).find_map(|script| {
        let source: String = script.text().collect();
        // Raw line ends within strings are the commonest fault.
        let value: Value = serde_json::from_str(&source)
            .or_else(|_| serde_json::from_str(&source.replace(['\n', '\r', '\t'], " ")))
            .ok()?;
        article_in(&value, 0)
    })
}

fn article_in(value: &Value, depth: u8) -> Option<Value> {
    if depth > 4 {
        return None;
    }
    match value {
        Value::Array(list) => list.iter().find_map(|v| article_in(v, depth + 1)),
        Value::Object(object) => {
            let named = |v: &Value| v.as_str().is_some_and(|t| ARTICLE_TYPES.contains(&t));
            let is_article = match object.get("@type") {
                Some(Value::Array(types)) => types.iter().any(named),
                Some(one) => named(one),
                None => false,
            };
            if is_article {
                return Some(value.clone());
            }
            object.get("@graph").or_else(|| object.get("mainEntity")).and_then(|v| article_in(v, depth + 1))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// A member as text: a string, the first of a list, or an object's name.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|t| !t.is_empty()),
        Value::Array(list) => list.first().and_then(text_of),
        Value::Object(object) => object.get("name").or_else(|| object.get("@value")).and_then(text_of),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn meta(tree: &Html, name: &str) -> Option<String> {
    let selector = format!("meta[property='{name}'], meta[name='{name}'], meta[itemprop='{name}']");
    attribute(tree, &selector, "content")
}

fn attribute(tree: &Html, selector: &str, name: &str) -> Option<String> {
    let selector = Selector::parse(selector).ok()?;
    tree.select(&selector).find_map(|e| e.attr(name)).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty())
}

fn first(tree: &Html, selector: &str) -> Option<String> {
    let selector = Selector::parse(selector).ok()?;
    let words: String = tree.select(&selector).next()?.text().collect::<Vec<_>>().join(" ");
    Some(html_escape::encode_text(words.trim()).into_owned()).filter(|t| !t.is_empty())
}

/// A page's title without the site's name at its end.
fn without_site(title: &str) -> String {
    [" | ", " — ", " - "].iter().find_map(|mark| title.rsplit_once(mark)).map_or(title, |(head, _)| head).to_owned()
}
