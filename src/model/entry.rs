//! Entries: items as published in a feed or on a list page, before they are stories.

use std::time::Duration;

use jiff::Timestamp;

/// What a document turned out to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DocumentKind {
    /// RSS 0.9x, 1.0 (RDF) or 2.0.
    Rss,
    /// Atom 0.3 or 1.0.
    Atom,
    /// JSON Feed.
    JsonFeed,
    /// An HTML list page.
    Page,
    /// An article page.
    Article,
    /// A news sitemap, or any other.
    Sitemap,
    /// An index of sitemaps.
    SitemapIndex,
    /// Not a feed: an HTML page or anything else in a feed's place.
    #[default]
    Unknown,
}

impl DocumentKind {
    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Rss => "rss",
            Self::Atom => "atom",
            Self::JsonFeed => "json-feed",
            Self::Page => "page",
            Self::Article => "article",
            Self::Sitemap => "sitemap",
            Self::SitemapIndex => "sitemap-index",
            Self::Unknown => "unknown",
        }
    }
}

/// Something that was mended, left out or not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// A fixed word for the kind: `not-a-feed`, `panic`, `too-deep`, `bad-encoding`, `truncated`, ... (all of them are
    /// listed in docs/feeds.md).
    pub kind: &'static str,
    /// A fragment in words.
    pub detail: String,
    /// Where in the document, in bytes, if known. Of a document that is not UTF-8: in bytes once decoded into it.
    pub offset: Option<usize>,
    /// Whether the document could not be read at all because of it.
    pub fatal: bool,
}

/// A file that an entry carries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Enclosure {
    /// Its address, absolute.
    pub url: String,
    /// Its media type.
    pub media_type: Option<String>,
    /// Its size in bytes, as declared.
    pub length: Option<u64>,
}

/// An item as published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Its id (`guid`, Atom `id`, JSON Feed `id`), verbatim and trimmed; absent where the document gives none.
    pub id: Option<String>,
    /// Its address, absolute; only http and https.
    pub link: Option<String>,
    /// Its title, as published (may hold HTML).
    pub title: Option<String>,
    /// When it was published; never invented.
    pub published: Option<Timestamp>,
    /// When it was last changed.
    pub updated: Option<Timestamp>,
    /// A summary, as published (may hold HTML).
    pub summary: Option<String>,
    /// The content, as published (may hold HTML).
    pub content: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// Its language (BCP 47) where the document says.
    pub lang: Option<String>,
    /// Its files.
    pub enclosures: Vec<Enclosure>,
    /// Where the feed took it from, if it gathers what others publish.
    pub origin: Option<EntryOrigin>,
}

/// Whom a feed that gathers has an entry from: RSS `source`, Atom `source` (RFC 4287 section 4.2.11).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryOrigin {
    /// Its name, as the feed gives it.
    pub name: String,
    /// Its own address or its feed's.
    pub url: String,
}

/// What a feed says of when to come again and where else to look. Hints, not promises: whoever follows them bounds them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Announced {
    /// Minutes to wait between polls (RSS `ttl`).
    pub ttl_minutes: Option<u32>,
    /// Hours of the day (0 to 23, UTC) in which nothing new comes (RSS `skipHours`).
    pub skip_hours: Vec<u8>,
    /// Days of the week (Monday is 0) on which nothing new comes (RSS `skipDays`).
    pub skip_days: Vec<u8>,
    /// How often something new comes (`sy:updatePeriod` over `sy:updateFrequency`).
    pub update_every: Option<Duration>,
    /// `WebSub` hubs that push this feed (`rel=hub`).
    pub hubs: Vec<String>,
    /// The feed's own address (`rel=self`): what is subscribed to at a hub.
    pub self_link: Option<String>,
    /// The next page of older entries (`rel=next`, RFC 5005 section 3; JSON Feed's `next_url`).
    pub next_page: Option<String>,
    /// The archive before this document (`rel=prev-archive`, RFC 5005 section 4).
    pub previous_archive: Option<String>,
}

/// A document, read. Reading never fails: what went wrong is in `problems`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// What it is.
    pub kind: DocumentKind,
    /// The document's own title.
    pub title: Option<String>,
    /// The document's own language.
    pub lang: Option<String>,
    /// The page that the document belongs to, absolute.
    pub home: Option<String>,
    /// What it says of polling it.
    pub announced: Announced,
    /// Feeds that an HTML page in the feed's place names as its own, absolute; empty for feeds.
    pub alternatives: Vec<String>,
    /// Its entries, in the document's order.
    pub entries: Vec<Entry>,
    /// What was mended or not understood.
    pub problems: Vec<Problem>,
}

impl Parsed {
    /// The problem that kept the document from being read, if one did.
    pub fn fatal(&self) -> Option<&Problem> {
        self.problems.iter().find(|p| p.fatal)
    }
}
