//! Who hears of an event, of the subscriptions that ask more than a topic.

use std::collections::BTreeSet;

use crate::model::{Corrections, Notification, Updates};
use crate::topic::{StoryText, StoryTokens};

use super::*;

/// Accounts of one event, of which the last alone speaks of delegates.
const ACCOUNTS: [(&str, &str); 3] = [
    (
        "General Assembly adopts resolution of Russia and United States on cyber security",
        "The General Assembly adopted without a vote the resolution on information security that Russia and the United \
         States had drafted together.",
    ),
    RETOLD,
    (
        "Assembly adopts cyber security resolution of Russia and United States",
        "Delegates in New York welcomed the resolution on information security that Russia and the United States had \
         drafted together and the General Assembly adopted without a vote.",
    ),
];

fn asks(query: Option<&str>, min_publishers: u32) -> Filter {
    let filter = Filter { query: query.map(str::to_owned), min_publishers, ..Filter::default() };
    filter.choosing(Vec::new(), Some(Updates::Each), Some(Corrections::Each))
}

impl Newsroom {
    /// With the desk, which asks for nothing more, and another subscription.
    fn with(other: Filter) -> Self {
        Self { others: vec![other], ..Self::new() }
    }
}

/// All that a commit tells a subscription.
fn heard(commit: &Commit, subscription: i64) -> Vec<&Notification> {
    let to = |takers: &[SubscriptionId]| takers.contains(&SubscriptionId(subscription));
    let told = commit.notifications.iter().filter(|(_, takers)| to(takers)).map(|(notification, _)| notification);
    let late = commit.late.iter().filter(|late| to(&late.takers)).map(|late| &late.notification);
    told.chain(late).collect()
}

fn kinds(commit: &Commit, subscription: i64) -> Vec<NotificationType> {
    heard(commit, subscription).into_iter().map(|notification| notification.kind).collect()
}

#[test]
fn a_query_of_its_own_is_told_of_an_event_by_the_first_story_that_it_holds_for() {
    let mut room = Newsroom::with(asks(Some("delegates"), 1));
    let first = room.comes(&by("one.example", ACCOUNTS[0]));
    assert_eq!((kinds(&first, 1), kinds(&first, 2)), (vec![OPENED], vec![]));
    let second = room.comes(&by("two.example", ACCOUNTS[1]));
    assert_eq!(kinds(&second, 2), [], "it does not fit either, so it is no update of what was never told");
    let third = room.comes(&by("three.example", ACCOUNTS[2]));
    assert_eq!((kinds(&third, 1), kinds(&third, 2)), (vec![], vec![OPENED]));
    let opening = heard(&third, 2)[0];
    let body: serde_json::Value = serde_json::from_str(&opening.body).unwrap();
    assert_eq!((opening.event, opening.story), (Some(EventId(1)), Some(StoryId(3))));
    assert_eq!((&body["type"], &body["data"]["why"]), (&"event.opened".into(), &"opened".into()));
    assert_eq!((&body["data"]["stories_total"], &body["data"]["event"]["publishers"]), (&3.into(), &3.into()));
    let reasons: Vec<&str> = third.decisions[0].reasons.iter().map(|reason| reason.text.as_str()).collect();
    assert!(reasons.contains(&"told to a subscriber whom the event did not fit before"), "{reasons:?}");
    let more = room.comes(&by("four.example", ("Cyber security resolution adopted, delegates say", ACCOUNTS[2].1)));
    assert_eq!(kinds(&more, 2), [], "a copy is never told");
}

#[test]
fn whoever_came_after_an_event_was_told_hears_nothing_of_what_it_never_heard_of() {
    let every = Filter::default().choosing(Vec::new(), Some(Updates::Each), Some(Corrections::Each));
    let mut room = Newsroom::with(every.clone());
    room.comes(&by("one.example", ACCOUNTS[0]));
    room.now += SignedDuration::from_hours(1);
    let (before, since) =
        (room.subscription(1, &every), Subscription { created_at: room.now, ..room.subscription(2, &every) });
    let before = Subscription { created_at: room.now - SignedDuration::from_hours(1), ..before };
    let story = room.story(&by("two.example", ACCOUNTS[1]));
    let context = Context {
        source_topics: &BTreeMap::new(),
        subscriptions: &[before, since],
        reader: Reader(None),
        reading: Reading { pages_a_day: 0, asked: &BTreeMap::new() },
        now: room.now,
        believed: room.now,
    };
    let undecided = Undecided { story, previous: Vec::new(), labels: Vec::new(), read_for: None };
    let commit = room.decider.decide(&[undecided], &context);
    assert_eq!((kinds(&commit, 1), kinds(&commit, 2)), (vec![UPDATED], vec![]));
}

#[test]
fn whoever_waits_for_publishers_is_told_of_the_event_once_so_many_carry_it() {
    let mut room = Newsroom::with(asks(None, 3));
    assert_eq!(kinds(&room.comes(&by("one.example", ACCOUNTS[0])), 2), []);
    assert_eq!(kinds(&room.comes(&by("two.example", ACCOUNTS[1])), 2), []);
    assert_eq!(kinds(&room.comes(&by("two.example", ACCOUNTS[2])), 2), [], "the same publisher again");
    assert_eq!(kinds(&room.comes(&by("three.example", ACCOUNTS[1])), 2), [OPENED], "by a copy as well");
    assert_eq!(kinds(&room.comes(&by("four.example", ACCOUNTS[0])), 2), []);
}

#[test]
fn a_story_that_fitted_while_publishers_were_too_few_is_what_is_told_when_they_suffice() {
    let mut room = Newsroom::with(asks(Some("delegates"), 2));
    assert_eq!(kinds(&room.comes(&by("one.example", ACCOUNTS[2])), 2), []);
    room.decider = room.rebuilt();
    let second = room.comes(&by("two.example", ACCOUNTS[1]));
    assert_eq!(heard(&second, 2).iter().map(|n| (n.kind, n.story)).collect::<Vec<_>>(), [(OPENED, Some(StoryId(1)))]);
}

#[test]
fn an_edit_can_make_an_event_fit_and_later_ones_are_told_as_corrections() {
    let mut room = Newsroom::with(asks(Some("delegates"), 1));
    room.comes(&by("one.example", ACCOUNTS[0]));
    let title = "General Assembly adopts cyber resolution, delegates say";
    assert_eq!(kinds(&room.edits_to(1, (title, ACCOUNTS[0].1)), 2), [OPENED]);
    let no_more = room.edits_to(1, ("Assembly adopts cyber security resolution", ACCOUNTS[0].1));
    assert_eq!(kinds(&no_more, 2), [UPDATED], "that it says so no longer is told too");
}

#[test]
fn a_language_is_told_of_an_event_by_its_first_story() {
    let mut room = Newsroom::with(Filter { languages: vec!["ru".to_owned()], ..Filter::default() });
    room.comes(&by("one.example", ACCOUNTS[0]));
    let other = Given { lang: "ru", ..by("two.example", ACCOUNTS[0]) };
    assert_eq!(kinds(&room.comes(&other), 2), [OPENED]);
    assert_eq!(kinds(&room.comes(&other), 2), []);
}

#[test]
fn events_that_are_made_one_or_two_are_told_to_nobody_anew() {
    let mut room = Newsroom::with(asks(Some("delegates OR tuna"), 1));
    room.comes(&by("one.example", ACCOUNTS[0]));
    assert_eq!(kinds(&room.comes(&by("two.example", STRANGER)), 2), [OPENED]);
    room.merges(&[1, 2]);
    let third =
        room.comes(&by("three.example", ("Delegates: Assembly adopts Russian-American cyber resolution", RETOLD.1)));
    assert_eq!(kinds(&third, 2), [UPDATED], "it was told of the other event");
    let split = room.splits(1, 2);
    assert!(split.notifications.is_empty());
    let more = room.comes(&by("four.example", ("Tuna: resolution on fishing quotas tabled", STRANGER.1)));
    assert_eq!(more.decisions[0].event, Some(EventId(3)));
    assert!(!kinds(&more, 2).contains(&OPENED));
}

#[derive(Debug, Clone)]
enum Step {
    Comes { publisher: usize, account: usize, ru: bool, old: bool },
    Edited { story: usize, account: usize },
    Restarts,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let comes = (0..4usize, 0..3usize, any::<bool>(), prop::bool::weighted(0.15))
        .prop_map(|(publisher, account, ru, old)| Step::Comes { publisher, account, ru, old });
    let edited = (0..6usize, 0..3usize).prop_map(|(story, account)| Step::Edited { story, account });
    prop::collection::vec(prop_oneof![6 => comes, 2 => edited, 1 => Just(Step::Restarts)], 1..12)
}

fn filters() -> impl Strategy<Value = Filter> {
    (prop::option::of(Just("delegates")), 1..4u32, any::<bool>(), any::<bool>()).prop_map(|(query, least, ru, all)| {
        let languages = if ru { vec!["ru".to_owned()] } else { Vec::new() };
        let query = query.map(str::to_owned);
        let filter = Filter { query, min_publishers: least, languages, ..Filter::default() };
        let types = if all { vec![OPENED, UPDATED] } else { vec![OPENED] };
        filter.choosing(types, None, None)
    })
}

fn fits(filter: &Filter, draft: &StoryDraft) -> bool {
    let holds = |query: &str| Query::parse(query).unwrap().holds(&StoryTokens::of(StoryText::from(draft)));
    filter.query.as_deref().is_none_or(holds)
        && (filter.languages.is_empty() || draft.lang.as_ref().is_some_and(|lang| filter.languages.contains(lang)))
}

/// What is so of one event and subscription, kept beside the decider.
#[derive(Default)]
struct Kept {
    fitted: bool,
    told: bool,
}

proptest! {
    #[test]
    fn an_event_is_opened_for_each_subscription_once_it_fits_and_never_twice(
        steps in steps(),
        filters in prop::collection::vec(filters(), 1..4),
    ) {
        const PUBLISHERS: [&str; 4] = ["one.example", "two.example", "three.example", "four.example"];
        let mut room = Newsroom { others: filters.clone(), ..Newsroom::new() };
        let mut kept: BTreeMap<(EventId, i64), Kept> = BTreeMap::new();
        let mut carried: BTreeMap<EventId, BTreeSet<String>> = BTreeMap::new();
        for step in steps {
            let commit = match step {
                Step::Restarts => { room.decider = room.rebuilt(); continue }
                Step::Comes { publisher, account, ru, old } => room.comes(&Given {
                    lang: if ru { "ru" } else { "en" },
                    arrival: if old { Arrival::FirstPoll } else { Arrival::Later },
                    hours_ago: Some(if old { 100 } else { 1 }),
                    ..by(PUBLISHERS[publisher], ACCOUNTS[account])
                }),
                Step::Edited { story, account } => {
                    if story >= room.history.len() { continue }
                    let id = room.history[story].0.id.0;
                    room.edits_to(id, ACCOUNTS[account])
                }
            };
            prop_assert!(commit.merged.is_empty(), "accounts of one event");
            let decision = &commit.decisions[0];
            let Some(event) = decision.event else { continue };
            let (story, past) = room.history.iter().find(|(s, _)| s.id == decision.story).unwrap();
            carried.entry(event).or_default().insert(story.draft.publisher.clone());
            let is_edit = story.revision > 1;
            let is_copy = past[0].ruling.copy_of().is_some();
            let counts = if is_edit { !is_copy } else { story.arrival == Arrival::Later };
            let is_told = room.events[&event].told_at.is_some();
            for (id, filter) in (2..).zip(&filters) {
                let kept = kept.entry((event, id)).or_default();
                let hears = kinds(&commit, id);
                let opened = hears.iter().filter(|kind| **kind == OPENED).count();
                prop_assert!(opened <= usize::from(!kept.told), "told twice");
                if filter.is_selective() {
                    prop_assert!(kept.told || !hears.contains(&UPDATED), "an update of what was not told");
                    kept.fitted |= counts && is_told && fits(filter, &story.draft);
                    let enough = carried[&event].len() >= usize::try_from(filter.min_publishers).unwrap();
                    let is_due = kept.told || (counts && is_told && kept.fitted && enough);
                    prop_assert_eq!(kept.told || opened == 1, is_due, "lost, or told too soon");
                }
                prop_assert!(!(hears.contains(&OPENED) && hears.contains(&UPDATED)));
                kept.told |= opened == 1;
            }
        }
        for (id, event) in &room.events {
            let audience = |decider: &Decider| decider.index(&event.topic).and_then(|i| i.event(*id)).map(|e| e.audience.clone());
            prop_assert_eq!(audience(&room.decider), audience(&room.rebuilt()));
        }
    }
}
