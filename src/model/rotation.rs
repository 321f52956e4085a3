//! Secrets that take each other's place.

use jiff::Timestamp;

use super::{Endpoint, Secret, SubscriptionSpec};

/// A signing secret that was replaced and signs on for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldSecret {
    /// The secret.
    pub secret: Secret,
    /// It signs before this moment.
    pub until: Timestamp,
}

impl OldSecret {
    /// Old secrets of one subscription at most: each is one more signature in every request.
    pub const MOST: usize = 3;
}

impl SubscriptionSpec {
    /// Signs with `new` from now on; the secret that it had signs too until `until`. What ran out before `now` goes. Gives
    /// how many old secrets more than [`OldSecret::MOST`] went before their time, those that would have ended first;
    /// `None`, with nothing changed, where the endpoint has no signing secret.
    pub fn rotate(&mut self, new: Secret, until: Timestamp, now: Timestamp) -> Option<usize> {
        let Endpoint::Webhook { secret, .. } = &mut self.endpoint else { return None };
        let old = OldSecret { secret: std::mem::replace(secret, new), until };
        self.old_secrets.insert(0, old);
        self.drop_old(now);
        let over = self.old_secrets.len().saturating_sub(OldSecret::MOST);
        for _ in 0..over {
            let first = self.old_secrets.iter().enumerate().min_by_key(|(_, old)| old.until).map(|(at, _)| at);
            first.map(|at| self.old_secrets.remove(at));
        }
        Some(over)
    }

    /// Drops the old secrets whose time is over; gives whether there were any.
    pub fn drop_old(&mut self, now: Timestamp) -> bool {
        let before = self.old_secrets.len();
        self.old_secrets.retain(|old| old.until > now);
        self.old_secrets.len() < before
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Filter, WebUrl};

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(secs).unwrap()
    }

    #[test]
    fn old_secrets_end_with_their_time_and_when_there_are_too_many_those_that_end_first_go() {
        let url = WebUrl::parse("https://example.org/").unwrap();
        let mut spec = SubscriptionSpec::new("s", Endpoint::webhook(url, Secret::new("0")), Filter::default());
        let mut rotate = |new: &str, until, now| {
            let over = spec.rotate(Secret::new(new), at(until), at(now));
            let old: Vec<_> = spec.old_secrets.iter().map(|old| old.secret.reveal().to_owned()).collect();
            (over, old.concat())
        };
        assert_eq!(rotate("1", 100, 0), (Some(0), "0".to_owned()));
        assert_eq!(rotate("2", 50, 1), (Some(0), "10".to_owned()));
        assert_eq!(rotate("3", 200, 50), (Some(0), "20".to_owned()), "the one that ended is gone");
        assert_eq!(rotate("4", 90, 51), (Some(0), "320".to_owned()));
        assert_eq!(rotate("5", 300, 52), (Some(1), "420".to_owned()), "the one that would have ended first is gone");
        assert_eq!(rotate("6", 53, 53), (Some(0), "420".to_owned()), "one that is not kept never signs again");
    }
}
