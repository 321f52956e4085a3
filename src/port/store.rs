//! The store: the only thing between the three loops.
//!
//! About two dozen domain verbs, each one transaction: no rows, no query builder, nothing half done. Verbs are
//! synchronous; `daemon::keeper` runs them on a thread of their own, several in one commit (see [`Store::group`]), or
//! in place when simulated. A verb that changes something is durable once its group is committed (see [`Durable`]).

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{
    Devices, Endpoints, Exports, Followers, LogFilter, LogPage, Pages, Pushes, StoreTrouble, Subscribers, Surveys,
    Tokens, Upkeep, Versions, Wants,
};
use crate::ingest::{Recalled, Remembered};
use crate::model::{
    Answers, ArticleClaim, ArticleRecord, Commit, Corrected, Correction, Decision, Delivery, DeliveryClaim, DeliveryId,
    DeliveryState, DomainPause, EntryKey, Event, EventId, EventView, FeedPlace, Hearing, Impossible, Known, Label,
    LabelView, Mark, Notification, NotificationId, PollRecord, Priority, ReadFor, Recorded, Relevance, RobotsText,
    Settlement, Source, SourceClaim, SourceId, SourceSpec, Story, StoryChange, StoryId, Subscription, SubscriptionId,
    SubscriptionSpec, Topic, TopicKey, TopicSpec,
};
use crate::text::counted;

/// Why the store did not do as told.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database can't be opened or is none of ours.
    #[error("open the store {path}: {why}")]
    Open {
        /// The file.
        path: String,
        /// What was found and what to do.
        why: String,
    },
    /// The database was written by a newer tidings.
    #[error(
        "open the store {path}: it has schema version {found}, this tidings knows up to {known}; install a newer tidings"
    )]
    Newer {
        /// The file.
        path: String,
        /// The version found.
        found: i64,
        /// The newest version known.
        known: i64,
    },
    /// The database's file is damaged: only a copy helps.
    #[error("read the store {path}: {why}")]
    Damaged {
        /// The file.
        path: String,
        /// What was found and what to do.
        why: String,
    },
    /// The disk is full, busy beyond patience, or failing: the same verb may work later.
    #[error("{verb}: {why}")]
    Busy {
        /// The verb.
        verb: &'static str,
        /// The database's own words.
        why: String,
    },
    /// What was asked for conflicts with what is there (a name or address that is taken).
    #[error("{what} is taken already: {detail}")]
    Taken {
        /// What kind of thing.
        what: &'static str,
        /// Which one, and where it is.
        detail: String,
    },
    /// Stored bytes that this tidings can't read.
    #[error("{verb}: stored {what} can't be read: {detail}")]
    Corrupt {
        /// The verb.
        verb: &'static str,
        /// What kind of thing.
        what: &'static str,
        /// What was found.
        detail: String,
    },
    /// It was decided on what has changed meanwhile: decide it again.
    #[error("{verb}: overtaken: {why}")]
    Overtaken {
        /// The verb.
        verb: &'static str,
        /// What changed.
        why: String,
    },
    /// Secrets that can't be read or written with the keys at hand.
    #[error("{why}")]
    Sealed {
        /// Under which key they are, and what to do.
        why: String,
    },
    /// Any other refusal of the database.
    #[error("{verb}: {why}")]
    Refused {
        /// The verb.
        verb: &'static str,
        /// The database's own words.
        why: String,
    },
}

impl StoreError {
    /// Whether the same verb may work later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Busy { .. } | Self::Overtaken { .. } => true,
            Self::Open { .. }
            | Self::Newer { .. }
            | Self::Damaged { .. }
            | Self::Taken { .. }
            | Self::Corrupt { .. }
            | Self::Sealed { .. }
            | Self::Refused { .. } => false,
        }
    }
}

/// What the configuration declares; the store adds, changes and retires what is of `Origin::Config` to match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// Topics.
    pub topics: Vec<TopicSpec>,
    /// Sources.
    pub sources: Vec<SourceSpec>,
    /// Subscriptions.
    pub subscriptions: Vec<SubscriptionSpec>,
    /// What waited for a subscription that comes back is given back when it is no older than the subscription's expiry, and where it has
    /// none, than this; `None`: however old it is.
    pub expire: Option<Duration>,
}

impl Declared {
    /// Whether no topic, source or subscription is declared.
    pub fn is_empty(&self) -> bool {
        self.topics.is_empty() && self.sources.is_empty() && self.subscriptions.is_empty()
    }
}

/// What [`Store::sync`] changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Synced {
    /// Of topics.
    pub topics: Tally,
    /// Of sources.
    pub sources: Tally,
    /// Of subscriptions.
    pub subscriptions: Tally,
    /// Deliveries that waited for subscriptions that were retired, and end with them.
    pub ended: usize,
    /// Deliveries that ended so once, and wait again, as their subscriptions are back.
    pub given_back: usize,
    /// Things that were added by command or API, and that the configuration declares now.
    pub taken_over: usize,
}

impl Synced {
    /// Of all of them.
    pub fn all(&self) -> Tally {
        let each = [self.topics, self.sources, self.subscriptions];
        each.into_iter().fold(Tally::default(), |sum, one| Tally {
            added: sum.added + one.added,
            changed: sum.changed + one.changed,
            retired: sum.retired + one.retired,
        })
    }

    /// What became of deliveries, as subscriptions left or came back, and of what was added otherwise: a sentence each.
    pub fn words(&self) -> impl Iterator<Item = String> {
        let ended = (self.ended > 0).then(|| {
            counted(
                self.ended,
                "delivery that waited for a removed subscription has ended; it waits again if that is declared again for the same address before it expires",
                "deliveries that waited for removed subscriptions have ended; they wait again if those are declared again for the same addresses before they expire",
            )
        });
        let given_back = (self.given_back > 0).then(|| {
            counted(
                self.given_back,
                "delivery waits again, as its subscription is back",
                "deliveries wait again, as their subscriptions are back",
            )
        });
        let taken_over = (self.taken_over > 0).then(|| {
            counted(
                self.taken_over,
                "of these was added by command or API: the configuration rules it now, its secret too, and it ends when its lines go",
                "of these were added by command or API: the configuration rules them now, their secrets too, and they end when their lines go",
            )
        });
        ended.into_iter().chain(given_back).chain(taken_over)
    }
}

/// How many things of one kind a new declaration concerns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Things added.
    pub added: usize,
    /// Things changed.
    pub changed: usize,
    /// Things retired: no longer polled, watched or served; what they brought stays.
    pub retired: usize,
}

/// Who tells of a topic's events, seen from one of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Crowd {
    /// The sources that told of this event.
    pub tellers: Vec<SourceId>,
    /// The topic's other events in the time asked for that two publishers or more told of.
    pub events: u32,
    /// The sources that told of any of those and not of this one, with how many each told of; none of which a story waits
    /// to be decided, as that may tell of it.
    pub others: Vec<(SourceId, u32)>,
}

/// Which sources to claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimSources {
    /// Due means `next_poll_at` at or before this.
    pub now: Timestamp,
    /// Others may claim them again after this.
    pub lease_until: Timestamp,
    /// At most so many in all.
    pub limit: usize,
    /// At most so many of one registered domain (they are polled one after another).
    pub per_domain: usize,
    /// Of them, at most so many domains with work whose last try ran into a bound on time: it is likely to take as long again.
    pub slow_domains: usize,
    /// Registered domains that are being polled already.
    pub except_domains: Vec<String>,
    /// Only these sources, if given.
    pub only: Option<Vec<SourceId>>,
}

/// Which deliveries to claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimDeliveries {
    /// Due means `next_attempt_at` at or before this.
    pub now: Timestamp,
    /// Others may claim them again after this.
    pub lease_until: Timestamp,
    /// At most so many in all.
    pub limit: usize,
    /// Of them, at most so many for endpoints that aren't known to answer promptly: each may keep an attempt waiting.
    pub unproved_limit: usize,
    /// Of those, at most so many for endpoints that are known to be slow.
    pub slow_limit: usize,
    /// How endpoints answered when they were last asked, as far as that is known.
    pub answers: Arc<BTreeMap<SubscriptionId, Answers>>,
    /// At most so many under way of one subscription, those in `in_flight` included.
    pub per_subscription: usize,
    /// Attempts under way.
    pub in_flight: BTreeMap<SubscriptionId, usize>,
    /// Subscriptions whose endpoints had too much to do of late: at most so many under way of each.
    pub eased: BTreeMap<SubscriptionId, usize>,
    /// Attempts that have ended and are not settled yet.
    pub settling: usize,
}

/// When each loop has work next. `None`: nothing is waiting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Due {
    /// A source (claims under lease count from the lease's end).
    pub source_at: Option<Timestamp>,
    /// An article page.
    pub article_at: Option<Timestamp>,
    /// Whether stories are undecided.
    pub undecided: bool,
    /// A delivery (claims under lease count from the lease's end).
    pub delivery_at: Option<Timestamp>,
    /// A digest.
    pub digest_at: Option<Timestamp>,
}

/// Some of the sources that are polled, spread evenly over all of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PaceSample {
    /// How many there are in all.
    pub of: usize,
    /// Those looked at.
    pub sources: Vec<SampledPace>,
}

/// What a sample holds of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampledPace {
    /// What its schedule has learnt, in the schedule's own bytes.
    pub pace: Vec<u8>,
    /// How much its stories count.
    pub priority: Priority,
    /// Its shortest wait.
    pub interval_min: Duration,
    /// Its longest.
    pub interval_max: Duration,
    /// Failed polls in a row.
    pub failures: u32,
    /// The wait that it is at.
    pub interval: Duration,
    /// Whether it is pushed, so that it is polled as a back-up only.
    pub pushed: bool,
}

/// What the decider's index is rebuilt from.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexSeed {
    /// Stories that were decided to be on a topic within the window, oldest first: to be recalled few at a time, as all of their
    /// texts would take more room than the index.
    pub stories: Vec<StoryId>,
    /// Events that they belong to.
    pub events: Vec<Event>,
    /// The number for the next event.
    pub next_event: EventId,
    /// Stories that operators marked as off a topic.
    pub off_topic: Vec<(StoryId, TopicKey)>,
    /// Stories that operators said tell of different events.
    pub apart: Vec<(StoryId, StoryId, TopicKey)>,
    /// What was learnt of topics.
    pub relevances: Vec<Relevance>,
    /// Who hears of which event.
    pub hearings: Vec<Hearing>,
}

/// How a story stands with a topic.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stands {
    /// Whether it is in an event of the topic, by the last decision.
    pub is_on: bool,
    /// What an operator said of it and still holds.
    pub mark: Option<Mark>,
    /// What it means, where that was found, as bytes of a vector.
    pub meaning: Option<Vec<u8>>,
}

/// Stories that are recalled at once.
const RECALLED: usize = 500;

impl IndexSeed {
    /// Its stories, so many as are recalled at once.
    pub fn stories_at_once(&self) -> impl Iterator<Item = &[StoryId]> {
        self.stories.chunks(RECALLED)
    }

    /// As a decider takes it.
    pub fn remembered(&self) -> Remembered<'_> {
        Remembered {
            events: &self.events,
            off_topic: &self.off_topic,
            apart: &self.apart,
            relevances: &self.relevances,
            next_event: self.next_event,
            hearings: &self.hearings,
        }
    }
}

/// What was decided and said of a story before it is decided again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// Decisions, in the order they were made; empty for a new story.
    pub decisions: Vec<Decision>,
    /// What operators said of it and still holds, in the order it was said.
    pub labels: Vec<Label>,
    /// Why its article page was asked for, if it was.
    pub read_for: Option<ReadFor>,
}

/// Which events to list, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Of this topic.
    pub topic: Option<TopicKey>,
    /// Opened at or after this.
    pub since: Option<Timestamp>,
    /// Opened before this.
    pub until: Option<Timestamp>,
    /// With a story in this language.
    pub lang: Option<String>,
    /// With a story of this publisher.
    pub publisher: Option<String>,
    /// Only those told.
    pub told_only: bool,
    /// Numbered below this (paging).
    pub before: Option<EventId>,
    /// At most so many.
    pub limit: usize,
}

/// Which deliveries to list, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Of this subscription.
    pub subscription: Option<SubscriptionId>,
    /// In this state.
    pub state: Option<DeliveryState>,
    /// Numbered below this (paging).
    pub before: Option<DeliveryId>,
    /// At most so many.
    pub limit: usize,
    /// Made at or after this.
    pub since: Option<Timestamp>,
    /// Of this event.
    pub event: Option<EventId>,
}

/// What a listing holds, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// Those in force.
    Current,
    /// Retired ones too.
    All,
}

/// All that is known of one story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The story.
    pub story: Story,
    /// Its source.
    pub source: Source,
    /// Its earlier revisions, oldest first.
    pub revisions: Vec<Revision>,
    /// What was decided of it.
    pub decisions: Vec<Decision>,
    /// The events it belongs to.
    pub events: Vec<Event>,
    /// Addresses and titles of the stories that the decisions speak of.
    pub others: Vec<(StoryId, String, String)>,
    /// What was told because of it.
    pub deliveries: Vec<Delivery>,
    /// What operators said of it and still holds, in the order it was said.
    pub labels: Vec<Label>,
}

impl Explained {
    /// Each earlier revision with the title and text that took its place.
    pub fn edits(&self) -> impl Iterator<Item = (&Revision, (&str, &str))> {
        let draft = &self.story.draft;
        let later = self.revisions.iter().skip(1).map(|next| (next.title.as_str(), next.text.as_str()));
        self.revisions.iter().zip(later.chain([(draft.title.as_str(), draft.text.as_str())]))
    }
}

/// What a story said before it was edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Its number, from 1.
    pub number: u32,
    /// The title.
    pub title: String,
    /// The text; empty where retention took it.
    pub text: String,
    /// When the next one took its place.
    pub replaced_at: Timestamp,
}

/// How much is in the store, and how much waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Sources in force.
    pub sources: u64,
    /// Of those, failing or gone.
    pub sources_failing: u64,
    /// Topics in force.
    pub topics: u64,
    /// Subscriptions that are served.
    pub subscriptions: u64,
    /// Stories.
    pub stories: u64,
    /// Stories that wait for their article page.
    pub awaiting: u64,
    /// Stories that are undecided.
    pub undecided: u64,
    /// Events.
    pub events: u64,
    /// Deliveries that are pending.
    pub pending: u64,
    /// When the oldest pending delivery was made.
    pub oldest_pending_at: Option<Timestamp>,
    /// Deliveries taken.
    pub delivered: u64,
    /// Deliveries given up or gone.
    pub undelivered: u64,
    /// Deliveries kept until their subscriptions are enabled.
    pub kept: u64,
    /// Subscriptions that are disabled.
    pub subscriptions_disabled: u64,
    /// Endpoints that failed when they were last asked.
    pub endpoints_failing: u64,
    /// Endpoints that are left alone.
    pub endpoints_resting: u64,
    /// Sources that have failed each time so far, however often that is.
    pub sources_never_good: u64,
}

/// What a commit outlives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durable {
    /// A power cut: the answer waits for the disk.
    PowerCut,
    /// The end of the process. A power cut may take the last of such commits back, in their order and before any later
    /// one; a later commit that outlives a power cut takes them along.
    Kill,
}

/// The store's verbs. Each is one transaction, or one step of a [`Store::group`].
///
/// # Errors
/// All of them fail with [`StoreError`] when the database refuses; then nothing of that verb is written.
#[expect(clippy::missing_errors_doc, reason = "said once, above: all verbs fail alike")]
pub trait Store:
    Pushes
    + Devices
    + Subscribers
    + Endpoints
    + Wants
    + Followers
    + Tokens
    + Versions
    + Upkeep
    + Pages
    + Exports
    + Surveys
    + Send
{
    /// Begins a group: the verbs that follow are committed together by [`Store::commit_group`], each still whole or
    /// absent (a savepoint each).
    fn group(&mut self, until: Durable) -> Result<(), StoreError>;
    /// Commits the group. On an error nothing of the group is written.
    fn commit_group(&mut self) -> Result<(), StoreError>;

    /// Makes topics, sources and subscriptions of `Origin::Config` match `declared`. A source is known by its
    /// address, a topic by its key, a subscription by its name; what is declared again later takes up its old state.
    fn sync(&mut self, declared: &Declared, now: Timestamp) -> Result<Synced, StoreError>;
    /// Ends every lease: at start, when this process is the store's only worker.
    fn release_leases(&mut self, now: Timestamp) -> Result<(), StoreError>;
    /// Brings forward what is planned after `now` by as much as the clock was put back: by `by`, or (at start) by as much as the
    /// last poll lies in the future. What is planned waits as long as it would have. Gives by how much.
    fn turn_back_plans(&mut self, by: Option<Duration>, now: Timestamp) -> Result<Duration, StoreError>;
    /// When the last poll was made, or the last notification where nothing was polled yet; `None` where nothing was told either.
    fn last_moment(&mut self) -> Result<Option<Timestamp>, StoreError>;
    /// When each loop has work next.
    fn due(&mut self) -> Result<Due, StoreError>;

    /// Claims due sources, those longest overdue first.
    fn claim_sources(&mut self, claim: &ClaimSources) -> Result<Vec<SourceClaim>, StoreError>;
    /// The stories known under any of `keys`, in the order of `keys`.
    fn known(&mut self, keys: &[EntryKey]) -> Result<Vec<Known>, StoreError>;
    /// Writes what a poll brought. With a fence that no longer holds, nothing is written.
    fn record_poll(&mut self, record: &PollRecord) -> Result<Recorded, StoreError>;
    /// At most `limit` of the sources that are polled, spread evenly over all of them.
    fn sample_paces(&mut self, limit: usize) -> Result<PaceSample, StoreError>;
    /// The schedule's own bytes of what holds for all sources; empty before they were kept.
    fn market(&mut self) -> Result<Vec<u8>, StoreError>;
    /// Keeps the schedule's own bytes of what holds for all sources.
    fn keep_market(&mut self, bytes: &[u8]) -> Result<(), StoreError>;
    /// Claims stories whose article page is due, oldest first; bounds as for sources.
    fn claim_articles(&mut self, claim: &ClaimSources) -> Result<Vec<ArticleClaim>, StoreError>;
    /// Writes what fetching an article page brought.
    fn record_article(&mut self, record: &ArticleRecord, now: Timestamp) -> Result<(), StoreError>;
    /// Stores what an older page of a source's feed holds, as entries of a first poll; its schedule is not touched.
    fn backfill(&mut self, source: SourceId, stories: &[StoryChange], now: Timestamp) -> Result<Recorded, StoreError>;
    /// Who tells of the topic's events since a moment, seen from `event`; `None` where there is no such event.
    fn crowd(&mut self, event: EventId, since: Timestamp) -> Result<Option<Crowd>, StoreError>;
    /// One source, retired or not.
    fn source(&mut self, id: SourceId) -> Result<Option<Source>, StoreError>;
    /// Brings a source's next poll forward to `at`, with what its schedule knows now. Not while it is being polled, nor
    /// later than planned: then nothing changes, and `false` is given.
    fn bring_forward(&mut self, id: SourceId, at: Timestamp, pace: &[u8], now: Timestamp) -> Result<bool, StoreError>;
    /// Registered domains whose sources were polled after `since`, with the last time: another life's spacing holds too.
    fn polled_since(&mut self, since: Timestamp) -> Result<Vec<(String, Timestamp)>, StoreError>;
    /// What the `robots.txt` of an origin (scheme, host, port) said, if it was asked and that still holds.
    fn robots(&mut self, origin: &str, now: Timestamp) -> Result<Option<RobotsText>, StoreError>;
    /// Keeps what the `robots.txt` of an origin said.
    fn keep_robots(&mut self, origin: &str, text: &RobotsText, now: Timestamp) -> Result<(), StoreError>;
    /// The registered domains that are to be left alone at `now`, by name.
    fn pauses(&mut self, now: Timestamp) -> Result<Vec<DomainPause>, StoreError>;
    /// Has a registered domain left alone no longer; what waits for that is due at `now`. `false` where it is not left alone.
    fn resume(&mut self, domain: &str, now: Timestamp) -> Result<bool, StoreError>;
    /// Has a domain left alone, unless it is for longer already.
    fn pause(&mut self, pause: &DomainPause, now: Timestamp) -> Result<(), StoreError>;
    /// Makes sources due at once: those named, or all. Gives the number made due.
    fn poll_now(&mut self, sources: Option<&[SourceId]>, now: Timestamp) -> Result<usize, StoreError>;

    /// The oldest undecided stories, in the order they were recorded.
    fn claim_undecided(&mut self, limit: usize) -> Result<Vec<Story>, StoreError>;
    /// What the decider's index is rebuilt from.
    fn index_seed(&mut self, since: Timestamp) -> Result<IndexSeed, StoreError>;
    /// Decided stories, as the decider takes them up again, in their order; those that are gone are left out.
    fn recall(&mut self, stories: &[StoryId]) -> Result<Vec<Recalled>, StoreError>;
    /// What was decided and said of each of `stories` before, in their order: for new ones nothing.
    fn past(&mut self, stories: &[Story]) -> Result<Vec<Past>, StoreError>;
    /// For how many stories of each topic the article page was asked for since.
    fn readings(&mut self, since: Timestamp) -> Result<BTreeMap<TopicKey, usize>, StoreError>;
    /// How many corrections operators have made: when it grows, an index made before is out of date.
    fn corrections(&mut self) -> Result<u64, StoreError>;
    /// Carries out an operator's correction. What can't be done is said, and nothing is changed.
    fn correct(&mut self, correction: &Correction, now: Timestamp)
    -> Result<Result<Corrected, Impossible>, StoreError>;
    /// What operators said and still holds, in the order it was said, from the label numbered above `after` on: each
    /// with its number.
    fn labels(&mut self, after: i64, limit: usize) -> Result<Vec<(i64, LabelView)>, StoreError>;
    /// Writes a batch of decisions, their events, notifications and deliveries; [`StoreError::Overtaken`] where an
    /// operator made a correction that the decider doesn't know of.
    fn commit_decisions(&mut self, commit: &Commit) -> Result<(), StoreError>;

    /// Claims due deliveries: in order for one subscription and event (or for the whole subscription, where that wants
    /// strict order), so none whose forerunner is still pending; none of an endpoint that rests, but one when the rest is over.
    fn claim_deliveries(&mut self, claim: &ClaimDeliveries) -> Result<Vec<DeliveryClaim>, StoreError>;
    /// When the first delivery is due after `now` by its own schedule, whatever is due already.
    fn delivery_due_after(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError>;
    /// Writes finished attempts. One whose fence no longer holds is kept as an attempt, its verdict ignored unless it
    /// says delivered.
    fn settle(&mut self, settlements: &[Settlement]) -> Result<(), StoreError>;
    /// Makes a notification for one subscription out of turn (a test); refused where that is disabled.
    fn notify(&mut self, notification: &Notification, to: SubscriptionId) -> Result<Delivery, StoreError>;
    /// Makes a finished delivery pending again, under the same notification id. `false` where there is none such.
    fn replay(&mut self, delivery: DeliveryId, now: Timestamp) -> Result<bool, StoreError>;

    /// Topics, by key.
    fn topics(&mut self) -> Result<Vec<Topic>, StoreError>;
    /// Adds a topic of `Origin::Api`, by nobody in particular ([`Versions::save_topic`] says by whom).
    fn add_topic(&mut self, spec: &TopicSpec, now: Timestamp) -> Result<(), StoreError>;
    /// Retires a topic of `Origin::Api`. `false` where there is none such.
    fn remove_topic(&mut self, key: &TopicKey) -> Result<bool, StoreError>;
    /// What was learnt of topics from answers, by topic.
    fn relevances(&mut self) -> Result<Vec<Relevance>, StoreError>;
    /// Keeps what was learnt of a topic, in the place of what was before. Counts as a correction.
    fn keep_relevance(&mut self, learned: &Relevance) -> Result<(), StoreError>;
    /// Forgets what was learnt of a topic. `false` where nothing was. Counts as a correction.
    fn forget_relevance(&mut self, topic: &TopicKey) -> Result<bool, StoreError>;
    /// How each of `stories` stands with a topic, in their order.
    fn standings(&mut self, topic: &TopicKey, stories: &[StoryId]) -> Result<Vec<Stands>, StoreError>;
    /// Sources, by number.
    fn sources(&mut self, which: Listed) -> Result<Vec<Source>, StoreError>;
    /// Adds a source of `Origin::Api`. It is due at once, unless a handful were added within the last seconds.
    fn add_source(&mut self, spec: &SourceSpec, now: Timestamp) -> Result<SourceId, StoreError>;
    /// Adds sources of `Origin::Api`; `None` for those that are there already. Their first polls are spread
    /// (`schedule::first_polls`), as are those of sources that [`Store::sync`] adds.
    fn add_sources(&mut self, specs: &[SourceSpec], now: Timestamp) -> Result<Vec<Option<SourceId>>, StoreError>;
    /// Retires a source of `Origin::Api`; its stories stay. `false` where there is none such.
    fn remove_source(&mut self, source: SourceId) -> Result<bool, StoreError>;
    /// Writes a source of `Origin::Api` as it is wanted now; its address stays, and its next poll is no later than its longest
    /// interval allows. `false` where there is none such.
    fn change_source(&mut self, source: SourceId, spec: &SourceSpec, now: Timestamp) -> Result<bool, StoreError>;
    /// Subscriptions, by number.
    fn subscriptions(&mut self) -> Result<Vec<Subscription>, StoreError>;
    /// One subscription in force.
    fn subscription(&mut self, id: SubscriptionId) -> Result<Option<Subscription>, StoreError>;
    /// The same, and a number that grows with each change of one; `None` where it is still `known`.
    fn subscriptions_unless(&mut self, known: u64) -> Result<Option<(u64, Vec<Subscription>)>, StoreError>;
    /// Adds a subscription of `Origin::Api`.
    fn add_subscription(&mut self, spec: &SubscriptionSpec, now: Timestamp) -> Result<SubscriptionId, StoreError>;
    /// Removes a subscription of `Origin::Api`; its pending deliveries are gone. `false` where there is none such.
    fn remove_subscription(&mut self, subscription: SubscriptionId) -> Result<bool, StoreError>;

    /// Events, newest first.
    fn events(&mut self, filter: &EventFilter) -> Result<Vec<Event>, StoreError>;
    /// The events of a topic that were told last, the latest first, whenever they were opened; at most `limit`, all behind
    /// `before` where that is given.
    fn told_last(
        &mut self,
        topic: &TopicKey,
        before: Option<FeedPlace>,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError>;
    /// One event with its stories.
    fn event(&mut self, event: EventId) -> Result<Option<EventView>, StoreError>;
    /// Deliveries, newest first, with their attempts.
    fn deliveries(&mut self, filter: &DeliveryFilter) -> Result<Vec<Delivery>, StoreError>;
    /// One delivery.
    fn delivery(&mut self, delivery: DeliveryId) -> Result<Option<Delivery>, StoreError>;
    /// The story under one of `keys` (strongest first), or numbered `id`.
    fn find_story(&mut self, keys: &[EntryKey], id: Option<StoryId>) -> Result<Option<StoryId>, StoreError>;
    /// All that is known of a story.
    fn explain(&mut self, story: StoryId) -> Result<Option<Explained>, StoreError>;
    /// Stories whose title or text holds all the words of `words`, newest first (full-text index).
    fn search(&mut self, words: &str, limit: usize) -> Result<Vec<Story>, StoreError>;
    /// The same, of those numbered below `before`.
    fn search_before(&mut self, words: &str, before: StoryId, limit: usize) -> Result<Vec<Story>, StoreError>;
    /// Stories first seen at or after `since`, oldest first, numbered above `after`.
    fn stories_since(&mut self, since: Timestamp, after: StoryId, limit: usize) -> Result<Vec<Story>, StoreError>;
    /// The latest stories that a source brought first, newest first; `until` is when it last did. Of a source among many
    /// that bring more, as far as some thousand stories of all go back.
    fn stories_of(&mut self, source: SourceId, until: Timestamp, limit: usize) -> Result<Vec<Story>, StoreError>;
    /// How much there is, and how much waits.
    fn counts(&mut self) -> Result<Counts, StoreError>;
    /// The notification with this id, if it was made.
    fn notification(&mut self, id: &NotificationId) -> Result<Option<Notification>, StoreError>;

    /// A page of the log of notifications, in the order they were committed.
    fn log(&mut self, filter: &LogFilter) -> Result<LogPage, StoreError>;

    /// Deletes texts of off-topic stories seen before `off_topic_before`, finished deliveries made before
    /// `deliveries_before`, the bodies of notifications that nobody took, and who hears of events that are as old, at most `limit` of each; keys
    /// stay, so that nothing old is ever new again. Gives the
    /// number deleted.
    fn retain(
        &mut self,
        off_topic_before: Timestamp,
        deliveries_before: Timestamp,
        limit: usize,
    ) -> Result<usize, StoreError>;
    /// Writes a consistent copy to `file`, which must not exist.
    fn backup(&mut self, file: &Path) -> Result<(), StoreError>;
    /// What kept the last verb that failed from its work, until one writes again.
    fn trouble(&self) -> Option<StoreTrouble>;
    /// Checks the database's own structure; gives what it complains of, in words.
    fn check(&mut self, patience: Duration) -> Result<Vec<String>, StoreError>;
}
