use super::super::hints::Asked;
use super::*;

const START: i64 = 1_800_000_000;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_second(START + secs).expect("a timestamp")
}

fn seen(pace: &Pace, seen: Seen<'_>, secs: i64) -> Pace {
    let mut pace = pace.clone();
    pace.see(seen, at(secs), &Pool::default());
    pace
}

/// A source that brought a story every `gap` seconds for `days` days, as one first document tells.
fn steady(gap: i64, days: i64) -> Pace {
    let dates: Vec<_> = (0..days * 86_400 / gap).map(|n| at(-n * gap)).collect();
    seen(&Pace::default(), Seen::First(&dates), 0)
}

#[test]
fn a_first_document_tells_the_rate_and_dates_to_come_tell_nothing() {
    assert!((Pace::default().per_day() - 1.5).abs() < 1e-6);
    let (busy, quiet) = (steady(3_600, 2).per_day(), steady(86_400 * 5, 200).per_day());
    // Two days at 24 a day are drawn towards the prior by two thirds of a day at 1.5.
    assert!((17.0..19.0).contains(&busy), "{busy}");
    assert!((0.2..0.3).contains(&quiet), "{quiet}");
    let ahead = [at(0), at(-3_600), at(7_200)];
    assert_eq!(
        seen(&Pace::default(), Seen::First(&ahead), 0),
        seen(&Pace::default(), Seen::First(&[at(-3_600), at(0)]), 0)
    );
    assert!(!seen(&Pace::default(), Seen::First(&[]), 0).is_new());
}

#[test]
fn a_story_counts_where_it_was_posted_or_midway_where_its_date_cannot_be_true() {
    let before = steady(3_600, 1);
    let dated = seen(&before, Seen::New(&[Some(at(900))]), 1_800);
    assert_eq!(dated, seen(&before, Seen::New(&[Some(at(900))]), 1_800));
    let undated = seen(&before, Seen::New(&[None]), 1_800);
    let stale = seen(&before, Seen::New(&[Some(at(-90_000))]), 1_800);
    let ahead = seen(&before, Seen::New(&[Some(at(90_000))]), 1_800);
    assert_eq!((&undated, &undated), (&stale, &ahead));
    assert_eq!(undated.last_story_at(), Some(at(900)));
    assert!((undated.per_day() - dated.per_day()).abs() < 0.01);
    assert!(undated.hours.iter().eq(&before.hours), "what is not dated says nothing of hours");
}

#[test]
fn a_page_that_only_shows_that_it_changed_settles_at_the_rate_that_changes_it_so_often() {
    let mut pace = seen(&Pace::default(), Seen::First(&[]), 0);
    // Three of four hourly looks find a change: 1 - exp(-r) = 3/4, so r = 1.39 an hour.
    for hour in 1..=1_000 {
        let what = if hour % 4 == 0 { Seen::New(&[]) } else { Seen::Changed };
        pace = seen(&pace, what, hour * 3_600);
    }
    // The prior draws it down a little.
    assert!((1.15..1.4).contains(&(pace.per_day() / 24.0)), "{}", pace.per_day() / 24.0);
}

#[test]
fn a_source_that_falls_silent_is_thought_slower_week_by_week() {
    let mut pace = steady(1_800, 1);
    let mut rates = vec![pace.per_day()];
    for week in 1..=9 {
        for hours in 1..=24 * 7 {
            pace = seen(&pace, Seen::New(&[]), ((week - 1) * 24 * 7 + hours) * 3_600);
        }
        rates.push(pace.per_day());
    }
    assert!(rates.is_sorted_by(|a, b| a > b), "{rates:?}");
    assert!(*rates.last().expect("a rate") < 0.15, "{rates:?}");
}

#[test]
fn what_a_clock_that_was_ahead_has_noted_counts_from_now_once_it_is_right() {
    let year = 365 * 86_400;
    let mut ahead = steady(3_600, 14);
    ahead = seen(&ahead, Seen::New(&[Some(at(year - 60))]), year);
    ahead.note_whole(at(year));
    ahead.boost(1.0, at(year));
    let mut right = seen(&ahead, Seen::New(&[]), 3_600);
    assert_eq!((right.last_story_at(), right.boosted_at()), (Some(at(3_600)), Some(at(3_600))));
    let before = right.per_day();
    for day in 1..40 {
        right = seen(&right, Seen::New(&[]), 3_600 + day * 86_400);
    }
    assert!(right.per_day() < before, "what is believed fades");
    assert!(right.habit.silence(at(3_600 + 800 * 86_400)).is_none_or(|silence| silence.since == at(3_600)));
}

#[test]
fn a_clock_that_was_not_set_yet_wipes_nothing_that_was_learnt() {
    let learnt = steady(3_600, 14);
    let behind = seen(&learnt, Seen::New(&[]), 60 - START);
    assert_eq!(behind, learnt);
    assert_eq!(seen(&behind, Seen::New(&[]), 3_600), seen(&learnt, Seen::New(&[]), 3_600));
}

#[test]
fn one_evenings_document_does_not_pass_for_a_habit() {
    // Forty stories within two hours of an evening, then nothing is known.
    let dates: Vec<_> = (0..40).map(|n| at(-n * 180)).collect();
    let evening = seen(&Pace::default(), Seen::First(&dates), 120);
    let pool = Pool::default();
    let shape = pool.shape(&evening);
    let factors: Vec<f64> = (0..24).map(|hour| shape.at(Slot { hour, day: 0 })).collect();
    assert!(factors.iter().all(|factor| (0.8..1.25).contains(factor)), "{factors:?}");
}

#[test]
fn hours_in_which_a_source_never_posts_are_learnt() {
    let mut pace = steady(3_600, 1);
    for day in 1..=20_i64 {
        // Ten stories between 8 and 18 UTC each day; START is at 08:00 UTC.
        let dates: Vec<_> = (0..10).map(|n| Some(at(day * 86_400 + n * 3_600 + 60))).collect();
        pace = seen(&pace, Seen::New(&dates), day * 86_400 + 11 * 3_600);
        pace = seen(&pace, Seen::New(&[]), (day + 1) * 86_400 - 1);
    }
    let pool = Pool::default();
    let shape = pool.shape(&pace);
    let hour = |hour| shape.at(Slot { hour, day: 0 });
    assert!(hour(12) > 1.8 && hour(2) < 0.3, "{} {}", hour(12), hour(2));
}

#[test]
fn a_boost_fades_and_adds_up() {
    let mut pace = steady(3_600, 1);
    pace.boost(1.0, at(0));
    assert!((pace.boost_at(at(0)) - 1.0).abs() < 1e-6);
    assert!((pace.boost_at(at(45 * 60)) - 0.368).abs() < 1e-3);
    pace.boost(1.0, at(45 * 60));
    assert!((pace.boost_at(at(45 * 60)) - 1.368).abs() < 1e-3);
}

#[test]
fn a_source_that_has_brought_something_is_expected_to_bring_half_as_much_of_its_boost() {
    let mut pace = steady(3_600, 1);
    pace.boost(1.0, at(0));
    let silent = seen(&pace, Seen::New(&[]), 600);
    assert!((silent.boost_at(at(600)) - pace.boost_at(at(600))).abs() < 1e-6);
    for told in [Seen::New(&[Some(at(300))]), Seen::New(&[None]), Seen::Changed] {
        let once = seen(&pace, told, 600);
        assert!((once.boost_at(at(600)) - pace.boost_at(at(600)) / 2.0).abs() < 1e-6, "{told:?}");
        assert!((once.boost_at(at(3_300)) - pace.boost_at(at(3_300)) / 2.0).abs() < 1e-6, "it fades as before");
        let twice = seen(&once, told, 900);
        assert!((twice.boost_at(at(900)) - pace.boost_at(at(900)) / 4.0).abs() < 1e-6);
    }
    assert!(seen(&steady(3_600, 1), Seen::Changed, 600).boosted_at().is_none());
}

/// Bytes as hexadecimal digits spell them.
fn bytes_of(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).expect("two digits")).collect()
}

#[test]
fn bytes_of_version_1_mean_what_they_meant() {
    let stored = bytes_of(include_str!("v1.hex"));
    let pace = Pace::from_bytes(&stored).expect("they are read");
    assert!((pace.per_day() - 40.1).abs() < 0.1, "{}", pace.per_day());
    assert_eq!((pace.last_story_at(), pace.hint()), (Some(at(0)), Duration::from_hours(1)));
    assert!((pace.boost_at(at(0)) - 0.5).abs() < 1e-6 && (pace.watched().days - 49_000.0 / 86_400.0).abs() < 1e-6);
    // Version 2 keeps what a document asks as well, version 3 when the last whole one came: nothing, here. Version 4
    // keeps the habit, version 5 how long the document holds a story and what conditional requests do.
    let second = [&[2], &stored[1..], &[0; 9]].concat();
    assert_eq!(Pace::from_bytes(&second).as_ref(), Some(&pace));
    let third = [&[3], &second[1..], &[0; 8]].concat();
    assert_eq!(Pace::from_bytes(&third).as_ref(), Some(&pace));
    let fourth = pace.to_bytes();
    assert_eq!((fourth[0], &fourth[1..third.len()], fourth.len() - third.len()), (5, &third[1..], 33));
    let version_4 = [&[4], &fourth[1..fourth.len() - 13]].concat();
    assert_eq!(Pace::from_bytes(&version_4).as_ref(), Some(&pace));
    assert_eq!(super::super::silence(&pace, at(6 * 86_400)), None, "what is not known is not held against it");
}

#[test]
fn a_stored_pace_is_read_again_and_damaged_bytes_are_not() {
    let mut pace = steady(1_000, 3);
    pace.boost(0.5, at(0));
    pace.hint_secs = 3_600;
    pace.asked = Asked { wait_secs: 3_600, skip_hours: 0b11, skip_days: 0b110_0000 };
    pace.note_whole(at(-60));
    pace.see_window(&[at(-7_200), at(-3_600), at(-60)], at(0));
    pace.suspect_conditions(at(-30));
    let bytes = pace.to_bytes();
    assert_eq!(Pace::from_bytes(&bytes), Some(pace));
    assert_eq!(Pace::from_bytes(&Pace::default().to_bytes()), Some(Pace::default()));
    assert_eq!(bytes.len(), 287, "docs/schedule.md says so too");
    assert_eq!(Pace::from_bytes(&bytes[..bytes.len() - 1]), None);
    assert_eq!(Pace::from_bytes(&[]), None);
    let mut newer = bytes.clone();
    newer[0] = 6;
    assert_eq!(Pace::from_bytes(&newer), None);
    let mut damaged = bytes;
    damaged[37..41].copy_from_slice(&f32::NAN.to_le_bytes());
    assert_eq!(Pace::from_bytes(&damaged), None);
}
