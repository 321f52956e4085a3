//! What a keeper promises of the jobs that it is given.

use std::path::Path;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use jiff::Timestamp;

use super::*;
use crate::model::{TopicKey, TopicSpan, TopicSpec};
use crate::store::SqliteStore;

fn open(folder: &Path) -> Keeper {
    let file = folder.join("tidings.db");
    let writer = SqliteStore::open(&file).unwrap();
    let reader = || -> Box<dyn Store> { Box::new(SqliteStore::open_reader(&file).unwrap()) };
    Keeper::threads(Box::new(writer), [reader(), reader()]).unwrap()
}

fn topic(number: usize) -> TopicSpec {
    TopicSpec {
        key: TopicKey::parse(&format!("t{number}")).unwrap(),
        name: number.to_string(),
        query: "a".to_owned(),
        fresh: Duration::from_hours(24),
        stale: Duration::from_hours(24),
        span: TopicSpan::default(),
    }
}

async fn add(keeper: &Keeper, number: usize) -> Result<(), StoreError> {
    keeper.write(move |store| store.add_topic(&topic(number), Timestamp::UNIX_EPOCH)).await
}

async fn count(keeper: &Keeper) -> usize {
    keeper.read(|store| store.topics()).await.unwrap().len()
}

#[tokio::test]
async fn what_was_answered_is_seen_by_the_reader_and_one_jobs_error_is_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let keeper = open(folder.path());
    // Twice as many as the queue holds; every tenth repeats the one before and is refused.
    let write = |number: usize| add(&keeper, if number % 10 == 9 { number - 1 } else { number });
    let outcomes = join_all((0..2 * QUEUE_JOBS_MAX).map(write)).await;
    let taken = outcomes.iter().filter(|outcome| matches!(outcome, Err(StoreError::Taken { .. }))).count();
    assert_eq!(taken, 51);
    assert_eq!(count(&keeper).await, outcomes.len() - taken);
}

#[tokio::test]
async fn leases_keep_their_place_among_writes() {
    let folder = tempfile::tempdir().unwrap();
    let keeper = open(folder.path());
    // Queued together: each lease counts the topics that were added before it.
    let steps = join_all((0..40).map(|number| {
        let keeper = keeper.clone();
        async move {
            if number % 4 == 3 {
                keeper.lease(|store| store.topics()).await.unwrap().len()
            } else {
                add(&keeper, number).await.unwrap();
                0
            }
        }
    }));
    let seen: Vec<usize> = steps.await.into_iter().filter(|count| *count > 0).collect();
    assert_eq!(seen, (1..=10).map(|n| 3 * n).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_outlives_a_power_cut_and_what_does_not_keep_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let keeper = open(folder.path());
    // Queued together, in runs of three of a kind: each sees all that was queued before it, of either kind.
    let steps = join_all((0..60).map(|number| {
        let keeper = keeper.clone();
        let job = move |store: &mut dyn Store| {
            store.add_topic(&topic(number), Timestamp::UNIX_EPOCH)?;
            Ok(store.topics()?.len())
        };
        async move { if number / 3 % 2 == 0 { keeper.note(job).await } else { keeper.write(job).await }.unwrap() }
    }));
    assert_eq!(steps.await, (1..=60).collect::<Vec<_>>());
    assert_eq!(count(&keeper).await, 60);
}

#[tokio::test]
async fn no_loop_waits_behind_what_guests_ask_and_nothing_is_read_for_a_guest_who_has_left() {
    let folder = tempfile::tempdir().unwrap();
    let keeper = open(folder.path());
    let guests = keeper.for_guests();
    let ((begun, is_begun), (end, ended)) = (oneshot::channel(), std::sync::mpsc::channel::<()>());
    let mut long = Box::pin(guests.read(move |store| {
        begun.send(()).unwrap();
        ended.recv().unwrap();
        store.topics()
    }));
    assert!(long.as_mut().now_or_never().is_none());
    is_begun.await.unwrap();
    add(&keeper, 0).await.unwrap();
    assert_eq!(count(&keeper).await, 1, "while the guests' reader is busy");

    let (asked, is_asked) = oneshot::channel();
    let hasty = tokio::time::timeout(Duration::ZERO, guests.read(|_store| Ok(asked.send(()).ok())));
    assert!(hasty.await.is_err());
    end.send(()).unwrap();
    assert_eq!((long.await.unwrap().len(), count(&guests).await), (1, 1));
    assert!(is_asked.await.is_err(), "its question was dropped");
}

#[tokio::test]
async fn what_is_left_is_done_once_in_the_commit_that_tells_and_may_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let keeper = open(folder.path());
    let look = |store: &mut dyn Store| Ok(store.topics()?.len());
    let tell = |number| keeper.tell(move |store| store.add_topic(&topic(number), Timestamp::UNIX_EPOCH));
    let mut left = keeper.leave(look);
    add(&keeper, 0).await.unwrap();
    tell(1).await.unwrap();
    tell(2).await.unwrap();
    assert_eq!(left.done().await.unwrap(), 2, "neither by what only writes, nor a second time");

    let left = keeper.leave(look);
    tell(3).await.unwrap();
    assert_eq!(left.take_back().await.unwrap(), Some(4), "it was done already");
    let left = keeper.leave(|store| store.add_topic(&topic(9), Timestamp::UNIX_EPOCH));
    assert!(left.take_back().await.unwrap().is_none());
    drop(keeper.leave(|store| store.add_topic(&topic(9), Timestamp::UNIX_EPOCH)));
    tell(4).await.unwrap();
    assert_eq!(count(&keeper).await, 5);
}

#[tokio::test]
async fn what_is_left_fails_alone() {
    let folder = tempfile::tempdir().unwrap();
    let keeper = open(folder.path());
    let left = keeper.leave(|store| {
        store.add_topic(&topic(1), Timestamp::UNIX_EPOCH)?;
        store.add_topic(&topic(1), Timestamp::UNIX_EPOCH)
    });
    keeper.tell(|store| store.add_topic(&topic(0), Timestamp::UNIX_EPOCH)).await.unwrap();
    assert!(matches!(left.take_back().await, Err(StoreError::Taken { .. })));
    assert_eq!(count(&keeper).await, 2);
}

#[tokio::test]
async fn closing_finishes_what_is_queued_and_refuses_what_comes_later() {
    let folder = tempfile::tempdir().unwrap();
    let keeper = open(folder.path());
    let clone = keeper.clone();
    let writes = join_all((0..100).map(|number| add(&clone, number)));
    let (outcomes, ()) = tokio::join!(writes, keeper.close());
    assert!(outcomes.iter().all(Result::is_ok));
    assert!(matches!(add(&clone, 100).await, Err(StoreError::Refused { verb: "keeper", .. })));

    assert_eq!(count(&open(folder.path())).await, 100);
}

#[tokio::test]
async fn a_panic_ends_the_keeper_and_leaves_nothing_half_written() {
    let folder = tempfile::tempdir().unwrap();
    let keeper = open(folder.path());
    add(&keeper, 0).await.unwrap();
    let panics = keeper.write::<()>(|store| {
        store.add_topic(&topic(1), Timestamp::UNIX_EPOCH)?;
        panic!("a job's own");
    });
    assert!(matches!(panics.await, Err(StoreError::Refused { verb: "keeper", .. })));
    assert!(matches!(add(&keeper, 2).await, Err(StoreError::Refused { verb: "keeper", .. })));
    assert_eq!(count(&keeper).await, 1);
}
