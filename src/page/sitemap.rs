//! Sitemaps: a site's list of its addresses, for search engines.
//!
//! A news sitemap names title, date and language of each article of the last two days; an ordinary one only addresses.
//! Its `lastmod` is often the time of the last build: it says where to look first, never when something was published.

use std::borrow::Cow;
use std::io::Read as _;

use flate2::bufread::MultiGzDecoder;
use html_escape::decode_html_entities;
use jiff::Timestamp;

use crate::charset::{self, Kind};
use crate::date;
use crate::model::{DocumentKind, Entry, Parsed, Problem, WebUrl};

use super::markup::{Lexer, Token};

/// Bytes of a sitemap that are read (sitemaps.org allows 50 MB unpacked; a news sitemap of a thousand has half of one).
const BYTES_MAX: usize = 32 * 1024 * 1024;
/// Addresses that are looked at: what sitemaps.org allows.
const ADDRESSES_MAX: usize = 50_000;
/// Articles that are taken from a news sitemap; search engines read a thousand.
const NEWS_MAX: usize = 2_000;
/// Addresses that are taken from an ordinary one, which has everything the site ever had: each costs a fetch to learn so
/// much as its title.
const PLAIN_MAX: usize = 200;

/// A sitemap, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sitemap {
    /// Its addresses as entries, or none in an index.
    pub parsed: Parsed,
    /// The sitemaps that an index names, the most recently changed first.
    pub children: Vec<Child>,
}

/// A sitemap that an index names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// Where it is.
    pub url: WebUrl,
    /// When it was changed, where the index says.
    pub changed: Option<Timestamp>,
}

/// Reads a sitemap or an index of them, packed with gzip or not; `None` where the document is neither. What stands before its
/// root (a warning of the program that made it) is passed over, as before a feed's.
///
/// Of too many addresses the most recently dated are kept, in the document's order. Linear in the document.
pub fn sitemap(xml: &[u8], content_type: Option<&str>, url: &WebUrl) -> Option<Sitemap> {
    let xml = unpacked(xml);
    let xml = xml.get(..xml.len().min(BYTES_MAX)).unwrap_or_default();
    let (decoded, _) = charset::decode(xml, content_type, Kind::Xml);
    let mut tokens = Lexer::of_xml(&decoded);
    let (root, has_junk) = root(&mut tokens)?;
    let (kind, item) = match root {
        "urlset" => (DocumentKind::Sitemap, "url"),
        _ => (DocumentKind::SitemapIndex, "sitemap"),
    };
    let (items, is_whole) = items(tokens, root, item);
    let mut problems = Vec::new();
    if has_junk {
        let detail = "text before the sitemap was skipped".to_owned();
        problems.push(Problem { kind: "junk-before", detail, offset: Some(0), fatal: false });
    }
    if !is_whole {
        let detail = format!("the document ends within its {root}");
        problems.push(Problem { kind: "truncated", detail, offset: Some(decoded.len()), fatal: false });
    }
    let mut parsed = Parsed { kind, problems, ..Parsed::default() };
    let mut children = Vec::new();
    if kind == DocumentKind::SitemapIndex {
        children = items.iter().filter_map(|item| item.child(url)).collect();
        children.sort_by_key(|child| std::cmp::Reverse(child.changed));
    } else {
        parsed.title = items.iter().find_map(|item| item.publication.clone());
        parsed.entries = entries(items, url, &mut parsed.problems);
    }
    Some(Sitemap { parsed, children })
}

/// Reads on to the root, and says whether anything stood before it; `None` where what comes first is another document.
fn root<'a>(tokens: &mut Lexer<'a>) -> Option<(&'a str, bool)> {
    let mut has_junk = false;
    for token in tokens {
        match token {
            Token::Start { name, .. } => match local(name) {
                root @ ("urlset" | "sitemapindex") => return Some((root, has_junk)),
                other if OTHERS.iter().any(|known| known.eq_ignore_ascii_case(other)) => return None,
                _ => has_junk = true,
            },
            Token::Text(text) => has_junk |= !text.trim().is_empty(),
            Token::End { .. } | Token::Literal(_) => has_junk = true,
        }
    }
    None
}

/// Elements that other documents begin with: what is called a sitemap within them is none.
const OTHERS: [&str; 8] = ["html", "head", "body", "rss", "feed", "rdf", "channel", "opml"];

/// The document without gzip around it: sitemaps are commonly files packed at rest, not on the way. What breaks off is
/// read as far as it came.
fn unpacked(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Cow::Borrowed(bytes);
    }
    let mut plain = Vec::new();
    let bound = u64::try_from(BYTES_MAX).unwrap_or(u64::MAX);
    // An error means that no more can be had; the missing end is seen where the root is not closed.
    MultiGzDecoder::new(bytes).take(bound).read_to_end(&mut plain).ok();
    Cow::Owned(plain)
}

/// What is said of one address.
#[derive(Debug, Default)]
struct Item {
    place: String,
    changed: Option<Timestamp>,
    is_news: bool,
    title: Option<String>,
    published: Option<Timestamp>,
    lang: Option<String>,
    publication: Option<String>,
}

impl Item {
    fn child(&self, index: &WebUrl) -> Option<Child> {
        index.join(&self.place).ok().map(|url| Child { url, changed: self.changed })
    }

    /// Takes what the elements around it, innermost last, say it is.
    fn take(&mut self, path: &[&str], text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        match path {
            ["loc"] => text.clone_into(&mut self.place),
            ["lastmod"] => self.changed = date::parse(text),
            ["news", "title"] => self.title = Some(html_escape::encode_text(text).into_owned()),
            ["news", "publication_date"] => self.published = date::parse(text),
            ["news", "publication", "name"] => self.publication = Some(html_escape::encode_text(text).into_owned()),
            ["news", "publication", "language"] | ["news", "language"] => self.lang = Some(text.to_owned()),
            _ => {}
        }
    }
}

/// The items within the root, and whether the root's end was seen or enough of it.
fn items(tokens: Lexer<'_>, root: &str, item: &str) -> (Vec<Item>, bool) {
    let mut items: Vec<Item> = Vec::new();
    let mut current: Option<Item> = None;
    // Elements within the item that are open; real ones are three deep, deeper ones say nothing to us.
    let mut path: Vec<&str> = Vec::new();
    let mut text = String::new();
    for token in tokens {
        match token {
            Token::Start { name, attributes, .. } => {
                text.clear();
                let name = local(name);
                if name == item && path.is_empty() {
                    items.extend(current.replace(Item::default()));
                    if items.len() >= ADDRESSES_MAX {
                        return (items, true);
                    }
                } else if let Some(current) = &mut current
                    && !attributes.is_self_closing()
                    && path.len() < PATH_MAX
                {
                    current.is_news |= path.is_empty() && name == "news";
                    path.push(name);
                }
            }
            Token::Text(piece) => text.push_str(&decode_html_entities(piece)),
            Token::Literal(piece) => text.push_str(piece),
            Token::End { name, .. } => {
                let name = local(name);
                if name == root {
                    items.extend(current.take());
                    return (items, true);
                }
                if let Some(depth) = path.iter().rposition(|open| *open == name) {
                    if let Some(current) = &mut current {
                        current.take(path.get(..=depth).unwrap_or_default(), &text);
                    }
                    path.truncate(depth);
                } else if name == item {
                    path.clear();
                    items.extend(current.take());
                }
                text.clear();
            }
        }
    }
    items.extend(current);
    (items, false)
}

/// Elements within an item that are followed.
const PATH_MAX: usize = 8;

/// The entries of a sitemap's items.
fn entries(mut items: Vec<Item>, url: &WebUrl, problems: &mut Vec<Problem>) -> Vec<Entry> {
    let has_news = items.iter().any(|item| item.is_news);
    if has_news {
        items.retain(|item| item.is_news);
    }
    let most = if has_news { NEWS_MAX } else { PLAIN_MAX };
    if items.len() > most {
        let detail = format!("it names {} addresses; the {most} most recent are taken", items.len());
        problems.push(Problem { kind: "too-many", detail, offset: None, fatal: false });
        newest(&mut items, most);
    }
    items.into_iter().filter_map(|item| entry(item, url)).collect()
}

fn entry(item: Item, url: &WebUrl) -> Option<Entry> {
    let link = url.join(&item.place).ok().filter(|link| link != url)?;
    Some(Entry {
        link: Some(link.as_str().to_owned()),
        title: item.title,
        published: item.published,
        lang: item.lang,
        ..Entry::default()
    })
}

/// Keeps the most recently dated, in their order.
fn newest(items: &mut Vec<Item>, most: usize) {
    let date = |item: &Item| item.published.or(item.changed);
    let mut dates: Vec<_> = items.iter().enumerate().map(|(at, item)| (std::cmp::Reverse(date(item)), at)).collect();
    dates.sort_unstable();
    let Some(bound) = dates.get(most).copied() else { return };
    let mut at = 0;
    items.retain(|item| {
        let is_kept = (std::cmp::Reverse(date(item)), at) < bound;
        at += 1;
        is_kept
    });
}

/// A name without its prefix; publishers choose their own.
fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

#[cfg(test)]
mod tests {
    use super::{Sitemap, sitemap};
    use crate::model::{DocumentKind, WebUrl};

    fn read(xml: &str) -> Option<Sitemap> {
        sitemap(xml.as_bytes(), None, &WebUrl::parse("https://news.example/sitemap.xml").unwrap())
    }

    #[test]
    fn a_news_sitemap_names_its_articles() {
        let xml = r#"<?xml version="1.0"?><!-- built --><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
            xmlns:n="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
            <url><loc>https://news.example/a?x=1&amp;y=2</loc><lastmod>2021-12-07T00:00:00Z</lastmod>
            <n:news><n:publication><n:name>The Example</n:name><n:language>de</n:language></n:publication>
            <n:publication_date>2021-12-06T15:00:00+01:00</n:publication_date><n:title><![CDATA[Q & A <live>]]></n:title></n:news>
            <image:image><image:loc>https://news.example/a.jpg</image:loc><image:title>A picture</image:title></image:image></url>
            <url><loc>https://news.example/about</loc></url></urlset>"#;
        let read = read(xml).unwrap().parsed;
        let [entry] = read.entries.as_slice() else { panic!("{:?}", read.entries) };
        assert_eq!(entry.link.as_deref(), Some("https://news.example/a?x=1&y=2"));
        assert_eq!(entry.title.as_deref(), Some("Q &amp; A &lt;live&gt;"));
        assert_eq!(entry.published.map(|at| at.to_string()).as_deref(), Some("2021-12-06T14:00:00Z"));
        assert_eq!((entry.lang.as_deref(), read.title.as_deref()), (Some("de"), Some("The Example")));
        assert_eq!((read.kind, read.problems.len()), (DocumentKind::Sitemap, 0));
    }

    #[test]
    fn when_an_ordinary_address_was_last_built_is_not_when_it_was_published() {
        let read = read("<urlset><url><loc>/a</loc><lastmod>2021-12-07</lastmod></url></urlset>").unwrap();
        assert_eq!((read.parsed.entries[0].published, read.parsed.entries[0].updated), (None, None));
        assert_eq!(read.parsed.entries[0].link.as_deref(), Some("https://news.example/a"));
    }

    #[test]
    fn of_too_many_addresses_the_most_recent_are_kept_in_their_order() {
        let urls: Vec<String> =
            (0..300).map(|n| format!("<url><loc>/{n}</loc><lastmod>20{}-01-01</lastmod></url>", 10 + n % 30)).collect();
        let read = read(&format!("<urlset>{}</urlset>", urls.concat())).unwrap().parsed;
        assert_eq!((read.entries.len(), read.problems[0].kind), (200, "too-many"));
        assert_eq!(read.entries[0].link.as_deref(), Some("https://news.example/10"));
    }

    #[test]
    fn an_index_names_its_sitemaps_the_last_changed_first() {
        let xml = "<sitemapindex><sitemap><loc>/old.xml</loc><lastmod>2020-01-01</lastmod></sitemap><sitemap><loc>/none.xml</loc></sitemap>\
            <sitemap><loc>/new.xml.gz</loc><lastmod>2021-12-06T10:00:00Z</lastmod></sitemap></sitemapindex>";
        let read = read(xml).unwrap();
        let places: Vec<_> = read.children.iter().map(|child| child.url.as_url().path()).collect();
        assert_eq!(places, ["/new.xml.gz", "/old.xml", "/none.xml"]);
        assert_eq!((read.parsed.kind, read.parsed.entries.len()), (DocumentKind::SitemapIndex, 0));
    }

    #[test]
    fn a_sitemap_that_breaks_off_says_so_and_keeps_what_came() {
        let read = read("<urlset><url><loc>/a</loc></url><url><loc>/b</lo").unwrap().parsed;
        assert_eq!((read.entries.len(), read.problems[0].kind), (1, "truncated"));
    }

    #[test]
    fn a_warning_before_the_root_is_passed_over_and_told() {
        let warning = "<br />\n<b>Warning</b>: date(): no zone in <b>/srv/map.php</b> on line <b>3</b><br />\n";
        let read = |root: &str| {
            let read = read(&format!("{warning}<?xml version='1.0'?>{root}")).unwrap();
            (read.parsed.entries.len(), read.children.len(), read.parsed.problems[0].kind)
        };
        assert_eq!(read("<urlset><url><loc>/a</loc></url></urlset>"), (1, 0, "junk-before"));
        assert_eq!(read("<sitemapindex><sitemap><loc>/b</loc></sitemap></sitemapindex>"), (0, 1, "junk-before"));
    }

    #[test]
    fn what_is_no_sitemap_is_none() {
        assert_eq!(read("<rss><channel/></rss>"), None);
        assert_eq!(read("<html><urlset>"), None);
        assert_eq!(read("Not found"), None);
        assert_eq!(read(""), None);
    }
}
