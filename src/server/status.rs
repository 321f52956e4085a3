//! How the daemon fares, put together from its loops and the store: for `/v1/status`, `/readyz` and the command line.
//!
//! [`report`] is the one function behind every door. What is amiss is found by a function of what was read, so that it
//! is the same where no daemon answers and the store speaks alone ([`of_store`]).

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::problem::Problem;
use super::state::AppState;
use super::wire::{self, LoopStatus, StatusProblem};
use crate::daemon::{LoopName, LoopState, Status};
use crate::port::{Adrift, Backlog, Lost, Survey};
use crate::text::counted;

/// A store that takes longer to answer than this does not answer.
const STORE_PATIENCE: Duration = Duration::from_secs(2);

/// A story that waits longer than this to be decided: a batch of a hundred takes a second at most.
const UNDECIDED_MAX: Duration = Duration::from_mins(5);
/// A delivery that waits longer than this: its first retries are over by then, and its endpoint has missed them.
const PENDING_MAX: Duration = Duration::from_mins(30);
/// A source that is overdue for longer than this: there are more polls to make than there is room for.
const OVERDUE_MAX: Duration = Duration::from_mins(30);
/// With less room than this the next large commit may fail.
const ROOM_LEAST_BYTES: u64 = 64 << 20;
/// Room that is scarce: both less than this and less than a tenth of the file system.
const ROOM_SCARCE_BYTES: u64 = 2 << 30;
const ROOM_SCARCE_PART: f64 = 0.1;

/// `GET /v1/status`.
pub(super) async fn show(State(app): State<AppState>) -> Result<Json<wire::Status>, Problem> {
    Ok(Json(report(&app).await))
}

/// How the daemon fares. A store that doesn't answer is told as a problem; the loops are told all the same.
pub(crate) async fn report(app: &AppState) -> wire::Status {
    let now = app.clock.now();
    let survey = app.keeper.read(move |store| store.whole_survey(now));
    let survey = match tokio::time::timeout(STORE_PATIENCE, survey).await {
        Ok(Ok(survey)) => Ok(survey),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_elapsed) => Err(format!("it did not answer within {} s", STORE_PATIENCE.as_secs())),
    };
    put_together(&app.status, app.patience, survey.as_ref().map_err(String::as_str), now)
}

/// The same without a look at the store's figures: whether it answers is all that is asked of it.
pub(super) async fn readiness(app: &AppState) -> wire::Status {
    let answer = tokio::time::timeout(STORE_PATIENCE, app.keeper.read(|store| store.topics())).await;
    let failure = match answer {
        Ok(Ok(_topics)) => app.keeper.trouble().map(|trouble| trouble.words().to_owned()),
        Ok(Err(error)) => Some(error.to_string()),
        Err(_elapsed) => Some(format!("it did not answer within {} s", STORE_PATIENCE.as_secs())),
    };
    let now = app.clock.now();
    let mut status = of_loops(&app.status, app.patience, None, now);
    let answers = failure.is_none();
    status.problems.extend(failure.map(|why| silent_store(&why)));
    settle(&mut status, answers);
    status
}

/// What the store says where no daemon answers, for the reason given.
pub(crate) fn of_store(survey: Option<&Survey>, problem: StatusProblem, now: Timestamp) -> wire::Status {
    let mut status = wire::Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        at: now.to_string(),
        started_at: None,
        ready: false,
        problems: vec![problem],
        loops: Vec::new(),
        watchdog: None,
        reload: None,
        store: survey.map(wire::StoreStatus::from),
    };
    if let Some(survey) = survey {
        status.problems.extend(of_survey(survey, now));
    }
    sort(&mut status);
    status
}

/// Adds what the store says to what the daemon said of its loops alone.
pub(crate) fn with_store(mut status: wire::Status, survey: &Survey, now: Timestamp) -> wire::Status {
    for entry in &mut status.loops {
        let name = LoopName::ALL.into_iter().find(|name| name.label() == entry.name);
        entry.backlog = name.and_then(|name| backlog(name, survey));
        if entry.state == WAITS {
            entry.reason = waiting(usize::try_from(entry.under_way).unwrap_or(usize::MAX), entry.backlog);
        }
    }
    status.store = Some(survey.into());
    status.problems.extend(of_survey(survey, now));
    sort(&mut status);
    status
}

fn put_together(status: &Status, patience: Duration, survey: Result<&Survey, &str>, now: Timestamp) -> wire::Status {
    let mut told = of_loops(status, patience, survey.ok(), now);
    match survey {
        Ok(survey) => {
            told.store = Some(survey.into());
            told.problems.extend(of_survey(survey, now));
        }
        Err(why) => told.problems.push(silent_store(why)),
    }
    settle(&mut told, survey.is_ok());
    told
}

fn silent_store(why: &str) -> StatusProblem {
    error(
        format!("the store does not answer: {why}"),
        "look at its disk and file permissions: tidings doctor says which it is".to_owned(),
    )
}

fn error(what: String, help: String) -> StatusProblem {
    StatusProblem { level: "error".to_owned(), what, help }
}

fn warning(what: String, help: &str) -> StatusProblem {
    StatusProblem { level: "warning".to_owned(), what, help: help.to_owned() }
}

/// What the loops say, and what is amiss with them.
fn of_loops(status: &Status, patience: Duration, survey: Option<&Survey>, now: Timestamp) -> wire::Status {
    let stuck = status.stuck(now, patience);
    let mut problems = Vec::new();
    let mut loops = Vec::new();
    for name in LoopName::ALL {
        let state = status.of_loop(name);
        let entry = of_loop(name, &state, stuck.contains(&name), (survey, now));
        let label = name.label();
        match entry.state.as_str() {
            "stuck" => problems.push(error(
                format!("the {label} loop {}", entry.reason),
                "the watchdog restarts the daemon; if it happens again, send us the journal before it".to_owned(),
            )),
            "refused" => problems.push(error(
                format!("the {label} loop can't do its work: {}", entry.reason),
                "it goes on by itself once the store takes writes again: is the disk full, or read-only?".to_owned(),
            )),
            _ => {}
        }
        loops.push(entry);
    }
    if !status.begun() {
        problems.push(warning("it is starting: the first round of polls has not begun".to_owned(), "wait a moment"));
    }
    let reload = status.last_reload();
    if reload.is_some_and(|reload| !reload.is_good) {
        problems.push(error(
            "the last reload was refused: the configuration before it is still in force".to_owned(),
            "see what is wrong with: tidings check".to_owned(),
        ));
    }
    let watchdog = status.watchdog();
    wire::Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        at: now.to_string(),
        started_at: Some(status.started_at().to_string()),
        ready: false,
        problems,
        loops,
        watchdog: Some(wire::WatchdogStatus {
            wanted: watchdog.is_wanted,
            fed_at: watchdog.fed_at.map(|at| at.to_string()),
        }),
        reload: reload.map(|reload| wire::ReloadStatus { at: reload.at.to_string(), good: reload.is_good }),
        store: None,
    }
}

fn of_loop(
    name: LoopName,
    state: &LoopState,
    is_stuck: bool,
    (survey, now): (Option<&Survey>, Timestamp),
) -> LoopStatus {
    let backlog = survey.and_then(|survey| backlog(name, survey));
    let since = |at: Timestamp| spoken(now, at);
    let (word, reason) = match (state, is_stuck) {
        (LoopState { turned_at: Some(at), .. }, true) => ("stuck", format!("has not turned for {}", since(*at))),
        (LoopState { turned_at: None, .. }, true) => ("stuck", "has never turned".to_owned()),
        (LoopState { refused: Some(refusal), .. }, false) => {
            ("refused", format!("for {}: {}", since(refusal.since), refusal.why))
        }
        (LoopState { turned_at: None, .. }, false) => ("starting", "has not turned yet".to_owned()),
        (LoopState { waits: None, .. }, false) => ("works", "works".to_owned()),
        (LoopState { waits: Some(wait), .. }, false) => (WAITS, waiting(wait.under_way, backlog)),
    };
    let waits = state.waits.filter(|_| word == WAITS);
    LoopStatus {
        name: name.label().to_owned(),
        state: word.to_owned(),
        reason,
        last_turn_at: state.turned_at.map(|at| at.to_string()),
        turns: state.turns,
        under_way: waits.map_or(0, |wait| u64::try_from(wait.under_way).unwrap_or(u64::MAX)),
        looks_again_at: waits.map(|wait| wait.until.to_string()),
        backlog,
    }
}

/// The state of a loop that has nothing to do for now.
const WAITS: &str = "waits";

/// Why a loop waits.
fn waiting(under_way: usize, backlog: Option<u64>) -> String {
    match (under_way, backlog) {
        (0, Some(0) | None) => "nothing is due".to_owned(),
        (0, Some(due)) => format!("{due} due, for which there is no room yet"),
        (running, Some(0) | None) => format!("{running} under way"),
        (running, Some(due)) => format!("{running} under way, {due} due behind them"),
    }
}

/// What is due for a loop; `None` of one that has no queue.
fn backlog(name: LoopName, survey: &Survey) -> Option<u64> {
    let Backlog { sources, deliveries, digests: _, pushes, followers, verifications } = survey.backlog;
    match name {
        LoopName::Poll => Some(sources.saturating_add(survey.counts.awaiting)),
        LoopName::Decide => Some(survey.counts.undecided),
        LoopName::Dispatch => Some(deliveries),
        LoopName::Push => Some(pushes),
        LoopName::Hub => Some(followers),
        LoopName::Verify => Some(verifications),
        LoopName::Retention | LoopName::Market => None,
    }
}

/// What is amiss by what the store says.
fn of_survey(survey: &Survey, now: Timestamp) -> Vec<StatusProblem> {
    let mut problems = Vec::new();
    if survey.size.is_elsewhere {
        problems.push(error(
            "the database's file was moved or deleted while tidings runs: what is written now is lost when it ends"
                .to_owned(),
            "move it back before tidings ends; one that was deleted can be copied from /proc/PID/fd until then"
                .to_owned(),
        ));
    }
    problems.extend(of_room(survey));
    problems.extend(of_sources(survey, now));
    if let Some(at) = survey.oldest_undecided_at.filter(|at| is_older(now, *at, UNDECIDED_MAX)) {
        problems.push(error(
            format!(
                "{} undecided, the oldest for {}",
                counted(survey.counts.undecided, "story is", "stories are"),
                spoken(now, at)
            ),
            "see what the decide loop says: journalctl -u tidings -p warning".to_owned(),
        ));
    }
    if let Some(behind) = survey.behind.as_ref().filter(|behind| is_older(now, behind.oldest_at, PENDING_MAX)) {
        let (name, age) = (&behind.name, spoken(now, behind.oldest_at));
        let why = match behind.failures {
            0 => "its endpoint takes them slowly, or its rate is low".to_owned(),
            1 => "its endpoint failed the last time".to_owned(),
            n => format!("its endpoint failed {n} times in a row"),
        };
        problems.push(warning(
            format!(
                "{} for {name:?}, the oldest for {age}: {why}",
                counted(behind.pending, "delivery waits", "deliveries wait")
            ),
            &format!("tidings subscription show {}", behind.id),
        ));
    }
    problems.extend(survey.lost.as_ref().map(|lost| of_lost(lost, now)));
    if survey.counts.endpoints_resting > 0 {
        let resting = counted(
            survey.counts.endpoints_resting,
            "subscription's endpoint is left alone for now, as it failed or asked for it",
            "subscriptions' endpoints are left alone for now, as they failed or asked for it",
        );
        problems.push(warning(
            resting,
            "tidings subscription list says which; when one is mended: tidings delivery recover",
        ));
    }
    problems.extend(survey.adrift.iter().filter_map(Adrift::words).map(|said| warning(said, Adrift::HELP)));
    if survey.counts.subscriptions_disabled > 0 {
        problems.push(warning(
            format!(
                "{} what is told",
                counted(
                    survey.counts.subscriptions_disabled,
                    "subscription is disabled, and misses",
                    "subscriptions are disabled, and miss"
                )
            ),
            "tidings subscription list; when an endpoint is mended: tidings subscription enable ID",
        ));
    }
    problems
}

/// News that did not arrive: once it is given up nothing else waits for it.
fn of_lost(lost: &Lost, now: Timestamp) -> StatusProblem {
    let whose = match lost.subscriptions {
        1 => format!("{:?}", lost.name),
        n => format!("{n} subscriptions, most of them for {:?}", lost.name),
    };
    let given_up = counted(lost.count, "delivery was given up", "deliveries were given up");
    let only = if lost.subscriptions == 1 { format!(" --subscription {}", lost.id) } else { String::new() };
    let since = TimeZone::UTC.to_datetime(lost.oldest_at).date();
    warning(
        format!("{given_up} for {whose}, the last of them made {} ago", spoken(now, lost.newest_at)),
        &format!(
            "see tidings delivery list --state expired; to send them after all: tidings delivery recover --since {since}{only}"
        ),
    )
}

fn of_room(survey: &Survey) -> Option<StatusProblem> {
    let disk = survey.size.disk?;
    let free = disk.free_bytes >> 20;
    let help = "free room there, or keep less ([retention])";
    if disk.free_bytes < ROOM_LEAST_BYTES {
        return Some(error(format!("the store's disk is full: {free} MiB are free"), help.to_owned()));
    }
    let is_scarce = disk.free_bytes < ROOM_SCARCE_BYTES && disk.free_part() < ROOM_SCARCE_PART;
    is_scarce.then(|| warning(format!("room on the store's disk is scarce: {free} MiB are free"), help))
}

fn failing(failing: u64, all: u64) -> String {
    format!("{failing} of {} {}", counted(all, "source", "sources"), if failing == 1 { "fails" } else { "fail" })
}

fn of_sources(survey: &Survey, now: Timestamp) -> Vec<StatusProblem> {
    let store = wire::StoreStatus::from(survey).sources;
    let all = survey.counts.sources;
    let mut problems = Vec::new();
    let help = "tidings source list --failing says which, tidings source show ID what to do";
    if all == 0 {
        problems.push(warning("there are no sources: nothing is polled".to_owned(), "tidings source add URL"));
    } else if store.failing > 0 && store.failing.saturating_mul(2) > all {
        problems.push(error(
            failing(store.failing, all),
            "so many at once are most likely our own network's trouble: tidings doctor".to_owned(),
        ));
    } else if store.failing > 0 {
        problems.push(warning(failing(store.failing, all), help));
    }
    if survey.counts.sources_never_good > 0 {
        let never = counted(
            survey.counts.sources_never_good,
            "source has never brought anything yet: each poll of it failed",
            "sources have never brought anything yet: each poll of them failed",
        );
        problems.push(warning(never, "tidings source list, and tidings source show ID what to do"));
    }
    if store.gone > 0 {
        problems
            .push(warning(format!("{} gone for good (410)", counted(store.gone, "source is", "sources are")), help));
    }
    if store.silent > 0 {
        problems.push(warning(
            counted(
                store.silent,
                "source is silent for longer than is like it",
                "sources are silent for longer than is like them",
            ),
            help,
        ));
    }
    if let Some(at) = survey.due.source_at.filter(|at| is_older(now, *at, OVERDUE_MAX)) {
        problems.push(warning(
            format!("polls are late: a source is due since {}", spoken(now, at)),
            "many sources of one domain wait for each other ([[domains]] spacing_secs); else raise concurrency in [poll]",
        ));
    }
    problems
}

fn is_older(now: Timestamp, at: Timestamp, than: Duration) -> bool {
    Duration::try_from(now.duration_since(at)).is_ok_and(|age| age > than)
}

/// A span in words: `31 s`, `12 min`, `3 h`.
fn spoken(now: Timestamp, at: Timestamp) -> String {
    let secs = now.duration_since(at).as_secs().max(0);
    match secs {
        0..120 => format!("{secs} s"),
        120..7_200 => format!("{} min", secs / 60),
        7_200..172_800 => format!("{} h", secs / 3_600),
        _ => format!("{} d", secs / 86_400),
    }
}

/// Says whether it is ready, and puts the worst first.
fn settle(status: &mut wire::Status, store_answers: bool) {
    let blocking = |entry: &LoopStatus| matches!(entry.state.as_str(), "stuck" | "refused");
    let is_begun = status.loops.iter().any(|entry| entry.name == LoopName::Poll.label() && entry.turns > 0);
    status.ready = is_begun && store_answers && !status.loops.iter().any(blocking);
    sort(status);
}

fn sort(status: &mut wire::Status) {
    status.problems.sort_by_key(|problem| problem.level != "error");
    let order = ["stuck", "refused", "starting", "works", "waits"];
    status.loops.sort_by_key(|entry| order.iter().position(|word| *word == entry.state));
}
