//! What arrives inside an event that was told, and who hears of it.

use crate::model::{Corrections, Updates};

use super::*;

const VOTED: (&str, &str) = (
    "Assembly adopts cyber security resolution, 152 in favour",
    "The General Assembly adopted the resolution on cyber security drafted by Russia and the United States with 152 in \
     favour and 8 against, delegates in New York said on Monday.",
);
const RECOUNTED: (&str, &str) = (
    "Cyber security resolution of Russia and United States adopted by Assembly",
    "Delegates in New York said the General Assembly had adopted the cyber security resolution drafted by Russia and the \
     United States with 163 in favour and 8 against.",
);

impl Newsroom {
    fn chooses(updates: Updates, corrections: Corrections) -> Self {
        let filter = Filter::default().choosing(Vec::new(), Some(updates), Some(corrections));
        Self { filter, ..Self::new() }
    }

    fn of_outcomes() -> Self {
        Self::chooses(Updates::Outcome, Corrections::Changed)
    }

    pub(super) fn edits_to(&mut self, story: i64, words: (&str, &str)) -> Commit {
        let (mut edited, _) = self.history.iter().find(|(s, _)| s.id == StoryId(story)).unwrap().clone();
        edited.revision += 1;
        (edited.draft.title, edited.draft.text) = (words.0.to_owned(), words.1.to_owned());
        edited.draft.fingerprint += 1;
        self.decide(edited)
    }
}

/// The payload's `why` and `changes` of the one notification.
fn payload(commit: &Commit) -> (String, Vec<String>) {
    let body: serde_json::Value = serde_json::from_str(&commit.notifications[0].0.body).unwrap();
    let changes = body["data"]["changes"].as_array().cloned().unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("none").to_owned();
    let change =
        |c: &serde_json::Value| format!("{} {}, was {}", text(&c["kind"]), text(&c["now"]), text(&c["before"]));
    (text(&body["data"]["why"]), changes.iter().map(change).collect())
}

#[test]
fn a_plain_subscription_hears_once_of_an_event() {
    let mut room = Newsroom::new();
    assert_eq!(told(&room.comes(&by("one.example", VOTED))), [OPENED]);
    assert_eq!(told(&room.comes(&by("two.example", RECOUNTED))), []);
    assert_eq!(told(&room.comes(&by("three.example", VOTED))), []);
}

const TO_VOTE: (&str, &str) = (
    "Assembly to vote on cyber security resolution on Thursday",
    "Diplomats expect a close count when the cyber security resolution comes up. Russia and the United States wrote it together, and \
     the General Assembly has talked about it for weeks in New York.",
);
const NO_RESULT: (&str, &str) = (
    "Cyber security resolution before the Assembly",
    "Observers heard in the evening that the General Assembly adopted it. The cyber security resolution is by Russia and the United \
     States; delegates in New York had waited for that.",
);

#[test]
fn whoever_asks_for_outcomes_hears_of_that_of_what_it_heard_was_to_come_and_once() {
    let mut room = Newsroom::of_outcomes();
    assert_eq!(told(&room.comes(&by("one.example", TO_VOTE))), [OPENED]);
    assert_eq!(told(&room.comes(&by("five.example", NO_RESULT))), [], "no title of an outcome");
    let result = room.comes(&by("two.example", VOTED));
    assert_eq!((ruling(&result), result.decisions[0].event), (Ruling::Joined, Some(EventId(1))));
    assert_eq!(told(&result), [UPDATED]);
    let (why, changes) = payload(&result);
    assert_eq!(why, "publisher");
    assert!(changes.contains(&"outcome adopted, was none".to_owned()), "{changes:?}");
    assert_eq!(told(&room.comes(&by("three.example", RECOUNTED))), [], "told by another");
    room.decider = room.rebuilt();
    assert_eq!(told(&room.comes(&by("four.example", RECOUNTED))), [], "after a restart too");
}

#[test]
fn an_outcome_is_told_after_a_restart_too_and_as_an_outcome_of_another_kind() {
    let mut room = Newsroom::of_outcomes();
    room.comes(&by("one.example", TO_VOTE));
    room.decider = room.rebuilt();
    assert_eq!(told(&room.comes(&by("two.example", VOTED))), [UPDATED]);
    room.decider = room.rebuilt();
    let words = ("Assembly postpones cyber security resolution of Russia and United States", RECOUNTED.1);
    assert_eq!(told(&room.comes(&by("three.example", words))), [UPDATED]);
}

#[test]
fn a_subscription_that_chooses_no_updates_hears_of_no_outcome() {
    let mut room = Newsroom::new();
    room.comes(&by("one.example", TO_VOTE));
    assert_eq!(told(&room.comes(&by("two.example", VOTED))), []);
}

#[test]
fn a_subscription_that_wants_no_updates_hears_of_no_outcome() {
    let mut room = Newsroom::chooses(Updates::Never, Corrections::Changed);
    room.comes(&by("one.example", TO_VOTE));
    assert_eq!(told(&room.comes(&by("two.example", VOTED))), []);
}

#[test]
fn a_subscription_that_wants_outcomes_hears_of_one_once() {
    let mut room = Newsroom::chooses(Updates::Outcome, Corrections::Changed);
    room.comes(&by("one.example", TO_VOTE));
    assert_eq!(told(&room.comes(&by("two.example", VOTED))), [UPDATED]);
    assert_eq!(told(&room.comes(&by("three.example", RECOUNTED))), []);
}

#[test]
fn a_copy_tells_no_outcome_and_an_account_behind_it_does() {
    let mut room = Newsroom::of_outcomes();
    room.comes(&by("one.example", TO_VOTE));
    let copy = room.comes(&by("two.example", (VOTED.0, TO_VOTE.1)));
    assert_eq!((ruling(&copy).copy_of(), told(&copy)), (Some(StoryId(1)), vec![]));
    assert_eq!(told(&room.comes(&by("three.example", RECOUNTED))), [UPDATED]);
}

#[test]
fn what_came_too_late_to_be_told_is_told_by_the_next() {
    let mut room = Newsroom::of_outcomes();
    room.comes(&by("one.example", TO_VOTE));
    let old = Given { arrival: Arrival::FirstPoll, hours_ago: Some(30), ..by("two.example", VOTED) };
    assert_eq!(told(&room.comes(&old)), []);
    assert_eq!(told(&room.comes(&by("three.example", RECOUNTED))), [UPDATED]);
}

#[test]
fn an_outcome_that_was_told_to_others_in_their_language_is_told_to_those_whom_that_did_not_fit() {
    let english = Filter { languages: vec!["en".to_owned()], ..Newsroom::of_outcomes().filter };
    let mut room = Newsroom { others: vec![english], ..Newsroom::of_outcomes() };
    room.comes(&by("one.example", TO_VOTE));
    let german = room.comes(&Given { lang: "de", ..by("two.example", VOTED) });
    assert_eq!(
        german.notifications.iter().map(|(_, takers)| takers.clone()).collect::<Vec<_>>(),
        [[SubscriptionId(1)]]
    );
    let next = room.comes(&by("three.example", RECOUNTED));
    assert_eq!(next.notifications.iter().map(|(_, takers)| takers.clone()).collect::<Vec<_>>(), [[SubscriptionId(2)]]);
}

/// Who took the one notification.
fn takers(commit: &Commit) -> Vec<i64> {
    commit.notifications.iter().flat_map(|(_, takers)| takers.iter().map(|to| to.0)).collect()
}

#[test]
fn an_outcome_that_was_told_to_others_who_choose_otherwise_is_news_still() {
    let changed = Filter::default().choosing(Vec::new(), Some(Updates::Changed), Some(Corrections::Never));
    let mut room = Newsroom { others: vec![changed], ..Newsroom::of_outcomes() };
    room.comes(&by("one.example", TO_VOTE));
    let copy = room.comes(&by("two.example", (VOTED.0, TO_VOTE.1)));
    assert_eq!(takers(&copy), [2], "copies are told for changes alone");
    room.decider = room.rebuilt();
    let next = room.comes(&by("three.example", RECOUNTED));
    assert!(takers(&next).contains(&1), "{:?}", takers(&next));
}

#[test]
fn an_outcome_is_told_once_to_a_query_that_fits_what_stands_far_behind() {
    let far = |(title, text): (&'static str, &'static str)| {
        let text: &'static str = format!("{text}{gap}Ships waited in the harbor.", gap = " ".repeat(500)).leak();
        (title, text)
    };
    let harbor = Filter { query: Some("harbor".to_owned()), ..Newsroom::of_outcomes().filter };
    let mut room = Newsroom { others: vec![harbor], ..Newsroom::chooses(Updates::Never, Corrections::Changed) };
    assert_eq!(takers(&room.comes(&by("one.example", far(TO_VOTE)))), [1, 2]);
    assert_eq!(takers(&room.comes(&by("two.example", far(VOTED)))), [2]);
    assert_eq!(takers(&room.comes(&by("three.example", far(RECOUNTED)))), Vec::<i64>::new());
    room.decider = room.rebuilt();
    assert_eq!(takers(&room.comes(&by("four.example", far(RECOUNTED)))), Vec::<i64>::new());
}

#[test]
fn an_edition_that_nobody_was_told_of_is_not_heard() {
    let mut room = Newsroom::chooses(Updates::Outcome, Corrections::Never);
    room.comes(&by("one.example", TO_VOTE));
    assert_eq!(told(&room.edits_to(1, ("Assembly adopts cyber security resolution on Thursday", TO_VOTE.1))), []);
    room.decider = room.rebuilt();
    assert_eq!(told(&room.comes(&by("two.example", VOTED))), [UPDATED]);
}

#[test]
fn a_plain_subscription_hears_of_a_correction_of_what_it_was_told_when_a_fact_changed() {
    let mut room = Newsroom::new();
    room.comes(&by("one.example", VOTED));
    room.comes(&by("two.example", RECOUNTED));
    assert_eq!(told(&room.edits_to(1, ("Assembly adopts cyber resolution: 152 in favour", VOTED.1))), []);
    let text = VOTED.1.replace("152", "163");
    let corrected = room.edits_to(1, ("Assembly adopts cyber resolution: 163 in favour", &text));
    assert_eq!(told(&corrected), [UPDATED]);
    let (why, changes) = payload(&corrected);
    assert_eq!((why.as_str(), changes), ("correction", vec!["vote 163 in favour, was 152".to_owned()]));
    let reasons: Vec<&str> = corrected.decisions[0].reasons.iter().map(|r| r.text.as_str()).collect();
    assert!(reasons.contains(&"changed: 163 in favour; before: 152"), "{reasons:?}");
    // Of the second publisher's story it never heard.
    assert_eq!(told(&room.edits_to(2, ("Resolution adopted with 170 in favour", "Delegates said so."))), []);
}

#[test]
fn a_copy_that_tells_a_fact_otherwise_is_told_to_whoever_asks_for_changes() {
    let planned = VOTED.1.replace("adopted the", "is to adopt the").replace("with 152 in favour and 8 against", "");
    let mut room = Newsroom::chooses(Updates::Changed, Corrections::Never);
    room.comes(&by("one.example", ("Assembly to vote on cyber security resolution", &*planned.leak())));
    let voted = room.comes(&by("one.example", VOTED));
    assert_eq!(ruling(&voted), Ruling::Again { of: StoryId(1) });
    let changes = vec!["vote 152 in favour, was none".to_owned(), "vote 8 against, was none".to_owned()];
    assert_eq!(payload(&voted).1[..2], changes);
    assert_eq!(told(&room.comes(&by("two.example", VOTED))), [], "it says nothing new");
}

#[test]
fn whoever_asks_for_changes_hears_of_a_story_that_tells_a_fact_otherwise() {
    let mut room = Newsroom::chooses(Updates::Changed, Corrections::Never);
    room.comes(&by("one.example", VOTED));
    assert_eq!(
        told(&room.comes(&by("one.example", (VOTED.0, "The cyber security resolution of Russia was adopted.")))),
        []
    );
    let changed = room.comes(&by("two.example", RECOUNTED));
    assert_eq!(told(&changed), [UPDATED]);
    assert_eq!(payload(&changed), ("publisher".to_owned(), vec!["vote 163 in favour, was 152".to_owned()]));
    let (_, takers) = &changed.notifications[0];
    assert_eq!(takers, &[SubscriptionId(1)]);
    assert_eq!(told(&room.edits_to(1, ("Assembly adopts: 170 in favour", VOTED.1))), [], "corrections: never");
}

#[test]
fn whoever_asks_for_a_number_of_publishers_hears_when_it_is_reached_and_no_more() {
    let mut room = Newsroom::chooses(Updates::Publishers(3), Corrections::Never);
    room.comes(&by("one.example", VOTED));
    assert_eq!(told(&room.comes(&by("two.example", RECOUNTED))), []);
    assert_eq!(told(&room.comes(&by("two.example", VOTED))), [], "the second publisher again");
    assert_eq!(told(&room.comes(&by("three.example", VOTED))), [UPDATED], "a copy is carried too");
    assert_eq!(told(&room.comes(&by("four.example", RECOUNTED))), []);
}

#[test]
fn a_number_of_publishers_that_is_passed_unheard_is_told_by_the_next_story_and_once() {
    let mut room = Newsroom::chooses(Updates::Publishers(2), Corrections::Never);
    room.comes(&by("one.example", VOTED));
    // What stood in a source's first poll is told to nobody, and counts.
    let old = Given { arrival: Arrival::FirstPoll, hours_ago: Some(30), ..by("two.example", RECOUNTED) };
    let unheard = room.comes(&old);
    assert_eq!((told(&unheard), unheard.decisions[0].event), (vec![], Some(EventId(1))));
    assert_eq!(told(&room.comes(&by("three.example", RECOUNTED))), [UPDATED]);
    room.decider = room.rebuilt();
    assert_eq!(told(&room.comes(&by("four.example", RECOUNTED))), []);
}

#[test]
fn a_number_of_publishers_that_others_stories_reached_is_told_by_the_first_that_fits() {
    let count = Filter::default().choosing(Vec::new(), Some(Updates::Publishers(2)), None);
    let russian = Filter { languages: vec!["ru".to_owned()], ..count };
    let mut room = Newsroom { others: vec![russian], ..Newsroom::new() };
    let ru = |publisher, words| Given { lang: "ru", ..by(publisher, words) };
    let mut heard = |given: Given| {
        let commit = room.comes(&given);
        let to = SubscriptionId(2);
        commit
            .notifications
            .iter()
            .filter(|(_, takers)| takers.contains(&to))
            .map(|(told, _)| told.kind)
            .collect::<Vec<_>>()
    };
    assert_eq!(heard(ru("one.example", VOTED)), [OPENED]);
    assert_eq!(heard(by("two.example", VOTED)), []);
    assert_eq!(heard(ru("three.example", VOTED)), [UPDATED]);
    assert_eq!(heard(ru("four.example", VOTED)), []);
}

#[test]
fn whoever_asks_for_each_hears_of_every_story_that_is_no_copy() {
    let mut room = Newsroom::chooses(Updates::Each, Corrections::Never);
    room.comes(&by("one.example", VOTED));
    let same_publisher = room.comes(&by("one.example", RECOUNTED));
    assert_eq!((told(&same_publisher), payload(&same_publisher).0.as_str()), (vec![UPDATED], "story"));
    assert_eq!(told(&room.comes(&by("two.example", RECOUNTED))), []);
}

#[test]
fn a_correction_of_the_title_alone_tells_what_it_was() {
    let mut room = Newsroom::chooses(Updates::Never, Corrections::Each);
    room.comes(&by("one.example", ADOPTED));
    let retitled = room.edits_to(1, ("Cyber security resolution is adopted by General Assembly", ADOPTED.1));
    assert_eq!(told(&retitled), [UPDATED]);
    let was = format!("title Cyber security resolution is adopted by General Assembly, was {}", ADOPTED.0);
    assert_eq!(payload(&retitled), ("correction".to_owned(), vec![was]));
    let mut plain = Newsroom::new();
    plain.comes(&by("one.example", ADOPTED));
    assert_eq!(told(&plain.edits_to(1, ("Cyber security resolution adopted by Assembly", ADOPTED.1))), []);
}
