//! The audit of a world: what is promised, held against what is in the store and what came to subscribers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tidings::ingest::story_keys_of_url;
use tidings::model::{Delivery, DeliveryState, SourceHealth, WebUrl};
use tidings::port::{ClaimDeliveries, ClaimSources, DeliveryFilter, Explained, Listed, LogFilter, Store as _};
use tidings::schedule::PollPolicy;
use tidings::store::SqliteStore;

use super::web::{Article, Received, Web};
use super::world::{EVERYTHING, INTERVAL_MAX};

/// Takes stock at the end of a world; gives what does not hold.
pub(crate) fn audit(file: &Path, web: &Web, events: &[String], end: Timestamp) -> Vec<String> {
    let mut store = SqliteStore::open(file).unwrap();
    let mut broken: Vec<String> = web.rude.lock().unwrap().iter().map(|rude| format!("impolite: {rude}")).collect();
    stories(&mut store, web, &mut broken);
    deliveries(&mut store, web, &mut broken);
    told_events(&mut store, web, events, &mut broken);
    log(&mut store, &web.received_all.lock().unwrap(), &mut broken);
    schedule(&mut store, end, &mut broken);
    leases(&mut store, end, &mut broken);
    broken.extend(store.check(Duration::from_mins(1)).unwrap().into_iter().map(|why| format!("the file: {why}")));
    broken
}

/// Every article is a story, decided, and each decision has reasons.
fn stories(store: &mut SqliteStore, web: &Web, broken: &mut Vec<String>) {
    for article in &web.articles {
        let url = WebUrl::parse(&format!("https://p{}.example{}", article.publisher, article.path)).unwrap();
        let Some(id) = store.find_story(&story_keys_of_url(&url), None).unwrap() else {
            broken.push(format!("lost: {url} is no story"));
            continue;
        };
        let Some(known) = store.explain(id).unwrap() else {
            // Retention may delete what is on no topic, and nothing else.
            if !article.path.starts_with("/other/") {
                broken.push(format!("lost: {url} was deleted"));
            }
            continue;
        };
        let decisions = known.decisions;
        if decisions.is_empty() || decisions.iter().any(|decision| decision.reasons.is_empty()) {
            broken.push(format!("unexplained: {url}"));
        }
    }
    let counts = store.counts().unwrap();
    if counts.undecided + counts.awaiting > 0 {
        broken.push(format!("undecided: {} stories, {} await their page", counts.undecided, counts.awaiting));
    }
}

/// Every delivery has ended: what is said to be delivered came, and what came is said to be.
fn deliveries(store: &mut SqliteStore, web: &Web, broken: &mut Vec<String>) {
    let all = store.deliveries(&DeliveryFilter { limit: 10_000, ..DeliveryFilter::default() }).unwrap();
    let waits = |d: &&Delivery| {
        matches!(d.state, DeliveryState::Pending | DeliveryState::Held | DeliveryState::Kept)
            // What guests who left were to be told ended with them.
            || !matches!(d.state, DeliveryState::Delivered | DeliveryState::Repeat | DeliveryState::Withdrawn)
                && !d.subscription.1.starts_with("guest")
    };
    for taken_back in all.iter().filter(|d| d.state == DeliveryState::Withdrawn) {
        let told = &taken_back.notification;
        let known = told.story.and_then(|story| store.explain(story).unwrap());
        // The last decision of each topic is in force.
        let stands = |known: &Explained| {
            known.decisions.iter().rfind(|d| d.topic == told.topic).is_some_and(|d| d.event.is_some())
        };
        if known.is_none_or(|known| stands(&known)) {
            broken.push(format!("taken back: {}, though its story is on its topic", told.id));
        }
    }
    let repeats = all.iter().filter(|d| d.state == DeliveryState::Repeat && !d.subscription.1.starts_with("guest"));
    for repeat in repeats {
        let told = &repeat.notification;
        let heard = |d: &&Delivery| {
            d.subscription == repeat.subscription
                && d.notification.story == told.story
                && d.state == DeliveryState::Delivered
        };
        if !all.iter().any(|d| heard(&d)) {
            broken.push(format!("left out: {} for {}, which did not hear of it", told.id, repeat.subscription.1));
        }
    }
    for delivery in all.iter().filter(waits) {
        let (id, state) = (&delivery.notification.id, delivery.state);
        broken.push(format!("undelivered: {id} for {}, {state:?}", delivery.subscription.1));
    }
    let sink = web.received.lock().unwrap().clone();
    let everything = web.received_all.lock().unwrap().clone();
    for (name, got) in [("sink", &sink), (EVERYTHING, &everything)] {
        let mut bodies: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (_, id, body) in got {
            bodies.entry(id).or_default().insert(body);
        }
        let of_it = all.iter().filter(|d| d.subscription.1 == name && d.state == DeliveryState::Delivered);
        for delivery in of_it.filter(|d| !bodies.contains_key(d.notification.id.0.as_str())) {
            broken.push(format!("untold: {} never came to {name}", delivery.notification.id));
        }
        for (id, _) in bodies.iter().filter(|(_, bodies)| bodies.len() > 1) {
            broken.push(format!("altered: {id} came to {name} with two bodies"));
        }
    }
    // What is pushed is encrypted, and retention may have forgotten of either: each is shown once at least.
    let (shown, told) = (*web.shown.lock().unwrap(), sink.iter().map(|(_, id, _)| id).collect::<BTreeSet<_>>().len());
    if shown < told {
        broken.push(format!("not shown: {shown} of {told} on the device"));
    }
}

/// Every event is told under one id: its first, and nothing else is. Two that the decider takes for one are told as one, while it has
/// met too few stories to know which words are rare.
fn told_events(store: &mut SqliteStore, web: &Web, events: &[String], broken: &mut Vec<String>) {
    let received = web.received.lock().unwrap().clone();
    let mut told = BTreeSet::new();
    let mut ids: BTreeMap<String, BTreeSet<&str>> = events.iter().map(|e| (e.clone(), BTreeSet::new())).collect();
    for (_, id, body) in &received {
        // The reasons in a body speak of other events too: the story's own title says which one it is.
        let body: Value = serde_json::from_str(body).unwrap();
        told.extend(body.pointer("/data/event/id").and_then(Value::as_i64));
        let title = body.pointer("/data/story/title").and_then(Value::as_str).unwrap_or_default();
        let event = events.iter().find(|e| title.contains(e.as_str()));
        ids.entry(event.map_or_else(|| format!("not on the topic: {title}"), Clone::clone)).or_default().insert(id);
    }
    for (event, ids) in ids.iter().filter(|(_, ids)| ids.len() != 1) {
        let mut of_it = web.articles.iter().filter(|a| a.title.contains(event.as_str()));
        if ids.is_empty() && of_it.all(|a| stands_in(store, a).is_some_and(|event| told.contains(&event))) {
            continue;
        }
        broken.push(format!("told under {} ids: {event}", ids.len()));
        broken.extend(web.articles.iter().filter(|a| a.title.contains(event.as_str())).map(|a| decided(store, a)));
    }
}

/// The event that an article belongs to.
fn stands_in(store: &mut SqliteStore, article: &Article) -> Option<i64> {
    let url = WebUrl::parse(&format!("https://p{}.example{}", article.publisher, article.path)).unwrap();
    let id = store.find_story(&story_keys_of_url(&url), None).unwrap()?;
    store.explain(id).unwrap()?.decisions.last()?.event.map(|event| event.0)
}

/// How an article was decided, for whoever looks into a seed.
fn decided(store: &mut SqliteStore, article: &Article) -> String {
    let url = WebUrl::parse(&format!("https://p{}.example{}", article.publisher, article.path)).unwrap();
    let Some(id) = store.find_story(&story_keys_of_url(&url), None).unwrap() else { return format!("  no {url}") };
    let Some(known) = store.explain(id).unwrap() else { return format!("  {url} is deleted") };
    let mut text = format!("  {id} {} by p{}, seen {}:", article.title, article.publisher, known.story.seen_at);
    for decision in known.decisions {
        let (ruling, event, telling) = (decision.ruling, decision.event, decision.telling);
        let why: Vec<_> = decision.reasons.iter().map(|reason| reason.text.as_str()).collect();
        write!(text, " {ruling:?} {event:?} {telling:?} ({})", why.join("; ")).unwrap();
    }
    text
}

/// The log's numbers have no gap, and what is told of one event comes in the log's order.
fn log(store: &mut SqliteStore, received: &Received, broken: &mut Vec<String>) {
    let page = store.log(&LogFilter { limit: 10_000, ..LogFilter::default() }).unwrap();
    let numbers: BTreeSet<i64> = page.entries.iter().map(|(number, _)| number.0).collect();
    let told = store.counts().unwrap();
    if page.through != page.last {
        broken.push(format!("the log ends at {}, its pages at {} ({told:?})", page.last, page.through));
    }
    for number in (page.taken.0 + 1..=page.last.0).filter(|number| !numbers.contains(number)) {
        broken.push(format!("the log has no number {number}"));
    }
    let sequence: BTreeMap<&str, (i64, i64)> = page
        .entries
        .iter()
        .filter_map(|(number, told)| Some((told.id.0.as_str(), (told.event?.0, number.0))))
        .collect();
    let (mut met, mut last) = (BTreeSet::new(), BTreeMap::new());
    for (_, id, _) in received {
        let Some((event, number)) = sequence.get(id.as_str()).copied() else { continue };
        if met.insert(id.as_str()) && last.insert(event, number).is_some_and(|before| before > number) {
            broken.push(format!("out of order: {id} of event {event}"));
        }
    }
}

/// Every source is polled on: well after a quiet time, and due within its bounds.
fn schedule(store: &mut SqliteStore, end: Timestamp, broken: &mut Vec<String>) {
    for source in store.sources(Listed::Current).unwrap() {
        let (name, state) = (&source.spec.name, &source.state);
        if state.health != SourceHealth::Well {
            broken.push(format!("schedule: {name} is {:?}: {}", state.health, state.last_outcome));
        }
        let longest = SignedDuration::try_from(INTERVAL_MAX).unwrap();
        // Jitter only lengthens.
        let with_jitter = INTERVAL_MAX.mul_f64(1.0 + PollPolicy::default().jitter);
        let latest = end + SignedDuration::try_from(with_jitter).unwrap();
        if state.next_poll_at > latest || state.last_poll_at.is_none_or(|at| at < end - longest * 2) {
            let (next, last) = (state.next_poll_at, state.last_poll_at);
            broken.push(format!("schedule: {name} was polled at {last:?}, is to be at {next}, at {end} of the world"));
        }
    }
}

/// Nothing is leased to nobody: all that is in force can be claimed.
fn leases(store: &mut SqliteStore, end: Timestamp, broken: &mut Vec<String>) {
    let later = end + SignedDuration::from_hours(2);
    let claim = ClaimSources {
        now: later,
        lease_until: later,
        limit: 1_000,
        per_domain: 100,
        slow_domains: 100,
        except_domains: Vec::new(),
        only: None,
    };
    let (claimed, sources) =
        (store.claim_sources(&claim).unwrap().len(), store.sources(Listed::Current).unwrap().len());
    if claimed != sources {
        broken.push(format!("leases: {claimed} of {sources} sources can be claimed"));
    }
    let claim = ClaimDeliveries {
        now: later,
        lease_until: later,
        limit: 1_000,
        unproved_limit: 1_000,
        slow_limit: 1_000,
        answers: std::sync::Arc::default(),
        per_subscription: 100,
        in_flight: BTreeMap::new(),
        eased: BTreeMap::new(),
        settling: 0,
    };
    let due = store.claim_deliveries(&claim).unwrap().len();
    if due > 0 {
        broken.push(format!("leases: {due} deliveries are due"));
    }
}
