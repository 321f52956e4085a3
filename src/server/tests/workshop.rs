//! The workshop: versions, undo and previews, over the API and on the pages.

use super::*;

/// The council, its source, and three stories of it.
async fn town() -> World {
    let world = world();
    world.furnish().await;
    world.happen(&["Council meets", "Harbour board meets", "Council of the harbour dines"]).await;
    world.changes();
    world
}

impl World {
    async fn form(&self, method: &str, path: &str, form: &[(&str, &str)], token: Option<&str>) -> Answer {
        let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(token) = token {
            request = request.header(header::COOKIE, format!("tidings={token}"));
        }
        self.send(request.body(Body::from(body)).unwrap()).await
    }
}

#[tokio::test]
async fn a_change_of_a_topic_is_a_version_that_the_decider_hears_of_and_that_can_be_undone() {
    let world = town().await;
    let changed =
        world.call("PATCH", "/v1/topics/council", Some(json!({"query": "harbour", "from": "2026-01-01"}))).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    let expected = json!({"id": "council", "name": "The council", "query": "harbour", "fresh_hours": 24, "stale_days": 7,
        "from": "2026-01-01", "until": null, "origin": "api"});
    assert_eq!((changed.json(), world.get("/v1/topics/council").await.json()), (expected.clone(), expected.clone()));

    let wrong =
        world.call("PATCH", "/v1/topics/council", Some(json!({"query": "(", "until": "2025-01-01", "x": 1}))).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.json()["errors"].as_array().unwrap().len(), 3, "{}", wrong.text);

    let undone = world.call("POST", "/v1/topics/council/undo", None).await;
    assert_eq!((undone.status, &undone.json()["query"]), (StatusCode::OK, &json!("council")));
    let versions = world.get("/v1/topics/council/versions").await.json();
    let of = |place: usize| {
        (versions["versions"][place]["version"].clone(), versions["versions"][place]["restores"].clone())
    };
    assert_eq!((of(0), of(1)), ((json!(3), json!(1)), (json!(2), Value::Null)));
    assert_eq!(
        (&versions["versions"][1]["topic"], &versions["versions"][1]["saved_by"]),
        (&expected, &json!("the API")),
        "by the configured token, which has no name"
    );
    let page = world.get("/v1/topics/council/versions?limit=1").await.json();
    assert_eq!(
        (&page["versions"][0]["version"], &page["next"]),
        (&json!(3), &json!("/v1/topics/council/versions?limit=1&before=3"))
    );
    let again = world.post("/v1/topics/council/undo", json!({"version": 2})).await;
    assert_eq!(again.json()["query"], "harbour");
    assert_eq!(world.post("/v1/topics/council/undo", json!({"version": 9})).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.changes(), [Change::Topics; 3]);
}

#[tokio::test]
async fn what_the_file_declares_is_tried_and_not_saved() {
    let world = world();
    let spec = TopicSpec {
        key: TopicKey::parse("council").unwrap(),
        name: "The council".to_owned(),
        query: "council".to_owned(),
        fresh: Duration::from_hours(24),
        stale: Duration::from_hours(168),
        span: TopicSpan::default(),
    };
    let declared = Declared { topics: vec![spec], ..Declared::default() };
    world.keeper.write(move |store| store.sync(&declared, at(0))).await.unwrap();
    for (method, path) in [("PATCH", "/v1/topics/council"), ("POST", "/v1/topics/council/undo")] {
        let refused = world.call(method, path, Some(json!({}))).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{path}");
    }
    let shown = world.form("GET", "/topics/council/edit", &[], Some(TOKEN)).await;
    assert!(!shown.text.contains(">Save<") && shown.text.contains("[[topics]]"), "{}", shown.text);
    let tried =
        world.form("POST", "/workshop/preview", &[("topic", "council"), ("query", "harbour")], Some(TOKEN)).await;
    assert!(tried.text.contains("query = &quot;harbour&quot;"), "{}", tried.text);
    let saved = world.form("POST", "/topics/council/edit", &[("query", "harbour")], Some(TOKEN)).await;
    assert_eq!(saved.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_preview_tells_what_is_gained_lost_and_just_missed() {
    let world = town().await;
    let body = json!({"topic": "council", "query": "harbour (board OR pier)"});
    let shown = world.post("/v1/preview", body).await.json();
    let of = |change: &str| {
        let all = shown["changes"].as_array().unwrap().iter().filter(|one| one["change"] == change);
        all.map(|one| one["story"]["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((&shown["stories"], &shown["complete"]), (&json!(3), &json!(true)));
    assert_eq!(of("gained"), ["Harbour board meets"], "{shown:#}");
    assert_eq!(shown["lost"], of("lost").len());
    assert!(of("lost").contains(&"Council meets".to_owned()), "{shown:#}");
    assert_eq!(shown["near_misses"]["clauses"], json!([{"clause": "(board OR pier)", "stories": 1}]));
    assert_eq!(shown["days"].as_array().unwrap().len(), 31);
    assert!(world.changes().is_empty());

    let wrong = world.post("/v1/preview", json!({"topic": "nowhere", "query": "(", "days": 0})).await;
    assert_eq!((wrong.status, wrong.json()["errors"].as_array().unwrap().len()), (StatusCode::UNPROCESSABLE_ENTITY, 3));
    assert_eq!(world.post("/v1/topics/council", json!({})).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn strangers_are_asked_to_sign_in_and_other_sites_forms_change_nothing() {
    let world = world_open(Some("open-sesame"), None, Openness::default());
    for (method, path) in [
        ("GET", "/topics"),
        ("GET", "/topics/council/edit"),
        ("POST", "/topics"),
        ("POST", "/topics/council/edit"),
        ("POST", "/topics/council/undo"),
        ("POST", "/workshop/preview"),
    ] {
        let answer = world.form(method, path, &[("query", "moon")], None).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{method} {path}");
        assert!(answer.headers[header::LOCATION].to_str().unwrap().starts_with("/sign-in"), "{method} {path}");
    }
    let foreign = Request::post("/topics")
        .header(header::COOKIE, "tidings=open-sesame")
        .header("sec-fetch-site", "cross-site")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("id=moon&query=moon"));
    assert_eq!(world.send(foreign.unwrap()).await.status, StatusCode::FORBIDDEN);
    assert!(world.changes().is_empty());
}

#[tokio::test]
async fn a_form_that_was_overtaken_keeps_its_text_and_says_so() {
    let world = world_with(Some("open-sesame"));
    let token = Some("open-sesame");
    let added = world.form("POST", "/topics", &[("id", "moon"), ("query", "moon\r\nrover")], token).await;
    assert_eq!(added.headers[header::LOCATION], "/topics/moon/edit");
    let form = |query| [("query", query), ("version", "1"), ("name", "The Moon")];
    assert_eq!(world.form("POST", "/topics/moon/edit", &form("lander"), token).await.status, StatusCode::SEE_OTHER);
    let late = world.form("POST", "/topics/moon/edit", &form("crater"), token).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(
        late.text.contains("version 2 was saved by the page meanwhile") && late.text.contains(">crater<"),
        "{}",
        late.text
    );
    assert!(late.text.contains("name=\"version\" value=\"2\""), "{}", late.text);

    let shown = world.form("GET", "/topics/moon/edit", &[], token).await;
    assert!(shown.text.contains("<del>moon\nrover</del><ins>lander</ins>"), "{}", shown.text);
    let wrong = world.form("POST", "/topics/moon/edit", &form("(<b>"), token).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("<mark>(</mark>&lt;b&gt;"), "{}", wrong.text);
    assert_eq!(world.changes(), [Change::Topics, Change::Topics]);
}
