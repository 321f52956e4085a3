//! Rung 2: what a subscriber is sent, and what follows from the answer.
//!
//! Owns the payload's wire format, the Standard Webhooks signature, who wants what, and the retry rules. A sink is
//! two pure functions: [`prepare`] and [`judge`] for webhooks, those of [`format`](mod@format) for chat and push services,
//! of [`web_push`] for browsers; sending is `port::Http`'s,
//! storing the store's.
//!
//! Architecture invariant: nothing here knows the time, chance or the network; the same claim at the same moment
//! gives the same bytes (a VAPID token aside: the library signs with chance of its own).

mod attempt;
mod digest;
pub mod format;
mod health;
mod identity;
pub mod payload;
mod retry;
mod shape;
pub mod signature;
mod timing;
pub mod verification;
mod wanted;
pub mod web_push;
mod webhook;

pub use attempt::attempt;
pub use digest::{DigestPayload, body as digest_body, parts as digest_parts};
pub use health::{HealthPolicy, after, heard, is_given_up};
pub use identity::notification_id;
pub use retry::{RetryPolicy, judge};
pub use shape::{is_expired, policy_for, shaped};
pub use signature::{Scheme, SecretError, SigningSecret};
pub use timing::{held_until, next_digest, overtakes, quiet_hours, quiet_until};
pub use wanted::{Update, story_fits, wanted, wants_update};
pub use webhook::{prepare, prepare_formed};
