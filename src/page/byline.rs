//! The name that stands under an article's heading.

use std::ops::Range;

use super::body::is_named;
use super::markup::{Tag, Tree};

/// Elements and texts after the heading among which it is sought: further down stand the writers of other articles.
const REACH: usize = 150;
/// Letters of the longest name.
const NAME_CHARS_MAX: usize = 60;

/// Steps of an address under which publishers keep the pages of those who write for them.
const STEPS: [&str; 7] = ["/author/", "/authors/", "/auteur/", "/autor/", "/autore/", "/autoren/", "/avtor/"];

/// Finds the first link behind a heading that is in a byline, or leads to a writer's page; else the words of the first
/// byline without a link.
pub(super) fn byline(tree: &Tree<'_>, heading: usize, others: &[Range<usize>]) -> Option<String> {
    let mut byline_end = 0;
    let mut others_end = 0;
    let mut told = None;
    for (at, node) in tree.nodes().skip(heading + 1).take(REACH) {
        if is_named(node, &["comment", "comments", "related", "card", "teaser"]) {
            others_end = others_end.max(node.end);
        }
        if let Some(other) = others.iter().find(|other| other.contains(&at)) {
            others_end = others_end.max(other.end);
        }
        if at < others_end {
            continue;
        }
        if is_named(node, &["byline", "author", "authors"]) {
            byline_end = byline_end.max(node.end);
            let is_bare = || tree.subtree(at).all(|(_, inner)| inner.tag != Tag::A);
            if told.is_none() && node.end - at <= NODES_MAX && is_bare() {
                told = written(&tree.words(at));
            }
        }
        let leads = || node.attributes.get("href").is_some_and(|href| STEPS.iter().any(|step| href.contains(step)));
        if node.tag == Tag::A && (at < byline_end || leads()) {
            let name = tree.words(at);
            if is_name(&name) {
                return Some(name);
            }
        }
    }
    told
}

/// Elements and texts of a byline at most: more is a word on the writer.
const NODES_MAX: usize = 12;
/// Words of a name at most, and letters of one that may be small: `de`, `van`, `bin`.
const WORDS_MAX: usize = 5;
const PARTICLE_MAX: usize = 3;
/// Words that stand before a name in a byline. Lower case.
const BY: [&str; 12] = ["by", "von", "par", "por", "di", "door", "av", "af", "автор", "author", "autor", "written by"];

/// The name in the words of a byline: what stands behind "by" and before the place, the paper or the date.
fn written(words: &str) -> Option<String> {
    let first = words.split(['|', '•', '·', ',', '/', '—']).next().unwrap_or_default().trim();
    let lower = first.to_lowercase();
    let by = BY.iter().filter(|by| lower.strip_prefix(**by).is_some_and(|rest| rest.starts_with([' ', ':'])));
    let length = by.map(|by| by.chars().count()).max().unwrap_or(0);
    let start = first.char_indices().nth(length).map_or(0, |(at, _)| at);
    let name = first.get(start..).unwrap_or_default().trim_start_matches([' ', ':']);
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
