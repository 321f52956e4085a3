//! What another query would have told is what two backtests differ in.

use std::collections::BTreeSet;

use crate::ingest::{Preview, Previewer, Replayed, Side, backtest, differences};
use crate::model::{Source, SourceSpec, SourceState};

use super::*;

const WORDS: [&str; 12] =
    ["moon", "rover", "lander", "dust", "crater", "launch", "Artemis", "Houston", "budget", "delay", "crew", "film"];
const QUERIES: [&str; 9] = [
    "moon",
    "moon rover",
    "moon OR rover",
    "(moon lander) OR (crater dust)",
    "moon -film",
    "title:launch",
    "moon AND (rover OR crew) AND dust",
    "*",
    "lang:ru",
];

fn spec(query: &str, span: TopicSpan) -> TopicSpec {
    TopicSpec { query: query.to_owned(), span, ..topic().spec }
}

fn stored(id: usize, words: &[usize], (url, hours): (usize, i64)) -> Story {
    let title: Vec<&str> = words.iter().take(5).map(|at| WORDS[*at]).collect();
    let text: Vec<&str> = words.iter().map(|at| WORDS[*at]).collect();
    let now: Timestamp = NOON.parse().unwrap();
    let at = now + SignedDuration::from_hours(hours);
    Story {
        id: StoryId(i64::try_from(id).unwrap() + 1),
        source: SourceId(1),
        draft: StoryDraft {
            keys: Vec::new(),
            url: if url == 0 { String::new() } else { format!("https://a.example/{url}") },
            link: String::new(),
            publisher: format!("p{}.example", url % 3),
            title: title.join(" "),
            text: text.join(" "),
            author: None,
            lang: Some("en".to_owned()),
            published: Some(at).filter(|_| url % 4 > 0),
            fingerprint: 0,
        },
        seen_at: at,
        arrival: Arrival::Later,
        revision: 1,
        state: StoryState::Decided,
    }
}

fn preview(stories: &[Story], saved: Option<&TopicSpec>, tried: &TopicSpec) -> Preview {
    let query = Query::parse(&tried.query).unwrap();
    let mut previewer = Previewer::new(saved, (tried, query), EventPolicy::default());
    stories.iter().cloned().for_each(|story| previewer.take(story));
    let now: Timestamp = NOON.parse().unwrap();
    previewer.end((now - SignedDuration::from_hours(720), now), stories.len())
}

fn replayed(stories: &[Story], spec: &TopicSpec) -> Vec<Replayed> {
    let drafts: Vec<StoryDraft> = stories
        .iter()
        .map(|s| StoryDraft { published: s.draft.published.or(Some(s.seen_at)), ..s.draft.clone() })
        .collect();
    let matcher = Matcher::new(&[(spec.key.clone(), Query::parse(&spec.query).unwrap())]);
    let topics = vec![Topic { spec: spec.clone(), origin: Origin::Api }];
    let now = NOON.parse().unwrap();
    backtest(&drafts, topics, matcher, (EventPolicy::default(), Reader::default()), now, |_| ())
}

proptest! {
    /// Gained, lost, told by both and why are those of two backtests over the same stories, and near misses are on neither side.
    #[test]
    fn a_preview_is_the_difference_of_two_backtests(
        stories in prop::collection::vec(
            (prop::collection::vec(0..WORDS.len(), 1..9), (0usize..12, -900i64..40)), 0..24),
        (old, new) in (0..QUERIES.len(), 0..QUERIES.len()),
        has_days in any::<bool>(),
    ) {
        let stories: Vec<Story> =
            stories.iter().enumerate().map(|(id, (words, of))| stored(id, words, *of)).collect();
        let span = TopicSpan::new(Some("2021-11-20".parse().unwrap()).filter(|_| has_days), None).unwrap();
        let (old, new) = (spec(QUERIES[old], TopicSpan::default()), spec(QUERIES[new], span));
        let shown = preview(&stories, Some(&old), &new);
        let (expected, both) = differences(&replayed(&stories, &old), &replayed(&stories, &new));
        let expected: BTreeSet<(Side, i64, String, Option<i64>)> = expected
            .into_iter()
            .map(|d| (d.side, stories[d.place].id.0, d.why, d.instead.map(|place| stories[place].id.0)))
            .collect();
        let found: BTreeSet<(Side, i64, String, Option<i64>)> = shown
            .changes
            .iter()
            .map(|c| (c.side, c.card.id.0, c.why.clone(), c.instead.as_ref().map(|card| card.id.0)))
            .collect();
        prop_assert_eq!((&found, shown.both), (&expected, both));
        prop_assert_eq!(found.len(), shown.changes.len());
        let told = shown.told();
        let days = shown.days.iter().map(|day| day.told.tried).sum::<usize>() + shown.earlier.tried;
        prop_assert_eq!((days, told.tried), (told.tried, both + shown.count(Side::Gained)));
        let gained: BTreeSet<i64> = found.iter().filter(|f| f.0 == Side::Gained).map(|f| f.1).collect();
        prop_assert!(shown.near.newest.iter().all(|(card, _)| !gained.contains(&card.id.0)));
    }
}

#[test]
fn a_near_miss_names_the_clause_that_keeps_it_out_and_a_new_topic_only_gains() {
    let stories = [stored(0, &[0, 1], (1, -30)), stored(1, &[0, 2], (2, -20)), stored(2, &[0, 8], (3, -10))];
    let open = TopicSpan::default();
    let shown = preview(&stories, None, &spec("moon AND (rover OR lander)", open));
    let gained: Vec<_> = shown.changes.iter().map(|c| (c.side, c.card.id.0)).collect();
    assert_eq!(gained, [(Side::Gained, 1)], "the second story tells of the same event");
    assert_eq!((shown.near.count, shown.near.clauses), (1, vec![("(rover OR lander)".to_owned(), 1)]));
    assert_eq!(shown.near.newest[0].0.id, StoryId(3));
    assert_eq!((shown.days.len(), shown.days.last().unwrap().told.tried), (31, 0));
}

#[test]
fn what_a_lost_story_belongs_to_now_is_named() {
    let stories = [stored(0, &[0, 1, 2, 3, 4, 5, 6], (1, -30)), stored(1, &[0, 1, 2, 3, 4, 5, 6, 11], (2, -29))];
    let open = TopicSpan::default();
    let shown = preview(&stories, Some(&spec("film", open)), &spec("moon", open));
    let lost = shown.changes.iter().find(|c| c.side == Side::Lost).unwrap();
    assert_eq!((lost.card.id.0, lost.instead.as_ref().map(|card| card.id.0)), (2, Some(1)));
}

#[test]
fn stories_of_a_source_that_is_held_against_other_topics_are_left_out() {
    let day = Duration::from_hours(24);
    let url = || WebUrl::parse("https://a.example/feed").unwrap();
    let source = |topics: Vec<TopicKey>| Source {
        id: SourceId(1),
        spec: SourceSpec { topics, ..SourceSpec::feed(url(), (day, day)) },
        origin: Origin::Api,
        state: SourceState::default(),
        stories: 1,
    };
    let tried = spec("moon", TopicSpan::default());
    let looked = |topics: Vec<TopicKey>| {
        let query = Query::parse(&tried.query).unwrap();
        let mut previewer = Previewer::new(None, (&tried, query), EventPolicy::default()).heeding(&[source(topics)]);
        previewer.take(stored(0, &[0], (1, -1)));
        let now: Timestamp = NOON.parse().unwrap();
        let shown = previewer.end((now, now), 1);
        (shown.stories, shown.extent.is_cut(), shown.changes.len())
    };
    assert_eq!(looked(vec![TopicKey::parse("sport").unwrap()]), (0, false, 0));
    assert_eq!((looked(Vec::new()), looked(vec![tried.key.clone()])), ((1, false, 1), (1, false, 1)));
}
