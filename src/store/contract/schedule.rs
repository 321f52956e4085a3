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
