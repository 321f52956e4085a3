//! `/webhooks` as a stranger uses it, with the token of its own webhook alone.

use super::*;
use crate::server::{Quota, SelfService};

fn open_world() -> World {
    let keeper = Keeper::in_place(Box::new(SqliteStore::in_memory().unwrap()));
    let service = SelfService {
        topics: Vec::new(),
        most: 10,
        quota: Quota::daily(100),
        check: Arc::new(|_| None),
        chance: || Some([7; 32]),
        hash,
    };
    world_made(keeper, Some(TOKEN), |shared| shared.self_service = Some(service))
}

impl World {
    /// As the owner of a webhook.
    async fn own(&self, method: &str, path: &str, token: &str, body: Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }
}

#[tokio::test]
async fn a_stranger_chooses_what_is_documented_and_nothing_else() {
    let world = open_world();
    world.furnish().await;
    let wish = json!({"url": "https://hook.example/", "query": "veto", "min_publishers": 3});
    let refused = world.own("POST", "/webhooks", "none", wish).await;
    let errors = refused.json()["errors"].clone();
    assert_eq!(
        (refused.status, &errors[0]["pointer"], &errors[1]["pointer"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("/min_publishers"), &json!("/query")),
        "{}",
        refused.text
    );
    let wish = json!({"url": "https://hook.example/", "topics": ["council"], "languages": ["en"]});
    let made = world.own("POST", "/webhooks", "none", wish).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let made = made.json();
    let token = made["token"].as_str().unwrap();
    let refused = world.own("PATCH", "/webhooks/mine", token, json!({"query": "veto"})).await;
    assert_eq!(
        (refused.status, &refused.json()["errors"][0]["pointer"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("/query"))
    );
    let changed = world.own("PATCH", "/webhooks/mine", token, json!({"languages": ["fr"]})).await;
    assert_eq!((changed.status, &changed.json()["languages"]), (StatusCode::OK, &json!(["fr"])));
}

#[tokio::test]
async fn the_owner_has_a_webhook_that_was_given_up_asked_again_but_not_one_that_an_operator_disabled() {
    let world = open_world();
    let made = world.own("POST", "/webhooks", "none", json!({"url": "https://hook.example/"})).await.json();
    let token = made["token"].as_str().unwrap();
    let state = async || world.own("GET", "/webhooks/mine", token, Value::Null).await.json()["state"].clone();
    let prove = async || {
        let write = world.keeper.write(|store| {
            let asked = store.verification(SubscriptionId(1))?.unwrap();
            let url = asked.subscription.spec.endpoint.url().cloned();
            let asked = Asked { subscription: SubscriptionId(1), url, at: at(0), outcome: Ok(()) };
            store.settle_verification(&asked, at(-60))
        });
        assert!(write.await.unwrap());
    };
    prove().await;
    assert_eq!(world.post("/v1/subscriptions/1/test", json!({})).await.status, StatusCode::ACCEPTED);
    let given_up = world.keeper.write(|store| {
        let claim = store.claim_deliveries(&deliveries_due())?.remove(0);
        let attempt =
            Attempt { at: at(1), took: Duration::ZERO, status: Some(410), detail: "gone".to_owned(), times: 1 };
        store.settle(&[Settlement {
            delivery: claim.id,
            subscription: claim.subscription.id,
            fence: claim.fence,
            attempt,
            verdict: Verdict::Gone,
            after: After::default(),
        }])
    });
    given_up.await.unwrap();
    assert_eq!(state().await, json!("disabled"));

    assert_eq!(world.own("POST", "/webhooks/mine/verify", token, json!({})).await.status, StatusCode::OK);
    assert_eq!(state().await, json!("unverified"), "nobody asks endpoints here");
    prove().await;
    assert_eq!(state().await, json!("active"));

    assert_eq!(world.post("/v1/subscriptions/1/disable", json!({})).await.status, StatusCode::OK);
    let refused = world.own("POST", "/webhooks/mine/verify", token, json!({})).await;
    assert_eq!((refused.status, state().await), (StatusCode::CONFLICT, json!("disabled")), "{}", refused.text);
}

fn deliveries_due() -> crate::port::ClaimDeliveries {
    crate::port::ClaimDeliveries {
        now: at(1),
        lease_until: at(60),
        limit: 1,
        unproved_limit: 1,
        slow_limit: 1,
        answers: Arc::default(),
        per_subscription: 1,
        in_flight: std::collections::BTreeMap::new(),
        eased: std::collections::BTreeMap::new(),
        settling: 0,
    }
}
