//! Sources: what is polled, and how it fares.

use std::time::Duration;

use jiff::Timestamp;

use super::{SourceId, TopicKey, Validators, WebUrl};

/// Minutes between two polls of a source at most: a month.
pub const INTERVAL_MINUTES_MAX: u32 = 31 * 24 * 60;

/// Where a source, topic or subscription was declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// In the configuration file: leaves when its lines leave.
    Config,
    /// By command or API: stays until removed.
    Api,
}

impl Origin {
    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Api => "api",
        }
    }
}

/// CSS selectors that find the articles of a list page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageSelectors {
    /// One match an article.
    pub item: String,
    /// Within the item: the link; the item itself where absent.
    pub link: Option<String>,
    /// Within the item: the title; the link's text where absent.
    pub title: Option<String>,
    /// Within the item: the date, read from `datetime`, `content` or the text.
    pub date: Option<String>,
    /// Within the item: a summary.
    pub summary: Option<String>,
}

/// How a source is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceKind {
    /// RSS, Atom, RDF or JSON Feed.
    Feed,
    /// An HTML page that lists articles where selectors say.
    Page(PageSelectors),
    /// An HTML page whose list of articles is found by what repeats.
    List,
}

impl SourceKind {
    /// Whether it is an HTML page, which names its articles and little more.
    pub fn is_page(&self) -> bool {
        match self {
            Self::Feed => false,
            Self::Page(_) | Self::List => true,
        }
    }
}

/// How much a source's stories count when requests are shared out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Priority {
    /// Half as many polls as a normal one of its pace.
    Low,
    /// By its pace alone.
    #[default]
    Normal,
    /// Twice as many.
    High,
}

impl Priority {
    /// All of them, lowest first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Normal, Self::High];

    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
        }
    }

    /// Reads the fixed word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.label() == word)
    }
}

/// A source as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceSpec {
    /// The address that is polled; unique among sources.
    pub url: WebUrl,
    /// What people call it.
    pub name: String,
    /// Who publishes there, as shown and as matched by `publisher:`; the host without `www.` unless declared.
    pub publisher: String,
    /// How it is read.
    pub kind: SourceKind,
    /// Its language (BCP 47 primary subtag) where entries name none.
    pub lang: Option<String>,
    /// The topics that its stories are held against; empty means all.
    pub topics: Vec<TopicKey>,
    /// Never polled sooner than this after a poll.
    pub interval_min: Duration,
    /// Never later than this, failures and the publisher's own caching hints aside.
    pub interval_max: Duration,
    /// How much its stories count when requests are shared out.
    pub priority: Priority,
    /// Whether each new story's article page is fetched before it is decided (always so for pages).
    pub full_text: bool,
}

impl SourceSpec {
    /// A feed of which only its address and the bounds of its interval (shortest, longest) are known: called and
    /// published by its host, for all topics, of normal priority.
    pub fn feed(url: WebUrl, (interval_min, interval_max): (Duration, Duration)) -> Self {
        let host = url.host_text().to_owned();
        Self {
            url,
            name: host.clone(),
            publisher: host,
            kind: SourceKind::Feed,
            lang: None,
            topics: Vec::new(),
            interval_min,
            interval_max,
            priority: Priority::Normal,
            full_text: false,
        }
    }
}

/// Whether a source is well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SourceHealth {
    /// Its last poll was good, or too few failed in a row to say.
    #[default]
    Well,
    /// Its polls are well, and it brings nothing for longer than is like it (`source.failing` tells that too).
    Silent,
    /// Failing long enough to be told (`source.failing`).
    Failing,
    /// It answered 410 Gone twice: no longer polled.
    Gone,
}

impl SourceHealth {
    /// All of them, the best first.
    pub const ALL: [Self; 4] = [Self::Well, Self::Silent, Self::Failing, Self::Gone];

    /// Reads the fixed word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|health| health.label() == word)
    }

    /// Whether its polls are answered.
    pub fn is_polled_well(self) -> bool {
        match self {
            Self::Well | Self::Silent => true,
            Self::Failing | Self::Gone => false,
        }
    }

    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Silent => "silent",
            Self::Failing => "failing",
            Self::Gone => "gone",
        }
    }
}

/// A permanent redirect (301, 308) that has been seen, and is not believed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moving {
    /// Where it leads.
    pub to: WebUrl,
    /// When it was first seen.
    pub since: Timestamp,
    /// Polls that it led to the same source's document.
    pub sightings: u32,
}

/// What polling has learnt of a source. The default is one that was never polled, due since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceState {
    /// ETag and Last-Modified of the last full answer, byte for byte.
    pub validators: Validators,
    /// When it is due.
    pub next_poll_at: Timestamp,
    /// When it was last polled.
    pub last_poll_at: Option<Timestamp>,
    /// When a poll last succeeded (200 with a readable document, or 304).
    pub last_good_at: Option<Timestamp>,
    /// When it last brought a new story.
    pub last_story_at: Option<Timestamp>,
    /// Failed polls in a row.
    pub failures: u32,
    /// Polls in all, and how many of them were answered 304.
    pub polls: u64,
    /// Polls answered 304 Not Modified.
    pub not_modified: u64,
    /// The wait that led to `next_poll_at`.
    pub interval: Duration,
    /// Whether it is well.
    pub health: SourceHealth,
    /// Whether its last poll ran into a bound on time.
    pub is_slow: bool,
    /// The last poll's outcome in words: `ok`, `ok, but no entries`, `not modified`, or the failure.
    pub last_outcome: String,
    /// The address that it was declared with, where its publisher has moved it for good since.
    pub moved_from: Option<WebUrl>,
    /// The permanent redirect that is not believed yet.
    pub moving: Option<Moving>,
    /// Of a page whose list is found by what repeats: where it stood at the last good poll.
    pub layout: Option<String>,
    /// What its schedule has learnt, in the schedule's own bytes; empty before the first good poll.
    pub pace: Vec<u8>,
}

/// A source with its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its number.
    pub id: SourceId,
    /// As declared.
    pub spec: SourceSpec,
    /// Where it was declared.
    pub origin: Origin,
    /// What polling has learnt.
    pub state: SourceState,
    /// Stories stored from it.
    pub stories: u64,
}
