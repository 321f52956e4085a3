//! Random worlds of the outbox against a model of it.

use proptest::prelude::*;

use super::given::*;
use crate::model::*;
use crate::port::*;
use crate::store::SqliteStore;

/// What the outbox must do, said as simply as can be.
#[derive(Debug, Clone)]
struct Held {
    id: DeliveryId,
    event: Option<i64>,
    to: SubscriptionId,
    state: DeliveryState,
    next: i64,
    lease_until: i64,
    fence: i64,
}

/// A step of the worker or of time.
#[derive(Debug, Clone)]
enum Step {
    Tell { event: Option<i64>, to: usize },
    Wait(i64),
    Claim { share: usize },
    Settle { pick: usize, verdict: u8 },
    Replay { pick: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (prop::option::of(1..3_i64), 0..2_usize).prop_map(|(event, to)| Step::Tell { event, to }),
        (1..90_i64).prop_map(Step::Wait),
        (1..4_usize).prop_map(|share| Step::Claim { share }),
        (any::<usize>(), 0..3_u8).prop_map(|(pick, verdict)| Step::Settle { pick, verdict }),
        any::<usize>().prop_map(|pick| Step::Replay { pick }),
    ];
    prop::collection::vec(step, 1..60)
}

/// Whether an older delivery of the same subscription and event is pending.
fn is_behind(held: &[Held], one: &Held) -> bool {
    let same = |h: &&Held| h.to == one.to && one.event.is_some() && h.event == one.event && h.id < one.id;
    held.iter().filter(same).any(|h| h.state == DeliveryState::Pending)
}

struct World {
    store: SqliteStore,
    subscriptions: Vec<SubscriptionId>,
    now: i64,
    held: Vec<Held>,
    under_way: Vec<DeliveryClaim>,
}

impl World {
    fn new() -> Self {
        let mut store = SqliteStore::in_memory().unwrap();
        let subscriptions = ["one", "two"].map(|name| store.add_subscription(&hook(name), at(0)).unwrap()).to_vec();
        Self { store, subscriptions, now: 10, held: vec![], under_way: vec![] }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Wait(secs) => self.now += secs,
            Step::Tell { event, to } => self.tell(*event, self.subscriptions[*to]),
            Step::Claim { share } => self.claim(*share),
            Step::Settle { pick, verdict } if !self.under_way.is_empty() => {
                let claim = self.under_way.remove(pick % self.under_way.len());
                self.settle(&claim, *verdict);
            }
            Step::Replay { pick } if !self.held.is_empty() => self.replay(pick % self.held.len()),
            Step::Settle { .. } | Step::Replay { .. } => {}
        }
    }

    fn tell(&mut self, event: Option<i64>, to: SubscriptionId) {
        let told = Notification { created_at: at(self.now), ..notification(&self.held.len().to_string(), event) };
        let id = self.store.notify(&told, to).unwrap().id;
        self.held.push(Held { id, event, to, state: DeliveryState::Pending, next: self.now, lease_until: 0, fence: 0 });
    }

    fn claim(&mut self, share: usize) {
        let ask = ClaimDeliveries { per_subscription: share, ..deliveries_due(at(self.now)) };
        let claims = self.store.claim_deliveries(&ask).unwrap();
        let is_due = |h: &Held| h.state == DeliveryState::Pending && h.next <= self.now && h.lease_until <= self.now;
        for to in &self.subscriptions {
            let may = self.held.iter().filter(|h| h.to == *to && is_due(h) && !is_behind(&self.held, h)).count();
            let got = claims.iter().filter(|c| c.subscription.id == *to).count();
            assert_eq!(got, may.min(share), "claims of {to}");
        }
        for claim in claims {
            let index = self.held.iter().position(|h| h.id == claim.id).unwrap();
            assert!(is_due(&self.held[index]) && !is_behind(&self.held, &self.held[index]));
            self.held[index].lease_until = self.now + 60;
            self.held[index].fence = claim.fence;
            self.under_way.push(claim);
        }
    }

    fn settle(&mut self, claim: &DeliveryClaim, verdict: u8) {
        let later = self.now + 40;
        let verdict = [Verdict::Delivered, Verdict::Retry { at: at(later) }, Verdict::Expired][usize::from(verdict)];
        let before = self.held.iter().find(|h| h.id == claim.id).unwrap().clone();
        let holds = before.state == DeliveryState::Pending && before.fence == claim.fence;
        self.store.settle(&[settlement(claim, at(self.now), verdict)]).unwrap();
        let expected = match verdict {
            Verdict::Delivered => DeliveryState::Delivered,
            Verdict::Expired if holds => DeliveryState::Expired,
            Verdict::Expired | Verdict::Retry { .. } | Verdict::PutOff { .. } | Verdict::Gone => before.state,
        };
        assert_eq!(self.store.delivery(claim.id).unwrap().unwrap().state, expected);
        self.take_over(claim.id, holds || verdict == Verdict::Delivered);
    }

    fn replay(&mut self, index: usize) {
        let held = self.held[index].clone();
        let done = self.store.replay(held.id, at(self.now)).unwrap();
        let is_finished = held.state != DeliveryState::Pending;
        let waits = held.lease_until <= self.now && held.next > self.now && !is_behind(&self.held, &held);
        assert_eq!(done, is_finished || waits, "what waits to be tried again is tried at once");
        if is_finished {
            self.held[index].fence = 0;
        }
        self.take_over(held.id, done);
    }

    /// Takes the times of the store for deliveries that may be attempted; the order is checked by the claims.
    fn take_over(&mut self, changed: DeliveryId, is_free: bool) {
        for held in &mut self.held {
            let now = self.store.delivery(held.id).unwrap().unwrap();
            assert!(held.id == changed || held.state == now.state, "only the settled one changes its state");
            if held.id == changed && is_free {
                held.lease_until = 0;
            }
            held.state = now.state;
            if let Some(next) = now.next_attempt_at {
                held.next = (next.as_millisecond() - T0 + 999).div_euclid(1000);
            }
        }
    }

    /// Delivers all that is pending, in the end.
    fn drain(&mut self) {
        for _ in 0..=self.held.len() {
            self.now += 100;
            for claim in self.store.claim_deliveries(&deliveries_due(at(self.now))).unwrap() {
                self.store.settle(&[settlement(&claim, at(self.now), Verdict::Delivered)]).unwrap();
            }
        }
        assert_eq!(self.store.counts().unwrap().pending, 0);
        assert_eq!(self.store.due().unwrap().delivery_at, None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_outbox_claims_what_is_due_in_order_and_strands_nothing(steps in steps()) {
        let mut world = World::new();
        for step in &steps {
            world.step(step);
        }
        world.drain();
    }
}
