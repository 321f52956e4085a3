//! An endpoint's health: whether it is asked, and what it is like to ask it.

use jiff::Timestamp;

/// What an endpoint answered, as far as its health goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard {
    /// How the attempt went.
    pub outcome: HeardOutcome,
    /// Until when the endpoint asks to be left alone (Retry-After, RFC 9110 section 10.2.3), on whatever answer.
    pub asked: Option<Timestamp>,
}

/// How an attempt went, seen from the endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeardOutcome {
    /// It took the notification.
    Taken,
    /// It did not.
    Failed,
    /// It did not, and says that it has too much to do (429, 502, 503, 504).
    Overloaded,
}

/// How an endpoint answered when it was last asked, whatever it said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// Within a second.
    Promptly,
    /// Later, or not at all.
    Slowly,
}

/// An endpoint in trouble. One that is well has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Attempts in a row that failed, of whichever delivery.
    pub failures: u32,
    /// When the first of them began.
    pub failing_since: Option<Timestamp>,
    /// When the last of them ended.
    pub last_failure_at: Option<Timestamp>,
    /// Until when it is left alone.
    pub rest: Option<Rest>,
    /// Rests in a row: each is longer than the one before.
    pub rests: u32,
}

/// A time in which none of an endpoint's deliveries is attempted. When it is over, exactly one is: what that one meets
/// ends the rest or begins a longer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rest {
    /// Since when: attempts that began before say little about what it led to.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub reason: RestReason,
}

/// Why an endpoint is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestReason {
    /// It asked for that, or said that it has too much to do.
    Asked,
    /// It failed several times in a row: its breaker is open.
    Failing,
}

impl RestReason {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Asked, Self::Failing];

    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Failing => "failing",
        }
    }
}

/// Why a subscription is not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisabledReason {
    /// Its endpoint answered 410 Gone.
    Gone,
    /// Its endpoint only failed, for days.
    Failing,
    /// An operator said so.
    Operator,
}

impl DisabledReason {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Gone, Self::Failing, Self::Operator];

    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Failing => "failing",
            Self::Operator => "operator",
        }
    }

    /// The same as a sentence's end: "it is disabled: ...".
    pub fn words(self) -> &'static str {
        match self {
            Self::Gone => "its endpoint answered 410 Gone",
            Self::Failing => "its endpoint failed for days",
            Self::Operator => "an operator said so",
        }
    }
}

/// How a subscription's endpoint fares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EndpointHealth {
    /// Its trouble, if it is in any.
    pub trouble: Option<Trouble>,
    /// When it last took a notification, as far as deliveries are kept.
    pub last_success_at: Option<Timestamp>,
    /// Since when its subscription is not served (unknown of old ones), and why.
    pub disabled: Option<(Option<Timestamp>, DisabledReason)>,
    /// Deliveries that are pending.
    pub pending: u64,
    /// When the oldest of them was made.
    pub oldest_pending_at: Option<Timestamp>,
    /// Deliveries that are kept until the subscription is enabled.
    pub kept: u64,
    /// Deliveries that were given up, as far as they are kept.
    pub expired: u64,
}

/// How an endpoint's breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breaker {
    /// All is sent.
    Closed,
    /// Nothing is sent.
    Open,
    /// One delivery is sent, to see.
    HalfOpen,
}

impl Breaker {
    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half-open",
        }
    }
}

impl EndpointHealth {
    /// How its breaker stands at `now`. Being left alone because it asked for that counts as open.
    pub fn breaker(&self, now: Timestamp) -> Breaker {
        match self.trouble.as_ref().and_then(|trouble| trouble.rest) {
            None => Breaker::Closed,
            Some(rest) if now < rest.until => Breaker::Open,
            Some(_) => Breaker::HalfOpen,
        }
    }
}

/// What is replayed when a subscription is enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// All that it missed: what was kept, and what expired since its endpoint began to fail.
    All,
    /// Nothing: it stays kept.
    Nothing,
    /// What was made since a moment and did not end delivered.
    Since(Timestamp),
}
