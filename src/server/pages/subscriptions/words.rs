//! What subscriptions hear, how their endpoints fare, and how deliveries stand, in words.

use jiff::Timestamp;
use maud::{Markup, html};

use super::super::desk::{self, badge, when};
use crate::model::{Breaker, DeliveryState, Endpoint, EndpointHealth, Filter, Manner, Subscription, SubscriptionState};
use crate::server::wire::help;

/// Where it tells: no more than the host, as the rest may give the right to post.
pub(super) fn host(endpoint: &Endpoint) -> String {
    endpoint.url().map_or_else(|| endpoint.shown(), |url| url.host_text().to_owned())
}

/// What it hears, in a line.
pub(super) fn hears(filter: &Filter) -> String {
    let types: Vec<&str> = filter.types.iter().map(|kind| kind.label()).collect();
    let topics: Vec<String> = filter.topics.iter().map(ToString::to_string).collect();
    let mut words = if types.is_empty() { "event.opened".to_owned() } else { types.join(", ") };
    let mut add = |more: String| words.push_str(&more);
    if !topics.is_empty() {
        add(format!("; on {}", topics.join(", ")));
    }
    if !filter.languages.is_empty() {
        add(format!("; in {}", filter.languages.join(", ")));
    }
    if !filter.publishers.is_empty() {
        add(format!("; of {}", filter.publishers.join(", ")));
    }
    if let Some(query) = &filter.query {
        add(format!("; matching {}", query.trim()));
    }
    if filter.min_publishers > 1 {
        add(format!("; from {} publishers on", filter.min_publishers));
    }
    words
}

/// What isn't as usual in how it is told; empty where all is.
pub(super) fn manner(manner: &Manner) -> String {
    let mut words = Vec::new();
    if let Some(digest) = &manner.digest {
        words.push(format!("in a digest, {digest}"));
    }
    if let Some(quiet) = &manner.quiet {
        words.push(format!("quiet {quiet}"));
    }
    if let Some(expiry) = manner.expire_after {
        words.push(format!("nothing older than {}", crate::model::span_text(expiry)));
    }
    words.join("; ")
}

/// How it stands, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    Disabled,
    Unverified,
    Paused,
    Failing,
    Well,
}

impl Standing {
    pub(super) fn of(subscription: &Subscription, health: Option<&EndpointHealth>, now: Timestamp) -> Self {
        let failures = health.and_then(|health| health.trouble.as_ref()).map_or(0, |trouble| trouble.failures);
        match (subscription.state, health.map(|health| health.breaker(now))) {
            (SubscriptionState::Disabled, _) => Self::Disabled,
            (SubscriptionState::Unverified, _) => Self::Unverified,
            (SubscriptionState::Active, Some(Breaker::Open | Breaker::HalfOpen)) => Self::Paused,
            (SubscriptionState::Active, _) if failures > 0 => Self::Failing,
            (SubscriptionState::Active, _) => Self::Well,
        }
    }

    fn word(self) -> (&'static str, &'static str) {
        match self {
            Self::Disabled => ("bad", "disabled"),
            Self::Unverified => ("doubtful", "unverified"),
            Self::Paused => ("bad", "paused"),
            Self::Failing => ("doubtful", "failing"),
            Self::Well => ("good", "well"),
        }
    }
}

/// How it fares, and what to do.
pub(super) fn health(subscription: &Subscription, health: Option<&EndpointHealth>, now: Timestamp) -> Markup {
    let (class, word) = Standing::of(subscription, health, now).word();
    let trouble = health.and_then(|health| health.trouble.as_ref());
    let remedy = match subscription.state {
        SubscriptionState::Unverified => {
            Some("its endpoint must give a challenge back before it is told anything".to_owned())
        }
        SubscriptionState::Active | SubscriptionState::Disabled => health.and_then(|health| help(subscription, health)),
    };
    html! {
        p.state {
            (badge(class, word))
            @if let Some((Some(since), _)) = health.and_then(|health| health.disabled) { " since " (when(since, now)) }
            @else if let Some(trouble) = trouble.filter(|trouble| trouble.failures > 0) {
                " " (trouble.failures) @if trouble.failures == 1 { " failed attempt" } @else { " failed attempts in a row" }
                @if let Some(since) = trouble.failing_since { ", since " (when(since, now)) }
                @if let Some(rest) = trouble.rest { "; asked again " (when(rest.until, now)) }
            }
        }
        @if let Some(remedy) = remedy { p.remedy { (desk::remedy(&remedy)) } }
    }
}

/// How a delivery stands.
pub(super) fn state(state: DeliveryState) -> Markup {
    let class = match state {
        DeliveryState::Delivered | DeliveryState::Digested => "good",
        DeliveryState::Pending | DeliveryState::Held | DeliveryState::Repeat | DeliveryState::Withdrawn => "plain",
        DeliveryState::Kept => "doubtful",
        DeliveryState::Expired | DeliveryState::Gone => "bad",
    };
    badge(class, state.label())
}
