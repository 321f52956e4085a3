//! Thousands of topics: the index finds what putting every query to the story finds, with few evaluations.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::model::TopicKey;
use crate::topic::{Matcher, Query, StoryText, StoryTokens};

/// Words of many frequencies: the first are in most stories, the last in few.
fn word() -> impl Strategy<Value = String> {
    (0.0_f64..1.0).prop_map(|x| name(x * x * x * 2_000.0))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 2,000")]
fn name(x: f64) -> String {
    let syllables = ["ba", "ке", "ni", "до", "fu", "ри", "so", "ту", "ve", "шa"];
    let digits = format!("{}", x as u32 + 10);
    digits.chars().filter_map(|d| d.to_digit(10)).filter_map(|d| syllables.get(d as usize)).copied().collect()
}

fn query() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        6 => word(),
        2 => (word(), word()).prop_map(|(a, b)| format!("\"{a} {b}\"")),
        2 => (word(), word(), word()).prop_map(|(a, b, c)| format!("\"{a}|{b} {c}\"~9")),
        1 => word().prop_map(|w| w.chars().take(3).chain(['*']).collect()),
        1 => word().prop_map(|w| format!("title:{w}")),
        1 => prop::sample::select(vec!["lang:ru", "lang:en", "publisher:un.org", "publisher:example.com"]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 2..4).prop_map(|v| format!("({})", v.join(" "))),
            1 => prop::collection::vec(inner.clone(), 2..4).prop_map(|v| format!("({})", v.join(" OR "))),
            1 => (inner.clone(), inner).prop_map(|(a, b)| format!("({a} -{b})")),
        ]
    })
}

fn stories() -> impl Strategy<Value = Vec<(String, String, &'static str, &'static str)>> {
    let words = |n| prop::collection::vec(word(), n).prop_map(|v| v.join(" "));
    let lang = prop::sample::select(vec!["ru", "en", "de"]);
    let publisher = prop::sample::select(vec!["news.un.org", "example.com", "other.net"]);
    prop::collection::vec((words(8), words(120), lang, publisher), 20)
}

fn sample<S: Strategy>(strategy: &S, runner: &mut TestRunner) -> S::Value {
    strategy.new_tree(runner).expect("the strategy rejects nothing").current()
}

#[test]
fn five_thousand_topics_give_what_each_query_gives_alone() {
    let mut runner = TestRunner::deterministic();
    let queries = sample(&prop::collection::vec(query(), 5_000), &mut runner);
    let key = |at: usize| TopicKey::parse(&format!("t{at}")).expect("a good name");
    // A random query may be negative as a whole; that is refused and tested elsewhere.
    let parsed = queries.iter().filter_map(|q| Query::parse(q).ok());
    let topics: Vec<(TopicKey, Query)> = parsed.enumerate().map(|(at, q)| (key(at), q)).collect();
    let matcher = Matcher::new(&topics);
    let (mut candidates, mut found) = (0, 0);
    let stories = sample(&stories(), &mut runner);
    for (title, text, lang, publisher) in &stories {
        let story = StoryText { title, text, lang: Some(lang), publisher };
        let tokens = StoryTokens::of(story);
        let matches: Vec<TopicKey> = matcher.matches_tokens(&tokens).into_iter().map(|m| m.topic).collect();
        let alone: Vec<TopicKey> =
            topics.iter().filter(|(_, q)| q.root.holds(&tokens)).map(|(topic, _)| topic.clone()).collect();
        assert_eq!(matches, alone);
        candidates += matcher.candidates(&tokens).len();
        found += matches.len();
    }
    let (stories, topics) = (stories.len(), topics.len());
    println!(
        "{topics} topics, {stories} stories: {} candidates and {} matches a story",
        candidates / stories,
        found / stories
    );
    assert!(topics > 4_500 && found > 0 && candidates < stories * topics / 2);
}

#[test]
fn a_long_story_against_many_topics_takes_little_time() {
    let mut runner = TestRunner::deterministic();
    let key = TopicKey::parse("t").expect("a good name");
    let queries = sample(&prop::collection::vec((word(), word(), word()), 5_000), &mut runner);
    let text = sample(&prop::collection::vec(word(), 500), &mut runner).join(" ");
    let parse = |(a, b, c): (String, String, String)| Query::parse(&format!("{a} ({b} OR {c})")).expect("a good query");
    let topics: Vec<_> = queries.into_iter().map(|q| (key.clone(), parse(q))).collect();
    let matcher = Matcher::new(&topics);
    let story = StoryText { title: "", text: &text, lang: Some("en"), publisher: "" };
    #[expect(clippy::disallowed_methods, reason = "a figure for people, no behaviour hangs on it")]
    let now = std::time::Instant::now;
    let start = now();
    let found = matcher.matches(&story).len();
    println!("{} topics, {} bytes: {found} matches in {:?}", topics.len(), text.len(), start.elapsed());
    assert!(found < topics.len());
}
