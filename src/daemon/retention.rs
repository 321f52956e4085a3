//! Retention: once an hour, what is old is dropped, and then, where the database is larger than it may be, the oldest of what is
//! left; a little at a time.

use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;

use crate::port::{Extent, Merging, Shed, Store, StoreError};

use super::lifecycle::{Stop, patiently};
use super::{LoopName, LoopPolicy, Parts};

/// From one sweep to the next.
const EVERY: Duration = Duration::from_hours(1);
/// Rows deleted in one commit: the other loops wait no longer than some tens of milliseconds.
const STEP: usize = 100;
/// What is given back to the file system in one commit, for the same reason.
const GIVEN_BACK_BYTES: u64 = 1024 * 1024;
/// Less that is free is left to new rows: giving back moves pages, and the file would only grow again.
const FREE_SHARE: u64 = 20;
/// And of a small database, so much.
const FREE_BYTES: u64 = 16 * 1024 * 1024;
/// Between two commits.
const PAUSE: Duration = Duration::from_millis(20);
/// A database that is too large is brought to so many percent of what it may be, so that not every sweep finds it too large again.
const SHED_PERCENT: u64 = 95;
/// The ages, in days, beyond which a database that is too large keeps nothing that it need not: one after another, until it fits.
const AGES_DAYS: [i64; 9] = [730, 365, 180, 90, 60, 30, 14, 7, 3];
const DAY: Duration = Duration::from_hours(24);

/// So many rows are dropped before the index of words is merged, which writes all of it anew: three days of a thousand feeds.
const MERGE_AFTER: usize = 100_000;

/// Turns until `stop` is heard.
pub(super) async fn turn(parts: Parts, stop: Stop) -> anyhow::Result<()> {
    let mut next = parts.clock.now();
    let mut unmerged = 0;
    while !stop.is_set() {
        let now = parts.clock.now();
        parts.status.turn(LoopName::Retention, now);
        // A clock that was put back meanwhile makes nobody wait for a day.
        let latest = now.checked_add(EVERY).unwrap_or(Timestamp::MAX);
        if now >= next || next > latest {
            // A store that refuses for now (a full disk, even) is left alone until the next sweep: nothing is lost by that.
            let swept = sweep(&parts, &stop).await;
            unmerged += patiently(&parts, LoopName::Retention, swept).await?;
            if unmerged >= MERGE_AFTER {
                let merged = merge(&parts, &stop).await.map(|()| 1);
                patiently(&parts, LoopName::Retention, merged).await?;
                unmerged = 0;
            }
            let given = give_back(&parts, &stop).await.map(|()| 1);
            patiently(&parts, LoopName::Retention, given).await?;
            next = now.checked_add(EVERY).unwrap_or(Timestamp::MAX);
        }
        parts.waits(LoopName::Retention, 0, parts.max_wait());
        tokio::select! {
            biased;
            () = tokio::time::sleep(parts.max_wait()) => {}
            () = stop.heard() => {}
        }
    }
    Ok(())
}

/// Drops what is past its time, and what is too much; gives how much.
///
/// What time it is, is asked before each step: a sweep that begins while the clock stands in the future ends there when it is put back.
async fn sweep(parts: &Parts, stop: &Stop) -> anyhow::Result<usize> {
    let terms = parts.terms();
    let LoopPolicy { off_topic_keep, stories_keep, told_keep, deliveries_keep, .. } = terms.loops;
    let before = |keep: Duration| before(parts, keep);
    let mut deleted = all_of(parts, stop, || {
        let (off_topic, deliveries) = (before(off_topic_keep), before(deliveries_keep));
        move |store: &mut dyn Store| store.retain(off_topic, deliveries, STEP)
    })
    .await?;
    deleted += all_of(parts, stop, || {
        let stories = before(stories_keep);
        move |store: &mut dyn Store| store.bury(stories, STEP)
    })
    .await?;
    if let Some(keep) = told_keep {
        // What new stories are compared with is kept, whatever is said.
        let keep = keep.max(terms.events.keep.saturating_add(DAY));
        deleted += all_of(parts, stop, || {
            let told = before(keep);
            move |store: &mut dyn Store| store.drop_told_texts(told, STEP)
        })
        .await?;
    }
    if deleted > 0 {
        tracing::info!(deleted, "{deleted} texts and deliveries past their retention were deleted");
    }
    if let Some(most) = terms.loops.size_bytes_max {
        deleted += fit(parts, stop, most).await?;
    }
    Ok(deleted)
}

/// When that was made which is as old as `keep` now.
fn before(parts: &Parts, keep: Duration) -> Timestamp {
    parts.reckoning.of(parts.clock.now()).checked_sub(keep).unwrap_or(Timestamp::MIN)
}

/// Merges the index of words, so that what was deleted from it takes no room.
async fn merge(parts: &Parts, stop: &Stop) -> anyhow::Result<()> {
    let mut step = Merging::Begins;
    loop {
        let goes_on = parts.keeper.write(move |store| store.merge_words(step)).await;
        if !goes_on.context("merge the index of words")? || stop.is_set() {
            return Ok(());
        }
        step = Merging::GoesOn;
        parts.status.turn(LoopName::Retention, parts.clock.now());
        tokio::time::sleep(PAUSE).await;
    }
}

/// Does a step, as it is to be done at that time, until there is nothing left to do; gives how much was done.
async fn all_of<S: FnOnce(&mut dyn Store) -> Result<usize, StoreError> + Send + 'static>(
    parts: &Parts,
    stop: &Stop,
    step: impl Fn() -> S,
) -> anyhow::Result<usize> {
    let mut done = 0;
    loop {
        let count = parts.keeper.write(step()).await.context("delete what is past its retention")?;
        done += count;
        if count == 0 || stop.is_set() {
            return Ok(done);
        }
        parts.status.turn(LoopName::Retention, parts.clock.now());
        tokio::time::sleep(PAUSE).await;
    }
}

/// Drops the oldest of what need not be kept, until the database is no larger than it may be; gives how much.
async fn fit(parts: &Parts, stop: &Stop, most: u64) -> anyhow::Result<usize> {
    let room = room(parts).await?;
    if room.used_bytes <= most {
        return Ok(0);
    }
    // What was deleted before may do.
    merge(parts, stop).await?;
    let goal = most / 100 * SHED_PERCENT;
    let told_keep = parts.terms().events.keep.saturating_add(DAY);
    let (mut dropped, mut used) = (0, self::room(parts).await?.used_bytes);
    for days in AGES_DAYS {
        let age = DAY.saturating_mul(u32::try_from(days).unwrap_or(u32::MAX));
        loop {
            let shed = Shed { before: before(parts, age), told_before: before(parts, age.max(told_keep)) };
            let count = parts.keeper.write(move |store| store.shed(shed, STEP)).await;
            let count = count.context("drop what is too much")?;
            dropped += count;
            used = self::room(parts).await?.used_bytes;
            if count == 0 || used <= goal || stop.is_set() {
                break;
            }
            parts.status.turn(LoopName::Retention, parts.clock.now());
            tokio::time::sleep(PAUSE).await;
        }
        if used > goal && !stop.is_set() {
            merge(parts, stop).await?;
            used = self::room(parts).await?.used_bytes;
        }
        if used <= goal || stop.is_set() {
            tracing::info!(
                dropped,
                used_bytes = used,
                kept_days = days,
                "the database was too large, so {dropped} texts and stories went before their time: {days} days are kept"
            );
            return Ok(dropped);
        }
    }
    tracing::warn!(
        dropped,
        used_bytes = used,
        size_bytes_max = most,
        "the database is larger than it may be, and holds only what is needed: allow it more, or watch fewer sources"
    );
    Ok(dropped)
}

async fn room(parts: &Parts) -> anyhow::Result<Extent> {
    // On the writer's side: what was just deleted is counted.
    parts.keeper.lease(|store| store.room()).await.context("ask how large the database is")
}

/// Gives what is free and more than new rows will soon need back to the file system.
async fn give_back(parts: &Parts, stop: &Stop) -> anyhow::Result<()> {
    let Extent { used_bytes, mut free_bytes } = room(parts).await?;
    let left = (used_bytes / FREE_SHARE).max(FREE_BYTES);
    while free_bytes > left && !stop.is_set() {
        let after = parts.keeper.write(|store| store.give_back(GIVEN_BACK_BYTES)).await;
        let after = after.context("give free room back")?;
        if after >= free_bytes {
            break;
        }
        free_bytes = after;
        parts.status.turn(LoopName::Retention, parts.clock.now());
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}
