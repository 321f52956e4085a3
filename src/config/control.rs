//! `[control]`: where the running daemon is asked.

use std::io;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::environment::Environment;
use super::load;
use super::problem::Findings;
use super::reader::Table;
use super::schema::{CONTROL, STORAGE, TOP};
use super::secrets::{Place, Secrets};
use super::settings::ControlSettings;
use super::storage;

/// Its name in the runtime directory.
const NAME: &str = "control.sock";

pub(super) fn read(top: &Table<'_>, database: &Path, place: Place<'_>, found: &mut Findings) -> ControlSettings {
    let table = top.table("control", &CONTROL, found);
    let given = table.text("socket", found).filter(|at| !at.value.is_empty()).map(|at| place.folder.join(at.value));
    let named = given.is_some();
    let runtime = || place.environment.runtime_directory.as_ref().map(|folder| folder.join(NAME));
    ControlSettings { socket: given.or_else(runtime).or_else(|| beside(database)), named }
}

/// The name beside the database: one daemon, one database, one socket.
fn beside(database: &Path) -> Option<PathBuf> {
    let mut name = database.file_name()?.to_owned();
    name.push(".sock");
    Some(database.with_file_name(name))
}

/// Where the daemon of the configuration at `path` is asked, as far as the file tells: what else is wrong in it is for the daemon
/// to say.
///
/// # Errors
/// When the file can't be read.
pub fn socket(path: &Path, environment: &Environment) -> io::Result<Option<PathBuf>> {
    let text = load::read(path)?;
    let (given, _) = DeTable::parse_recoverable(&text);
    let (defaults, _) = DeTable::parse_recoverable(load::DEFAULTS);
    let mut found = Findings::default();
    let top = Table::top(&TOP, given.get_ref(), defaults.get_ref(), &mut found);
    let place = Place { environment, folder: path.parent().unwrap_or(path), need: Secrets::Skipped };
    let table = top.table("storage", &STORAGE, &mut found);
    let database = storage::path(&table, place, &mut found).unwrap_or_default();
    Ok(read(&top, &database, place, &mut found).socket)
}
