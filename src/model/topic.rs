//! Topics: what is watched.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Origin, TopicKey};

/// A topic as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicSpec {
    /// Its short name.
    pub key: TopicKey,
    /// What people call it.
    pub name: String,
    /// The query, as written (syntax: topic/).
    pub query: String,
    /// An entry of a source's first poll is told when published within this; else it is stored untold.
    pub fresh: Duration,
    /// A later entry is told unless published longer ago than this.
    pub stale: Duration,
    /// When its stories are published: none before or after is on it.
    pub span: TopicSpan,
}

impl TopicSpec {
    /// What is otherwise than before: what it is called, then as it was and as it is.
    pub fn changes_since(&self, before: &Self) -> Vec<(&'static str, String, String)> {
        let hours = |span: Duration| format!("{} hours", span.as_secs() / 3_600);
        let days = |span: Duration| format!("{} days", span.as_secs() / 86_400);
        let each = [
            ("name", before.name.clone(), self.name.clone()),
            ("query", before.query.trim().to_owned(), self.query.trim().to_owned()),
            ("published", before.span.to_string(), self.span.to_string()),
            ("fresh", hours(before.fresh), hours(self.fresh)),
            ("stale", days(before.stale), days(self.stale)),
        ];
        each.into_iter().filter(|(_, old, new)| old != new).collect()
    }
}

/// From which day to which, both included and either open. Days are those of UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TopicSpan {
    from: Option<Date>,
    until: Option<Date>,
}

impl TopicSpan {
    /// Days in their order; `None` where `until` comes before `from`.
    pub fn new(from: Option<Date>, until: Option<Date>) -> Option<Self> {
        let is_ordered = from.zip(until).is_none_or(|(from, until)| from <= until);
        is_ordered.then_some(Self { from, until })
    }

    /// The first day.
    pub fn from(self) -> Option<Date> {
        self.from
    }

    /// The last day.
    pub fn until(self) -> Option<Date> {
        self.until
    }

    /// Whether it leaves both ends open.
    pub fn is_open(self) -> bool {
        self == Self::default()
    }

    /// Whether a moment lies within.
    pub fn contains(self, at: Timestamp) -> bool {
        let day = at.to_zoned_datetime(TimeZone::UTC).date();
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }
}

/// As people say it: `from 2021-10-01`, `2021-10-01 to 2022-01-31`.
impl fmt::Display for TopicSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.until) {
            (Some(from), Some(until)) => write!(f, "{from} to {until}"),
            (Some(from), None) => write!(f, "from {from}"),
            (None, Some(until)) => write!(f, "until {until}"),
            (None, None) => f.write_str("open"),
        }
    }
}

/// A topic in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// As declared.
    pub spec: TopicSpec,
    /// Where it was declared.
    pub origin: Origin,
}

/// A topic as it was saved once: by hand, or by a change of the configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicVersion {
    /// Counted from 1 within the topic.
    pub number: u32,
    /// As saved.
    pub spec: TopicSpec,
    /// Where it was declared.
    pub origin: Origin,
    /// When.
    pub saved_at: Timestamp,
    /// By whom or with what, in words; empty where that isn't known.
    pub saved_by: String,
    /// The version that it is once more, where it was saved to undo later ones.
    pub restores: Option<u32>,
}

/// How a topic is saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saving {
    /// By whom or with what, in words.
    pub by: String,
    /// In the place of what.
    pub over: Over,
    /// The version that it is once more, if it undoes later ones.
    pub restores: Option<u32>,
}

/// In the place of what a topic is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// Of nothing: it is new.
    Nothing,
    /// Of whatever its newest version is.
    Newest,
    /// Of this version, which must still be the newest: so nobody's change is lost unseen.
    Version(u32),
}

/// Why a topic was not saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsaved {
    /// There is none such.
    Absent,
    /// The configuration file declares it: it is changed there.
    Declared,
    /// A newer version was saved meanwhile.
    Overtaken {
        /// The newest.
        newest: u32,
        /// By whom or with what.
        saved_by: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_holds_its_first_and_last_day_whole_and_never_runs_backwards() {
        let day = |text: &str| Some(text.parse().unwrap());
        let span = TopicSpan::new(day("2021-10-01"), day("2021-10-02")).unwrap();
        let holds = ["2021-09-30T23:59:59Z", "2021-10-01T00:00:00Z", "2021-10-02T23:59:59Z", "2021-10-03T00:00:00Z"]
            .map(|at| span.contains(at.parse().unwrap()));
        assert_eq!(holds, [false, true, true, false]);
        assert_eq!(TopicSpan::new(day("2021-10-02"), day("2021-10-01")), None);
        assert!(TopicSpan::default().contains(Timestamp::MIN));
    }
}
