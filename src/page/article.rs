//! An article page to what it says.

use crate::charset::{self, Kind};
use crate::model::{Article, Wall, WebUrl};

use super::body;
use super::byline::signed;
use super::consent;
use super::markup::Tree;
use super::metadata::Metadata;
use super::told::{asks_for_script, told};
use super::wall::wall;

/// Bytes of an article page that are read.
const BYTES_MAX: usize = 2 * 1024 * 1024;

/// Reads an article page. What it doesn't say is absent; a page that can't be read gives an empty article.
///
/// Linear in the page, however it nests. Before a consent page or a robot check there is no text: what is shown there
/// is no article's.
pub fn article(html: &[u8], content_type: Option<&str>, url: &WebUrl) -> Article {
    let (decoded, _) = charset::decode(html, content_type, Kind::Html);
    let page = decoded.get(..decoded.floor_char_boundary(BYTES_MAX)).unwrap_or_default();
    let tree = Tree::build(page);
    let metadata = Metadata::gather(&tree, url);
    let mut article = metadata.article(&tree, url);
    let shown = body::extract(&tree, article.title.as_deref(), metadata.heading(), metadata.others());
    let is_dated = article.published.is_some();
    let own = if asks_for_script(&shown, is_dated) { "" } else { own(&shown, &article) };
    let own = unsigned(own, article.author.as_deref());
    let told = told(&tree, &metadata, &article, own);
    article.wall = wall(&tree, &metadata, &article, url, &shown, told.as_deref());
    article.text = match article.wall {
        Some(Wall::Consent | Wall::Check) => String::new(),
        Some(Wall::Paywall) | None => told.unwrap_or_else(|| own.to_owned()),
    };
    article
}

/// What is shown without requests for consent. A dated article whose title names such is about them.
fn own<'t>(shown: &'t str, article: &Article) -> &'t str {
    let own = consent::without(shown);
    let is_about = || article.title.as_deref().is_some_and(consent::is_named);
    if own.is_empty() && article.published.is_some() && is_about() { shown } else { own }
}

/// A text without the line that says who wrote it, where it begins with one.
fn unsigned<'t>(shown: &'t str, author: Option<&str>) -> &'t str {
    let Some((first, rest)) = shown.split_once('\n').filter(|(first, _)| first.len() <= SIGNED_BYTES_MAX) else {
        return shown;
    };
    let is_author = |name: String| author.is_some_and(|author| author.contains(&name));
    if signed(first).is_some_and(is_author) { rest } else { shown }
}

/// Bytes of such a line.
const SIGNED_BYTES_MAX: usize = 80;

#[cfg(test)]
mod tests;
