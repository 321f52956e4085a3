//! What stands against those who attack: the tests that SECURITY.md names.

mod daemon;
mod leaks;
mod named;
mod sealed;
mod site;
mod supply;
mod threats;
