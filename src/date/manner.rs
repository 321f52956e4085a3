//! How one document writes days and months in numbers.

use std::cmp::Ordering;
use std::ops::RangeInclusive;

use jiff::Timestamp;

use super::moment::Moment;
use super::{parse, weekday};

/// Texts that hold a date and little else: the shortest is `1/2/24`.
const BYTES: RangeInclusive<usize> = 6..=400;

/// What comes first where day and month stand in numbers before the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    DayFirst,
    MonthFirst,
}

/// How one document writes its dates, as far as they and its language show.
///
/// `12/05/2024` is the fifth of December in a document that has `12/16/2024` too, or, where no number above 12 proves
/// either, in one that declares the English of the United States, or has a 12-hour clock (`AM`, `PM`) beside such dates
/// and declares no language in which days come first. Else it is the twelfth of May. With points (`12.05.2024`) days
/// come first unless something proves otherwise. Where no number does, the weekday beside a date may: `Thu, 12/05/2024`
/// is the fifth of December, for the twelfth of May was a Sunday.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Manner {
    tongue: Tongue,
    /// Its dates that have a number above 12.
    by_number: Votes,
    /// Those without that fall on the weekday beside them in one of the orders only.
    by_weekday: Votes,
    /// How many can be read both ways by their numbers; of these, how many with an English 12-hour clock.
    open: u32,
    open_with_half: u32,
    /// Its dates of three numbers of two digits with hyphens.
    hyphened: Hyphened,
}

/// What dates like `28-11-26` show of where their year is: of several it is what stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Hyphened {
    first: Option<u8>,
    last: Option<u8>,
    does_first_vary: bool,
    does_last_vary: bool,
}

impl Hyphened {
    fn see(&mut self, first: u8, last: u8) {
        self.does_first_vary |= *self.first.get_or_insert(first) != first;
        self.does_last_vary |= *self.last.get_or_insert(last) != last;
    }
}

/// How many dates can only be read with the day first, or with the month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Votes {
    day_first: u32,
    month_first: u32,
}

impl Votes {
    fn add(&mut self, order: Order) {
        let votes = match order {
            Order::DayFirst => &mut self.day_first,
            Order::MonthFirst => &mut self.month_first,
        };
        *votes = votes.saturating_add(1);
    }
}

/// What its language says of its dates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Tongue {
    /// Nothing, or English of no country.
    #[default]
    Unknown,
    American,
    Croatian,
    /// One whose writers end a date in numbers and hyphens with its year.
    YearLast,
    Other,
}

/// Languages whose writers put hyphens between day, month and year: `28-11-26`. Others have points or slashes there, and hyphens
/// where the year comes first.
const YEAR_LAST: [&str; 4] = ["da", "es", "nl", "pt"];

impl Manner {
    /// That of a document in this language, of which no date has been seen.
    pub fn of(lang: Option<&str>) -> Self {
        Self::default().declared(lang)
    }

    /// The same in a document that declares this language.
    #[must_use]
    pub fn declared(self, lang: Option<&str>) -> Self {
        let lang = lang.map(|lang| lang.trim().to_ascii_lowercase().replace('_', "-")).unwrap_or_default();
        let tongue = match lang.split('-').next().unwrap_or_default() {
            "en" if lang.ends_with("-us") => Tongue::American,
            "" | "en" if lang.len() <= 2 => Tongue::Unknown,
            "en" if lang.ends_with("-in") => Tongue::YearLast,
            "hr" => Tongue::Croatian,
            tongue if YEAR_LAST.contains(&tongue) => Tongue::YearLast,
            _ => Tongue::Other,
        };
        Self { tongue, ..self }
    }

    /// Takes in one of the document's dates, or a text that may hold one.
    pub fn see(&mut self, text: &str) {
        let text = &*parse::words(text);
        // Most dates are by the book, whose months are names or stand behind the year.
        let is_plain = || parse::book(text).is_some() && !text.as_bytes().contains(&b'/');
        if !BYTES.contains(&text.len()) || is_plain() {
            return;
        }
        let is_sign = |c: char| matches!(c, '/' | '-' | '.');
        for piece in text.split(|c: char| !c.is_ascii_digit() && !is_sign(c)) {
            let piece = piece.trim_matches(is_sign);
            let Some(pair) = Pair::of(piece) else { continue };
            if let Some(last) = pair.short_year.filter(|_| piece.contains('-')) {
                self.hyphened.see(pair.first, last);
            }
            match (pair.first, pair.second) {
                (1..=12, 1..=12) => {
                    self.open = self.open.saturating_add(1);
                    let has_half = parse::has_english_half(text);
                    self.open_with_half = self.open_with_half.saturating_add(u32::from(has_half));
                    if let Some(order) = pair.order_by_weekday(text, piece) {
                        self.by_weekday.add(order);
                    }
                }
                (1..=12, 13..=31) => self.by_number.add(Order::MonthFirst),
                // `24/12/05` may begin with its year.
                (13..=31, 1..=12) if pair.has_century => self.by_number.add(Order::DayFirst),
                _ => {}
            }
        }
    }

    /// The same, or what this text shows where no date has been seen.
    pub(super) fn or_shown_by(mut self, text: &str) -> Self {
        if self.by_number == Votes::default() && self.open == 0 {
            self.see(text);
        }
        self
    }

    /// Reads one of the document's dates, as [`super::parse`] does.
    pub fn read(self, text: &str) -> Option<Timestamp> {
        self.moment(text).map(|moment| moment.at)
    }

    /// Reads one of the document's dates, and how exactly it is told.
    pub fn moment(self, text: &str) -> Option<Moment> {
        parse::read(text, self)
    }

    /// Whether dates that it has seen may read otherwise by what it shows than each by itself.
    pub fn tells(self) -> bool {
        let is_month_first = self.order('/') == Order::MonthFirst || self.order('.') == Order::MonthFirst;
        let is_year_last = self.hyphened.first.is_some_and(|first| self.is_year_last(first.into()));
        is_year_last || self.open > 0 && (is_month_first || self.open_with_half > 0 || self.by_weekday.month_first > 0)
    }

    /// What comes first in dates whose parts this sign joins.
    pub(super) fn order(self, sign: char) -> Order {
        let is_guess = match self.tongue {
            Tongue::American => true,
            Tongue::Unknown => self.open_with_half > 0,
            Tongue::Croatian | Tongue::YearLast | Tongue::Other => false,
        };
        match (self.by_number.day_first, self.by_number.month_first) {
            (0, 1..) => return Order::MonthFirst,
            (1.., 0) => return Order::DayFirst,
            (0, 0) | (1.., 1..) => {}
        }
        match self.by_weekday.month_first.cmp(&self.by_weekday.day_first) {
            Ordering::Greater => Order::MonthFirst,
            Ordering::Equal if is_guess && sign != '.' => Order::MonthFirst,
            Ordering::Less | Ordering::Equal => Order::DayFirst,
        }
    }

    /// Whether of `28-11-26` the last is the year: as its other dates show, else as its language has it. Where that isn't known
    /// it is the first, and so it is where that is no month of an American's.
    pub(super) fn is_year_last(self, first: i64) -> bool {
        match (self.hyphened.does_first_vary, self.hyphened.does_last_vary) {
            (true, false) => true,
            (false, true) => false,
            (true, true) | (false, false) => {
                self.tongue == Tongue::YearLast || self.tongue == Tongue::American && first <= 12
            }
        }
    }

    /// Whether its months are named in Croatian.
    pub(super) fn is_croatian(self) -> bool {
        self.tongue == Tongue::Croatian
    }
}

/// Three numbers that one sign joins, the last of which may be a year.
#[derive(Debug, Clone, Copy)]
struct Pair {
    first: u8,
    second: u8,
    year: i64,
    /// Whether the year is in full.
    has_century: bool,
    /// The year's two digits where it isn't.
    short_year: Option<u8>,
}

impl Pair {
    fn of(piece: &str) -> Option<Self> {
        let sign = piece.chars().find(|c| !c.is_ascii_digit())?;
        let mut parts = piece.split(sign);
        let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
        let is_whole = parts.next().is_none() && first.len() <= 2 && second.len() <= 2 && matches!(year.len(), 2 | 4);
        let is_year = year.bytes().all(|b| b.is_ascii_digit());
        let pair = Self {
            first: first.parse().ok()?,
            second: second.parse().ok()?,
            year: parse::full_year((year.parse().ok()?, year.len())),
            has_century: year.len() == 4,
            short_year: year.parse().ok().filter(|_| year.len() == 2),
        };
        (is_whole && is_year).then_some(pair)
    }

    /// The one order in which it falls on the weekday that stands beside it in a text.
    fn order_by_weekday(self, text: &str, piece: &str) -> Option<Order> {
        let weekday = weekday::beside(text.split_once(piece)?)?;
        let falls = |month: u8, day: u8| {
            parse::date_of(self.year, month.into(), day.into())
                .is_some_and(|date| date.weekday().to_monday_one_offset() == weekday)
        };
        match (falls(self.second, self.first), falls(self.first, self.second)) {
            (true, false) => Some(Order::DayFirst),
            (false, true) => Some(Order::MonthFirst),
            (true, true) | (false, false) => None,
        }
    }
}
