//! Retention: once an hour, old texts and finished deliveries are deleted, a little at a time.

use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;

use super::lifecycle::patiently;
use super::{LoopName, MAX_WAIT, Parts};

/// From one sweep to the next.
const EVERY: Duration = Duration::from_hours(1);
/// Rows deleted in one commit: the other loops wait no longer than some tens of milliseconds.
const STEP: usize = 100;

/// Turns until `stop` is heard.
pub(super) async fn turn(parts: Parts, stop: super::lifecycle::Stop) -> anyhow::Result<()> {
    let mut next = parts.clock.now();
    while !stop.is_set() {
        let now = parts.clock.now();
        parts.status.turn(LoopName::Retention, now);
        // A clock that was put back meanwhile makes nobody wait for a day.
        let latest = now.checked_add(EVERY).unwrap_or(Timestamp::MAX);
        if now >= next || next > latest {
            patiently(sweep(&parts, &stop, now).await.map(|()| 0)).await?;
            next = now.checked_add(EVERY).unwrap_or(Timestamp::MAX);
        }
        tokio::select! {
            () = tokio::time::sleep(MAX_WAIT) => {}
            () = stop.heard() => {}
        }
    }
    Ok(())
}

async fn sweep(parts: &Parts, stop: &super::lifecycle::Stop, now: Timestamp) -> anyhow::Result<()> {
    let terms = parts.terms();
    let before = |keep: Duration| now.checked_sub(keep).unwrap_or(Timestamp::MIN);
    let (off_topic, deliveries) = (before(terms.loops.off_topic_keep), before(terms.loops.deliveries_keep));
    let mut deleted = 0;
    loop {
        let count = parts
            .keeper
            .write(move |store| store.retain(off_topic, deliveries, STEP))
            .await
            .context("delete what is past its retention")?;
        deleted += count;
        if count == 0 || stop.is_set() {
            break;
        }
        parts.status.turn(LoopName::Retention, parts.clock.now());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    if deleted > 0 {
        tracing::info!(deleted, "deleted what was past its retention");
    }
    Ok(())
}
