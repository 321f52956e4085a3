//! A push, examined: the same way as a poll's answer, but for validators, failures and health, which are a poll's.

use anyhow::Context as _;
use jiff::Timestamp;
use tokio::task::JoinSet;

use crate::ingest::{Examined, resolve};
use crate::model::{Headers, PollOutcome, PushId, PushRecord, QueuedPush, Recorded, Response, Source, SourceSpec};
use crate::port::Store;
use crate::schedule;

use super::super::Parts;
use super::super::poll::source::{examine_somewhere, new_dates};
use super::{THIN_WAIT, later};

/// Examines the push that waits longest. Gives the number examined.
pub(super) async fn examine_next(parts: &Parts) -> anyhow::Result<usize> {
    let oldest = parts.keeper.read(|store| store.oldest_push()).await.context("look for pushes")?;
    let Some(QueuedPush { id, push, source }) = oldest else { return Ok(0) };
    let now = parts.clock.now();
    let content_type = push.content_type.map(|value| ("content-type".to_owned(), value));
    let pushed = Response {
        status: 200,
        headers: Headers(content_type.into_iter().collect()),
        body: push.body,
        url: source.spec.url.clone(),
        redirects: Vec::new(),
    };
    let of = source.id;
    let (examined, source) = match examined(pushed, source, now).await {
        Ok(done) => done,
        Err(error) => {
            // It would stand in the way of all that follow, and be met again after each start.
            tracing::error!(source.id = of.0, "source {of} is polled, as a push could not be read: {error:#}");
            parts.keeper.note(move |store| store.record_push(&left_out(id, now))).await.context("leave out a push")?;
            parts.bells.poll.ring();
            return Ok(1);
        }
    };
    let thin = is_thin(&examined);
    let (name, quote) = (source.spec.name.clone(), parts.market.quote());
    let write = move |store: &mut dyn Store| {
        let keys: Vec<_> = examined.drafts.iter().flat_map(|d| d.keys.iter().copied()).collect();
        let known = if keys.is_empty() { Vec::new() } else { store.known(&keys)? };
        let stories = resolve(examined.drafts, &known, &source.spec, source.id);
        // As it stands now: a poll may have taught it meanwhile.
        let state = store.source(source.id)?.map(|source| source.state).unwrap_or_default();
        let pace = if thin { None } else { schedule::pushed(&state.pace, &new_dates(&stories), &quote, now) };
        let soonest = state.last_poll_at.map_or(now, |last| later(last, thin_wait(&source.spec)).max(now));
        store.record_push(&PushRecord { push: id, at: now, stories, pace, poll_at: thin.then_some(soonest) })
    };
    let recorded = match parts.keeper.note(write).await {
        Err(error) if !error.is_retryable() => {
            // It would stand in the way of all that follow: a poll brings what it told.
            tracing::warn!(source.id = of.0, "source {of} is polled, as a push could not be recorded: {error}");
            parts.keeper.note(move |store| store.record_push(&left_out(id, now))).await
        }
        done => done,
    };
    let recorded = recorded.context("record a push")?;
    if thin {
        parts.bells.poll.ring();
    }
    if recorded.new + recorded.revised > 0 {
        parts.bells.decide.ring();
    }
    let Recorded { new, revised, .. } = recorded;
    parts.status.pushed(if thin { "thin" } else { "examined" }, recorded);
    tracing::debug!(source.id = of.0, source.name = name, new, revised, thin, "examined a push");
    Ok(1)
}

/// Examines in a task of its own: what makes the reader panic ends that task alone.
async fn examined(pushed: Response, source: Source, now: Timestamp) -> anyhow::Result<(Examined, Source)> {
    let mut reading = JoinSet::new();
    reading.spawn(examine_somewhere(Ok(pushed), source, now));
    let done = reading.join_next().await.context("nothing was read")?;
    let (examined, _, source) = done.context("the reader panicked")??;
    Ok((examined, source))
}

/// What is written of a push that brings nothing: a poll brings what it told.
fn left_out(push: PushId, now: Timestamp) -> PushRecord {
    PushRecord { push, at: now, stories: Vec::new(), pace: None, poll_at: Some(now) }
}

/// Whether a push holds nothing to read: it only says that there is something new.
fn is_thin(examined: &Examined) -> bool {
    match &examined.outcome {
        PollOutcome::Read { entries } => *entries == 0,
        PollOutcome::NotModified | PollOutcome::Failed { .. } => true,
    }
}

/// From a poll to the next one that a thin push may cause.
pub(super) fn thin_wait(spec: &SourceSpec) -> std::time::Duration {
    THIN_WAIT.min(spec.interval_min)
}
