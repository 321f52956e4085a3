use proptest::prelude::*;

use super::super::why::{Bound, why};
use super::*;
use crate::model::{Failure, Headers, SourceKind, Validators, WebUrl};

const NOW: i64 = 1_800_000_000;
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_second(secs).expect("a timestamp")
}

/// A source with bounds of 30 minutes and 4 hours, and one poll of it.
#[derive(Clone)]
struct World {
    spec: SourceSpec,
    state: SourceState,
    exchange: Exchange,
    outcome: PollOutcome,
    times: Vec<Timestamp>,
    asked: Option<Asked>,
    is_cut_off: bool,
}

#[expect(clippy::unnecessary_wraps, reason = "an exchange is a result")]
fn answer(status: u16, fields: &[(&str, &str)]) -> Exchange {
    Ok(Response {
        status,
        headers: Headers(fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()),
        body: Vec::new(),
        url: WebUrl::parse("https://example.org/feed").expect("an address"),
        redirects: Vec::new(),
    })
}

fn trouble(kind: FailureKind) -> Exchange {
    Err(Failure { kind, detail: "trouble".to_owned() })
}

impl World {
    fn new(exchange: Exchange) -> Self {
        let outcome = match &exchange {
            Ok(response) if response.status == 200 => PollOutcome::Read { entries: 10 },
            Ok(response) if response.status == 304 => PollOutcome::NotModified,
            Ok(_) | Err(_) => PollOutcome::Failed { kind: "status", detail: String::new() },
        };
        Self {
            spec: SourceSpec {
                url: WebUrl::parse("https://example.org/feed").expect("an address"),
                name: "example".to_owned(),
                publisher: "example.org".to_owned(),
                kind: SourceKind::Feed,
                lang: None,
                topics: Vec::new(),
                interval_min: Duration::from_mins(30),
                interval_max: Duration::from_hours(4),
                priority: Priority::Normal,
                full_text: false,
            },
            state: SourceState {
                validators: Validators::default(),
                next_poll_at: at(NOW),
                last_poll_at: Some(at(NOW - HOUR)),
                last_good_at: None,
                last_story_at: Some(at(NOW - HOUR)),
                failures: 0,
                polls: 5,
                not_modified: 0,
                interval: Duration::from_hours(1),
                health: SourceHealth::Well,
                last_outcome: "ok".to_owned(),
                ..SourceState::default()
            },
            exchange,
            outcome,
            times: Vec::new(),
            asked: None,
            is_cut_off: false,
        }
    }

    fn after(mut self, failures: u32, health: SourceHealth) -> Self {
        (self.state.failures, self.state.health) = (failures, health);
        self
    }

    fn priority(mut self, priority: Priority) -> Self {
        self.spec.priority = priority;
        self
    }

    fn failing(mut self) -> Self {
        self.outcome = PollOutcome::Failed { kind: "status", detail: String::new() };
        self
    }

    fn stories_every(mut self, gap_secs: i64) -> Self {
        self.times = (0..20).map(|i| at(NOW - i * gap_secs)).collect();
        self
    }

    fn next(&self, jitter: f64) -> Next {
        self.decide(Seen::First(&self.times), NOW, jitter)
    }

    fn seeing(&self, seen: Seen<'_>, now: i64) -> Next {
        self.decide(seen, now, 0.0)
    }

    fn decide(&self, seen: Seen<'_>, now: i64, jitter: f64) -> Next {
        let poll = Poll {
            now: at(now),
            spec: &self.spec,
            state: &self.state,
            exchange: &self.exchange,
            outcome: &self.outcome,
            seen,
            newest: None,
            dates: &self.times,
            is_cut_off: self.is_cut_off,
            asked: self.asked,
        };
        next(&poll, &PollPolicy::default(), &Quote::default(), jitter)
    }

    fn wait(&self) -> i64 {
        self.next(0.0).at.duration_since(at(NOW)).as_secs()
    }
}

#[test]
fn a_good_poll_is_repeated_at_the_sources_pace_within_its_bounds() {
    let every = |gap| World::new(answer(200, &[])).stories_every(gap);
    let (daily, monthly) = (every(29 * HOUR).wait(), every(701 * HOUR).wait());
    assert_eq!((every(30).wait(), World::new(answer(200, &[])).wait()), (30 * MINUTE, 30 * MINUTE));
    assert!(30 * MINUTE < daily && daily < monthly && monthly < 4 * HOUR, "{daily} {monthly}");
    let low = every(29 * HOUR).priority(Priority::Low).wait();
    assert!((low - 2 * daily).abs() < 4 * MINUTE, "a quarter of the weight is half the polls: {low} {daily}");
    let mut never = every(701 * HOUR).priority(Priority::Low);
    never.spec.interval_max = Duration::from_hours(3);
    assert_eq!(never.wait(), 3 * HOUR);
    assert!(every(701 * HOUR).priority(Priority::High).wait() < monthly * 11 / 20);
}

#[test]
fn a_failed_poll_teaches_nothing_and_a_good_one_is_remembered() {
    let mut world = World::new(answer(200, &[])).stories_every(HOUR);
    let good = world.next(0.0).pace.expect("a good poll teaches");
    assert!((12.0..24.0).contains(&good.per_day()), "{good:?}");
    world.state.pace = good.to_bytes();
    assert_eq!(World { exchange: answer(500, &[]), ..world.clone() }.failing().next(0.0).pace, None);
    let quiet = World { exchange: answer(304, &[]), outcome: PollOutcome::NotModified, times: Vec::new(), ..world };
    let later = quiet.seeing(Seen::New(&[]), NOW + HOUR).pace.expect("a good poll teaches");
    assert!((0.8..1.0).contains(&(later.per_day() / good.per_day())), "{later:?}");
}

#[test]
fn a_boost_brings_the_next_poll_forward_but_not_below_the_shortest_wait_and_fades() {
    let mut world = World::new(answer(200, &[])).stories_every(29 * HOUR);
    let planned = world.next(0.0);
    world.state.pace = planned.pace.as_ref().expect("a good poll teaches").to_bytes();
    (world.state.last_poll_at, world.state.next_poll_at) = (Some(at(NOW)), planned.at);
    let boosted = |world: &World, stories, secs| {
        boost(&world.spec, &world.state, &Quote::default(), stories, at(NOW + secs)).map(|boosted| boosted.at)
    };
    assert_eq!(boosted(&world, 0.0, 60), Some(planned.at));
    assert_eq!(boosted(&world, 9.0, 60), Some(at(NOW + 30 * MINUTE)), "the shortest wait");
    let late = boosted(&world, 0.3, 32 * MINUTE).expect("it is well");
    assert!(at(NOW + 32 * MINUTE) <= late && late < planned.at, "{late} {}", planned.at);
    world.state.failures = 1;
    assert_eq!(boosted(&world, 9.0, 60), None);
}

#[test]
fn what_settled_the_next_poll_is_told() {
    let settled = |world: &World| {
        let decided = world.next(0.0);
        let state = SourceState {
            pace: decided.pace.as_ref().map_or_else(Vec::new, Pace::to_bytes),
            last_poll_at: Some(at(NOW)),
            next_poll_at: decided.at,
            interval: decided.interval,
            failures: decided.failures,
            ..world.state.clone()
        };
        why(&world.spec, &state, &Quote::default(), at(NOW)).bound
    };
    let every = |gap| World::new(answer(200, &[])).stories_every(gap);
    assert_eq!(settled(&every(30)), Bound::Shortest);
    assert_eq!(settled(&every(29 * HOUR)), Bound::Price);
    let mut short = every(29 * HOUR);
    (short.spec.interval_min, short.spec.interval_max) = (Duration::from_mins(5), Duration::from_mins(20));
    assert_eq!(settled(&short), Bound::Longest);
    let asks = Some(Asked { wait_secs: 7_200, ..Asked::default() });
    assert_eq!(settled(&World { asked: asks, ..every(2 * HOUR + MINUTE).priority(Priority::High) }), Bound::Hint);
    assert_eq!(settled(&World::new(answer(500, &[]))), Bound::Trouble);
    let world = every(30);
    let new = SourceState { last_poll_at: None, ..world.state.clone() };
    let told = why(&world.spec, &new, &Quote::default(), at(NOW));
    assert_eq!((told.bound, told.hint), (Bound::New, Duration::ZERO));
    assert!((told.per_day - 1.5).abs() < 1e-6 && (told.hour * told.age - 1.0).abs() < 1e-6);
}

#[test]
fn a_publishers_hint_lengthens_the_wait_up_to_a_day_and_never_shortens_it() {
    let busy = |fields| World::new(answer(200, fields)).stories_every(2 * HOUR + MINUTE).priority(Priority::High);
    assert_eq!(busy(&[("cache-control", "max-age=43200")]).wait(), 12 * HOUR);
    let slow = World::new(answer(200, &[("cache-control", "max-age=31536000")])).stories_every(DAY);
    assert_eq!(slow.wait(), DAY);
    assert_eq!(busy(&[("cache-control", "max-age=60")]).wait(), busy(&[]).wait());
    assert_eq!(World { asked: Some(Asked { wait_secs: 7_200, ..Asked::default() }), ..busy(&[]) }.wait(), 2 * HOUR);
}

#[test]
fn a_hint_by_which_stories_would_be_lost_is_kept_for_half_as_long_as_the_document_holds_them() {
    let week = [("cache-control", "max-age=604800")];
    let mut world = World::new(answer(200, &week)).stories_every(30 * MINUTE);
    assert_eq!(world.wait(), 19 * 15 * MINUTE, "twenty entries, one each half hour");
    world.asked = Some(Asked { wait_secs: 86_400, ..Asked::default() });
    assert_eq!(world.wait(), 19 * 15 * MINUTE, "asked by the document as well");
    // The longer nothing is new, the longer it may be asked for nothing.
    world.state.pace = world.next(0.0).pace.expect("a good poll teaches").to_bytes();
    let unchanged = World { times: Vec::new(), asked: None, ..World::new(answer(304, &week)) };
    let unchanged = World { state: world.state, ..unchanged };
    assert_eq!(unchanged.seeing(Seen::New(&[]), NOW + HOUR).interval.as_secs(), 21 * 15 * 60);
    // Ten stories at once each day: the next come when the day is over.
    let mut daily = World::new(answer(200, &week));
    daily.times = (0..20).map(|n| at(NOW - HOUR - n / 10 * DAY)).collect();
    let batch = World { times: daily.times[..10].to_vec(), ..daily.clone() };
    let mut learnt = daily.next(0.0).pace.expect("a good poll teaches");
    learnt.see_window(&batch.times, at(NOW));
    let wish = learnt.longest_wish(at(NOW));
    assert!(wish > Duration::from_hours(6), "{wish:?}");
    assert_eq!(World { times: vec![at(NOW - 60)], ..daily }.wait(), DAY, "one date tells nothing");
}

#[test]
fn while_nobody_answers_the_wait_does_not_grow_beyond_a_quarter_of_an_hour() {
    let cut_off = |failures| {
        let mut world = World::new(trouble(FailureKind::Connect)).after(failures, SourceHealth::Well);
        world.is_cut_off = true;
        world
    };
    let waits = [0, 1, 2, 30].map(|failures| cut_off(failures).wait());
    assert_eq!(waits, [5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 15 * MINUTE]);
    assert_eq!([3, 4, 5, 30].map(|failures| cut_off(failures).next(0.0).failures), [4, 5, 5, 30]);
    assert_eq!(cut_off(4).next(0.0).health, SourceHealth::Failing, "it brings nothing all the same");
    let mut slow = cut_off(30);
    slow.exchange = trouble(FailureKind::Timeout);
    assert_eq!(slow.wait(), 30 * MINUTE, "what may have reached the publisher waits the minimum");
}

#[test]
fn a_source_that_fails_for_conditions_alone_is_asked_without_them_then_for_a_week() {
    let mut world = read_now(&[0, 1, 2]);
    let validators = world.state.validators.clone();
    let (mut now, mut asked) = (NOW, Vec::new());
    // As the daemon polls: its server answers 412 to conditions, and is well without.
    let mut poll = |world: &mut World, wait: i64| {
        now += wait;
        let is_whole = asks_whole(&world.state);
        world.state.validators = if is_whole { Validators::default() } else { validators.clone() };
        let answered = if is_whole { World::new(answer(200, &[])) } else { World::new(answer(412, &[])) };
        let next = World { state: world.state.clone(), ..answered }.seeing(Seen::New(&[]), now);
        if let Some(pace) = next.pace {
            world.state.pace = pace.to_bytes();
        }
        world.state.failures = next.failures;
        world.state.validators = validators.clone();
        world.state.last_outcome =
            if is_whole { "ok" } else { "status: 412, unexpected for a feed or page" }.to_owned();
        asked.push(is_whole);
    };
    for _ in 0..8 {
        poll(&mut world, HOUR);
    }
    poll(&mut world, 6 * DAY);
    poll(&mut world, 2 * DAY);
    poll(&mut world, HOUR);
    poll(&mut world, HOUR);
    assert_eq!(asked, [false, false, true, false, true, true, true, true, true, true, false, true]);
    let failed = |failures, outcome: &str| {
        let mut world = read_now(&[0]).after(failures, SourceHealth::Well);
        world.state.last_outcome = outcome.to_owned();
        asks_whole(&world.state)
    };
    assert!(failed(2, "empty: the document is empty") && failed(2, "status: 500, its server is in trouble"));
    assert!(!failed(1, "status: 500, its server is in trouble") && !failed(3, "status: 500, its server is in trouble"));
    for refusal in
        ["status: 403, it refuses us", "status: 404, there is nothing", "status: 429, too often", "dns: none"]
    {
        assert!(!failed(2, refusal), "{refusal}");
    }
}

#[test]
fn trouble_on_the_way_is_retried_soon_then_ever_later_up_to_a_day() {
    let wait = |failures| World::new(trouble(FailureKind::Dns)).after(failures, SourceHealth::Well).wait();
    assert_eq!([0, 1, 2, 3].map(wait), [5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 40 * MINUTE]);
    assert_eq!([8, 9, 40, u32::MAX].map(wait), [1_280 * MINUTE, DAY, DAY, DAY]);
}

#[test]
fn an_answer_that_is_no_document_waits_the_minimum_and_a_refusal_the_maximum() {
    assert_eq!(World::new(answer(500, &[])).wait(), 30 * MINUTE);
    assert_eq!(World::new(trouble(FailureKind::Timeout)).wait(), 30 * MINUTE);
    for status in [401, 403, 404] {
        assert_eq!(World::new(answer(status, &[])).wait(), 4 * HOUR);
    }
    assert_eq!(World::new(answer(404, &[])).after(9, SourceHealth::Failing).wait(), DAY);
}

#[test]
fn a_check_for_robots_is_a_refusal_whatever_its_status() {
    for status in [200, 403, 429, 503] {
        let mut walled = World::new(answer(status, &[]));
        walled.outcome = PollOutcome::Failed { kind: "wall", detail: String::new() };
        assert_eq!(walled.wait(), 4 * HOUR, "{status}");
    }
    assert_eq!(World::new(answer(429, &[])).wait(), 30 * MINUTE);
}

/// A source with stories so many days before NOW, when its document last came.
fn read_now(days_ago: &[i64]) -> World {
    let times: Vec<Timestamp> = days_ago.iter().map(|days| at(NOW - days * DAY)).collect();
    let mut world = World::new(answer(200, &[]));
    world.state.pace = world.seeing(Seen::First(&times), NOW).pace.expect("a pace").to_bytes();
    world.state.validators = Validators { etag: Some("\"x\"".to_owned()), last_modified: None };
    world
}

/// The source after 304 on each of these days.
fn unchanged(mut world: World, days: impl Iterator<Item = i64>) -> World {
    world = World { state: world.state, ..World::new(answer(304, &[])) };
    for day in days {
        world.state.pace = world.seeing(Seen::New(&[]), NOW + day * DAY).pace.expect("a pace").to_bytes();
    }
    world
}

#[test]
fn after_30_days_of_304_a_source_that_used_to_post_is_asked_for_its_whole_document() {
    let weekly = [0, 4, 8, 12, 16, 20];
    let asks = |world: World| asks_whole(&world.state);
    assert!(!asks(unchanged(read_now(&weekly), 1..30)));
    assert!(asks(unchanged(read_now(&weekly), 1..31)));
    assert!(!asks(unchanged(read_now(&[0, 40, 80, 120]), 1..61)), "a month without a story is usual there");
    assert!(!asks(unchanged(read_now(&[]), 1..61)), "it never had a story");
    let off = unchanged(read_now(&weekly), 1..3);
    assert!(!asks(off.clone()), "two months in which nobody asked are no silence");
    assert!(asks(unchanged(off, 60..61)));
    let mut bare = unchanged(read_now(&weekly), 1..31);
    bare.state.validators = Validators::default();
    assert!(!asks(bare), "its requests are whole anyway");
}

#[test]
fn a_whole_document_that_does_not_come_is_not_asked_for_again_before_another_30_days() {
    let doubted = unchanged(read_now(&[0, 4, 8, 12, 16, 20]), 1..31);
    let validators = doubted.state.validators.clone();
    // As the daemon asks: without validators.
    let asked = |exchange: Exchange| {
        let mut state = doubted.state.clone();
        state.validators = Validators::default();
        World { state, ..World::new(exchange) }
    };
    let vain = [answer(304, &[]), answer(500, &[]), answer(429, &[("retry-after", "9")]), trouble(FailureKind::Dns)];
    for world in vain.into_iter().map(|exchange| asked(exchange).failing()).chain([asked(answer(200, &[]))]) {
        let mut after = world.clone();
        after.state.pace = world.seeing(Seen::New(&[]), NOW + 31 * DAY).pace.expect("a pace").to_bytes();
        after.state.validators = validators.clone();
        assert!(!asks_whole(&after.state));
        assert!(!asks_whole(&unchanged(after.clone(), 31..61).state));
        assert!(asks_whole(&unchanged(after, 31..62).state));
    }
}

#[test]
fn a_busy_host_is_left_alone_as_long_as_it_asks_and_nobody_is_blamed() {
    let next = World::new(answer(429, &[("retry-after", "259200")])).after(4, SourceHealth::Well).next(0.0);
    assert_eq!((next.at, next.domain_pause), (at(NOW + 3 * DAY), Some(at(NOW + 3 * DAY))));
    assert_eq!(next.failures, 4);
    let brief = World::new(answer(503, &[("retry-after", "10")])).next(0.0);
    assert_eq!((brief.at, brief.domain_pause), (at(NOW + 30 * MINUTE), Some(at(NOW + 10))));
    assert_eq!((brief.failures, brief.health, brief.turned), (0, SourceHealth::Well, None));
    let absurd = World::new(answer(503, &[("retry-after", "99999999999999")])).next(0.0);
    assert_eq!(absurd.at, at(NOW + 30 * DAY));
    let silent = World::new(answer(429, &[])).next(0.0);
    assert_eq!((silent.failures, silent.domain_pause), (1, Some(at(NOW + 5 * MINUTE))));
    let often = World::new(answer(429, &[])).after(8, SourceHealth::Failing).next(0.0);
    assert!(often.at > at(NOW + 120 * MINUTE));
    assert_eq!(often.domain_pause, Some(at(NOW + 5 * MINUTE)), "its own wait doubles, not its siblings'");
}

#[test]
fn that_nothing_comes_of_a_busy_host_for_a_day_is_told() {
    let told = (SourceHealth::Failing, Some(NotificationType::SourceFailing));
    let next = World::new(answer(503, &[("retry-after", "259200")])).next(0.0);
    assert_eq!((next.health, next.turned), told, "it says so at once");
    let mut world = World::new(answer(503, &[("retry-after", "3600")]));
    world.state.last_good_at = Some(at(NOW - 20 * 60 * MINUTE));
    assert_eq!((world.next(0.0).health, world.next(0.0).turned), (SourceHealth::Well, None));
    world.state.last_good_at = Some(at(NOW - 24 * 60 * MINUTE));
    assert_eq!(world.next(0.0).health, SourceHealth::Well, "nothing was asked for a day: it may be busy for a moment");
    world.state.last_outcome = "status: answered 503 Service Unavailable".to_owned();
    assert_eq!((world.next(0.0).health, world.next(0.0).turned), told, "an hour again and again");
    (world.state.last_good_at, world.state.polls) = (None, 2);
    assert_eq!(world.next(0.0).health, SourceHealth::Well);
    world.state.polls = 5;
    assert_eq!((world.next(0.0).health, world.next(0.0).turned), told, "nothing ever came of it");
    world.state.health = SourceHealth::Failing;
    assert_eq!(world.next(0.0).turned, None, "once");
}

#[test]
fn gone_is_believed_when_repeated_a_day_later() {
    let first = World::new(answer(410, &[]));
    assert_eq!((first.wait(), first.next(0.0).health), (DAY, SourceHealth::Well));
    let mut soon = World::new(answer(410, &[])).after(1, SourceHealth::Well);
    soon.state.last_outcome = "status: answered 410 Gone".to_owned();
    assert_eq!(soon.next(0.0).health, SourceHealth::Well);
    soon.state.last_poll_at = Some(at(NOW - DAY));
    let next = soon.next(0.0);
    assert_eq!((next.health, next.turned), (SourceHealth::Gone, Some(NotificationType::SourceFailing)));
    let revived = World::new(answer(200, &[])).after(2, SourceHealth::Gone).next(0.0);
    assert_eq!((revived.health, revived.turned), (SourceHealth::Well, Some(NotificationType::SourceRecovered)));
}

#[test]
fn failing_is_told_once_and_recovery_once() {
    let turned = |failures, health| World::new(answer(500, &[])).after(failures, health).next(0.0).turned;
    assert_eq!(turned(3, SourceHealth::Well), None);
    assert_eq!(turned(4, SourceHealth::Well), Some(NotificationType::SourceFailing));
    assert_eq!(turned(5, SourceHealth::Failing), None);
    let recovered = World::new(answer(304, &[])).after(6, SourceHealth::Failing).next(0.0);
    assert_eq!((recovered.failures, recovered.turned), (0, Some(NotificationType::SourceRecovered)));
    assert_eq!(World::new(answer(304, &[])).next(0.0).turned, None);
}

#[test]
fn jitter_only_lengthens() {
    let world = World::new(answer(304, &[]));
    assert_eq!(world.next(1.0).at, at(NOW + 30 * MINUTE + 54));
    assert_eq!(world.next(1.0).interval, Duration::from_mins(30));
    assert_eq!(world.next(f64::NAN).at, at(NOW + 30 * MINUTE));
}

proptest! {
    #[test]
    fn the_next_poll_lies_ahead_and_within_its_bounds(
        status in prop_oneof![Just(200u16), Just(304), Just(404), Just(410), Just(429), Just(503), 100u16..600],
        value in "[0-9]{0,20}|.{0,30}",
        field in prop_oneof![Just("retry-after"), Just("cache-control"), Just("expires"), Just("age")],
        failures in any::<u32>(),
        offsets in proptest::collection::vec(-3_000_000i64..3_000_000, 0..40),
        asked in proptest::option::of((0u32..86_401, any::<u32>(), any::<u8>())),
        bounds in (0u64..100_000, 0u64..100_000),
        jitter in any::<f64>(),
    ) {
        let cached = format!("max-age={value}");
        let value = if field == "cache-control" { &cached } else { &value };
        let mut world = World::new(answer(status, &[(field, value)])).after(failures, SourceHealth::Well);
        world.times = offsets.iter().map(|o| at(NOW + o)).collect();
        world.asked = asked.map(|(wait_secs, skip_hours, skip_days)| Asked { wait_secs, skip_hours, skip_days });
        (world.spec.interval_min, world.spec.interval_max) =
            (Duration::from_secs(bounds.0), Duration::from_secs(bounds.1));
        let next = world.next(jitter);
        let min = world.spec.interval_min;
        prop_assert!(next.at > at(NOW));
        prop_assert!(next.at >= later(at(NOW), next.interval));
        prop_assert!(next.interval >= min);
        let longest = world.spec.interval_max.max(min).max(if matches!(status, 429 | 503) {
            RETRY_AFTER_MAX
        } else {
            Duration::from_hours(24)
        });
        prop_assert!(next.interval <= longest);
    }
}

#[test]
fn a_silence_against_habit_is_told_once_and_recovered_from_by_a_story_alone() {
    let mut world = World::new(answer(304, &[])).stories_every(HOUR);
    let mut told = Vec::new();
    let mut look = |world: &mut World, seen: Seen<'_>, day: i64| {
        let next = world.seeing(seen, NOW + day * DAY);
        world.state.pace = next.pace.expect("a good poll teaches").to_bytes();
        (world.state.health, world.state.last_good_at) = (next.health, Some(at(NOW + day * DAY)));
        told.extend(next.turned.map(|kind| (day, kind.label())));
        next.health
    };
    let times = world.times.clone();
    look(&mut world, Seen::First(&times), 0);
    for day in 1..20 {
        look(&mut world, Seen::New(&[]), day);
    }
    assert_eq!(look(&mut world, Seen::New(&[]), 20), SourceHealth::Silent);
    assert_eq!(look(&mut world, Seen::New(&[Some(at(NOW + 21 * DAY - HOUR))]), 21), SourceHealth::Well);
    assert_eq!(told, [(4, "source.failing"), (21, "source.recovered")]);
}

#[test]
fn a_silent_source_that_fails_is_told_as_failing_and_one_that_recovers_is_well_before_it_is_silent() {
    let world = World::new(answer(304, &[])).stories_every(HOUR);
    let first = world.next(0.0);
    let mut silent = world.clone().after(0, SourceHealth::Silent);
    silent.state.pace = first.pace.expect("a pace").to_bytes();
    let failed = silent.clone().after(9, SourceHealth::Silent).failing().seeing(Seen::New(&[]), NOW + 9 * DAY);
    assert_eq!((failed.health, failed.turned), (SourceHealth::Failing, Some(NotificationType::SourceFailing)));
    let back = silent.clone().after(3, SourceHealth::Failing).seeing(Seen::New(&[]), NOW + 9 * DAY);
    assert_eq!((back.health, back.turned), (SourceHealth::Well, Some(NotificationType::SourceRecovered)));
    let stays = silent.seeing(Seen::New(&[]), NOW + 9 * DAY);
    assert_eq!((stays.health, stays.turned), (SourceHealth::Silent, None));
}
