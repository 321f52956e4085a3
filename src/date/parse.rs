//! From a text to an instant: the time is found by its colons and units, the zone after it, the date in what is left.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::rfc2822;
use jiff::tz::Offset;

use super::clock::{self, Clock, Zone};
use super::manner::Manner;
use super::moment::{Moment, Precision};
use super::token::{Token, tokens};
use super::{calendar, markup, named, numeric};
use crate::text;

/// Longer texts are no dates; the longest honest ones have about 60 characters.
const CHARS_MAX: usize = 120;

/// Bytes of markup in a date's place that are looked at.
const MARKUP_BYTES_MAX: usize = 2_000;

/// Years of the news: other numbers of four digits count something, or are years of another calendar.
pub(super) const YEARS: RangeInclusive<i64> = 1900..=2199;

/// What stands before the time of a change: a date before it is that of the publication.
#[rustfmt::skip]
const CHANGED: &[&str] = &[
    "updated", "modified", "edited", "changed", "revised",
    "aktualisiert", "geändert", "änderung", "bearbeitet",
    "actualisé", "actualisée", "mis", "mise", "modifié", "modifiée",
    "actualizado", "actualizada", "actualización", "modificado", "modificada", "modificación",
    "aggiornato", "aggiornata", "aggiornamento", "modificato",
    "atualizado", "atualizada", "atualização",
    "zaktualizowano", "aktualizacja", "bijgewerkt", "uppdaterad", "opdateret", "oppdatert", "güncelleme", "güncellendi",
    "обновлено", "обновлен", "обновлён", "обновлена", "обновление", "изменено", "изменен", "изменён", "оновлено",
    "تحديث", "التحديث", "محدث", "تعديل",
    "更新", "修改", "最后更新", "最終更新", "수정", "업데이트",
];

/// What stands before the time of publication.
#[rustfmt::skip]
const PUBLISHED: &[&str] = &[
    "published", "posted", "issued", "released", "created",
    "veröffentlicht", "erstellt", "erschienen", "publiziert",
    "publié", "publiée", "publication", "paru", "ligne",
    "publicado", "publicada", "publicación", "creado",
    "pubblicato", "pubblicata", "pubblicazione", "publicação",
    "opublikowano", "publikacja", "gepubliceerd", "geplaatst", "publicerad", "publiceret", "udgivet", "publisert",
    "yayınlanma", "yayınlandı", "yayımlanma", "yayımlandı",
    "опубликовано", "опубликован", "опубликована", "публикация", "создано", "опубліковано",
    "نشر", "نُشر", "النشر", "نشرت",
    "发布", "發布", "发表", "公開", "掲載", "등록", "입력",
];

/// Whether a word is one of these; words of Chinese and Japanese stand without spaces, and are one with what follows them.
fn begins(word: &str, known: &[&str]) -> bool {
    let is_joined = |known: &str| known.chars().next().is_some_and(|c| matches!(c, '\u{3400}'..='\u{9fff}'));
    known.iter().any(|known| word == *known || is_joined(known) && word.starts_with(known))
}

fn says(tokens: &[Token], known: &[&str]) -> Option<usize> {
    tokens.iter().position(|token| matches!(token, Token::Word(word) if begins(word, known)))
}

/// Whether what a text tells is the time of a change: it has a word for that, with no date before it, and none for publishing.
pub fn tells_change(text: &str) -> bool {
    let tokens = tokens(&text.to_lowercase());
    let is_number = |token: &Token| matches!(token, Token::Number { .. } | Token::Month { .. });
    let is_change = |from: &[Token]| says(from.get(..1).unwrap_or_default(), CHANGED).is_some() && !names_editor(from);
    let change = (0..tokens.len()).find(|at| tokens.get(*at..).is_some_and(is_change));
    let before = change.and_then(|at| tokens.get(..at));
    before.is_some_and(|before| !before.iter().any(is_number)) && says(&tokens, PUBLISHED).is_none()
}

/// Whether these words tell by whom, and not when: `Edited by Jane Doe`.
fn names_editor(tokens: &[Token]) -> bool {
    let is_edit = |word: &str| matches!(word, "edited" | "revised");
    matches!(tokens, [Token::Word(word), Token::Space, Token::Word(by), ..] if is_edit(word) && by == "by")
}

/// Whether a text has a word for publishing.
pub fn tells_publication(text: &str) -> bool {
    says(&tokens(&text.to_lowercase()), PUBLISHED).is_some()
}

/// Reads a date in any of the forms that feeds and pages use; `None` where there is none or it has no year.
///
/// RFC 3339 and its relatives, RFC 2822 and what passes for it, `21.03.2021 14:05`, `March 21, 2021`, names of months
/// in some fifty languages, 12-hour clocks, seconds and milliseconds since 1970. A time without a zone is taken as
/// UTC, a day without a time as its first moment. Of markup (`<time datetime="...">`) what it says to machines is read, else
/// its words. `01/02/2021` is the first of February, unless the numbers or a 12-hour
/// clock deny it; where other dates of the same document are at hand, [`Manner`] reads better.
pub fn parse(text: &str) -> Option<Timestamp> {
    read(text, Manner::default()).map(|moment| moment.at)
}

/// Reads a date of a document that writes them in this manner.
pub(super) fn read(text: &str, manner: Manner) -> Option<Moment> {
    let text = text.trim();
    if !text.starts_with('<') {
        return read_words(text, manner);
    }
    let text = bounded(text);
    markup::values(text)
        .find_map(|value| read_words(value, manner))
        .or_else(|| read_words(&text::plain(text, CHARS_MAX + 1), manner))
}

/// The words of a text by which its document's manner is judged.
pub(super) fn words(text: &str) -> Cow<'_, str> {
    if !text.trim_start().starts_with('<') {
        return Cow::Borrowed(text);
    }
    let text = bounded(text.trim_start());
    let value = markup::values(text).find(|value| read_words(value, Manner::default()).is_some());
    value.map_or_else(|| text::plain(text, CHARS_MAX).into(), Cow::Borrowed)
}

fn bounded(markup: &str) -> &str {
    markup.get(..markup.floor_char_boundary(MARKUP_BYTES_MAX)).unwrap_or(markup)
}

fn read_words(text: &str, manner: Manner) -> Option<Moment> {
    let text = text.trim();
    if let Some(instant) = by_the_book(text) {
        return Some(Moment::new(instant, Precision::Instant, is_at_greenwich(text)));
    }
    if text.chars().count() > CHARS_MAX {
        return None;
    }
    // Of a document that has shown nothing this is the one date.
    let manner = manner.or_shown_by(text);
    let lower = text.to_lowercase();
    let lower = calendar::written_out(&lower).unwrap_or(lower);
    let mut tokens = tokens(&lower);
    calendar::align_thai_years(&lower, &mut tokens);
    if let Some(moment) = numeric::alone(&tokens).or_else(|| numeric::wrapped(&tokens)) {
        return Some(moment);
    }
    if let Some(date) = calendar::iranian(&lower, &tokens) {
        return moment(date, &clock::take(&tokens).0, 0);
    }
    let changed = says(&tokens, CHANGED);
    let first = changed.and_then(|at| tokens.get(..at));
    // `Updated 7 December, published 6 December`.
    let behind = || changed.and_then(|at| tokens.get(at..)).and_then(|rest| rest.get(says(rest, PUBLISHED)?..));
    let told = first.and_then(|first| parts(first, manner)).or_else(|| parts(behind()?, manner));
    let (date, clock, precision) = told.or_else(|| parts(&tokens, manner))?;
    let is_korean = text.chars().any(|c| matches!(c, '\u{ac00}'..='\u{d7a3}'));
    let moment = moment(date, &clock, if is_korean { 540 } else { 0 })?;
    Some(Moment { precision: moment.precision.min(precision), ..moment })
}

/// Whether a text has a 12-hour clock in it, its halves named in Latin letters: others than Americans write theirs.
pub(super) fn has_english_half(text: &str) -> bool {
    clock::take(&tokens(&text.to_lowercase())).0.has_english_half
}

/// The date and the time of a text, and how exactly it can be told at best.
fn parts(tokens: &[Token], manner: Manner) -> Option<(Date, Clock, Precision)> {
    let (clock, rest) = clock::take(tokens);
    let whole = numeric::joined(&rest, manner).or_else(|| named::date(&rest, manner));
    if let Some(date) = whole {
        return Some((date, clock, Precision::Instant));
    }
    let precision = if numeric::is_month(&rest) { Precision::Month } else { Precision::Instant };
    Some((numeric::loose(&rest, manner)?, clock, precision))
}

/// A standard that a date looks as if it was written by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Book {
    /// RFC 3339, ISO 8601.
    Iso,
    /// RFC 2822.
    Mail,
}

/// The standard that a text begins and ends by.
pub(super) fn book(text: &str) -> Option<Book> {
    match text.as_bytes() {
        [b'0'..=b'9', _, _, _, b'-', _, _, b'-', ..] | [b'0'..=b'9', _, _, _, _, _, _, _, b'T', ..] => Some(Book::Iso),
        // A zone of letters is one of many that the RFC doesn't know.
        [b'A'..=b'Z', _, _, b',', b' ', .., b'+' | b'-', _, _, _, _]
        | [b'A'..=b'Z', _, _, b',', b' ', .., b'G', b'M', b'T'] => Some(Book::Mail),
        _ => None,
    }
}

/// Reads a date that is well-formed by RFC 3339 or RFC 2822, as most are. What begins otherwise is not shown to their
/// readers: each failure costs as much as a scan.
fn by_the_book(text: &str) -> Option<Timestamp> {
    const MAIL: rfc2822::DateTimeParser = rfc2822::DateTimeParser::new().relaxed_weekday(true);
    match book(text)? {
        Book::Iso => text.parse().ok(),
        Book::Mail => MAIL.parse_timestamp(text).ok(),
    }
}

/// Whether a date by the book is told of no other zone: by that one's letters, or an offset of zero.
fn is_at_greenwich(text: &str) -> bool {
    let letters = text.rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    let offset = text.rsplit(['+', '-']).next().unwrap_or_default();
    ["z", "gmt", "ut", "utc"].iter().any(|zone| letters.eq_ignore_ascii_case(zone))
        || !offset.contains(|c| c != '0' && c != ':')
}

/// A day's time, with how exactly it is told.
fn moment(date: Date, clock: &Clock, default_minutes: i32) -> Option<Moment> {
    let precision = match (clock.is_told, &clock.zone) {
        (false, _) => Precision::Day,
        (true, None) => Precision::Time,
        (true, Some(_)) => Precision::Instant,
    };
    let is_midnight = clock.hour % 24 == 0;
    Some(Moment::new(instant(date, clock, default_minutes)?, precision, is_midnight))
}

/// The instant of a day's time; where that says no zone, so many minutes east of Greenwich.
pub(super) fn instant(date: Date, clock: &Clock, default_minutes: i32) -> Option<Timestamp> {
    // 24:00 ends a day: it is the first moment of the next.
    let date = if clock.hour == 24 { date.tomorrow().ok()? } else { date };
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
    let minutes = match &clock.zone {
        Some(Zone::Region(region)) => return region.to_timestamp(time).ok(),
        Some(Zone::Minutes(minutes)) => *minutes,
        None => default_minutes,
    };
    Offset::from_seconds(minutes.checked_mul(60)?).ok()?.to_timestamp(time).ok()
}

/// A year of four digits, or of this century or the last.
pub(super) fn full_year((value, digits): (i64, usize)) -> i64 {
    match (digits, value) {
        (2, 0..70) => 2000 + value,
        (2, _) => 1900 + value,
        _ => value,
    }
}

pub(super) fn date_of(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests;
