//! What a hub asks of the callback: whether we want a subscription, or that there will be none
//! ([section 5.3](https://www.w3.org/TR/websub/#hub-verifies-intent), [5.2](https://www.w3.org/TR/websub/#subscription-validation)).

use std::time::Duration;

use jiff::Timestamp;
use url::form_urlencoded;

use crate::model::{Channel, ChannelPhase, WebUrl};

use super::life::{self, After, Policy};

/// A hub's question, from the query of its request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// `hub.mode`: subscribe, unsubscribe or denied.
    pub mode: String,
    /// `hub.topic`.
    pub topic: String,
    /// `hub.challenge`: what is echoed.
    pub challenge: Option<String>,
    /// `hub.lease_seconds`, where it is a number.
    pub lease_secs: Option<u64>,
    /// `hub.reason`, of a denial.
    pub reason: String,
}

/// What the hub is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Yes: 200 with the challenge.
    Echo(String),
    /// Heard: 200.
    Heard,
    /// No: 404.
    No,
}

/// A challenge is a random text; more than this is none.
const CHALLENGE_BYTES_MAX: usize = 4_096;

impl Question {
    /// Reads the query of a request to the callback.
    pub fn parse(query: &str) -> Self {
        let mut question = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "hub.mode" => question.mode = value.into_owned(),
                "hub.topic" => question.topic = value.into_owned(),
                "hub.challenge" => {
                    question.challenge =
                        Some(value.into_owned()).filter(|text| (1..=CHALLENGE_BYTES_MAX).contains(&text.len()));
                }
                "hub.lease_seconds" => question.lease_secs = value.trim().parse().ok(),
                "hub.reason" => question.reason = value.into_owned(),
                _ => {}
            }
        }
        question
    }
}

/// Answers a question to a channel's callback. `dice` is a random number from 0 to 1.
///
/// A subscription is confirmed as long as it is wanted, whoever asks and however often: who knows the callback is the
/// hub, and a hub may verify again. One that is still wanted is never confirmed to be ended.
pub fn reply(channel: &Channel, question: &Question, policy: &Policy, now: Timestamp, dice: f64) -> (Reply, After) {
    if !is_same(&channel.spec.topic, &question.topic) {
        return (Reply::No, After::Same);
    }
    let ending = channel.state.phase == ChannelPhase::Ending;
    match (question.mode.as_str(), &question.challenge) {
        ("subscribe", Some(challenge)) if !ending => {
            // Hubs of PubSubHubbub 0.3 may name no lease; none of no time is meant.
            let granted = question.lease_secs.filter(|secs| *secs > 0).map_or(policy.lease, Duration::from_secs);
            let open = life::verified(channel, granted, now, dice);
            (Reply::Echo(challenge.clone()), After::Keep(Box::new(open)))
        }
        ("unsubscribe", Some(challenge)) if ending => (Reply::Echo(challenge.clone()), After::Drop),
        ("denied", _) if ending => (Reply::Heard, After::Drop),
        ("denied", _) => {
            let denied = life::denied(channel, &question.reason, now, dice);
            (Reply::Heard, After::Keep(Box::new(denied)))
        }
        _ => (Reply::No, After::Same),
    }
}

/// Whether a hub means our topic: byte for byte, or as the same address (some hubs write it anew).
fn is_same(ours: &str, theirs: &str) -> bool {
    ours == theirs || WebUrl::parse(ours).ok().is_some_and(|ours| WebUrl::parse(theirs).is_ok_and(|t| t == ours))
}
