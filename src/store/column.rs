//! How model values stand in columns: times as milliseconds, enums as their fixed words, keys as bytes.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};

use crate::model::{
    Arrival, ChannelPhase, DeliveryOrder, DeliveryState, DisabledReason, EntryKey, FeedFormat, NotificationType,
    Origin, Priority, RestReason, Said, Scope, SourceHealth, StoryState, SubscriptionState, TopicKey, TopicSpan,
    WebUrl,
};

/// A stored value that is none of ours.
#[derive(Debug, thiserror::Error)]
#[error("{found:?} is no {what}")]
struct Unreadable {
    what: &'static str,
    found: String,
}

fn unreadable(what: &'static str, found: impl Into<String>) -> FromSqlError {
    FromSqlError::Other(Box::new(Unreadable { what, found: found.into() }))
}

/// A moment: INTEGER milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(pub(super) Timestamp);

impl Moment {
    /// As it is read back: in whole milliseconds.
    pub(super) fn as_kept(self) -> Timestamp {
        Timestamp::from_millisecond(self.0.as_millisecond()).unwrap_or(self.0)
    }
}

impl ToSql for Moment {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_millisecond().into())
    }
}

impl FromSql for Moment {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let ms = value.as_i64()?;
        Timestamp::from_millisecond(ms).map(Self).map_err(|why| FromSqlError::Other(Box::new(why)))
    }
}

/// A span: INTEGER milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span(pub(super) Duration);

impl ToSql for Span {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(i64::try_from(self.0.as_millis()).unwrap_or(i64::MAX).into())
    }
}

impl FromSql for Span {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let ms = value.as_i64()?;
        u64::try_from(ms).map(|ms| Self(Duration::from_millis(ms))).map_err(|_negative| FromSqlError::OutOfRange(ms))
    }
}

/// A topic's span of days: TEXT as of ISO 8601-2, `2021-10-01/..`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Days(pub(super) TopicSpan);

/// An end that is open.
const OPEN: &str = "..";

impl ToSql for Days {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let day = |day: Option<Date>| day.map_or_else(|| OPEN.to_owned(), |day| day.to_string());
        Ok(format!("{}/{}", day(self.0.from()), day(self.0.until())).into())
    }
}

impl FromSql for Days {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let day = |text: &str| if text == OPEN { Some(None) } else { text.parse().ok().map(Some) };
        let text = value.as_str()?;
        let span = text.split_once('/').and_then(|(from, until)| TopicSpan::new(day(from)?, day(until)?));
        span.map(Self).ok_or_else(|| FromSqlError::Other(format!("{text:?} is no span of days").into()))
    }
}

/// A 64-bit hash: INTEGER with the same bits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hash(pub(super) u64);

impl ToSql for Hash {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.cast_signed().into())
    }
}

impl FromSql for Hash {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(|bits| Self(bits.cast_unsigned()))
    }
}

/// A number that is never negative.
#[derive(Debug, Clone, Copy)]
pub(super) struct Count(pub(super) u64);

impl FromSql for Count {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let number = value.as_i64()?;
        u64::try_from(number).map(Self).map_err(|_negative| FromSqlError::OutOfRange(number))
    }
}

/// A key's 16 bytes, big end first.
pub(super) fn key_bytes(key: EntryKey) -> [u8; 16] {
    key.0.to_be_bytes()
}

/// Keys one after another: BLOB of 16 bytes each.
#[derive(Debug, Clone)]
pub(super) struct Keys(pub(super) Vec<EntryKey>);

impl ToSql for Keys {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.iter().copied().flat_map(key_bytes).collect::<Vec<u8>>().into())
    }
}

impl FromSql for Keys {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let (chunks, rest) = value.as_blob()?.as_chunks::<16>();
        if !rest.is_empty() {
            return Err(unreadable("row of keys", format!("{} bytes over", rest.len())));
        }
        Ok(Self(chunks.iter().map(|bytes| EntryKey(u128::from_be_bytes(*bytes))).collect()))
    }
}

/// A web address.
#[derive(Debug)]
pub(super) struct Address(pub(super) WebUrl);

impl FromSql for Address {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        WebUrl::parse(text).map(Self).map_err(|why| FromSqlError::Other(Box::new(why)))
    }
}

/// A topic's name.
#[derive(Debug)]
pub(super) struct TopicName(pub(super) TopicKey);

impl FromSql for TopicName {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        TopicKey::parse(text).map(Self).ok_or_else(|| unreadable("topic", text))
    }
}

/// An enum that stands in the store as one of its fixed words.
pub(super) trait Worded: Copy + 'static {
    /// What it is, for messages.
    const WHAT: &'static str;
    /// All of it.
    const ALL: &'static [Self];
    /// The word.
    fn word(self) -> &'static str;
}

/// A column that holds a fixed word.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word<T>(pub(super) T);

impl<T: Worded> ToSql for Word<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.word().into())
    }
}

impl<T: Worded> FromSql for Word<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        T::ALL.iter().find(|t| t.word() == text).map(|t| Self(*t)).ok_or_else(|| unreadable(T::WHAT, text))
    }
}

impl Worded for Origin {
    const WHAT: &'static str = "origin";
    const ALL: &'static [Self] = &[Self::Config, Self::Api];
    fn word(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Api => "api",
        }
    }
}

impl Worded for SourceHealth {
    const WHAT: &'static str = "health of a source";
    const ALL: &'static [Self] = &Self::ALL;
    fn word(self) -> &'static str {
        self.label()
    }
}

impl Worded for ChannelPhase {
    const WHAT: &'static str = "phase of a channel";
    const ALL: &'static [Self] = &Self::ALL;
    fn word(self) -> &'static str {
        self.label()
    }
}

impl Worded for FeedFormat {
    const WHAT: &'static str = "format of a feed";
    const ALL: &'static [Self] = &Self::ALL;
    fn word(self) -> &'static str {
        self.label()
    }
}

impl Worded for Priority {
    const WHAT: &'static str = "priority of a source";
    const ALL: &'static [Self] = &Self::ALL;
    fn word(self) -> &'static str {
        self.label()
    }
}

impl Worded for SubscriptionState {
    const WHAT: &'static str = "state of a subscription";
    const ALL: &'static [Self] = &[Self::Active, Self::Disabled, Self::Unverified];
    fn word(self) -> &'static str {
        self.label()
    }
}

impl Worded for NotificationType {
    const WHAT: &'static str = "type of notification";
    const ALL: &'static [Self] = &Self::ALL;
    fn word(self) -> &'static str {
        self.label()
    }
}

impl Worded for Said {
    const WHAT: &'static str = "thing said by an operator";
    const ALL: &'static [Self] = &Self::ALL;
    fn word(self) -> &'static str {
        self.label()
    }
}

impl Worded for DeliveryState {
    const WHAT: &'static str = "state of a delivery";
    const ALL: &'static [Self] = &Self::ALL;
    fn word(self) -> &'static str {
        self.label()
    }
}

impl Worded for DeliveryOrder {
    const WHAT: &'static str = "order of deliveries";
    const ALL: &'static [Self] = &Self::ALL;
    fn word(self) -> &'static str {
        self.label()
    }
}

impl Worded for DisabledReason {
    const WHAT: &'static str = "reason to disable a subscription";
    const ALL: &'static [Self] = &Self::ALL;
    fn word(self) -> &'static str {
        self.label()
    }
}

impl Worded for RestReason {
    const WHAT: &'static str = "reason to leave an endpoint alone";
    const ALL: &'static [Self] = &Self::ALL;
    fn word(self) -> &'static str {
        self.label()
    }
}

impl Worded for Arrival {
    const WHAT: &'static str = "arrival";
    const ALL: &'static [Self] = &[Self::FirstPoll, Self::Later];
    fn word(self) -> &'static str {
        match self {
            Self::FirstPoll => "first",
            Self::Later => "later",
        }
    }
}

impl Worded for StoryState {
    const WHAT: &'static str = "state of a story";
    const ALL: &'static [Self] = &[Self::AwaitingArticle, Self::Undecided, Self::Decided];
    fn word(self) -> &'static str {
        match self {
            Self::AwaitingArticle => "awaiting",
            Self::Undecided => "undecided",
            Self::Decided => "decided",
        }
    }
}

impl Worded for Scope {
    const WHAT: &'static str = "scope of a token";
    const ALL: &'static [Self] = &Self::ALL;
    fn word(self) -> &'static str {
        self.label()
    }
}
