//! The wall clock, held against one that can't be put back.
//!
//! Plans stand in the store as moments. A clock that is put forward makes them due, which the bounds on lanes and attempts take
//! as they take a start after a night; one that is put back makes them wait: they are brought forward by as much. How old something is,
//! is reckoned otherwise ([`super::Reckoning`]).

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::lifecycle::{Stop, insist};
use super::{MAX_WAIT, Parts};

/// A difference of the two clocks that is told: time servers correct by less.
const TOLD: SignedDuration = SignedDuration::from_secs(60);

/// Watches until `stop` is heard.
pub(super) async fn turn(parts: Parts, stop: Stop) -> anyhow::Result<()> {
    let mut last = (parts.clock.now(), instant());
    while !stop.is_set() {
        tokio::select! {
            biased;
            () = tokio::time::sleep(MAX_WAIT) => {}
            () = stop.heard() => {}
        }
        let now = (parts.clock.now(), instant());
        let jumped = jump(last, now);
        last = now;
        // A time in doubt is believed when it has held, whether or not anything is asked of its age meanwhile.
        parts.reckoning.lead(now.0);
        if jumped >= TOLD {
            tracing::warn!(
                by_secs = jumped.as_secs(),
                "the clock was put forward, or the machine slept: what is due is done now"
            );
        } else if jumped <= -TOLD {
            let by = jumped.unsigned_abs();
            tracing::warn!(
                by_secs = by.as_secs(),
                "the clock was put back: what is planned is brought forward by as much"
            );
            put_back(&parts, by, now.0).await;
        }
    }
    Ok(())
}

async fn put_back(parts: &Parts, by: Duration, now: Timestamp) {
    let write = || parts.keeper.write(move |store| store.turn_back_plans(Some(by), now));
    if let Err(error) = insist(write).await {
        // Each plan is kept all the same, later.
        tracing::error!("what is planned could not be brought forward: {error}");
    }
    parts.bells.poll.ring();
    parts.bells.dispatch.ring();
    parts.bells.push.ring();
    parts.bells.verify.ring();
    parts.bells.hub.ring();
}

/// By how much the wall clock went further than time did.
fn jump((wall, steady): (Timestamp, Instant), (wall_now, steady_now): (Timestamp, Instant)) -> SignedDuration {
    let passed = SignedDuration::try_from(steady_now.duration_since(steady)).unwrap_or(SignedDuration::MAX);
    wall_now.duration_since(wall).saturating_sub(passed)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks how much time has passed, whatever the wall clock says"
)]
fn instant() -> Instant {
    Instant::now()
}
