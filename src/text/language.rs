//! Which language a text is in: what it declares, else what its letters say.

use std::cell::OnceCell;
use std::cmp::Ordering;

use whatlang::{Info, Lang, Script, detect, detect_script};
use whichlang::Lang as Quick;

use super::fold::{fold, fold_into};
use super::stop_words::StopWords;

/// Enough to tell a language by; more costs time only.
const SAMPLE_CHARS: usize = 400;
/// Where a usual language stands behind it, less is enough for the detector, which takes most of the time.
const SHORT_CHARS: usize = 300;
/// For a quick look that only has to agree with the usual language, a headline is enough.
const GLANCE_CHARS: usize = 120;
/// So many different stop words of a language, and twice as many as of any other that is weighed, are a witness for it.
const WITNESSES: usize = 5;
/// So many words with letters that Russian hasn't are no quoted name.
const FOREIGN_WORDS: usize = 2;
/// Nor are more of them than these that are one in so many of all.
const FOREIGN_SHARE: usize = 3;
/// So many words are a sentence, in which a language shows its letters.
const SENTENCE_WORDS: usize = 8;
/// So many words say enough stop words, if they are in the language at all: more than one in so many.
const ENOUGH_WORDS: usize = 10;
const STOP_SHARE: usize = 5;
/// Japanese has so many syllables in any sentence, and one among so many of its letters.
const KANA: usize = 4;
const KANA_SHARE: usize = 6;

/// Languages that a declaration may name (ISO 639-1, of those that news is written in), and, for those that the
/// detector knows, its name of them.
const KNOWN: [(&str, Option<Lang>); 82] = [
    ("af", Some(Lang::Afr)),
    ("am", Some(Lang::Amh)),
    ("ar", Some(Lang::Ara)),
    ("az", Some(Lang::Aze)),
    ("be", Some(Lang::Bel)),
    ("bg", Some(Lang::Bul)),
    ("bn", Some(Lang::Ben)),
    ("bs", None),
    ("ca", Some(Lang::Cat)),
    ("cs", Some(Lang::Ces)),
    ("cy", Some(Lang::Cym)),
    ("da", Some(Lang::Dan)),
    ("de", Some(Lang::Deu)),
    ("el", Some(Lang::Ell)),
    ("en", Some(Lang::Eng)),
    ("eo", Some(Lang::Epo)),
    ("es", Some(Lang::Spa)),
    ("et", Some(Lang::Est)),
    ("eu", None),
    ("fa", Some(Lang::Pes)),
    ("fi", Some(Lang::Fin)),
    ("fr", Some(Lang::Fra)),
    ("ga", None),
    ("gl", None),
    ("gu", Some(Lang::Guj)),
    ("he", Some(Lang::Heb)),
    ("hi", Some(Lang::Hin)),
    ("hr", Some(Lang::Hrv)),
    ("hu", Some(Lang::Hun)),
    ("hy", Some(Lang::Hye)),
    ("id", Some(Lang::Ind)),
    ("is", None),
    ("it", Some(Lang::Ita)),
    ("ja", Some(Lang::Jpn)),
    ("jv", Some(Lang::Jav)),
    ("ka", Some(Lang::Kat)),
    ("kk", None),
    ("km", Some(Lang::Khm)),
    ("kn", Some(Lang::Kan)),
    ("ko", Some(Lang::Kor)),
    ("ky", None),
    ("la", Some(Lang::Lat)),
    ("lo", None),
    ("lt", Some(Lang::Lit)),
    ("lv", Some(Lang::Lav)),
    ("mk", Some(Lang::Mkd)),
    ("ml", Some(Lang::Mal)),
    ("mn", None),
    ("mr", Some(Lang::Mar)),
    ("ms", None),
    ("my", Some(Lang::Mya)),
    ("nb", Some(Lang::Nob)),
    ("ne", Some(Lang::Nep)),
    ("nl", Some(Lang::Nld)),
    ("nn", None),
    ("no", None),
    ("or", Some(Lang::Ori)),
    ("pa", Some(Lang::Pan)),
    ("pl", Some(Lang::Pol)),
    ("ps", None),
    ("pt", Some(Lang::Por)),
    ("ro", Some(Lang::Ron)),
    ("ru", Some(Lang::Rus)),
    ("si", Some(Lang::Sin)),
    ("sk", Some(Lang::Slk)),
    ("sl", Some(Lang::Slv)),
    ("sq", None),
    ("sr", Some(Lang::Srp)),
    ("sv", Some(Lang::Swe)),
    ("sw", None),
    ("ta", Some(Lang::Tam)),
    ("te", Some(Lang::Tel)),
    ("tg", None),
    ("th", Some(Lang::Tha)),
    ("tk", Some(Lang::Tuk)),
    ("tl", Some(Lang::Tgl)),
    ("tr", Some(Lang::Tur)),
    ("tt", None),
    ("uk", Some(Lang::Ukr)),
    ("ur", Some(Lang::Urd)),
    ("uz", Some(Lang::Uzb)),
    ("vi", Some(Lang::Vie)),
];

/// Returns the language of `text` as a BCP 47 primary subtag of two letters.
///
/// The declared `hint` (`en-US`, `ru_RU`) stands where it names a known language that can be written in the script the
/// text is in, and nothing belies it: blogs often declare English and write Russian, or German. Else the detector speaks, where it is sure.
pub fn language(text: &str, hint: Option<&str>) -> Option<&'static str> {
    let sample = Sample::of(super::lead(text, SAMPLE_CHARS));
    let short = Sample::of(super::lead(sample.text, SHORT_CHARS));
    // Where they are one, it is looked at once.
    let short = if short.text.len() == sample.text.len() { &sample } else { &short };
    let script = script_of(sample.text);
    let declared = hint.and_then(subtag).filter(|code| script.is_none_or(|s| can_write(code, s)));
    let declared = declared.filter(|code| !is_belied(&sample, short, code));
    declared.or_else(|| evident(&sample, short)).or_else(|| detected(&sample, script))
}

/// As [`detect_script`], which asks two dozen functions in turn of each letter: most texts are in Latin and Cyrillic letters alone.
fn script_of(text: &str) -> Option<Script> {
    let (mut latin, mut cyrillic) = (0, 0);
    for letter in text.chars() {
        match letter {
            'a'..='z' | 'A'..='Z' | '\u{80}'..='\u{24f}' => latin += 1,
            '\u{400}'..='\u{482}' | '\u{48a}'..='\u{52f}' => cyrillic += 1,
            // Digits, dashes and quotation marks are in no script.
            '\u{2010}'..='\u{2027}' => {}
            _ if letter.is_ascii() => {}
            _ => return detect_script(text),
        }
    }
    match latin.cmp(&cyrillic) {
        Ordering::Greater => Some(Script::Latin),
        Ordering::Less => Some(Script::Cyrillic),
        // Of as many it says what it meets first.
        Ordering::Equal => detect_script(text),
    }
}

/// A text with what was found of it: each is asked for more than once, and takes longer than all else here.
struct Sample<'a> {
    text: &'a str,
    quick: OnceCell<Option<&'static str>>,
    found: OnceCell<Option<Info>>,
}

impl<'a> Sample<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, quick: OnceCell::new(), found: OnceCell::new() }
    }

    /// What the quick model says.
    fn quick(&self) -> Option<&'static str> {
        *self.quick.get_or_init(|| quick_look(self.text))
    }

    /// What the detector says.
    fn found(&self) -> Option<&Info> {
        self.found.get_or_init(|| detect(self.text)).as_ref()
    }
}

/// As [`language`] without a hint, of a text from a place where `usual` is spoken: a feed, mostly in one language.
///
/// A text that a quick look finds in the usual language is in it; else the detector speaks, and where it is not sure (a
/// headline is too short for it) the usual language stands. The quick look takes a thirtieth of the detector's time.
pub fn language_among(text: &str, usual: Option<&'static str>) -> Option<&'static str> {
    let sample = super::lead(text, SAMPLE_CHARS);
    let short = Sample::of(super::lead(sample, SHORT_CHARS));
    match usual {
        Some(usual) if looks_like(sample, &short, usual) => Some(usual),
        _ => {
            let script = script_of(short.text);
            let usual =
                || usual.filter(|code| script.is_none_or(|s| can_write(code, s)) && !has_foreign_cyrillic(short.text));
            detected(&short, script).or_else(usual)
        }
    }
}

/// A quick look at a text from a place where `usual` is spoken. Cyrillic is one to the quick model, so there the
/// letters have to show it.
fn looks_like(sample: &str, short: &Sample<'_>, usual: &str) -> bool {
    if usual == "ru" {
        return sample.contains(['ы', 'э', 'Ы', 'Э']) && !has_foreign_cyrillic(sample);
    }
    quick_look(super::lead(short.text, GLANCE_CHARS)) == Some(usual) || {
        let guess = short.quick();
        guess == Some(usual) || is_witnessed(short.text, usual, guess)
    }
}

/// Whether a text is in another language than the one declared, for certain: its letters are none of it, or it has hardly a stop word
/// of it and all else speaks for another. Systems that publish in any language declare English where nobody has told them better.
fn is_belied(sample: &Sample<'_>, short: &Sample<'_>, declared: &str) -> bool {
    if is_belied_by_letters(sample.text, declared) {
        return true;
    }
    let guess = short.quick().filter(|guess| *guess != declared);
    if !has_stop_words(declared) {
        let kinless = guess.filter(|code| is_kinless(code) && is_witnessed(sample.text, code, None));
        return kinless.is_some_and(|code| certain(sample) == Some(code));
    }
    guess.is_some_and(|guess| is_witnessed(sample.text, guess, Some(declared)))
        || (is_without_stop_words(sample.text, declared)
            && sample.quick() != Some(declared)
            && certain(sample).is_some_and(|code| code != declared))
}

/// Whether letters show that a text isn't in the language declared.
fn is_belied_by_letters(sample: &str, declared: &str) -> bool {
    let words_with = |is_one: &dyn Fn(&str) -> bool| sample.split_whitespace().filter(|word| is_one(word)).count();
    let has = |letters: &'static [char]| move |word: &str| word.contains(letters);
    match declared {
        "ru" => {
            // A name in another language is quoted in Russian; letters that Russian and Belarusian alone have show which of the two it is.
            let foreign = words_with(&has_foreign_cyrillic);
            let is_quoted = sample.contains(['ы', 'э', 'ъ', 'Ы', 'Э', 'Ъ']);
            (foreign >= FOREIGN_WORDS && !is_quoted)
                || (foreign > FOREIGN_WORDS && foreign * FOREIGN_SHARE >= words_with(&|_| true))
                || words_with(&has_bulgarian_hard_sign) >= FOREIGN_WORDS
        }
        "uk" => words_with(&has(&['ы', 'э', 'ъ'])) >= FOREIGN_WORDS && !sample.contains(['і', 'ї', 'є', 'І', 'Ї', 'Є']),
        "bg" | "mk" | "sr" => words_with(&has(&['ы', 'э'])) >= FOREIGN_WORDS,
        "be" => words_with(&has(&['и', 'щ', 'ъ'])) >= FOREIGN_WORDS && !sample.contains(['і', 'ў', 'І', 'Ў']),
        // No sentence of theirs is without a letter of their own.
        "kk" | "ky" | "mn" | "tg" | "tt" => {
            words_with(&|word| word.contains(is_cyrillic)) >= SENTENCE_WORDS && !has_foreign_cyrillic(sample)
        }
        "zh" => has_kana(sample),
        // Persian and Urdu have letters that Arabic hasn't, and never those that no Arabic sentence is without.
        "ar" => {
            words_with(&has(&['پ', 'چ', 'ژ', 'گ', 'ک', 'ی', 'ے'])) > FOREIGN_WORDS && !sample.contains(['ي', 'ة', 'ى'])
        }
        _ => false,
    }
}

/// Whether a text says hardly one of the words that any text in `code` is full of. Capitals don't count: names are in no language, and
/// titles in capitals have few such words.
fn is_without_stop_words(sample: &str, code: &str) -> bool {
    let words = sample.split(|c: char| !c.is_alphanumeric()).filter(|word| word.starts_with(char::is_lowercase));
    let (stops, mut folded) = (StopWords::of(Some(code)), String::new());
    let (mut spoken, mut all) = (0, 0);
    for word in words {
        folded.clear();
        fold_into(word, &mut folded);
        spoken += usize::from(stops.hold(&folded));
        all += 1;
    }
    all >= ENOUGH_WORDS && spoken * STOP_SHARE < all
}

/// What the detector is sure of, or the quick model says too.
fn certain(sample: &Sample<'_>) -> Option<&'static str> {
    let found = sample.found()?;
    code_of(found.lang()).filter(|code| found.is_reliable() || sample.quick() == Some(code))
}

/// Whether a hard sign stands where Russian has none: before a consonant, or at the end.
fn has_bulgarian_hard_sign(word: &str) -> bool {
    let mut letters = word.chars().skip_while(|c| *c != 'ъ').skip(1);
    word.contains('ъ') && !letters.next().is_some_and(|next| matches!(next, 'е' | 'ё' | 'ю' | 'я'))
}

/// Whether Japanese syllables stand in it, and are no title that Chinese quotes.
fn has_kana(sample: &str) -> bool {
    let is_kana = |c: &char| matches!(c, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}');
    let mut is_quoted = false;
    let own = sample.chars().filter(|letter| {
        match letter {
            '《' | '「' | '『' | '“' => is_quoted = true,
            '》' | '」' | '』' | '”' => is_quoted = false,
            _ => {}
        }
        !is_quoted
    });
    let kana = own.filter(is_kana).count();
    kana >= KANA && kana * KANA_SHARE >= sample.chars().filter(|c| *c >= '\u{3041}' && c.is_alphabetic()).count()
}

fn is_cyrillic(letter: char) -> bool {
    matches!(letter, '\u{400}'..='\u{52f}')
}

/// Languages that none of those known here is taken for.
fn is_kinless(code: &str) -> bool {
    matches!(code, "en" | "de" | "fr" | "it")
}

/// A language that the quick model and its stop words agree on, of those that have no kin which shares both.
fn evident(sample: &Sample<'_>, short: &Sample<'_>) -> Option<&'static str> {
    let guess = short.quick().filter(|code| is_kinless(code));
    guess.filter(|code| is_witnessed(sample.text, code, None))
}

/// Whether the stop words that stand in a text speak for `code`, and not for `other`.
fn is_witnessed(sample: &str, code: &str, other: Option<&str>) -> bool {
    let words = fold(sample);
    let words = words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let of = |code| {
        let stops = has_stop_words(code).then(|| StopWords::of(Some(code)))?;
        let mut spoken: Vec<&str> = words.clone().filter(|word| stops.hold(word)).collect();
        spoken.sort_unstable();
        spoken.dedup();
        Some(spoken.len())
    };
    let beaten = |spoken: usize| other.is_none_or(|other| of(other).is_some_and(|by_other| spoken > 2 * by_other));
    of(code).is_some_and(|spoken| spoken >= WITNESSES && beaten(spoken))
}

/// Whether the stop words of a language in Latin letters are known.
fn has_stop_words(code: &str) -> bool {
    matches!(code, "en" | "de" | "fr" | "es" | "pt" | "it" | "pl" | "cs" | "sk")
}

/// What a linear model says that knows few languages and is never in doubt: good for a second opinion. `None` for the
/// languages that it takes others for.
fn quick_look(sample: &str) -> Option<&'static str> {
    if sample.is_empty() {
        return None;
    }
    match whichlang::detect_language(sample) {
        Quick::Deu => Some("de"),
        Quick::Eng => Some("en"),
        Quick::Spa => Some("es"),
        Quick::Fra => Some("fr"),
        Quick::Ita => Some("it"),
        Quick::Nld => Some("nl"),
        Quick::Por => Some("pt"),
        Quick::Swe => Some("sv"),
        Quick::Tur => Some("tr"),
        Quick::Vie => Some("vi"),
        Quick::Ara | Quick::Cmn | Quick::Hin | Quick::Jpn | Quick::Kor | Quick::Rus => None,
    }
}

/// Letters of no Slavic language.
const TURKIC: [char; 9] = ['ә', 'ғ', 'қ', 'ң', 'ө', 'ұ', 'ү', 'һ', 'ҳ'];

/// Whether Cyrillic letters stand in it that Russian hasn't.
fn has_foreign_cyrillic(sample: &str) -> bool {
    sample.chars().any(|c| matches!(c, '\u{400}' | '\u{402}'..='\u{40f}' | '\u{450}' | '\u{452}'..='\u{52f}'))
}

fn subtag(hint: &str) -> Option<&'static str> {
    let primary = hint.trim().split(['-', '_']).next()?.to_ascii_lowercase();
    let code = if primary == "cmn" { "zh" } else { primary.as_str() };
    if code == "zh" {
        return Some("zh");
    }
    KNOWN.iter().find(|(known, _)| *known == code).map(|(known, _)| *known)
}

fn detected(of: &Sample<'_>, script: Option<Script>) -> Option<&'static str> {
    let sample = of.text;
    if has_kana(sample) {
        return Some("ja");
    }
    // The detector knows no Turkic language in Cyrillic letters and takes them for Slavic ones.
    if sample.contains(TURKIC) {
        return Some("kk").filter(|_| sample.contains(['і', 'ұ']) && sample.contains(['қ', 'ғ', 'ә', 'ң']));
    }
    let found = of.found()?;
    let code = code_of(found.lang());
    // Where the detector is not sure, another one that says the same makes it so.
    if found.is_reliable() || (script == Some(Script::Latin) && code.is_some() && of.quick() == code) {
        return code;
    }
    // A headline is often too short for statistics to be sure; the letters that only one of the languages has are.
    match (script, found.lang()) {
        (Some(Script::Cyrillic), Lang::Rus) if !has_foreign_cyrillic(sample) => Some("ru"),
        (Some(Script::Cyrillic), _) if sample.contains(['ї', 'є', 'ґ', 'Ї', 'Є']) => Some("uk"),
        (Some(Script::Cyrillic), _)
            if sample.contains(['і', 'І']) && !sample.contains(['ы', 'э', 'ў', 'Ы', 'Э', 'Ў']) =>
        {
            Some("uk").filter(|_| !has_foreign_cyrillic(&sample.replace(['і', 'І'], "")))
        }
        _ => None,
    }
}

fn code_of(lang: Lang) -> Option<&'static str> {
    if lang == Lang::Cmn {
        return Some("zh");
    }
    KNOWN.iter().find(|(_, known)| *known == Some(lang)).map(|(code, _)| *code)
}

/// Whether a language is written in a script; only contradictions that are sure count.
fn can_write(code: &str, script: Script) -> bool {
    match script {
        Script::Cyrillic => matches!(
            code,
            "ru" | "uk"
                | "be"
                | "bg"
                | "mk"
                | "sr"
                | "bs"
                | "kk"
                | "ky"
                | "mn"
                | "tg"
                | "tt"
                | "uz"
                | "az"
                | "tk"
                | "ro"
        ),
        Script::Latin => !matches!(
            code,
            "ru" | "uk"
                | "be"
                | "bg"
                | "mk"
                | "mn"
                | "ky"
                | "tg"
                | "el"
                | "he"
                | "ar"
                | "fa"
                | "ur"
                | "ps"
                | "th"
                | "hi"
                | "zh"
                | "ja"
                | "ko"
                | "ka"
                | "hy"
                | "am"
                | "bn"
                | "ta"
                | "te"
                | "ml"
                | "kn"
                | "my"
                | "km"
                | "lo"
                | "si"
        ),
        Script::Arabic => matches!(code, "ar" | "fa" | "ur" | "ps" | "az" | "uz" | "kk" | "ms" | "pa" | "tk" | "tt"),
        Script::Mandarin => matches!(code, "zh" | "ja" | "ko"),
        Script::Hiragana | Script::Katakana => code == "ja",
        Script::Hangul => code == "ko",
        Script::Greek => code == "el",
        Script::Hebrew => code == "he",
        Script::Thai => code == "th",
        Script::Armenian
        | Script::Bengali
        | Script::Devanagari
        | Script::Ethiopic
        | Script::Georgian
        | Script::Gujarati
        | Script::Gurmukhi
        | Script::Kannada
        | Script::Khmer
        | Script::Malayalam
        | Script::Myanmar
        | Script::Oriya
        | Script::Sinhala
        | Script::Tamil
        | Script::Telugu => true,
    }
}

/// The languages that a text may be found to be in, each with its code of three letters (ISO 639-3) where the detector knows it.
pub fn languages() -> impl Iterator<Item = (&'static str, Option<&'static str>)> {
    let known = KNOWN.iter().map(|(code, detected)| (*code, detected.map(|lang| lang.code())));
    known.chain([("zh", Some(Lang::Cmn.code()))])
}

/// Whether this is a primary language subtag (RFC 5646) as it is written here: two or three small letters.
pub fn is_language(text: &str) -> bool {
    (2..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert_eq, proptest};
    use whatlang::detect_script;

    use super::script_of;

    proptest! {
        #[test]
        fn a_script_is_found_by_counting_as_by_asking(text in "([ a-zA-Zа-яА-Я0-9.,éß«»–—…’\u{7f}\u{483}]|\\PC){0,40}") {
            prop_assert_eq!(script_of(&text), detect_script(&text));
        }

        #[test]
        fn and_so_in_latin_and_cyrillic_letters_alone(text in "[ a-fА-ф0-9—é\u{a0}]{0,9}") {
            prop_assert_eq!(script_of(&text), detect_script(&text));
        }
    }
}
