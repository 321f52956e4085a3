//! Sources and subscriptions that are changed, and hosts that are asked again.

use super::*;
use crate::cli::poll::{LeftAlone, left_alone};
use crate::model::{PollOutcome, PollRecord};
use crate::port::{ClaimSources, Store as _};

#[test]
fn what_is_named_of_a_source_is_changed_and_all_else_stays() {
    let [_, _, edited, back, list, empty, wrong, selectors] = session([
        &["topic", "add", "moon", "--query", "lunar"],
        &["source", "add", "https://a.example/rss", "--no-fetch", "--lang", "en", "--topic", "moon"],
        &[
            "source",
            "edit",
            "1",
            "--name",
            "The Press",
            "--interval-max",
            "15",
            "--priority",
            "high",
            "--full-text",
            "--json",
        ],
        &["source", "edit", "The Press", "--usual", "topic", "--usual", "name", "--usual", "full-text", "--json"],
        &["source", "edit", "http://www.a.example/rss/", "--as", "list"],
        &["source", "edit", "1"],
        &["source", "edit", "1", "--interval-min", "60", "--lang", "English"],
        &["source", "edit", "1", "--item", "<<"],
    ]);
    let [edited, back] = [edited, back].map(|json| serde_json::from_str::<serde_json::Value>(&json).unwrap());
    assert_eq!((&edited["name"], &edited["interval_max_minutes"]), (&"The Press".into(), &15.into()));
    assert_eq!((&edited["priority"], &edited["full_text"]), (&"high".into(), &true.into()));
    assert_eq!((&edited["lang"], &edited["topics"][0]), (&"en".into(), &"moon".into()));
    assert_eq!(
        (&back["name"], &back["topics"], &back["full_text"]),
        (&"a.example".into(), &serde_json::json!([]), &false.into())
    );
    assert_eq!((&back["interval_max_minutes"], &back["lang"]), (&15.into(), &"en".into()));
    assert!(list.contains("page, articles found by what repeats"), "{list}");
    assert_eq!(empty, "refused: nothing to change was named; see: tidings source edit --help");
    assert!(
        wrong.contains("--interval-max is less than --interval-min") && wrong.contains("--lang is not a language"),
        "{wrong}"
    );
    assert!(selectors.starts_with("refused: "), "{selectors}");
}

#[test]
fn an_interval_that_is_not_named_stays_to_the_second() {
    let mut store = SqliteStore::in_memory().unwrap();
    let spec = SourceSpec { interval_min: Duration::from_secs(90), ..a_source(1, "Press", "ok").spec };
    store.add_source(&spec, at(0)).unwrap();
    let intervals = |store: &mut SqliteStore| {
        let spec = store.sources(crate::port::Listed::Current).unwrap().remove(0).spec;
        (spec.interval_min, spec.interval_max)
    };
    let [_, refused] = on(
        &mut store,
        [&["source", "edit", "1", "--interval-max", "30"], &["source", "edit", "1", "--interval-max", "1"]],
    );
    assert_eq!(intervals(&mut store), (Duration::from_secs(90), Duration::from_mins(30)));
    assert!(refused.contains("--interval-max is less than --interval-min"), "{refused}");
}

#[test]
fn a_name_that_several_sources_have_names_none_of_them() {
    let [_, _, listed, removed, gone, again] = session([
        &["source", "add", "https://a.example/world.xml", "--no-fetch"],
        &["source", "add", "https://a.example/law.xml", "--no-fetch"],
        &["source", "list"],
        &["source", "remove", "a.example"],
        &["source", "remove", "a.example/law.xml"],
        &["source", "remove", "2"],
    ]);
    assert!(listed.contains("a.example/world.xml") && listed.contains("a.example/law.xml"), "{listed}");
    assert_eq!(removed, "refused: several sources are called \"a.example\": give a number of 1, 2");
    assert_eq!(gone, "removed source 2: a.example\n");
    assert_eq!(again, "refused: there is no source \"2\"; see: tidings source list");
}

#[test]
fn what_is_named_of_a_subscription_is_changed_and_all_else_stays() {
    let [_, _, edited, back, wrong, query, kept] = session([
        &["topic", "add", "moon", "--query", "lunar"],
        &["subscription", "add", "desk", "https://hooks.example/", "--min-publishers", "2", "--order", "strict"],
        &[
            "subscription",
            "edit",
            "desk",
            "--topic",
            "moon",
            "--quiet",
            "22:00-07:00 europe/berlin",
            "--rate-per-minute",
            "6",
        ],
        &[
            "subscription",
            "edit",
            "1",
            "--usual",
            "quiet",
            "--usual",
            "min-publishers",
            "--type",
            "event.opened",
            "--json",
        ],
        &["subscription", "edit", "1", "--topic", "mars", "--expire-after", "soon"],
        &["subscription", "edit", "1", "--query", "veto AND"],
        &["subscription", "show", "1", "--json"],
    ]);
    for text in ["moon", "22:00-07:00 Europe/Berlin", "2 publishers on", "at most 6 a minute", "strict"] {
        assert!(edited.contains(text), "{text}: {edited}");
    }
    let [back, kept] = [back, kept].map(|json| serde_json::from_str::<serde_json::Value>(&json).unwrap());
    assert_eq!((&back["quiet"], &back["min_publishers"]), (&serde_json::Value::Null, &1.into()));
    assert_eq!(
        (&back["topics"][0], &back["order"], &back["corrections"]),
        (&"moon".into(), &"strict".into(), &"never".into())
    );
    assert!(wrong.contains("there is no topic \"mars\"; --expire-after is \"soon\""), "{wrong}");
    assert!(query.starts_with("refused: "), "{query}");
    assert_eq!(kept, back, "what is refused changes nothing");
}

#[test]
fn what_the_configuration_declares_is_not_changed_here() {
    let mut store = SqliteStore::in_memory().unwrap();
    let declared = Declared { sources: vec![a_source(1, "UN press", "ok").spec], ..Declared::default() };
    store.sync(&declared, at(0)).unwrap();
    let [refused] = on(&mut store, [&["source", "edit", "UN press", "--lang", "fr"]]);
    let said =
        "refused: the source \"UN press\" is declared in the configuration: change it there and reload the daemon";
    assert_eq!(refused, said);
}

#[test]
fn a_host_that_asked_to_be_left_alone_is_asked_again_where_somebody_says_so() {
    let mut store = SqliteStore::in_memory().unwrap();
    let [_, _, early] = on(
        &mut store,
        [
            &["source", "add", "https://press.un.org/rss.xml", "--no-fetch"],
            &["source", "add", "https://news.un.org/rss.xml", "--no-fetch"],
            &["source", "resume", "1"],
        ],
    );
    assert_eq!(early, "un.org is not left alone: there is nothing to resume\n");
    pause(&mut store);
    let left_out: Vec<_> = left_alone(&mut store, None, at(61)).unwrap().iter().map(LeftAlone::record).collect();
    assert_eq!((left_out.len(), &left_out[0]["sources"]), (1, &2.into()), "{left_out:?}");
    assert!(left_alone(&mut store, Some(&[SourceId(7)]), at(61)).unwrap().is_empty());
    let [shown, resumed, again, nobody] = on(
        &mut store,
        [
            &["source", "show", "2"],
            &["source", "resume", "news.un.org"],
            &["source", "list"],
            &["source", "resume", "nobody.example"],
        ],
    );
    assert!(shown.contains("all of un.org, ") && shown.contains("tidings source resume 2"), "{shown}");
    assert_eq!(resumed, "un.org is left alone no longer: 2 sources of it are due\n");
    assert!(!again.contains("paused"), "{again}");
    assert!(nobody.contains("there is no source"), "{nobody}");
}

/// A poll of source 1 that is answered 429, for an hour.
fn pause(store: &mut SqliteStore) {
    let claim = ClaimSources {
        now: at(60),
        lease_until: at(65),
        limit: 1,
        per_domain: 1,
        slow_domains: 1,
        except_domains: Vec::new(),
        only: None,
    };
    let claimed = store.claim_sources(&claim).unwrap().remove(0);
    let pause = DomainPause { domain: "un.org".to_owned(), until: at(120), why: "429, too many".to_owned() };
    let record = PollRecord {
        source: claimed.source.id,
        fence: claimed.fence,
        at: at(60),
        outcome: PollOutcome::Failed { kind: "status", detail: "429, too many".to_owned() },
        took: Duration::ZERO,
        validators: None,
        moved_to: None,
        moving: None,
        stories: [].into(),
        layout: None,
        first_poll: true,
        next_poll_at: at(120),
        interval: Duration::from_hours(1),
        pace: None,
        failures: 1,
        health: SourceHealth::Well,
        domain_pause: Some(pause),
        notices: Vec::new(),
    };
    assert!(store.record_poll(&record).unwrap().accepted);
}

#[test]
fn the_help_names_each_verb_of_a_group() {
    let program = Arguments::command();
    for group in program.get_subcommands().filter(|group| group.has_subcommands()) {
        let about = group.get_about().unwrap().to_string();
        let missing: Vec<&str> =
            group.get_subcommands().map(clap::Command::get_name).filter(|verb| !about.contains(verb)).collect();
        assert!(missing.is_empty(), "{}: {about:?} lacks {missing:?}", group.get_name());
    }
}
