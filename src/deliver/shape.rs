//! What a subscription's manner makes of a delivery: how much of the body is told, and until when it is tried.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::RetryPolicy;
use crate::model::{DeliveryClaim, Endpoint, Manner, PayloadShape};

/// The delivery with its body as its subscription wants it.
#[must_use]
pub fn shaped(mut claim: DeliveryClaim) -> DeliveryClaim {
    let spec = &claim.subscription.spec;
    match (&spec.endpoint, spec.manner.payload) {
        (Endpoint::Webhook { .. }, PayloadShape::Thin) => claim.notification.body = thin(&claim.notification.body),
        (Endpoint::Webhook { .. }, PayloadShape::Full)
        | (Endpoint::WebPush { .. } | Endpoint::Chat(_) | Endpoint::Email(_), _) => {}
    }
    claim
}

/// The retry policy, bounded by a subscription's own expiry.
pub fn policy_for(manner: &Manner, policy: &RetryPolicy) -> RetryPolicy {
    RetryPolicy { expire: manner.expire_after.unwrap_or(policy.expire), ..policy.clone() }
}

/// Whether the delivery is older than its subscription wants to be told of. (By the retry policy alone it is tried a last
/// time at its end.)
pub fn is_expired(claim: &DeliveryClaim, now: Timestamp) -> bool {
    let Some(expiry) = claim.subscription.spec.manner.expire_after else { return false };
    claim.created_at.checked_add(expiry).is_ok_and(|end| now >= end)
}

/// A body without its texts: type, time, numbers, and where the rest is found below this daemon's address.
fn thin(body: &str) -> String {
    match serde_json::from_str::<Value>(body) {
        Ok(Value::Object(full)) => Value::Object(thin_object(&full)).to_string(),
        // Every stored body is an object of ours.
        Ok(_) | Err(_) => body.to_owned(),
    }
}

fn thin_object(full: &Map<String, Value>) -> Map<String, Value> {
    let mut out = Map::new();
    for key in ["id", "type", "timestamp"] {
        out.extend(full.get(key).map(|value| (key.to_owned(), value.clone())));
    }
    if let Some(data) = full.get("data").and_then(Value::as_object) {
        out.insert("data".to_owned(), Value::Object(thin_data(data)));
    }
    out
}

fn thin_data(full: &Map<String, Value>) -> Map<String, Value> {
    let mut out = Map::new();
    for key in ["version", "why", "subscription", "part", "parts", "count"] {
        out.extend(full.get(key).map(|value| (key.to_owned(), value.clone())));
    }
    let number = |value: &Value| value.get("id").cloned();
    for key in ["topic", "event", "story", "source"] {
        out.extend(full.get(key).and_then(number).map(|id| (key.to_owned(), json!({"id": id}))));
    }
    if let Some(merged) = full.get("merged").and_then(Value::as_array) {
        let ids: Vec<Value> = merged.iter().filter_map(number).map(|id| json!({"id": id})).collect();
        out.insert("merged".to_owned(), ids.into());
    }
    if let Some(entries) = full.get("entries").and_then(Value::as_array) {
        let entries: Vec<Value> = entries.iter().filter_map(Value::as_object).map(|e| thin_object(e).into()).collect();
        out.insert("entries".to_owned(), entries.into());
    }
    let place = |key, folder| full.get(key).and_then(number).map(|id| format!("/v1/{folder}/{id}"));
    if let Some(address) = place("event", "events").or_else(|| place("source", "sources")) {
        out.insert("address".to_owned(), address.into());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thinned(body: &Value) -> Value {
        serde_json::from_str(&thin(&body.to_string())).unwrap()
    }

    #[test]
    fn a_thin_body_says_what_happened_and_where_to_fetch_it_and_holds_no_text() {
        let event = json!({"type": "event.merged", "timestamp": "t", "data": {
            "version": 1, "why": "merged", "topic": {"id": "moon", "name": "The Moon"},
            "event": {"id": 7, "title": "Landed", "opened_at": "t", "publishers": 2},
            "story": {"id": 9, "title": "Landed", "summary": "..."}, "stories": [{"id": 9}], "stories_total": 1,
            "reasons": [{"text": "..."}], "merged": [{"id": 8, "title": "Landing"}]}});
        let thin_event = json!({"type": "event.merged", "timestamp": "t", "data": {
            "version": 1, "why": "merged", "topic": {"id": "moon"}, "event": {"id": 7}, "story": {"id": 9},
            "merged": [{"id": 8}], "address": "/v1/events/7"}});
        assert_eq!(thinned(&event), thin_event);
        let source = json!({"type": "source.failing", "timestamp": "t", "data": {
            "version": 1, "source": {"id": 3, "name": "A"}, "last_outcome": "..."}});
        assert_eq!(thinned(&source)["data"], json!({"version": 1, "source": {"id": 3}, "address": "/v1/sources/3"}));
        let with_id = |mut value: Value| {
            value["id"] = "msg_1".into();
            value
        };
        let digest = json!({"type": "digest", "timestamp": "t", "data": {
            "version": 1, "subscription": "a", "part": 1, "parts": 1, "count": 1, "entries": [with_id(event)]}});
        assert_eq!(thinned(&digest)["data"]["entries"], json!([with_id(thin_event)]));
    }
}
