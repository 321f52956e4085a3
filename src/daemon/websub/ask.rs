//! Asking hubs: to begin, renew and end channels.

use std::collections::BTreeSet;

use anyhow::Context as _;
use jiff::Timestamp;

use crate::model::{Channel, ChannelPhase, Exchange};
use crate::port::{Store, StoreError};
use crate::websub::{After, Policy, answered, asking, forgotten, request};

use super::super::Parts;
use super::{Desk, keep};

/// Hubs asked at the same time.
const HUBS_MAX: usize = 16;
/// Due channels looked at for one that has a free hub.
const DUE_MAX: usize = 256;

impl Desk {
    /// Claims channels that are due at hubs that are free, and asks. Gives their number.
    pub(super) async fn ask(&mut self) -> anyhow::Result<usize> {
        let terms = self.parts.terms();
        let Some(websub) = &terms.websub else { return Ok(0) };
        let free = HUBS_MAX.saturating_sub(self.running.len());
        let (policy, busy, now) = (websub.policy.clone(), self.busy.clone(), self.parts.clock.now());
        let claim = move |store: &mut dyn Store| claim(store, &policy, busy, (free, now));
        let claimed = self.parts.keeper.lease(claim).await.context("claim due push channels")?;
        let count = claimed.len();
        for channel in claimed {
            let hub = hub_host(&channel);
            self.busy.insert(hub.clone());
            self.running.spawn(ask(self.parts.clone(), channel, websub.policy.clone(), hub));
        }
        Ok(count)
    }
}

fn hub_host(channel: &Channel) -> String {
    channel.spec.hubs.first().map(|hub| hub.host_text().to_owned()).unwrap_or_default()
}

/// Notes that the hubs of due channels are being asked: a verification may come before the hub's answer.
fn claim(
    store: &mut dyn Store,
    policy: &Policy,
    mut busy: BTreeSet<String>,
    (free, now): (usize, Timestamp),
) -> Result<Vec<Channel>, StoreError> {
    let mut claimed = Vec::new();
    if free == 0 {
        return Ok(claimed);
    }
    for channel in store.due_channels(now, DUE_MAX)? {
        if forgotten(&channel, now) {
            store.drop_channel(channel.id)?;
        } else if claimed.len() < free && busy.insert(hub_host(&channel)) {
            let asked = asking(&channel, policy, now);
            store.keep_channel(&asked)?;
            claimed.push(asked);
        }
    }
    Ok(claimed)
}

/// One request, from the claim to what follows from its answer; gives the hub's host back.
async fn ask(parts: Parts, channel: Channel, policy: Policy, hub: String) -> String {
    let Some(request) = request(&channel, &policy) else { return hub };
    let exchange = parts.terms().http.send(request).await;
    let now = parts.clock.now();
    let dice = parts.dice.unit("channel", channel.id.0, u64::from(channel.state.failures));
    tell(&channel, &hub, &exchange);
    let settled = move |store: &mut dyn Store| {
        let Some(current) = store.channel(channel.id)? else { return Ok(()) };
        let after = channel.state.asked_at.map(|at| answered(&current, at, &exchange, now, dice));
        keep(store, current.id, after.unwrap_or(After::Same))
    };
    if let Err(error) = parts.keeper.write(settled).await {
        // As if the answer had not come: the hub is asked again in a while.
        tracing::warn!(hub, "the hub {hub} is asked again, as its answer could not be recorded: {error}");
    }
    hub
}

fn tell(channel: &Channel, hub: &str, exchange: &Exchange) {
    let id = channel.source.0;
    let what = if channel.state.phase == ChannelPhase::Ending { "end" } else { "begin or renew" };
    let status = exchange.as_ref().map_or(0, |response| response.status);
    match exchange {
        Ok(response) if (200..300).contains(&response.status) => {
            tracing::info!(source.id = id, hub, "the hub {hub} was asked to {what} pushes for source {id}: {status}");
        }
        Ok(_) => {
            tracing::warn!(
                source.id = id,
                hub,
                "the hub {hub} did not {what} pushes for source {id}: it answered {status}"
            );
        }
        Err(failure) => tracing::warn!(
            source.id = id,
            hub,
            "the hub {hub} could not be asked to {what} pushes for source {id}: {failure}"
        ),
    }
}
