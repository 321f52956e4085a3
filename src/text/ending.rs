//! Stems of Polish, Czech, Slovak and the South Slavic languages in Latin letters, which Snowball doesn't know: case endings are taken
//! off, and what they have softened is hardened.
//!
//! Light stemmers, after Dolamic and Savoy, "Indexing and stemming approaches for the Czech language" (2009): nouns and adjectives,
//! as they make up queries and headlines; verbs and derived words stay apart.

use std::borrow::Cow;

/// What is left of a word, at least.
const LETTERS_MIN: usize = 3;
/// What is left before endings that short words may have for their own (`Mali`, `Kijów`, `budowa`), at least.
const BEFORE_OWN: usize = 4;
const OWN: [&str; 4] = ["i", "ow", "ew", "ov"];

/// How a language ends its words, folded.
pub(super) struct Endings {
    /// Endings of cases, the longest first.
    cases: &'static [&'static str],
    /// Once more, where a vowel was taken: of the plural and of what belongs to somebody.
    owners: &'static [&'static str],
    /// How a stem ends before some endings, and how before the others.
    softened: &'static [(&'static str, &'static str)],
}

/// Polish.
pub(super) const POLISH: Endings = Endings {
    cases: &[
        "iami", "iach", "iego", "iemu", "ami", "ach", "owi", "ego", "emu", "ymi", "imi", "iom", "iem", "iej", "ych",
        "ich", "ow", "om", "em", "ej", "ym", "im", "ie", "ia", "iu", "ii", "a", "e", "i", "o", "u", "y",
    ],
    owners: &["ow", "ew"],
    softened: &[("miejsc", "miejsc"), ("lodz", "lodz"), ("dz", "d"), ("sc", "sk"), ("rz", "r")],
};

/// Czech and Slovak.
pub(super) const CZECH: Endings = Endings {
    cases: &[
        "ovia", "ach", "ech", "ich", "ych", "ami", "emi", "imi", "ymi", "ama", "eho", "iho", "emu", "imu", "ove",
        "ovi", "em", "om", "im", "ym", "um", "ou", "ej", "ov", "a", "e", "i", "o", "u", "y",
    ],
    owners: &["ov"],
    softened: &[("c", "k"), ("z", "h")],
};

/// Croatian, Serbian, Bosnian, Slovenian.
pub(super) const CROATIAN: Endings = Endings {
    cases: &[
        "ovima", "evima", "ima", "ama", "ova", "ovi", "ove", "eva", "evi", "eve", "oga", "ega", "omu", "emu", "om",
        "em", "og", "oj", "im", "ih", "a", "e", "i", "o", "u",
    ],
    owners: &[],
    softened: &[("c", "k"), ("z", "g")],
};

impl Endings {
    /// The stem of a folded word.
    pub(super) fn stem<'a>(&self, word: &'a str) -> Cow<'a, str> {
        let Some(bare) = without(word, self.cases) else { return self.hardened(word) };
        self.hardened(without(bare, self.owners).unwrap_or(bare))
    }

    fn hardened<'a>(&self, stem: &'a str) -> Cow<'a, str> {
        let hard = self.softened.iter().find_map(|(soft, hard)| Some(format!("{}{hard}", stem.strip_suffix(soft)?)));
        hard.map_or(Cow::Borrowed(stem), Cow::Owned)
    }
}

/// A word without the first of some endings that leaves enough of it.
fn without<'a>(word: &'a str, endings: &[&str]) -> Option<&'a str> {
    let least = |ending: &str| if OWN.contains(&ending) { BEFORE_OWN } else { LETTERS_MIN };
    let bare = |ending: &&str| word.strip_suffix(ending).filter(|bare| bare.len() >= least(ending));
    endings.iter().find_map(bare)
}
