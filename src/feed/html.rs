//! An HTML page in a feed's place: its title, and the feeds that it names as its own.

use memchr::memmem;

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
/// Media types of XML of any kind: that of a page's own alternate is its feed. They are held against the whole type, as
/// `text/xml+oembed` is none.
const XML_TYPES: [&str; 2] = ["text/xml", "application/xml"];

/// How roots of feeds begin.
const ROOTS: [&str; 3] = ["<rss", "<rdf:RDF", "<feed"];
/// What hides an example or a template of a feed in a page, and how it ends.
const HIDING: [(&str, &str); 5] = [
    ("<script", "</script"),
    ("<style", "</style"),
    ("<textarea", "</textarea"),
    ("<template", "</template"),
    ("<!--", "-->"),
];

/// What a page says of itself.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// Its title in plain text; empty where it has none.
    pub(super) title: String,
    /// The feeds that it names by `<link rel=alternate>`.
    pub(super) feeds: Vec<NamedFeed>,
}

/// A feed that a page names as its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamedFeed {
    /// Where it is; absolute where the page's own address is known.
    pub address: String,
    /// What the page calls it; empty where it doesn't.
    pub title: String,
}

/// The feeds that a page names, in its order.
pub fn named_feeds(page: &str, url: &WebUrl) -> Vec<NamedFeed> {
    read(page, Some(url)).feeds
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
                    && let Some(address) = feed(&attributes, base.as_ref())
                    && page.feeds.iter().all(|known| known.address != address)
                {
                    let title = value(&attributes, "title").map(|title| text::title(&title)).unwrap_or_default();
                    page.feeds.push(NamedFeed { address, title });
                }
            }
            Token::End(_) => is_title = false,
            Token::Text(_) | Token::Section(_) | Token::Doctype(_) | Token::Nothing => {}
        }
    }
    page
}

/// Where behind a place in a page the root of a feed begins, outside of scripts, comments and the like.
pub(super) fn root(document: &str, from: usize) -> Option<usize> {
    let rest = document.get(from..)?;
    let is_tag = |at: usize, root: &str| {
        rest.as_bytes().get(at + root.len()).is_some_and(|b| b.is_ascii_whitespace() || *b == b'>')
    };
    let first = |root: &&str| memmem::find_iter(rest.as_bytes(), *root).find(|at| is_tag(*at, root));
    let at = ROOTS.iter().filter_map(first).min()?;
    let before = rest.get(..at)?.to_ascii_lowercase();
    let is_hidden = HIDING.iter().any(|(begin, end)| before.rfind(begin) > before.rfind(end));
    (!is_hidden).then_some(from + at)
}

fn feed(attributes: &[Attribute<'_>], base: Option<&WebUrl>) -> Option<String> {
    let rel = value(attributes, "rel")?.to_ascii_lowercase();
    let media_type = value(attributes, "type").unwrap_or_default().to_ascii_lowercase();
    let is_word = |word| rel.split_ascii_whitespace().any(|known| known == word);
    let is_of_feeds = || {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        FEED_TYPES.iter().any(|known| media_type.starts_with(known))
            || XML_TYPES.contains(&essence)
            || essence.is_empty() && value(attributes, "title").is_some_and(|title| names_a_feed(&title))
    };
    let is_feed = is_word("feed") || is_word("alternate") && is_of_feeds();
    address::absolute(&value(attributes, "href").filter(|_| is_feed)?, base)
}

/// Whether words say that what they stand for is a feed: `RSS 2.0`, `RSS-канал`, `Atom feed`.
pub fn names_a_feed(words: &str) -> bool {
    words.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
        ["rss", "atom", "feed", "feeds"].iter().any(|known| known.eq_ignore_ascii_case(word))
    })
}

fn value(attributes: &[Attribute<'_>], name: &str) -> Option<String> {
    let raw = attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))?.value;
    Some(Script::default().decode(raw, 0, &mut Mended::default()).into_owned())
}
