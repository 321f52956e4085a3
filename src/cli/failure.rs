//! A command's failure as it is told: the exit code, and what stands on stderr and, with `--json`, on stdout.

use serde_json::Value;

use crate::config::{Ink, Problems};

use super::exit::{self, Exit, Refusal};
use super::json;

/// How a command failed. As an error it is the failure of the daemon, told by the command that asked it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{text}")]
pub(super) struct Failure {
    pub(super) exit: Exit,
    /// For people.
    pub(super) text: String,
    /// For programs, where there is more than the exit code says.
    pub(super) record: Option<Value>,
}

impl Failure {
    /// Of an error, for a screen of `columns`.
    pub(super) fn of(error: &anyhow::Error, ink: Ink, columns: usize) -> Self {
        if let Some(told) = error.downcast_ref::<Self>() {
            return told.clone();
        }
        let problems = error.chain().find_map(|cause| match cause.downcast_ref::<Refusal>() {
            Some(Refusal::Query(problems)) => Some(problems),
            Some(Refusal::Usage(_) | Refusal::Data(_) | Refusal::Config(_) | Refusal::Later(_)) => None,
            None => cause.downcast_ref::<Problems>(),
        });
        let text = match problems {
            Some(problems) => problems.render(ink, columns).trim_end().to_owned(),
            None => format!("error: {error:#}"),
        };
        Self { exit: exit::of(error), text, record: problems.map(json::problems) }
    }
}
