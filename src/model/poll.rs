//! Polls: what is claimed, what came of it, and what the store writes in one transaction.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{
    EntryKey, Moving, Notification, Source, SourceHealth, SourceId, StoryDraft, StoryId, SubscriptionId, WebUrl,
};

/// What a conditional request sends back, byte for byte as received (RFC 9110 section 8.8).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// The ETag field, quotes and `W/` included.
    pub etag: Option<String>,
    /// The Last-Modified field, never parsed.
    pub last_modified: Option<String>,
}

/// A source that this worker may poll until the lease runs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceClaim {
    /// The source as it stood.
    pub source: Source,
    /// Proof of the claim: a record with another fence changes nothing.
    pub fence: i64,
}

/// What came of a poll. Words are fixed: they stand in the store, metrics and API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PollOutcome {
    /// 200 with a document that could be read.
    Read {
        /// Entries in the document.
        entries: usize,
    },
    /// 304 Not Modified.
    NotModified,
    /// No good answer, or a document that can't be read.
    Failed {
        /// A fixed word: a [`super::FailureKind`]'s, `status`, `not-a-feed`, `packed`, `empty`, `empty-list`,
        /// `no-links`, `malformed`.
        kind: &'static str,
        /// What was found and what to do, in words.
        detail: String,
    },
}

/// A story already known under one of the asked keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The key that was asked.
    pub key: EntryKey,
    /// The story that has it.
    pub story: StoryId,
    /// Where that story was first read.
    pub source: SourceId,
    /// Its canonical address.
    pub url: String,
    /// Its title now.
    pub title: String,
    /// Its fingerprint now.
    pub fingerprint: u64,
    /// Characters of its text now: an article's full text is not replaced by a feed's summary.
    pub text_chars: usize,
    /// When it was published, as its publisher says.
    pub published: Option<Timestamp>,
}

impl Known {
    /// A story of which retention has left nothing but its keys: known by its address and its very words, as these are believed
    /// whatever else is known; not by an id or a title alone, which may be another's by now. It is nobody's to revise.
    pub fn buried(key: EntryKey, story: StoryId) -> Self {
        let (title, fingerprint) = (String::new(), 0);
        // No address has this form: every other differs from it.
        let url = "buried:".to_owned();
        Self { key, story, source: SourceId(0), url, title, fingerprint, text_chars: usize::MAX, published: None }
    }
}

/// What a poll brings to the log of stories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoryChange {
    /// Not known under any of its keys. (Should another worker have stored one meanwhile, the store drops this one.)
    New {
        /// The story.
        draft: StoryDraft,
        /// Whether its article page is to be fetched before it is decided.
        fetch_article: bool,
    },
    /// Known, its words changed: a new revision, to be decided again. An empty text keeps the stored one.
    Revised {
        /// The story that changed.
        story: StoryId,
        /// What it says now.
        draft: StoryDraft,
    },
    /// Known, its words the same, but a key is new (a changed guid, another address): remembered.
    Alias {
        /// The story.
        story: StoryId,
        /// The keys to add.
        keys: Vec<EntryKey>,
    },
}

/// Everything that one poll changes, written in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollRecord {
    /// The source.
    pub source: SourceId,
    /// From the claim.
    pub fence: i64,
    /// When the poll ended.
    pub at: Timestamp,
    /// What came of it.
    pub outcome: PollOutcome,
    /// How long it took.
    pub took: Duration,
    /// The validators to send next time; `None` keeps those stored.
    pub validators: Option<Validators>,
    /// The address to poll from now on, where the publisher moved it for good.
    pub moved_to: Option<WebUrl>,
    /// The permanent redirect that is not believed yet.
    pub moving: Option<Moving>,
    /// New and changed stories, oldest first; shared, as a poll is kept until its commit is known.
    pub stories: Arc<[StoryChange]>,
    /// Where the list stands that was found by what repeats; `None` keeps what is stored.
    pub layout: Option<String>,
    /// Whether new stories are the source's past: its first (no good poll before), or those of a list in another place.
    pub first_poll: bool,
    /// When to poll next.
    pub next_poll_at: Timestamp,
    /// The wait that led to it.
    pub interval: Duration,
    /// What the schedule has learnt of the source, in its own bytes; `None` keeps what is stored.
    pub pace: Option<Vec<u8>>,
    /// Failed polls in a row, this one included.
    pub failures: u32,
    /// Whether the source is well, after this poll.
    pub health: SourceHealth,
    /// The registered domain that must be left alone as a whole.
    pub domain_pause: Option<DomainPause>,
    /// `source.failing` or `source.recovered`, and whom to tell.
    pub notices: Vec<(Notification, Vec<SubscriptionId>)>,
}

/// A registered domain that is left alone as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainPause {
    /// Its name.
    pub domain: String,
    /// Until when.
    pub until: Timestamp,
    /// What it answered that led to this, in words; empty of pauses that an earlier tidings began.
    pub why: String,
}

/// What a host's `robots.txt` said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RobotsText {
    /// Until when that holds.
    pub until: Timestamp,
    /// The file as it came; empty where there is none.
    pub body: Vec<u8>,
}

/// What the store did with a [`PollRecord`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Whether the fence held; when not, nothing was written.
    pub accepted: bool,
    /// Stories added.
    pub new: usize,
    /// Stories revised.
    pub revised: usize,
    /// Stories that now wait for their article page.
    pub awaiting: usize,
}

/// A story whose article page this worker may fetch until the lease runs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleClaim {
    /// Whether its last try ran into a bound on time.
    pub is_slow: bool,
    /// The story.
    pub story: StoryId,
    /// Where it was first read.
    pub source: SourceId,
    /// Whether that is a list page and no feed.
    pub is_listed: bool,
    /// The page.
    pub url: WebUrl,
    /// What the list or feed said.
    pub draft: StoryDraft,
    /// Tries before this one.
    pub tries: u32,
    /// Proof of the claim.
    pub fence: i64,
}

impl ArticleClaim {
    /// Tries before the story is decided on what the list said: its readers wait no longer.
    pub const TRIES_MAX: u32 = 3;
}

/// What an article page says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Article {
    /// Its title.
    pub title: Option<String>,
    /// The address that it names as its own, absolute.
    pub canonical: Option<String>,
    /// When it was published.
    pub published: Option<Timestamp>,
    /// Whether it says so in what it states of itself for machines, and doesn't only show it.
    pub states_date: bool,
    /// When it was changed.
    pub updated: Option<Timestamp>,
    /// Who wrote it.
    pub author: Option<String>,
    /// Its language (BCP 47).
    pub lang: Option<String>,
    /// Its text, plain, a paragraph a line.
    pub text: String,
    /// What stands before the article, if anything does.
    pub wall: Option<Wall>,
}

/// What stands between a reader and an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wall {
    /// Only subscribers read the whole; the text is what is shown to all.
    Paywall,
    /// A page that asks for consent to cookies stands in the article's place.
    Consent,
    /// A check for robots stands in the article's place.
    Check,
}

impl Wall {
    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Paywall => "paywall",
            Self::Consent => "consent",
            Self::Check => "check",
        }
    }
}

/// What came of fetching an article page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArticleRecord {
    /// Read: the story's draft with what the page added; now undecided. Boxed, as it dwarfs the other.
    Read {
        /// The story.
        story: StoryId,
        /// From the claim.
        fence: i64,
        /// What the story says now (keys: those to add).
        draft: Box<StoryDraft>,
    },
    /// Not read. With no `retry_at` the story is decided on what the list said.
    Failed {
        /// The story.
        story: StoryId,
        /// From the claim.
        fence: i64,
        /// In words.
        detail: String,
        /// When to try again, if at all.
        retry_at: Option<Timestamp>,
        /// The registered domain that must be left alone as a whole.
        domain_pause: Option<DomainPause>,
    },
}
