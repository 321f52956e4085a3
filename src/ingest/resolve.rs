//! Which stories are new, which changed, which are known: the rules that keep a story one story.
//!
//! Told twice is a nuisance, a swallowed story is news lost: where an id and everything else disagree, the id loses.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::{EntryKey, Known, SourceId, SourceSpec, StoryChange, StoryDraft, StoryId, WebUrl};
use crate::text;

use super::digest;

/// A text this much shorter than the one stored is a summary of it, no new version.
const SUMMARY_SHARE: usize = 2;

/// In a document whose ids have all changed, so many of them are remembered, to see next time whether they hold now.
const IDS_TRIED: usize = 2;

/// Titles that share this much of their words are one title, edited.
const SAME_TITLE_SHARE: f64 = 0.5;

/// Holds a document's stories against those known under any of their keys.
///
/// The strongest key that is known decides. The very words are always believed. An id is not where it now stands at another
/// address under another title (it was used again), nor is any weaker key of a story that this document has told already, nor a
/// title and day beside an id that is new; nor is an address beside an id that is new, where title, words and date are others
/// and the story that has it is gone from the document: a page of warnings stays where it is, and what it warns of doesn't. A
/// story that no key is believed of is new, and leaves those keys to the other.
///
/// Ids that change at every poll are not remembered, or a feed of fifty entries would leave some thousands of names a
/// day. No state says which feeds do so: of a document whose ids have changed two are remembered, and once those are met
/// again all are.
pub fn resolve(drafts: Vec<StoryDraft>, known: &[Known], source: &SourceSpec, id: SourceId) -> Vec<StoryChange> {
    let known: BTreeMap<EntryKey, &Known> = known.iter().map(|known| (known.key, known)).collect();
    let mut taken: BTreeSet<EntryKey> = BTreeSet::new();
    let mut seen: BTreeSet<StoryId> = BTreeSet::new();
    let mut changes = Vec::new();
    // Looked for only once a story turns out to be new: most documents hold none.
    let titles = digest::titles(&drafts);
    let usual: Usual = LazyCell::new(Box::new(move || text::language(&titles, None)));
    let names: Vec<Names> = drafts.iter().map(|draft| Names::of(draft, id)).collect();
    let fickle = fickle_ids(&drafts, &names, &known);
    let standing: BTreeSet<StoryId> =
        names.iter().filter_map(|names| known.get(&names.own?)).map(|found| found.story).collect();
    for (mut draft, Names { place, words, day, own }) in drafts.into_iter().zip(names) {
        // With an id of its own, a story's title and day only point to what may be the same.
        let weak = day.filter(|_| own.is_some());
        draft.keys.retain(|key| Some(*key) != own || !fickle.contains(key));
        // Two entries of one document with a common key are one story: the first (older) one is kept.
        if draft.keys.iter().any(|key| Some(*key) != weak && taken.contains(key)) {
            continue;
        }
        draft.keys.retain(|key| !taken.contains(key));
        taken.extend(draft.keys.iter().copied());
        // A document whose ids change at each poll says nothing by a new one.
        let is_renamed = fickle.is_empty() && own.is_some_and(|own| !known.contains_key(&own));
        let is_believed = |key: &EntryKey, found: &Known| {
            *key == words
                || *key == place && !(is_renamed && !standing.contains(&found.story) && is_next(&draft, found, id))
                || *key != place
                    && !is_another(&draft, found)
                    && !seen.contains(&found.story)
                    && (Some(*key) != weak || draft.fingerprint == found.fingerprint)
        };
        let (believed, disbelieved): (Vec<EntryKey>, Vec<EntryKey>) = draft
            .keys
            .iter()
            .filter(|key| known.contains_key(key))
            .partition(|key| known.get(key).is_some_and(|found| is_believed(key, found)));
        draft.keys.retain(|key| !disbelieved.contains(key));
        match believed.first().and_then(|key| known.get(key)) {
            None => changes.push(fresh(draft, source, &usual)),
            Some(found) => {
                if seen.insert(found.story) {
                    changes.extend(change(draft, found, &known, (source, id), &usual));
                }
            }
        }
    }
    changes
}

/// The keys of what a story says, and that of the id that its publisher gave it.
struct Names {
    place: EntryKey,
    words: EntryKey,
    day: Option<EntryKey>,
    own: Option<EntryKey>,
}

impl Names {
    fn of(draft: &StoryDraft, source: SourceId) -> Self {
        let (place, words) = (digest::url_key(&draft.url), digest::words_key(draft, source));
        let day = digest::day_key(draft, source);
        let is_id = |key: &EntryKey| *key != place && *key != words && Some(*key) != day;
        Self { place, words, day, own: draft.keys.first().copied().filter(is_id) }
    }
}

/// The ids that are not worth remembering: where most entries are known by address or words and come under ids that are
/// not, all but those that are tried.
fn fickle_ids(drafts: &[StoryDraft], names: &[Names], known: &BTreeMap<EntryKey, &Known>) -> BTreeSet<EntryKey> {
    let ids: Vec<(EntryKey, &StoryDraft)> =
        drafts.iter().zip(names).filter_map(|(draft, names)| Some((names.own?, draft))).collect();
    let is_known = |key: &EntryKey| known.contains_key(key);
    let met = ids.iter().filter(|(id, _)| is_known(id)).count();
    let changed = ids.iter().filter(|(id, draft)| !is_known(id) && draft.keys.iter().any(is_known)).count();
    if met >= IDS_TRIED || changed * 2 <= ids.len() {
        return BTreeSet::new();
    }
    // The newest are tried: they stay in the document longest.
    ids.iter().take(ids.len().saturating_sub(IDS_TRIED)).map(|(id, _)| *id).collect()
}

/// The language that a document is mostly in.
type Usual = LazyCell<Option<&'static str>, Box<dyn FnOnce() -> Option<&'static str>>>;

fn fresh(draft: StoryDraft, source: &SourceSpec, usual: &Usual) -> StoryChange {
    // An ordinary sitemap names addresses alone: all else stands on the page.
    let is_bare = draft.title.is_empty() && draft.text.is_empty();
    let wants_page = is_bare || source.full_text || source.kind.is_page();
    let fetch_article = wants_page && !draft.url.is_empty() && WebUrl::parse(&draft.link).is_ok();
    StoryChange::New { draft: digest::with_language(draft, || **usual), fetch_article }
}

/// Whether the key was given to another story: both address and title differ from those it had.
fn is_another(draft: &StoryDraft, known: &Known) -> bool {
    !draft.url.is_empty()
        && !known.url.is_empty()
        && draft.url != known.url
        && !is_same_title(&text::fold(&draft.title), &text::fold(&known.title))
}

/// Whether a story at the same address is the next one that this source has there: title, words and date are others. What another
/// source has there is the same story, seen from elsewhere. Titles of one word, and of scripts that part none, tell too little.
fn is_next(draft: &StoryDraft, known: &Known, source: SourceId) -> bool {
    let is_telling = |title: &str| title.split_whitespace().nth(1).is_some();
    let is_later = draft.published.zip(known.published).is_some_and(|(later, before)| later > before);
    known.source == source
        && is_later
        && draft.fingerprint != known.fingerprint
        && is_telling(&draft.title)
        && is_telling(&known.title)
        && !is_same_title(&text::fold(&draft.title), &text::fold(&known.title))
}

/// Whether two folded titles are one, edited: publishers change the address along with a word of the title.
fn is_same_title(one: &str, other: &str) -> bool {
    let (one, other): (BTreeSet<&str>, BTreeSet<&str>) =
        (one.split_whitespace().collect(), other.split_whitespace().collect());
    let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    count(one.intersection(&other).count()) >= SAME_TITLE_SHARE * count(one.len().max(other.len()))
}

/// What a known story's entry changes, if anything.
fn change(
    mut draft: StoryDraft,
    found: &Known,
    known: &BTreeMap<EntryKey, &Known>,
    (source, id): (&SourceSpec, SourceId),
    usual: &Usual,
) -> Option<StoryChange> {
    let strange: Vec<EntryKey> = draft.keys.iter().copied().filter(|key| !known.contains_key(key)).collect();
    let chars = draft.text.chars().count();
    let full = source.kind.is_page() || source.full_text;
    let (now, before) = (text::fold(&draft.title), text::fold(&found.title));
    let letters = |title: &str| title.split_whitespace().collect::<String>();
    // The article's own title took the place of a list's with a label, or the list was read with its labels, or its words run
    // together, when the story was stored.
    let is_read_otherwise = || {
        digest::is_labelled(&draft.title, &found.title)
            || digest::is_labelled(&found.title, &draft.title)
            || letters(&now) == letters(&before)
    };
    let is_known = now == before || source.kind.is_page() && is_read_otherwise();
    let retitled = !draft.title.is_empty() && !is_known;
    // An entry without words (of an ordinary sitemap) rewrites nothing.
    let rewritten =
        draft.fingerprint != found.fingerprint && !full && chars > 0 && chars * SUMMARY_SHARE >= found.text_chars;
    // Another source's entry at the same address is the same story, seen from elsewhere: only its owner revises it.
    if found.source == id && (retitled || rewritten) {
        if full {
            // A list knows the title alone: the text that the page gave stays.
            draft.text = String::new();
        }
        return Some(StoryChange::Revised { story: found.story, draft: digest::with_language(draft, || **usual) });
    }
    (!strange.is_empty()).then_some(StoryChange::Alias { story: found.story, keys: strange })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use jiff::Timestamp;
    use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_assert, prop_oneof, proptest};

    use super::resolve;
    use crate::ingest::digest::digest;
    use crate::model::{
        DocumentKind, Entry, Known, PageSelectors, Parsed, SourceId, SourceKind, SourceSpec, StoryChange, StoryDraft,
        StoryId, WebUrl,
    };

    /// A source that is polled, and what is stored of it.
    struct World {
        source: SourceSpec,
        id: SourceId,
        known: Vec<Known>,
        stories: i64,
    }

    impl World {
        fn new() -> Self {
            let url = WebUrl::parse("https://example.org/feed.xml").unwrap();
            let bounds = (Duration::from_mins(1), Duration::from_mins(1));
            let source = SourceSpec { lang: Some("en".to_owned()), ..SourceSpec::feed(url, bounds) };
            Self { source, id: SourceId(1), known: Vec::new(), stories: 0 }
        }

        /// Polls a document (its oldest entry last); gives what it changes, in a word and the story's number each.
        fn poll(&mut self, entries: &[Entry]) -> Vec<(&'static str, i64)> {
            let changes = resolve(self.digest(entries), &self.known, &self.source, self.id);
            changes.into_iter().map(|change| self.store(change)).collect()
        }

        fn digest(&self, entries: &[Entry]) -> Vec<StoryDraft> {
            let parsed = Parsed {
                kind: DocumentKind::Rss,
                home: Some("https://example.org/".to_owned()),
                entries: entries.to_vec(),
                ..Parsed::default()
            };
            digest(&parsed, &self.source, self.id, now())
        }

        fn store(&mut self, change: StoryChange) -> (&'static str, i64) {
            match change {
                StoryChange::New { draft, fetch_article } => {
                    self.stories += 1;
                    self.remember(StoryId(self.stories), &draft);
                    (if fetch_article { "new, to fetch" } else { "new" }, self.stories)
                }
                StoryChange::Revised { story, draft } => {
                    self.remember(story, &draft);
                    ("revised", story.0)
                }
                StoryChange::Alias { story, keys } => {
                    let known = self.known.iter().find(|known| known.story == story).unwrap().clone();
                    self.known.extend(keys.into_iter().map(|key| Known { key, ..known.clone() }));
                    ("alias", story.0)
                }
            }
        }

        fn remember(&mut self, story: StoryId, draft: &StoryDraft) {
            let known = |key| Known {
                key,
                story,
                source: self.id,
                url: draft.url.clone(),
                title: draft.title.clone(),
                fingerprint: draft.fingerprint,
                text_chars: draft.text.chars().count(),
                published: draft.published,
            };
            let own = self.known.iter().filter(|known| known.story == story).map(|known| known.key);
            let keys: BTreeSet<_> = own.chain(draft.keys.iter().copied()).collect();
            let known: Vec<Known> = keys.into_iter().map(known).collect();
            self.known.retain(|known| known.story != story);
            self.known.extend(known);
        }
    }

    fn now() -> Timestamp {
        "2021-12-07T00:00:00Z".parse().unwrap()
    }

    fn entry(id: &str, link: &str, title: &str, text: &str) -> Entry {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Entry {
            id: given(id),
            link: given(link),
            title: given(title),
            summary: given(text),
            published: Some("2021-12-06T10:00:00Z".parse().unwrap()),
            ..Entry::default()
        }
    }

    const A: &str = "https://example.org/a";
    const A_TRACKED: &str = "http://www.example.org/a/?utm_source=rss#top";
    const B: &str = "https://example.org/b";
    const HOME: &str = "https://www.example.org/";

    #[test]
    fn the_same_document_again_changes_nothing() {
        let mut world = World::new();
        let entries = [entry("1", A, "First", "One"), entry("", B, "Second", ""), entry("", "", "Third", "x")];
        assert_eq!(world.poll(&entries), [("new", 1), ("new", 2), ("new", 3)]);
        assert_eq!(world.poll(&entries), []);
    }

    #[test]
    fn a_changed_title_guid_date_or_address_makes_no_new_story() {
        let mut world = World::new();
        world.poll(&[entry("1", A, "Vote on treaty is due", "Text")]);
        assert_eq!(world.poll(&[entry("1", A, "Treaty adopted", "Text")]), [("revised", 1)]);
        assert_eq!(world.poll(&[entry("2", A, "Treaty adopted", "Text")]), [("alias", 1)]);
        let moved = Entry { published: Some(now()), ..entry("2", A, "Treaty adopted", "Text") };
        assert_eq!(world.poll(&[moved]), []);
        let slug = "https://example.org/treaty-adopted-at-last";
        assert_eq!(world.poll(&[entry("2", slug, "Treaty adopted at last", "Text")]), [("revised", 1)]);
    }

    #[test]
    fn a_list_s_label_before_the_article_s_own_title_revises_nothing() {
        let mut world = World::new();
        world.source.kind = SourceKind::List;
        let own = "General Assembly adopts the treaty";
        world.poll(&[entry("", A, own, "")]);
        assert_eq!(world.poll(&[entry("", A, &format!("News 27.11.2026 {own}"), "")]), []);
        assert_eq!(world.poll(&[entry("", A, &format!("Correction {own}"), "")]), [("revised", 1)]);
        assert_eq!(world.poll(&[entry("", A, &format!("{own}: Council objects"), "")]), [("revised", 1)]);
    }

    #[test]
    fn a_listed_title_that_was_stored_with_its_label_or_run_together_is_not_revised() {
        let own = "General Assembly adopts the treaty";
        let poll = |stored: &str, listed: &str, kind: SourceKind| {
            let mut world = World::new();
            world.source.kind = kind;
            world.poll(&[entry("", A, stored, "")]);
            world.poll(&[entry("", A, listed, "")])
        };
        assert_eq!(poll(&format!("NEWS 27.11.2026 {own}"), own, SourceKind::List), []);
        assert_eq!(poll(&format!("News{own}"), own, SourceKind::List), []);
        assert_eq!(poll(&format!("News{own}"), &format!("News {own}"), SourceKind::List), []);
        assert_eq!(poll(&format!("Correction {own}"), own, SourceKind::List), [("revised", 1)]);
        assert_eq!(
            poll(&format!("News{own}"), own, SourceKind::Feed),
            [("revised", 1)],
            "who publishes a feed retitles"
        );
    }

    #[test]
    fn a_changed_date_or_text_makes_no_new_story_of_an_entry_without_id_and_link() {
        let mut world = World::new();
        world.poll(&[entry("", "", "Treaty adopted", "Text")]);
        let moved = Entry { published: Some(now()), ..entry("", "", "Treaty adopted", "Text") };
        assert_eq!(world.poll(&[moved]), [("alias", 1)]);
        assert_eq!(world.poll(&[entry("", "", "Treaty adopted", "More text")]), [("revised", 1)]);
    }

    #[test]
    fn a_guid_that_is_used_again_does_not_swallow_a_new_story() {
        let mut world = World::new();
        world.poll(&[entry("latest", A, "Treaty adopted", "Text")]);
        assert_eq!(world.poll(&[entry("latest", B, "Earthquake in the north", "Other")]), [("new", 2)]);
        assert_eq!(world.poll(&[entry("latest", B, "Earthquake in the north", "Other")]), []);
    }

    #[test]
    fn what_comes_under_a_new_id_title_and_date_at_an_address_that_stays_is_another_story() {
        let at = |id: &str, day: &str, title: &str| Entry {
            published: Some(format!("2021-12-{day}T10:00:00Z").parse().unwrap()),
            ..entry(id, A, title, title)
        };
        let mut world = World::new();
        let quiet = at("1", "01", "No warnings in effect");
        assert_eq!(world.poll(std::slice::from_ref(&quiet)), [("new", 1)]);
        let snow = at("2", "02", "Snowfall warning for the coast");
        assert_eq!(world.poll(std::slice::from_ref(&snow)), [("new", 2)]);
        assert_eq!(world.poll(std::slice::from_ref(&snow)), []);
        assert_eq!(world.poll(&[at("3", "03", "Tornado watch issued inland")]), [("new", 3)]);
        // An edit may change the id, or the title and the date, but not all of them.
        assert_eq!(
            world.poll(&[at("4", "03", "Two villages to be left")]),
            [("new", 4)],
            "later than what has the address"
        );
        let mut world = World::new();
        world.poll(std::slice::from_ref(&quiet));
        assert_eq!(world.poll(&[at("2", "01", "Snowfall warning")]), [("revised", 1)], "its date stays");
        assert_eq!(world.poll(&[at("2", "02", "Tornado watch")]), [("revised", 1)], "its id stays");
        assert_eq!(world.poll(&[at("3", "02", "Tornado watch ended")]), [("revised", 1)], "its title stays");
        assert_eq!(
            world.poll(&[at(&format!("{A}#2"), "04", "Storm moves out to sea")]),
            [("revised", 1)],
            "the id is the address"
        );
        world.id = SourceId(2);
        assert_eq!(world.poll(&[at("x", "05", "What the papers say")]), [("alias", 1)], "another source has it, too");
    }

    #[test]
    fn guids_that_change_at_every_poll_make_no_new_stories() {
        let mut world = World::new();
        world.poll(&[entry("x1", A, "Treaty adopted", "Text"), entry("x2", "", "Briefing", "Noon")]);
        let again = [entry("y1", A, "Treaty adopted", "Text"), entry("y2", "", "Briefing", "Noon")];
        assert_eq!(world.poll(&again), [("alias", 1), ("alias", 2)]);
    }

    #[test]
    fn ids_that_change_at_every_poll_are_not_gathered_and_those_that_changed_once_are_learnt() {
        let mut world = World::new();
        let poll = |world: &mut World, round: &str, from: u32| {
            let story = |n: u32| {
                entry(&format!("{round}-{n}"), &format!("https://example.org/{n}"), &format!("Story {n}"), "x")
            };
            let entries: Vec<Entry> = (from..from + 8).rev().map(story).collect();
            let changes = world.poll(&entries);
            let count = |what| changes.iter().filter(|(is, _)| *is == what).count();
            (count("new"), count("alias"))
        };
        assert_eq!(poll(&mut world, "a", 0), (8, 0));
        assert_eq!(poll(&mut world, "b", 0), (0, 2), "two are tried");
        assert_eq!(poll(&mut world, "c", 0), (0, 2), "they didn't hold: two more");
        assert_eq!(poll(&mut world, "d", 1), (1, 1), "a new story among them is new once");
        let names = world.known.len();
        assert_eq!(poll(&mut world, "d", 1), (0, 6), "they hold: all are learnt");
        assert_eq!(poll(&mut world, "d", 1), (0, 0));
        assert_eq!(world.known.len(), names + 6);
        // Learnt, an id tells a story again whose address and title have changed.
        let renamed = entry("d-4", "https://example.org/new-4", "Story 4 corrected", "x");
        assert_eq!(world.poll(&[renamed]), [("revised", 5)]);
    }

    #[test]
    fn a_feed_that_is_published_anew_as_a_whole_or_brings_back_old_stories_brings_nothing_new() {
        let mut world = World::new();
        let story = |n: u32, from: &str| {
            entry(
                &format!("{from}{n}"),
                &format!("https://example.org/{n}?utm_source={from}"),
                &format!("Story {n}"),
                "x",
            )
        };
        let all: Vec<Entry> = (0..20).map(|n| story(n, "a")).collect();
        world.poll(&all);
        let latest: Vec<Entry> = (0..5).map(|n| story(n, "a")).collect();
        assert_eq!(world.poll(&latest), []);
        assert_eq!(world.poll(&all), [], "they are known however long they were gone");
        // Under other ids, with other tracking in their addresses, and all of today.
        let anew = all.iter().zip(0..).map(|(_, n)| Entry { published: Some(now()), ..story(n, "b") });
        let changes = world.poll(&anew.collect::<Vec<_>>());
        assert!(changes.iter().all(|(what, _)| *what == "alias"), "{changes:?}");
    }

    #[test]
    fn entries_of_one_title_and_day_with_ids_of_their_own_are_stories_of_their_own() {
        let mut world = World::new();
        let both = [entry("1", "", "Daily briefing", "Morning"), entry("2", "", "Daily briefing", "Evening")];
        assert_eq!(world.poll(&both), [("new", 1), ("new", 2)]);
        assert_eq!(world.poll(&both), []);
        assert_eq!(world.poll(&[entry("3", "", "Daily briefing", "Night")]), [("new", 3)]);
    }

    #[test]
    fn a_link_that_several_entries_share_or_that_is_the_home_page_names_none_of_them() {
        let mut world = World::new();
        let part = |anchor: &str, title| entry("", &format!("https://example.org/live#{anchor}"), title, "x");
        let parts = [part("1", "Goal"), part("2", "Red card")];
        assert_eq!(world.poll(&parts), [("new", 1), ("new", 2)]);
        assert_eq!(world.poll(&parts), []);
        assert_eq!(world.poll(&[entry("", HOME, "One", "z"), entry("", HOME, "Two", "z")]), [("new", 3), ("new", 4)]);
        assert_eq!(world.poll(&[entry("", HOME, "Three", "z")]), [("new", 5)]);
    }

    #[test]
    fn two_entries_of_one_document_under_one_address_and_title_are_one_story() {
        let mut world = World::new();
        let twice = [entry("", A, "Treaty adopted", "x"), entry("", A_TRACKED, "Treaty adopted", "x")];
        assert_eq!(world.poll(&twice), [("new", 1)]);
    }

    #[test]
    fn a_second_source_adds_keys_and_never_its_own_words() {
        let mut world = World::new();
        world.poll(&[entry("1", A, "Treaty adopted", "A long and full text of the first source")]);
        world.id = SourceId(2);
        assert_eq!(world.poll(&[entry("other", A, "Treaty adopted, says agency", "Short")]), [("alias", 1)]);
    }

    #[test]
    fn a_summary_much_shorter_than_the_stored_text_is_no_new_version() {
        let mut world = World::new();
        world.poll(&[entry("1", A, "Treaty adopted", &"word ".repeat(100))]);
        assert_eq!(world.poll(&[entry("1", A, "Treaty adopted", "word word")]), []);
        assert_eq!(world.poll(&[entry("1", A, "Treaty adopted", &"other ".repeat(100))]), [("revised", 1)]);
    }

    #[test]
    fn a_page_source_asks_for_the_article_and_is_revised_by_titles_alone() {
        let mut world = World::new();
        world.source.kind = SourceKind::Page(PageSelectors { item: "li".to_owned(), ..PageSelectors::default() });
        assert_eq!(world.poll(&[entry("", A, "Treaty adopted", "Lead")]), [("new, to fetch", 1)]);
        assert_eq!(world.poll(&[entry("", A, "Treaty adopted", "Another lead")]), []);
        assert_eq!(world.poll(&[entry("", A, "Treaty adopted by all", "Lead")]), [("revised", 1)]);
        assert_eq!(world.poll(&[entry("7", "", "No page to fetch", "Lead")]), [("new", 2)]);
    }

    fn any_entry() -> impl Strategy<Value = Entry> {
        let words = prop_oneof![Just(""), Just("One"), Just("Two words"), Just("Three more words")];
        let link = prop_oneof![Just(""), Just(A), Just(A_TRACKED), Just(B), Just(HOME)];
        let id = prop_oneof![Just(""), Just("1"), Just("2"), Just("3")];
        (id, link, words.clone(), words, any::<bool>()).prop_map(|(id, link, title, text, is_dated)| {
            let whole = entry(id, link, title, text);
            Entry { published: whole.published.filter(|_| is_dated), ..whole }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn what_was_polled_once_is_never_new_again(
            first in proptest::collection::vec(any_entry(), 0..6),
            second in proptest::collection::vec(any_entry(), 0..6),
        ) {
            let mut world = World::new();
            for document in [&first, &second] {
                world.poll(document);
                let again = world.poll(document);
                prop_assert!(again.iter().all(|(what, _)| *what != "new"), "{again:?}");
            }
        }

        #[test]
        fn ids_that_change_never_make_a_new_story(entries in proptest::collection::vec(any_entry(), 0..8)) {
            let mut world = World::new();
            for round in ["a", "b", "c"] {
                // An id that repeats within a document never gets here.
                let renamed = |(n, entry): (usize, &Entry)| {
                    Entry { id: entry.id.as_ref().map(|_| format!("{round}{n}")), ..entry.clone() }
                };
                let document: Vec<Entry> = entries.iter().enumerate().map(renamed).collect();
                let changes = world.poll(&document);
                prop_assert!(round == "a" || changes.iter().all(|(what, _)| *what != "new"), "{changes:?}");
            }
        }

        #[test]
        fn every_new_story_has_a_key_that_no_other_has(entries in proptest::collection::vec(any_entry(), 0..6)) {
            let world = World::new();
            let mut seen = BTreeSet::new();
            for change in resolve(world.digest(&entries), &[], &world.source, world.id) {
                if let StoryChange::New { draft, .. } = change {
                    prop_assert!(!draft.keys.is_empty());
                    prop_assert!(draft.keys.iter().all(|key| seen.insert(*key)));
                }
            }
        }
    }
}
