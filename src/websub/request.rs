//! What a hub is asked, in its form ([section 5.1](https://www.w3.org/TR/websub/#subscriber-sends-subscription-request)).

use std::time::Duration;

use url::form_urlencoded::Serializer;

use crate::model::{Channel, ChannelPhase, Limits, Method, Redirects, Request, WebUrl};

use super::life::Policy;

/// Hubs may redirect a request (307 and 308); more than two are a maze.
const REDIRECTS_MAX: u8 = 2;
/// A hub's answer is a line that says why; more is not read.
const ANSWER_BYTES_MAX: usize = 16 * 1024;
/// A hub may verify before it answers.
const TOTAL: Duration = Duration::from_secs(30);
const CONNECT: Duration = Duration::from_secs(10);

/// The request to the hub in use: to end a channel that is ending, else to begin or renew it. `None` where the
/// channel names no hub.
pub fn request(channel: &Channel, policy: &Policy) -> Option<Request> {
    let hub = channel.spec.hubs.first()?.clone();
    let ending = channel.state.phase == ChannelPhase::Ending;
    let mut form = Serializer::new(String::new());
    form.append_pair("hub.callback", &callback(channel))
        .append_pair("hub.mode", if ending { "unsubscribe" } else { "subscribe" })
        .append_pair("hub.topic", &channel.spec.topic)
        // Not of the recommendation: hubs of PubSubHubbub 0.3 refuse a request without it, others pass it over.
        .append_pair("hub.verify", "async");
    if !ending {
        form.append_pair("hub.lease_seconds", &policy.lease.as_secs().to_string())
            .append_pair("hub.secret", channel.spec.secret.reveal());
    }
    Some(Request {
        method: Method::Post,
        url: hub,
        headers: vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())],
        body: form.finish().into_bytes(),
        redirects: Redirects::Follow(REDIRECTS_MAX),
        limits: Limits { connect: CONNECT, total: TOTAL, body_bytes: ANSWER_BYTES_MAX },
    })
}

/// The address that the hub verifies and pushes to: one that can't be guessed, for each channel
/// ([section 5.1](https://www.w3.org/TR/websub/#subscriber-sends-subscription-request), [8.1](https://www.w3.org/TR/websub/#security-considerations)).
pub fn callback(channel: &Channel) -> String {
    address(&channel.spec.base, channel.spec.token.reveal())
}

fn address(base: &WebUrl, token: &str) -> String {
    format!("{}/websub/{token}", base.as_str().trim_end_matches('/'))
}
