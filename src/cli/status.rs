//! `tidings status`: how the daemon fares, at a glance; the worst first.

use jiff::Timestamp;

use crate::config::Settings;
use crate::port::Survey;
use crate::server::{self, wire};

use super::assembly::is_at_work;
use super::control;
use super::door::{Answer, Door};
use super::exit::{Exit, Told};
use super::moment::between;
use super::open::look;
use super::screen::{Screen, Table, shown};

/// Asks the daemon, and the store where that says more; prints what they say. Fails where no daemon answers or it isn't
/// ready, so that a script need not read.
pub(super) async fn status(settings: &Settings, screen: &mut Screen) -> anyhow::Result<()> {
    let Gathered { status, runs, .. } = gather(settings, screen.now()).await?;
    if screen.is_json() {
        screen.record(&status)?;
    } else {
        print(&status, runs, screen)?;
    }
    if status.ready { Ok(()) } else { Err(Told(Exit::Unavailable).into()) }
}

/// What was found out.
pub(super) struct Gathered {
    /// What daemon and store say.
    pub(super) status: wire::Status,
    /// Whether one runs, whatever it answers; `None` where that can't be told.
    pub(super) runs: Option<bool>,
    /// Why no daemon tells it, where none does.
    pub(super) silence: Option<wire::StatusProblem>,
}

/// What daemon and store say.
pub(super) async fn gather(settings: &Settings, now: Timestamp) -> anyhow::Result<Gathered> {
    let silence = match Door::new(settings)? {
        None => None,
        Some(door) => match door.status().await {
            Answer::Whole(status) => return Ok(Gathered { status: *status, runs: Some(true), silence: None }),
            Answer::Loops(status) => {
                let status = match survey(settings, now) {
                    Ok(survey) => server::with_store(*status, &survey, now),
                    Err(_unread) => *status,
                };
                return Ok(Gathered { status, runs: Some(true), silence: None });
            }
            Answer::Silence(why) => Some((door.place(), why)),
        },
    };
    let runs = runs(settings);
    let problem = unasked(silence, runs);
    let silence = Some(problem.clone());
    let status = match survey(settings, now) {
        Ok(survey) => server::of_store(Some(&survey), problem, now),
        Err(unread) => {
            let mut status = server::of_store(None, problem, now);
            status.problems.push(wire::StatusProblem {
                level: "error".to_owned(),
                what: format!("the store can't be read: {unread:#}"),
                help: "tidings doctor says more".to_owned(),
            });
            status
        }
    };
    Ok(Gathered { status, runs, silence })
}

/// Whether a tidings runs on the database of these settings, by its control socket or its lock.
fn runs(settings: &Settings) -> Option<bool> {
    if settings.control.socket.as_deref().is_some_and(control::is_heard) {
        return Some(true);
    }
    is_at_work(&settings.storage.path)
}

/// Why nobody tells how the daemon fares: it can't be asked, or doesn't answer at a place, for a reason.
pub(super) fn unasked(silence: Option<(String, String)>, runs: Option<bool>) -> wire::StatusProblem {
    let problem = |level: &str, what: String, help: &str| wire::StatusProblem {
        level: level.to_owned(),
        what,
        help: help.to_owned(),
    };
    let start = "start it: systemctl start tidings, or tidings run";
    match (silence, runs) {
        (None, Some(true)) => problem(
            "warning",
            "a tidings runs, and can't be asked how it fares, as it listens nowhere (server.listen)".to_owned(),
            "to have it told here, give server.listen an address and restart it",
        ),
        (None, Some(false)) => {
            problem("error", "no daemon runs (and server.listen names no address to ask one at)".to_owned(), start)
        }
        (Some((place, why)), Some(true)) => problem(
            "error",
            format!("a tidings runs, but none answers at {place}: {why}"),
            "it listens where server.listen said when it started: restart it if that was changed since, else look into its log",
        ),
        (Some((place, why)), Some(false)) => problem("error", format!("no daemon answers at {place}: {why}"), start),
        (None, None) => problem(
            "warning",
            "can't tell whether one runs (and server.listen names no address to ask one at)".to_owned(),
            AS_ROOT,
        ),
        (Some((place, why)), None) => {
            problem("error", format!("no daemon answers at {place} ({why}), and can't tell whether one runs"), AS_ROOT)
        }
    }
}

/// What helps where the lock may not be read.
const AS_ROOT: &str = "run this as root";

fn survey(settings: &Settings, now: Timestamp) -> anyhow::Result<Survey> {
    Ok(look(settings)?.whole_survey(now)?)
}

/// Prints it for people.
fn print(status: &wire::Status, runs: Option<bool>, screen: &mut Screen) -> anyhow::Result<()> {
    let now = screen.now();
    let moment = |text: &str| text.parse::<Timestamp>().unwrap_or(now);
    let state = if status.ready { "ready" } else { "NOT READY" };
    let first = match &status.started_at {
        Some(at) => format!("tidings {} runs for {}: {state}", status.version, between(moment(at), now)),
        None => match runs {
            Some(true) => "tidings runs, and doesn't say how it fares".to_owned(),
            Some(false) => "tidings does not run".to_owned(),
            None => "can't tell whether tidings runs".to_owned(),
        },
    };
    screen.heading(&shown(&first))?;
    for problem in &status.problems {
        let mark = if problem.level == "error" { "ERROR  " } else { "warning" };
        screen.line(&format!("{mark} {}", shown(&problem.what)))?;
        screen.line(&format!("        {}", shown(&problem.help)))?;
    }
    if !status.loops.is_empty() {
        screen.line("")?;
        loops(status, screen)?;
    }
    screen.line("")?;
    if let Some(store) = &status.store {
        of_store(store, screen)?;
    }
    if let Some(watchdog) = &status.watchdog {
        let fed = watchdog.fed_at.as_deref().map(moment);
        let value = match (watchdog.wanted, fed) {
            (false, _) => "not wanted: no service manager watches".to_owned(),
            (true, Some(at)) => format!("fed {}", screen.when(at)),
            (true, None) => "not fed yet".to_owned(),
        };
        screen.field("watchdog", &value)?;
    }
    Ok(())
}

fn loops(status: &wire::Status, screen: &mut Screen) -> anyhow::Result<()> {
    let now = screen.now();
    let mut table = Table::new(["LOOP", "LAST TURN", "STATE", "WHY", "DUE"]);
    for entry in &status.loops {
        let turned = entry.last_turn_at.as_deref().and_then(|at| at.parse::<Timestamp>().ok());
        let turned = turned.map_or("never".to_owned(), |at| format!("{} ago", between(at, now)));
        let due = entry.backlog.map_or("-".to_owned(), |due| due.to_string());
        let reason = if entry.state == "works" { "-".to_owned() } else { entry.reason.clone() };
        table.row([entry.name.clone(), turned, entry.state.clone(), reason, due]);
    }
    Ok(screen.table(&table)?)
}

fn of_store(store: &wire::StoreStatus, screen: &mut Screen) -> anyhow::Result<()> {
    let now = screen.now();
    let aged = |count: u64, oldest: Option<&String>| match oldest.and_then(|at| at.parse::<Timestamp>().ok()) {
        Some(at) if count > 0 => format!("{count}, the oldest for {}", between(at, now)),
        _ => count.to_string(),
    };
    let held = (store.held > 0).then(|| format!("{} held for a digest", store.held));
    let kept =
        (store.kept > 0).then(|| format!("{} kept for subscriptions that are disabled or unverified", store.kept));
    let pending = aged(store.pending, store.oldest_pending_at.as_ref());
    let expired = (store.expired > 0).then(|| format!("{} given up in two weeks", store.expired));
    let undelivered: Vec<String> = [Some(pending), held, kept, expired].into_iter().flatten().collect();
    screen.field("undelivered", &undelivered.join("; "))?;
    let waiting = (store.awaiting > 0).then(|| format!("{} wait for their article page", store.awaiting));
    let undecided = aged(store.undecided, store.oldest_undecided_at.as_ref());
    let undecided: Vec<String> = [Some(undecided), waiting].into_iter().flatten().collect();
    screen.field("undecided", &undecided.join("; "))?;
    let wire::StoreStatus { sources, .. } = store;
    let health =
        [("failing", sources.failing), ("gone", sources.gone), ("silent", sources.silent), ("well", sources.well)];
    let health = health.iter().filter(|(word, count)| *count > 0 || *word == "well");
    let health: Vec<_> = health.map(|(word, count)| format!("{count} {word}")).collect();
    screen.field("sources", &health.join(", "))?;
    let newest = store.newest_story_at.as_deref().and_then(|at| at.parse::<Timestamp>().ok());
    screen.field("stories", &format!("{}, the newest {}", store.stories, screen.when_known(newest)))?;
    let endpoint = store.slowest_endpoint.as_ref().map_or("no attempt yet".to_owned(), |slowest| {
        format!(
            "{}: {} on the mean of its last {}, {} the longest",
            slowest.name,
            span(slowest.mean_ms),
            slowest.attempts,
            span(slowest.longest_ms)
        )
    });
    screen.field("slowest", &endpoint)?;
    let (database, unused, log) = (store.database_bytes, store.unused_bytes, store.log_bytes);
    let size = format!("{}, of which {} unused; log {}", bytes(database), bytes(unused), bytes(log));
    let room = store.disk_free_bytes.zip(store.disk_total_bytes);
    let room = room.map(|(free, total)| format!("{} of {} free on its disk", bytes(free), bytes(total)));
    let size: Vec<String> = [Some(size), room].into_iter().flatten().collect();
    Ok(screen.field("store", &size.join("; "))?)
}

fn span(ms: u64) -> String {
    if ms < 1_000 { format!("{ms} ms") } else { format!("{}.{} s", ms / 1_000, ms % 1_000 / 100) }
}

/// A size in the unit in which it has at most four digits.
pub(super) fn bytes(count: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut size = count;
    let mut unit = 0;
    while size >= 10_000 && unit + 1 < units.len() {
        size = size.div_ceil(1_024);
        unit += 1;
    }
    format!("{size} {}", units.get(unit).copied().unwrap_or_default())
}
