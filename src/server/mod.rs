//! Rung 7: what the daemon answers over HTTP: the API, the readers' page, health and metrics.
//!
//! A file a resource; JSON types stand in `wire/`, problems (RFC 9457) in `problem`, the page in `pages/`.
//!
//! Architecture invariants: axum and prometheus-client are named in this room only. A handler holds no state of its
//! own: it asks the store through `daemon::Keeper`, and after a write it tells which loop has news through
//! [`AppState::changed`]. No secret leaves in an answer, but for a subscription's own, once, when it is made.

mod rotation;
mod router;
mod serving;
mod state;

mod access;
mod auth;
mod callers;
mod conditional;
mod fields;
mod openness;
mod params;
mod problem;
mod protection;
mod quota;
mod rate;

pub(crate) mod search;
mod searches;
pub(crate) mod wire;

mod corrections;
mod deliveries;
mod devices;
mod discovery;
mod endpoints;
mod events;
mod feeds;
mod hub;
mod labels;
mod notifications;
mod openapi;
mod opml;
mod self_service;
mod sources;
mod stories;
mod stream;
mod subscriptions;
mod tokens;
mod topics;
mod verification;
mod websub;
mod workshop;

mod health;
mod manner;
mod metrics;
mod pages;
mod places;
mod shared_survey;
mod status;

#[cfg(test)]
mod tests;

pub use access::{Access, Granted, TokenMeans};
pub use devices::{Devices, EndpointCheck};
pub(crate) use discovery::typed;
pub use hub::{CallbackCheck, HubDesk};
pub use openness::Openness;
pub use quota::Quota;
pub use rate::Allowance;
pub use router::router;
pub use searches::Searches;
pub use self_service::SelfService;
pub use serving::serve;
pub(crate) use sources::{SourceGround, edited_source};
pub use state::{AppState, Change, Checks, Fault, PollBounds, Shared, TestNotice};
pub(crate) use status::{of_store, with_store};
pub use stream::Streams;
pub(crate) use subscriptions::edited_subscription;
pub use workshop::Workshop;
