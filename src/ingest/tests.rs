//! What the decider promises, story by story.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::dedup::{EventPolicy, Threshold};
use crate::encode::Compact;
use crate::model::{
    Arrival, Commit, Decision, Endpoint, EntryKey, Event, EventId, Filter, Hearing, Label, NotificationType, Origin,
    ReadFor, Relevance, Ruling, Said, Secret, SourceId, Story, StoryDraft, StoryId, StoryState, Subscription,
    SubscriptionId, SubscriptionSpec, SubscriptionState, Telling, Topic, TopicKey, TopicSpan, TopicSpec, WebUrl,
};
use crate::topic::{Matcher, Query};

use super::{Context, Decider, Place, Reader, Reading, Recalled, Remembered, Undecided};

mod audience;
mod copies;
mod grown;
mod held;
mod meaning;
mod preview;
mod reading;
mod relevance;
mod said;
mod titles;
mod updates;

const NOON: &str = "2021-12-06T12:00:00Z";
const ADOPTED: (&str, &str) = (
    "General Assembly adopts resolution of Russia and United States on cyber security",
    "The General Assembly adopted without a vote the resolution on information security that Russia and the United \
     States had drafted together, delegates in New York said on Monday after the plenary meeting.",
);
const RETOLD: (&str, &str) = (
    "Assembly adopts Russian-American cyber security resolution",
    "A resolution on information security drafted by the United States and Russia passed the General Assembly without \
     a vote.",
);
const STRANGER: (&str, &str) = (
    "Resolution on fishing quotas tabled in Wellington",
    "Ministers of island countries want smaller catches of tuna; their draft goes to the committee next spring.",
);

/// A world of one topic, in which stories come one by one.
struct Newsroom {
    decider: Decider,
    now: Timestamp,
    next: i64,
    filter: Filter,
    labels: Vec<Label>,
    history: Vec<(Story, Vec<Decision>)>,
    events: BTreeMap<EventId, Event>,
    /// What stories mean, where a test says so.
    read: fn(&StoryDraft) -> Option<Compact>,
    meanings: BTreeMap<StoryId, Vec<u8>>,
    /// How many article pages may be read, and how many were.
    pages_a_day: usize,
    asked: BTreeMap<TopicKey, usize>,
    read_for: Option<ReadFor>,
    /// What was learnt of the topic.
    relevances: Vec<Relevance>,
    /// Others than the desk, and who hears of what.
    others: Vec<Filter>,
    hearings: Vec<Hearing>,
    /// Who was told of which story inside its event.
    told_to: Vec<(StoryId, SubscriptionId)>,
    /// As what stories opened events.
    opened_as: BTreeMap<StoryId, (String, String)>,
}

#[derive(Clone)]
struct Given {
    publisher: &'static str,
    words: (&'static str, &'static str),
    lang: &'static str,
    hours_ago: Option<i64>,
    arrival: Arrival,
}

fn by(publisher: &'static str, words: (&'static str, &'static str)) -> Given {
    Given { publisher, words, lang: "en", hours_ago: Some(1), arrival: Arrival::Later }
}

fn topic() -> Topic {
    Topic {
        spec: TopicSpec {
            key: TopicKey::parse("resolution").unwrap(),
            name: "Resolution".to_owned(),
            query: "resolution OR резолюция".to_owned(),
            fresh: Duration::from_hours(24),
            stale: Duration::from_hours(7 * 24),
            span: TopicSpan::default(),
        },
        origin: Origin::Config,
    }
}

fn matcher() -> Matcher {
    let spec = topic().spec;
    Matcher::new(&[(spec.key.clone(), Query::parse(&spec.query).unwrap())])
}

impl Newsroom {
    fn new() -> Self {
        Self {
            decider: Decider::new(vec![topic()], matcher(), EventPolicy::default(), &Remembered::NOTHING),
            now: NOON.parse().unwrap(),
            next: 1,
            filter: Filter::default(),
            labels: Vec::new(),
            history: Vec::new(),
            events: BTreeMap::new(),
            read: |_| None,
            meanings: BTreeMap::new(),
            pages_a_day: 0,
            asked: BTreeMap::new(),
            read_for: None,
            relevances: Vec::new(),
            others: Vec::new(),
            hearings: Vec::new(),
            told_to: Vec::new(),
            opened_as: BTreeMap::new(),
        }
    }

    fn hears(types: &[NotificationType]) -> Self {
        Self { filter: Filter::default().choosing(types.to_vec(), None, None), ..Self::new() }
    }

    fn story(&mut self, given: &Given) -> Story {
        let id = self.next;
        self.next += 1;
        let (title, text) = given.words;
        let url = format!("https://{}/{id}", given.publisher);
        Story {
            id: StoryId(id),
            source: SourceId(1),
            draft: StoryDraft {
                keys: Vec::new(),
                link: url.clone(),
                url,
                publisher: given.publisher.to_owned(),
                title: title.to_owned(),
                text: text.to_owned(),
                author: None,
                lang: Some(given.lang.to_owned()),
                published: given.hours_ago.map(|h| self.now - SignedDuration::from_hours(h)),
                fingerprint: xxhash_rust::xxh3::xxh3_64(format!("{title}\n{text}").as_bytes()),
            },
            seen_at: self.now,
            arrival: given.arrival,
            revision: 1,
            state: StoryState::Undecided,
        }
    }

    fn decide(&mut self, story: Story) -> Commit {
        let place = self.history.iter().position(|(s, _)| s.id == story.id);
        let previous = place.map_or_else(Vec::new, |p| self.history[p].1.clone());
        let labels = self.labels.iter().filter(|label| label.story == story.id).cloned().collect();
        let subscriptions = self.subscriptions();
        let context = Context {
            source_topics: &BTreeMap::new(),
            subscriptions: &subscriptions,
            reader: Reader(Some(&self.read)),
            reading: Reading { pages_a_day: self.pages_a_day, asked: &self.asked },
            now: self.now,
            believed: self.now,
        };
        let commit = self
            .decider
            .decide(&[Undecided { story: story.clone(), previous, labels, read_for: self.read_for.clone() }], &context);
        self.remember(story, &commit);
        commit
    }

    fn subscriptions(&self) -> Vec<Subscription> {
        let filters = std::iter::once(&self.filter).chain(&self.others);
        (1..).zip(filters).map(|(id, filter)| self.subscription(id, filter)).collect()
    }

    fn subscription(&self, id: i64, filter: &Filter) -> Subscription {
        Subscription {
            id: SubscriptionId(id),
            spec: SubscriptionSpec::new(
                "desk",
                Endpoint::webhook(
                    WebUrl::parse("https://hook.example/").unwrap(),
                    Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
                ),
                filter.clone(),
            ),
            origin: Origin::Config,
            state: SubscriptionState::Active,
            created_at: self.now,
        }
    }

    /// Keeps what a store would keep.
    fn remember(&mut self, story: Story, commit: &Commit) {
        self.meanings.extend(commit.meanings.iter().cloned());
        for opened in &commit.opened {
            let event = Event {
                id: opened.id,
                topic: opened.topic.clone(),
                title: opened.title.clone(),
                first_story: opened.first_story,
                opened_at: opened.opened_at,
                changed_at: opened.opened_at,
                told_at: opened.told_at,
                stories: 1,
                publishers: 1,
                languages: 1,
                merged_into: None,
            };
            self.events.insert(opened.id, event);
        }
        for changed in &commit.changed {
            let event = self.events.get_mut(&changed.id).unwrap();
            event.changed_at = changed.changed_at;
            event.told_at = event.told_at.or(changed.told_at);
        }
        if commit.notifications.iter().any(|(n, _)| n.kind == OPENED && n.story == Some(story.id)) {
            self.opened_as.insert(story.id, (story.draft.title.clone(), story.draft.text.clone()));
        }
        match self.history.iter_mut().find(|(s, _)| s.id == story.id) {
            Some(kept) => {
                kept.0 = story;
                kept.1.extend(commit.decisions.clone());
            }
            None => self.history.push((story, commit.decisions.clone())),
        }
        for moved in &commit.moved {
            let kept = self.history.iter_mut().find(|(s, _)| s.id == moved.story).unwrap();
            kept.1.push(moved.clone());
        }
        for (gone, into) in &commit.merged {
            self.events.get_mut(gone).unwrap().merged_into = Some(*into);
            self.inherit(*gone, *into);
        }
        commit.hearings.iter().for_each(|hearing| self.hears_of(*hearing));
        for (notification, takers) in commit.notifications.iter().filter(|(n, _)| n.kind == UPDATED) {
            self.told_to.extend(takers.iter().filter_map(|to| Some((notification.story?, *to))));
        }
    }

    /// As the store keeps it: what was told stays told.
    fn hears_of(&mut self, hearing: Hearing) {
        let held = |h: &Hearing| (h.event, h.subscription) == (hearing.event, hearing.subscription);
        let before = self.hearings.iter().find(|h| held(h)).copied();
        let kept = before.filter(|before| before.told).unwrap_or(hearing);
        let counted = hearing.counted || before.is_some_and(|before| before.counted);
        self.hearings.retain(|h| !held(h));
        self.hearings.push(Hearing { counted, ..kept });
    }

    fn inherit(&mut self, from: EventId, to: EventId) {
        let heard: Vec<Hearing> = self.hearings.iter().filter(|h| h.event == from).copied().collect();
        for hearing in heard {
            self.hears_of(Hearing { event: to, ..hearing });
        }
    }

    fn comes(&mut self, given: &Given) -> Commit {
        let story = self.story(given);
        self.decide(story)
    }

    /// The same decider, made anew from what a store holds.
    fn rebuilt(&self) -> Decider {
        let events: Vec<Event> = self.events.values().cloned().collect();
        let remembered = Remembered {
            events: &events,
            off_topic: &self.off_topic(),
            apart: &self.apart(),
            relevances: &self.relevances,
            next_event: EventId(self.next_event()),
            hearings: &self.hearings,
        };
        let mut decider = Decider::new(vec![topic()], matcher(), EventPolicy::default(), &remembered);
        decider.take_up(&self.recalled());
        decider
    }

    fn recalled(&self) -> Vec<Recalled> {
        let place = |decision: &Decision| {
            let Decision { topic, event, ruling, decided_at, telling, .. } = decision.clone();
            let told = match telling {
                Telling::Told(kind) => Some(kind),
                Telling::Silent => None,
            };
            Place { topic, event, ruling, decided_at, told }
        };
        let recalled = |(story, decisions): &(Story, Vec<Decision>)| Recalled {
            story: story.clone(),
            places: decisions.iter().map(place).collect(),
            told_to: self
                .told_to
                .iter()
                .filter(|(id, _)| *id == story.id)
                .map(|(_, to)| (topic().spec.key, *to))
                .collect(),
            opened_as: self.opened_as.get(&story.id).filter(|was| was.0 != story.draft.title).cloned(),
            meaning: self.meanings.get(&story.id).cloned(),
        };
        self.history.iter().map(recalled).collect()
    }

    fn off_topic(&self) -> Vec<(StoryId, TopicKey)> {
        let off = self.labels.iter().filter(|label| label.said == Said::OffTopic);
        off.map(|label| (label.story, label.topic.clone())).collect()
    }

    fn apart(&self) -> Vec<(StoryId, StoryId, TopicKey)> {
        let apart = self.labels.iter().filter(|label| label.said == Said::Apart);
        apart.filter_map(|label| Some((label.story, label.other?, label.topic.clone()))).collect()
    }

    fn next_event(&self) -> i64 {
        self.events.keys().last().map_or(1, |id| id.0 + 1)
    }
}

fn ruling(commit: &Commit) -> Ruling {
    commit.decisions[0].ruling
}

fn told(commit: &Commit) -> Vec<NotificationType> {
    commit.notifications.iter().map(|(n, _)| n.kind).collect()
}

const OPENED: NotificationType = NotificationType::EventOpened;
const UPDATED: NotificationType = NotificationType::EventUpdated;

#[test]
fn the_first_story_of_an_event_is_told_and_another_publishers_telling_joins_it() {
    let mut room = Newsroom::new();
    let first = room.comes(&by("one.example", ADOPTED));
    let second = room.comes(&by("two.example", RETOLD));
    assert_eq!((ruling(&first), told(&first)), (Ruling::Opened, vec![OPENED]));
    assert_eq!((ruling(&second), told(&second)), (Ruling::Joined, vec![]));
    assert_eq!(first.decisions[0].event, second.decisions[0].event);
}

#[test]
fn stories_that_stand_at_one_address_are_told_each_under_an_id_of_its_own() {
    let mut room = Newsroom::new();
    let mut ids = BTreeSet::new();
    for words in [ADOPTED, STRANGER] {
        let story = room.story(&by("one.example", words));
        let url = "https://one.example/live".to_owned();
        let draft = StoryDraft { url, keys: vec![EntryKey(u128::from(story.draft.fingerprint))], ..story.draft };
        let commit = room.decide(Story { draft, ..story });
        assert_eq!(told(&commit), [OPENED]);
        ids.extend(commit.notifications.into_iter().map(|(told, _)| told.id));
    }
    assert_eq!(ids.len(), 2);
}

#[test]
fn whoever_asks_for_updates_hears_of_a_second_publisher_but_not_of_the_first_one_again() {
    let mut room = Newsroom::hears(&[OPENED, UPDATED]);
    room.comes(&by("one.example", ADOPTED));
    assert_eq!(told(&room.comes(&by("two.example", RETOLD))), [UPDATED]);
    assert_eq!(told(&room.comes(&by("one.example", RETOLD))), []);
}

#[test]
fn a_story_of_something_else_opens_an_event_of_its_own() {
    let mut room = Newsroom::new();
    let first = room.comes(&by("one.example", ADOPTED));
    let other = room.comes(&by("two.example", STRANGER));
    assert_eq!(told(&other), [OPENED]);
    assert_ne!(first.decisions[0].event, other.decisions[0].event);
}

#[test]
fn what_the_query_asks_for_makes_no_two_stories_one_event() {
    let mut room = Newsroom::new();
    for title in ["Resolution tabled: Oslo", "Lima drops resolution", "Third resolution, Bern"] {
        assert_eq!(ruling(&room.comes(&by("a.example", (title, "")))), Ruling::Opened, "{title}");
    }
    let same = by("b.example", ("Oslo resolution is tabled", ""));
    assert_eq!(ruling(&room.comes(&same)), Ruling::Joined, "by its other words");
}

#[test]
fn a_story_on_no_topic_is_decided_with_a_reason_and_told_to_nobody() {
    let commit = Newsroom::new().comes(&by("one.example", ("Rain in Oslo", "Umbrellas sell well.")));
    assert_eq!((ruling(&commit), told(&commit)), (Ruling::OffTopic, vec![]));
    assert!(!commit.decisions[0].reasons.is_empty());
}

#[test]
fn a_syndicated_copy_is_a_copy_of_the_original_and_is_never_told() {
    const EDITED: (&str, &str) = (
        "Assembly adopts resolution (agency)",
        "NEW YORK (Agency) - The General Assembly adopted without a vote the resolution on information security that \
         Russia and the United States had drafted together, delegates in New York said on Monday after the plenary meeting.",
    );
    let mut room = Newsroom::hears(&[OPENED, UPDATED]);
    room.comes(&by("one.example", ADOPTED));
    let same = room.comes(&by("two.example", ADOPTED));
    let edited = room.comes(&by("three.example", EDITED));
    assert_eq!((ruling(&same), told(&same)), (Ruling::Copy { of: StoryId(1) }, vec![]));
    assert_eq!((ruling(&edited), told(&edited)), (Ruling::Copy { of: StoryId(1) }, vec![]));
}

#[test]
fn the_same_words_at_another_address_of_the_publisher_are_the_same_story_again() {
    let mut room = Newsroom::new();
    room.comes(&by("one.example", ADOPTED));
    let again = room.comes(&by("one.example", ADOPTED));
    assert_eq!((ruling(&again), told(&again)), (Ruling::Again { of: StoryId(1) }, vec![]));
}

#[test]
fn a_new_sources_old_entries_are_stored_silently_and_its_fresh_ones_told() {
    let old = Given { arrival: Arrival::FirstPoll, hours_ago: Some(30), ..by("one.example", ADOPTED) };
    let undated = Given { hours_ago: None, ..old.clone() };
    let fresh = Given { hours_ago: Some(3), ..old.clone() };
    assert_eq!(told(&Newsroom::new().comes(&old)), []);
    assert_eq!(told(&Newsroom::new().comes(&undated)), []);
    assert_eq!(told(&Newsroom::new().comes(&fresh)), [OPENED]);
}

#[test]
fn a_later_entry_is_told_whatever_its_date_says_unless_it_is_stale() {
    let days = |n: i64| Given { hours_ago: Some(24 * n), ..by("one.example", ADOPTED) };
    assert_eq!(told(&Newsroom::new().comes(&days(6))), [OPENED]);
    assert_eq!(told(&Newsroom::new().comes(&days(8))), []);
    assert_eq!(told(&Newsroom::new().comes(&Given { hours_ago: None, ..days(1) })), [OPENED]);
}

#[test]
fn an_event_that_was_stored_silently_is_told_by_the_first_story_that_may_be() {
    let mut room = Newsroom::new();
    let silent = room.comes(&Given { arrival: Arrival::FirstPoll, hours_ago: Some(30), ..by("one.example", ADOPTED) });
    let later = room.comes(&by("two.example", RETOLD));
    let last = room.comes(&by("three.example", RETOLD));
    assert_eq!(told(&silent), []);
    assert_eq!((ruling(&later), told(&later)), (Ruling::Joined, vec![OPENED]));
    assert_eq!(told(&last), []);
}

#[test]
fn a_corrected_title_is_an_update_of_the_same_story_never_a_new_event() {
    let mut room = Newsroom::hears(&[OPENED, UPDATED]);
    let first = room.story(&by("one.example", ADOPTED));
    room.decide(first.clone());
    let mut corrected = first.clone();
    corrected.revision = 2;
    corrected.draft.title = "Correction: General Assembly adopts resolution on cyber security".to_owned();
    let commit = room.decide(corrected);
    assert_eq!((ruling(&commit), told(&commit)), (Ruling::Corrected, vec![UPDATED]));
    assert!(commit.opened.is_empty());
}

#[test]
fn an_event_is_one_across_languages_by_the_names_and_numbers_in_it() {
    let russian = Given {
        lang: "ru",
        ..by(
            "three.example",
            (
                "Резолюция A/RES/76/19: Захарова и Белоусов о голосовании 6 декабря",
                "Мария Захарова и Андрей Белоусов назвали принятие резолюции 76/19 успехом.",
            ),
        )
    };
    let english = by(
        "one.example",
        (
            "Resolution A/RES/76/19: Zakharova and Belousov on the vote of 6 December",
            "Maria Zakharova and Andrei Belousov called the adoption of resolution 76/19 a success.",
        ),
    );
    let mut room = Newsroom::new();
    let first = room.comes(&english);
    let second = room.comes(&russian);
    assert_eq!(ruling(&second), Ruling::Joined);
    assert_eq!(first.decisions[0].event, second.decisions[0].event);
}

#[test]
fn two_small_numbers_in_common_make_no_event_across_languages() {
    let fire = (
        "Feuer in Lagerhalle: 12 Verletzte, 3 Kinder",
        "Bei einem Feuer in Kassel sind am Montag 12 Menschen verletzt worden, darunter 3 Kinder (resolution).",
    );
    let football = (
        "Arsenal sign 3 players, sell 12 in transfer window",
        "Arsenal signed 3 players and sold 12 in the summer window, which closed on Monday (resolution).",
    );
    let mut room = Newsroom::new();
    room.comes(&Given { lang: "de", ..by("three.example", fire) });
    let other = room.comes(&by("one.example", football));
    assert_eq!(told(&other), [OPENED]);
}

#[test]
fn the_same_facts_give_the_same_notification_id_in_any_database() {
    let one = Newsroom::new().comes(&by("one.example", ADOPTED));
    let mut elsewhere = Newsroom::new();
    elsewhere.next = 9;
    elsewhere.comes(&by("nine.example", STRANGER));
    elsewhere.next = 1;
    let other = elsewhere.comes(&by("one.example", ADOPTED));
    assert_ne!(one.decisions[0].event, other.decisions[0].event);
    assert_eq!(one.notifications[0].0.id, other.notifications[0].0.id);
}

#[test]
fn every_decision_gives_its_reasons_with_numbers() {
    let mut room = Newsroom::new();
    room.comes(&by("one.example", ADOPTED));
    let decision = room.comes(&by("two.example", RETOLD)).decisions.remove(0);
    let stages: Vec<&str> = decision.reasons.iter().map(|r| r.stage.label()).collect();
    assert!(stages.starts_with(&["topic"]) && stages.ends_with(&["tell"]), "{stages:?}");
    let event = decision.reasons.iter().find(|r| r.stage.label() == "event").unwrap();
    let names: Vec<&str> = event.numbers.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["score", "threshold", "apart_hours", "words", "events", "novelty", "stories"]);
    assert_eq!(decision.telling, Telling::Silent);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// The index is derived: thrown away after any prefix and rebuilt from the store, it decides the rest alike.
    #[test]
    fn a_rebuilt_decider_decides_as_the_one_that_grew(
        stories in prop::collection::vec((0usize..4, 0usize..3, 0i64..60), 1..24),
        cut in 0usize..24,
    ) {
        const PUBLISHERS: [&str; 4] = ["one.example", "two.example", "three.example", "four.example"];
        const WORDS: [(&str, &str); 3] = [ADOPTED, RETOLD, STRANGER];
        let run = |rebuild: bool| {
            let mut room = Newsroom::new();
            let mut out = Vec::new();
            for (n, (publisher, words, hours)) in stories.iter().enumerate() {
                if rebuild && n == cut {
                    room.decider = room.rebuilt();
                }
                let given = Given { hours_ago: Some(*hours), ..by(PUBLISHERS[*publisher], WORDS[*words]) };
                let commit = room.comes(&given);
                out.push((ruling(&commit), commit.decisions[0].event, told(&commit)));
            }
            out
        };
        prop_assert_eq!(run(false), run(true));
    }
}
