//! The name that stands under an article's heading.

use std::ops::Range;

use super::body::{is_named, is_prose};
use super::markup::{Node, Tag, Tree};

/// Elements and texts after the heading among which it is sought: further down stand the writers of other articles.
const REACH: usize = 150;
/// Letters of the longest name.
const NAME_CHARS_MAX: usize = 60;

/// Steps of an address under which publishers keep the pages of those who write for them.
const STEPS: [&str; 7] = ["/author/", "/authors/", "/auteur/", "/autor/", "/autore/", "/autoren/", "/avtor/"];

/// Names of what holds others' words and names.
const OTHERS: [&str; 5] = ["comment", "comments", "related", "card", "teaser"];

/// Finds the first link behind a heading that is in a byline, or leads to a writer's page, and those beside it that lead to the like;
/// else the words of the first byline without a link, or of a line before the prose that begins with "by".
pub(super) fn byline(tree: &Tree<'_>, heading: usize, others: &[Range<usize>]) -> Option<String> {
    let mut byline_end = 0;
    let mut others_end = 0;
    let mut is_past = false;
    let (mut told, mut line) = (None, None);
    for (at, node) in tree.nodes().skip(heading + 1).take(REACH) {
        if is_named(node, &OTHERS) {
            others_end = others_end.max(node.end);
        }
        if let Some(other) = others.iter().find(|other| other.contains(&at)) {
            others_end = others_end.max(other.end);
        }
        if at < others_end {
            continue;
        }
        is_past |= node.tag == Tag::Text && is_prose(node.text);
        let is_bare = || node.end - at <= NODES_MAX && tree.subtree(at).all(|(_, inner)| inner.tag != Tag::A);
        if is_named(node, &["byline", "author", "authors"]) {
            byline_end = byline_end.max(node.end);
            if told.is_none() && is_bare() {
                told = written(&tree.words(at));
            }
        } else if line.is_none() && !is_past && node.end > at + 1 && is_line(node.tag) && is_bare() {
            line = Some(tree.words(at)).filter(|words| words.len() <= LINE_BYTES_MAX).as_deref().and_then(signed);
        }
        let leads = || node.attributes.get("href").is_some_and(|href| STEPS.iter().any(|step| href.contains(step)));
        if node.tag == Tag::A && (at < byline_end || leads()) {
            let name = tree.words(at);
            if is_name(&name) {
                return Some(std::iter::once(name).chain(beside(tree, at)).collect::<Vec<_>>().join(", "));
            }
        }
    }
    told.or(line)
}

/// Whether an element of this kind may be a line that names the writer: a heading begins a text.
fn is_line(tag: Tag) -> bool {
    tag.is_block() && !tag.is_heading()
}

/// The names of the links that follow this one in its line, or beside its own element, and lead to the same place but for the last step.
fn beside(tree: &Tree<'_>, first: usize) -> Vec<String> {
    let place = |at: usize| {
        let href = tree.node(at).attributes.raw("href")?.trim_end_matches('/');
        let place = href.rsplit_once('/').map(|(place, _)| place).filter(|place| !place.is_empty())?;
        // A host alone is none.
        let behind = place.split_once("//").map_or(Some(""), |(_, host)| host.split_once('/').map(|(_, path)| path));
        behind.map(|_| place)
    };
    let mut hrefs: Vec<&str> = tree.node(first).attributes.raw("href").into_iter().collect();
    let Some(wanted) = place(first) else { return Vec::new() };
    let Some(around) = tree.ancestors(first).take(2).last().filter(|around| *around > 0) else { return Vec::new() };
    let own = tree.words(first);
    let places = tree.subtree(around).map(|(at, _)| at).take_while(|at| *at < first + BESIDE_MAX);
    let links = places.filter(|&at| at > first && tree.node(at).tag == Tag::A && place(at) == Some(wanted));
    let links = links.filter(|&at| is_name(&tree.words(at)) && is_new(tree, at, &mut hrefs));
    let mut names: Vec<String> = links.map(|at| tree.words(at)).filter(|name| is_name(name) && *name != own).collect();
    names.dedup();
    names.truncate(NAMES_MAX);
    names
}

/// Whether a link leads to none of the addresses known, which it then is one of.
pub(super) fn is_new<'a>(tree: &Tree<'a>, at: usize, known: &mut Vec<&'a str>) -> bool {
    let Some(href) = tree.node(at).attributes.raw("href") else { return true };
    let is_new = !known.contains(&href);
    if is_new {
        known.push(href);
    }
    is_new
}

/// Elements and texts behind a name among which others are sought, and how many of them are named.
const BESIDE_MAX: usize = 60;
const NAMES_MAX: usize = 7;
/// Bytes of a line that says who wrote the article.
const LINE_BYTES_MAX: usize = 120;

/// The name that an element holds which says that it names a writer.
pub(super) fn named(tree: &Tree<'_>, at: usize) -> Option<String> {
    let is_it = |&(_, node): &(usize, &Node<'_>)| {
        node.attributes.raw("itemprop").is_some_and(|property| property.eq_ignore_ascii_case("name"))
    };
    let inner = tree.subtree(at).skip(1).find(is_it).map(|(inner, _)| tree.words(inner));
    let mut links = tree.subtree(at).filter(|(_, node)| node.tag == Tag::A).map(|(inner, _)| tree.words(inner));
    let inner = inner.or_else(|| links.find(|words| is_name(words)));
    let is_inner = inner.is_some();
    let words = inner.unwrap_or_else(|| tree.words(at));
    let is_long = words.chars().nth(NAME_CHARS_MAX).is_some();
    let (said, rest) = words.split_at_checked(by(&words)).unwrap_or_default();
    let name = rest.trim_start_matches([' ', ':']);
    let is_part = NAMES.contains(&said.to_lowercase().as_str()) && !rest.starts_with(':');
    let name = if is_part && (is_inner || !name.contains(' ')) { words.as_str() } else { name };
    // The paper that a writer is of is one word, mostly.
    let name = name
        .split_once(", ")
        .filter(|(name, rest)| name.contains(' ') && !rest.contains(' '))
        .map_or(name, |(name, _)| name);
    (!is_long && !name.is_empty()).then(|| name.to_owned())
}

/// Whether an element is in what is others', as comments are, and not around this heading.
pub(super) fn is_others(tree: &Tree<'_>, at: usize, heading: Option<usize>) -> bool {
    let is_around = |around: usize| heading.is_some_and(|heading| (around..tree.node(around).end).contains(&heading));
    tree.ancestors(at).any(|around| is_named(&tree.node(around), &OTHERS) && !is_around(around))
}

/// The name in a line that begins with "by".
pub(super) fn signed(line: &str) -> Option<String> {
    let first = parted(line);
    if by(first) == 0 { None } else { written(line) }
}

/// Elements and texts of a byline at most: more is a word on the writer.
const NODES_MAX: usize = 12;
/// Words of a name at most, and letters of one that may be small: `de`, `van`, `bin`.
const WORDS_MAX: usize = 5;
const PARTICLE_MAX: usize = 3;
/// Words that stand before a name in a byline. Lower case.
#[rustfmt::skip]
const BY: [&str; 21] = [
    "by", "von", "par", "por", "di", "door", "av", "af", "автор", "author", "autor", "written by", "posted by", "reported by", "text",
    "текст", "geschrieben von", "écrit par", "publié par", "escrito por", "scritto da",
];

/// Those that are one only before a colon.
const LABELS: [&str; 2] = ["text", "текст"];
/// Those that may be part of a name.
const NAMES: [&str; 6] = ["von", "di", "par", "door", "av", "af"];

/// What of a byline stands before the paper or the date.
fn parted(words: &str) -> &str {
    words.split(['|', '•', '·', ',', '/', '—']).next().unwrap_or_default().trim()
}

/// How many bytes the words before a name take.
fn by(words: &str) -> usize {
    let lower: String = words.chars().take(NAME_CHARS_MAX).flat_map(char::to_lowercase).collect();
    let by = BY.iter().filter(|by| {
        let ends: &[char] = if LABELS.contains(by) { &[':'] } else { &[' ', ':'] };
        lower.strip_prefix(**by).is_some_and(|rest| rest.starts_with(ends))
    });
    let length = by.map(|by| by.chars().count()).max().unwrap_or(0);
    words.char_indices().nth(length).map_or(0, |(at, _)| at)
}

/// The name in the words of a byline: what stands behind "by" and before the place, the paper or the date.
fn written(words: &str) -> Option<String> {
    let first = parted(words);
    let name = first.get(by(first)..).unwrap_or_default().trim_start_matches([' ', ':']);
    // "By the Numbers", "Von der Leyen".
    if by(first) > 0 && name.starts_with(char::is_lowercase) {
        return None;
    }
    let mut parts = name.split(' ');
    let is_capital =
        |part: &str| part.chars().next().is_some_and(|c| !c.is_lowercase()) || part.chars().count() <= PARTICLE_MAX;
    let is_written = parts.clone().count() <= WORDS_MAX && parts.all(is_capital);
    (is_written && is_name(name)).then(|| name.to_owned())
}

/// Two words at least: one alone is a label, or an agency.
fn is_name(words: &str) -> bool {
    words.contains(' ')
        && words.chars().count() <= NAME_CHARS_MAX
        && words.starts_with(char::is_alphabetic)
        && !words.contains(|c: char| c.is_numeric() || matches!(c, ':' | '@'))
}

#[cfg(test)]
mod tests;
