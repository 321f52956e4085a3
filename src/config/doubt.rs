//! What a subscription says that is allowed and can't be meant: it is told as a note, and stands.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use crate::model::{
    Corrections, Endpoint, Filter, Manner, NotificationType, Service, SourceSpec, SubscriptionSpec, Updates, WebUrl,
};
use crate::text::{counted, languages};

use super::problem::Findings;
use super::schema::nearest;

/// The types that filters narrow by topic, language and words.
const OF_EVENTS: [NotificationType; 3] =
    [NotificationType::EventOpened, NotificationType::EventUpdated, NotificationType::EventMerged];
/// Quiet hours that leave less of a day are hardly meant.
const WAKING_LEAST: SignedDuration = SignedDuration::from_hours(1);

/// Tells what can't be meant of each subscription.
pub(super) fn tell(subscriptions: &[SubscriptionSpec], sources: &[SourceSpec], found: &mut Findings) {
    let publishers: BTreeSet<String> = sources.iter().map(|source| source.publisher.to_lowercase()).collect();
    for subscription in subscriptions {
        found.notices.extend(doubts(subscription));
        let of_publishers = of_publishers(&subscription.filter, &publishers).into_iter();
        found.notices.extend(of_publishers.map(|doubt| format!("the subscription `{}` {doubt}", subscription.name)));
    }
}

/// What can't be meant of a subscription, whatever sources there are: a sentence each.
pub fn doubts(subscription: &SubscriptionSpec) -> Vec<String> {
    let SubscriptionSpec { name, endpoint, filter, manner, .. } = subscription;
    let doubts = [
        of_types(filter).into_iter().collect(),
        of_counts(filter).into_iter().collect(),
        of_choices(filter).into_iter().collect(),
        of_languages(filter),
        of_manner(manner, filter),
        of_endpoint(endpoint).into_iter().collect(),
    ];
    doubts.concat().into_iter().map(|doubt| format!("the subscription `{name}` {doubt}")).collect()
}

fn of_types(filter: &Filter) -> Option<String> {
    if OF_EVENTS.iter().any(|kind| filter.takes(*kind)) {
        return None;
    }
    let narrowing = [
        ("topics", !filter.topics.is_empty()),
        ("languages", !filter.languages.is_empty()),
        ("query", filter.query.is_some()),
        ("min_publishers", filter.min_publishers > 1),
    ];
    let keys: Vec<_> =
        narrowing.into_iter().filter(|(_, is_given)| *is_given).map(|(key, _)| format!("`{key}`")).collect();
    let keys = keys.join(", ");
    (!keys.is_empty()).then(|| format!("narrows events by {keys}, and its `types` name no type that tells of events"))
}

fn of_counts(filter: &Filter) -> Option<String> {
    let Updates::Publishers(count) = filter.updates else { return None };
    let least = filter.min_publishers;
    let is_opened = filter.takes(NotificationType::EventOpened);
    (is_opened && count <= least).then(|| {
        format!(
            "asks for `updates = \"publishers = {count}\"`, which never comes: by `min_publishers = {least}` it hears of an event when as \
             many carry it already"
        )
    })
}

/// Which updates there are is said by `updates` and `corrections`.
fn of_choices(filter: &Filter) -> Option<String> {
    let is_none = filter.updates == Updates::Never && filter.corrections == Corrections::Never;
    let is_all = filter.types.iter().all(|kind| *kind == NotificationType::EventUpdated);
    (is_none && is_all && !filter.types.is_empty()).then(|| {
        "is told nothing: its `types` name \"event.updated\" alone, and `updates` and `corrections` are \"never\""
            .to_owned()
    })
}

fn of_languages(filter: &Filter) -> Vec<String> {
    let doubt = |wanted: &String| {
        if languages().any(|(code, _)| code == wanted) {
            return None;
        }
        let same = languages().find(|(_, long)| *long == Some(wanted)).map(|(code, _)| format!(": write \"{code}\""));
        let same = same.unwrap_or_default();
        Some(format!("wants the language \"{wanted}\", which no story is found to be in{same}"))
    };
    filter.languages.iter().filter_map(doubt).collect()
}

/// A publisher that no source of the file has may be brought by those that gather what others publish, or were added otherwise: only what
/// is written as no publisher is, or nearly as one that is there, is doubted.
fn of_publishers(filter: &Filter, known: &BTreeSet<String>) -> Vec<String> {
    let doubt = |wanted: &String| {
        let name = wanted.to_lowercase();
        if known.contains(&name) {
            return None;
        }
        let host = name.split("://").last().unwrap_or_default().split('/').next().unwrap_or_default();
        let bare = host.strip_prefix("www.").unwrap_or(host);
        let meant = if bare == name { nearest(&name, known.iter().map(String::as_str)) } else { Some(bare) };
        meant.map(|meant| format!("wants the publisher \"{wanted}\", which no source has: is \"{meant}\" meant?"))
    };
    filter.publishers.iter().filter_map(doubt).collect()
}

fn of_manner(manner: &Manner, filter: &Filter) -> Vec<String> {
    let mut doubts = Vec::new();
    if let Some(quiet) = &manner.quiet {
        let waking = quiet.until.duration_until(quiet.from);
        let waking = if waking.is_negative() { waking + SignedDuration::from_hours(24) } else { waking };
        if waking < WAKING_LEAST {
            let waking = counted(waking.as_mins(), "minute", "minutes");
            doubts.push(format!("is quiet for all but {waking} of the day (`quiet = \"{quiet}\"`)"));
        }
    }
    if !manner.at_once.is_empty() && !manner.holds_back() {
        doubts.push(
            "says what is told `at_once`, and nothing is held back: it has no `digest` and no `quiet`".to_owned(),
        );
    }
    for kind in
        manner.at_once.iter().filter(|kind| !filter.takes(**kind) && **kind != NotificationType::SubscriptionTest)
    {
        doubts.push(format!("is told \"{}\" `at_once`, which its `types` leave out", kind.label()));
    }
    doubts
}

/// A chat's or push service's own address takes its own messages only. The address is a secret: its host alone is named.
fn of_endpoint(endpoint: &Endpoint) -> Option<String> {
    let url = match endpoint {
        Endpoint::Webhook { url, .. } => url,
        Endpoint::Chat(chat) => {
            let (service, host) = service_of(chat.url())?;
            let (meant, given) = (service.label(), chat.service().label());
            return (service != chat.service()).then(|| {
                format!("sends what {given} understands to {host}, which doesn't: write format = \"{meant}\" (docs/formats.md)")
            });
        }
        Endpoint::Email(_) | Endpoint::WebPush { .. } => return None,
    };
    let (service, host) = service_of(url)?;
    let word = service.label();
    Some(format!(
        "posts signed webhooks to {host}, which takes messages of its own form only: write format = \"{word}\" (docs/formats.md)"
    ))
}

fn service_of(url: &WebUrl) -> Option<(Service, &str)> {
    let (host, path) = (url.as_url().host_str()?, url.as_url().path());
    let is_under = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let service = if is_under("slack.com") && host.starts_with("hooks.") {
        Service::Slack
    } else if (is_under("discord.com") || is_under("discordapp.com")) && path.starts_with("/api/webhooks/") {
        Service::Discord
    } else if is_under("webhook.office.com") {
        Service::Teams
    } else if host == "api.telegram.org" {
        Service::Telegram
    } else if host == "ntfy.sh" {
        Service::Ntfy
    } else {
        return None;
    };
    Some((service, host))
}
