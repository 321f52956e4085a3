//! The identity of a notification, made from what it tells.

use xxhash_rust::xxh3::Xxh3;

use crate::model::{NotificationId, NotificationType};

/// The id of a request that asks an endpoint whether it wants what it would be told; unlike that of any notification.
pub(super) fn verification_id(challenge: &str) -> String {
    let mut hash = Xxh3::new();
    hash.update(b"subscription.verification");
    hash.update(challenge.as_bytes());
    format!("msg_{:032x}", hash.digest128())
}

/// Makes the id of a notification from its type and the words that tell it apart (topic, address of the story, ...).
///
/// The id is stable for good: equal parts give equal ids on every machine and in every version, so that a
/// subscriber's memory of ids outlives a rebuilt database. Each part goes in with its length before it, so that
/// `["ab", "c"]` and `["a", "bc"]` differ.
pub fn notification_id(kind: NotificationType, parts: &[&str]) -> NotificationId {
    let mut hash = Xxh3::new();
    for part in std::iter::once(kind.label()).chain(parts.iter().copied()) {
        // No text is so long that its length doesn't fit 64 bits.
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        hash.update(&length.to_le_bytes());
        hash.update(part.as_bytes());
    }
    NotificationId(format!("msg_{:032x}", hash.digest128()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_never_change_between_versions() {
        let story = notification_id(NotificationType::EventOpened, &["resolution", "https://press.un.org/en/1"]);
        let bare = notification_id(NotificationType::SubscriptionTest, &[]);
        assert_eq!(story.0, "msg_35781a17553e99fbcc9260a6e32e1857");
        assert_eq!(bare.0, "msg_e477d4f3fb364f9b187aae9f96bce1fc");
    }

    #[test]
    fn ids_tell_types_and_borders_between_parts_apart() {
        let id = |kind, parts: &[&str]| notification_id(kind, parts).0;
        let (opened, updated) = (NotificationType::EventOpened, NotificationType::EventUpdated);
        assert_ne!(id(opened, &["ab", "c"]), id(opened, &["a", "bc"]));
        assert_ne!(id(opened, &["a"]), id(updated, &["a"]));
        assert_ne!(id(opened, &["a"]), id(opened, &["a", ""]));
    }
}
