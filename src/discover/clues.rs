//! What a page gives away besides its `<link>` elements: what made it, which of its links look like feeds, and a
//! channel's id.

use crate::feed::names_a_feed;
use crate::model::WebUrl;
use crate::url::{canonical, registrable};

/// How much of a page is looked at: video sites put a megabyte of script before anything else.
const PAGE_BYTES: usize = 2 * 1024 * 1024;
/// Links that look like feeds; a page of feeds names more than anybody wants asked.
const LINKS_MAX: usize = 3;
/// Paths that are asked where a page names no feed; four, as each is a guess.
const WELL_KNOWN_MAX: usize = 4;
/// The most common of them.
const WELL_KNOWN: [&str; 4] = ["/feed/", "/rss.xml", "/feed.xml", "/atom.xml"];

/// What programs that make pages say of themselves in `<meta name=generator>`, and where they put the feed. Without a
/// slash it is relative to the page.
const GENERATORS: [(&str, &str); 14] = [
    ("wordpress", "/feed/"),
    ("ghost", "/rss/"),
    ("hugo", "/index.xml"),
    ("jekyll", "/feed.xml"),
    ("eleventy", "/feed.xml"),
    ("blogger", "/feeds/posts/default"),
    ("drupal", "/rss.xml"),
    ("gatsby", "/rss.xml"),
    ("astro", "/rss.xml"),
    ("wix.com", "/blog-feed.xml"),
    ("joomla", "?format=feed&type=rss"),
    ("movable type", "/atom.xml"),
    ("hexo", "/atom.xml"),
    ("typo3", "/rss.xml"),
];

/// Last segments of paths that feeds commonly have.
const FEED_NAMES: [&str; 9] =
    ["feed", "feeds", "rss", "atom", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feed.json"];

/// Well-known paths of the page at `url`, the likeliest first.
pub(super) fn well_known(page: &str, url: &WebUrl) -> Vec<WebUrl> {
    let page = page.get(..page.floor_char_boundary(PAGE_BYTES)).unwrap_or(page).to_ascii_lowercase();
    let mut places: Vec<WebUrl> = Vec::new();
    let mut put = |place: &str| {
        if let Ok(place) = url.join(place)
            && !places.contains(&place)
            && places.len() < WELL_KNOWN_MAX
        {
            places.push(place);
        }
    };
    if let Some(generator) = generator(&page) {
        GENERATORS.iter().filter(|(name, _)| generator.contains(name)).for_each(|(_, place)| put(place));
    } else if page.contains("/wp-content/") {
        put("/feed/");
    }
    // A section, or a blog below a site that is something else.
    let path = url.as_url().path();
    if let Some(section) = path.strip_suffix('/').filter(|section| !section.is_empty()) {
        put(&format!("{section}/feed/"));
    } else if path.len() > 1 && !path.rsplit('/').next().unwrap_or_default().contains('.') {
        put(&format!("{path}/feed/"));
    }
    for place in WELL_KNOWN {
        put(place);
    }
    places
}

/// The generator that a page names, of a page in small letters.
fn generator(page: &str) -> Option<&str> {
    let meta = page.split("<meta").skip(1).map(|rest| rest.split('>').next().unwrap_or_default());
    let named = meta.into_iter().find(|meta| meta.contains("generator"))?;
    let content = named.split("content=").nth(1)?;
    Some(content.trim_matches(['"', '\'', ' ', '/']))
}

/// Addresses that the page links to and that look like feeds of its own site: by themselves, else by what is said of them.
pub(super) fn feed_links(page: &str, url: &WebUrl) -> Vec<WebUrl> {
    let page = page.get(..page.floor_char_boundary(PAGE_BYTES)).unwrap_or(page);
    let (mut found, mut said): (Vec<WebUrl>, Vec<WebUrl>) = (Vec::new(), Vec::new());
    for (at, mark) in page.match_indices("href=") {
        let Some((before, rest)) = page.split_at_checked(at + mark.len()) else { continue };
        let Some(address) = rest.split(['"', '\'', ' ', '>']).find(|part| !part.is_empty()) else { continue };
        let Ok(link) = url.join(&address.replace("&amp;", "&")) else { continue };
        if !is_own(&link, url) || is_of_comments(&link) {
            continue;
        }
        if looks_like_a_feed(&link) {
            if !found.contains(&link) {
                found.push(link);
            }
        } else if said.len() < LINKS_MAX && !said.contains(&link) && is_said_to_be_a_feed(before, rest) {
            said.push(link);
        }
        if found.len() == LINKS_MAX {
            break;
        }
    }
    let own = canonical(url);
    said.retain(|link| !found.contains(link) && canonical(link) != own);
    found.extend(said);
    found.truncate(LINKS_MAX);
    found
}

/// Bytes of a link that are looked at: of its tag before the address, and of what follows that.
const TAG_BYTES: usize = 400;
const LINK_BYTES: usize = 600;
/// Words of a link that names a feed; a headline about feeds has more.
const WORDS_MAX: usize = 4;
/// Attributes that say what a link or its picture is.
const LABELS: [&str; 3] = ["title=", "aria-label=", "alt="];

/// Whether the words of a link say that it leads to a feed, or what labels it or the picture in it, given the page up to its
/// address and from there on.
fn is_said_to_be_a_feed(before: &str, rest: &str) -> bool {
    let tag = before.get(before.ceil_char_boundary(before.len().saturating_sub(TAG_BYTES))..).unwrap_or_default();
    let Some((_, tag)) = tag.rsplit_once('<') else { return false };
    if !tag.get(..2).is_some_and(|name| name.eq_ignore_ascii_case("a ") || matches!(name, "a\n" | "a\t" | "a\r")) {
        return false;
    }
    let rest = rest.get(..rest.floor_char_boundary(LINK_BYTES)).unwrap_or_default();
    let rest = rest.split("</a").next().unwrap_or_default();
    let shown: String =
        rest.split('>').skip(1).filter_map(|part| part.split('<').next()).flat_map(|text| [text, " "]).collect();
    let labels = LABELS.iter().flat_map(|label| [tag, rest].into_iter().flat_map(|part| part.split(*label).skip(1)));
    let labels = labels.filter_map(|value| {
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        value.get(1..)?.split(quote).next()
    });
    std::iter::once(shown.as_str())
        .chain(labels)
        .any(|words| words.split_whitespace().count() <= WORDS_MAX && names_a_feed(words))
}

/// Whether a link stays with its site, or leads to a host that is there for feeds; others' are for sharing.
fn is_own(link: &WebUrl, page: &WebUrl) -> bool {
    let host = link.host_text();
    registrable(host) == registrable(page.host_text()) || host.starts_with("feeds.") || host.starts_with("rss.")
}

/// Whether a page says that it is an article: its links are beside the point.
pub(super) fn is_article(page: &str) -> bool {
    let page = page.get(..page.floor_char_boundary(PAGE_BYTES)).unwrap_or(page);
    let meta = page.split("<meta").skip(1).map(|rest| rest.split('>').next().unwrap_or_default());
    meta.into_iter().any(|meta| {
        let says = |words: &[&str]| words.iter().any(|word| meta.contains(word));
        says(&["article:published_time"]) || says(&["og:type"]) && says(&["\"article\"", "'article'", "=article"])
    })
}

fn looks_like_a_feed(url: &WebUrl) -> bool {
    let path = url.as_url().path().trim_end_matches('/').to_ascii_lowercase();
    let last = path.rsplit('/').next().unwrap_or_default();
    let suffix = last.rsplit_once('.').map_or("", |(_, suffix)| suffix);
    FEED_NAMES.contains(&last) || matches!(suffix, "rss" | "atom" | "rdf")
}

/// Whether an address is one of a feed of comments.
pub(super) fn is_of_comments(url: &WebUrl) -> bool {
    let path = url.as_url().path().to_ascii_lowercase();
    path.split('/').any(|part| part == "comments" || part == "comments.xml" || part == "comments.rss")
        && !url.host_text().ends_with("reddit.com")
}

/// The feed of the channel that a page of videos is about: a handle's page, or a video's.
pub(super) fn channel_feed(page: &str, url: &WebUrl) -> Option<WebUrl> {
    if url.host_text() != "youtube.com" && !url.host_text().ends_with(".youtube.com") {
        return None;
    }
    let page = page.get(..page.floor_char_boundary(PAGE_BYTES)).unwrap_or(page);
    ["channel_id=", "\"externalId\":\"", "\"channelId\":\"", "/channel/"].iter().find_map(|mark| {
        let ids = page.split(mark).skip(1).filter_map(|rest| rest.get(..24));
        let is_id = |id: &&str| {
            id.starts_with("UC") && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        };
        let id = ids.into_iter().find(is_id)?;
        WebUrl::parse(&format!("https://www.youtube.com/feeds/videos.xml?channel_id={id}")).ok()
    })
}

/// Sitemaps that a `robots.txt` names, those of news first (RFC 9309 leaves them to sitemaps.org).
pub(super) fn sitemaps(robots: &str, url: &WebUrl) -> Vec<WebUrl> {
    let named = robots.lines().filter_map(|line| {
        let (field, place) = line.split_once(':')?;
        field.trim().eq_ignore_ascii_case("sitemap").then(|| url.join(place).ok()).flatten()
    });
    let mut places: Vec<WebUrl> = named.take(100).collect();
    places.sort_by_key(|place| !is_of_news(place));
    places.dedup();
    places
}

/// Whether a sitemap's address names a year or a day: tomorrow there will be another.
pub(super) fn is_dated(url: &WebUrl) -> bool {
    let digits = url.as_url().path().split(|c: char| !c.is_ascii_digit());
    digits.map(str::len).any(|length| length >= 4)
}

/// Whether a sitemap's address says that it is one of news.
pub(super) fn is_of_news(url: &WebUrl) -> bool {
    url.as_str().to_ascii_lowercase().contains("news")
}
