//! `tidings secret`: the key that secrets in the database are sealed under; and the sealing, which the daemon does at its
//! start too.

use std::path::Path;

use clap::Subcommand;
use jiff::Timestamp;
use serde_json::json;

use crate::config::Settings;
use crate::daemon;
use crate::store::{SealKey, Sealing, SqliteStore};

use super::exit::Refusal;
use super::screen::Screen;
use super::secret::entropy;
use super::{assembly, open};

#[derive(Debug, Subcommand)]
pub(super) enum SecretCommand {
    /// Print a new key: put it into a file or a credential, and name that under [storage]
    Key,
    /// Show how many secrets stand in the database, and under which key they are sealed
    Show,
    /// Seal them under the key that is configured, as the next start of the daemon does: a first one, or in place of the old
    /// one. The daemon must be stopped
    Seal,
}

/// Makes a key, shows how secrets stand, or seals them.
pub(super) fn secret(
    settings: &dyn Fn() -> anyhow::Result<Settings>,
    command: &SecretCommand,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    match command {
        SecretCommand::Key => key(screen),
        SecretCommand::Show => show(&mut store(&settings()?)?, screen),
        SecretCommand::Seal => {
            let settings = settings()?;
            let mut store = store(&settings)?;
            let Some(_lock) = assembly::lock(&settings.storage.path)? else {
                let said = "the daemon is running: restart it, it seals at its start; or stop it first";
                return Err(Refusal::Later(said.to_owned()).into());
            };
            let now = screen.now();
            say(&seal(&mut store, now)?, screen)
        }
    }
}

fn store(settings: &Settings) -> anyhow::Result<SqliteStore> {
    let path: &Path = &settings.storage.path;
    if !open::is_there(path)? {
        return Err(open::no_database(path).into());
    }
    Ok(SqliteStore::open_with(path, &open::keys(settings)?)?)
}

fn key(screen: &mut Screen) -> anyhow::Result<()> {
    let text = SealKey::write(&entropy()?);
    if screen.is_json() {
        return Ok(screen.record(&json!({ "key": text }))?);
    }
    screen.line(&text)?;
    screen.note("Keep a copy of it elsewhere: what is sealed under a key that is lost can't be opened by anybody.");
    Ok(())
}

fn show(store: &mut SqliteStore, screen: &mut Screen) -> anyhow::Result<()> {
    let held = store.sealed()?;
    if screen.is_json() {
        return Ok(screen.record(&json!({
            "secrets": held.secrets, "key": held.key, "sealed_at": held.since.map(|at| at.to_string()),
            "scrubbed": held.scrubbed,
        }))?);
    }
    screen.field("secrets", &held.secrets.to_string())?;
    match (&held.key, held.since) {
        (Some(key), since) => {
            screen.field("sealed under", &format!("the key {key}"))?;
            if let Some(since) = since {
                screen.field("since", &screen.when(since))?;
            }
        }
        (None, _) => screen.field("sealed under", "no key: they stand in the clear")?,
    }
    if !held.scrubbed {
        screen.note(
            "What stood in the file before may be left in its free pages: the daemon's next start writes it anew.",
        );
    }
    Ok(())
}

fn say(done: &Sealing, screen: &mut Screen) -> anyhow::Result<()> {
    let (secrets, key) = match done {
        Sealing::AsTheyWere => (0, None),
        Sealing::Sealed { secrets, key } => (*secrets, Some(key)),
        Sealing::Opened { secrets } => (*secrets, None),
    };
    if screen.is_json() {
        return Ok(screen.record(&json!({ "changed": secrets, "key": key }))?);
    }
    Ok(screen.line(&match done {
        Sealing::AsTheyWere => "nothing to do: the secrets are as the configuration says".to_owned(),
        Sealing::Sealed { secrets, key } => format!("{secrets} secrets are sealed under the key {key}"),
        Sealing::Opened { secrets } => format!("{secrets} secrets stand in the clear now"),
    })?)
}

/// Seals what is to be sealed, by the only worker on the store, and writes the file anew where clear copies may be left
/// in it. A file that can't be written anew (a full disk) is tried again at the next start: its secrets are sealed.
///
/// # Errors
/// When the key that secrets are sealed under isn't given.
pub(super) fn seal(store: &mut SqliteStore, now: Timestamp) -> anyhow::Result<Sealing> {
    let done = store.seal(now)?;
    match &done {
        Sealing::AsTheyWere => {}
        Sealing::Sealed { secrets, key } => {
            tracing::info!(secrets, key, "{secrets} secrets of the database were sealed, under the key {key}");
        }
        Sealing::Opened { secrets } => {
            tracing::warn!(secrets, "{secrets} secrets of the database stand in the clear from now on");
        }
    }
    if store.is_to_scrub()? {
        daemon::ask_for_patience();
        match store.scrub() {
            Ok(()) => tracing::info!("the database was written anew: nothing is left of what was sealed"),
            Err(why) => tracing::warn!(
                "the database could not be written anew, so copies of what was sealed may be left in its free pages until the next \
                 start: {why}"
            ),
        }
    }
    Ok(done)
}
