//! The body of a digest: what was held back for a subscription, told in one.

use std::ops::Range;

use jiff::Timestamp;
use serde::Serialize;

use super::payload::{cut, time};
use crate::model::{Endpoint, NotificationType, Service};

/// A digest holds so many entries at most, and so many bytes of them; what is more goes into the next part.
const ENTRIES_MAX: usize = 100;
/// One that is told in a chat holds so many: there is room for each with an address of 450 characters (those of Google News).
const ENTRIES_IN_CHAT: usize = 10;
/// The same of ntfy, where a message holds 4,096 bytes, addresses included.
const ENTRIES_AT_NTFY: usize = 6;
const BYTES_MAX: usize = 256 * 1024;
const NAME_CHARS_MAX: usize = 200;

/// What a digest tells.
#[derive(Debug, Clone, Copy)]
pub struct DigestPayload<'a> {
    /// The subscription's name.
    pub subscription: &'a str,
    /// Which part of what was held back, from 1.
    pub part: usize,
    /// How many parts there are.
    pub parts: usize,
    /// Ids of notifications with their bodies, as each would have been told by itself.
    pub entries: &'a [(&'a str, &'a str)],
}

/// Parts entries of these sizes, in bytes, into digests that an endpoint can show. Nothing gives one empty part: the heartbeat.
pub fn parts(sizes: &[usize], endpoint: &Endpoint) -> Vec<Range<usize>> {
    let most = match endpoint {
        Endpoint::Chat(chat) => match chat.service() {
            Service::Ntfy => ENTRIES_AT_NTFY,
            Service::Slack
            | Service::Discord
            | Service::Teams
            | Service::Telegram
            | Service::Matrix
            | Service::Gotify => ENTRIES_IN_CHAT,
        },
        Endpoint::Webhook { .. } | Endpoint::WebPush { .. } | Endpoint::Email(_) => ENTRIES_MAX,
    };
    parted(sizes, most)
}

fn parted(sizes: &[usize], most: usize) -> Vec<Range<usize>> {
    let (mut parts, mut from, mut bytes) = (Vec::new(), 0, 0_usize);
    for (at, size) in sizes.iter().enumerate() {
        if at > from && (at - from >= most || bytes.saturating_add(*size) > BYTES_MAX) {
            parts.push(from..at);
            (from, bytes) = (at, 0);
        }
        bytes = bytes.saturating_add(*size);
    }
    parts.push(from..sizes.len());
    parts
}

#[derive(Serialize)]
struct Head {
    version: u32,
    subscription: String,
    part: usize,
    parts: usize,
    count: usize,
}

/// Renders `digest`. Entries are told byte for byte, each with its `id` put before its `type`.
pub fn body(at: Timestamp, view: &DigestPayload<'_>) -> String {
    let entries: Vec<String> = view.entries.iter().filter_map(|(id, body)| entry(id, body)).collect();
    let head = Head {
        version: 1,
        subscription: cut(view.subscription, NAME_CHARS_MAX),
        part: view.part,
        parts: view.parts,
        count: entries.len(),
    };
    // Texts and numbers are always JSON.
    let head = serde_json::to_string(&head).unwrap_or_default();
    format!(
        "{{\"type\":\"{}\",\"timestamp\":\"{}\",\"data\":{},\"entries\":[{}]}}}}",
        NotificationType::Digest.label(),
        time(at),
        head.trim_end_matches('}'),
        entries.join(",")
    )
}

/// Every stored body is an object of ours.
fn entry(id: &str, body: &str) -> Option<String> {
    let fields = body.strip_prefix('{')?;
    Some(format!("{{\"id\":{},{fields}", serde_json::Value::from(id)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_digest_holds_each_entry_as_it_would_have_been_told_with_its_id() {
        let entries = [
            ("msg_1", "{\"type\":\"event.opened\",\"timestamp\":\"t\",\"data\":{\"version\":1}}"),
            ("msg_2", "{\"type\":\"x\"}"),
        ];
        let view = DigestPayload { subscription: "news \"room\"}", part: 1, parts: 2, entries: &entries };
        let body: serde_json::Value = serde_json::from_str(&body(Timestamp::UNIX_EPOCH, &view)).unwrap();
        assert_eq!(
            body,
            serde_json::json!({"type": "digest", "timestamp": "1970-01-01T00:00:00.000Z", "data": {
                "version": 1, "subscription": "news \"room\"}", "part": 1, "parts": 2, "count": 2, "entries": [
                    {"id": "msg_1", "type": "event.opened", "timestamp": "t", "data": {"version": 1}},
                    {"id": "msg_2", "type": "x"}]}})
        );
    }

    #[test]
    fn a_heartbeat_is_a_digest_of_nothing() {
        assert_eq!((parted(&[], 9).len(), parted(&[], 9)[0].clone()), (1, 0..0));
        let view = DigestPayload { subscription: "a", part: 1, parts: 1, entries: &[] };
        let body: serde_json::Value = serde_json::from_str(&body(Timestamp::UNIX_EPOCH, &view)).unwrap();
        assert_eq!(body["data"]["entries"], serde_json::json!([]));
    }

    proptest! {
        #[test]
        fn parts_hold_all_in_order_and_none_is_too_large(sizes in prop::collection::vec(0usize..300_000, 0..250), most in 1usize..120) {
            let parts = parted(&sizes, most);
            let mut next = 0;
            for part in &parts {
                prop_assert_eq!(part.start, next);
                prop_assert!(part.len() <= most && (!part.is_empty() || sizes.is_empty()));
                prop_assert!(part.len() == 1 || sizes[part.clone()].iter().sum::<usize>() <= BYTES_MAX);
                next = part.end;
            }
            prop_assert_eq!(next, sizes.len());
        }
    }
}
