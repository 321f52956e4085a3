//! A source's push channel, as `tidings source show` tells of it.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::model::{Channel, ChannelPhase};

use super::screen::{Screen, shown};

/// Tells people.
pub(super) fn fields(channel: &Channel, screen: &mut Screen) -> anyhow::Result<()> {
    let state = &channel.state;
    let now = screen.now();
    screen.field("hub", &hub(channel))?;
    screen.field("pushes of", &shown(&channel.spec.topic))?;
    let lease = match state.lease_until {
        Some(until) if channel.is_open(now) => {
            format!("open until {}, renewed {}", screen.when(until), screen.when(state.due_at))
        }
        Some(until) if until <= now => {
            format!("ran out {}, asked again {}", screen.when(until), screen.when(state.due_at))
        }
        Some(_) | None => format!("{}, asked again {}", state.phase.label(), screen.when(state.due_at)),
    };
    screen.field("push", &lease)?;
    if !state.note.is_empty() {
        screen.field("last answer", &shown(&state.note))?;
    }
    let ignored =
        if state.refused > 0 { format!(", {} ignored for their signature", state.refused) } else { String::new() };
    screen.field(
        "pushes",
        &format!("{} accepted{ignored}; last {}", state.pushes, screen.when_known(state.last_push_at)),
    )?;
    if let Some(until) = state.distrusted_until.filter(|until| *until > now) {
        let found = "a poll found what it had not pushed, so the source is polled at its own pace";
        screen.field("distrusted", &format!("until {}: {found}", screen.when(until)))?;
    }
    Ok(())
}

/// Tells programs: what `push` holds in a source's object.
pub(super) fn json(channel: &Channel, now: Timestamp) -> Value {
    let state = &channel.state;
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
    json!({
        "hub": hub(channel), "topic": channel.spec.topic, "state": word(channel, now), "note": state.note,
        "due_at": state.due_at.to_string(), "failures": state.failures, "lease_until": time(state.lease_until),
        "pushes": state.pushes, "refused": state.refused, "last_push_at": time(state.last_push_at),
        "distrusted_until": time(state.distrusted_until.filter(|until| *until > now)),
        "relied_upon": channel.is_relied_upon(now),
    })
}

fn word(channel: &Channel, now: Timestamp) -> &'static str {
    match channel.state.phase {
        ChannelPhase::Open if !channel.is_open(now) => "lapsed",
        phase @ (ChannelPhase::Open | ChannelPhase::Asking | ChannelPhase::Refused | ChannelPhase::Ending) => {
            phase.label()
        }
    }
}

fn hub(channel: &Channel) -> String {
    channel.spec.hubs.first().map(|hub| shown(&hub.redacted())).unwrap_or_default()
}
