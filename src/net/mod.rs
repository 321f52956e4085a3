//! Rung 5: the way out to the web, and what may not be reached by it.
//!
//! Owns the address guard ([`Guard`], against server-side request forgery) and the one HTTP client ([`WebClient`]),
//! which holds redirects, sizes, times and speed to their bounds ([`Bounds`]; docs/limits.md lists them all). When to ask and what an answer means is others'.
//!
//! Architecture invariants: reqwest is named here alone; no request leaves for an address that the guard refuses, at
//! any hop and whatever a name resolves to; a failure is told as data, never as an error.

mod allow;
mod apart;
mod bounds;
mod client;
mod connect;
mod decode;
mod fault;
mod guard;
mod ports;
mod reading;
mod resolve;
mod ways;

pub use allow::{Allow, AllowError};
pub use bounds::Bounds;
pub use client::{ClientError, NetPolicy, WebClient};
pub use guard::Guard;
