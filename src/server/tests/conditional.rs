//! Entity tags, and what is changed only while it is as the client knows it.

use super::*;

impl World {
    async fn on(&self, method: &str, path: &str, condition: (&str, &str), body: Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header(condition.0, condition.1);
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }
}

fn tag(answer: &Answer) -> String {
    answer.headers[header::ETAG].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_a_client_has_is_not_sent_again_until_it_changes() {
    let world = world();
    world.furnish().await;
    for path in ["/v1/topics/council", "/v1/sources/1"] {
        let first = world.get(path).await;
        let known = world.on("GET", path, ("if-none-match", &format!("\"x\", W/{}", tag(&first))), Value::Null).await;
        assert_eq!((known.status, known.text.as_str()), (StatusCode::NOT_MODIFIED, ""), "{path}");
        assert_eq!(tag(&known), tag(&first));
        assert_eq!(known.headers[header::CACHE_CONTROL], "private, no-cache");
    }
    let before = tag(&world.get("/v1/sources/1").await);
    world.happen(&["The council adopts a resolution"]).await;
    let polled = world.on("GET", "/v1/sources/1", ("if-none-match", &before), Value::Null).await;
    assert_eq!(polled.status, StatusCode::OK, "how it fares is shown, too");
}

#[tokio::test]
async fn a_write_is_refused_where_somebody_else_was_first_and_a_poll_in_between_is_nobody() {
    let world = world();
    world.furnish().await;
    let read = tag(&world.get("/v1/sources/1").await);
    world.happen(&["The council adopts a resolution"]).await;
    let changed = world.on("PATCH", "/v1/sources/1", ("if-match", &read), json!({"name": "Mine"})).await;
    assert_eq!((changed.status, &changed.json()["name"]), (StatusCode::OK, &json!("Mine")));

    let late = world.on("PATCH", "/v1/sources/1", ("if-match", &read), json!({"name": "Theirs"})).await;
    assert_eq!(
        (late.status, &late.json()["type"]),
        (StatusCode::PRECONDITION_FAILED, &json!("urn:tidings:problem:stale"))
    );
    assert_eq!(world.on("DELETE", "/v1/sources/1", ("if-match", &read), Value::Null).await.status, late.status);
    assert_eq!(world.get("/v1/sources/1").await.json()["name"], "Mine");
    let removed = world.on("DELETE", "/v1/sources/1", ("if-match", &tag(&changed)), Value::Null).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn topics_and_subscriptions_are_guarded_alike() {
    let world = world();
    world.furnish().await;
    let made = world.post("/v1/subscriptions", json!({"url": "https://hook.example/"})).await;
    let changed =
        world.on("PATCH", "/v1/subscriptions/1", ("if-match", &tag(&made)), json!({"min_publishers": 2})).await;
    assert_eq!(changed.status, StatusCode::OK);
    for method in ["PATCH", "DELETE"] {
        let late = world.on(method, "/v1/subscriptions/1", ("if-match", &tag(&made)), json!({})).await;
        assert_eq!(late.status, StatusCode::PRECONDITION_FAILED, "{method}");
    }
    assert_eq!(
        world.on("DELETE", "/v1/topics/council", ("if-match", "\"x.y\""), Value::Null).await.status,
        StatusCode::PRECONDITION_FAILED
    );
    assert_eq!(
        world.on("DELETE", "/v1/topics/council", ("if-match", "*"), Value::Null).await.status,
        StatusCode::NO_CONTENT
    );
}

#[tokio::test]
async fn a_patch_of_a_source_changes_what_it_names_and_null_gives_back_what_is_usual() {
    let world = world();
    world.furnish().await;
    world.changes();
    let patch =
        json!({"publisher": "The Press", "interval_min_minutes": 5, "kind": "page", "priority": "high", "lang": "en"});
    let changed = world.call("PATCH", "/v1/sources/1", Some(patch)).await.json();
    let shown = |source: &Value| {
        ["name", "publisher", "kind", "lang", "topics", "interval_min_minutes", "interval_max_minutes", "priority"]
            .map(|field| source[field].clone())
    };
    assert_eq!(
        json!(shown(&changed)),
        json!(["www.press.example", "The Press", "page", "en", ["council"], 5, 240, "high"])
    );
    assert_eq!(world.changes(), [Change::Sources]);
    let back = json!({"publisher": null, "interval_min_minutes": null, "kind": null, "topics": null});
    let changed = world.call("PATCH", "/v1/sources/1", Some(back)).await.json();
    assert_eq!(
        json!(shown(&changed)),
        json!(["www.press.example", "press.example", "feed", "en", [], 30, 240, "high"])
    );
    let wrong =
        world.call("PATCH", "/v1/sources/1", Some(json!({"url": "https://other.example/", "lang": "English"}))).await;
    let pointers: Vec<Value> =
        wrong.json()["errors"].as_array().unwrap().iter().map(|e| e["pointer"].clone()).collect();
    assert_eq!(pointers, ["/lang", "/url"]);
}

#[tokio::test]
async fn what_is_no_text_names_nothing() {
    let answer = world().get("/v1/topics/%FF").await;
    assert_eq!((answer.status, &answer.json()["status"]), (StatusCode::NOT_FOUND, &json!(404)));
}

#[tokio::test]
async fn long_lists_come_in_pages() {
    let world = world();
    world.furnish().await;
    world.post("/v1/sources", json!({"url": "https://b.example/"})).await;
    world.happen(&["The council adopts a resolution", "The council elects a chair"]).await;
    for name in ["a", "b"] {
        world.post("/v1/subscriptions", json!({"name": name, "url": "https://hook.example/"})).await;
    }
    for (path, list) in
        [("/v1/sources?", "sources"), ("/v1/subscriptions?", "subscriptions"), ("/v1/stories?q=council&", "stories")]
    {
        let mut ids = Vec::new();
        let mut next = Some(format!("{path}limit=1"));
        while let Some(at) = next {
            let page = world.get(&at).await.json();
            ids.extend(page[list].as_array().unwrap().iter().map(|thing| thing["id"].as_i64().unwrap()));
            next = page["next"].as_str().map(str::to_owned);
        }
        ids.sort_unstable();
        assert_eq!(ids, [1, 2], "{path}");
    }
}

#[tokio::test]
async fn a_topic_keeps_its_id_and_a_patch_with_another_one_is_refused() {
    let world = world();
    world.furnish().await;
    let patch = async |id: &str| world.call("PATCH", "/v1/topics/council", Some(json!({"id": id}))).await;
    let refused = patch("board").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let error = &refused.json()["errors"][0];
    assert_eq!(error["pointer"], "/id");
    assert!(error["detail"].as_str().unwrap().contains("a topic's id stays \"council\""), "{error}");
    assert_eq!(patch("council").await.status, StatusCode::OK, "what was read may be sent back");
}

#[tokio::test]
async fn a_field_that_there_is_not_is_answered_with_each_that_there_is_once() {
    let world = world();
    world.furnish().await;
    let body = Some(json!({"url": "https://hook.example/", "zzz": 1}));
    let made = world.call("POST", "/v1/subscriptions", body).await.json();
    let said = made["errors"][0]["detail"].as_str().unwrap_or_default().to_owned();
    let named: Vec<&str> = said.rsplit("there are: ").next().unwrap().trim_end_matches(')').split(", ").collect();
    let once: std::collections::BTreeSet<&str> = named.iter().copied().collect();
    assert_eq!(once.len(), named.len(), "{said}");
    assert!(named.contains(&"topics"), "{said}");
}
