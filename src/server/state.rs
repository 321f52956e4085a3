//! What every handler is given.

use std::ops::{Deref, Range};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::access::Access;
use super::devices::Devices;
use super::hub::HubDesk;
use super::openness::Openness;
use super::searches::Searches;
use super::self_service::SelfService;
use super::stream::Streams;
use super::workshop::Workshop;
use crate::daemon::{Callback, Keeper, Seeker, Status, Verifier};
use crate::deliver::Scheme;
use crate::model::{Notification, PageSelectors, Secret};
use crate::port::Clock;

/// What the handlers are given, behind one pointer: each request clones it several times.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

impl AppState {
    /// Of what the handlers share.
    pub fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// What the handlers share.
pub struct Shared {
    /// The store.
    pub keeper: Keeper,
    /// Whether the loops turn, and what they did.
    pub status: Status,
    /// A loop that has not turned for this long is stuck (`/healthz`).
    pub patience: Duration,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Whose tokens open `/v1`; while there is none, it is closed.
    pub access: Access,
    /// Intervals of sources that name none.
    pub poll_bounds: PollBounds,
    /// What the pure rooms say of what is sent in.
    pub checks: Checks,
    /// The open streams.
    pub streams: Streams,
    /// What answers hubs; without it there is no callback.
    pub callback: Option<Callback>,
    /// What browsers subscribe to; `None`: Web Push is switched off.
    pub devices: Option<Devices>,
    /// What asks endpoints whether they want what they would be told; without it none is asked.
    pub verifier: Option<Verifier>,
    /// What searches for sources; without it none are.
    pub seeker: Option<Seeker>,
    /// What anybody may subscribe to; `None`: nothing.
    pub self_service: Option<SelfService>,
    /// Told after each write, so that the loop concerned looks at once.
    pub changed: Arc<dyn Fn(Change) + Send + Sync>,
    /// To whom it is open beyond the bearer of the token.
    pub openness: Openness,
    /// Where subscribers ask for pushes of our feeds; without it there is no hub.
    pub hub: Option<HubDesk>,
    /// What previews of queries are made with.
    pub workshop: Workshop,
    /// Who may search, and when.
    pub searches: Searches,
}

/// Intervals between polls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollBounds {
    /// Never sooner.
    pub min: Duration,
    /// Never later.
    pub max: Duration,
}

/// What a write changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A source was added or removed: polls.
    Sources,
    /// A topic was added, changed or removed: the decider's topics.
    Topics,
    /// A subscription was added or removed: whom the decider tells.
    Subscriptions,
    /// An operator put something right: stories may be undecided, deliveries made.
    Corrections,
    /// A delivery was made or made pending again: dispatch.
    Deliveries,
}

/// The parts of the pure rooms that judge what is sent in and make what is new. Functions, so that chance (secrets,
/// notification ids) comes in from the composition root.
#[derive(Clone)]
pub struct Checks {
    /// What is wrong with a topic's query; empty where nothing is.
    pub query: fn(&str) -> Vec<Fault>,
    /// What is wrong with a list page's selectors: which one (its key), and why.
    pub selectors: fn(&PageSelectors) -> Option<(&'static str, String)>,
    /// Whether a relay is configured that takes letters.
    pub has_relay: Arc<dyn Fn() -> bool + Send + Sync>,
    /// What is wrong with a signing secret.
    pub secret: fn(&str) -> Option<String>,
    /// Makes a signing secret.
    pub new_secret: Arc<dyn Fn(Scheme) -> Secret + Send + Sync>,
    /// Makes a test notification, each with an id of its own.
    pub test: Arc<TestNotice>,
}

impl Checks {
    /// The same, for a query that was taken before.
    pub(super) fn taking_queries(&self) -> Self {
        Self { query: |_| Vec::new(), ..self.clone() }
    }
}

/// Makes a test notification for the subscription of a name.
pub type TestNotice = dyn Fn(&str, Timestamp) -> Notification + Send + Sync;

/// What is wrong in a query, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Bytes of the query.
    pub span: Range<usize>,
    /// What was found.
    pub message: String,
    /// What to do; may be empty.
    pub help: String,
}
