//! How many streams may be open: in all, and of those that need no token.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::server::quota::{Client, WIDE_SHARE};

/// Streams open at once at most: each holds a connection, and is woken by each notification.
const STREAMS_MAX: usize = 2_000;
/// Of those, without the token: whoever has it finds a place however many strangers there are.
const STRANGERS_MAX: usize = 1_500;
/// Of those, programs at one address: a browser opens six at most (over HTTP/1.1), and a house has several.
pub(super) const PROGRAMS_PER_ADDRESS_MAX: usize = 32;
/// Of those, open pages at one address, programs included: a newsroom, or whoever shares an address of their mobile network.
pub(super) const PAGES_PER_ADDRESS_MAX: usize = 256;

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
    /// By 48 bits of an IPv6 address.
    by_wide: BTreeMap<Ipv6Addr, usize>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    _place: OwnedSemaphorePermit,
    stranger: Option<(Arc<Mutex<Strangers>>, Client)>,
}

impl Seats {
    /// All of them free.
    pub(super) fn new() -> Self {
        Self { all: Arc::new(Semaphore::new(STREAMS_MAX)), strangers: Arc::default() }
    }

    /// Takes a place, for a stranger at an address where `share` are open at most, or (`None`) for whoever has the token.
    ///
    /// # Errors
    /// When there is none, why.
    pub(super) fn take(&self, stranger: Option<Client>, share: usize) -> Result<Seat, String> {
        let full = || format!("{STREAMS_MAX} streams are open already");
        let place = Arc::clone(&self.all).try_acquire_owned().map_err(|_none_left| full())?;
        let Some(stranger) = stranger else { return Ok(Seat { _place: place, stranger: None }) };
        let address = stranger.network();
        let mut strangers = lock(&self.strangers);
        if strangers.count >= STRANGERS_MAX {
            return Err(format!("{STRANGERS_MAX} streams are open already without a token"));
        }
        if strangers.by_address.get(&address).is_some_and(|own| *own >= share) {
            return Err(format!("{share} streams are open already at this address without a token"));
        }
        let wide = stranger.wide();
        let widest = share.saturating_mul(usize::try_from(WIDE_SHARE).unwrap_or(usize::MAX));
        if wide.and_then(|wide| strangers.by_wide.get(&wide)).is_some_and(|all| *all >= widest) {
            return Err(format!("{widest} streams are open already at this network (48 bits) without a token"));
        }
        *strangers.by_address.entry(address).or_default() += 1;
        if let Some(wide) = wide {
            *strangers.by_wide.entry(wide).or_default() += 1;
        }
        strangers.count += 1;
        Ok(Seat { _place: place, stranger: Some((Arc::clone(&self.strangers), stranger)) })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some((strangers, stranger)) = self.stranger.take() else { return };
        let mut strangers = lock(&strangers);
        strangers.count = strangers.count.saturating_sub(1);
        leave(&mut strangers.by_address, stranger.network());
        if let Some(wide) = stranger.wide() {
            leave(&mut strangers.by_wide, wide);
        }
    }
}

fn leave<K: Ord>(counts: &mut BTreeMap<K, usize>, key: K) {
    if let Entry::Occupied(mut count) = counts.entry(key) {
        *count.get_mut() = count.get().saturating_sub(1);
        if *count.get() == 0 {
            count.remove();
        }
    }
}

/// Nothing that panics is done under the lock.
fn lock(strangers: &Mutex<Strangers>) -> MutexGuard<'_, Strangers> {
    strangers.lock().unwrap_or_else(PoisonError::into_inner)
}
