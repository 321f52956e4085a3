//! How the program ends: exit codes of sysexits.h, and which error ends in which.

use std::io;
use std::process::ExitCode;

use crate::config::Problems;
use crate::port::StoreError;
use crate::weights::ModelError;

/// An exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// `EX_OK`
    Done,
    /// `EX_USAGE`: the command was given wrongly.
    Usage,
    /// `EX_DATAERR`: what was named is not there, or can't be read as what it should be.
    Data,
    /// `EX_UNAVAILABLE`: the store or the network does not answer.
    Unavailable,
    /// `EX_TEMPFAIL`: the same command may work later.
    TryLater,
    /// `EX_CONFIG`: the configuration is wrong or missing.
    Config,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Usage => 64,
            Exit::Data => 65,
            Exit::Unavailable => 69,
            Exit::TryLater => 75,
            Exit::Config => 78,
        })
    }
}

/// What a command refuses, in words that say what to do.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// The arguments contradict each other or miss something.
    #[error("{0}")]
    Usage(String),
    /// What was named is not there, or not of the kind asked for.
    #[error("{0}")]
    Data(String),
    /// A topic's query can't be read.
    #[error("{0}")]
    Query(Problems),
    /// There is no configuration.
    #[error("{0}")]
    Config(String),
    /// Somebody asked to be left alone for a while.
    #[error("{0}")]
    Later(String),
}

impl Refusal {
    fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::Data(_) | Self::Query(_) => Exit::Data,
            Self::Config(_) => Exit::Config,
            Self::Later(_) => Exit::TryLater,
        }
    }
}

/// Finds the exit code of an error by the first of its causes that is known; the rest is called unavailable.
pub(super) fn of(error: &anyhow::Error) -> Exit {
    error.chain().find_map(of_cause).unwrap_or(Exit::Unavailable)
}

fn of_cause(cause: &(dyn std::error::Error + 'static)) -> Option<Exit> {
    if let Some(refusal) = cause.downcast_ref::<Refusal>() {
        return Some(refusal.exit());
    }
    if cause.is::<Problems>() {
        return Some(Exit::Config);
    }
    if let Some(store) = cause.downcast_ref::<StoreError>() {
        return Some(of_store(store));
    }
    if let Some(model) = cause.downcast_ref::<ModelError>() {
        return Some(of_model(model));
    }
    let pipe = cause.downcast_ref::<io::Error>()?.kind() == io::ErrorKind::BrokenPipe;
    pipe.then_some(Exit::Done)
}

fn of_store(error: &StoreError) -> Exit {
    match error {
        StoreError::Busy { .. } | StoreError::Overtaken { .. } => Exit::TryLater,
        StoreError::Taken { .. } => Exit::Data,
        StoreError::Sealed { .. } => Exit::Config,
        StoreError::Open { .. }
        | StoreError::Newer { .. }
        | StoreError::Corrupt { .. }
        | StoreError::Refused { .. } => Exit::Unavailable,
    }
}

fn of_model(error: &ModelError) -> Exit {
    match error {
        ModelError::Io { .. } => Exit::Unavailable,
        ModelError::Absent { .. }
        | ModelError::Flawed { .. }
        | ModelError::Length { .. }
        | ModelError::OtherWheel { .. }
        | ModelError::Wheel { .. }
        | ModelError::Unfit { .. } => Exit::Data,
    }
}
