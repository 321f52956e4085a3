//! Sentences as words with what stands between them; numbers and dates in them.

use crate::date::month_named;
use crate::text::{TokenKind, Tokens, numeral};

use super::{Day, FACTS_MAX, Stated};

/// Words on either side that say what a number counts.
const ABOUT_WORDS: usize = 5;
/// Characters of a shown statement.
const SHOWN_CHARS: usize = 60;

/// Words before a number that make it a name: resolution 2758, article 5.
const NAMING: [&str; 22] = [
    "resolution",
    "article",
    "chapter",
    "section",
    "no",
    "number",
    "nr",
    "paragraph",
    "item",
    "page",
    "draft",
    "protocol",
    "резолюция",
    "резолюции",
    "резолюцию",
    "статья",
    "статьи",
    "статье",
    "пункт",
    "номер",
    "глава",
    "проект",
];

/// Numerals that are another word in other languages (`dos` in Portuguese), with those that they are one in.
const NUMERAL_IN: [(&str, &[&str]); 11] = [
    ("tres", &["es", "pt"]),
    ("onze", &["fr", "pt"]),
    ("ten", &["en"]),
    ("otto", &["it"]),
    ("dos", &["es"]),
    ("sept", &["fr"]),
    ("elf", &["de", "nl"]),
    ("acht", &["de", "nl"]),
    ("tre", &["it"]),
    ("sete", &["pt"]),
    ("seis", &["es", "pt"]),
];

/// What stands behind a numeral that says how many of those that are counted: three of the missing miners.
const PART: [&str; 7] = ["of", "von", "des", "de", "di", "из", "із"];

/// What pages count of their readers, and what stands behind a time of day: folded.
const COUNTERS: [&str; 22] = [
    "views",
    "view",
    "comments",
    "comment",
    "likes",
    "reads",
    "read",
    "min",
    "retweets",
    "followers",
    "просмотров",
    "просмотра",
    "комментариев",
    "комментария",
    "комментарии",
    "kommentare",
    "commentaires",
    "comentarios",
    "gmt",
    "utc",
    "uhr",
    "msk",
];
/// What stands before such a count, with a colon behind it.
const LABELLED: [&str; 6] = ["views", "comments", "points", "likes", "shares", "просмотров"];

/// Beginnings of words, and whole words, that say that people were hurt: folded.
const HURT: [&str; 22] = [
    "kill",
    "death",
    "injur",
    "wounded",
    "casualt",
    "fatal",
    "погиб",
    "убит",
    "ранен",
    "пострада",
    "жертв",
    "загин",
    "поранен",
    "постражда",
    "getotet",
    "verletzt",
    "todesopfer",
    "blesse",
    "muert",
    "herid",
    "fallecid",
    "ferid",
];
const HURT_WORDS: [&str; 6] = ["dead", "died", "tot", "toten", "morts", "mort"];
/// Words on either side of a count of people that say that they were hurt.
const HURT_REACH: usize = 4;

/// Scales that a number may be followed by, by their beginnings, folded.
const SCALES: [(&str, f64); 11] = [
    ("thousand", 1e3),
    ("million", 1e6),
    ("billion", 1e9),
    ("trillion", 1e12),
    ("тыс", 1e3),
    ("млн", 1e6),
    ("млрд", 1e9),
    ("миллион", 1e6),
    ("миллиард", 1e9),
    ("millones", 1e6),
    ("milliard", 1e9),
];

/// A word of a sentence.
#[derive(Debug, Clone)]
pub(super) struct Word<'a> {
    /// Folded.
    pub(super) folded: String,
    /// What stands between it and the word before.
    pub(super) gap: &'a str,
    pub(super) is_number: bool,
    pub(super) start: usize,
    pub(super) end: usize,
    stem: u64,
    is_stop: bool,
    /// The small number that it says.
    numeral: Option<u32>,
}

/// A sentence: what stands in it is said of one thing.
#[derive(Debug, Clone)]
pub(super) struct Sentence<'a> {
    pub(super) words: Vec<Word<'a>>,
    text: &'a str,
}

/// The sentences of a text.
pub(super) struct Sentences<'a>(Vec<Sentence<'a>>);

impl<'a> Sentences<'a> {
    pub(super) fn of(text: &'a str, lang: Option<&str>) -> Self {
        let tokens = Tokens::of(text, lang);
        let mut sentences = Vec::new();
        let mut words: Vec<Word<'a>> = Vec::new();
        let mut end = 0;
        for token in tokens.iter().filter(|token| token.kind != TokenKind::Pair) {
            let gap = text.get(end..token.start).unwrap_or_default();
            end = token.end;
            if ends_sentence(gap) {
                sentences.push(Sentence { words: std::mem::take(&mut words), text });
            }
            let folded = tokens.folded(token);
            let elsewhere = NUMERAL_IN.iter().find(|(word, _)| *word == folded).map(|(_, langs)| *langs);
            let is_one = elsewhere.is_none_or(|langs| lang.is_some_and(|lang| langs.contains(&lang)));
            words.push(Word {
                numeral: numeral(folded).filter(|_| is_one),
                folded: folded.to_owned(),
                gap,
                is_number: token.is_number,
                start: token.start,
                end: token.end,
                stem: token.stem,
                is_stop: token.is_stop,
            });
        }
        sentences.push(Sentence { words, text });
        Self(sentences)
    }
}

impl<'s, 'a> IntoIterator for &'s Sentences<'a> {
    type Item = &'s Sentence<'a>;
    type IntoIter = std::slice::Iter<'s, Sentence<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

fn ends_sentence(gap: &str) -> bool {
    let has_space = gap.contains(char::is_whitespace);
    gap.contains(['\n', '。', '！', '？', ';']) || (has_space && gap.contains(['.', '!', '?']))
}

/// A number as it stands in a sentence: its words, its value.
struct Written {
    /// The word after its last one.
    after: usize,
    value: f64,
}

impl Sentence<'_> {
    fn word(&self, at: usize) -> Option<&Word<'_>> {
        self.words.get(at)
    }

    /// The gap before the word, or nothing at the end.
    fn gap(&self, at: usize) -> &str {
        self.word(at).map_or("", |word| word.gap)
    }

    /// The whole number that a word is, if it is one of at most nine digits.
    pub(super) fn whole(&self, at: usize) -> Option<u32> {
        self.word(at).filter(|word| word.is_number && word.folded.len() <= 9).and_then(|word| word.folded.parse().ok())
    }

    /// Stems of the words about those from `first` to before `after`, ascending.
    fn near(&self, first: usize, after: usize) -> Vec<u64> {
        let says = |word: &&Word<'_>| !word.is_number && !word.is_stop;
        let before = self.words.iter().take(first).rev().filter(says).take(ABOUT_WORDS);
        let behind = self.words.iter().skip(after).filter(says).take(ABOUT_WORDS);
        let mut near: Vec<u64> = before.chain(behind).map(|word| word.stem).collect();
        near.sort_unstable();
        near.dedup();
        near
    }

    /// Whether what is counted are people who were hurt.
    fn is_toll(&self, first: usize, after: usize) -> bool {
        let says = |word: &Word<'_>| {
            HURT_WORDS.contains(&word.folded.as_str()) || HURT.iter().any(|start| word.folded.starts_with(start))
        };
        let before = self.words.iter().take(first).rev().take(HURT_REACH);
        before.chain(self.words.iter().skip(after).take(HURT_REACH)).any(says)
    }

    /// As written, from a word to before another.
    fn written(&self, first: usize, after: usize) -> String {
        let (Some(from), Some(to)) = (self.word(first), after.checked_sub(1).and_then(|last| self.word(last))) else {
            return String::new();
        };
        self.text.get(from.start..to.end).unwrap_or_default().chars().take(SHOWN_CHARS).collect()
    }

    fn stated<T>(&self, value: T, (first, after): (usize, usize), counted: usize) -> Stated<T> {
        Stated {
            value,
            text: self.written(first, after),
            shown: self.written(first, counted),
            counted: counted
                .checked_sub(1)
                .filter(|at| *at >= after)
                .and_then(|at| self.word(at))
                .map(|word| word.stem),
            near: self.near(first, after),
            is_toll: self.is_toll(first, after),
        }
    }

    /// Takes days: `12 November 2025`, `November 12`, `2025-11-12`, `12.11.2025`.
    pub(super) fn take_dates(&self, taken: &mut [bool], into: &mut Vec<Stated<Day>>) {
        let mut at = 0;
        while at < self.words.len() && into.len() < FACTS_MAX {
            let Some((day, after)) = self.day(at) else {
                at += 1;
                continue;
            };
            taken.iter_mut().take(after).skip(at).for_each(|taken| *taken = true);
            into.push(self.stated(day, (at, after), after));
            at = after;
        }
    }

    fn day(&self, at: usize) -> Option<(Day, usize)> {
        let year =
            |at: usize| self.whole(at).and_then(|n| u16::try_from(n).ok()).filter(|year| (1900..=2100).contains(year));
        let day = |at: usize| self.whole(at).and_then(|n| u8::try_from(n).ok()).filter(|day| (1..=31).contains(day));
        let numeric = |at: usize| day(at).filter(|month| *month <= 12);
        let named = |at: usize| {
            let word = self.word(at)?;
            let is_capital = self.text.get(word.start..).is_some_and(|text| text.starts_with(char::is_uppercase));
            month_named(&word.folded, is_capital)
        };
        let joined = |sign: &str| self.gap(at + 1) == sign && self.gap(at + 2) == sign;
        if let (Some(year), Some(month), Some(day)) = (year(at), numeric(at + 1), day(at + 2))
            && joined("-")
        {
            return Some((Day { month, of_month: day, year: Some(year) }, at + 3));
        }
        if let (Some(day), Some(month), Some(year)) = (day(at), numeric(at + 1), year(at + 2))
            && joined(".")
        {
            return Some((Day { month, of_month: day, year: Some(year) }, at + 3));
        }
        let both = |of_day: usize, of_month: usize| Some((named(of_month)?, day(of_day)?));
        let (month, day) = both(at, at + 1).or_else(|| both(at + 1, at))?;
        let year = year(at + 2);
        Some((Day { month, of_month: day, year }, at + 2 + usize::from(year.is_some())))
    }

    /// Takes the numbers that are neither dates, votes, years nor parts of names.
    pub(super) fn take_numbers(&self, taken: &[bool], into: &mut Vec<Stated<f64>>) {
        let mut at = 0;
        while at < self.words.len() && into.len() < FACTS_MAX {
            let number = if taken.get(at) == Some(&true) { None } else { self.number(at) };
            let Some(Written { after, value }) = number else {
                at += 1;
                continue;
            };
            if !self.is_name(at, after, value) && !self.is_of_the_page(at, after) {
                let unit = self.words.iter().skip(after).position(|word| !word.is_stop && !word.is_number);
                let counted = unit.filter(|skipped| *skipped <= 1).map_or(after, |skipped| after + skipped + 1);
                into.push(self.stated(value, (at, after), counted));
            }
            at = after;
        }
    }

    /// A number with its thousands, decimals and scale: `1,200`, `3.5 million`, `12 000`.
    fn number(&self, at: usize) -> Option<Written> {
        let mut after = at + 1;
        let is_part = self.word(after).is_some_and(|word| PART.contains(&word.folded.as_str()));
        if let Some(small) = self.word(at).and_then(|word| word.numeral).filter(|_| !is_part) {
            return Some(self.scaled(f64::from(small), after));
        }
        let first = self.word(at).filter(|word| word.is_number && word.folded.len() <= 15)?;
        let mut digits = first.folded.clone();
        let is_group = |at: usize| self.word(at).is_some_and(|word| word.is_number && word.folded.len() == 3);
        let parts = |gap: &str| matches!(gap, "," | "." | "'" | "\u{a0}" | "\u{202f}" | "\u{2009}" | " ");
        if digits.len() <= 3 {
            let sign = self.gap(after).to_owned();
            while digits.len() < 15 && is_group(after) && parts(&sign) && self.gap(after) == sign {
                digits.push_str(&self.word(after)?.folded);
                after += 1;
            }
        }
        let decimals = self.word(after).filter(|word| word.is_number && word.folded.len() <= 2);
        if let Some(decimals) = decimals.filter(|word| matches!(word.gap, "." | ",")) {
            digits.push('.');
            digits.push_str(&decimals.folded);
            after += 1;
        }
        Some(self.scaled(digits.parse().ok()?, after))
    }

    /// A number with the scale behind it.
    fn scaled(&self, value: f64, after: usize) -> Written {
        match self.word(after).and_then(|word| SCALES.iter().find(|(name, _)| word.folded.starts_with(name))) {
            Some((_, times)) => Written { after: after + 1, value: value * times },
            None => Written { after, value },
        }
    }

    /// Whether a number is a time of day, or what a page counts of its readers: neither is of what happened.
    fn is_of_the_page(&self, at: usize, after: usize) -> bool {
        let is_counter = |at: usize| self.word(at).is_some_and(|word| COUNTERS.contains(&word.folded.as_str()));
        let is_labelled = |at: usize| self.word(at).is_some_and(|word| LABELLED.contains(&word.folded.as_str()));
        let is_clock =
            self.gap(after) == ":" && self.whole(after).is_some() || self.gap(at) == ":" && self.whole(at).is_some();
        let labelled = self.gap(at).trim_end().ends_with(':') && at.checked_sub(1).is_some_and(is_labelled);
        is_clock || labelled || is_counter(after)
    }

    /// Whether a number is a year, or a part of a name: A/RES/80/57, F-16, resolution 2758.
    fn is_name(&self, at: usize, after: usize, value: f64) -> bool {
        let is_bound = |gap: &str| matches!(gap, "/" | "-" | "." | ":" | "_");
        let is_year = after == at + 1 && (1900.0..=2100.0).contains(&value) && value.fract() == 0.0;
        let before = at.checked_sub(1).and_then(|before| self.word(before));
        let is_named = before.is_some_and(|word| {
            NAMING.contains(&word.folded.as_str()) || (is_bound(self.gap(at)) && !word.folded.is_empty())
        });
        is_year || is_named || self.gap(after) == "/" || self.gap(at).ends_with(['№', '#', '/'])
    }
}
