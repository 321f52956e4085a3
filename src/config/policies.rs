//! The tables of numbers and switches: `[poll]` to `[log]`.

use std::net::{IpAddr, SocketAddr};

use tracing_subscriber::EnvFilter;

use crate::model::{TopicSpec, WebUrl};

use super::declared::{INTERVAL_MINUTES, check_interval, topics_of};
use super::problem::{Findings, Problem};
use super::reader::{At, Table, Unit};
use super::schema::{
    DELIVERY, DOMAIN, EVENTS, HUB, LOG, MODEL, NETWORK, POLL, PUSH, RETENTION, SELF_SERVICE, SERVER, WEBSUB, nearest,
};
use super::secrets::{Place, SecretKeys, SecretSource, Sought, seek};
use super::settings::{
    Checks, DeliverySettings, DomainSettings, EventSettings, HubSettings, LogFormat, LogSettings, ModelSettings,
    NetworkSettings, PollSettings, PushSettings, RetentionSettings, SelfServiceSettings, ServerSettings,
    StorageSettings, WebSubSettings,
};
use crate::url::registrable;

/// Bytes of a mebibyte.
const MIB: f64 = 1_048_576.0;
/// Jitter beyond half an interval would make it meaningless.
const JITTER_PERCENT: std::ops::RangeInclusive<f64> = 0.0..=50.0;
/// Entries of `retry_secs`: more tries than anybody waits for.
const RETRIES_MAX: usize = 64;
/// A week in seconds: the longest single wait.
const WAIT_SECS: std::ops::RangeInclusive<f64> = 0.01..=604_800.0;
/// The first pause of an endpoint that has too much to do.
const PAUSE_SECS: std::ops::RangeInclusive<f64> = 0.01..=3_600.0;
/// Leases of `WebSub` in days: hubs grant from minutes to a month or two.
const LEASE_DAYS: std::ops::RangeInclusive<f64> = 0.01..=60.0;
/// Between two requests to one domain: an hour is a source polled from time to time.
const SPACING_SECS: std::ops::RangeInclusive<f64> = 0.0..=3_600.0;
const DAY: std::time::Duration = std::time::Duration::from_hours(24);
/// Ten years in days: the longest time that anything is kept.
const KEEP_DAYS: std::ops::RangeInclusive<f64> = 0.01..=3_653.0;

pub(super) fn poll(top: &Table<'_>, found: &mut Findings) -> PollSettings {
    let table = top.table("poll", &POLL, found);
    let sound = found.count();
    let interval_min = table.span("interval_min_minutes", Unit::Minutes, INTERVAL_MINUTES, found);
    let interval_max = table.span("interval_max_minutes", Unit::Minutes, INTERVAL_MINUTES, found);
    if found.count() == sound {
        check_interval(&table, &interval_min, &interval_max, found);
    }
    PollSettings {
        interval_min: interval_min.value,
        interval_max: interval_max.value,
        requests_per_day: Some(table.count("requests_per_day", 0..=u32::MAX, found)).filter(|n| *n > 0),
        domain_spacing: table.span("domain_spacing_secs", Unit::Seconds, SPACING_SECS, found).value,
        concurrency: whole(table.count("concurrency", 1..=4_096, found)),
        jitter: percent(&table, found),
        boost: table.flag("boost", found),
        pages_per_topic_per_day: whole(table.count("pages_per_topic_per_day", 0..=100_000, found)),
        failing_after: table.count("failing_after", 1..=1_000, found),
    }
}

pub(super) fn domains(top: &Table<'_>, found: &mut Findings) -> Vec<DomainSettings> {
    let mut domains: Vec<DomainSettings> = Vec::new();
    for table in top.tables("domains", &DOMAIN, found) {
        let Some(name) = table.required("domain", "a registered domain such as \"example.org\"", found) else {
            continue;
        };
        let problem = |what: &str| Problem::new(format!("{} {what}", table.name("domain")));
        let domain = match registered_domain(name.value) {
            Ok(domain) => domain,
            Err(wanted) => {
                found.push(problem("is no registered domain").at(table.blame(&name), wanted));
                continue;
            }
        };
        if domains.iter().any(|other| other.domain == domain) {
            found.push(problem("is there twice").at(table.blame(&name), "again here"));
            continue;
        }
        let spacing =
            table.has("spacing_secs").then(|| table.span("spacing_secs", Unit::Seconds, SPACING_SECS, found).value);
        let robots = !table.has("robots") || table.flag("robots", found);
        domains.push(DomainSettings { domain, spacing, robots });
    }
    domains
}

/// Reads a registered domain as addresses have it (lower case, other scripts in Punycode); the error is what was expected.
fn registered_domain(text: &str) -> Result<String, String> {
    let is_name = !text.contains(['/', ':', '@', '?', '#', '*', ' ']);
    let url = WebUrl::parse(&format!("http://{text}/")).ok().filter(|_| is_name);
    let url = url.ok_or("expected a name such as \"example.org\", without scheme, path or star")?;
    let host = url.host_text().trim_end_matches('.');
    match registrable(host) {
        domain if domain == host => Ok(domain.to_owned()),
        domain => Err(format!("expected \"{domain}\"")),
    }
}

pub(super) fn network(top: &Table<'_>, checks: &Checks<'_>, found: &mut Findings) -> NetworkSettings {
    let table = top.table("network", &NETWORK, found);
    let allow = table.texts("allow", found);
    for entry in &allow {
        if let Some(wrong) = (checks.allow)(entry.value) {
            let problem = Problem::new(format!("{} holds an entry that can't be read", table.name("allow")));
            found.push(problem.at(table.blame(entry), wrong));
        }
    }
    let connect = table.span("connect_timeout_secs", Unit::Seconds, 0.1..=300.0, found);
    let total = table.span("total_timeout_secs", Unit::Seconds, 0.1..=3_600.0, found);
    if connect.value > total.value {
        let place = connect.place.clone().or_else(|| total.place.clone()).unwrap_or_else(|| table.place());
        let problem = Problem::new(format!("{} is above `total_timeout_secs`", table.name("connect_timeout_secs")));
        found.push(problem.at(place, "connecting is a part of the whole"));
    }
    let slow = table.span("slow_secs", Unit::Seconds, 0.1..=3_600.0, found).value;
    let slowest = table.count("slowest_bytes_per_sec", 0..=1_000_000, found);
    let (user_agent, contact) = user_agent(&table, found);
    NetworkSettings {
        user_agent,
        contact,
        robots: table.flag("robots", found),
        allow_private: table.flag("allow_private", found),
        allow: allow.into_iter().map(|entry| entry.value.to_owned()).collect(),
        ports: table.ports("ports", found),
        connect_timeout: connect.value,
        answer_timeout: table.span("answer_timeout_secs", Unit::Seconds, 0.1..=3_600.0, found).value,
        total_timeout: total.value,
        slow,
        slowest_bytes: rounded(slow.as_secs_f64() * f64::from(slowest)),
        feed_body_bytes: mebibytes(&table, "feed_body_mib", found),
        page_body_bytes: mebibytes(&table, "page_body_mib", found),
    }
}

/// The User-Agent, and the contact in it where one is given.
fn user_agent(table: &Table<'_>, found: &mut Findings) -> (String, Option<String>) {
    const OURS: &str = concat!("tidings/", env!("CARGO_PKG_VERSION"), " (+", env!("CARGO_PKG_REPOSITORY"));
    let mut given = |key| {
        let at = table.text(key, found).filter(|at| !at.value.trim().is_empty())?;
        let mut refuse = |what: &str, wanted: &str| {
            found.push(Problem::new(format!("{} holds {what}", table.name(key))).at(table.blame(&at), wanted));
        };
        if !at.value.bytes().all(|b| (b' '..=b'~').contains(&b)) {
            refuse("characters that a header can't", "expected plain ASCII on one line");
        } else if key == "contact" && at.value.contains(['(', ')', ';']) {
            refuse("what would end it in the User-Agent", "expected an address without ( ) and ;");
        }
        Some(at.value.trim())
    };
    let (own, contact) = (given("user_agent"), given("contact"));
    let user_agent = match (own, contact) {
        (Some(own), Some(contact)) => format!("{own} ({contact})"),
        (Some(own), None) => own.to_owned(),
        (None, Some(contact)) => format!("{OURS}; {contact})"),
        (None, None) => format!("{OURS})"),
    };
    (user_agent, contact.map(str::to_owned))
}

pub(super) fn delivery(top: &Table<'_>, found: &mut Findings) -> DeliverySettings {
    let table = top.table("delivery", &DELIVERY, found);
    let waits = table.spans("retry_secs", Unit::Seconds, &WAIT_SECS, found);
    if !(1..=RETRIES_MAX).contains(&waits.value.len()) && waits.place.is_some() {
        let problem = Problem::new(format!("{} has {} entries", table.name("retry_secs"), waits.value.len()));
        found.push(problem.at(table.blame(&waits), format!("expected 1 to {RETRIES_MAX} waits")));
    }
    let pause = table.span("pause_secs", Unit::Seconds, PAUSE_SECS, found);
    let pause_max = table.span("pause_max_minutes", Unit::Minutes, 0.001..=1_440.0, found);
    if pause.value > pause_max.value {
        let place = pause.place.clone().or_else(|| pause_max.place.clone()).unwrap_or_else(|| table.place());
        let problem = Problem::new(format!("{} is above `pause_max_minutes`", table.name("pause_secs")));
        found.push(problem.at(place, "the first pause is the shortest"));
    }
    DeliverySettings {
        timeout: table.span("timeout_secs", Unit::Seconds, 0.1..=300.0, found).value,
        concurrency: whole(table.count("concurrency", 1..=4_096, found)),
        per_endpoint: whole(table.count("per_endpoint", 1..=256, found)),
        retry_waits: waits.value,
        jitter: percent(&table, found),
        expire: table.span("expire_hours", Unit::Hours, 0.001..=8_766.0, found).value,
        open_after: table.count("open_after", 1..=1_000, found),
        pause: pause.value,
        pause_max: pause_max.value,
        disable_after: Some(table.span("disable_after_days", Unit::Days, 0.0..=365.0, found).value)
            .filter(|patience| !patience.is_zero()),
    }
}

pub(super) fn events(top: &Table<'_>, found: &mut Findings) -> EventSettings {
    let table = top.table("events", &EVENTS, found);
    let window = table.span("window_days", Unit::Days, 0.01..=365.0, found).value;
    let same = table.number("same_event", 0.0..=0.95, ", or 0 for the built-in threshold", found);
    if same.value > 0.0 && same.value < 0.05 {
        let problem = Problem::new(format!("{} is {}, out of bounds", table.name("same_event"), same.value));
        found.push(problem.at(table.blame(&same), "expected 0 for the built-in threshold, or 0.05 to 0.95"));
    }
    EventSettings { window, same_event: (same.value > 0.0).then_some(same.value) }
}

pub(super) fn server(top: &Table<'_>, place: Place<'_>, found: &mut Findings) -> ServerSettings {
    let table = top.table("server", &SERVER, found);
    let listen = table.text("listen", found).filter(|at| !at.value.is_empty());
    let address = listen.and_then(|at| {
        let address = at.value.parse::<SocketAddr>();
        if address.is_err() {
            found.push(
                Problem::new(format!("{} is no address and port", table.name("listen")))
                    .at(table.blame(&at), "expected an address and a port, such as \"127.0.0.1:8480\"")
                    .help("\"0.0.0.0:8480\" listens on all IPv4 addresses, \"[::]:8480\" on all, \"\" on none"),
            );
        }
        address.ok()
    });
    let keys = SecretKeys { inline: Some("token"), file: "token_file", credential: "token_credential" };
    let from = SecretSource { place, check: &weak_token };
    let token = match seek(&table, keys, from, found) {
        Sought::Read(token) => Some(token),
        Sought::Unnamed | Sought::Unread => None,
    };
    let public_stream = table.flag("public_stream", found);
    let public_pages = !table.has("public_pages") || table.flag("public_pages", found);
    let requests_per_minute = table.count("requests_per_minute", 1..=1_000_000, found);
    let failures_per_minute = table.count("failures_per_minute", 1..=1_000_000, found);
    let (origins, hosts) = (origins(&table, found), hosts(&table, found));
    let trusted_proxies = proxies(&table, found);
    ServerSettings {
        listen: address,
        token,
        requests_per_minute,
        failures_per_minute,
        public_stream,
        public_pages,
        origins,
        hosts,
        trusted_proxies,
    }
}

/// Networks and addresses of proxies. A name is none: whom it leads to is for others to say.
fn proxies(table: &Table<'_>, found: &mut Findings) -> Vec<String> {
    let mut proxies = Vec::new();
    for at in table.texts("trusted_proxies", found) {
        let text = at.value.trim();
        let (base, prefix) = text.split_once('/').map_or((text, None), |(base, prefix)| (base, Some(prefix)));
        let bits = base.parse::<IpAddr>().ok().map(|base| if base.is_ipv4() { 32_u8 } else { 128 });
        let fits =
            bits.is_some_and(|bits| prefix.is_none_or(|prefix| prefix.parse().is_ok_and(|prefix: u8| prefix <= bits)));
        if fits {
            proxies.push(text.to_owned());
        } else {
            found.push(
                Problem::new(format!("{} holds what is no network", table.name("trusted_proxies"))).at(
                    table.blame(&at),
                    "expected an address or a network, such as \"10.0.0.7\" or \"172.16.0.0/12\"",
                ),
            );
        }
    }
    proxies
}

/// Names of hosts, in lower case.
fn hosts(table: &Table<'_>, found: &mut Findings) -> Vec<String> {
    let mut hosts = Vec::new();
    for at in table.texts("hosts", found) {
        let text = at.value.trim();
        let is_name =
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
        if is_name {
            hosts.push(text.to_ascii_lowercase());
        } else {
            found.push(
                Problem::new(format!("{} holds what is no host's name", table.name("hosts")))
                    .at(table.blame(&at), "expected a name without scheme, port and path, such as \"news.example.org\"")
                    .help("names in other scripts are written as browsers send them: \"xn--...\""),
            );
        }
    }
    hosts
}

/// Origins, each as a browser writes it: scheme, host and port alone.
fn origins(table: &Table<'_>, found: &mut Findings) -> Vec<String> {
    let mut origins = Vec::new();
    for at in table.texts("origins", found) {
        let text = at.value.trim();
        let origin = WebUrl::parse(text).ok().map(|url| url.as_url().origin().ascii_serialization());
        match origin {
            _ if text == "*" => origins.push("*".to_owned()),
            Some(origin) if text.trim_end_matches('/').eq_ignore_ascii_case(&origin) => origins.push(origin),
            Some(_) | None => {
                let problem = Problem::new(format!("{} holds what is no origin", table.name("origins")));
                let help = origin.map(|origin| format!("did you mean \"{origin}\"?"));
                let label = "expected scheme and host, such as \"https://example.org\", or \"*\" for any";
                let problem = problem.at(table.blame(&at), label);
                found.push(match help {
                    Some(help) => problem.help(help),
                    None => problem,
                });
            }
        }
    }
    origins
}

/// Says what is wrong with a bearer token: RFC 6750 section 2.1 fixes its characters, and short ones can be guessed.
fn weak_token(token: &str) -> Option<String> {
    const SHORTEST: usize = 16;
    if token.len() < SHORTEST {
        return Some(format!("expected {SHORTEST} characters or more, as with: openssl rand -hex 32"));
    }
    let fits = token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b));
    (!fits).then(|| "expected letters, digits and - . _ ~ + / = alone".to_owned())
}

pub(super) fn websub(top: &Table<'_>, server: &ServerSettings, found: &mut Findings) -> WebSubSettings {
    let table = top.table("websub", &WEBSUB, found);
    let given = table.text("callback", found).filter(|at| !at.value.trim().is_empty());
    let callback = given.and_then(|at| {
        let problem = |what: &str| Problem::new(format!("{} {what}", table.name("callback")));
        let address = match WebUrl::parse(at.value) {
            Ok(address) => address,
            Err(why) => {
                found.push(problem("is no web address").at(table.blame(&at), why.to_string()));
                return None;
            }
        };
        let url = address.as_url();
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            found.push(
                problem("holds more than an address")
                    .at(table.blame(&at), "expected scheme, host and, where a proxy has one, a path")
                    .help("such as \"https://news.example.org\" or \"https://example.org/tidings\""),
            );
            return None;
        }
        if server.listen.is_none() {
            found.push(
                problem("needs the server")
                    .at(table.blame(&at), "hubs would reach nobody")
                    .help("set `listen` in [server], or leave `callback` empty"),
            );
        }
        Some(address)
    });
    WebSubSettings { callback, lease: table.span("lease_days", Unit::Days, LEASE_DAYS, found).value }
}

pub(super) fn hub(top: &Table<'_>, found: &mut Findings) -> HubSettings {
    let table = top.table("hub", &HUB, found);
    HubSettings {
        enabled: table.flag("enabled", found),
        followers_max: whole(table.count("followers_max", 1..=100_000, found)),
        hourly_per_address: table.count("hourly_per_address", 1..=100_000, found),
    }
}

pub(super) fn push(top: &Table<'_>, found: &mut Findings) -> PushSettings {
    let table = top.table("push", &PUSH, found);
    let mut services = Vec::new();
    let mut any = false;
    for at in table.texts("services", found) {
        let host = at.value.trim();
        let is_name = !host.contains(['/', ':', '@', '?', '#', '*', ' ']);
        match WebUrl::parse(&format!("https://{host}/")).ok().filter(|_| is_name) {
            Some(url) => services.push(url.host_text().to_owned()),
            None if host == "*" => any = true,
            None => {
                let problem = Problem::new(format!("{} holds what is no host", table.name("services")));
                found.push(
                    problem.at(table.blame(&at), "expected a name such as \"push.example.org\", or \"*\" for any"),
                );
            }
        }
    }
    PushSettings {
        enabled: table.flag("enabled", found),
        devices_max: whole(table.count("devices_max", 1..=1_000_000, found)),
        hourly_per_address: table.count("hourly_per_address", 1..=100_000, found),
        services: (!any).then_some(services),
    }
}

pub(super) fn self_service(top: &Table<'_>, topics: &[TopicSpec], found: &mut Findings) -> SelfServiceSettings {
    let table = top.table("self_service", &SELF_SERVICE, found);
    let known: Vec<&str> = topics.iter().map(|topic| topic.key.as_str()).collect();
    SelfServiceSettings {
        enabled: table.flag("enabled", found),
        topics: topics_of(&table, &known, found),
        subscriptions_max: whole(table.count("subscriptions_max", 1..=1_000_000, found)),
        daily_per_address: table.count("daily_per_address", 1..=100_000, found),
    }
}

pub(super) fn model(
    top: &Table<'_>,
    storage: &StorageSettings,
    place: Place<'_>,
    found: &mut Findings,
) -> ModelSettings {
    let table = top.table("model", &MODEL, found);
    let given = table.text("path", found).filter(|at| !at.value.is_empty()).map(|at| place.folder.join(at.value));
    let named = given.is_some();
    ModelSettings { path: given.unwrap_or_else(|| storage.path.with_file_name("model")), named }
}

pub(super) fn retention(top: &Table<'_>, found: &mut Findings) -> RetentionSettings {
    let table = top.table("retention", &RETENTION, found);
    RetentionSettings {
        off_topic: table.span("off_topic_days", Unit::Days, KEEP_DAYS, found).value,
        stories: table.span("stories_days", Unit::Days, KEEP_DAYS, found).value,
        told: Some(table.count("told_days", 0..=3_653, found)).filter(|days| *days > 0).map(|days| DAY * days),
        deliveries: table.span("deliveries_days", Unit::Days, KEEP_DAYS, found).value,
        size_bytes_max: Some(table.count("max_size_mib", 0..=u32::MAX, found))
            .filter(|mib| *mib > 0)
            .map(|mib| u64::from(mib) * 1_024 * 1_024),
    }
}

pub(super) fn log(top: &Table<'_>, found: &mut Findings) -> LogSettings {
    let table = top.table("log", &LOG, found);
    let level = table.text("level", found);
    if let Some(at) = &level {
        check_filter(&table, at, found);
    }
    let words = [("auto", LogFormat::Auto), ("text", LogFormat::Text), ("json", LogFormat::Json)];
    LogSettings {
        filter: level.map_or_else(String::new, |at| at.value.to_owned()),
        format: table.word("format", &words, found).unwrap_or(LogFormat::Auto),
    }
}

/// The filter's own parser takes any bare word for the name of a module, so that `inof` would silence everything: a
/// bare word must be a level here.
fn check_filter(table: &Table<'_>, at: &At<&str>, found: &mut Findings) {
    let problem = Problem::new(format!("{} is no level or filter", table.name("level")));
    if let Some((expected, help)) = filter_fault(at.value) {
        let problem = problem.at(table.blame(at), expected);
        found.push(match help {
            Some(help) => problem.help(help),
            None => problem,
        });
    }
}

/// What is wrong with the text of a log filter, and what to write in its place.
pub fn filter_fault(text: &str) -> Option<(String, Option<String>)> {
    const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];
    let stray = text
        .split(',')
        .map(str::trim)
        .find(|part| !part.contains(['=', '[']) && !LEVELS.iter().any(|level| level.eq_ignore_ascii_case(part)));
    let Some(stray) = stray else {
        return EnvFilter::try_new(text).err().map(|why| (why.to_string(), None));
    };
    let help = nearest(stray, LEVELS).map_or_else(
        || "a filter names modules and levels: \"info,tidings::net=debug\"".to_owned(),
        |near| format!("did you mean \"{near}\"?"),
    );
    Some((format!("expected one of {}", LEVELS.join(", ")), Some(help)))
}

fn percent(table: &Table<'_>, found: &mut Findings) -> f64 {
    table.number("jitter_percent", JITTER_PERCENT, " (percent)", found).value / 100.0
}

fn mebibytes(table: &Table<'_>, key: &str, found: &mut Findings) -> usize {
    rounded(table.number(key, 0.001..=1_024.0, " (MiB)", found).value * MIB)
}

/// A float has no checked way to an integer; its text has, and the bounds of every key keep it short.
fn rounded(number: f64) -> usize {
    format!("{number:.0}").parse().unwrap_or(usize::MAX)
}

/// Counts are bounded far below what either holds.
fn whole(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
