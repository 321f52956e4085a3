//! `[[subscriptions]]`: who is told what, and where.

use crate::model::{
    Corrections, DeliveryOrder, Endpoint, Filter, Format, NotificationType, OldSecret, Pacing, SubscriptionSpec,
    Updates,
};

use super::declared::{Ground, Unique, check_query, language, topics_of, web_url};
use super::problem::{Findings, Problem};
use super::reader::Table;
use super::schema::{OLD_SECRET, nearest};
use super::secrets::{SecretKeys, SecretSource, Sought, seek};
use super::{format, manner};

const SECRET_KEYS: SecretKeys =
    SecretKeys { inline: Some("secret"), file: "secret_file", credential: "secret_credential" };

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
    let from = SecretSource { place: ground.place, check: ground.checks.signing_secret };
    let endpoint = endpoint(table, ground, found);
    let old_secrets = old_secrets(table, from, found);
    let query = table.text("query", found);
    if let Some(query) = &query {
        check_query(table, query, ground, found);
    }
    let filter = Filter {
        query: query.map(|query| query.value.to_owned()),
        min_publishers: table.count("min_publishers", 1..=Filter::PUBLISHERS_MAX, found),
        topics: topics_of(table, topics, found),
        languages: table
            .texts("languages", found)
            .iter()
            .filter_map(|lang| language(table, "languages", lang, found))
            .collect(),
        publishers: table.texts("publishers", found).iter().map(|p| p.value.to_owned()).collect(),
        ..Filter::default()
    };
    let types = types(table, "types", found);
    let corrections = Corrections::ALL.map(|corrections| (corrections.label(), corrections));
    let filter = filter.choosing(types, updates(table, found), table.word("corrections", &corrections, found));
    let manner = manner::read(table, found);
    let pacing = pacing(table, found);
    let mut spec = SubscriptionSpec::new(name?.value, endpoint?, filter);
    spec.old_secrets = old_secrets;
    spec.manner = manner;
    spec.pacing = pacing;
    spec.verify = table.flag("verify", found);
    Some(spec)
}

/// The secrets that others took the place of, each with the end of its time. What a command doesn't read is left out.
fn old_secrets(table: &Table<'_>, from: SecretSource<'_>, found: &mut Findings) -> Vec<OldSecret> {
    let mut old = Vec::new();
    for (number, table) in table.tables("old_secrets", &OLD_SECRET, found).into_iter().enumerate() {
        let secret = seek(&table, SECRET_KEYS, from, found);
        if matches!(secret, Sought::Unnamed) {
            let problem = Problem::new("an old secret is missing");
            found.push(problem.at(table.place(), "has none of `secret`, `secret_file` and `secret_credential`"));
        }
        if !table.has("until") {
            let problem = Problem::new(format!("{} is missing", table.name("until")));
            found.push(
                problem.at(table.place(), "expected `until`, the last day on which it signs").help(
                    "a secret that leaked ends at once: leave it out; else give receivers the days that they need",
                ),
            );
        }
        let until = table.end("until", found);
        if number == OldSecret::MOST {
            let problem = Problem::new("a subscription has too many old secrets");
            found.push(problem.at(table.place(), format!("expected at most {}", OldSecret::MOST)));
        }
        if let (Sought::Read(secret), Some(until)) = (secret, until) {
            old.push(OldSecret { secret, until: until.value });
        }
    }
    old
}

/// How fast and in which order; what is not given is as for all.
fn pacing(table: &Table<'_>, found: &mut Findings) -> Pacing {
    let orders = DeliveryOrder::ALL.map(|order| (order.label(), order));
    let mut count = |key, bounds| table.has(key).then(|| table.count(key, bounds, found));
    let (max_in_flight, rate_per_minute) =
        (count("max_in_flight", Pacing::IN_FLIGHT), count("rate_per_minute", Pacing::RATE));
    Pacing { max_in_flight, rate_per_minute, order: table.word("order", &orders, found).unwrap_or_default() }
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
    format::refuse_others(
        table,
        &["url", "secret", "secret_file", "secret_credential", "old_secrets", "verify"],
        "a webhook",
        found,
    );
    let url = web_url(table, found);
    let from = SecretSource { place: ground.place, check: ground.checks.signing_secret };
    let secret = seek(table, SECRET_KEYS, from, found);
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
pub(super) fn types(table: &Table<'_>, key: &str, found: &mut Findings) -> Vec<NotificationType> {
    let words: Vec<_> = NotificationType::ALL.iter().map(|kind| kind.label()).collect();
    let mut types = Vec::new();
    for at in table.texts(key, found) {
        let Some(kind) = NotificationType::parse(at.value) else {
            let help = nearest(at.value, words.iter().copied())
                .map_or_else(|| format!("types are: {}", words.join(", ")), |near| format!("did you mean \"{near}\"?"));
            let problem = Problem::new(format!("{} names an unknown type", table.name(key)));
            found.push(problem.at(table.blame(&at), "no notification has this type").help(help));
            continue;
        };
        types.push(kind);
    }
    types
}
