//! Push channels, and the queue of pushes.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::given::*;
use crate::model::*;
use crate::port::*;
use crate::store::SqliteStore;

const WIDE: PushBounds = PushBounds { count: 16, bytes: 1 << 20 };

fn spec(token: &str) -> ChannelSpec {
    ChannelSpec {
        topic: "https://example.org/feed".to_owned(),
        hubs: vec![url("https://hub.example/"), url("https://spare.example/")],
        base: url("https://news.example/"),
        token: Secret::new(token),
        secret: Secret::new("hush"),
    }
}

fn push(channel: ChannelId, body: &[u8], at: Timestamp) -> Push {
    Push { channel, at, content_type: Some("application/rss+xml".to_owned()), body: body.to_vec() }
}

fn brought(push: PushId, stories: Vec<StoryChange>, now: Timestamp) -> PushRecord {
    PushRecord { push, at: now, stories, pace: None, poll_at: None }
}

/// A source that was polled once, with a channel.
fn pushed(store: &mut SqliteStore) -> (SourceId, ChannelId) {
    let claim = claimed(store, "https://example.org/feed", at(0));
    store.record_poll(&record(&claim, at(1), vec![])).unwrap();
    let channel = store.begin_channel(claim.source.id, &spec("t1"), at(2)).unwrap().unwrap();
    (claim.source.id, channel)
}

#[test]
fn a_channel_is_found_by_its_source_and_token_and_kept_as_it_stands() {
    holds(|store| {
        let (source, id) = pushed(store);
        let mut channel = store.channel_of(source).unwrap().unwrap();
        assert_eq!((channel.id, &channel.spec), (id, &spec("t1")));
        assert_eq!(channel.state, ChannelState { due_at: at(2), ..ChannelState::default() });
        channel.spec.hubs.reverse();
        channel.state = ChannelState {
            phase: ChannelPhase::Open,
            due_at: at(70),
            asked_at: Some(at(3)),
            failures: 2,
            open_since: Some(at(4)),
            lease_until: Some(at(100)),
            last_push_at: Some(at(5)),
            last_thin_at: Some(at(6)),
            distrusted_until: Some(at(700)),
            note: "verified".to_owned(),
            ..ChannelState::default()
        };
        assert!(store.keep_channel(&channel).unwrap());
        assert_eq!(store.channel_at("t1").unwrap(), Some(channel.clone()));
        assert_eq!(store.channels().unwrap(), [channel.clone()]);
        assert_eq!(store.channel_at("t2").unwrap(), None);
        assert!(store.begin_channel(source, &spec("t2"), at(7)).is_err(), "a source has one");
        store.drop_channel(id).unwrap();
        assert!(!store.keep_channel(&channel).unwrap());
        assert_eq!(store.channel(id).unwrap(), None);
    });
}

#[test]
fn channels_are_due_in_order_and_one_that_ends_makes_room_for_another() {
    holds(|store| {
        let (source, id) = pushed(store);
        assert!(store.due_channels(at(1), 9).unwrap().is_empty());
        let mut channel = store.due_channels(at(2), 9).unwrap().remove(0);
        channel.state.phase = ChannelPhase::Ending;
        channel.state.due_at = at(50);
        store.keep_channel(&channel).unwrap();
        assert_eq!(store.channel_of(source).unwrap(), None);
        let elsewhere = ChannelSpec { hubs: vec![url("https://other.example/")], ..spec("t2") };
        let other = store.begin_channel(source, &elsewhere, at(9)).unwrap().unwrap();
        let due: Vec<_> = store.due_channels(at(50), 9).unwrap().iter().map(|c| c.id).collect();
        assert_eq!(due, [other, id]);
        assert_eq!(store.push_due().unwrap(), PushDue { channel_at: Some(at(9)), queued: false });
    });
}

#[test]
fn a_hub_for_which_many_wait_stands_before_no_other() {
    holds(|store| {
        let begin = |store: &mut SqliteStore, n: i64, hub: &str| {
            let claim = claimed(store, &format!("https://example.org/{n}"), at(0));
            let spec = ChannelSpec { hubs: vec![url(hub)], ..spec(&format!("t{n}")) };
            store.begin_channel(claim.source.id, &spec, at(n)).unwrap().unwrap()
        };
        let waiting: Vec<_> = (1..5).map(|n| begin(store, n, "https://hangs.example/")).collect();
        let other = begin(store, 9, "https://well.example/");
        let due: Vec<_> = store.due_channels(at(50), 2).unwrap().iter().map(|c| c.id).collect();
        assert_eq!(due, [waiting[0], other]);
    });
}

#[test]
fn what_was_pushed_by_a_clock_that_was_ahead_was_pushed_no_later_than_now() {
    holds(|store| {
        let (_, id) = pushed(store);
        let none = PushBounds { count: 0, bytes: 0 };
        assert_eq!(store.queue_push(&push(id, b"<rss>", at(90_000)), none, at(60)).unwrap(), Queued::Full);
        store.turn_back_plans(Some(Duration::from_hours(24)), at(3_600)).unwrap();
        let state = store.channel(id).unwrap().unwrap().state;
        assert_eq!((state.last_push_at, state.last_thin_at), (Some(at(3_600)), Some(at(3_600))));
    });
}

#[test]
fn a_push_waits_until_it_is_recorded_and_is_recorded_once() {
    holds(|store| {
        let (source, id) = pushed(store);
        assert_eq!(store.queue_push(&push(id, b"<rss>", at(5)), WIDE, at(60)).unwrap(), Queued::Kept);
        assert_eq!(store.queue_push(&push(id, b"<rss/>", at(6)), WIDE, at(60)).unwrap(), Queued::Kept);
        assert!(store.push_due().unwrap().queued);
        let oldest = store.oldest_push().unwrap().unwrap();
        assert_eq!((oldest.push, oldest.source.id), (push(id, b"<rss>", at(5)), source));
        let before = oldest.source.state.clone();
        let taught = PushRecord { pace: Some(vec![7]), ..brought(oldest.id, vec![new(draft(1, "Pushed"))], at(8)) };
        assert_eq!(store.record_push(&taught).unwrap().new, 1);
        assert!(!store.record_push(&taught).unwrap().accepted);
        let story = store.claim_undecided(9).unwrap().remove(0);
        assert_eq!((story.source, story.arrival, story.seen_at), (source, Arrival::Later, at(8)));
        let after = store.source(source).unwrap().unwrap();
        let expected = SourceState { pace: vec![7], last_story_at: Some(at(8)), ..before };
        assert_eq!((after.state, after.stories), (expected, 1), "validators, failures and the next poll are a poll's");
        let channel = store.channel(id).unwrap().unwrap();
        assert_eq!((channel.state.pushes, channel.state.last_push_at), (2, Some(at(6))));
        assert_eq!(store.oldest_push().unwrap().unwrap().push.body, b"<rss/>");
    });
}

#[test]
fn what_does_not_fit_into_the_queue_or_holds_nothing_makes_the_source_due() {
    holds(|store| {
        let (source, id) = pushed(store);
        let due = |store: &mut SqliteStore| store.source(source).unwrap().unwrap().state.next_poll_at;
        let narrow = PushBounds { count: 1, bytes: 10 };
        assert_eq!(store.queue_push(&push(id, &[0; 11], at(5)), narrow, at(90)).unwrap(), Queued::Full);
        assert_eq!(due(store), at(90));
        assert_eq!(store.queue_push(&push(id, &[0; 10], at(6)), narrow, at(90)).unwrap(), Queued::Kept);
        assert_eq!(store.queue_push(&push(id, &[], at(7)), narrow, at(80)).unwrap(), Queued::Full);
        assert_eq!(due(store), at(80));
        let thin = store.oldest_push().unwrap().unwrap().id;
        store.record_push(&PushRecord { poll_at: Some(at(70)), ..brought(thin, vec![], at(8)) }).unwrap();
        assert_eq!(due(store), at(70));
        let channel = store.channel(id).unwrap().unwrap();
        assert_eq!((channel.state.pushes, channel.state.last_thin_at), (3, Some(at(7))));
        store.count_refused(id).unwrap();
        assert_eq!(store.channel(id).unwrap().unwrap().state.refused, 1);
        assert_eq!(store.queue_push(&push(ChannelId(99), b"", at(9)), WIDE, at(9)).unwrap(), Queued::Unknown);
    });
}

#[test]
fn a_push_hastens_no_source_that_backs_off() {
    holds(|store| {
        let (source, id) = pushed(store);
        let claim = store.claim_sources(&due_by(at(3_600))).unwrap().remove(0);
        let failed = PollOutcome::Failed { kind: "status", detail: "503".to_owned() };
        let trouble = PollRecord { outcome: failed, failures: 1, ..record(&claim, at(3_601), vec![]) };
        store.record_poll(&trouble).unwrap();
        store.queue_push(&push(id, b"", at(3_602)), WIDE, at(3_603)).unwrap();
        let thin = store.oldest_push().unwrap().unwrap().id;
        store.record_push(&PushRecord { poll_at: Some(at(3_603)), ..brought(thin, vec![], at(3_603)) }).unwrap();
        assert_eq!(
            store.source(source).unwrap().unwrap().state.next_poll_at,
            at(3_601) + SignedDuration::from_mins(30)
        );
    });
}

#[test]
fn the_channel_of_a_source_that_leaves_is_to_be_ended_and_its_pushes_bring_nothing() {
    holds(|store| {
        let (source, id) = pushed(store);
        let mut channel = store.channel(id).unwrap().unwrap();
        channel.state.asked_at = Some(at(3));
        store.keep_channel(&channel).unwrap();
        store.queue_push(&push(id, b"<rss>", at(5)), WIDE, at(60)).unwrap();
        assert!(store.remove_source(source).unwrap());
        assert_eq!(store.due_channels(at(6), 9).unwrap()[0].state.phase, ChannelPhase::Ending);
        let waiting = store.oldest_push().unwrap().unwrap().id;
        assert!(!store.record_push(&brought(waiting, vec![new(draft(1, "Late"))], at(8))).unwrap().accepted);
        assert_eq!((store.oldest_push().unwrap(), store.counts().unwrap().stories), (None, 0));
        assert_eq!(store.begin_channel(source, &spec("t2"), at(9)).unwrap(), None);
    });
}

#[test]
fn a_channel_that_no_hub_heard_of_leaves_with_its_source() {
    holds(|store| {
        let (source, _) = pushed(store);
        store.remove_source(source).unwrap();
        assert!(store.channels().unwrap().is_empty());
    });
}

#[test]
fn a_sample_tells_which_sources_are_pushed() {
    holds(|store| {
        let (_, id) = pushed(store);
        let told = |store: &mut SqliteStore| store.sample_paces(9).unwrap().sources[0].pushed;
        let claim = store.claim_sources(&due_by(at(3_600))).unwrap().remove(0);
        let rare = PollRecord { interval: Duration::from_hours(4), ..record(&claim, at(3_601), vec![]) };
        store.record_poll(&rare).unwrap();
        let mut channel = store.channel(id).unwrap().unwrap();
        channel.state.phase = ChannelPhase::Open;
        store.keep_channel(&channel).unwrap();
        assert!(!told(store), "it has not pushed yet");
        store.queue_push(&push(id, b"<rss>", at(3_602)), WIDE, at(3_603)).unwrap();
        assert!(told(store));
    });
}
