//! The request of one attempt ([RFC 8030](https://www.rfc-editor.org/rfc/rfc8030)).

use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use jiff::Timestamp;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use super::encryption::{Chance, Recipient, encrypt};
use super::notice::{Notice, Room};
use super::{KeysError, SealError};
use crate::deliver::RetryPolicy;
use crate::model::{DeliveryClaim, Limits, Method, Notification, NotificationType, Redirects, Request, Secret, WebUrl};

/// An answer's body is only shown to people, 200 bytes of it; more than this is not read.
const ANSWER_BYTES_MAX: usize = 16 * 1024;
/// A connection that takes longer will not carry a notification within its timeout.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// Push services keep a message for four weeks at most, and cut what is longer.
const TTL_MAX: Duration = Duration::from_hours(4 * 7 * 24);
/// Whoever asks for a test waits for it: later it would only puzzle.
const TTL_OF_TEST: Duration = Duration::from_mins(5);

/// Why a push message was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsent {
    /// The subscription's stored keys can't be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// It was not encrypted.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// What an attempt needs beside the claim.
pub struct Posting<'a> {
    /// Where to: the endpoint's address.
    pub url: &'a WebUrl,
    /// The browser's public key.
    pub p256dh: &'a str,
    /// The secret it shares with us.
    pub auth: &'a Secret,
    /// The value of `Authorization` for the endpoint's origin.
    pub authorization: &'a str,
    /// Drawn for this message alone.
    pub chance: &'a Chance,
    /// How long the message may be.
    pub room: Room,
}

/// Makes the request of one attempt.
///
/// # Errors
/// When the stored keys are none, or chance gave no key.
pub fn prepare(
    claim: &DeliveryClaim,
    posting: &Posting<'_>,
    now: Timestamp,
    policy: &RetryPolicy,
) -> Result<Request, Unsent> {
    let notification = &claim.notification;
    let to = Recipient::parse(posting.p256dh, posting.auth.reveal())?;
    let message = Notice::of(notification).write(notification.kind, posting.room);
    let body = encrypt(&to, posting.chance, message.as_bytes())?;
    let field = |name: &str, value: String| (name.to_owned(), value);
    let mut headers = vec![
        field("authorization", posting.authorization.to_owned()),
        field("content-encoding", "aes128gcm".to_owned()),
        field("content-type", "application/octet-stream".to_owned()),
        field("ttl", ttl(notification.kind, claim.created_at, now, policy).as_secs().to_string()),
        field("urgency", urgency(notification.kind).to_owned()),
    ];
    headers.extend(topic(notification).map(|topic| field("topic", topic)));
    Ok(Request {
        method: Method::Post,
        url: posting.url.clone(),
        headers,
        body,
        redirects: Redirects::Refuse,
        limits: Limits {
            connect: policy.timeout.min(CONNECT_MAX),
            total: policy.timeout,
            body_bytes: ANSWER_BYTES_MAX,
        },
    })
}

/// For how long the push service keeps the message for a device that is away (section 5.2): until the delivery expires.
fn ttl(kind: NotificationType, created_at: Timestamp, now: Timestamp, policy: &RetryPolicy) -> Duration {
    let most = match kind {
        NotificationType::SubscriptionTest => TTL_OF_TEST,
        NotificationType::EventOpened
        | NotificationType::EventUpdated
        | NotificationType::EventMerged
        | NotificationType::SourceFailing
        | NotificationType::SourceRecovered
        | NotificationType::SubscriptionDisabled
        | NotificationType::Digest => TTL_MAX,
    };
    let age = Duration::try_from(now.duration_since(created_at)).unwrap_or_default();
    policy.expire.saturating_sub(age).min(most)
}

/// Whether a device on battery is woken for it (section 5.3): for what is new, and for who waits for a test.
fn urgency(kind: NotificationType) -> &'static str {
    match kind {
        NotificationType::EventOpened | NotificationType::SubscriptionTest => "high",
        NotificationType::EventUpdated
        | NotificationType::SourceFailing
        | NotificationType::SubscriptionDisabled
        | NotificationType::Digest => "normal",
        NotificationType::EventMerged | NotificationType::SourceRecovered => "low",
    }
}

/// What a later message replaces while it waits at the push service (section 5.4): that of the same event or source. 22
/// characters of the URL-safe alphabet, of which the push service learns nothing.
fn topic(notification: &Notification) -> Option<String> {
    let thing = match (notification.event, notification.source) {
        (Some(event), _) => format!("event {event}"),
        (None, Some(source)) => format!("source {source}"),
        (None, None) => return None,
    };
    Some(BASE64_URL_SAFE_NO_PAD.encode(xxh3_128(thing.as_bytes()).to_be_bytes()))
}

/// The name of a device's subscription, made of its endpoint, which it doesn't give away.
pub fn device_name(endpoint: &WebUrl) -> String {
    format!("device-{:016x}", xxh3_64(endpoint.as_str().as_bytes()))
}

#[cfg(test)]
mod tests;
