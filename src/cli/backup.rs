//! `tidings backup`: a consistent copy of the database.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::port::Store;

use super::exit::Refusal;
use super::screen::{Screen, shown};

/// Where to.
#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// The file to write; it must not exist
    pub(super) file: PathBuf,
}

/// Writes the copy.
pub(super) fn backup(store: &mut dyn Store, args: &BackupArgs, screen: &mut Screen) -> anyhow::Result<()> {
    let file = args.file.display().to_string();
    if args.file.exists() {
        return Err(Refusal::Usage(format!("{file} exists already; name a new file")).into());
    }
    store.backup(&args.file)?;
    if screen.is_json() {
        return Ok(screen.record(&json!({"file": file}))?);
    }
    Ok(screen.line(&format!("copied to {}", shown(&file)))?)
}
