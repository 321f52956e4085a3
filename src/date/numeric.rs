//! Dates in numbers alone.

use jiff::Timestamp;
use jiff::civil::Date;

use super::calendar::{MINGUO_BEFORE, MINGUO_YEARS};
use super::clock::Clock;
use super::manner::{Manner, Order};
use super::moment::{Moment, Precision};
use super::parse::{YEARS, date_of, full_year, instant};
use super::token::{Token, after_space, before_space};

/// A text that is one number: epoch seconds, epoch milliseconds, or a compact date.
pub(super) fn alone(tokens: &[Token]) -> Option<Moment> {
    match tokens {
        [Token::Number { value, digits }] => {
            let precision = match digits {
                4 => Precision::Month,
                6 if year_month(*value).is_some() => Precision::Month,
                5 | 6 | 8 => Precision::Day,
                14 => Precision::Time,
                _ => Precision::Instant,
            };
            Some(Moment::new(of_number(*value, *digits)?, precision, true))
        }
        [Token::Number { value, digits: 9 | 10 }, Token::Mark('.' | ','), Token::Number { .. }] => {
            Some(Moment::new(Timestamp::from_second(*value).ok()?, Precision::Instant, true))
        }
        _ => None,
    }
}

/// Whether a text is a year and a month in numbers, and no more.
pub(super) fn is_month(tokens: &[Token]) -> bool {
    let numbers: Vec<usize> = tokens.iter().filter_map(digits).collect();
    matches!(numbers.as_slice(), [4, 2])
}

/// `27 2026-11`.
fn is_day_before_month(tokens: &[Token]) -> bool {
    use Token::{Mark, Number, Space};
    matches!(tokens, [Number { .. }, Space, Number { .. }, Mark('-' | '.' | '/'), Number { .. }])
}

fn digits(token: &Token) -> Option<usize> {
    match token {
        Token::Number { digits, .. } | Token::Month { digits, .. } => Some(*digits),
        Token::Word(_) | Token::Space | Token::Mark(_) => None,
    }
}

/// As .NET writes an instant into JSON: `/Date(1733407500000+0300)/`, the zone for show.
pub(super) fn wrapped(tokens: &[Token]) -> Option<Moment> {
    let [Token::Mark('/'), Token::Word(date), Token::Mark('('), Token::Number { value, digits: 12 | 13 }, ..] = tokens
    else {
        return None;
    };
    let at = Timestamp::from_millisecond(*value).ok().filter(|_| date == "date")?;
    Some(Moment::new(at, Precision::Instant, true))
}

fn of_number(value: i64, digits: usize) -> Option<Timestamp> {
    match digits {
        // ISO 8601 and W3CDTF let the day, and the month, be absent; the older ISO 8601 let the century be.
        4 if (1990..2100).contains(&value) => instant(date_of(value, 1, 1)?, &Clock::default(), 0),
        5 => instant(ordinal(full_year((value / 1_000, 2)), value % 1_000)?, &Clock::default(), 0),
        6 => {
            let month = year_month(value);
            let day = || date_of(full_year((value / 10_000, 2)), value / 100 % 100, value % 100);
            instant(month.or_else(day)?, &Clock::default(), 0)
        }
        8 => instant(compact_date(value)?, &Clock::default(), 0),
        9 | 10 => Timestamp::from_second(value).ok(),
        12 | 13 => Timestamp::from_millisecond(value).ok(),
        14 => {
            let (date, time) = (value / 1_000_000, value % 1_000_000);
            let (hour, minute, second) = (time / 10_000, time / 100 % 100, time % 100);
            instant(compact_date(date)?, &Clock { hour, minute, second, ..Clock::default() }, 0)
        }
        _ => None,
    }
}

fn year_month(value: i64) -> Option<Date> {
    date_of(value / 100, value % 100, 1).filter(|date| (1990..2100).contains(&date.year()))
}

fn compact_date(value: i64) -> Option<Date> {
    date_of(value / 10_000, value / 100 % 100, value % 100)
}

/// The day of that number in a year.
fn ordinal(year: i64, day: i64) -> Option<Date> {
    let days = jiff::Span::new().try_days(day.checked_sub(1)?).ok()?;
    date_of(year, 1, 1)?.checked_add(days).ok().filter(|date| i64::from(date.year()) == year)
}

/// The first three numbers that one sign joins (`05.12.2024`, `2024. 12. 5.`), one of which is a year in full: whatever
/// words stand around them, they are the date.
pub(super) fn joined(tokens: &[Token], manner: Manner) -> Option<Date> {
    (0..tokens.len()).find_map(|start| {
        let (before, from) = tokens.split_at_checked(start)?;
        let (first, after) = number(from)?;
        let (sign, after) = sign(after)?;
        let (second, after) = number(after)?;
        let (_, after) = self::sign(after).filter(|(other, _)| *other == sign)?;
        let (third, _) = number(after)?;
        // The end of something longer, as of `1.5.12.2024`, is no date.
        let is_end = match before_space(before) {
            [head @ .., Token::Mark(mark)] if *mark == sign => matches!(before_space(head), [.., Token::Number { .. }]),
            _ => false,
        };
        match (first, second, third) {
            _ if is_end => None,
            ((year, 4), (month, 1..=2), (day, 1..=2)) => year_first(year, month, day),
            // Taiwan writes `110-12-06`; behind other words it is a telephone's number.
            ((year, 3), (month, 2), (day, 2)) if MINGUO_YEARS.contains(&year) && before_space(before).is_empty() => {
                date_of(year + MINGUO_BEFORE, month, day)
            }
            ((one, 1..=2), (two, 1..=2), (year, 4)) => year_last(one, two, year, manner.order(sign)),
            _ => None,
        }
    })
}

fn number(tokens: &[Token]) -> Option<((i64, usize), &[Token])> {
    match tokens {
        [Token::Number { value, digits }, after @ ..] => Some(((*value, *digits), after)),
        _ => None,
    }
}

/// A sign that joins numbers of a date, with the spaces around it.
fn sign(tokens: &[Token]) -> Option<(char, &[Token])> {
    match after_space(tokens) {
        [Token::Mark(sign @ ('.' | '/' | '-')), after @ ..] => Some((*sign, after_space(after))),
        _ => None,
    }
}

fn year_first(year: i64, month: i64, day: i64) -> Option<Date> {
    let found = date_of(year, month, day).or_else(|| date_of(year, day, month));
    found.filter(|_| YEARS.contains(&year))
}

fn year_last(one: i64, two: i64, year: i64, order: Order) -> Option<Date> {
    let (month, day) = match order {
        Order::DayFirst => (two, one),
        Order::MonthFirst => (one, two),
    };
    year_first(year, month, day)
}

/// A date in numbers, whatever stands between them.
pub(super) fn loose(tokens: &[Token], manner: Manner) -> Option<Date> {
    let numbers: Vec<(i64, usize)> = tokens
        .iter()
        .filter_map(|token| match token {
            Token::Number { value, digits } | Token::Month { value, digits } => Some((*value, *digits)),
            Token::Word(_) | Token::Space | Token::Mark(_) => None,
        })
        .collect();
    let sign = ['-', '/'].into_iter().find(|sign| tokens.contains(&Token::Mark(*sign)));
    let order = manner.order(sign.unwrap_or('.'));
    match numbers.as_slice() {
        [(compact, 8), ..] => compact_date(*compact),
        [(year, 4), (month, 1..=2), (day, 1..=2), ..] => year_first(*year, *month, *day),
        // A month of three digits is a slip where a day follows.
        [(year, 4), (month @ 1..=12, 3), (day, 2)] => date_of(*year, *month, *day),
        [(year, 4), (day, 3), ..] => ordinal(*year, *day),
        [(year, 4), (month, 2)] => date_of(*year, *month, 1),
        // A day that stands before its month in an element of its own, and nothing else.
        [(day, 1..=2), (year, 4), (month @ 1..=12, 2)] if is_day_before_month(tokens) => date_of(*year, *month, *day),
        [(one, 1..=2), (two, 1..=2), (year, 4), ..] => year_last(*one, *two, *year, order),
        [(one, 2), (two, 1..=2), year @ (_, 2), ..] if sign == Some('-') && manner.is_year_last(*one) => {
            let year_first = || date_of(full_year((*one, 2)), *two, year.0);
            year_last(*one, *two, full_year(*year), order).or_else(year_first)
        }
        [first @ (_, 2), (second, 1..=2), last @ (_, 2), ..] if sign == Some('-') => {
            date_of(full_year(*first), *second, last.0).or_else(|| year_last(first.0, *second, full_year(*last), order))
        }
        [(one, 1..=2), (two, 1..=2), year @ (_, 2), ..] => year_last(*one, *two, full_year(*year), order),
        _ => None,
    }
}
