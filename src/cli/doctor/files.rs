//! The configuration and the files of secrets that it names: whether they are there, and who may read them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::config::{self, NamedSecret, Settings, Way};
use crate::text::counted;

use super::{Finding, failure, ok, warning};

/// Where a service's unit and its drop-ins stand (systemd.unit(5)).
const UNITS: [&str; 4] = [
    "/etc/systemd/system/tidings.service",
    "/usr/lib/systemd/system/tidings.service",
    "/lib/systemd/system/tidings.service",
    "/run/systemd/system/tidings.service",
];

/// The configuration was read; says what it declares.
pub(super) fn configuration(file: &Path, settings: &Settings) -> Finding {
    let declared = &settings.declared;
    let (topics, sources) = (declared.topics.len(), declared.sources.len());
    let said = format!(
        "{} is right: {}, {} declared",
        file.display(),
        counted(topics, "topic", "topics"),
        counted(sources, "source", "sources")
    );
    let has_secret = secrets_of(file).iter().any(|secret| secret.way == Way::Inline);
    if has_secret && others_may_read(file) {
        let said = format!("{} holds a secret, and everybody on this machine may read it", file.display());
        return warning(
            "configuration",
            said,
            format!("chmod o-r {}, or move secrets into files of their own", file.display()),
        );
    }
    ok("configuration", said)
}

/// The secrets that the configuration names in other places.
pub(super) fn secrets(file: &Path, credentials: Option<&Path>) -> Vec<Finding> {
    let secrets = secrets_of(file);
    let folder = file.parent().unwrap_or(Path::new("."));
    secrets
        .iter()
        .filter_map(|NamedSecret { key, way, value }| match way {
            Way::Inline => None,
            Way::File => Some(of_file(key, &folder.join(value))),
            Way::Credential => Some(of_credential(key, value, credentials)),
        })
        .collect()
}

fn secrets_of(file: &Path) -> Vec<NamedSecret> {
    fs::read_to_string(file).map(|text| config::named_secrets(&text)).unwrap_or_default()
}

fn others_may_read(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|metadata| metadata.permissions().mode() & 0o004 != 0)
}

fn of_file(key: &str, file: &Path) -> Finding {
    let shown = file.display();
    match fs::File::open(file) {
        Err(why) => failure(
            "secrets",
            format!("{key} names {shown}, which can't be read: {why}"),
            "make the file, or let tidings' user read it",
        ),
        Ok(_) if others_may_read(file) => warning(
            "secrets",
            format!("everybody on this machine may read {shown} ({key})"),
            format!("chmod 600 {shown}"),
        ),
        Ok(_) => ok("secrets", format!("{shown} ({key}) is there, and others can't read it")),
    }
}

/// A credential is handed over by systemd: within the service it is a file, outside of it a line of the unit.
fn of_credential(key: &str, name: &str, credentials: Option<&Path>) -> Finding {
    if let Some(folder) = credentials {
        return if folder.join(name).is_file() {
            ok("secrets", format!("the credential {name} ({key}) is handed over"))
        } else {
            failure("secrets", format!("the credential {name} ({key}) is not handed over"), advice(name))
        };
    }
    if UNITS.iter().any(|unit| hands_over(Path::new(unit), name)) {
        ok("secrets", format!("the unit hands over the credential {name} ({key})"))
    } else {
        let said = format!("no unit found here hands over the credential {name} ({key})");
        warning("secrets", said, advice(name))
    }
}

fn advice(name: &str) -> String {
    format!("systemctl edit tidings, and there under [Service]: LoadCredential={name}:/path/of/the/file")
}

/// Whether a unit, or a drop-in of it, loads a credential.
fn hands_over(unit: &Path, name: &str) -> bool {
    let mut folder = unit.as_os_str().to_owned();
    folder.push(".d");
    let drop_ins = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let loads = |line: &str| {
        ["LoadCredential=", "LoadCredentialEncrypted=", "SetCredential=", "SetCredentialEncrypted="]
            .iter()
            .filter_map(|setting| line.trim().strip_prefix(setting))
            .any(|value| value.split(':').next() == Some(name))
    };
    drop_ins.chain([unit.to_owned()]).any(|file| fs::read_to_string(file).is_ok_and(|text| text.lines().any(loads)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::Level;

    #[test]
    fn a_secret_that_everybody_may_read_is_told_and_one_that_is_missing_fails() {
        let folder = tempfile::tempdir().unwrap();
        let (config, token) = (folder.path().join("tidings.toml"), folder.path().join("token"));
        fs::write(&config, "[server]\ntoken_file = \"token\"\n").unwrap();
        assert_eq!(secrets(&config, None)[0].level, Level::Failure);
        fs::write(&token, "0123456789abcdef").unwrap();
        fs::set_permissions(&token, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(secrets(&config, None)[0].level, Level::Warning);
        fs::set_permissions(&token, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(secrets(&config, None)[0].level, Level::Ok);
    }

    #[test]
    fn a_credential_is_looked_for_where_systemd_puts_it_else_in_the_unit_and_its_drop_ins() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("tidings.toml");
        fs::write(&config, "[[subscriptions]]\nsecret_credential = \"desk\"\n").unwrap();
        assert_eq!(secrets(&config, Some(folder.path()))[0].level, Level::Failure);
        fs::write(folder.path().join("desk"), "whsec_x").unwrap();
        assert_eq!(secrets(&config, Some(folder.path()))[0].level, Level::Ok);

        let unit = folder.path().join("tidings.service");
        fs::write(&unit, "[Service]\nLoadCredential=other:/x\n").unwrap();
        assert!(!hands_over(&unit, "desk"));
        fs::create_dir(folder.path().join("tidings.service.d")).unwrap();
        fs::write(folder.path().join("tidings.service.d/secrets.conf"), "[Service]\nLoadCredential=desk:/y\n").unwrap();
        assert!(hands_over(&unit, "desk"));
    }
}
