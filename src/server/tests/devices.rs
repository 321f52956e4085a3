//! `/push` as a browser uses it, without a token.

use super::*;
use crate::server::Quota;

const P256DH: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

pub(super) fn devices(most: usize, hourly: u32) -> Devices {
    Devices {
        public_key: "BA_key".to_owned(),
        most,
        quota: Quota::new(hourly),
        check: Arc::new(|url| (!url.is_https()).then(|| "it must be reached over https".to_owned())),
    }
}

pub(super) fn browser(endpoint: &str) -> Value {
    json!({"endpoint": format!("https://push.example/{endpoint}"), "expirationTime": null,
        "keys": {"p256dh": P256DH, "auth": AUTH}})
}

fn with(mut body: Value, more: &Value) -> Value {
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

impl World {
    /// As [`World::call`], without a token.
    async fn browse(&self, method: &str, path: &str, body: Value) -> Answer {
        let request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    async fn subscribe(&self, body: Value) -> (u16, Value) {
        let answer = self.browse("POST", "/push", body).await;
        (answer.status.as_u16(), answer.json())
    }

    async fn listed(&self) -> Vec<(i64, String, Value)> {
        let listed = self.get("/v1/subscriptions").await.json();
        let one =
            |s: &Value| (s["id"].as_i64().unwrap(), s["endpoint"].as_str().unwrap().to_owned(), s["topics"].clone());
        listed["subscriptions"].as_array().unwrap().iter().map(one).collect()
    }
}

#[tokio::test]
async fn a_browser_subscribes_itself_and_says_so_again_at_each_visit() {
    let world = world_of(Some(TOKEN), Some(devices(10, 1)));
    world.furnish().await;
    world.changes();
    assert_eq!(world.browse("GET", "/push/key", json!(null)).await.json(), json!({"key": "BA_key"}));

    let chosen = with(browser("a"), &json!({"topics": ["council"], "languages": ["en"]}));
    let told = json!({"topics": ["council"], "languages": ["en"]});
    assert_eq!(world.subscribe(chosen).await, (201, told.clone()));
    assert_eq!(world.changes(), [Change::Subscriptions]);
    assert_eq!(world.subscribe(browser("a")).await, (200, told), "what it doesn't say stays as it was");
    assert_eq!(world.changes(), []);
    assert_eq!(world.listed().await, [(1, "https://push.example/...".to_owned(), json!(["council"]))]);
    let shown = world.get("/v1/subscriptions/1").await;
    assert_eq!(shown.json()["kind"], "web-push");
    assert!(!shown.text.contains(AUTH) && !shown.text.contains("example/a"), "{}", shown.text);

    let all = with(browser("a"), &json!({"topics": []}));
    assert_eq!(world.subscribe(all).await, (200, json!({"topics": [], "languages": ["en"]})));
}

#[tokio::test]
async fn a_renewed_endpoint_takes_the_place_of_the_old_one() {
    let world = world_of(Some(TOKEN), Some(devices(1, 1)));
    world.furnish().await;
    world.subscribe(with(browser("a"), &json!({"topics": ["council"]}))).await;
    let renewed = with(browser("b"), &json!({"replaces": "https://push.example/a"}));
    let (status, device) = world.subscribe(renewed.clone()).await;
    assert_eq!(
        (status, &device["topics"]),
        (200, &json!(["council"])),
        "neither the quota nor the bound is in its way"
    );
    assert_eq!(world.subscribe(renewed).await.0, 200);
    let listed = world.listed().await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].0, 1, "what waits for it is sent to the new one");
}

#[tokio::test]
async fn who_knows_the_endpoint_may_test_and_end_it_and_nobody_else() {
    let world = world_of(Some(TOKEN), Some(devices(10, 5)));
    world.subscribe(browser("a")).await;
    world.changes();
    let other = json!({"endpoint": "https://push.example/b"});
    for (method, path) in [("POST", "/push/test"), ("DELETE", "/push")] {
        let answer = world.browse(method, path, other.clone()).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert!(!answer.text.contains("push.example"), "{}", answer.text);
    }
    let own = json!({"endpoint": "https://push.example/a"});
    assert_eq!(world.browse("POST", "/push/test", own.clone()).await.status, StatusCode::ACCEPTED);
    assert_eq!(world.changes(), [Change::Deliveries]);
    assert_eq!(world.get("/v1/deliveries").await.json()["deliveries"][0]["notification"]["type"], "subscription.test");
    assert_eq!(world.browse("DELETE", "/push", own.clone()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.changes(), [Change::Subscriptions]);
    assert_eq!(world.browse("DELETE", "/push", own).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.listed().await, []);
    assert_eq!(world.subscribe(browser("a")).await.0, 201, "it may come back");
}

#[tokio::test]
async fn there_are_bounds_on_devices_in_all_and_on_new_ones_from_one_address() {
    let full = world_of(Some(TOKEN), Some(devices(1, 5)));
    assert_eq!(full.subscribe(browser("a")).await.0, 201);
    let (status, problem) = full.subscribe(browser("b")).await;
    assert_eq!((status, &problem["type"]), (429, &json!("urn:tidings:problem:too-many")));
    let strict = world_of(Some(TOKEN), Some(devices(10, 1)));
    assert_eq!(strict.subscribe(browser("a")).await.0, 201);
    assert_eq!(strict.subscribe(browser("b")).await.0, 429);
    assert_eq!(strict.subscribe(browser("a")).await.0, 200);
}

#[tokio::test]
async fn everything_wrong_with_a_browsers_subscription_is_told_and_no_secret_repeated() {
    let world = world_of(Some(TOKEN), Some(devices(10, 5)));
    let off_curve = P256DH.replace("iw4", "iw5");
    let body = json!({"endpoint": "http://push.example/secret-path", "keys": {"p256dh": off_curve, "auth": "c2hvcnQ"},
        "topics": ["moon"], "languages": ["English"]});
    let answer = world.browse("POST", "/push", body).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let problem = answer.json();
    let pointers: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/endpoint", "/keys/p256dh", "/topics", "/languages"], "{}", answer.text);
    assert!(!answer.text.contains("secret-path") && !answer.text.contains(&off_curve), "{}", answer.text);
    let missing = world.browse("POST", "/push", json!({"endpoint": "https://push.example/a"})).await;
    assert_eq!(missing.json()["errors"][0]["pointer"], "/keys", "{}", missing.text);
    // A form of another site can't send JSON, so no stranger's page subscribes a reader.
    let form = Request::post("/push").header(header::CONTENT_TYPE, "text/plain").body(Body::from("{}")).unwrap();
    assert_eq!(world.send(form).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn the_page_has_the_button_where_web_push_is_on_and_no_script_within() {
    let world = world_of(None, Some(devices(10, 5)));
    let page = world.get("/").await;
    assert!(page.text.contains("Get real-time updates on your device"), "{}", page.text);
    let scripts = page.text.matches("<script").count();
    assert_eq!((scripts, page.text.contains("<script src=\"/push.js\" defer></script>")), (2, true));
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{policy}");
    for (path, content_type) in [
        ("/push.js", "text/javascript; charset=utf-8"),
        ("/sw.js", "text/javascript; charset=utf-8"),
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/icon.svg", "image/svg+xml"),
    ] {
        assert_eq!(world.get(path).await.headers[header::CONTENT_TYPE], content_type, "{path}");
    }
    assert!(serde_json::from_str::<Value>(&world.get("/manifest.webmanifest").await.text).is_ok());

    let worker = world.get("/sw.js").await.text;
    assert!(worker.contains("renotify: !QUIET.includes(told.type)"), "a second test is noticed, too: {worker}");
    let quiet = worker.split_once("const QUIET = [").unwrap().1.split_once(']').unwrap().0;
    let quiet: Vec<_> = quiet.split(", ").map(|word| NotificationType::parse(word.trim_matches('"'))).collect();
    assert_eq!(quiet, [Some(NotificationType::EventOpened), Some(NotificationType::EventMerged)]);

    let without = world_of(None, None);
    assert!(!without.get("/").await.text.contains("push"));
    assert_eq!(without.browse("GET", "/push/key", json!(null)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(without.subscribe(browser("a")).await.0, 404);
}
