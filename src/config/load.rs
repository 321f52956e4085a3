//! From a file to settings.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::string::FromUtf8Error;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::control;
use super::declared::{self, Ground};
use super::email;
use super::environment::Environment;
use super::policies;
use super::problem::{Findings, Problem, Problems};
use super::reader::Table;
use super::schema::{TOP, nearest};
use super::secrets::{Place, Secrets};
use super::settings::{Checks, Settings};
use super::storage;

/// The default configuration, which documents every key: what a file leaves out is read from here.
pub const DEFAULTS: &str = include_str!("../../config/tidings.toml");

/// Where the configuration is looked for when no file is named: as installed, then in a checkout.
const PLACES: [&str; 2] = ["/etc/tidings/tidings.toml", "config/resolution.toml"];

/// A configuration is written by people: five thousand sources take one MiB.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// Finds the configuration where none is named; `None` where there is no file at either place.
pub fn find() -> Option<PathBuf> {
    PLACES.iter().map(PathBuf::from).find(|path| path.is_file())
}

/// Reads the configuration in the file `path`.
///
/// # Errors
/// All problems of the file; one alone when it can't be read or is no TOML.
pub fn load(path: &Path, environment: &Environment, checks: &Checks<'_>, need: Secrets) -> Result<Settings, Problems> {
    let name = path.display().to_string();
    match read_bytes(path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => parse(&text, path, environment, checks, need).map(|mut settings| {
                settings.notices.extend(says_nothing(&text).then(|| EMPTY.to_owned()));
                settings
            }),
            Err(wrong) => Err(no_utf8(&name, &wrong)),
        },
        Err(why) => {
            let mut found = Findings::default();
            let problem = Problem::new(format!("can't read the configuration {name}: {why}"));
            found.push(if why.kind() == io::ErrorKind::PermissionDenied {
                problem.help("run as a user who may read it")
            } else {
                problem.help("name another file with --config FILE")
            });
            Err(found.into_problems(&name, ""))
        }
    }
}

/// What is told of a file that says nothing.
const EMPTY: &str = "the file is empty, or has nothing but comments: it declares no topic, source or subscription, and all else is as by \
                     default; if it was cut off while it was saved, save it again";

/// Whether a TOML text has neither a key nor a table, as one that an editor has emptied and not yet written.
fn says_nothing(text: &str) -> bool {
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    lines.into_iter().all(|line| line.is_empty() || line.starts_with('#'))
}

/// Says where a file is no UTF-8.
fn no_utf8(name: &str, wrong: &FromUtf8Error) -> Problems {
    let bytes = wrong.as_bytes();
    let at = wrong.utf8_error().valid_up_to();
    // What is before the place stays as it is, so the place does too; there a mark of three bytes stands.
    let text = String::from_utf8_lossy(bytes);
    let byte = bytes.get(at).copied().unwrap_or_default();
    let is_utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let mut found = Findings::default();
    found.hide_by_key(&text);
    found.push(
        Problem::new("the file is no UTF-8").at(at..at + 3, format!("the byte 0x{byte:02X} begins no character")).help(
            if is_utf16 {
                format!("it is UTF-16: save it as UTF-8, as by: iconv -f UTF-16 -t UTF-8 {name}")
            } else {
                format!("save it as UTF-8, as by: iconv -f ENCODING -t UTF-8 {name} (Windows: WINDOWS-1252, of Cyrillic text WINDOWS-1251)")
            },
        ),
    );
    found.into_problems(name, &text)
}

/// The text of a configuration file.
pub(super) fn read(path: &Path) -> io::Result<String> {
    let no_utf8 = |_wrong| io::Error::new(io::ErrorKind::InvalidData, "it is no UTF-8");
    String::from_utf8(read_bytes(path)?).map_err(no_utf8)
}

fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if u64::try_from(read).is_ok_and(|read| read > FILE_BYTES_MAX) {
        return Err(io::Error::other(format!("it holds more than {FILE_BYTES_MAX} bytes")));
    }
    Ok(bytes)
}

/// Reads a configuration from `text`, the file `path`: so it is called in messages, and relative paths in the text
/// begin in its folder.
///
/// # Errors
/// All problems of the text; the first one alone when it is no TOML.
pub fn parse(
    text: &str,
    path: &Path,
    environment: &Environment,
    checks: &Checks<'_>,
    need: Secrets,
) -> Result<Settings, Problems> {
    let name = &path.display().to_string();
    let place = Place { environment, folder: path.parent().unwrap_or(path), need };
    let mut found = Findings::default();
    let given = match DeTable::parse(text) {
        Ok(table) => table,
        Err(why) => {
            found.hide_by_key(text);
            found.push(
                Problem::new("the file is no TOML")
                    .at(why.span().unwrap_or(text.len()..text.len()), why.message())
                    .help("reading stops here: check again when this is mended"),
            );
            return Err(found.into_problems(name, text));
        }
    };
    hide_secrets(given.get_ref(), &mut BTreeMap::new(), &mut found);
    // The embedded defaults are TOML, as a test says: nothing is there to recover from.
    let (defaults, _) = DeTable::parse_recoverable(DEFAULTS);
    let top = Table::top(&TOP, given.get_ref(), defaults.get_ref(), &mut found);
    let poll = policies::poll(&top, &mut found);
    let ground = Ground { text, place, checks, poll: &poll };
    let declared = declared::read(&top, ground, &mut found);
    let server = policies::server(&top, place, &mut found);
    let storage = storage::read(&top, place, checks, &mut found);
    let self_service = policies::self_service(&top, &declared.topics, &mut found);
    let mut settings = Settings {
        declared,
        control: control::read(&top, &storage.path, place, &mut found),
        domains: policies::domains(&top, &mut found),
        network: policies::network(&top, checks, &mut found),
        delivery: policies::delivery(&top, &mut found),
        events: policies::events(&top, &mut found),
        websub: policies::websub(&top, &server, &mut found),
        hub: policies::hub(&top, &mut found),
        push: policies::push(&top, &mut found),
        self_service,
        server,
        model: policies::model(&top, &storage, place, &mut found),
        storage,
        retention: policies::retention(&top, &mut found),
        log: policies::log(&top, &mut found),
        poll,
        notices: Vec::new(),
        unread: 0,
        email: email::read(&top, place, &mut found),
    };
    email::check(&settings, &mut found);
    if !found.is_empty() {
        return Err(found.into_problems(name, text));
    }
    settings.declared.expire = Some(settings.delivery.expire);
    settings.notices = found.notices;
    settings.notices.extend(overspent(&settings));
    settings.unread = found.unread;
    Ok(settings)
}

/// Says where sources cost more requests than they may, however quiet they are.
fn overspent(settings: &Settings) -> Option<String> {
    const DAY_SECS: f64 = 86_400.0;
    let budget = settings.poll.requests_per_day?;
    let waits = settings.declared.sources.iter().map(|source| source.interval_max.as_secs_f64());
    let least: f64 = waits.map(|wait| DAY_SECS / wait.max(1.0)).sum();
    (least > f64::from(budget)).then(|| {
        format!(
            "the sources of this file cost at least {least:.0} requests a day by their interval_max_minutes, more than \
             requests_per_day = {budget}: raise one of the two"
        )
    })
}

/// Keys whose values are never shown, whatever is wrong with them or beside them.
const SECRET_WORDS: [&str; 4] = ["secret", "old_secrets", "token", "password"];

/// Remembers all texts that stand under a key that is, or may be a slip of, one that holds a secret. Thousands of sources have the
/// same few keys: what was found of one is `known`.
fn hide_secrets<'a>(table: &'a DeTable<'_>, known: &mut BTreeMap<&'a str, bool>, found: &mut Findings) {
    for (key, value) in table {
        let word = key.get_ref().as_ref();
        let is_secret = *known.entry(word).or_insert_with(|| may_be_secret(word));
        hide_texts(value, is_secret, known, found);
    }
}

fn may_be_secret(key: &str) -> bool {
    let names_place = key.ends_with("_file") || key.ends_with("_credential");
    let is_secret = SECRET_WORDS.iter().any(|secret| key.contains(secret)) || nearest(key, SECRET_WORDS).is_some();
    is_secret && !names_place
}

fn hide_texts<'a>(
    value: &'a Spanned<DeValue<'_>>,
    is_secret: bool,
    known: &mut BTreeMap<&'a str, bool>,
    found: &mut Findings,
) {
    match value.get_ref() {
        DeValue::String(_) if is_secret => found.hide(value.span()),
        DeValue::Array(items) => items.iter().for_each(|item| hide_texts(item, is_secret, known, found)),
        DeValue::Table(table) => hide_secrets(table, known, found),
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}
