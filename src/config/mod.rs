//! Rung 8: the configuration file, from its text to settings that are known to be right.
//!
//! [`parse`] walks the file once and gathers every problem with its place, so that a person mends the file in one
//! round; only a mistake of TOML's own syntax ends the reading at once. What a key means, and its default, stands in
//! one place: `config/tidings.toml`, which is embedded as [`DEFAULTS`] and read beneath every file. Checks that belong
//! to other rooms (a topic's query, a selector, a signing secret) come in as [`Checks`], so this room knows none of them.
//!
//! Architecture invariant: the process environment comes in as [`Environment`]; a secret's text is in no message.

mod control;
mod declared;
mod doubt;
mod email;
mod environment;
mod format;
mod load;
mod manner;
mod named;
mod policies;
mod problem;
mod reader;
mod schema;
mod secrets;
mod settings;
mod storage;
mod subscription;

pub use control::socket;
pub use doubt::doubts;
pub use environment::Environment;
pub use load::{DEFAULTS, find, load, parse};
pub use named::{NamedSecret, Way, named_secrets};
pub use policies::filter_fault;
pub use problem::{Ink, Problems, Told};
pub use secrets::{Secrets, read_line};
pub use settings::{
    Checks, ControlSettings, DeliverySettings, DomainSettings, EmailSettings, EventSettings, HubSettings, LogFormat,
    LogSettings, ModelSettings, NetworkSettings, PollSettings, PushSettings, QueryProblem, RetentionSettings,
    SelfServiceSettings, ServerSettings, Settings, StorageSettings,
};

#[cfg(test)]
mod tests;
