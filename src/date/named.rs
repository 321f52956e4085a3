//! Dates whose month is a name.

use jiff::civil::Date;

use super::manner::Manner;
use super::month;
use super::parse::{YEARS, date_of, full_year};
use super::token::Token;

/// What may stand between a day, its month and the year: endings of ordinals, prepositions, words for day and year.
const BETWEEN: [&str; 19] =
    ["st", "nd", "rd", "th", "er", "de", "del", "di", "do", "of", "the", "den", "º", "го", "г", "年", "년", "日", "일"];

/// A number and how many digits it has.
type Number = (i64, usize);

/// A date whose month is a word beside the number of its day.
pub(super) fn date(tokens: &[Token], manner: Manner) -> Option<Date> {
    best(tokens, &|word, has_point| {
        let is_croatian = manner.is_croatian() || has_point && word == "listopada";
        Some(word).filter(|_| is_croatian).and_then(month::of_croatian).or_else(|| month::of_word(word))
    })
    .or_else(|| best(tokens, &|word, _| month::of_beginning(word)))
}

/// How sure it is that a year belongs to a day and its month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Grip {
    /// Two digits beside them.
    Short,
    /// Four digits somewhere.
    Apart,
    /// Four digits beside them.
    Close,
}

/// The date of the month that day and year stand closest to; of equals the first.
///
/// `month_of` is given a word and whether the number before it ends with a point.
fn best(tokens: &[Token], month_of: &dyn Fn(&str, bool) -> Option<i8>) -> Option<Date> {
    let mut found: Option<(Grip, Date)> = None;
    for at in 0..tokens.len() {
        let Some((before, [token, after @ ..])) = tokens.split_at_checked(at) else { break };
        let (Token::Word(_) | Token::Month { .. }) = token else { continue };
        let day_before = number_before(before);
        if day_before.is_none() && !after.iter().any(|token| number(token).is_some()) {
            continue;
        }
        let (month, after) = match (token, after) {
            (Token::Word(first), [Token::Space, Token::Word(second), rest @ ..])
                if month::of_pair(first, second).is_some() =>
            {
                (month::of_pair(first, second), rest)
            }
            (Token::Word(word), _) => (month_of(word, matches!(before, [.., Token::Mark('.'), Token::Space])), after),
            (Token::Month { value, .. }, _) => (i8::try_from(*value).ok(), after),
            (Token::Number { .. } | Token::Space | Token::Mark(_), _) => (None, after),
        };
        let Some(month) = month else { continue };
        // `5 December 2024`, `December 5, 2024` and `2024. december 5.`: what is left on both sides has the year.
        let day_first = day_before.map(|(day, head)| (day, head, after));
        let month_first = number_after(after).map(|(day, behind)| (day, before, behind));
        for (day, head, behind) in [day_first, month_first].into_iter().flatten() {
            let dated = Some(day).filter(|(_, digits)| *digits <= 2).and_then(|(day, _)| {
                let (grip, year) = year(head, behind)?;
                Some((grip, date_of(year, i64::from(month), day)?))
            });
            if let Some((grip, date)) = dated
                && found.is_none_or(|(best, _)| grip > best)
            {
                found = Some((grip, date));
            }
        }
    }
    found.map(|(_, date)| date)
}

/// The year, sought before and behind day and month.
fn year(head: &[Token], behind: &[Token]) -> Option<(Grip, i64)> {
    let is_full = |&(value, digits): &Number| digits == 4 && YEARS.contains(&value);
    let full = |token: &Token| number(token).filter(is_full);
    let beside = || number_before(head).filter(|(found, _)| is_full(found));
    let close = number_after(behind).filter(|(found, _)| is_full(found)).or_else(beside);
    let apart = || behind.iter().find_map(full).or_else(|| head.iter().rev().find_map(full));
    let short = || number_after(behind).map(|(found, _)| found).filter(|(_, digits)| *digits == 2);
    close
        .map(|((year, _), _)| (Grip::Close, year))
        .or_else(|| apart().map(|(year, _)| (Grip::Apart, year)))
        .or_else(|| short().map(|year| (Grip::Short, full_year(year))))
}

/// The number at the start, once what may stand between parts of a date is passed over; and what follows it.
fn number_after(tokens: &[Token]) -> Option<(Number, &[Token])> {
    let at = tokens.iter().position(|token| !is_between(token))?;
    Some((number(tokens.get(at)?)?, tokens.get(at + 1..)?))
}

/// The number at the end, and what stands before it.
fn number_before(tokens: &[Token]) -> Option<(Number, &[Token])> {
    let at = tokens.iter().rposition(|token| !is_between(token))?;
    Some((number(tokens.get(at)?)?, tokens.get(..at)?))
}

fn number(token: &Token) -> Option<Number> {
    match token {
        Token::Number { value, digits } => Some((*value, *digits)),
        Token::Month { .. } | Token::Word(_) | Token::Space | Token::Mark(_) => None,
    }
}

fn is_between(token: &Token) -> bool {
    match token {
        Token::Space => true,
        Token::Mark(mark) => matches!(mark, '.' | ',' | '-' | '/' | '\'' | '’' | '–' | '،' | '、'),
        Token::Word(word) => BETWEEN.contains(&word.as_str()),
        Token::Number { .. } | Token::Month { .. } => false,
    }
}
