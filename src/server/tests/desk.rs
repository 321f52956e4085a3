//! The operator's desk: sources polled now, lists in and out, and the pages' own promises.

use axum::http::request::Builder;

use super::*;

const OPML: &str = r#"<opml version="2.0"><body>
  <outline text="News"><outline type="rss" text="Alpha" xmlUrl="https://alpha.example/feed"/></outline>
  <outline type="rss" text="Beta" xmlUrl="https://beta.example/feed"/>
  <outline type="rss" text="Alpha again" xmlUrl="http://www.alpha.example/feed/"/>
  <outline text="A page" htmlUrl="https://gamma.example/"/>
</body></opml>"#;

fn cookie(request: Builder) -> Builder {
    request.header("cookie", format!("tidings={}", TOKEN.replace(' ', "%20")))
}

impl World {
    async fn list(&self, path: &str, list: impl Into<Body>) -> Answer {
        let request = Request::builder().method("POST").uri(path).header("authorization", format!("Bearer {TOKEN}"));
        self.send(request.body(list.into()).unwrap()).await
    }

    async fn desk(&self, path: &str) -> Answer {
        self.send(cookie(Request::builder().uri(path)).body(Body::empty()).unwrap()).await
    }

    async fn act(&self, path: &str, fields: &str) -> Answer {
        let request = cookie(Request::builder().method("POST").uri(path))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.send(request.body(Body::from(fields.to_owned())).unwrap()).await
    }

    /// A source whose domain asked to be left alone.
    async fn paused(&self) {
        let url = WebUrl::parse("https://www.alpha.example/feed").unwrap();
        let source = SourceSpec::feed(url, (Duration::from_mins(5), Duration::from_hours(4)));
        let paused = self.keeper.write(move |store| {
            store.add_source(&source, at(0))?;
            let claimed = store.claim_sources(&due_now())?.remove(0);
            let pause = DomainPause { domain: "alpha.example".to_owned(), until: at(900), why: "429".to_owned() };
            store.record_poll(&PollRecord {
                domain_pause: Some(pause),
                next_poll_at: at(900),
                ..poll(&claimed, vec![])
            })
        });
        paused.await.unwrap();
    }
}

/// A world whose token can stand in a cookie.
fn desk() -> World {
    world_with(Some(&TOKEN.replace(' ', "%20")))
}

#[tokio::test]
async fn a_list_is_taken_in_with_what_became_of_each_and_comes_out_again() {
    let world = world();
    let tried = world.list("/v1/sources/opml?dry_run=true", OPML).await;
    assert_eq!((tried.status, &tried.json()["added"]), (StatusCode::OK, &json!(2)), "{}", tried.text);
    assert!(world.changes.lock().unwrap().is_empty());

    let taken = world.list("/v1/sources/opml", OPML).await.json();
    let outcomes: Vec<_> = taken["outcomes"].as_array().unwrap().iter().map(|o| (&o["line"], &o["outcome"])).collect();
    let expected =
        [(2, "added"), (3, "added"), (4, "known"), (5, "left-out")].map(|(line, word)| (json!(line), json!(word)));
    assert!(outcomes.iter().zip(&expected).all(|(was, is)| *was.0 == is.0 && *was.1 == is.1), "{outcomes:?}");
    assert_eq!((&taken["folders"], &taken["known"], &taken["left_out"]), (&json!({"News": 1}), &json!(1), &json!(1)));
    assert_eq!(*world.changes.lock().unwrap(), [Change::Sources]);

    let again = world.list("/v1/sources/opml", OPML).await.json();
    assert_eq!((&again["added"], &again["known"]), (&json!(0), &json!(3)));
    let out = world.get("/v1/sources/opml").await;
    assert_eq!(out.headers[header::CONTENT_DISPOSITION], "attachment; filename=\"tidings.opml\"");
    assert!(out.text.contains("https://alpha.example/feed") && out.text.contains("https://beta.example/feed"));
}

#[tokio::test]
async fn a_list_of_a_thousand_feeds_goes_through_and_what_is_no_list_is_refused() {
    let world = world();
    let padding = "x".repeat(200);
    let outline =
        |n: usize| format!("<outline type=\"rss\" text=\"{padding} {n}\" xmlUrl=\"https://s{n}.example/feed\"/>");
    let list = format!("<opml version=\"2.0\"><body>{}</body></opml>", (0..1_000).map(outline).collect::<String>());
    assert!(list.len() > 256 * 1024);
    assert_eq!(world.list("/v1/sources/opml", list).await.json()["added"], 1_000);
    assert_eq!(world.list("/v1/sources/opml", "<html><p>Hello").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.list("/v1/sources/opml?topic=none", OPML).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.list("/v1/sources/opml", vec![b' '; 9 << 20]).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(
        world.list("/v1/sources/discover", vec![b' '; 1 << 20]).await.status,
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    );
}

#[tokio::test]
async fn a_source_is_made_due_at_once_unless_its_domain_asked_to_be_left_alone() {
    let world = world();
    world.post("/v1/sources", json!({"url": "https://alpha.example/feed"})).await;
    world.changes.lock().unwrap().clear();
    let due = world.call("POST", "/v1/sources/1/poll", None).await;
    assert_eq!(
        (due.status, &due.json()["state"]["next_poll_at"]),
        (StatusCode::ACCEPTED, &json!("2026-11-24T12:00:00Z"))
    );
    assert_eq!(*world.changes.lock().unwrap(), [Change::Sources]);
    assert_eq!(world.call("POST", "/v1/sources/2/poll", None).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_domain_that_asked_to_be_left_alone_is_asked_again_where_the_operator_says_so() {
    let world = world();
    world.paused().await;
    let refused = world.call("POST", "/v1/sources/1/poll", None).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text.contains("/v1/sources/1/resume"), "{}", refused.text);
    let resumed = world.call("POST", "/v1/sources/1/resume", None).await;
    let shown = resumed.json();
    assert_eq!((resumed.status, &shown["paused"]), (StatusCode::OK, &Value::Null), "{}", resumed.text);
    assert_eq!(shown["state"]["next_poll_at"], "2026-11-24T12:00:00Z");
    assert_eq!(*world.changes.lock().unwrap(), [Change::Sources]);
    assert_eq!(world.call("POST", "/v1/sources/1/resume", None).await.status, StatusCode::CONFLICT);

    let world = desk();
    world.paused().await;
    assert_eq!(world.act("/sources/1/poll", "").await.status, StatusCode::CONFLICT);
    assert!(world.desk("/sources/1").await.text.contains("action=\"/sources/1/resume\""));
    assert_eq!(world.act("/sources/1/resume", "").await.status, StatusCode::SEE_OTHER);
    let shown = world.desk("/sources/1").await.text;
    assert!(!shown.contains("/sources/1/resume") && shown.contains("/sources/1/poll"), "{shown}");
}

#[tokio::test]
async fn a_source_that_is_there_in_another_spelling_is_not_added_again() {
    let world = world();
    world.post("/v1/sources", json!({"url": "https://alpha.example/feed"})).await;
    let again = world.post("/v1/sources", json!({"url": "http://www.alpha.example/feed/"})).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.text);
    assert!(again.text.contains("is polled already: source 1 (alpha.example)"), "{}", again.text);
}

#[tokio::test]
async fn what_is_not_served_is_named_as_it_was_asked_for() {
    let world = world();
    assert!(world.get("/v1/nothing").await.text.contains("nothing is served at /v1/nothing"));
    let put = world.call("PUT", "/v1/sources", None).await;
    assert!(put.text.contains("PUT is not served at /v1/sources"), "{}", put.text);
}

#[tokio::test]
async fn a_browser_that_asks_for_a_page_that_is_none_gets_a_page_and_a_program_what_programs_read() {
    let world = world();
    let kind = |path: &'static str, accept: &'static str| {
        let request = Request::builder()
            .uri(path)
            .header(header::ACCEPT, accept)
            .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"));
        let request = request.body(Body::empty()).unwrap();
        let answer = world.send(request);
        async {
            let answer = answer.await;
            assert!(answer.text.contains("othing is served at"), "{}", answer.text);
            (answer.status, answer.headers[header::CONTENT_TYPE].to_str().unwrap().to_owned())
        }
    };
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let page = (StatusCode::NOT_FOUND, "text/html; charset=utf-8".to_owned());
    let problem = (StatusCode::NOT_FOUND, "application/problem+json".to_owned());
    assert_eq!(kind("/sources/", browser).await, page);
    assert_eq!(kind("/sources/", "*/*").await, problem);
    assert_eq!(kind("/v1/nothing", browser).await, problem);
}

#[tokio::test]
async fn the_operators_pages_are_nobody_elses_and_their_forms_come_from_them_alone() {
    let world = desk();
    for path in ["/sources", "/sources/add", "/sources/opml", "/sources/opml/file", "/subscriptions", "/deliveries"] {
        let stranger = world.send(Request::builder().uri(path).body(Body::empty()).unwrap()).await;
        assert_eq!(stranger.status, StatusCode::SEE_OTHER, "{path}");
        assert_eq!(world.desk(path).await.status, StatusCode::OK, "{path}");
    }
    let forged = cookie(Request::builder().method("POST").uri("/subscriptions/add"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site");
    let forged = world.send(forged.body(Body::from("url=https%3A%2F%2Fhook.example%2F")).unwrap()).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let upload = cookie(Request::builder().method("POST").uri("/sources/opml"))
        .header("content-type", "multipart/form-data; boundary=x")
        .header("origin", "https://evil.example");
    assert_eq!(world.send(upload.body(Body::empty()).unwrap()).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_secret_is_shown_by_the_page_that_makes_it_and_by_no_other() {
    let world = desk();
    let wrong = world.act("/subscriptions/add", "url=ftp%3A%2F%2Fhook.example&name=desk").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("role=\"alert\"") && wrong.text.contains("value=\"desk\""), "{}", wrong.text);

    let made = world.act("/subscriptions/add", "url=https%3A%2F%2Fhook.example%2Fin%3Fkey%3D1&name=desk").await;
    assert_eq!((made.status, made.text.contains(SECRET)), (StatusCode::CREATED, true), "{}", made.text);
    assert_eq!(made.headers[header::CACHE_CONTROL], "no-store");
    let rotated = world.act("/subscriptions/1/rotate", "keep_hours=1").await;
    assert_eq!((rotated.status, rotated.text.contains(SECRET)), (StatusCode::OK, true), "{}", rotated.text);
    for path in ["/subscriptions", "/subscriptions/1", "/deliveries"] {
        let shown = world.desk(path).await.text;
        assert!(!shown.contains("whsec_") && !shown.contains("key=1"), "{shown}");
    }
    let tested = world.act("/subscriptions/1/test", "").await;
    assert_eq!(
        (tested.status, &tested.headers[header::LOCATION]),
        (StatusCode::SEE_OTHER, &"/subscriptions/1?done=test".parse().unwrap())
    );
    assert!(world.desk("/deliveries?state=pending").await.text.contains("subscription.test"));
}

#[tokio::test]
async fn what_the_configuration_declares_is_not_removed_on_a_page() {
    let world = desk();
    let url = WebUrl::parse("https://alpha.example/feed").unwrap();
    let source = SourceSpec::feed(url, (Duration::from_mins(30), Duration::from_hours(4)));
    let declared = Declared { sources: vec![source], ..Declared::default() };
    world.keeper.write(move |store| store.sync(&declared, at(0))).await.unwrap();
    let shown = world.desk("/sources/1").await.text;
    assert!(shown.contains("remove its lines there") && !shown.contains("/sources/1/remove"), "{shown}");
    assert_eq!(world.act("/sources/1/remove", "").await.status, StatusCode::CONFLICT);
    assert_eq!(world.act("/sources/1/poll", "").await.status, StatusCode::SEE_OTHER);
}
