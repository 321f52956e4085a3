//! What an operator reads of topics, and is asked.

use std::cell::RefCell;

use crate::model::Said;
use crate::port::Store as _;

use super::corrections::furnished;
use super::*;

/// Runs a command of a topic in a terminal where these lines are typed.
fn typing(store: &mut SqliteStore, words: &[&str], lines: &[&str]) -> String {
    let typed = RefCell::new(lines.iter().map(|line| format!("{line}\n")));
    let answer = || Ok(typed.borrow_mut().next());
    let line = ["tidings", "topic"].iter().chain(words);
    let Some(Command::Topic(command)) = Arguments::try_parse_from(line).unwrap().command else { panic!("no topic") };
    let policy = EventPolicy::default();
    let ground = topic::Ground { checks: CHECKS, policy, model: &|| Ok(None), answer: Some(&answer) };
    written(Form::People, Some(100), |screen| topic::topic(store, &command, &ground, screen).unwrap())
}

#[test]
fn a_topic_is_shown_with_how_it_stands() {
    let mut store = furnished();
    let [shown] = on(&mut store, [&["topic", "show", "resolution"]]);
    assert!(shown.contains("open events   3 of 3 stories, the latest of each in the last 3 days"), "{shown}");
    assert!(shown.contains("0.24 to join an event of one story, 0.19 one of five"), "{shown}");
    assert!(shown.contains("0 + 0.0575 * ln(1 + 66 / (1 + 0.4 * (stories - 1))), at least 0.1"), "{shown}");
}

#[test]
fn stories_in_doubt_are_asked_about_and_each_answer_is_kept_as_a_label() {
    let mut store = furnished();
    on(&mut store, [&["topic", "add", "sport", "--query", "football committee"]]);
    let asked = typing(&mut store, &["suggest", "sport"], &["what?", "n", "y"]);
    assert!(asked.contains("near miss     all of the query holds but "), "{asked}");
    let mut said: Vec<_> = store.labels(0, 9).unwrap().into_iter().map(|(_, view)| view.label.said).collect();
    said.sort();
    assert_eq!(said, [Said::OnTopic, Said::OffTopic], "{asked}");
    let again = typing(&mut store, &["suggest", "sport"], &["q"]);
    assert!(again.contains("3 stories"), "{again}");
}

#[test]
fn without_a_terminal_stories_in_doubt_are_listed_and_nothing_is_learnt_without_a_model() {
    let mut store = furnished();
    let [_, listed, refused, forgotten] = on(
        &mut store,
        [
            &["topic", "add", "sport", "--query", "football committee"],
            &["topic", "suggest", "sport", "--json"],
            &["topic", "train", "sport", "--yes"],
            &["topic", "train", "sport", "--forget"],
        ],
    );
    assert_eq!(listed.matches("\"what\":\"near-miss\"").count(), 2, "{listed}");
    assert!(refused.contains("no sentence model is installed: tidings model install"), "{refused}");
    assert_eq!(forgotten, "nothing was learnt of this topic\n");
    assert!(store.labels(0, 9).unwrap().is_empty());
}

#[test]
fn a_topic_is_tried_edited_and_undone_and_its_history_says_how() {
    let mut store = furnished();
    let [_, tried, tried_json, edited, _, undone, history] = on(
        &mut store,
        [
            &["topic", "add", "sport", "--query", "football"],
            &["topic", "preview", "sport", "--query", "draft (committee OR council)", "--since", "2021-01-01"],
            &["topic", "preview", "sport", "--query", "draft", "--since", "2021-01-01", "--json"],
            &["topic", "edit", "sport", "--query", "football OR handball", "--from", "2021-12-01"],
            &["topic", "edit", "sport", "--no-from", "--name", "Sport"],
            &["topic", "undo", "sport", "--version", "1"],
            &["topic", "history", "sport"],
        ],
    );
    assert!(tried.contains("3 stories: 1 gained, 1 lost, 0 told by both; 1 told as saved, 1 as tried"), "{tried}");
    assert!(tried.contains("it doesn't match the topic's query"), "{tried}");
    assert!(tried.contains("(committee OR council)"), "{tried}");
    let value: serde_json::Value = serde_json::from_str(tried_json.trim()).unwrap();
    assert_eq!((&value["stories"], &value["told"]["saved"]), (&serde_json::json!(3), &serde_json::json!(1)));
    assert!(edited.contains("football OR handball") && edited.contains("from 2021-12-01"), "{edited}");
    assert!(undone.contains("sport") && undone.contains("football"), "{undone}");
    assert!(history.contains("version 4, version 1 again"), "{history}");
    assert!(history.contains("by            the command line"), "{history}");
    assert!(history.contains("query         football{+ OR handball+}"), "{history}");
}
