//! The form in which words are compared: no case, no accents, no compatibility variants.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

use super::han::simplified;

/// Returns `text` folded: NFKC, lower case, Latin and Greek accents gone, ё as е, stress marks and Arabic vowel signs
/// and joiners gone, Persian yeh and kaf as Arabic ones, traditional Chinese characters as simplified ones. Cyrillic й and ї stay what they are: there the mark
/// makes another letter. Idempotent.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

/// Appends `text`, folded, to `out`.
///
/// A space composes with nothing, so each word is folded by itself: most need nothing of what the long way does, though an accent stands
/// somewhere in nearly every text.
pub(super) fn fold_into(text: &str, out: &mut String) {
    if fold_simply(text, out) {
        return;
    }
    let mut rest = text;
    while !rest.is_empty() {
        let begun = usize::from(rest.starts_with(' '));
        let next = rest.get(begun..).and_then(|word| word.find(' '));
        let (word, after) = rest.split_at_checked(next.map_or(rest.len(), |at| begun + at)).unwrap_or((rest, ""));
        if !fold_simply(word, out) {
            fold_whole(word, out);
        }
        rest = after;
    }
}

/// Appends a text of which each character folds by itself; `false` where it is none.
fn fold_simply(text: &str, out: &mut String) -> bool {
    if text.is_ascii() {
        let start = out.len();
        out.push_str(text);
        if let Some(added) = out.get_mut(start..) {
            added.make_ascii_lowercase();
        }
        return true;
    }
    let start = out.len();
    out.reserve(text.len());
    for c in text.chars() {
        let Some(folded) = simple(c) else {
            out.truncate(start);
            return false;
        };
        out.push(folded);
    }
    true
}

/// The long way, which all others are short cuts of.
fn fold_whole(text: &str, out: &mut String) {
    let composed: String = text.nfkc().flat_map(char::to_lowercase).collect();
    // Lower case can take a composed letter apart (İ), so it is composed once more.
    composed.nfkc().for_each(|c| push_folded(c, out));
}

/// What folds one by one, without a look at its neighbours: ASCII, the Cyrillic block, dashes and quotation marks. Capitals stand
/// in two runs of the block, each as far from its small letters.
fn simple(c: char) -> Option<char> {
    match c {
        'ё' | 'Ё' => Some('е'),
        '\u{430}'..='\u{45f}' | '\u{491}' | '«' | '»' | '–' | '—' | '‘'..='„' => Some(c),
        '\u{410}'..='\u{42f}' => char::from_u32(u32::from(c) + 0x20),
        '\u{400}'..='\u{40f}' => char::from_u32(u32::from(c) + 0x50),
        '\u{490}' => Some('\u{491}'),
        _ if c.is_ascii() => Some(c.to_ascii_lowercase()),
        _ => None,
    }
}

fn push_folded(c: char, out: &mut String) {
    match c {
        // Combining marks left after composition: accents of no composed letter, stress marks on Cyrillic.
        '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{640}' | '\u{64b}'..='\u{652}' | '\u{670}' => {}
        '\u{c0}'..='\u{24f}' | '\u{370}'..='\u{3ff}' | '\u{1e00}'..='\u{1fff}' => {
            decompose_canonical(c, |part| {
                if !is_combining_mark(part) {
                    push_letter(part, out);
                }
            });
        }
        _ => push_letter(c, out),
    }
}

/// A letter without its accents; some of those that are left have another spelling too.
fn push_letter(c: char, out: &mut String) {
    match c {
        'ё' => out.push('е'),
        'ß' => out.push_str("ss"),
        'æ' => out.push_str("ae"),
        'œ' => out.push_str("oe"),
        'ø' => out.push('o'),
        'ł' => out.push('l'),
        'đ' | 'ð' => out.push('d'),
        'ı' => out.push('i'),
        'ς' => out.push('σ'),
        // Persian, Urdu and Kurdish write yeh and kaf by letters of their own, which look the same within a word.
        'ی' => out.push('ي'),
        'ک' => out.push('ك'),
        '\u{4e00}'..='\u{9fff}' => out.push(simplified(c)),
        _ => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert_eq, proptest};

    use super::{fold, fold_whole};

    fn whole(text: &str) -> String {
        let mut out = String::new();
        fold_whole(text, &mut out);
        out
    }

    #[test]
    fn word_by_word_is_as_all_at_once() {
        for text in [
            "«Ёлка» – “Café” — \u{2018}Straße\u{2019}\u{201e}…  İ ②",
            " \u{301}a \u{308}\u{301} e\u{323} \u{302}",
            "и\u{306} \u{306}и Їжак\u{a0}— \u{1100}\u{1161} \u{11a8}  ",
        ] {
            assert_eq!(fold(text), whole(text), "{text:?}");
        }
    }

    #[test]
    fn each_letter_of_the_cyrillic_block_is_folded_as_by_the_long_way() {
        for c in '\u{400}'..='\u{52f}' {
            let letter = c.to_string();
            assert_eq!(fold(&letter), whole(&letter), "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_folded_word_by_word_as_all_at_once(text in "([ a-zА-яЁёЇé«»–—‘-„\u{300}-\u{36f}]|\\PC){0,60}") {
            prop_assert_eq!(fold(&text), whole(&text));
        }
    }
}
