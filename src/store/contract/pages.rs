//! What the readers' pages ask.

use super::given::*;
use crate::model::*;
use crate::port::*;
use crate::store::SqliteStore;
use crate::topic::Query;

/// Three stories: 1 (en) and 2 (uk) in event 1, 3 (en) in event 2; of a publisher each.
fn two_events(store: &mut SqliteStore) {
    store.add_topic(&topic(), at(0)).unwrap();
    let claim = claimed(store, "https://example.org/feed", at(0));
    let story = |n: u128, lang: &str| StoryDraft {
        lang: Some(lang.to_owned()),
        publisher: format!("p{n}.example"),
        ..draft(n, &format!("Резолюція {n}"))
    };
    let stories = vec![new(story(1, "en")), new(story(2, "uk")), new(story(3, "en"))];
    store.record_poll(&record(&claim, at(1), stories)).unwrap();
    let decisions = vec![
        decision(1, Ruling::Opened, Some(1)),
        decision(2, Ruling::Copy { of: StoryId(1) }, Some(1)),
        decision(3, Ruling::Opened, Some(2)),
    ];
    let opened = vec![opened(1, 1), opened(2, 3)];
    store.commit_decisions(&Commit { decisions, opened, ..Commit::default() }).unwrap();
}

fn split(event: i64, story: i64) -> Correction {
    Correction::Split { event: EventId(event), stories: vec![StoryId(story)], hush: Hush::Quiet }
}

fn events(store: &mut SqliteStore, filter: EventFilter) -> Vec<i64> {
    store.cards(&EventFilter { limit: 9, ..filter }).unwrap().iter().map(|card| card.event.id.0).collect()
}

fn in_lang(lang: &str) -> EventFilter {
    EventFilter { lang: Some(lang.to_owned()), ..EventFilter::default() }
}

#[test]
fn events_are_found_by_the_languages_and_publishers_of_the_stories_that_are_in_them_now() {
    holds(|store| {
        two_events(store);
        assert_eq!((events(store, in_lang("en")), events(store, in_lang("uk"))), (vec![2, 1], vec![1]));
        let of_publisher = EventFilter { publisher: Some("p2.example".to_owned()), ..in_lang("en") };
        assert_eq!(events(store, of_publisher.clone()), [1]);
        let capital = EventFilter { publisher: Some("P2.example".to_owned()), ..in_lang("en") };
        assert_eq!(events(store, capital), [1], "as phones write it");
        assert_eq!(store.overview().unwrap().languages, ["en", "uk"]);

        store.correct(&split(1, 1), at(9)).unwrap().unwrap_err();
        let merge = Correction::Merge { events: vec![EventId(1), EventId(2)] };
        store.correct(&merge, at(9)).unwrap().unwrap();
        store.correct(&split(1, 3), at(9)).unwrap().unwrap();
        assert_eq!((events(store, in_lang("uk")), events(store, of_publisher)), (vec![1], vec![1]));
        let third = EventFilter { publisher: Some("p3.example".to_owned()), ..EventFilter::default() };
        assert_eq!(events(store, third), [3]);
    });
}

#[test]
fn a_card_has_its_stories_with_what_each_is_and_the_start_of_the_first_ones_text() {
    holds(|store| {
        two_events(store);
        let card = store.cards(&EventFilter { limit: 9, ..in_lang("uk") }).unwrap().remove(0);
        let stories: Vec<_> = card.stories.iter().map(|story| (story.id.0, story.ruling)).collect();
        assert_eq!(stories, [(1, Ruling::Opened), (2, Ruling::Copy { of: StoryId(1) })]);
        assert_eq!((card.lead.as_str(), card.event.publishers), ("The text below Резолюція 1", 2));
    });
}

#[test]
fn what_changed_since_a_version_is_given_once_and_as_it_is() {
    holds(|store| {
        two_events(store);
        let version = store.overview().unwrap().version;
        let none = store.changed_events(version, &EventFilter::default(), 9).unwrap();
        assert_eq!((none.events, none.through, none.last), (vec![], version, version));

        let merge = Correction::Merge { events: vec![EventId(1), EventId(2)] };
        store.correct(&merge, at(9)).unwrap().unwrap();
        let changed = store.changed_events(version, &EventFilter::default(), 9).unwrap();
        let mut shown: Vec<_> =
            changed.events.iter().map(|(id, card)| (id.0, card.as_ref().map(|card| card.stories.len()))).collect();
        shown.sort_unstable();
        assert_eq!(shown, [(1, Some(3)), (2, None)]);
        assert_eq!((changed.through, changed.last), (changed.last, store.overview().unwrap().version));
        let first = store.changed_events(EventVersion(0), &EventFilter::default(), 1).unwrap();
        assert!(first.events.len() == 1 && first.through < first.last);
    });
}

#[test]
fn a_word_is_found_whichever_latin_or_cyrillic_letters_it_has() {
    holds(|store| {
        let words: Vec<String> = ('\u{c0}'..='\u{24f}')
            .chain('\u{1e00}'..='\u{1eff}')
            .chain('\u{400}'..='\u{45f}')
            .filter(|letter| letter.is_alphabetic())
            // Two letters in one character, which hardly anybody types.
            .filter(|letter| !matches!(letter, 'Ĳ' | 'ĳ' | 'Ŀ' | 'ŀ' | '\u{1c4}'..='\u{1cc}' | '\u{1f1}'..='\u{1f3}'))
            .map(|letter| format!("q{letter}v{letter}ntw"))
            .chain(
                ["Kılıçdaroğlu", "København", "Wałęsa", "Łódź", "Œuvre", "Færøerne", "Straße", "Ærø"]
                    .map(str::to_owned),
            )
            .collect();
        let claim = claimed(store, "https://example.org/feed", at(0));
        store.record_poll(&record(&claim, at(1), vec![new(draft(1, &words.join(" ")))])).unwrap();
        let mut found = |query: &str| {
            let filter =
                StoryFilter { needed: Query::search(query).unwrap().needed(), limit: 1, ..StoryFilter::default() };
            store.stories_with(&filter).unwrap().len() == 1
        };
        let missed: Vec<&String> =
            words.iter().filter(|word| !found(word) || !found(&crate::text::fold(word))).collect();
        assert_eq!(missed, Vec::<&String>::new());
    });
}

#[test]
fn stories_are_given_newest_first_that_have_what_a_query_needs_or_all_where_that_can_not_be_told() {
    holds(|store| {
        two_events(store);
        let mut found = |query: &str, before: Option<i64>| {
            let needed = Query::parse(query).unwrap().needed();
            let filter = StoryFilter { needed, before: before.map(StoryId), limit: 2, ..StoryFilter::default() };
            store.stories_with(&filter).unwrap().iter().map(|story| story.id.0).collect::<Vec<_>>()
        };
        assert_eq!((found("резолюція", None), found("резолюція", Some(2))), (vec![3, 2], vec![1]));
        assert_eq!((found("вето", None), found("*", None)), (vec![], vec![3, 2]));
        let later = StoryFilter { since: Some(at(2)), limit: 9, ..StoryFilter::default() };
        assert_eq!(store.stories_with(&later).unwrap(), []);
        let before = StoryFilter { until: Some(at(2)), limit: 9, ..StoryFilter::default() };
        assert_eq!(store.stories_with(&before).unwrap().len(), 3);
    });
}

#[test]
fn stories_whose_words_are_not_indexed_yet_are_found_however_many_are_asked_for_at_once() {
    holds(|store| {
        let claim = claimed(store, "https://example.org/feed", at(0));
        let title = |n: u128| if n % 50 == 1 { format!("Rare veto {n}") } else { format!("Common vote {n}") };
        let stories = (1..=200).map(|n| new(draft(n, &title(n)))).collect();
        store.record_poll(&record(&claim, at(1), stories)).unwrap();
        let mut all = |query: &str, limit: usize| {
            let needed = Query::parse(query).unwrap().needed();
            let (mut found, mut before) = (Vec::new(), None);
            loop {
                let filter = StoryFilter { needed: needed.clone(), before, limit, ..StoryFilter::default() };
                let page = store.stories_with(&filter).unwrap();
                found.extend(page.iter().map(|story| story.id.0));
                before = page.last().map(|last| last.id);
                if page.len() < limit {
                    return found;
                }
            }
        };
        assert_eq!((all("rare", 1), all("rare", 3)), (vec![151, 101, 51, 1], vec![151, 101, 51, 1]));
        assert_eq!((all("common", 7).len(), all("common", 100).len()), (196, 196));
    });
}
