//! Whether an encoding that a document declares is believed, where its bytes are not UTF-8.

use encoding_rs::{
    Encoding, ISO_8859_2, ISO_8859_5, ISO_8859_7, ISO_8859_8, KOI8_R, KOI8_U, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252,
    WINDOWS_1253, WINDOWS_1254, WINDOWS_1255, WINDOWS_1256,
};

/// With fewer letters beyond ASCII the detector guesses by chance.
const LETTERS_MIN: usize = 12;
/// Times that small letters outnumber capitals in a text, at least.
const SMALL_SHARE: usize = 3;

/// The encoding that a document is in rather than the declared one, given the detector's guess; `None` where the declaration stands.
pub(super) fn instead(
    bytes: &[u8],
    declared: &'static Encoding,
    had_errors: bool,
    guess: impl FnOnce() -> &'static Encoding,
) -> Option<&'static Encoding> {
    let is_long = bytes.iter().filter(|byte| !byte.is_ascii()).take(LETTERS_MIN).count() == LETTERS_MIN;
    if !is_long {
        return None;
    }
    if !declared.is_single_byte() {
        // What is said to be in one of the encodings of East Asia, and is in another, breaks its rules soon.
        let is_better = |guess: &&'static Encoding| *guess != declared && !guess.decode_without_bom_handling(bytes).1;
        return had_errors.then(guess).filter(is_better);
    }
    if declared == WINDOWS_1252 {
        // Every byte is a letter there, so nothing but the detector can tell; it knows Western text for what it is.
        let is_elsewhere = |guess: &&'static Encoding| !guess.is_single_byte() || ELSEWHERE.contains(guess);
        return Some(guess()).filter(is_elsewhere);
    }
    // Each of the two has its capitals where the other has its small letters.
    if !CYRILLIC.contains(&declared) || is_mostly_small(bytes, declared) {
        return None;
    }
    Some(guess()).filter(|guess| *guess != declared && CYRILLIC.contains(guess) && is_mostly_small(bytes, guess))
}

/// What a document that declares Western letters is in, if it isn't.
static ELSEWHERE: [&Encoding; 12] = [
    WINDOWS_1250,
    WINDOWS_1251,
    WINDOWS_1253,
    WINDOWS_1254,
    WINDOWS_1255,
    WINDOWS_1256,
    ISO_8859_2,
    ISO_8859_5,
    ISO_8859_7,
    ISO_8859_8,
    KOI8_R,
    KOI8_U,
];

static CYRILLIC: [&Encoding; 3] = [WINDOWS_1251, KOI8_R, KOI8_U];

fn is_mostly_small(bytes: &[u8], encoding: &'static Encoding) -> bool {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    let count = |is_one: fn(char) -> bool| text.chars().filter(|c| !c.is_ascii() && is_one(*c)).count();
    count(char::is_lowercase) >= SMALL_SHARE * count(char::is_uppercase)
}
