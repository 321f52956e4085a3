//! Who hears of an event by which of its stories.
//!
//! A subscription that asks more than a topic (a query of its own, languages, publishers, so many publishers) hears of
//! an event when a story of it fits and enough publishers carry it: by the event's opening, if that is so then, else
//! later, when others were told long ago. Once: what it was told is kept in the store beside the event.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::deliver::story_fits;
use crate::model::{
    EventId, Filter, Hearing, NotificationType, StoryId, Subscription, SubscriptionId, TopicKey, Updates,
};
use crate::topic::{Query, StoryText, StoryTokens};

use super::shown::Shown;

/// Parsed queries that are kept; beyond, all are parsed anew.
const QUERIES_MAX: usize = 10_000;

/// How a selective subscription stands with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hears {
    /// This story fits; too few publishers carry the event.
    When(StoryId),
    /// It was told, by this story.
    Told(StoryId),
}

impl Hears {
    fn is_told(self) -> bool {
        matches!(self, Self::Told(_))
    }
}

/// The selective subscriptions that a story of the event fits, and who was told that so many publishers carry it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Audience {
    hears: BTreeMap<SubscriptionId, Hears>,
    counted: BTreeSet<SubscriptionId>,
}

/// Selective subscriptions that a story fits.
pub(super) type Fitting = BTreeSet<SubscriptionId>;

/// Queries of subscriptions, each parsed once.
#[derive(Debug, Default)]
pub(super) struct Queries(BTreeMap<String, Option<Query>>);

impl Queries {
    /// The selective subscriptions that a story fits, whatever its topic.
    pub(super) fn fitting(
        &mut self,
        Shown { lang, publisher, .. }: Shown<'_>,
        tokens: &StoryTokens<'_>,
        subscriptions: &[Subscription],
    ) -> Fitting {
        let selective = subscriptions.iter().filter(|subscription| subscription.spec.filter.is_selective());
        let fits = |filter: &Filter| {
            story_fits(filter, lang, Some(publisher))
                && filter.query.as_deref().is_none_or(|query| self.holds(query, tokens))
        };
        fitting_of(selective, fits)
    }

    /// The same, of a story that isn't taken apart.
    pub(super) fn fitting_anew(&mut self, shown: Shown<'_>, subscriptions: &[Subscription]) -> Fitting {
        if subscriptions.iter().all(|subscription| !subscription.spec.filter.is_selective()) {
            return Fitting::new();
        }
        self.fitting(shown, &StoryTokens::of(StoryText::from(shown)), subscriptions)
    }

    /// A query that can't be read matches nothing: it was checked when it was declared, by an older version perhaps.
    fn holds(&mut self, query: &str, tokens: &StoryTokens<'_>) -> bool {
        if !self.0.contains_key(query) {
            if self.0.len() >= QUERIES_MAX {
                self.0.clear();
            }
            self.0.insert(query.to_owned(), Query::parse(query).ok());
        }
        self.0.get(query).and_then(Option::as_ref).is_some_and(|query| query.holds(tokens))
    }
}

fn fitting_of<'a>(selective: impl Iterator<Item = &'a Subscription>, mut fits: impl FnMut(&Filter) -> bool) -> Fitting {
    selective.filter(|subscription| fits(&subscription.spec.filter)).map(|subscription| subscription.id).collect()
}

/// A story in an event, as those see it who may hear of it.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) topic: &'a TopicKey,
    pub(super) event: EventId,
    pub(super) story: StoryId,
    /// The selective subscriptions that the story fits.
    pub(super) fitting: &'a Fitting,
    /// How many publishers carry the event.
    pub(super) publishers: usize,
    /// When the event was told.
    pub(super) told_at: Option<Timestamp>,
    pub(super) subscriptions: &'a [Subscription],
}

impl Scene<'_> {
    fn hearing(&self, subscription: SubscriptionId, hears: Hears) -> Hearing {
        let (story, told) = match hears {
            Hears::When(story) => (story, false),
            Hears::Told(story) => (story, true),
        };
        Hearing { event: self.event, subscription, story, told, counted: false }
    }
}

impl Audience {
    /// Takes up what the store keeps.
    pub(super) fn restore(&mut self, hearing: &Hearing) {
        let hears = if hearing.told { Hears::Told(hearing.story) } else { Hears::When(hearing.story) };
        self.hears.insert(hearing.subscription, hears);
        self.counted.extend(hearing.counted.then_some(hearing.subscription));
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes in that of an event which went into this one.
    pub(super) fn absorb(&mut self, gone: Self) {
        self.counted.extend(gone.counted);
        for (subscription, hears) in gone.hears {
            let held = self.hears.entry(subscription).or_insert(hears);
            if !held.is_told() && hears.is_told() {
                *held = hears;
            }
        }
    }

    /// The story by which a selective subscription was told of the event.
    pub(super) fn told_by(&self, subscription: SubscriptionId) -> Option<StoryId> {
        match self.hears.get(&subscription) {
            Some(Hears::Told(story)) => Some(*story),
            Some(Hears::When(_)) | None => None,
        }
    }

    /// The stories by which selective subscriptions were told of the event.
    pub(super) fn telling(&self) -> BTreeSet<StoryId> {
        self.hears.keys().filter_map(|subscription| self.told_by(*subscription)).collect()
    }

    /// Those that were told.
    pub(super) fn told(&self) -> BTreeSet<SubscriptionId> {
        self.hears.iter().filter(|(_, hears)| hears.is_told()).map(|(subscription, _)| *subscription).collect()
    }

    /// Who is told that the event opens, and what is to be kept of it. An opening says too how many publishers carry the event.
    pub(super) fn opens(&mut self, scene: &Scene<'_>) -> (Vec<SubscriptionId>, Vec<Hearing>) {
        let (mut takers, mut hearings) = (Vec::new(), Vec::new());
        for subscription in listening(scene) {
            let (id, filter) = (subscription.id, &subscription.spec.filter);
            let is_reached = reaches(filter, scene.publishers);
            if !filter.is_selective() {
                takers.push(id);
                hearings.extend(is_reached.then(|| self.count_one(scene, id)));
            } else if scene.fitting.contains(&id) {
                let is_told = carried(filter, scene.publishers);
                let hears = if is_told { Hears::Told(scene.story) } else { Hears::When(scene.story) };
                if is_told {
                    takers.push(id);
                }
                self.hears.insert(id, hears);
                let is_counted = is_reached && is_told;
                hearings.push(if is_counted { self.count_one(scene, id) } else { scene.hearing(id, hears) });
            }
        }
        (takers, hearings)
    }

    /// Who is told only now that the event has opened, by which story each; and what is to be kept of it. `is_there`
    /// says whether a story is still in the event.
    pub(super) fn opens_late(
        &mut self,
        scene: &Scene<'_>,
        is_there: impl Fn(StoryId) -> bool,
    ) -> (BTreeMap<StoryId, Vec<SubscriptionId>>, Vec<Hearing>) {
        let (mut takers, mut hearings) = (BTreeMap::<StoryId, Vec<SubscriptionId>>::new(), Vec::new());
        for subscription in listening(scene).filter(|subscription| subscription.spec.filter.is_selective()) {
            let (id, filter) = (subscription.id, &subscription.spec.filter);
            let held = self.hears.get(&id).copied();
            let story = match held {
                Some(Hears::Told(_)) => continue,
                _ if scene.fitting.contains(&id) => scene.story,
                Some(Hears::When(story)) if is_there(story) => story,
                Some(Hears::When(_)) | None => continue,
            };
            let is_told = carried(filter, scene.publishers);
            let hears = if is_told { Hears::Told(story) } else { Hears::When(story) };
            if is_told {
                takers.entry(story).or_default().push(id);
            }
            if held != Some(hears) {
                self.hears.insert(id, hears);
                let is_counted = is_told && reaches(filter, scene.publishers);
                let hearing = if is_counted { self.count_one(scene, id) } else { scene.hearing(id, hears) };
                hearings.push(Hearing { story, ..hearing });
            }
        }
        (takers, hearings)
    }

    /// Whether a subscription wants to hear once that so many publishers carry the event, and has.
    pub(super) fn has_counted(&self, subscription: &Subscription) -> bool {
        matches!(subscription.spec.filter.updates, Updates::Publishers(_)) && self.counted.contains(&subscription.id)
    }

    /// Takes in who of these is told that so many publishers carry the event; gives what is to be kept of it.
    pub(super) fn count(&mut self, scene: &Scene<'_>, takers: &[SubscriptionId]) -> Vec<Hearing> {
        let counts = |s: &&Subscription| reaches(&s.spec.filter, scene.publishers) && takers.contains(&s.id);
        scene.subscriptions.iter().filter(counts).map(|subscription| self.count_one(scene, subscription.id)).collect()
    }

    fn count_one(&mut self, scene: &Scene<'_>, id: SubscriptionId) -> Hearing {
        self.counted.insert(id);
        let told = Hears::Told(self.told_by(id).unwrap_or(scene.story));
        self.hears.insert(id, told);
        Hearing { counted: true, ..scene.hearing(id, told) }
    }

    /// Whether a subscription hears what arrives inside the event: it fits, and it was told of the event, if it wants
    /// to be.
    pub(super) fn follows(&self, scene: &Scene<'_>, subscription: &Subscription) -> bool {
        let (id, filter) = (subscription.id, &subscription.spec.filter);
        let was_told = !filter.takes(NotificationType::EventOpened) || self.told_by(id).is_some();
        if !filter.is_selective() {
            // Of what was told before it was made it never heard.
            return !filter.takes(NotificationType::EventOpened)
                || scene.told_at.is_none_or(|told| subscription.created_at <= told);
        }
        scene.fitting.contains(&id) && carried(filter, scene.publishers) && was_told
    }
}

/// The subscriptions that want to hear of new events on the topic.
fn listening<'a>(scene: &Scene<'a>) -> impl Iterator<Item = &'a Subscription> {
    let topic = scene.topic;
    scene.subscriptions.iter().filter(move |subscription| {
        let filter = &subscription.spec.filter;
        filter.takes(NotificationType::EventOpened) && (filter.topics.is_empty() || filter.topics.contains(topic))
    })
}

fn carried(filter: &Filter, publishers: usize) -> bool {
    u32::try_from(publishers).unwrap_or(u32::MAX) >= filter.min_publishers
}

/// Whether so many publishers carry an event as the subscription asks to hear of.
fn reaches(filter: &Filter, publishers: usize) -> bool {
    matches!(filter.updates, Updates::Publishers(count) if u32::try_from(publishers).unwrap_or(u32::MAX) >= count)
}
