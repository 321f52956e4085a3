//! Endpoints that must prove that they want what they would be told.

use std::io;
use std::time::Duration;

use jiff::Timestamp;

use crate::daemon::challenge;
use crate::deliver::verification::next_try;
use crate::model::{Asked, Verification};
use crate::port::{Http, Store};
use crate::server::wire;

use super::exit::Refusal;
use super::lookup;
use super::screen::{Screen, shown};
use super::secret::entropy;

/// What asking takes.
pub(super) struct Ground<'a> {
    /// The way out.
    pub(super) http: &'a dyn Http,
    /// What was told longer ago than this is not sent any more.
    pub(super) expire: Duration,
}

/// Shows how often an endpoint was asked, and what came of it.
pub(super) fn show(held: &Verification, screen: &mut Screen) -> io::Result<()> {
    let next = held.next_at.map_or("by hand alone".to_owned(), |at| screen.when(at));
    let why = held.failure.as_deref().unwrap_or("its endpoint was not asked yet");
    screen.field("unverified", &format!("{} (asked {} times; next: {next})", shown(why), held.tries))
}

/// Asks an unverified endpoint now.
pub(super) async fn verify(
    store: &mut dyn Store,
    wanted: &str,
    ground: &Ground<'_>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let subscription = lookup::subscription(store, wanted)?;
    let name = shown(&subscription.spec.name);
    let Some(Verification { subscription, tries, .. }) = store.verification(subscription.id)? else {
        return tell(
            store,
            wanted,
            &format!("subscription {name} has nothing to prove: it is {}", subscription.state.label()),
            screen,
        );
    };
    let outcome = challenge(ground.http, &subscription, entropy().ok(), screen.now()).await;
    let at = screen.now();
    let asked = Asked {
        subscription: subscription.id,
        url: subscription.spec.endpoint.url().cloned(),
        at,
        outcome: outcome.clone().map_err(|why| (why, next_try(tries.saturating_add(1), at))),
    };
    store.settle_verification(&asked, at.checked_sub(ground.expire).unwrap_or(Timestamp::MIN))?;
    match outcome {
        Ok(()) => tell(store, wanted, &format!("subscription {name} is verified: its endpoint wants it"), screen),
        Err(why) => Err(Refusal::Data(format!(
            "the endpoint of {name} didn't prove that it wants this: {}; it must answer 2xx with the challenge in its body",
            shown(&why)
        ))
        .into()),
    }
}

fn tell(store: &mut dyn Store, wanted: &str, line: &str, screen: &mut Screen) -> anyhow::Result<()> {
    if screen.is_json() {
        return Ok(screen.record(&wire::Subscription::from(&lookup::subscription(store, wanted)?))?);
    }
    Ok(screen.line(line)?)
}
