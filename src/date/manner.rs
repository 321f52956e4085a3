//! How one document writes days and months in numbers.

use std::ops::RangeInclusive;

use jiff::Timestamp;

use super::parse;

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
/// come first unless a number above 12 proves otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Manner {
    tongue: Tongue,
    /// How many of its dates can only be read with the day first, or with the month.
    day_first: u32,
    month_first: u32,
    /// How many can be read both ways; of these, how many with a 12-hour clock.
    open: u32,
    open_with_half: u32,
}

/// What its language says of its dates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Tongue {
    /// Nothing, or English of no country.
    #[default]
    Unknown,
    American,
    Croatian,
    Other,
}

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
            "hr" => Tongue::Croatian,
            _ => Tongue::Other,
        };
        Self { tongue, ..self }
    }

    /// Takes in one of the document's dates, or a text that may hold one.
    pub fn see(&mut self, text: &str) {
        // Most dates are by the book, whose months are names or stand behind the year.
        let is_plain = || parse::book(text).is_some() && !text.as_bytes().contains(&b'/');
        if !BYTES.contains(&text.len()) || is_plain() {
            return;
        }
        let is_sign = |c: char| matches!(c, '/' | '-' | '.');
        for piece in text.split(|c: char| !c.is_ascii_digit() && !is_sign(c)) {
            let Some((first, second, has_century)) = pair(piece.trim_matches(is_sign)) else { continue };
            match (first, second) {
                (1..=12, 1..=12) => {
                    self.open = self.open.saturating_add(1);
                    let has_half = parse::has_half(text);
                    self.open_with_half = self.open_with_half.saturating_add(u32::from(has_half));
                }
                (1..=12, 13..=31) => self.month_first = self.month_first.saturating_add(1),
                // `24/12/05` may begin with its year.
                (13..=31, 1..=12) if has_century => self.day_first = self.day_first.saturating_add(1),
                _ => {}
            }
        }
    }

    /// The same, or what this text shows where no date has been seen.
    pub(super) fn or_shown_by(mut self, text: &str) -> Self {
        if (self.day_first, self.month_first, self.open) == (0, 0, 0) {
            self.see(text);
        }
        self
    }

    /// Reads one of the document's dates, as [`super::parse`] does.
    pub fn read(self, text: &str) -> Option<Timestamp> {
        parse::read(text, self)
    }

    /// Whether dates that it has seen read otherwise by what it shows than in a document of which nothing is known.
    pub fn tells(self) -> bool {
        self.open > 0 && (self.order('/') == Order::MonthFirst || self.order('.') == Order::MonthFirst)
    }

    /// What comes first in dates whose parts this sign joins.
    pub(super) fn order(self, sign: char) -> Order {
        let is_guess = match self.tongue {
            Tongue::American => true,
            Tongue::Unknown => self.open_with_half > 0,
            Tongue::Croatian | Tongue::Other => false,
        };
        match (self.day_first, self.month_first) {
            (0, 1..) => Order::MonthFirst,
            (0, 0) | (1.., 1..) if is_guess && sign != '.' => Order::MonthFirst,
            _ => Order::DayFirst,
        }
    }

    /// Whether its months are named in Croatian.
    pub(super) fn is_croatian(self) -> bool {
        self.tongue == Tongue::Croatian
    }
}

/// The first two of three numbers that one sign joins, the third of which may be a year; and whether it is in full.
fn pair(piece: &str) -> Option<(u8, u8, bool)> {
    let sign = piece.chars().find(|c| !c.is_ascii_digit())?;
    let mut parts = piece.split(sign);
    let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
    let is_whole = parts.next().is_none() && first.len() <= 2 && second.len() <= 2 && matches!(year.len(), 2 | 4);
    let is_year = year.bytes().all(|b| b.is_ascii_digit());
    let pair = (first.parse().ok()?, second.parse().ok()?, year.len() == 4);
    (is_whole && is_year).then_some(pair)
}
