//! Rung 8: the command line, a file a command; the composition root beside `main`.
//!
//! [`program`] reads the arguments, loads the configuration as far as the command needs it, and gives an exit code of
//! sysexits.h. Commands that look at the store or change it are functions of `&mut dyn Store`, their arguments and
//! the [`Screen`], which alone writes to stdout and stderr: tables for people, JSON Lines with `--json` and nothing
//! else there. What comes from outside is escaped before a terminal sees it.

mod api;
mod arguments;
mod assembly;
mod checks;
mod control;
mod descriptors;
mod door;
mod exit;
mod failure;
mod inherited;
mod json;
mod log;
mod lookup;
mod moment;
mod open;
mod patch;
mod program;
mod schedule;
mod screen;
mod secret;
mod teller;

mod backtest;
mod backup;
mod channel;
mod check;
mod completions;
mod correction;
mod delivery;
mod doctor;
mod endpoint;
mod event;
mod explain;
mod export;
mod follower;
mod inspect;
mod label;
mod man;
mod manner;
mod model;
mod notification;
mod place;
mod poll;
mod reload;
mod restore;
mod rotation;
mod run;
mod sealing;
mod source;
mod status;
mod story;
mod subscription;
mod token;
mod topic;
mod verification;
mod watch;
mod within;

pub use inherited::Inherited;
pub use program::{Process, program};
pub use screen::Screen;

#[cfg(test)]
mod tests;
