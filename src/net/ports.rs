//! Ports: where HTTP may be spoken, so that nobody makes the daemon knock at other services' doors.

use crate::model::{Failure, FailureKind, WebUrl};
use crate::url::registrable;

/// Where the web is served without anybody's asking for it.
const WEB: [u16; 4] = [80, 443, 8080, 8443];
/// Below these an administrator's services listen (`ip(7)`).
const UNPRIVILEGED: u16 = 1024;
/// Above the privileged ones, those that browsers refuse: lines of an HTTP request are commands to what listens there
/// ([Fetch standard, "port blocking"](https://fetch.spec.whatwg.org/#port-blocking)), and six of databases and caches
/// that answer such lines too.
const OTHERS: [u16; 24] = [
    1719, 1720, 1723, 2049, 3306, 3659, 4045, 4190, 5060, 5061, 5432, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669,
    6679, 6697, 10080, 11211, 27017,
];

/// Which ports may be asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Ports {
    /// Those that an operator vouches for.
    pub(super) opened: Vec<u16>,
}

impl Ports {
    /// Judges the port of an address. Of one that was named (`from` is `None`) any port may be meant that isn't another
    /// service's: publishers serve feeds at all sorts of them. Where a redirect leads is a stranger's choice: the web's own
    /// ports, or within one site the port that it came from.
    pub(super) fn check(&self, url: &WebUrl, from: Option<&WebUrl>) -> Result<(), Failure> {
        let port = url.port();
        let is_web = WEB.contains(&port);
        if is_web || self.opened.contains(&port) {
            return Ok(());
        }
        let place = url.host_text();
        let what = if port < UNPRIVILEGED || OTHERS.contains(&port) {
            "where other services than the web listen"
        } else if from.is_some_and(|from| !is_kin(from, url)) {
            "which is none of the web's own (80, 443, 8080, 8443)"
        } else {
            return Ok(());
        };
        let how = if from.is_some() { "a redirect leads to" } else { "the address names" };
        let detail =
            format!("{how} port {port} of {place}, {what}; if that is meant, add {port} to ports in [network]");
        Err(Failure { kind: FailureKind::Blocked, detail })
    }
}

fn is_kin(from: &WebUrl, to: &WebUrl) -> bool {
    from.port() == to.port() && registrable(from.host_text()) == registrable(to.host_text())
}
