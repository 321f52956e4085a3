//! What an administrator asks: health, readiness, status, metrics.

use std::collections::BTreeSet;

use super::*;
use crate::daemon::{ReloadOutcome, Step, Wait, Watchdog};

async fn asked(world: &World, path: &str, accept: &str) -> Answer {
    let request = Request::get(path).header(header::ACCEPT, accept).body(Body::empty()).unwrap();
    world.send(request).await
}

fn all_turn(world: &World) {
    for name in LoopName::ALL {
        world.status.turn(name, at(0));
    }
}

#[tokio::test]
async fn it_is_alive_while_its_loops_turn_whatever_the_store_does() {
    let world = world();
    assert_eq!(world.get("/healthz").await.text, "ok\n");
    world.status.refused(LoopName::Decide, "database or disk is full", at(-20));
    assert_eq!(world.get("/healthz").await.text, "ok\n", "a full disk is no reason to be killed");

    world.status.turn(LoopName::Decide, at(-31));
    let stuck = world.get("/healthz").await;
    assert_eq!((stuck.status, stuck.text.as_str()), (StatusCode::SERVICE_UNAVAILABLE, "stuck: decide\n"));
}

#[tokio::test]
async fn it_is_ready_once_it_polls_and_says_what_keeps_it_from_that() {
    let world = world();
    let starting = world.get("/readyz").await;
    assert_eq!(starting.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(starting.text, "not ready\nit is starting: the first round of polls has not begun\n");

    all_turn(&world);
    assert_eq!(world.get("/readyz").await.text, "ready\n");

    world.status.turn(LoopName::Hub, at(-31));
    world.status.refused(LoopName::Dispatch, "claim deliveries: database or disk is full", at(-20));
    let trouble = world.get("/readyz").await;
    assert_eq!(trouble.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        trouble.text,
        "not ready\nthe dispatch loop can't do its work: for 20 s: claim deliveries: database or disk is full\n\
         the hub loop has not turned for 31 s\n"
    );

    world.status.turn(LoopName::Hub, at(0));
    world.status.served(LoopName::Dispatch);
    assert_eq!(world.get("/readyz").await.status, StatusCode::OK);
}

#[tokio::test]
async fn readiness_as_json_tells_each_loop_to_who_has_no_token() {
    let world = world();
    all_turn(&world);
    world.status.waits(LoopName::Poll, Wait { under_way: 2, until: at(3) });
    let told = asked(&world, "/readyz", "application/json").await.json();
    assert_eq!((&told["ready"], &told["store"]), (&json!(true), &Value::Null));
    let poll = told["loops"].as_array().unwrap().iter().find(|entry| entry["name"] == "poll").unwrap();
    assert_eq!(
        (&poll["state"], &poll["reason"], &poll["looks_again_at"]),
        (&json!("waits"), &json!("2 under way"), &json!("2026-11-24T12:00:03Z"))
    );
}

#[tokio::test]
async fn status_needs_a_token_and_names_the_worst_first() {
    let world = world();
    assert_eq!(asked(&world, "/v1/status", "application/json").await.status, StatusCode::UNAUTHORIZED);
    world.furnish().await;
    world.happen(&["Council adopts budget"]).await;
    all_turn(&world);
    world.status.waits(LoopName::Dispatch, Wait { under_way: 0, until: at(5) });
    world.status.reloaded(ReloadOutcome { at: at(-60), is_good: false });
    world.status.fed(Watchdog { is_wanted: true, fed_at: Some(at(-4)) });
    world.status.refused(LoopName::Verify, "database is locked", at(0));

    let told = world.get("/v1/status").await.json();
    assert_eq!(told["ready"], false);
    assert_eq!(told["loops"][0]["name"], "verify", "trouble first");
    let levels: Vec<_> = told["problems"].as_array().unwrap().iter().map(|p| p["level"].as_str().unwrap()).collect();
    assert_eq!(levels, ["error", "error"], "{told}");
    assert!(told["problems"][1]["what"].as_str().unwrap().contains("reload was refused"), "{told}");
    assert_eq!(told["watchdog"], json!({"wanted": true, "fed_at": "2026-11-24T11:59:56Z"}));
    let store = &told["store"];
    assert_eq!((&store["sources"]["well"], &store["stories"], &store["pending"]), (&json!(1), &json!(1), &json!(0)));
    assert!(store["database_bytes"].as_u64().unwrap() > 100_000, "{store}");
}

#[tokio::test]
async fn metrics_are_open_metrics_of_loops_and_store() {
    let world = world();
    world.furnish().await;
    all_turn(&world);
    world.status.polled(&PollOutcome::NotModified, Duration::from_millis(30), Recorded::default());
    world.status.stepped(Step::Decided, Duration::from_millis(3));
    world.status.refused(LoopName::Poll, "disk full", at(0));
    let page = world.get("/metrics").await;
    assert!(page.headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("application/openmetrics-text"));
    for line in [
        "tidings_polls_total{outcome=\"not-modified\"} 1",
        "tidings_poll_duration_seconds_bucket{le=\"0.05\"} 1",
        "tidings_poll_duration_seconds_bucket{le=\"+Inf\"} 1",
        "tidings_step_duration_seconds_bucket{le=\"0.005\",step=\"decided\"} 1",
        "tidings_sources{health=\"well\"} 1",
        "tidings_sources{health=\"failing\"} 0",
        "tidings_due{kind=\"sources\"} 1",
        "tidings_loop_refused{loop=\"poll\"} 1",
        "tidings_loop_refused{loop=\"hub\"} 0",
        "tidings_store_up 1",
        "# EOF",
    ] {
        assert!(page.text.lines().any(|found| found == line), "{line} is not in:\n{}", page.text);
    }
}

/// What Prometheus's own rules of naming say (<https://prometheus.io/docs/practices/naming/>), and what keeps a scrape small.
#[tokio::test]
async fn metrics_are_named_as_prometheus_wants_them_and_are_few() {
    let page = world().get("/metrics").await;
    let mut names = BTreeSet::new();
    for line in page.text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let (name, kind) = line.split_once(' ').unwrap();
        assert!(names.insert(name.to_owned()), "{name} stands twice");
        assert!(name.starts_with("tidings_") && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
        for unit in ["_ms", "_millis", "_minutes", "_kb", "_mib", "_percent", "_count", "_total"] {
            assert!(!name.ends_with(unit), "{name} ends in {unit}");
        }
        assert!(kind != "histogram" || name.ends_with("_seconds"), "{name}");
        let help = format!("# HELP {name} ");
        assert!(page.text.lines().any(|line| line.starts_with(&help)), "{name} has no help");
    }
    let series = page.text.lines().filter(|line| !line.starts_with('#')).count();
    assert!(series < 250, "{series} series");
}

/// Each metric is in docs/monitoring.md, with its type; nothing else is.
#[tokio::test]
async fn the_metrics_that_are_documented_are_those_that_are_given() {
    let world = world();
    world.furnish().await;
    world.happen(&["Council adopts budget"]).await;
    all_turn(&world);
    world.status.fed(Watchdog { is_wanted: false, fed_at: Some(at(0)) });
    let page = world.get("/metrics").await;
    let typed = page.text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let given: BTreeSet<(String, String)> = typed
        .map(|line| {
            let (name, kind) = line.split_once(' ').unwrap();
            (if kind == "counter" { format!("{name}_total") } else { name.to_owned() }, kind.to_owned())
        })
        // A store in memory lies on no disk.
        .chain(["free", "size"].map(|what| (format!("tidings_store_disk_{what}_bytes"), "gauge".to_owned())))
        .collect();
    let text = include_str!("../../../docs/monitoring.md");
    let documented: BTreeSet<(String, String)> = text
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `tidings_")?.split(" | ");
            let name = cells.next()?.trim_end_matches('`');
            Some((format!("tidings_{name}"), cells.next()?.trim().to_owned()))
        })
        .collect();
    assert_eq!(documented, given);
}
