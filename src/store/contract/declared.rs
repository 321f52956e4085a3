//! What is declared, in the configuration and by hand.

use std::time::Duration;

use super::given::*;
use crate::model::*;
use crate::port::*;
use crate::store::SqliteStore;

#[test]
fn the_configuration_adds_changes_retires_and_takes_up_again() {
    holds(|store| {
        let mut declared = Declared {
            topics: vec![topic()],
            sources: vec![source("https://example.org/feed")],
            subscriptions: vec![hook("newsroom")],
            expire: None,
        };
        let each = |tally| Synced { topics: tally, sources: tally, subscriptions: tally, ..Synced::default() };
        let added = each(Tally { added: 1, ..Tally::default() });
        assert_eq!(store.sync(&declared, at(0)).unwrap(), added);
        assert_eq!(store.sync(&declared, at(1)).unwrap(), Synced::default());
        let claim = store.claim_sources(&due_by(at(1))).unwrap().remove(0);
        store.record_poll(&record(&claim, at(2), vec![new(draft(1, "One"))])).unwrap();
        declared.sources[0].name = "Renamed".to_owned();
        let renamed = Synced { sources: Tally { changed: 1, ..Tally::default() }, ..Synced::default() };
        assert_eq!(store.sync(&declared, at(3)).unwrap(), renamed);

        let retired = store.sync(&Declared::default(), at(4)).unwrap();
        assert_eq!(retired, each(Tally { retired: 1, ..Tally::default() }));
        assert_eq!(retired.all(), Tally { retired: 3, ..Tally::default() });
        assert!(store.sources(Listed::Current).unwrap().is_empty());
        assert!(store.topics().unwrap().is_empty() && store.subscriptions().unwrap().is_empty());
        assert_eq!(store.due().unwrap().source_at, None);

        assert_eq!(store.sync(&declared, at(5)).unwrap(), added);
        let back = store.sources(Listed::Current).unwrap().remove(0);
        assert_eq!((back.id, back.stories, back.spec.name.as_str()), (claim.source.id, 1, "Renamed"));
        assert!(back.state.validators.etag.is_some());
    });
}

#[test]
fn what_is_taken_is_refused_and_only_what_was_added_by_hand_is_removed_by_hand() {
    holds(|store| {
        let declared = Declared { topics: vec![topic()], ..Declared::default() };
        store.sync(&declared, at(0)).unwrap();
        assert!(matches!(store.add_topic(&topic(), at(1)), Err(StoreError::Taken { .. })));
        assert!(!store.remove_topic(&topic_key()).unwrap());
        let id = store.add_source(&source("https://example.org/feed"), at(1)).unwrap();
        let again = store.add_source(&source("https://example.org/feed"), at(1));
        assert!(matches!(again, Err(StoreError::Taken { .. })));
        assert!(store.remove_source(id).unwrap());
        assert!(!store.remove_source(id).unwrap());
        assert_eq!(store.add_source(&source("https://example.org/feed"), at(1)).unwrap(), id);
        let hooked = store.add_subscription(&hook("a"), at(1)).unwrap();
        assert!(matches!(store.add_subscription(&hook("a"), at(1)), Err(StoreError::Taken { .. })));
        told(store, &[("a", None, hooked)]);
        assert!(store.remove_subscription(hooked).unwrap());
        assert_eq!(store.due().unwrap().delivery_at, None);
    });
}

#[test]
fn a_source_that_moved_is_polled_at_its_new_address_and_still_known_by_its_declared_one() {
    holds(|store| {
        let old = Declared { sources: vec![source("https://old.example/feed")], ..Declared::default() };
        store.sync(&old, at(0)).unwrap();
        let claim = store.claim_sources(&due_by(at(0))).unwrap().remove(0);
        let moved = PollRecord { moved_to: Some(url("https://new.example/feed")), ..record(&claim, at(1), vec![]) };
        store.record_poll(&moved).unwrap();
        assert_eq!(store.sync(&old, at(2)).unwrap(), Synced::default());
        let polled = store.sources(Listed::Current).unwrap().remove(0);
        assert_eq!(polled.spec.url.as_str(), "https://new.example/feed");

        let new = Declared { sources: vec![source("https://new.example/feed")], ..Declared::default() };
        assert_eq!(store.sync(&new, at(3)).unwrap(), Synced::default());
        let both = Declared {
            sources: vec![source("https://old.example/feed"), source("https://new.example/feed")],
            ..Declared::default()
        };
        assert_eq!(
            store.sync(&both, at(4)).unwrap(),
            Synced { sources: Tally { added: 1, ..Tally::default() }, ..Synced::default() }
        );
    });
}

#[test]
fn two_declared_sources_of_which_one_moved_to_the_other_are_polled_apart() {
    holds(|store| {
        let old = Declared { sources: vec![source("https://old.example/feed")], ..Declared::default() };
        store.sync(&old, at(0)).unwrap();
        let claim = store.claim_sources(&due_by(at(0))).unwrap().remove(0);
        let moved = PollRecord { moved_to: Some(url("https://new.example/feed")), ..record(&claim, at(1), vec![]) };
        store.record_poll(&moved).unwrap();
        let both = Declared {
            sources: vec![source("https://old.example/feed"), source("https://new.example/feed")],
            ..Declared::default()
        };
        assert_eq!(
            store.sync(&both, at(2)).unwrap(),
            Synced { sources: Tally { added: 1, ..Tally::default() }, ..Synced::default() }
        );
        let polled: Vec<_> = store.sources(Listed::Current).unwrap().into_iter().map(|s| s.spec.url).collect();
        assert_eq!(polled, [url("https://old.example/feed"), url("https://new.example/feed")]);
        assert_eq!(store.sync(&both, at(3)).unwrap(), Synced::default());
    });
}

#[test]
fn a_redirect_in_mind_is_kept_until_it_is_believed_and_a_source_knows_where_it_came_from() {
    holds(|store| {
        let claim = claimed(store, "https://old.example/feed", at(0));
        let moving = Moving { to: url("https://new.example/feed"), since: at(1), sightings: 3 };
        let seen = PollRecord { moving: Some(moving.clone()), next_poll_at: at(2), ..record(&claim, at(1), vec![]) };
        store.record_poll(&seen).unwrap();
        let claim = store.claim_sources(&due_by(at(2))).unwrap().remove(0);
        assert_eq!((claim.source.state.moving.as_ref(), claim.source.state.moved_from.as_ref()), (Some(&moving), None));
        let moved = PollRecord { moved_to: Some(moving.to.clone()), ..record(&claim, at(2), vec![]) };
        store.record_poll(&moved).unwrap();
        let source = store.sources(Listed::Current).unwrap().remove(0);
        assert_eq!((source.spec.url, source.state.moving), (moving.to, None));
        assert_eq!(source.state.moved_from, Some(url("https://old.example/feed")));
    });
}

#[test]
fn a_source_may_move_back_to_its_declared_address_but_not_to_that_of_another() {
    holds(|store| {
        let claim = claimed(store, "https://old.example/feed", at(0));
        claimed(store, "https://other.example/feed", at(0));
        let to = |store: &mut SqliteStore, address: &str, secs| {
            let moved = PollRecord { moved_to: Some(url(address)), ..record(&claim, at(secs), vec![]) };
            store.record_poll(&moved).unwrap();
            let source = store.sources(Listed::Current).unwrap().remove(0);
            (source.spec.url.to_string(), source.state.moved_from.is_some())
        };
        assert_eq!(to(store, "https://new.example/feed", 1), ("https://new.example/feed".to_owned(), true));
        assert_eq!(to(store, "https://other.example/feed", 2).0, "https://new.example/feed");
        assert_eq!(to(store, "https://old.example/feed", 3), ("https://old.example/feed".to_owned(), false));
    });
}

#[test]
fn a_gone_source_is_polled_again_only_when_named_and_a_paused_host_waits() {
    holds(|store| {
        let claim = claimed(store, "https://example.org/feed", at(0));
        let sister = claimed(store, "https://example.org/other", at(0));
        let pause = DomainPause { domain: "example.org".to_owned(), until: at(900), why: "429, too often".to_owned() };
        let gone = PollRecord {
            health: SourceHealth::Gone,
            domain_pause: Some(pause.clone()),
            ..record(&claim, at(1), vec![])
        };
        store.record_poll(&gone).unwrap();
        assert_eq!(store.due().unwrap().source_at, Some(at(900)));
        assert_eq!(store.poll_now(None, at(2)).unwrap(), 1);
        assert_eq!(store.poll_now(Some(&[claim.source.id, SourceId(99)]), at(2)).unwrap(), 1);
        // Whoever names them, and whatever was declared since: the whole domain is left alone as long as it asked.
        let later = store.add_source(&source("https://feeds.example.org/new"), at(3)).unwrap();
        assert_eq!(store.claim_sources(&due_by(at(899))).unwrap(), []);
        let ids: Vec<_> = store.claim_sources(&due_by(at(900))).unwrap().iter().map(|c| c.source.id).collect();
        assert_eq!(ids, [claim.source.id, sister.source.id, later]);
        assert_eq!((store.pauses(at(899)).unwrap(), store.pauses(at(900)).unwrap()), (vec![pause], vec![]));
    });
}

#[test]
fn a_domain_that_is_resumed_is_due_as_a_whole_and_what_was_planned_later_stays_so() {
    holds(|store| {
        let [first, second, third] = ["https://a.example.org/", "https://b.example.org/", "https://c.example.org/"]
            .map(|address| store.add_source(&source(address), at(0)).unwrap());
        let claim = |store: &mut SqliteStore, now| store.claim_sources(&due_by(now)).unwrap();
        let pause = DomainPause { domain: "example.org".to_owned(), until: at(900), why: String::new() };
        let claims = claim(store, at(60));
        let of = |id| claims.iter().find(|claim| claim.source.id == id).unwrap();
        store.record_poll(&PollRecord { next_poll_at: at(2_000), ..record(of(third), at(61), vec![]) }).unwrap();
        // The one that was refused is planned a little later than its domain is left alone.
        let outcome = PollOutcome::Failed { kind: "status", detail: "429 Too Many Requests".to_owned() };
        let (next_poll_at, domain_pause) = (at(920), Some(pause));
        let refused = PollRecord { outcome, next_poll_at, domain_pause, ..record(of(first), at(62), vec![]) };
        store.record_poll(&refused).unwrap();
        assert_eq!(claim(store, at(600)), []);
        assert!(store.resume("example.org", at(600)).unwrap());
        assert!(!store.resume("example.org", at(600)).unwrap(), "it is over");
        assert!(store.pauses(at(600)).unwrap().is_empty());
        let ids: Vec<_> = claim(store, at(600)).iter().map(|claim| claim.source.id).collect();
        assert_eq!(ids, [first, second]);
    });
}

#[test]
fn a_source_whose_longest_interval_is_shortened_is_polled_within_it() {
    holds(|store| {
        let id = store.add_source(&source("https://example.org/feed"), at(0)).unwrap();
        let claim = store.claim_sources(&due_by(at(1))).unwrap().remove(0);
        store.record_poll(&PollRecord { next_poll_at: at(14_000), ..record(&claim, at(100), vec![]) }).unwrap();
        let spec = SourceSpec { interval_max: Duration::from_mins(10), ..source("https://example.org/feed") };
        assert!(store.change_source(id, &spec, at(200)).unwrap());
        assert_eq!(store.due().unwrap().source_at, Some(at(700)));
        let spec = SourceSpec { interval_max: Duration::from_mins(5), ..spec };
        assert!(store.change_source(id, &spec, at(650)).unwrap());
        assert_eq!(store.due().unwrap().source_at, Some(at(650)), "it is overdue by that");
    });
}

#[test]
fn where_a_list_stands_is_kept_until_its_source_is_read_in_another_way() {
    holds(|store| {
        let list = SourceSpec { kind: SourceKind::List, ..source("https://example.org/news") };
        let declared = |spec: &SourceSpec| Declared { sources: vec![spec.clone()], ..Declared::default() };
        store.sync(&declared(&list), at(0)).unwrap();
        let layout = |store: &mut SqliteStore| store.sources(Listed::Current).unwrap().remove(0).state.layout;
        let claim = store.claim_sources(&due_by(at(1))).unwrap().remove(0);
        let place = Some("main > ul > li > a".to_owned());
        let found = PollRecord { layout: place.clone(), next_poll_at: at(2), ..record(&claim, at(1), vec![]) };
        store.record_poll(&found).unwrap();
        let again = store.claim_sources(&due_by(at(2))).unwrap().remove(0);
        assert_eq!(again.source.state.layout, place);
        store.record_poll(&record(&again, at(2), vec![])).unwrap();
        assert_eq!(layout(store), place, "an answer without a list keeps it");
        let selectors = PageSelectors { item: "li".to_owned(), ..PageSelectors::default() };
        store.sync(&declared(&SourceSpec { kind: SourceKind::Page(selectors), ..list }), at(3)).unwrap();
        assert_eq!(layout(store), None);
    });
}

#[test]
fn what_a_robots_txt_said_is_known_as_long_as_it_holds() {
    holds(|store| {
        let text = |until: i64, body: &[u8]| RobotsText { until: at(until), body: body.to_vec() };
        store.keep_robots("https://a.example", &text(50, b"one"), at(0)).unwrap();
        store.keep_robots("https://b.example", &text(90, b""), at(0)).unwrap();
        store.keep_robots("https://a.example", &text(60, b"two"), at(10)).unwrap();
        assert_eq!(store.robots("https://a.example", at(59)).unwrap(), Some(text(60, b"two")));
        assert_eq!(store.robots("https://a.example", at(60)).unwrap(), None);
        assert_eq!(store.robots("https://b.example", at(60)).unwrap(), Some(text(90, b"")));
        assert_eq!(store.robots("http://b.example", at(60)).unwrap(), None);
    });
}

#[test]
fn how_a_source_is_read_is_kept_with_and_without_selectors() {
    holds(|store| {
        let selectors =
            PageSelectors { item: "li".to_owned(), date: Some("time".to_owned()), ..PageSelectors::default() };
        let kinds = [SourceKind::Feed, SourceKind::Page(selectors), SourceKind::List];
        let sources: Vec<SourceSpec> = kinds
            .iter()
            .enumerate()
            .map(|(n, kind)| SourceSpec { kind: kind.clone(), ..source(&format!("https://example.org/{n}")) })
            .collect();
        let declared = Declared { sources, ..Declared::default() };
        store.sync(&declared, at(0)).unwrap();
        let kept: Vec<SourceKind> = store.sources(Listed::Current).unwrap().into_iter().map(|s| s.spec.kind).collect();
        assert_eq!(kept, kinds);
        assert_eq!(store.sync(&declared, at(1)).unwrap(), Synced::default());
    });
}

#[test]
fn a_crowd_of_new_sources_is_polled_one_after_another_and_known_ones_keep_their_places() {
    holds(|store| {
        let crowd: Vec<SourceSpec> = (0..200).map(|n| source(&format!("https://h{n}.example/feed"))).collect();
        let few = Declared { sources: crowd.iter().take(3).cloned().collect(), ..Declared::default() };
        store.sync(&few, at(0)).unwrap();
        let added = store.add_sources(&crowd, at(0)).unwrap();
        assert_eq!((added.iter().filter(|id| id.is_none()).count(), added.len()), (3, 200));
        let due_within = |store: &mut SqliteStore, secs: i64| {
            let sources = store.sources(Listed::Current).unwrap();
            sources.iter().filter(|source| source.state.next_poll_at <= at(secs)).count()
        };
        assert_eq!(due_within(store, 0), 3 + 20);
        assert!((70..=83).contains(&due_within(store, 60)), "{}", due_within(store, 60));
        assert_eq!(due_within(store, 180), 200);
        let late = store.add_source(&source("https://late.example/feed"), at(1)).unwrap();
        let late = store.sources(Listed::Current).unwrap().into_iter().find(|source| source.id == late).unwrap();
        assert_eq!(late.state.next_poll_at, at(1));

        for id in added.into_iter().flatten() {
            assert!(store.remove_source(id).unwrap());
        }
        store.sync(&Declared { sources: crowd, ..Declared::default() }, at(3_600)).unwrap();
        let overdue = store.sources(Listed::Current).unwrap();
        let overdue = overdue.iter().filter(|source| source.state.next_poll_at <= at(3_600)).count();
        assert!(overdue <= 3 + 1 + 20, "{overdue} are due at once");
    });
}

#[test]
fn whose_topics_are_gone_are_told_by_number_and_no_longer_once_one_is_back() {
    holds(|store| {
        let sources = vec![
            source("https://example.org/one"),
            SourceSpec { topics: vec![topic_key(), key("harbour")], ..source("https://example.org/two") },
            SourceSpec { topics: vec![], ..source("https://example.org/all") },
        ];
        let mut wants = hook("desk");
        wants.filter.topics = vec![topic_key()];
        let whole = Declared {
            topics: vec![topic(), TopicSpec { key: key("harbour"), ..topic() }],
            sources,
            subscriptions: vec![wants, hook("all")],
            expire: None,
        };
        store.sync(&whole, at(0)).unwrap();
        assert_eq!(store.adrift().unwrap(), Adrift::default());

        let less = Declared { topics: vec![TopicSpec { key: key("harbour"), ..topic() }], ..whole.clone() };
        store.sync(&less, at(1)).unwrap();
        let said = "source 1 and subscription 1 name no topic but resolution, which is gone: no event is told for them";
        assert_eq!(store.adrift().unwrap().words().as_deref(), Some(said));
        assert_eq!(store.whole_survey(at(1)).unwrap().adrift, Some(store.adrift().unwrap()));
        assert_eq!(store.survey(at(1)).unwrap().adrift, None, "the metrics do without");

        store.sync(&Declared { topics: vec![], ..whole.clone() }, at(2)).unwrap();
        let said = "sources 1, 2 and subscription 1 name no topics but harbour, resolution, which are gone: no event is told for them";
        assert_eq!(store.adrift().unwrap().words().as_deref(), Some(said));
        store.sync(&whole, at(3)).unwrap();
        assert_eq!(store.adrift().unwrap().words(), None);
    });
}

#[test]
fn what_was_added_by_hand_and_is_declared_now_is_told_to_be_the_configurations() {
    holds(|store| {
        store.add_topic(&topic(), at(0)).unwrap();
        store.add_source(&source("https://example.org/feed"), at(0)).unwrap();
        store.add_subscription(&hook("desk"), at(0)).unwrap();
        let declared = Declared {
            topics: vec![topic()],
            sources: vec![source("https://example.org/feed"), source("https://example.org/other")],
            subscriptions: vec![hook("desk"), hook("new")],
            expire: None,
        };
        let synced = store.sync(&declared, at(1)).unwrap();
        assert_eq!(synced.taken_over, 3);
        assert!(synced.words().any(|words| words.starts_with("3 of these were added by command or API")));
        assert_eq!(store.sync(&declared, at(2)).unwrap().taken_over, 0, "it is told once");
    });
}

fn key(text: &str) -> TopicKey {
    TopicKey::parse(text).unwrap()
}

#[test]
fn a_subscription_that_comes_back_is_given_what_its_removal_ended_in_the_state_that_it_had() {
    use DeliveryState::{Gone, Held, Kept, Pending};

    holds(|store| {
        let mut digest = hook("digest");
        digest.manner.digest = Some(DigestPlan::Every(Duration::from_hours(4)));
        let declared = Declared { subscriptions: vec![hook("desk"), digest, hook("off")], ..Declared::default() };
        store.sync(&declared, at(0)).unwrap();
        let ids = [1, 2, 3].map(SubscriptionId);
        store.disable_subscription(ids[2], at(1)).unwrap();
        told(store, &[("a", Some(1), ids[0]), ("b", Some(1), ids[0]), ("c", None, ids[1]), ("d", None, ids[2])]);
        let states = |store: &mut SqliteStore| -> Vec<DeliveryState> {
            let filter = everything(store);
            store.deliveries(&filter).unwrap().iter().rev().map(|delivery| delivery.state).collect()
        };
        assert_eq!(states(store), [Pending, Pending, Held, Kept]);

        let gone = store.sync(&Declared::default(), at(10)).unwrap();
        assert_eq!((gone.ended, gone.given_back), (4, 0));
        assert_eq!(states(store), [Gone; 4]);
        let back = store.sync(&declared, at(20)).unwrap();
        assert_eq!((back.ended, back.given_back), (0, 4));
        assert_eq!(
            states(store),
            [Pending, Pending, Held, Pending],
            "what was disabled is served again with what it missed"
        );
        assert_eq!(claim_words(store, at(21)), ["msg_a", "msg_d"], "in the order of their lines");
        assert_eq!(store.make_digests(at(22)).unwrap(), 1, "what was held back is told at once");

        let filter = everything(store);
        let first = store.deliveries(&filter).unwrap().pop().unwrap();
        assert_eq!((first.created_at, first.replayed_at), (at(2), None), "no younger than it was");
    });
}

#[test]
fn what_is_too_old_or_was_for_another_address_is_not_given_back() {
    holds(|store| {
        let declared = |spec: &SubscriptionSpec| Declared {
            subscriptions: vec![spec.clone()],
            expire: Some(Duration::from_secs(10)),
            ..Declared::default()
        };
        let mut patient = hook("desk");
        patient.manner.expire_after = Some(Duration::from_hours(1));
        let mut elsewhere = hook("desk");
        elsewhere.endpoint = Endpoint::webhook(url("https://other.example/in"), Secret::new("whsec_AAAA"));
        let nothing = Declared::default();

        store.sync(&declared(&hook("desk")), at(0)).unwrap();
        // Made at second two.
        told(store, &[("a", None, SubscriptionId(1))]);
        store.sync(&nothing, at(3)).unwrap();
        assert_eq!(store.sync(&declared(&hook("desk")), at(12)).unwrap().given_back, 1);
        store.sync(&nothing, at(12)).unwrap();
        assert_eq!(store.sync(&declared(&patient), at(100)).unwrap().given_back, 1, "by its own expiry");
        store.disable_subscription(SubscriptionId(1), at(101)).unwrap();
        store.sync(&nothing, at(102)).unwrap();
        assert_eq!(store.sync(&declared(&hook("desk")), at(103)).unwrap().given_back, 0);
        assert_eq!(claim_words(store, at(104)), Vec::<String>::new(), "nor is it told as what was missed");

        told(store, &[("b", None, SubscriptionId(1))]);
        store.sync(&nothing, at(105)).unwrap();
        assert_eq!(store.sync(&declared(&elsewhere), at(3)).unwrap().given_back, 0);
        let id = store.add_subscription(&hook("api"), at(0)).unwrap();
        told(store, &[("c", None, id)]);
        assert!(store.remove_subscription(id).unwrap());
        assert_eq!(store.sync(&declared(&hook("api")), at(3)).unwrap().given_back, 0, "it was not of the file");
        assert_eq!(claim_words(store, at(4)), Vec::<String>::new());
    });
}

#[test]
fn a_subscription_that_is_added_by_hand_under_a_removed_name_is_told_nothing_old() {
    holds(|store| {
        let id = store.add_subscription(&hook("desk"), at(0)).unwrap();
        told(store, &[("a", None, id)]);
        assert!(store.remove_subscription(id).unwrap());
        assert_eq!(store.add_subscription(&hook("desk"), at(1)).unwrap(), id);
        assert_eq!(claim_words(store, at(2)), Vec::<String>::new());
    });
}

#[test]
fn what_a_declaration_would_change_is_told_and_nothing_is_changed() {
    holds(|store| {
        let declared = Declared { topics: vec![topic()], subscriptions: vec![hook("desk")], ..Declared::default() };
        store.sync(&declared, at(0)).unwrap();
        let id = store.subscriptions().unwrap()[0].id;
        told(store, &[("a", None, id)]);
        let other = Declared { sources: vec![source("https://example.org/feed")], ..Declared::default() };
        let would = store.would_sync(&other, at(1)).unwrap();
        assert_eq!((would.sources.added, would.topics.retired, would.subscriptions.retired, would.ended), (1, 1, 1, 1));
        assert_eq!(store.would_sync(&declared, at(2)).unwrap(), Synced::default(), "all is as it was");
        assert_eq!(claim_words(store, at(3)), ["msg_a"]);
    });
}
