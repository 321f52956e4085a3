//! Web Push: a notification as an encrypted message that a browser's push service carries to the browser.
//!
//! Content coding by RFC 8188, encryption by RFC 8291, who sends it by RFC 8292, the request by RFC 8030; composed here on
//! aws-lc-rs, as the crates that do all of it ask for OpenSSL. The ephemeral key and the salt come in as [`Chance`].

mod answer;
mod encoding;
mod encryption;
mod notice;
mod request;
mod vapid;

pub use answer::{judge, wants_less};
pub use encoding::SealError;
pub use encryption::{Chance, KeysError, Recipient, encrypt};
pub use notice::{Notice, PLAIN_BYTES_MAX, Room};
pub use request::{Posting, Unsent, device_name, prepare};
pub use vapid::{VapidError, VapidKey, VapidToken, subject};

#[cfg(test)]
mod vectors;
