//! What changed between two versions of a text, word by word.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// A stretch of two versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// In both.
    Same(String),
    /// In the old one only.
    Removed(String),
    /// In the new one only.
    Added(String),
}

/// Compares two versions of a text by their words (by their characters where a script writes none apart).
///
/// The old text is all pieces but those added, the new one all but those removed. Changes that only white space keeps
/// apart are one change. Costs grow with the length times the number of changes: give it beginnings, not books.
pub fn difference(old: &str, new: &str) -> Vec<Piece> {
    let (before, after) = (words(old), words(new));
    let mut pieces = Pieces::default();
    for op in capture_diff_slices(Algorithm::Myers, &before, &after) {
        let (removed, added) = (joined(&before, op.old_range()), joined(&after, op.new_range()));
        match op {
            DiffOp::Equal { .. } => pieces.same(&removed),
            DiffOp::Delete { .. } | DiffOp::Insert { .. } | DiffOp::Replace { .. } => pieces.changed(&removed, &added),
        }
    }
    pieces.done()
}

/// Both versions in one line of plain text: `[-old-]{+new+}`.
pub fn marked(pieces: &[Piece]) -> String {
    let mark = |piece: &Piece| match piece {
        Piece::Same(text) => text.clone(),
        Piece::Removed(text) => format!("[-{text}-]"),
        Piece::Added(text) => format!("{{+{text}+}}"),
    };
    pieces.iter().map(mark).collect()
}

fn joined(words: &[&str], range: std::ops::Range<usize>) -> String {
    words.get(range).unwrap_or_default().concat()
}

/// Words, white space and other characters, one after another; nothing is left out.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let kind = Kind::of(first);
        let end = match kind {
            Kind::Single => first.len_utf8(),
            Kind::Word | Kind::Space => rest.find(|c| Kind::of(c) != kind).unwrap_or(rest.len()),
        };
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = after;
    }
    words
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Space,
    /// Stands for itself: a mark, or a character of a script without spaces (Thai, kana, Han).
    Single,
}

impl Kind {
    fn of(c: char) -> Self {
        match c {
            c if c.is_whitespace() => Self::Space,
            '\u{e00}'..='\u{eff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' => Self::Single,
            c if c.is_alphanumeric() => Self::Word,
            _ => Self::Single,
        }
    }
}

/// Pieces in the making.
#[derive(Default)]
struct Pieces {
    done: Vec<Piece>,
    removed: String,
    added: String,
    /// White space after a change: part of it when another change follows.
    space: String,
}

impl Pieces {
    fn same(&mut self, text: &str) {
        let is_changing = !self.removed.is_empty() || !self.added.is_empty();
        if is_changing && text.trim().is_empty() {
            self.space.push_str(text);
            return;
        }
        let space = self.close();
        self.done.push(Piece::Same(space + text));
    }

    fn changed(&mut self, removed: &str, added: &str) {
        let space = std::mem::take(&mut self.space);
        self.removed.push_str(&space);
        self.removed.push_str(removed);
        self.added.push_str(&space);
        self.added.push_str(added);
    }

    /// Ends a change; gives the white space behind it.
    fn close(&mut self) -> String {
        let removed = std::mem::take(&mut self.removed);
        let added = std::mem::take(&mut self.added);
        self.done.extend(Some(removed).filter(|text| !text.is_empty()).map(Piece::Removed));
        self.done.extend(Some(added).filter(|text| !text.is_empty()).map(Piece::Added));
        std::mem::take(&mut self.space)
    }

    fn done(mut self) -> Vec<Piece> {
        let space = self.close();
        self.done.extend(Some(space).filter(|text| !text.is_empty()).map(Piece::Same));
        self.done
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(old: &str, new: &str, expected: &str) {
        assert_eq!(marked(&difference(old, new)), expected);
    }

    #[test]
    fn a_changed_word_stands_beside_what_it_was() {
        check("Adopted with 152 votes", "Adopted with 163 votes", "Adopted with [-152-]{+163+} votes");
        check("The vote is on Monday.", "The vote is on Tuesday next.", "The vote is on [-Monday-]{+Tuesday next+}.");
        check("A draft", "A draft", "A draft");
        check("", "New", "{+New+}");
    }

    #[test]
    fn words_changed_one_after_another_are_one_change() {
        check("The old text stays", "The brand new stays", "The [-old text-]{+brand new+} stays");
    }

    #[test]
    fn scripts_that_write_no_spaces_are_compared_by_their_characters() {
        check("大会通过决议", "大会否决决议", "大会[-通过-]{+否决+}决议");
    }

    proptest! {
        #[test]
        fn the_pieces_are_both_texts(old in "[ab ,é大]{0,24}", new in "[ab ,é大]{0,24}") {
            let pieces = difference(&old, &new);
            let side = |leave: fn(&Piece) -> bool| -> String {
                pieces.iter().filter(|p| !leave(p)).map(|p| match p {
                    Piece::Same(t) | Piece::Removed(t) | Piece::Added(t) => t.as_str(),
                }).collect()
            };
            prop_assert_eq!(side(|p| matches!(p, Piece::Added(_))), old);
            prop_assert_eq!(side(|p| matches!(p, Piece::Removed(_))), new);
        }
    }
}
