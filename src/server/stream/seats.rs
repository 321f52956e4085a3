//! How many streams may be open: in all, and of those that need no token.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::server::quota::Client;

/// Streams open at once at most: each holds a connection, and is woken by each notification.
const STREAMS_MAX: usize = 2_000;
/// Of those, without the token: whoever has it finds a place however many strangers there are.
const STRANGERS_MAX: usize = 1_500;
/// Of those, of one address: a browser opens six at most (over HTTP/1.1), and a house has several.
const STRANGERS_PER_ADDRESS_MAX: usize = 32;

/// The places; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Seats {
    all: Arc<Semaphore>,
    strangers: Arc<Mutex<Strangers>>,
}

#[derive(Debug, Default)]
struct Strangers {
    count: usize,
    by_address: BTreeMap<IpAddr, usize>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    _place: OwnedSemaphorePermit,
    stranger: Option<(Arc<Mutex<Strangers>>, IpAddr)>,
}

impl Seats {
    /// All of them free.
    pub(super) fn new() -> Self {
        Self { all: Arc::new(Semaphore::new(STREAMS_MAX)), strangers: Arc::default() }
    }

    /// Takes a place, for a stranger at an address or (`None`) for whoever has the token.
    ///
    /// # Errors
    /// When there is none, why.
    pub(super) fn take(&self, stranger: Option<Client>) -> Result<Seat, String> {
        let full = || format!("{STREAMS_MAX} streams are open already");
        let place = Arc::clone(&self.all).try_acquire_owned().map_err(|_none_left| full())?;
        let Some(stranger) = stranger else { return Ok(Seat { _place: place, stranger: None }) };
        let address = stranger.network();
        let mut strangers = lock(&self.strangers);
        if strangers.count >= STRANGERS_MAX {
            return Err(format!("{STRANGERS_MAX} streams are open already without a token"));
        }
        let own = strangers.by_address.entry(address).or_default();
        if *own >= STRANGERS_PER_ADDRESS_MAX {
            return Err(format!(
                "{STRANGERS_PER_ADDRESS_MAX} streams are open already at this address without a token"
            ));
        }
        *own += 1;
        strangers.count += 1;
        Ok(Seat { _place: place, stranger: Some((Arc::clone(&self.strangers), address)) })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some((strangers, address)) = self.stranger.take() else { return };
        let mut strangers = lock(&strangers);
        strangers.count = strangers.count.saturating_sub(1);
        if let Some(own) = strangers.by_address.get_mut(&address) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                strangers.by_address.remove(&address);
            }
        }
    }
}

/// Nothing that panics is done under the lock.
fn lock(strangers: &Mutex<Strangers>) -> MutexGuard<'_, Strangers> {
    strangers.lock().unwrap_or_else(PoisonError::into_inner)
}
