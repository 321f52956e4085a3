//! The store: its schema, its structure, its room, its permissions, and what it says of the clock.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::cli::open::{is_there, look};
use crate::cli::status::bytes;
use crate::config::Settings;
use crate::model::{Endpoint, Subscription};
use crate::port::{Store, StoreError, StoreSize};

use super::{Finding, failure, ok, warning};

/// How long the structure is checked: about a gigabyte in four seconds.
const PATIENCE: Duration = Duration::from_mins(1);
/// A log larger than this was never copied into the database: somebody reads without an end.
const LOG_MAX: u64 = 256 << 20;
/// Unused pages that are worth a word: most of a file, and more than this.
const UNUSED_MAX: u64 = 256 << 20;
/// Room that is needed to go on for a while, and to go on at all.
const ROOM_SCARCE: u64 = 2 << 30;
const ROOM_LEAST: u64 = 64 << 20;
/// A clock that is behind its own past by more than this was set back.
const SLACK: SignedDuration = SignedDuration::from_secs(60);

/// All of it.
pub(super) fn check(settings: &Settings, now: Timestamp) -> Vec<Finding> {
    let path = &settings.storage.path;
    match is_there(path) {
        Ok(true) => {}
        Ok(false) => {
            let said = format!("there is no database at {} yet", path.display());
            return vec![ok("store", format!("{said}: the first start makes it"))];
        }
        Err(closed) => return vec![failure("store", format!("{closed:#}"), "sudo tidings doctor")],
    }
    let mut findings = permissions(path);
    match look(settings) {
        Err(why) => {
            findings.push(Finding { help: remedy(&why), ..failure("store", format!("{why:#}"), "") });
        }
        Ok(mut store) => {
            findings.extend(inside(store.as_mut(), path, now));
            findings.extend(unmailed(store.as_mut(), settings.email.is_some()));
        }
    }
    findings
}

/// What to do about a store that can't be opened; nothing where that stands in its words.
fn remedy(why: &anyhow::Error) -> Option<String> {
    let is_damaged = why.chain().any(|cause| matches!(cause.downcast_ref(), Some(StoreError::Damaged { .. })));
    is_damaged.then(|| {
        "a damaged file is best kept aside and a backup put in its place; tidings never overwrites it".to_owned()
    })
}

fn inside(store: &mut dyn Store, path: &Path, now: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    let shown = path.display();
    findings.push(match store.check(PATIENCE) {
        Ok(complaints) if complaints.is_empty() => ok("store", format!("{shown} is whole: structure and references")),
        Ok(complaints) => failure(
            "store",
            format!("{shown} is damaged: {}", complaints.join("; ")),
            "stop tidings, keep the file aside, and put the last backup in its place",
        ),
        Err(why) if why.is_retryable() => {
            warning("store", format!("{shown}: {why}"), "run it again when the machine is less busy")
        }
        Err(why) => failure("store", format!("{shown}: {why}"), "put the last backup in its place"),
    });
    match store.survey(now) {
        Err(why) => findings.push(failure("store", why.to_string(), "put the last backup in its place")),
        Ok(survey) => {
            findings.extend(size(&survey.size));
            if let Some(newest) = survey.newest_story_at {
                findings.push(past(newest, now));
            }
        }
    }
    findings
}

/// Subscriptions that are mailed, where nothing says how mail goes out.
fn unmailed(store: &mut dyn Store, has_relay: bool) -> Option<Finding> {
    // A store that can't be read has been told of.
    let subscriptions = store.subscriptions().ok().filter(|_| !has_relay)?;
    let mailed = |held: &&Subscription| matches!(held.spec.endpoint, Endpoint::Email(_));
    let names: Vec<&str> = subscriptions.iter().filter(mailed).map(|held| held.spec.name.as_str()).collect();
    let (first, more) = (names.first()?, names.len().saturating_sub(1));
    let others = if more == 0 { String::new() } else { format!(" and {more} more") };
    let said = format!("{first}{others} can't be told by mail, as [email] names no relay");
    let help = "set `smtp` and `from` in [email], or remove them: tidings subscription remove NAME";
    Some(failure("endpoints", said, help))
}

fn size(size: &StoreSize) -> Vec<Finding> {
    let mut findings = Vec::new();
    if size.log_bytes > LOG_MAX {
        let said = format!("the log beside the database has {}", bytes(size.log_bytes));
        findings.push(warning("store", said, "another program holds the database open and reads on: end it"));
    }
    if size.unused_bytes > UNUSED_MAX && size.unused_bytes > size.database_bytes / 2 {
        let said = format!("{} of the database's {} are unused", bytes(size.unused_bytes), bytes(size.database_bytes));
        findings.push(ok("store", format!("{said}; they are given back little by little")));
    }
    if let Some(disk) = size.disk {
        let said =
            format!("{} of {} are free where the database lies", bytes(disk.free_bytes), bytes(disk.total_bytes));
        let help = "free room there, or keep less ([retention])";
        findings.push(match disk.free_bytes {
            ..ROOM_LEAST => failure("disk", said, help),
            free if free < ROOM_SCARCE && disk.free_part() < 0.1 => warning("disk", said, help),
            _ => ok("disk", said),
        });
    }
    findings
}

/// Holds the clock against the newest story, which this machine's clock has dated.
fn past(newest: Timestamp, now: Timestamp) -> Finding {
    let ahead = newest.duration_since(now);
    if ahead > SLACK {
        let said = format!("the newest story was seen {} s from now: the clock was set back", ahead.as_secs());
        return failure("clock", said, "set the clock (timedatectl); until then nothing is due");
    }
    ok("clock", "not behind the newest story")
}

/// The database holds secrets: its owner alone may read it.
fn permissions(path: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    for file in [path, Path::new(&wal)] {
        let Ok(metadata) = fs::metadata(file) else { continue };
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let said = format!("others may reach {} (mode {mode:o}), which holds secrets", file.display());
            findings.push(warning("permissions", said, format!("chmod 600 {}", file.display())));
        }
    }
    if findings.is_empty() {
        findings.push(ok("permissions", format!("{} is its owner's alone", path.display())));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::Level;
    use crate::model::{Filter, Mailbox, SubscriptionSpec};
    use crate::port::Room;
    use crate::store::SqliteStore;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_clock_behind_its_own_past_fails() {
        assert_eq!(past(at(1_000), at(990)).level, Level::Ok, "machines differ by seconds");
        assert_eq!(past(at(87_400), at(1_000)).level, Level::Failure);
    }

    #[test]
    fn a_disk_without_room_fails_and_a_small_one_that_is_nearly_full_is_warned_of() {
        let level = |free_bytes, total_bytes| {
            size(&StoreSize { disk: Some(Room { free_bytes, total_bytes }), ..StoreSize::default() })[0].level
        };
        assert_eq!(level(1 << 20, 1 << 30), Level::Failure);
        assert_eq!(level(1 << 30, 100 << 30), Level::Warning);
        assert_eq!(level(1 << 30, 4 << 30), Level::Ok, "a quarter of a small disk is free");
        assert_eq!(level(50 << 30, 1000 << 30), Level::Ok);
    }

    #[test]
    fn subscriptions_that_are_mailed_are_told_of_where_there_is_no_relay() {
        let mut store = SqliteStore::in_memory().unwrap();
        assert_eq!(unmailed(&mut store, false), None);
        for name in ["desk", "me"] {
            let to = Endpoint::Email(Mailbox::parse("person@example.org").unwrap());
            store.add_subscription(&SubscriptionSpec::new(name, to, Filter::default()), at(0)).unwrap();
        }
        let found = unmailed(&mut store, false).unwrap();
        assert_eq!(found.level, Level::Failure);
        assert!(found.said.starts_with("desk and 1 more can't be told by mail"), "{}", found.said);
        assert_eq!(unmailed(&mut store, true), None);
    }
}
