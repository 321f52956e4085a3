//! Who may search, and when: a search may read thousands of stories, so few are made at once, and those of strangers are counted.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Semaphore;

use super::problem::Problem;
use super::quota::Client;
use super::rate::Buckets;
use super::search::{Found, Search};
use super::state::AppState;

/// Searches of bearers under way, and those that wait besides.
const BEARERS: (usize, usize) = (2, 64);
/// The same of strangers: between any two looks of the one that is under way others are read for.
const STRANGERS: (usize, usize) = (1, 8);
/// How long a search waits for those before it. With the time of its own it stays under what an answer may take.
const TURN_MAX: Duration = Duration::from_secs(5);
/// Searches that one address may make in a minute without a token; so many may come at once.
pub(super) const STRANGERS_PER_MINUTE: u32 = 30;

/// Room for searches; cheap to clone.
#[derive(Debug, Clone)]
pub struct Searches {
    bearers: Room,
    strangers: Room,
    pace: Buckets<IpAddr>,
}

impl Default for Searches {
    fn default() -> Self {
        Self { bearers: Room::new(BEARERS), strangers: Room::new(STRANGERS), pace: Buckets::new(STRANGERS_PER_MINUTE) }
    }
}

/// Who searches.
#[derive(Debug, Clone, Copy)]
pub(super) enum Searcher {
    /// The holder of a token.
    Bearer,
    /// Somebody at this address.
    Stranger(Client),
}

impl Searches {
    /// Makes a search when it is its turn. One whose client goes away meanwhile is not made.
    ///
    /// # Errors
    /// 429 where a stranger's address searches too often, 503 where others' searches leave no room.
    pub(super) async fn make(&self, app: &AppState, by: Searcher, search: Search) -> Result<Found, Problem> {
        let room = match by {
            Searcher::Bearer => &self.bearers,
            Searcher::Stranger(client) => {
                self.count(client, app.clock.now())?;
                &self.strangers
            }
        };
        let crowded = || Problem::busy("others are searching; try again in a moment");
        let _seat = room.seats.try_acquire().map_err(|_none_free| crowded())?;
        let turn = tokio::time::timeout(TURN_MAX, room.turns.acquire()).await;
        let Ok(Ok(_turn)) = turn else { return Err(crowded()) };
        Ok(search.ask(&app.keeper).await?)
    }

    fn count(&self, client: Client, now: Timestamp) -> Result<(), Problem> {
        self.pace.take(client.network(), now).map_err(|wait| {
            let most = format!("an address may search {STRANGERS_PER_MINUTE} times a minute without a token");
            Problem::too_soon(&most, wait)
        })
    }
}

/// How many search at once.
#[derive(Debug, Clone)]
struct Room {
    /// Those under way and those that wait.
    seats: Arc<Semaphore>,
    /// Those under way.
    turns: Arc<Semaphore>,
}

impl Room {
    fn new((turns, waiting): (usize, usize)) -> Self {
        Self { seats: Arc::new(Semaphore::new(turns + waiting)), turns: Arc::new(Semaphore::new(turns)) }
    }
}
