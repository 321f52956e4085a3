//! The end of the log, in memory: what was told last, each written out once for all streams.
//!
//! Most streams stand at the end. One task ([`Streams::feed`](super::Streams::feed)) reads the store there when the log's gong
//! rings; the streams are woken by what it read and ask the store nothing. A stream that stands further back reads the store until
//! it has caught up.

use std::collections::VecDeque;

use axum::body::Bytes;

use super::frame;
use crate::model::{NotificationType, Sequence, TopicKey};
use crate::port::{LogFilter, LogPage};

/// Notifications kept at most, at most 20 kB each: who falls further behind reads the store.
const KEPT: usize = 64;

/// What was told last, all of it from a place on.
#[derive(Debug, Default)]
pub(super) struct Tail {
    /// `None`: nobody listened, so it was not kept.
    span: Option<Span>,
    told: VecDeque<Told>,
    is_over: bool,
}

/// What is known of the log: all that came after `from`, up to `through`.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: Sequence,
    through: Sequence,
}

#[derive(Debug)]
struct Told {
    seq: Sequence,
    kind: NotificationType,
    topic: Option<TopicKey>,
    text: Bytes,
}

/// What a stream finds after its place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The next event that it wants, and the place after it.
    Event(Bytes, Sequence),
    /// Nothing that it wants, up to this place, the end.
    Nothing(Sequence),
    /// It stands before all that is known here.
    Elsewhere,
    /// Streams end.
    Over,
}

impl Tail {
    /// The first thing after the filter's place that fits it.
    pub(super) fn after(&self, filter: &LogFilter) -> Found {
        if self.is_over {
            return Found::Over;
        }
        let known = self.span.filter(|span| filter.after >= span.from && filter.after <= span.through);
        let Some(span) = known else { return Found::Elsewhere };
        let first = self.told.partition_point(|told| told.seq <= filter.after);
        match self.told.range(first..).find(|told| told.fits(filter)) {
            Some(told) => Found::Event(told.text.clone(), told.seq),
            None => Found::Nothing(span.through),
        }
    }

    /// Where to read on; `None`: at the end of the log, wherever that is.
    pub(super) fn place(&self) -> Option<Sequence> {
        self.span.map(|span| span.through)
    }

    /// Begins anew at a place.
    pub(super) fn begin(&mut self, at: Sequence) {
        self.forget();
        self.span = Some(Span { from: at, through: at });
    }

    /// Keeps nothing any more.
    pub(super) fn forget(&mut self) {
        self.span = None;
        self.told = VecDeque::new();
    }

    /// Takes in the page after its place; gives whether any stream can find something new.
    pub(super) fn grow(&mut self, page: &LogPage) -> bool {
        let Some(span) = &mut self.span else { return false };
        let grows = page.through > span.through;
        span.through = page.through;
        for (seq, told) in &page.entries {
            let mut text = String::new();
            frame::notification(&mut text, *seq, told);
            self.told.push_back(Told { seq: *seq, kind: told.kind, topic: told.topic.clone(), text: text.into() });
            if self.told.len() > KEPT {
                span.from = self.told.pop_front().map_or(span.from, |oldest| oldest.seq);
            }
        }
        grows
    }

    /// Ends all streams.
    pub(super) fn end(&mut self) {
        self.is_over = true;
    }

    /// Whether they have ended.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }
}

impl Told {
    fn fits(&self, filter: &LogFilter) -> bool {
        (filter.types.is_empty() || filter.types.contains(&self.kind))
            && (filter.topic.is_none() || filter.topic == self.topic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Notification, NotificationId};

    fn page(numbers: std::ops::Range<i64>) -> LogPage {
        let kinds = [NotificationType::EventOpened, NotificationType::EventMerged];
        let told = |number: i64| Notification {
            id: NotificationId(number.to_string()),
            kind: kinds[usize::try_from(number % 2).unwrap()],
            topic: TopicKey::parse("council"),
            event: None,
            story: None,
            source: None,
            created_at: jiff::Timestamp::UNIX_EPOCH,
            body: "{}".to_owned(),
        };
        let last = Sequence(numbers.end - 1);
        let entries = numbers.map(|number| (Sequence(number), told(number))).collect();
        LogPage { entries, through: last, last, taken: Sequence(0), onward: Sequence(0) }
    }

    fn after(place: i64, types: &[NotificationType]) -> LogFilter {
        LogFilter { after: Sequence(place), types: types.to_vec(), ..LogFilter::default() }
    }

    fn seq(found: &Found) -> Option<i64> {
        match found {
            Found::Event(_, seq) => Some(seq.0),
            Found::Nothing(_) | Found::Elsewhere | Found::Over => None,
        }
    }

    #[test]
    fn each_stream_finds_the_next_thing_that_it_wants_after_its_own_place() {
        let mut tail = Tail::default();
        assert_eq!(tail.after(&after(0, &[])), Found::Elsewhere, "nothing is known yet");
        tail.begin(Sequence(4));
        assert!(tail.grow(&page(5..9)));
        assert_eq!(tail.after(&after(3, &[])), Found::Elsewhere, "what came before is the store's to tell");
        assert_eq!(seq(&tail.after(&after(4, &[]))), Some(5));
        assert_eq!(seq(&tail.after(&after(5, &[NotificationType::EventMerged]))), Some(7));
        assert_eq!(tail.after(&after(7, &[NotificationType::EventMerged])), Found::Nothing(Sequence(8)));
        assert_eq!(tail.after(&after(9, &[])), Found::Elsewhere, "a place beyond the end is none of this log");
        assert!(!tail.grow(&LogPage { through: Sequence(8), ..LogPage::default() }));
        tail.end();
        assert_eq!(tail.after(&after(4, &[])), Found::Over);
    }

    #[test]
    fn a_stream_that_falls_behind_what_is_kept_is_sent_to_the_store_and_none_misses_anything() {
        let mut tail = Tail::default();
        tail.begin(Sequence(0));
        tail.grow(&page(1..101));
        let oldest = 100 - i64::try_from(KEPT).unwrap();
        assert_eq!(tail.after(&after(oldest - 1, &[])), Found::Elsewhere);
        assert_eq!(seq(&tail.after(&after(oldest, &[]))), Some(oldest + 1));
    }
}
