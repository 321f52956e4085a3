//! Titles of a series: what they have in common, and the day and names that each fills in. The forecast for the 8th isn't
//! that for the 18th, though all its other words are the same.

use crate::text::{Token, TokenKind, Tokens};

use super::slot::{SEED, mix};
use super::words::Words;

/// Words of its own that a title has at least, if it is one of a series: beside a day, and else.
const WORDS_BESIDE_DAY: usize = 1;
const WORDS: usize = 3;
/// With so many words of its own before its first name, a number among them, a title of a publisher's is one of its series, however it
/// ends: the earthquake off here, in the north of there.
const OPENING_WORDS: usize = 3;

/// What parts a title from its publisher's name.
const TAILS: [&str; 4] = [" - ", " – ", " — ", " | "];

/// A title with blanks for days, numbers and names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    pattern: u64,
    /// What its beginning has in common with others, where that holds a number.
    opening: Option<u64>,
    /// In order; of a series all have the same kinds.
    blanks: Box<[Blank]>,
}

/// What a title fills in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Blank {
    /// A day of a month, or of the week.
    Day(u32),
    /// A number, which may have grown since: by itself it tells nothing apart.
    Number(u32),
    /// The stems of names that follow each other.
    Names(Box<[u32]>),
}

impl Heading {
    /// The title as one of a series; `None` where it fills nothing in, or has too few words of its own to be known by.
    pub fn of(title: &str, tokens: &Tokens) -> Option<Self> {
        let list: Vec<&Token> = tokens.iter().filter(|token| token.kind != TokenKind::Pair).collect();
        let mut words = Words { title, tokens, list };
        words.list.truncate(own_end(&words));
        let (mut pattern, mut own, mut blanks) = (SEED, 0, Vec::new());
        let (mut opening, mut is_open) = (None, true);
        let mut at = 0;
        while let Some(word) = words.list.get(at) {
            let (blank, after) = words.blank(at).map_or((None, at + 1), |(blank, after)| (Some(blank), after));
            pattern = mix(pattern, blank.as_ref().map_or(word.word, Blank::kind));
            // A character says nothing by itself, but it is no word that says nothing.
            own += usize::from(blank.is_none() && (!word.is_stop || word.kind == TokenKind::Character));
            if let Some(Blank::Names(names)) = &blank
                && words.is_german()
            {
                // It may be a thing as well as a place.
                own += names.len();
            }
            is_open &= !matches!(blank, Some(Blank::Names(_) | Blank::Day(_)));
            let is_counted = blanks.iter().any(|blank| matches!(blank, Blank::Number(_)));
            if is_open && opening.is_none() && own == OPENING_WORDS && is_counted {
                opening = Some(pattern);
            }
            blanks.extend(blank);
            at = after;
        }
        let has_day = blanks.iter().any(|blank| matches!(blank, Blank::Day(_)));
        let tells_apart = has_day || blanks.iter().any(|blank| matches!(blank, Blank::Names(_)));
        let is_known = own >= if has_day { WORDS_BESIDE_DAY } else { WORDS };
        (tells_apart && is_known).then(|| Self { pattern, opening, blanks: blanks.into() })
    }

    /// What the titles of its series have in common.
    pub fn pattern(&self) -> u64 {
        self.pattern
    }

    /// What its beginning has in common with others of its publisher's, where that tells anything.
    pub fn opening(&self) -> Option<u64> {
        self.opening
    }

    /// Whether two titles of one publisher that begin alike are of different things: with other numbers, and no name in common.
    pub fn opens_another(&self, other: &Self) -> bool {
        let numbers = |heading: &Self| -> Vec<u32> {
            let number = |blank: &Blank| if let Blank::Number(value) = blank { Some(*value) } else { None };
            heading.blanks.iter().filter_map(number).collect()
        };
        let has = |names: &Blank| match names {
            Blank::Names(names) => names.iter().any(|name| other.names().any(|theirs| theirs == name)),
            Blank::Day(_) | Blank::Number(_) => false,
        };
        self.opening.is_some()
            && self.opening == other.opening
            && numbers(self) != numbers(other)
            && other.names().next().is_some()
            && self.names().next().is_some()
            && !self.blanks.iter().any(has)
    }

    fn names(&self) -> impl Iterator<Item = &u32> {
        self.blanks.iter().flat_map(|blank| match blank {
            Blank::Names(names) => names.iter(),
            Blank::Day(_) | Blank::Number(_) => [].iter(),
        })
    }

    /// Whether two titles of one series are of different things: of another day, or of names of which none is the same.
    pub fn is_of_another(&self, other: &Self) -> bool {
        let differs = |(one, other): (&Blank, &Blank)| match (one, other) {
            (Blank::Day(one), Blank::Day(other)) => one != other,
            (Blank::Names(ones), Blank::Names(others)) => !ones.iter().any(|name| others.contains(name)),
            _ => false,
        };
        self.pattern == other.pattern && self.blanks.iter().zip(&other.blanks).any(differs)
    }
}

/// Where a title's own words end: what stands behind the last dash or stroke between spaces is as a rule the publisher. It is
/// no publisher that holds a day or a number, or is as long as what stands before it.
fn own_end(words: &Words<'_>) -> usize {
    let parts = |pair: &[&Token]| {
        let [before, after] = pair else { return false };
        words.title.get(before.end..after.start).is_some_and(|gap| TAILS.iter().any(|tail| gap.contains(tail)))
    };
    let all = words.list.len();
    let Some(last) = words.list.windows(2).rposition(parts).map(|last| last + 1) else { return all };
    let said = words.list.iter().take(last).filter(|word| !word.is_number).count();
    let is_filled_in = (last..all).any(|at| words.day(at).is_some() || words.list.get(at).is_some_and(|w| w.is_number));
    if is_filled_in || said < WORDS || said <= all - last { all } else { last }
}

impl Blank {
    /// What stands for it in the pattern.
    fn kind(&self) -> u64 {
        match self {
            Self::Day(_) => 1,
            Self::Number(_) => 2,
            Self::Names(_) => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Heading;
    use crate::text::Tokens;

    fn check(lang: &str, one: &str, other: &str, expected: bool) {
        let heading = |title| Heading::of(title, &Tokens::of(title, Some(lang)));
        let found = heading(one).zip(heading(other)).is_some_and(|(one, other)| one.is_of_another(&other));
        assert_eq!(found, expected, "{one} | {other}");
    }

    #[test]
    fn titles_of_one_series_are_of_different_things_when_their_days_or_names_are() {
        check("en", "Tide tables for 8 November", "Tide tables for 18 November", true);
        check("en", "Tide tables for November 8", "Tide tables for November 9", true);
        check("en", "Tide tables for 8 November", "Tide tables for 8 November", false);
        check("ru", "Погода в Самаре на 3 мая", "Погода в Казани на 3 мая", true);
        check("ru", "Погода в Самаре на 3 мая", "Погода в Самаре на 4 мая", true);
        check("en", "Search ends for the hiker lost near Arvik", "Search ends for the hiker lost near Tolm", true);
        check("en", "Mayor Ann Poll opens the new bridge", "Mayor Poll opens the new bridge", false);
        // A count that grows is an update.
        check("en", "Floods near Arvik leave 12 people dead", "Floods near Arvik leave 15 people dead", false);
        check("en", "Two rivers burst their banks - Arvik Post", "Two rivers burst their banks - Tolm Herald", false);
        check(
            "uk",
            "Вночі обстріляли Харків: поранено п’ятеро людей",
            "Вночі обстріляли Одесу: поранено троє людей",
            true,
        );
        // In German only what is somewhere is a name.
        check("de", "Großbrand in Lagerhalle in Arvik", "Großbrand in Lagerhalle in Tolm", true);
        check("de", "Polizei fasst Täter nach der Tat in Arvik", "Polizei fasst Mann nach der Tat in Arvik", false);
        // Behind a dash, a day or a place is as one elsewhere.
        check("en", "Harbour notices – November 8, 2026", "Harbour notices – November 9, 2026", true);
        check("en", "Tide tables - Tuesday", "Tide tables - Wednesday", true);
        check("ru", "Приливы — 8 ноября", "Приливы — 9 ноября", true);
        check("fr", "Horaires des marées | 8 novembre", "Horaires des marées | 9 novembre", true);
        check("en", "Gales over the bay - 40 km off Arvik", "Gales over the bay - 62 km off Tolm", true);
        check(
            "en",
            "Gales over two bays, Tuesday 8 November - Arvik Post",
            "Gales over two bays, Tuesday 8 November",
            false,
        );
        // Other words, other series; too few of them, none.
        check("en", "Tide tables for 8 November", "Flight tables for 18 November", false);
        check("en", "Back in Arvik", "Back in Tolm", false);
    }

    #[test]
    fn a_day_is_one_however_it_is_written() {
        check("en", "Tuesday 8 November 2026: tide tables", "Wednesday 9 November 2026: tide tables", true);
        check("en", "Your Saturday briefing", "Your Sunday briefing", true);
        check("en", "Tide tables for November 8th", "Tide tables for the 9th of November", false);
        check("en", "Tide tables for November 8th", "Tide tables for November 9th", true);
        check("es", "Mareas en Arvik para el 8 de noviembre", "Mareas en Arvik para el 9 de noviembre", true);
        check("pt", "Marés para 8 de novembro", "Marés para 9 de novembro", true);
        check("de", "Gezeiten am Dienstag, 8. November", "Gezeiten am Mittwoch, 9. November", true);
        check("de", "Gezeiten am Dienstag, den 8. November", "Gezeiten am 8. November", false);
        check("de", "Gezeiten am 8.11.: So steht das Wasser", "Gezeiten am 9.11.: So steht das Wasser", true);
        check("ru", "Приливы на 08.11.2026", "Приливы на 09.11.2026", true);
        check("ru", "Приливы на вторник, 8 ноября", "Приливы на среду, 9 ноября", true);
        check("uk", "Припливи на понеділок, 8 листопада", "Припливи на вівторок, 9 листопада", true);
        check("de", "Die Gezeiten am Dienstag, 8. November", "Die Gezeiten am Mittwoch, 9. November", true);
        check("pl", "Pływy na 8 listopada", "Pływy na 9 listopada", true);
        check("tr", "8 Kasım 2026 gelgit saatleri", "9 Kasım 2026 gelgit saatleri", true);
        check("ar", "المد اليوم 8 نوفمبر", "المد اليوم 9 نوفمبر", true);
        check("zh", "北京11月8日天气预报", "北京11月9日天气预报", true);
        check("ja", "11月8日の天気予報", "11月8日の天気予報", false);
        // A part of a number is no month, and a list no November.
        check("en", "Magnitude 6.1 earthquake strikes the sea", "Magnitude 6.2 earthquake strikes the sea", false);
        check("en", "The top 10 list of rivers that burst", "The top 20 list of rivers that burst", false);
    }

    #[test]
    fn a_number_with_a_sign_before_it_is_a_name() {
        check("en", "Crossword hints for puzzle #1234", "Crossword hints for puzzle #1235", true);
        check("en", "Newsletter No. 12: the week in review", "Newsletter No. 13: the week in review", true);
        check("en", "There is no 12 in the week of review", "There is no 13 in the week of review", false);
    }

    #[test]
    fn titles_of_one_publisher_that_begin_alike_are_of_different_things_when_numbers_and_all_names_are_others() {
        let check = |one: &str, other: &str, expected: bool| {
            let heading = |title| Heading::of(title, &Tokens::of(title, Some("en")));
            let found = heading(one).zip(heading(other)).is_some_and(|(one, other)| one.opens_another(&other));
            assert_eq!(found, expected, "{one} | {other}");
        };
        let first = "Magnitude 6.1 earthquake strikes off Arvik";
        check(first, "Magnitude 5.8 earthquake strikes northern Tolm", true);
        check(first, "Magnitude 5.8 earthquake strikes Tolm, Westmark region", true);
        check(first, "Magnitude 6.0 earthquake strikes near Arvik harbour", false);
        check(first, "Magnitude 6.1 earthquake strikes the island of Tolm", false);
        check(first, "Magnitude 5.8 aftershock strikes northern Tolm", false);
        check("Floods near Arvik leave 12 people dead", "Floods near Tolm leave 15 people dead", false);
    }

    #[test]
    fn titles_that_are_of_no_series_are_held_against_none() {
        check("en", "Rain", "Rain", false);
    }
}
