//! Deliveries by seed: endpoints that fail each in a way of its own, kills at random moments, and what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tidings::daemon::{LoopPolicy, Parts};
use tidings::deliver::{HealthPolicy, RetryPolicy};
use tidings::model::{
    DeliveryState, Endpoint, EventId, Exchange, Failure, FailureKind, Filter, Headers, Notification, NotificationId,
    NotificationType, Request, Response, Secret, SubscriptionId, SubscriptionSpec, WebUrl,
};
use tidings::port::{Clock, Declared, DeliveryFilter, ExchangeFuture, Http, Store as _};
use tidings::schedule::PollPolicy;
use tidings::store::SqliteStore;

use super::chance::Chance;
use crate::life::{Life, live_beside};

/// How an endpoint fails while faults last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Takes,
    Fails,
    Hangs,
    /// It took it, but its answer is lost.
    Cuts,
    Throttles,
    Down,
}

const MOODS: [Mood; 7] = [Mood::Takes, Mood::Takes, Mood::Fails, Mood::Hangs, Mood::Cuts, Mood::Throttles, Mood::Down];
const NOTIFICATIONS: u64 = 14;
const EVENTS: u64 = 4;
const FAULTS: Duration = Duration::from_mins(8);
const LENGTH: Duration = Duration::from_mins(20);

/// What came of a world.
#[derive(Debug, Default)]
pub(crate) struct Account {
    pub(crate) kills: usize,
    pub(crate) posts: usize,
    /// Deliveries that are neither taken nor to be sent.
    pub(crate) unaccounted: Vec<String>,
    /// Of each endpoint: what the store says was delivered and it never took, or the other way round.
    pub(crate) lost: Vec<String>,
    pub(crate) altered: Vec<String>,
    pub(crate) out_of_order: Vec<String>,
}

#[derive(Debug)]
struct Net {
    chance: Mutex<Chance>,
    faults_until: Timestamp,
    /// Of each endpoint, in the order in which they came first: id and body.
    taken: Mutex<BTreeMap<usize, Vec<(String, String)>>>,
    altered: Mutex<Vec<String>>,
    posts: Mutex<usize>,
}

struct View {
    net: Arc<Net>,
    clock: Arc<dyn Clock>,
}

impl View {
    async fn answer(&self, request: Request) -> Exchange {
        *self.net.posts.lock().unwrap() += 1;
        let at: usize = request.url.host_text().trim_start_matches('e').trim_end_matches(".example").parse().unwrap();
        let mood = if self.clock.now() < self.net.faults_until { MOODS[at] } else { Mood::Takes };
        let (wait, dice) = {
            let mut chance = self.net.chance.lock().unwrap();
            (chance.below(400), chance.below(100))
        };
        tokio::time::sleep(Duration::from_millis(wait)).await;
        let answer = |status, headers: &[(&str, &str)]| {
            let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            Ok(Response {
                status,
                headers: Headers(headers),
                body: Vec::new(),
                url: request.url.clone(),
                redirects: Vec::new(),
            })
        };
        match mood {
            Mood::Fails if dice < 50 => return answer(500, &[]),
            Mood::Hangs if dice < 30 => {
                tokio::time::sleep(request.limits.total).await;
                return Err(Failure { kind: FailureKind::Timeout, detail: "no answer".to_owned() });
            }
            Mood::Throttles if dice < 30 => return answer(429, &[("retry-after", "20")]),
            Mood::Down => return Err(Failure { kind: FailureKind::Connect, detail: "refused".to_owned() }),
            Mood::Takes | Mood::Fails | Mood::Hangs | Mood::Cuts | Mood::Throttles => {}
        }
        self.take(at, &request);
        if mood == Mood::Cuts && dice < 40 {
            return Err(Failure { kind: FailureKind::Timeout, detail: "no answer".to_owned() });
        }
        answer(204, &[])
    }

    fn take(&self, at: usize, request: &Request) {
        let id = request.headers.iter().find(|(n, _)| n == "webhook-id").map(|(_, v)| v.clone()).unwrap();
        let body = String::from_utf8(request.body.clone()).unwrap();
        let mut taken = self.net.taken.lock().unwrap();
        let taken = taken.entry(at).or_default();
        match taken.iter().find(|(known, _)| *known == id) {
            Some((_, known)) if *known == body => {}
            Some(_) => self.net.altered.lock().unwrap().push(format!("{at}: {id}")),
            None => taken.push((id, body)),
        }
    }
}

impl Http for View {
    fn send(&self, request: Request) -> ExchangeFuture<'_> {
        Box::pin(self.answer(request))
    }
}

fn told(number: u64, at: Timestamp) -> Notification {
    let kind = if number < EVENTS { NotificationType::EventOpened } else { NotificationType::EventUpdated };
    Notification {
        id: NotificationId(format!("msg_{number:032x}")),
        kind,
        topic: None,
        event: i64::try_from(number % EVENTS).ok().map(|event| EventId(event + 1)),
        story: None,
        source: None,
        created_at: at,
        body: format!("{{\"type\":\"{}\",\"data\":{{\"number\":{number}}}}}", kind.label()),
    }
}

fn declared() -> Declared {
    let subscription = |at: usize| {
        let url = WebUrl::parse(&format!("https://e{at}.example/")).unwrap();
        let endpoint = Endpoint::webhook(url, Secret::new("whsec_PLANTEDSECRETPLANTEDSECRETPLANTE"));
        SubscriptionSpec::new(format!("e{at}"), endpoint, Filter::default())
    };
    Declared { subscriptions: (0..MOODS.len()).map(subscription).collect(), ..Declared::default() }
}

/// Lives a world through, kills and all, and takes stock.
pub(crate) fn live(seed: u64) -> Account {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("outbox.db");
    let mut chance = Chance::new(seed);
    let start: Timestamp = "2021-12-06T00:00:00Z".parse().unwrap();
    let secs = |secs: u64| SignedDuration::from_secs(i64::try_from(secs).unwrap());
    let plan: Vec<Timestamp> = (0..NOTIFICATIONS)
        .scan(0, |at, _| {
            *at += chance.below(40);
            Some(start + secs(*at))
        })
        .collect();
    let mut ends: Vec<Duration> = (0..chance.below(7)).map(|_| Duration::from_millis(chance.below(600_000))).collect();
    ends.sort();
    let kills = ends.len();
    let net = Arc::new(Net {
        chance: Mutex::new(chance),
        faults_until: start + SignedDuration::try_from(FAULTS).unwrap(),
        taken: Mutex::default(),
        altered: Mutex::default(),
        posts: Mutex::default(),
    });
    let declared = declared();
    let mut from = Duration::ZERO;
    for end in ends.into_iter().chain([LENGTH]) {
        let life = Life {
            file: &file,
            declared: &declared,
            seed,
            start: start + SignedDuration::try_from(from).unwrap(),
            span: end.saturating_sub(from),
            loops: LoopPolicy { max_wait: Duration::from_secs(30), ..LoopPolicy::default() },
            poll: PollPolicy::default(),
            retry: RetryPolicy {
                waits: [vec![Duration::from_secs(5); 3], vec![Duration::from_mins(1); 60]].concat(),
                // Pauses that grow to an hour would outlast the world.
                health: HealthPolicy { rest_max: Duration::from_mins(2), ..HealthPolicy::default() },
                ..RetryPolicy::default()
            },
            websub: None,
        };
        live_beside(
            life,
            |clock| Arc::new(View { net: Arc::clone(&net), clock }),
            |parts| tell_all(parts, plan.clone()),
        );
        from = from.max(end);
    }
    take_stock(&file, &net, kills)
}

/// Tells all of it at its time, over again in each life: what was told already is told once.
async fn tell_all(parts: Parts, plan: Vec<Timestamp>) {
    for (number, at) in (0..).zip(plan) {
        let wait = at.duration_since(parts.clock.now()).try_into().unwrap_or(Duration::ZERO);
        tokio::time::sleep(wait).await;
        let told = told(number, at);
        for subscription in 1..=MOODS.len() {
            let (told, to) = (told.clone(), SubscriptionId(i64::try_from(subscription).unwrap()));
            parts.keeper.tell(move |store| store.notify(&told, to)).await.unwrap();
        }
        parts.bells.dispatch.ring();
    }
    std::future::pending::<()>().await;
}

fn take_stock(file: &Path, net: &Net, kills: usize) -> Account {
    let mut store = SqliteStore::open(file).unwrap();
    let deliveries = store.deliveries(&DeliveryFilter { limit: 10_000, ..DeliveryFilter::default() }).unwrap();
    let taken = net.taken.lock().unwrap();
    let mut account = Account {
        kills,
        posts: *net.posts.lock().unwrap(),
        altered: net.altered.lock().unwrap().clone(),
        ..Account::default()
    };
    for (at, mood) in MOODS.iter().enumerate() {
        let name = format!("e{at}");
        let of_it = deliveries.iter().filter(|d| d.subscription.1 == name);
        account.unaccounted.extend(
            of_it
                .clone()
                .filter(|d| d.state != DeliveryState::Delivered)
                .map(|d| format!("{mood:?}: {} {:?}", d.notification.id, d.state)),
        );
        let delivered: BTreeSet<String> = of_it.map(|d| d.notification.id.0.clone()).collect();
        let got = taken.get(&at).cloned().unwrap_or_default();
        let ids: BTreeSet<String> = got.iter().map(|(id, _)| id.clone()).collect();
        account.lost.extend(delivered.symmetric_difference(&ids).map(|id| format!("{mood:?}: {id}")));
        if u64::try_from(got.len()).ok() != Some(NOTIFICATIONS) {
            account.lost.push(format!("{mood:?}: {} of {NOTIFICATIONS}", got.len()));
        }
        let mut last: BTreeMap<u64, u64> = BTreeMap::new();
        for (_, body) in &got {
            let body: serde_json::Value = serde_json::from_str(body).unwrap();
            let number = body["data"]["number"].as_u64().unwrap();
            if last.insert(number % EVENTS, number).is_some_and(|before| before > number) {
                account.out_of_order.push(format!("{mood:?}: {number}"));
            }
        }
    }
    account
}
