//! The price of a poll: the delay that may pile up before one is made, the same for all sources, so that a day's
//! requests come out at the budget.

use std::time::Duration;

use jiff::Timestamp;

use super::calendar::{DAY_SECS, Slot};
use super::intensity::Intensity;
use super::next;
use super::pace::Pace;
use super::pool::{Census, Pool};
use crate::model::Priority;

mod encoding;

/// The price of a source of the prior's rate polled each half hour: what is asked before anything is known.
const FIRST_PRICE: f64 = 1.5 / DAY_SECS * 1_800.0 * 1_800.0 / 2.0;
/// Hours that are looked ahead: a day's requests come out at the budget, on working days and on weekends.
const AHEAD: usize = 24;
/// Requests are held against what was foreseen over about a day, so that each hour of it counts.
const TALLY_FADES: Duration = Duration::from_hours(24);
/// A stretch longer than this between two tallies was a stop: nothing was to be polled in it.
const TALLY_MAX: Duration = Duration::from_hours(2);
/// A budget is a limit: what is aimed at lies this much below, as a day may come out a per cent or two above its aim.
const AIM: f64 = 0.99;
/// It is believed that as many are made as foreseen as if they had been for this long.
const TALLY_BELIEF: Duration = Duration::from_hours(2);
/// The correction keeps within these: more is a fault that it must not follow.
const GAIN_BOUNDS: (f64, f64) = (0.5, 2.0);
/// One over the square root of the price keeps within these: a price of a millionth of a story-second, or of an age.
const ROOTS: (f64, f64) = (1e-6, 1e3);
/// Sources that are well have so much of their share at least, whatever others in trouble cost.
const LEAST_SHARE: f64 = 0.5;
/// The search for it ends when it is known to a thousandth.
const ROOT_NEAR: f64 = 1.001;

/// The terms on which all sources are polled: made by [`Market::price`], shared by every decision until the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Quote {
    /// Weighted story-seconds of delay that may pile up before a poll.
    pub price: f64,
    /// What all sources have in common.
    pub pool: Pool,
}

impl Default for Quote {
    fn default() -> Self {
        Self { price: FIRST_PRICE, pool: Pool::default() }
    }
}

/// A source as the market sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Trader {
    /// What is learnt of it.
    pub pace: Pace,
    /// How much its stories count.
    pub weight: f64,
    /// The shortest wait between two of its polls, hints included.
    pub shortest: Duration,
    /// The longest.
    pub longest: Duration,
    /// The wait that it is at for other reasons than its pace: a source in trouble.
    pub fixed: Option<Duration>,
}

impl Trader {
    /// A source as stored: what is learnt of it, its bounds, and for one in trouble the wait that it is at.
    pub fn of(pace: &[u8], priority: Priority, bounds: (Duration, Duration), trouble: Option<Duration>) -> Self {
        let pace = Pace::from_bytes(pace).unwrap_or_default();
        let (shortest, longest) = next::ordered(bounds);
        let wish = next::wish(pace.hint(), longest);
        Self { weight: next::weight(priority), shortest: shortest.max(wish), longest, fixed: trouble, pace }
    }
}

/// Finds the price, and holds the requests made against those foreseen.
#[derive(Debug, Clone, PartialEq)]
pub struct Market {
    quote: Quote,
    /// Requests a second foreseen at the quoted price for the hour in which it was found, and on the mean of a day.
    foreseen: f64,
    foreseen_daily: f64,
    /// Requests made and foreseen, those of more than a day ago faded.
    made: f64,
    expected: f64,
    tallied_at: Option<Timestamp>,
}

impl Default for Market {
    fn default() -> Self {
        Self { quote: Quote::default(), foreseen: 0.0, foreseen_daily: 0.0, made: 0.0, expected: 0.0, tallied_at: None }
    }
}

impl Market {
    /// The terms in force.
    pub fn quote(&self) -> &Quote {
        &self.quote
    }

    /// Requests a second foreseen on the mean of a day: the budget, or what the sources' own bounds make of it.
    pub fn foreseen_per_sec(&self) -> f64 {
        self.foreseen_daily
    }

    /// Requests made over requests foreseen, of late.
    pub fn gain(&self) -> f64 {
        let (low, high) = GAIN_BOUNDS;
        let belief = self.foreseen_daily * TALLY_BELIEF.as_secs_f64();
        if self.expected + belief <= 0.0 {
            1.0
        } else {
            ((self.made + belief) / (self.expected + belief)).clamp(low, high)
        }
    }

    /// Takes in the requests made since the last tally.
    pub fn tally(&mut self, requests: u32, now: Timestamp) {
        let since = self.tallied_at.replace(now).unwrap_or(now);
        let passed = Duration::try_from(now.duration_since(since)).unwrap_or_default();
        if passed.is_zero() || passed > TALLY_MAX {
            return;
        }
        let kept = (-passed.as_secs_f64() / TALLY_FADES.as_secs_f64()).exp();
        self.made = self.made * kept + f64::from(requests);
        self.expected = self.expected * kept + self.foreseen * passed.as_secs_f64();
    }

    /// Finds the price at which `traders`, a fair sample of `sources`, are polled `per_sec` times a second in all, on
    /// the mean of the day ahead.
    pub fn price(&mut self, traders: &[Trader], sources: usize, per_sec: f64, now: Timestamp) {
        if traders.is_empty() {
            return;
        }
        let mut census = Census::default();
        for trader in traders {
            census.add(&trader.pace);
        }
        let pool = census.pool();
        let scale = count(sources) / count(traders.len());
        let share = per_sec / count(sources);
        let demand = Demand::of(traders, &pool, share, now);
        // Those in trouble are tried again soon at first, and rarely later: they take no more than their share, and never what the others
        // live on.
        let (settled, well) = (traders.iter().filter(|trader| trader.fixed.is_some()).count(), traders.len());
        let least = demand.settled() + LEAST_SHARE * share * count(well - settled);
        let wanted = (AIM * per_sec / scale / self.gain()).max(least);
        let root = demand.root_for(wanted, 1.0 / self.quote.price.sqrt());
        (self.foreseen, self.foreseen_daily) = (demand.now(root) * scale, demand.total(root) * scale);
        self.quote = Quote { price: 1.0 / (root * root), pool };
    }
}

/// How often each source is polled at which price: `sqrt(w l / 2) / sqrt(price)` a second, within its bounds.
struct Demand {
    rows: Vec<Row>,
}

struct Row {
    is_settled: bool,
    /// At a price of 1, by hour from now.
    roots: [f64; AHEAD],
    least: f64,
    most: f64,
}

impl Demand {
    /// `share` is what the budget has for one source, requests a second.
    fn of(traders: &[Trader], pool: &Pool, share: f64, now: Timestamp) -> Self {
        let mut slot = Slot::of(now);
        let hours = [(); AHEAD].map(|()| {
            let next = slot.next();
            std::mem::replace(&mut slot, next)
        });
        let row = |trader: &Trader| {
            let rate = Intensity::plain(&trader.pace, pool, now);
            let roots = hours.map(|slot| (trader.weight * rate.shaped(slot) / 2.0).sqrt());
            let bound = |wait: Duration| 1.0 / wait.as_secs_f64().max(1e-3);
            if let Some(wait) = trader.fixed {
                let settled = bound(wait).min(share);
                return Row { is_settled: true, roots, least: settled, most: settled };
            }
            let least = bound(trader.longest.max(trader.shortest));
            Row { is_settled: false, roots, least, most: bound(trader.shortest).max(least) }
        };
        Self { rows: traders.iter().map(row).collect() }
    }

    /// Requests a second of those whose wait is settled, whatever the price.
    fn settled(&self) -> f64 {
        self.rows.iter().filter(|row| row.is_settled).map(|row| row.least).sum()
    }

    /// Requests a second in this hour; `root` is one over the square root of the price.
    fn now(&self, root: f64) -> f64 {
        let of = |row: &Row| (root * row.roots.first().copied().unwrap_or(0.0)).clamp(row.least, row.most);
        self.rows.iter().map(of).sum()
    }

    /// Requests a second on the mean of the day.
    fn total(&self, root: f64) -> f64 {
        let of = |row: &Row| row.roots.iter().map(|own| (root * own).clamp(row.least, row.most)).sum::<f64>();
        self.rows.iter().map(of).sum::<f64>() / count(AHEAD)
    }

    /// The root at which the total is `wanted`; the total grows with it. Looked for near the last one, in steps that
    /// double until it lies between two, then by bisection. Where the bounds leave no such price, one far out.
    fn root_for(&self, wanted: f64, last: f64) -> f64 {
        let (mut low, mut high) = (last, last);
        let mut step = 1.02_f64;
        if self.total(last) < wanted {
            while self.total(high) < wanted && high < ROOTS.1 {
                (low, high, step) = (high, high * step, step * step);
            }
        } else {
            while self.total(low) > wanted && low > ROOTS.0 {
                (low, high, step) = (low / step, low, step * step);
            }
        }
        while high / low > ROOT_NEAR {
            let middle = (low * high).sqrt();
            *(if self.total(middle) < wanted { &mut low } else { &mut high }) = middle;
        }
        (low * high).sqrt().clamp(ROOTS.0, ROOTS.1)
    }
}

/// Counts as numbers; four thousand million sources are not reached.
pub(super) fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::from(u32::MAX), f64::from)
}

#[cfg(test)]
mod tests;
