//! A typed reader of TOML tables that gathers problems instead of stopping at the first.
//!
//! A value is looked up in the file, then in the embedded defaults. After a problem the reader gives a stand-in and
//! goes on: the settings made of it are thrown away with the problem told.

use std::ops::{Range, RangeInclusive};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Findings, Problem};
use super::schema::{Shape, advice, nearest};

/// The length of a day as it is written.
const DAY_BYTES: usize = "2021-10-01".len();

/// A value with its place in the file; no place where the defaults speak.
#[derive(Debug, Clone)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) place: Option<Range<usize>>,
}

/// A unit of time that a key's name ends in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unit {
    Seconds,
    Minutes,
    Hours,
    Days,
}

impl Unit {
    fn word(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Minutes => "minutes",
            Self::Hours => "hours",
            Self::Days => "days",
        }
    }

    fn seconds(self) -> f64 {
        match self {
            Self::Seconds => 1.0,
            Self::Minutes => 60.0,
            Self::Hours => 3_600.0,
            Self::Days => 86_400.0,
        }
    }

    /// How many of these `days` are.
    pub(super) fn count_of_days(self, days: f64) -> f64 {
        days * Self::Days.seconds() / self.seconds()
    }

    /// The span of `count` of these; bounds keep it far below what a `Duration` holds.
    pub(super) fn span(self, count: f64) -> Duration {
        Duration::try_from_secs_f64(count * self.seconds()).unwrap_or_default()
    }
}

/// A table of the file, with the defaults beneath it.
#[derive(Debug)]
pub(super) struct Table<'t> {
    shape: &'static Shape,
    place: Range<usize>,
    given: Option<&'t DeTable<'t>>,
    defaults: Option<&'t DeTable<'t>>,
}

impl<'t> Table<'t> {
    /// The file itself; tells keys that it may not have.
    pub(super) fn top(
        shape: &'static Shape,
        given: &'t DeTable<'t>,
        defaults: &'t DeTable<'t>,
        found: &mut Findings,
    ) -> Self {
        let table = Self { shape, place: 0..0, given: Some(given), defaults: Some(defaults) };
        table.tell_unknown(found);
        table
    }

    /// Where the table stands: what is missing is told there.
    pub(super) fn place(&self) -> Range<usize> {
        self.place.clone()
    }

    /// The name of `key`, as messages have it.
    pub(super) fn name(&self, key: &str) -> String {
        format!("`{key}` in {}", self.shape.name)
    }

    /// Whether the file itself has `key`.
    pub(super) fn has(&self, key: &str) -> bool {
        self.given.is_some_and(|table| table.contains_key(key))
    }

    fn tell_unknown(&self, found: &mut Findings) {
        for key in self.given.into_iter().flat_map(|table| table.keys()) {
            let word = key.get_ref().as_ref();
            if !self.shape.keys.contains(&word) {
                let problem = Problem::new(format!("unknown key `{word}` in {}", self.shape.name));
                found.push(problem.at(key.span(), "unknown").help(advice(word, self.shape)));
            }
        }
    }

    fn look_up(&self, key: &str) -> Option<At<&'t DeValue<'t>>> {
        debug_assert!(self.shape.keys.contains(&key), "the schema knows every key that is read: {key}");
        let given = self.given.and_then(|table| table.get(key));
        let place = given.map(Spanned::span);
        let value = given.or_else(|| self.defaults.and_then(|table| table.get(key)))?;
        Some(At { value: value.get_ref(), place })
    }

    fn tell_kind(&self, key: &str, at: &At<&DeValue<'_>>, wanted: &str, found: &mut Findings) {
        let title = format!("{} is {}", self.name(key), with_article(at.value));
        found.push(Problem::new(title).at(self.blame(at), format!("expected {wanted}")));
    }

    /// The place to blame for a value: its own, else the table's.
    pub(super) fn blame<T>(&self, at: &At<T>) -> Range<usize> {
        at.place.clone().unwrap_or_else(|| self.place())
    }

    /// A text.
    pub(super) fn text(&self, key: &str, found: &mut Findings) -> Option<At<&'t str>> {
        let at = self.look_up(key)?;
        let Some(value) = at.value.as_str() else {
            self.tell_kind(key, &at, "a text in quotes", found);
            return None;
        };
        Some(At { value, place: at.place })
    }

    /// A day: a date of TOML, or a text that is one.
    pub(super) fn day(&self, key: &str, found: &mut Findings) -> Option<At<Date>> {
        let at = self.look_up(key)?;
        let text = at.value.as_datetime().map(ToString::to_string);
        let text = text.or_else(|| at.value.as_str().map(str::to_owned));
        // A date with a time would be cut without a word.
        let day = text.filter(|text| text.len() == DAY_BYTES).and_then(|text| text.parse().ok());
        let Some(value) = day else {
            self.tell_kind(key, &at, "a day: 2021-10-01", found);
            return None;
        };
        Some(At { value, place: at.place })
    }

    /// A moment, as a date of TOML or a text that is one, with its offset; a day stands for its end in UTC.
    pub(super) fn end(&self, key: &str, found: &mut Findings) -> Option<At<Timestamp>> {
        let at = self.look_up(key)?;
        let text = at.value.as_datetime().map(ToString::to_string);
        let text = text.or_else(|| at.value.as_str().map(str::to_owned));
        let end_of = |day: Date| TimeZone::UTC.to_timestamp(day.tomorrow().ok()?.at(0, 0, 0, 0)).ok();
        let end = text.and_then(|text| match text.len() {
            DAY_BYTES => end_of(text.parse().ok()?),
            _ => text.parse().ok(),
        });
        let Some(value) = end else {
            self.tell_kind(key, &at, "a day or a time with its offset: 2026-12-01, 2026-12-01T12:00:00Z", found);
            return None;
        };
        Some(At { value, place: at.place })
    }

    /// A text that must be there and hold something besides white space.
    pub(super) fn required(&self, key: &str, wanted: &str, found: &mut Findings) -> Option<At<&'t str>> {
        let present = self.look_up(key).is_some();
        let text = self.text(key, found);
        if !present {
            let problem = Problem::new(format!("{} is missing", self.name(key)));
            found.push(problem.at(self.place(), format!("expected `{key}`, {wanted}")));
        }
        let text = text?;
        if text.value.trim().is_empty() {
            let problem = Problem::new(format!("{} is empty", self.name(key)));
            found.push(problem.at(self.blame(&text), format!("expected {wanted}")));
            return None;
        }
        Some(text)
    }

    /// A list of texts.
    pub(super) fn texts(&self, key: &str, found: &mut Findings) -> Vec<At<&'t str>> {
        let Some(at) = self.look_up(key) else { return Vec::new() };
        let Some(items) = at.value.as_array() else {
            self.tell_kind(key, &at, "a list of texts: [\"...\", \"...\"]", found);
            return Vec::new();
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            let item = At { value: item.get_ref(), place: at.place.as_ref().map(|_| item.span()) };
            match item.value.as_str() {
                Some(value) => texts.push(At { value, place: item.place }),
                None => self.tell_kind(&format!("{key}[]"), &item, "a text in quotes", found),
            }
        }
        texts
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, key: &str, found: &mut Findings) -> bool {
        let Some(at) = self.look_up(key) else { return false };
        at.value.as_bool().unwrap_or_else(|| {
            self.tell_kind(key, &at, "true or false", found);
            false
        })
    }

    /// One of a few words, each with what it stands for.
    pub(super) fn word<T: Copy>(&self, key: &str, words: &[(&str, T)], found: &mut Findings) -> Option<T> {
        let at = self.text(key, found)?;
        let hit = words.iter().find(|(word, _)| *word == at.value);
        if hit.is_none() {
            let all: Vec<_> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            let problem = Problem::new(format!("{} is \"{}\"", self.name(key), at.value))
                .at(self.blame(&at), format!("expected {}", all.join(" or ")));
            let near = nearest(at.value, words.iter().map(|(word, _)| *word));
            found.push(near.into_iter().fold(problem, |p, near| p.help(format!("did you mean \"{near}\"?"))));
        }
        hit.map(|(_, meaning)| *meaning)
    }

    /// A number within bounds, whole or not.
    pub(super) fn number(&self, key: &str, bounds: RangeInclusive<f64>, unit: &str, found: &mut Findings) -> At<f64> {
        match self.look_up(key) {
            Some(at) => self.bounded(key, &at, bounds, unit, found),
            None => At { value: 0.0, place: None },
        }
    }

    fn bounded(
        &self,
        key: &str,
        at: &At<&DeValue<'_>>,
        bounds: RangeInclusive<f64>,
        unit: &str,
        found: &mut Findings,
    ) -> At<f64> {
        let wanted = format!("a number {} to {}{unit}", bounds.start(), bounds.end());
        let value = number_of(at.value);
        match value {
            None => self.tell_kind(key, at, &wanted, found),
            Some(value) if bounds.contains(&value) => {}
            Some(value) => {
                let problem = Problem::new(format!("{} is {value}, out of bounds", self.name(key)));
                found.push(problem.at(self.blame(at), format!("expected {wanted}")));
            }
        }
        At { value: value.filter(|v| bounds.contains(v)).unwrap_or(*bounds.end()), place: at.place.clone() }
    }

    /// A whole number within bounds.
    pub(super) fn count(&self, key: &str, bounds: RangeInclusive<u32>, found: &mut Findings) -> u32 {
        let Some(at) = self.look_up(key) else { return *bounds.start() };
        let number = at.value.as_integer().map(|i| i64::from_str_radix(i.as_str(), i.radix()));
        let wanted = format!("expected a whole number {} to {}", bounds.start(), bounds.end());
        let Some(number) = number else {
            self.tell_kind(key, &at, wanted.trim_start_matches("expected "), found);
            return *bounds.start();
        };
        let fit = number.ok().and_then(|n| u32::try_from(n).ok()).filter(|n| bounds.contains(n));
        fit.unwrap_or_else(|| {
            let problem = Problem::new(format!("{} is out of bounds", self.name(key)));
            found.push(problem.at(self.blame(&at), wanted));
            *bounds.start()
        })
    }

    /// A list of ports.
    pub(super) fn ports(&self, key: &str, found: &mut Findings) -> Vec<u16> {
        let Some(at) = self.look_up(key) else { return Vec::new() };
        let Some(items) = at.value.as_array() else {
            self.tell_kind(key, &at, "a list of numbers: [8000, 8888]", found);
            return Vec::new();
        };
        let mut ports = Vec::with_capacity(items.len());
        for item in items {
            let number = item.get_ref().as_integer().map(|i| u16::from_str_radix(i.as_str(), i.radix()));
            match number {
                Some(Ok(port)) if port > 0 => ports.push(port),
                Some(_) | None => {
                    let item = At { value: item.get_ref(), place: at.place.as_ref().map(|_| item.span()) };
                    let problem = Problem::new(format!("{} holds an entry that is no port", self.name(key)));
                    found.push(problem.at(self.blame(&item), "expected a whole number 1 to 65535"));
                }
            }
        }
        ports
    }

    /// A span of time, given as a number of `unit`.
    pub(super) fn span(
        &self,
        key: &str,
        unit: Unit,
        bounds: RangeInclusive<f64>,
        found: &mut Findings,
    ) -> At<Duration> {
        let at = self.number(key, bounds, &format!(" ({})", unit.word()), found);
        At { value: unit.span(at.value), place: at.place }
    }

    /// A list of spans of time.
    pub(super) fn spans(
        &self,
        key: &str,
        unit: Unit,
        bounds: &RangeInclusive<f64>,
        found: &mut Findings,
    ) -> At<Vec<Duration>> {
        let Some(at) = self.look_up(key) else { return At { value: Vec::new(), place: None } };
        let Some(items) = at.value.as_array() else {
            self.tell_kind(key, &at, "a list of numbers: [5, 300]", found);
            return At { value: Vec::new(), place: at.place };
        };
        let mut spans = Vec::with_capacity(items.len());
        for item in items {
            let item = At { value: item.get_ref(), place: at.place.as_ref().map(|_| item.span()) };
            let unit_text = format!(" ({})", unit.word());
            let number = self.bounded(&format!("{key}[]"), &item, bounds.clone(), &unit_text, found);
            spans.push(unit.span(number.value));
        }
        At { value: spans, place: at.place }
    }

    /// A table within; absent ones give the defaults.
    pub(super) fn table(&self, key: &str, shape: &'static Shape, found: &mut Findings) -> Table<'t> {
        let defaults = self.defaults.and_then(|table| table.get(key)).and_then(|value| value.get_ref().as_table());
        let given = self.given.and_then(|table| table.get(key));
        let table = given.and_then(|value| value.get_ref().as_table());
        if let (Some(value), None) = (given, table) {
            let at = At { value: value.get_ref(), place: Some(value.span()) };
            self.tell_kind(key, &at, &format!("a table: {}", shape.name), found);
        }
        let place = given.map_or_else(|| self.place(), Spanned::span);
        let table = Table { shape, place, given: table, defaults };
        table.tell_unknown(found);
        table
    }

    /// A list of tables.
    pub(super) fn tables(&self, key: &str, shape: &'static Shape, found: &mut Findings) -> Vec<Table<'t>> {
        let Some(value) = self.given.and_then(|table| table.get(key)) else { return Vec::new() };
        let Some(items) = value.get_ref().as_array() else {
            let at = At { value: value.get_ref(), place: Some(value.span()) };
            self.tell_kind(key, &at, &format!("a list of tables, each begun by {}", shape.name), found);
            return Vec::new();
        };
        let mut tables = Vec::with_capacity(items.len());
        for item in items {
            let Some(given) = item.get_ref().as_table() else {
                let at = At { value: item.get_ref(), place: Some(item.span()) };
                self.tell_kind(key, &at, &format!("a table, begun by {}", shape.name), found);
                continue;
            };
            let table = Table { shape, place: item.span(), given: Some(given), defaults: None };
            table.tell_unknown(found);
            tables.push(table);
        }
        tables
    }
}

fn number_of(value: &DeValue<'_>) -> Option<f64> {
    let number = match value {
        DeValue::Integer(i) if i.radix() == 10 => i.as_str().parse::<f64>().ok(),
        DeValue::Float(f) => f.as_str().parse::<f64>().ok(),
        DeValue::Integer(_)
        | DeValue::String(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => None,
    };
    number.filter(|number| number.is_finite())
}

fn with_article(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
