//! Sources, stories, decisions and events.

use std::time::Duration;

use super::given::*;
use crate::model::*;
use crate::port::*;
use crate::store::SqliteStore;

#[test]
fn what_a_poll_brought_is_read_back_as_it_was_written() {
    holds(|store| {
        let claim = claimed(store, "https://example.org/feed", at(0));
        let recorded = store.record_poll(&record(&claim, at(1), vec![new(draft(1, "First"))])).unwrap();
        assert_eq!(recorded, Recorded { accepted: true, new: 1, revised: 0, awaiting: 0 });

        let stories = store.claim_undecided(10).unwrap();
        let expected = Story {
            id: StoryId(1),
            source: claim.source.id,
            draft: draft(1, "First"),
            seen_at: at(1),
            arrival: Arrival::FirstPoll,
            revision: 1,
            state: StoryState::Undecided,
        };
        assert_eq!(stories, [expected]);
        let known = store.known(&[EntryKey(99), EntryKey(3), EntryKey(2)]).unwrap();
        assert_eq!(known.iter().map(|k| k.key).collect::<Vec<_>>(), [EntryKey(3), EntryKey(2)]);
        assert_eq!(known[0].text_chars, draft(1, "First").text.len());
        let polled = store.sources(Listed::Current).unwrap().remove(0);
        assert_eq!(polled.spec, source("https://example.org/feed"));
        assert_eq!((polled.stories, polled.state.polls), (1, 1));
        assert_eq!(polled.state.last_story_at, Some(at(1)));
        assert_eq!(polled.state.validators.etag.as_deref(), Some("W/\"1\""));
        assert_eq!(polled.state.last_outcome, "ok");
    });
}

#[test]
fn a_story_under_a_name_that_is_known_is_not_new_again_but_lends_its_other_names() {
    holds(|store| {
        with_stories(store, &["First"]);
        let claim = claimed(store, "https://other.example/feed", at(5));
        let twin = StoryDraft { keys: vec![EntryKey(50), EntryKey(3)], ..draft(9, "Twin") };
        let recorded = store.record_poll(&record(&claim, at(6), vec![new(twin)])).unwrap();
        assert_eq!(recorded.new, 0);
        assert_eq!(store.find_story(&[EntryKey(50)], None).unwrap(), Some(StoryId(1)));
    });
}

#[test]
fn a_poll_with_an_old_fence_changes_nothing() {
    holds(|store| {
        let slow = claimed(store, "https://example.org/feed", at(0));
        let again = store.claim_sources(&due_by(at(61))).unwrap();
        assert_eq!(again.len(), 1);
        let refused = store.record_poll(&record(&slow, at(62), vec![new(draft(1, "Late"))])).unwrap();
        assert_eq!(refused, Recorded::default());
        assert_eq!(store.counts().unwrap().stories, 0);
        assert!(store.record_poll(&record(&again[0], at(63), vec![])).unwrap().accepted);
    });
}

#[test]
fn a_poll_without_stories_is_written_whole_and_only_by_whoever_holds_the_source() {
    holds(|store| {
        let first = claimed(store, "https://example.org/feed", at(0));
        store.record_poll(&record(&first, at(1), vec![])).unwrap();
        let mut polled = |health: SourceHealth, etag: Option<&str>, hour: i64| {
            let claim = store.claim_sources(&due_by(at(hour * 3_600))).unwrap().remove(0);
            let validators = etag.map(|etag| Validators { etag: Some(etag.to_owned()), last_modified: None });
            let outcome = PollOutcome::NotModified;
            let poll = PollRecord { outcome, validators, health, ..record(&claim, at(hour * 3_600), vec![]) };
            let of_another = PollRecord { fence: first.fence, failures: 9, ..poll.clone() };
            assert!(!store.record_poll(&of_another).unwrap().accepted);
            assert!(store.record_poll(&poll).unwrap().accepted);
            let state = store.sources(Listed::Current).unwrap().remove(0).state;
            (state.health, state.validators.etag.unwrap_or_default(), state.failures, state.not_modified)
        };
        assert_eq!(polled(SourceHealth::Well, None, 1), (SourceHealth::Well, "W/\"1\"".to_owned(), 0, 1));
        assert_eq!(polled(SourceHealth::Failing, Some("2"), 2), (SourceHealth::Failing, "2".to_owned(), 0, 2));
        assert_eq!(polled(SourceHealth::Failing, None, 3), (SourceHealth::Failing, "2".to_owned(), 0, 3));
    });
}

#[test]
fn a_poll_that_read_a_source_in_another_way_than_is_declared_now_changes_nothing() {
    holds(|store| {
        let declare = |store: &mut SqliteStore, kind: SourceKind, now| {
            let sources = vec![SourceSpec { kind, ..source("https://example.org/news") }];
            store.sync(&Declared { sources, ..Declared::default() }, at(now)).unwrap();
        };
        declare(store, SourceKind::Feed, 0);
        let slow = store.claim_sources(&due_by(at(0))).unwrap().remove(0);
        declare(store, SourceKind::List, 1);
        assert!(!store.record_poll(&record(&slow, at(2), vec![new(draft(1, "As before"))])).unwrap().accepted);
        let anew = store.claim_sources(&due_by(at(2))).unwrap();
        assert_eq!(anew.len(), 1, "it is read anew at once");
        assert!(store.record_poll(&record(&anew[0], at(3), vec![])).unwrap().accepted);
    });
}

#[test]
fn a_claimed_source_is_not_claimed_again_until_its_lease_ends_or_is_released() {
    holds(|store| {
        claimed(store, "https://example.org/feed", at(0));
        assert!(store.claim_sources(&due_by(at(59))).unwrap().is_empty());
        assert_eq!(store.due().unwrap().source_at, Some(at(60)));
        store.release_leases(at(59)).unwrap();
        assert_eq!(store.claim_sources(&due_by(at(59))).unwrap().len(), 1);
    });
}

#[test]
fn sources_are_claimed_longest_overdue_first_within_the_bounds_of_a_host() {
    holds(|store| {
        for (secs, address) in [(3, "https://a.example/1"), (1, "https://a.example/2"), (2, "https://b.example/1")] {
            store.add_source(&source(address), at(secs)).unwrap();
        }
        store.add_source(&source("https://c.example/1"), at(0)).unwrap();
        let bounds = ClaimSources { per_domain: 1, except_domains: vec!["c.example".to_owned()], ..due_by(at(9)) };
        let claims = store.claim_sources(&bounds).unwrap();
        let urls: Vec<_> = claims.iter().map(|c| c.source.spec.url.as_str()).collect();
        assert_eq!(urls, ["https://a.example/2", "https://b.example/1"]);
    });
}

#[test]
fn a_revised_story_is_decided_anew_and_its_old_title_is_kept() {
    holds(|store| {
        with_stories(store, &["First", "Second"]);
        let claim = store.claim_sources(&due_by(at(5000))).unwrap().remove(0);
        let change = StoryChange::Revised { story: StoryId(1), draft: draft(1, "Corrected") };
        assert_eq!(store.record_poll(&record(&claim, at(5001), vec![change])).unwrap().revised, 1);
        // Decided on what it said before: the revision is still to be decided.
        let stale = decision(1, Ruling::OffTopic, None);
        store.commit_decisions(&Commit { decisions: vec![stale], ..Commit::default() }).unwrap();
        let undecided = store.claim_undecided(10).unwrap();
        assert_eq!((undecided[0].revision, undecided[0].draft.title.as_str()), (2, "Corrected"));
        let explained = store.explain(StoryId(1)).unwrap().unwrap();
        let text = "The text below First".to_owned();
        let first = Revision { number: 1, title: "First".to_owned(), text, replaced_at: at(5001) };
        assert_eq!(explained.revisions, [first]);
    });
}

#[test]
fn stories_whose_pages_are_refused_wait_together_three_refusals_or_an_hour_and_feeds_go_first() {
    let wait = |n, title| StoryChange::New { draft: draft(n, title), fetch_article: true };
    let refused = |claim: &ArticleClaim, until| ArticleRecord::Failed {
        story: claim.story,
        fence: claim.fence,
        detail: "status 429".to_owned(),
        retry_at: Some(until),
        domain_pause: Some(DomainPause { domain: "example.org".to_owned(), until, why: String::new() }),
    };
    let undecided = |store: &mut SqliteStore| store.claim_undecided(9).unwrap().len();
    holds(|store| {
        let claim = claimed(store, "https://example.org/feed", at(0));
        store.record_poll(&record(&claim, at(1), vec![wait(1, "One"), wait(2, "Two"), wait(3, "Three")])).unwrap();
        let mut now = 2;
        for refusals in 1..=3 {
            let pages = store.claim_articles(&due_by(at(now))).unwrap();
            store.record_article(&refused(&pages[0], at(now + 300)), at(now)).unwrap();
            let expected = if refusals < 3 { 0 } else { 3 };
            assert_eq!(undecided(store), expected, "one refusal counts for all of them: {refusals}");
            assert_eq!(store.claim_articles(&due_by(at(now + 300))).unwrap(), [], "the feed is asked first");
            now += 360;
        }
        assert_eq!(store.counts().unwrap().awaiting, 0);
    });
    holds(|store| {
        let claim = claimed(store, "https://example.org/feed", at(0));
        store.record_poll(&record(&claim, at(1), vec![wait(1, "One"), wait(2, "Two")])).unwrap();
        let pages = store.claim_articles(&due_by(at(2))).unwrap();
        store.record_article(&refused(&pages[0], at(86_400)), at(2)).unwrap();
        assert_eq!(undecided(store), 2, "nothing can be read within the hour");
        let again = store.claim_sources(&due_by(at(5_000_000))).unwrap().remove(0);
        let recorded = store.record_poll(&record(&again, at(60), vec![wait(3, "Three")])).unwrap();
        assert_eq!((recorded.awaiting, undecided(store)), (0, 3), "what comes meanwhile doesn't wait, either");
    });
}

#[test]
fn a_story_waits_for_its_article_page_and_goes_on_with_or_without_it() {
    holds(|store| {
        let claim = claimed(store, "https://example.org/feed", at(0));
        let wait = |n, title| StoryChange::New { draft: draft(n, title), fetch_article: true };
        let recorded = store.record_poll(&record(&claim, at(1), vec![wait(1, "One"), wait(2, "Two")])).unwrap();
        assert_eq!((recorded.new, recorded.awaiting), (2, 2));
        assert!(!store.due().unwrap().undecided);

        let claims = store.claim_articles(&due_by(at(2))).unwrap();
        assert_eq!(claims[0].url.as_str(), "https://example.org/1?utm_source=feed");
        let full = StoryDraft { text: "The whole article".to_owned(), ..draft(1, "One") };
        let read = ArticleRecord::Read { story: StoryId(1), fence: claims[0].fence, draft: Box::new(full) };
        store.record_article(&read, at(3)).unwrap();
        let failed = |fence, retry_at| ArticleRecord::Failed {
            story: StoryId(2),
            fence,
            detail: "timeout".to_owned(),
            retry_at,
            domain_pause: None,
        };
        store.record_article(&failed(claims[1].fence, Some(at(30))), at(3)).unwrap();
        assert_eq!(store.due().unwrap().article_at, Some(at(30)));
        let again = store.claim_articles(&due_by(at(30))).unwrap();
        assert_eq!(again[0].tries, 1);
        store.record_article(&failed(claims[1].fence, None), at(31)).unwrap();
        assert_eq!(store.counts().unwrap().awaiting, 1, "an old fence must change nothing");
        store.record_article(&failed(again[0].fence, None), at(31)).unwrap();
        let texts: Vec<_> = store.claim_undecided(9).unwrap().into_iter().map(|s| s.draft.text).collect();
        assert_eq!(texts, ["The whole article", "The text below Two"]);
    });
}

#[test]
fn decisions_come_back_with_their_reasons_events_and_counts() {
    holds(|store| {
        with_stories(store, &["First", "Second", "Third"]);
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        let decisions = vec![
            decision(1, Ruling::Opened, Some(1)),
            decision(2, Ruling::Copy { of: StoryId(1) }, Some(1)),
            decision(3, Ruling::OffTopic, None),
        ];
        let commit = Commit {
            decisions: decisions.clone(),
            opened: vec![opened(1, 1)],
            changed: vec![EventChange { id: EventId(1), changed_at: at(3), told_at: None, retitled: None }],
            notifications: vec![(notification("a", Some(1)), vec![to])],
            meanings: vec![(StoryId(1), vec![7; 512])],
            ..Commit::default()
        };
        store.commit_decisions(&commit).unwrap();

        assert!(!store.due().unwrap().undecided);
        let view = store.event(EventId(1)).unwrap().unwrap();
        assert_eq!((view.event.stories, view.event.publishers, view.event.languages), (2, 1, 1));
        assert_eq!(view.event.changed_at, at(3));
        assert_eq!(view.stories.iter().map(|(_, d)| d.clone()).collect::<Vec<_>>(), decisions[..2]);
        let explained = store.explain(StoryId(2)).unwrap().unwrap();
        assert_eq!(explained.decisions, decisions[1..2]);
        // By the address that leads there, not by the one that it is compared by.
        let link = "https://example.org/1?utm_source=feed".to_owned();
        assert_eq!(explained.others, [(StoryId(1), link, "First".to_owned())]);
        assert_eq!(store.explain(StoryId(1)).unwrap().unwrap().deliveries.len(), 1);
        let seed = store.index_seed(at(2)).unwrap();
        assert_eq!(seed.stories, [StoryId(1), StoryId(2)]);
        assert_eq!((seed.events.len(), seed.next_event), (1, EventId(2)));
        let recalled = store.recall(&[StoryId(1), StoryId(9), StoryId(2)]).unwrap();
        let meanings = recalled.into_iter().map(|story| (story.story.id.0, story.meaning)).collect::<Vec<_>>();
        assert_eq!(meanings, [(1, Some(vec![7; 512])), (2, None)]);
        assert!(store.index_seed(at(3)).unwrap().stories.is_empty());
    });
}

#[test]
fn a_batch_that_clashes_with_an_event_is_written_not_at_all() {
    holds(|store| {
        with_stories(store, &["First"]);
        store.commit_decisions(&Commit { opened: vec![opened(1, 1)], ..Commit::default() }).unwrap();
        let clash = Commit {
            opened: vec![opened(2, 1), opened(1, 1)],
            decisions: vec![decision(1, Ruling::Opened, Some(2))],
            ..Commit::default()
        };
        assert!(matches!(store.commit_decisions(&clash), Err(StoreError::Refused { .. })));
        assert_eq!(store.event(EventId(2)).unwrap(), None);
        assert!(store.due().unwrap().undecided);
    });
}
#[test]
fn off_topic_texts_are_dropped_after_their_time_but_never_new_again() {
    holds(|store| {
        with_stories(store, &["Cricket", "Council"]);
        let decisions = vec![decision(1, Ruling::OffTopic, None), decision(2, Ruling::Opened, Some(1))];
        store.commit_decisions(&Commit { decisions, opened: vec![opened(1, 2)], ..Commit::default() }).unwrap();
        assert_eq!(store.retain(at(100), at(100), 10).unwrap(), 1);
        assert_eq!(store.retain(at(100), at(100), 10).unwrap(), 0);
        assert_eq!(store.explain(StoryId(1)).unwrap().unwrap().story.draft.text, "");
        assert_eq!(store.known(&draft(1, "").keys).unwrap().len(), 2);
        assert_eq!(store.search("below", 10).unwrap().len(), 1);
        assert!(store.check(Duration::from_mins(1)).unwrap().is_empty());
        assert_eq!(store.search("cricket", 10).unwrap().len(), 1);
        assert!(store.check(Duration::from_mins(1)).unwrap().is_empty());
    });
}

#[test]
fn a_search_finds_all_words_in_any_case_and_never_fails_on_what_is_typed() {
    holds(|store| {
        with_stories(store, &["Резолюция Совета", "Café del mar: cease-fire", "सुरक्षा परिषद"]);
        let mut found = |words: &str| store.search(words, 10).unwrap().iter().map(|s| s.id.0).collect::<Vec<_>>();
        assert_eq!(found("резолюция СОВЕТА"), [1]);
        assert_eq!(found("cafe"), [2]);
        assert_eq!(found("cease-fire"), [2]);
        assert_eq!(found("सुरक्षा"), [3]);
        assert_eq!(found("text"), [3, 2, 1]);
        assert_eq!(found("резол*"), [1]);
        assert_eq!(found("cafe совета"), Vec::<i64>::new());
        assert_eq!(found("text OR"), Vec::<i64>::new());
        assert_eq!(found("\"text"), [3, 2, 1]);
        assert_eq!(found("-"), Vec::<i64>::new());
    });
}

#[test]
fn a_search_finds_stories_whose_words_wait_to_be_indexed_and_those_whose_do_not() {
    holds(|store| {
        let claim = claimed(store, "https://example.org/feed", at(0));
        let many = (1..=600).map(|n| new(draft(n, &format!("Bulletin {}", n % 2)))).collect();
        store.record_poll(&record(&claim, at(1), many)).unwrap();
        let claim = store.claim_sources(&due_by(at(5000))).unwrap().remove(0);
        let revised = StoryChange::Revised { story: StoryId(4), draft: draft(4, "Correction 0") };
        let few = vec![new(draft(601, "Bulletin 0")), revised];
        store.record_poll(&record(&claim, at(5001), few)).unwrap();
        let mut found =
            |words: &str, limit| store.search(words, limit).unwrap().iter().map(|s| s.id.0).collect::<Vec<_>>();
        assert_eq!(found("bulletin 0", 3), [601, 600, 598]);
        assert_eq!(found("correction", 3), [4]);
        assert_eq!(found("bulletin 0", 1000).len(), 300);
        assert!(store.retain(at(0), at(0), 10).is_ok());
        assert!(store.check(Duration::from_mins(1)).unwrap().is_empty());
        assert_eq!(store.search("bulletin 0", 1000).unwrap().len(), 300);
    });
}

#[test]
fn stories_are_listed_from_a_moment_on_in_pages() {
    holds(|store| {
        with_stories(store, &["One", "Two"]);
        let claim = store.claim_sources(&due_by(at(5000))).unwrap().remove(0);
        store.record_poll(&record(&claim, at(5001), vec![new(draft(3, "Three")), new(draft(4, "Four"))])).unwrap();
        let mut page = |since, after, limit| {
            let stories = store.stories_since(at(since), StoryId(after), limit).unwrap();
            stories.iter().map(|s| s.id.0).collect::<Vec<_>>()
        };
        assert_eq!(page(0, 0, 3), [1, 2, 3]);
        assert_eq!(page(0, 3, 3), [4]);
        assert_eq!(page(2, 0, 3), [3, 4]);
        assert_eq!(page(6000, 0, 3), Vec::<i64>::new());
    });
}

#[test]
fn the_latest_stories_of_a_source_are_its_own_and_the_newest_first() {
    holds(|store| {
        with_stories(store, &["One", "Two"]);
        let other = claimed(store, "https://other.example/feed", at(10));
        store.record_poll(&record(&other, at(11), vec![new(draft(3, "Three"))])).unwrap();
        let claim = store.claim_sources(&due_by(at(5000))).unwrap().remove(0);
        store.record_poll(&record(&claim, at(5001), vec![new(draft(4, "Four"))])).unwrap();
        let mut latest = |source, until, limit| {
            let stories = store.stories_of(source, at(until), limit).unwrap();
            stories.iter().map(|s| s.id.0).collect::<Vec<_>>()
        };
        assert_eq!(latest(claim.source.id, 5001, 9), [4, 2, 1]);
        assert_eq!(latest(claim.source.id, 5001, 1), [4]);
        assert_eq!(latest(claim.source.id, 11, 9), [2, 1]);
        assert_eq!(latest(other.source.id, 11, 9), [3]);
    });
}
