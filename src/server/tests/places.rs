//! Subscriptions of services and mailboxes over HTTP.

use super::*;

#[tokio::test]
async fn a_service_or_a_mailbox_is_subscribed_and_nothing_that_gives_leave_to_write_is_told_again() {
    let world = world();
    let bodies = [
        json!({"name": "desk", "format": "slack", "url": "https://hooks.slack.example/services/k3y"}),
        json!({"name": "group", "format": "telegram", "token": "12345:AAk3yBBk3y", "room": "-100123"}),
        json!({"name": "phone", "format": "ntfy", "url": "https://ntfy.example/k3y", "priority": 5}),
        json!({"email": "person@example.org"}),
        json!({"name": "bus", "format": "cloudevents", "url": "https://bus.example/in"}),
    ];
    let mut kinds = Vec::new();
    for body in bodies {
        let added = world.post("/v1/subscriptions", body).await;
        assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
        let (kind, signed) = (added.json()["subscription"]["kind"].clone(), added.json()["secret"].is_string());
        kinds.push((kind.as_str().unwrap().to_owned(), signed));
        assert!(!added.text.contains("k3y"), "{}", added.text);
    }
    let wanted = [("slack", false), ("telegram", false), ("ntfy", false), ("email", false), ("cloudevents", true)];
    assert_eq!(kinds, wanted.map(|(kind, signed)| (kind.to_owned(), signed)));
    let listed = world.get("/v1/subscriptions").await;
    assert!(!listed.text.contains("k3y"), "{}", listed.text);
    assert_eq!(listed.json()["subscriptions"][3]["name"], "person@example.org");
}

#[tokio::test]
async fn all_that_a_service_lacks_is_told_at_once() {
    let world = world();
    let faults = async |body: Value| {
        let answer = world.post("/v1/subscriptions", body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
        assert!(!answer.text.contains("k3y"), "{}", answer.text);
        let errors = answer.json()["errors"].clone();
        errors.as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(faults(json!({"format": "matrix", "room": "#a:b"})).await, ["/url", "/token", "/room"]);
    assert_eq!(
        faults(json!({"format": "slack", "url": "hooks/k3y", "secret": "whsec_k3y"})).await,
        ["/url", "/secret"]
    );
    assert_eq!(faults(json!({"format": "slak", "url": "https://a.example"})).await, ["/format"]);
    assert_eq!(faults(json!({"format": "ntfy", "url": "https://a.example/t", "priority": 9})).await, ["/priority"]);
    assert_eq!(faults(json!({"email": "me"})).await, ["/email"]);
}

#[tokio::test]
async fn a_mailbox_is_refused_where_no_relay_takes_letters() {
    let keeper = Keeper::in_place(Box::new(SqliteStore::in_memory().unwrap()));
    let world = world_made(keeper, Some(TOKEN), |shared| shared.checks.has_relay = Arc::new(|| false));
    let refused = world.post("/v1/subscriptions", json!({"email": "person@example.org"})).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    let error = &refused.json()["errors"][0];
    assert_eq!(error["pointer"], "/email");
    assert!(error["detail"].as_str().unwrap().contains("set `smtp` and `from` under [email]"), "{error}");
    assert_eq!(world.get("/v1/subscriptions").await.json()["subscriptions"], json!([]));
}
