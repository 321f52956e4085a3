//! Visits to callbacks: the question whether they meant it, and posts.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::model::{Exchange, Failure, FailureKind, FeedVersion, Follower, FollowerId, Petition, WebUrl};
use crate::publish::Place;
use crate::websub::hub::{Post, is_confirmation, post, posted, verification, verified};

use super::super::lifecycle::insist;
use super::super::{Parts, Terms};
use super::{Page, keep};

/// Scheme and host of a feed's own address.
pub(super) fn base(address: &str) -> String {
    WebUrl::parse(address).map(|url| url.as_url().origin().ascii_serialization()).unwrap_or_default()
}

/// Asks a callback whether it meant what was asked in its name; gives the follower's number back.
pub(super) async fn verify(parts: Parts, terms: Arc<Terms>, follower: Follower, asked: Petition) -> FollowerId {
    let id = follower.id;
    let entropy = terms.hub.as_ref().and_then(|hub| (hub.entropy)());
    let challenge = entropy.map(|bytes| digits(&bytes)).unwrap_or_default();
    let request = verification(&follower.spec, &asked, &challenge).filter(|_| !challenge.is_empty());
    let exchange = if let Some(request) = request {
        terms.http.send(request).await
    } else {
        let detail = "the system gives no randomness for a challenge".to_owned();
        Err(Failure { kind: FailureKind::Protocol, detail })
    };
    let now = parts.clock.now();
    let dice = parts.dice.unit("follower", id.0, u64::from(asked.failures));
    let is_meant = is_confirmation(&exchange, &challenge);
    let (mode, host) = (asked.wish.label(), follower.spec.callback.host_text());
    let said = said(&exchange);
    if is_meant {
        let feed = &follower.spec.feed;
        tracing::info!(follower.id = id.0, host, "follower {id} at {host} confirmed to {mode} to {feed}");
    } else {
        tracing::info!(follower.id = id.0, host, "follower {id} at {host} did not confirm to {mode}: {said}");
    }
    parts.status.visited(if is_meant { "confirmed" } else { "unconfirmed" });
    let answer = Arc::new((asked, exchange, challenge));
    let write = || {
        let answer = Arc::clone(&answer);
        parts.keeper.write(move |store| {
            let (asked, exchange, challenge) = answer.as_ref();
            let Some(current) = store.follower(id)? else { return Ok(()) };
            keep(store, id, verified(&current, asked, (exchange, challenge), now, dice))
        })
    };
    if let Err(error) = insist(write).await {
        // As if it had not been asked: it is asked again.
        tracing::warn!(
            follower.id = id.0,
            "follower {id} is asked again, as its answer could not be recorded: {error}"
        );
    }
    id
}

/// Posts a feed to a follower; gives its number back.
pub(super) async fn post_to(
    parts: Parts,
    terms: Arc<Terms>,
    follower: Follower,
    (version, page): (FeedVersion, Arc<Page>),
) -> FollowerId {
    let (id, begun) = (follower.id, parts.clock.now());
    let hub = Place { base: base(&follower.spec.address), has_hub: true }.hub().unwrap_or_default();
    let content = Post { body: &page.body, media_type: page.media_type, hub: &hub };
    let exchange = terms.http.send(post(&follower.spec, follower.state.secret.as_ref(), &content)).await;
    let now = parts.clock.now();
    let dice = parts.dice.unit("post", id.0, u64::from(follower.state.failures));
    let host = follower.spec.callback.host_text();
    let label = match &exchange {
        Ok(answer) if (200..300).contains(&answer.status) => "posted",
        Ok(answer) if answer.status == 410 => "gone",
        Ok(_) | Err(_) => "failed",
    };
    parts.status.visited(label);
    let said = said(&exchange);
    match label {
        "posted" => tracing::debug!(follower.id = id.0, host, feed = %follower.spec.feed, "posted a feed"),
        "gone" => tracing::info!(follower.id = id.0, host, "follower {id} at {host} is no more, and forgotten"),
        _ => tracing::warn!(follower.id = id.0, host, "a feed could not be posted to follower {id} at {host}: {said}"),
    }
    let exchange = Arc::new(exchange);
    let write = || {
        let (exchange, page) = (Arc::clone(&exchange), Arc::clone(&page));
        parts.keeper.write(move |store| {
            let Some(current) = store.follower(id)? else { return Ok(()) };
            keep(store, id, posted(&current, (version, &page.hash), &exchange, (begun, now), dice))
        })
    };
    if let Err(error) = insist(write).await {
        // As if it had not been posted: it is posted again.
        tracing::warn!(
            follower.id = id.0,
            "follower {id} is posted to again, as its answer could not be recorded: {error}"
        );
    }
    id
}

fn said(exchange: &Exchange) -> String {
    match exchange {
        Ok(answer) => format!("it answered {}", answer.status),
        Err(failure) => failure.to_string(),
    }
}

fn digits(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        // Writing to a `String` can't fail.
        write!(text, "{byte:02x}").ok();
    }
    text
}
