//! Events by their latest story, and how many of them are open, with how many stories.

use std::collections::BTreeMap;
use std::ops::Bound;

use jiff::{Timestamp, ToSpan as _};

use crate::dedup::Crowd;
use crate::model::EventId;

/// Events by their latest story.
///
/// What is open is counted as it changes: each story asks, mostly of the hour that the one before it asked of.
#[derive(Debug, Clone, Default)]
pub(super) struct Latest {
    /// With how many stories each, copies left out.
    events: BTreeMap<(Timestamp, EventId), usize>,
    /// From when on events are counted, and what they are.
    counted: (Timestamp, Crowd),
}

impl Latest {
    /// Puts an event where its latest story is, or says that it has other stories now.
    pub(super) fn put(&mut self, id: EventId, last: Timestamp, stories: usize) {
        self.take(id, last);
        self.events.insert((last, id), stories);
        if last >= self.counted.0 {
            self.counted.1.events += 1;
            self.counted.1.stories += stories;
        }
    }

    /// Takes an event from where it was put.
    pub(super) fn take(&mut self, id: EventId, last: Timestamp) {
        if let Some(stories) = self.events.remove(&(last, id))
            && last >= self.counted.0
        {
            self.counted.1.events -= 1;
            self.counted.1.stories -= stories;
        }
    }

    /// Events whose latest story is not older than this, latest first.
    pub(super) fn since(&self, since: Timestamp) -> impl Iterator<Item = EventId> {
        self.events.range((since, EventId(i64::MIN))..).rev().map(|((_, id), _)| *id)
    }

    /// How many events have a latest story not older than this, to the hour.
    pub(super) fn crowd(&mut self, since: Timestamp) -> Crowd {
        let hour = to_the_hour(since);
        let from = self.counted.0;
        if hour != from {
            let between = self.between(hour.min(from), hour.max(from));
            let counted = &mut self.counted.1;
            // Later, some of those that were counted are too old; earlier, some are not any more.
            let (more, fewer) = if hour < from { (between, Crowd::default()) } else { (Crowd::default(), between) };
            counted.events = (counted.events + more.events).saturating_sub(fewer.events);
            counted.stories = (counted.stories + more.stories).saturating_sub(fewer.stories);
            self.counted.0 = hour;
        }
        self.counted.1
    }

    /// The same, counted anew.
    pub(super) fn crowd_anew(&self, since: Timestamp) -> Crowd {
        self.between(to_the_hour(since), Timestamp::MAX)
    }

    fn between(&self, from: Timestamp, to: Timestamp) -> Crowd {
        let bound = |at| (at, EventId(i64::MIN));
        let events = self.events.range((Bound::Included(bound(from)), Bound::Excluded(bound(to))));
        events.fold(Crowd::default(), |sum, (_, stories)| Crowd {
            events: sum.events + 1,
            stories: sum.stories + stories,
        })
    }
}

fn to_the_hour(at: Timestamp) -> Timestamp {
    let past = at.as_second().rem_euclid(3_600);
    at.checked_sub(past.seconds()).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::Latest;
    use crate::model::EventId;

    proptest! {
        #[test]
        fn what_is_counted_as_it_changes_is_what_a_count_finds(
            steps in proptest::collection::vec((0i64..8, 0i64..200, 0usize..5, any::<bool>(), 0i64..200), 1..60),
        ) {
            let at = |hour: i64| Timestamp::from_second(hour * 1_800).unwrap();
            let mut latest = Latest::default();
            let mut places = [0i64; 8];
            for (id, place, stories, goes, asked) in steps {
                let held = &mut places[usize::try_from(id).unwrap()];
                latest.take(EventId(id), at(*held));
                if !goes {
                    *held = place;
                    latest.put(EventId(id), at(place), stories);
                }
                prop_assert_eq!(latest.crowd(at(asked)), latest.crowd_anew(at(asked)));
            }
        }
    }
}
