//! DECIDE: take undecided stories in order, decide them, commit what follows.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;

use crate::encode::Compact;
use crate::ingest::{Context, Decider, Reader, Reading, Undecided};
use crate::model::{
    Arrival, Commit, Decision, Filter, NotificationType, Ruling, SourceId, Stage, Story, StoryDraft, Subscription,
    SubscriptionId, Telling, Topic, TopicKey,
};
use crate::port::{Past, Store, StoreError};
use crate::topic::{Matcher, Query};
use crate::weights::Model;

use super::boost::{self, Booster};
use super::lifecycle::{refused, served, until};
use super::{Happening, LoopName, Parts, Prank, Step, Terms};

/// Stories of one batch: one commit, and at most some tens of milliseconds of work.
const BATCH: usize = 100;
/// Batches above this are decided on the blocking pool.
const INLINE_MAX: usize = 8;
/// What a topic's pages are counted over.
const DAY: Duration = Duration::from_hours(24);
/// Tries of one batch in a round before its error is told.
const DRAIN_TRIES: u32 = 3;
/// The wait after the store refused a commit.
const RETRY: Duration = Duration::from_secs(1);

/// What a batch is decided from, read in one go.
struct Work {
    batch: Vec<Undecided>,
    /// Read before all else: what a correction changes after that is noticed when the batch is committed.
    corrections: u64,
    /// Where they changed.
    subscriptions: Option<(u64, Vec<Subscription>)>,
    topics: Vec<Topic>,
    /// Of the batch's sources.
    source_topics: BTreeMap<SourceId, Vec<TopicKey>>,
    /// Pages of each topic that were asked for in the last day.
    asked: BTreeMap<TopicKey, usize>,
}

/// The loop's own state: the decider, thrown away when the store or the topics change under it.
struct Desk {
    parts: Parts,
    decider: Option<Decider>,
    /// How many corrections of operators the decider knows of.
    corrections: u64,
    topics: Vec<Topic>,
    /// Subscriptions, and how many changes of them this holds: there may be thousands.
    subscriptions: (u64, Arc<[Subscription]>),
    terms: Option<Arc<Terms>>,
    booster: Booster,
}

/// When a story came.
struct Came {
    published: Option<Timestamp>,
    seen_at: Timestamp,
    arrival: Arrival,
}

fn came(undecided: &Undecided) -> Came {
    let Story { draft, seen_at, arrival, .. } = &undecided.story;
    Came { published: draft.published, seen_at: *seen_at, arrival: *arrival }
}

/// Turns until `stop` is heard.
pub(super) async fn turn(parts: Parts, stop: super::lifecycle::Stop) -> anyhow::Result<()> {
    let mut desk = Desk::new(parts);
    while !stop.is_set() {
        desk.parts.status.turn(LoopName::Decide, desk.parts.clock.now());
        match desk.step().await {
            Ok(0) => {
                served(&desk.parts, LoopName::Decide);
                desk.parts.waits(LoopName::Decide, 0, desk.parts.max_wait());
                tokio::select! {
                    biased;
                    () = desk.parts.bells.decide.wait(desk.parts.max_wait()) => {}
                    () = stop.heard() => {}
                }
            }
            Ok(_) => served(&desk.parts, LoopName::Decide),
            Err(error) => {
                refused(&desk.parts, LoopName::Decide, &error);
                desk.decider = None;
                tokio::time::sleep(RETRY).await;
            }
        }
    }
    Ok(())
}

/// Decides all that is undecided, and returns. A commit that another process's decisions got in the way of is made
/// again from the store, a few times.
///
/// # Errors
/// When the store refuses.
pub(super) async fn drain(parts: Parts) -> anyhow::Result<()> {
    let mut desk = Desk::new(parts);
    let mut tries = 0;
    loop {
        match desk.step().await {
            Ok(0) => return Ok(()),
            Ok(_) => tries = 0,
            Err(error) if tries >= DRAIN_TRIES => return Err(error),
            Err(_) => {
                tries += 1;
                desk.decider = None;
            }
        }
    }
}

impl Desk {
    fn new(parts: Parts) -> Self {
        Self {
            parts,
            decider: None,
            corrections: 0,
            topics: Vec::new(),
            subscriptions: (0, Arc::default()),
            terms: None,
            booster: Booster::default(),
        }
    }

    /// Decides one batch; gives its size.
    async fn step(&mut self) -> anyhow::Result<usize> {
        let (changes, now) = (self.subscriptions.0, self.parts.clock.now());
        let day_ago = now.checked_sub(DAY).unwrap_or(Timestamp::MIN);
        let batch = if self.parts.mischief.strikes(Prank::ClaimsOne) { 1 } else { BATCH };
        let work = self.parts.keeper.read(move |store| gather(store, batch, changes, day_ago)).await;
        let work = work.context("claim undecided stories")?;
        if work.batch.is_empty() {
            return Ok(0);
        }
        if let Some((changes, subscriptions)) = work.subscriptions {
            self.refilter(changes, subscriptions).await?;
        }
        let terms = self.parts.terms();
        let stale_terms = self.terms.as_ref().is_none_or(|t| t.events != terms.events);
        let corrected = work.corrections != self.corrections;
        if self.parts.mischief.strikes(Prank::IndexForgotten) {
            self.decider = None;
        }
        if self.decider.is_none() || stale_terms || corrected || work.topics != self.topics {
            self.corrections = work.corrections;
            self.rebuild(work.topics, &terms).await?;
        }
        let Some(decider) = self.decider.take() else { return Ok(0) };
        let now = self.parts.clock.now();
        let size = work.batch.len();
        let came: Vec<_> = work.batch.iter().filter(|undecided| undecided.story.revision == 1).map(came).collect();
        let view = View {
            subscriptions: Arc::clone(&self.subscriptions.1),
            source_topics: work.source_topics,
            model: terms.model.clone(),
            pages_a_day: terms.loops.pages_a_day,
            asked: work.asked,
            now,
            believed: self.parts.reckoning.of(now),
        };
        let (decider, mut commit) = decide_somewhere(decider, work.batch, view).await?;
        commit.corrections = self.corrections;
        let joined = boost::joined(&commit);
        let told = tellings(&commit);
        let notified = !commit.notifications.is_empty() || !commit.late.is_empty();
        let to_read = !commit.to_read.is_empty();
        let commit = Arc::new(commit);
        let written = Arc::clone(&commit);
        let write = move |store: &mut dyn Store| store.commit_decisions(&written);
        let written = if notified { self.parts.keeper.tell(write).await } else { self.parts.keeper.write(write).await };
        match written {
            Ok(()) => self.decider = Some(decider),
            // An operator put something right meanwhile: the decider is thrown away, and the batch decided anew.
            Err(StoreError::Overtaken { .. }) => return Ok(size),
            Err(error) => return Err(error).context("commit decisions"),
        }
        if notified {
            self.parts.bells.told();
        }
        self.parts.bells.hub.ring();
        if !(commit.opened.is_empty() && commit.changed.is_empty() && commit.merged.is_empty()) {
            self.parts.bells.events.ring();
        }
        if to_read {
            self.parts.bells.poll.ring();
        }
        self.parts.status.decided(&commit);
        self.measure(&came);
        for happening in told {
            self.parts.happened(&happening);
        }
        if terms.loops.boost {
            self.booster.events(&self.parts, joined).await?;
        }
        Ok(size)
    }

    /// Measures how long stories took to come here and to be decided: those that a poll brought after its source's first.
    fn measure(&self, came: &[Came]) {
        let now = self.parts.clock.now();
        for Came { published, seen_at, arrival } in came {
            if *arrival == Arrival::Later {
                if let Some(published) = published {
                    self.parts.status.stepped(Step::Seen, until(*published, *seen_at));
                }
                self.parts.status.stepped(Step::Decided, until(*seen_at, now));
            }
        }
    }

    /// Takes up other subscriptions. Where their filters are others, what waited by them is no longer what the decider knows.
    async fn refilter(&mut self, changes: u64, subscriptions: Vec<Subscription>) -> anyhow::Result<()> {
        let selective = |s: &&Subscription| s.spec.filter.is_selective();
        let filters = |all: &[Subscription]| -> Vec<(SubscriptionId, Filter)> {
            all.iter().filter(selective).map(|s| (s.id, s.spec.filter.clone())).collect()
        };
        let same = filters(&self.subscriptions.1) == filters(&subscriptions);
        self.subscriptions = (changes, subscriptions.into());
        let Some(since) = self.terms.as_ref().map(|terms| self.past(terms.events.keep)) else { return Ok(()) };
        let (Some(decider), false) = (&mut self.decider, same) else { return Ok(()) };
        let hearings = self.parts.keeper.read(move |store| store.hearings(since)).await;
        decider.hear(&hearings.context("read who hears of which event")?);
        Ok(())
    }

    /// The moment so long ago, by what is believed: a clock that stands ahead for a minute makes no event forgotten.
    fn past(&self, keep: Duration) -> Timestamp {
        self.parts.reckoning.of(self.parts.clock.now()).checked_sub(keep).unwrap_or(Timestamp::MIN)
    }

    /// Makes the decider anew from the store.
    async fn rebuild(&mut self, topics: Vec<Topic>, terms: &Arc<Terms>) -> anyhow::Result<()> {
        let mut queries = Vec::new();
        for topic in &topics {
            let key = &topic.spec.key;
            if let Ok(query) = Query::parse(&topic.spec.query) {
                queries.push((key.clone(), query));
            } else {
                // Checked when it was declared; an older store may hold one that this version refuses.
                tracing::error!(topic.id = %key, "topic {key} matches nothing, as its query can't be read");
            }
        }
        let keep = terms.events.keep;
        let since = self.past(keep);
        let mut seed =
            self.parts.keeper.read(move |store| store.index_seed(since)).await.context("read the recent past")?;
        let mut decider = Decider::new(topics.clone(), Matcher::new(&queries), terms.events, &seed.remembered());
        // The decider has its own of them, and stories take their room.
        (seed.events, seed.hearings) = (Vec::new(), Vec::new());
        for some in seed.stories_at_once() {
            let some = some.to_vec();
            let recalled = self.parts.keeper.read(move |store| store.recall(&some)).await;
            decider.take_up(&recalled.context("read the stories of the recent past")?);
        }
        let (events, stories) = decider.remembered();
        tracing::debug!(topics = topics.len(), events, stories, "the decider is ready");
        self.decider = Some(decider);
        self.topics = topics;
        self.terms = Some(Arc::clone(terms));
        Ok(())
    }
}

/// Reads a batch with all that it is decided in view of: the topics of its own sources, of which there may be thousands in all;
/// subscriptions only where they have changed.
fn gather(store: &mut dyn Store, batch: usize, changes: u64, day_ago: Timestamp) -> Result<Work, StoreError> {
    let corrections = store.corrections()?;
    let stories = store.claim_undecided(batch)?;
    if stories.is_empty() {
        let (batch, topics) = (Vec::new(), Vec::new());
        return Ok(Work {
            batch,
            corrections,
            subscriptions: None,
            topics,
            source_topics: BTreeMap::new(),
            asked: BTreeMap::new(),
        });
    }
    let mut source_topics = BTreeMap::new();
    for story in &stories {
        if let Entry::Vacant(unknown) = source_topics.entry(story.source)
            && let Some(source) = store.source(story.source)?
        {
            unknown.insert(source.spec.topics);
        }
    }
    let pasts = store.past(&stories)?;
    let undecided = |(story, past): (Story, Past)| {
        let Past { decisions: previous, labels, read_for } = past;
        Undecided { story, previous, labels, read_for }
    };
    let batch = stories.into_iter().zip(pasts).map(undecided).collect();
    let (subscriptions, topics) = (store.subscriptions_unless(changes)?, store.topics()?);
    let asked = store.readings(day_ago)?;
    Ok(Work { batch, corrections, subscriptions, topics, source_topics, asked })
}

/// What a batch is decided in view of, to be handed to another thread.
struct View {
    subscriptions: Arc<[Subscription]>,
    source_topics: BTreeMap<SourceId, Vec<TopicKey>>,
    model: Option<Arc<Model>>,
    pages_a_day: usize,
    asked: BTreeMap<TopicKey, usize>,
    now: Timestamp,
    believed: Timestamp,
}

/// Decides few stories here and many on the blocking pool; there too where each takes a model two milliseconds.
async fn decide_somewhere(
    mut decider: Decider,
    batch: Vec<Undecided>,
    view: View,
) -> anyhow::Result<(Decider, Commit)> {
    let is_small = batch.len() <= INLINE_MAX && view.model.is_none();
    let work = move || {
        let read = view.model.as_deref().map(|model| move |draft: &StoryDraft| meaning(model, draft));
        let context = Context {
            source_topics: &view.source_topics,
            subscriptions: &view.subscriptions,
            reader: Reader(read.as_ref().map(|read| read as _)),
            reading: Reading { pages_a_day: view.pages_a_day, asked: &view.asked },
            now: view.now,
            believed: view.believed,
        };
        let commit = decider.decide(&batch, &context);
        (decider, commit)
    };
    Ok(if is_small { work() } else { tokio::task::spawn_blocking(work).await? })
}

/// What a story means; where the model can't say, words have to do.
fn meaning(model: &Model, draft: &StoryDraft) -> Option<Compact> {
    model.meaning(draft).unwrap_or_else(|error| {
        tracing::error!("a story is compared by its words alone, as the sentence model could not be read: {error}");
        None
    })
}

/// What the terminal hears of a commit.
fn tellings(commit: &Commit) -> Vec<Happening> {
    let told = commit
        .notifications
        .iter()
        .filter(|(n, _)| matches!(n.kind, NotificationType::EventOpened | NotificationType::EventUpdated))
        .map(|(notification, takers)| Happening::Told {
            notification: Box::new(notification.clone()),
            takers: takers.len(),
        });
    told.chain(untold(commit)).collect()
}

fn untold(commit: &Commit) -> Option<Happening> {
    let is_silent = |d: &&Decision| d.ruling == Ruling::Opened && d.telling == Telling::Silent;
    let silent: Vec<&Decision> = commit.decisions.iter().filter(is_silent).collect();
    let why = silent.first()?.reasons.iter().rev().find(|reason| reason.stage == Stage::Tell)?;
    let why = why.text.strip_prefix("not told: ").unwrap_or(&why.text).to_owned();
    Some(Happening::Untold { events: silent.len(), why })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EntryKey, PollOutcome, PollRecord, SourceHealth, SourceSpec, StoryChange, WebUrl};
    use crate::port::ClaimSources;
    use crate::store::SqliteStore;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + secs).unwrap()
    }

    fn source(topic: &str) -> SourceSpec {
        let url = WebUrl::parse("https://press.example/feed").unwrap();
        let topics = vec![TopicKey::parse(topic).unwrap()];
        SourceSpec { topics, ..SourceSpec::feed(url, (Duration::from_mins(1), Duration::from_mins(1))) }
    }

    /// Claims the source and has it bring a story.
    fn bring(store: &mut dyn Store, number: u128, now: Timestamp) {
        let due = ClaimSources {
            only: None,
            now,
            lease_until: now,
            limit: 1,
            per_domain: 1,
            slow_domains: 1,
            except_domains: Vec::new(),
        };
        let claim = store.claim_sources(&due).unwrap().remove(0);
        let draft = StoryDraft {
            keys: vec![EntryKey(number)],
            url: format!("https://press.example/{number}"),
            link: String::new(),
            publisher: "press.example".to_owned(),
            title: number.to_string(),
            text: String::new(),
            author: None,
            lang: None,
            published: None,
            fingerprint: 0,
        };
        let record = PollRecord {
            source: claim.source.id,
            fence: claim.fence,
            at: now,
            outcome: PollOutcome::Read { entries: 1 },
            took: Duration::ZERO,
            validators: None,
            moved_to: None,
            moving: None,
            layout: None,
            stories: [StoryChange::New { draft, fetch_article: false }].into(),
            first_poll: false,
            next_poll_at: now,
            pace: None,
            interval: Duration::from_mins(1),
            failures: 0,
            health: SourceHealth::Well,
            domain_pause: None,
            notices: Vec::new(),
        };
        store.record_poll(&record).unwrap();
    }

    #[test]
    fn a_batch_is_decided_by_the_topics_that_its_sources_have_now() {
        let mut opened = SqliteStore::in_memory().unwrap();
        let store: &mut dyn Store = &mut opened;
        let id = store.add_source(&source("before"), at(0)).unwrap();
        let topics = |store: &mut dyn Store| {
            let work = gather(store, 10, 0, at(-9)).unwrap();
            work.source_topics.into_iter().map(|(id, topics)| (id, topics[0].to_string())).collect::<Vec<_>>()
        };
        assert_eq!(topics(store), [], "no batch, no sources");
        bring(store, 1, at(3_600));
        assert_eq!(topics(store), [(id, "before".to_owned())]);

        assert!(store.change_source(id, &source("after"), at(3_700)).unwrap());
        bring(store, 2, at(7_200));
        assert_eq!(topics(store), [(id, "after".to_owned())]);
    }
}
