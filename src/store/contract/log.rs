//! The log of notifications.

use super::given::*;
use crate::model::*;
use crate::port::*;
use crate::store::SqliteStore;

fn commit(store: &mut SqliteStore, notifications: Vec<(Notification, Vec<SubscriptionId>)>) {
    store.commit_decisions(&Commit { notifications, ..Commit::default() }).unwrap();
}

fn untaken(store: &mut SqliteStore, words: &[&str]) {
    commit(store, words.iter().map(|word| (notification(word, None), Vec::new())).collect());
}

fn log(store: &mut SqliteStore, after: i64) -> LogPage {
    store.log(&LogFilter { after: Sequence(after), limit: 100, ..LogFilter::default() }).unwrap()
}

fn words(page: &LogPage) -> Vec<(i64, &str)> {
    page.entries.iter().map(|(seq, told)| (seq.0, told.id.0.as_str())).collect()
}

#[test]
fn the_log_holds_every_notification_once_in_the_order_of_commits_taken_or_not() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        told(store, &[("b", Some(1), to)]);
        untaken(store, &["a"]);
        told(store, &[("b", Some(1), to), ("c", None, to)]);
        let page = log(store, 0);
        assert_eq!(words(&page), [(1, "msg_b"), (2, "msg_a"), (3, "msg_c")]);
        assert_eq!(page.entries[1].1, notification("a", None), "with all that a webhook would have been given");
        assert_eq!((page.through, page.last, page.taken), (Sequence(3), Sequence(3), Sequence(0)));
        assert!(!page.has_more() && !page.has_gap(Sequence(0)) && page.has_gap(Sequence(4)));
        assert_eq!(words(&log(store, 2)), [(3, "msg_c")]);
    });
}

#[test]
fn a_page_of_the_log_says_how_far_it_looked_so_that_none_is_missed_and_none_given_twice() {
    holds(|store| {
        let other = TopicKey::parse("elections").unwrap();
        let of = |word: &str, topic: &TopicKey, kind| {
            let told = Notification { topic: Some(topic.clone()), kind, ..notification(word, None) };
            (told, Vec::new())
        };
        let (opened, updated) = (NotificationType::EventOpened, NotificationType::EventUpdated);
        commit(
            store,
            vec![
                of("a", &other, opened),
                of("b", &topic_key(), opened),
                of("c", &other, updated),
                of("d", &other, opened),
                of("e", &topic_key(), opened),
            ],
        );
        let filter = LogFilter { topic: Some(other), types: vec![opened], limit: 1, ..LogFilter::default() };
        let first = store.log(&filter).unwrap();
        assert_eq!((words(&first), first.has_more()), (vec![(1, "msg_a")], true));
        let second = store.log(&LogFilter { after: first.through, ..filter.clone() }).unwrap();
        assert_eq!((words(&second), second.through), (vec![(4, "msg_d")], Sequence(4)));
        let third = store.log(&LogFilter { after: second.through, ..filter }).unwrap();
        assert_eq!((words(&third), third.through, third.has_more()), (vec![], Sequence(5), false));
    });
}

#[test]
fn retention_takes_bodies_that_nobody_took_and_says_up_to_where_and_numbers_go_on() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        told(store, &[("a", None, to)]);
        untaken(store, &["b"]);
        told(store, &[("c", None, to)]);
        commit(store, vec![(Notification { created_at: at(500), ..notification("d", None) }, Vec::new())]);
        let claims = store.claim_deliveries(&deliveries_due(at(2))).unwrap();
        store.settle(&[settlement(&claims[0], at(3), Verdict::Delivered)]).unwrap();

        assert_eq!(store.retain(at(100), at(100), 1).unwrap(), 2, "a delivery, then a body: at most one of each");
        assert_eq!(store.retain(at(100), at(100), 10).unwrap(), 0, "c is still to be delivered, d is young");
        let page = log(store, 0);
        assert_eq!(words(&page), [(3, "msg_c"), (4, "msg_d")]);
        assert_eq!(page.taken, Sequence(2));
        assert!(page.has_gap(Sequence(1)) && !page.has_gap(Sequence(2)));
        untaken(store, &["a", "b", "e"]);
        assert_eq!(words(&log(store, 4)), [(5, "msg_e")], "what was told before is not told again");
    });
}

#[test]
fn all_that_is_past_its_retention_leaves_an_empty_log_and_no_number_is_given_twice() {
    holds(|store| {
        untaken(store, &["a", "b"]);
        assert_eq!(store.retain(at(100), at(100), 10).unwrap(), 2);
        let page = log(store, 0);
        assert_eq!((words(&page), page.through, page.taken), (vec![], Sequence(2), Sequence(2)));
        untaken(store, &["c"]);
        assert_eq!(words(&log(store, 2)), [(3, "msg_c")]);
    });
}

#[test]
fn what_a_clock_of_the_future_dated_keeps_nothing_behind_it_from_being_dropped() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        let dated = |word: &str, secs: i64, takers: Vec<SubscriptionId>| {
            (Notification { created_at: at(secs), ..notification(word, None) }, takers)
        };
        let year = 366 * 86_400;
        commit(store, vec![dated("a", 1, vec![to]), dated("b", 1, vec![])]);
        commit(store, vec![dated("c", year, vec![to]), dated("d", year, vec![])]);
        commit(store, vec![dated("e", 2, vec![to]), dated("f", 2, vec![])]);
        commit(store, vec![dated("g", 500, vec![to]), dated("h", 500, vec![])]);
        let claims = store.claim_deliveries(&deliveries_due(at(year))).unwrap();
        assert_eq!(claims.len(), 4);
        for claim in &claims {
            store.settle(&[settlement(claim, at(3), Verdict::Delivered)]).unwrap();
        }
        assert_eq!(store.retain(at(100), at(100), 10).unwrap(), 4, "two deliveries, then two bodies");
        assert_eq!(words(&log(store, 0)), [(3, "msg_c"), (4, "msg_d"), (7, "msg_g"), (8, "msg_h")]);
        let filter = everything(store);
        assert_eq!(store.deliveries(&filter).unwrap().len(), 2);
    });
}
