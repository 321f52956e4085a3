//! Rung 5: the way out to the web, and what may not be reached by it.
//!
//! Owns the address guard ([`Guard`], against server-side request forgery) and the one HTTP client ([`WebClient`]),
//! which holds redirects, sizes and times to their bounds. When to ask and what an answer means is others'.
//!
//! Architecture invariants: reqwest is named here alone; no request leaves for an address that the guard refuses, at
//! any hop and whatever a name resolves to; a failure is told as data, never as an error.

mod allow;
mod client;
mod connect;
mod fault;
mod guard;
mod resolve;

pub use allow::{Allow, AllowError};
pub use client::{ClientError, NetPolicy, WebClient};
pub use guard::Guard;
