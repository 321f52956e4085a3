//! The network: names, sources, endpoints, and what other machines say of our clock.
//!
//! Sources are asked as politely as by the daemon: feeds alone (pages stand under a robots.txt), with their validators, no
//! domain twice within its spacing, none that asked to be left alone. Endpoints are connected to, TLS included, and told
//! nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};

use crate::cli::assembly::{guard, terms};
use crate::cli::open::look;
use crate::config::Settings;
use crate::daemon::SystemClock;
use crate::feed::{self, Hints};
use crate::model::{
    Endpoint, Exchange, Limits, Method, Redirects, Request, Source, SourceHealth, SourceKind, Subscription,
    SubscriptionState, WebUrl,
};
use crate::net::{Bounds, NetPolicy, WebClient};
use crate::port::{Clock as _, Http, Listed, Store};
use crate::text::counted;
use crate::url::registrable;

use super::{Finding, failure, ok, warning};

/// Names that are resolved, and sources that are asked, where not all are.
const NAMES_FEW: usize = 30;
const SOURCES_FEW: usize = 5;
/// How many are asked at the same time.
const WIDTH: usize = 8;
/// How long a name may take, and a connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// Names that are told of those that fail.
const TOLD_MAX: usize = 5;
/// A clock that differs by more than this from other machines' misleads: signatures are refused after five minutes.
const SKEW_MAX: SignedDuration = SignedDuration::from_secs(60);

/// All of it.
pub(super) async fn check(settings: &Settings, all: bool, now: Timestamp) -> anyhow::Result<Vec<Finding>> {
    let Ok(mut store) = look(settings) else {
        return Ok(vec![ok("sources", "none are stored yet: the first start takes them up")]);
    };
    let sources: Vec<Source> =
        store.sources(Listed::Current)?.into_iter().filter(|s| s.state.health != SourceHealth::Gone).collect();
    let subscriptions = store.subscriptions()?;
    let mut findings = names(&sources, all).await;
    findings.extend(ask(store.as_mut(), settings, &sources, (all, now)).await?);
    findings.extend(endpoints(settings, &subscriptions).await?);
    Ok(findings)
}

async fn names(sources: &[Source], all: bool) -> Vec<Finding> {
    let mut hosts: Vec<&str> = sources.iter().map(|source| source.spec.url.host_text()).collect();
    hosts.sort_unstable();
    hosts.dedup();
    hosts.truncate(if all { usize::MAX } else { NAMES_FEW });
    if hosts.is_empty() {
        return Vec::new();
    }
    let looked_up = stream::iter(hosts.iter().map(|host| async move {
        let found = tokio::time::timeout(PATIENCE, tokio::net::lookup_host((*host, 443))).await;
        (*host, found.is_ok_and(|found| found.is_ok()))
    }));
    let found: Vec<(&str, bool)> = looked_up.buffer_unordered(WIDTH).collect().await;
    let lost: Vec<&str> = found.iter().filter(|(_, is_found)| !is_found).map(|(host, _)| *host).collect();
    vec![match (lost.len(), found.len()) {
        (0, of) => ok("names", format!("{of} hosts of sources resolve")),
        (n, of) if n == of => failure(
            "names",
            format!("none of {of} hosts resolves: {}", some(&lost)),
            "the resolver does not answer: see /etc/resolv.conf, resolvectl status",
        ),
        (n, of) => warning(
            "names",
            format!("{n} of {of} hosts do not resolve: {}", some(&lost)),
            "have they moved? tidings source show",
        ),
    }]
}

fn some(words: &[&str]) -> String {
    let more = words.len().saturating_sub(TOLD_MAX);
    let told: Vec<&str> = words.iter().take(TOLD_MAX).copied().collect();
    if more > 0 { format!("{} and {more} more", told.join(", ")) } else { told.join(", ") }
}

/// The feeds to be asked, by domain: all, or those in trouble first and one of each domain.
fn chosen<'s>(sources: &'s [Source], paused: &[String], all: bool) -> BTreeMap<String, Vec<&'s Source>> {
    let mut feeds: Vec<&Source> = sources.iter().filter(|source| source.spec.kind == SourceKind::Feed).collect();
    feeds.sort_by_key(|source| (std::cmp::Reverse(source.state.failures), source.state.last_good_at, source.id));
    let mut lanes: BTreeMap<String, Vec<&Source>> = BTreeMap::new();
    for feed in feeds {
        let domain = registrable(feed.spec.url.host_text()).to_owned();
        if paused.contains(&domain) || (!all && (lanes.len() >= SOURCES_FEW || lanes.contains_key(&domain))) {
            continue;
        }
        lanes.entry(domain).or_default().push(feed);
    }
    lanes
}

/// What a feed answered.
struct Answered<'s> {
    source: &'s Source,
    exchange: Exchange,
    at: Timestamp,
}

async fn ask(
    store: &mut dyn Store,
    settings: &Settings,
    sources: &[Source],
    (all, now): (bool, Timestamp),
) -> anyhow::Result<Vec<Finding>> {
    let paused: Vec<String> = store.pauses(now)?.into_iter().map(|pause| pause.domain).collect();
    let lanes = chosen(sources, &paused, all);
    let left_alone: Vec<&str> = sources
        .iter()
        .filter(|source| paused.iter().any(|domain| domain == registrable(source.spec.url.host_text())))
        .map(|source| source.spec.name.as_str())
        .collect();
    let left_alone = (!left_alone.is_empty()).then(|| {
        let said = format!(
            "{} not asked, as the host wants to be left alone: {}",
            counted(left_alone.len(), "source is", "sources are"),
            some(&left_alone)
        );
        warning("sources", said, "it is polled again by itself: tidings source show says when")
    });
    if lanes.is_empty() {
        return Ok(left_alone.into_iter().chain([ok("sources", "there is no feed to ask now")]).collect());
    }
    let http = terms(settings)?.http;
    let spacing = |domain: &str| {
        let own = settings.domains.iter().find(|d| d.domain == domain).and_then(|d| d.spacing);
        own.unwrap_or(settings.poll.domain_spacing)
    };
    let network = &settings.network;
    let limits =
        Limits { connect: network.connect_timeout, total: network.total_timeout, body_bytes: network.feed_body_bytes };
    let asked = lanes.iter().map(|(domain, feeds)| {
        let polled = sources.iter().filter(|source| registrable(source.spec.url.host_text()) == *domain);
        let last = polled.filter_map(|source| source.state.last_poll_at).max();
        lane(&*http, feeds, (last, spacing(domain)), limits)
    });
    let answers: Vec<Vec<Answered<'_>>> = stream::iter(asked).buffer_unordered(WIDTH).collect().await;
    let answers: Vec<Answered<'_>> = answers.into_iter().flatten().collect();
    let mut findings: Vec<Finding> = answers.iter().filter_map(fault).collect();
    let failed = findings.len();
    if failed == answers.len() {
        findings.insert(
            0,
            failure(
                "sources",
                format!("none of {failed} feeds answers"),
                "is this machine on the network? a firewall, a proxy?",
            ),
        );
    } else {
        findings.insert(
            0,
            ok("sources", format!("{} of {} feeds answer as they should", answers.len() - failed, answers.len())),
        );
    }
    findings.extend(left_alone);
    findings.extend(skew(&answers));
    Ok(findings)
}

/// Asks the feeds of one domain, one after another, each at its spacing after the request before it, the daemon's included.
async fn lane<'s>(
    http: &dyn Http,
    feeds: &[&'s Source],
    (last, spacing): (Option<Timestamp>, Duration),
    limits: Limits,
) -> Vec<Answered<'s>> {
    let clock = SystemClock::default();
    let mut free_at = last.and_then(|last| last.checked_add(spacing).ok());
    let mut answers = Vec::new();
    for source in feeds {
        let wait = free_at.and_then(|at| Duration::try_from(at.duration_since(clock.now())).ok());
        tokio::time::sleep(wait.unwrap_or_default().min(spacing)).await;
        let exchange = http.send(request(source, limits)).await;
        let at = clock.now();
        free_at = at.checked_add(spacing).ok();
        answers.push(Answered { source, exchange, at });
    }
    answers
}

fn request(source: &Source, limits: Limits) -> Request {
    let mut headers = vec![("accept".to_owned(), "*/*".to_owned())];
    let validators = &source.state.validators;
    headers.extend(validators.etag.clone().map(|etag| ("if-none-match".to_owned(), etag)));
    headers.extend(validators.last_modified.clone().map(|date| ("if-modified-since".to_owned(), date)));
    let url = source.spec.url.clone();
    Request { method: Method::Get, url, headers, body: Vec::new(), redirects: Redirects::Follow(5), limits }
}

fn fault(answered: &Answered<'_>) -> Option<Finding> {
    let Answered { source, exchange, .. } = answered;
    let why = match exchange {
        Ok(answer) if answer.status == 304 => return None,
        Ok(answer) if (200..300).contains(&answer.status) => {
            let hints = Hints { content_type: answer.headers.first("content-type"), url: Some(&answer.url) };
            let read = feed::parse(&answer.body, &hints);
            format!("it answers with no feed: {}", read.problems.into_iter().find(|problem| problem.fatal)?.detail)
        }
        Ok(answer) => format!("it answered {}", answer.status),
        Err(failure) => failure.to_string(),
    };
    let said = format!("source {} ({}): {why}", source.id, source.spec.name);
    Some(warning("sources", said, format!("tidings source show {}", source.id)))
}

/// Holds our clock against those of the servers that answered: the middle of what they say.
fn skew(answers: &[Answered<'_>]) -> Option<Finding> {
    let ahead = |answered: &Answered<'_>| {
        let date = answered.exchange.as_ref().ok()?.headers.date("date")?;
        Some(answered.at.duration_since(date))
    };
    let mut all: Vec<SignedDuration> = answers.iter().filter_map(ahead).collect();
    all.sort_unstable();
    let middle = *all.get(all.len() / 2)?;
    let of = all.len();
    let secs = middle.as_secs();
    Some(if middle.abs() > SKEW_MAX {
        let way = if secs > 0 { "ahead of" } else { "behind" };
        failure(
            "clock",
            format!("it is {} s {way} what {of} publishers' servers say", secs.abs()),
            "set it (timedatectl set-ntp true): stories are dated wrongly, and endpoints refuse signatures",
        )
    } else {
        ok("clock", format!("within {} s of what {of} publishers' servers say", secs.abs().max(1)))
    })
}

async fn endpoints(settings: &Settings, subscriptions: &[Subscription]) -> anyhow::Result<Vec<Finding>> {
    let policy = NetPolicy { user_agent: String::new(), guard: guard(&settings.network)?, bounds: Bounds::default() };
    let client = WebClient::that_only_connects(&policy)?;
    let limits = Limits { connect: PATIENCE, total: PATIENCE, body_bytes: 0 };
    let mut places: BTreeMap<(String, u16), (&WebUrl, Vec<String>)> = BTreeMap::new();
    let mut mailed = false;
    for subscription in subscriptions.iter().filter(|s| s.state == SubscriptionState::Active) {
        mailed |= matches!(subscription.spec.endpoint, Endpoint::Email(_));
        let Some(url) = subscription.spec.endpoint.url() else { continue };
        let place = (url.host_text().to_owned(), url.port());
        places.entry(place).or_insert((url, Vec::new())).1.push(subscription.spec.name.clone());
    }
    let reached = stream::iter(places.iter().map(|(place, (url, names))| {
        let client = &client;
        async move { (place, names, client.reach(url, limits).await) }
    }));
    let reached: Vec<_> = reached.buffer_unordered(WIDTH).collect().await;
    let mut findings = Vec::new();
    for ((host, port), names, outcome) in &reached {
        if let Err(why) = outcome {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let said = format!("the endpoint of {} at {host}:{port} can't be reached: {why}", some(&names));
            findings.push(failure("endpoints", said, "is it up, and may this machine go there? ([network] allow)"));
        }
    }
    let well = reached.len() - findings.len();
    if well > 0 {
        findings.push(ok("endpoints", format!("{well} can be connected to; nothing was sent")));
    }
    if let (true, Some(email)) = (mailed, &settings.email) {
        let place = format!("{}:{}", email.host, email.port);
        let connected =
            tokio::time::timeout(PATIENCE, tokio::net::TcpStream::connect((email.host.as_str(), email.port))).await;
        findings.push(match connected {
            Ok(Ok(_stream)) => ok("endpoints", format!("the mail relay {place} can be connected to")),
            Ok(Err(why)) => {
                failure("endpoints", format!("the mail relay {place} can't be reached: {why}"), "see [email] smtp")
            }
            Err(_elapsed) => {
                failure("endpoints", format!("the mail relay {place} does not answer"), "see [email] smtp")
            }
        });
    }
    Ok(findings)
}
