//! Deliveries that were taken and are not written down yet.
//!
//! Their endpoints are free for others meanwhile. One change of the store writes all that were taken while the one before it was on its
//! way to the disk: under light load that is one, under heavy load dozens, which cost one flush and touch each page once.

use std::sync::Arc;

use jiff::Timestamp;

use crate::daemon::Parts;
use crate::daemon::endpoint::{self, Met};
use crate::daemon::lifecycle::insist;
use crate::model::Settlement;
use crate::port::StoreError;

/// An attempt that ended, and what it met.
#[derive(Debug, Clone)]
pub(super) struct Settling {
    pub(super) settlement: Settlement,
    pub(super) met: Met,
}

/// Writes down what was taken; gives how many they were. A change that fails for good is made anew of each by itself, so that one which
/// can't be written leaves the others alone.
pub(super) async fn write_all(parts: Arc<Parts>, taken: Vec<Settling>) -> usize {
    let count = taken.len();
    let taken: Arc<[Settling]> = taken.into();
    let written = {
        let (parts, taken) = (&parts, &taken);
        let write = || {
            let (taken, terms) = (Arc::clone(taken), parts.terms());
            let settle = move |store: &mut dyn crate::port::Store| {
                endpoint::settle_taken(store, taken.iter().map(|one| (&one.settlement, &one.met)), &terms.retry)
            };
            parts.keeper.write(settle)
        };
        insist(write).await
    };
    match written {
        Ok(turned) => {
            for (one, turned) in taken.iter().zip(turned) {
                report(&parts, &one.met, turned);
            }
        }
        Err(error) if count == 1 => taken.iter().for_each(|one| tell_unwritten(&one.settlement, &error)),
        Err(_of_all) => {
            for one in taken.iter() {
                write(&parts, one.clone()).await;
            }
        }
    }
    count
}

/// Writes one attempt down, whatever came of it.
pub(super) async fn write(parts: &Parts, one: Settling) {
    let one = Arc::new(one);
    let write = || {
        let (one, terms) = (Arc::clone(&one), parts.terms());
        parts.keeper.write(move |store| endpoint::settle(store, one.settlement.clone(), &one.met, &terms.retry))
    };
    match insist(write).await {
        Ok(turned) => report(parts, &one.met, turned),
        Err(error) => tell_unwritten(&one.settlement, &error),
    }
}

fn report(parts: &Parts, met: &Met, turned: Option<endpoint::Turned>) {
    if let Some(turned) = turned {
        let (_began, ended): (Timestamp, Timestamp) = met.during;
        endpoint::report(parts, &met.subscription, turned, ended);
    }
}

/// Not settled is as if not sent: the lease runs out and it is sent again under the same id.
fn tell_unwritten(settlement: &Settlement, error: &StoreError) {
    let id = settlement.delivery;
    tracing::warn!(
        delivery.id = id.0,
        "delivery {id} is sent again under the same id, as what came of it could not be recorded: {error}"
    );
}
