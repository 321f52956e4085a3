//! A daemon's life in simulated time: the real loops over a real SQLite file, tokio's paused clock, a web made in the test.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tidings::daemon::{
    Bells, Dice, Ended, Keeper, LoopPolicy, Marketplace, Mischief, Parts, Reach, Reckoning, RobotsBook, Status, Terms,
    WebPush, WebSub, run_loops,
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

/// How a life is bent, and how it ends.
#[derive(Default)]
pub(crate) struct Amid {
    pub(crate) mischief: Mischief,
    /// By how many milliseconds the daemon's clock is wrong.
    pub(crate) skew_ms: Arc<AtomicI64>,
    /// How far it is put forward or back, and after how long.
    pub(crate) jumps: Vec<(Duration, SignedDuration)>,
    pub(crate) ending: Ending,
}

/// How a life ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Ending {
    /// It is killed: its runtime is dropped wherever it stands.
    #[default]
    Killed,
    /// It is asked to stop, and drains.
    Stopped,
}

/// What somebody who runs the daemon has in hand.
pub(crate) struct Hands {
    pub(crate) parts: Parts,
    pub(crate) terms: watch::Sender<Arc<Terms>>,
}

/// A clock that stands at a moment when its life begins, and may be wrong.
#[derive(Debug)]
struct LifeClock {
    start: Timestamp,
    begun: tokio::time::Instant,
    skew_ms: Arc<AtomicI64>,
    /// How far it is put forward or back, and after how long.
    jumps: Vec<(Duration, SignedDuration)>,
}

impl Clock for LifeClock {
    fn now(&self) -> Timestamp {
        let lived = self.begun.elapsed();
        let skew = SignedDuration::from_millis(self.skew_ms.load(Ordering::Relaxed));
        let jumped = self.jumps.iter().filter(|(after, _)| lived >= *after).map(|(_, by)| *by);
        self.start + SignedDuration::try_from(lived).unwrap() + skew + jumped.sum::<SignedDuration>()
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
        let amid = Amid { jumps: jumps.to_vec(), ..Amid::default() };
        let Hands { parts, terms: _terms_hold } = assemble(life, &amid, web);
        let (_stop, heard) = watch::channel(false);
        tokio::select! {
            biased;
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
    live_amid(life, Amid::default(), web, |hands| async move {
        let _terms_hold = hands.terms;
        caller(hands.parts).await;
    });
}

/// Lives one life in that web (which is told the true time), bent, beside somebody who runs the daemon.
pub(crate) fn live_amid<F: Future<Output = ()>>(
    life: Life<'_>,
    amid: Amid,
    web: impl FnOnce(Arc<dyn Clock>) -> Arc<dyn Http>,
    caller: impl FnOnce(Hands) -> F,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(run(life, amid, web, caller));
    // The kill: whatever was under way is dropped where it stood.
    drop(runtime);
}

/// One round through all stages in that web, as `tidings poll` makes it, and an end.
pub(crate) fn round_once(life: Life<'_>, web: impl FnOnce(Arc<dyn Clock>) -> Arc<dyn Http>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let hands = assemble(life, &Amid::default(), web);
        let (_sender, parts) = (hands.terms, hands.parts);
        tidings::daemon::round(parts, None).await.unwrap();
    });
}

async fn run<F: Future<Output = ()>>(
    life: Life<'_>,
    amid: Amid,
    web: impl FnOnce(Arc<dyn Clock>) -> Arc<dyn Http>,
    caller: impl FnOnce(Hands) -> F,
) {
    let span = life.span;
    let hands = assemble(life, &amid, web);
    let (stop, heard) = watch::channel(false);
    let mut loops = std::pin::pin!(run_loops(hands.parts.clone(), heard));
    let caller = caller(hands);
    tokio::select! {
        biased;
        ended = &mut loops => panic!("the daemon ended by itself: {ended:?}"),
        () = caller => panic!("the caller ended by itself"),
        () = tokio::time::sleep(span) => {}
    }
    if amid.ending == Ending::Stopped {
        stop.send_replace(true);
        assert_eq!(loops.await.expect("the daemon stops"), Ended::Stopped);
    }
}

/// The daemon's parts; its terms hold as long as their sender.
fn assemble(life: Life<'_>, amid: &Amid, web: impl FnOnce(Arc<dyn Clock>) -> Arc<dyn Http>) -> Hands {
    #[expect(clippy::disallowed_methods, reason = "the simulated clock is tokio's paused one")]
    let begun = tokio::time::Instant::now();
    let clock_with = |skew_ms, jumps| Arc::new(LifeClock { start: life.start, begun, skew_ms, jumps });
    let true_clock: Arc<dyn Clock> = clock_with(Arc::default(), Vec::new());
    let clock: Arc<dyn Clock> = clock_with(Arc::clone(&amid.skew_ms), amid.jumps.clone());
    let mut store = SqliteStore::open(life.file).unwrap();
    store.sync(life.declared, clock.now()).unwrap();
    store.release_leases(clock.now()).unwrap();
    store.turn_back_plans(None, clock.now()).unwrap();
    let terms = Terms {
        http: web(true_clock),
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
    parts_amid(Keeper::in_place_amid(Box::new(store), amid.mischief.clone()), clock, terms, (life.seed, &amid.mischief))
}

/// The daemon's parts over a store, by a clock; its terms hold as long as their sender.
pub(crate) fn parts_of(
    keeper: Keeper,
    clock: Arc<dyn Clock>,
    terms: Terms,
    seed: u64,
) -> (watch::Sender<Arc<Terms>>, Parts) {
    let Hands { parts, terms } = parts_amid(keeper, clock, terms, (seed, &Mischief::default()));
    (terms, parts)
}

fn parts_amid(keeper: Keeper, clock: Arc<dyn Clock>, terms: Terms, (seed, mischief): (u64, &Mischief)) -> Hands {
    let (sender, terms) = watch::channel(Arc::new(terms));
    let parts = Parts {
        status: Status::new(clock.now()),
        reckoning: Reckoning::new(clock.now()),
        clock,
        keeper,
        bells: Bells::amid(mischief),
        dice: Dice::new(seed),
        market: Marketplace::default(),
        robots: RobotsBook::default(),
        reach: Reach::default(),
        web_push: Some(WebPush::new(VapidKey::parse(VAPID).unwrap(), || Some([7; 48]))),
        terms,
        observer: Arc::new(|_| {}),
        entropy: || Some([7; 32]),
        mischief: mischief.clone(),
    };
    Hands { parts, terms: sender }
}
