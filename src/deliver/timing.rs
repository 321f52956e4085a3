//! When what is held back is told: digests, and the end of quiet hours.

use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use crate::model::{DigestPlan, Manner, NotificationType, Quiet};

/// Until when a notification that is made now is held back; `None`: it is told at once.
pub fn held_until(manner: &Manner, kind: NotificationType, now: Timestamp) -> Option<Timestamp> {
    // A digest has waited already.
    if kind == NotificationType::Digest || is_at_once(manner, kind) {
        return None;
    }
    match (&manner.digest, &manner.quiet) {
        (Some(_), _) => next_digest(manner, now),
        (None, Some(quiet)) if is_quiet(quiet, now) => Some(quiet_end(quiet, now)),
        (None, Some(_) | None) => None,
    }
}

/// Whether a notification that is told at once is so while others are held back: it waits for none of them.
pub fn overtakes(manner: &Manner, kind: NotificationType, now: Timestamp) -> bool {
    manner.at_once.contains(&kind) && (manner.digest.is_some() || quiet_hours(manner, now).is_some())
}

/// Until when a notification that was to be sent now is put off, as quiet hours have begun since it was made: it failed before, its
/// endpoint rested, or nothing ran when it was due.
pub fn quiet_until(manner: &Manner, kind: NotificationType, now: Timestamp) -> Option<Timestamp> {
    if is_at_once(manner, kind) { None } else { quiet_hours(manner, now) }
}

/// When the quiet hours are over that `now` lies in; `None` where it lies in none.
pub fn quiet_hours(manner: &Manner, now: Timestamp) -> Option<Timestamp> {
    manner.quiet.as_ref().filter(|quiet| is_quiet(quiet, now)).map(|quiet| quiet_end(quiet, now))
}

/// Whether the hour is no matter: a person waits for it, or it was asked for so.
fn is_at_once(manner: &Manner, kind: NotificationType) -> bool {
    kind == NotificationType::SubscriptionTest || manner.at_once.contains(&kind)
}

/// When the next digest is due after `now`, no sooner than quiet hours end; `None` where there are none.
pub fn next_digest(manner: &Manner, now: Timestamp) -> Option<Timestamp> {
    let at = planned(manner.digest.as_ref()?, now);
    Some(manner.quiet.as_ref().filter(|quiet| is_quiet(quiet, at)).map_or(at, |quiet| quiet_end(quiet, at)))
}

/// The next time of a plan, later than `now`. A day whose clocks leave the time out has it as much later as they leap; one
/// that has it twice has it the first time.
fn planned(plan: &DigestPlan, now: Timestamp) -> Timestamp {
    match plan {
        DigestPlan::Every(every) => {
            let every = i64::try_from(every.as_millis()).unwrap_or(i64::MAX).max(1);
            let times = now.as_millisecond().div_euclid(every).saturating_add(1);
            Timestamp::from_millisecond(times.saturating_mul(every)).unwrap_or(Timestamp::MAX)
        }
        DigestPlan::Daily(time, zone) => {
            let clocks = zone.clocks();
            let moments = days_around(now, clocks).filter_map(|day| clocks.to_timestamp(day.to_datetime(*time)).ok());
            next_of(moments, now)
        }
    }
}

/// Whether the clocks of the zone show a quiet time.
fn is_quiet(quiet: &Quiet, at: Timestamp) -> bool {
    let time = quiet.zone.clocks().to_datetime(at).time();
    if quiet.from < quiet.until {
        (quiet.from..quiet.until).contains(&time)
    } else {
        time >= quiet.from || time < quiet.until
    }
}

/// When the quiet hours that `at` lies in are over: the first moment at which clocks show no quiet time, which is when they show the end,
/// or leap over it. Where they show the end twice, either is one.
fn quiet_end(quiet: &Quiet, at: Timestamp) -> Timestamp {
    let clocks = quiet.zone.clocks();
    let shown = days_around(at, clocks).flat_map(|day| both(day, quiet.until, clocks));
    let leaps = clocks.following(at).take(LEAPS_MAX).map(|leap| leap.timestamp());
    next_of(shown.chain(leaps).filter(|moment| !is_quiet(quiet, *moment)), at)
}

/// Clocks are put forward or back at most so often within the days that are looked at.
const LEAPS_MAX: usize = 4;

/// The moments at which clocks show this time on this day: one, or two where they are set back over it.
fn both(day: Date, time: Time, clocks: &TimeZone) -> Vec<Timestamp> {
    let shown = day.to_datetime(time);
    let ambiguous = clocks.to_ambiguous_timestamp(shown);
    let moments = match ambiguous.offset() {
        AmbiguousOffset::Fold { before, after } => vec![before.to_timestamp(shown), after.to_timestamp(shown)],
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Gap { .. } => vec![ambiguous.compatible()],
    };
    moments.into_iter().flatten().collect()
}

/// The day that clocks show, and those beside it.
fn days_around(at: Timestamp, clocks: &TimeZone) -> impl Iterator<Item = Date> {
    let today = clocks.to_datetime(at).date();
    (-1..=2).filter_map(move |days| today.checked_add(i64::from(days).days()).ok())
}

/// The first moment after `now`. There always is one but at the end of time.
fn next_of(moments: impl Iterator<Item = Timestamp>, now: Timestamp) -> Timestamp {
    let next = moments.filter(|moment| *moment > now).min();
    next.unwrap_or_else(|| now.checked_add(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ZONES: [&str; 7] = [
        "Europe/Berlin",
        "America/New_York",
        "America/Sao_Paulo",
        "Australia/Lord_Howe",
        "Asia/Kolkata",
        "Pacific/Chatham",
        "UTC",
    ];

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn digest(text: &str) -> Manner {
        Manner { digest: Some(DigestPlan::parse(text).unwrap()), ..Manner::default() }
    }

    fn quiet(text: &str) -> Manner {
        Manner { quiet: Some(Quiet::parse(text).unwrap()), ..Manner::default() }
    }

    fn until(manner: &Manner, now: &str) -> Option<String> {
        held_until(manner, NotificationType::EventOpened, at(now)).map(|at| at.to_string())
    }

    #[test]
    fn a_digest_is_due_at_its_next_time() {
        assert_eq!(
            until(&digest("every 30 minutes"), "2026-03-01T10:29:59.5Z"),
            Some("2026-03-01T10:30:00Z".to_owned())
        );
        assert_eq!(until(&digest("every 30 minutes"), "2026-03-01T10:30:00Z"), Some("2026-03-01T11:00:00Z".to_owned()));
        let daily = digest("daily 08:00 Europe/Berlin");
        assert_eq!(until(&daily, "2026-03-01T06:00:00Z"), Some("2026-03-01T07:00:00Z".to_owned()));
        assert_eq!(until(&daily, "2026-03-01T07:00:00Z"), Some("2026-03-02T07:00:00Z".to_owned()));
        assert_eq!(until(&daily, "2026-03-28T07:00:00Z"), Some("2026-03-29T06:00:00Z".to_owned()), "summer time began");
    }

    #[test]
    fn a_time_that_clocks_leave_out_is_later_by_their_leap_and_one_that_they_show_twice_is_once() {
        let daily = digest("daily 02:30 Europe/Berlin");
        assert_eq!(
            until(&daily, "2026-03-28T12:00:00Z"),
            Some("2026-03-29T01:30:00Z".to_owned()),
            "03:30 of summer time"
        );
        assert_eq!(until(&daily, "2026-10-24T12:00:00Z"), Some("2026-10-25T00:30:00Z".to_owned()));
        assert_eq!(until(&daily, "2026-10-25T00:30:00Z"), Some("2026-10-26T01:30:00Z".to_owned()), "not an hour later");
    }

    #[test]
    fn quiet_hours_hold_back_until_they_end_but_for_what_is_told_at_once_and_tests() {
        let night = quiet("22:00-07:00 Europe/Berlin");
        assert_eq!(until(&night, "2026-03-01T20:59:59Z"), None);
        assert_eq!(until(&night, "2026-03-01T21:00:00Z"), Some("2026-03-02T06:00:00Z".to_owned()));
        assert_eq!(until(&night, "2026-03-02T05:59:59Z"), Some("2026-03-02T06:00:00Z".to_owned()));
        assert_eq!(until(&night, "2026-03-02T06:00:00Z"), None);
        let noon = quiet("12:00-13:00 UTC");
        assert_eq!(
            (until(&noon, "2026-03-01T12:30:00Z"), until(&noon, "2026-03-01T13:30:00Z")),
            (Some("2026-03-01T13:00:00Z".to_owned()), None)
        );
        let urgent = Manner { at_once: vec![NotificationType::SourceFailing], ..night };
        let now = at("2026-03-01T23:00:00Z");
        assert_eq!(held_until(&urgent, NotificationType::SourceFailing, now), None);
        assert_eq!(held_until(&urgent, NotificationType::SubscriptionTest, now), None);
        assert!(held_until(&urgent, NotificationType::SourceRecovered, now).is_some());
    }

    #[test]
    fn a_digest_that_falls_into_quiet_hours_comes_when_they_end() {
        let both = Manner { quiet: quiet("22:00-07:00 Europe/Berlin").quiet, ..digest("every 1 hour") };
        assert_eq!(until(&both, "2026-03-01T20:10:00Z"), Some("2026-03-02T06:00:00Z".to_owned()));
        assert_eq!(until(&both, "2026-03-02T06:00:00Z"), Some("2026-03-02T07:00:00Z".to_owned()));
    }

    #[test]
    fn quiet_hours_whose_end_clocks_leap_over_are_over_when_they_leap() {
        let night = quiet("22:00-02:30 Europe/Berlin");
        let leap = "2026-03-29T01:00:00Z";
        assert_eq!(until(&night, "2026-03-28T23:00:00Z"), Some(leap.to_owned()), "clocks show 03:00 then");
        assert_eq!(until(&night, leap), None, "what comes then overtakes nothing");
        let back = quiet("02:45-12:00 Europe/Berlin");
        let (first, again) = ("2026-10-25T00:50:00Z", "2026-10-25T01:50:00Z");
        assert_eq!(until(&back, first), Some("2026-10-25T01:00:00Z".to_owned()), "clocks show 02:00 again");
        assert_eq!(until(&back, again), Some("2026-10-25T11:00:00Z".to_owned()));
    }

    #[test]
    fn plans_are_read_as_they_are_written_and_wrong_ones_say_why() {
        for text in
            ["every 1 second", "every 30 minutes", "every 2 days", "daily 08:05 Europe/Berlin", "daily 23:59 UTC"]
        {
            assert_eq!(DigestPlan::parse(text).unwrap().to_string(), text);
        }
        let wrong = |text| DigestPlan::parse(text).unwrap_err().to_string();
        assert_eq!(wrong("hourly"), format!("expected {}", DigestPlan::FORMS));
        assert_eq!(wrong("every 0 minutes"), "every 0 minutes is out of bounds: expected 1 second to 7 days");
        assert!(wrong("daily 08:00 Berlin").starts_with("there is no time zone \"Berlin\""));
        assert_eq!(wrong("daily 24:00 UTC"), format!("expected {}", DigestPlan::FORMS));
        assert_eq!(Quiet::parse("22:00-07:00 europe/berlin").unwrap().to_string(), "22:00-07:00 Europe/Berlin");
        assert!(Quiet::parse("07:00-07:00 UTC").is_err());
    }

    fn times() -> impl Strategy<Value = Time> {
        (0i8..24, 0i8..60).prop_map(|(hour, minute)| Time::new(hour, minute, 0, 0).unwrap())
    }

    proptest! {
        #[test]
        fn a_daily_digest_is_later_within_25_hours_and_when_clocks_show_its_time_if_they_do(
            time in times(),
            zone in 0..ZONES.len(),
            secs in 1_500_000_000i64..2_000_000_000,
        ) {
            let zone = crate::model::Zone::parse(ZONES[zone]).unwrap();
            let now = Timestamp::from_second(secs).unwrap();
            let next = planned(&DigestPlan::Daily(time, zone.clone()), now);
            prop_assert!(next > now && next.duration_since(now) <= SignedDuration::from_hours(25));
            let shown = zone.clocks().to_datetime(next);
            let exists = !matches!(
                zone.clocks().to_ambiguous_timestamp(shown.date().to_datetime(time)).offset(),
                AmbiguousOffset::Gap { .. }
            );
            prop_assert!(!exists || shown.time() == time, "{shown}");
        }

        #[test]
        fn what_is_held_back_is_told_later_and_never_in_quiet_hours(
            from in times(),
            until in times(),
            zone in 0..ZONES.len(),
            every in prop::option::of(1u64..700_000),
            secs in 1_500_000_000i64..2_000_000_000,
        ) {
            prop_assume!(from != until);
            let hours = Quiet { from, until, zone: crate::model::Zone::parse(ZONES[zone]).unwrap() };
            let digest = every.map(|secs| DigestPlan::Every(std::time::Duration::from_secs(secs)));
            let manner = Manner { digest: digest.clone(), quiet: Some(hours.clone()), ..Manner::default() };
            let now = Timestamp::from_second(secs).unwrap();
            match held_until(&manner, NotificationType::EventOpened, now) {
                Some(at) => {
                    prop_assert!(at > now);
                    prop_assert!(!is_quiet(&hours, at), "{at}");
                    let most = every.unwrap_or(0) + 26 * 3_600;
                    prop_assert!(at.duration_since(now).as_secs() <= i64::try_from(most).unwrap());
                }
                None => prop_assert!(digest.is_none() && !is_quiet(&hours, now)),
            }
        }
    }
}
