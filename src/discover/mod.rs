//! Rung 3: what can be polled at an address that a person knows, or in a list of addresses, and which of it is there already.
//!
//! [`Search`] says which address to ask next and takes each answer, until it has found enough or asked enough; the
//! asking itself is others'. In order: the address itself; what its platform is known to serve; what the page names as
//! its feeds; a few well-known paths; the news sitemaps of `robots.txt`; the list of articles that the page itself is.
//!
//! Architecture invariant: no more than [`REQUESTS_MAX`] questions, one at a time, and none to a host that asked to be
//! left alone. Nothing is guessed but the well-known paths, which a person asked for by asking at all.

mod clues;
mod finding;
mod known;
mod platform;
mod rank;
mod reading;
mod search;
mod sorted;

pub use finding::{Finding, How, Nature};
pub use known::{Known, KnownSources};
pub use search::{Ask, Found, REQUESTS_MAX, Search, Stopped, Wanted};
pub use sorted::{Fate, Shelves, Sorted, sort_out};

#[cfg(test)]
mod tests;
