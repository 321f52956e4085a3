//! Channels from announcement to end.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::model::{
    Announced, Channel, ChannelId, ChannelPhase, ChannelSpec, ChannelState, Exchange, Failure, FailureKind, Headers,
    Response, Secret, SourceId, WebUrl,
};

const TOPIC: &str = "https://press.example/feed";
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

fn at(secs: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_800_000_000 + secs)
}

fn url(text: &str) -> WebUrl {
    WebUrl::parse(text).unwrap()
}

fn policy() -> Policy {
    Policy { callback: url("https://news.example/tidings/"), lease: Duration::from_hours(240) }
}

fn channel(hubs: &[&str]) -> Channel {
    Channel {
        id: ChannelId(1),
        source: SourceId(1),
        spec: ChannelSpec {
            topic: TOPIC.to_owned(),
            hubs: hubs.iter().map(|hub| url(hub)).collect(),
            base: policy().callback,
            token: Secret::new("a1b2"),
            secret: Secret::new("hush & hush"),
        },
        state: ChannelState { due_at: at(0), ..ChannelState::default() },
    }
}

fn one_hub() -> Channel {
    channel(&["https://hub.example/"])
}

/// A hub's answer; that of no status is none.
fn answer(status: u16, body: &str) -> Exchange {
    if status == 0 {
        return Err(Failure { kind: FailureKind::Connect, detail: "nobody listens".to_owned() });
    }
    let (body, url) = (body.as_bytes().to_vec(), url("https://hub.example/"));
    Ok(Response { status, headers: Headers::default(), body, url, redirects: Vec::new() })
}

fn refused_connection() -> Exchange {
    answer(0, "")
}

fn kept(after: After) -> Channel {
    match after {
        After::Keep(channel) => *channel,
        other @ (After::Same | After::Drop) => panic!("{other:?}"),
    }
}

/// The channel after one request that is answered so.
fn asked(channel: &Channel, exchange: &Exchange, now: Timestamp) -> After {
    answered(&asking(channel, &policy(), now), now, exchange, now, 0.0)
}

fn question(mode: &str, topic: &str, rest: &str) -> Question {
    let topic: String = url::form_urlencoded::byte_serialize(topic.as_bytes()).collect();
    Question::parse(&format!("hub.mode={mode}&hub.topic={topic}&{rest}"))
}

fn ask(channel: &Channel, question: &Question, now: Timestamp) -> (Reply, After) {
    reply(channel, question, &policy(), now, 0.0)
}

/// An open channel with a lease of so many seconds.
fn open(lease_secs: i64) -> Channel {
    let question = question("subscribe", TOPIC, &format!("hub.challenge=c&hub.lease_seconds={lease_secs}"));
    kept(ask(&asking(&one_hub(), &policy(), at(0)), &question, at(0)).1)
}

fn announcement(headers: &[(&str, &str)], hubs: &[&str], self_link: Option<&str>) -> Option<(String, Vec<String>)> {
    let headers = Headers(headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect());
    let response = Response {
        status: 200,
        headers,
        body: Vec::new(),
        url: url("https://press.example/a/feed"),
        redirects: vec![],
    };
    let document = Announced {
        hubs: hubs.iter().map(|hub| (*hub).to_owned()).collect(),
        self_link: self_link.map(str::to_owned),
        ..Announced::default()
    };
    let found = announced(&response, &document)?;
    Some((found.topic, found.hubs.iter().map(ToString::to_string).collect()))
}

#[test]
fn the_link_header_speaks_first_and_the_document_where_it_is_silent() {
    let both = [("link", "<https://hub.example/>; rel=\"hub\", <https://press.example/feed>; rel=\"self\"")];
    let header = Some((TOPIC.to_owned(), vec!["https://hub.example/".to_owned()]));
    assert_eq!(announcement(&both, &["https://other.example/"], Some("https://other.example/feed")), header);
    assert_eq!(announcement(&[], &["https://hub.example/"], Some(TOPIC)), header);
    assert_eq!(announcement(&[("link", "<https://hub.example/>; rel=hub")], &[], Some(TOPIC)), header);
    let several = announcement(
        &[("link", "</h1>; rel=hub"), ("link", "<https://h2.example/>; rel=hub, </h1>; rel=hub, <../feed>; rel=self")],
        &[],
        None,
    );
    let hubs = vec!["https://press.example/h1".to_owned(), "https://h2.example/".to_owned()];
    assert_eq!(several, Some((TOPIC.to_owned(), hubs)));
}

#[test]
fn without_a_hub_or_the_feeds_own_address_nothing_is_announced() {
    assert_eq!(announcement(&[], &["https://hub.example/"], None), None);
    assert_eq!(announcement(&[], &[], Some(TOPIC)), None);
    assert_eq!(announcement(&[], &["mailto:hub@example.org"], Some(TOPIC)), None);
    assert_eq!(announcement(&[("link", "<https://hub.example/>; rel=hub")], &[], Some("data:,x")), None);
}

#[test]
fn a_channel_is_begun_kept_moved_and_ended_as_the_feed_announces() {
    let told =
        |hubs: &[&str]| Some(Announcement { topic: TOPIC.to_owned(), hubs: hubs.iter().map(|hub| url(hub)).collect() });
    let both = ["https://a.example/", "https://b.example/"];
    let follow = |announcement: Option<Announcement>, channel: Option<&Channel>| heed(announcement, channel, at(0));
    assert_eq!(follow(None, None), Heed::Nothing);
    assert_eq!(follow(told(&both), None), Heed::Begin(told(&both).unwrap()));
    assert_eq!(follow(told(&both), Some(&channel(&both))), Heed::Nothing);
    assert_eq!(follow(told(&both), Some(&channel(&["https://b.example/", "https://a.example/"]))), Heed::Nothing);
    let Heed::Keep(kept) = follow(told(&both), Some(&channel(&both[1..]))) else { panic!("its hub is still named") };
    assert_eq!(kept.spec.hubs, [url(both[1]), url(both[0])]);
    assert_eq!(follow(told(&both[1..]), Some(&channel(&both[..1]))), Heed::Begin(told(&both[1..]).unwrap()));
    let elsewhere = Announcement { topic: "https://press.example/new".to_owned(), ..told(&both).unwrap() };
    assert_eq!(follow(Some(elsewhere), Some(&channel(&both))), Heed::Nothing, "it was not asked yet");
    assert_eq!(follow(None, Some(&channel(&both))), Heed::End);
}

#[test]
fn a_feed_that_calls_itself_otherwise_in_each_document_has_its_hub_asked_twice_a_day_at_most() {
    let told = |n: i64| {
        let topic = format!("https://press.example/feed?cache={n}");
        Some(Announcement { topic, hubs: vec![url("https://hub.example/")] })
    };
    let begins = |channel: &Channel, hour: i64| heed(told(hour), Some(channel), at(hour * HOUR)) != Heed::Nothing;
    let open = open(30 * DAY);
    assert!((1..700).all(|hour| !begins(&open, hour)), "its hub pushes");
    assert!(begins(&open, 720), "its lease is over");
    let mut doubted = open;
    doubted.state.distrusted_until = Some(at(30 * DAY));
    assert!(!begins(&doubted, 11) && begins(&doubted, 13));
    let asked = asking(&one_hub(), &policy(), at(0));
    assert!(!begins(&asked, 11) && begins(&asked, 12));
    let refused = kept(answered(&asked, at(0), &answer(404, ""), at(1), 0.0));
    assert!(!begins(&refused, 11) && begins(&refused, 13));
}

#[test]
fn a_request_is_a_form_with_the_callback_and_the_secret_is_never_shown() {
    let request = request(&one_hub(), &policy()).unwrap();
    assert_eq!(
        String::from_utf8(request.body).unwrap(),
        "hub.callback=https%3A%2F%2Fnews.example%2Ftidings%2Fwebsub%2Fa1b2&hub.mode=subscribe\
         &hub.topic=https%3A%2F%2Fpress.example%2Ffeed&hub.verify=async&hub.lease_seconds=864000\
         &hub.secret=hush+%26+hush"
    );
    assert_eq!(request.url, url("https://hub.example/"));
    assert!(!format!("{:?}", one_hub()).contains("hush"));
    let ending = kept(ended(&open(DAY), at(1)));
    let body = String::from_utf8(super::request(&ending, &policy()).unwrap().body).unwrap();
    assert!(body.contains("hub.mode=unsubscribe") && !body.contains("hub.secret"), "{body}");
}

#[test]
fn a_verified_channel_is_open_until_its_lease_ends_and_renewed_well_before() {
    let asking = asking(&one_hub(), &policy(), at(0));
    let question = question("subscribe", TOPIC, "hub.challenge=x%20y&hub.lease_seconds=100000");
    let (said, after) = reply(&asking, &question, &policy(), at(1), 0.5);
    assert_eq!(said, Reply::Echo("x y".to_owned()));
    let open = kept(after);
    assert_eq!((open.state.lease_until, open.state.due_at), (Some(at(100_001)), at(75_001)));
    assert!(open.is_open(at(100_000)) && !open.is_open(at(100_001)));
    // The answer to the request comes after the verification, and changes nothing.
    assert_eq!(answered(&open, at(0), &answer(202, ""), at(2), 0.0), After::Same);
    // A renewal keeps since when it is open; a lease that ran out does not.
    let again = kept(ask(&open, &question, at(80_000)).1);
    assert_eq!((again.state.open_since, again.state.lease_until), (Some(at(1)), Some(at(180_000))));
    let late = kept(ask(&open, &question, at(200_000)).1);
    assert_eq!(late.state.open_since, Some(at(200_000)));
}

#[test]
fn a_hub_that_grants_a_tiny_lease_is_not_asked_without_pause() {
    let question = question("subscribe", TOPIC, "hub.challenge=c&hub.lease_seconds=1");
    let open = kept(ask(&one_hub(), &question, at(0)).1);
    assert_eq!((open.state.lease_until, open.state.due_at), (Some(at(1)), at(300)));
}

#[test]
fn a_lease_that_is_not_named_is_the_one_asked_for_and_a_very_long_one_is_renewed_each_month() {
    let unnamed = kept(ask(&one_hub(), &question("subscribe", TOPIC, "hub.challenge=c"), at(0)).1);
    assert_eq!(unnamed.state.lease_until, Some(at(10 * DAY)));
    let none = kept(ask(&one_hub(), &question("subscribe", TOPIC, "hub.challenge=c&hub.lease_seconds=0"), at(0)).1);
    assert_eq!(none.state.lease_until, Some(at(10 * DAY)));
    let long = "hub.challenge=c&hub.lease_seconds=18446744073709551615";
    let endless = kept(ask(&one_hub(), &question("subscribe", TOPIC, long), at(0)).1);
    assert_eq!(endless.state.due_at, at(21 * DAY));
}

#[test]
fn what_was_not_asked_is_answered_no() {
    let wanted = open(DAY);
    let no = |channel: &Channel, question: &Question| {
        assert_eq!(ask(channel, question, at(1)), (Reply::No, After::Same), "{question:?}");
    };
    no(&wanted, &question("subscribe", "https://press.example/other", "hub.challenge=c&hub.lease_seconds=9"));
    no(&wanted, &question("subscribe", TOPIC, "hub.lease_seconds=9"));
    no(&wanted, &question("subscribe", TOPIC, &format!("hub.challenge={}", "c".repeat(5_000))));
    no(&wanted, &question("unsubscribe", TOPIC, "hub.challenge=c"));
    no(&wanted, &question("publish", TOPIC, "hub.challenge=c"));
    no(&wanted, &Question::parse(""));
    let ending = kept(ended(&wanted, at(1)));
    no(&ending, &question("subscribe", TOPIC, "hub.challenge=c&hub.lease_seconds=9"));
    assert_eq!(
        ask(&ending, &question("unsubscribe", TOPIC, "hub.challenge=c"), at(1)),
        (Reply::Echo("c".to_owned()), After::Drop)
    );
}

#[test]
fn a_topic_that_a_hub_writes_in_another_form_is_the_same() {
    let mut bare = one_hub();
    bare.spec.topic = "https://press.example".to_owned();
    let (said, _) = ask(&bare, &question("subscribe", "https://PRESS.example/", "hub.challenge=c"), at(0));
    assert_eq!(said, Reply::Echo("c".to_owned()));
}

#[test]
fn a_denial_is_kept_with_its_reason_and_the_hub_is_asked_again_in_a_day() {
    let denial = question("denied", TOPIC, "hub.reason=no+such%0A+topic");
    let (said, after) = ask(&open(DAY), &denial, at(5));
    let denied = kept(after);
    assert_eq!(said, Reply::Heard);
    assert_eq!((denied.state.phase, denied.state.due_at), (ChannelPhase::Refused, at(5 + DAY)));
    assert_eq!(denied.state.note, "denied: no such topic");
    assert!(!denied.is_open(at(6)));
}

#[test]
fn a_hub_that_is_down_is_asked_again_ever_later_up_to_a_day() {
    let (mut channel, mut now, mut waits) = (one_hub(), at(0), Vec::new());
    for _ in 0..17 {
        channel = kept(asked(&channel, &refused_connection(), now));
        waits.push(channel.state.due_at.duration_since(now).as_secs());
        now = channel.state.due_at;
    }
    assert_eq!(
        waits,
        [5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 5_120, 10_240, 20_480, 40_960, 81_920, DAY, DAY]
    );
    assert_eq!(channel.state.note, "connect: nobody listens");
    let busy = kept(asked(&one_hub(), &answer(503, "busy"), at(0)));
    assert_eq!((busy.state.phase, busy.state.due_at), (ChannelPhase::Asking, at(5)));
}

#[test]
fn a_hub_that_refuses_or_is_gone_is_asked_again_in_a_day_and_the_next_one_at_once() {
    for status in [400, 404, 410, 301] {
        let refused = kept(asked(&one_hub(), &answer(status, "unsupported\ntopic"), at(0)));
        assert_eq!((refused.state.phase, refused.state.due_at), (ChannelPhase::Refused, at(DAY)));
        assert_eq!(refused.state.note, format!("the hub answered {status}: unsupported topic"));
    }
    let both = channel(&["https://a.example/", "https://b.example/"]);
    let first = kept(asked(&both, &answer(410, ""), at(0)));
    assert_eq!((first.state.due_at, first.spec.hubs[0].as_str()), (at(60), "https://b.example/"));
    let second = kept(asked(&first, &answer(410, ""), at(60)));
    assert_eq!((second.state.due_at, second.spec.hubs[0].as_str()), (at(60 + DAY), "https://a.example/"));
}

#[test]
fn a_request_that_is_taken_but_never_verified_counts_as_failed() {
    let taken = kept(asked(&one_hub(), &answer(202, ""), at(0)));
    assert_eq!((taken.state.failures, taken.state.due_at), (1, at(300)));
    assert!(taken.state.note.contains("can the hub reach the callback?"), "{}", taken.state.note);
    let verified = kept(ask(&taken, &question("subscribe", TOPIC, "hub.challenge=c"), at(9)).1);
    assert_eq!((verified.state.failures, verified.state.note.as_str()), (0, "verified"));
}

#[test]
fn an_open_channel_stays_open_while_its_renewal_fails() {
    let failed = kept(asked(&open(DAY), &refused_connection(), at(DAY * 7 / 10)));
    assert!(failed.is_open(at(DAY * 7 / 10 + 1)));
    assert_eq!(failed.state.due_at, at(DAY * 7 / 10 + 5));
}

#[test]
fn a_channel_that_is_no_longer_wanted_is_unsubscribed_a_few_times_and_then_forgotten() {
    assert_eq!(ended(&one_hub(), at(0)), After::Drop, "its hub never heard of it");
    let ending = kept(ended(&open(DAY), at(1)));
    assert_eq!((ending.state.phase, ending.state.due_at), (ChannelPhase::Ending, at(1)));
    assert_eq!(ended(&ending, at(2)), After::Same);
    assert_eq!(asked(&ending, &answer(404, "what?"), at(2)), After::Drop);
    let twice = kept(asked(&kept(asked(&ending, &refused_connection(), at(2))), &answer(202, ""), at(9)));
    assert_eq!(asked(&twice, &answer(500, ""), at(600)), After::Drop);
    assert!(!forgotten(&twice, at(9)) && forgotten(&twice, at(DAY)));
}

#[test]
fn under_another_public_address_every_channel_is_asked_for_anew() {
    let elsewhere = Policy { callback: url("https://other.example/"), ..policy() };
    assert_eq!(rehomed(&open(DAY), &policy(), at(1)), After::Same);
    let moved = kept(rehomed(&open(DAY), &elsewhere, at(1)));
    assert!(!moved.is_open(at(1)));
    assert_eq!((moved.state.due_at, callback(&moved).as_str()), (at(1), "https://other.example/websub/a1b2"));
    assert_eq!(rehomed(&kept(ended(&open(DAY), at(1))), &elsewhere, at(2)), After::Drop);
}

/// What may happen to a channel.
#[derive(Debug, Clone)]
enum Step {
    Ask(u16),
    Verify(u64),
    Deny,
    End,
    Confirm,
}

fn steps() -> impl Strategy<Value = Vec<(Step, i64)>> {
    let step = prop_oneof![
        prop_oneof![Just(0u16), Just(202), Just(400), Just(410), Just(429), Just(500)].prop_map(Step::Ask),
        (0u64..3_000_000).prop_map(Step::Verify),
        Just(Step::Deny),
        Just(Step::End),
        Just(Step::Confirm),
    ];
    proptest::collection::vec((step, 0i64..400_000), 1..40)
}

fn took(channel: &Channel, step: &Step, now: Timestamp) -> After {
    match step {
        Step::Ask(status) => asked(channel, &answer(*status, "why"), now),
        Step::Verify(lease) => {
            ask(channel, &question("subscribe", TOPIC, &format!("hub.challenge=c&hub.lease_seconds={lease}")), now).1
        }
        Step::Deny => ask(channel, &question("denied", TOPIC, ""), now).1,
        Step::End => ended(channel, now),
        Step::Confirm => ask(channel, &question("unsubscribe", TOPIC, "hub.challenge=c"), now).1,
    }
}

proptest! {
    #[test]
    fn whatever_happens_a_channel_is_due_again_within_its_lease_or_a_day_and_keeps_its_hubs(steps in steps(), hubs in 1usize..4) {
        let all = ["https://a.example/", "https://b.example/", "https://c.example/"];
        let (mut channel, mut now) = (channel(&all[..hubs]), at(0));
        for (step, wait) in steps {
            now += SignedDuration::from_secs(wait);
            let was_ending = channel.state.phase == ChannelPhase::Ending;
            match took(&channel, &step, now) {
                After::Same => {}
                After::Drop => {
                    prop_assert!(was_ending || matches!(step, Step::End), "only what ends is forgotten");
                    return Ok(());
                }
                After::Keep(next) => {
                    channel = *next;
                    let wait = channel.state.due_at.duration_since(now);
                    prop_assert!(!wait.is_negative());
                    let longest = if matches!(step, Step::Verify(_)) { 24 * DAY } else { DAY * 12 / 10 };
                    prop_assert!(wait.as_secs() <= longest, "{step:?}: {wait:?}");
                    if channel.is_open(now) && matches!(step, Step::Verify(_)) {
                        let is_tiny = wait.as_secs() == 300;
                        prop_assert!(is_tiny || Some(channel.state.due_at) < channel.state.lease_until);
                    }
                }
            }
            prop_assert!(!was_ending || channel.state.phase == ChannelPhase::Ending, "an ending is final");
            let mut names: Vec<&str> = channel.spec.hubs.iter().map(WebUrl::as_str).collect();
            names.sort_unstable();
            prop_assert_eq!(names, &all[..hubs]);
        }
    }

    #[test]
    fn any_query_is_answered_without_harm(query in "(hub\\.(mode|topic|challenge|lease_seconds|reason)=(subscribe|denied|unsubscribe|[a-z%0-9+&=é]{0,12})&?){0,8}") {
        let (said, after) = ask(&open(DAY), &Question::parse(&query), at(1));
        prop_assert_eq!(said == Reply::No, after == After::Same);
    }
}
