//! What is said of a story whose source is held against some topics alone.

use super::*;

/// The reason why a story that is on nothing is told to nobody, where its source is held against these topics.
fn why(wanted: &[&str]) -> String {
    let mut room = Newsroom::new();
    let story = room.story(&by("un.org", ("Fisheries quota disputed in northern harbour", "")));
    let wanted = wanted.iter().map(|key| TopicKey::parse(key).unwrap()).collect();
    let context = Context {
        source_topics: &BTreeMap::from([(story.source, wanted)]),
        subscriptions: &[],
        reader: Reader(None),
        reading: Reading { pages_a_day: 0, asked: &BTreeMap::new() },
        now: room.now,
        believed: room.now,
    };
    let undecided = Undecided { story, previous: Vec::new(), labels: Vec::new(), read_for: None };
    room.decider.decide(&[undecided], &context).decisions.remove(0).reasons.remove(0).text
}

#[test]
fn a_story_whose_source_is_held_against_topics_that_are_gone_says_so() {
    assert_eq!(why(&[]), "it doesn't match the topic's query");
    assert_eq!(
        why(&["resolution"]),
        "it doesn't match the query of resolution, which alone its source is held against"
    );
    assert_eq!(why(&["harbour"]), "its source is held against harbour (which is gone) alone");
    assert_eq!(why(&["harbour", "port"]), "its source is held against harbour, port (which are gone) alone");
    assert_eq!(
        why(&["harbour", "resolution"]),
        "it doesn't match the query of resolution, which alone its source is held against, besides harbour (which is gone)"
    );
}
