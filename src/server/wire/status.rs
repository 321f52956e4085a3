//! How the daemon fares, as JSON: what `/v1/status` and `/readyz` give and `tidings status` reads.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::time;
use crate::model::SourceHealth;
use crate::port::Survey;

/// How the daemon fares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Status {
    /// The version that runs.
    pub(crate) version: String,
    /// When this was so.
    pub(crate) at: String,
    /// When the daemon started; `null` where none answers.
    pub(crate) started_at: Option<String>,
    /// Whether it does all that it should: what `/readyz` says.
    pub(crate) ready: bool,
    /// What is amiss, the worst first.
    pub(crate) problems: Vec<StatusProblem>,
    /// Its loops, those in trouble first.
    pub(crate) loops: Vec<LoopStatus>,
    /// The service manager's watchdog; `null` where no daemon answers.
    pub(crate) watchdog: Option<WatchdogStatus>,
    /// What came of the last reload of the configuration; `null` where there was none.
    pub(crate) reload: Option<ReloadStatus>,
    /// What the store says; `null` where it doesn't answer.
    pub(crate) store: Option<StoreStatus>,
}

/// Something amiss.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct StatusProblem {
    /// `error`: a person must act; `warning`: it may cure itself.
    pub(crate) level: String,
    /// What is amiss, in words.
    pub(crate) what: String,
    /// What to do.
    pub(crate) help: String,
}

/// How a loop fares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct LoopStatus {
    /// Its name.
    pub(crate) name: String,
    /// `works`, `waits`, `starting` (no turn yet), `refused` (it can't do its work, as a rule for the store refuses) or
    /// `stuck`.
    pub(crate) state: String,
    /// Why it is so, in words.
    pub(crate) reason: String,
    /// When it last turned.
    pub(crate) last_turn_at: Option<String>,
    /// How often it has turned.
    pub(crate) turns: u64,
    /// What it has under way: polls, attempts, visits.
    pub(crate) under_way: u64,
    /// When it looks at the store again at the latest.
    pub(crate) looks_again_at: Option<String>,
    /// How much is due and waits for it; `null` of a loop that has no queue, or where the store doesn't answer.
    pub(crate) backlog: Option<u64>,
}

/// The service manager's watchdog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct WatchdogStatus {
    /// Whether the service manager wants it fed.
    pub(crate) wanted: bool,
    /// When it was fed last, or would have been.
    pub(crate) fed_at: Option<String>,
}

/// What came of a reload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ReloadStatus {
    /// When.
    pub(crate) at: String,
    /// Whether the new configuration is in force.
    pub(crate) good: bool,
}

/// What the store says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct StoreStatus {
    /// Sources in force, by how they fare.
    pub(crate) sources: SourcesByHealth,
    /// The moment at which a source is due next, which may be past.
    pub(crate) source_due_at: Option<String>,
    /// Topics in force.
    pub(crate) topics: u64,
    /// Subscriptions that are served.
    pub(crate) subscriptions: u64,
    /// Subscriptions that are disabled.
    pub(crate) subscriptions_disabled: u64,
    /// Stories.
    pub(crate) stories: u64,
    /// When the newest of them was seen.
    pub(crate) newest_story_at: Option<String>,
    /// Events.
    pub(crate) events: u64,
    /// Stories that wait for their article page.
    pub(crate) awaiting: u64,
    /// Stories that wait to be decided.
    pub(crate) undecided: u64,
    /// When the oldest of them was seen.
    pub(crate) oldest_undecided_at: Option<String>,
    /// Deliveries that wait to be sent.
    pub(crate) pending: u64,
    /// When the oldest of them was made.
    pub(crate) oldest_pending_at: Option<String>,
    /// Deliveries that are held for a digest.
    pub(crate) held: u64,
    /// Deliveries that are kept until their subscriptions are enabled.
    pub(crate) kept: u64,
    /// Deliveries made in the last two weeks that were given up; readers' own devices and webhooks aside.
    #[serde(default)]
    pub(crate) expired: u64,
    /// Endpoints that are left alone for a while.
    pub(crate) endpoints_paused: u64,
    /// The endpoint that takes longest to answer.
    pub(crate) slowest_endpoint: Option<SlowestEndpoint>,
    /// The endpoint whose oldest delivery waits longest.
    pub(crate) furthest_behind: Option<FurthestBehind>,
    /// Bytes of the database.
    pub(crate) database_bytes: u64,
    /// Of those, free to be filled again.
    pub(crate) unused_bytes: u64,
    /// Bytes of the log beside it.
    pub(crate) log_bytes: u64,
    /// Bytes that may still be written to its file system.
    pub(crate) disk_free_bytes: Option<u64>,
    /// Bytes of that file system.
    pub(crate) disk_total_bytes: Option<u64>,
}

/// Sources by how they fare.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct SourcesByHealth {
    /// Polled well.
    pub(crate) well: u64,
    /// Polled well, and bringing nothing for longer than is like them.
    pub(crate) silent: u64,
    /// Failing.
    pub(crate) failing: u64,
    /// Gone for good: polled no longer.
    pub(crate) gone: u64,
}

/// The endpoint that takes longest to answer, of the latest 1,000 attempts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct SlowestEndpoint {
    /// Its subscription.
    pub(crate) subscription: i64,
    /// What that is called.
    pub(crate) name: String,
    /// How many of those attempts were its.
    pub(crate) attempts: u64,
    /// How long one took on the mean.
    pub(crate) mean_ms: u64,
    /// How long the longest took.
    pub(crate) longest_ms: u64,
}

/// The endpoint whose oldest pending delivery is the oldest of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct FurthestBehind {
    /// Its subscription.
    pub(crate) subscription: i64,
    /// What that is called.
    pub(crate) name: String,
    /// Deliveries that are pending.
    pub(crate) pending: u64,
    /// When the oldest of them was made.
    pub(crate) oldest_at: String,
    /// Attempts in a row that failed.
    pub(crate) failures: u32,
}

impl From<&Survey> for StoreStatus {
    fn from(survey: &Survey) -> Self {
        let Survey { counts, due, backlog, size, .. } = survey;
        let moment = |at: Option<Timestamp>| at.map(time);
        let health = |wanted: SourceHealth| {
            survey.sources.iter().find(|(health, _)| *health == wanted).map_or(0, |(_, count)| *count)
        };
        Self {
            sources: SourcesByHealth {
                well: health(SourceHealth::Well),
                silent: health(SourceHealth::Silent),
                failing: health(SourceHealth::Failing),
                gone: health(SourceHealth::Gone),
            },
            source_due_at: moment(due.source_at),
            topics: counts.topics,
            subscriptions: counts.subscriptions,
            subscriptions_disabled: counts.subscriptions_disabled,
            stories: counts.stories,
            newest_story_at: moment(survey.newest_story_at),
            events: counts.events,
            awaiting: counts.awaiting,
            undecided: counts.undecided,
            oldest_undecided_at: moment(survey.oldest_undecided_at),
            pending: counts.pending,
            oldest_pending_at: moment(counts.oldest_pending_at),
            held: backlog.digests,
            kept: counts.kept,
            expired: survey.lost.as_ref().map_or(0, |lost| lost.count),
            endpoints_paused: counts.endpoints_resting,
            slowest_endpoint: survey.slowest.as_ref().map(|slowest| SlowestEndpoint {
                subscription: slowest.id.0,
                name: slowest.name.clone(),
                attempts: slowest.attempts,
                mean_ms: slowest.mean_ms,
                longest_ms: slowest.longest_ms,
            }),
            furthest_behind: survey.behind.as_ref().map(|behind| FurthestBehind {
                subscription: behind.id.0,
                name: behind.name.clone(),
                pending: behind.pending,
                oldest_at: time(behind.oldest_at),
                failures: behind.failures,
            }),
            database_bytes: size.database_bytes,
            unused_bytes: size.unused_bytes,
            log_bytes: size.log_bytes,
            disk_free_bytes: size.disk.map(|disk| disk.free_bytes),
            disk_total_bytes: size.disk.map(|disk| disk.total_bytes),
        }
    }
}
