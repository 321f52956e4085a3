//! Rung 2: what a subscriber is sent, and what follows from the answer.
//!
//! Owns the payload's wire format, the Standard Webhooks signature, who wants what, and the retry rules. A sink is
//! two pure functions: [`prepare`] and [`judge`] for webhooks, those of [`web_push`] for browsers; sending is `port::Http`'s,
//! storing the store's.
//!
//! Architecture invariant: nothing here knows the time, chance or the network; the same claim at the same moment
//! gives the same bytes (a VAPID token aside: the library signs with chance of its own).

mod attempt;
mod identity;
pub mod payload;
mod retry;
pub mod signature;
pub mod verification;
mod wanted;
pub mod web_push;
mod webhook;

pub use attempt::attempt;
pub use identity::notification_id;
pub use retry::{RetryPolicy, judge};
pub use signature::{Scheme, SecretError, SigningSecret};
pub use wanted::{Update, wanted, wants_update};
pub use webhook::prepare;
