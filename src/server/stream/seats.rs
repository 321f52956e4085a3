//! How many streams may be open: in all, and of those that need no token.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::server::callers::leave;
use crate::server::quota::Client;

/// Streams open at once at most: each holds a connection, and is woken by each notification.
const STREAMS_MAX: usize = 2_000;
/// Of those, without the token: whoever has it finds a place however many strangers there are.
const STRANGERS_MAX: usize = 1_500;
/// Of those, programs at one address: a browser opens six at most (over HTTP/1.1), and a house has several.
const PROGRAMS_PER_ADDRESS_MAX: usize = 32;
/// Of those, open pages at one address: a newsroom, or whoever shares an address of their mobile network.
const PAGES_PER_ADDRESS_MAX: usize = 256;
/// One address has no more than such a part of what strangers have left, but for so many in any case.
const LEFT_PART: usize = 4;
const LEFT_LEAST: usize = 2;
/// Who has 48 bits of an IPv6 address may open so many times as many as one address: a few who did would else take all places.
const WIDE_SHARE: usize = 2;

/// Who listens; strangers' programs and pages are counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Occupant {
    /// A program.
    Program,
    /// An open page of ours.
    Page,
}

impl Occupant {
    /// How many may be open at one address.
    fn share(self) -> usize {
        match self {
            Self::Program => PROGRAMS_PER_ADDRESS_MAX,
            Self::Page => PAGES_PER_ADDRESS_MAX,
        }
    }
}

/// The places; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Seats {
    all: Arc<Semaphore>,
    strangers: Arc<Mutex<Strangers>>,
}

#[derive(Debug, Default)]
struct Strangers {
    count: usize,
    by_address: BTreeMap<(Occupant, IpAddr), usize>,
    /// By 48 bits of an IPv6 address.
    by_wide: BTreeMap<(Occupant, Ipv6Addr), usize>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    _place: OwnedSemaphorePermit,
    stranger: Option<(Arc<Mutex<Strangers>>, Client, Occupant)>,
}

impl Seats {
    /// All of them free.
    pub(super) fn new() -> Self {
        Self { all: Arc::new(Semaphore::new(STREAMS_MAX)), strangers: Arc::default() }
    }

    /// Takes a place, for a stranger, or (`None`) for whoever has the token.
    ///
    /// # Errors
    /// When there is none, why.
    pub(super) fn take(&self, stranger: Option<Client>, occupant: Occupant) -> Result<Seat, String> {
        let full = || format!("{STREAMS_MAX} streams are open already");
        let place = Arc::clone(&self.all).try_acquire_owned().map_err(|_none_left| full())?;
        let Some(stranger) = stranger else { return Ok(Seat { _place: place, stranger: None }) };
        let address = (occupant, stranger.network());
        let mut strangers = lock(&self.strangers);
        if strangers.count >= STRANGERS_MAX {
            return Err(format!("{STRANGERS_MAX} streams are open already without a token"));
        }
        // A few that each took their full share would else have all.
        let left = STRANGERS_MAX.saturating_sub(strangers.count);
        let share = occupant.share().min((left / LEFT_PART).max(LEFT_LEAST));
        if strangers.by_address.get(&address).is_some_and(|own| *own >= share) {
            return Err(format!("{share} streams are open already at this address without a token"));
        }
        let wide = stranger.wide().map(|wide| (occupant, wide));
        let widest = share.saturating_mul(WIDE_SHARE);
        if wide.and_then(|wide| strangers.by_wide.get(&wide)).is_some_and(|all| *all >= widest) {
            return Err(format!("{widest} streams are open already at this network (48 bits) without a token"));
        }
        *strangers.by_address.entry(address).or_default() += 1;
        if let Some(wide) = wide {
            *strangers.by_wide.entry(wide).or_default() += 1;
        }
        strangers.count += 1;
        Ok(Seat { _place: place, stranger: Some((Arc::clone(&self.strangers), stranger, occupant)) })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some((strangers, stranger, occupant)) = self.stranger.take() else { return };
        let mut strangers = lock(&strangers);
        strangers.count = strangers.count.saturating_sub(1);
        leave(&mut strangers.by_address, (occupant, stranger.network()));
        if let Some(wide) = stranger.wide() {
            leave(&mut strangers.by_wide, (occupant, wide));
        }
    }
}

/// Nothing that panics is done under the lock.
fn lock(strangers: &Mutex<Strangers>) -> MutexGuard<'_, Strangers> {
    strangers.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_programs_of_an_address_are_counted_apart_and_48_bits_have_the_share_of_two() {
        let seats = Seats::new();
        let taken = |count: usize, occupant| -> Vec<Seat> {
            let at = |number: usize| Client::at(format!("2001:db8:7:{:x}::1", number / 20).parse().unwrap());
            (0..count).filter_map(|number| seats.take(Some(at(number)), occupant).ok()).collect()
        };
        let programs = taken(100, Occupant::Program);
        let pages = taken(600, Occupant::Page);
        // Twice a quarter of the 1,436 that are left, less and less of them.
        assert_eq!((programs.len(), pages.len()), (64, 478));
        drop(pages);
        assert_eq!((taken(1, Occupant::Page).len(), taken(1, Occupant::Program).len()), (1, 0));
    }

    #[test]
    fn a_few_addresses_never_take_all_that_strangers_have() {
        let seats = Seats::new();
        let taken = |address: String, count: usize| -> Vec<Seat> {
            let stranger = Client::at(address.parse().unwrap());
            (0..count).filter_map(|_| seats.take(Some(stranger), Occupant::Page).ok()).collect()
        };
        let first = taken("192.0.2.1".to_owned(), 1_000);
        assert_eq!(first.len(), 256, "an office has its share");
        let others: Vec<Vec<Seat>> = (2..12).map(|n| taken(format!("192.0.2.{n}"), 1_000)).collect();
        assert!(others.iter().all(|own| own.len() >= 20), "{:?}", others.iter().map(Vec::len).collect::<Vec<_>>());
        assert_eq!(taken("198.51.100.1".to_owned(), 6).len(), 6);
    }
}
