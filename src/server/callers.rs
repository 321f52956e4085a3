//! Who holds how many of a listener's connections: what one address may hold grows less as fewer are left, so that none holds all.
//!
//! A share that is fixed would have to be small, for many hold theirs at once; of what is left, an office or a wall of screens behind
//! one address has hundreds while nobody else wants them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::quota::Client;

/// One address may hold so much of what is left: one by itself, a tenth of all.
const PART: usize = 8;
/// But so many in any case: a browser opens six, and goes on with fewer.
const LEAST: usize = 4;
/// Who has 48 bits of an IPv6 address, which many a provider gives to one customer, may hold so many times as many.
const WIDE_SHARE: usize = 2;

/// The connections of a listener; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Callers {
    most: usize,
    held: Arc<Mutex<Held>>,
}

#[derive(Debug, Default)]
struct Held {
    count: usize,
    by_address: BTreeMap<IpAddr, usize>,
    /// By 48 bits of an IPv6 address.
    by_wide: BTreeMap<Ipv6Addr, usize>,
}

/// A connection's place, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    held: Arc<Mutex<Held>>,
    /// `None`: a proxy's, which is many.
    client: Option<Client>,
}

impl Callers {
    /// At most so many.
    pub(super) fn new(most: usize) -> Self {
        Self { most, held: Arc::default() }
    }

    /// A place for a client, or (`None`) for a proxy of ours; `None` where there is none for it.
    pub(super) fn take(&self, client: Option<Client>) -> Option<Place> {
        let mut held = lock(&self.held);
        if held.count >= self.most {
            return None;
        }
        if let Some(client) = client {
            let share = (self.most.saturating_sub(held.count) / PART).max(LEAST);
            let (address, wide) = (client.network(), client.wide());
            let has = held.by_address.get(&address).copied().unwrap_or_default();
            let all = wide.and_then(|wide| held.by_wide.get(&wide)).copied().unwrap_or_default();
            if has >= share || all >= share.saturating_mul(WIDE_SHARE) {
                return None;
            }
            *held.by_address.entry(address).or_default() += 1;
            if let Some(wide) = wide {
                *held.by_wide.entry(wide).or_default() += 1;
            }
        }
        held.count += 1;
        Some(Place { held: Arc::clone(&self.held), client })
    }

    /// Whether more than three quarters are held: then whoever dawdles is cut sooner.
    pub(super) fn is_crowded(&self) -> bool {
        lock(&self.held).count > self.most / 4 * 3
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = lock(&self.held);
        held.count = held.count.saturating_sub(1);
        let Some(client) = self.client else { return };
        leave(&mut held.by_address, client.network());
        if let Some(wide) = client.wide() {
            leave(&mut held.by_wide, wide);
        }
    }
}

/// One less; who has none left is counted no longer.
pub(super) fn leave<K: Ord>(counts: &mut BTreeMap<K, usize>, key: K) {
    if let Entry::Occupied(mut count) = counts.entry(key) {
        *count.get_mut() = count.get().saturating_sub(1);
        if *count.get() == 0 {
            count.remove();
        }
    }
}

/// Nothing that panics is done under the lock.
fn lock(held: &Mutex<Held>) -> MutexGuard<'_, Held> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(address: &str) -> Client {
        Client::at(address.parse().unwrap())
    }

    #[test]
    fn one_address_never_holds_all_and_others_find_a_place_however_many_it_wants() {
        let callers = Callers::new(4_096);
        let taken = |address: &str, wants: usize| -> Vec<Place> {
            (0..wants).filter_map(|_| callers.take(Some(client(address)))).collect()
        };
        let greedy = taken("192.0.2.1", 5_000);
        assert_eq!(greedy.len(), 455);
        assert_eq!(taken("192.0.2.2", 300).len(), 300);
        let more: Vec<_> = (3..30).flat_map(|n| taken(&format!("192.0.2.{n}"), 5_000)).collect();
        assert!(callers.is_crowded(), "{} more", more.len());
        assert_eq!(taken("198.51.100.1", 6).len(), 6, "a browser, while thirty want all");
        drop((greedy, more));
        assert!(!callers.is_crowded());
        assert_eq!(*lock(&callers.held).by_address.keys().collect::<Vec<_>>(), Vec::<&IpAddr>::new());
    }

    #[test]
    fn of_48_bits_all_addresses_together_hold_as_many_as_two_and_a_proxy_holds_what_is_left() {
        let callers = Callers::new(4_096);
        let taken = |many: &mut dyn Iterator<Item = Option<Client>>| -> Vec<Place> {
            many.filter_map(|client| callers.take(client)).collect()
        };
        let wide = taken(&mut (0..5_000).map(|n| Some(client(&format!("2001:db8:7:{n:x}::1")))));
        assert_eq!(wide.len(), 818);
        let ours = taken(&mut (0..5_000).map(|_| None));
        assert_eq!(ours.len(), 4_096 - 818);
        assert!(callers.take(None).is_none() && callers.take(Some(client("192.0.2.1"))).is_none());
    }
}
