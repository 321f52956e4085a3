//! Text as the pieces were learnt from it: characters replaced by a table (NFKC and some more), white space made one mark.

use std::collections::BTreeMap;

use super::bytes::{Bytes, put_u32};
use super::trie::Trie;

/// Stands for a space in pieces.
pub(super) const SPACE: char = '\u{2581}';

/// What the table maps to, in all: a limit for a damaged file.
const REPLACEMENTS_BYTES_MAX: u32 = 4_000_000;

/// The table: the longest key at a place gives way to its replacement; what no key begins stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Normal {
    keys: Trie,
    /// Where each replacement ends in `text`; it begins where the one before ends.
    ends: Vec<u32>,
    text: String,
}

impl Normal {
    /// Builds from keys in ascending order and what they are replaced by, of which many are the same.
    pub(super) fn build(replaced: &[(String, String)]) -> Option<Self> {
        let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
        let mut keys: Vec<(&[u8], u32)> = Vec::with_capacity(replaced.len());
        let (mut ends, mut text) = (Vec::new(), String::new());
        for (key, replacement) in replaced {
            let next = u32::try_from(ends.len()).ok()?;
            let number = *numbers.entry(replacement).or_insert(next);
            if number == next {
                text.push_str(replacement);
                ends.push(u32::try_from(text.len()).ok()?);
            }
            keys.push((key.as_bytes(), number));
        }
        Some(Self { keys: Trie::build(&keys)?, ends, text })
    }

    /// Gives `text` with a space mark before each word and none at the end; nothing where nothing is left.
    pub(super) fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + text.len() / 4);
        out.push(SPACE);
        let mut after_space = true;
        let mut rest = text;
        while let Some((replacement, after)) = self.step(rest) {
            rest = after;
            let kept = if after_space { replacement.trim_start_matches(' ') } else { replacement };
            if !kept.is_empty() {
                out.extend(kept.chars().map(|c| if c == ' ' { SPACE } else { c }));
                after_space = kept.ends_with(' ');
            }
        }
        out.truncate(out.trim_end_matches(SPACE).len());
        out
    }

    /// What the beginning of `rest` becomes, and what follows it.
    fn step<'a>(&'a self, rest: &'a str) -> Option<(&'a str, &'a str)> {
        let character = rest.chars().next()?;
        let longest = self.keys.prefixes(rest.as_bytes()).last();
        let replaced = longest.and_then(|(length, at)| Some((self.replacement(at)?, rest.get(length..)?)));
        replaced.or_else(|| rest.split_at_checked(character.len_utf8()))
    }

    fn replacement(&self, at: u32) -> Option<&str> {
        let at = usize::try_from(at).ok()?;
        let begin = match at.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(usize::try_from(begin).ok()?..usize::try_from(*self.ends.get(at)?).ok()?)
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        self.keys.write(out);
        put_u32(out, u32::try_from(self.ends.len()).expect("built with fewer"));
        put_u32(out, u32::try_from(self.text.len()).expect("built with fewer"));
        for end in &self.ends {
            put_u32(out, *end);
        }
        out.extend_from_slice(self.text.as_bytes());
    }

    pub(super) fn read(bytes: &mut Bytes<'_>) -> Option<Self> {
        let keys = Trie::read(bytes)?;
        let mut size = || bytes.u32().filter(|size| *size <= REPLACEMENTS_BYTES_MAX)?.try_into().ok();
        let (count, length): (usize, usize) = (size()?, size()?);
        let ends = bytes.u32s(count)?;
        let text = str::from_utf8(bytes.take(length)?).ok()?.to_owned();
        Some(Self { keys, ends, text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let replaced = [("\t", " "), ("ё", "е"), ("…", "..."), ("\u{200b}", ""), ("e\u{301}", "é"), ("\u{a0}", " ")];
        let mut replaced = replaced.map(|(key, by)| (key.to_owned(), by.to_owned())).to_vec();
        replaced.sort();
        assert_eq!(Normal::build(&replaced).unwrap().apply(text), expected);
    }

    #[test]
    fn words_begin_with_a_mark_and_spaces_are_told_once() {
        check("two  words", "▁two▁words");
        check("  \t two \u{a0} words \t", "▁two▁words");
        check("one", "▁one");
    }

    #[test]
    fn the_longest_key_is_replaced_and_all_else_stays() {
        check("cafe\u{301} ёж…", "▁café▁еж...");
        check("a\u{200b}b 漢字", "▁ab▁漢字");
    }

    #[test]
    fn of_nothing_but_space_nothing_is_left() {
        check("", "");
        check(" \t\u{200b} ", "");
    }
}
