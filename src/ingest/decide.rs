//! Stories to decisions: which topic, known already, copy, which event, whom to tell, and why.
//!
//! Serial for a topic, in the order that stories were recorded. The decider changes its index as it goes, since a
//! story's verdict depends on the one before it in the same batch; when the commit that it returns can't be written,
//! the decider is thrown away and made anew from the store.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use crate::dedup::EventPolicy;
use crate::encode::{Compact, WIDTH};
use crate::model::{
    Arrival, Commit, Decision, Event, EventChange, EventId, Hearing, Hush, Label, Mark, NewEvent, NotificationType,
    ReadFor, Reason, Relevance, Ruling, SourceId, Stage, Story, StoryDraft, StoryId, Subscription, SubscriptionId,
    Telling, Topic, TopicKey,
};
use crate::text::StemCache;
use crate::topic::{Match, Matcher, StoryText, StoryTokens};

use super::audience::{Fitting, Queries};
use super::index::{Account, Index, OpenEvent};
use super::relevance::{Candidate, Scores, Standing};
use super::said::{Sayings, copy_of_rejected, off, reject, rule_as_said};
use super::shown::Shown;
use super::telling;
use super::update::{self, Arrived};

mod late;
mod opening;
mod reading;
mod ruling;

use opening::{opening_notice, scene, update_notice};
pub use reading::Reading;
pub(super) use ruling::rule;

/// The index is cleared of what is too old this often.
const EVICT_EVERY: Duration = Duration::from_mins(10);

/// A story to decide, with what was decided of its earlier revisions.
#[derive(Debug, Clone, PartialEq)]
pub struct Undecided {
    /// The story.
    pub story: Story,
    /// Decisions made before, in their order; empty for a new story.
    pub previous: Vec<Decision>,
    /// What operators said of it, in the order it was said.
    pub labels: Vec<Label>,
    /// Why its article page was asked for, if it was.
    pub read_for: Option<ReadFor>,
}

/// What a batch is decided in view of.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Topics that each source is held against; a source that is absent or has none is held against all.
    pub source_topics: &'a BTreeMap<SourceId, Vec<TopicKey>>,
    /// Who may be told.
    pub subscriptions: &'a [Subscription],
    /// What gives a story's meaning, where a model is installed.
    pub reader: Reader<'a>,
    /// For which stories the article page may be read before they are decided.
    pub reading: Reading<'a>,
    /// The moment of deciding.
    pub now: Timestamp,
    /// The same by what is believed of the clock: what is older than the policy keeps before that is forgotten.
    pub believed: Timestamp,
}

/// What gives a story's meaning: `None` for a story in a language that it doesn't know, or everywhere without a model.
#[derive(Clone, Copy, Default)]
pub struct Reader<'a>(pub Option<&'a Read<'a>>);

/// A story to what it means.
type Read<'a> = dyn Fn(&StoryDraft) -> Option<Compact> + 'a;

impl Reader<'_> {
    pub(super) fn meaning(self, draft: &StoryDraft) -> Option<Compact> {
        self.0.and_then(|read| read(draft))
    }
}

impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reader").field(&self.0.is_some()).finish()
    }
}

/// What a decider is made of: what the store holds. It takes up the stories afterwards, few at a time ([`Decider::take_up`]).
#[derive(Debug, Clone, Copy)]
pub struct Remembered<'a> {
    /// Events that the stories belong to.
    pub events: &'a [Event],
    /// Stories that operators marked as off a topic.
    pub off_topic: &'a [(StoryId, TopicKey)],
    /// Stories that operators said tell of different events.
    pub apart: &'a [(StoryId, StoryId, TopicKey)],
    /// What was learnt of topics.
    pub relevances: &'a [Relevance],
    /// The number for the next event.
    pub next_event: EventId,
    /// Who hears of which event.
    pub hearings: &'a [Hearing],
}

impl Remembered<'_> {
    /// Of a store that holds nothing.
    pub const NOTHING: Self =
        Remembered { events: &[], off_topic: &[], apart: &[], relevances: &[], next_event: EventId(1), hearings: &[] };
}

/// A decided story, as a decider takes it up again.
#[derive(Debug, Clone, PartialEq)]
pub struct Recalled {
    /// The story, as it was decided last.
    pub story: Story,
    /// Where it was put, in the order of decisions.
    pub places: Vec<Place>,
    /// Who was told of it inside its event, on which topic.
    pub told_to: Vec<(TopicKey, SubscriptionId)>,
    /// As what it opened its event, title and text, where it was edited since.
    pub opened_as: Option<(String, String)>,
    /// What it means, as bytes of [`Compact`]; of another length, or absent, it isn't known.
    pub meaning: Option<Vec<u8>>,
}

/// Where a decision put a story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// On which topic; on none, it was put nowhere.
    pub topic: Option<TopicKey>,
    /// In which event; in none where it is off the topic.
    pub event: Option<EventId>,
    /// As what.
    pub ruling: Ruling,
    /// When.
    pub decided_at: Timestamp,
    /// What subscribers were told by it then.
    pub told: Option<NotificationType>,
}

impl Recalled {
    /// Notes in the index what was heard by it.
    fn tell_again(&self, topic: &TopicKey, index: &mut Index) {
        const OPENED: NotificationType = NotificationType::EventOpened;
        let on_topic =
            || self.places.iter().filter(|place| place.topic.as_ref() == Some(topic) && place.told.is_some());
        // A story may have been decided as its event was told late to some, by it or by another.
        let opened = |place: &Place| {
            let told_at = || place.event.and_then(|event| index.event(event)).and_then(|event| event.told_at);
            place.told == Some(OPENED) && (place.ruling == Ruling::Opened || told_at() == Some(place.decided_at))
        };
        let (was_told, is_opening) = (on_topic().next().is_some(), on_topic().any(opened));
        if was_told {
            index.told_late(self.story.id);
        }
        if is_opening {
            index.told(self.story.id, OPENED, &[]);
        }
        if let Some((title, text)) = &self.opened_as {
            index.told_as(self.story.id, (title, text));
        }
        let takers: Vec<SubscriptionId> =
            self.told_to.iter().filter(|(on, _)| on == topic).map(|(_, to)| *to).collect();
        if !takers.is_empty() {
            index.told(self.story.id, NotificationType::EventUpdated, &takers);
        }
    }

    fn meaning(&self) -> Option<Compact> {
        let bytes: &[u8; WIDTH] = self.meaning.as_deref()?.try_into().ok()?;
        Some(Compact::from_bytes(bytes))
    }
}

/// The one that decides: topics, what it remembers of each, and the next event's number.
#[derive(Debug)]
pub struct Decider {
    topics: BTreeMap<TopicKey, Topic>,
    matcher: Matcher,
    indexes: BTreeMap<TopicKey, Index>,
    /// Stories that operators had marked as off a topic when it was made.
    off_topic: BTreeSet<(StoryId, TopicKey)>,
    /// Those stories, each as an event of its own: copies of theirs are off it too.
    rejected: BTreeMap<TopicKey, Index>,
    /// Stories that operators said tell of different events.
    apart: BTreeMap<TopicKey, Vec<(StoryId, StoryId)>>,
    scores: Scores,
    policy: EventPolicy,
    next_event: EventId,
    evicted_at: Option<Timestamp>,
    stems: StemCache,
    queries: Queries,
}

/// A ruling in the making: what the stages found so far.
pub(super) struct Found {
    pub(super) ruling: Ruling,
    pub(super) event: Option<EventId>,
    pub(super) score: f64,
    pub(super) reasons: Vec<Reason>,
}

/// What was decided of a story before it was edited.
struct Before<'a> {
    decision: &'a Decision,
    event: EventId,
    /// Whether subscribers were told of it.
    was_told: bool,
    /// The selective subscriptions that it fits as it is now.
    fitting: &'a Fitting,
}

/// What is told, and to whom.
struct Notice {
    kind: NotificationType,
    takers: Vec<SubscriptionId>,
    arrived: Option<Arrived>,
}

/// Why a story is on a topic, and what operators said of it.
struct Grounds<'a> {
    reasons: Vec<Reason>,
    said: Sayings<'a>,
    /// The selective subscriptions that it fits.
    fitting: &'a Fitting,
}

impl Decider {
    /// Makes a decider from what the store holds, that knows no story yet.
    pub fn new(topics: Vec<Topic>, matcher: Matcher, policy: EventPolicy, remembered: &Remembered<'_>) -> Self {
        let Remembered { events, next_event, .. } = *remembered;
        let mut apart: BTreeMap<TopicKey, Vec<(StoryId, StoryId)>> = BTreeMap::new();
        for (one, other, topic) in remembered.apart {
            apart.entry(topic.clone()).or_default().push((*one, *other));
        }
        let topics: BTreeMap<TopicKey, Topic> = topics.into_iter().map(|t| (t.spec.key.clone(), t)).collect();
        let mut indexes: BTreeMap<TopicKey, Index> =
            topics.keys().map(|key| (key.clone(), Index::asking(&matcher.asked(key)))).collect();
        for event in events.iter().filter(|event| event.merged_into.is_none()) {
            indexes.entry(event.topic.clone()).or_default().restore(event);
        }
        let mut decider = Self {
            topics,
            matcher,
            indexes,
            off_topic: remembered.off_topic.iter().cloned().collect(),
            rejected: BTreeMap::new(),
            apart,
            scores: Scores::of(remembered.relevances),
            policy,
            next_event,
            evicted_at: None,
            stems: StemCache::default(),
            queries: Queries::default(),
        };
        decider.hear(remembered.hearings);
        decider
    }

    /// Takes up decided stories again, oldest first.
    pub fn take_up(&mut self, stories: &[Recalled]) {
        for recalled in stories {
            let story = recalled.story.id;
            let account = Account::anew(&recalled.story, recalled.meaning(), &mut self.stems);
            // The last decision on a topic says where the story belongs; a correction keeps its first ruling's place.
            let mut placed: BTreeMap<&TopicKey, (EventId, Ruling, Timestamp)> = BTreeMap::new();
            for Place { topic, event, ruling, decided_at, told: _ } in &recalled.places {
                let Some(topic) = topic else { continue };
                let Some(event) = event else {
                    placed.remove(topic);
                    if self.off_topic.contains(&(story, topic.clone())) {
                        reject(self.rejected.entry(topic.clone()).or_default(), account.clone(), *decided_at);
                    }
                    continue;
                };
                let ruling = match (placed.get(topic), *ruling) {
                    (Some((_, first, _)), Ruling::Corrected) => *first,
                    (_, ruling) => ruling,
                };
                placed.insert(topic, (*event, ruling, *decided_at));
            }
            let (mut account, mut placed) = (Some(account), placed.into_iter().peekable());
            while let Some((topic, (event, ruling, at))) = placed.next() {
                let own = if placed.peek().is_some() { account.clone() } else { account.take() };
                if let (Some(index), Some(own)) = (self.indexes.get_mut(topic), own) {
                    index.join(event, own, ruling, at);
                    recalled.tell_again(topic, index);
                }
            }
        }
    }

    /// Takes up who hears of which event, in the place of what was known of it: filters changed.
    pub fn hear(&mut self, hearings: &[Hearing]) {
        let mut of_event: BTreeMap<EventId, Vec<Hearing>> = BTreeMap::new();
        for hearing in hearings {
            of_event.entry(hearing.event).or_default().push(*hearing);
        }
        self.indexes.values_mut().for_each(|index| index.hear(&of_event));
    }

    /// How many events and stories it remembers.
    pub fn remembered(&self) -> (usize, usize) {
        self.indexes.values().fold((0, 0), |(e, s), index| (e + index.events(), s + index.stories()))
    }

    pub(super) fn index(&self, topic: &TopicKey) -> Option<&Index> {
        self.indexes.get(topic)
    }

    /// Decides a batch, in order.
    pub fn decide(&mut self, batch: &[Undecided], context: &Context<'_>) -> Commit {
        self.evict(context.believed);
        let mut commit = Commit::default();
        for undecided in batch {
            self.decide_story(undecided, context, &mut commit);
        }
        commit
    }

    /// Forgets what is older than the policy keeps. It goes through all events, so not for every batch.
    fn evict(&mut self, now: Timestamp) {
        if self.evicted_at.is_some_and(|last| now.duration_since(last).unsigned_abs() < EVICT_EVERY) {
            return;
        }
        self.evicted_at = Some(now);
        let keep = self.policy.keep.max(self.policy.window);
        if let Ok(before) = now.checked_sub(keep) {
            for index in self.indexes.values_mut() {
                index.evict(before);
            }
        }
    }

    fn decide_story(&mut self, undecided: &Undecided, context: &Context<'_>, commit: &mut Commit) {
        let story = &undecided.story;
        let tokens = StoryTokens::with(StoryText::from(&story.draft), &mut self.stems);
        let wanted = context.source_topics.get(&story.source).filter(|topics| !topics.is_empty());
        let meaning = LazyCell::new(|| context.reader.meaning(&story.draft));
        let standings = self.standings(&Candidate { story, tokens: &tokens, meaning: &|| (*meaning).clone() }, wanted);
        let before: BTreeMap<&TopicKey, &Decision> =
            undecided.previous.iter().filter_map(|d| Some((d.topic.as_ref()?, d))).collect();
        let said = Sayings(&undecided.labels);
        let mut topics: BTreeSet<TopicKey> = standings.keys().chain(before.keys().copied()).cloned().collect();
        topics.extend(said.on_topics().cloned());
        if topics.is_empty() {
            // Most stories: nothing is compared, so nothing is made comparable.
            if let Some(wanted) = self.to_read(undecided, &tokens, wanted, context, commit) {
                commit.to_read.push(wanted);
            } else {
                commit.decisions.push(self.off_topic(undecided, wanted, context.now));
            }
            return;
        }
        let meaning = (*meaning).clone();
        commit.meanings.extend(meaning.as_ref().map(|meaning| (story.id, meaning.to_bytes().to_vec())));
        let account = Account::of(story, &tokens, meaning);
        let fitting = self.queries.fitting(Shown::from(&story.draft), &tokens, context.subscriptions);
        let decided = commit.decisions.len();
        let (mut account, mut topics) = (Some(account), topics.into_iter().peekable());
        while let Some(topic) = topics.next() {
            // Most stories are on one topic: what is made for the last is given away.
            let Some(account) = (if topics.peek().is_some() { account.clone() } else { account.take() }) else { break };
            let mark = said.mark(&topic).map(|(mark, _)| mark);
            if mark == Some(Mark::OffTopic) {
                self.leave_off(&topic, account, context.now, commit);
                continue;
            }
            let standing = standings.get(&topic);
            if let Some((decision, event)) = before.get(&topic).and_then(|d| d.event.map(|event| (*d, event))) {
                let still_on_topic = matches!(standing, Some(Standing::On(_))) || mark.is_some();
                let told = |d: &Decision| d.topic.as_ref() == Some(&topic) && d.telling != Telling::Silent;
                let was_told = undecided.previous.iter().any(told);
                let before = Before { decision, event, was_told, fitting: &fitting };
                self.correct(&topic, account, &before, still_on_topic, context, commit);
                continue;
            }
            let reasons = match (standing, mark) {
                (Some(Standing::Off(reasons)), None) => {
                    commit.decisions.push(off((story.id, story.revision), &topic, reasons.clone(), context.now));
                    continue;
                }
                (Some(standing), _) => standing.reasons().to_vec(),
                (None, Some(Mark::OnTopic)) => vec![reason(Stage::Operator, "on the topic".to_owned(), &[], None)],
                (None, Some(Mark::OffTopic) | None) => continue,
            };
            let reasons = [reasons, reading::reasons(undecided)].concat();
            self.place(&topic, story, account, Grounds { reasons, said, fitting: &fitting }, context, commit);
        }
        if commit.decisions.len() == decided {
            commit.decisions.push(self.off_topic(undecided, wanted, context.now));
        }
    }

    /// How a story stands with the topics that its source is held against. Most stories fulfil no query, and come near to none
    /// of which a score was learnt.
    fn standings(&self, candidate: &Candidate<'_>, wanted: Option<&Vec<TopicKey>>) -> BTreeMap<TopicKey, Standing> {
        let found = self.matcher.matches_tokens(candidate.tokens);
        let found: BTreeMap<&TopicKey, &Match> = found.iter().map(|m| (&m.topic, m)).collect();
        let topics: BTreeSet<&TopicKey> = found.keys().copied().chain(self.scores.topics()).collect();
        let standing = |key: &TopicKey| {
            let topic = self.topics.get(key).filter(|_| wanted.is_none_or(|wanted| wanted.contains(key)))?;
            let standing = candidate.standing(topic, found.get(key).copied(), (&self.scores, &self.matcher))?;
            Some((key.clone(), standing))
        };
        topics.into_iter().filter_map(standing).collect()
    }

    /// A story that an operator marked as off the topic, in other words now: copies of these are off it from now on.
    fn leave_off(&mut self, topic: &TopicKey, account: Account, now: Timestamp, commit: &mut Commit) {
        let why = reason(Stage::Operator, "off the topic, as was said of an earlier version".to_owned(), &[], None);
        commit.decisions.push(off((account.story, account.revision), topic, vec![why], now));
        reject(self.rejected.entry(topic.clone()).or_default(), account, now);
    }

    fn off_topic(&self, undecided: &Undecided, wanted: Option<&Vec<TopicKey>>, now: Timestamp) -> Decision {
        let story = &undecided.story;
        let text = match wanted {
            Some(wanted) => self.none_of(wanted),
            None => match self.topics.len() {
                0 => "no topic is declared".to_owned(),
                1 => "it doesn't match the topic's query".to_owned(),
                n => format!("it matches none of {n} topics' queries"),
            },
        };
        Decision {
            story: story.id,
            revision: story.revision,
            topic: None,
            ruling: Ruling::OffTopic,
            event: None,
            score: 0.0,
            telling: Telling::Silent,
            reasons: [vec![reason(Stage::Topic, text, &[], None)], reading::reasons(undecided)].concat(),
            decided_at: now,
        }
    }

    /// Why a story is on none of the topics that its source is held against alone.
    fn none_of(&self, wanted: &[TopicKey]) -> String {
        let (here, gone): (Vec<&TopicKey>, Vec<&TopicKey>) =
            wanted.iter().partition(|key| self.topics.contains_key(*key));
        let held = match here.as_slice() {
            [] => return format!("its source is held against {} alone", with_gone(&gone)),
            [topic] => format!("it doesn't match the query of {topic}, which alone its source is held against"),
            _ => format!("it matches none of the queries that its source is held against ({})", named(&here)),
        };
        if gone.is_empty() { held } else { format!("{held}, besides {}", with_gone(&gone)) }
    }

    /// A new story on a topic: known already, copy, event; then whether it is told.
    fn place(
        &mut self,
        topic: &TopicKey,
        story: &Story,
        account: Account,
        grounds: Grounds<'_>,
        context: &Context<'_>,
        commit: &mut Commit,
    ) {
        let Some(spec) = self.topics.get(topic).map(|t| t.spec.clone()) else { return };
        let policy = self.policy;
        let mark = grounds.said.mark(topic);
        if mark.is_none()
            && let Some(why) = self.rejected.get(topic).and_then(|index| copy_of_rejected(index, &account, &policy))
        {
            let reasons = [grounds.reasons, vec![why]].concat();
            commit.decisions.push(off((story.id, story.revision), topic, reasons, context.now));
            return;
        }
        let index = self.indexes.entry(topic.clone()).or_default();
        let mut place = rule_as_said(index, &account, &policy, topic, grounds.said);
        place.reasons.splice(0..0, grounds.reasons);

        let (may_tell, why_not) = match mark {
            Some((_, Hush::Quiet)) => (false, ("was put on the topic by an operator, quietly".to_owned(), None)),
            Some((_, Hush::Tell)) | None => timely(story, spec.fresh, spec.stale, context.now),
        };
        let id = place.event.unwrap_or(self.next_event);
        let opens = place.event.is_none();
        let known = index.event(id).map(|e| (e.was_told(), e.is_carried_by(account.kept.publisher())));
        if opens {
            self.next_event = EventId(self.next_event.0.saturating_add(1));
            index.open(id, account, context.now);
        } else {
            index.join(id, account, place.ruling, context.now);
        }
        let is_repeat = place.ruling.copy_of().is_some();
        let of = (id, story.id);
        let arrived = known
            .filter(|(told, _)| *told)
            .map(|(_, had)| update::joined(index, of, (!had, is_repeat), context.subscriptions));
        place.reasons.extend(arrived.iter().flat_map(Arrived::reasons));
        let scene = scene(topic, index, (id, story.id), grounds.fitting, context);
        let notice = match (arrived, is_repeat) {
            _ if !may_tell => None,
            (Some(arrived), _) => update_notice(&scene, Shown::from(&story.draft), arrived, index, commit),
            (None, false) => Some(opening_notice(&scene, index, commit)),
            (None, true) => None,
        };
        let kind = notice.as_ref().map(|notice| notice.kind);
        place.reasons.push(telling_reason(kind, why_not, place.ruling, known.map(|(told, _)| told)));
        let told_first = kind == Some(NotificationType::EventOpened);
        if told_first && let Some(event) = index.event_mut(id) {
            event.told_at = Some(context.now);
        }
        let telling = self.tell(&spec.key, notice, (id, story.id), &place.reasons, context, commit);
        let told_at = told_first.then_some(context.now);
        if opens {
            commit.opened.push(NewEvent {
                id,
                topic: topic.clone(),
                title: story.draft.title.clone(),
                first_story: story.id,
                opened_at: context.now,
                told_at,
            });
        } else {
            commit.changed.push(EventChange { id, changed_at: context.now, told_at, retitled: None });
        }
        commit.decisions.push(Decision {
            story: story.id,
            revision: story.revision,
            topic: Some(topic.clone()),
            ruling: place.ruling,
            event: Some(id),
            score: place.score,
            telling,
            reasons: place.reasons,
            decided_at: context.now,
        });
        if place.ruling == Ruling::Joined {
            self.merge_grown(topic, id, story.draft.lang.as_deref().unwrap_or_default(), context, commit);
        }
        if may_tell {
            self.open_late(topic, story.id, grounds.fitting, context, commit);
        }
    }

    /// A known story whose words changed: it stays where it is, and a told event's readers hear of a new title.
    fn correct(
        &mut self,
        topic: &TopicKey,
        account: Account,
        before: &Before<'_>,
        still_on_topic: bool,
        context: &Context<'_>,
        commit: &mut Commit,
    ) {
        let (story, revision) = (account.story, account.revision);
        let index = self.indexes.entry(topic.clone()).or_default();
        // Its event may have gone into another in this very batch.
        let event = index.member(story).map_or(before.event, |member| member.event);
        let old = index.member(story).map(|m| (m.account.kept.clone(), m.ruling));
        let told = index.event(event).is_some_and(OpenEvent::was_told);
        let mut reasons =
            vec![reason(Stage::Identity, "a later version of a story known already".to_owned(), &[], Some(story))];
        if !still_on_topic {
            reasons.push(reason(
                Stage::Topic,
                "it no longer matches the query; it stays with its event".to_owned(),
                &[],
                None,
            ));
        }
        let may_tell = told && old.as_ref().is_some_and(|(_, ruling)| ruling.copy_of().is_none());
        let arrived = old
            .as_ref()
            .filter(|_| may_tell)
            .map(|(old, _)| update::corrected(old.shown(), account.kept.shown(), before.was_told));
        reasons.extend(arrived.iter().flat_map(Arrived::reasons));
        // Who asked for what the story said hears that it says it no longer.
        let mut fitting = before.fitting.clone();
        if let Some((old, _)) = old.as_ref().filter(|_| may_tell) {
            fitting.extend(self.queries.fitting_anew(old.shown(), context.subscriptions));
        }
        let seen = scene(topic, index, (event, story), &fitting, context);
        let notice = arrived.and_then(|arrived| update_notice(&seen, account.kept.shown(), arrived, index, commit));
        let text = match (&old, may_tell, &notice) {
            (_, _, Some(_)) => "told as a correction",
            (None, _, None) => "its event has left the window: not told",
            (Some(_), false, None) => "its event was never told, or it is a copy: not told",
            (Some(_), true, None) => "nobody wants to hear of this correction: not told",
        };
        reasons.push(reason(Stage::Tell, text.to_owned(), &[], None));
        let old_title = old.as_ref().map(|(old, _)| old.title().to_owned());
        let ruling = old.map_or(before.decision.ruling, |(_, ruling)| ruling);
        let retitled = index.retitle(event, old_title.as_deref(), &account);
        index.join(event, account, ruling, context.now);
        let telling = self.tell(topic, notice, (event, story), &reasons, context, commit);
        commit.changed.push(EventChange { id: event, changed_at: context.now, told_at: None, retitled });
        commit.decisions.push(Decision {
            story,
            revision,
            topic: Some(topic.clone()),
            ruling: Ruling::Corrected,
            event: Some(event),
            score: before.decision.score,
            telling,
            reasons,
            decided_at: context.now,
        });
        if may_tell {
            self.open_late(topic, story, before.fitting, context, commit);
        }
    }

    /// Makes the notification, if one is due. (An opening is made even with no taker: it is what a later replay or a
    /// feed out shows.)
    fn tell(
        &mut self,
        topic: &TopicKey,
        notice: Option<Notice>,
        (event, story): (EventId, StoryId),
        reasons: &[Reason],
        context: &Context<'_>,
        commit: &mut Commit,
    ) -> Telling {
        let (Some(notice), Some(spec)) = (notice, self.topics.get(topic)) else { return Telling::Silent };
        let Some(index) = self.indexes.get(topic) else { return Telling::Silent };
        let (why, changes) = match &notice.arrived {
            Some(arrived) => (arrived.why(), arrived.changes.as_slice()),
            None => ("opened", &[][..]),
        };
        let told = (notice.kind, why);
        let Some(occasion) =
            telling::occasion(told, &spec.spec, index, (event, story), (reasons, changes), context.now)
        else {
            return Telling::Silent;
        };
        let notification = telling::notification(&occasion);
        if let Some(index) = self.indexes.get_mut(topic) {
            index.told(story, notice.kind, &notice.takers);
        }
        commit.notifications.push((notification, notice.takers));
        Telling::Told(notice.kind)
    }
}

fn named(topics: &[&TopicKey]) -> String {
    topics.iter().map(|key| key.as_str()).collect::<Vec<_>>().join(", ")
}

/// Topics that are in force no more.
fn with_gone(topics: &[&TopicKey]) -> String {
    format!("{} ({})", named(topics), if topics.len() == 1 { "which is gone" } else { "which are gone" })
}

pub(super) fn reason(stage: Stage, text: String, numbers: &[(&'static str, f64)], story: Option<StoryId>) -> Reason {
    Reason { stage, text, numbers: numbers.to_vec(), story }
}

/// Whether a story is new enough to be told, with the reason and the age in hours.
fn timely(story: &Story, fresh: Duration, stale: Duration, now: Timestamp) -> (bool, (String, Option<f64>)) {
    let age = story.draft.published.map(|at| now.duration_since(at));
    let hours = age.map(|a| a.as_secs_f64() / 3600.0);
    let within = |limit: Duration| age.is_some_and(|a| a.is_negative() || a.unsigned_abs() <= limit);
    match story.arrival {
        Arrival::FirstPoll if within(fresh) => (true, ("in the source's first poll, but fresh".to_owned(), hours)),
        Arrival::FirstPoll => (false, ("stood in the source's first poll and is not fresh".to_owned(), hours)),
        Arrival::Later if age.is_none() || within(stale) => (true, ("new at its source".to_owned(), hours)),
        Arrival::Later => (false, ("new at its source, but published too long ago".to_owned(), hours)),
    }
}

fn telling_reason(
    kind: Option<NotificationType>,
    (timely, hours): (String, Option<f64>),
    ruling: Ruling,
    event_told: Option<bool>,
) -> Reason {
    let text = match (kind, ruling.copy_of(), event_told) {
        (Some(NotificationType::EventOpened), _, Some(false)) => {
            format!("told: {timely}; the event was known but never told")
        }
        (Some(NotificationType::EventUpdated), _, _) => format!("told as an update: {timely}"),
        (Some(_), _, _) => format!("told: {timely}"),
        (None, Some(_), _) => "not told: a copy tells nothing new".to_owned(),
        (None, None, Some(true)) if ruling == Ruling::Joined => {
            format!("not told anew: its event was told already ({timely})")
        }
        (None, None, _) => {
            let is = if timely.starts_with("new ") || timely.starts_with("in ") { "is " } else { "" };
            format!("not told: it {is}{timely}")
        }
    };
    let numbers: Vec<(&'static str, f64)> = hours.map(|h| ("age_hours", h)).into_iter().collect();
    Reason { stage: Stage::Tell, text, numbers, story: None }
}
