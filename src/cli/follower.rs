//! `tidings follower`: who follows our feeds by way of our hub.

use clap::Subcommand;
use serde_json::json;

use crate::model::{Follower, FollowerId};
use crate::port::Store;

use super::lookup;
use super::screen::{Screen, Table, shown};

#[derive(Debug, Subcommand)]
pub(super) enum FollowerCommand {
    /// List who follows which feed, until when, and what was answered last; of callbacks the host alone
    List,
    /// Forget a follower, without asking it; it may come back
    Remove {
        /// Its number
        id: i64,
    },
}

/// Lists or removes.
pub(super) fn follower(store: &mut dyn Store, command: &FollowerCommand, screen: &mut Screen) -> anyhow::Result<()> {
    match command {
        FollowerCommand::List => list(&store.followers()?, screen),
        FollowerCommand::Remove { id } => {
            let follower = FollowerId(*id);
            if store.follower(follower)?.is_none() {
                return Err(lookup::absent("follower", &id.to_string(), "tidings follower list").into());
            }
            store.drop_follower(follower)?;
            if screen.is_json() {
                return Ok(screen.record(&json!({"id": id, "removed": true}))?);
            }
            Ok(screen.line(&format!("removed follower {id}"))?)
        }
    }
}

fn list(followers: &[Follower], screen: &mut Screen) -> anyhow::Result<()> {
    if screen.is_json() {
        return Ok(followers.iter().try_for_each(|follower| screen.record(&record(follower)))?);
    }
    if followers.is_empty() {
        screen.note("nobody follows; feeds are pushed where `enabled` is set in [hub]");
        return Ok(());
    }
    let mut table = Table::new(["ID", "FEED", "HOST", "UNTIL", "POSTS", "LAST", "FAILED", "ANSWER"]);
    for follower in followers {
        let state = &follower.state;
        table.row([
            follower.id.to_string(),
            follower.spec.feed.to_string(),
            shown(follower.spec.callback.host_text()),
            screen.when_known(state.lease_until),
            state.posts.to_string(),
            screen.when_known(state.last_post_at),
            state.failures.to_string(),
            shown(&state.note),
        ]);
    }
    Ok(screen.table(&table)?)
}

/// As JSON: neither the callback, which is a secret, nor what is signed with.
fn record(follower: &Follower) -> serde_json::Value {
    let state = &follower.state;
    let text = |at: Option<jiff::Timestamp>| at.map(|at| at.to_string());
    json!({
        "id": follower.id.0,
        "feed": follower.spec.feed.to_string(),
        "topic": follower.spec.address,
        "host": follower.spec.callback.host_text(),
        "lease_until": text(state.lease_until),
        "signed": state.secret.is_some(),
        "asked": state.petition.as_ref().map(|petition| petition.wish.label()),
        "posts": state.posts,
        "last_post_at": text(state.last_post_at),
        "failures": state.failures,
        "note": state.note,
    })
}
