//! Titles of a series: what they have in common, and the day and names that each fills in. The forecast for the 8th isn't
//! that for the 18th, though all its other words are the same.

use crate::date::month_named;
use crate::text::{Token, TokenKind, Tokens};

use super::slot::{SEED, is_name, mix, upper};

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
enum Blank {
    /// A day of a month.
    Day(u32),
    /// A number, which may have grown since: by itself it tells nothing apart.
    Number(u32),
    /// The stems of names that follow each other.
    Names(Box<[u32]>),
}

impl Heading {
    /// The title as one of a series; `None` where it fills nothing in, or has too few words of its own to be known by.
    pub fn of(title: &str, tokens: &Tokens) -> Option<Self> {
        let mut words: Vec<&Token> = tokens.iter().filter(|token| token.kind != TokenKind::Pair).collect();
        words.truncate(own_end(title, &words));
        let month = |at: usize| words.get(at).and_then(|word| month_named(tokens.folded(word), word.is_capital));
        let is_number = |at: usize| words.get(at).is_some_and(|word| word.is_number);
        let (mut pattern, mut own, mut blanks) = (SEED, 0, Vec::new());
        let (mut opening, mut is_open) = (None, true);
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let day = match (month(at), month(at + 1)) {
                (None, Some(month)) if word.is_number => Some((month, word.word)),
                (Some(month), _) if is_number(at + 1) => words.get(at + 1).map(|day| (month, day.word)),
                _ => None,
            };
            let names = words
                .iter()
                .enumerate()
                .skip(at)
                .take_while(|(at, _)| month(*at).is_none() && is_name(title, &words, *at));
            let names: Vec<u32> = names.map(|(_, word)| upper(word.stem)).collect();
            let (blank, taken) = match day {
                Some((month, day)) => (Some(Blank::Day(upper(mix(day, month.into())))), 2),
                None if word.is_number => (Some(Blank::Number(upper(word.word))), 1),
                None if names.is_empty() => (None, 1),
                None => (Some(Blank::Names(names.as_slice().into())), names.len()),
            };
            pattern = mix(pattern, blank.as_ref().map_or(word.word, Blank::kind));
            own += usize::from(blank.is_none() && !word.is_stop);
            is_open &= !matches!(blank, Some(Blank::Names(_) | Blank::Day(_)));
            let is_counted = blanks.iter().any(|blank| matches!(blank, Blank::Number(_)));
            if is_open && opening.is_none() && own == OPENING_WORDS && is_counted {
                opening = Some(pattern);
            }
            blanks.extend(blank);
            at += taken;
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

/// Where a title's own words end: what stands behind the last dash or stroke between spaces is as a rule the publisher.
fn own_end(title: &str, words: &[&Token]) -> usize {
    let parts = |pair: &[&Token]| {
        let [before, after] = pair else { return false };
        title.get(before.end..after.start).is_some_and(|gap| TAILS.iter().any(|tail| gap.contains(tail)))
    };
    words.windows(2).rposition(parts).map_or(words.len(), |last| last + 1)
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
        // Other words, other series; too few of them, none.
        check("en", "Tide tables for 8 November", "Flight tables for 18 November", false);
        check("en", "Back in Arvik", "Back in Tolm", false);
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
