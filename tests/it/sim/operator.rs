//! Somebody who runs the daemon: what operators, readers and other programs do while it works, by a seed.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tidings::daemon::Terms;
use tidings::model::{
    Correction, Endpoint, EventId, Filter, Hush, Mark, Over, Replay, Saving, Secret, SourceSpec, SubscriptionId,
    SubscriptionSpec, SubscriptionState, TopicKey, TopicSpan, TopicSpec, WebUrl,
};
use tidings::port::{Declared, EventFilter, Merging, Shed, Store, StoreError};

use super::chance::Chance;
use super::jester::Jester;
use crate::life::Hands;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    /// The configuration is read anew: other widths, another wording of the query.
    Reload,
    /// Retention runs, on whatever is older than a while.
    Retain,
    /// The subscription that all is counted by is disabled;
    Disable,
    /// and enabled again.
    Enable,
    /// Others come
    GuestComes,
    /// and go.
    GuestGoes,
    /// Another topic begins to be watched, or its query changes.
    Watch,
    /// Events of that topic are merged or split, its stories marked.
    Correct,
    /// All sources are polled now.
    PollNow,
    /// The clock jumps.
    Jump,
    /// A source is added,
    SourceComes,
    /// and removed.
    SourceGoes,
    /// Pranks end, the clock is right again, what was disabled is enabled.
    Rest,
}

const DEEDS: [Deed; 11] = [
    Deed::Reload,
    Deed::Retain,
    Deed::Disable,
    Deed::GuestComes,
    Deed::GuestGoes,
    Deed::Watch,
    Deed::Correct,
    Deed::PollNow,
    Deed::Jump,
    Deed::SourceComes,
    Deed::SourceGoes,
];

/// The topic that is watched beside the one that all is counted by.
pub(crate) const OTHER_TOPIC: &str = "weather";

/// What is done when in a world.
#[derive(Debug, Clone)]
pub(crate) struct Operator {
    plan: Vec<(Duration, Deed)>,
    chance: Arc<Mutex<Chance>>,
    pub(crate) skew_ms: Arc<AtomicI64>,
    jester: Jester,
    declared: Declared,
}

impl Operator {
    /// One who is busy until `rest`.
    pub(crate) fn new(seed: u64, rest: Duration, jester: Jester, declared: Declared) -> Self {
        let mut chance = Chance::new(seed ^ 0x6f70_6572_6174);
        let busy = chance.percent(70);
        let count = if busy { 3 + chance.below(14) } else { 0 };
        let minutes = rest.as_secs() / 60;
        let mut plan = Vec::new();
        for _ in 0..count {
            let (at, deed) = (Duration::from_secs(chance.below(minutes * 60)), *chance.pick(&DEEDS));
            plan.push((at, deed));
            if deed == Deed::Disable {
                plan.push((at + Duration::from_secs(chance.below(360)), Deed::Enable));
            }
        }
        plan.retain(|(at, _)| *at < rest);
        plan.push((rest, Deed::Rest));
        plan.sort_by_key(|(at, _)| *at);
        Self { plan, chance: Arc::new(Mutex::new(chance)), skew_ms: Arc::default(), jester, declared }
    }

    pub(crate) fn deeds(&self) -> usize {
        self.plan.len() - 1
    }

    /// Does what is planned from this moment of the world on, in a life that begins at it.
    pub(crate) async fn act(self, hands: Hands, from: Duration) {
        let mut now = from;
        for (at, deed) in self.plan.iter().filter(|(at, _)| *at >= from) {
            tokio::time::sleep(at.saturating_sub(now)).await;
            now = now.max(*at);
            self.carry_out(*deed, &hands).await;
            for bell in [&hands.parts.bells.poll, &hands.parts.bells.decide, &hands.parts.bells.dispatch] {
                bell.ring();
            }
        }
        std::future::pending::<()>().await;
    }

    fn draw(&self, below: u64) -> u64 {
        self.chance.lock().unwrap().below(below)
    }

    async fn carry_out(&self, deed: Deed, hands: &Hands) {
        let now = hands.parts.clock.now();
        match deed {
            Deed::Reload => self.reload(hands).await,
            Deed::Retain => {
                let (keep, most) = (self.draw(50), usize::try_from(1 + self.draw(100)).unwrap());
                let before = now - SignedDuration::from_mins(i64::try_from(10 + keep).unwrap());
                let shed = Shed { before, told_before: Timestamp::MIN };
                insist(hands, move |store| {
                    // What is kept for a subscription that is disabled ends with its time: days, in service.
                    let sink = store.subscriptions()?.into_iter().find(|s| s.id == SINK);
                    let is_served = sink.is_some_and(|sink| sink.state == SubscriptionState::Active);
                    store.retain(before, if is_served { before } else { Timestamp::MIN }, most)?;
                    store.bury(before, most)?;
                    store.shed(shed, most)?;
                    store.merge_words(Merging::Begins)?;
                    store.give_back(1 << 20).map(|_| ())
                })
                .await;
            }
            Deed::Disable => insist(hands, move |store| store.disable_subscription(SINK, now).map(|_| ())).await,
            Deed::Enable => enable(hands).await,
            Deed::GuestComes => {
                let spec = guest(self.draw(3));
                insist(hands, move |store| store.add_subscription(&spec, now).map(|_| ())).await;
            }
            Deed::GuestGoes => {
                let name = guest(self.draw(3)).name;
                insist(hands, move |store| {
                    let found = store.subscriptions()?.into_iter().find(|s| s.spec.name == name);
                    found.map_or(Ok(false), |guest| store.remove_subscription(guest.id)).map(|_| ())
                })
                .await;
            }
            Deed::Watch => {
                let query =
                    ["weather", "rain OR weather", "sun -day", "report"][usize::try_from(self.draw(4)).unwrap()];
                let spec = other_topic(query);
                insist(hands, move |store| save(store, &spec, now)).await;
            }
            Deed::Correct => {
                let (kind, which) = (self.draw(3), usize::try_from(self.draw(6)).unwrap());
                insist(hands, move |store| correct(store, kind, which, now)).await;
            }
            Deed::PollNow => insist(hands, move |store| store.poll_now(None, now).map(|_| ())).await,
            Deed::Jump => {
                let minutes = i64::try_from(self.draw(21)).unwrap() - 10;
                self.skew_ms.store(minutes * 60_000, Ordering::Relaxed);
            }
            Deed::SourceComes => insist(hands, move |store| store.add_source(&extra_source(), now).map(|_| ())).await,
            Deed::SourceGoes => {
                insist(hands, |store| {
                    let url = extra_source().url;
                    let all = store.sources(tidings::port::Listed::Current)?;
                    let found = all.into_iter().find(|source| source.spec.url == url);
                    found.map_or(Ok(false), |source| store.remove_source(source.id)).map(|_| ())
                })
                .await;
            }
            Deed::Rest => {
                self.jester.end();
                self.skew_ms.store(0, Ordering::Relaxed);
                let now = hands.parts.clock.now();
                enable(hands).await;
                insist(hands, move |store| store.poll_now(None, now).map(|_| ())).await;
            }
        }
    }

    /// As a SIGHUP does it: the store takes up what is declared, then the terms hold.
    async fn reload(&self, hands: &Hands) {
        let now = hands.parts.clock.now();
        let mut terms: Terms = Terms::clone(&hands.parts.terms.borrow());
        terms.loops.poll_concurrency = [1, 4, 64][usize::try_from(self.draw(3)).unwrap()];
        terms.loops.delivery_concurrency = [1, 64][usize::try_from(self.draw(2)).unwrap()];
        terms.loops.per_endpoint = [1, 4][usize::try_from(self.draw(2)).unwrap()];
        terms.loops.domain_spacing = Duration::from_secs([1, 3][usize::try_from(self.draw(2)).unwrap()]);
        terms.loops.boost = self.draw(2) == 0;
        let mut declared = self.declared.clone();
        if self.draw(2) == 0 {
            // Another query that finds the same.
            for topic in &mut declared.topics {
                topic.query = format!("({}) OR {}", topic.query, topic.query);
            }
        }
        insist(hands, move |store| store.sync(&declared, now).map(|_| ())).await;
        hands.terms.send_replace(Arc::new(terms));
    }
}

/// The subscription that all is counted by: the first that is declared.
pub(crate) const SINK: SubscriptionId = SubscriptionId(1);

async fn enable(hands: &Hands) {
    let now = hands.parts.clock.now();
    insist(hands, move |store| store.enable_subscription(SINK, Replay::All, now).map(|_| ())).await;
}

/// Asks until the store does it, as people do.
async fn insist(hands: &Hands, deed: impl FnOnce(&mut dyn Store) -> Result<(), StoreError> + Clone + Send + 'static) {
    loop {
        match hands.parts.keeper.write(deed.clone()).await {
            Err(error) if error.is_retryable() => tokio::time::sleep(Duration::from_secs(2)).await,
            // What is taken was added by the try before, whose answer was lost.
            Ok(()) | Err(StoreError::Taken { .. }) => return,
            Err(error) => panic!("an operator's request failed: {error}"),
        }
    }
}

fn guest(number: u64) -> SubscriptionSpec {
    let url = WebUrl::parse(&format!("https://guest{number}.example/")).unwrap();
    let endpoint = Endpoint::webhook(url, Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    SubscriptionSpec::new(format!("guest {number}"), endpoint, Filter::default())
}

fn other_topic(query: &str) -> TopicSpec {
    TopicSpec {
        key: TopicKey::parse(OTHER_TOPIC).unwrap(),
        name: "Weather".to_owned(),
        query: query.to_owned(),
        fresh: Duration::from_hours(24),
        stale: Duration::from_hours(168),
        span: TopicSpan::default(),
    }
}

/// Saves a topic, whether it is there or not.
fn save(store: &mut dyn Store, spec: &TopicSpec, now: Timestamp) -> Result<(), StoreError> {
    let saving = |over| Saving { by: "the operator".to_owned(), over, restores: None };
    if store.save_topic(spec, &saving(Over::Newest), now)?.is_err() {
        store.save_topic(spec, &saving(Over::Nothing), now)?.expect("it is new");
    }
    Ok(())
}

fn extra_source() -> SourceSpec {
    let bounds = (Duration::from_mins(2), Duration::from_mins(8));
    SourceSpec::feed(WebUrl::parse("https://p9.example/feed.xml").unwrap(), bounds)
}

/// Puts something right on the other topic, if there is anything.
fn correct(store: &mut dyn Store, kind: u64, which: usize, now: Timestamp) -> Result<(), StoreError> {
    let topic = TopicKey::parse(OTHER_TOPIC);
    let filter = EventFilter { topic: topic.clone(), limit: 10, ..EventFilter::default() };
    let events: Vec<EventId> = store.events(&filter)?.into_iter().map(|event| event.id).collect();
    let Some(event) = events.get(which % events.len().max(1)).copied() else { return Ok(()) };
    let stories: Vec<_> = store.event(event)?.map(|view| view.stories).unwrap_or_default();
    let Some(story) = stories.get(which % stories.len().max(1)).map(|(story, _)| story.id) else { return Ok(()) };
    let correction = match kind {
        0 => Correction::Merge { events },
        1 => Correction::Split { event, stories: vec![story], hush: Hush::Tell },
        _ => Correction::Mark { story, mark: Mark::OffTopic, topic, hush: Hush::Quiet },
    };
    // That it can't be done (one event, one story) is an answer.
    store.correct(&correction, now).map(|_| ())
}
