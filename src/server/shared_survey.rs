//! What the store counts, asked for once for all who scrape.
//!
//! `/metrics` needs no token, and counting costs more the more is stored: were it done for each who asks, one stranger with a
//! few connections would keep the guests' reader, and with it every page, busy.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Semaphore;

use crate::daemon::Keeper;
use crate::port::{Clock, StoreError, Survey};

/// So long a survey is given to whoever asks: no scraper asks more often than each five seconds.
const SHARED_FOR: SignedDuration = SignedDuration::from_secs(5);
/// Or so many times as long as it took: of the guests' reader scrapes get a tenth at most.
const SHARED_TIMES: i32 = 10;
/// But no longer than this: a clock that was put forward meanwhile makes it seem to have taken hours.
const SHARED_MAX: SignedDuration = SignedDuration::from_mins(1);
/// The last one is given to whoever can't wait for the next, if it is no older: of two scrapes a minute apart one finds it.
const STOPGAP_MAX: SignedDuration = SignedDuration::from_mins(3);

/// The last survey; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct SharedSurvey {
    /// One is made at a time.
    turn: Arc<Semaphore>,
    last: Arc<Mutex<Option<Made>>>,
}

/// What was counted, and when.
#[derive(Debug, Clone)]
pub(super) struct Made {
    /// When it was begun: ages that are counted from it are those of then.
    pub(super) at: Timestamp,
    took: SignedDuration,
    pub(super) survey: Arc<Survey>,
}

impl Made {
    fn is_good(&self, now: Timestamp) -> bool {
        self.is_younger(self.took.saturating_mul(SHARED_TIMES).clamp(SHARED_FOR, SHARED_MAX), now)
    }

    /// By when it was done: what takes ten seconds is good for as long as what takes none.
    fn is_younger(&self, most: SignedDuration, now: Timestamp) -> bool {
        let done_at = self.at.checked_add(self.took).unwrap_or(Timestamp::MAX);
        // One that a clock made that was put back meanwhile is not waited for.
        let age = now.duration_since(done_at);
        !age.is_negative() && age < most
    }
}

impl SharedSurvey {
    /// None was made yet.
    pub(super) fn new() -> Self {
        Self { turn: Arc::new(Semaphore::new(1)), last: Arc::default() }
    }

    /// The last one, where it is young; else a new one.
    ///
    /// # Errors
    /// When the store refuses.
    pub(super) async fn ask(&self, keeper: &Keeper, clock: &Arc<dyn Clock>) -> Result<Made, StoreError> {
        // It is never closed.
        let _turn = self.turn.acquire().await.ok();
        if let Some(made) = self.young(clock.now()) {
            return Ok(made);
        }
        let (shared, clock) = (self.clone(), Arc::clone(clock));
        keeper
            .read(move |store| {
                // Whoever asked before may have left while the reader was at it: that one is theirs and ours.
                let at = clock.now();
                if let Some(made) = shared.young(at) {
                    return Ok(made);
                }
                let survey = Arc::new(store.survey(at)?);
                let took = clock.now().duration_since(at).max(SignedDuration::ZERO);
                let made = Made { at, took, survey };
                *shared.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(made.clone());
                Ok(made)
            })
            .await
    }

    fn young(&self, now: Timestamp) -> Option<Made> {
        self.last(|made| made.is_good(now))
    }

    /// The last one, for whoever can't wait for the next.
    pub(super) fn stopgap(&self, now: Timestamp) -> Option<Made> {
        self.last(|made| made.is_younger(STOPGAP_MAX, now))
    }

    fn last(&self, is_fit: impl FnOnce(&Made) -> bool) -> Option<Made> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().filter(|made| is_fit(made)).cloned()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};
    use std::time::Duration;

    use super::*;
    use crate::model::{TopicKey, TopicSpan, TopicSpec};
    use crate::store::SqliteStore;

    /// A clock that is put where the test wants it.
    #[derive(Debug, Default)]
    struct Hand(AtomicI64);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(self.0.load(Ordering::Relaxed)).unwrap()
        }
    }

    #[tokio::test]
    async fn whoever_asks_within_some_seconds_is_given_what_was_counted_once() {
        let keeper = Keeper::in_place(Box::new(SqliteStore::in_memory().unwrap()));
        let hand = Arc::new(Hand::default());
        let clock: Arc<dyn Clock> = Arc::<Hand>::clone(&hand);
        let shared = SharedSurvey::new();
        let topics = async |secs: i64| {
            hand.0.store(1_800_000_000 + secs, Ordering::Relaxed);
            shared.ask(&keeper, &clock).await.unwrap().survey.counts.topics
        };
        assert_eq!(topics(0).await, 0);
        let spec = TopicSpec {
            key: TopicKey::parse("council").unwrap(),
            name: "Council".to_owned(),
            query: "a".to_owned(),
            fresh: Duration::from_hours(24),
            stale: Duration::from_hours(24),
            span: TopicSpan::default(),
        };
        keeper.write(move |store| store.add_topic(&spec, Timestamp::UNIX_EPOCH)).await.unwrap();
        assert_eq!((topics(4).await, topics(5).await), (0, 1), "it is counted anew after five seconds");
        assert_eq!(topics(-60).await, 1, "a clock that was put back keeps nobody waiting");
    }

    #[test]
    fn the_longer_it_took_the_longer_it_is_given() {
        let at = Timestamp::from_second(1_800_000_000).unwrap();
        let made = |took| Made { at, took, survey: Arc::default() };
        let is_good = |took, secs| made(SignedDuration::from_secs(took)).is_good(at + SignedDuration::from_secs(secs));
        assert!(is_good(0, 4) && !is_good(0, 5) && is_good(2, 21) && !is_good(2, 22));
        assert!(is_good(9, 60) && is_good(9, 68) && !is_good(9, 69), "it is as old as it is done");
        assert!(is_good(3_600, 3_659) && !is_good(3_600, 3_660));
    }

    #[test]
    fn whoever_can_not_wait_is_given_the_last_for_three_minutes() {
        let at = Timestamp::from_second(1_800_000_000).unwrap();
        let shared = SharedSurvey::new();
        assert!(shared.stopgap(at).is_none());
        let took = SignedDuration::from_secs(9);
        *shared.last.lock().unwrap() = Some(Made { at, took, survey: Arc::default() });
        let is_given = |secs| shared.stopgap(at + SignedDuration::from_secs(secs)).is_some();
        assert!(is_given(125) && is_given(188) && !is_given(189) && !is_given(-1));
    }
}
