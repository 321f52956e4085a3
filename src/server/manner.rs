//! How a subscription is told, as fields of a request; and what a patch makes of one.

use serde_json::{Map, Value};

use super::fields::Fields;
use super::wire;
use crate::model::{DigestPlan, Manner, NotificationType, PayloadShape, PlanError, Quiet, Subscription, parse_expiry};

/// What can be changed of a subscription.
const CHANGEABLE: [&str; 18] = [
    "topics",
    "types",
    "updates",
    "corrections",
    "languages",
    "publishers",
    "query",
    "min_publishers",
    "digest",
    "digest_empty",
    "quiet",
    "at_once",
    "expire_after",
    "payload",
    "payload_version",
    "max_in_flight",
    "rate_per_minute",
    "order",
];

/// Reads how a subscription is told.
pub(super) fn read(fields: &mut Fields) -> Manner {
    let digest = plan(fields, "digest", DigestPlan::parse);
    let digest_empty = fields.flag("digest_empty").unwrap_or(false);
    if digest_empty && digest.is_none() {
        fields.fault("digest_empty", "`digest_empty` needs `digest`: say when, such as \"daily 08:00 UTC\"");
    }
    let quiet = plan(fields, "quiet", Quiet::parse);
    let at_once = types(fields, "at_once");
    let expire_after = plan(fields, "expire_after", parse_expiry);
    let payload = fields.text("payload").map(|word| {
        PayloadShape::parse(&word).unwrap_or_else(|| {
            fields.fault("payload", format!("{word:?} is neither \"full\" nor \"thin\""));
            PayloadShape::Full
        })
    });
    let newest = Manner::VERSIONS.into_iter().max().unwrap_or(1);
    let version = fields.count("payload_version", u64::from(newest)).and_then(|version| u32::try_from(version).ok());
    Manner {
        digest,
        digest_empty,
        quiet,
        at_once,
        expire_after,
        payload: payload.unwrap_or(PayloadShape::Full),
        payload_version: version.unwrap_or(newest),
    }
}

fn plan<T>(fields: &mut Fields, name: &'static str, parse: impl Fn(&str) -> Result<T, PlanError>) -> Option<T> {
    let text = fields.text(name)?;
    match parse(&text) {
        Ok(plan) => Some(plan),
        Err(why) => {
            fields.fault(name, format!("`{name}` is {text:?}: {why}"));
            None
        }
    }
}

/// A field that lists types of notifications.
pub(super) fn types(fields: &mut Fields, name: &'static str) -> Vec<NotificationType> {
    let mut types = Vec::new();
    for word in fields.texts(name) {
        if let Some(kind) = NotificationType::parse(&word) {
            types.push(kind);
        } else {
            let all = NotificationType::ALL.map(NotificationType::label).join(", ");
            fields.fault(name, format!("{word:?} is not a type of notification (there are: {all})"));
        }
    }
    types
}

/// A merge patch (RFC 7396) laid onto a subscription: all its fields, to be read as those of a new one. `null` gives a field
/// back to what is usual. Where `types` are named, what follows from them follows anew.
pub(super) fn patched(subscription: &Subscription, patch: Fields) -> Fields {
    let now = serde_json::to_value(wire::Subscription::from(subscription)).unwrap_or_default();
    let mut fields = Map::new();
    if let Value::Object(all) = now {
        fields.extend(all.into_iter().filter(|(name, _)| CHANGEABLE.contains(&name.as_str())));
    }
    if patch.has("types") {
        for follows in ["updates", "corrections"] {
            fields.remove(follows);
        }
    }
    patch.onto(fields)
}
