//! How a pace is stored: a version, then numbers in little-endian order.

use jiff::Timestamp;

use super::super::hints::Asked;
use super::super::silence::Habit;
use super::Pace;

/// Grows when the bytes mean something else.
const VERSION: u8 = 5;
/// Before a document's window and what conditional requests do were kept.
const UNDOUBTED: u8 = 4;
/// Before habits were kept.
const UNHEARD: u8 = 3;
/// Before the last whole document's time was kept.
const UNTIMED: u8 = 2;
/// Before what a document asks was kept.
const UNASKED: u8 = 1;

impl Pace {
    /// Writes what is stored of it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        bytes.push(VERSION);
        for at in [self.updated_at, self.counted_from, self.last_story_at, self.boosted_at] {
            bytes.extend(stored(at));
        }
        bytes.extend(self.hint_secs.to_le_bytes());
        let floats = [self.stories, self.exposure_days, self.boost, self.weekend];
        let tables = self.hours.iter().chain(&self.gaps).chain(&self.gaps_expected);
        floats.iter().chain(tables).for_each(|value| bytes.extend(value.to_le_bytes()));
        bytes.extend(self.asked.wait_secs.to_le_bytes());
        bytes.extend(self.asked.skip_hours.to_le_bytes());
        bytes.push(self.asked.skip_days);
        bytes.extend(stored(self.whole_at));
        let habit = &self.habit;
        for value in [habit.stories, habit.days, habit.longest_days] {
            bytes.extend(value.to_le_bytes());
        }
        bytes.extend(stored(habit.heard_at));
        bytes.extend(self.window_secs.to_le_bytes());
        bytes.push(self.suspicions);
        bytes.extend(stored(self.suspected_at));
        bytes
    }

    /// Reads what [`Pace::to_bytes`] wrote; `None` where the bytes are of another version or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (version, mut rest) = bytes.split_first()?;
        if !matches!(*version, VERSION | UNDOUBTED | UNHEARD | UNTIMED | UNASKED) {
            return None;
        }
        let [updated_at, counted_from] = [take(&mut rest)?, take(&mut rest)?].map(moment);
        let [last_story_at, boosted_at] = [take(&mut rest)?, take(&mut rest)?].map(moment);
        let hint_secs = u32::from_le_bytes(take(&mut rest)?);
        let mut pace = Self { counted_from, updated_at, last_story_at, hint_secs, boosted_at, ..Self::default() };
        let floats = [&mut pace.stories, &mut pace.exposure_days, &mut pace.boost, &mut pace.weekend];
        let tables = pace.hours.iter_mut().chain(&mut pace.gaps).chain(&mut pace.gaps_expected);
        for value in floats.into_iter().chain(tables) {
            *value = amount(&mut rest)?;
        }
        if *version != UNASKED {
            pace.asked = Asked {
                wait_secs: u32::from_le_bytes(take(&mut rest)?),
                skip_hours: u32::from_le_bytes(take(&mut rest)?),
                skip_days: u8::from_le_bytes(take(&mut rest)?),
            };
        }
        if matches!(*version, VERSION | UNDOUBTED | UNHEARD) {
            pace.whole_at = moment(take(&mut rest)?);
        }
        pace.habit = if matches!(*version, VERSION | UNDOUBTED) {
            let [stories, days, longest_days] = [amount(&mut rest)?, amount(&mut rest)?, amount(&mut rest)?];
            Habit { stories, days, longest_days, heard_at: moment(take(&mut rest)?) }
        } else {
            Habit::of_old(pace.stories, pace.exposure_days, pace.updated_at)
        };
        if *version == VERSION {
            pace.window_secs = u32::from_le_bytes(take(&mut rest)?);
            pace.suspicions = u8::from_le_bytes(take(&mut rest)?);
            pace.suspected_at = moment(take(&mut rest)?);
        }
        rest.is_empty().then_some(pace)
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

/// A number that was learnt. None is negative or endless; bytes that say so are damaged.
fn amount(rest: &mut &[u8]) -> Option<f32> {
    Some(f32::from_le_bytes(take(rest)?)).filter(|read| (0.0..1e9).contains(read))
}

/// The epoch stands for never: no source was read then.
fn stored(at: Option<Timestamp>) -> [u8; 8] {
    at.map_or(0, Timestamp::as_millisecond).to_le_bytes()
}

fn moment(bytes: [u8; 8]) -> Option<Timestamp> {
    let ms = i64::from_le_bytes(bytes);
    if ms == 0 { None } else { Timestamp::from_millisecond(ms).ok() }
}
