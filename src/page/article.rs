//! An article page to what it says.

use std::panic::{AssertUnwindSafe, catch_unwind};

use dom_smoothie::{Config, Readability, TextMode};
use scraper::{Html, Selector};

use crate::charset::{self, Kind};
use crate::model::{Article, WebUrl};

use super::depth::is_too_deep;
use super::metadata;

/// Bytes of an article page that are read.
const BYTES_MAX: usize = 2 * 1024 * 1024;
/// Elements that the extractor looks at.
const ELEMENTS_MAX: usize = 20_000;

/// Reads an article page. What it doesn't say is absent; a page that can't be read gives an empty article.
pub fn article(html: &[u8], content_type: Option<&str>, url: &WebUrl) -> Article {
    let (decoded, _) = charset::decode(html, content_type, Kind::Html);
    let page = decoded.get(..decoded.floor_char_boundary(BYTES_MAX)).unwrap_or_default();
    if page.trim().is_empty() || is_too_deep(page) {
        return Article::default();
    }
    let tree = Html::parse_document(page);
    let mut article = metadata::read(&tree, url);
    // The extractor is foreign code fed with foreign pages: a panic of its costs us the text, not the daemon.
    let extracted = catch_unwind(AssertUnwindSafe(|| extract(page, url))).ok().flatten();
    article.text = extracted.filter(|t| !t.is_empty()).unwrap_or_else(|| paragraphs(&tree));
    article
}

fn extract(page: &str, url: &WebUrl) -> Option<String> {
    let config = Config { max_elements_to_parse: ELEMENTS_MAX, text_mode: TextMode::Formatted, ..Config::default() };
    let mut reader = Readability::new(page, Some(url.as_str()), Some(config)).ok()?;
    let found = reader.parse().ok()?;
    let lines: Vec<&str> = found.text_content.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    Some(lines.join("\n"))
}

/// The paragraphs of the article element, or of the page: what is left when the extractor finds nothing.
fn paragraphs(tree: &Html) -> String {
    let of = |selector: &str| {
        let Ok(selector) = Selector::parse(selector) else { return String::new() };
        let lines: Vec<String> = tree
            .select(&selector)
            .map(|p| p.text().collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|line| !line.is_empty())
            .collect();
        lines.join("\n")
    };
    let own = of("article p");
    if own.is_empty() { of("p") } else { own }
}
