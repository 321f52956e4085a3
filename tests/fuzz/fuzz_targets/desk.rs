//! What is fuzzed of the server: requests, as text, to the real handlers over a store in memory. Whatever is sent, nothing
//! panics, and no answer says that we are at fault (5xx).

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, header};
use jiff::Timestamp;
use tidings::daemon::{
    Bells, Callback, Dice, Hub, HubTerms, Keeper, LoopPolicy, Marketplace, Mischief, Parts, Reach, Reckoning,
    RobotsBook, Status, Terms, Verifier, WebPush, WebSub,
};
use tidings::dedup::EventPolicy;
use tidings::deliver::RetryPolicy;
use tidings::deliver::web_push::VapidKey;
use tidings::model::{
    Exchange, Failure, FailureKind, Notification, NotificationId, NotificationType, PageSelectors, Request as Sent,
    Secret,
};
use tidings::page::Selectors;
use tidings::port::{Clock, ExchangeFuture, Http};
use tidings::schedule::PollPolicy;
use tidings::server::{
    Access, Allowance, AppState, Checks, Devices, Fault, HubDesk, Openness, PollBounds, Quota, Searches, SelfService,
    Shared, Streams, TokenMeans, Workshop, router,
};
use tidings::store::SqliteStore;
use tidings::topic::Query;
use tidings::websub::Policy;

/// After so many inputs the store is made anew: what they left there is not to grow.
const INPUTS: u32 = 200;
/// The token that does everything.
const TOKEN: &str = "fuzz";
/// Bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

struct Desk {
    router: Router,
    runtime: tokio::runtime::Runtime,
    left: u32,
}

thread_local! {
    static DESK: RefCell<Option<Desk>> = const { RefCell::new(None) };
}

/// Serves one request: its first line is method and address, then come fields to the first empty line, then the body.
pub(crate) fn serve(bytes: &[u8]) {
    let Some(request) = request(bytes) else { return };
    DESK.with_borrow_mut(|slot| {
        let desk = slot.get_or_insert_with(Desk::new);
        desk.serve(request, bytes);
        desk.left -= 1;
        if desk.left == 0 {
            *slot = None;
        }
    });
}

fn request(bytes: &[u8]) -> Option<Request<Body>> {
    let (head, body) = match bytes.windows(2).position(|pair| pair == b"\n\n") {
        Some(at) => (bytes.get(..at)?, bytes.get(at + 2..)?),
        None => (bytes, &[][..]),
    };
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = std::str::from_utf8(lines.next()?).ok()?;
    let (method, uri) = first.split_once(' ')?;
    let method = Method::from_bytes(method.as_bytes()).ok()?;
    let mut request = Request::builder().method(method).uri(uri);
    let mut has_token = false;
    for line in lines.take(32) {
        let at = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = (line.get(..at)?, line.get(at + 1..)?.trim_ascii());
        has_token |= name.eq_ignore_ascii_case(b"authorization") || name.eq_ignore_ascii_case(b"cookie");
        request = request.header(name, value);
    }
    if !has_token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {TOKEN}"));
    }
    request.body(Body::from(body.to_vec())).ok()
}

impl Desk {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let runtime = runtime.expect("a runtime is made");
        let router = runtime.block_on(async { router(state()) });
        Self { router, runtime, left: INPUTS }
    }

    fn serve(&self, request: Request<Body>, bytes: &[u8]) {
        let shown = || String::from_utf8_lossy(bytes).into_owned();
        let is_head = request.method() == Method::HEAD;
        self.runtime.block_on(async {
            let Ok(response) = tower::ServiceExt::oneshot(self.router.clone(), request).await;
            let status = response.status();
            let kind = response.headers().get(header::CONTENT_TYPE).cloned();
            // A stream doesn't end.
            let is_stream = kind.as_ref().is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
            let answer = if is_stream {
                Vec::new()
            } else {
                to_bytes(response.into_body(), ANSWER_BYTES_MAX).await.expect("an answer is read").to_vec()
            };
            let text = || String::from_utf8_lossy(&answer).into_owned();
            // Nothing is well without loops that turn, and nobody answers what is asked outside.
            let is_told = matches!(status.as_u16(), 502..=504);
            assert!(!status.is_server_error() || is_told, "{status}: {}\nto {}", text(), shown());
            // Of an answer to HEAD there is the head alone.
            if !is_head && kind.is_some_and(|kind| kind.as_bytes().ends_with(b"json")) {
                assert!(
                    serde_json::from_slice::<serde_json::Value>(&answer).is_ok(),
                    "no JSON: {}\nto {}",
                    text(),
                    shown()
                );
            }
        });
    }
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_638_792_000).expect("it is a moment")
    }
}

/// A web in which nobody answers.
struct Nobody;

impl Http for Nobody {
    fn send(&self, _request: Sent) -> ExchangeFuture<'_> {
        let refused: Exchange = Err(Failure { kind: FailureKind::Connect, detail: "refused".to_owned() });
        Box::pin(async move { refused })
    }
}

#[expect(clippy::unnecessary_wraps, reason = "as the system gives it")]
fn chance() -> Option<[u8; 32]> {
    Some([7; 32])
}

/// No hash at all, but of another length for texts that differ.
fn hash(text: &str) -> [u8; 32] {
    std::array::from_fn(|n| text.as_bytes().get(n).copied().unwrap_or_default())
}

fn parts(keeper: &Keeper, clock: &Arc<dyn Clock>) -> Parts {
    let terms = Terms {
        http: Arc::new(Nobody),
        loops: LoopPolicy::default(),
        poll: PollPolicy::default(),
        retry: RetryPolicy::default(),
        events: EventPolicy::default(),
        model: None,
        contact: None,
        websub: Some(WebSub {
            policy: Policy {
                callback: tidings::model::WebUrl::parse("https://tidings.example/websub").expect("it is an address"),
                lease: Duration::from_hours(24),
            },
            entropy: chance,
        }),
        mail: None,
        hub: Some(HubTerms { followers_max: 100, entropy: chance }),
    };
    Parts {
        clock: Arc::clone(clock),
        keeper: keeper.clone(),
        status: Status::new(clock.now()),
        reckoning: Reckoning::new(clock.now()),
        bells: Bells::default(),
        dice: Dice::new(1),
        market: Marketplace::default(),
        robots: RobotsBook::default(),
        reach: Reach::default(),
        web_push: VapidKey::parse("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE")
            .ok()
            .map(|key| WebPush::new(key, || Some([7; 48]))),
        // Its sender is gone: the terms stay as they are.
        terms: tokio::sync::watch::channel(Arc::new(terms)).1,
        observer: Arc::new(|_| {}),
        entropy: chance,
        mischief: Mischief::default(),
    }
}

fn test_notice(name: &str, now: Timestamp) -> Notification {
    let name = name.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join("-");
    Notification {
        id: NotificationId(format!("msg_test{name}")),
        kind: NotificationType::SubscriptionTest,
        topic: None,
        event: None,
        story: None,
        source: None,
        created_at: now,
        body: "{\"type\":\"subscription.test\"}".to_owned(),
    }
}

fn query(text: &str) -> Vec<Fault> {
    let faults = Query::parse(text).err().into_iter().flatten();
    faults.map(|why| Fault { span: why.span, message: why.message, help: why.help }).collect()
}

fn selectors(selectors: &PageSelectors) -> Option<(&'static str, String)> {
    Selectors::compile(selectors).err().map(|error| (error.name, error.why))
}

fn state() -> AppState {
    let clock: Arc<dyn Clock> = Arc::new(Noon);
    let store = SqliteStore::in_memory().expect("a store in memory is made");
    let keeper = Keeper::in_place(Box::new(store));
    let parts = parts(&keeper, &clock);
    let allowance = Allowance { requests_per_minute: u32::MAX, failures_per_minute: u32::MAX };
    let means = TokenMeans { chance, hash };
    AppState::new(Shared {
        status: parts.status.clone(),
        patience: Duration::from_secs(30),
        access: Access::new(keeper.clone(), Arc::clone(&clock), Some(&Secret::new(TOKEN)), means, allowance),
        clock,
        poll_bounds: PollBounds { min: Duration::from_mins(30), max: Duration::from_hours(4) },
        checks: Checks {
            query,
            selectors,
            secret: |text| (!text.starts_with("whsec_")).then(|| "no secret".to_owned()),
            has_relay: Arc::new(|| true),
            new_secret: Arc::new(|_| Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")),
            test: Arc::new(test_notice),
        },
        streams: Streams::new(parts.bells.log.clone()),
        callback: Some(Callback::new(&parts)),
        devices: Some(Devices {
            public_key: "BA".to_owned(),
            most: 100,
            quota: Quota::new(u32::MAX),
            check: Arc::new(|_| None),
        }),
        verifier: Some(Verifier::new(&parts)),
        seeker: None,
        self_service: Some(SelfService {
            topics: Vec::new(),
            most: 100,
            quota: Quota::daily(u32::MAX),
            check: Arc::new(|_| None),
            chance,
            hash,
        }),
        changed: Arc::new(|_| {}),
        openness: Openness::default(),
        hub: Some(HubDesk { hub: Hub::new(&parts), quota: Quota::new(u32::MAX), check: Arc::new(|_| None) }),
        workshop: Workshop::new(EventPolicy::default),
        searches: Searches::default(),
        keeper,
    })
}
