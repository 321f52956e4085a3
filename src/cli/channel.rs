//! A source's push channel, as `tidings source show` tells of it.

use crate::model::Channel;

use super::screen::{Screen, shown};

/// Tells people.
pub(super) fn fields(channel: &Channel, screen: &mut Screen) -> anyhow::Result<()> {
    let state = &channel.state;
    let now = screen.now();
    screen.field("hub", &hub(channel))?;
    screen.field("pushes of", &shown(&channel.spec.topic))?;
    let lease = match state.lease_until {
        Some(until) if channel.is_open(now) => {
            format!("open {}, renewed {}", screen.lasts(until), screen.when(state.due_at))
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
        screen.field("distrusted", &format!("{}: {found}", screen.lasts(until)))?;
    }
    Ok(())
}

fn hub(channel: &Channel) -> String {
    channel.spec.hubs.first().map(|hub| shown(&hub.redacted())).unwrap_or_default()
}
