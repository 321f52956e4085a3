//! A world: what happens, who tells of it when, and the daemon's lives in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tidings::daemon::LoopPolicy;
use tidings::deliver::RetryPolicy;
use tidings::ingest::story_keys_of_url;
use tidings::model::{
    DeliveryState, Endpoint, Filter, NotificationType, Priority, Secret, SourceKind, SourceSpec, SubscriptionSpec,
    TopicKey, TopicSpan, TopicSpec, WebUrl,
};
use tidings::port::{Declared, DeliveryFilter, Store as _};
use tidings::schedule::PollPolicy;
use tidings::store::SqliteStore;

use super::chance::Chance;
use super::web::{Article, Received, View, Web};
use crate::life::{Life, live};

const PUBLISHERS: usize = 6;
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// What a world came to.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) articles: usize,
    pub(crate) events: usize,
    pub(crate) kills: usize,
    pub(crate) polls: u64,
    /// What the subscriber got, in order.
    pub(crate) received: Received,
    /// Articles that are not in the store.
    pub(crate) missing: Vec<String>,
    /// Stories without a decision, or with one that gives no reason.
    pub(crate) unexplained: Vec<String>,
    /// Deliveries still pending.
    pub(crate) pending: usize,
    /// Notifications in the outbox that the subscriber never got.
    pub(crate) untold: Vec<String>,
    /// Notifications that the device's push service never took.
    pub(crate) not_shown: Vec<String>,
    /// Ids that came with two different bodies.
    pub(crate) changed_bodies: Vec<String>,
    /// How many ids told of each event.
    pub(crate) told_events: BTreeMap<String, usize>,
    /// One for each event that was there to tell.
    pub(crate) events_by_name: BTreeMap<String, usize>,
}

/// A world made from a seed.
#[derive(Debug)]
pub(crate) struct World {
    seed: u64,
    start: Timestamp,
    web: Arc<Web>,
    kills: Vec<Duration>,
    events: Vec<String>,
    length: Duration,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let start: Timestamp = "2021-12-06T00:00:00Z".parse().unwrap();
        let names = ["Avalon", "Borduria", "Cascadia", "Dorvania", "Elbonia", "Florin", "Graustark", "Hyrkania"];
        let doings = [
            "signs treaty",
            "rejects motion",
            "opens embassy",
            "hosts summit",
            "names envoy",
            "recalls consul",
            "lifts tariff",
            "joins league",
        ];
        let count = 4 + usize::try_from(chance.below(4)).unwrap();
        let (mut articles, mut events) = (Vec::new(), Vec::new());
        for (name, doing) in names.iter().zip(doings).take(count) {
            let event = format!("{name} {doing}");
            let first = start + HOUR * i32::try_from(1 + chance.below(3)).unwrap();
            for publisher in 0..PUBLISHERS {
                if publisher == 0 || chance.percent(60) {
                    let at = first + SignedDuration::from_mins(i64::try_from(chance.below(90)).unwrap());
                    articles.push(telling(&event, publisher, at, &mut chance));
                }
            }
            events.push(event);
        }
        for n in 0..12 {
            let at = start + SignedDuration::from_mins(i64::try_from(chance.below(300)).unwrap());
            let publisher = usize::try_from(chance.below(PUBLISHERS as u64)).unwrap();
            let path = format!("/other/{n}");
            let (title, text) = (format!("Weather report number {n}"), format!("Rain and sun in turn, day {n}."));
            articles.push(Article { publisher, at, path, title, text });
        }
        let length = Duration::from_hours(9);
        let kills = (0..chance.below(6)).map(|_| Duration::from_millis(chance.below(7 * 3600 * 1000))).collect();
        let faults_until = start + HOUR * 7;
        let web = Arc::new(Web::new(articles, chance, faults_until));
        Self { seed, start, web, kills, events, length }
    }

    /// Lives the world through, kills and all, and takes stock.
    pub(crate) fn live(mut self) -> Ledger {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sim.db");
        self.kills.sort();
        let mut from = Duration::ZERO;
        let ends: Vec<Duration> = self.kills.iter().copied().chain([self.length]).collect();
        let declared = declared();
        for end in ends {
            let life = Life {
                file: &file,
                declared: &declared,
                seed: self.seed,
                start: self.start + SignedDuration::try_from(from).unwrap(),
                span: end.saturating_sub(from),
                loops: LoopPolicy { domain_spacing: Duration::from_secs(1), ..LoopPolicy::default() },
                poll: PollPolicy::default(),
                retry: RetryPolicy {
                    waits: [vec![Duration::from_secs(5); 3], vec![Duration::from_mins(2); 20]].concat(),
                    ..RetryPolicy::default()
                },
                websub: None,
            };
            live(life, |clock| Arc::new(View { web: Arc::clone(&self.web), clock }));
            from = from.max(end);
        }
        self.take_stock(&file)
    }

    fn take_stock(&self, file: &std::path::Path) -> Ledger {
        let mut store = SqliteStore::open(file).unwrap();
        let (mut missing, mut unexplained) = (Vec::new(), Vec::new());
        for article in &self.web.articles {
            let url = WebUrl::parse(&format!("https://p{}.example{}", article.publisher, article.path)).unwrap();
            match store.find_story(&story_keys_of_url(&url), None).unwrap() {
                None => missing.push(url.to_string()),
                Some(id) => {
                    let explained = store.explain(id).unwrap().unwrap();
                    let sound =
                        !explained.decisions.is_empty() && explained.decisions.iter().all(|d| !d.reasons.is_empty());
                    if !sound {
                        unexplained.push(url.to_string());
                    }
                }
            }
        }
        let deliveries = store.deliveries(&DeliveryFilter { limit: 10_000, ..DeliveryFilter::default() }).unwrap();
        let received = self.web.received.lock().unwrap().clone();
        let mut bodies: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (_, id, body) in &received {
            bodies.entry(id).or_default().insert(body);
        }
        let untold = deliveries
            .iter()
            .filter(|d| !bodies.contains_key(d.notification.id.0.as_str()))
            .map(|d| d.notification.id.to_string())
            .collect();
        let mut told_events: BTreeMap<String, usize> = BTreeMap::new();
        for set in bodies.values() {
            let body = set.iter().next().unwrap();
            // The reasons in a body speak of other events too: the story's own title says which one it is.
            let body: serde_json::Value = serde_json::from_str(body).unwrap();
            let title = body.pointer("/data/story/title").and_then(serde_json::Value::as_str).unwrap_or_default();
            let event = self.events.iter().find(|e| title.contains(e.as_str())).cloned();
            *told_events.entry(event.unwrap_or_else(|| "nothing on the topic".to_owned())).or_default() += 1;
        }
        let polls = *self.web.polls.lock().unwrap();
        Ledger {
            articles: self.web.articles.len(),
            events: self.events.len(),
            kills: self.kills.len(),
            polls,
            missing,
            unexplained,
            pending: deliveries.iter().filter(|d| d.state == DeliveryState::Pending).count(),
            untold,
            not_shown: deliveries
                .iter()
                .filter(|d| d.subscription.1 == DEVICE && d.state != DeliveryState::Delivered)
                .map(|d| d.notification.id.to_string())
                .collect(),
            changed_bodies: bodies.iter().filter(|(_, b)| b.len() > 1).map(|(id, _)| (*id).to_owned()).collect(),
            told_events,
            events_by_name: self.events.iter().map(|e| (e.clone(), 1)).collect(),
            received,
        }
    }
}

/// The device's subscription.
const DEVICE: &str = "reader";

/// What each event is about: words that no other event has.
const MATTERS: [[&str; 5]; 8] = [
    ["fisheries", "quota", "trawlers", "herring", "harbour"],
    ["railway", "tunnel", "gauge", "locomotives", "sleepers"],
    ["vaccine", "clinics", "measles", "nurses", "pharmacy"],
    ["satellite", "orbit", "launchpad", "rocket", "telemetry"],
    ["wheat", "granary", "drought", "millers", "flour"],
    ["museum", "sculpture", "restitution", "curators", "gallery"],
    ["pipeline", "compressor", "gas", "welders", "valves"],
    ["chess", "grandmaster", "tournament", "gambit", "clocks"],
];

/// One publisher's account of an event: the same facts in an order and with a garnish of its own.
fn telling(event: &str, publisher: usize, at: Timestamp, chance: &mut Chance) -> Article {
    let (name, doing) = event.split_once(' ').unwrap();
    let matter = MATTERS[usize::from(name.as_bytes()[0] - b'A') % MATTERS.len()];
    let [one, two, three, four, five] = matter;
    let garnish = ["officials said", "sources report", "our correspondent writes", "agencies say"];
    let title = match chance.below(3) {
        0 => format!("{event}: {one} and {two} at stake, diplomats react"),
        1 => format!("{event} over {two} and {one}, diplomats say"),
        _ => format!("Diplomats: {event} on {one} {two}"),
    };
    let said = chance.pick(&garnish);
    let text = match chance.below(2) {
        0 => format!("{event} about {one}, {said}: {three} and {four} of {name} wait for {five} since spring."),
        _ => format!("With {three}, {five} and {four} in mind, {name} {doing}; the {one} {two} was disputed, {said}."),
    };
    let path = format!("/{}/{}", publisher, event.to_lowercase().replace(' ', "-"));
    Article { publisher, at, path, title, text }
}

fn declared() -> Declared {
    let topic = TopicSpec {
        key: TopicKey::parse("diplomacy").unwrap(),
        name: "Diplomacy".to_owned(),
        query: "diplomats".to_owned(),
        fresh: Duration::from_hours(24),
        stale: Duration::from_hours(168),
        span: TopicSpan::default(),
    };
    let sources = (0..PUBLISHERS)
        .map(|n| SourceSpec {
            url: WebUrl::parse(&format!("https://p{n}.example/feed.xml")).unwrap(),
            name: format!("Publisher {n}"),
            publisher: format!("p{n}.example"),
            kind: SourceKind::Feed,
            lang: Some("en".to_owned()),
            topics: Vec::new(),
            interval_min: Duration::from_mins(10),
            interval_max: Duration::from_hours(1),
            priority: Priority::Normal,
            full_text: false,
        })
        .collect();
    let subscription = SubscriptionSpec::new(
        "sink",
        Endpoint::webhook(
            WebUrl::parse("https://hook.example/").unwrap(),
            Secret::new("whsec_PLANTEDSECRETPLANTEDSECRETPLANTE"),
        ),
        Filter { types: vec![NotificationType::EventOpened], ..Filter::default() },
    );
    // The keys of RFC 8291, appendix A.
    let device = SubscriptionSpec::new(
        DEVICE,
        Endpoint::WebPush {
            url: WebUrl::parse("https://push.example/send/1").unwrap(),
            p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
                .to_owned(),
            auth: Secret::new("BTBZMqHH6r4Tts7J_aSIgg"),
        },
        subscription.filter.clone(),
    );
    Declared { topics: vec![topic], sources, subscriptions: vec![subscription, device] }
}
