//! What another query of a topic would have told over stored stories: gained and lost against the saved one, what it just misses,
//! and how much a day.
//!
//! Stories come in one by one, so that whoever looks may stop between any two. Most are on neither query and are let go at once;
//! the few others are decided twice, by the same replay as `tidings backtest`, so the differences are those of two backtests
//! over the same stories: by the queries and days alone, without operators' marks, a learned score or a sentence model.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::dedup::EventPolicy;
use crate::model::{
    EventId, Origin, Source, SourceId, Story, StoryDraft, StoryId, Topic, TopicKey, TopicSpan, TopicSpec,
};
use crate::text::{StemCache, lead};
use crate::topic::{Matcher, Query, StoryText, StoryTokens};

use super::backtest::Replay;
use super::difference::{Side, differences, told};
use super::{Reader, Replayed};

/// Near misses that are shown; all are counted.
const NEAR_MAX: usize = 50;
/// Characters of a headline that are shown; a feed may bring a hundred thousand.
const TITLE_CHARS_MAX: usize = 300;
/// Days that are told apart at most.
const DAYS_MAX: usize = 400;

/// Stories that a preview looks through at most, the newest of those asked for: some seconds of work, and no more of them are held
/// in memory than are on either query.
pub const STORIES_MAX: usize = 50_000;

/// What would have been told.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// Stories that were held against the queries.
    pub stories: usize,
    /// How far it looked.
    pub extent: Extent,
    /// Whether there is a saved query to compare with.
    pub has_saved: bool,
    /// Events that both queries tell by the same story.
    pub both: usize,
    /// What one of them tells and the other doesn't, the newest story first.
    pub changes: Vec<Changed>,
    /// What the new query just misses.
    pub near: NearMisses,
    /// What is told a day, from the first day looked at to the last.
    pub days: Vec<DayCount>,
    /// What is told of stories published before the first day.
    pub earlier: Told,
}

/// How far a preview looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// The first moment asked for.
    pub since: Timestamp,
    /// The last.
    pub until: Timestamp,
    /// Stories looked through, those of sources that are held against other topics included.
    pub looked: usize,
    /// Stories first seen in that time.
    pub of: usize,
    /// When the first and the last that was looked at were seen.
    pub seen: Option<(Timestamp, Timestamp)>,
}

impl Extent {
    /// Whether some of the stories were not looked at.
    pub fn is_cut(&self) -> bool {
        self.looked < self.of
    }
}

/// What either query tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// The saved one.
    pub saved: usize,
    /// The one that is tried.
    pub tried: usize,
}

/// What is told on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayCount {
    /// The day, in UTC.
    pub day: Date,
    /// By either query.
    pub told: Told,
}

/// A story that one of the queries tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// Which.
    pub side: Side,
    /// The story that the event is told by.
    pub card: Card,
    /// Stories of the event, as that query has it.
    pub stories: usize,
    /// Why the other query doesn't tell it.
    pub why: String,
    /// The story by which the other query tells of an event that holds this one.
    pub instead: Option<Card>,
}

/// What the query that is tried just misses.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NearMisses {
    /// How many stories miss a single clause.
    pub count: usize,
    /// Which clause keeps out how many, those that keep out most first.
    pub clauses: Vec<(String, usize)>,
    /// The newest of them, each with the clause.
    pub newest: Vec<(Card, String)>,
}

/// What is shown of a story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Its number.
    pub id: StoryId,
    /// Its headline.
    pub title: String,
    /// Where it is read.
    pub address: String,
    /// Who published it.
    pub publisher: String,
    /// In which language.
    pub lang: Option<String>,
    /// When it was published, or seen where it doesn't say.
    pub at: Timestamp,
}

/// A preview under way.
#[derive(Debug)]
pub struct Previewer {
    key: TopicKey,
    saved: Option<Query>,
    tried: Query,
    span: TopicSpan,
    replays: (Replay, Replay),
    /// Sources that are held against other topics alone.
    elsewhere: BTreeSet<SourceId>,
    stems: StemCache,
    urls: BTreeSet<String>,
    stories: usize,
    looked: usize,
    seen: Option<(Timestamp, Timestamp)>,
    /// What was decided, by place.
    cards: BTreeMap<usize, Card>,
    near: VecDeque<(Card, String)>,
    near_clauses: BTreeMap<String, usize>,
}

impl Previewer {
    /// Begins: `tried` against what is saved, if anything is. A saved query that can't be read tells nothing.
    pub fn new(saved: Option<&TopicSpec>, (tried, query): (&TopicSpec, Query), policy: EventPolicy) -> Self {
        let saved = saved.and_then(|spec| Some((spec, Query::parse(&spec.query).ok()?)));
        let replay = |topic: Option<(&TopicSpec, &Query)>| {
            let topics = topic.map(|(spec, _)| Topic { spec: spec.clone(), origin: Origin::Api });
            let queries: Vec<_> = topic.map(|(spec, query)| (spec.key.clone(), query.clone())).into_iter().collect();
            Replay::new(topics.into_iter().collect(), Matcher::new(&queries), policy)
        };
        Self {
            replays: (replay(saved.as_ref().map(|(spec, query)| (*spec, query))), replay(Some((tried, &query)))),
            key: tried.key.clone(),
            saved: saved.map(|(_, query)| query),
            tried: query,
            span: tried.span,
            elsewhere: BTreeSet::new(),
            stems: StemCache::default(),
            urls: BTreeSet::new(),
            stories: 0,
            looked: 0,
            seen: None,
            cards: BTreeMap::new(),
            near: VecDeque::new(),
            near_clauses: BTreeMap::new(),
        }
    }

    /// Leaves out the stories of sources that are held against other topics alone.
    #[must_use]
    pub fn heeding(self, sources: &[Source]) -> Self {
        let key = &self.key;
        let others = sources.iter().filter(|s| !s.spec.topics.is_empty() && !s.spec.topics.contains(key));
        let elsewhere = others.map(|source| source.id).collect();
        Self { elsewhere, ..self }
    }

    /// How many stories it was given.
    pub fn looked(&self) -> usize {
        self.looked
    }

    /// Looks at the next story, in the order of their numbers.
    pub fn take(&mut self, story: Story) {
        self.looked += 1;
        self.seen = Some((self.seen.map_or(story.seen_at, |(first, _)| first), story.seen_at));
        if self.elsewhere.contains(&story.source) {
            return;
        }
        let place = self.stories;
        self.stories += 1;
        let at = story.draft.published.unwrap_or(story.seen_at);
        let draft = StoryDraft { published: Some(at), ..story.draft };
        // What repeats an address is decided with the first: it changes nothing.
        if !draft.url.is_empty() && !self.urls.insert(draft.url.clone()) {
            return;
        }
        let tokens = StoryTokens::with(StoryText::from(&draft), &mut self.stems);
        let is_tried = self.tried.holds(&tokens);
        if !is_tried && self.span.contains(at) {
            let nearness = self.tried.nearness(&tokens);
            if let Some(clause) = nearness.is_near_miss().then_some(nearness.missing).flatten() {
                self.miss(Card::of(story.id, &draft, at), clause);
            }
        }
        let is_saved = self.saved.as_ref().is_some_and(|query| query.holds(&tokens));
        let (saved, tried) = (&mut self.replays.0, &mut self.replays.1);
        if is_saved || is_tried {
            saved.take(place, &draft, Reader::default(), at);
            tried.take(place, &draft, Reader::default(), at);
            self.cards.insert(place, Card::of(story.id, &draft, at));
        } else {
            saved.pass(at);
            tried.pass(at);
        }
    }

    fn miss(&mut self, card: Card, clause: String) {
        *self.near_clauses.entry(clause.clone()).or_default() += 1;
        self.near.push_back((card, clause));
        if self.near.len() > NEAR_MAX {
            self.near.pop_front();
        }
    }

    /// What came of the stories taken, of `of` that were seen from `since` to `until`.
    pub fn end(self, (since, until): (Timestamp, Timestamp), of: usize) -> Preview {
        let has_saved = self.saved.is_some();
        let extent = Extent { since, until, looked: self.looked, of, seen: self.seen };
        let (saved, tried) = (self.replays.0.end(), self.replays.1.end());
        let (differences, both) = differences(&saved, &tried);
        let sizes = (sizes(&saved), sizes(&tried));
        let mut changes: Vec<Changed> = Vec::new();
        for difference in differences {
            let of = match difference.side {
                Side::Lost => &sizes.0,
                Side::Gained => &sizes.1,
            };
            let Some(card) = self.cards.get(&difference.place) else { continue };
            changes.push(Changed {
                side: difference.side,
                card: card.clone(),
                stories: of.get(&difference.place).copied().unwrap_or(1),
                why: difference.why,
                instead: difference.instead.and_then(|place| self.cards.get(&place)).cloned(),
            });
        }
        changes.reverse();
        let (days, earlier) = days(&self.cards, (&saved, &tried), (since, until));
        let count = self.near_clauses.values().sum();
        let mut clauses: Vec<(String, usize)> = self.near_clauses.into_iter().collect();
        clauses.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let newest = self.near.into_iter().rev().collect();
        let near = NearMisses { count, clauses, newest };
        Preview { stories: self.stories, extent, has_saved, both, changes, near, days, earlier }
    }
}

impl Preview {
    /// What either query tells in all.
    pub fn told(&self) -> Told {
        Told { saved: self.both + self.count(Side::Lost), tried: self.both + self.count(Side::Gained) }
    }

    /// How many are gained or lost.
    pub fn count(&self, side: Side) -> usize {
        self.changes.iter().filter(|changed| changed.side == side).count()
    }
}

impl Card {
    fn of(id: StoryId, draft: &StoryDraft, at: Timestamp) -> Self {
        Self {
            id,
            title: lead(&draft.title, TITLE_CHARS_MAX).to_owned(),
            address: if draft.link.is_empty() { &draft.url } else { &draft.link }.clone(),
            publisher: draft.publisher.clone(),
            lang: draft.lang.clone(),
            at,
        }
    }
}

/// How many stories the event has that a place tells of.
fn sizes(replayed: &[Replayed]) -> BTreeMap<usize, usize> {
    let mut events: BTreeMap<EventId, usize> = BTreeMap::new();
    for event in replayed.iter().flat_map(|one| &one.decisions).filter_map(|decision| decision.event) {
        *events.entry(event).or_default() += 1;
    }
    let size = |one: &Replayed| {
        let event = told(one).values().find_map(|decision| decision.event)?;
        Some((one.place, events.get(&event).copied()?))
    };
    replayed.iter().filter_map(size).collect()
}

fn days(
    cards: &BTreeMap<usize, Card>,
    (saved, tried): (&[Replayed], &[Replayed]),
    (since, until): (Timestamp, Timestamp),
) -> (Vec<DayCount>, Told) {
    let day = |at: Timestamp| at.to_zoned_datetime(TimeZone::UTC).date();
    let (first, last) = (day(since), day(until));
    let whole = last.series(jiff::Span::new().days(-1)).take_while(|day| *day >= first).take(DAYS_MAX);
    let mut days: BTreeMap<Date, Told> = whole.map(|day| (day, Told::default())).collect();
    let mut earlier = Told::default();
    let mut count = |replayed: &[Replayed], add: fn(&mut Told)| {
        for card in replayed.iter().filter(|one| !told(one).is_empty()).filter_map(|one| cards.get(&one.place)) {
            match days.get_mut(&day(card.at)) {
                Some(told) => add(told),
                // Dates of the future are as wrong as those long past, and count with them.
                None => add(&mut earlier),
            }
        }
    };
    count(saved, |told| told.saved += 1);
    count(tried, |told| told.tried += 1);
    (days.into_iter().map(|(day, told)| DayCount { day, told }).collect(), earlier)
}
