//! What the schedule keeps.

use std::time::Duration;

use super::given::*;
use crate::model::*;
use crate::port::*;

#[test]
fn what_a_poll_taught_is_kept_until_another_teaches_more() {
    holds(|store| {
        let spec = SourceSpec { priority: Priority::High, ..source("https://example.org/feed") };
        store.add_source(&spec, at(0)).unwrap();
        let claim = store.claim_sources(&due_by(at(0))).unwrap().remove(0);
        assert_eq!((claim.source.spec.priority, claim.source.state.pace.as_slice()), (Priority::High, &[][..]));
        let taught = PollRecord { pace: Some(vec![1, 2, 3]), ..record(&claim, at(1), vec![]) };
        assert!(store.record_poll(&taught).unwrap().accepted);
        let claim = store.claim_sources(&due_by(at(3_600))).unwrap().remove(0);
        let failed = PollOutcome::Failed { kind: "timeout", detail: String::new() };
        store.record_poll(&PollRecord { outcome: failed, ..record(&claim, at(3_601), vec![]) }).unwrap();
        assert_eq!(store.sources(Listed::All).unwrap()[0].state.pace, [1, 2, 3]);
    });
}

#[test]
fn a_sample_is_spread_over_the_sources_that_are_polled_and_counts_them_all() {
    holds(|store| {
        for n in 0..10 {
            store.add_source(&source(&format!("https://example.org/{n}")), at(0)).unwrap();
        }
        store.remove_source(SourceId(4)).unwrap();
        let whole = store.sample_paces(100).unwrap();
        assert_eq!((whole.of, whole.sources.len()), (9, 9));
        assert_eq!((whole.sources[0].interval_max, whole.sources[0].failures), (Duration::from_hours(4), 0));
        let some = store.sample_paces(5).unwrap();
        assert_eq!(some.of, 9);
        assert!((4..=5).contains(&some.sources.len()), "{}", some.sources.len());
    });
}

#[test]
fn what_holds_for_all_sources_is_one_row() {
    holds(|store| {
        assert!(store.market().unwrap().is_empty());
        store.keep_market(&[1]).unwrap();
        store.keep_market(&[2, 3]).unwrap();
        assert_eq!(store.market().unwrap(), [2, 3]);
    });
}

#[test]
fn a_crowd_is_who_told_of_an_event_and_who_told_of_the_topics_others() {
    holds(|store| {
        let claims = ["a", "b", "c"].map(|host| claimed(store, &format!("https://{host}.example/feed"), at(0)));
        let [a, b, c] = &claims;
        store.record_poll(&record(a, at(1), vec![new(draft(1, "One")), new(draft(2, "Two"))])).unwrap();
        let by = |n, title, publisher: &str| new(StoryDraft { publisher: publisher.to_owned(), ..draft(n, title) });
        store.record_poll(&record(b, at(1), vec![by(3, "One b", "b.example"), by(4, "Two b", "b.example")])).unwrap();
        store.record_poll(&record(c, at(1), vec![by(5, "One c", "c.example")])).unwrap();
        let decisions = vec![
            decision(1, Ruling::Opened, Some(1)),
            decision(2, Ruling::Opened, Some(2)),
            decision(3, Ruling::Joined, Some(1)),
            decision(4, Ruling::Joined, Some(2)),
            decision(5, Ruling::Joined, Some(1)),
        ];
        let changed = |id| EventChange { id: EventId(id), changed_at: at(2), told_at: None, retitled: None };
        let commit = Commit {
            decisions,
            opened: vec![opened(1, 1), opened(2, 2)],
            changed: vec![changed(1), changed(2)],
            ..Commit::default()
        };
        store.commit_decisions(&commit).unwrap();
        let crowd = store.crowd(EventId(2), at(0)).unwrap().unwrap();
        let [a, b, c] = claims.map(|claim| claim.source.id);
        assert_eq!(crowd, Crowd { tellers: vec![a, b], events: 1, others: vec![(c, 1)] });
        // Once c has brought something that is not decided yet, that may tell of it.
        store.poll_now(Some(&[c]), at(3)).unwrap();
        let again =
            store.claim_sources(&due_by(at(4))).unwrap().into_iter().find(|claim| claim.source.id == c).unwrap();
        store.record_poll(&record(&again, at(4), vec![by(6, "Two c", "c.example")])).unwrap();
        assert_eq!(store.crowd(EventId(2), at(0)).unwrap().unwrap().others, vec![]);
        assert_eq!(store.crowd(EventId(2), at(100)).unwrap().unwrap().events, 0);
        assert_eq!(store.crowd(EventId(9), at(0)).unwrap(), None);
        assert!(store.bring_forward(c, at(60), b"pace", at(2)).unwrap());
        assert!(!store.bring_forward(c, at(61), b"pace", at(2)).unwrap(), "it is due sooner already");
        assert_eq!(store.source(c).unwrap().unwrap().state.pace, b"pace");
    });
}

#[test]
fn of_domains_whose_last_poll_ran_out_of_time_few_are_claimed_at_once() {
    holds(|store| {
        let hosts = ["a", "b", "c", "d"];
        for host in hosts {
            store.add_source(&source(&format!("https://{host}.example/feed")), at(0)).unwrap();
        }
        store.add_source(&source("https://a.example/other"), at(0)).unwrap();
        let timeout = PollOutcome::Failed { kind: "timeout", detail: "no answer".to_owned() };
        for claim in store.claim_sources(&due_by(at(0))).unwrap() {
            let is_slow = claim.source.spec.url.host_text() != "d.example";
            let outcome = if is_slow { timeout.clone() } else { PollOutcome::NotModified };
            let next_poll_at = at(10 + claim.source.id.0);
            store.record_poll(&PollRecord { outcome, next_poll_at, ..record(&claim, at(1), vec![]) }).unwrap();
        }
        let few = |slow_domains| ClaimSources { slow_domains, ..due_by(at(60)) };
        let claims = store.claim_sources(&few(1)).unwrap();
        let taken: Vec<_> = claims.iter().map(|c| c.source.spec.url.as_str()).collect();
        // A lane of a domain is one lane, whatever is in it.
        assert_eq!(taken, ["https://a.example/feed", "https://d.example/feed", "https://a.example/other"]);
        assert!(
            claims.iter().all(|claim| claim.source.state.is_slow == (claim.source.spec.url.host_text() == "a.example"))
        );
        assert_eq!(store.claim_sources(&few(0)).unwrap(), vec![]);
        let good = PollRecord { next_poll_at: at(50), ..record(&claims[0], at(20), vec![]) };
        store.record_poll(&good).unwrap();
        assert_eq!(store.claim_sources(&few(0)).unwrap().len(), 1, "one that answers again is as any other");
        assert_eq!(store.claim_sources(&few(2)).unwrap().len(), 2);
    });
}
