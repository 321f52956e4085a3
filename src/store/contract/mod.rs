//! The contract of the store's verbs, in sentences. Each runs against a store in memory and one in a file.

mod audience;
mod declared;
mod devices;
mod digest;
mod endpoints;
mod file;
mod followers;
mod given;
mod health;
mod labels;
mod log;
mod migrations;
mod order;
mod outbox;
mod pages;
mod plans;
mod push;
mod repeats;
mod restore;
mod retention;
mod schedule;
mod seal;
mod stories;
mod subscribers;
mod tokens;
mod versions;
