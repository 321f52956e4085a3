//! What a page tells machines of its article, where its readers are shown none without a script: the text in its linked data, that in the
//! data of its scripts, or its description.

use serde_json::{Deserializer, Map, Value};

use crate::model::Article;
use crate::text;

use super::body;
use super::json_ld;
use super::markup::{Tag, Tree};
use super::metadata::{Metadata, without_site};

/// Characters of an article's text: a book of four hundred pages.
const TEXT_CHARS_MAX: usize = 1_000_000;
/// Characters of a text in the page's linked data that is worth more than a few lines of what is shown.
const LINKED_CHARS_MIN: usize = 400;
/// Characters of a text in a script's data.
const SCRIPTED_CHARS_MIN: usize = 200;
/// Scripts of a page, values in one that are seen and that are read, and things titled like the article that are looked at.
const SCRIPTS_MAX: usize = 16;
const NAMED_MAX: usize = 1_024;
const ASSIGNED_MAX: usize = 8;
const TITLED_MAX: usize = 16;
/// Bytes of texts in scripts' data that are read, and of a title there.
const WRITTEN_BYTES_MAX: usize = 4 * 1024 * 1024;
const TITLE_BYTES_MAX: usize = 2_048;
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
    let scripted = scripted(tree, &titles(tree, metadata, article));
    let scripted = scripted.filter(|scripted| scripted.len() > shown.len());
    scripted.or_else(|| description(metadata, article).filter(|_| shown.is_empty()))
}

/// Characters of what a page shows where no script runs.
const ASKING_CHARS_MAX: usize = 400;
/// Words there beside "JavaScript", and characters between. Folded.
#[rustfmt::skip]
const ASKING: [&str; 38] = [
    "enable", "enabled", "turn on", "turned on", "requires", "aktiviere", "aktivieren", "aktiviert", "activer", "activez", "desactive",
    "activa", "activar", "active", "habilita", "habilitar", "habilite", "habilitado", "ative", "ativar", "ativado", "abilita",
    "abilitare", "abilitato", "attiva", "attivare", "attivato", "inschakelen", "ingeschakeld", "schakel", "wlacz", "wlaczyc",
    "включи", "включен", "увімкні", "увімкнен", "有効", "オン",
];
const ASKING_NEAR: usize = 40;
/// Words with which a page speaks to its reader. Folded.
#[rustfmt::skip]
const ADDRESS: [&str; 38] = [
    "please", "your", "you", "this site", "this page", "this app", "this website", "bitte", "ihrem", "ihren", "deinem", "diese seite",
    "veuillez", "votre", "ce site", "cette page", "por favor", "tu navegador", "su navegador", "seu navegador", "este sitio",
    "este site", "esta pagina", "per favore", "tuo browser", "questo sito", "je browser", "uw browser", "deze site", "prosze",
    "пожалуйста", "вашем", "этот сайт", "будь ласка", "вашому", "ください", "このサイト", "このページ",
];

/// Whether what a page shows is no more than that it needs a script. That of a dated article must speak to its reader in each line.
pub(super) fn asks_for_script(shown: &str, is_dated: bool) -> bool {
    if shown.len() > ASKING_CHARS_MAX * 4 || shown.chars().nth(ASKING_CHARS_MAX).is_some() || !asks(&text::fold(shown))
    {
        return false;
    }
    let is_asked = |line: &str| {
        let folded = text::fold(line);
        asks(&folded) && ADDRESS.iter().any(|word| places(&folded, word).next().is_some())
    };
    !is_dated || shown.lines().filter(|line| line.contains(' ')).all(is_asked)
}

/// Whether a folded text has one of the words near "JavaScript".
fn asks(folded: &str) -> bool {
    const SCRIPT: &str = "javascript";
    let is_near = |at: usize, word: &str| {
        folded.match_indices(SCRIPT).any(|(script, _)| {
            let between = folded.get(at + word.len()..script).or_else(|| folded.get(script + SCRIPT.len()..at));
            between.is_some_and(|between| between.chars().count() <= ASKING_NEAR)
        })
    };
    ASKING.iter().any(|word| places(folded, word).any(|at| is_near(at, word)))
}

/// Where a word is in a text: a whole one, where it is written in Latin letters.
fn places<'t>(folded: &'t str, word: &'static str) -> impl Iterator<Item = usize> + 't {
    let is_whole = move |at: &usize| {
        let before = folded.get(..*at).is_some_and(|before| before.ends_with(char::is_alphabetic));
        let behind = folded.get(*at + word.len()..).is_some_and(|behind| behind.starts_with(char::is_alphabetic));
        !word.is_ascii() || !(before || behind)
    };
    folded.match_indices(word).map(|(at, _)| at).filter(is_whole)
}

/// The text in the page's linked data, where it is whole and what is shown is less than half of it (behind a paywall, or where
/// the page is drawn by scripts), or where nothing that is shown is prose.
fn linked(metadata: &Metadata<'_>, shown: &str) -> Option<String> {
    let linked = metadata.linked_article()?.get("articleBody").and_then(json_ld::text)?;
    let linked = written(&linked);
    let chars = linked.chars().count();
    let is_all =
        || linked.len() > shown.len() && !shown.lines().any(body::is_prose) && linked.lines().any(body::is_prose);
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
fn titles(tree: &Tree<'_>, metadata: &Metadata<'_>, article: &Article) -> Vec<String> {
    let said =
        ["og:title", "twitter:title"].into_iter().filter_map(|name| metadata.content(&[name])).map(str::to_owned);
    let each = said.chain(article.title.clone()).chain(metadata.title(tree));
    let each = each.flat_map(|title| [without_site(&title), &title].map(|title| text::fold(&text::title(title))));
    let mut titles: Vec<String> = each.filter(|title| !title.is_empty()).collect();
    titles.sort_unstable();
    titles.dedup();
    titles
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
    let mut found = Found { titles, titled: 0, bytes: WRITTEN_BYTES_MAX, best: String::new() };
    for value in scripts.into_iter().flat_map(data) {
        found.look(&value, 0);
    }
    let best = found.best;
    let is_text = best.len() >= SCRIPTED_CHARS_MIN && best.lines().any(body::is_prose);
    is_text.then(|| text::lead(&best, TEXT_CHARS_MAX).to_owned())
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
    let assigned: Vec<&str> = assigned.filter(is_value).take(NAMED_MAX).collect();
    // The largest, by how far it is to the next.
    let nexts = assigned.iter().skip(1).map(|next| next.len()).chain([0]);
    let mut sized: Vec<(usize, &str)> =
        assigned.iter().zip(nexts).map(|(from, next)| (from.len() - next, *from)).collect();
    sized.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
    let first = |from: &str| Deserializer::from_str(from).into_iter::<Value>().next()?.ok();
    let read = |value: &str| match value.strip_prefix("JSON.parse(") {
        Some(string) => serde_json::from_str(first(string)?.as_str()?).ok(),
        None => first(value),
    };
    sized.into_iter().take(ASSIGNED_MAX).filter_map(|(_, from)| read(from)).collect()
}

/// What is found in the data of a page's scripts.
struct Found<'t> {
    titles: &'t [String],
    /// How many things have one of the titles so far.
    titled: usize,
    /// How many bytes of texts may still be read.
    bytes: usize,
    /// The longest text of such a thing.
    best: String,
}

impl Found<'_> {
    /// Looks at all that has one of the titles.
    fn look(&mut self, value: &Value, depth: u8) {
        if depth > DEPTH_MAX || self.titled >= TITLED_MAX || self.bytes == 0 {
            return;
        }
        match value {
            Value::Array(list) => list.iter().for_each(|one| self.look(one, depth + 1)),
            Value::Object(object) => {
                if TITLES.iter().filter_map(|key| object.get(*key)).any(|title| self.is_title(title)) {
                    self.titled += 1;
                    let text = self.longest(object, depth);
                    if text.len() > self.best.len() {
                        self.best = text;
                    }
                }
                object.values().for_each(|inner| self.look(inner, depth + 1));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn is_title(&self, title: &Value) -> bool {
        let title = SHOWN.iter().find_map(|key| title.get(*key)).unwrap_or(title).as_str().unwrap_or_default();
        if title.len() > TITLE_BYTES_MAX {
            return false;
        }
        let title = text::fold(&text::title(title));
        // Behind it may stand the site's name.
        let rest = |known: &String| title.strip_prefix(known.as_str()).map(str::trim_start);
        let is_site = |rest: &str| rest.is_empty() || rest.starts_with(['|', '-', '–', '—', '·', '•']);
        self.titles.iter().filter_map(rest).any(is_site)
    }

    /// The lines of that member of a thing which has most text.
    fn longest(&mut self, object: &Map<String, Value>, depth: u8) -> String {
        let members = object.iter().filter(|(key, _)| !body::has_word(key, &BESIDE));
        let texts = members.map(|(_, member)| self.lines(member, depth + 1));
        texts.max_by_key(String::len).unwrap_or_default()
    }

    /// The lines of text in a value.
    fn lines(&mut self, value: &Value, depth: u8) -> String {
        if depth > DEPTH_MAX {
            return String::new();
        }
        match value {
            Value::String(raw) => self.text(raw),
            Value::Array(list) => self.each(list, depth),
            Value::Object(object) => {
                let has = |keys: &[&str]| keys.iter().any(|key| object.contains_key(*key));
                if has(&TITLES) && has(&ADDRESSES) {
                    return String::new();
                }
                let Some(parts) = parts(object).filter(|_| is_line(object)) else {
                    return self.longest(object, depth);
                };
                // What holds lines of its own, as a quotation may, is none.
                if parts.iter().filter_map(Value::as_object).any(is_line) {
                    return self.each(parts, depth);
                }
                let mut line = String::new();
                for part in parts {
                    words(part, depth + 1, &mut line);
                }
                self.bytes = self.bytes.saturating_sub(line.len());
                line.trim().to_owned()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => String::new(),
        }
    }

    /// The lines of several values.
    fn each(&mut self, list: &[Value], depth: u8) -> String {
        let mut all = String::new();
        for one in list {
            let lines = self.lines(one, depth + 1);
            if !all.is_empty() && !lines.is_empty() {
                all.push('\n');
            }
            all.push_str(&lines);
        }
        all
    }

    /// A string, where it is text.
    fn text(&mut self, raw: &str) -> String {
        // An address and a code have no spaces; Chinese has none either.
        if raw.len() > self.bytes || (raw.is_ascii() && !raw.contains(' ')) {
            return String::new();
        }
        self.bytes -= raw.len();
        let lines = written(raw);
        let is_text = lines.lines().any(|line| body::is_prose(line) || body::is_sentence(line));
        if is_text { lines } else { String::new() }
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
const BESIDE: [&str; 44] = [
    "ads", "alt", "author", "authors", "bio", "breadcrumb", "breadcrumbs", "byline", "caption", "captions", "comments", "config",
    "consent", "cookie", "copyright", "credit", "css", "footer", "gallery", "image", "images", "labels", "latest", "menu", "meta",
    "nav", "newsletter", "next", "popular", "prev", "previous", "promo", "recommended", "related", "schema", "script", "scripts",
    "seo", "settings", "style", "styles", "tags", "trending", "video",
];

/// How the kinds of what stands on a line of its own begin, where its words stand in several parts.
const LINES: [&str; 3] = ["paragraph", "heading", "block"];

/// What content systems call a kind, and the parts of something.
const KINDS: [&str; 3] = ["type", "nodeType", "_type"];
const PARTS: [&str; 2] = ["content", "children"];

fn kind(object: &Map<String, Value>) -> &str {
    KINDS.iter().find_map(|key| object.get(*key)?.as_str()).unwrap_or_default()
}

fn parts(object: &Map<String, Value>) -> Option<&[Value]> {
    PARTS.iter().find_map(|key| object.get(*key)?.as_array()).map(Vec::as_slice)
}

fn is_line(object: &Map<String, Value>) -> bool {
    LINES.iter().any(|line| kind(object).starts_with(line))
}

/// The words in a part of a line.
fn words(value: &Value, depth: u8, line: &mut String) {
    if depth > DEPTH_MAX {
        return;
    }
    if let Some(text) = value.as_str() {
        line.push_str(text);
    }
    let Some(object) = value.as_object() else { return };
    if let Some(text) = ["text", "value"].iter().find_map(|key| object.get(*key)?.as_str()) {
        line.push_str(text);
    } else if let Some(parts) = parts(object) {
        for part in parts {
            words(part, depth + 1, line);
        }
    } else if body::has_word(kind(object), &["br", "break", "linebreak"]) {
        line.push(' ');
    }
}

#[cfg(test)]
mod tests;
