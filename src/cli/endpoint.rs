//! How a subscription's endpoint fares and is asked: its health, enabled and disabled, recovered, paced.

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use crate::model::{Breaker, DeliveryOrder, EndpointHealth, Pacing, Replay, Subscription, SubscriptionState};
use crate::port::Store;
use crate::server::wire;
use crate::text::counted;

use super::exit::Refusal;
use super::screen::{Screen, shown};
use super::{lookup, moment};

/// How fast, and in which order.
#[derive(Debug, Args)]
pub(super) struct PacingArgs {
    /// At most so many attempts under way at once (default: as for all)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    max_in_flight: Option<u32>,
    /// At most so many attempts a minute, evenly spread (default: as many as there are)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=6000))]
    rate_per_minute: Option<u32>,
    /// event: in order within an event; strict: one after another, oldest first
    #[arg(long, value_name = "ORDER", default_value = "event")]
    order: String,
}

impl PacingArgs {
    /// What was asked for.
    pub(super) fn read(&self) -> Result<Pacing, Refusal> {
        let order = DeliveryOrder::parse(&self.order).ok_or_else(|| {
            Refusal::Usage(format!("{:?} is no order (expected \"event\" or \"strict\")", shown(&self.order)))
        })?;
        Ok(Pacing { max_in_flight: self.max_in_flight, rate_per_minute: self.rate_per_minute, order })
    }
}

/// Which subscription is enabled, and what of that which it missed is sent.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tidings subscription enable newsroom
  tidings subscription enable newsroom --replay 24h")]
pub(super) struct EnableArgs {
    /// Its number or name
    subscription: String,
    /// What it missed and is sent now: all, none, or since when (a date, a time, or how long ago: 24h, 3d)
    #[arg(long, value_name = "WHICH", default_value = "all")]
    replay: String,
}

/// Which deliveries are recovered.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  tidings delivery recover --since 3d --subscription newsroom")]
pub(super) struct RecoverArgs {
    /// Made since: a date, a time, or how long ago (24h, 3d)
    #[arg(long, value_name = "TIME")]
    since: String,
    /// For this subscription alone: number or name
    #[arg(long, value_name = "SUBSCRIPTION")]
    subscription: Option<String>,
}

fn time(text: &str, now: Timestamp) -> Result<Timestamp, Refusal> {
    moment::parse(text, now).map_err(Refusal::Usage)
}

/// Serves a disabled subscription again.
pub(super) fn enable(store: &mut dyn Store, args: &EnableArgs, screen: &mut Screen) -> anyhow::Result<()> {
    let subscription = lookup::subscription(store, &args.subscription)?;
    let replay = match args.replay.as_str() {
        "all" => Replay::All,
        "none" => Replay::Nothing,
        since => Replay::Since(time(since, screen.now())?),
    };
    let replayed = store.enable_subscription(subscription.id, replay, screen.now())?;
    if screen.is_json() {
        let enabled = replayed.is_some();
        return Ok(
            screen.record(&json!({"id": subscription.id.0, "enabled": enabled, "replayed": replayed.unwrap_or(0)}))?
        );
    }
    let name = shown(&subscription.spec.name);
    let Some(replayed) = replayed else {
        return Ok(screen.line(&format!("subscription {}: {name} is not disabled", subscription.id))?);
    };
    screen.line(&format!("enabled subscription {}: {name}", subscription.id))?;
    if lookup::subscription(store, &args.subscription)?.state == SubscriptionState::Unverified {
        return Ok(screen.line("its address is another since: once that has proved itself, what it missed is sent")?);
    }
    let kept = store.health(Some(subscription.id))?.remove(&subscription.id).map_or(0, |health| health.kept);
    screen.line(&format!(
        "{} sent, oldest first",
        counted(replayed, "delivery that it missed is", "deliveries that it missed are")
    ))?;
    if kept > 0 {
        let more = counted(kept, "more stays", "more stay");
        screen.note(&format!("{more} kept; to send them: tidings delivery recover --since TIME"));
    }
    Ok(())
}

/// Serves a subscription no longer.
pub(super) fn disable(store: &mut dyn Store, wanted: &str, screen: &mut Screen) -> anyhow::Result<()> {
    let subscription = lookup::subscription(store, wanted)?;
    let disabled = store.disable_subscription(subscription.id, screen.now())?;
    if screen.is_json() {
        return Ok(screen.record(&json!({"id": subscription.id.0, "disabled": disabled}))?);
    }
    let name = shown(&subscription.spec.name);
    if !disabled {
        return Ok(screen.line(&format!("subscription {}: {name} is disabled already", subscription.id))?);
    }
    screen.line(&format!("disabled subscription {}: {name}", subscription.id))?;
    screen.note(&format!(
        "What it misses is kept as long as deliveries are; to send it: tidings subscription enable {}",
        subscription.id
    ));
    Ok(())
}

/// Makes what did not end delivered pending again.
pub(super) fn recover(store: &mut dyn Store, args: &RecoverArgs, screen: &mut Screen) -> anyhow::Result<()> {
    let since = time(&args.since, screen.now())?;
    let subscriptions = match &args.subscription {
        Some(wanted) => {
            let one = lookup::subscription(store, wanted)?;
            if one.state == SubscriptionState::Disabled {
                let help = format!("enable it first: tidings subscription enable {} --replay none", one.id);
                return Err(Refusal::Data(format!("subscription {} is disabled; {help}", one.id)).into());
            }
            vec![one]
        }
        None => store.subscriptions()?.into_iter().filter(|s| s.state == SubscriptionState::Active).collect(),
    };
    let mut found = args.subscription.is_some();
    for subscription in subscriptions {
        let recovered = store.recover(subscription.id, since, screen.now())?;
        if recovered == 0 && args.subscription.is_none() {
            continue;
        }
        found = true;
        if screen.is_json() {
            screen.record(&json!({"subscription": subscription.id.0, "recovered": recovered}))?;
        } else {
            let name = shown(&subscription.spec.name);
            let (deliveries, are) =
                (counted(recovered, "delivery", "deliveries"), if recovered == 1 { "is" } else { "are" });
            screen.line(&format!("{deliveries} to {name} ({}) {are} sent again", subscription.id))?;
        }
    }
    if !found {
        screen.note("nothing made since then is undelivered: nothing is sent again");
    }
    Ok(())
}

/// How an endpoint fares, in a word or two for a table.
pub(super) fn state_text(subscription: &Subscription, health: Option<&EndpointHealth>, now: Timestamp) -> String {
    let state = subscription.state.label();
    let Some(health) = health else { return state.to_owned() };
    match (health.disabled, health.breaker(now), &health.trouble) {
        (Some((_, reason)), _, _) => format!("{state}: {}", reason.label()),
        (None, Breaker::Open, _) => "paused".to_owned(),
        (None, Breaker::HalfOpen, _) => "probing".to_owned(),
        (None, Breaker::Closed, Some(trouble)) if trouble.failures > 0 => "failing".to_owned(),
        (None, Breaker::Closed, _) => state.to_owned(),
    }
}

/// Shows how a subscription's endpoint fares, and what to do.
pub(super) fn show(
    subscription: &Subscription,
    health: Option<&EndpointHealth>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let Some(health) = health else { return Ok(screen.field("state", subscription.state.label())?) };
    let now = screen.now();
    screen.field("state", &state_text(subscription, Some(health), now))?;
    if let Some((Some(at), _)) = health.disabled {
        screen.field("disabled", &screen.when(at))?;
    }
    if let Some(trouble) = &health.trouble {
        if let Some(since) = trouble.failing_since {
            screen.field("failing since", &screen.when(since))?;
            screen.field("failures", &format!("{} in a row", trouble.failures))?;
        }
        if let Some(rest) = trouble.rest {
            screen.field("breaker", health.breaker(now).label())?;
            screen.field("paused until", &screen.when(rest.until))?;
        }
    }
    let success = health.last_success_at.map_or_else(|| "never".to_owned(), |at| screen.when(at));
    screen.field("last success", &success)?;
    screen.field("pending", &health.pending.to_string())?;
    if health.kept > 0 {
        screen.field("kept", &health.kept.to_string())?;
    }
    if health.expired > 0 {
        screen.field("given up", &health.expired.to_string())?;
    }
    if let Some(help) = wire::help(subscription, health) {
        screen.field("what to do", &help)?;
    }
    Ok(())
}

/// Shows how fast and in which order it is asked, where that is not as for all.
pub(super) fn show_pacing(pacing: &Pacing, screen: &mut Screen) -> anyhow::Result<()> {
    if let Some(count) = pacing.max_in_flight {
        screen.field("in flight", &format!("at most {count}"))?;
    }
    if let Some(rate) = pacing.rate_per_minute {
        screen.field("rate", &format!("at most {rate} a minute"))?;
    }
    Ok(screen.field("order", pacing.order.label())?)
}
