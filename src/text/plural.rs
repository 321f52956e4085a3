//! The other number of a noun, and the other forms of an adjective, where Snowball takes them for different words: rules of grammar, and a
//! few irregular nouns.
//!
//! For the words of queries alone: a form is found as it is spelled, not by its stem, so that a rule that makes no word of one finds
//! nothing, and `wives` doesn't bring along what shares its stem. The stems of texts stay what they are.

use super::stem::Stemming;
use super::stop_words::stop_word;

/// What a rule leaves of a word, at least.
const LETTERS_MIN: usize = 3;

/// The other number of a word in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherNumber {
    /// The language, by its rule for stems.
    pub rule: Stemming,
    /// The word, folded.
    pub word: String,
    /// Whether a capital letter within a text makes it a name: a Romance plural that is told by its `s` alone (`Hama`, `Hamas`).
    pub is_common: bool,
}

/// A singular's end and a plural's.
type Pair = (&'static str, &'static str);

/// Irregular nouns of English; what is composed with them goes as they do.
const ENGLISH: [Pair; 18] = [
    ("child", "children"),
    ("person", "people"),
    ("wife", "wives"),
    ("knife", "knives"),
    ("thief", "thieves"),
    ("wolf", "wolves"),
    ("half", "halves"),
    ("shelf", "shelves"),
    ("foot", "feet"),
    ("tooth", "teeth"),
    ("mouse", "mice"),
    ("goose", "geese"),
    ("index", "indices"),
    ("quiz", "quizzes"),
    ("criterion", "criteria"),
    ("phenomenon", "phenomena"),
    ("referendum", "referenda"),
    ("memorandum", "memoranda"),
];

/// French nouns in `-ail` with a plural in `-aux` (most take `-ails`), and the eye.
const FRENCH: [Pair; 5] =
    [("travail", "travaux"), ("bail", "baux"), ("vitrail", "vitraux"), ("corail", "coraux"), ("oeil", "yeux")];

/// German nouns from Latin and Greek; what is composed with them goes as they do. As rules they would make Marken of Markus.
const GERMAN: [Pair; 6] = [
    ("virus", "viren"),
    ("ismus", "ismen"),
    ("konto", "konten"),
    ("firma", "firmen"),
    ("thema", "themen"),
    ("drama", "dramen"),
];

/// Words in `-s` that are no plurals, though without it they are another word or name.
const WHOLE: [&str; 17] = [
    "abbas", "abus", "bois", "carlos", "davis", "denis", "fois", "hamas", "lucas", "marcos", "mois", "nicolas", "pais",
    "paris", "pays", "thomas", "tunis",
];

/// The other number of a folded word, in each language in which its stem doesn't tell it.
pub fn other_number(word: &str) -> Vec<OtherNumber> {
    if !word.bytes().all(|b| b.is_ascii_lowercase()) || word.len() < LETTERS_MIN {
        return Vec::new();
    }
    let mut out = Forms { word, found: Vec::new() };
    out.english();
    out.french();
    out.spanish();
    out.portuguese();
    out.german();
    out.italian();
    // What says nothing by itself has no other number: mais.
    let says = |rule: Stemming| !stop_word(lang(rule), word);
    out.found.retain(|form| says(form.rule) && form.rule.stem(&form.word) != form.rule.stem(word));
    out.found
}

/// The language of a rule that is used here.
fn lang(rule: Stemming) -> Option<&'static str> {
    let named = ["de", "es", "fr", "it", "pt"];
    named.into_iter().find(|lang| Stemming::of_latin(Some(lang)) == rule)
}

struct Forms<'a> {
    word: &'a str,
    found: Vec<OtherNumber>,
}

impl Forms<'_> {
    fn add(&mut self, rule: Stemming, word: String, is_common: bool) {
        let is_listed = |word: &str| WHOLE.contains(&word);
        let is_other = is_common && (is_listed(self.word) || is_listed(&word));
        if word.len() >= LETTERS_MIN && !is_other {
            self.found.push(OtherNumber { rule, word, is_common });
        }
    }

    /// Either end in the place of the other.
    fn pair(&mut self, rule: Stemming, one: &str, several: &str) {
        for (from, to) in [(one, several), (several, one)] {
            if let Some(start) = self.word.strip_suffix(from) {
                self.add(rule, format!("{start}{to}"), false);
            }
        }
    }

    /// As [`Self::pair`], behind some letters, where a plural is told from names by small letters.
    fn common(&mut self, rule: Stemming, behind: fn(char) -> bool, ending: &str) {
        if self.word.ends_with(behind) {
            self.add(rule, format!("{}{ending}", self.word), true);
        }
        if let Some(start) = self.word.strip_suffix(ending).filter(|start| start.ends_with(behind)) {
            self.add(rule, start.to_owned(), true);
        }
    }

    fn english(&mut self) {
        const RULE: Stemming = Stemming::English;
        for (one, several) in ENGLISH {
            self.pair(RULE, one, several);
        }
        // Policeman, women; but Oman, omen.
        let start = self.word.strip_suffix("man").or_else(|| self.word.strip_suffix("men"));
        if start.is_some_and(|start| start.len() != 1) {
            self.pair(RULE, "man", "men");
        }
        // Crisis, analysis; but bases are of a base too.
        if self.word.len() >= "crisis".len() {
            self.pair(RULE, "sis", "ses");
        }
        // Bus, gas: in longer words the stem tells.
        let bare = self.word.strip_suffix("es").unwrap_or(self.word);
        if bare.ends_with('s') && !bare.ends_with("ss") {
            self.pair(RULE, "s", "ses");
        }
    }

    fn french(&mut self) {
        const RULE: Stemming = Stemming::French;
        for (one, several) in FRENCH {
            if [one, several].contains(&self.word) {
                self.pair(RULE, one, several);
            }
        }
        for (one, several) in [("eu", "eux"), ("au", "aux"), ("ou", "oux"), ("al", "aux")] {
            self.pair(RULE, one, several);
        }
        self.common(RULE, |last| !matches!(last, 's' | 'x' | 'z'), "s");
    }

    fn spanish(&mut self) {
        self.common(Stemming::Spanish, |last| "djlnrsy".contains(last), "es");
    }

    fn portuguese(&mut self) {
        const RULE: Stemming = Stemming::Portuguese;
        // Hospital, papel, espanhol, azul; míssil, civil; refém.
        for (one, several) in
            [("al", "ais"), ("el", "eis"), ("ol", "ois"), ("ul", "uis"), ("il", "eis"), ("il", "is"), ("m", "ns")]
        {
            self.pair(RULE, one, several);
        }
        self.common(RULE, |last| "iu".contains(last), "s");
    }

    /// Snowball takes `-ano` for a verb's end (parlano): italiano has another stem than italiana, italiani, italiane.
    fn italian(&mut self) {
        const RULE: Stemming = Stemming::Italian;
        const ENDS: [&str; 4] = ["ano", "ana", "ani", "ane"];
        self.pair(RULE, "uomo", "uomini");
        let start = ENDS.iter().find_map(|end| self.word.strip_suffix(end));
        if let Some(start) = start.filter(|start| start.len() >= LETTERS_MIN) {
            for end in ENDS {
                self.add(RULE, format!("{start}{end}"), true);
            }
        }
    }

    fn german(&mut self) {
        const RULE: Stemming = Stemming::German;
        for (one, several) in GERMAN.into_iter().chain([("el", "eln"), ("um", "en")]) {
            self.pair(RULE, one, several);
        }
    }
}
