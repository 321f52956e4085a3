//! Which stories are on the topic, beside what its query says: by its days; and how it stands.

use super::*;
use crate::ingest::outlook;
use crate::model::TopicSpan;

const ADOPTED: (&str, &str) =
    ("Council adopts resolution on shipping", "The council adopted the resolution on Tuesday.");

/// A topic whose stories are published in these days.
fn of_days(from: &str, until: &str) -> Newsroom {
    let mut topic = topic();
    topic.spec.span = TopicSpan::new(from.parse().ok(), until.parse().ok()).unwrap();
    let decider = Decider::new(vec![topic], matcher(), EventPolicy::default(), &Remembered::NOTHING);
    Newsroom { decider, ..Newsroom::new() }
}

fn last_reason(commit: &Commit) -> &str {
    &commit.decisions[0].reasons.last().unwrap().text
}

#[test]
fn a_story_published_outside_the_topics_days_is_off_it_and_says_so() {
    let mut room = of_days("2021-12-06", "2021-12-06");
    let late = room.comes(&Given { hours_ago: Some(13), ..by("a.example", ADOPTED) });
    assert_eq!(ruling(&late), Ruling::OffTopic);
    assert_eq!(late.decisions[0].topic.as_ref().unwrap().as_str(), "resolution");
    assert_eq!(late.decisions[0].reasons[0].text, "title has \"resolution\"");
    assert_eq!(last_reason(&late), "published on 2021-12-05, outside the topic's days (2021-12-06 to 2021-12-06)");
    assert_eq!(told(&late), []);
    assert_eq!(ruling(&room.comes(&by("b.example", ADOPTED))), Ruling::Opened);
}

#[test]
fn a_story_without_a_date_goes_by_when_it_was_seen() {
    let mut room = of_days("2021-12-07", "");
    let early = room.comes(&Given { hours_ago: None, ..by("a.example", ADOPTED) });
    assert_eq!(
        last_reason(&early),
        "without a date, and seen on 2021-12-06, outside the topic's days (from 2021-12-07)"
    );
    room.now += SignedDuration::from_hours(24);
    assert_eq!(ruling(&room.comes(&Given { hours_ago: None, ..by("b.example", ADOPTED) })), Ruling::Opened);
}

#[test]
fn what_an_operator_said_comes_before_the_topics_days() {
    let mut room = of_days("2021-12-07", "");
    let story = room.story(&by("a.example", ADOPTED));
    room.labels.push(Label {
        said: Said::OnTopic,
        topic: topic().spec.key,
        story: story.id,
        other: None,
        tell: true,
        at: room.now,
    });
    assert_eq!(ruling(&room.decide(story)), Ruling::Opened);
}

#[test]
fn a_topics_outlook_counts_its_open_events_and_says_how_alike_a_story_must_be() {
    let mut room = Newsroom::new();
    for (publisher, words) in [
        ("a.example", ADOPTED),
        ("b.example", ("Port strike halts resolution of claims", "Dockers in the harbour laid down tools on Monday.")),
        ("c.example", ("Choir sings for a resolution", "The cathedral choir gave a concert for climate ministers.")),
    ] {
        assert_eq!(ruling(&room.comes(&by(publisher, words))), Ruling::Opened);
    }
    let (policy, later) = (EventPolicy::default(), room.now + SignedDuration::from_hours(24 * 30));
    let at = |now| {
        let (events, off_topic) = (room.events.values().cloned().collect::<Vec<_>>(), room.off_topic());
        let remembered = Remembered {
            events: &events,
            stories: &room.history,
            meanings: &room.meanings,
            off_topic: &off_topic,
            next_event: EventId(9),
        };
        outlook(&topic(), &remembered, &policy, now)
    };
    let now = at(room.now);
    assert_eq!((now.open, at(later).open, now.background), (3, 0, None));
    assert!(now.by_words.five < now.by_words.one && at(later).by_words.one < now.by_words.one);
    assert!((now.by_words.one - (0.22 + 0.01 * 4.0_f64.ln())).abs() < 1e-9);
}
