//! What the loops are made of, and what they tell whoever watches.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use crate::dedup::EventPolicy;
use crate::deliver::RetryPolicy;
use crate::model::{Limits, Notification, PollOutcome, Verdict};
use crate::port::{Clock, Http};
use crate::schedule::PollPolicy;
use crate::weights::Model;

use super::{
    Bells, Dice, HubTerms, Keeper, LoopName, Mail, Marketplace, Mischief, Reach, Reckoning, RobotsBook, Status, Wait,
    WebPush, WebSub,
};

/// No loop waits longer than this before it looks at the store again: another process may have changed it, and a
/// bell may have been lost. Each look is one indexed query.
pub const MAX_WAIT: Duration = Duration::from_secs(5);

/// How wide the loops run, and within which bounds they fetch.
#[derive(Debug, Clone, PartialEq)]
pub struct LoopPolicy {
    /// [`MAX_WAIT`], but in a simulated world, which has no other processes and days to live through.
    pub max_wait: Duration,
    /// Hosts polled at the same time.
    pub poll_concurrency: usize,
    /// From the end of one request to a registered domain to the start of the next.
    pub domain_spacing: Duration,
    /// What holds for a registered domain beyond the rule.
    pub domains: BTreeMap<String, DomainPolicy>,
    /// Whether an event that two sources tell of brings the polls of others forward.
    pub boost: bool,
    /// Article pages that are read for one topic in a day, where title and summary leave open whether a story is on it.
    pub pages_a_day: usize,
    /// Whether `robots.txt` is asked before a page is fetched.
    pub robots: bool,
    /// The name that `robots.txt` knows us by (RFC 9309 section 2.2.1).
    pub product: String,
    /// Deliveries attempted at the same time, but for those that have waited for their endpoint for a while.
    pub delivery_concurrency: usize,
    /// Those included.
    pub delivery_connections: usize,
    /// Of those, for one subscription.
    pub per_endpoint: usize,
    /// Bounds on fetching a feed.
    pub feed_limits: Limits,
    /// Bounds on fetching a list or article page.
    pub page_limits: Limits,
    /// How long texts of off-topic stories are kept.
    pub off_topic_keep: Duration,
    /// How long stories on no topic are kept, titles and decisions; what they are known by is kept for good.
    pub stories_keep: Duration,
    /// How long texts of stories on a topic are kept; `None`: for good.
    pub told_keep: Option<Duration>,
    /// How long finished deliveries are kept.
    pub deliveries_keep: Duration,
    /// How large the database may be before the oldest of it goes before its time; `None`: as large as it gets.
    pub size_bytes_max: Option<u64>,
}

impl Default for LoopPolicy {
    fn default() -> Self {
        let day = Duration::from_hours(24);
        let limits = |mib: usize| Limits {
            connect: Duration::from_secs(10),
            total: Duration::from_mins(1),
            body_bytes: mib * 1024 * 1024,
        };
        Self {
            max_wait: MAX_WAIT,
            poll_concurrency: 64,
            domain_spacing: Duration::from_secs(10),
            domains: BTreeMap::new(),
            boost: false,
            pages_a_day: 50,
            robots: true,
            product: "tidings".to_owned(),
            delivery_concurrency: 64,
            delivery_connections: 1_024,
            per_endpoint: 4,
            feed_limits: limits(32),
            page_limits: limits(8),
            off_topic_keep: 30 * day,
            stories_keep: 365 * day,
            told_keep: None,
            deliveries_keep: 90 * day,
            size_bytes_max: None,
        }
    }
}

/// What holds for one registered domain beyond the rule.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DomainPolicy {
    /// In place of [`LoopPolicy::domain_spacing`].
    pub spacing: Option<Duration>,
    /// Whether its `robots.txt` is left aside: its publisher has allowed more than that says.
    pub ignores_robots: bool,
}

impl LoopPolicy {
    /// From the end of one request to this domain to the start of the next.
    pub(super) fn spacing(&self, domain: &str) -> Duration {
        self.domains.get(domain).and_then(|policy| policy.spacing).unwrap_or(self.domain_spacing)
    }

    /// The longest of all spacings.
    pub(super) fn longest_spacing(&self) -> Duration {
        let own = self.domains.values().filter_map(|policy| policy.spacing);
        own.fold(self.domain_spacing, Duration::max)
    }

    /// Whether this domain's `robots.txt` is asked before a page of it is fetched.
    pub(super) fn obeys_robots(&self, domain: &str) -> bool {
        self.robots && !self.domains.get(domain).is_some_and(|policy| policy.ignores_robots)
    }
}

/// What a reload may change while the loops turn.
#[derive(Clone)]
pub struct Terms {
    /// The way out (its guard is configured).
    pub http: Arc<dyn Http>,
    /// Widths and bounds.
    pub loops: LoopPolicy,
    /// When to poll.
    pub poll: PollPolicy,
    /// When to try again.
    pub retry: RetryPolicy,
    /// What is the same event.
    pub events: EventPolicy,
    /// What gives stories their meaning, where it is installed.
    pub model: Option<Arc<Model>>,
    /// Whom push services may turn to (`sub` of RFC 8292).
    pub contact: Option<String>,
    /// How hubs reach us; `None`: nothing is subscribed to.
    pub websub: Option<WebSub>,
    /// How letters go out; `None`: none do.
    pub mail: Option<Mail>,
    /// How our own feeds are pushed; `None`: they aren't.
    pub hub: Option<HubTerms>,
}

impl fmt::Debug for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terms")
            .field("loops", &self.loops)
            .field("poll", &self.poll)
            .field("retry", &self.retry)
            .field("events", &self.events)
            .field("model", &self.model.is_some())
            .field("websub", &self.websub)
            .finish_non_exhaustive()
    }
}

/// Something that happened, for whoever watches (the terminal).
#[derive(Debug, Clone, PartialEq)]
pub enum Happening {
    /// A source was polled.
    Polled {
        /// Its name.
        source: String,
        /// What came of it.
        outcome: PollOutcome,
        /// Stories that are new.
        new: usize,
        /// How long it took.
        took: Duration,
        /// Whether it was the source's first poll since start.
        first: bool,
    },
    /// An event was told.
    Told {
        /// What is told; its body says all.
        notification: Box<Notification>,
        /// Subscriptions that are told.
        takers: usize,
    },
    /// Events were opened and are told to nobody: they are too old.
    Untold {
        /// How many.
        events: usize,
        /// Why, of the first of them.
        why: String,
    },
    /// A delivery was attempted.
    Attempted {
        /// The subscription's name.
        subscription: String,
        /// What follows.
        verdict: Verdict,
        /// The answer's status or the failure.
        detail: String,
        /// How long it took.
        took: Duration,
    },
}

/// Is called with each happening; must return at once.
pub type Observer = Arc<dyn Fn(&Happening) + Send + Sync>;

/// What the loops are made of. Cheap to clone: everything is shared.
#[derive(Clone)]
pub struct Parts {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// By what is judged how old something is.
    pub reckoning: Reckoning,
    /// The way to the store.
    pub keeper: Keeper,
    /// What is measured.
    pub status: Status,
    /// The loops' bells.
    pub bells: Bells,
    /// Chance.
    pub dice: Dice,
    /// The price of a poll.
    pub market: Marketplace,
    /// What hosts' `robots.txt` allow.
    pub robots: RobotsBook,
    /// Whether anything answers.
    pub reach: Reach,
    /// What signs and encrypts for browsers; without it there are none.
    pub web_push: Option<WebPush>,
    /// What a reload may change.
    pub terms: watch::Receiver<Arc<Terms>>,
    /// Whoever watches.
    pub observer: Observer,
    /// Draws what nobody can guess: challenges; `None` where the system gives none.
    pub entropy: fn() -> Option<[u8; 32]>,
    /// What a simulated world bends.
    pub mischief: Mischief,
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").finish_non_exhaustive()
    }
}

impl Parts {
    /// The terms in force now.
    pub(super) fn terms(&self) -> Arc<Terms> {
        Arc::clone(&self.terms.borrow())
    }

    /// Notes that a loop waits for its bell, at most `patience`, with so many things under way.
    pub(super) fn waits(&self, name: LoopName, under_way: usize, patience: Duration) {
        let until = self.clock.now().checked_add(patience).unwrap_or(Timestamp::MAX);
        self.status.waits(name, Wait { under_way, until });
    }

    /// How long a loop waits at most before it looks at the store again.
    pub(super) fn max_wait(&self) -> Duration {
        self.terms.borrow().loops.max_wait
    }

    /// Tells whoever watches.
    pub(super) fn happened(&self, happening: &Happening) {
        (self.observer)(happening);
    }
}
