//! What a subscriber asks of the hub, from its form
//! ([section 5.1](https://www.w3.org/TR/websub/#subscriber-sends-subscription-request)).

use std::time::Duration;

use url::form_urlencoded;

use crate::model::{FeedName, FollowerSpec, Secret, WebUrl, Wish};

/// A subscriber that names no lease follows for ten days, as the recommendation advises
/// ([section 5.1](https://www.w3.org/TR/websub/#subscription-parameter-details)).
const LEASE_DEFAULT: Duration = Duration::from_hours(10 * 24);
/// No lease is longer: who forgot that it follows is left alone after this.
const LEASE_MAX: Duration = Duration::from_hours(30 * 24);
/// No lease is shorter: it would be renewed more often than the feed changes.
const LEASE_MIN: Duration = Duration::from_mins(5);
/// The longest callback: longer ones are no addresses that anybody made.
const CALLBACK_BYTES_MAX: usize = 2_048;
/// The recommendation asks for less than 200 bytes.
const SECRET_BYTES_MAX: usize = 200;

/// Why a request can't be taken; a sentence for whoever writes the subscriber.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PetitionFault {
    /// `hub.mode`.
    #[error("hub.mode is {found:?}: expected subscribe or unsubscribe")]
    Mode {
        /// What was given; empty where nothing was.
        found: String,
    },
    /// `hub.topic` is none of our feeds.
    #[error("hub.topic is {found:?}: this hub pushes its own feeds alone, {base}/feeds/TOPIC.atom, .rss and .json")]
    Topic {
        /// What was given; empty where nothing was.
        found: String,
        /// Scheme and host of our feeds.
        base: String,
    },
    /// `hub.callback` is no web address.
    #[error("hub.callback {why}")]
    Callback {
        /// What was found.
        why: String,
    },
    /// `hub.lease_seconds`.
    #[error("hub.lease_seconds is {found:?}: expected a number of seconds")]
    Lease {
        /// What was given.
        found: String,
    },
    /// `hub.secret`.
    #[error("hub.secret has {found} bytes: expected at most {SECRET_BYTES_MAX}")]
    Secret {
        /// How many it has.
        found: usize,
    },
}

/// Reads a subscriber's form. `base` is scheme and host of our feeds, as the subscriber knows them. Unknown parameters are
/// passed over; of one that is given twice the first counts.
///
/// # Errors
/// What is missing or can't be read.
pub fn petition(form: &[u8], base: &str) -> Result<(FollowerSpec, Wish), PetitionFault> {
    let mut form: Vec<_> = form_urlencoded::parse(form).collect();
    form.reverse();
    let text = |wanted: &str| form.iter().rfind(|(name, _)| name == wanted).map(|(_, value)| value.as_ref());
    let given = |wanted: &str| text(wanted).unwrap_or_default();
    let mode = given("hub.mode");
    let wish = match mode {
        "subscribe" => Wish::Follow { lease: lease(given("hub.lease_seconds"))?, secret: secret(given("hub.secret"))? },
        "unsubscribe" => Wish::Leave,
        _ => return Err(PetitionFault::Mode { found: mode.to_owned() }),
    };
    let address = given("hub.topic");
    let foreign = || PetitionFault::Topic { found: address.to_owned(), base: base.to_owned() };
    let feed = feed(address, base).ok_or_else(foreign)?;
    let callback = callback(given("hub.callback")).map_err(|why| PetitionFault::Callback { why })?;
    Ok((FollowerSpec { address: address.to_owned(), feed, callback }, wish))
}

/// Which feed of ours an address is.
fn feed(address: &str, base: &str) -> Option<FeedName> {
    let url = WebUrl::parse(address).ok()?;
    let name = url.as_str().strip_prefix(base)?.strip_prefix("/feeds/")?;
    FeedName::parse(name)
}

fn callback(text: &str) -> Result<WebUrl, String> {
    if text.len() > CALLBACK_BYTES_MAX {
        return Err(format!("has {} bytes: expected at most {CALLBACK_BYTES_MAX}", text.len()));
    }
    let url = WebUrl::parse(text).map_err(|why| format!("is no address: {why}"))?;
    let inner = url.as_url();
    if !inner.username().is_empty() || inner.password().is_some() || inner.fragment().is_some() {
        return Err("holds a user name or a fragment: expected an address alone".to_owned());
    }
    Ok(url)
}

/// The lease that is granted. Zero stood for a lease without end in `PubSubHubbub` 0.3; here it is as if none was named.
fn lease(text: &str) -> Result<Duration, PetitionFault> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(LEASE_DEFAULT);
    }
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(PetitionFault::Lease { found: text.to_owned() });
    }
    // So many digits that they don't fit are a very long time.
    Ok(match text.parse().unwrap_or(u64::MAX) {
        0 => LEASE_DEFAULT,
        secs => Duration::from_secs(secs).clamp(LEASE_MIN, LEASE_MAX),
    })
}

fn secret(text: &str) -> Result<Option<Secret>, PetitionFault> {
    if text.len() > SECRET_BYTES_MAX {
        return Err(PetitionFault::Secret { found: text.len() });
    }
    Ok(Some(text).filter(|text| !text.is_empty()).map(Secret::new))
}
