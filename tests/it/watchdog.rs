//! The watchdog is fed while every loop turns: the real loops over a real SQLite file, of which a thread is held up.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use jiff::Timestamp;
use tidings::daemon::{HubTerms, Keeper, LoopName, LoopPolicy, Parts, Terms, run_loops};
use tidings::dedup::EventPolicy;
use tidings::deliver::RetryPolicy;
use tidings::model::Request;
use tidings::port::{Clock, ExchangeFuture, Http, Store, StoreError};
use tidings::schedule::PollPolicy;
use tidings::store::SqliteStore;
use tokio::sync::watch;

use crate::life::parts_of;

/// As the daemon has it: a loop that has not turned for this long is stuck.
const PATIENCE: Duration = Duration::from_secs(25);
/// The clock runs faster than the machine's, but not so fast that a loop at rest (five seconds) is taken for stuck.
const FASTER: i64 = 4;
/// From one look to the next.
const LOOK: Duration = Duration::from_millis(10);
/// What has not come by then never does.
const BOUND: Duration = Duration::from_mins(1);

/// The loops that write whatever happens, and those that read: together all of them.
const WRITE: [LoopName; 6] =
    [LoopName::Poll, LoopName::Dispatch, LoopName::Push, LoopName::Retention, LoopName::Verify, LoopName::Market];
const READ: [LoopName; 6] =
    [LoopName::Poll, LoopName::Decide, LoopName::Dispatch, LoopName::Hub, LoopName::Verify, LoopName::Market];

/// A clock that the test moves.
struct Moved(AtomicI64);

impl Moved {
    fn on(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// A web that is asked nothing, as there are no sources.
struct Nowhere;

impl Http for Nowhere {
    fn send(&self, _request: Request) -> ExchangeFuture<'_> {
        Box::pin(std::future::pending())
    }
}

/// Waits until exactly the loops of `expected` are stuck: others turn all the while.
async fn stuck_are(expected: &BTreeSet<LoopName>, clock: &Moved, parts: &Parts) {
    let wait = async {
        loop {
            let stuck: BTreeSet<_> = parts.status.stuck(clock.now(), PATIENCE).into_iter().collect();
            if stuck == *expected {
                return;
            }
            tokio::time::sleep(LOOK).await;
            clock.on(FASTER * i64::try_from(LOOK.as_millis()).unwrap());
        }
    };
    if tokio::time::timeout(BOUND, wait).await.is_err() {
        let stuck = parts.status.stuck(clock.now(), PATIENCE);
        panic!("stuck are {stuck:?}, and not {expected:?}");
    }
}

/// Holds up a thread of the store while the loops run, and gives how that shows.
async fn hold_up<F>(hold: impl FnOnce(Keeper, mpsc::Receiver<()>) -> F, expected: &[LoopName])
where
    F: Future<Output = Result<(), StoreError>>,
{
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tidings.db");
    let writer = SqliteStore::open(&file).unwrap();
    let [loops, guests] = [(); 2].map(|()| SqliteStore::open_reader(&file).unwrap());
    let keeper = Keeper::threads(Box::new(writer), [Box::new(loops), Box::new(guests)]).unwrap();
    let clock = Arc::new(Moved(AtomicI64::new(1_638_748_800_000)));
    let terms = Terms {
        http: Arc::new(Nowhere),
        loops: LoopPolicy::default(),
        poll: PollPolicy::default(),
        retry: RetryPolicy::default(),
        events: EventPolicy::default(),
        model: None,
        contact: None,
        websub: None,
        mail: None,
        hub: Some(HubTerms { followers_max: 10, entropy: || Some([7; 32]) }),
    };
    let (_sender, parts) = parts_of(keeper.clone(), clock.clone(), terms, 1);
    let nobody = BTreeSet::new();
    let body = async {
        stuck_are(&nobody, &clock, &parts).await;
        let (release, held) = mpsc::channel();
        let held_up = hold(keeper, held);
        let seen = async {
            // What is done every hour alone is due.
            clock.on(3 * 3_600_000);
            stuck_are(&expected.iter().copied().collect(), &clock, &parts).await;
            release.send(()).unwrap();
            stuck_are(&nobody, &clock, &parts).await;
        };
        let (held_up, ()) = tokio::join!(held_up, seen);
        held_up.unwrap();
    };
    let (_stop, heard) = watch::channel(false);
    tokio::select! {
        ended = run_loops(parts.clone(), heard) => panic!("the daemon ended by itself: {ended:?}"),
        () = body => {}
    }
}

/// The thread was let go by a test that has failed.
fn never() -> StoreError {
    StoreError::Refused { verb: "hold_up", why: "it was never released".to_owned() }
}

#[test]
fn each_loop_needs_a_thread_of_the_store() {
    let needing: BTreeSet<_> = WRITE.into_iter().chain(READ).collect();
    assert_eq!(needing, BTreeSet::from(LoopName::ALL));
}

#[tokio::test]
async fn a_writer_that_hangs_is_a_loop_that_does_not_turn() {
    let hold = |keeper: Keeper, held: mpsc::Receiver<()>| async move {
        keeper.write(move |_store: &mut dyn Store| held.recv().map_err(|_gone| never())).await
    };
    hold_up(hold, &WRITE).await;
}

#[tokio::test]
async fn a_reader_that_hangs_is_a_loop_that_does_not_turn() {
    let hold = |keeper: Keeper, held: mpsc::Receiver<()>| async move {
        keeper.read(move |_store: &mut dyn Store| held.recv().map_err(|_gone| never())).await
    };
    hold_up(hold, &READ).await;
}
