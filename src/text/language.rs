//! Which language a text is in: what it declares, else what its letters say.

use std::collections::BTreeSet;

use whatlang::{Lang, Script, detect, detect_script};
use whichlang::Lang as Quick;

use super::fold::fold;
use super::stop_words::stop_word;

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
    let sample = super::lead(text, SAMPLE_CHARS);
    let script = detect_script(sample);
    let declared = hint.and_then(subtag).filter(|code| script.is_none_or(|s| can_write(code, s)));
    let declared = declared.filter(|code| !is_belied(sample, code));
    declared.or_else(|| evident(sample)).or_else(|| detected(sample, script))
}

/// As [`language`] without a hint, of a text from a place where `usual` is spoken: a feed, mostly in one language.
///
/// A text that a quick look finds in the usual language is in it; else the detector speaks, and where it is not sure (a
/// headline is too short for it) the usual language stands. The quick look takes a thirtieth of the detector's time.
pub fn language_among(text: &str, usual: Option<&'static str>) -> Option<&'static str> {
    let sample = super::lead(text, SAMPLE_CHARS);
    match usual {
        Some(usual) if looks_like(sample, usual) => Some(usual),
        _ => {
            let sample = super::lead(sample, SHORT_CHARS);
            let script = detect_script(sample);
            let usual =
                || usual.filter(|code| script.is_none_or(|s| can_write(code, s)) && !has_foreign_cyrillic(sample));
            detected(sample, script).or_else(usual)
        }
    }
}

/// A quick look at a text from a place where `usual` is spoken. Cyrillic is one to the quick model, so there the
/// letters have to show it.
fn looks_like(sample: &str, usual: &str) -> bool {
    if usual == "ru" {
        return sample.contains(['ы', 'э', 'Ы', 'Э']) && !has_foreign_cyrillic(sample);
    }
    let short = super::lead(sample, SHORT_CHARS);
    quick_look(super::lead(short, GLANCE_CHARS)) == Some(usual) || {
        let guess = quick_look(short);
        guess == Some(usual) || is_witnessed(short, usual, guess)
    }
}

/// Whether a text is in another language than the one declared, for certain: its letters are none of it, or the quick model and many
/// stop words speak for another. Systems that publish in any language declare English where nobody has told them better.
fn is_belied(sample: &str, declared: &str) -> bool {
    if declared == "ru" {
        // A name in another language is quoted in Russian; letters that Russian and Belarusian alone have show which of the two it is.
        let foreign = sample.split_whitespace().filter(|word| has_foreign_cyrillic(word)).count();
        return foreign >= FOREIGN_WORDS && !sample.contains(['ы', 'э', 'ъ', 'Ы', 'Э', 'Ъ']);
    }
    let guess = if has_stop_words(declared) { quick_look(super::lead(sample, SHORT_CHARS)) } else { None };
    guess.is_some_and(|guess| guess != declared && is_witnessed(sample, guess, Some(declared)))
}

/// A language that the quick model and its stop words agree on, of those that have no kin which shares both.
fn evident(sample: &str) -> Option<&'static str> {
    let guess = quick_look(super::lead(sample, SHORT_CHARS)).filter(|code| matches!(*code, "en" | "de" | "fr" | "it"));
    guess.filter(|code| is_witnessed(sample, code, None))
}

/// Whether the stop words that stand in a text speak for `code`, and not for `other`.
fn is_witnessed(sample: &str, code: &str, other: Option<&str>) -> bool {
    let words = fold(sample);
    let words: BTreeSet<&str> = words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let of = |code| has_stop_words(code).then(|| words.iter().filter(|word| stop_word(Some(code), word)).count());
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

fn detected(sample: &str, script: Option<Script>) -> Option<&'static str> {
    let found = detect(sample)?;
    let code = code_of(found.lang());
    // Where the detector is not sure, another one that says the same makes it so.
    if found.is_reliable() || (script == Some(Script::Latin) && code.is_some() && quick_look(sample) == code) {
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

/// Whether this is a primary language subtag (RFC 5646) as it is written here: two or three small letters.
pub fn is_language(text: &str) -> bool {
    (2..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase())
}
