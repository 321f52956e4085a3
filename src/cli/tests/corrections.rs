//! What an operator reads when putting events right.

use crate::model::{Commit, NewEvent, PollOutcome, PollRecord, Recorded, StoryChange, TopicSpan, TopicSpec};
use crate::port::{ClaimSources, Store as _};

use super::*;

const TITLES: [&str; 3] = ["Committee adopts draft 152-8", "Draft adopted", "Football: draft of players"];

/// Polls the first source once.
fn polls(store: &mut SqliteStore, now: Timestamp, stories: Vec<StoryChange>) -> Recorded {
    let due = ClaimSources {
        now,
        lease_until: now,
        limit: 1,
        per_domain: 1,
        slow_domains: 1,
        except_domains: Vec::new(),
        only: None,
    };
    let claim = store.claim_sources(&due).unwrap().remove(0);
    let record = PollRecord {
        source: claim.source.id,
        fence: claim.fence,
        at: now,
        outcome: PollOutcome::Read { entries: stories.len() },
        took: Duration::from_millis(20),
        validators: None,
        moved_to: None,
        moving: None,
        stories: stories.into(),
        layout: None,
        first_poll: true,
        next_poll_at: now,
        pace: None,
        interval: Duration::from_mins(30),
        failures: 0,
        health: SourceHealth::Well,
        domain_pause: None,
        notices: Vec::new(),
    };
    store.record_poll(&record).unwrap()
}

fn draft(number: u32, title: &str) -> StoryDraft {
    let url = format!("https://press.example/{number}");
    StoryDraft {
        keys: crate::ingest::story_keys_of_url(&WebUrl::parse(&url).unwrap()),
        link: url.clone(),
        url,
        title: title.to_owned(),
        text: format!("{title}, delegates said on Monday."),
        fingerprint: u64::from(number),
        ..a_story().draft
    }
}

/// Three stories, an event each, told at the first minute.
pub(super) fn furnished() -> SqliteStore {
    let mut store = SqliteStore::in_memory().unwrap();
    let topic = TopicSpec {
        key: TopicKey::parse("resolution").unwrap(),
        name: "Resolution".to_owned(),
        query: "draft".to_owned(),
        fresh: Duration::from_hours(24),
        stale: Duration::from_hours(168),
        span: TopicSpan::default(),
    };
    store.add_topic(&topic, at(0)).unwrap();
    store.add_source(&a_source(1, "Press", "ok").spec, at(0)).unwrap();
    let drafts = (1..).zip(TITLES).map(|(n, title)| StoryChange::New { draft: draft(n, title), fetch_article: false });
    polls(&mut store, at(0), drafts.collect());
    let mut commit = Commit::default();
    for story in store.claim_undecided(9).unwrap() {
        let event = EventId(story.id.0);
        let decision = Decision { story: story.id, event: Some(event), decided_at: at(1), ..a_decision() };
        let reasons = decision.reasons.iter().filter(|r| r.story.is_none()).cloned().collect();
        commit.decisions.push(Decision { reasons, ..decision });
        let title = story.draft.title.clone();
        let topic = topic.key.clone();
        commit.opened.push(NewEvent {
            id: event,
            topic,
            title,
            first_story: story.id,
            opened_at: at(1),
            told_at: Some(at(1)),
        });
    }
    store.commit_decisions(&commit).unwrap();
    store
}

#[test]
fn events_are_put_right_and_what_was_said_is_exported() {
    let mut store = furnished();
    let told = on(
        &mut store,
        [
            &["event", "merge", "2", "1"],
            &["event", "list"],
            &["event", "show", "2"],
            &["event", "merge", "1", "2"],
            &["event", "split", "1", "https://press.example/2"],
            &["story", "mark", "3", "off-topic"],
            &["story", "mark", "3", "on-topic", "--topic", "resolution"],
            &["story", "mark", "3", "off-topic"],
            &["event", "list"],
            &["explain", "2"],
            &["label", "export"],
        ],
    );
    insta::assert_snapshot!("corrections", told.join("\n----\n"));
}

#[test]
fn an_edited_story_shows_what_changed() {
    let mut store = furnished();
    let edited = StoryDraft {
        title: "Committee adopts draft 163-8".to_owned(),
        text: "Committee adopts draft 163-8, delegates said on Monday night.".to_owned(),
        ..draft(1, "")
    };
    polls(&mut store, at(30), vec![StoryChange::Revised { story: StoryId(1), draft: edited }]);
    let [shown, json] = on(&mut store, [&["story", "show", "1"], &["story", "show", "1", "--json"]]);
    insta::assert_snapshot!("story", shown);
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    insta::assert_snapshot!("story_revisions_json", serde_json::to_string_pretty(&value["revisions"]).unwrap());
}
