//! What an operator does about an endpoint, over HTTP.

use super::*;

#[tokio::test]
async fn a_disabled_subscription_says_why_and_what_to_do_and_gets_what_it_missed_when_it_is_enabled() {
    let world = world();
    let hook = json!({"url": "https://hook.example/in", "name": "desk", "max_in_flight": 2, "order": "strict"});
    let made = world.post("/v1/subscriptions", hook).await.json();
    let subscription = &made["subscription"];
    assert_eq!((&subscription["max_in_flight"], &subscription["order"]), (&json!(2), &json!("strict")));
    assert_eq!(
        (&subscription["rate_per_minute"], &subscription["health"]["breaker"]),
        (&Value::Null, &json!("closed"))
    );
    world.call("POST", "/v1/subscriptions/1/test", None).await;
    let post = async |path: &str| world.call("POST", path, None).await;

    assert_eq!(post("/v1/subscriptions/1/enable").await.status, StatusCode::CONFLICT);
    let disabled = post("/v1/subscriptions/1/disable").await.json();
    let health = &disabled["health"];
    assert_eq!(
        (&disabled["state"], &health["disabled_why"], &health["kept"]),
        (&json!("disabled"), &json!("operator"), &json!(1))
    );
    assert!(health["help"].as_str().unwrap().contains("tidings subscription enable 1"), "{health}");
    for refused in ["/v1/subscriptions/1/disable", "/v1/subscriptions/1/test"] {
        assert_eq!(post(refused).await.status, StatusCode::CONFLICT);
    }
    let since = json!({"since": "2026-11-24T00:00:00Z"});
    assert_eq!(world.post("/v1/subscriptions/1/recover", since.clone()).await.status, StatusCode::CONFLICT);
    assert_eq!(post("/v1/subscriptions/1/enable?replay=some").await.status, StatusCode::BAD_REQUEST);
    world.changes();

    let enabled = post("/v1/subscriptions/1/enable?replay=none").await.json();
    assert_eq!((&enabled["replayed"], &enabled["subscription"]["state"]), (&json!(0), &json!("active")));
    assert_eq!(world.changes(), [Change::Subscriptions, Change::Deliveries]);
    assert_eq!(world.get("/v1/deliveries?state=kept").await.json()["deliveries"].as_array().unwrap().len(), 1);
    let recovered = world.post("/v1/subscriptions/1/recover", since).await;
    assert_eq!(recovered.json(), json!({"subscription": 1, "recovered": 1}));
    assert_eq!(world.get("/v1/deliveries/1").await.json()["state"], "pending");
    assert_eq!(
        world.post("/v1/subscriptions/9/recover", json!({"since": "2026-11-24T00:00:00Z"})).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn faults_of_a_pace_are_told_at_their_places() {
    let world = world();
    let hook = json!({"url": "https://hook.example/in", "rate_per_minute": 0, "max_in_flight": 999, "order": "random"});
    let refused = world.post("/v1/subscriptions", hook).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for pointer in ["/rate_per_minute", "/max_in_flight", "/order"] {
        assert!(refused.text.contains(pointer), "{}", refused.text);
    }
    let when = world.post("/v1/subscriptions/1/recover", json!({"since": "yesterday"})).await;
    assert!(when.text.contains("/since"), "{}", when.text);
}

#[tokio::test]
async fn what_was_given_up_is_a_problem_until_it_is_sent_after_all() {
    let world = world();
    world.post("/v1/subscriptions", json!({"url": "https://hook.example/in", "name": "desk"})).await;
    world.call("POST", "/v1/subscriptions/1/test", None).await;
    let settle = |store: &mut dyn crate::port::Store| {
        store.settle(&[Settlement {
            delivery: DeliveryId(1),
            subscription: SubscriptionId(1),
            fence: 0,
            attempt: Attempt { at: at(2), took: Duration::ZERO, status: Some(500), detail: String::new(), times: 1 },
            verdict: Verdict::Expired,
            after: After::default(),
        }])
    };
    world.keeper.write(settle).await.unwrap();
    let problem = async || {
        let told = world.get("/v1/status").await.json();
        let problems = told["problems"].as_array().unwrap().clone();
        problems.into_iter().find(|problem| problem["what"].as_str().unwrap().contains("given up"))
    };
    let told = problem().await.unwrap();
    assert!(told["what"].as_str().unwrap().starts_with("1 delivery was given up for \"desk\", the last of them made "));
    let help = "tidings delivery recover --since 2026-11-24 --subscription 1";
    assert!(told["help"].as_str().unwrap().ends_with(help), "{told}");
    let health = &world.get("/v1/subscriptions/1").await.json()["health"];
    assert_eq!(health["expired"], 1);
    assert!(health["help"].as_str().unwrap().contains("tidings delivery recover"), "{health}");
    world.post("/v1/subscriptions/1/recover", json!({"since": "2026-11-24T00:00:00Z"})).await;
    assert_eq!(problem().await, None);
}
