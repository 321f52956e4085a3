//! Plays the pranks of a world, by its seed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tidings::daemon::{Mischief, Prank};

use super::chance::Chance;

/// Who plays them. As in `FoundationDB`, each world has some kinds of them and not others: what is always bent hides what
/// breaks where only one thing is.
#[derive(Debug, Clone)]
pub(crate) struct Jester(Arc<Play>);

#[derive(Debug)]
struct Play {
    hand: Mutex<Hand>,
    over: AtomicBool,
}

#[derive(Debug)]
struct Hand {
    chance: Chance,
    /// How often each happens, in a thousand.
    often: BTreeMap<Prank, u64>,
    /// All questions to the store that begin with this one and end before that are refused, as by a full disk.
    outage: Option<(u64, u64)>,
    asked: u64,
    struck: BTreeMap<Prank, u64>,
}

/// Questions to the store in a world, about.
const QUESTIONS: u64 = 3_000;

impl Jester {
    pub(crate) fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed ^ 0x6a65_7374_6572);
        let is_merry = chance.percent(80);
        let mut often = BTreeMap::new();
        for prank in Prank::ALL {
            if is_merry && chance.percent(40) {
                often.insert(prank, *chance.pick(rates(prank)));
            }
        }
        let outage = chance.percent(30).then(|| {
            let first = chance.below(QUESTIONS);
            (first, first + *chance.pick(&[1, 1, 1, 5, 40, 200]))
        });
        let hand = Hand { chance, often, outage, asked: 0, struck: BTreeMap::new() };
        Self(Arc::new(Play { hand: Mutex::new(hand), over: AtomicBool::new(false) }))
    }

    pub(crate) fn mischief(&self) -> Mischief {
        let play = Arc::clone(&self.0);
        Mischief::played_by(move |prank| !play.over.load(Ordering::Relaxed) && play.hand.lock().unwrap().play(prank))
    }

    /// From now on nothing happens any more.
    pub(crate) fn end(&self) {
        self.0.over.store(true, Ordering::Relaxed);
    }

    /// How often each happened.
    pub(crate) fn struck(&self) -> BTreeMap<Prank, u64> {
        self.0.hand.lock().unwrap().struck.clone()
    }
}

/// In a thousand: what a loop does all the time is bent seldom.
fn rates(prank: Prank) -> &'static [u64] {
    match prank {
        Prank::ClaimsOne | Prank::BellLost | Prank::IndexForgotten => &[50, 300, 1_000],
        Prank::LeaseRunsOut => &[50, 500],
        Prank::LaneStalls => &[5, 30],
        Prank::StoreSlow | Prank::ReadRefused | Prank::WriteRefused | Prank::AnswerLost => &[2, 10, 60],
    }
}

impl Hand {
    fn play(&mut self, prank: Prank) -> bool {
        let mut strikes = self.often.get(&prank).is_some_and(|often| self.chance.below(1_000) < *often);
        if matches!(prank, Prank::ReadRefused | Prank::WriteRefused) {
            self.asked += 1;
            strikes |= self.outage.is_some_and(|(from, to)| (from..to).contains(&self.asked));
        }
        if strikes {
            *self.struck.entry(prank).or_default() += 1;
        }
        strikes
    }
}
