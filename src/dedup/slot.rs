//! Numbers and names in their places: what tells the report of one earthquake from that of the next, where the words are
//! the same.

use crate::date::{month_named, weekday_named};
use crate::text::{Token, Tokens, numeral_digits};

/// Places that are kept of one text.
const SLOTS_MAX: usize = 64;
/// Words before a number or a name, and after it, that make its place.
const BEFORE: usize = 2;
const AFTER: usize = 1;
/// A text of so many words at most states few facts, so each number tells. Numbers in words are compared in these alone: in a long
/// one they are few beside the others.
const SHORT: usize = 40;

/// What stands in a text's places. A place is made of the words about it, in which numbers and names are blanks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slots {
    numbers: Box<[(u32, u32)]>,
    names: Box<[(u32, u32)]>,
    short: Option<Box<Short>>,
}

/// What else is kept of a short text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Short {
    /// Numbers in words, in their places.
    numerals: Box<[(u32, u32)]>,
    /// Its names by their stems, but for those of days.
    names: Box<[u32]>,
    /// The stems of all its words and of its title's; ascending.
    said: Box<[u32]>,
}

/// How two texts fill the places that both have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filled {
    /// By numbers.
    pub numbers: Compared,
    /// By names.
    pub names: Compared,
    /// Whether both are short.
    pub are_short: bool,
    /// Whether both are short and have names, of which none is a word of the other.
    pub is_named_otherwise: bool,
}

/// Places that two texts have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Compared {
    /// Those with something that both have there.
    pub alike: usize,
    /// Those with something else in each.
    pub otherwise: usize,
}

impl Filled {
    /// Whether the two state other facts: other numbers in a quarter of the places for them (a count that went up is one),
    /// or other numbers and names in most places for either, names in two at least. Of two short texts one number in its place
    /// is enough, or that they have no name in common.
    pub fn is_otherwise(&self) -> bool {
        let Self { numbers, names, are_short, is_named_otherwise } = self;
        if *is_named_otherwise || (*are_short && numbers.otherwise > 0) {
            return true;
        }
        let both = Compared { alike: numbers.alike + names.alike, otherwise: numbers.otherwise + names.otherwise };
        numbers.otherwise * 3 > numbers.alike || (names.otherwise >= 2 && both.otherwise > both.alike)
    }

    /// Whether the two tell of different things: two places at least are filled otherwise, one by a number, and three times
    /// as many as are filled alike. A new count of the same thing leaves names and other numbers as they were.
    pub fn is_of_another(&self) -> bool {
        let otherwise = self.numbers.otherwise + self.names.otherwise;
        self.numbers.otherwise >= 1 && otherwise >= 2 && otherwise >= 3 * self.alike()
    }

    /// Places that are filled alike.
    pub fn alike(&self) -> usize {
        self.numbers.alike + self.names.alike
    }
}

/// What a word is in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Number,
    Name,
}

impl Slots {
    /// Takes the numbers and names of a text, given with those of its tokens that are to be looked at, and its title.
    ///
    /// Years are left out: they are the same in reports of a whole year. So are capitals at the beginning of a sentence.
    pub fn of((text, all): (&str, &Tokens), tokens: &[&Token], title: &Tokens) -> Self {
        let is_short = tokens.len() <= SHORT;
        // A number in words is the same in digits, and a blank as these are, so that the places of short and long texts meet.
        let value = |token: &Token| if token.is_number { Some(token.word) } else { numeral_digits(token.word) };
        let kind = |at: usize| {
            let is_number = tokens.get(at).is_some_and(|token| value(token).is_some());
            if is_number { Kind::Number } else { kind(text, tokens, at) }
        };
        let kinds: Vec<Kind> = (0..tokens.len()).map(kind).collect();
        let mut slots = Self::default();
        let (mut numbers, mut numerals, mut names) = (Vec::new(), Vec::new(), Vec::new());
        let mut named = Vec::new();
        let mut at = 0;
        while at < tokens.len() && numbers.len() + names.len() < SLOTS_MAX {
            let here = kinds.get(at).copied().unwrap_or(Kind::Word);
            let run = kinds.iter().skip(at).take_while(|kind| **kind == here).count().max(1);
            if here == Kind::Word {
                at += run;
                continue;
            }
            let blank = |at: usize| match kinds.get(at) {
                Some(Kind::Number) => 1,
                Some(Kind::Name) => 2,
                Some(Kind::Word) => tokens.get(at).map_or(0, |token| token.word),
                None => 0,
            };
            let about = (at.saturating_sub(BEFORE)..at).chain((at + run..).take(AFTER));
            let place = upper(about.fold(SEED, |hash, at| mix(hash, blank(at))));
            let filling = tokens.iter().skip(at).take(run);
            if here == Kind::Number {
                let is_year = run == 1 && filling.clone().all(|token| is_year(text, token));
                let in_words = filling.clone().all(|token| !token.is_number);
                let value = upper(filling.fold(SEED, |hash, token| mix(hash, value(token).unwrap_or_default())));
                if !in_words {
                    numbers.extend((!is_year).then_some((place, value)));
                } else if is_short {
                    numerals.push((place, value));
                }
            } else {
                named.extend(
                    filling.clone().filter(|token| is_short && !is_of_day(all, token)).map(|token| upper(token.stem)),
                );
                names.extend(filling.map(|token| (place, upper(token.stem))));
            }
            at += run;
        }
        (slots.numbers, slots.names) = (set(numbers), set(names));
        slots.short = is_short.then(|| {
            let said = tokens.iter().copied().chain(title).map(|token| upper(token.stem)).collect();
            Box::new(Short { numerals: set(numerals), names: set(named), said: set(said) })
        });
        slots
    }

    /// Compares what stands in the places that both texts have.
    pub fn filled(&self, other: &Self) -> Filled {
        let names = compared(&self.names, &other.names);
        let Some((own, theirs)) = self.short.as_deref().zip(other.short.as_deref()) else {
            return Filled { numbers: compared(&self.numbers, &other.numbers), names, ..Filled::default() };
        };
        let numbers = |slots: &Self, short: &Short| set([&*slots.numbers, &*short.numerals].concat());
        let numbers = compared(&numbers(self, own), &numbers(other, theirs));
        Filled { numbers, names, are_short: true, is_named_otherwise: own.is_named_otherwise(theirs) }
    }
}

impl Short {
    /// Whether both have names, none of which stands anywhere in the other: a name at the beginning of a sentence isn't known for one.
    fn is_named_otherwise(&self, other: &Self) -> bool {
        let are_missing = |names: &[u32], said: &[u32]| {
            !names.is_empty() && names.iter().all(|name| said.binary_search(name).is_err())
        };
        are_missing(&self.names, &other.said) && are_missing(&other.names, &self.said)
    }
}

/// A list, ascending and each once.
fn set<T: Ord>(mut list: Vec<T>) -> Box<[T]> {
    list.sort_unstable();
    list.dedup();
    list.into_boxed_slice()
}

/// Whether a word is a weekday or a month, which tell when and not what.
fn is_of_day(all: &Tokens, token: &Token) -> bool {
    let folded = all.folded(token);
    weekday_named(folded).is_some() || month_named(folded, token.is_capital).is_some()
}

fn compared(ours: &[(u32, u32)], theirs: &[(u32, u32)]) -> Compared {
    let mut compared = Compared::default();
    for here in ours.chunk_by(|a, b| a.0 == b.0) {
        let Some(place) = here.first().map(|slot| slot.0) else { continue };
        let from = theirs.partition_point(|slot| slot.0 < place);
        let mut there = theirs.iter().skip(from).take_while(|slot| slot.0 == place).peekable();
        if there.peek().is_none() {
            continue;
        }
        let agree = there.any(|slot| here.contains(slot));
        compared.alike += usize::from(agree);
        compared.otherwise += usize::from(!agree);
    }
    compared
}

fn kind(text: &str, tokens: &[&Token], at: usize) -> Kind {
    match tokens.get(at) {
        Some(token) if token.is_number => Kind::Number,
        Some(_) if is_name(text, tokens, at) => Kind::Name,
        Some(_) | None => Kind::Word,
    }
}

/// The words of a text that have a capital within a sentence, by their stems; ascending.
pub fn names_within(text: &str, tokens: &[&Token]) -> Vec<u64> {
    let names = (0..tokens.len()).filter(|at| is_name(text, tokens, *at)).filter_map(|at| tokens.get(at));
    let mut names: Vec<u64> = names.map(|token| token.stem).collect();
    names.sort_unstable();
    names
}

/// Whether a word of a text is a name, by its capital within a sentence.
pub(super) fn is_name(text: &str, tokens: &[&Token], at: usize) -> bool {
    let Some(token) = tokens.get(at).filter(|token| token.is_capital && !token.is_stop) else { return false };
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    let gap = before.and_then(|before| text.get(before.end..token.start)).unwrap_or("\n");
    !gap.contains(['\n', '.', '!', '?', '…', ':', '"', '“', '«', '„'])
}

fn is_year(text: &str, token: &Token) -> bool {
    text.get(token.start..token.end)
        .and_then(|digits| digits.parse().ok())
        .is_some_and(|year: u32| (1900..=2100).contains(&year))
}

/// The offset basis of FNV-1a.
pub(super) const SEED: u64 = 0xcbf2_9ce4_8422_2325;

pub(super) fn mix(hash: u64, word: u64) -> u64 {
    (hash ^ word).wrapping_mul(0x0100_0000_01b3).rotate_left(23)
}

pub(super) fn upper(hash: u64) -> u32 {
    u32::try_from(hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Filled, Slots};
    use crate::text::{Token, Tokens};

    fn slots(text: &str) -> Slots {
        let tokens = Tokens::of(text, Some("en"));
        Slots::of((text, &tokens), &tokens.iter().collect::<Vec<&Token>>(), &Tokens::of("", None))
    }

    fn filled(one: &str, other: &str) -> Filled {
        slots(one).filled(&slots(other))
    }

    const QUAKE: &str = "A magnitude 5.1 earthquake struck 80 km off Tonga on Monday, the survey said in 2026.";

    #[test]
    fn a_template_filled_with_other_numbers_and_names_states_other_facts() {
        let next = "A magnitude 4.8 earthquake struck 35 km off Samoa on Friday, the survey said in 2026.";
        assert!(filled(QUAKE, next).is_otherwise());
        assert!(!filled(QUAKE, QUAKE).is_otherwise());
    }

    #[test]
    fn short_texts_with_another_number_in_words_or_no_name_in_common_state_other_facts() {
        let killed = |many: &str, place: &str| {
            format!("A Russian drone strike killed {many} people in {place} overnight, the governor said.")
        };
        let first = killed("two", "Kharkiv");
        assert!(filled(&first, &killed("four", "Kharkiv")).is_otherwise());
        assert!(!filled(&first, &killed("four", "Kharkiv")).is_of_another());
        assert!(!filled(&first, &killed("2", "Kharkiv")).is_otherwise());
        let sentenced = |who: &str| format!("A man has been sentenced to life in prison for the murder of a {who}.");
        let next = filled(&sentenced("teacher in Leeds"), &sentenced("nurse in Bristol"));
        assert!(next.is_otherwise() && !next.is_of_another());
        assert!(!filled(&sentenced("teacher in Leeds"), &sentenced("teacher")).is_otherwise());
    }

    #[test]
    fn a_name_that_begins_a_sentence_a_day_and_one_noun_state_no_other_facts_in_a_short_text() {
        let swapped = "Russia and Ukraine exchanged hundreds of prisoners, the ministry said.";
        assert!(
            !filled(swapped, "Ukraine and Russia exchanged hundreds of prisoners, the ministry said.").is_otherwise()
        );
        let found = |place: &str| format!("A man was found dead {place}, police said.");
        assert!(!filled(&found("at a house on Monday"), &found("in Leeds")).is_otherwise());
        assert!(!filled(&found("late on Sunday"), &found("early on Monday")).is_otherwise());
        let spelled = |city: &str| format!("Drones hit a depot in {city} overnight, the mayor said.");
        assert!(!filled(&spelled("Kyiv"), &spelled("Kiev")).is_of_another());
        let fire = |house: &str| format!("Bei einem Brand in einem {house} in Arvik ist ein Mann verletzt worden.");
        assert!(!filled(&fire("Wohnhaus"), &fire("Haus")).is_otherwise());
    }

    #[test]
    fn a_number_in_words_makes_no_other_places_in_a_long_text() {
        let text = |many: usize| {
            let rest = "The rest of what was said says nothing more of it. ".repeat(many);
            format!("A drone killed two people and hurt 14 men. {rest}")
        };
        let (short, long) = (slots(&text(2)), slots(&text(9)));
        assert_eq!(short.filled(&long).numbers.alike, 1);
    }

    #[test]
    fn a_lighter_wording_of_the_same_facts_and_a_part_of_them_are_no_other_facts() {
        let edited = "A magnitude 5.1 earthquake struck 80 km off Tonga early on Monday.";
        assert!(!filled(QUAKE, edited).is_otherwise());
        assert!(!filled(QUAKE, "A magnitude 5.1 earthquake struck on Monday.").is_otherwise());
    }
}
