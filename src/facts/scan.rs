//! Sentences as words with what stands between them; numbers and dates in them.

use crate::date::month_named;
use crate::text::{TokenKind, Tokens, numeral, tens};

use super::toll::toll;
use super::unit::Unit;
use super::{Day, FACTS_MAX, Stated};

/// Words on either side that say what a number counts.
const ABOUT_WORDS: usize = 5;
/// Characters of a shown statement.
const SHOWN_CHARS: usize = 60;

/// Words before a number that make it a name: resolution 2758, article 5.
const NAMING: &[&str] = &[
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
const PART: &[&str] = &["of", "von", "des", "de", "di", "из", "із"];

/// What pages count of their readers, and what stands behind a time of day: folded.
const COUNTERS: &[&str] = &[
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
const LABELLED: &[&str] = &["views", "comments", "points", "likes", "shares", "просмотров"];

/// Beginnings of words for the time that passed since something, folded; shorter ones are whole words.
const SINCE: &[&str] = &[
    "second",
    "minut",
    "hour",
    "day",
    "sekund",
    "stund",
    "tage",
    "tag",
    "heure",
    "jour",
    "hora",
    "dia",
    "ora",
    "ore",
    "giorn",
    "секунд",
    "минут",
    "час",
    "хвилин",
    "годин",
    "днів",
    "uur",
    "uren",
    "dagen",
];
const SINCE_WORDS: &[&str] =
    &["sec", "secs", "min", "mins", "hr", "hrs", "h", "мин", "ч", "дня", "дней", "день", "godz", "dni"];
/// What stands behind such a time, and before it, where it says how old a page is: 2 hours ago, vor 2 Stunden, il y a 2 heures.
const AGO: &[&str] = &["ago", "назад", "тому", "fa", "geleden", "temu", "once", "sedan", "siden", "atras"];
const AGO_BEFORE: &[&str] = &["vor", "hace", "ha", "a"];

/// Characters behind a number that make it a part of a date or of a name.
const OF_A_DATE: &[&str] = &["年", "月", "日", "时", "時", "分", "秒", "点", "号", "년", "월", "일"];

/// Scales that a number may be followed by, by their beginnings, folded.
const SCALES: &[(&str, f64)] = &[
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
    ("百", 1e2),
    ("千", 1e3),
    ("万", 1e4),
    ("亿", 1e8),
    ("만", 1e4),
    ("억", 1e8),
];
/// Words by which a greater number goes on: hundred and twelve, noventa y ocho.
const GOES_ON: &[&str] = &["and", "et", "y", "e", "und"];
/// Words for hundreds, and for thousands: a small number behind them is a part of theirs.
const HUNDREDS: &[&str] = &["hundred", "cent", "cents", "cien", "ciento", "hundert", "сто", "двести", "двісті"];
const THOUSANDS: &[&str] = &["thousand", "mille", "тысяча", "тысячи", "тысяч", "тисяч"];

/// What stands before a count that was made before, up to so many words off.
const EARLIER: &[&str] = &[
    "earlier",
    "previous",
    "previously",
    "initial",
    "initially",
    "ранее",
    "раніше",
    "zuvor",
    "zunachst",
    "bisher",
    "precedent",
    "auparavant",
    "anteriormente",
];
const EARLIER_REACH: usize = 10;
/// What stands before the first of two counts, and before the second: from 12 to 15.
const FROM: &[&str] = &["from", "с", "со", "з", "із", "von", "de", "da", "van"];
const TO: &[&str] = &["to", "до", "auf", "a", "ad", "para", "naar", "tot"];
/// Words behind the first of two counts within which the second begins.
const TO_REACH: usize = 3;

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
    pub(super) stem: u64,
    pub(super) is_stop: bool,
    /// The small number that it says.
    numeral: Option<u32>,
    /// Whether it is one character of a script without spaces.
    is_character: bool,
    /// What it and the next character are together.
    pair: Option<u64>,
}

impl Word<'_> {
    /// What it is known by among the words about a number: its stem, or that of it and the next character.
    pub(super) fn says(&self) -> Option<u64> {
        if self.is_character { self.pair } else { (!self.is_number && !self.is_stop).then_some(self.stem) }
    }
}

/// A sentence: what stands in it is said of one thing.
#[derive(Debug, Clone)]
pub(super) struct Sentence<'a> {
    pub(super) words: Vec<Word<'a>>,
    pub(super) text: &'a str,
    pub(super) is_english: bool,
}

/// The sentences of a text.
pub(super) struct Sentences<'a>(Vec<Sentence<'a>>);

impl<'a> Sentences<'a> {
    pub(super) fn of(text: &'a str, lang: Option<&str>) -> Self {
        let tokens = Tokens::of(text, lang);
        let mut sentences = Vec::new();
        let mut words: Vec<Word<'a>> = Vec::new();
        let mut end = 0;
        let is_english = lang == Some("en");
        for token in &tokens {
            if token.kind == TokenKind::Pair {
                // It follows the character that it begins with.
                if let Some(first) = words.last_mut() {
                    first.pair = Some(token.stem);
                }
                continue;
            }
            let gap = text.get(end..token.start).unwrap_or_default();
            end = token.end;
            if ends_sentence(gap) {
                sentences.push(Sentence { words: std::mem::take(&mut words), text, is_english });
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
                is_character: token.kind == TokenKind::Character,
                pair: None,
            });
        }
        sentences.push(Sentence { words, text, is_english });
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
    pub(super) fn word(&self, at: usize) -> Option<&Word<'_>> {
        self.words.get(at)
    }

    /// The gap before the word, or nothing at the end.
    pub(super) fn gap(&self, at: usize) -> &str {
        self.word(at).map_or("", |word| word.gap)
    }

    /// The folded word, or nothing past the ends.
    pub(super) fn folded(&self, at: usize) -> &str {
        self.word(at).map_or("", |word| word.folded.as_str())
    }

    pub(super) fn says(&self, at: usize, words: &[&str]) -> bool {
        words.contains(&self.folded(at))
    }

    /// The text from a word on.
    pub(super) fn from(&self, at: usize) -> &str {
        self.word(at).and_then(|word| self.text.get(word.start..)).unwrap_or_default()
    }

    /// The number that words say, `twelve` or `ninety-eight`, with the word after them.
    pub(super) fn in_words(&self, at: usize) -> Option<(u32, usize)> {
        let back = |steps: usize| at.checked_sub(steps).map_or("", |at| self.folded(at));
        let is_greater = |word: &str| tens(word).is_some() || HUNDREDS.contains(&word) || THOUSANDS.contains(&word);
        let is_joined = is_greater(back(1)) || (GOES_ON.contains(&back(1)) && is_greater(back(2)));
        // A small number behind a greater one is a part of it; of what is behind a hyphen the whole is not known.
        if is_joined || (self.gap(at) == "-" && self.word(at).is_some_and(|word| word.numeral.is_some())) {
            return None;
        }
        if let Some(tens) = tens(self.folded(at)) {
            let behind = if GOES_ON.contains(&self.folded(at + 1)) { at + 2 } else { at + 1 };
            let one = self.says(behind, &["one"]).then_some(1);
            let ones = self.word(behind).and_then(|word| word.numeral.filter(|ones| *ones < 10)).or(one);
            return match ones {
                Some(ones) => Some((tens + ones, behind + 1)),
                None if self.gap(at + 1) == "-" => None,
                None => Some((tens, at + 1)),
            };
        }
        let is_first_part = self.folded(at + 1).starts_with("vingt") || HUNDREDS.contains(&self.folded(at + 1));
        self.word(at)?.numeral.filter(|_| !is_first_part).map(|small| (small, at + 1))
    }

    /// The whole number that a word is, if it is one of at most nine digits.
    pub(super) fn whole(&self, at: usize) -> Option<u32> {
        self.word(at).filter(|word| word.is_number && word.folded.len() <= 9).and_then(|word| word.folded.parse().ok())
    }

    /// Stems of the words about those from `first` to before `after`, ascending.
    pub(super) fn near(&self, first: usize, after: usize) -> Vec<u64> {
        let before = self.words.iter().take(first).rev().filter_map(Word::says).take(ABOUT_WORDS);
        let behind = self.words.iter().skip(after).filter_map(Word::says).take(ABOUT_WORDS);
        let mut near: Vec<u64> = before.chain(behind).collect();
        near.sort_unstable();
        near.dedup();
        near
    }

    /// As written, from a word to before another, with the signs of a unit on either side of the number that it begins with.
    fn written(&self, (first, after): (usize, usize), to: usize) -> String {
        let (Some(from), Some(last)) = (self.word(first), to.checked_sub(1).and_then(|last| self.word(last))) else {
            return String::new();
        };
        let before = Unit::before(self.gap(first)).map_or(0, |(_, bytes)| bytes);
        let behind = if to == after { Unit::behind(self.gap(after)).map_or(0, |(_, bytes)| bytes) } else { 0 };
        let all = self.text.get(from.start.saturating_sub(before)..last.end + behind);
        all.unwrap_or_default().chars().take(SHOWN_CHARS).collect()
    }

    /// The unit that stands on either side of a number, and the word after its name.
    fn unit(&self, first: usize, after: usize) -> (Option<Unit>, usize) {
        let signed = Unit::before(self.gap(first)).or_else(|| Unit::behind(self.gap(after)));
        let named = || {
            let unit = Unit::named(self.folded(after), self.folded(after + 1))?;
            Some((unit, after + 1 + usize::from(self.says(after + 1, &["cent", "cento", "ciento"]))))
        };
        match (signed, named()) {
            (Some((unit, _)), _) => (Some(unit), after),
            (None, Some((unit, behind))) => (Some(unit), behind),
            (None, None) => (None, after),
        }
    }

    fn stated<T>(&self, value: T, (first, after): (usize, usize), counted: usize) -> Stated<T> {
        let (unit, behind_unit) = self.unit(first, after);
        let is_unspaced = self.word(after).is_some_and(|word| word.is_character) && self.gap(after).is_empty();
        let to = match unit {
            Some(_) => behind_unit,
            None if is_unspaced => after + 1,
            None => counted,
        };
        let word = to.checked_sub(1).filter(|at| *at >= after).and_then(|at| self.word(at));
        let pair = |word: &Word<'_>| word.pair.unwrap_or(word.stem);
        Stated {
            value,
            text: self.written((first, after), after),
            shown: self.written((first, after), to),
            counted: unit.map(Unit::code).or_else(|| word.map(|word| if is_unspaced { pair(word) } else { word.stem })),
            unit,
            is_unspaced,
            near: self.near(first, after),
            toll: if unit.is_none() { toll(self, first, after) } else { None },
            is_former: self.is_former(first, after),
            may_be_former: (first.saturating_sub(EARLIER_REACH)..first).any(|at| self.says(at, EARLIER)),
        }
    }

    /// Whether a count is said to be an earlier one: from 12 to 15, up from 12.
    fn is_former(&self, first: usize, after: usize) -> bool {
        let Some(before) = first.checked_sub(1).filter(|before| self.says(*before, FROM)) else { return false };
        let is_number = |at: usize| self.word(at).is_some_and(|word| word.is_number) || self.in_words(at).is_some();
        let is_up = before.checked_sub(1).is_some_and(|at| self.says(at, &["up", "down"]));
        is_up || (after..after + TO_REACH).any(|at| self.says(at, TO) && is_number(at + 1))
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
            // From 12 to 14 November is a span: no day of it was put in the place of the other.
            let stated = self.stated(day, (at, after), after);
            into.push(Stated { is_former: false, may_be_former: false, toll: None, ..stated });
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
        if let Some((small, after)) = self.in_words(at).filter(|_| !is_part) {
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

    /// A number with the scale behind it, and what goes on behind a scale without a space: 1万2000.
    fn scaled(&self, value: f64, after: usize) -> Written {
        let scale = self.word(after).and_then(|word| SCALES.iter().find(|(name, _)| word.folded.starts_with(name)));
        let Some((_, times)) = scale else { return Written { after, value } };
        let rest = self.whole(after + 1).filter(|_| self.gap(after + 1).is_empty());
        match rest {
            Some(rest) => Written { after: after + 2, value: value * times + f64::from(rest) },
            None => Written { after: after + 1, value: value * times },
        }
    }

    /// Whether the word behind a number makes it a thousand times as much, or more.
    pub(super) fn is_scaled(&self, after: usize) -> bool {
        SCALES.iter().any(|(name, _)| self.folded(after).starts_with(name))
    }

    /// Whether a number says how long ago something was: that is as old as the page.
    fn is_ago(&self, at: usize, after: usize) -> bool {
        let unit = self.folded(after);
        let is_time = SINCE_WORDS.contains(&unit) || SINCE.iter().any(|start| unit.starts_with(start));
        let before = at.checked_sub(1);
        let is_behind = before.is_some_and(|before| {
            let il_y_a = !self.says(before, &["a"]) || before.checked_sub(1).is_some_and(|at| self.says(at, &["y"]));
            self.says(before, AGO_BEFORE) && il_y_a
        });
        is_time && (is_behind || self.says(after + 1, AGO))
    }

    /// Whether a number is a time of day, or what a page counts of its readers: neither is of what happened.
    fn is_of_the_page(&self, at: usize, after: usize) -> bool {
        let is_counter = |at: usize| self.word(at).is_some_and(|word| COUNTERS.contains(&word.folded.as_str()));
        let is_labelled = |at: usize| self.word(at).is_some_and(|word| LABELLED.contains(&word.folded.as_str()));
        let is_clock =
            self.gap(after) == ":" && self.whole(after).is_some() || self.gap(at) == ":" && self.whole(at).is_some();
        let labelled = self.gap(at).trim_end().ends_with(':') && at.checked_sub(1).is_some_and(is_labelled);
        is_clock || labelled || is_counter(after) || self.is_ago(at, after)
    }

    /// Whether a number is a year, or a part of a name: A/RES/80/57, F-16, resolution 2758.
    fn is_name(&self, at: usize, after: usize, value: f64) -> bool {
        let is_bound = |gap: &str| matches!(gap, "/" | "-" | "." | ":" | "_");
        let is_year = after == at + 1 && (1900.0..=2100.0).contains(&value) && value.fract() == 0.0;
        let before = at.checked_sub(1).and_then(|before| self.word(before));
        let is_named = before.is_some_and(|word| {
            NAMING.contains(&word.folded.as_str()) || (is_bound(self.gap(at)) && !word.folded.is_empty())
        });
        let is_dated = self.gap(after).is_empty() && OF_A_DATE.contains(&self.folded(after));
        let is_ordinal =
            before.is_some_and(|word| self.gap(at).is_empty() && matches!(word.folded.as_str(), "第" | "제"));
        is_year
            || is_named
            || is_dated
            || is_ordinal
            || self.gap(after) == "/"
            || self.gap(at).ends_with(['№', '#', '/'])
    }
}
