//! What operators say: obeyed, kept and given back.

use super::given::*;
use crate::model::*;
use crate::port::*;
use crate::store::SqliteStore;

/// Three stories: 1 and 2 in event 1, 3 in event 2; both events told.
fn two_events(store: &mut SqliteStore) {
    store.add_topic(&topic(), at(0)).unwrap();
    with_stories(store, &["First", "Second", "Third"]);
    let decisions = vec![
        decision(1, Ruling::Opened, Some(1)),
        decision(2, Ruling::Joined, Some(1)),
        decision(3, Ruling::Opened, Some(2)),
    ];
    let opened = vec![opened(1, 1), opened(2, 3)];
    store.commit_decisions(&Commit { decisions, opened, ..Commit::default() }).unwrap();
}

fn merge(events: &[i64]) -> Correction {
    Correction::Merge { events: events.iter().copied().map(EventId).collect() }
}

fn split(event: i64, stories: &[i64]) -> Correction {
    let stories = stories.iter().copied().map(StoryId).collect();
    Correction::Split { event: EventId(event), stories, hush: Hush::Quiet }
}

fn mark(story: i64, mark: Mark) -> Correction {
    Correction::Mark { story: StoryId(story), mark, topic: None, hush: Hush::Quiet }
}

fn done(store: &mut SqliteStore, correction: &Correction) -> Corrected {
    store.correct(correction, at(9)).unwrap().unwrap()
}

fn refused(store: &mut SqliteStore, correction: &Correction) -> String {
    store.correct(correction, at(9)).unwrap().unwrap_err().to_string()
}

fn members(store: &mut SqliteStore, event: i64) -> Vec<i64> {
    store.event(EventId(event)).unwrap().unwrap().stories.iter().map(|(s, _)| s.id.0).collect()
}

fn listed(store: &mut SqliteStore) -> Vec<i64> {
    let all = EventFilter { limit: 9, ..EventFilter::default() };
    store.events(&all).unwrap().iter().map(|e| e.id.0).collect()
}

fn said(store: &mut SqliteStore) -> Vec<(&'static str, i64, Option<i64>)> {
    let labels = store.labels(0, 99).unwrap();
    labels.iter().map(|(_, v)| (v.label.said.label(), v.story.id.0, v.other.as_ref().map(|o| o.id.0))).collect()
}

#[test]
fn a_merge_moves_the_stories_and_the_emptied_event_points_to_where_they_are_for_ever() {
    holds(|store| {
        two_events(store);
        let merged = done(store, &merge(&[2, 1]));
        assert_eq!(
            (merged.event, merged.stories, merged.emptied),
            (Some(EventId(1)), vec![StoryId(3)], vec![EventId(2)])
        );
        assert_eq!((members(store, 1), members(store, 2)), (vec![1, 2, 3], vec![]));
        assert_eq!(listed(store), [1]);
        let gone = store.event(EventId(2)).unwrap().unwrap().event;
        assert_eq!((gone.merged_into, gone.stories, gone.title.as_str()), (Some(EventId(1)), 0, "An event"));
        assert_eq!(store.event(EventId(1)).unwrap().unwrap().event.stories, 3);
        assert_eq!(said(store), [("same", 3, Some(1))]);
        assert_eq!(refused(store, &merge(&[1, 2])), "event 2 was merged into event 1: name that one");
    });
}

#[test]
fn a_merge_by_the_decider_moves_the_stories_and_says_nothing_in_the_operators_name() {
    holds(|store| {
        two_events(store);
        let moved = vec![decision(3, Ruling::Joined, Some(1))];
        let merged = vec![(EventId(2), EventId(1))];
        store.commit_decisions(&Commit { merged, moved, ..Commit::default() }).unwrap();
        assert_eq!((members(store, 1), members(store, 2)), (vec![1, 2, 3], vec![]));
        assert_eq!(listed(store), [1]);
        assert_eq!(store.event(EventId(2)).unwrap().unwrap().event.merged_into, Some(EventId(1)));
        assert_eq!((said(store), store.corrections().unwrap()), (vec![], 0));
        let explained = store.explain(StoryId(3)).unwrap().unwrap();
        let rulings: Vec<_> = explained.decisions.iter().map(|d| (d.ruling, d.event.unwrap().0)).collect();
        assert_eq!(rulings, [(Ruling::Opened, 2), (Ruling::Joined, 1)]);
        // An operator may take it apart again.
        done(store, &split(1, &[3]));
        assert_eq!((members(store, 1), members(store, 3)), (vec![1, 2], vec![3]));
        assert_eq!(store.index_seed(at(0)).unwrap().apart, [(StoryId(3), StoryId(1), topic_key())]);
    });
}

#[test]
fn what_was_decided_before_a_correction_stays_beside_it_with_the_operators_reason() {
    holds(|store| {
        two_events(store);
        done(store, &merge(&[1, 2]));
        let explained = store.explain(StoryId(3)).unwrap().unwrap();
        let rulings: Vec<_> = explained.decisions.iter().map(|d| (d.ruling, d.event.unwrap().0)).collect();
        assert_eq!(rulings, [(Ruling::Opened, 2), (Ruling::Joined, 1)]);
        assert_eq!(explained.decisions[1].reasons[0].stage, Stage::Operator);
        assert_eq!(explained.events.iter().map(|e| e.id.0).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(explained.labels.len(), 1);
        // The index is rebuilt from what holds.
        let seed = store.index_seed(at(0)).unwrap();
        assert_eq!(store.recall(&seed.stories[2..]).unwrap()[0].places.last().unwrap().event, Some(EventId(1)));
        assert_eq!(seed.next_event, EventId(3));
    });
}

#[test]
fn a_split_opens_an_event_that_counts_as_told_and_tells_nobody() {
    holds(|store| {
        two_events(store);
        store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        let parted = done(store, &split(1, &[1]));
        assert_eq!((parted.event, parted.stories, parted.told), (Some(EventId(3)), vec![StoryId(1)], 0));
        assert_eq!((members(store, 1), members(store, 3)), (vec![2], vec![1]));
        let (left, new) =
            (store.event(EventId(1)).unwrap().unwrap().event, store.event(EventId(3)).unwrap().unwrap().event);
        assert_eq!((left.first_story, left.title.as_str()), (StoryId(2), "Second"));
        assert_eq!((new.first_story, new.title.as_str(), new.told_at), (StoryId(1), "First", Some(at(2))));
        assert!(store.deliveries(&DeliveryFilter { limit: 9, ..DeliveryFilter::default() }).unwrap().is_empty());
        assert_eq!(said(store), [("apart", 1, Some(2))]);
    });
}

#[test]
fn a_split_that_asks_for_it_is_told_as_an_event_of_its_own() {
    holds(|store| {
        two_events(store);
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        let aloud = Correction::Split { event: EventId(1), stories: vec![StoryId(2)], hush: Hush::Tell };
        assert_eq!(done(store, &aloud).told, 1);
        let told = store.deliveries(&DeliveryFilter { limit: 9, ..DeliveryFilter::default() }).unwrap();
        assert_eq!((told.len(), told[0].subscription.0), (1, to));
        assert!(told[0].notification.body.contains("\"type\":\"event.opened\""), "{}", told[0].notification.body);
    });
}

#[test]
fn a_merge_is_told_only_to_those_who_ask_for_that_type() {
    holds(|store| {
        two_events(store);
        store.add_subscription(&hook("plain"), at(0)).unwrap();
        let asks = SubscriptionSpec {
            filter: Filter { types: vec![NotificationType::EventMerged], ..Filter::default() },
            ..hook("asks")
        };
        store.add_subscription(&asks, at(0)).unwrap();
        assert_eq!(done(store, &merge(&[1, 2])).told, 1);
        let told = store.deliveries(&DeliveryFilter { limit: 9, ..DeliveryFilter::default() }).unwrap();
        assert_eq!(told.iter().map(|d| d.subscription.1.as_str()).collect::<Vec<_>>(), ["asks"]);
        let body = &told[0].notification.body;
        assert!(body.contains("\"merged\":[{\"id\":2,\"title\":\"An event\"}]"), "{body}");
    });
}

#[test]
fn copies_go_where_their_original_goes() {
    holds(|store| {
        store.add_topic(&topic(), at(0)).unwrap();
        with_stories(store, &["Original", "Copy", "Copy of the copy", "Another"]);
        let decisions = vec![
            decision(1, Ruling::Opened, Some(1)),
            decision(2, Ruling::Copy { of: StoryId(1) }, Some(1)),
            decision(3, Ruling::Copy { of: StoryId(2) }, Some(1)),
            decision(4, Ruling::Joined, Some(1)),
        ];
        store.commit_decisions(&Commit { decisions, opened: vec![opened(1, 1)], ..Commit::default() }).unwrap();
        assert_eq!(
            refused(store, &split(1, &[1, 4])),
            "these are all stories of event 1, counting copies of theirs: there is nothing to split"
        );
        assert_eq!(done(store, &split(1, &[1])).stories, [1, 2, 3].map(StoryId));
        assert_eq!((members(store, 1), members(store, 2)), (vec![4], vec![1, 2, 3]));
        assert_eq!(done(store, &mark(2, Mark::OffTopic)).stories, [2, 3].map(StoryId));
        assert_eq!(members(store, 2), [1]);
    });
}

#[test]
fn a_story_marked_off_topic_leaves_its_event_and_an_emptied_event_is_listed_no_more() {
    holds(|store| {
        two_events(store);
        let marked = done(store, &mark(3, Mark::OffTopic));
        assert_eq!((marked.stories, marked.emptied), (vec![StoryId(3)], vec![EventId(2)]));
        assert_eq!(listed(store), [1]);
        assert!(members(store, 2).is_empty());
        assert_eq!(store.index_seed(at(0)).unwrap().off_topic, [(StoryId(3), topic_key())]);
        // The other way round: it is in its event again, under its number, and what was said before holds no longer.
        let back = done(store, &mark(3, Mark::OnTopic));
        assert_eq!((back.event, back.stories, back.undecided), (Some(EventId(2)), vec![StoryId(3)], false));
        assert_eq!(members(store, 2), [3]);
        assert_eq!(listed(store).len(), 2);
        assert_eq!(said(store), [("on-topic", 3, None)]);
        assert_eq!(store.claim_undecided(9).unwrap(), []);
    });
}

#[test]
fn a_story_whose_event_is_empty_is_decided_anew_where_another_opened_meanwhile() {
    holds(|store| {
        two_events(store);
        done(store, &mark(3, Mark::OffTopic));
        let opened = vec![NewEvent { opened_at: at(10), told_at: Some(at(10)), ..opened(3, 2) }];
        let decisions = vec![decision(2, Ruling::Opened, Some(3))];
        store.commit_decisions(&Commit { decisions, opened, corrections: 1, ..Commit::default() }).unwrap();
        let back = done(store, &mark(3, Mark::OnTopic));
        assert_eq!((back.event, back.undecided), (None, true), "the news may have that event by now");
        assert!(members(store, 2).is_empty());
    });
}

#[test]
fn a_story_that_was_in_no_event_is_decided_anew_when_it_is_put_on_a_topic() {
    holds(|store| {
        store.add_topic(&topic(), at(0)).unwrap();
        with_stories(store, &["Missed"]);
        let decisions = vec![decision(1, Ruling::OffTopic, None)];
        store.commit_decisions(&Commit { decisions, ..Commit::default() }).unwrap();
        assert!(done(store, &mark(1, Mark::OnTopic)).undecided);
        assert_eq!(store.claim_undecided(9).unwrap().iter().map(|s| s.id.0).collect::<Vec<_>>(), [1]);
        assert!(refused(store, &mark(1, Mark::OffTopic)).contains("not decided yet"));
        let story = store.claim_undecided(9).unwrap();
        let past = store.past(&story).unwrap().remove(0);
        assert_eq!((past.decisions.len(), past.labels.len()), (1, 1));
    });
}

#[test]
fn what_was_learnt_is_kept_until_it_is_forgotten_and_counts_as_a_correction() {
    holds(|store| {
        let before = store.corrections().unwrap();
        let weights = vec![0.5, -1.25];
        let mut learned = Relevance {
            topic: topic_key(),
            learned_at: at(5),
            answers: (12, 30),
            threshold: 0.5,
            bias: -0.75,
            weights,
        };
        store.keep_relevance(&learned).unwrap();
        learned.answers = (13, 30);
        store.keep_relevance(&learned).unwrap();
        assert_eq!(store.relevances().unwrap(), [learned.clone()]);
        assert_eq!(store.index_seed(at(0)).unwrap().relevances, [learned]);
        assert_eq!(store.corrections().unwrap(), before + 2);
        assert!(store.forget_relevance(&topic_key()).unwrap() && !store.forget_relevance(&topic_key()).unwrap());
        assert_eq!((store.relevances().unwrap().len(), store.corrections().unwrap()), (0, before + 3));
    });
}

#[test]
fn what_is_said_last_holds() {
    holds(|store| {
        two_events(store);
        done(store, &split(1, &[2]));
        assert_eq!(said(store), [("apart", 2, Some(1))]);
        done(store, &merge(&[1, 3]));
        assert_eq!(said(store), [("same", 2, Some(1))]);
        done(store, &split(1, &[2]));
        assert_eq!(said(store), [("apart", 2, Some(1))]);
        // An event that was emptied long ago follows where its stories go, however often they are moved as a whole.
        done(store, &merge(&[1, 2]));
        let resolved = store.event(EventId(3)).unwrap().unwrap().event.merged_into;
        assert_eq!(resolved, Some(EventId(1)));
    });
}

#[test]
fn a_decision_made_without_knowing_of_a_correction_is_not_written() {
    holds(|store| {
        two_events(store);
        with_more(store);
        let batch = |known| Commit {
            decisions: vec![decision(4, Ruling::Joined, Some(2))],
            corrections: known,
            ..Commit::default()
        };
        done(store, &merge(&[1, 2]));
        assert!(matches!(store.commit_decisions(&batch(0)), Err(StoreError::Overtaken { .. })));
        assert!(store.due().unwrap().undecided);
        assert_eq!(store.corrections().unwrap(), 1);
        store.commit_decisions(&batch(1)).unwrap();
        assert!(!store.due().unwrap().undecided);
    });
}

/// A fourth story, undecided.
fn with_more(store: &mut SqliteStore) {
    let claim = store.claim_sources(&due_by(at(5000))).unwrap().remove(0);
    store.record_poll(&record(&claim, at(5001), vec![new(draft(4, "Fourth"))])).unwrap();
}

#[test]
fn a_correction_that_names_what_is_not_there_changes_nothing() {
    holds(|store| {
        two_events(store);
        assert_eq!(refused(store, &merge(&[1, 7])), "there is no event 7");
        assert_eq!(refused(store, &merge(&[1, 1])), "a merge needs two events or more, and each once");
        assert_eq!(refused(store, &split(1, &[3])), "story 3 is not in event 1");
        assert_eq!(
            refused(store, &split(1, &[1, 2])),
            "these are all stories of event 1, counting copies of theirs: there is nothing to split"
        );
        assert_eq!(refused(store, &mark(9, Mark::OffTopic)), "there is no story 9");
        assert_eq!((store.corrections().unwrap(), said(store)), (0, vec![]));
    });
}
