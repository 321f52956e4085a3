//! `[email]`: the relay that takes letters.

use std::fs;

use crate::mail::Security;
use crate::model::{Endpoint, Sender};
use url::{Host, Url};

use super::problem::{Findings, Problem};
use super::reader::{At, Table};
use super::schema::EMAIL;
use super::secrets::{Place, SecretKeys, SecretSource, Secrets, Sought, seek};
use super::settings::{EmailSettings, Settings};

/// Where a letter is handed in, as written.
struct Way {
    security: Security,
    host: String,
    is_here: bool,
    port: u16,
    user: Option<String>,
}

/// Reads the table; `None` where it names no relay, or what was found wrong leaves none.
pub(super) fn read(top: &Table<'_>, place: Place<'_>, found: &mut Findings) -> Option<EmailSettings> {
    let table = top.table("email", &EMAIL, found);
    let insecure = table.flag("insecure", found);
    let smtp = table.text("smtp", found).filter(|at| !at.value.is_empty());
    let from = sender(&table, smtp.is_some(), found);
    let keys = SecretKeys { inline: Some("password"), file: "password_file", credential: "password_credential" };
    let password = seek(&table, keys, SecretSource { place, check: &|_| None }, found);
    let root = certificate(&table, place, found);
    let way = smtp.and_then(|smtp| way(&table, &smtp, insecure, found))?;
    let login = match (way.user, password) {
        (Some(user), Sought::Read(password)) => Some((user, password)),
        (Some(_), Sought::Unread) if place.need == Secrets::Skipped => None,
        (Some(_), Sought::Unnamed) => {
            found.push(
                Problem::new("`smtp` in [email] names a user without a password")
                    .at(table.place(), "has none of `password`, `password_file` and `password_credential`"),
            );
            return None;
        }
        (None, Sought::Read(_)) => {
            found.push(
                Problem::new("[email] has a password without a user")
                    .at(table.place(), "`smtp` names no user")
                    .help("write smtp = \"smtps://user@host\""),
            );
            return None;
        }
        (Some(_) | None, _) => None,
    };
    Some(EmailSettings { host: way.host, port: way.port, security: way.security, login, from: from?, root })
}

/// Tells mailed subscriptions where nothing says how mail goes out.
pub(super) fn check(settings: &Settings, found: &mut Findings) {
    let mailed = |endpoint: &Endpoint| matches!(endpoint, Endpoint::Email(_));
    let subscription = settings.declared.subscriptions.iter().find(|spec| mailed(&spec.endpoint));
    if let (Some(spec), None, true) = (subscription, &settings.email, found.is_empty()) {
        let problem = Problem::new(format!("the subscription `{}` is mailed, but [email] names no relay", spec.name));
        found.push(problem.help("set `smtp` and `from` in [email]"));
    }
}

fn sender(table: &Table<'_>, needed: bool, found: &mut Findings) -> Option<Sender> {
    let at = table.text("from", found).filter(|at| !at.value.is_empty());
    let from = at.as_ref().and_then(|at| Sender::parse(at.value));
    match at {
        Some(at) if from.is_none() => {
            let problem = Problem::new(format!("{} is no address of mail", table.name("from")));
            found.push(problem.at(table.blame(&at), format!("expected {}", Sender::FORM)));
        }
        None if needed => {
            let problem = Problem::new("[email] names no sender");
            found.push(problem.at(table.place(), "has no `from`").help("such as from = \"tidings@example.org\""));
        }
        Some(_) | None => {}
    }
    from
}

fn way(table: &Table<'_>, at: &At<&str>, insecure: bool, found: &mut Findings) -> Option<Way> {
    const FORM: &str =
        "expected smtps://user@host:465, smtp+starttls://user@host:587, or smtp://127.0.0.1:25 with insecure";
    let wrong =
        |what: &str, label: String| Problem::new(format!("{} {what}", table.name("smtp"))).at(table.blame(at), label);
    let url = Url::parse(at.value.trim()).ok();
    let scheme = |url: &Url| match url.scheme() {
        "smtps" => Some((Security::Tls, 465)),
        "smtp+starttls" => Some((Security::StartTls, 587)),
        "smtp" => Some((Security::Plain, 25)),
        _ => None,
    };
    let read = url.as_ref().and_then(|url| Some((url, scheme(url)?, url.host_str().filter(|host| !host.is_empty())?)));
    let Some((url, (security, usual), host)) = read else {
        found.hide(table.blame(at));
        found.push(wrong("is no relay", FORM.to_owned()));
        return None;
    };
    if url.password().is_some() {
        found.hide(table.blame(at));
        found.push(wrong(
            "holds a password",
            "give it as `password`, `password_file` or `password_credential`".to_owned(),
        ));
        return None;
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        found.push(wrong("holds more than a relay", FORM.to_owned()));
        return None;
    }
    // Of a scheme that the web doesn't know, the host is not read as an address.
    let is_here = match Host::parse(host) {
        Ok(Host::Domain(name)) => name == "localhost",
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Err(_) => false,
    };
    let user = Some(url.username()).filter(|user| !user.is_empty()).map(decoded);
    let way = Way { security, host: host.to_owned(), is_here, port: url.port().unwrap_or(usual), user };
    if way.security == Security::Plain && !(insecure && way.is_here) {
        let label =
            if insecure { "only a relay on this machine may be reached so" } else { "letters would go in the clear" };
        found.push(
            wrong("is without TLS", label.to_owned())
                .help("use smtps:// or smtp+starttls://; for a relay on this machine set insecure = true"),
        );
        return None;
    }
    // Where TLS is spoken by one and not by the other, each waits for the other's first word until its time is over.
    let usual_there = match (security, way.port) {
        (Security::StartTls, 465) => Some("smtps"),
        (Security::Tls, 25 | 587) => Some("smtp+starttls"),
        (Security::Tls | Security::StartTls | Security::Plain, _) => None,
    };
    found.notices.extend(usual_there.map(|usual| {
        let (scheme, port) = (url.scheme(), way.port);
        format!("`smtp` in [email] is {scheme}:// at port {port}, where relays expect {usual}:// : is that meant?")
    }));
    Some(way)
}

/// Percent-decoded: a user is often an address, whose `@` is written %40.
fn decoded(user: &str) -> String {
    url::form_urlencoded::parse(format!("u={}", user.replace('+', "%2B")).as_bytes())
        .next()
        .map(|(_, user)| user.into_owned())
        .unwrap_or_default()
}

fn certificate(table: &Table<'_>, place: Place<'_>, found: &mut Findings) -> Option<Vec<u8>> {
    let at = table.text("certificate_file", found).filter(|at| !at.value.is_empty())?;
    if place.need == Secrets::Skipped {
        return None;
    }
    let path = place.folder.join(at.value);
    match fs::read(&path) {
        Ok(pem) => Some(pem),
        Err(why) => {
            let problem = Problem::new(format!("can't read the certificate {}", path.display()));
            found.push(problem.at(table.blame(&at), why.to_string()));
            None
        }
    }
}
