//! Article pages that are read before a story is decided: where title and summary leave open whether it is on a topic.

use super::*;
use crate::model::ToRead;

/// Half of what the query asks for.
const HALF: (&str, &str) = ("Assembly adopts a resolution on Monday", "");
const NOTHING: (&str, &str) = ("Rain in Oslo", "Umbrellas sell well.");

fn wide() -> Topic {
    let mut topic = topic();
    topic.spec.query = "assembly resolution cyber states".to_owned();
    topic
}

impl Newsroom {
    /// A room whose topic asks for four things, and may have pages read.
    fn reads(pages_a_day: usize) -> Self {
        let query = Query::parse(&wide().spec.query).unwrap();
        let matcher = Matcher::new(&[(wide().spec.key, query)]);
        let decider = Decider::new(vec![wide()], matcher, EventPolicy::default(), &Remembered::NOTHING);
        Self { decider, pages_a_day, ..Self::new() }
    }
}

fn to_read(commit: &Commit) -> Vec<i64> {
    commit.to_read.iter().map(|ToRead { story, .. }| story.0).collect()
}

#[test]
fn a_story_that_may_be_on_a_topic_is_not_decided_before_its_page_was_read() {
    let mut room = Newsroom::reads(50);
    let open = room.comes(&by("one.example", HALF));
    assert_eq!((to_read(&open), open.decisions.len()), (vec![1], 0));
    let clear = room.comes(&by("one.example", NOTHING));
    assert_eq!((to_read(&clear), ruling(&clear)), (vec![], Ruling::OffTopic));
}

#[test]
fn once_its_page_was_asked_for_it_is_decided_on_what_is_known_and_says_so() {
    let mut room = Newsroom::reads(50);
    let mut story = room.story(&by("one.example", HALF));
    room.read_for = Some(ReadFor::Topic(topic().spec.key));
    let unread = room.decide(story.clone());
    assert_eq!((to_read(&unread), ruling(&unread)), (vec![], Ruling::OffTopic));
    let said = &unread.decisions[0].reasons[1].text;
    assert_eq!(said, "title and summary left open whether it is on resolution, so its page was asked for");
    story.id = StoryId(9);
    story.draft.text = "Cyber security, said the states that drafted it.".to_owned();
    assert_eq!(told(&room.decide(story)), [OPENED]);
}

#[test]
fn pages_are_read_within_the_topics_budget_and_for_what_may_be_told() {
    let mut room = Newsroom::reads(2);
    room.asked.insert(topic().spec.key, 1);
    let pair = [room.story(&by("one.example", HALF)), room.story(&by("two.example", HALF))];
    let undecided = |story: Story| Undecided { story, previous: Vec::new(), labels: Vec::new(), read_for: None };
    let context = Context {
        source_topics: &BTreeMap::new(),
        subscriptions: &[],
        reader: Reader(None),
        reading: Reading { pages_a_day: 2, asked: &room.asked },
        now: room.now,
        believed: room.now,
    };
    let commit = room.decider.decide(&pair.map(undecided), &context);
    assert_eq!((to_read(&commit), commit.decisions.len()), (vec![1], 1));

    let past = Given { arrival: Arrival::FirstPoll, hours_ago: Some(90), ..by("three.example", HALF) };
    assert_eq!(to_read(&Newsroom::reads(50).comes(&past)), [] as [i64; 0]);
    assert_eq!(to_read(&Newsroom::reads(0).comes(&by("one.example", HALF))), [] as [i64; 0]);
}
