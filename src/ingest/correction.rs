//! Operators' corrections: events that are one, stories that tell of another, stories that are off topic or on it.
//!
//! Each gives a [`Repair`]: decisions that take the stories' places, what becomes of their events, and labels by which
//! the decider goes from then on. Nobody is told, with two exceptions: a split or a mark that asks for it, and the quiet
//! `event.merged` of those who want that type, where both events had been told.
//!
//! Copies go where their original goes: they are the same text.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::deliver::payload::MergedPayload;
use crate::model::{
    Corrected, Decision, EventChange, EventId, EventView, Hearing, Hush, Impossible, Label, Mark, NewEvent,
    NotificationType, Reason, Repair, Ruling, Said, Stage, Story, StoryId, StoryState, Subscription, SubscriptionId,
    TakenBack, Telling, Topic, TopicKey, TopicSpec, Withdrawn,
};

use super::audience::{self, Audience, Fitting, Queries};
use super::telling::{self, Occasion, Teller};

/// What a correction is made in view of.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The topics there are.
    pub topics: &'a [Topic],
    /// Who may be told.
    pub subscriptions: &'a [Subscription],
    /// The number for the next event.
    pub next_event: EventId,
    /// The moment of it.
    pub now: Timestamp,
    /// Who hears of the events that it is about.
    pub hearings: &'a [Hearing],
}

impl Scene<'_> {
    fn topic(&self, key: &TopicKey) -> Option<&TopicSpec> {
        self.topics.iter().map(|topic| &topic.spec).find(|spec| spec.key == *key)
    }

    /// As those see it who may hear of it.
    fn heard<'a>(&'a self, occasion: &Occasion<'a>, fitting: &'a Fitting) -> audience::Scene<'a> {
        audience::Scene {
            topic: &occasion.topic.key,
            event: occasion.event,
            story: occasion.cause.id,
            fitting,
            publishers: occasion.publishers,
            told_at: None,
            subscriptions: self.subscriptions,
        }
    }

    /// Whom was told of all of these events, of those that are selective.
    fn told_all(&self, events: &[EventId]) -> BTreeSet<SubscriptionId> {
        let told = |subscription: SubscriptionId, event: EventId| {
            self.hearings.iter().any(|h| h.told && h.subscription == subscription && h.event == event)
        };
        let all = self.subscriptions.iter().map(|subscription| subscription.id);
        all.filter(|id| events.iter().all(|event| told(*id, *event))).collect()
    }

    fn decision(
        &self,
        story: &Story,
        topic: &TopicKey,
        ruling: Ruling,
        event: Option<EventId>,
        why: Reason,
    ) -> Decision {
        Decision {
            story: story.id,
            revision: story.revision,
            topic: Some(topic.clone()),
            ruling,
            event,
            score: if event.is_some() { 1.0 } else { 0.0 },
            telling: Telling::Silent,
            reasons: vec![why],
            decided_at: self.now,
        }
    }

    fn label(&self, said: Said, topic: &TopicKey, story: StoryId, other: Option<StoryId>, hush: Hush) -> Label {
        Label { said, topic: topic.clone(), story, other, tell: hush == Hush::Tell, at: self.now }
    }
}

fn because(text: String, story: Option<StoryId>) -> Reason {
    Reason { stage: Stage::Operator, text, numbers: Vec::new(), story }
}

/// Makes events one: the later go into the earliest, with all their stories.
///
/// # Errors
/// Fewer than two, one that was merged already, or of two topics.
pub fn merge(views: &[EventView], scene: &Scene<'_>) -> Result<(Repair, Corrected), Impossible> {
    let mut views: Vec<&EventView> = views.iter().collect();
    views.sort_by_key(|view| view.event.id);
    views.dedup_by_key(|view| view.event.id);
    let [into, others @ ..] = views.as_slice() else { return Err(Impossible::TooFew) };
    if others.is_empty() {
        return Err(Impossible::TooFew);
    }
    let (id, topic, first) = (into.event.id, &into.event.topic, into.event.first_story);
    for view in &views {
        open(view)?;
        if view.event.topic != *topic {
            return Err(Impossible::Topics(id, topic.clone(), view.event.id, view.event.topic.clone()));
        }
    }
    let mut repair = Repair::default();
    let mut done = Corrected { event: Some(id), ..Corrected::default() };
    for view in others {
        let text = format!("event {} is the same as event {id} ({}): merged into it", view.event.id, into.event.title);
        for (story, decision) in &view.stories {
            let ruling = if decision.ruling.copy_of().is_some() { decision.ruling } else { Ruling::Joined };
            let why = because(text.clone(), Some(first));
            repair.decisions.push(scene.decision(story, topic, ruling, Some(id), why));
            if decision.ruling.copy_of().is_none() {
                repair.labels.push(scene.label(Said::Same, topic, story.id, Some(first), Hush::Quiet));
            }
            done.stories.push(story.id);
        }
        repair.merged.push((view.event.id, id));
        repair.changed.push(EventChange { id, changed_at: scene.now, told_at: view.event.told_at, retitled: None });
        done.emptied.push(view.event.id);
    }
    let all: BTreeSet<StoryId> = views.iter().flat_map(|view| ids(view)).collect();
    repair.withdrawn.push(Withdrawn { said: Said::Apart, topic: topic.clone(), of: all.clone(), with: all });
    let were_told: Vec<&EventView> = others.iter().copied().filter(|view| view.event.told_at.is_some()).collect();
    if into.event.told_at.is_some() && !were_told.is_empty() {
        tell_merged(into, &were_told, &views, scene, (&mut repair, &mut done));
    }
    Ok((repair, done))
}

fn tell_merged(
    into: &EventView,
    gone: &[&EventView],
    all: &[&EventView],
    scene: &Scene<'_>,
    (repair, done): (&mut Repair, &mut Corrected),
) {
    let mut stories: Vec<Teller<'_>> =
        all.iter().flat_map(|view| &view.stories).map(|(s, d)| Teller::of(s, d.ruling)).collect();
    stories.sort_by_key(|story| story.id);
    let first = |view: &EventView| view.event.first_story;
    let find = |id: StoryId| stories.iter().find(|story| story.id == id).copied();
    let (Some(topic), Some(cause)) = (scene.topic(&into.event.topic), find(first(into)).or(stories.first().copied()))
    else {
        return;
    };
    let reason = |v: &&EventView| because(format!("event {} is the same as this one", v.event.id), Some(first(v)));
    let reasons: Vec<Reason> = gone.iter().map(reason).collect();
    let occasion = Occasion {
        kind: NotificationType::EventMerged,
        why: "merged",
        topic,
        event: into.event.id,
        opened_at: into.event.opened_at,
        title: &into.event.title,
        cause,
        publishers: publishers(&stories),
        reasons: &reasons,
        changes: &[],
        merged: gone.iter().map(|v| MergedPayload { event: v.event.id, title: &v.event.title }).collect(),
        apart: gone.iter().filter_map(|v| find(first(v))).map(|story| story.name()).collect(),
        now: scene.now,
        stories,
    };
    let events: Vec<EventId> = gone.iter().map(|view| view.event.id).chain([into.event.id]).collect();
    let fitting = Queries::default().fitting_anew(cause.shown, scene.subscriptions);
    let takers = telling::merged_takers(&scene.heard(&occasion, &fitting), &scene.told_all(&events));
    done.told = takers.len();
    if !takers.is_empty() {
        repair.notifications.push((telling::notification(&occasion), takers));
    }
}

/// Takes stories out of an event, with their copies, into a new one.
///
/// The new event counts as told when the one that it comes from was: later stories join it without being told as new.
///
/// # Errors
/// A story that is not in the event, none, or all of them; an event that was merged.
pub fn split(
    view: &EventView,
    stories: &[StoryId],
    hush: Hush,
    scene: &Scene<'_>,
) -> Result<(Repair, Corrected), Impossible> {
    open(view)?;
    if stories.is_empty() {
        return Err(Impossible::NoneNamed);
    }
    let members: BTreeSet<StoryId> = ids(view).collect();
    if let Some(stranger) = stories.iter().find(|story| !members.contains(story)) {
        return Err(Impossible::NotIn(*stranger, view.event.id));
    }
    let leaving = with_copies(view, stories);
    if leaving.len() == members.len() {
        return Err(Impossible::All(view.event.id));
    }
    let (from, topic, id) = (view.event.id, &view.event.topic, scene.next_event);
    let mut repair = Repair::default();
    let mut done = Corrected { event: Some(id), stories: leaving.iter().copied().collect(), ..Corrected::default() };
    let stays = stay(view, &leaving, scene, &mut repair);

    let moved: Vec<&(Story, Decision)> = view.stories.iter().filter(|(s, _)| leaving.contains(&s.id)).collect();
    let copies_here = |decision: &Decision| decision.ruling.copy_of().is_some_and(|of| leaving.contains(&of));
    let Some((lead, _)) = moved.iter().find(|(_, d)| !copies_here(d)).or(moved.first()) else {
        return Err(Impossible::NoneNamed);
    };
    let text = format!("it tells of another event than event {from} ({}): split from it", view.event.title);
    let mut told = Vec::new();
    for (story, decision) in &moved {
        let ruling = if story.id == lead.id {
            Ruling::Opened
        } else if copies_here(decision) {
            decision.ruling
        } else {
            Ruling::Joined
        };
        repair.decisions.push(scene.decision(story, topic, ruling, Some(id), because(text.clone(), stays)));
        told.push(Teller::of(story, ruling));
    }
    let told_at = match hush {
        Hush::Quiet => view.event.told_at,
        Hush::Tell => Some(scene.now),
    };
    repair.opened.push(NewEvent {
        id,
        topic: topic.clone(),
        title: lead.draft.title.clone(),
        first_story: lead.id,
        opened_at: scene.now,
        told_at,
    });
    repair.heirs.extend((hush == Hush::Quiet).then_some((from, id)));
    let named: BTreeSet<StoryId> = stories.iter().copied().collect();
    for story in &named {
        repair.labels.push(scene.label(Said::Apart, topic, *story, stays, Hush::Quiet));
        if *story != lead.id {
            repair.labels.push(scene.label(Said::Same, topic, *story, Some(lead.id), Hush::Quiet));
        }
    }
    let remaining = members.difference(&leaving).copied().collect();
    repair.withdrawn.push(Withdrawn { said: Said::Same, topic: topic.clone(), of: leaving, with: remaining });
    if hush == Hush::Tell
        && let Some(spec) = scene.topic(topic)
    {
        let reasons = [because(text, stays)];
        let occasion = Occasion {
            kind: NotificationType::EventOpened,
            why: "opened",
            topic: spec,
            event: id,
            opened_at: scene.now,
            title: &lead.draft.title,
            cause: Teller::of(lead, Ruling::Opened),
            publishers: publishers(&told),
            reasons: &reasons,
            changes: &[],
            merged: Vec::new(),
            apart: Vec::new(),
            now: scene.now,
            stories: told,
        };
        tell_opened(&mut repair, &mut done, &occasion, scene);
    }
    Ok((repair, done))
}

/// Takes a story off a topic, or off all that it is on, with its copies; or puts it on one: back into the event of that topic that it was
/// in, else it is decided anew.
///
/// `places` are the events that it is in, `former` those that it was in last, one a topic, or what they went into since. `past` is what was
/// decided of it.
///
/// # Errors
/// A story that is undecided; a topic that isn't there, or must be named.
pub fn mark(
    (story, past): (&Story, &[Decision]),
    (places, former): (&[EventView], &[EventView]),
    (mark, hush): (Mark, Hush),
    topic: Option<&TopicKey>,
    scene: &Scene<'_>,
) -> Result<(Repair, Corrected), Impossible> {
    if story.state != StoryState::Decided {
        return Err(Impossible::Undecided(story.id));
    }
    if let Some(key) = topic.filter(|key| scene.topic(key).is_none()) {
        return Err(Impossible::NoTopic(key.clone()));
    }
    let on: BTreeSet<&TopicKey> = places.iter().map(|view| &view.event.topic).collect();
    let mut repair = Repair::default();
    let mut done = Corrected::default();
    match mark {
        Mark::OffTopic => {
            let topics: BTreeSet<&TopicKey> = topic.map_or(on, |named| BTreeSet::from([named]));
            if topics.is_empty() {
                return Err(Impossible::OnNone(story.id));
            }
            for key in topics {
                let view = places.iter().find(|view| view.event.topic == *key);
                take_off(story, (key, view), scene, &mut repair, &mut done);
            }
        }
        Mark::OnTopic => {
            let was: BTreeSet<&TopicKey> = past.iter().filter_map(|decision| decision.topic.as_ref()).collect();
            let only = match (was.iter().next(), scene.topics) {
                (Some(key), _) if was.len() == 1 => Some(*key),
                (None, [topic]) => Some(&topic.spec.key),
                _ => None,
            };
            let key = topic.or(only).ok_or(Impossible::WhichTopic(story.id))?;
            repair.labels.push(scene.label(Said::OnTopic, key, story.id, None, hush));
            repair.withdrawn.push(withdrawn(Said::OffTopic, key, story.id));
            if on.contains(key) {
                return Ok((repair, done));
            }
            // An event that was told would be told again under another number; of one that wasn't, who asks for it is to be told.
            let may_return = |view: &&EventView| hush == Hush::Quiet || view.event.told_at.is_some();
            if let Some(view) = former.iter().find(|view| view.event.topic == *key).filter(may_return) {
                put_back((story, past), view, scene, &mut repair, &mut done);
            } else {
                repair.undecided.push(story.id);
                done.undecided = true;
            }
        }
    }
    Ok((repair, done))
}

fn take_off(
    story: &Story,
    (topic, view): (&TopicKey, Option<&EventView>),
    scene: &Scene<'_>,
    repair: &mut Repair,
    done: &mut Corrected,
) {
    repair.labels.push(scene.label(Said::OffTopic, topic, story.id, None, Hush::Quiet));
    repair.withdrawn.push(withdrawn(Said::OnTopic, topic, story.id));
    let Some(view) = view else {
        let why = because("off topic".to_owned(), None);
        repair.decisions.push(scene.decision(story, topic, Ruling::OffTopic, None, why));
        done.stories.push(story.id);
        return;
    };
    let leaving = with_copies(view, &[story.id]);
    for (member, _) in view.stories.iter().filter(|(member, _)| leaving.contains(&member.id)) {
        let why = if member.id == story.id {
            because(format!("off topic: taken out of event {}", view.event.id), None)
        } else {
            because(format!("a copy of story {}, which is off topic", story.id), Some(story.id))
        };
        repair.decisions.push(scene.decision(member, topic, Ruling::OffTopic, None, why));
        done.stories.push(member.id);
    }
    if stay(view, &leaving, scene, repair).is_none() {
        done.emptied.push(view.event.id);
        repair.taken_back.push(TakenBack { topic: topic.clone(), stories: leaving });
    }
}

/// Puts a story back into the event that it was in: as its first where nothing is left there.
fn put_back(
    (story, past): (&Story, &[Decision]),
    view: &EventView,
    scene: &Scene<'_>,
    repair: &mut Repair,
    done: &mut Corrected,
) {
    let (id, topic) = (view.event.id, &view.event.topic);
    let copy_of_another = past
        .iter()
        .filter(|decision| decision.event.is_some() && decision.topic.as_ref() == Some(topic))
        .map(|decision| decision.ruling)
        .rfind(|ruling| *ruling != Ruling::Corrected)
        .filter(|ruling| ruling.copy_of().is_some_and(|of| ids(view).any(|id| id == of)));
    let ruling = if view.stories.is_empty() { Ruling::Opened } else { copy_of_another.unwrap_or(Ruling::Joined) };
    let why = because(format!("on the topic after all: back in event {id}"), None);
    repair.decisions.push(scene.decision(story, topic, ruling, Some(id), why));
    repair.changed.push(EventChange { id, changed_at: scene.now, told_at: view.event.told_at, retitled: None });
    if view.stories.is_empty() {
        repair.led.push((id, story.id, story.draft.title.clone()));
    }
    done.event = Some(id);
    done.stories.push(story.id);
}

fn withdrawn(said: Said, topic: &TopicKey, story: StoryId) -> Withdrawn {
    Withdrawn { said, topic: topic.clone(), of: BTreeSet::from([story]), with: BTreeSet::new() }
}

fn open(view: &EventView) -> Result<(), Impossible> {
    view.event.merged_into.map_or(Ok(()), |into| Err(Impossible::Merged(view.event.id, into)))
}

fn ids(view: &EventView) -> impl Iterator<Item = StoryId> {
    view.stories.iter().map(|(story, _)| story.id)
}

/// The named stories of an event and all copies of theirs, copies of copies too.
fn with_copies(view: &EventView, named: &[StoryId]) -> BTreeSet<StoryId> {
    let mut all: BTreeSet<StoryId> = named.iter().copied().collect();
    loop {
        let copy = |(story, decision): &(Story, Decision)| {
            decision.ruling.copy_of().is_some_and(|of| all.contains(&of)).then_some(story.id)
        };
        let more: BTreeSet<StoryId> = view.stories.iter().filter_map(copy).collect();
        let before = all.len();
        all.extend(more);
        if all.len() == before {
            return all;
        }
    }
}

/// Gives the event that others leave a first story among those that stay; that story's number, or `None` where none is.
///
/// A copy whose original left is the event's first telling then: its words must count, or nothing could join.
fn stay(view: &EventView, leaving: &BTreeSet<StoryId>, scene: &Scene<'_>, repair: &mut Repair) -> Option<StoryId> {
    let staying: Vec<&(Story, Decision)> = view.stories.iter().filter(|(s, _)| !leaving.contains(&s.id)).collect();
    let original = staying.iter().find(|(_, decision)| decision.ruling.copy_of().is_none());
    let (lead, _) = original.or(staying.first())?;
    let (id, topic) = (view.event.id, &view.event.topic);
    if original.is_none() {
        let why = because("what it was a copy of has left the event".to_owned(), None);
        repair.decisions.push(scene.decision(lead, topic, Ruling::Opened, Some(id), why));
    }
    if leaving.contains(&view.event.first_story) {
        repair.led.push((id, lead.id, lead.draft.title.clone()));
        return Some(lead.id);
    }
    Some(view.event.first_story)
}

/// Puts the notification that an event opens into the repair: kept even with no taker, as in the decider.
fn tell_opened(repair: &mut Repair, done: &mut Corrected, occasion: &Occasion<'_>, scene: &Scene<'_>) {
    let fitting = Queries::default().fitting_anew(occasion.cause.shown, scene.subscriptions);
    let (takers, hearings) = Audience::default().opens(&scene.heard(occasion, &fitting));
    done.told = takers.len();
    repair.hearings.extend(hearings);
    repair.notifications.push((telling::notification(occasion), takers));
}

fn publishers(stories: &[Teller<'_>]) -> usize {
    stories.iter().map(|story| story.shown.publisher).collect::<BTreeSet<_>>().len()
}
