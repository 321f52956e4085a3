//! A daemon's life in simulated time: the real loops over a real SQLite file, tokio's paused clock, a web made in the test.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tidings::daemon::{
    Bells, Dice, Keeper, LoopPolicy, Marketplace, Parts, RobotsBook, Status, Terms, WebPush, WebSub, run_loops,
};
use tidings::dedup::EventPolicy;
use tidings::deliver::RetryPolicy;
use tidings::deliver::web_push::VapidKey;
use tidings::port::{Clock, Declared, Http, Store as _};
use tidings::schedule::PollPolicy;
use tidings::store::SqliteStore;
use tokio::sync::watch;

/// Any key of P-256: 32 bytes, each of them 1.
const VAPID: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

/// What a life is made of.
pub(crate) struct Life<'a> {
    /// The store's file, which goes on from one life to the next.
    pub(crate) file: &'a Path,
    pub(crate) declared: &'a Declared,
    pub(crate) seed: u64,
    /// When it begins.
    pub(crate) start: Timestamp,
    /// After so long it is killed: its runtime is dropped wherever it stands.
    pub(crate) span: Duration,
    pub(crate) loops: LoopPolicy,
    pub(crate) poll: PollPolicy,
    pub(crate) retry: RetryPolicy,
    pub(crate) websub: Option<WebSub>,
}

/// A clock that stands at a moment when its life begins.
#[derive(Debug)]
struct LifeClock {
    start: Timestamp,
    begun: tokio::time::Instant,
    /// How far it is put forward or back, and after how long.
    jumps: Vec<(Duration, SignedDuration)>,
}

impl Clock for LifeClock {
    fn now(&self) -> Timestamp {
        let lived = self.begun.elapsed();
        let jumped = self.jumps.iter().filter(|(after, _)| lived >= *after).map(|(_, by)| *by);
        self.start + SignedDuration::try_from(lived).unwrap() + jumped.sum::<SignedDuration>()
    }
}

/// Lives one life in the web that `web` makes of its clock.
pub(crate) fn live(life: Life<'_>, web: impl FnOnce(Arc<dyn Clock>) -> Arc<dyn Http>) {
    live_beside(life, web, |_parts| std::future::pending());
}

/// The same with a clock that is put forward or back, each after so long.
pub(crate) fn live_with_jumps(
    life: Life<'_>,
    jumps: &[(Duration, SignedDuration)],
    web: impl FnOnce(Arc<dyn Clock>) -> Arc<dyn Http>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let span = life.span;
        let (_sender, parts) = assemble(life, jumps.to_vec(), web);
        let (_stop, heard) = watch::channel(false);
        tokio::select! {
            ended = run_loops(parts, heard) => panic!("the daemon ended by itself: {ended:?}"),
            () = tokio::time::sleep(span) => {}
        }
    });
}

/// Lives one life in that web, beside somebody who calls on the daemon.
pub(crate) fn live_beside<F: Future<Output = ()>>(
    life: Life<'_>,
    web: impl FnOnce(Arc<dyn Clock>) -> Arc<dyn Http>,
    caller: impl FnOnce(Parts) -> F,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(run(life, web, caller));
    // The kill: whatever was under way is dropped where it stood.
    drop(runtime);
}

/// One round through all stages in that web, as `tidings poll` makes it, and an end.
pub(crate) fn round_once(life: Life<'_>, web: impl FnOnce(Arc<dyn Clock>) -> Arc<dyn Http>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let (_sender, parts) = assemble(life, Vec::new(), web);
        tidings::daemon::round(parts, None).await.unwrap();
    });
}

async fn run<F: Future<Output = ()>>(
    life: Life<'_>,
    web: impl FnOnce(Arc<dyn Clock>) -> Arc<dyn Http>,
    caller: impl FnOnce(Parts) -> F,
) {
    let span = life.span;
    let (_sender, parts) = assemble(life, Vec::new(), web);
    let (_stop, heard) = watch::channel(false);
    let caller = caller(parts.clone());
    tokio::select! {
        ended = run_loops(parts, heard) => panic!("the daemon ended by itself: {ended:?}"),
        () = caller => panic!("the caller ended by itself"),
        () = tokio::time::sleep(span) => {}
    }
}

/// The daemon's parts; its terms hold as long as their sender.
fn assemble(
    life: Life<'_>,
    jumps: Vec<(Duration, SignedDuration)>,
    web: impl FnOnce(Arc<dyn Clock>) -> Arc<dyn Http>,
) -> (watch::Sender<Arc<Terms>>, Parts) {
    #[expect(clippy::disallowed_methods, reason = "the simulated clock is tokio's paused one")]
    let begun = tokio::time::Instant::now();
    let clock: Arc<dyn Clock> = Arc::new(LifeClock { start: life.start, begun, jumps });
    let mut store = SqliteStore::open(life.file).unwrap();
    store.sync(life.declared, clock.now()).unwrap();
    store.release_leases(clock.now()).unwrap();
    store.turn_back_plans(None, clock.now()).unwrap();
    let terms = Terms {
        http: web(Arc::clone(&clock)),
        loops: life.loops,
        poll: life.poll,
        retry: life.retry,
        events: EventPolicy::default(),
        model: None,
        contact: None,
        websub: life.websub,
        mail: None,
        hub: None,
    };
    let (sender, terms) = watch::channel(Arc::new(terms));
    let parts = Parts {
        status: Status::new(clock.now()),
        clock,
        keeper: Keeper::in_place(Box::new(store)),
        bells: Bells::default(),
        dice: Dice::new(life.seed),
        market: Marketplace::default(),
        robots: RobotsBook::default(),
        web_push: Some(WebPush::new(VapidKey::parse(VAPID).unwrap(), || Some([7; 48]))),
        terms,
        observer: Arc::new(|_| {}),
        entropy: || Some([7; 32]),
    };
    (sender, parts)
}
