//! Rung 1: the canonical form of an address, which says whether two addresses name the same page.
//!
//! Architecture invariant: what comes out of here is a key, never a link. What people click, and what is fetched, stays
//! as published.

mod canonical;
mod redirected;
mod site;

pub use canonical::canonical;
pub use site::{registrable, site};
