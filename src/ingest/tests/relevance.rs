//! Which stories are on the topic, beside what its query says: by its days, and by what was learnt; and how it stands.

use super::*;
use crate::encode::{Vector, WIDTH};
use crate::ingest::{Answer, Considered, TooFew, outlook, shift, suggest, train};
use crate::model::{Mark, TopicSpan};

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
            off_topic: &off_topic,
            apart: &[],
            relevances: &[],
            next_event: EventId(9),
            hearings: &[],
        };
        let mut decider = Decider::new(vec![topic()], Matcher::default(), policy, &remembered);
        decider.take_up(&room.recalled());
        outlook(&topic().spec.key, &decider, &policy, now)
    };
    let now = at(room.now);
    assert_eq!((now.open.events, at(later).open.events, now.background), (3, 0, None));
    assert!(now.by_words.five < now.by_words.one && at(later).by_words.one < now.by_words.one);
    // Nothing was told twice yet: a novelty of twice the three events, and sixty behind it.
    assert!((now.by_words.one - 0.0575 * 67.0_f64.ln()).abs() < 1e-9);
}

/// A meaning that points along an axis, by what the text speaks of; nothing in a language that no model knows.
fn by_subject(draft: &StoryDraft) -> Option<Compact> {
    let axis = usize::from(!draft.text.contains("cargo"));
    let mut values = [0.0; WIDTH];
    values[axis] = 1.0;
    let vector = Vector::toward(&values)?;
    (draft.lang.as_deref() == Some("en")).then(|| vector.compact())
}

/// What was learnt: the one subject is wanted, the other isn't, whatever the query says.
fn cargo_is_wanted() -> Relevance {
    let mut weights = vec![0.0; 2 + WIDTH];
    (weights[2], weights[3]) = (3.0, -3.0);
    let learned_at = NOON.parse().unwrap();
    Relevance { topic: topic().spec.key, learned_at, answers: (40, 45), threshold: 0.5, bias: 0.0, weights }
}

/// A topic with two clauses, and what was learnt of it.
fn learned() -> Newsroom {
    let mut topic = topic();
    topic.spec.query = "resolution council".to_owned();
    let matcher = Matcher::new(&[(topic.spec.key.clone(), Query::parse(&topic.spec.query).unwrap())]);
    let relevances = vec![cargo_is_wanted()];
    let remembered = Remembered { relevances: &relevances, ..Remembered::NOTHING };
    let decider = Decider::new(vec![topic], matcher, EventPolicy::default(), &remembered);
    Newsroom { decider, read: by_subject, relevances, ..Newsroom::new() }
}

#[test]
fn a_learned_score_takes_a_story_off_the_topic_that_its_query_holds_for() {
    let mut room = learned();
    let choir = room.comes(&by("a.example", ("Council adopts resolution", "It thanks the choir.")));
    assert_eq!(ruling(&choir), Ruling::OffTopic);
    assert_eq!(last_reason(&choir), "relevance 0.05 under 0.50: learned from 85 answers");
    let cargo = room.comes(&by("a.example", ("Council adopts resolution", "It frees the cargo of the ship.")));
    assert_eq!(ruling(&cargo), Ruling::Opened);
    assert_eq!(cargo.decisions[0].reasons[2].text, "relevance 0.95 reaches 0.50: learned from 85 answers");
}

#[test]
fn a_learned_score_lifts_a_story_that_misses_one_clause_and_none_that_misses_more() {
    let mut room = learned();
    let near = room.comes(&by("a.example", ("Resolution adopted", "It frees the cargo of the ship.")));
    assert_eq!(ruling(&near), Ruling::Opened);
    assert_eq!(near.decisions[0].reasons[0].text, "all of its query holds but council");
    assert_eq!(near.meanings.len(), 1);
    let far = room.comes(&by("a.example", ("Ship freed", "The cargo was fruit.")));
    assert_eq!((ruling(&far), far.decisions[0].topic.clone()), (Ruling::OffTopic, None));
}

#[test]
fn without_a_meaning_the_query_alone_says_and_what_an_operator_said_comes_first() {
    let mut room = learned();
    let unknown = Given { lang: "uk", ..by("a.example", ("Council resolution", "On something")) };
    assert_eq!(ruling(&room.comes(&unknown)), Ruling::Opened);
    let story = room.story(&by("b.example", ("Council adopts resolution", "It thanks the choir.")));
    let at = room.now;
    room.labels.push(Label {
        said: Said::OnTopic,
        topic: topic().spec.key,
        story: story.id,
        other: None,
        tell: true,
        at,
    });
    assert_eq!(ruling(&room.decide(story)), Ruling::Opened);
}

#[test]
fn from_answers_it_is_learnt_what_the_query_does_not_ask_and_few_answers_teach_nothing() {
    let room = Newsroom::new();
    let answer = |n: usize| {
        let subject = if n.is_multiple_of(2) { "cargo" } else { "choirs" };
        let (title, text) = (format!("Council number {n} adopts resolution {n}{n}{n}"), format!("On {subject} of {n}"));
        let published = Some(room.now - SignedDuration::from_hours(24 * 20 * i64::try_from(n).unwrap()));
        let fingerprint = u64::try_from(n).unwrap();
        let given = by("a.example", ("", ""));
        let url = format!("https://a.example/{n}");
        let draft = StoryDraft { url, title, text, published, fingerprint, ..Newsroom::new().story(&given).draft };
        Answer { meaning: by_subject(&draft), is_on: n.is_multiple_of(2), draft }
    };
    let answers: Vec<Answer> = (0..24).map(answer).collect();
    let query = Query::parse("resolution").unwrap();
    let lesson = train(&topic(), &query, &answers, room.now).unwrap();
    assert_eq!((lesson.relevance.answers, lesson.trial.events), ((12, 12), 24));
    assert!((lesson.trial.query.precision() - 0.5).abs() < 1e-9 && lesson.trial.scored.f1() > 0.99);
    assert!(lesson.trial.gain.low > 0.0, "{:?}", lesson.trial);
    let read = by_subject;
    let moved = shift(&lesson.relevance, &query, &answers[1].draft, Reader(Some(&read))).unwrap();
    assert!(!moved.would_be_on && moved.why.text.contains("learned from 24 answers"));
    assert_eq!(train(&topic(), &query, &answers[..19], room.now), Err(TooFew { yes: 10, no: 9 }));
}

#[test]
fn a_story_that_misses_one_clause_is_asked_about_and_its_words_are_proposed_with_what_they_add() {
    let mut room = Newsroom::new();
    let mut given: Vec<(StoryDraft, Option<Mark>)> = Vec::new();
    let mut tell = |title: &'static str, mark| given.push((room.story(&by("a.example", (title, ""))).draft, mark));
    for title in
        ["Council adopts cargo resolution", "Council debates cargo resolution", "Cargo resolution pleases council"]
    {
        tell(title, None);
    }
    for title in ["Cargo edict adopted by council", "Council frees cargo by edict"].repeat(5) {
        tell(title, Some(Mark::OnTopic));
    }
    tell("Council hears of a cargo decree", None);
    for title in ["Choir sings in hall", "Rain falls on hills", "Goats climb trees", "Bakers strike again"].repeat(4) {
        tell(title, None);
    }
    let query = Query::parse("cargo council resolution").unwrap();
    let considered: Vec<Considered<'_>> = given
        .iter()
        .enumerate()
        .map(|(n, (draft, mark))| Considered { draft, meaning: None, is_on: n < 3, mark: *mark })
        .collect();
    let found = suggest(&query, &considered);
    assert_eq!(found.near_misses.len(), 1, "{found:?}");
    assert_eq!(found.near_misses[0].place, 13);
    assert!(found.near_misses[0].why.starts_with("all of the query holds but resolution"), "{found:?}");
    assert!(found.false_hits.iter().all(|doubt| doubt.place < 3), "{found:?}");
    let edict = found.terms.iter().find(|term| term.word == "edict");
    let edict = edict.unwrap_or_else(|| panic!("it tells them apart: {:?}", found.terms));
    assert_eq!((edict.here, edict.there, edict.adds), (10, 0, (10, 0)));
    assert!(found.terms.iter().all(|term| term.word != "hills"), "{found:?}");
}
