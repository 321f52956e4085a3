//! The name that stands under an article's heading.

use super::body::has_word;
use super::markup::{Node, Tag, Tree};

/// Elements and texts after the heading among which it is sought: further down stand the writers of other articles.
const REACH: usize = 150;
/// Letters of the longest name.
const NAME_CHARS_MAX: usize = 60;

/// Steps of an address under which publishers keep the pages of those who write for them.
const STEPS: [&str; 7] = ["/author/", "/authors/", "/auteur/", "/autor/", "/autore/", "/autoren/", "/avtor/"];

/// Finds the first link behind a heading that is in a byline, or leads to a writer's page.
pub(super) fn byline(tree: &Tree<'_>, heading: usize) -> Option<String> {
    let mut byline_end = 0;
    let mut others_end = 0;
    for (at, node) in tree.nodes().skip(heading + 1).take(REACH) {
        if is_named(node, &["comment", "comments", "related", "card", "teaser"]) {
            others_end = others_end.max(node.end);
        }
        if at < others_end {
            continue;
        }
        if is_named(node, &["byline", "author", "authors"]) {
            byline_end = byline_end.max(node.end);
        }
        let leads = || node.attributes.get("href").is_some_and(|href| STEPS.iter().any(|step| href.contains(step)));
        if node.tag == Tag::A && (at < byline_end || leads()) {
            let name = tree.words(at);
            if is_name(&name) {
                return Some(name);
            }
        }
    }
    None
}

fn is_named(node: &Node<'_>, words: &[&str]) -> bool {
    let class = || node.attributes.raw("class").into_iter().chain(node.attributes.raw("id"));
    !node.attributes.is_empty() && class().any(|names| has_word(names, words))
}

/// Two words at least: one alone is a label, or an agency.
fn is_name(words: &str) -> bool {
    words.contains(' ')
        && words.chars().count() <= NAME_CHARS_MAX
        && words.starts_with(char::is_alphabetic)
        && !words.contains(|c: char| c.is_numeric() || matches!(c, ':' | '@'))
}
