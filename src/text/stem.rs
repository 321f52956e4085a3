//! Stems: which Snowball algorithm a word falls under, and what it leaves of it.

use std::borrow::Cow;

use rust_stemmers::{Algorithm, Stemmer};
use xxhash_rust::xxh3::xxh3_64;

use super::accent;
use super::ending::{CROATIAN, CZECH, Endings, POLISH};
use super::stop_words::StopWords;

/// Longer words (addresses, encoded data) are their own stems.
const STEMMED_BYTES_MAX: usize = 96;

/// A rule for stems: one of the Snowball algorithms, one of ours, or none.
///
/// Ukrainian and Belarusian letters are read as their Russian kin first, as Snowball knows neither language: endings
/// then match the Russian ones well enough, and резолюція shares its stem with резолюция.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stemming {
    /// The word itself.
    None,
    /// Arabic.
    Arabic,
    /// Croatian, Serbian in Latin letters, Bosnian, Slovenian.
    Croatian,
    /// Czech, Slovak.
    Czech,
    /// Danish.
    Danish,
    /// Dutch.
    Dutch,
    /// English, and Latin letters of no known language.
    English,
    /// Finnish.
    Finnish,
    /// French.
    French,
    /// German.
    German,
    /// Greek.
    Greek,
    /// Hungarian.
    Hungarian,
    /// Italian.
    Italian,
    /// Norwegian.
    Norwegian,
    /// Polish.
    Polish,
    /// Portuguese.
    Portuguese,
    /// Romanian.
    Romanian,
    /// Russian, and all Cyrillic.
    Russian,
    /// Spanish.
    Spanish,
    /// Swedish.
    Swedish,
    /// Tamil.
    Tamil,
    /// Turkish.
    Turkish,
}

/// What takes a word to its stem.
enum Engine {
    None,
    Endings(&'static Endings),
    Snowball(Algorithm),
}

/// Words whose stems are remembered; a power of two.
const REMEMBERED: usize = 1 << 16;

/// What was found of the words met last, their stems and whether they say anything: news says the same words again and
/// again, and to stem one takes longer than all else that is done to it. A word is kept until another falls on its place.
///
/// A key and a stem each: 64 bits of the key choose the place and tell words apart, but for the uppermost, which says that the word
/// says nothing.
#[derive(Debug, Clone)]
pub struct StemCache(Vec<(u64, u64)>);

/// The bit of a key that says that the word is a stop word.
const IS_STOP: u64 = 1 << 63;

impl Default for StemCache {
    fn default() -> Self {
        Self(vec![(0, 0); REMEMBERED])
    }
}

impl StemCache {
    /// The stem of a folded word, given with its hash, and whether it is a stop word: remembered, or found now.
    pub(super) fn look(&mut self, folded: &str, word: u64, latin: Stemming, stops: StopWords) -> (u64, bool) {
        let rules = u64::from(latin.number()) << 8 | u64::from(stops.number());
        let key = word ^ rules.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let find = || (Stemming::of_word(folded, latin).stem(folded), stops.hold(folded));
        let place = usize::try_from(key % u64::try_from(REMEMBERED).unwrap_or(1)).unwrap_or(0);
        let Some((held, held_stem)) = self.0.get_mut(place) else { return find() };
        if (*held ^ key) & !IS_STOP != 0 {
            let (stem, is_stop) = find();
            (*held, *held_stem) = (key & !IS_STOP | if is_stop { IS_STOP } else { 0 }, stem);
        }
        (*held_stem, *held & IS_STOP != 0)
    }
}

/// Every rule that a word in Latin letters can fall under.
const LATIN: [Stemming; 17] = [
    Stemming::English,
    Stemming::German,
    Stemming::French,
    Stemming::Spanish,
    Stemming::Portuguese,
    Stemming::Italian,
    Stemming::Dutch,
    Stemming::Danish,
    Stemming::Swedish,
    Stemming::Norwegian,
    Stemming::Finnish,
    Stemming::Hungarian,
    Stemming::Romanian,
    Stemming::Turkish,
    Stemming::Polish,
    Stemming::Czech,
    Stemming::Croatian,
];

impl Stemming {
    /// Returns the rule for words in Latin letters of a text in `lang` (a BCP 47 primary subtag).
    pub fn of_latin(lang: Option<&str>) -> Self {
        match lang.unwrap_or_default() {
            "de" => Self::German,
            "fr" => Self::French,
            "es" => Self::Spanish,
            "pt" => Self::Portuguese,
            "it" => Self::Italian,
            "nl" => Self::Dutch,
            "da" => Self::Danish,
            "sv" => Self::Swedish,
            "no" | "nb" | "nn" => Self::Norwegian,
            "fi" => Self::Finnish,
            "hu" => Self::Hungarian,
            "ro" => Self::Romanian,
            "tr" => Self::Turkish,
            "pl" => Self::Polish,
            "cs" | "sk" => Self::Czech,
            "hr" | "sr" | "bs" | "sl" => Self::Croatian,
            _ => Self::English,
        }
    }

    /// Whether it is for words in Latin letters.
    pub fn is_latin(self) -> bool {
        LATIN.contains(&self)
    }

    /// A number that no other rule has.
    fn number(self) -> u8 {
        match self {
            Self::None => 1,
            Self::Arabic => 2,
            Self::Danish => 3,
            Self::Dutch => 4,
            Self::English => 5,
            Self::Finnish => 6,
            Self::French => 7,
            Self::German => 8,
            Self::Greek => 9,
            Self::Hungarian => 10,
            Self::Italian => 11,
            Self::Norwegian => 12,
            Self::Portuguese => 13,
            Self::Romanian => 14,
            Self::Russian => 15,
            Self::Spanish => 16,
            Self::Swedish => 17,
            Self::Tamil => 18,
            Self::Turkish => 19,
            Self::Polish => 20,
            Self::Czech => 21,
            Self::Croatian => 22,
        }
    }

    /// Returns the rule for the folded `word` in a text whose Latin words fall under `latin`.
    pub fn of_word(word: &str, latin: Self) -> Self {
        match word.chars().find(|c| c.is_alphabetic()) {
            Some('a'..='z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}') => latin,
            Some('\u{400}'..='\u{52f}') => Self::Russian,
            Some('\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}') => Self::Arabic,
            Some('\u{370}'..='\u{3ff}') => Self::Greek,
            Some('\u{b80}'..='\u{bff}') => Self::Tamil,
            Some(_) | None => Self::None,
        }
    }

    /// Returns every rule that the folded `word` can fall under, over all languages.
    pub fn all_of_word(word: &str) -> Vec<Self> {
        let rule = Self::of_word(word, Self::English);
        if rule == Self::English { LATIN.to_vec() } else { vec![rule] }
    }

    /// Returns the hash of the stem of a folded word.
    pub fn stem(self, word: &str) -> u64 {
        xxh3_64(self.stem_text(word).as_bytes())
    }

    /// Returns the stem of a folded word.
    pub fn stem_text(self, word: &str) -> Cow<'_, str> {
        if word.len() > STEMMED_BYTES_MAX || word.bytes().any(|b| b.is_ascii_digit()) {
            return Cow::Borrowed(word);
        }
        let algorithm = match self.engine() {
            Engine::None => return Cow::Borrowed(word),
            Engine::Endings(endings) => return endings.stem(word),
            Engine::Snowball(algorithm) => algorithm,
        };
        let is_kin = self == Self::Russian && word.contains(['і', 'ї', 'є', 'ґ', 'ў']);
        let read = if is_kin { Some(russian_kin(word)) } else { accent::given_back(word, self) };
        let stemmer = Stemmer::create(algorithm);
        let stem = match read {
            Some(read) => Cow::Owned(stemmer.stem(&read).into_owned()),
            None => stemmer.stem(word),
        };
        // One ending may stand behind another: `seçim` looks like one word with an ending of its own, `seçimler` like another.
        if matches!(self, Self::Hungarian | Self::Turkish) && stem.len() < word.len() {
            return Cow::Owned(stemmer.stem(&stem).into_owned());
        }
        stem
    }

    fn engine(self) -> Engine {
        Engine::Snowball(match self {
            Self::None => return Engine::None,
            Self::Polish => return Engine::Endings(&POLISH),
            Self::Czech => return Engine::Endings(&CZECH),
            Self::Croatian => return Engine::Endings(&CROATIAN),
            Self::Arabic => Algorithm::Arabic,
            Self::Danish => Algorithm::Danish,
            Self::Dutch => Algorithm::Dutch,
            Self::English => Algorithm::English,
            Self::Finnish => Algorithm::Finnish,
            Self::French => Algorithm::French,
            Self::German => Algorithm::German,
            Self::Greek => Algorithm::Greek,
            Self::Hungarian => Algorithm::Hungarian,
            Self::Italian => Algorithm::Italian,
            Self::Norwegian => Algorithm::Norwegian,
            Self::Portuguese => Algorithm::Portuguese,
            Self::Romanian => Algorithm::Romanian,
            Self::Russian => Algorithm::Russian,
            Self::Spanish => Algorithm::Spanish,
            Self::Swedish => Algorithm::Swedish,
            Self::Tamil => Algorithm::Tamil,
            Self::Turkish => Algorithm::Turkish,
        })
    }
}

/// A Ukrainian or Belarusian word in the letters of its Russian kin; the vowel of -ість, -ості is evened out.
fn russian_kin(word: &str) -> String {
    let noun = |ending| word.strip_suffix(ending).map(|stem| (stem, "ость"));
    let (stem, ending) = noun("ість").or_else(|| noun("істю")).unwrap_or((word, ""));
    let kin = |c| match c {
        'і' | 'ї' => 'и',
        'є' => 'е',
        'ґ' => 'г',
        'ў' => 'у',
        other => other,
    };
    stem.chars().map(kin).chain(ending.chars()).collect()
}
