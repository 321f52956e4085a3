//! A scan of tokens: the time is found by its colons, the zone after it, and the date in what is left.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::rfc2822;
use jiff::tz::Offset;

use super::{month, zone};

/// Longer texts are no dates; the longest honest ones have about 60 characters.
const CHARS_MAX: usize = 120;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Number { value: i64, digits: usize },
    Word(String),
    Space,
    Mark(char),
}

/// The parts of a clock time, and the tokens that it takes up.
#[derive(Debug, Default)]
struct Clock {
    hour: i64,
    minute: i64,
    second: i64,
    nanosecond: i64,
    offset_minutes: Option<i32>,
}

/// Reads a date in any of the forms that feeds and pages use; `None` where there is none or it has no year.
///
/// RFC 3339 and its relatives, RFC 2822 and what passes for it, `21.03.2021 14:05`, `March 21, 2021`, names of months
/// in some twenty languages, 12-hour clocks, seconds and milliseconds since 1970. A time without a zone is taken as
/// UTC, a day without a time as its first moment. `01/02/2021` is the first of February, unless the numbers deny it.
pub fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Some(instant) = by_the_book(text) {
        return Some(instant);
    }
    if text.chars().count() > CHARS_MAX {
        return None;
    }
    let tokens = tokens(&text.to_lowercase());
    if let [Token::Number { value, digits }] = tokens.as_slice() {
        return of_number(*value, *digits);
    }
    let (clock, rest) = take_clock(&tokens);
    let date = named(&rest).or_else(|| numeric(&rest))?;
    let is_korean = text.chars().any(|c| matches!(c, '\u{ac00}'..='\u{d7a3}'));
    let default_minutes = if is_korean { 540 } else { 0 };
    instant(date, &clock, clock.offset_minutes.unwrap_or(default_minutes))
}

/// Reads a date that is well-formed by RFC 3339 or RFC 2822, as most are. What begins otherwise is not shown to their
/// readers: each failure costs as much as a scan.
fn by_the_book(text: &str) -> Option<Timestamp> {
    const MAIL: rfc2822::DateTimeParser = rfc2822::DateTimeParser::new().relaxed_weekday(true);
    match text.as_bytes() {
        [b'0'..=b'9', _, _, _, b'-', _, _, b'-', ..] | [b'0'..=b'9', _, _, _, _, _, _, _, b'T', ..] => {
            text.parse().ok()
        }
        // A zone of letters is one of many that the RFC doesn't know.
        [b'A'..=b'Z', _, _, b',', b' ', .., b'+' | b'-', _, _, _, _]
        | [b'A'..=b'Z', _, _, b',', b' ', .., b'G', b'M', b'T'] => MAIL.parse_timestamp(text).ok(),
        _ => None,
    }
}

fn instant(date: Date, clock: &Clock, offset_minutes: i32) -> Option<Timestamp> {
    let hour = if clock.hour == 24 { 0 } else { clock.hour };
    let time = DateTime::new(
        date.year(),
        date.month(),
        date.day(),
        i8::try_from(hour).ok()?,
        i8::try_from(clock.minute).ok()?,
        i8::try_from(clock.second.min(59)).ok()?,
        i32::try_from(clock.nanosecond).ok()?,
    )
    .ok()?;
    Offset::from_seconds(offset_minutes.checked_mul(60)?).ok()?.to_timestamp(time).ok()
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(first) = chars.next() {
        if let Some(digit) = first.to_digit(10) {
            let (mut value, mut digits) = (i64::from(digit), 1_usize);
            while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
                value = value.saturating_mul(10).saturating_add(i64::from(digit));
                digits += 1;
                chars.next();
            }
            tokens.push(Token::Number { value, digits });
        } else if first.is_alphabetic() {
            let mut word = String::from(first);
            while let Some(letter) = chars.next_if(|c| c.is_alphabetic()) {
                word.push(letter);
            }
            tokens.push(Token::Word(word));
        } else if first.is_whitespace() {
            if tokens.last() != Some(&Token::Space) {
                tokens.push(Token::Space);
            }
        } else {
            tokens.push(Token::Mark(if first == '\u{2212}' { '-' } else { first }));
        }
    }
    tokens
}

/// A number alone: epoch seconds, epoch milliseconds, or a compact date.
fn of_number(value: i64, digits: usize) -> Option<Timestamp> {
    match digits {
        // ISO 8601 and W3CDTF let the day, and the month, be absent; the older ISO 8601 let the century be.
        4 if (1990..2100).contains(&value) => instant(date_of(value, 1, 1)?, &Clock::default(), 0),
        5 => instant(ordinal(full_year((value / 1_000, 2)), value % 1_000)?, &Clock::default(), 0),
        6 => {
            let month = date_of(value / 100, value % 100, 1).filter(|date| (1990..2100).contains(&date.year()));
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

fn compact_date(value: i64) -> Option<Date> {
    date_of(value / 10_000, value / 100 % 100, value % 100)
}

fn date_of(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Finds the clock time, and gives it with the tokens around it.
fn take_clock(tokens: &[Token]) -> (Clock, Vec<Token>) {
    for start in 0..tokens.len() {
        let Some((before, from)) = tokens.split_at_checked(start) else { break };
        let [
            Token::Number { value: hour @ 0..=24, digits: 1..=2 },
            Token::Mark(':'),
            Token::Number { value: minute @ 0..=59, digits: 1..=2 },
            after @ ..,
        ] = from
        else {
            continue;
        };
        // The end of something longer, as in `25:14:55`, is no time.
        if matches!(before, [.., Token::Number { .. }, Token::Mark(':')]) {
            break;
        }
        let mut clock = Clock { hour: *hour, minute: *minute, ..Clock::default() };
        let after = take_seconds(after, &mut clock);
        let (after, half) = take_half(after);
        let half = half.or_else(|| before.iter().rev().find_map(half_of));
        match half {
            Some(Half::Before) if clock.hour == 12 => clock.hour = 0,
            Some(Half::After) if clock.hour < 12 => clock.hour += 12,
            Some(Half::Before | Half::After) | None => {}
        }
        let after = take_zone(after, &mut clock);
        let mut rest = before.to_vec();
        // A mark of its own keeps numbers before and after the time apart.
        rest.push(Token::Space);
        rest.extend_from_slice(after);
        return (clock, rest);
    }
    (Clock::default(), tokens.to_vec())
}

fn take_seconds<'a>(tokens: &'a [Token], clock: &mut Clock) -> &'a [Token] {
    let [Token::Mark(':'), Token::Number { value: second @ 0..=60, digits: 1..=2 }, after @ ..] = tokens else {
        return tokens;
    };
    clock.second = *second;
    let [Token::Mark('.' | ','), Token::Number { value, digits }, after_fraction @ ..] = after else { return after };
    let power = u32::try_from(*digits).unwrap_or(u32::MAX);
    clock.nanosecond = 10_i64.checked_pow(power).map_or(0, |unit| value.saturating_mul(1_000_000_000) / unit);
    after_fraction
}

#[derive(Debug, Clone, Copy)]
enum Half {
    Before,
    After,
}

fn half_of(token: &Token) -> Option<Half> {
    let Token::Word(word) = token else { return None };
    match word.as_str() {
        "am" | "오전" | "上午" | "午前" => Some(Half::Before),
        "pm" | "오후" | "下午" | "午後" => Some(Half::After),
        _ => None,
    }
}

fn take_half(tokens: &[Token]) -> (&[Token], Option<Half>) {
    let spaceless = after_space(tokens);
    match spaceless {
        [word, after @ ..] if half_of(word).is_some() => (after, half_of(word)),
        [Token::Word(letter), Token::Mark('.'), Token::Word(m), after @ ..] if m == "m" && letter == "a" => {
            (after, Some(Half::Before))
        }
        [Token::Word(letter), Token::Mark('.'), Token::Word(m), after @ ..] if m == "m" && letter == "p" => {
            (after, Some(Half::After))
        }
        _ => (tokens, None),
    }
}

fn after_space(tokens: &[Token]) -> &[Token] {
    match tokens {
        [Token::Space, after @ ..] => after,
        _ => tokens,
    }
}

fn take_zone<'a>(tokens: &'a [Token], clock: &mut Clock) -> &'a [Token] {
    let mut at = after_space(tokens);
    if let [Token::Word(etc), Token::Mark('/'), after @ ..] = at
        && etc == "etc"
    {
        at = after;
    }
    if let [Token::Mark('('), Token::Word(_), ..] = at {
        at = at.split_first().map_or(at, |(_, after)| after);
    }
    if let [Token::Word(word), after @ ..] = at
        && let Some(minutes) = zone::minutes_of_word(word)
    {
        clock.offset_minutes = Some(minutes);
        at = after;
    }
    let [Token::Mark(sign @ ('+' | '-')), Token::Number { value, digits }, after @ ..] = at else { return at };
    let (hours, minutes, after) = match (digits, after) {
        (3 | 4, after) => (value / 100, value % 100, after),
        (1 | 2, [Token::Mark(':'), Token::Number { value: minutes @ 0..=59, digits: 2 }, after @ ..]) => {
            (*value, *minutes, after)
        }
        (1 | 2, [] | [Token::Space | Token::Mark(')'), ..]) => (*value, 0, after),
        _ => return at,
    };
    if hours <= 18 {
        let minutes = i32::try_from(hours * 60 + minutes).unwrap_or(0);
        clock.offset_minutes = Some(if *sign == '-' { -minutes } else { minutes });
    }
    after
}

/// A date whose month is a word.
fn named(tokens: &[Token]) -> Option<Date> {
    let month_at = |(index, token): (usize, &Token)| match token {
        Token::Word(word) => month::of_word(word).map(|month| (index, month)),
        Token::Number { .. } | Token::Space | Token::Mark(_) => None,
    };
    // The last one: days of the week share beginnings with months (`mar` is Tuesday in French and Spanish).
    let (index, month) = tokens.iter().enumerate().filter_map(month_at).next_back()?;
    let numbers = |tokens: &[Token]| -> Vec<(i64, usize)> {
        tokens
            .iter()
            .filter_map(|token| match token {
                Token::Number { value, digits } => Some((*value, *digits)),
                Token::Word(_) | Token::Space | Token::Mark(_) => None,
            })
            .collect()
    };
    let mut before = numbers(tokens.get(..index)?);
    let mut after = numbers(tokens.get(index..)?);
    let is_day = |&(value, digits): &(i64, usize)| digits <= 2 && (1..=31).contains(&value);
    let day = if let Some(at) = before.iter().rposition(is_day) {
        before.remove(at).0
    } else {
        let at = after.iter().position(is_day)?;
        after.remove(at).0
    };
    let years: Vec<_> = after.into_iter().chain(before.into_iter().rev()).collect();
    let year =
        years.iter().find(|(_, digits)| *digits == 4).or_else(|| years.iter().find(|(_, digits)| *digits == 2))?;
    date_of(full_year(*year), i64::from(month), day)
}

fn full_year((value, digits): (i64, usize)) -> i64 {
    match (digits, value) {
        (2, 0..70) => 2000 + value,
        (2, _) => 1900 + value,
        _ => value,
    }
}

/// The day of that number in a year.
fn ordinal(year: i64, day: i64) -> Option<Date> {
    let days = jiff::Span::new().try_days(day.checked_sub(1)?).ok()?;
    date_of(year, 1, 1)?.checked_add(days).ok().filter(|date| i64::from(date.year()) == year)
}

/// A date in numbers alone.
fn numeric(tokens: &[Token]) -> Option<Date> {
    let numbers: Vec<(i64, usize)> = tokens
        .iter()
        .filter_map(|token| match token {
            Token::Number { value, digits } => Some((*value, *digits)),
            Token::Word(_) | Token::Space | Token::Mark(_) => None,
        })
        .collect();
    let has_dashes = tokens.contains(&Token::Mark('-'));
    match numbers.as_slice() {
        [(compact, 8), ..] => compact_date(*compact),
        [(year, 4), (month, 1..=2), (day, 1..=2), ..] => {
            date_of(*year, *month, *day).or_else(|| date_of(*year, *day, *month))
        }
        // A month of three digits is a slip where a day follows.
        [(year, 4), (month @ 1..=12, 3), (day, 2)] => date_of(*year, *month, *day),
        [(year, 4), (day, 3), ..] => ordinal(*year, *day),
        [(year, 4), (month, 2)] => date_of(*year, *month, 1),
        [(day, 1..=2), (month, 1..=2), (year, 4), ..] => {
            date_of(*year, *month, *day).or_else(|| date_of(*year, *day, *month))
        }
        [first @ (_, 2), (month, 1..=2), last @ (_, 2), ..] if has_dashes => {
            date_of(full_year(*first), *month, last.0).or_else(|| date_of(full_year(*last), *month, first.0))
        }
        [(day, 1..=2), (month, 1..=2), year @ (_, 2), ..] => {
            date_of(full_year(*year), *month, *day).or_else(|| date_of(full_year(*year), *day, *month))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

    use super::{Timestamp, parse};

    fn check(text: &str, expected: &str) {
        let found = parse(text).map(|at| at.to_string());
        assert_eq!(found.as_deref(), Some(expected), "{text}");
    }

    #[test]
    fn dates_of_feeds_are_read_as_their_writers_meant_them() {
        check("Thu, 01 Jan 2004 19:48:21 GMT", "2004-01-01T19:48:21Z");
        check("Thu, 01 Jan 04 19:48 +0300", "2004-01-01T16:48:00Z");
        check("Wed, 19 Aug 2009 18:28:00 Etc/GMT", "2009-08-19T18:28:00Z");
        check("Wed, 19 Feb 2012 22:40:00 GMT-01:01", "2012-02-19T23:41:00Z");
        check("Tue, Jan 23 2018 02:54:55 MST", "2018-01-23T09:54:55Z");
        check("Sun, 15 Dec 2024 12:15 PM", "2024-12-15T12:15:00Z");
        check("2017-08-01 13:55:44.36 +0200 CEST", "2017-08-01T11:55:44.36Z");
        check("Fri, 12 Mar 2021 20:0:0 Z", "2021-03-12T20:00:00Z");
        check("026, 26 Mar 2023 00:00:00 +0000", "2023-03-26T00:00:00Z");
        check("Wed Jan  7 10:00:00 EST 2004", "2004-01-07T15:00:00Z");
        check("Fri, 2006/09/15 08:19:53 EDT", "2006-09-15T12:19:53Z");
        check("2020/1/10 14:33:00", "2020-01-10T14:33:00Z");
        check("Wed, 18 Sept 2024 10:00:00 GMT", "2024-09-18T10:00:00Z");
        check("Mo, 23 Okt 2017 08:15:00 +0200", "2017-10-23T06:15:00Z");
        check("2021-12-06T10:00:00.123+00:00", "2021-12-06T10:00:00.123Z");
        check("20040101T194821Z", "2004-01-01T19:48:21Z");
    }

    #[test]
    fn dates_of_pages_are_read_in_their_language() {
        check("21.03.2021", "2021-03-21T00:00:00Z");
        check("21.3.21, 14:05", "2021-03-21T14:05:00Z");
        check("March 21, 2021 at 2:05 p.m.", "2021-03-21T14:05:00Z");
        check("14:05, 21 марта 2021", "2021-03-21T14:05:00Z");
        check("21 листопада 2021 р.", "2021-11-21T00:00:00Z");
        check("Mo, 23 Okt 2017", "2017-10-23T00:00:00Z");
        check("mar, 5 ene 2021", "2021-01-05T00:00:00Z");
        check("21 de dezembro de 2021", "2021-12-21T00:00:00Z");
        check("2021年12月6日 09:30", "2021-12-06T09:30:00Z");
        check("Κυρ, 11 Ιούλ 2004 12:00:00 EST", "2004-07-11T17:00:00Z");
        check("2004년 05월 28일  01:31:15", "2004-05-27T16:31:15Z");
        check("2004-05-25 오후 11:23:17", "2004-05-25T14:23:17Z");
        check("12/31/2021", "2021-12-31T00:00:00Z");
        check("6. marraskuuta 2021 klo 9:30", "2021-11-06T09:30:00Z");
        check("17 Agustus 2021", "2021-08-17T00:00:00Z");
        check("15. нов. 2021.", "2021-11-15T00:00:00Z");
        check("2021. december 6., hétfő", "2021-12-06T00:00:00Z");
        check("6 grudnia 2021", "2021-12-06T00:00:00Z");
        check("6 Aralık 2021 Pazartesi", "2021-12-06T00:00:00Z");
        check("6 décembre 2021 à 9:30", "2021-12-06T09:30:00Z");
        check("Lunedì 6 dicembre 2021", "2021-12-06T00:00:00Z");
        check("2021-12-06 25:14:55", "2021-12-06T00:00:00Z");
    }

    #[test]
    fn numbers_alone_are_epochs_or_compact_dates() {
        check("1638784800", "2021-12-06T10:00:00Z");
        check("1638784800123", "2021-12-06T10:00:00.123Z");
        check("20211206", "2021-12-06T00:00:00Z");
        check("20211206103000", "2021-12-06T10:30:00Z");
        check("2003-335", "2003-12-01T00:00:00Z");
        check("03335", "2003-12-01T00:00:00Z");
        check("031231", "2003-12-31T00:00:00Z");
        check("202112", "2021-12-01T00:00:00Z");
        check("2021", "2021-01-01T00:00:00Z");
    }

    #[test]
    fn what_names_no_day_of_a_year_is_no_date() {
        for text in [
            "",
            "yesterday",
            "21 March",
            "14:05",
            "32.13.2021",
            "9999999999999999999999",
            "-",
            "1/2",
            "now",
            "0000-00-00 00:00:00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn any_text_is_read_without_a_panic(text in "[0-9:+./TZ, a-z年\\-]{0,40}|\\PC{0,40}") {
            let _date = parse(&text);
        }

        #[test]
        fn an_instant_written_by_rfc_2822_is_read_back(second in 0_i64..4_102_444_800) {
            let at = Timestamp::from_second(second).unwrap();
            prop_assert_eq!(parse(&at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()), Some(at));
            prop_assert_eq!(parse(&at.strftime("%d %B %Y %I:%M:%S %p").to_string()), Some(at));
        }
    }
}
