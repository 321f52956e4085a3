//! Followers from the form to the end.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::model::*;
use crate::websub::check;

const FEED: &str = "https://news.example/feeds/council.atom";
const BASE: &str = "https://news.example";
const FORM: &str = "hub.mode=subscribe&hub.topic=https%3A%2F%2Fnews.example%2Ffeeds%2Fcouncil.atom&hub.callback=https%3A%2F%2Freader.example%2Fcb%3Fa%3D1%2520";

fn at(secs: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_800_000_000 + secs)
}

fn read(more: &str) -> Result<(FollowerSpec, Wish), String> {
    petition(format!("{FORM}{more}").as_bytes(), BASE).map_err(|fault| fault.to_string())
}

fn follow(secs: u64, secret: Option<&str>) -> Wish {
    Wish::Follow { lease: Duration::from_secs(secs), secret: secret.map(Secret::new) }
}

fn spec() -> FollowerSpec {
    read("").unwrap().0
}

/// An answer; that of no status is none.
fn answer(status: u16, body: &str) -> Exchange {
    if status == 0 {
        return Err(Failure { kind: FailureKind::Connect, detail: "nobody listens".to_owned() });
    }
    let (body, url) = (body.as_bytes().to_vec(), spec().callback);
    Ok(Response { status, headers: Headers::default(), body, url, redirects: Vec::new() })
}

#[test]
fn a_form_is_read_by_the_recommendation_and_what_it_does_not_know_is_passed_over() {
    let (spec, wish) = read("&foo=bar&hub.unknown=1&hub.topic=https%3A%2F%2Fother.example%2F").unwrap();
    assert_eq!((spec.address.as_str(), spec.feed.to_string().as_str()), (FEED, "council.atom"));
    assert_eq!(spec.callback.as_str(), "https://reader.example/cb?a=1%20");
    assert_eq!(wish, follow(10 * 86_400, None));
    assert_eq!(read("&hub.lease_seconds=4000&hub.secret=hush").unwrap().1, follow(4_000, Some("hush")));
    let bounded = [("0", 10 * 86_400), ("1", 300), ("99999999", 30 * 86_400), ("99999999999999999999999", 30 * 86_400)];
    for (given, granted) in bounded {
        assert_eq!(read(&format!("&hub.lease_seconds={given}")).unwrap().1, follow(granted, None), "{given}");
    }
    let leave = FORM.replace("=subscribe", "=unsubscribe") + "&hub.lease_seconds=nonsense";
    assert_eq!(petition(leave.as_bytes(), BASE).unwrap(), (spec, Wish::Leave));
}

#[test]
fn what_can_not_be_taken_is_said_in_a_sentence() {
    let fault = |form: String| petition(form.as_bytes(), BASE).unwrap_err().to_string();
    assert_eq!(fault(String::new()), "hub.mode is \"\": expected subscribe or unsubscribe");
    assert_eq!(
        fault(FORM.replace("=subscribe", "=publish")),
        "hub.mode is \"publish\": expected subscribe or unsubscribe"
    );
    let topics = "this hub pushes its own feeds alone, https://news.example/feeds/TOPIC.atom, .rss and .json";
    for foreign in ["https%3A%2F%2Fnews.example.evil.example%2F", "https%3A%2F%2Fother.example%2F", "javascript%3A"] {
        assert!(fault(FORM.replace("https%3A%2F%2Fnews.example%2F", foreign)).ends_with(topics), "{foreign}");
    }
    assert!(fault(FORM.replace(".atom", ".xml")).ends_with(topics));
    assert!(
        fault(FORM.replace("https%3A%2F%2Freader", "ftp%3A%2F%2Freader")).starts_with("hub.callback is no address")
    );
    assert!(fault(FORM.replace("reader.example", "me%3Apw%40reader.example")).contains("a user name or a fragment"));
    assert_eq!(read("&hub.lease_seconds=-5").unwrap_err(), "hub.lease_seconds is \"-5\": expected a number of seconds");
    let long = "x".repeat(201);
    assert_eq!(read(&format!("&hub.secret={long}")).unwrap_err(), "hub.secret has 201 bytes: expected at most 200");
}

#[test]
fn the_question_keeps_the_callbacks_own_query_and_a_post_says_where_it_is_from_and_is_signed() {
    let asked = petitioned(&FollowerState::default(), follow(4_000, Some("hush")), at(0)).petition.unwrap();
    let request = verification(&spec(), &asked, "c0ffee").unwrap();
    assert_eq!(
        request.url.as_str(),
        "https://reader.example/cb?a=1%20&hub.mode=subscribe&hub.topic=https%3A%2F%2Fnews.example%2Ffeeds%2Fcouncil.atom\
         &hub.challenge=c0ffee&hub.lease_seconds=4000"
    );
    assert_eq!((request.method, request.redirects), (Method::Get, Redirects::Refuse));
    let leave = Petition { wish: Wish::Leave, ..asked };
    let plain = FollowerSpec { callback: WebUrl::parse("https://reader.example/cb").unwrap(), ..spec() };
    let url = verification(&plain, &leave, "c").unwrap().url;
    assert!(url.as_str().starts_with("https://reader.example/cb?hub.mode=unsubscribe&"), "{url}");
    assert!(!url.as_str().contains("lease"), "{url}");

    let content = Post { body: "<feed/>", media_type: "application/atom+xml", hub: "https://news.example/websub/hub" };
    let request = post(&spec(), Some(&Secret::new("hush")), &content);
    let header = |name: &str| request.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    assert_eq!((request.method, request.body.as_slice()), (Method::Post, b"<feed/>".as_slice()));
    let link = format!("<https://news.example/websub/hub>; rel=\"hub\", <{FEED}>; rel=\"self\"");
    assert_eq!((header("content-type"), header("link")), (Some("application/atom+xml"), Some(link.as_str())));
    assert_eq!(check(&Secret::new("hush"), header("x-hub-signature"), b"<feed/>"), Ok(()));
    assert!(post(&spec(), None, &content).headers.iter().all(|(name, _)| name != "x-hub-signature"));
}

#[test]
fn a_callback_that_is_down_is_asked_thrice_and_one_that_says_no_once() {
    let asked = |failures: u32| {
        let mut state = petitioned(&FollowerState::default(), follow(4_000, None), at(0));
        state.petition = state.petition.map(|petition| Petition { failures, ..petition });
        Follower { id: FollowerId(1), spec: spec(), state }
    };
    let after = |follower: &Follower, exchange: Exchange| {
        let petition = follower.state.petition.clone().unwrap();
        verified(follower, &petition, (&exchange, "c"), at(1), 0.0)
    };
    let due = |fate: Fate| match fate {
        Fate::Keep(follower) => follower.state.petition.map(|petition| petition.due_at),
        Fate::Same | Fate::Drop => None,
    };
    assert_eq!(due(after(&asked(0), answer(0, ""))), Some(at(11)));
    assert_eq!(due(after(&asked(1), answer(503, ""))), Some(at(61)));
    assert_eq!(after(&asked(2), answer(0, "")), Fate::Drop);
    for no in [answer(404, "c"), answer(302, "c"), answer(200, "d"), answer(200, ""), answer(200, "cc")] {
        assert_eq!(after(&asked(0), no), Fate::Drop);
    }
    assert!(matches!(after(&asked(0), answer(204, "c\n")), Fate::Keep(_)));
}

/// What happens to a follower.
#[derive(Debug, Clone)]
enum Step {
    Asked(Wish),
    /// The callback is asked, where it is to be; it answers with this status, with the challenge or without.
    Verified(u16, bool),
    /// As before, but something else is asked for before the answer is there.
    Overtaken(Wish),
    Changed,
    /// The feed is posted, where it is to be.
    Posted(u16),
    Waited(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let wish = || {
        prop_oneof![
            3 => (300u64..30_000, proptest::option::of("[a-c]")).prop_map(|(secs, secret)| follow(secs, secret.as_deref())),
            1 => Just(Wish::Leave),
        ]
    };
    let status = prop_oneof![5 => Just(200u16), 1 => Just(0), 1 => Just(404), 1 => Just(410), 1 => Just(503)];
    let step = prop_oneof![
        2 => wish().prop_map(Step::Asked),
        4 => (status.clone(), any::<bool>()).prop_map(|(status, echoes)| Step::Verified(status, echoes)),
        1 => wish().prop_map(Step::Overtaken),
        4 => Just(Step::Changed),
        4 => status.prop_map(Step::Posted),
        4 => prop_oneof![0i64..20, 0i64..1_000].prop_map(Step::Waited),
    ];
    proptest::collection::vec(step, 0..60)
}

/// A follower, and beside it what must hold of it by the recommendation.
#[derive(Default)]
struct Life {
    now: i64,
    version: FeedVersion,
    follower: Option<Follower>,
    /// Until when and with which secret it is posted to.
    held: Option<(Timestamp, Option<Secret>)>,
    /// When the last post that was taken began.
    taken: Option<Timestamp>,
}

impl Life {
    fn next(&self) -> Next {
        self.follower.as_ref().map_or(Next::Wait, |follower| next(follower, self.version, at(self.now)))
    }

    fn settle(&mut self, fate: Fate) {
        match fate {
            Fate::Same => {}
            Fate::Keep(follower) => self.follower = Some(*follower),
            Fate::Drop => (self.follower, self.taken) = (None, None),
        }
    }

    fn ask(&mut self, wish: &Wish) {
        let known = self.follower.as_ref().map(|follower| follower.state.clone());
        let state = known.unwrap_or(FollowerState { has: self.version, ..FollowerState::default() });
        let state = petitioned(&state, wish.clone(), at(self.now));
        self.follower = Some(Follower { id: FollowerId(1), spec: spec(), state });
    }

    fn verify(&mut self, status: u16, echoes: bool, meanwhile: Option<&Wish>) {
        let Next::Verify(asked) = self.next() else { return };
        if let Some(wish) = meanwhile {
            self.now += 1;
            self.ask(wish);
        }
        let exchange = answer(status, if echoes { "challenge" } else { "other" });
        let follower = self.follower.clone().unwrap();
        let fate = verified(&follower, &asked, (&exchange, "challenge"), at(self.now), 0.5);
        if meanwhile.is_some() {
            assert_eq!(fate, Fate::Same);
        } else if status == 200 && echoes {
            self.held = match &asked.wish {
                Wish::Follow { lease, secret } => Some((at(self.now) + *lease, secret.clone())),
                Wish::Leave => None,
            };
        }
        self.settle(fate);
    }

    fn post(&mut self, status: u16) {
        if self.next() != Next::Post {
            return;
        }
        let follower = self.follower.clone().unwrap();
        let (until, secret) = self.held.clone().expect("nobody is posted to who did not confirm it");
        assert!(until > at(self.now) && follower.state.secret == secret);
        let begun = at(self.now);
        let fate = posted(&follower, (self.version, "hash"), &answer(status, ""), (begun, begun), 0.5);
        match status {
            200 => {
                assert!(self.taken.is_none_or(|last| begun >= last + Duration::from_secs(5)), "changes are gathered");
                self.taken = Some(begun);
            }
            410 => (self.held, self.taken) = (None, None),
            _ => assert!(matches!(&fate, Fate::Keep(kept) if kept.is_confirmed(at(self.now))), "failures end nothing"),
        }
        self.settle(fate);
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Asked(wish) => self.ask(wish),
            Step::Verified(status, echoes) => self.verify(*status, *echoes, None),
            Step::Overtaken(wish) => self.verify(200, true, Some(wish)),
            Step::Changed => self.version.0 += 1,
            Step::Posted(status) => self.post(*status),
            Step::Waited(secs) => self.now += secs,
        }
        if self.next() == Next::Drop {
            (self.follower, self.held, self.taken) = (None, None, None);
        }
        let Some(follower) = &self.follower else { return };
        let held = self.held.clone().filter(|(until, _)| *until > at(self.now));
        assert_eq!(follower.is_confirmed(at(self.now)), held.is_some());
        if let Some((until, secret)) = held {
            assert_eq!((follower.state.lease_until, &follower.state.secret), (Some(until), &secret));
        }
    }
}

#[test]
fn a_follower_is_posted_to_within_its_lease_and_forgotten_a_day_after_it() {
    let state = FollowerState { lease_until: Some(at(900)), ..FollowerState::default() };
    let follower = Follower { id: FollowerId(1), spec: spec(), state };
    let due = |secs| next(&follower, FeedVersion(1), at(secs));
    assert_eq!((due(899), due(900), due(900 + 86_399)), (Next::Post, Next::Wait, Next::Wait));
    assert_eq!(due(900 + 86_400), Next::Drop);
}

proptest! {
    #[test]
    fn only_what_a_callback_confirmed_holds_and_whoever_follows_has_every_change_once_it_answers(steps in steps()) {
        let mut life = Life::default();
        for step in &steps {
            life.take(step);
        }
        // From now on it answers, as long as its lease lasts.
        life.verify(200, true, None);
        let Some((until, _)) = life.held.clone().filter(|_| life.follower.is_some()) else { return Ok(()) };
        let began = at(life.now);
        while life.next() != Next::Drop && at(life.now) < until && life.follower.is_some() {
            life.verify(200, true, None);
            life.post(200);
            life.now += 60;
        }
        if let Some(follower) = &life.follower {
            let short = until < began + Duration::from_hours(2);
            prop_assert!(follower.state.has == life.version || short, "{follower:?}");
        }
    }

    #[test]
    fn any_form_is_read_without_harm(form in "(hub\\.(mode|topic|callback|lease_seconds|secret)=[a-z0-9:/%.&=-]{0,40}&?){0,6}") {
        drop(petition(form.as_bytes(), BASE));
    }
}
