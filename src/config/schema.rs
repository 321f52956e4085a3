//! The keys that a configuration file may hold, and the nearest one to a word that is none of them.

/// A table of the file and its keys.
#[derive(Debug)]
pub(super) struct Shape {
    /// As messages name it: `[poll]`, `[[sources]]`.
    pub(super) name: &'static str,
    /// Its keys, in the order of the documentation.
    pub(super) keys: &'static [&'static str],
}

pub(super) const TOP: Shape = Shape {
    name: "the file",
    keys: &[
        "topics",
        "sources",
        "subscriptions",
        "poll",
        "domains",
        "network",
        "delivery",
        "events",
        "server",
        "websub",
        "hub",
        "push",
        "self_service",
        "storage",
        "model",
        "retention",
        "log",
        "email",
        "control",
    ],
};
pub(super) const TOPIC: Shape =
    Shape { name: "[[topics]]", keys: &["id", "name", "query", "from", "until", "fresh_hours", "stale_days"] };
pub(super) const SOURCE: Shape = Shape {
    name: "[[sources]]",
    keys: &[
        "url",
        "name",
        "publisher",
        "kind",
        "lang",
        "topics",
        "interval_min_minutes",
        "interval_max_minutes",
        "priority",
        "full_text",
        "select",
    ],
};
pub(super) const SELECT: Shape = Shape { name: "select", keys: &["item", "link", "title", "date", "summary"] };
pub(super) const SUBSCRIPTION: Shape = Shape {
    name: "[[subscriptions]]",
    keys: &[
        "name",
        "url",
        "secret",
        "secret_file",
        "secret_credential",
        "topics",
        "types",
        "updates",
        "corrections",
        "languages",
        "publishers",
        "old_secrets",
        "query",
        "min_publishers",
        "digest",
        "digest_empty",
        "quiet",
        "at_once",
        "expire_after",
        "payload",
        "payload_version",
        "max_in_flight",
        "rate_per_minute",
        "order",
        "format",
        "url_file",
        "url_credential",
        "token",
        "token_file",
        "token_credential",
        "room",
        "priority",
        "email",
        "verify",
    ],
};
pub(super) const OLD_SECRET: Shape =
    Shape { name: "old_secrets", keys: &["secret", "secret_file", "secret_credential", "until"] };
pub(super) const POLL: Shape = Shape {
    name: "[poll]",
    keys: &[
        "interval_min_minutes",
        "interval_max_minutes",
        "requests_per_day",
        "domain_spacing_secs",
        "concurrency",
        "jitter_percent",
        "boost",
        "pages_per_topic_per_day",
        "failing_after",
    ],
};
pub(super) const DOMAIN: Shape = Shape { name: "[[domains]]", keys: &["domain", "spacing_secs", "robots"] };
pub(super) const NETWORK: Shape = Shape {
    name: "[network]",
    keys: &[
        "user_agent",
        "contact",
        "robots",
        "allow_private",
        "allow",
        "ports",
        "connect_timeout_secs",
        "answer_timeout_secs",
        "total_timeout_secs",
        "slowest_bytes_per_sec",
        "slow_secs",
        "feed_body_mib",
        "page_body_mib",
    ],
};
pub(super) const DELIVERY: Shape = Shape {
    name: "[delivery]",
    keys: &[
        "timeout_secs",
        "concurrency",
        "per_endpoint",
        "retry_secs",
        "jitter_percent",
        "expire_hours",
        "open_after",
        "pause_secs",
        "pause_max_minutes",
        "disable_after_days",
    ],
};
pub(super) const EVENTS: Shape = Shape { name: "[events]", keys: &["window_days", "same_event"] };
pub(super) const SERVER: Shape = Shape {
    name: "[server]",
    keys: &[
        "listen",
        "token",
        "token_file",
        "token_credential",
        "public_stream",
        "public_pages",
        "origins",
        "hosts",
        "trusted_proxies",
        "requests_per_minute",
        "failures_per_minute",
    ],
};
pub(super) const WEBSUB: Shape = Shape { name: "[websub]", keys: &["callback", "lease_days"] };
pub(super) const HUB: Shape = Shape { name: "[hub]", keys: &["enabled", "followers_max", "hourly_per_address"] };
pub(super) const PUSH: Shape =
    Shape { name: "[push]", keys: &["enabled", "devices_max", "hourly_per_address", "services"] };
pub(super) const SELF_SERVICE: Shape =
    Shape { name: "[self_service]", keys: &["enabled", "topics", "subscriptions_max", "daily_per_address"] };
pub(super) const STORAGE: Shape =
    Shape { name: "[storage]", keys: &["path", "key_file", "key_credential", "old_key_file", "old_key_credential"] };
pub(super) const MODEL: Shape = Shape { name: "[model]", keys: &["path"] };
pub(super) const RETENTION: Shape = Shape {
    name: "[retention]",
    keys: &["off_topic_days", "stories_days", "told_days", "deliveries_days", "max_size_mib"],
};
pub(super) const LOG: Shape = Shape { name: "[log]", keys: &["level", "format"] };
pub(super) const CONTROL: Shape = Shape { name: "[control]", keys: &["socket"] };
pub(super) const EMAIL: Shape = Shape {
    name: "[email]",
    keys: &["smtp", "from", "password", "password_file", "password_credential", "certificate_file", "insecure"],
};

/// All of them, to tell where a misplaced key belongs.
pub(super) const SHAPES: [&Shape; 22] = [
    &TOP,
    &TOPIC,
    &SOURCE,
    &SELECT,
    &SUBSCRIPTION,
    &POLL,
    &DOMAIN,
    &NETWORK,
    &DELIVERY,
    &EVENTS,
    &SERVER,
    &WEBSUB,
    &HUB,
    &PUSH,
    &STORAGE,
    &MODEL,
    &RETENTION,
    &LOG,
    &OLD_SECRET,
    &EMAIL,
    &SELF_SERVICE,
    &CONTROL,
];

/// The likeness (Jaro-Winkler, 0 to 1) from which a word is taken for a slip of another: `publisher` and `publishers`
/// reach 0.98, `interval` and `interval_min_minutes` 0.88, `retries` and `retry_secs` 0.83, unrelated keys stay below 0.7.
const SLIP: f64 = 0.8;

/// Finds the option that `word` most likely stands for.
pub(super) fn nearest<'a>(word: &str, options: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    options
        .into_iter()
        .map(|option| (strsim::jaro_winkler(&word, &option.to_lowercase()), option))
        .filter(|(likeness, _)| *likeness >= SLIP)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, option)| option)
}

/// Says what to do about a key that `shape` doesn't have.
pub(super) fn advice(key: &str, shape: &Shape) -> String {
    let elsewhere: Vec<_> = SHAPES.iter().filter(|other| other.keys.contains(&key)).map(|other| other.name).collect();
    let near = nearest(key, shape.keys.iter().copied());
    match near {
        _ if !elsewhere.is_empty() => format!("`{key}` belongs in {}", elsewhere.join(" or ")),
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("{} takes: {}", shape.name, shape.keys.join(", ")),
    }
}
