//! `tidings reload`: has the running daemon read its configuration anew, and says what came of it.

use std::path::Path;

use crate::config::{self, Environment};

use super::control::{self, Question};
use super::exit::Refusal;
use super::screen::Screen;

/// Asks the daemon of the configuration `file`, which itself may be wrong in all but where the daemon is.
pub(super) fn reload(file: &Path, environment: &Environment, screen: &mut Screen) -> anyhow::Result<()> {
    let socket = config::socket(file, environment)
        .map_err(|why| Refusal::Config(format!("can't read the configuration {}: {why}", file.display())))?;
    let socket = socket.ok_or_else(|| {
        Refusal::Config("nothing says where the daemon listens: set `socket` in [control]".to_owned())
    })?;
    let answer = control::ask(&socket, &Question::reload(screen.columns()))?;
    if let Some(record) = answer.record.filter(|_| screen.is_json()) {
        return Ok(screen.record(&record)?);
    }
    Ok(screen.line(&answer.text)?)
}
