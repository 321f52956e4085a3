//! `tidings restore`: a copy put in the place of the database.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::config::Settings;
use crate::port::StoreError;
use crate::store;

use super::assembly;
use super::exit::Refusal;
use super::screen::{Screen, shown};

/// From where.
#[derive(Debug, Args)]
#[command(
    after_help = "Stop the daemon first. The database that is there is kept beside the new one, under a dated name.\n\
                  Examples:\n  tidings restore /var/backups/tidings-2026-11-27.db"
)]
pub(super) struct RestoreArgs {
    /// A copy made by tidings backup
    pub(super) file: PathBuf,
}

/// Checks the copy and puts it in place.
pub(super) fn restore(settings: &Settings, args: &RestoreArgs, screen: &mut Screen) -> anyhow::Result<()> {
    let path = &settings.storage.path;
    let file = args.file.display().to_string();
    if !args.file.exists() {
        return Err(Refusal::Data(format!("there is no file {file}")).into());
    }
    let Some(lock) = assembly::lock(path)? else {
        let said = format!("a tidings is running on {}: stop it first (systemctl stop tidings)", path.display());
        return Err(Refusal::Later(said).into());
    };
    let restored = store::restore(&args.file, path, screen.now()).map_err(|error| {
        if matches!(error, StoreError::Open { .. }) {
            return anyhow::Error::new(Refusal::Data(error.to_string()));
        }
        error.into()
    })?;
    drop(lock);
    let replaced = restored.replaced.as_ref().map(|path| path.display().to_string());
    if screen.is_json() {
        let last = restored.last_story_at.map(|at| at.to_string());
        return Ok(screen.record(&json!({
            "file": file, "database": path.display().to_string(), "replaced": replaced,
            "stories": restored.stories, "last_story_at": last,
        }))?);
    }
    let last = screen.when_known(restored.last_story_at);
    screen.line(&format!("restored {} from {}", shown(&path.display().to_string()), shown(&file)))?;
    screen.field("stories", &format!("{}, the last of {last}", restored.stories))?;
    screen.field("before it", replaced.as_deref().unwrap_or("there was none"))?;
    Ok(())
}
