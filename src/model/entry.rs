//! Entries: items as published in a feed or on a list page, before they are stories.

use jiff::Timestamp;

/// What a document turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// A fixed word for the kind: `not-a-feed`, `panic`, `too-deep`, `bad-encoding`, `truncated`, ...
    pub kind: &'static str,
    /// A fragment in words.
    pub detail: String,
    /// Where in the document, in bytes, if known.
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
}

/// A document, read. Reading never fails: what went wrong is in `problems`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// What it is.
    pub kind: DocumentKind,
    /// The document's own title.
    pub title: Option<String>,
    /// The document's own language.
    pub lang: Option<String>,
    /// The page that the document belongs to, absolute.
    pub home: Option<String>,
    /// How long the publisher asks readers to wait between polls (RSS `ttl`), in minutes.
    pub ttl_minutes: Option<u32>,
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
