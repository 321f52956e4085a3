//! One round through all stages: for `tidings poll`, which polls once now and exits.

use anyhow::Context as _;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::model::SourceId;

use super::lifecycle::Stop;
use super::{Parts, decide, dispatch, market, poll};

/// Polls every due source (or those named) once, decides all that is undecided, attempts every due delivery once.
///
/// Stories are decided and told while others are still polled: a slow source delays nobody.
///
/// # Errors
/// When the store refuses. A source's or endpoint's failure is an outcome, recorded and observed.
pub async fn round(parts: Parts, only: Option<Vec<SourceId>>) -> anyhow::Result<()> {
    market::take_up(&parts).await?;
    let (stop, heard) = watch::channel(false);
    let mut loops = JoinSet::new();
    loops.spawn(decide::turn(parts.clone(), Stop::new(heard.clone())));
    loops.spawn(dispatch::turn(parts.clone(), Stop::new(heard)));
    let polled = poll::drain(parts.clone(), only.clone()).await;
    stop.send_replace(true);
    while let Some(ended) = loops.join_next().await {
        ended.context("a loop panicked")??;
    }
    polled?;
    decide::drain(parts.clone()).await?;
    // The last stories may wait for their article pages. Each is asked for once, so this ends.
    poll::drain(parts.clone(), only).await?;
    decide::drain(parts.clone()).await?;
    dispatch::drain(parts).await
}
