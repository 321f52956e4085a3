//! Streams, as a client of the WHATWG's standard reads them.

use axum::body::BodyDataStream;
use futures_util::StreamExt as _;
use tokio::task::JoinSet;

use super::*;

/// What a client makes of a stream (WHATWG HTML, section 9.2.6), and where it would go on.
struct Client {
    body: BodyDataStream,
    text: String,
    last_event_id: String,
}

/// Id, event, data.
type Heard = (String, String, String);

impl World {
    /// Has the streams fed, as the daemon does.
    fn feed_streams(&self) {
        let (streams, keeper) = (self.streams.clone(), self.keeper.clone());
        self.feeding.get_or_init(|| {
            let mut tasks = JoinSet::new();
            tasks.spawn(async move { streams.feed(&keeper).await });
            tasks
        });
    }

    async fn open(&self, path: &str, last_event_id: Option<&str>) -> Client {
        self.feed_streams();
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {TOKEN}"));
        let request = match last_event_id {
            Some(id) => request.header("last-event-id", id),
            None => request,
        };
        let response = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
        let body = response.into_body().into_data_stream();
        Client { body, text: String::new(), last_event_id: last_event_id.unwrap_or_default().to_owned() }
    }
}

impl Client {
    /// The next block of lines; `None` at the end.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            self.text.push_str(std::str::from_utf8(&self.body.next().await?.unwrap()).unwrap());
        }
    }

    /// The next event; blocks without data are none, but their ids count.
    async fn event(&mut self) -> Option<Heard> {
        loop {
            let (mut event, mut data) = ("message".to_owned(), Vec::new());
            let block = self.block().await?;
            for line in block.lines() {
                let (field, value) = line.split_once(':').unwrap();
                let value = value.strip_prefix(' ').unwrap_or(value);
                match field {
                    "id" => self.last_event_id = value.to_owned(),
                    "event" => event = value.to_owned(),
                    "data" => data.push(value.to_owned()),
                    "retry" => assert!(value.parse::<u64>().unwrap() >= 1000),
                    other => assert_eq!(other, "", "a comment"),
                }
            }
            if !data.is_empty() {
                return Some((self.last_event_id.clone(), event, data.join("\n")));
            }
        }
    }

    async fn ids(&mut self, count: usize) -> Vec<u64> {
        let mut ids = Vec::new();
        for _ in 0..count {
            ids.push(self.event().await.unwrap().0.parse().unwrap());
        }
        ids
    }
}

#[tokio::test]
async fn a_stream_replays_from_the_last_event_and_goes_on_with_what_is_told_now() {
    let world = world();
    world.tell(1..40).await;
    let mut client = world.open("/v1/stream", Some("3")).await;
    let (id, event, data) = client.event().await.unwrap();
    assert_eq!((id.as_str(), event.as_str()), ("4", "event.opened"));
    assert_eq!(data, told(4, NotificationType::EventOpened).0.body);
    // Half of what was there is read when more comes: the seam is in the midst of a page.
    assert_eq!(client.ids(20).await, (5..25).collect::<Vec<_>>());
    world.tell(40..50).await;
    world.log.ring();
    assert_eq!(client.ids(25).await, (25..50).collect::<Vec<_>>());
    let (next, ()) = tokio::join!(client.ids(3), async {
        world.tell(50..53).await;
        world.log.ring();
    });
    assert_eq!(next, [50, 51, 52]);
}

#[tokio::test]
async fn the_header_of_a_reconnection_goes_before_the_parameter_of_the_first_connection() {
    let world = world();
    world.tell(1..10).await;
    assert_eq!(world.open("/v1/stream?last_event_id=2", None).await.ids(1).await, [3]);
    assert_eq!(world.open("/v1/stream?last_event_id=2", Some("8")).await.ids(1).await, [9]);
    assert_eq!(world.get("/v1/stream?last_event_id=x").await.status, StatusCode::BAD_REQUEST);
    let nobody = Request::get("/v1/stream").body(Body::empty()).unwrap();
    assert_eq!(world.send(nobody).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(start_paused = true)]
async fn a_stream_from_now_on_knows_its_place_from_the_start_even_if_it_is_cut_before_its_first_event() {
    let world = world();
    world.tell(1..4).await;
    let mut cut = world.open("/v1/stream", None).await;
    // An event, as Firefox passes over the id of what is none.
    assert_eq!(cut.event().await.unwrap(), ("3".to_owned(), "start".to_owned(), r#"{"after":3}"#.to_owned()));
    drop(cut);
    world.tell(4..6).await;
    let mut client = world.open("/v1/stream", Some("3")).await;
    assert_eq!(client.ids(2).await, [4, 5]);
}

#[tokio::test(start_paused = true)]
async fn silence_is_broken_every_fifteen_seconds_and_what_another_process_wrote_is_seen_within_five() {
    let world = world();
    let mut client = world.open("/v1/stream?types=event.opened", None).await;
    client.block().await.unwrap();
    let began = tokio::time::sleep(Duration::ZERO).deadline();
    let since = || tokio::time::sleep(Duration::ZERO).deadline() - began;
    assert_eq!((client.block().await.unwrap().as_str(), since().as_secs()), (":\nid: 0", 15));
    // Nobody rings; what the filter leaves out moves the place on.
    let merged = Commit { notifications: vec![told(1, NotificationType::EventMerged)], ..Commit::default() };
    world.keeper.write(move |store| store.commit_decisions(&merged)).await.unwrap();
    assert_eq!(client.block().await.unwrap(), ":\nid: 1");
    world.tell(2..3).await;
    let before = since();
    assert_eq!(client.ids(1).await, [2]);
    assert!(since() <= before + Duration::from_secs(5));
}

#[tokio::test]
async fn a_gap_is_told_once_and_the_stream_goes_on_behind_it() {
    let world = world();
    world.tell(1..5).await;
    world.keeper.write(|store| store.retain(at(10), at(10), 3)).await.unwrap();
    for place in ["1", "77"] {
        let mut client = world.open("/v1/stream", Some(place)).await;
        let (id, event, data) = client.event().await.unwrap();
        let data: Value = serde_json::from_str(&data).unwrap();
        assert_eq!((id.as_str(), event.as_str(), &data["complete_after"]), ("3", "gap", &json!(3)));
        assert_eq!(data["after"].to_string(), place);
        assert_eq!(client.ids(1).await, [4]);
    }
    assert_eq!(world.open("/v1/stream", Some("3")).await.ids(1).await, [4]);
}

#[tokio::test]
async fn streams_are_bounded_and_a_client_that_leaves_makes_room() {
    let world = world();
    let mut clients = Vec::new();
    for _ in 0..2_000 {
        clients.push(world.open("/v1/stream", None).await);
    }
    let refused = world.get("/v1/stream").await;
    assert_eq!(
        (refused.status, refused.json()["type"].as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, Some("urn:tidings:problem:busy"))
    );
    clients.pop();
    clients.push(world.open("/v1/stream", None).await);
}

#[tokio::test]
async fn a_stream_ends_when_the_daemon_does() {
    let world = world();
    world.tell(1..3).await;
    let mut client = world.open("/v1/stream", Some("1")).await;
    assert_eq!(client.ids(1).await, [2]);
    let (end, ()) = tokio::join!(client.event(), async { world.streams.end() });
    assert_eq!(end, None);
}

/// What a browser sends for a page of `origin`, without a token.
fn from(origin: &str, method: &str, path: &str) -> http::request::Builder {
    Request::builder().method(method).uri(path).header(header::ORIGIN, origin)
}

#[tokio::test]
async fn a_public_stream_gives_strangers_events_alone_and_leaves_room_for_who_has_the_token() {
    let world = world_open(Some(TOKEN), None, Openness { stream: true, ..Openness::default() });
    let kinds = [NotificationType::SourceFailing, NotificationType::EventOpened, NotificationType::SubscriptionTest];
    let notifications = (1..).zip(kinds).map(|(number, kind)| told(number, kind)).collect();
    let commit = Commit { notifications, ..Commit::default() };
    world.keeper.write(move |store| store.commit_decisions(&commit)).await.unwrap();
    let stranger = |path: &str| Request::get(path).body(Body::empty()).unwrap();

    let response = world.router.clone().oneshot(stranger("/v1/stream?last_event_id=0")).await.unwrap();
    let body = response.into_body().into_data_stream();
    let mut client = Client { body, text: String::new(), last_event_id: String::new() };
    assert_eq!(client.ids(1).await, [2]);
    assert_eq!(world.open("/v1/stream?last_event_id=0", None).await.ids(3).await, [1, 2, 3]);
    for refused in ["/v1/stream?types=source.failing", "/v1/notifications", "/v1/streams"] {
        assert_eq!(world.send(stranger(refused)).await.status, StatusCode::UNAUTHORIZED, "{refused}");
    }
    let wrong = Request::get("/v1/stream").header(header::AUTHORIZATION, "Bearer guessed");
    assert_eq!(world.send(wrong.body(Body::empty()).unwrap()).await.status, StatusCode::UNAUTHORIZED);

    let mut open = Vec::new();
    for _ in 1..32 {
        open.push(world.router.clone().oneshot(stranger("/v1/stream")).await.unwrap());
    }
    assert_eq!(world.send(stranger("/v1/stream")).await.status, StatusCode::SERVICE_UNAVAILABLE);
    drop(world.open("/v1/stream", None).await);
    open.pop();
    assert_eq!(world.router.clone().oneshot(stranger("/v1/stream")).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn pages_of_the_configured_origins_may_read_and_no_others_and_nothing_more() {
    let origins = ["https://www.example.org".to_owned()].into();
    let world = world_open(Some(TOKEN), None, Openness { stream: true, origins, ..Openness::default() });
    world.furnish().await;
    let send = async |request: http::request::Builder| world.send(request.body(Body::empty()).unwrap()).await;
    let allowed = |answer: &Answer| answer.headers.get("access-control-allow-origin").cloned();

    let asked = from("https://www.example.org", "OPTIONS", "/v1/stream").header("access-control-request-method", "GET");
    let question = send(asked).await;
    assert_eq!(
        (question.status, allowed(&question).unwrap()),
        (StatusCode::NO_CONTENT, "https://www.example.org".parse().unwrap())
    );
    assert_eq!(question.headers["access-control-allow-methods"], "GET");
    assert!(question.headers["access-control-allow-headers"].to_str().unwrap().contains("authorization"));
    let feed = send(from("https://www.example.org", "GET", "/feeds/council.atom")).await;
    assert_eq!(
        (feed.status, allowed(&feed).is_some(), feed.headers.get_all("vary").iter().any(|vary| vary == "origin")),
        (StatusCode::OK, true, true)
    );
    assert!(!feed.headers.contains_key("access-control-allow-credentials"));

    for elsewhere in ["https://example.org", "https://www.example.org.evil.example", "null"] {
        let answer = send(from(elsewhere, "GET", "/feeds/council.atom")).await;
        assert_eq!((answer.status, allowed(&answer)), (StatusCode::OK, None), "{elsewhere}");
        let asked = from(elsewhere, "OPTIONS", "/v1/stream").header("access-control-request-method", "GET");
        assert_eq!(allowed(&send(asked).await), None);
    }
    assert_eq!(allowed(&send(from("https://www.example.org", "GET", "/metrics")).await), None);
}
