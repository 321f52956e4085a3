//! The words of all feed formats: namespaces by what they mean, elements by their local names.

/// What a namespace means here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    /// RSS of any version, CDF, and elements without a namespace.
    Core,
    /// Atom 0.3 and 1.0.
    Atom,
    /// RDF's own syntax.
    Rdf,
    /// Dublin Core elements.
    Dublin,
    /// Dublin Core terms.
    Terms,
    /// RSS's `content` module.
    Content,
    /// Media RSS.
    Media,
    /// Articles for a search engine's own pages.
    Turbo,
    /// Podcasts.
    Itunes,
    /// RSS's `syndication` module.
    Syndication,
    /// HTML as XML.
    Xhtml,
    /// `xml:`.
    Xml,
    /// Any other.
    Other,
}

/// Namespace addresses, without their scheme, `www.` and a closing `/` or `#`, in lower case.
const ADDRESSES: &[(&str, Space)] = &[
    ("w3.org/2005/atom", Space::Atom),
    ("purl.org/atom/ns", Space::Atom),
    ("example.com/newformat", Space::Atom),
    ("example.com/necho", Space::Atom),
    ("purl.org/echo", Space::Atom),
    ("uri/of/echo/namespace", Space::Atom),
    ("purl.org/pie", Space::Atom),
    ("backend.userland.com/rss", Space::Core),
    ("blogs.law.harvard.edu/tech/rss", Space::Core),
    ("cyber.law.harvard.edu/rss/rss.html", Space::Core),
    ("purl.org/rss/1.0", Space::Core),
    ("my.netscape.com/rdf/simple/0.9", Space::Core),
    ("channel.netscape.com/rdf/simple/0.9", Space::Core),
    ("my.netscape.com/publish/formats/rss-0.91.dtd", Space::Core),
    ("purl.org/net/rss1.1", Space::Core),
    ("purl.org/rss/1.0/modules/rss091", Space::Core),
    ("w3.org/1999/02/22-rdf-syntax-ns", Space::Rdf),
    ("purl.org/dc/elements/1.1", Space::Dublin),
    ("purl.org/dc/elements/1.0", Space::Dublin),
    ("purl.org/dc/terms", Space::Terms),
    ("purl.org/rss/1.0/modules/dcterms", Space::Terms),
    ("purl.org/rss/1.0/modules/content", Space::Content),
    ("search.yahoo.com/mrss", Space::Media),
    ("video.search.yahoo.com/mrss", Space::Media),
    ("turbo.yandex.ru", Space::Turbo),
    ("itunes.com/dtds/podcast-1.0.dtd", Space::Itunes),
    ("example.com/dtds/podcast-1.0.dtd", Space::Itunes),
    ("purl.org/rss/1.0/modules/syndication", Space::Syndication),
    ("w3.org/1999/xhtml", Space::Xhtml),
    ("w3.org/xml/1998/namespace", Space::Xml),
];

impl Space {
    /// The namespace of an address: letters' case, scheme and a closing slash don't count, for publishers vary them.
    pub(super) fn of_address(address: &str) -> Option<Self> {
        if address.trim().is_empty() {
            return Some(Self::Core);
        }
        let lower = address.trim().to_ascii_lowercase();
        let bare = lower.strip_prefix("http://").or_else(|| lower.strip_prefix("https://")).unwrap_or(&lower);
        let bare = bare.strip_prefix("www.").unwrap_or(bare).trim_end_matches(['/', '#']);
        let known = ADDRESSES.iter().find(|(known, _)| *known == bare).map(|&(_, space)| space);
        // RSS 2.0 has none of its own: what userland.com served over the years (rss, rss2, rss191, RSS2.1 ...) is RSS.
        known.or_else(|| bare.starts_with("backend.userland.com/rss").then_some(Self::Core))
    }

    /// The namespace that a prefix stands for by custom, where the document does not bind it.
    pub(super) fn of_prefix(prefix: &str) -> Self {
        match prefix {
            "" | "rss" | "rss1" | "rss09" | "rss2" => Self::Core,
            "atom" | "atom10" | "atom03" | "a10" => Self::Atom,
            "rdf" => Self::Rdf,
            "dc" => Self::Dublin,
            "dcterms" => Self::Terms,
            "content" => Self::Content,
            "media" => Self::Media,
            "itunes" => Self::Itunes,
            "turbo" => Self::Turbo,
            "sy" | "syn" => Self::Syndication,
            "xhtml" | "html" | "h" => Self::Xhtml,
            "xml" => Self::Xml,
            _ => Self::Other,
        }
    }

    /// Whether RSS's or Atom's own elements are in it: each is found in the other's documents.
    pub(super) fn is_own(self) -> bool {
        matches!(self, Self::Core | Self::Atom)
    }
}

/// What a link is to its entry: the registered name, of which RFC 4287 section 4.2.7.2 lets the address be written.
pub(super) fn relation(written: &str) -> &str {
    let written = written.trim();
    let bare = written.strip_prefix("https:").or_else(|| written.strip_prefix("http:")).unwrap_or(written);
    bare.strip_prefix("//www.iana.org/assignments/relation/").unwrap_or(written)
}

/// The local name of an element that means something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Abstract,
    Anchor,
    Author,
    Body,
    Channel,
    Content,
    Created,
    Creator,
    Date,
    Day,
    Description,
    Email,
    Enclosure,
    Encoded,
    Entry,
    Feed,
    FullItem,
    /// The whole text, for aggregators: `yandex:full-text`, `rbc_news:full-text`, `rambler:fulltext`.
    FullText,
    Group,
    Guid,
    Hour,
    Html,
    Id,
    Image,
    Issued,
    Item,
    Language,
    LastBuildDate,
    Link,
    Modified,
    Person,
    PubDate,
    Published,
    Rdf,
    Rss,
    SkipDays,
    SkipHours,
    Source,
    Subtitle,
    Summary,
    Tagline,
    TextInput,
    Title,
    Ttl,
    UpdateFrequency,
    UpdatePeriod,
    Updated,
    /// An element of HTML that never has content.
    Void,
    Other,
}

/// The longest of the names has 15 letters (`updateFrequency`).
const NAME_BYTES_MAX: usize = 16;

impl Name {
    /// The name of a local name as written; case does not count (CDF writes capitals, publishers write anything).
    pub(super) fn of(local: &str) -> Self {
        let mut lower = [0; NAME_BYTES_MAX];
        let Some(lower) = lower.get_mut(..local.len()) else { return Self::Other };
        lower.copy_from_slice(local.as_bytes());
        lower.make_ascii_lowercase();
        match &*lower {
            b"item" => Self::Item,
            b"entry" => Self::Entry,
            b"title" => Self::Title,
            b"link" => Self::Link,
            b"description" => Self::Description,
            b"pubdate" => Self::PubDate,
            b"guid" => Self::Guid,
            b"creator" => Self::Creator,
            b"encoded" => Self::Encoded,
            b"content" => Self::Content,
            b"summary" => Self::Summary,
            b"id" => Self::Id,
            b"updated" => Self::Updated,
            b"published" => Self::Published,
            b"author" => Self::Author,
            b"name" => Self::Person,
            b"email" => Self::Email,
            b"enclosure" => Self::Enclosure,
            b"group" => Self::Group,
            b"date" => Self::Date,
            b"language" => Self::Language,
            b"abstract" => Self::Abstract,
            b"a" => Self::Anchor,
            b"body" => Self::Body,
            b"channel" => Self::Channel,
            b"created" => Self::Created,
            b"day" => Self::Day,
            b"feed" => Self::Feed,
            b"fullitem" => Self::FullItem,
            b"full-text" | b"fulltext" => Self::FullText,
            b"hour" => Self::Hour,
            b"html" | b"head" => Self::Html,
            b"image" | b"logo" | b"icon" => Self::Image,
            b"issued" => Self::Issued,
            b"lastbuilddate" | b"lastmod" => Self::LastBuildDate,
            b"modified" => Self::Modified,
            b"rdf" => Self::Rdf,
            b"rss" => Self::Rss,
            b"skipdays" => Self::SkipDays,
            b"skiphours" => Self::SkipHours,
            b"source" => Self::Source,
            b"subtitle" => Self::Subtitle,
            b"tagline" | b"info" => Self::Tagline,
            b"textinput" => Self::TextInput,
            b"ttl" => Self::Ttl,
            b"updatefrequency" => Self::UpdateFrequency,
            b"updateperiod" => Self::UpdatePeriod,
            b"br" | b"hr" | b"img" | b"input" | b"wbr" | b"col" | b"area" => Self::Void,
            _ => Self::Other,
        }
    }

    /// Whether it holds one item of the feed.
    pub(super) fn is_item(self) -> bool {
        matches!(self, Self::Item | Self::Entry)
    }

    /// Whether it may hold items.
    pub(super) fn is_holder(self) -> bool {
        matches!(self, Self::Rss | Self::Rdf | Self::Feed | Self::Channel)
    }

    /// Whether it is a field that holds a few words and no other field.
    pub(super) fn is_line(self) -> bool {
        matches!(
            self,
            Self::Title
                | Self::Link
                | Self::Guid
                | Self::Id
                | Self::PubDate
                | Self::Published
                | Self::Updated
                | Self::Issued
                | Self::Created
                | Self::Modified
                | Self::Date
                | Self::Creator
                | Self::Language
                | Self::Ttl
                | Self::LastBuildDate
        )
    }

    /// Whether it is a field that holds text, which may be markup.
    pub(super) fn is_prose(self) -> bool {
        matches!(self, Self::Description | Self::Summary | Self::Content | Self::Encoded | Self::Subtitle)
    }

    /// Whether it is a field of a feed or of an item.
    pub(super) fn is_field(self) -> bool {
        self.is_line()
            || self.is_prose()
            || matches!(self, Self::Enclosure | Self::Author | Self::Group | Self::FullItem | Self::Abstract)
    }

    /// Whether it is a field that no HTML has: where it begins, a text left open has ended.
    pub(super) fn is_foreign_to_html(self) -> bool {
        matches!(
            self,
            Self::Guid
                | Self::PubDate
                | Self::Published
                | Self::Updated
                | Self::Issued
                | Self::Modified
                | Self::Creator
                | Self::Enclosure
                | Self::Encoded
        )
    }
}
