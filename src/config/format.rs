//! What a subscription says of a service or a mailbox in the place of a webhook.

use crate::model::{Chat, ChatParts, Endpoint, Format, Mailbox, Service, WebUrl};

use super::declared::Ground;
use super::problem::{Findings, Problem};
use super::reader::Table;
use super::secrets::{SecretKeys, SecretSource, Sought, seek};

/// All keys that say where notifications go.
const PLACES: [&str; 14] = [
    "url",
    "url_file",
    "url_credential",
    "secret",
    "secret_file",
    "secret_credential",
    "old_secrets",
    "verify",
    "token",
    "token_file",
    "token_credential",
    "room",
    "priority",
    "format",
];

/// The format; a webhook's own where the table names none, `None` where what it names is none.
pub(super) fn chosen(table: &Table<'_>, found: &mut Findings) -> Option<Format> {
    if !table.has("format") {
        return Format::parse("standard");
    }
    let words: Vec<_> = Format::all().map(|format| (format.word(), format)).collect();
    table.word("format", &words, found)
}

/// Tells keys that mean nothing for this kind of endpoint.
pub(super) fn refuse_others(table: &Table<'_>, taken: &[&str], what: &str, found: &mut Findings) {
    for key in PLACES.iter().filter(|key| **key != "format" && !taken.contains(key) && table.has(key)) {
        let problem = Problem::new(format!("{} means nothing for {what}", table.name(key)));
        found.push(problem.at(table.place(), format!("is {what}")).help(format!("leave out `{key}`")));
    }
}

/// A person's mailbox.
pub(super) fn mailbox(table: &Table<'_>, found: &mut Findings) -> Option<Endpoint> {
    refuse_others(table, &[], "mail", found);
    if table.has("format") {
        let problem = Problem::new(format!("{} means nothing for mail", table.name("format")));
        found.push(problem.at(table.place(), "is mailed").help("leave out `format`"));
    }
    let at = table.text("email", found)?;
    let to = Mailbox::parse(at.value);
    if to.is_none() {
        let problem = Problem::new(format!("{} is no address of mail", table.name("email")));
        found.push(problem.at(table.blame(&at), format!("expected {}", Mailbox::FORM)));
    }
    to.map(Endpoint::Email)
}

/// A place in a service.
pub(super) fn chat(service: Service, table: &Table<'_>, ground: Ground<'_>, found: &mut Findings) -> Option<Endpoint> {
    refuse_others(table, &[PLACES.get(..3)?, PLACES.get(8..)?].concat(), service.label(), found);
    let sound = found.count();
    let place = ground.place;
    let url_keys = SecretKeys { inline: Some("url"), file: "url_file", credential: "url_credential" };
    let url = seek(table, url_keys, SecretSource { place, check: &no_address }, found);
    let token_keys = SecretKeys { inline: Some("token"), file: "token_file", credential: "token_credential" };
    let token = seek(table, token_keys, SecretSource { place, check: &|_| None }, found);
    let unread = [&url, &token].into_iter().any(|sought| matches!(sought, Sought::Unread));
    let read = |sought| match sought {
        Sought::Read(secret) => Some(secret),
        Sought::Unnamed | Sought::Unread => None,
    };
    let priority = table.has("priority").then(|| table.count("priority", 1..=10, found));
    let parts = ChatParts {
        url: read(url).and_then(|url| WebUrl::parse(url.reveal()).ok()),
        token: read(token),
        room: table.text("room", found).map(|at| at.value.to_owned()),
        priority: priority.and_then(|priority| u8::try_from(priority).ok()),
    };
    if unread || found.count() > sound {
        return None;
    }
    match Chat::new(service, parts) {
        Ok(chat) => Some(Endpoint::Chat(chat)),
        Err(faults) => {
            for fault in faults {
                let problem = Problem::new(format!("{} can't be used", table.name(fault.field)));
                found.push(problem.at(table.place(), fault.detail));
            }
            None
        }
    }
}

/// Never quotes the text: the address of a service is its secret.
fn no_address(text: &str) -> Option<String> {
    let url = WebUrl::parse(text).ok();
    match url {
        None => Some("expected http:// or https:// and a host".to_owned()),
        Some(url) if url.names_user() => Some("addresses with a user name or password are refused".to_owned()),
        Some(_) => None,
    }
}
