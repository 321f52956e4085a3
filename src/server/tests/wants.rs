//! What a subscription wants, and how: over HTTP.

use super::*;

const PLANS: &[&str] = &["digest", "digest_empty", "quiet", "at_once", "expire_after", "payload", "payload_version"];

fn wants(subscription: &Value) -> Vec<Value> {
    PLANS.iter().map(|key| subscription[*key].clone()).collect()
}

#[tokio::test]
async fn a_subscription_says_what_it_wants_and_how_and_a_patch_changes_it() {
    let world = world();
    world.furnish().await;
    let made = world
        .post(
            "/v1/subscriptions",
            json!({"url": "https://hooks.example/t", "query": "veto", "min_publishers": 3, "digest": "every 60 minutes",
                "digest_empty": true, "quiet": "22:00-07:00 europe/berlin", "at_once": ["source.failing"],
                "expire_after": "120 minutes", "payload": "thin", "payload_version": 1}),
        )
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let shown: Value = serde_json::from_str(&world.get("/v1/subscriptions/1").await.text).unwrap();
    assert_eq!((&shown["query"], &shown["min_publishers"]), (&json!("veto"), &json!(3)));
    let as_shown = [
        json!("every 1 hour"),
        json!(true),
        json!("22:00-07:00 Europe/Berlin"),
        json!(["source.failing"]),
        json!("2 hours"),
        json!("thin"),
        json!(1),
    ];
    assert_eq!(wants(&shown), as_shown);

    let same: Value =
        serde_json::from_str(&world.call("PATCH", "/v1/subscriptions/1", Some(json!({}))).await.text).unwrap();
    assert_eq!(same, shown);
    world.changes();
    let patch =
        json!({"digest": null, "digest_empty": null, "query": "ceasefire", "types": ["event.opened"], "payload": null});
    let changed = world.call("PATCH", "/v1/subscriptions/1", Some(patch)).await;
    assert_eq!((changed.status, world.changes()), (StatusCode::OK, vec![Change::Subscriptions]), "{}", changed.text);
    let changed: Value = serde_json::from_str(&changed.text).unwrap();
    assert_eq!((&changed["query"], &changed["min_publishers"]), (&json!("ceasefire"), &json!(3)));
    assert_eq!((&changed["types"], &changed["corrections"]), (&json!(["event.opened"]), &json!("never")));
    assert_eq!(wants(&changed)[..3], [Value::Null, json!(false), json!("22:00-07:00 Europe/Berlin")]);
    assert_eq!(changed["payload"], json!("full"));
}

#[tokio::test]
async fn a_patch_changes_the_pace_too_and_leaves_what_it_does_not_name() {
    let world = world();
    let made = json!({"url": "https://hooks.example/t", "max_in_flight": 4, "order": "strict"});
    assert_eq!(world.post("/v1/subscriptions", made).await.status, StatusCode::CREATED);
    let patch = async |body: Value| world.call("PATCH", "/v1/subscriptions/1", Some(body)).await.json();
    let pace = |shown: &Value| ["max_in_flight", "rate_per_minute", "order"].map(|key| shown[key].clone());
    let faster = patch(json!({"rate_per_minute": 30})).await;
    assert_eq!(pace(&faster), [json!(4), json!(30), json!("strict")]);
    let usual = patch(json!({"max_in_flight": null, "order": null})).await;
    assert_eq!(pace(&usual), [Value::Null, json!(30), json!("event")]);
    assert_eq!(patch(json!({"languages": ["en"]})).await["rate_per_minute"], 30);
}

#[tokio::test]
async fn what_is_wrong_with_wishes_is_told_at_its_field() {
    let world = world();
    let wrong = json!({"url": "https://hooks.example/t", "query": "(veto", "min_publishers": 0, "digest": "hourly",
        "quiet": "22:00-07:00 Berlin", "at_once": ["event.shut"], "expire_after": "soon", "payload": "slim",
        "payload_version": 2});
    let refused = world.post("/v1/subscriptions", wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for told in [
        "at bytes 0..1: unbalanced; close it",
        "`min_publishers` is 0",
        "`digest` is \\\"hourly\\\": expected \\\"every N",
        "there is no time zone \\\"Berlin\\\"",
        "\\\"event.shut\\\" is not a type",
        "`expire_after` is \\\"soon\\\"",
        "neither \\\"full\\\" nor \\\"thin\\\"",
        "`payload_version` is 2",
    ] {
        assert!(refused.text.contains(told), "{told}: {}", refused.text);
    }
    world.post("/v1/subscriptions", json!({"url": "https://hooks.example/t"})).await;
    let other = world.call("PATCH", "/v1/subscriptions/1", Some(json!({"url": "https://other.example/"}))).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", other.text);
    let needs = world.call("PATCH", "/v1/subscriptions/1", Some(json!({"digest_empty": true}))).await;
    assert!(needs.text.contains("needs `digest`"), "{}", needs.text);
    assert_eq!(world.call("PATCH", "/v1/subscriptions/9", Some(json!({}))).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_subscription_that_names_a_removed_topic_can_still_be_changed() {
    let world = world();
    world.furnish().await;
    let made = json!({"url": "https://hooks.example/t", "topics": ["council"]});
    assert_eq!(world.post("/v1/subscriptions", made).await.status, StatusCode::CREATED);
    assert_eq!(world.call("DELETE", "/v1/topics/council", None).await.status, StatusCode::NO_CONTENT);
    let patch = async |body: Value| world.call("PATCH", "/v1/subscriptions/1", Some(body)).await;
    let changed = patch(json!({"languages": ["en"]})).await;
    assert_eq!((changed.status, &changed.json()["topics"]), (StatusCode::OK, &json!(["council"])), "{}", changed.text);
    let again = patch(json!({"topics": ["council"]})).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "what a patch names must be there");
    assert_eq!(patch(json!({"topics": null})).await.json()["topics"], json!([]));
}

#[tokio::test]
async fn of_two_patches_at_once_neither_undoes_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tidings.db");
    let writer = SqliteStore::open(&file).unwrap();
    let [loops, guests] = [(); 2].map(|()| SqliteStore::open_reader(&file).unwrap());
    let keeper = Keeper::threads(Box::new(writer), [Box::new(loops), Box::new(guests)]).unwrap().for_guests();
    let world = world_kept(keeper, Some(TOKEN), None, Openness::default());
    world.post("/v1/subscriptions", json!({"url": "https://hooks.example/t"})).await;
    let patch = async |body: Value| world.call("PATCH", "/v1/subscriptions/1", Some(body)).await.status;
    let both = tokio::join!(patch(json!({"languages": ["en"]})), patch(json!({"publishers": ["press.example"]})));
    assert_eq!(both, (StatusCode::OK, StatusCode::OK));
    let shown = world.get("/v1/subscriptions/1").await.json();
    assert_eq!((&shown["languages"], &shown["publishers"]), (&json!(["en"]), &json!(["press.example"])));
}
