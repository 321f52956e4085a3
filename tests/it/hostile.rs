//! Hostile and broken servers, against the real client and the real daemon: each costs no more than a failed poll of one
//! source, within its bounds, in words that say what was wrong; others are polled meanwhile as if nothing were.

mod attack;
mod client;
mod daemon;
mod secure;
mod server;
