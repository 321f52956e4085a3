//! `[[subscriptions]]`: who is told what, and where.

use crate::model::{Corrections, Endpoint, Filter, Format, NotificationType, SubscriptionSpec, Updates};

use super::declared::{Ground, Unique, language, topics_of, web_url};
use super::format;
use super::problem::{Findings, Problem};
use super::reader::Table;
use super::schema::nearest;
use super::secrets::{SecretKeys, SecretSource, Sought, seek};

/// Reads one of `[[subscriptions]]`; `None` where what was found wrong leaves none.
pub(super) fn read(
    table: &Table<'_>,
    ground: Ground<'_>,
    topics: &[&str],
    names: &mut Unique,
    found: &mut Findings,
) -> Option<SubscriptionSpec> {
    let name = table.required("name", "what to call it, such as \"newsroom\"", found);
    if let Some(name) = &name {
        names.take(name.value, table.blame(name), "subscription", found);
    }
    let endpoint = endpoint(table, ground, found);
    let filter = Filter {
        topics: topics_of(table, topics, found),
        languages: table
            .texts("languages", found)
            .iter()
            .filter_map(|lang| language(table, "languages", lang, found))
            .collect(),
        publishers: table.texts("publishers", found).iter().map(|p| p.value.to_owned()).collect(),
        ..Filter::default()
    };
    let types = types(table, found);
    let corrections = Corrections::ALL.map(|corrections| (corrections.label(), corrections));
    let filter = filter.choosing(types, updates(table, found), table.word("corrections", &corrections, found));
    Some(SubscriptionSpec::new(name?.value, endpoint?, filter))
}

fn endpoint(table: &Table<'_>, ground: Ground<'_>, found: &mut Findings) -> Option<Endpoint> {
    if table.has("email") {
        return format::mailbox(table, found);
    }
    match format::chosen(table, found)? {
        Format::Webhook(form) => webhook(table, ground, found).map(|endpoint| endpoint.formed(form)),
        Format::Chat(service) => format::chat(service, table, ground, found),
    }
}

fn webhook(table: &Table<'_>, ground: Ground<'_>, found: &mut Findings) -> Option<Endpoint> {
    format::refuse_others(table, &["url", "secret", "secret_file", "secret_credential"], "a webhook", found);
    let url = web_url(table, found);
    let keys = SecretKeys { inline: "secret", file: "secret_file", credential: "secret_credential" };
    let from = SecretSource { place: ground.place, check: ground.checks.signing_secret };
    let secret = seek(table, keys, from, found);
    if matches!(secret, Sought::Unnamed) {
        found.push(
            Problem::new("a subscription needs a signing secret")
                .at(table.place(), "has none of `secret`, `secret_file` and `secret_credential`")
                .help("make one with: echo \"whsec_$(openssl rand -base64 32)\""),
        );
    }
    let url = url?;
    let Sought::Read(secret) = secret else { return None };
    Some(Endpoint::webhook(url.value, secret))
}

fn updates(table: &Table<'_>, found: &mut Findings) -> Option<Updates> {
    let at = table.text("updates", found)?;
    let updates = Updates::parse(at.value);
    if updates.is_none() {
        let problem = Problem::new(format!("{} is \"{}\"", table.name("updates"), at.value));
        found.push(problem.at(table.blame(&at), format!("expected {}", Updates::FORMS)));
    }
    updates
}

/// Empty where none are named.
fn types(table: &Table<'_>, found: &mut Findings) -> Vec<NotificationType> {
    let words: Vec<_> = NotificationType::ALL.iter().map(|kind| kind.label()).collect();
    let mut types = Vec::new();
    for at in table.texts("types", found) {
        let Some(kind) = NotificationType::parse(at.value) else {
            let help = nearest(at.value, words.iter().copied())
                .map_or_else(|| format!("types are: {}", words.join(", ")), |near| format!("did you mean \"{near}\"?"));
            let problem = Problem::new(format!("{} names an unknown type", table.name("types")));
            found.push(problem.at(table.blame(&at), "no notification has this type").help(help));
            continue;
        };
        types.push(kind);
    }
    types
}
