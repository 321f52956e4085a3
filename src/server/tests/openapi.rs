//! The API's description, held against the router, against what bodies are read, and against what is answered.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

mod schema;

/// The description, as anybody gets it.
async fn description(world: &World) -> Value {
    let answer = world.send(Request::get("/openapi.json").body(Body::empty()).unwrap()).await;
    assert_eq!(
        (answer.status, &answer.headers[header::CONTENT_TYPE]),
        (StatusCode::OK, &"application/json".parse().unwrap())
    );
    answer.json()
}

/// Method and path of each call that is described.
fn described(document: &Value) -> BTreeSet<(String, String)> {
    let mut calls = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            calls.insert((method.clone(), path.clone()));
        }
    }
    calls
}

/// Method and path of each route of the API, read from the router's source: axum doesn't tell.
fn routed() -> BTreeSet<(String, String)> {
    let source = include_str!("../router.rs");
    let api = source.split_once("let api =").unwrap().1.split_once(".fallback(").unwrap().0;
    let mut calls = BTreeSet::new();
    for route in api.split(".route(").skip(1) {
        let mut parts = route.splitn(3, '"');
        let path = parts.nth(1).unwrap();
        let handlers = parts.next().unwrap();
        for method in ["get", "post", "put", "patch", "delete"] {
            let is_served = handlers.match_indices(&format!("{method}(")).any(|(at, _)| {
                !handlers.split_at(at).0.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ':'))
            });
            if is_served {
                calls.insert((method.to_owned(), format!("/v1{path}")));
            }
        }
    }
    calls
}

#[tokio::test]
async fn every_route_is_described_and_nothing_else_is() {
    let document = description(&world()).await;
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(described(&document), routed());
    let ids: BTreeSet<&str> = operations(&document).map(|(_, _, call)| call["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), described(&document).len(), "each has a name of its own");
}

fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, call)| (path.as_str(), method.as_str(), call))
    })
}

#[tokio::test]
async fn each_call_needs_the_scope_that_is_described() {
    let world = world();
    let document = description(&world).await;
    for scope in Scope::ALL {
        let spec = TokenSpec { name: scope.label().to_owned(), scope, expires_at: None };
        let kept = hash(scope.label());
        world.keeper.write(move |store| store.add_token(&spec, &kept, at(-60))).await.unwrap().unwrap();
    }
    for (path, method, call) in operations(&document) {
        let needed = call["security"][0]["bearer"][0].as_str().unwrap();
        for scope in Scope::ALL {
            let request = Request::builder()
                .method(method.to_uppercase().as_str())
                .uri(path.replace("{id}", "0").replace("/v1/stream", "/v1/stream?types=none"))
                .header(header::AUTHORIZATION, format!("Bearer {}", scope.label()));
            let answer = world.send(request.body(Body::empty()).unwrap()).await;
            let is_let_in = answer.status != StatusCode::FORBIDDEN;
            assert_eq!(is_let_in, scope >= Scope::parse(needed).unwrap(), "{method} {path} with {}", scope.label());
        }
    }
}

#[tokio::test]
async fn the_fields_that_are_described_of_a_body_are_those_that_are_read() {
    let world = world();
    world.furnish().await;
    world.happen(&["The council adopts a resolution"]).await;
    let hook = json!({"url": "https://hook.example/", "topics": ["council"]});
    assert_eq!(world.post("/v1/subscriptions", hook).await.status, StatusCode::CREATED);
    let document = description(&world).await;
    let chat = json!({"format": "telegram", "": 1});
    for (path, method, call) in operations(&document) {
        let Some(body) = call["requestBody"]["content"].get("application/json") else { continue };
        let schema = schema::resolved(&document, &body["schema"]);
        let described: BTreeSet<&str> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(schema["additionalProperties"], false, "{method} {path}");
        let id = if path.contains("topics") { "council" } else { "1" };
        let mut read = BTreeSet::new();
        // What a subscription's fields are depends on its format.
        let bodies = if path == "/v1/subscriptions" {
            vec![json!({"": 1}), chat.clone(), json!({"email": "a", "": 1})]
        } else {
            vec![json!({"": 1})]
        };
        for body in bodies {
            let answer = world.call(&method.to_uppercase(), &path.replace("{id}", id), Some(body)).await;
            let told = answer.json()["errors"].as_array().unwrap().iter().find_map(|fault| {
                let (_, known) = fault["detail"].as_str()?.split_once("is not a field here (there are: ")?;
                Some(known.trim_end_matches(')').split(", ").map(str::to_owned).collect::<Vec<_>>())
            });
            read.extend(told.unwrap_or_else(|| panic!("{method} {path}: {}", answer.text)));
        }
        assert_eq!(described, read.iter().map(String::as_str).collect(), "{method} {path}");
    }
}

/// Everything that a populated server answers, held against the schemas; what is answered must be described whole.
#[tokio::test]
async fn answers_are_as_described() {
    let world = world();
    world.furnish().await;
    world.happen(&["The council adopts a resolution", "The council elects a chair"]).await;
    let document = description(&world).await;
    let hook = json!({"url": "https://hook.example/", "topics": ["council"], "digest": "every 30 minutes"});
    let calls = [
        ("POST", "/v1/topics", json!({"id": "board", "query": "board", "from": "2026-11-01"})),
        ("POST", "/v1/sources", json!({"url": "https://b.example/", "kind": "page", "select": {"item": "li"}})),
        ("PATCH", "/v1/topics/board", json!({"query": "board OR table"})),
        ("POST", "/v1/topics/board/undo", Value::Null),
        ("POST", "/v1/preview", json!({"topic": "council", "query": "chair"})),
        ("POST", "/v1/sources/1/poll", Value::Null),
        ("PATCH", "/v1/sources/1", json!({"name": "Press", "interval_min_minutes": 5})),
        ("POST", "/v1/subscriptions", hook),
        ("POST", "/v1/subscriptions", json!({"name": "mail", "email": "a@b.example"})),
        ("PATCH", "/v1/subscriptions/1", json!({"min_publishers": 2})),
        ("POST", "/v1/subscriptions/1/rotate", json!({})),
        ("POST", "/v1/subscriptions/2/test", Value::Null),
        ("POST", "/v1/subscriptions/2/disable", Value::Null),
        ("POST", "/v1/subscriptions/2/enable", Value::Null),
        ("POST", "/v1/subscriptions/1/verify", Value::Null),
        ("POST", "/v1/subscriptions/2/recover", json!({"since": "2026-11-24T00:00:00Z"})),
        ("POST", "/v1/tokens", json!({"name": "desk", "scope": "read", "expires_days": 3})),
        ("POST", "/v1/stories/2/mark", json!({"mark": "off-topic"})),
        ("POST", "/v1/events/1/merge", json!({"with": [1]})),
        ("POST", "/v1/events/1/split", json!({"stories": [1]})),
        ("POST", "/v1/deliveries/1/replay", Value::Null),
        ("POST", "/v1/sources", json!({"url": "htp://x", "knid": 1})),
    ];
    let mut faults = BTreeMap::new();
    let mut succeeded = BTreeSet::new();
    for (method, path, body) in calls {
        let answer = world.call(method, path, (!body.is_null()).then_some(body)).await;
        check(&document, method, path, &answer, &mut faults, &mut succeeded);
    }
    for (path, _, _) in operations(&document).filter(|(path, method, _)| *method == "get" && *path != "/v1/stream") {
        for id in ["1", "council", "999"] {
            let path = path.replace("{id}", id);
            let query = if path == "/v1/stories" { "?q=council" } else { "" };
            let answer = world.get(&format!("{path}{query}")).await;
            check(&document, "GET", &path, &answer, &mut faults, &mut succeeded);
        }
    }
    for path in ["/v1/topics/board", "/v1/sources/2", "/v1/subscriptions/1", "/v1/tokens/1"] {
        let answer = world.call("DELETE", path, None).await;
        check(&document, "DELETE", path, &answer, &mut faults, &mut succeeded);
    }
    assert_eq!(faults, BTreeMap::new());
    // What these events can't show: to merge there must be two, to split two stories, and the delivery is pending. Nobody is there
    // who searches, a list is no JSON, and no host asked to be left alone.
    let shown_elsewhere = [
        "discoverSources",
        "followLog",
        "importSources",
        "mergeEvents",
        "replayDelivery",
        "resumeSource",
        "splitEvent",
    ];
    let unseen: Vec<&str> = operations(&document)
        .map(|(_, _, call)| call["operationId"].as_str().unwrap())
        .filter(|id| !succeeded.contains(*id) && !shown_elsewhere.contains(id))
        .collect();
    assert_eq!(unseen, Vec::<&str>::new(), "each call was seen to succeed");
}

/// Holds one answer against what is described of its call.
fn check(
    document: &Value,
    method: &str,
    path: &str,
    answer: &Answer,
    faults: &mut BTreeMap<String, Vec<String>>,
    succeeded: &mut BTreeSet<String>,
) {
    let segments: Vec<&str> = path.split('/').collect();
    let is_it = |described: &str| {
        let described: Vec<&str> = described.split('/').collect();
        described.len() == segments.len() && described.iter().zip(&segments).all(|(d, s)| *d == "{id}" || d == s)
    };
    let (_, _, call) = operations(document)
        .find(|(described, verb, _)| is_it(described) && verb.eq_ignore_ascii_case(method))
        .unwrap_or_else(|| panic!("{method} {path} is not described"));
    let name = format!("{method} {path}: {}", answer.status.as_u16());
    let Some(response) = call["responses"].get(answer.status.as_str()) else {
        faults.entry(name).or_default().push("the status is not described".to_owned());
        return;
    };
    if answer.status.is_success() {
        succeeded.insert(call["operationId"].as_str().unwrap().to_owned());
    }
    for (header, _) in response["headers"].as_object().into_iter().flatten() {
        if !answer.headers.contains_key(header.as_str()) {
            faults.entry(name.clone()).or_default().push(format!("the header {header} is missing"));
        }
    }
    let Some((media, content)) = response["content"].as_object().and_then(|content| content.iter().next()) else {
        assert_eq!(answer.text, "", "{name}");
        return;
    };
    assert_eq!(&answer.headers[header::CONTENT_TYPE], media.as_str(), "{name}");
    if !media.ends_with("json") {
        return;
    }
    let told = schema::faults(document, &content["schema"], &answer.json());
    if !told.is_empty() {
        faults.entry(name).or_default().extend(told);
    }
}
