//! Why the next poll is when it is, for people.

use std::time::Duration;

use jiff::Timestamp;

use super::intensity::Intensity;
use super::market::Quote;
use super::next;
use super::pace::Pace;
use crate::model::{SourceHealth, SourceSpec, SourceState};

/// What settled the wait until the next poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// It was never polled.
    New,
    /// The delay that its stories pile up reaches the price then.
    Price,
    /// The shortest wait: its stories would pile up the price sooner.
    Shortest,
    /// The longest wait: they would not by then.
    Longest,
    /// The publisher's own wish.
    Hint,
    /// Failed polls, or a host that asked to be left alone.
    Trouble,
    /// It is gone.
    Gone,
    /// It was made due at once, or the price has moved since.
    Moved,
}

impl Bound {
    /// In words.
    pub fn label(self) -> &'static str {
        match self {
            Self::New => "it was not polled yet",
            Self::Price => "the delay of its stories reaches the price then",
            Self::Shortest => "its shortest wait ends then",
            Self::Longest => "its longest wait ends then",
            Self::Hint => "its publisher asks for such a wait",
            Self::Trouble => "its last polls failed, or its host asked for a pause",
            Self::Gone => "it is gone and no longer polled",
            Self::Moved => "it was asked for, or the price has moved since its last poll",
        }
    }
}

/// The numbers behind the next poll.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Why {
    /// Stories expected a day, on the mean of a week.
    pub per_day: f64,
    /// The factor of the hour, now.
    pub hour: f64,
    /// The factor of the age of its last story, now.
    pub age: f64,
    /// The delay that may pile up, in story-minutes, its priority counted in.
    pub price_minutes: f64,
    /// What its publisher asks to wait.
    pub hint: Duration,
    /// What settled the wait.
    pub bound: Bound,
}

/// Says why a source is polled next when it is. Walks again from its last poll, at today's price: so the answer can
/// tell that the price has moved since.
pub fn why(spec: &SourceSpec, state: &SourceState, quote: &Quote, now: Timestamp) -> Why {
    let pace = Pace::from_bytes(&state.pace).unwrap_or_default();
    let price = quote.price / next::weight(spec.priority);
    let (hour, age) = Intensity::plain(&pace, &quote.pool, now).factors();
    Why {
        per_day: pace.per_day(),
        hour,
        age,
        price_minutes: price / 60.0,
        hint: pace.hint(),
        bound: bound(spec, state, &pace, quote, price),
    }
}

/// Waits this near each other are the same: jitter, and the price's own drift in a quarter of an hour.
const NEAR: f64 = 0.08;

fn bound(spec: &SourceSpec, state: &SourceState, pace: &Pace, quote: &Quote, price: f64) -> Bound {
    let Some(last) = state.last_poll_at else { return Bound::New };
    if state.health == SourceHealth::Gone {
        return Bound::Gone;
    }
    if state.failures > 0 {
        return Bound::Trouble;
    }
    let (min, max) = next::ordered((spec.interval_min, spec.interval_max));
    let wish = next::wish(pace.hint(), max);
    let earned = Intensity::plain(pace, &quote.pool, last).reaches(price, max);
    let near = |wait: Duration| {
        let (wait, held) = (wait.as_secs_f64(), state.interval.as_secs_f64());
        (held - wait).abs() <= NEAR * wait.max(1.0)
    };
    let jittered = next::later(last, state.interval.mul_f64(1.0 + NEAR));
    let is_skipped = pace.asked.past_skipped(jittered) > jittered && state.next_poll_at > jittered;
    if is_skipped || wish > Duration::ZERO && near(wish) && wish >= earned.clamp(min, max) {
        Bound::Hint
    } else if near(min) && earned <= min.mul_f64(1.0 + NEAR) {
        Bound::Shortest
    } else if near(max) && earned >= max.mul_f64(1.0 - NEAR) {
        Bound::Longest
    } else if near(earned) {
        Bound::Price
    } else {
        Bound::Moved
    }
}
