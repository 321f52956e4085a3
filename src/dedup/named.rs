//! Whom and what a title names, held against what another story names: the sick of one region aren't those of another, though all
//! other words of the two reports are the same.

use crate::date::{month_named, weekday_named};
use crate::text::{Stemming, Token, Tokens, fold};

use super::slot::{SEED, is_name, mix};

/// Words that a beginning has at least, if what it doesn't name says anything.
const WORDS_MIN: usize = 20;
/// A name is known by so many letters, as its end differs by case and by what is made of it (Астрахань, Астраханская); a short
/// one by fewer.
const LETTERS: usize = 4;
const LETTERS_OF_SHORT: usize = 3;

/// The words with capitals of a title and the text's beginning; empty where the title names nothing, or too little is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Two bytes of a hash each; those that the title names first. Two that fall together make stories less different, never more.
    keys: Box<[u16]>,
    of_title: u8,
}

impl Named {
    /// Reads a title and the beginning of a text. A name of the title is what the text has with a capital within a sentence, too. In
    /// German all nouns have capitals.
    pub fn of((title, of_title): (&str, &Tokens), (text, opening): (&str, &[&Token])) -> Self {
        if opening.len() < WORDS_MIN || of_title.latin() == Stemming::German {
            return Self::default();
        }
        let within: Vec<u16> = (0..opening.len())
            .filter(|at| is_name(text, opening, *at))
            .filter_map(|at| key(text, opening.get(at)?))
            .collect();
        let is_of_day = |token: &&Token| {
            let folded = of_title.folded(token);
            weekday_named(folded).is_some() || month_named(folded, true).is_some()
        };
        let names = of_title.iter().filter(|token| !is_of_day(token)).filter_map(|token| key(title, token));
        let mut keys: Vec<u16> = names.filter(|key| within.contains(key)).take(usize::from(u8::MAX)).collect();
        keys.sort_unstable();
        keys.dedup();
        let Some(count) = u8::try_from(keys.len()).ok().filter(|count| *count > 0) else { return Self::default() };
        let others = of_title.iter().filter_map(|token| key(title, token));
        let mut others: Vec<u16> = others.chain(opening.iter().filter_map(|token| key(text, token))).collect();
        others.sort_unstable();
        others.dedup();
        others.retain(|other| keys.binary_search(other).is_err());
        keys.extend(others);
        Self { keys: keys.into(), of_title: count }
    }

    /// Whether the title names something.
    pub fn names_something(&self) -> bool {
        self.of_title > 0
    }

    /// Whether neither story names anything that the other's title does, and both titles name something.
    pub fn is_of_others(&self, other: &Self) -> bool {
        let names_none = |one: &Self, two: &Self| one.title().iter().all(|name| !two.keys.contains(name));
        self.of_title > 0 && other.of_title > 0 && names_none(self, other) && names_none(other, self)
    }

    fn title(&self) -> &[u16] {
        self.keys.get(..usize::from(self.of_title)).unwrap_or_default()
    }
}

/// What a word with a capital is known by.
fn key(text: &str, token: &Token) -> Option<u16> {
    let word = text.get(token.start..token.end).filter(|_| token.is_capital && !token.is_stop && !token.is_number)?;
    let folded = fold(word);
    let letters = folded.chars().count();
    let known = if letters > LETTERS { LETTERS } else { LETTERS_OF_SHORT };
    (letters >= LETTERS_OF_SHORT).then(|| {
        let hash = folded.chars().take(known).fold(SEED, |hash, letter| mix(hash, letter.into()));
        u16::try_from(hash >> 48).unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::Named;
    use crate::text::Tokens;

    const REST: &str = "reported new cases of the disease, and most of those who fell ill are at home, as the doctors say who see to them";

    fn named(lang: &str, title: &str, text: &str) -> Named {
        let text = format!("{text} {REST}");
        let tokens = Tokens::of(&text, Some(lang));
        let opening: Vec<_> = tokens.iter().collect();
        Named::of((title, &Tokens::of(title, Some(lang))), (&text, &opening))
    }

    fn check(lang: &str, one: (&str, &str), other: (&str, &str), expected: bool) {
        let (a, b) = (named(lang, one.0, one.1), named(lang, other.0, other.1));
        assert_eq!((a.is_of_others(&b), b.is_of_others(&a)), (expected, expected), "{one:?} and {other:?}");
    }

    #[test]
    fn stories_are_of_others_where_neither_names_what_the_others_title_does() {
        check("en", ("Cases rise in Arvik", "In Arvik they"), ("Cases rise in Tolm", "In Tolm they"), true);
        check("en", ("Cases rise in Arvik", "In Arvik, Tolm they"), ("Cases rise in Tolm", "In Tolm they"), false);
        check("en", ("Ford recalls cars", "Today Ford"), ("Toyota recalls cars", "Today Toyota"), true);
        check("ru", ("В Самаре 12 случаев", "Власти Самары"), ("В Казани 14 случаев", "Власти Казани"), true);
        check(
            "ru",
            ("В Самаре 12 случаев", "Власти Самарской области"),
            ("В Самарской области", "Власти Самары"),
            false,
        );
    }

    #[test]
    fn a_title_that_names_nothing_is_of_nobody_else() {
        check("en", ("Cases rise again", "In Arvik they"), ("Cases rise in Tolm", "In Tolm they"), false);
        check("en", ("VIDEO: cases rise", "In Arvik they"), ("Cases rise in Tolm", "In Tolm they"), false);
        check("en", ("Cases rise on Monday", "On Monday they"), ("Cases rise in Tolm", "In Tolm they"), false);
        check("de", ("Hund in Arvik", "In Arvik ein Hund"), ("Katze in Tolm", "In Tolm eine Katze"), false);
    }

    #[test]
    fn a_title_alone_says_too_little() {
        let tokens = Tokens::of("Cases rise in Arvik", Some("en"));
        assert_eq!(Named::of(("Cases rise in Arvik", &tokens), ("In Arvik", &[])), Named::default());
    }
}
