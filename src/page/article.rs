//! An article page to what it says.

use crate::charset::{self, Kind};
use crate::model::{Article, Wall, WebUrl};
use crate::text;

use super::body;
use super::consent;
use super::json_ld;
use super::markup::Tree;
use super::metadata::Metadata;
use super::wall::wall;

/// Bytes of an article page that are read.
const BYTES_MAX: usize = 2 * 1024 * 1024;
/// Characters of an article's text: a book of four hundred pages.
const TEXT_CHARS_MAX: usize = 1_000_000;
/// Characters of a text in the page's linked data that is worth more than a few lines of what is shown.
const LINKED_CHARS_MIN: usize = 400;

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
    let shown = body::extract(&tree, article.title.as_deref(), metadata.heading());
    article.wall = wall(&tree, &metadata, &article, url, &shown);
    let shown = consent::without(&shown);
    article.text = match (article.wall, linked_text(&metadata, shown.chars().count())) {
        (Some(Wall::Consent | Wall::Check), _) => String::new(),
        (_, Some(linked)) => linked,
        (_, None) => shown.to_owned(),
    };
    article
}

/// The text in the page's linked data, where it is whole and what is shown is less than half of it: behind a paywall,
/// or where the page is drawn by scripts.
fn linked_text(metadata: &Metadata<'_>, shown_chars: usize) -> Option<String> {
    let linked = metadata.linked_article()?.get("articleBody").and_then(json_ld::text)?;
    let linked = text::plain(&linked, TEXT_CHARS_MAX);
    let chars = linked.chars().count();
    (chars >= LINKED_CHARS_MIN && chars > shown_chars * 2).then_some(linked)
}

#[cfg(test)]
mod tests;
