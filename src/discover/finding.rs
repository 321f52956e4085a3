//! What was found: a feed, sitemap or page that can be polled.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::clues;
use crate::model::{DocumentKind, Entry, Parsed, SourceKind, SourceSpec, WebUrl};
use crate::text;
use crate::url::site;

/// A feed whose newest entry is older than this may have been given up.
const STALE: SignedDuration = SignedDuration::from_hours(180 * 24);
/// Entries dated further ahead than this say nothing of how fresh a feed is.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);
/// Of so many percent of the entries with sound or film, a feed is a podcast.
const PODCAST_PERCENT: usize = 80;
/// Titles that the language of what names none is told by.
const TITLES_MAX: usize = 20;
/// Characters of a found title that make a source's name.
const NAME_CHARS: usize = 80;

/// How something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It stands at the address that was given.
    Itself,
    /// The named platform is known to serve it for that address.
    Platform(&'static str),
    /// The page names it as its feed (`<link rel=alternate>`).
    Named,
    /// The page has a link to it.
    Linked,
    /// It stands at a well-known path.
    WellKnown,
    /// `robots.txt` names it.
    Robots,
    /// The page itself is a list of articles.
    Listed,
}

impl How {
    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Itself => "itself",
            Self::Platform(_) => "platform",
            Self::Named => "named",
            Self::Linked => "linked",
            Self::WellKnown => "well-known",
            Self::Robots => "robots",
            Self::Listed => "listed",
        }
    }

    /// The platform that is known to serve it.
    pub fn platform(self) -> Option<&'static str> {
        match self {
            Self::Platform(name) => Some(name),
            Self::Itself | Self::Named | Self::Linked | Self::WellKnown | Self::Robots | Self::Listed => None,
        }
    }

    /// In words.
    pub fn words(self) -> String {
        match self {
            Self::Itself => "the address itself".to_owned(),
            Self::Platform(name) => format!("{name} serves it"),
            Self::Named => "named by the page".to_owned(),
            Self::Linked => "linked on the page".to_owned(),
            Self::WellKnown => "well-known path".to_owned(),
            Self::Robots => "named by robots.txt".to_owned(),
            Self::Listed => "the page itself".to_owned(),
        }
    }
}

/// What something found is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// News.
    Main,
    /// News once: nothing for half a year.
    Stale,
    /// Sound or film, hardly anything to read.
    Podcast,
    /// What readers say below the articles.
    Comments,
    /// Addresses without title or date (an ordinary sitemap): each costs a request to learn what it is.
    Addresses,
    /// Links beside an article that was named: others of its kind, not what comes next.
    Beside,
    /// Nothing so far.
    Empty,
}

impl Nature {
    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Stale => "stale",
            Self::Podcast => "podcast",
            Self::Comments => "comments",
            Self::Addresses => "addresses",
            Self::Beside => "beside",
            Self::Empty => "empty",
        }
    }
}

/// Something that can be polled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub url: WebUrl,
    /// How it is read.
    pub kind: SourceKind,
    /// How it was found.
    pub how: How,
    /// What it is good for.
    pub nature: Nature,
    /// The document, read.
    pub parsed: Parsed,
    /// When its newest entry is from, where one says.
    pub newest: Option<Timestamp>,
    /// Where the same entries stand in another form.
    pub twins: Vec<WebUrl>,
}

impl Finding {
    /// Judges a document that was read.
    pub(super) fn new(url: WebUrl, kind: SourceKind, how: How, parsed: Parsed, now: Timestamp) -> Self {
        let dates = parsed.entries.iter().filter_map(date).filter(|at| *at <= now.saturating_add(AHEAD).unwrap_or(*at));
        let newest = dates.max();
        let nature = nature(&url, &kind, how, &parsed, newest, now);
        Self { url, kind, how, nature, parsed, newest, twins: Vec::new() }
    }

    /// Its title in plain text, without what only names the format.
    pub fn title(&self) -> Option<String> {
        self.parsed.title.as_deref().map(text::title).filter(|title| !title.is_empty())
    }

    /// What it is, in words.
    pub fn what(&self) -> String {
        let kind = match (&self.kind, self.parsed.kind) {
            (SourceKind::Page(_), _) => "page, by selectors",
            (SourceKind::List, _) => "page, by what repeats",
            (SourceKind::Feed, DocumentKind::Rss) => "RSS feed",
            (SourceKind::Feed, DocumentKind::Atom) => "Atom feed",
            (SourceKind::Feed, DocumentKind::JsonFeed) => "JSON Feed",
            (SourceKind::Feed, DocumentKind::Sitemap | DocumentKind::SitemapIndex) => "sitemap",
            (SourceKind::Feed, DocumentKind::Page | DocumentKind::Article | DocumentKind::Unknown) => "feed",
        };
        let but = match self.nature {
            Nature::Main => "",
            Nature::Stale => ", given up?",
            Nature::Podcast => ", podcast",
            Nature::Comments => ", comments",
            Nature::Addresses => ", addresses only",
            Nature::Beside => ", beside an article",
            Nature::Empty => ", empty",
        };
        format!("{kind}{but}")
    }

    /// The source that it makes by itself: called by its title, published by its site.
    pub fn as_source(&self, bounds: (Duration, Duration)) -> SourceSpec {
        let title: Option<String> = self.title().map(|title| title.chars().take(NAME_CHARS).collect());
        // A platform has many publishers under one host.
        let own = title.clone().filter(|_| matches!(self.how, How::Platform(_)));
        let spec = SourceSpec { kind: self.kind.clone(), ..SourceSpec::feed(self.url.clone(), bounds) };
        SourceSpec {
            publisher: own.unwrap_or_else(|| site(&spec.publisher).to_owned()),
            name: title.unwrap_or_else(|| spec.name.clone()),
            ..spec
        }
    }

    /// Its language as it says itself: a primary subtag, such as `en`.
    pub fn lang(&self) -> Option<String> {
        let said =
            self.parsed.lang.as_deref().or_else(|| self.parsed.entries.iter().find_map(|e| e.lang.as_deref()))?;
        primary(said)
    }

    /// Its language as it says itself, else that of its titles, which may be the one that is wanted.
    pub(super) fn spoken(&self, wanted: &str) -> Option<String> {
        self.lang().or_else(|| {
            let titles = self.parsed.entries.iter().filter_map(|entry| entry.title.as_deref()).take(TITLES_MAX);
            let titles: Vec<String> = titles.map(text::title).collect();
            let found = text::language(&titles.join(". "), None)?;
            // A hint would be believed of any few words; but of Norwegian one form may be wanted by the name of both.
            Some(if wanted == "no" && matches!(found, "nb" | "nn") { wanted } else { found }.to_owned())
        })
    }

    /// Whether it is worth to be taken without being named.
    pub fn is_takeable(&self) -> bool {
        self.how == How::Itself
            || match self.nature {
                Nature::Main | Nature::Stale | Nature::Podcast | Nature::Empty => true,
                Nature::Comments | Nature::Addresses | Nature::Beside => false,
            }
    }

    /// Its entries, newest first; those without a date in the document's order, last.
    pub fn newest_first(&self) -> Vec<&Entry> {
        let mut entries: Vec<&Entry> = self.parsed.entries.iter().collect();
        entries.sort_by_key(|entry| std::cmp::Reverse(date(entry)));
        entries
    }
}

/// The primary subtag of a language, in small letters.
pub(super) fn primary(lang: &str) -> Option<String> {
    let primary = lang.trim().split(['-', '_']).next()?.to_ascii_lowercase();
    let is_code = (2..=3).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_lowercase());
    is_code.then_some(primary)
}

fn date(entry: &Entry) -> Option<Timestamp> {
    entry.published.or(entry.updated)
}

fn nature(
    url: &WebUrl,
    kind: &SourceKind,
    how: How,
    parsed: &Parsed,
    newest: Option<Timestamp>,
    now: Timestamp,
) -> Nature {
    let entries = &parsed.entries;
    if entries.is_empty() {
        return Nature::Empty;
    }
    if kind.is_page() {
        return Nature::Main;
    }
    let title = parsed.title.as_deref().map(|title| text::title(title).to_lowercase()).unwrap_or_default();
    let on_comments =
        entries.iter().filter(|entry| entry.link.as_deref().is_some_and(|link| link.contains("#comment")));
    if clues::is_of_comments(url) || title.starts_with("comments ") || on_comments.count() * 2 > entries.len() {
        return Nature::Comments;
    }
    if entries.iter().all(|entry| {
        entry.title.is_none() && entry.published.is_none() && entry.summary.is_none() && entry.content.is_none()
    }) {
        return Nature::Addresses;
    }
    let is_media = |media_type: &str| media_type.starts_with("audio/") || media_type.starts_with("video/");
    let played = entries
        .iter()
        .filter(|entry| entry.enclosures.iter().any(|enclosure| enclosure.media_type.as_deref().is_some_and(is_media)));
    if !matches!(how, How::Platform(_)) && played.count() * 100 >= entries.len() * PODCAST_PERCENT {
        return Nature::Podcast;
    }
    match newest {
        Some(newest) if now.duration_since(newest) > STALE => Nature::Stale,
        Some(_) | None => Nature::Main,
    }
}
