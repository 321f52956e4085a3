//! Years and months of calendars that news is dated by beside the Gregorian: the Thai one, Taiwan's, and the Iranian.

use jiff::civil::Date;

use super::parse::date_of;
use super::token::{Token, after_space};

/// Thai years are so many ahead.
const THAI_AHEAD: i64 = 543;
const THAI_YEARS: std::ops::RangeInclusive<i64> = 2443..=2699;
/// Up to 2061: from 1441 on they could be years of the Hijri calendar, which counts 1447 in 2025.
const IRANIAN_YEARS: std::ops::RangeInclusive<i64> = 1300..=1440;

/// Taiwan counts from the year after this one. By themselves, without the era's name, years of three digits up to 2061 are taken for its.
pub(super) const MINGUO_BEFORE: i64 = 1911;
pub(super) const MINGUO_YEARS: std::ops::RangeInclusive<i64> = 100..=150;

/// Abbreviations of the Thai months in order, with their points.
const THAI_MONTHS: [(&str, &str); 12] = [
    ("ม.ค.", "มกราคม"),
    ("ก.พ.", "กุมภาพันธ์"),
    ("มี.ค.", "มีนาคม"),
    ("เม.ย.", "เมษายน"),
    ("พ.ค.", "พฤษภาคม"),
    ("มิ.ย.", "มิถุนายน"),
    ("ก.ค.", "กรกฎาคม"),
    ("ส.ค.", "สิงหาคม"),
    ("ก.ย.", "กันยายน"),
    ("ต.ค.", "ตุลาคม"),
    ("พ.ย.", "พฤศจิกายน"),
    ("ธ.ค.", "ธันวาคม"),
];

/// Months of the Iranian year from its first, at the spring equinox.
const IRANIAN_MONTHS: [&str; 12] =
    ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"];

/// Whether a number may be a year of another calendar in a text.
pub(super) fn may_be_year(value: i64, text: &str) -> bool {
    (THAI_YEARS.contains(&value) && is_thai(text)) || (IRANIAN_YEARS.contains(&value) && is_persian(text))
}

/// A lower-case text with its months written out.
pub(super) fn written_out(text: &str) -> Option<String> {
    if !is_thai(text) {
        return None;
    }
    let (short, long) = THAI_MONTHS.iter().find(|(short, _)| text.contains(short))?;
    Some(text.replace(short, &format!("{long} ")))
}

/// Puts Thai years of a text into Gregorian ones: 2569, and 69 behind a month where no minutes follow it.
pub(super) fn align_thai_years(text: &str, tokens: &mut [Token]) {
    if !is_thai(text) {
        return;
    }
    let mut is_behind_month = false;
    for at in 0..tokens.len() {
        let [token, after @ ..] = tokens.get_mut(at..).unwrap_or_default() else { break };
        let is_hour = matches!(after, [Token::Mark(':' | '.'), Token::Number { .. }, ..]);
        match token {
            Token::Number { value, digits: 4 } if THAI_YEARS.contains(value) => *value -= THAI_AHEAD,
            Token::Number { value, digits } if is_behind_month && *digits == 2 && !is_hour => {
                (*value, *digits) = (*value + 2500 - THAI_AHEAD, 4);
            }
            Token::Number { .. } | Token::Month { .. } | Token::Word(_) | Token::Space | Token::Mark(_) => {}
        }
        is_behind_month = match token {
            Token::Word(word) => THAI_MONTHS.iter().any(|(_, month)| month == word),
            Token::Space => is_behind_month,
            Token::Number { .. } | Token::Month { .. } | Token::Mark(_) => false,
        };
    }
}

/// A date of the Iranian calendar in a Persian text: `۱۴۰۵/۰۹/۰۶`, `6 آذر 1405`.
pub(super) fn iranian(text: &str, tokens: &[Token]) -> Option<Date> {
    if !is_persian(text) {
        return None;
    }
    (0..tokens.len()).find_map(|start| match tokens.get(start..)? {
        [
            Token::Number { value: year, digits: 4 },
            Token::Mark('/' | '-' | '.'),
            Token::Number { value: month, .. },
            Token::Mark('/' | '-' | '.'),
            Token::Number { value: day, .. },
            ..,
        ] => gregorian(*year, *month, *day),
        [Token::Number { value: day, .. }, after @ ..] => {
            let [Token::Word(month), after @ ..] = after_space(after) else { return None };
            let month = IRANIAN_MONTHS.iter().position(|name| name == month)?;
            let [Token::Number { value: year, digits: 4 }, ..] = after_space(after) else { return None };
            gregorian(*year, i64::try_from(month).ok()? + 1, *day)
        }
        _ => None,
    })
}

/// The day of a date in the Iranian calendar. The years' lengths follow a cycle of 33, which is right from 1244 to 1472 (Borkowski, "The
/// Persian calendar for 3000 years", 1996).
fn gregorian(year: i64, month: i64, day: i64) -> Option<Date> {
    let is_leap = |year: i64| matches!(year.rem_euclid(33), 1 | 5 | 9 | 13 | 17 | 22 | 26 | 30);
    let length = match month {
        1..=6 => 31,
        7..=11 => 30,
        12 => 29 + i64::from(is_leap(year)),
        _ => return None,
    };
    if !IRANIAN_YEARS.contains(&year) || !(1..=length).contains(&day) {
        return None;
    }
    let days = |from: i64, to: i64| (from..to).map(|year| 365 + i64::from(is_leap(year))).sum::<i64>();
    // The first day of 1400 was 21 March 2021.
    let years = days(1400, year) - days(year, 1400);
    let months = (month - 1) * 30 + (month - 1).min(6);
    let span = jiff::Span::new().try_days(years + months + day - 1).ok()?;
    date_of(2021, 3, 21)?.checked_add(span).ok()
}

fn is_thai(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{e01}'..='\u{e4e}'))
}

/// Whether letters or digits stand in it that Persian has and Arabic hasn't, or one of its months.
fn is_persian(text: &str) -> bool {
    text.contains(|c| matches!(c, '\u{6f0}'..='\u{6f9}' | 'پ' | 'چ' | 'ژ' | 'گ' | 'ی'))
        || IRANIAN_MONTHS.iter().any(|month| text.contains(month))
}
