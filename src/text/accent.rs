//! What a folded word is read as before its stem is taken: Snowball knows many endings by their accents, which folding took away.
//!
//! Endings are given back, never looked up in the text: so `resolucion` of a headline in capitals and `resolución` stay one word.

use super::stem::Stemming;

/// Spanish words whose accented end Snowball would take for an ending: `francés` is no plural, `alemán` no verb.
const SPANISH: [(&str, &str); 21] = [
    ("aleman", "alemán"),
    ("capitan", "capitán"),
    ("catalan", "catalán"),
    ("danes", "danés"),
    ("escoces", "escocés"),
    ("finlandes", "finlandés"),
    ("frances", "francés"),
    ("holandes", "holandés"),
    ("huracan", "huracán"),
    ("ingles", "inglés"),
    ("interes", "interés"),
    ("irlandes", "irlandés"),
    ("japones", "japonés"),
    ("libanes", "libanés"),
    ("marques", "marqués"),
    ("musulman", "musulmán"),
    ("neerlandes", "neerlandés"),
    ("portugues", "portugués"),
    ("senegales", "senegalés"),
    ("taliban", "talibán"),
    ("volcan", "volcán"),
];

/// Portuguese: the plurals of `-ão`, and itself.
const PORTUGUESE: [(&str, &str); 6] =
    [("cao", "ção"), ("coes", "ção"), ("ao", "ão"), ("oes", "ão"), ("aos", "ão"), ("aes", "ão")];

/// Romanian: the forms of `-ție`, with the cedilla that Snowball asks for.
const ROMANIAN: [&str; 6] = ["tiilor", "tiile", "tiei", "tie", "tia", "tii"];

/// Shorter words are others: `ao`, `mães`.
const LETTERS_MIN: usize = 4;

/// A folded word with what Snowball needs of its accents; `None` where it needs none.
pub(super) fn given_back(word: &str, rule: Stemming) -> Option<String> {
    let ended = |ending: &str, whole: &str| {
        let start = word.strip_suffix(ending).filter(|start| start.len() + ending.len() >= LETTERS_MIN)?;
        Some(format!("{start}{whole}"))
    };
    match rule {
        Stemming::Spanish => {
            let listed = || SPANISH.iter().find(|(plain, _)| *plain == word).map(|(_, whole)| (*whole).to_owned());
            // Jueces: the plurals of -z; but avances, dulces.
            let of_z = || {
                let start = word.strip_suffix("ces").filter(|start| start.ends_with(['a', 'e', 'i', 'o', 'u']))?;
                Some(format!("{start}z"))
            };
            ended("ion", "ión").or_else(listed).or_else(of_z)
        }
        Stemming::Portuguese => PORTUGUESE.iter().find_map(|(ending, whole)| ended(ending, whole)),
        Stemming::Romanian => {
            let start = ROMANIAN.iter().find_map(|ending| word.strip_suffix(ending))?;
            (!start.is_empty() && !start.ends_with('s')).then(|| format!("{start}ţie"))
        }
        Stemming::Dutch => ended("ties", "tie").or_else(|| ended("sies", "sie")),
        Stemming::Turkish => undotted(word),
        Stemming::None
        | Stemming::Arabic
        | Stemming::Croatian
        | Stemming::Czech
        | Stemming::Danish
        | Stemming::English
        | Stemming::Finnish
        | Stemming::French
        | Stemming::German
        | Stemming::Greek
        | Stemming::Hungarian
        | Stemming::Italian
        | Stemming::Norwegian
        | Stemming::Polish
        | Stemming::Russian
        | Stemming::Swedish
        | Stemming::Tamil => None,
    }
}

/// Turkish: the `i` behind an `a`, as harmony has it, is one without a dot.
fn undotted(word: &str) -> Option<String> {
    let (mut is_back, mut is_changed) = (false, false);
    let harmonic = |letter: char| match letter {
        'i' if is_back => {
            is_changed = true;
            'ı'
        }
        'a' => {
            is_back = true;
            letter
        }
        'e' | 'i' | 'o' | 'u' => {
            is_back = false;
            letter
        }
        _ => letter,
    };
    let read = word.chars().map(harmonic).collect();
    is_changed.then_some(read)
}
