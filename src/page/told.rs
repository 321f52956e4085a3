//! What a page tells machines of its article, where its readers are shown none without a script: the text in its linked data, that in the
//! data of its scripts, or its description.

use serde_json::{Deserializer, Map, Value};

use crate::model::Article;
use crate::text;

use super::body;
use super::json_ld;
use super::markup::{Tag, Tree};
use super::metadata::Metadata;

/// Characters of an article's text: a book of four hundred pages.
const TEXT_CHARS_MAX: usize = 1_000_000;
/// Characters of a text in the page's linked data that is worth more than a few lines of what is shown.
const LINKED_CHARS_MIN: usize = 400;
/// Characters of a text in a script's data.
const SCRIPTED_CHARS_MIN: usize = 200;
/// Scripts of a page, values in one, and things titled like the article that are looked at.
const SCRIPTS_MAX: usize = 16;
const ASSIGNED_MAX: usize = 8;
const TITLED_MAX: usize = 16;
/// How deep a script's data are looked at.
const DEPTH_MAX: u8 = 48;

/// The text of an article of which this is `shown`, where the page tells more than that to machines.
pub(super) fn told(tree: &Tree<'_>, metadata: &Metadata<'_>, article: &Article, shown: &str) -> Option<String> {
    if let Some(linked) = linked(metadata, shown) {
        return Some(linked);
    }
    if shown.lines().any(body::is_prose) {
        return None;
    }
    let scripted = scripted(tree, &titles(metadata, article));
    scripted.or_else(|| description(metadata, article).filter(|_| shown.is_empty()))
}

/// Characters of what a page shows where no script runs, and the words of it beside "JavaScript". Folded.
const ASKING_CHARS_MAX: usize = 400;
#[rustfmt::skip]
const ASKING: [&str; 20] = [
    "enable", "turn on", "turned on", "requires", "aktivier", "activer", "activez", "desactive", "activa", "activar", "habilit",
    "ative", "abilit", "attiva", "inschakel", "schakel", "wlacz", "включи", "увімкні", "有効",
];

/// Whether what a page shows is no more than that it needs a script.
pub(super) fn asks_for_script(shown: &str) -> bool {
    if shown.len() > ASKING_CHARS_MAX * 2 || shown.chars().nth(ASKING_CHARS_MAX).is_some() {
        return false;
    }
    let folded = text::fold(shown);
    folded.contains("javascript") && ASKING.iter().any(|word| folded.contains(word))
}

/// The text in the page's linked data, where it is whole and what is shown is less than half of it (behind a paywall, or where
/// the page is drawn by scripts), or where nothing that is shown is prose.
fn linked(metadata: &Metadata<'_>, shown: &str) -> Option<String> {
    let linked = metadata.linked_article()?.get("articleBody").and_then(json_ld::text)?;
    let linked = written(&linked);
    let chars = linked.chars().count();
    let is_all = || !shown.lines().any(body::is_prose) && linked.lines().any(body::is_prose);
    let is_more = chars > shown.chars().count() * 2 && chars >= LINKED_CHARS_MIN;
    (is_more || is_all()).then_some(linked)
}

/// A text that publishers write as markup, as markup that is escaped once more, or as lines.
fn written(raw: &str) -> String {
    let is_any = |marks: [&str; 3]| marks.iter().any(|mark| raw.contains(mark));
    if is_any(["</", "<p>", "<br"]) {
        return text::plain(raw, TEXT_CHARS_MAX);
    }
    if is_any(["&lt;/", "&lt;p&gt;", "&lt;br"]) {
        return text::plain(&html_escape::decode_html_entities(raw), TEXT_CHARS_MAX);
    }
    let lines = raw.lines().map(|line| text::plain(line, TEXT_CHARS_MAX)).filter(|line| !line.is_empty());
    let lines = lines.collect::<Vec<_>>().join("\n");
    text::lead(&lines, TEXT_CHARS_MAX).to_owned()
}

/// What a page that is an article's says that it is about.
fn description(metadata: &Metadata<'_>, article: &Article) -> Option<String> {
    let linked = metadata.linked_article();
    let is_article = article.published.is_some()
        || linked.is_some_and(|article| article.contains_key("headline"))
        || metadata.content(&["og:type"]).is_some_and(|kind| kind.eq_ignore_ascii_case("article"));
    let linked = || linked.and_then(|article| article.get("description")).and_then(json_ld::text);
    let metas = ["og:description", "description", "twitter:description"];
    let said = || metas.iter().filter_map(|name| metadata.content(&[name])).map(str::to_owned);
    let mut each = linked().into_iter().chain(said()).map(|said| text::plain(&said, TEXT_CHARS_MAX));
    each.find(|said| is_article && body::is_prose(said))
}

/// The titles of the article, folded.
fn titles(metadata: &Metadata<'_>, article: &Article) -> Vec<String> {
    let said = ["og:title", "twitter:title"].into_iter().filter_map(|name| metadata.content(&[name]));
    let titles = said.chain(article.title.as_deref()).map(|title| text::fold(&text::title(title)));
    titles.filter(|title| !title.is_empty()).collect()
}

/// The text of the article in the data that a script is given to draw the page from: in what is titled like it there.
fn scripted(tree: &Tree<'_>, titles: &[String]) -> Option<String> {
    let mut scripts: Vec<&str> = tree
        .nodes()
        .filter(|(_, node)| node.tag == Tag::Script)
        .map(|(at, _)| tree.node(at + 1))
        .filter(|node| node.tag == Tag::Text && node.text.len() >= SCRIPTED_CHARS_MIN)
        .map(|node| node.text)
        .collect();
    scripts.sort_by_key(|script| std::cmp::Reverse(script.len()));
    scripts.truncate(SCRIPTS_MAX);
    let mut texts = Vec::new();
    for value in scripts.into_iter().flat_map(data) {
        titled(&value, titles, 0, &mut texts);
    }
    let best = texts.into_iter().rev().max_by_key(|lines| length(lines))?;
    let is_text = length(&best) >= SCRIPTED_CHARS_MIN && best.iter().any(|line| body::is_prose(line));
    is_text.then(|| text::lead(&best.join("\n"), TEXT_CHARS_MAX).to_owned())
}

/// The data in a script: all of it, or what it gives names to, as they are or as a string.
fn data(script: &str) -> Vec<Value> {
    let script = script.trim();
    if script.starts_with(['{', '[']) {
        return serde_json::from_str(script).into_iter().collect();
    }
    let is_string = |value: &str| value.strip_prefix("JSON.parse(").is_some_and(|string| string.starts_with('"'));
    let is_value = |value: &&str| value.starts_with("{\"") || value.starts_with("[{\"") || is_string(value);
    let assigned = script.match_indices('=').filter_map(|(at, mark)| Some(script.get(at + mark.len()..)?.trim_start()));
    let first = |from: &str| Deserializer::from_str(from).into_iter::<Value>().next()?.ok();
    let read = |value: &str| match value.strip_prefix("JSON.parse(") {
        Some(string) => serde_json::from_str(first(string)?.as_str()?).ok(),
        None => first(value),
    };
    assigned.filter(is_value).take(ASSIGNED_MAX).filter_map(read).collect()
}

/// Gathers the texts of all that has one of the titles.
fn titled(value: &Value, titles: &[String], depth: u8, texts: &mut Vec<Vec<String>>) {
    if depth > DEPTH_MAX || texts.len() >= TITLED_MAX {
        return;
    }
    match value {
        Value::Array(list) => list.iter().for_each(|one| titled(one, titles, depth + 1, texts)),
        Value::Object(object) => {
            let is_title = |title: &Value| {
                let title = SHOWN.iter().find_map(|key| title.get(*key)).unwrap_or(title).as_str().unwrap_or_default();
                let title = text::fold(&text::title(title));
                // Behind it may stand the site's name.
                let rest = |known: &String| title.strip_prefix(known.as_str()).map(str::trim_start);
                let is_site = |rest: &str| rest.is_empty() || rest.starts_with(['|', '-', '–', '—', '·', '•']);
                titles.iter().filter_map(rest).any(is_site)
            };
            if TITLES.iter().filter_map(|key| object.get(*key)).any(is_title) {
                texts.push(longest(object, depth));
            }
            object.values().for_each(|inner| titled(inner, titles, depth + 1, texts));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What content systems call a title.
const TITLES: [&str; 6] = ["title", "headline", "headlines", "name", "heading", "h1"];
/// What they call that form of a title which readers see, where it has several.
const SHOWN: [&str; 4] = ["rendered", "basic", "text", "value"];
/// What they call the address of something.
const ADDRESSES: [&str; 7] = ["url", "slug", "href", "link", "path", "permalink", "uri"];
/// Words in the names of what stands beside an article's text.
#[rustfmt::skip]
const BESIDE: [&str; 38] = [
    "ads", "alt", "author", "authors", "bio", "breadcrumb", "breadcrumbs", "byline", "caption", "captions", "comments", "config",
    "consent", "cookie", "copyright", "credit", "footer", "gallery", "image", "images", "labels", "latest", "menu", "meta", "nav",
    "newsletter", "next", "popular", "prev", "previous", "promo", "recommended", "related", "seo", "settings", "tags", "trending",
    "video",
];

/// The lines of that member of a thing which has most text.
fn longest(object: &Map<String, Value>, depth: u8) -> Vec<String> {
    let members = object.iter().filter(|(key, _)| !body::has_word(key, &BESIDE));
    let texts = members.map(|(_, member)| lines(member, depth + 1));
    texts.max_by_key(|lines| length(lines)).unwrap_or_default()
}

/// The lines of text in a value.
fn lines(value: &Value, depth: u8) -> Vec<String> {
    if depth > DEPTH_MAX {
        return Vec::new();
    }
    match value {
        Value::String(raw) => {
            let lines = written(raw);
            let is_text = |line: &str| body::is_prose(line) || body::is_sentence(line);
            // An address and a code have no spaces; Chinese has none either.
            let is_text = (raw.contains(' ') || !raw.is_ascii()) && lines.lines().any(is_text);
            if is_text { lines.lines().map(str::to_owned).collect() } else { Vec::new() }
        }
        Value::Array(list) => list.iter().flat_map(|one| lines(one, depth + 1)).collect(),
        Value::Object(object) => {
            let has = |keys: &[&str]| keys.iter().any(|key| object.contains_key(*key));
            if has(&TITLES) && has(&ADDRESSES) {
                return Vec::new();
            }
            let kind =
                ["type", "nodeType", "_type"].iter().find_map(|key| object.get(*key)?.as_str()).unwrap_or_default();
            let parts = ["content", "children"].iter().find_map(|key| object.get(*key)?.as_array());
            if let Some(parts) = parts.filter(|_| LINES.iter().any(|line| kind.starts_with(line))) {
                let mut line = String::new();
                for part in parts {
                    words(part, depth + 1, &mut line);
                }
                return Some(line.trim().to_owned()).filter(|line| !line.is_empty()).into_iter().collect();
            }
            longest(object, depth)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

/// How the kinds of what stands on a line of its own begin, where its words stand in several parts.
const LINES: [&str; 3] = ["paragraph", "heading", "block"];

/// The words in the parts of a line.
fn words(value: &Value, depth: u8, line: &mut String) {
    let Some(object) = value.as_object().filter(|_| depth <= DEPTH_MAX) else { return };
    if let Some(text) = ["text", "value"].iter().find_map(|key| object.get(*key)?.as_str()) {
        line.push_str(text);
    } else if let Some(parts) = ["content", "children"].iter().find_map(|key| object.get(*key)?.as_array()) {
        for part in parts {
            words(part, depth + 1, line);
        }
    }
}

fn length(lines: &[String]) -> usize {
    lines.iter().map(String::len).sum()
}

#[cfg(test)]
mod tests;
