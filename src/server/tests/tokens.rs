//! Tokens, and how far each reaches.

use super::*;
use crate::model::{Scope, TokenSpec};

/// A token as another process makes it.
pub(super) async fn make(world: &World, text: &'static str, scope: Scope, expires_at: Option<Timestamp>) {
    let spec = TokenSpec { name: text.to_owned(), scope, expires_at };
    world.keeper.write(move |store| store.add_token(&spec, &hash(text), at(-60))).await.unwrap().unwrap();
}

async fn status(world: &World, text: &str, method: &str, path: &str) -> StatusCode {
    bearing(world, text, method, path).await.status
}

async fn bearing(world: &World, text: &str, method: &str, path: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {text}"))
        .header(header::CONTENT_TYPE, "application/json");
    world.send(request.body(Body::from("{}")).unwrap()).await
}

#[tokio::test]
async fn each_scope_includes_those_before_it_and_reaches_no_further() {
    let world = world();
    world.furnish().await;
    for scope in Scope::ALL {
        make(&world, scope.label(), scope, None).await;
    }
    // An empty body is refused by what reads it: whoever came so far was let in.
    let (read, written) = (StatusCode::OK, StatusCode::UNPROCESSABLE_ENTITY);
    let barred = StatusCode::FORBIDDEN;
    let requests =
        [("GET", "/v1/events"), ("POST", "/v1/topics"), ("POST", "/v1/events/1/merge"), ("POST", "/v1/tokens")];
    let expected = [
        ("read", [read, barred, barred, barred]),
        ("write", [read, written, written, barred]),
        ("admin", [read, written, written, written]),
    ];
    for (token, statuses) in expected {
        for ((method, path), expected) in requests.into_iter().zip(statuses) {
            assert_eq!(status(&world, token, method, path).await, expected, "{token}: {method} {path}");
        }
    }
    assert_eq!(status(&world, "write", "GET", "/v1/tokens").await, barred, "not even their names");

    let told = bearing(&world, "read", "DELETE", "/v1/topics/council").await;
    let challenge = "Bearer realm=\"tidings\", error=\"insufficient_scope\", scope=\"write\"";
    assert_eq!(told.headers[header::WWW_AUTHENTICATE], challenge);
    assert_eq!(told.json()["type"], "urn:tidings:problem:scope");
    assert_eq!(told.json()["detail"], "this needs the scope `write`; the token \"read\" has `read`");
}

#[tokio::test]
async fn a_token_is_made_shown_once_listed_and_counts_until_it_is_removed() {
    let world = world();
    let made = world.post("/v1/tokens", json!({"name": "desk", "scope": "read", "expires_days": 30})).await;
    assert_eq!((made.status, &made.headers[header::LOCATION]), (StatusCode::CREATED, &"/v1/tokens/1".parse().unwrap()));
    let secret = made.json()["secret"].as_str().unwrap().to_owned();
    assert_eq!((secret.len(), secret.starts_with("tdg_")), (47, true));
    assert_eq!(status(&world, &secret, "GET", "/v1/topics").await, StatusCode::OK);

    let listed = world.get("/v1/tokens").await;
    assert_eq!(
        listed.json()["tokens"],
        json!([{"id": 1, "name": "desk", "scope": "read", "created_at": "2026-11-24T12:00:00Z",
            "expires_at": "2026-12-24T12:00:00Z", "used_on": "2026-11-24"}])
    );
    assert!(!listed.text.contains(&secret));
    assert_eq!(world.get("/v1/tokens/1").await.json()["name"], "desk");
    let again = world.post("/v1/tokens", json!({"name": "desk", "scope": "write"})).await;
    assert_eq!(again.status, StatusCode::CONFLICT);

    assert_eq!(world.call("DELETE", "/v1/tokens/1", None).await.status, StatusCode::NO_CONTENT);
    let refused = bearing(&world, &secret, "GET", "/v1/topics").await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.headers[header::WWW_AUTHENTICATE], "Bearer realm=\"tidings\", error=\"invalid_token\"");
    assert_eq!(world.call("DELETE", "/v1/tokens/1", None).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_wrong_with_a_token_is_told_at_once() {
    let world = world();
    let wrong = world.post("/v1/tokens", json!({"name": " desk", "scope": "all", "expires_days": 0})).await;
    let pointers: Vec<Value> =
        wrong.json()["errors"].as_array().unwrap().iter().map(|error| error["pointer"].clone()).collect();
    assert_eq!(pointers, ["/name", "/scope", "/expires_days"]);
}

#[tokio::test]
async fn without_a_configured_token_one_that_was_made_opens_the_api_until_it_expires() {
    let world = world_with(None);
    assert_eq!(status(&world, "reader", "GET", "/v1/topics").await, StatusCode::FORBIDDEN);
    make(&world, "late", Scope::Read, Some(at(0))).await;
    make(&world, "reader", Scope::Read, Some(at(1))).await;
    assert_eq!(status(&world, "reader", "GET", "/v1/topics").await, StatusCode::OK);
    assert_eq!(status(&world, "late", "GET", "/v1/topics").await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn each_token_has_its_own_share_of_requests_and_strangers_spend_that_of_their_address() {
    let world = world();
    make(&world, "reader", Scope::Read, None).await;
    for _ in 0..ALLOWANCE.requests_per_minute {
        assert_eq!(status(&world, "reader", "GET", "/v1/topics").await, StatusCode::OK);
    }
    let spent = bearing(&world, "reader", "GET", "/v1/topics").await;
    assert_eq!(
        (spent.status, &spent.headers[header::RETRY_AFTER]),
        (StatusCode::TOO_MANY_REQUESTS, &"1".parse().unwrap())
    );
    assert_eq!(world.get("/v1/topics").await.status, StatusCode::OK, "another token");

    make(&world, "other", Scope::Read, None).await;
    for _ in 0..ALLOWANCE.failures_per_minute {
        assert_eq!(status(&world, "guess", "GET", "/v1/topics").await, StatusCode::UNAUTHORIZED);
    }
    let refused = bearing(&world, "guess", "GET", "/v1/topics").await;
    assert_eq!(
        (refused.status, &refused.headers[header::RETRY_AFTER]),
        (StatusCode::TOO_MANY_REQUESTS, &"10".parse().unwrap())
    );
    assert_eq!(world.get("/v1/topics").await.status, StatusCode::TOO_MANY_REQUESTS, "it might have been guessed");
    assert_eq!(status(&world, "other", "GET", "/v1/topics").await, StatusCode::OK, "one that can't be");
}

#[tokio::test]
async fn who_changed_a_topic_is_the_tokens_name() {
    let world = world();
    world.furnish().await;
    make(&world, "desk", Scope::Write, None).await;
    let patch = Request::patch("/v1/topics/council")
        .header(header::AUTHORIZATION, "Bearer desk")
        .header(header::CONTENT_TYPE, "application/json");
    assert_eq!(world.send(patch.body(Body::from(r#"{"query": "harbour"}"#)).unwrap()).await.status, StatusCode::OK);
    let versions = world.get("/v1/topics/council/versions").await.json();
    assert_eq!(versions["versions"][0]["saved_by"], "desk (the API)");
}
