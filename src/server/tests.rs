//! The API as a client sees it: requests against the router, over a real store in memory.

use std::cell::OnceCell;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use super::{
    Access, Allowance, AppState, Change, Checks, Devices, Fault, Openness, PollBounds, Searches, Shared, Streams,
    TokenMeans, Workshop, router,
};
use crate::daemon::{Gong, Keeper, LoopName, Status};
use crate::dedup::EventPolicy;
use crate::model::*;
use crate::port::{ClaimSources, Clock, Declared, TokenHash};
use crate::store::SqliteStore;

mod feeds;
mod streams;
mod wants;

const TOKEN: &str = "open sesame";
const ALLOWANCE: Allowance = Allowance { requests_per_minute: 3_000, failures_per_minute: 6 };
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        at(0)
    }
}

fn at(second: i64) -> Timestamp {
    "2026-11-24T12:00:00Z".parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_secs(second)
}

mod conditional;
mod desk;
mod devices;
mod doors;
mod endpoints;
mod openapi;
mod pages;
mod places;
mod searches;
mod secrets;
mod self_service;
mod tokens;
mod watch;
mod workshop;

/// A daemon's server and what it told the loops.
struct World {
    router: Router,
    keeper: Keeper,
    status: Status,
    changes: Arc<Mutex<Vec<Change>>>,
    streams: Streams,
    log: Gong,
    feeding: OnceCell<JoinSet<()>>,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

fn test_notice(name: &str, now: Timestamp) -> Notification {
    Notification {
        id: NotificationId(format!("msg_test_{name}")),
        kind: NotificationType::SubscriptionTest,
        topic: None,
        event: None,
        story: None,
        source: None,
        created_at: now,
        body: r#"{"type":"subscription.test"}"#.to_owned(),
    }
}

/// What is kept of a token here: its beginning.
fn hash(text: &str) -> TokenHash {
    std::array::from_fn(|n| text.as_bytes().get(n).copied().unwrap_or_default())
}

fn world_with(token: Option<&str>) -> World {
    world_of(token, None)
}

fn world_of(token: Option<&str>, devices: Option<Devices>) -> World {
    world_open(token, devices, Openness::default())
}

fn world_open(token: Option<&str>, devices: Option<Devices>, openness: Openness) -> World {
    world_kept(Keeper::in_place(Box::new(SqliteStore::in_memory().unwrap())), token, devices, openness)
}

fn world_kept(keeper: Keeper, token: Option<&str>, devices: Option<Devices>, openness: Openness) -> World {
    world_made(keeper, token, |shared| (shared.devices, shared.openness) = (devices, openness))
}

fn world_made(keeper: Keeper, token: Option<&str>, alter: impl FnOnce(&mut Shared)) -> World {
    let status = Status::new(at(0));
    let changes = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&changes);
    let log = Gong::default();
    let streams = Streams::new(log.clone());
    let checks = Checks {
        query: |text| {
            let fault = Fault { span: 0..1, message: "unbalanced".to_owned(), help: "close it".to_owned() };
            if text.starts_with('(') { vec![fault] } else { Vec::new() }
        },
        selectors: |selectors| (selectors.item == "<<").then(|| ("item", "`item` is no selector".to_owned())),
        secret: |text| {
            (!text.starts_with("whsec_") && !text.starts_with("whsk_"))
                .then(|| "`secret` must begin with whsec_".to_owned())
        },
        has_relay: Arc::new(|| true),
        new_secret: Arc::new(|_| Secret::new(SECRET)),
        test: Arc::new(test_notice),
    };
    let means = TokenMeans { chance: || Some([7; 32]), hash };
    let access = Access::new(keeper.clone(), Arc::new(Noon), token.map(Secret::new).as_ref(), means, ALLOWANCE);
    let mut shared = Shared {
        keeper: keeper.clone(),
        status: status.clone(),
        patience: Duration::from_secs(30),
        clock: Arc::new(Noon),
        access,
        poll_bounds: PollBounds { min: Duration::from_mins(30), max: Duration::from_hours(4) },
        checks,
        streams: streams.clone(),
        callback: None,
        devices: None,
        verifier: None,
        seeker: None,
        self_service: None,
        changed: Arc::new(move |change| heard.lock().unwrap().push(change)),
        openness: Openness::default(),
        hub: None,
        workshop: Workshop::new(EventPolicy::default),
        searches: Searches::default(),
    };
    alter(&mut shared);
    World { router: router(AppState::new(shared)), keeper, status, changes, streams, log, feeding: OnceCell::new() }
}

fn world() -> World {
    world_with(Some(TOKEN))
}

impl World {
    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8");
        self.send(request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_string()))).unwrap()).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, Some(body)).await
    }

    fn changes(&self) -> Vec<Change> {
        self.changes.lock().unwrap().drain(..).collect()
    }

    /// A topic and a source, both added over the API.
    async fn furnish(&self) {
        let topic = json!({"id": "council", "name": "The council", "query": "council"});
        assert_eq!(self.post("/v1/topics", topic).await.status, StatusCode::CREATED);
        let source = json!({"url": "https://www.press.example/feed", "topics": ["council"]});
        assert_eq!(self.post("/v1/sources", source).await.status, StatusCode::CREATED);
    }

    /// Polls the source once, and opens an event for each of the stories.
    async fn happen(&self, titles: &'static [&'static str]) {
        let write = self.keeper.write(move |store| {
            let claimed = store.claim_sources(&due_now())?.pop().unwrap();
            let drafts = titles.iter().enumerate().map(|(n, title)| story(n, title));
            let stories = drafts.map(|draft| StoryChange::New { draft, fetch_article: false }).collect();
            store.record_poll(&poll(&claimed, stories))?;
            let undecided = store.claim_undecided(100)?;
            let mut commit = Commit::default();
            for story in &undecided {
                open(story, &mut commit);
            }
            store.commit_decisions(&commit)
        });
        write.await.unwrap();
    }
}

fn council() -> TopicSpec {
    TopicSpec {
        key: TopicKey::parse("council").unwrap(),
        name: "The council".to_owned(),
        query: "council".to_owned(),
        fresh: Duration::from_hours(24),
        stale: Duration::from_hours(24),
        span: TopicSpan::default(),
    }
}

fn due_now() -> ClaimSources {
    ClaimSources {
        now: at(0),
        lease_until: at(60),
        limit: 1,
        per_domain: 1,
        slow_domains: 1,
        except_domains: Vec::new(),
        only: None,
    }
}

fn story(number: usize, title: &str) -> StoryDraft {
    StoryDraft {
        keys: vec![EntryKey(u128::try_from(number).unwrap() + 1)],
        url: format!("https://press.example/{number}"),
        link: format!("https://press.example/{number}"),
        publisher: "press.example".to_owned(),
        title: title.to_owned(),
        text: "What the council did".to_owned(),
        author: None,
        lang: Some("en".to_owned()),
        published: Some(at(-60)),
        fingerprint: u64::try_from(number).unwrap(),
    }
}

fn poll(claim: &SourceClaim, stories: Vec<StoryChange>) -> PollRecord {
    PollRecord {
        source: claim.source.id,
        fence: claim.fence,
        at: at(0),
        outcome: PollOutcome::Read { entries: stories.len() },
        took: Duration::from_millis(20),
        validators: None,
        moved_to: None,
        layout: None,
        stories: stories.into(),
        first_poll: true,
        next_poll_at: at(1800),
        interval: Duration::from_mins(30),
        pace: None,
        failures: 0,
        health: SourceHealth::Well,
        domain_pause: None,
        moving: None,
        notices: Vec::new(),
    }
}

fn open(story: &Story, commit: &mut Commit) {
    let topic = TopicKey::parse("council").unwrap();
    let event = EventId(story.id.0);
    let reason =
        Reason { stage: Stage::Event, text: "nothing like it".to_owned(), numbers: vec![("score", 0.1)], story: None };
    commit.decisions.push(Decision {
        story: story.id,
        revision: story.revision,
        topic: Some(topic.clone()),
        ruling: Ruling::Opened,
        event: Some(event),
        score: 1.0,
        telling: Telling::Silent,
        reasons: vec![reason],
        decided_at: at(1),
    });
    commit.opened.push(NewEvent {
        id: event,
        topic,
        title: story.draft.title.clone(),
        first_story: story.id,
        opened_at: at(1),
        told_at: None,
    });
}

#[tokio::test]
async fn a_source_comes_with_its_push_channel_and_the_pause_of_its_domain() {
    let world = world();
    world.furnish().await;
    world
        .keeper
        .write(|store| {
            let address = |text| WebUrl::parse(text).unwrap();
            let spec = ChannelSpec {
                topic: "https://www.press.example/feed".to_owned(),
                hubs: vec![address("https://hub.example/")],
                base: address("https://news.example/"),
                token: Secret::new("t".to_owned()),
                secret: Secret::new("s".to_owned()),
            };
            let id = store.begin_channel(SourceId(1), &spec, at(0))?.unwrap();
            let mut channel = store.channel(id)?.unwrap();
            channel.state.phase = ChannelPhase::Open;
            channel.state.lease_until = Some(at(0) + Duration::from_hours(1));
            store.keep_channel(&channel)?;
            let mut claims = store.claim_sources(&due_now())?;
            let pause = DomainPause {
                domain: "press.example".to_owned(),
                until: at(0) + Duration::from_mins(5),
                why: "https://www.press.example/feed answered status: 503, busy".to_owned(),
            };
            let record = PollRecord { domain_pause: Some(pause), ..poll(&claims.remove(0), Vec::new()) };
            store.record_poll(&record)
        })
        .await
        .unwrap();
    let listed = world.get("/v1/sources").await.json()["sources"][0].clone();
    let shown = world.get("/v1/sources/1").await.json();
    assert_eq!((&listed["push"], &listed["paused"]), (&shown["push"], &shown["paused"]));
    assert_eq!(shown["push"]["hub"], "https://hub.example/");
    assert_eq!(shown["push"]["state"], "open");
    assert_eq!(shown["push"]["lease_until"], (at(0) + Duration::from_hours(1)).to_string());
    assert_eq!(
        shown["paused"],
        json!({
            "domain": "press.example", "until": (at(0) + Duration::from_mins(5)).to_string(),
            "why": "https://www.press.example/feed answered status: 503, busy",
        })
    );
    assert!(shown["schedule"]["because"].is_string() && listed.get("schedule").is_none(), "{shown}");
}

#[tokio::test]
async fn the_api_is_closed_until_there_is_a_token() {
    let answer = world_with(None).get("/v1/topics").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json");
    assert!(answer.json()["detail"].as_str().unwrap().contains("token_file"), "{}", answer.text);
}

#[tokio::test]
async fn a_stranger_learns_nothing_of_the_api_but_that_a_token_is_needed() {
    let world = world();
    for (path, credentials) in [
        ("/v1/topics", "Bearer wrong"),
        ("/v1/topics", "Basic b3Blbg=="),
        ("/v1/nowhere", "Bearer "),
        ("/v1/events", ""),
    ] {
        let request = Request::get(path).header(header::AUTHORIZATION, credentials).body(Body::empty()).unwrap();
        let answer = world.send(request).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path} {credentials}");
        let challenge = answer.headers[header::WWW_AUTHENTICATE].to_str().unwrap();
        assert!(challenge.starts_with("Bearer realm=\"tidings\""), "{challenge}");
    }
}

#[tokio::test]
async fn a_topic_is_added_shown_and_removed_and_the_decider_hears_of_it() {
    let world = world();
    let added = world
        .post(
            "/v1/topics",
            json!({"id": "council", "query": "council OR board", "stale_days": 3, "from": "2021-10-01"}),
        )
        .await;
    assert_eq!(added.status, StatusCode::CREATED);
    assert_eq!(added.headers[header::LOCATION], "/v1/topics/council");
    let expected = json!({"id": "council", "name": "council", "query": "council OR board", "fresh_hours": 24,
        "stale_days": 3, "from": "2021-10-01", "until": null, "origin": "api"});
    assert_eq!(added.json(), expected);
    assert_eq!(world.get("/v1/topics").await.json(), json!({"topics": [expected]}));

    let body = json!({"id": "odd", "query": "x", "from": "2021-10-01", "until": "2021-09-30"});
    let backwards = world.post("/v1/topics", body).await;
    assert_eq!(backwards.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", backwards.text);

    let again = world.post("/v1/topics", json!({"id": "council", "query": "x"})).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.text);

    assert_eq!(world.call("DELETE", "/v1/topics/council", None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.get("/v1/topics/council").await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.changes(), [Change::Topics, Change::Topics]);
}

#[tokio::test]
async fn what_the_configuration_declares_is_not_removed_over_the_api() {
    let world = world();
    let spec = TopicSpec {
        key: TopicKey::parse("council").unwrap(),
        name: "c".to_owned(),
        query: "council".to_owned(),
        fresh: Duration::from_hours(24),
        stale: Duration::from_hours(168),
        span: TopicSpan::default(),
    };
    let declared = Declared { topics: vec![spec], ..Declared::default() };
    world.keeper.write(move |store| store.sync(&declared, at(0))).await.unwrap();
    let answer = world.call("DELETE", "/v1/topics/council", None).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text.contains("configuration file"), "{}", answer.text);
}

#[tokio::test]
async fn a_source_takes_its_defaults_from_its_host_and_the_configuration() {
    let world = world();
    world.furnish().await;
    let source = world.get("/v1/sources/1").await.json();
    assert_eq!(source["name"], "www.press.example");
    assert_eq!(source["publisher"], "press.example");
    assert_eq!((&source["interval_min_minutes"], &source["interval_max_minutes"]), (&json!(30), &json!(240)));
    assert_eq!(source["state"]["health"], "well");
    assert_eq!(world.get("/v1/sources?health=failing").await.json(), json!({"sources": [], "next": null}));
    assert_eq!(world.changes(), [Change::Topics, Change::Sources]);
    assert_eq!(world.call("DELETE", "/v1/sources/1", None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.get("/v1/sources/1").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn everything_wrong_with_a_source_is_told_at_once() {
    let answer = world()
        .post(
            "/v1/sources",
            json!({"url": "htp://x", "kind": "page", "select": {"item": "<<"}, "lang": "English", "topics": ["moon"],
                "interval_min_minutes": 90, "interval_max_minutes": 60, "intervall": 1}),
        )
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let problem = answer.json();
    assert_eq!(problem["type"], "urn:tidings:problem:invalid");
    let errors = problem["errors"].as_array().unwrap();
    let pointers: Vec<_> = errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(
        pointers,
        ["/url", "/select/item", "/lang", "/topics", "/interval_max_minutes", "/intervall"],
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn a_query_that_can_not_be_read_is_shown_where() {
    let answer = world().post("/v1/topics", json!({"id": "a", "query": "(council"})).await;
    assert_eq!(
        answer.json()["errors"],
        json!([{"pointer": "/query", "detail": "at bytes 0..1: unbalanced; close it"}])
    );
}

#[tokio::test]
async fn a_subscriptions_secret_is_shown_once_and_never_again() {
    let world = world();
    let added = world.post("/v1/subscriptions", json!({"url": "https://hook.example/in?key=k1", "name": "desk"})).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
    assert_eq!(added.json()["secret"], SECRET);
    assert_eq!(added.json()["subscription"]["types"], json!(["event.opened", "event.updated"]));
    assert_eq!(added.json()["subscription"]["corrections"], "changed");
    for path in ["/v1/subscriptions", "/v1/subscriptions/1"] {
        let shown = world.get(path).await;
        assert_eq!(shown.status, StatusCode::OK);
        assert!(shown.text.contains("https://hook.example/in\""), "{}", shown.text);
        assert!(!shown.text.contains("whsec_") && !shown.text.contains("k1"), "{}", shown.text);
    }
    let bad =
        world.post("/v1/subscriptions", json!({"url": "https://a.example/", "secret": "x", "types": ["y"]})).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(world.changes(), [Change::Subscriptions]);
}

#[tokio::test]
async fn a_test_makes_a_delivery_that_can_be_followed_and_replayed_once_it_is_done() {
    let world = world();
    world.post("/v1/subscriptions", json!({"url": "https://hook.example/in", "name": "desk"})).await;
    world.changes();

    let made = world.call("POST", "/v1/subscriptions/1/test", None).await;
    assert_eq!(made.status, StatusCode::ACCEPTED, "{}", made.text);
    assert_eq!(world.changes(), [Change::Deliveries]);
    assert_eq!(made.headers[header::LOCATION], "/v1/deliveries/1");

    let shown = world.get("/v1/deliveries/1").await.json();
    assert_eq!(shown["state"], "pending");
    assert_eq!(shown["notification"]["payload"], json!({"type": "subscription.test"}));
    assert_eq!(world.call("POST", "/v1/deliveries/1/replay", None).await.status, StatusCode::CONFLICT);
    assert_eq!(world.call("POST", "/v1/deliveries/9/replay", None).await.status, StatusCode::NOT_FOUND);

    let settle = |store: &mut dyn crate::port::Store| {
        store.settle(&[Settlement {
            delivery: DeliveryId(1),
            subscription: SubscriptionId(1),
            fence: 0,
            attempt: Attempt {
                at: at(2),
                took: Duration::from_millis(7),
                status: Some(204),
                detail: String::new(),
                times: 1,
            },
            verdict: Verdict::Delivered,
            after: After::default(),
        }])
    };
    world.keeper.write(settle).await.unwrap();
    let listed = world.get("/v1/deliveries?state=delivered&subscription=1").await.json();
    assert_eq!(listed["deliveries"][0]["attempts"][0]["took_ms"], 7);
    let replayed = world.call("POST", "/v1/deliveries/1/replay", None).await;
    assert_eq!((replayed.status, &replayed.json()["state"]), (StatusCode::ACCEPTED, &json!("pending")));
}

#[tokio::test]
async fn events_are_paged_newest_first_and_a_story_says_why() {
    let world = world();
    world.furnish().await;
    world.happen(&["Council opens", "Council votes", "Council rests"]).await;

    let first = world.get("/v1/events?topic=council&limit=2&since=2026-11-24").await.json();
    let titles: Vec<_> = first["events"].as_array().unwrap().iter().map(|event| event["title"].clone()).collect();
    assert_eq!(titles, ["Council rests", "Council votes"]);
    let second = world.get(first["next"].as_str().unwrap()).await.json();
    assert_eq!(second["events"][0]["title"], "Council opens");
    assert_eq!(second["next"], Value::Null);

    let event = world.get("/v1/events/1").await.json();
    assert_eq!(event["stories"][0]["decision"]["reasons"][0]["numbers"], json!({"score": 0.1}));
    let known = world.get("/v1/stories/1").await.json();
    assert_eq!(known["decisions"][0]["ruling"], "opened");
    assert_eq!(known["source"]["publisher"], "press.example");
    let found = world.get("/v1/stories?q=votes").await.json();
    assert_eq!(found["stories"][0]["title"], "Council votes");
    assert_eq!(world.get("/v1/events/99").await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.get("/v1/stories/x").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_wrong_parameter_is_named() {
    let answer = world().get("/v1/events?limit=0&since=soon&tpoic=a&before=1&before=2").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let problem = answer.json();
    let errors = problem["errors"].as_array().unwrap();
    let names: Vec<_> = errors.iter().map(|error| error["parameter"].as_str().unwrap()).collect();
    assert_eq!(names, ["since", "before", "limit", "tpoic"]);
}

#[tokio::test]
async fn bodies_and_methods_that_do_not_fit_get_their_own_status() {
    let world = world();
    let big = json!({"id": "a", "query": "x".repeat(70_000)});
    assert_eq!(world.post("/v1/topics", big).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(world.post("/v1/topics", json!([])).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.call("PUT", "/v1/topics", None).await.status, StatusCode::METHOD_NOT_ALLOWED);
    let form = Request::post("/v1/topics").header(header::AUTHORIZATION, format!("Bearer {TOKEN}"));
    let form = form.header(header::CONTENT_TYPE, "text/plain").body(Body::from("{}")).unwrap();
    assert_eq!(world.send(form).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn the_page_shows_events_to_anybody_and_lets_no_markup_of_a_feed_through() {
    let world = world();
    world.furnish().await;
    world.happen(&["<script>alert(1)</script>", "Council \u{202e}votes"]).await;
    let request = Request::get("/").body(Body::empty()).unwrap();
    let page = world.send(request).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("&lt;script&gt;alert(1)&lt;/script&gt;</a>"), "{}", page.text);
    assert_eq!(page.text.matches("<script").count(), 1, "{}", page.text);
    assert!(page.text.contains("<script src=\"/events.js\" defer></script>"), "{}", page.text);
    assert!(page.text.contains("href=\"https://press.example/1\""), "{}", page.text);
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");

    assert_eq!(world.get("/topics/moon").await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.get("/style.css").await.headers[header::CONTENT_TYPE], "text/css; charset=utf-8");
}

#[tokio::test]
async fn style_and_scripts_are_asked_for_each_time_and_sent_where_they_are_others() {
    let world = world();
    for path in ["/style.css", "/desk.css", "/events.js", "/workshop.js", "/push.js", "/sw.js"] {
        let first = world.get(path).await;
        assert_eq!(
            (first.status, &first.headers[header::CACHE_CONTROL]),
            (StatusCode::OK, &"no-cache".parse().unwrap())
        );
        let tag = first.headers[header::ETAG].clone();
        let asked =
            |tag: &HeaderValue| Request::get(path).header(header::IF_NONE_MATCH, tag).body(Body::empty()).unwrap();
        let again = world.send(asked(&tag)).await;
        assert_eq!(
            (again.status, again.text.as_str(), &again.headers[header::ETAG]),
            (StatusCode::NOT_MODIFIED, "", &tag)
        );
        let other = world.send(asked(&HeaderValue::from_static("W/\"0123456789abcdef\""))).await;
        assert_eq!((other.status, other.text), (StatusCode::OK, first.text), "{path}");
    }
}

#[tokio::test]
async fn operators_put_events_right_and_an_emptied_one_says_where_its_stories_are() {
    let world = world();
    world.furnish().await;
    world.happen(&["Council adopts budget", "Budget adopted by council", "Council votes on roads"]).await;
    world.changes();
    let merged = world.post("/v1/events/2/merge", json!({"with": [1]})).await.json();
    assert_eq!(merged, json!({"event": 1, "stories": [2], "emptied": [2], "undecided": false, "told": 0}));
    assert_eq!(world.changes(), [Change::Corrections]);
    let gone = world.get("/v1/events/2").await.json();
    assert_eq!((&gone["event"]["merged_into"], &gone["stories"]), (&json!(1), &json!([])));
    assert_eq!(world.get("/v1/events").await.json()["events"].as_array().unwrap().len(), 2);

    let split = world.post("/v1/events/1/split", json!({"stories": [2]})).await.json();
    assert_eq!((&split["event"], &split["stories"]), (&json!(4), &json!([2])));
    let marked = world.post("/v1/stories/3/mark", json!({"mark": "off-topic"})).await.json();
    assert_eq!((&marked["stories"], &marked["emptied"]), (&json!([3]), &json!([3])));
    let explained = world.get("/v1/stories/2").await.json();
    let said: Vec<_> = explained["labels"].as_array().unwrap().iter().map(|label| &label["said"]).collect();
    assert_eq!(said, ["apart"]);
    let operators: Vec<_> =
        explained["decisions"].as_array().unwrap().iter().map(|d| &d["reasons"][0]["stage"]).collect();
    assert_eq!(operators, ["event", "operator", "operator"]);
}

#[tokio::test]
async fn a_correction_that_can_not_be_made_says_why() {
    let world = world();
    world.furnish().await;
    world.happen(&["Council adopts budget", "Council votes on roads"]).await;
    let mut problems = Vec::new();
    for (path, body) in [
        ("/v1/events/1/merge", json!({"with": [7]})),
        ("/v1/events/1/merge", json!({"with": [1]})),
        ("/v1/events/1/merge", json!({"with": ["2"]})),
        ("/v1/events/1/split", json!({"stories": [1]})),
        ("/v1/events/1/split", json!({})),
        ("/v1/stories/1/mark", json!({"mark": "of-topic"})),
        ("/v1/stories/1/mark", json!({"mark": "off-topic", "topic": "moon"})),
    ] {
        let answer = world.post(path, body).await;
        problems.push(format!("{} {}", answer.status.as_u16(), answer.json()["detail"].as_str().unwrap()));
    }
    insta::assert_snapshot!("corrections_refused", problems.join("\n"));
    assert!(world.changes().iter().all(|change| *change != Change::Corrections));
}

fn told(number: usize, kind: NotificationType) -> (Notification, Vec<SubscriptionId>) {
    let notification = Notification {
        id: NotificationId(format!("msg_{number}")),
        kind,
        topic: TopicKey::parse("council"),
        event: Some(EventId(7)),
        story: None,
        source: None,
        created_at: at(0),
        body: format!("{{\"type\":\"{}\",\"b\":1.50,\"a\":{number}}}", kind.label()),
    };
    (notification, Vec::new())
}

impl World {
    async fn tell(&self, numbers: std::ops::Range<usize>) {
        let notifications = numbers.map(|number| told(number, NotificationType::EventOpened)).collect();
        let commit = Commit { notifications, ..Commit::default() };
        self.keeper.write(move |store| store.commit_decisions(&commit)).await.unwrap();
    }
}

#[tokio::test]
async fn the_log_is_read_page_by_page_and_gives_what_webhooks_are_given() {
    let world = world();
    world.keeper.write(|store| store.add_topic(&council(), at(0))).await.unwrap();
    world.tell(1..4).await;
    let first = world.get("/v1/notifications?after=1&types=event.opened,event.merged&topic=council&limit=1").await;
    assert_eq!(
        first.text,
        "{\"notifications\":[{\"seq\":2,\"id\":\"msg_2\",\"type\":\"event.opened\",\"topic\":\"council\",\"event\":7,\
         \"story\":null,\"source\":null,\"created_at\":\"2026-11-24T12:00:00Z\",\
         \"payload\":{\"type\":\"event.opened\",\"b\":1.50,\"a\":2}}],\"through\":2,\
         \"next\":\"/v1/notifications?types=event.opened%2Cevent.merged&topic=council&limit=1&after=2\"}"
    );
    let second = world.get(first.json()["next"].as_str().unwrap()).await.json();
    assert_eq!((&second["notifications"][0]["seq"], &second["next"]), (&json!(3), &Value::Null));
    world.call("DELETE", "/v1/topics/council", None).await;
    let end = world.get("/v1/notifications?after=3&topic=council").await;
    assert_eq!((end.status, &end.json()["notifications"]), (StatusCode::OK, &json!([])), "it was there");
    assert_eq!(world.get("/v1/notifications?types=event.nonsense").await.status, StatusCode::BAD_REQUEST);
    let wrong_place = world.get("/v1/events?after=1").await;
    assert_eq!(wrong_place.status, StatusCode::BAD_REQUEST);
    assert!(wrong_place.text.contains("/v1/notifications?after="), "{}", wrong_place.text);
}

#[tokio::test]
async fn who_has_missed_what_is_past_its_retention_is_told_so() {
    let world = world();
    world.tell(1..4).await;
    world.keeper.write(|store| store.retain(at(10), at(10), 2)).await.unwrap();
    for place in ["0", "1", "9"] {
        let answer = world.get(&format!("/v1/notifications?after={place}")).await;
        assert_eq!(answer.status, StatusCode::GONE, "{place}");
        assert_eq!(answer.json()["type"], "urn:tidings:problem:gone");
    }
    let rest = [json!(3)];
    for place in ["?after=2", ""] {
        let log = world.get(&format!("/v1/notifications{place}")).await.json();
        let numbers: Vec<_> = log["notifications"].as_array().unwrap().iter().map(|n| n["seq"].clone()).collect();
        assert_eq!(numbers, rest);
    }
}
