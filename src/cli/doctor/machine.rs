//! The machine: certificates to trust, and a clock that is set.

use std::fs;
use std::path::Path;

use super::{Finding, failure, ok, warning};

/// Where distributions keep the certificates that they trust.
const STORES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Touched by systemd-timesyncd once the clock is set by the network (systemd-timesyncd.service(8)).
const SYNCHRONISED: &str = "/run/systemd/timesync/synchronized";
/// What other programs that set the clock leave in /run while they run.
const OTHERS: [&str; 3] = ["/run/chrony", "/run/ntpd.pid", "/run/ntpd-rs"];

/// Whether there are certificates to trust: without them no https source can be polled.
pub(super) fn certificates() -> Finding {
    let found = STORES.iter().find(|store| fs::metadata(store).is_ok_and(|file| file.len() > 0));
    match found {
        Some(store) => ok("certificates", format!("{store} is there")),
        None => {
            failure("certificates", "no certificates to trust were found", "install them: apt install ca-certificates")
        }
    }
}

/// Whether something sets the clock.
pub(super) fn synchronised() -> Finding {
    if Path::new(SYNCHRONISED).exists() {
        return ok("clock", "set by systemd-timesyncd");
    }
    if let Some(other) = OTHERS.iter().find(|path| Path::new(path).exists()) {
        return ok("clock", format!("another program sets it ({other})"));
    }
    let said = "nothing was found that sets it: a container has its host's, else it may be wrong";
    if fs::metadata("/run/systemd/system").is_ok() {
        return warning("clock", said, "timedatectl set-ntp true");
    }
    ok("clock", said)
}
