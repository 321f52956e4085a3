//! Names, made comparable across alphabets.

use xxhash_rust::xxh3::xxh3_64;

use crate::text::fold;

/// A name's consonant skeleton as a hash: Cyrillic is written in Latin letters, vowels are dropped after the first
/// letter, and letters that languages exchange fall together (c, k, q; s, z; b, v, w; i, y, j), so that
/// `Зaхарова`, `Zakharova` and `Sacharowa` meet. `None` for words too short to mean anything.
///
/// A skeleton is a rough thing: it is a feature among others, never proof by itself.
pub fn name_key(word: &str) -> Option<u64> {
    let mut latin = String::with_capacity(word.len() + 4);
    for c in word.chars() {
        match c {
            'a'..='z' => push(c, &mut latin),
            'A'..='Z' => push(c.to_ascii_lowercase(), &mut latin),
            _ => {
                for c in c.to_lowercase() {
                    let letters = latin_of(c).unwrap_or_default().chars();
                    letters.chain(Some(c).filter(char::is_ascii_alphabetic)).for_each(|c| push(c, &mut latin));
                }
            }
        }
    }
    let mut skeleton = String::with_capacity(KIND.len() + latin.len());
    skeleton.push_str(KIND);
    let mut last = ' ';
    for c in latin.chars() {
        let folded = match c {
            'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'j' => continue,
            'c' | 'q' | 'x' => 'k',
            'z' => 's',
            'w' | 'b' | 'f' => 'v',
            'g' => 'h',
            'd' => 't',
            other => other,
        };
        if folded != last {
            skeleton.push(folded);
            last = folded;
        }
    }
    if skeleton.len() < KIND.len() + 2 || latin.len() < 3 {
        return None;
    }
    Some(Term::Name.of(xxh3_64(skeleton.as_bytes())))
}

/// What stands before a skeleton where it is hashed.
const KIND: &str = "name:";

/// Puts a letter behind the others; one that is written as two or three with an `h` behind them is that alone: first `sch`, then `kh`,
/// `ch`, `sh`, `zh`, each of what the ones before it have left.
fn push(letter: char, latin: &mut String) {
    if letter == 'h' {
        for before in ["sc", "k", "c", "s", "z"] {
            if latin.ends_with(before) {
                latin.truncate(latin.len() - before.len());
            }
        }
    }
    latin.push(letter);
}

/// What a term that is compared across languages is. Its hash says so in two bits, so that nothing is kept beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// A name's skeleton.
    Name,
    /// A number that few texts have.
    Number,
    /// A small number, or a year: any two texts may have it.
    Common,
}

/// Numbers up to this are days and small counts.
const COMMON_MAX: u32 = 31;

impl Term {
    /// A hash that says that it is of such a term.
    pub(super) fn of(self, hash: u64) -> u64 {
        let bits = match self {
            Self::Name => 1,
            Self::Number => 2,
            Self::Common => 0,
        };
        hash & !3 | bits
    }

    /// What a number is, given as it is written.
    pub(super) fn of_number(digits: &str) -> Self {
        let value = fold(digits).parse::<u32>();
        let is_common = value.is_ok_and(|value| value <= COMMON_MAX || (1900..=2100).contains(&value));
        if is_common { Self::Common } else { Self::Number }
    }

    /// What a term is, by its hash.
    pub fn by(hash: u64) -> Self {
        match hash & 3 {
            0 => Self::Common,
            2 => Self::Number,
            _ => Self::Name,
        }
    }
}

/// A Cyrillic letter in Latin ones (after the common English transliteration of Russian and Ukrainian).
fn latin_of(c: char) -> Option<&'static str> {
    Some(match c {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ґ' => "g",
        'д' => "d",
        'е' | 'э' | 'є' | 'ё' => "e",
        'ж' => "zh",
        'з' => "z",
        'и' | 'і' | 'ї' | 'й' | 'ы' => "i",
        'к' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' => "u",
        'ф' => "f",
        'х' => "kh",
        'ц' => "ts",
        'ч' => "ch",
        'ш' => "sh",
        'щ' => "sch",
        'ю' => "yu",
        'я' => "ya",
        'ъ' | 'ь' => "",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert_eq, proptest};

    use super::{Term, name_key, push};

    proptest! {
        #[test]
        fn letters_written_as_several_are_one_as_if_each_kind_were_sought_by_itself(letters in "[sckzhaо]{0,12}") {
            let mut latin = String::new();
            letters.chars().for_each(|c| push(c, &mut latin));
            let kinds = ["sch", "kh", "ch", "sh", "zh"];
            prop_assert_eq!(latin, kinds.iter().fold(letters, |letters, kind| letters.replace(kind, "h")));
        }
    }

    #[test]
    fn a_name_meets_itself_across_alphabets_and_spellings() {
        for (one, other) in [
            ("Захарова", "Zakharova"),
            ("Захарова", "Sacharowa"),
            ("Сыромолотов", "Syromolotov"),
            ("Nebenzya", "Небензя"),
        ] {
            assert_eq!(name_key(one), name_key(other), "{one} and {other}");
        }
        assert_ne!(name_key("Lavrov"), name_key("Ryabkov"));
        // Full-width digits are folded before they are hashed.
        assert_eq!(["12", "１２"].map(Term::of_number), [Term::Common; 2]);
        assert_eq!(name_key("ya"), None);
    }
}
