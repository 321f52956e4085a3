//! Secrets: written in the file, in a file of their own, or handed over by systemd; read here, never shown.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::model::Secret;

use super::environment::Environment;
use super::problem::{Findings, Problem};
use super::reader::{At, Table};

/// How much a command needs the secrets that the configuration names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// All of them must be read: the command sends or serves.
    Required,
    /// Files must be readable; systemd's credentials only where systemd has put them.
    Checked,
    /// None is read: the command looks at the store alone. What needs a secret is left out of the settings.
    Skipped,
}

/// The keys of one table that name its secret.
#[derive(Debug, Clone, Copy)]
pub(super) struct SecretKeys {
    /// `None` where it must not stand in the configuration itself.
    pub(super) inline: Option<&'static str>,
    pub(super) file: &'static str,
    pub(super) credential: &'static str,
}

/// Where a configuration stands: what its paths and secrets are read against.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) environment: &'a Environment,
    /// The folder of the file: relative paths in it begin there, wherever the process was started.
    pub(super) folder: &'a Path,
    pub(super) need: Secrets,
}

/// What the reading of a secret is held against.
#[derive(Clone, Copy)]
pub(super) struct SecretSource<'a> {
    pub(super) place: Place<'a>,
    /// Gives what is wrong with a secret's text, without quoting it.
    pub(super) check: &'a dyn Fn(&str) -> Option<String>,
}

/// What became of a secret.
#[derive(Debug)]
pub(super) enum Sought {
    /// The table names none.
    Unnamed,
    /// It is named, but not read: by a problem that is told, or as the command doesn't need it.
    Unread,
    /// Read and checked.
    Read(Secret),
}

/// A secret is a line; a file much longer than any key is the wrong file.
const SECRET_BYTES_MAX: u64 = 4_096;

/// Reads the secret of `table`, given in one of three ways.
pub(super) fn seek(table: &Table<'_>, keys: SecretKeys, from: SecretSource<'_>, found: &mut Findings) -> Sought {
    let named = |key: &'static str, found: &mut Findings| {
        table.text(key, found).filter(|at| !at.value.is_empty()).map(|at| (key, at))
    };
    let inline = keys.inline.and_then(|key| named(key, found));
    if let Some((_, At { place: Some(place), .. })) = &inline {
        found.hide(place.clone());
    }
    let ways: Vec<_> = [inline, named(keys.file, found), named(keys.credential, found)].into_iter().flatten().collect();
    if let [(first, first_at), (second, second_at), ..] = ways.as_slice() {
        let problem = Problem::new(format!("{} is given beside `{first}`", table.name(second)));
        found.push(
            problem
                .at(table.blame(second_at), "the second secret")
                .help(keys.inline.map_or_else(
                    || format!("keep one of `{}` and `{}`", keys.file, keys.credential),
                    |inline| format!("keep one of `{inline}`, `{}` and `{}`", keys.file, keys.credential),
                ))
                .also(table.blame(first_at), "the first is here"),
        );
        return Sought::Unread;
    }
    let Some((key, at)) = ways.into_iter().next() else { return Sought::Unnamed };
    let text = if Some(key) == keys.inline {
        Ok(Some(at.value.to_owned()))
    } else if key == keys.file {
        from_file(&from.place.folder.join(at.value), from.place.need)
    } else {
        from_credential(at.value, &table.name(key), from.place, found)
    };
    let text = text.and_then(|text| match text.as_deref().and_then(from.check) {
        Some(wrong) => Err((format!("{} holds no usable secret", table.name(key)), wrong)),
        None => Ok(text),
    });
    match text {
        Ok(Some(text)) => Sought::Read(Secret::new(text)),
        Ok(None) => Sought::Unread,
        Err((title, wrong)) => {
            found.push(Problem::new(title).at(table.blame(&at), wrong));
            Sought::Unread
        }
    }
}

/// Title and label of a problem.
type Wrong = (String, String);

fn from_file(path: &Path, need: Secrets) -> Result<Option<String>, Wrong> {
    if need == Secrets::Skipped {
        return Ok(None);
    }
    read_line(path).map(Some).map_err(|why| (format!("can't read the secret file {}", path.display()), why))
}

fn from_credential(name: &str, key: &str, place: Place<'_>, found: &mut Findings) -> Result<Option<String>, Wrong> {
    if name.contains('/') || name == ".." {
        return Err((format!("{key} is no name of a credential"), "expected a name without `/`".to_owned()));
    }
    match (&place.environment.credentials_directory, place.need) {
        (_, Secrets::Skipped) => Ok(None),
        (Some(directory), Secrets::Required | Secrets::Checked) => from_file(&directory.join(name), place.need),
        (None, Secrets::Checked) => {
            found.notices.push(format!(
                "{key}: credential {name:?} was not checked, as $CREDENTIALS_DIRECTORY is not set (systemd sets it)"
            ));
            Ok(None)
        }
        (None, Secrets::Required) => Err((
            format!("{key} can't be read: $CREDENTIALS_DIRECTORY is not set"),
            format!("needs LoadCredential={name}:/path in the systemd unit"),
        )),
    }
}

/// Reads a file that holds one line, a secret, and drops the white space around it, and the byte order mark that some editors begin with.
///
/// # Errors
/// What is wrong with the file, in words that go on from its name; what it holds isn't quoted.
pub fn read_line(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let file = File::open(path).map_err(|why| why.to_string())?;
    let read = file.take(SECRET_BYTES_MAX + 1).read_to_string(&mut text).map_err(|why| why.to_string())?;
    if u64::try_from(read).is_ok_and(|read| read > SECRET_BYTES_MAX) {
        return Err(format!("holds more than {SECRET_BYTES_MAX} bytes, so it is no secret"));
    }
    match text.trim_start_matches('\u{feff}').trim() {
        "" => Err("is empty".to_owned()),
        lines if lines.contains('\n') => Err("holds more than one line".to_owned()),
        line => Ok(line.to_owned()),
    }
}
