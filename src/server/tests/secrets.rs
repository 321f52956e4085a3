//! Signing secrets over HTTP.

use super::*;

impl World {
    async fn add(&self, more: Value) -> Answer {
        let mut body = json!({"url": "https://hook.example/in", "name": "desk"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.post("/v1/subscriptions", body).await
    }

    async fn rotate(&self, body: Option<Value>) -> Answer {
        self.call("POST", "/v1/subscriptions/1/rotate", body).await
    }
}

#[tokio::test]
async fn a_private_key_is_never_shown_and_its_public_half_always() {
    let world = world();
    let key = "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
    let public = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    let added = world.add(json!({"secret": key})).await;
    assert_eq!((added.status, &added.json()["secret"]), (StatusCode::CREATED, &Value::Null), "{}", added.text);
    let shown = world.get("/v1/subscriptions/1").await;
    assert_eq!((&shown.json()["signing"], &shown.json()["public_key"]), (&json!("v1a"), &json!(public)));
    assert!(!added.text.contains("whsk_") && !shown.text.contains("whsk_"));
    let refused = world.add(json!({"name": "b", "secret": key, "signing": "v2"})).await;
    let pointers: Vec<_> = refused.json()["errors"].as_array().unwrap().iter().map(|e| e["pointer"].clone()).collect();
    assert_eq!((refused.status.as_u16(), pointers), (422, vec![json!("/signing")]));
}

#[tokio::test]
async fn a_rotation_gives_a_new_secret_once_and_says_until_when_the_old_one_signs() {
    let world = world();
    world.add(json!({"secret": "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})).await;
    let rotated = world.rotate(None).await.json();
    assert_eq!((&rotated["secret"], &rotated["old_secrets_dropped"]), (&json!(SECRET), &json!(0)));
    let old = json!([{"signing": "v1", "public_key": null, "until": "2026-11-25T12:00:00Z"}]);
    assert_eq!(rotated["subscription"]["old_secrets"], old);
    let shown = world.get("/v1/subscriptions/1").await;
    assert_eq!(shown.json()["old_secrets"], old);
    assert!(!shown.text.contains("whsec_"), "{}", shown.text);

    for _ in 0..3 {
        world.rotate(Some(json!({"keep_hours": 720}))).await;
    }
    let more = world.rotate(Some(json!({"keep_hours": 720}))).await.json();
    assert_eq!(
        (&more["old_secrets_dropped"], more["subscription"]["old_secrets"].as_array().unwrap().len()),
        (&json!(1), 3)
    );
    let refused = world.rotate(Some(json!({"keep_hours": 721, "keep": 1}))).await;
    assert_eq!(refused.json()["errors"].as_array().unwrap().len(), 2, "{}", refused.text);
}

#[tokio::test]
async fn what_has_no_secret_of_its_own_to_rotate_is_refused_with_what_to_do() {
    let world = world();
    assert_eq!(world.rotate(None).await.status, StatusCode::NOT_FOUND);
    let url = WebUrl::parse("https://hook.example/in").unwrap();
    let spec = SubscriptionSpec::new("desk", Endpoint::webhook(url, Secret::new(SECRET)), Filter::default());
    let declared = Declared { subscriptions: vec![spec], ..Declared::default() };
    world.keeper.write(move |store| store.sync(&declared, at(0))).await.unwrap();
    let refused = world.rotate(None).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text.contains("old_secrets"), "{}", refused.text);
}
