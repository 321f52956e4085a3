//! The time of day in a text, and its zone.

use jiff::tz::TimeZone;

use super::parse::YEARS;
use super::token::{Token, after_space, before_space};
use super::{month, zone};

/// Words before a time, whose minutes may follow a point: `kl. 14.05`.
const AT: [&str; 19] = [
    "kl", "klo", "klukken", "ore", "alle", "um", "at", "à", "às", "as", "ob", "saat", "pukul", "jam", "godz", "в",
    "во", "о", "об",
];
/// Words between a time and its zone: `14:05 Uhr MEZ`, `14:05 по МСК`, `14.05 น.`.
const OF_CLOCK: [&str; 7] = ["uhr", "h", "hs", "hrs", "по", "часов", "น"];

/// A time of day.
#[derive(Debug, Clone, Default)]
pub(super) struct Clock {
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) nanosecond: i64,
    /// Whether there is one at all.
    pub(super) is_told: bool,
    /// Whether it was written with a half of the day in Latin letters: `2:05 PM`.
    pub(super) has_english_half: bool,
    pub(super) zone: Option<Zone>,
}

/// Where a time is the time.
#[derive(Debug, Clone)]
pub(super) enum Zone {
    /// So many minutes east of Greenwich.
    Minutes(i32),
    /// A region with its own rules: `Europe/Moscow`.
    Region(TimeZone),
}

/// The time at the start of `from`, and what follows it; `before` stands before it.
type Form = for<'t> fn(before: &'t [Token], from: &'t [Token]) -> Option<(Clock, &'t [Token])>;

/// Takes the time out of a text: with colons anywhere before other forms. Without one, midnight and the text as it is.
pub(super) fn take(tokens: &[Token]) -> (Clock, Vec<Token>) {
    const FORMS: [Form; 5] = [with_colons, compact, with_units, with_point, military];
    for form in FORMS {
        for start in 0..tokens.len() {
            let Some((before, from)) = tokens.split_at_checked(start) else { break };
            if !matches!(from, [Token::Number { .. }, ..]) {
                continue;
            }
            let Some((mut clock, after)) = form(before, from) else { continue };
            clock.is_told = true;
            let after = rest_of_clock(before, after, &mut clock);
            let mut rest = before.to_vec();
            // A mark of its own keeps numbers before and after the time apart.
            rest.push(Token::Space);
            rest.extend_from_slice(after);
            return (clock, rest);
        }
    }
    (Clock::default(), tokens.to_vec())
}

fn with_colons<'t>(before: &'t [Token], from: &'t [Token]) -> Option<(Clock, &'t [Token])> {
    let [
        Token::Number { value: hour @ 0..=24, digits: 1..=2 },
        Token::Mark(':'),
        Token::Number { value: minute @ 0..=59, digits: 1..=2 },
        after @ ..,
    ] = from
    else {
        return None;
    };
    let mut clock = Clock { hour: *hour, minute: *minute, ..Clock::default() };
    let has_seconds = matches!(after, [Token::Mark(':'), Token::Number { .. }, ..]);
    let after = seconds(after, &mut clock);
    match before {
        // The log of a server: `05/Dec/2024:10:00:00`.
        [.., Token::Number { digits: 4, .. }, Token::Mark(':')] if has_seconds => {}
        // The end of something longer, as in `25:14:55`, is no time.
        [.., Token::Number { .. }, Token::Mark(':')] => return None,
        _ => {}
    }
    Some((clock, after))
}

fn seconds<'t>(tokens: &'t [Token], clock: &mut Clock) -> &'t [Token] {
    let [Token::Mark(':'), Token::Number { value: second @ 0..=60, digits: 1..=2 }, after @ ..] = tokens else {
        return tokens;
    };
    clock.second = *second;
    let [Token::Mark('.' | ','), Token::Number { value, digits }, after_fraction @ ..] = after else { return after };
    let power = u32::try_from(*digits).unwrap_or(u32::MAX);
    clock.nanosecond = 10_i64.checked_pow(power).map_or(0, |unit| value.saturating_mul(1_000_000_000) / unit);
    after_fraction
}

/// `T1405` and `T140500` behind a day.
fn compact<'t>(before: &'t [Token], from: &'t [Token]) -> Option<(Clock, &'t [Token])> {
    let (
        [.., Token::Number { .. }, Token::Word(mark)],
        [Token::Number { value, digits: digits @ (4 | 6) }, after @ ..],
    ) = (before, from)
    else {
        return None;
    };
    let (time, second) = if *digits == 6 { (value / 100, value % 100) } else { (*value, 0) };
    let (hour, minute) = (time / 100, time % 100);
    let is_time = mark == "t" && hour <= 24 && minute < 60 && second <= 60;
    is_time.then(|| (Clock { hour, minute, second, ..Clock::default() }, after))
}

/// `14h05`, `14 h 05`, `14時05分`, `14 Uhr`, `às 14h`, `2pm`.
fn with_units<'t>(before: &'t [Token], from: &'t [Token]) -> Option<(Clock, &'t [Token])> {
    let [Token::Number { value: hour @ 0..=24, digits: 1..=2 }, after @ ..] = from else { return None };
    let behind_hour = after_space(after);
    let [Token::Word(unit), after @ ..] = behind_hour else { return None };
    let clock = |minute: i64| Clock { hour: *hour, minute, ..Clock::default() };
    let minutes = match after_space(after) {
        [Token::Number { value: minute @ 0..=59, digits }, after @ ..] => Some((*minute, *digits, after)),
        _ => None,
    };
    match (unit.as_str(), minutes) {
        ("h", Some((minute, 2, after))) => Some((clock(minute), after)),
        ("時" | "时" | "點" | "点" | "시", Some((minute, _, after))) => {
            let after_unit = match after_space(after) {
                [Token::Word(unit), after @ ..] if unit.starts_with(['分', '분']) => Some(after),
                _ => None,
            };
            after_unit.map(|after| (clock(minute), after))
        }
        // These may be the minutes behind a point.
        _ if matches!(before, [.., Token::Number { .. }, Token::Mark('.')]) => None,
        ("uhr" | "時" | "时" | "시", _) => Some((clock(0), after)),
        ("h", None) if is_at(before) => Some((clock(0), after)),
        ("am" | "pm", _) if (1..=12).contains(hour) => Some((clock(0), behind_hour)),
        ("a" | "p" | "π" | "μ", _) if (1..=12).contains(hour) && take_half(behind_hour).1.is_some() => {
            Some((clock(0), behind_hour))
        }
        _ => None,
    }
}

/// `1504 GMT` where another number of four digits is the year.
fn military<'t>(before: &'t [Token], from: &'t [Token]) -> Option<(Clock, &'t [Token])> {
    let [Token::Number { value, digits: 4 }, after @ ..] = from else { return None };
    // Shorter ones are words: `2021 at 1504`.
    let is_zone = |word: &str| (word == "z" || word.len() > 2) && zone::minutes_of_word(word).is_some();
    let is_zoned = matches!(after_space(after), [Token::Word(word), ..] if is_zone(word));
    let is_year = |token: &Token| matches!(token, Token::Number { value, digits: 4 } if YEARS.contains(value));
    let has_year = before.iter().chain(after).any(is_year);
    let (hour, minute) = (value / 100, value % 100);
    let is_time = is_zoned && has_year && hour <= 24 && minute < 60;
    is_time.then(|| (Clock { hour, minute, ..Clock::default() }, after))
}

/// Whether what stands before says that a time follows.
fn is_at(before: &[Token]) -> bool {
    let before = before_space(before);
    let before = before.strip_suffix(&[Token::Mark('.')]).unwrap_or(before);
    matches!(before, [.., Token::Word(word)] if AT.contains(&word.as_str()))
}

/// `14.05`, where the words beside it, or its place behind a whole date, say that it is a time.
fn with_point<'t>(before: &'t [Token], from: &'t [Token]) -> Option<(Clock, &'t [Token])> {
    let [
        Token::Number { value: hour @ 0..=24, digits: 1..=2 },
        Token::Mark('.'),
        Token::Number { value: minute @ 0..=59, digits: 2 },
        after @ ..,
    ] = from
    else {
        return None;
    };
    if matches!(after, [Token::Mark('.'), Token::Number { .. }, ..])
        || matches!(before, [.., Token::Number { .. }, Token::Mark('.')])
    {
        return None;
    }
    let is_zoned = match after_space(after) {
        [Token::Word(word), ..] => {
            OF_CLOCK.contains(&word.as_str()) || half_of(word).is_some() || zone::minutes_of_word(word).is_some()
        }
        _ => false,
    };
    let is_last = after.is_empty() && before_space(before).len() < before.len();
    let numbers = || before.iter().filter(|token| matches!(token, Token::Number { .. })).count();
    let is_month = |token: &Token| match token {
        Token::Word(word) => month::of_word(word).is_some(),
        Token::Month { .. } => true,
        Token::Number { .. } | Token::Space | Token::Mark(_) => false,
    };
    // A date without a year has a time, and no year, behind it.
    let is_behind_date = || is_last && (numbers() >= 2 || numbers() == 1 && before.iter().any(is_month));
    let clock = Clock { hour: *hour, minute: *minute, ..Clock::default() };
    (is_zoned || is_at(before) || is_behind_date()).then_some((clock, after))
}

/// Takes the half of the day and the zone that follow a time.
fn rest_of_clock<'t>(before: &[Token], after: &'t [Token], clock: &mut Clock) -> &'t [Token] {
    let is_elsewhere = |word: &str| matches!(word, "sa" | "ch" | "pg" | "ptg");
    let is_latin = matches!(after_space(after), [Token::Word(word), ..] if word.is_ascii() && !is_elsewhere(word));
    let (after, half) = elsewhere_half(before, after).unwrap_or_else(|| take_half(after));
    // English and Korean may put it directly before, Chinese and Japanese write it into the date.
    let directly = match before_space(before) {
        [.., Token::Word(word)] if matches!(word.as_str(), "am" | "pm") => half_of(word),
        _ => None,
    };
    clock.has_english_half = directly.is_some() || is_latin && half.is_some();
    let half = half.or(directly).or_else(|| before.iter().rev().find_map(written_in));
    match half {
        Some(Half::Before) if clock.hour == 12 => clock.hour = 0,
        Some(Half::After) if clock.hour < 12 => clock.hour += 12,
        Some(Half::Before | Half::After) | None => {}
    }
    let after = match after_space(after) {
        [Token::Word(word), rest @ ..] if OF_CLOCK.contains(&word.as_str()) => rest,
        _ => after,
    };
    take_zone(after, clock)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    Before,
    After,
}

fn half_of(word: &str) -> Option<Half> {
    match word {
        "am" | "ص" | "صباحا" | "صباحاً" | "पूर्वाह्न" => Some(Half::Before),
        "pm" | "م" | "مساء" | "مساءً" | "अपराह्न" => Some(Half::After),
        _ => written_in_word(word),
    }
}

/// The half of the day that a word ends with, where words stand without spaces.
fn written_in_word(word: &str) -> Option<Half> {
    let ends = |endings: [&str; 5]| endings.iter().any(|ending| word.ends_with(ending));
    if ends(["오전", "上午", "午前", "凌晨", "早上"]) {
        return Some(Half::Before);
    }
    ends(["오후", "下午", "午後", "午后", "晚上"]).then_some(Half::After)
}

fn written_in(token: &Token) -> Option<Half> {
    match token {
        Token::Word(word) => written_in_word(word),
        Token::Number { .. } | Token::Month { .. } | Token::Space | Token::Mark(_) => None,
    }
}

/// Vietnamese and Malay, behind a date with slashes, with nothing but a zone behind them; elsewhere these are other words: a
/// Saturday, Switzerland, a page.
fn elsewhere_half<'t>(before: &[Token], after: &'t [Token]) -> Option<(&'t [Token], Option<Half>)> {
    use Token::{Mark, Number};
    let is_date =
        |part: &[Token]| matches!(part, [Number { .. }, Mark('/'), Number { .. }, Mark('/'), Number { digits: 4, .. }]);
    let [Token::Word(word), after @ ..] = after_space(after) else { return None };
    let half = match word.as_str() {
        "sa" | "pg" => Half::Before,
        "ch" | "ptg" => Half::After,
        _ => return None,
    };
    let is_end = match after_space(after) {
        [] | [Mark('+' | '-' | '('), ..] => true,
        [Token::Word(word), ..] => zone::minutes_of_word(word).is_some(),
        _ => false,
    };
    (is_end && before.windows(5).any(is_date)).then_some((after, Some(half)))
}

/// `PM`, `p.m.`, `p. m.`, `μ.μ.`.
fn take_half(tokens: &[Token]) -> (&[Token], Option<Half>) {
    let (Some(Token::Word(first)), Some(after)) = (after_space(tokens).first(), after_space(tokens).get(1..)) else {
        return (tokens, None);
    };
    if let Some(half) = half_of(first) {
        return (after, Some(half));
    }
    let [Token::Mark('.'), after @ ..] = after else { return (tokens, None) };
    let [Token::Word(second), after @ ..] = after_space(after) else { return (tokens, None) };
    let after = match after {
        [Token::Mark('.'), after @ ..] => after,
        _ => after,
    };
    match (first.as_str(), second.as_str()) {
        ("a", "m") | ("π", "μ") | ("ق", "ظ") => (after, Some(Half::Before)),
        ("p", "m") | ("μ", "μ") | ("ب", "ظ") => (after, Some(Half::After)),
        _ => (tokens, None),
    }
}

fn take_zone<'t>(tokens: &'t [Token], clock: &mut Clock) -> &'t [Token] {
    let mut at = after_space(tokens);
    if let [Token::Word(etc), Token::Mark('/'), after @ ..] = at
        && etc == "etc"
    {
        at = after;
    }
    if let [Token::Mark('(' | '['), Token::Word(_), ..] = at {
        at = at.split_first().map_or(at, |(_, after)| after);
    }
    if let Some((region, after)) = region(at) {
        clock.zone = Some(Zone::Region(region));
        return after;
    }
    if let [Token::Word(word), after @ ..] = at
        && let Some(minutes) = zone::minutes_of_word(word)
        && (!zone::is_word(word) || matches!(after_space(after), [] | [Token::Mark(')'), ..]))
    {
        clock.zone = Some(Zone::Minutes(minutes));
        // `GMT +0300`, `UTC +3`; but what follows `GMT - 5` is a day.
        at = match after_space(after) {
            offset @ ([Token::Mark('+' | '-'), Token::Number { digits: 4, .. }, ..]
            | [Token::Mark('+' | '-'), Token::Number { .. }, Token::Mark(':'), ..]
            | [Token::Mark('+' | '-'), Token::Number { digits: 1 | 2, .. }]
            | [Token::Mark('+' | '-'), Token::Number { digits: 1 | 2, .. }, Token::Mark(')'), ..]
            | [Token::Mark('+'), Token::Number { digits: 1 | 2, .. }, Token::Space, ..]) => offset,
            _ => after,
        };
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
        clock.zone = Some(Zone::Minutes(if *sign == '-' { -minutes } else { minutes }));
    }
    after
}

/// A region of the time zone database at the start: `America/New_York`.
fn region(tokens: &[Token]) -> Option<(TimeZone, &[Token])> {
    let [Token::Word(area), Token::Mark('/'), Token::Word(city), after @ ..] = tokens else { return None };
    let (mut name, mut after) = (format!("{area}/{city}"), after);
    while let [Token::Mark(joint @ ('_' | '-' | '/')), Token::Word(word), rest @ ..] = after {
        name.push(*joint);
        name.push_str(word);
        after = rest;
    }
    Some((TimeZone::get(&name).ok()?, after))
}
