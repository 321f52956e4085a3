//! An HTML page in a feed's place: its title, and the feeds that it names as its own.

use super::address;
use super::lexer::{Attribute, Lexer, Token};
use super::mended::Mended;
use super::reference::Script;
use super::tree::local;
use crate::model::WebUrl;
use crate::text;

/// How much of a page is looked at: its head, with the scripts and styles that real pages put there.
const HEAD_BYTES: usize = 512 * 1024;
/// Feeds of one page; large sites name one for each section.
const FEEDS_MAX: usize = 50;
/// Media types of feeds.
const FEED_TYPES: [&str; 6] = [
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/rdf+xml",
    "application/x.atom+xml",
    "application/x-atom+xml",
];

/// What a page says of itself.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// Its title in plain text; empty where it has none.
    pub(super) title: String,
    /// The feeds that it names by `<link rel=alternate>`, absolute where its own address is known.
    pub(super) feeds: Vec<String>,
}

/// Looks a page over.
pub(super) fn read(document: &str, base: Option<&WebUrl>) -> Page {
    let head = document.get(..document.floor_char_boundary(HEAD_BYTES)).unwrap_or(document);
    let mut page = Page::default();
    let mut base = base.cloned();
    let mut lexer = Lexer::new(head);
    let mut attributes = Vec::new();
    let mut is_title = false;
    while let Some(token) = lexer.next("", &mut attributes) {
        match token {
            Token::Text(raw) if is_title && page.title.is_empty() => page.title = text::title(raw),
            Token::Start { name, .. } => {
                is_title = name.eq_ignore_ascii_case("title");
                if name.eq_ignore_ascii_case("base")
                    && let Some(own) =
                        value(&attributes, "href").and_then(|href| address::resolved(&href, base.as_ref()))
                {
                    base = Some(own);
                }
                if local(name).eq_ignore_ascii_case("link")
                    && page.feeds.len() < FEEDS_MAX
                    && let Some(feed) = feed(&attributes, base.as_ref()).filter(|feed| !page.feeds.contains(feed))
                {
                    page.feeds.push(feed);
                }
            }
            Token::End(_) => is_title = false,
            Token::Text(_) | Token::Section(_) | Token::Doctype(_) | Token::Nothing => {}
        }
    }
    page
}

fn feed(attributes: &[Attribute<'_>], base: Option<&WebUrl>) -> Option<String> {
    let rel = value(attributes, "rel")?.to_ascii_lowercase();
    let media_type = value(attributes, "type").unwrap_or_default().to_ascii_lowercase();
    let is_word = |word| rel.split_ascii_whitespace().any(|known| known == word);
    let is_feed =
        is_word("feed") || is_word("alternate") && FEED_TYPES.iter().any(|known| media_type.starts_with(known));
    address::absolute(&value(attributes, "href").filter(|_| is_feed)?, base)
}

fn value(attributes: &[Attribute<'_>], name: &str) -> Option<String> {
    let raw = attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))?.value;
    Some(Script::default().decode(raw, 0, &mut Mended::default()).into_owned())
}
