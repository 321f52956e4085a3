//! The store's verbs of what an administrator looks at: a part of [`super::Store`] in a file of its own.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Counts, Due, StoreError};
use crate::model::{SourceHealth, SourceId, SubscriptionId};

/// The verbs; each one transaction, as all of [`super::Store`].
#[expect(clippy::missing_errors_doc, reason = "as for the store: all verbs fail alike")]
pub trait Surveys {
    /// How much there is and how much waits, who is slow, and how large the store is.
    fn survey(&mut self, now: Timestamp) -> Result<Survey, StoreError>;
    /// Whose topics are gone, of sources and of the subscriptions that an operator keeps. All sources are gone through for it.
    fn adrift(&mut self) -> Result<Adrift, StoreError>;
    /// The survey, and whose topics are gone: for people, not for the metrics.
    fn whole_survey(&mut self, now: Timestamp) -> Result<Survey, StoreError> {
        let adrift = self.adrift()?;
        Ok(Survey { adrift: Some(adrift), ..self.survey(now)? })
    }
}

/// Sources and subscriptions that name topics, of which none is in force: nothing is told of what the ones bring, nor to the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Adrift {
    /// The topics that they name.
    pub topics: BTreeSet<String>,
    /// Sources, by number.
    pub sources: Vec<SourceId>,
    /// Subscriptions, by number.
    pub subscriptions: Vec<SubscriptionId>,
}

impl Adrift {
    /// What to do about it.
    pub const HELP: &'static str = "give them other topics (tidings source edit, tidings subscription edit), or add the topic again under its old id";

    /// Says it, and who they are; `None` where there are none.
    pub fn words(&self) -> Option<String> {
        let sources = listed("source", &self.sources);
        let subscriptions = listed("subscription", &self.subscriptions);
        let who: Vec<String> = [sources, subscriptions].into_iter().flatten().collect();
        let several = self.sources.len() + self.subscriptions.len() > 1;
        let (names, them) = if several { ("name", "them") } else { ("names", "it") };
        let topics: Vec<&str> = self.topics.iter().take(NAMED_MAX).map(String::as_str).collect();
        let more = more(self.topics.len());
        let topics = match topics.as_slice() {
            [topic] => format!("no topic but {topic}, which is gone"),
            _ => format!("no topics but {}{more}, which are gone", topics.join(", ")),
        };
        (!who.is_empty()).then(|| format!("{} {names} {topics}: no event is told for {them}", who.join(" and ")))
    }
}

/// So many of a kind are named.
const NAMED_MAX: usize = 5;

/// ` and 12 more`, beyond those that are named.
fn more(all: usize) -> String {
    let more = all.saturating_sub(NAMED_MAX);
    if more == 0 { String::new() } else { format!(" and {more} more") }
}

/// `sources 3, 4, 5 and 12 more`.
fn listed(what: &str, ids: &[impl std::fmt::Display]) -> Option<String> {
    let named: Vec<String> = ids.iter().take(NAMED_MAX).map(ToString::to_string).collect();
    let more = more(ids.len());
    let ending = if ids.len() == 1 { "" } else { "s" };
    (!ids.is_empty()).then(|| format!("{what}{ending} {}{more}", named.join(", ")))
}

/// The store at a glance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// How much there is.
    pub counts: Counts,
    /// When each loop has work next.
    pub due: Due,
    /// What waits for each loop.
    pub backlog: Backlog,
    /// When the oldest undecided story was seen.
    pub oldest_undecided_at: Option<Timestamp>,
    /// When the newest story was seen.
    pub newest_story_at: Option<Timestamp>,
    /// Sources in force, by how they fare.
    pub sources: Vec<(SourceHealth, u64)>,
    /// The endpoint that takes longest to answer, of the latest attempts.
    pub slowest: Option<Slowest>,
    /// The endpoint that waits longest for what was made for it.
    pub behind: Option<Behind>,
    /// What was given up of late.
    pub lost: Option<Lost>,
    /// Whose topics are gone, where that was asked.
    pub adrift: Option<Adrift>,
    /// How large it is.
    pub size: StoreSize,
}

/// What is due and not done yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Sources to be polled.
    pub sources: u64,
    /// Deliveries to be attempted.
    pub deliveries: u64,
    /// Deliveries that are held until their digest is made.
    pub digests: u64,
    /// Pushes to be examined.
    pub pushes: u64,
    /// Followers to be posted to or asked.
    pub followers: u64,
    /// Endpoints to be asked whether they want what they would be told.
    pub verifications: u64,
}

/// An endpoint by how long it takes to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slowest {
    /// Its subscription.
    pub id: SubscriptionId,
    /// What that is called.
    pub name: String,
    /// How many of the latest attempts were its.
    pub attempts: u64,
    /// How long one of them took on the mean, in milliseconds.
    pub mean_ms: u64,
    /// How long the longest took, in milliseconds.
    pub longest_ms: u64,
}

/// An endpoint by what waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    /// Its subscription.
    pub id: SubscriptionId,
    /// What that is called.
    pub name: String,
    /// Deliveries that are pending.
    pub pending: u64,
    /// When the oldest of them was made.
    pub oldest_at: Timestamp,
    /// Attempts in a row that failed.
    pub failures: u32,
}

/// Deliveries of the last two weeks that were given up, but for readers' own subscriptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// How many.
    pub count: u64,
    /// Of how many subscriptions.
    pub subscriptions: u64,
    /// The one with most of them.
    pub id: SubscriptionId,
    /// What that is called.
    pub name: String,
    /// When the oldest of all was made.
    pub oldest_at: Timestamp,
    /// When the newest was.
    pub newest_at: Timestamp,
}

/// How large the store is, and what room is left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StoreSize {
    /// Bytes of the database.
    pub database_bytes: u64,
    /// Of those, in pages that are free to be filled again.
    pub unused_bytes: u64,
    /// Bytes of the log beside it, which is copied into it now and then.
    pub log_bytes: u64,
    /// Whether another file stands where it was opened, or none: it was moved or deleted since.
    pub is_elsewhere: bool,
    /// The file system that it lies on; `None` in memory, or where the system doesn't say.
    pub disk: Option<Room>,
}

/// Room on a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Bytes that a program without privileges may still write.
    pub free_bytes: u64,
    /// Bytes in all.
    pub total_bytes: u64,
}

impl Room {
    /// The part that is free, 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "a part in thousands is all that is wanted")]
    pub fn free_part(self) -> f64 {
        if self.total_bytes == 0 { 0.0 } else { self.free_bytes as f64 / self.total_bytes as f64 }
    }
}
