//! Backup, restore and export beside a daemon that works.

use std::collections::BTreeMap;
use std::fs;

use super::scene::{Scene, json_lines, words};

#[test]
fn a_backup_of_a_running_daemon_is_restored_and_what_it_replaced_is_kept() {
    let scene = Scene::new();
    let mut daemon = scene.start();
    scene.publisher.publish(12);
    scene.wait_until_told(&mut daemon);
    let copy = scene.path("copy.db");
    let copied = scene.run(&["backup", copy.to_str().unwrap()]);
    assert!(copied.status.success(), "{}", words(&copied.stderr));
    let again = scene.run(&["backup", copy.to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(64), "a copy is never overwritten");

    let refused = scene.run(&["restore", copy.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(75), "not while a daemon holds the database");
    assert!(words(&refused.stderr).contains("stop it first"), "{}", words(&refused.stderr));

    scene.publisher.publish(8);
    scene.wait_until_told(&mut daemon);
    assert_eq!(daemon.stop().code(), Some(0));
    fs::write(scene.db(), "what was a database").unwrap();
    let restored = scene.run(&["restore", copy.to_str().unwrap(), "--json"]);
    assert!(restored.status.success(), "{}", words(&restored.stderr));
    let told = &json_lines(&restored.stdout)[0];
    assert_eq!(told["stories"], 12);
    assert_eq!(fs::read_to_string(told["replaced"].as_str().unwrap()).unwrap(), "what was a database");

    // It goes on from the copy: what came after it is read again, and told again under the same ids.
    let mut daemon = scene.start();
    scene.wait_until_told(&mut daemon);
    let (got, _) = scene.holds_promise_of_ids();
    assert_eq!(got.repeats, 8, "told a second time, each under the id that it had");
}

#[test]
fn an_export_of_a_running_daemon_holds_everything_of_one_moment() {
    let scene = Scene::new();
    let mut daemon = scene.start();
    scene.publisher.publish(20);
    scene.wait_until_told(&mut daemon);
    let exported = scene.run(&["export"]);
    assert!(exported.status.success(), "{}", words(&exported.stderr));
    let lines = json_lines(&exported.stdout);
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for line in &lines {
        *kinds.entry(line["kind"].as_str().unwrap()).or_default() += 1;
    }
    let expected = [
        ("decision", 20),
        ("delivery", 20),
        ("end", 1),
        ("event", 20),
        ("export", 1),
        ("notification", 20),
        ("source", 4),
        ("story", 20),
        ("subscription", 1),
        ("topic", 1),
        ("topic_version", 1),
    ];
    assert_eq!(kinds, BTreeMap::from(expected));
    assert_eq!(lines[0]["data"]["v"], 1);
    assert_eq!(lines.last().unwrap()["data"]["lines"], lines.len() - 1, "an end that counts shows a whole export");
    let of = |kind: &str| lines.iter().find(|line| line["kind"] == kind).unwrap()["data"].clone();
    assert_eq!(of("delivery")["attempts"][0]["status"], 204);
    assert!(of("decision")["decision"]["reasons"][0]["text"].is_string());
    assert_eq!(of("notification")["payload"]["type"], "event.opened");
    assert!(!words(&exported.stdout).contains("whsec_"), "no secret unless it is asked for");

    let file = scene.path("all.jsonl");
    let written = scene.run(&["export", "--secrets", file.to_str().unwrap()]);
    assert!(written.status.success(), "{}", words(&written.stderr));
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), lines.len() + 1);
    assert!(text.contains("whsec_"));
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(scene.run(&["export", file.to_str().unwrap()]).status.code(), Some(64), "never overwritten");

    let later = scene.run(&["export", "--since", "2100-01-01"]);
    let kinds: Vec<String> = json_lines(&later.stdout).iter().map(|line| line["kind"].to_string()).collect();
    assert_eq!(kinds.len(), 9, "what is declared, and nothing that came or was told: {kinds:?}");
    let full = scene.run(&["export", "/dev/full/all.jsonl"]);
    assert_eq!(full.status.code(), Some(69));
}
