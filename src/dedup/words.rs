//! The words of a title, read as what a series fills in: days, numbers, names.

use crate::date::{month_beside_day, month_named, weekday_named};
use crate::text::{Stemming, Token, Tokens, numeral};

use super::heading::Blank;
use super::slot::{SEED, is_name, mix, upper};

/// What stands before a place in German, where every noun has a capital.
const PLACED: [&str; 4] = ["in", "bei", "nahe", "aus"];
/// What may stand between a day and its month, folded.
const BETWEEN: [&str; 8] = ["de", "d", "of", "di", "do", "den", "the", "el"];
/// What follows the digits of an ordinal, folded.
const ORDINAL: [&str; 10] = ["st", "nd", "rd", "th", "er", "e", "o", "a", "го", "е"];

/// The words of a title, without the publisher's name behind it.
pub(super) struct Words<'a> {
    pub(super) title: &'a str,
    pub(super) tokens: &'a Tokens,
    pub(super) list: Vec<&'a Token>,
    /// Stems of what the story's own text has with a capital within a sentence, ascending.
    pub(super) names: &'a [u64],
    /// Whether all words of the title have capitals.
    pub(super) is_title_case: bool,
}

impl Words<'_> {
    /// What the title fills in from a word on, and the word after it; `None` where the word is one of the series' own.
    pub(super) fn blank(&self, at: usize) -> Option<(Blank, usize)> {
        if let Some((day, after)) = self.day(at) {
            return Some((Blank::Day(upper(day)), after));
        }
        let word = self.list.get(at)?;
        if word.is_number {
            let value = upper(word.word);
            let is_name = self.is_numbered(at);
            return Some((if is_name { Blank::Names([value].into()) } else { Blank::Number(value) }, at + 1));
        }
        if let Some((number, after)) = self.numeral(at) {
            return Some((Blank::Number(number), after));
        }
        let is_placed = || at.checked_sub(1).is_some_and(|before| PLACED.contains(&self.folded(before)));
        if self.is_german() && !is_placed() {
            return None;
        }
        let names = (at..self.list.len()).take_while(|at| self.is_name(*at));
        let names: Vec<u32> = names.filter_map(|at| self.list.get(at)).map(|word| upper(word.stem)).collect();
        let after = at + names.len();
        (!names.is_empty()).then(|| (Blank::Names(names.into()), after))
    }

    /// Whether capitals tell nothing.
    pub(super) fn is_german(&self) -> bool {
        self.tokens.latin() == Stemming::German
    }

    fn is_name(&self, at: usize) -> bool {
        let is_of_day = |word: &&Token| {
            let folded = self.tokens.folded(word);
            weekday_named(folded).is_some() || month_named(folded, word.is_capital).is_some()
        };
        // Where all words have capitals those are names that the text says are. Of others, and of a first word, it isn't asked: the
        // titles of one series would have no words in common, as each text has its own names.
        let is_known = |word: &&Token| self.names.binary_search(&word.stem).is_ok();
        let is_name =
            is_name(self.title, &self.list, at) && (!self.is_title_case || self.list.get(at).is_some_and(is_known));
        is_name && !self.list.get(at).is_some_and(is_of_day)
    }

    /// A day of a month, with its weekday and year; or a weekday alone.
    pub(super) fn day(&self, at: usize) -> Option<(u64, usize)> {
        let Some(weekday) = self.weekday(at) else {
            let (day, after) = self.date(at)?;
            return Some((day, after + usize::from(self.weekday(after).is_some())));
        };
        let next = at + 1 + usize::from(self.is_between(at + 1));
        self.date(next).or_else(|| Some((mix(SEED, weekday.into()), at + 1)))
    }

    /// A day of a month, with the year if one follows.
    fn date(&self, at: usize) -> Option<(u64, usize)> {
        let (month, day, after) = self.dotted(at).or_else(|| self.counted(at)).or_else(|| self.named(at))?;
        let between = usize::from(self.is_between(after));
        let is_dated = self.number(after + between).is_some_and(|year| (1900..=2100).contains(&year));
        Some((mix(mix(SEED, month.into()), day.into()), if is_dated { after + between + 1 } else { after }))
    }

    /// `08.11.2026`, `8.11.`, `2026-11-08`.
    fn dotted(&self, at: usize) -> Option<(u32, u32, usize)> {
        let (one, other) = (self.number(at)?, self.number(at + 1)?);
        let sign = self.gap(at + 1);
        let third = self.number(at + 2).filter(|_| self.gap(at + 2) == sign);
        let is_date = |month: u32, day: u32| (1..=12).contains(&month) && (1..=31).contains(&day);
        if let ("-", Some(day)) = (sign, third)
            && (1900..=2100).contains(&one)
            && is_date(other, day)
        {
            return Some((other, day, at + 3));
        }
        if sign != "." || !is_date(other, one) {
            return None;
        }
        let is_padded = [at, at + 1].into_iter().all(|at| self.folded(at).len() == 2);
        let is_padded = is_padded && [at, at + 1].into_iter().any(|at| self.folded(at).starts_with('0'));
        let is_whole = third.is_some_and(|year| (1900..=2100).contains(&year));
        let is_ended = third.is_none() && self.gap(at + 2).starts_with('.');
        (is_whole || is_padded || is_ended).then(|| (other, one, at + 2 + usize::from(is_whole)))
    }

    /// `11月8日`, `11월 8일`.
    fn counted(&self, at: usize) -> Option<(u32, u32, usize)> {
        let (month, day) = (self.number(at)?, self.number(at + 2)?);
        let is_day =
            matches!(self.folded(at + 1), "月" | "월") && matches!(self.folded(at + 3), "日" | "号" | "號" | "일");
        is_day.then_some((month, day, at + 4))
    }

    /// `8 November`, `8 de noviembre`, `November the 8th`.
    fn named(&self, at: usize) -> Option<(u32, u32, usize)> {
        let next = at + 1 + usize::from(self.is_between(at + 1));
        // Of `November 8 November 9` the first day is the eighth.
        let month_first = || {
            let day = self.ordinal(next)?;
            Some((self.month(at)?, day, next + 1))
        };
        let day_first = || {
            let day = self.ordinal(at)?;
            Some((self.month(next)?, day, next + 1))
        };
        month_first().or_else(day_first)
    }

    fn month(&self, at: usize) -> Option<u32> {
        let word = self.list.get(at).filter(|word| !word.is_number)?;
        month_beside_day(self.tokens.folded(word), word.is_capital).map(u32::from)
    }

    fn weekday(&self, at: usize) -> Option<u8> {
        self.list.get(at).and_then(|word| weekday_named(self.tokens.folded(word)))
    }

    /// A number, perhaps an ordinal in digits.
    fn ordinal(&self, at: usize) -> Option<u32> {
        // Asked of every word of a title, and nearly none begins with a digit.
        let folded = self
            .list
            .get(at)
            .map(|word| self.tokens.folded(word))
            .filter(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
        let digits = folded.trim_end_matches(|c: char| c.is_alphabetic());
        let ending = folded.get(digits.len()..).unwrap_or_default();
        digits.parse().ok().filter(|_| ending.is_empty() || ORDINAL.contains(&ending))
    }

    fn number(&self, at: usize) -> Option<u32> {
        self.list.get(at).filter(|word| word.is_number).and_then(|word| self.tokens.folded(word).parse().ok())
    }

    /// A small number in words.
    fn numeral(&self, at: usize) -> Option<(u32, usize)> {
        let folded = self.folded(at);
        // Ukrainian writes an apostrophe within five and nine.
        let parted = [("п", 5), ("дев", 9)].into_iter().find(|(start, _)| *start == folded);
        if let Some((_, number)) = parted.filter(|_| self.folded(at + 1).starts_with("ят")) {
            return Some((number, at + 2));
        }
        Some((numeral(folded)?, at + 1))
    }

    /// Whether a number names one of many: `#12`, `№ 12`, `No. 12`.
    fn is_numbered(&self, at: usize) -> bool {
        let gap = self.gap(at);
        let before = at.checked_sub(1).map(|before| self.folded(before));
        gap.contains(['#', '№']) || (gap.starts_with('.') && matches!(before, Some("no" | "nr")))
    }

    fn is_between(&self, at: usize) -> bool {
        BETWEEN.contains(&self.folded(at))
    }

    fn folded(&self, at: usize) -> &str {
        self.list.get(at).map(|word| self.tokens.folded(word)).unwrap_or_default()
    }

    /// What stands in the title before a word.
    fn gap(&self, at: usize) -> &str {
        let from = at.checked_sub(1).and_then(|before| self.list.get(before)).map_or(0, |word| word.end);
        let to = self.list.get(at).map_or(self.title.len(), |word| word.start);
        self.title.get(from..to).unwrap_or_default()
    }
}
