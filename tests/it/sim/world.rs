//! A world: what happens, who tells of it when, and the daemon's lives in it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tidings::daemon::{LoopPolicy, Prank};
use tidings::deliver::{HealthPolicy, RetryPolicy};
use tidings::model::{
    Endpoint, Filter, NotificationType, Secret, SourceSpec, SubscriptionSpec, TopicKey, TopicSpan, TopicSpec, WebUrl,
};
use tidings::port::{Declared, Http};
use tidings::schedule::PollPolicy;

use super::audit::audit;
use super::chance::Chance;
use super::jester::Jester;
use super::operator::Operator;
use super::web::{Article, Received, SPACING, View, Web};
use crate::life::{Amid, Ending, Life, live_amid};

const PUBLISHERS: usize = 6;
/// So long things break;
const FAULTS: Duration = Duration::from_mins(50);
/// then comes a quiet time.
const LENGTH: Duration = Duration::from_mins(80);

/// What a world came to.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) articles: usize,
    pub(crate) events: usize,
    pub(crate) kills: usize,
    pub(crate) deeds: usize,
    pub(crate) pranks: BTreeMap<Prank, u64>,
    pub(crate) polls: u64,
    /// What the subscriber got, in order.
    pub(crate) received: Received,
    /// What was promised and did not hold.
    pub(crate) broken: Vec<String>,
}

/// A world made from a seed.
#[derive(Debug)]
pub(crate) struct World {
    seed: u64,
    start: Timestamp,
    web: Arc<Web>,
    kills: Vec<Duration>,
    events: Vec<String>,
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
            let first = start + SignedDuration::from_mins(i64::try_from(6 + chance.below(26)).unwrap());
            for publisher in 0..PUBLISHERS {
                if publisher == 0 || chance.percent(60) {
                    let at = first + SignedDuration::from_mins(i64::try_from(chance.below(20)).unwrap());
                    articles.push(telling(&event, publisher, at, &mut chance));
                }
            }
            events.push(event);
        }
        for n in 0..12 {
            let at = start + SignedDuration::from_mins(i64::try_from(chance.below(48)).unwrap());
            let publisher = usize::try_from(chance.below(PUBLISHERS as u64)).unwrap();
            let path = format!("/other/{n}");
            let (title, text) = (format!("Weather report number {n}"), format!("Rain and sun in turn, day {n}."));
            articles.push(Article { publisher, at, path, title, text });
        }
        let span_ms = u64::try_from(FAULTS.as_millis()).unwrap();
        let kills = (0..chance.below(6)).map(|_| Duration::from_millis(chance.below(span_ms))).collect();
        let faults_until = start + SignedDuration::try_from(FAULTS).unwrap();
        let web = Arc::new(Web::new(articles, chance, faults_until));
        Self { seed, start, web, kills, events }
    }

    /// Lives the world through, kills and all, and takes stock.
    pub(crate) fn live(mut self) -> Ledger {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sim.db");
        self.kills.sort();
        let mut from = Duration::ZERO;
        let ends: Vec<Duration> = self.kills.iter().copied().chain([LENGTH]).collect();
        let declared = declared();
        let jester = Jester::new(self.seed);
        let operator = Operator::new(self.seed, FAULTS, jester.clone(), declared.clone());
        for (number, end) in ends.iter().copied().enumerate() {
            let life = Life {
                file: &file,
                declared: &declared,
                seed: self.seed,
                start: self.start + SignedDuration::try_from(from).unwrap(),
                span: end.saturating_sub(from),
                loops: LoopPolicy { domain_spacing: SPACING, max_wait: LOOK, ..LoopPolicy::default() },
                poll: PollPolicy::default(),
                retry: RetryPolicy {
                    waits: [vec![Duration::from_secs(5); 3], vec![Duration::from_mins(1); 90]].concat(),
                    // Pauses that grow to an hour would outlast the quiet time.
                    health: HealthPolicy { rest_max: Duration::from_mins(3), ..HealthPolicy::default() },
                    ..RetryPolicy::default()
                },
                websub: None,
            };
            let ending = if number + 1 == ends.len() { Ending::Stopped } else { Ending::Killed };
            let skew_ms = Arc::clone(&operator.skew_ms);
            let amid = Amid { mischief: jester.mischief(), skew_ms: Arc::clone(&skew_ms), ending, ..Amid::default() };
            let (web, operator) = (Arc::clone(&self.web), operator.clone());
            let view = |clock| -> Arc<dyn Http> { Arc::new(View { web, clock, life: number, skew_ms }) };
            live_amid(life, amid, view, |hands| operator.act(hands, from));
            from = from.max(end);
        }
        let end = self.start + SignedDuration::try_from(LENGTH).unwrap();
        Ledger {
            articles: self.web.articles.len(),
            events: self.events.len(),
            kills: self.kills.len(),
            deeds: operator.deeds(),
            pranks: jester.struck(),
            polls: *self.web.polls.lock().unwrap(),
            broken: audit(&file, &self.web, &self.events, end),
            received: self.web.received.lock().unwrap().clone(),
        }
    }
}

/// From one look of a loop at its store to the next, where nothing wakes it: in service five seconds.
const LOOK: Duration = Duration::from_mins(1);
/// The device's subscription.
const DEVICE: &str = "reader";
/// The subscription that is told everything.
pub(crate) const EVERYTHING: &str = "everything";
/// From one poll of a source to the next, at most.
pub(crate) const INTERVAL_MAX: Duration = Duration::from_mins(8);

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
    // Words that no other event has, enough that the first few stories of a world are told apart by them.
    let text = format!("{text} {one} of {two}: {name} {three} by {four}, {five} of {name} on {one} and {two}.");
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
    // Two publishers have two feeds of the same articles: their host is asked for one after the other. One has summaries alone.
    let feeds = (0..PUBLISHERS).map(|n| (n, "feed.xml")).chain([(0, "all.xml"), (1, "all.xml")]);
    let source = |(n, file)| SourceSpec {
        name: format!("Publisher {n}, {file}"),
        publisher: format!("p{n}.example"),
        lang: Some("en".to_owned()),
        full_text: n + 1 == PUBLISHERS,
        ..SourceSpec::feed(
            WebUrl::parse(&format!("https://p{n}.example/{file}")).unwrap(),
            (Duration::from_mins(2), INTERVAL_MAX),
        )
    };
    let sources = feeds.map(source).collect();
    let subscription = SubscriptionSpec::new(
        "sink",
        Endpoint::webhook(
            WebUrl::parse("https://hook.example/").unwrap(),
            Secret::new("whsec_PLANTEDSECRETPLANTEDSECRETPLANTE"),
        ),
        Filter {
            topics: vec![TopicKey::parse("diplomacy").unwrap()],
            types: vec![NotificationType::EventOpened],
            ..Filter::default()
        },
    );
    let everything = SubscriptionSpec::new(
        EVERYTHING,
        Endpoint::webhook(
            WebUrl::parse("https://hook.example/all").unwrap(),
            Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ),
        Filter { types: NotificationType::ALL.to_vec(), ..Filter::default() },
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
    Declared { topics: vec![topic], sources, subscriptions: vec![subscription, device, everything], expire: None }
}
