//! What polling has learnt of one source's pace: how often it brings stories, at which hours, and how it spaces them.
//!
//! Some 250 bytes a source, updated in place; no list of past stories is kept. The stored form is `pace/encoding.rs`.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::age::{self, AGES};
use super::calendar::{HOURS, Slot, Stretch};
use super::hints::Asked;
use super::intensity::Intensity;
use super::pool::{Pool, Shape};
use super::silence::Habit;

mod encoding;

/// The rate forgets by 1/e in 14 days. From 4 to 42 days the mean delay moved by less than 1 %.
const MEMORY_DAYS: f64 = 14.0;
/// The prior of the rate: one story's worth of belief in 1.5 a day, the middle of news feeds.
const PRIOR_STORIES: f64 = 1.0;
const PRIOR_PER_DAY: f64 = 1.5;
/// Hour and gap counts are halved beyond this, so that a source that changes its habits is followed.
const COUNTS_MAX: f32 = 500.0;
/// The newest dates of a first document tell how often a source brings stories now; more only tell how it once was.
const FIRST_DATES_MAX: usize = 50;
/// A boost fades by 1/e in 45 minutes: about as long as others take to tell of the same event.
pub(super) const BOOST_FADES: Duration = Duration::from_mins(45);

/// A server that says for so long that nothing has changed may say so for ever.
const SILENCE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Stories in the memory at the last one: with two, one a week, a silence of 30 days has a chance of 1.4 %.
const SILENCE_STORIES: f64 = 2.0;

/// So often in a row a source is read without conditions that failed with them until none are made,
const SUSPICIONS: u8 = 2;
/// for so long.
const UNCONDITIONED: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Fewer dates don't tell how long a document holds a story.
const DATES_MIN: usize = 3;

/// 1 January 2026: tidings is younger, so a clock that says less is behind, as one is before it was first set.
const CLOCK_MIN: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// What a good poll showed of the source's pace.
#[derive(Debug, Clone, Copy)]
pub enum Seen<'a> {
    /// The first document ever: the dates in it, in any order.
    First(&'a [Timestamp]),
    /// Stories that are new since the last good poll, each with its date if it has one.
    New(&'a [Option<Timestamp>]),
    /// Something is new, but neither how much nor when can be told: a page without dates.
    Changed,
}

/// What is learnt of one source. The default has learnt nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pace {
    /// Stories, those of long ago counting less.
    stories: f32,
    /// Days that were watched, those of long ago counting less.
    exposure_days: f32,
    /// Since when hours are counted.
    counted_from: Option<Timestamp>,
    /// Until when the counts are kept; `None` before anything was seen.
    updated_at: Option<Timestamp>,
    /// The newest story.
    pub(super) last_story_at: Option<Timestamp>,
    /// Stories by hour of the day, UTC.
    pub(super) hours: [f32; HOURS],
    /// Of them, those on weekends.
    pub(super) weekend: f32,
    /// Gaps between stories that ended at an age of [`AGES`].
    pub(super) gaps: [f32; AGES],
    /// Stories that the rate alone would have brought at that age.
    pub(super) gaps_expected: [f32; AGES],
    /// The publisher's wish at the last good poll, in seconds.
    pub(super) hint_secs: u32,
    /// What its last document asked: an answer without one (304) leaves it in force.
    pub(super) asked: Asked,
    /// Stories expected on top, as of `boosted_at`.
    boost: f32,
    boosted_at: Option<Timestamp>,
    /// When a whole document last came, or was asked for in vain.
    whole_at: Option<Timestamp>,
    /// How it spaces its stories in the long run.
    pub(super) habit: Habit,
    /// How long its document holds a story, in seconds; 0: its dates don't tell.
    window_secs: u32,
    /// How often in a row it was read without conditions where it had failed with them, and when last.
    suspicions: u8,
    suspected_at: Option<Timestamp>,
}

impl Pace {
    /// Stories a day: the Gamma posterior of a decaying Poisson rate, `(a + a0) / (E + a0 / l0)`.
    pub fn per_day(&self) -> f64 {
        (f64::from(self.stories) + PRIOR_STORIES) / (f64::from(self.exposure_days) + PRIOR_STORIES / PRIOR_PER_DAY)
    }

    /// When the newest story came.
    pub fn last_story_at(&self) -> Option<Timestamp> {
        self.last_story_at
    }

    /// The time in which hours were counted.
    pub(super) fn watched(&self) -> Stretch {
        let until = self.updated_at.unwrap_or_default();
        Stretch::between(self.counted_from.unwrap_or(until), until)
    }

    /// Whether so long a silence is unlike the source: in 30 days of answers no document came, nor a story, and before
    /// its last one it brought at least one a week. What passed since the last answer doesn't count: tidings may have
    /// been off, and a thousand sources would be asked for everything at once.
    pub(super) fn doubts_silence(&self) -> bool {
        let (Some(until), Some(whole), Some(story)) = (self.updated_at, self.whole_at, self.last_story_at) else {
            return false;
        };
        let is_silent = |since: Timestamp| until.duration_since(since) >= SILENCE;
        // What has faded since the last story is put back.
        let then = f64::from(self.stories) * (days(story, until) / MEMORY_DAYS).exp();
        is_silent(whole) && is_silent(story) && then >= SILENCE_STORIES
    }

    /// Notes that a whole document came or was asked for.
    pub(super) fn note_whole(&mut self, now: Timestamp) {
        self.whole_at = Some(now);
    }

    /// Counts the time without a whole document from now on, where it was never counted.
    pub(super) fn note_unchanged(&mut self, now: Timestamp) {
        self.whole_at.get_or_insert(now);
    }

    /// Notes that the source was read without conditions after it had failed with them.
    pub(super) fn suspect_conditions(&mut self, now: Timestamp) {
        self.suspicions = self.suspicions.saturating_add(1);
        self.suspected_at = Some(now);
    }

    /// Notes that a conditional request was answered as it should.
    pub(super) fn trust_conditions(&mut self) {
        (self.suspicions, self.suspected_at) = (0, None);
    }

    /// Whether its last poll without conditions was read where those with them had failed. Once may be chance.
    pub(super) fn has_suspected_conditions(&self) -> bool {
        self.suspicions > 0
    }

    /// Whether its conditional requests fail: none are made for a while.
    pub(super) fn doubts_conditions(&self) -> bool {
        let (Some(since), Some(until)) = (self.suspected_at, self.updated_at) else { return false };
        self.suspicions >= SUSPICIONS && until.duration_since(since) < UNCONDITIONED
    }

    /// Takes in how long a document holds a story: from its oldest entry to now, where its entries come steadily up to now; where they
    /// have paused, or come at once, as long as so many take by the source's pace, should that be longer.
    pub(super) fn see_window(&mut self, dates: &[Timestamp], now: Timestamp) {
        let past = || dates.iter().copied().filter(|at| *at <= now);
        let (Some(oldest), Some(newest)) = (past().min(), past().max()) else { return };
        let (whole, count) = (now.duration_since(oldest).as_secs_f64(), past().count());
        if count < DATES_MIN {
            self.window_secs = 0;
            return;
        }
        let is_steady = now.duration_since(newest) <= newest.duration_since(oldest);
        let by_pace = super::market::count(count) / self.per_day() * super::calendar::DAY_SECS;
        let window = if is_steady { whole } else { whole.max(by_pace) };
        let window = Duration::try_from_secs_f64(window).unwrap_or_default().as_secs().max(1);
        self.window_secs = u32::try_from(window).unwrap_or(u32::MAX);
    }

    /// No wish of the publisher's is longer: half as long as its document holds a story, so that none is lost by it. What it holds is
    /// older the longer nothing is new.
    pub(super) fn longest_wish(&self, now: Timestamp) -> Duration {
        if self.window_secs == 0 {
            return Duration::MAX;
        }
        let unchanged =
            self.whole_at.map(|whole| now.duration_since(whole)).and_then(|since| Duration::try_from(since).ok());
        (Duration::from_secs(self.window_secs.into()) + unchanged.unwrap_or_default()) / 2
    }

    /// Takes in the newest date of a document, whoever brought its entry first: a source of which all is known already
    /// is not silent. A date to come says nothing.
    pub(super) fn hear_of(&mut self, newest: Option<Timestamp>, now: Timestamp) {
        self.hold_to(now);
        let is_later = |at: &Timestamp| *at <= now && self.habit.heard_at.is_some_and(|heard| *at > heard);
        if let Some(at) = newest.filter(is_later) {
            self.habit.hear(at);
        }
    }

    /// Whether nothing was ever seen.
    pub fn is_new(&self) -> bool {
        self.updated_at.is_none()
    }

    /// The publisher's wish at the last good poll.
    pub fn hint(&self) -> Duration {
        Duration::from_secs(self.hint_secs.into())
    }

    /// Takes in a good poll, and gives the shape of the source's week. (A failed one says nothing of the source's pace
    /// and is not taken in.)
    ///
    /// Past the first document a poll moves the shape so little that the one from before it does: finding it is the
    /// dearest step of a decision.
    pub(super) fn see(&mut self, seen: Seen<'_>, now: Timestamp, pool: &Pool) -> Shape {
        self.hold_to(now);
        let shape = pool.shape(self);
        let has_told = match seen {
            Seen::First(_) => false,
            Seen::New(dates) => !dates.is_empty(),
            Seen::Changed => true,
        };
        if has_told {
            self.told(now);
        }
        match seen {
            Seen::First(dates) => {
                self.see_first(dates, now, pool);
                return pool.shape(self);
            }
            Seen::New(dates) => self.see_new(dates, now, pool, &shape),
            Seen::Changed => self.see_change(now, &shape),
        }
        shape
    }

    /// Brings back to `now` what was noted by a clock that was ahead: else nothing would fade, nor a silence begin, before the
    /// right clock has caught up. A clock that is behind itself brings nothing back.
    fn hold_to(&mut self, now: Timestamp) {
        if now < CLOCK_MIN {
            return;
        }
        let moments = [
            &mut self.counted_from,
            &mut self.updated_at,
            &mut self.last_story_at,
            &mut self.boosted_at,
            &mut self.whole_at,
            &mut self.suspected_at,
            &mut self.habit.heard_at,
        ];
        for moment in moments.into_iter().flatten() {
            *moment = (*moment).min(now);
        }
    }

    /// The oldest date only opens the exposure: n dates are n - 1 stories in the time since.
    fn see_first(&mut self, dates: &[Timestamp], now: Timestamp, pool: &Pool) {
        let mut past: Vec<Timestamp> = dates.iter().copied().filter(|at| *at <= now).collect();
        past.sort_unstable_by(|a, b| b.cmp(a));
        past.truncate(FIRST_DATES_MAX);
        past.reverse();
        let (oldest, later) = past.split_first().map_or((now, &[][..]), |(oldest, later)| (*oldest, later));
        (self.stories, self.exposure_days, self.updated_at) = (0.0, 0.0, Some(oldest));
        self.counted_from = Some(oldest);
        self.count(later, now, &pool.shape(&Self::default()));
        for at in &past {
            self.habit.hear(*at);
        }
        // What is silent when it is added falls silent no more.
        if self.habit.silence(now).is_some() {
            self.habit = Habit::default();
        }
        if past.is_empty() {
            return;
        }
        self.note_hours(later);
        self.last_story_at = Some(oldest);
        self.note_gaps(later, now, pool, &pool.shape(self));
    }

    fn see_new(&mut self, dates: &[Option<Timestamp>], now: Timestamp, pool: &Pool, shape: &Shape) {
        let last = self.updated_at.unwrap_or(now);
        let midpoint = later(last, Duration::try_from(now.duration_since(last)).unwrap_or_default() / 2);
        // What has no date that can be true appeared somewhere since the last poll.
        let place = |at: &Option<Timestamp>| at.filter(|at| last < *at && *at <= now).unwrap_or(midpoint);
        let mut arrived: Vec<Timestamp> = dates.iter().map(place).collect();
        arrived.sort_unstable();
        self.count(&arrived, now, shape);
        for at in &arrived {
            self.habit.hear(*at);
        }
        let mut dated: Vec<Timestamp> = dates.iter().flatten().copied().filter(|at| last < *at && *at <= now).collect();
        if dated.is_empty() {
            self.last_story_at = self.last_story_at.max(arrived.last().copied());
            return;
        }
        dated.sort_unstable();
        self.note_hours(&dated);
        self.note_gaps(&dated, now, pool, shape);
    }

    /// One bit says that at least one story came: as many are counted as the rate expects of such an interval,
    /// `m / (1 - exp(-m))`. Its fixed point is the estimate of Cho and Garcia-Molina ("Estimating frequency of change",
    /// 2003), and intervals may differ.
    fn see_change(&mut self, now: Timestamp, shape: &Shape) {
        let last = self.updated_at.unwrap_or(now);
        let expected = self.per_day() * days(last, now);
        let stories = if expected > 1e-6 { expected / -(-expected).exp_m1() } else { 1.0 };
        self.age_to(now, shape);
        self.stories += narrow(stories);
        self.habit.hear(now);
        self.last_story_at = self.last_story_at.max(Some(now));
    }

    /// Adds stories to the decaying count, each as faded as it is old.
    fn count(&mut self, arrived: &[Timestamp], now: Timestamp, shape: &Shape) {
        self.age_to(now, shape);
        let faded: f64 = arrived.iter().map(|at| (-days(*at, now) / MEMORY_DAYS).exp()).sum();
        self.stories += narrow(faded);
    }

    /// `E <- E e^(-d/tau) + s tau (1 - e^(-d/tau))`, and the count fades alike. An hour in which little was to be
    /// expected, s below 1, is less of an exposure.
    fn age_to(&mut self, now: Timestamp, shape: &Shape) {
        let since = self.updated_at.unwrap_or(now);
        let aged = days(since, now) / MEMORY_DAYS;
        let kept = (-aged).exp();
        let expected = shape.mean(since, now);
        self.stories = narrow(f64::from(self.stories) * kept);
        self.exposure_days = narrow(f64::from(self.exposure_days) * kept - expected * MEMORY_DAYS * (-aged).exp_m1());
        self.updated_at = self.updated_at.max(Some(now));
        self.counted_from = self.counted_from.or(Some(since));
    }

    fn note_hours(&mut self, dates: &[Timestamp]) {
        for at in dates {
            let slot = Slot::of(*at);
            if let Some(count) = self.hours.get_mut(usize::from(slot.hour)) {
                *count += 1.0;
            }
            self.weekend += if slot.is_weekend() { 1.0 } else { 0.0 };
        }
        if self.hours.iter().sum::<f32>() > COUNTS_MAX {
            self.hours.iter_mut().chain([&mut self.weekend]).for_each(|count| *count /= 2.0);
            // Half as many in half the time.
            let until = self.updated_at.unwrap_or_default();
            let span = Duration::try_from(until.duration_since(self.counted_from.unwrap_or(until))).unwrap_or_default();
            self.counted_from = until.checked_sub(span / 2).ok();
        }
    }

    /// Notes the gaps that end at `dates`, ascending: where each ended, and what the rate and the hours would have
    /// brought in each bin that it passed.
    fn note_gaps(&mut self, dates: &[Timestamp], now: Timestamp, pool: &Pool, shape: &Shape) {
        let mut before = self.last_story_at;
        let expected = Intensity::shaped_as(*shape, self, pool, now);
        let mut noted = [0.0; AGES];
        let mut gaps = [0.0; AGES];
        for at in dates {
            if let Some(start) = before.filter(|start| start <= at) {
                let gap = at.duration_since(start).as_secs_f64();
                for (bin, sum) in age::bins().zip(&mut noted) {
                    let passed = gap.min(bin.until) - bin.from;
                    if passed > 0.0 {
                        let middle = later(start, Duration::from_secs_f64(bin.middle));
                        *sum += expected.shaped(Slot::of(middle)) * passed;
                    }
                }
                if let Some(count) = gaps.get_mut(age::index(gap)) {
                    *count += 1.0;
                }
            }
            before = Some(*at);
        }
        for (sum, more) in self.gaps.iter_mut().zip(gaps).chain(self.gaps_expected.iter_mut().zip(noted)) {
            *sum += narrow(more);
        }
        if self.gaps.iter().sum::<f32>() > COUNTS_MAX {
            self.gaps.iter_mut().chain(&mut self.gaps_expected).for_each(|sum| *sum /= 2.0);
        }
        self.last_story_at = self.last_story_at.max(before);
    }

    /// Expects `stories` more within the next hour or so than the source's own pace promises. Expires by itself.
    pub(super) fn boost(&mut self, stories: f64, now: Timestamp) {
        let held = self.boost_at(now);
        self.boost = narrow((held + stories).max(0.0));
        self.boosted_at = Some(now);
    }

    /// Halves what a boost still expects: the source has brought something, which may be what it was boosted for.
    fn told(&mut self, now: Timestamp) {
        if self.boosted_at.is_some() {
            self.boost = narrow(self.boost_at(now) / 2.0);
            self.boosted_at = Some(now);
        }
    }

    /// Since when a boost is in force.
    pub(super) fn boosted_at(&self) -> Option<Timestamp> {
        self.boosted_at
    }

    /// Stories still expected of a boost at a moment; none before it.
    pub(super) fn boost_at(&self, now: Timestamp) -> f64 {
        let Some(since) = self.boosted_at.filter(|since| *since <= now) else { return 0.0 };
        let faded = (-now.duration_since(since).as_secs_f64().max(0.0) / BOOST_FADES.as_secs_f64()).exp();
        f64::from(self.boost) * faded
    }
}

/// Days from one moment to a later one; none when it is not later.
fn days(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64().max(0.0) / super::calendar::DAY_SECS
}

fn later(at: Timestamp, wait: Duration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// Rounds to the width that is stored: seven digits.
#[expect(clippy::cast_possible_truncation, reason = "rounds; every sum here is small and not negative")]
pub(super) fn narrow(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests;
