//! When a permanent redirect (301, 308) is believed, and when it is taken back.

use std::time::Duration;

use jiff::Timestamp;

use super::next::Poll;
use crate::model::{Moving, NotificationType, PollOutcome, WebUrl};

/// A redirect is believed when it has stood so long ...
const BELIEVED_AFTER: Duration = Duration::from_hours(7 * 24);
/// ... and led to the same document at so many polls.
const SIGHTINGS: u32 = 5;

/// Where a source is polled from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// Where it was; a redirect that is not believed yet is kept in mind.
    Stays(Option<Moving>),
    /// Elsewhere.
    Moves(WebUrl),
}

/// Decides where a source is polled from now on.
///
/// `is_same`: the answer is the document that the source has always had (304, or entries that are known of it).
/// `turned`: what the poll made of the source's health. A redirect that is all permanent (301, 308) is believed after
/// seven days and five polls that agree; one to the same address over https at once; and one that had led to the same
/// document when its old address then answers 404 or 410. A temporary redirect (302, 303, 307) never is. A source that
/// begins to fail where it was moved to, as there is nothing (404, 410), goes back to its declared address: what can't be reached for a
/// while, or is busy, is where it was.
pub fn address(poll: &Poll<'_>, is_same: bool, turned: Option<NotificationType>) -> Address {
    let pending = || Address::Stays(poll.state.moving.clone());
    let Ok(response) = poll.exchange else { return pending() };
    let is_nothing = matches!(response.status, 404 | 410);
    if let (Some(NotificationType::SourceFailing), Some(declared), true) = (turned, &poll.state.moved_from, is_nothing)
    {
        return Address::Moves(declared.clone());
    }
    let is_good = match poll.outcome {
        PollOutcome::Read { .. } | PollOutcome::NotModified => true,
        PollOutcome::Failed { .. } => false,
    };
    if response.redirects.is_empty() {
        return match (&poll.state.moving, response.status) {
            (Some(moving), 404 | 410) => Address::Moves(moving.to.clone()),
            (_, _) if is_good => Address::Stays(None),
            (_, _) => pending(),
        };
    }
    if !is_good || !is_same {
        return pending();
    }
    if !response.redirects.iter().all(|status| matches!(status, 301 | 308)) {
        return Address::Stays(None);
    }
    sighted(poll, &response.url)
}

fn sighted(poll: &Poll<'_>, to: &WebUrl) -> Address {
    if is_upgrade(&poll.spec.url, to) {
        return Address::Moves(to.clone());
    }
    let seen = match &poll.state.moving {
        Some(moving) if moving.to == *to => Moving { sightings: moving.sightings.saturating_add(1), ..moving.clone() },
        Some(_) | None => Moving { to: to.clone(), since: poll.now, sightings: 1 },
    };
    let stood = Duration::try_from(poll.now.duration_since(seen.since)).unwrap_or_default();
    if seen.sightings >= SIGHTINGS && stood >= BELIEVED_AFTER {
        Address::Moves(to.clone())
    } else {
        Address::Stays(Some(seen))
    }
}

/// Whether `to` is the same address over https.
fn is_upgrade(from: &WebUrl, to: &WebUrl) -> bool {
    let (from, to) = (from.as_url(), to.as_url());
    from.scheme() == "http"
        && to.scheme() == "https"
        && (from.host_str(), from.path(), from.query()) == (to.host_str(), to.path(), to.query())
        && (to.port(), from.port()) == (None, None)
}

/// For those who watch: when the redirect that is in mind would be believed at the earliest.
pub fn believed_at(moving: &Moving) -> Timestamp {
    moving.since.checked_add(BELIEVED_AFTER).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Exchange, Failure, FailureKind, Headers, Response, SourceSpec, SourceState};
    use crate::schedule::Seen;

    const DAY: i64 = 86_400;

    fn url(text: &str) -> WebUrl {
        WebUrl::parse(text).expect("an address")
    }

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + secs).expect("a moment")
    }

    #[expect(clippy::unnecessary_wraps, reason = "an exchange is a result")]
    fn answer(status: u16, redirects: &[u16], from: &str) -> Exchange {
        let redirects = redirects.to_vec();
        Ok(Response { status, headers: Headers::default(), body: Vec::new(), url: url(from), redirects })
    }

    /// A source at `http://old.example/feed`, polled over time.
    struct World {
        state: SourceState,
        spec: SourceSpec,
    }

    impl World {
        fn new() -> Self {
            let spec =
                SourceSpec::feed(url("http://old.example/feed"), (Duration::from_mins(5), Duration::from_hours(4)));
            Self { state: SourceState::default(), spec }
        }

        fn decide(&self, secs: i64, exchange: &Exchange, is_same: bool) -> Address {
            self.decide_turned(secs, exchange, is_same, None)
        }

        fn decide_turned(
            &self,
            secs: i64,
            exchange: &Exchange,
            is_same: bool,
            turned: Option<NotificationType>,
        ) -> Address {
            let outcome = match exchange {
                Ok(Response { status: 200, .. }) => PollOutcome::Read { entries: 3 },
                Ok(Response { status: 304, .. }) => PollOutcome::NotModified,
                Ok(_) | Err(_) => PollOutcome::Failed { kind: "status", detail: String::new() },
            };
            let (spec, state, now) = (&self.spec, &self.state, at(secs));
            let poll = Poll {
                now,
                spec,
                state,
                exchange,
                outcome: &outcome,
                seen: Seen::New(&[]),
                newest: None,
                dates: &[],
                is_cut_off: false,
                asked: None,
            };
            address(&poll, is_same, turned)
        }

        /// Polls; gives where it moved to, if it did.
        fn poll(&mut self, secs: i64, exchange: &Exchange, is_same: bool) -> Option<String> {
            match self.decide(secs, exchange, is_same) {
                Address::Stays(moving) => {
                    self.state.moving = moving;
                    None
                }
                Address::Moves(to) => Some(to.to_string()),
            }
        }
    }

    const NEW: &str = "https://new.example/feed";

    #[test]
    fn a_permanent_redirect_is_believed_after_seven_days_and_five_sightings_that_agree() {
        let moved = answer(200, &[301, 308], NEW);
        let mut world = World::new();
        for day in 0..7 {
            assert_eq!(world.poll(day * DAY, &moved, true), None, "day {day}");
        }
        assert_eq!(world.poll(7 * DAY, &moved, true).as_deref(), Some(NEW));
        let mut rare = World::new();
        for week in 0..4 {
            assert_eq!(rare.poll(week * 7 * DAY, &moved, true), None, "week {week}");
        }
        assert_eq!(rare.poll(28 * DAY, &moved, true).as_deref(), Some(NEW));
    }

    #[test]
    fn what_disagrees_begins_anew_and_what_says_nothing_changes_nothing() {
        let (moved, elsewhere) = (answer(304, &[301], NEW), answer(200, &[301], "https://third.example/feed"));
        let begins_anew = [answer(200, &[], "http://old.example/feed"), answer(200, &[301, 302], NEW), elsewhere];
        for other in &begins_anew {
            let mut world = World::new();
            (0..9).for_each(|day| drop(world.poll(day * DAY / 2, &moved, true)));
            assert_eq!(world.poll(6 * DAY, other, true), None);
            assert_eq!(world.poll(7 * DAY, &moved, true), None);
            assert!(world.state.moving.is_some_and(|moving| moving.since >= at(6 * DAY)), "{other:?}");
        }
        let mut world = World::new();
        (0..9).for_each(|day| drop(world.poll(day * DAY / 2, &moved, true)));
        // A stranger's document behind the redirect, a server in trouble.
        for silent in [answer(200, &[301], "https://portal.example/"), answer(500, &[301], NEW), answer(500, &[], NEW)]
        {
            assert_eq!(world.poll(6 * DAY, &silent, false), None);
        }
        assert_eq!(world.poll(7 * DAY, &moved, true).as_deref(), Some(NEW));
    }

    #[test]
    fn temporary_redirects_are_never_believed() {
        let mut world = World::new();
        for status in [302, 303, 307] {
            let moved = answer(200, &[status], NEW);
            assert!((0..60).all(|day| world.poll(day * DAY, &moved, true).is_none()));
        }
    }

    #[test]
    fn https_at_the_same_address_is_believed_at_once() {
        let upgraded = |to| World::new().poll(0, &answer(200, &[301], to), true);
        assert_eq!(upgraded("https://old.example/feed").as_deref(), Some("https://old.example/feed"));
        assert_eq!(upgraded("https://old.example/feed?x"), None);
        assert_eq!(upgraded("https://www.old.example/feed"), None);
        assert_eq!(World::new().poll(0, &answer(200, &[302], "https://old.example/feed"), true), None);
    }

    #[test]
    fn a_redirect_that_ended_is_believed_where_it_had_led_to_the_same_document() {
        let mut world = World::new();
        assert_eq!(world.poll(0, &answer(404, &[], "http://old.example/feed"), false), None);
        drop(world.poll(1, &answer(200, &[301], NEW), true));
        assert_eq!(world.poll(2, &answer(410, &[], "http://old.example/feed"), false).as_deref(), Some(NEW));
    }

    #[test]
    fn a_source_that_fails_where_it_was_moved_goes_back_where_there_is_nothing_and_not_where_it_cannot_be_reached() {
        let mut world = World::new();
        let declared = url("http://old.example/feed");
        world.state.moved_from = Some(declared.clone());
        let fails =
            |exchange: &Exchange| world.decide_turned(0, exchange, false, Some(NotificationType::SourceFailing));
        for status in [404, 410] {
            assert_eq!(fails(&answer(status, &[], NEW)), Address::Moves(declared.clone()), "{status}");
        }
        for status in [429, 500, 503] {
            assert_eq!(fails(&answer(status, &[], NEW)), Address::Stays(None), "{status}");
        }
        let unreached = Err(Failure { kind: FailureKind::Dns, detail: String::new() });
        assert_eq!(fails(&unreached), Address::Stays(None), "an outage is no move");
    }
}
