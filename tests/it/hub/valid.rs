//! Feeds as validators and readers of other houses see them.

use std::path::Path;

use super::*;

/// Holds the three feeds against the rules; gives what is wrong, and what a reader reads.
fn judged(world: &World, python: &Path) -> (String, Value) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/hub/valid.py");
    for kind in ["atom", "rss", "json"] {
        let (status, _, body) = world.daemon.ask(&format!("GET /feeds/harbour.{kind}"), "");
        assert_eq!(status, 200);
        std::fs::write(world.daemon.path(&format!("harbour.{kind}")), body).unwrap();
    }
    let base = format!("http://127.0.0.1:{}", world.daemon.port);
    let output = Command::new(python).arg(script).arg(base).arg(world.daemon.folder.path()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    let (faults, read) = said.trim_end().rsplit_once('\n').unwrap_or(("", said.trim_end()));
    (faults.to_owned(), serde_json::from_str(read).unwrap())
}

#[test]
fn feeds_are_valid_and_an_entry_keeps_its_id_and_moves_its_date_as_its_event_grows() {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/venv/bin/python");
    let is_there = Command::new(&python).args(["-c", "import feedparser"]).output().is_ok_and(|o| o.status.success());
    if !is_there {
        eprintln!("!!! SKIPPED: PyPI feedparser is not there (tests/run installs it)");
        return;
    }
    let world = World::start();
    let (faults, read) = judged(&world, &python);
    assert_eq!((faults.as_str(), &read["ids"]), ("", &serde_json::json!([])), "of no event");

    let awkward = "<item><title>&lt;b&gt;Bergen&lt;/b&gt; harbour &amp;amp; \"fjord\" &lt;script&gt;alert(1)&lt;/script&gt; \u{5e0}\u{5de}\u{5dc} &#x1F6A2;</title>\
        <link>javascript:alert(1)</link><guid>awkward</guid><description>&lt;p&gt;Ferries &lt;a href='/x'&gt;wait&lt;/a&gt; &amp;lt;here&amp;gt;.</description></item>";
    let blast = item("Harbour blast kills 12 people").replace(
        "<link>",
        "<description>The blast in the harbour killed 12 people, officials said.</description><link>",
    );
    world.web.ledger().items = blast + awkward;
    world.shown("blast kills 12");
    world.shown("Bergen");
    let (faults, before) = judged(&world, &python);
    assert_eq!(faults, "");
    assert_eq!(before["ids"].as_array().map(Vec::len), Some(2), "{before}");

    let second = |read: &Value| -> Value {
        let titles = read["titles"].as_array().unwrap();
        let place = titles.iter().position(|title| title.as_str().unwrap().contains("blast")).unwrap();
        serde_json::json!([read["ids"][place], read["updated"][place]])
    };
    // Dates are told to the second: the next change is in a later one.
    let first_second = now().as_second();
    world.daemon.wait("the next second", || now().as_second() > first_second);
    let items = world.web.ledger().items.replace("12 people", "15 people");
    world.web.ledger().items = items;
    world.shown("15 people");
    let grown = || second(&judged(&world, &python).1);
    world.daemon.wait("the entry's new date", || grown()[1] != second(&before)[1]);
    let (faults, after) = judged(&world, &python);
    assert_eq!(faults, "");
    assert_eq!(second(&after)[0], second(&before)[0]);
    let date = |read: &Value| -> Vec<i64> { serde_json::from_value(second(read)[1].clone()).unwrap() };
    assert!(date(&after) > date(&before), "{before} {after}");
}
