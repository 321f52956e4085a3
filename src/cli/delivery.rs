//! `tidings delivery`: what was told, to whom, and how it went.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use crate::model::{Delivery, DeliveryId, DeliveryState, EventId};
use crate::port::{DeliveryFilter, Store};
use crate::server::wire;

use super::endpoint::RecoverArgs;
use super::exit::Refusal;
use super::screen::{Screen, Table, shown};
use super::{endpoint, lookup, moment, subscription};

#[derive(Debug, Subcommand)]
pub(super) enum DeliveryCommand {
    /// List deliveries, newest first
    List(DeliveryListArgs),
    /// Show a delivery with its attempts and what it sends
    Show {
        /// Its number
        id: i64,
    },
    /// Send deliveries once more, under the same webhook-id; those that wait to be tried again at once
    Replay {
        /// Their numbers
        #[arg(required = true)]
        ids: Vec<i64>,
    },
    /// Send what did not end delivered once more, oldest first, under the same webhook-ids, and what waits to be tried again at once
    Recover(RecoverArgs),
    /// Send a subscription a test notification
    Test {
        /// Its number or name
        subscription: String,
    },
}

/// Which deliveries.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  tidings delivery list --state expired --subscription newsroom")]
pub(super) struct DeliveryListArgs {
    /// For this subscription: number or name
    #[arg(long, value_name = "SUBSCRIPTION")]
    pub(super) subscription: Option<String>,
    /// In this state
    #[arg(long)]
    pub(super) state: Option<State>,
    /// Numbered below this
    #[arg(long, value_name = "ID")]
    pub(super) before: Option<i64>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(super) limit: usize,
    /// Made since: a date, a time, or how long ago (24h, 3d)
    #[arg(long, value_name = "TIME")]
    pub(super) since: Option<String>,
    /// Of this event: its number
    #[arg(long, value_name = "ID")]
    pub(super) event: Option<i64>,
}

/// The states as words of the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum State {
    /// To be sent
    Pending,
    /// Taken by the endpoint
    Delivered,
    /// Given up
    Expired,
    /// The device is gone, or the subscription
    Gone,
    /// Held back for a digest
    Held,
    /// Told within a digest
    Digested,
    /// The subscription is disabled
    Kept,
    /// Not sent, as the subscription hears of the story by another topic
    Repeat,
    /// Taken back before it was sent
    Withdrawn,
}

impl From<State> for DeliveryState {
    fn from(state: State) -> Self {
        match state {
            State::Pending => Self::Pending,
            State::Delivered => Self::Delivered,
            State::Expired => Self::Expired,
            State::Gone => Self::Gone,
            State::Held => Self::Held,
            State::Digested => Self::Digested,
            State::Kept => Self::Kept,
            State::Repeat => Self::Repeat,
            State::Withdrawn => Self::Withdrawn,
        }
    }
}

/// Lists, shows, replays or tests; `ring` rings the daemon, if one runs.
pub(super) fn delivery(
    store: &mut dyn Store,
    command: &DeliveryCommand,
    ring: &dyn Fn() -> bool,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    match command {
        DeliveryCommand::List(args) => list(store, args, screen),
        DeliveryCommand::Show { id } => show(&find(store, *id)?, screen),
        // One that can't be sent keeps none of the others back.
        DeliveryCommand::Replay { ids } => {
            let sent: Vec<anyhow::Result<()>> = ids.iter().map(|id| replay(store, *id, screen)).collect();
            sent.into_iter().collect()
        }
        DeliveryCommand::Recover(args) => endpoint::recover(store, args, screen),
        DeliveryCommand::Test { subscription } => subscription::test(store, subscription, ring, screen),
    }
}

fn find(store: &mut dyn Store, id: i64) -> anyhow::Result<Delivery> {
    let found = store.delivery(DeliveryId(id))?;
    Ok(found.ok_or_else(|| lookup::absent("delivery", &id.to_string(), "tidings delivery list"))?)
}

fn list(store: &mut dyn Store, args: &DeliveryListArgs, screen: &mut Screen) -> anyhow::Result<()> {
    let subscription = args.subscription.as_deref().map(|wanted| lookup::subscription(store, wanted)).transpose()?;
    let since = args.since.as_deref().map(|text| moment::parse(text, screen.now())).transpose();
    let since = since.map_err(Refusal::Usage)?;
    let filter = DeliveryFilter {
        subscription: subscription.map(|subscription| subscription.id),
        state: args.state.map(DeliveryState::from),
        before: args.before.map(DeliveryId),
        limit: args.limit,
        since,
        event: args.event.map(EventId),
    };
    let deliveries = store.deliveries(&filter)?;
    if screen.is_json() {
        return Ok(deliveries.iter().try_for_each(|delivery| screen.record(&wire::Delivery::from(delivery)))?);
    }
    if deliveries.is_empty() {
        screen.note("no deliveries");
        return Ok(());
    }
    let mut table = Table::new(["ID", "MADE", "TYPE", "SUBSCRIPTION", "STATE", "TRIES", "LAST TRY"]);
    for delivery in deliveries {
        let last = delivery.attempts.last().map_or_else(|| "-".to_owned(), attempt_text);
        let tries = delivery.tries().to_string();
        table.row([
            delivery.id.to_string(),
            screen.when(delivery.created_at),
            delivery.notification.kind.label().to_owned(),
            delivery.subscription.1,
            delivery.state.label().to_owned(),
            tries,
            last,
        ]);
    }
    Ok(screen.table(&table)?)
}

fn attempt_text(attempt: &crate::model::Attempt) -> String {
    let text = match attempt.status {
        Some(status) if attempt.detail.is_empty() => status.to_string(),
        Some(status) => format!("{status}: {}", attempt.detail),
        None => attempt.detail.clone(),
    };
    if attempt.times > 1 { format!("{text} (the last of {} in a row)", attempt.times) } else { text }
}

fn show(delivery: &Delivery, screen: &mut Screen) -> anyhow::Result<()> {
    if screen.is_json() {
        return Ok(screen.record(&wire::Delivery::with_payload(delivery))?);
    }
    let notification = &delivery.notification;
    screen.heading(&format!("delivery {}: {}", delivery.id, notification.kind.label()))?;
    screen.field("webhook-id", &notification.id.0)?;
    screen.field("to", &format!("{} ({})", delivery.subscription.1, delivery.subscription.0))?;
    screen.field("state", delivery.state.label())?;
    screen.field("made", &screen.when(delivery.created_at))?;
    if let Some(at) = delivery.replayed_at {
        screen.field("sent again", &screen.when(at))?;
    }
    if let Some(at) = delivery.next_attempt_at {
        screen.field("next try", &screen.when(at))?;
    }
    if let Some(at) = delivery.delivered_at {
        screen.field("delivered", &screen.when(at))?;
    }
    for attempt in &delivery.attempts {
        let took = attempt.took.as_millis();
        screen.field("try", &format!("{}, {took} ms: {}", screen.when(attempt.at), attempt_text(attempt)))?;
    }
    screen.line("")?;
    Ok(screen.line(&shown(&notification.body))?)
}

fn replay(store: &mut dyn Store, id: i64, screen: &mut Screen) -> anyhow::Result<()> {
    let delivery = find(store, id)?;
    let replayed = store.replay(delivery.id, screen.now())?;
    if screen.is_json() {
        return Ok(screen.record(&json!({"id": id, "replayed": replayed}))?);
    }
    let said = if replayed { "will be sent again" } else { "is under way, or waits for its turn: nothing to replay" };
    Ok(screen.line(&format!("delivery {id} {said}"))?)
}
