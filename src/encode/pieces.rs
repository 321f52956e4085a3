//! Text to pieces of words: the likeliest way to cut it, by a vocabulary with a score for each piece.
//!
//! The unigram model of Kudo (2018), "Subword Regularization", section 3.2: a cut's likelihood is the product of its pieces', so the
//! sum of scores, which are logarithms, is made largest by Viterbi's algorithm over the places of the text.

use super::bytes::{Bytes, put_f32s, put_u32};
use super::normal::Normal;
use super::trie::Trie;

/// A piece's number: its row in the table.
pub type PieceId = u32;

/// Stands for a character that no piece holds, and for a text that holds nothing.
pub(super) const UNKNOWN: PieceId = 0;
/// Stands before each text.
pub(super) const BEGIN: PieceId = 1;
/// Stands after each text.
pub(super) const END: PieceId = 2;

/// A character that no piece holds is so much less likely than the unlikeliest piece (`SentencePiece`'s `kUnkPenalty`).
const UNKNOWN_PENALTY: f64 = 10.0;

/// More pieces than any vocabulary has: a limit for a damaged file.
pub(super) const PIECES_MAX: u32 = 1 << 20;

/// Cuts text into pieces.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pieces {
    normal: Normal,
    vocabulary: Trie,
    /// By the piece's number.
    scores: Vec<f32>,
    unknown_score: f64,
}

impl Pieces {
    /// Builds from the pieces that text may be cut into, in ascending order with their numbers, and all pieces' scores.
    pub(super) fn build(normal: Normal, pieces: &[(&[u8], PieceId)], scores: Vec<f32>) -> Option<Self> {
        Some(Self::of(normal, Trie::build(pieces)?, scores))
    }

    fn of(normal: Normal, vocabulary: Trie, scores: Vec<f32>) -> Self {
        let lowest = scores.iter().copied().fold(f32::INFINITY, f32::min);
        Self { normal, vocabulary, unknown_score: f64::from(lowest) - UNKNOWN_PENALTY, scores }
    }

    /// How many pieces there are.
    pub(super) fn count(&self) -> usize {
        self.scores.len()
    }

    /// Cuts `text`: the numbers of its pieces between the two that mark begin and end. Never empty. Takes time in proportion to
    /// the text's length.
    pub(super) fn cut(&self, text: &str) -> Vec<PieceId> {
        let normal = self.normal.apply(text);
        let mut ids = vec![END];
        if normal.is_empty() {
            ids.push(UNKNOWN);
        } else {
            self.likeliest(&normal, &mut ids);
        }
        ids.push(BEGIN);
        ids.reverse();
        ids
    }

    /// Appends the pieces of the likeliest cut, last first. Of cuts that are equally likely, the one whose last piece begins first.
    fn likeliest(&self, text: &str, ids: &mut Vec<PieceId>) {
        let mut places = vec![Place { score: f64::NEG_INFINITY, from: 0, piece: UNKNOWN }; text.len() + 1];
        if let Some(begin) = places.first_mut() {
            begin.score = 0.0;
        }
        for (at, character) in text.char_indices() {
            let so_far = places.get(at).map_or(f64::NEG_INFINITY, |place| place.score);
            let mut reach = |length: usize, score: f64, piece: PieceId| {
                if let Some(place) = places.get_mut(at + length).filter(|place| place.score < so_far + score) {
                    *place = Place { score: so_far + score, from: at, piece };
                }
            };
            let mut is_known = false;
            for (length, piece) in self.vocabulary.prefixes(text.as_bytes().get(at..).unwrap_or_default()) {
                is_known |= length == character.len_utf8();
                let score = usize::try_from(piece).ok().and_then(|piece| self.scores.get(piece));
                reach(length, f64::from(score.copied().unwrap_or_default()), piece);
            }
            if !is_known {
                reach(character.len_utf8(), self.unknown_score, UNKNOWN);
            }
        }
        let mut at = text.len();
        while let Some(place) = places.get(at).filter(|_| at > 0) {
            ids.push(place.piece);
            // Every piece has a length, so that this ends; a place that nothing reached leads to the begin.
            at = place.from;
        }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        self.normal.write(out);
        self.vocabulary.write(out);
        put_u32(out, u32::try_from(self.scores.len()).expect("built with fewer"));
        put_f32s(out, &self.scores);
    }

    /// Reads what [`Pieces::write`] wrote.
    pub(super) fn read(bytes: &mut Bytes<'_>) -> Option<Self> {
        let normal = Normal::read(bytes)?;
        let vocabulary = Trie::read(bytes)?;
        let count = usize::try_from(bytes.u32().filter(|count| *count <= PIECES_MAX)?).ok()?;
        let scores = bytes.f32s(count)?;
        Some(Self::of(normal, vocabulary, scores))
    }
}

/// The likeliest way to a place between two characters.
#[derive(Clone, Copy)]
struct Place {
    score: f64,
    /// Where its last piece begins.
    from: usize,
    piece: PieceId,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// A vocabulary of `pieces`, numbered from 3 on.
    fn vocabulary(pieces: &BTreeMap<String, i8>) -> Pieces {
        let scores: Vec<f32> =
            [0.0; 3].into_iter().chain(pieces.values().map(|score| f32::from(*score) / 8.0)).collect();
        let listed: Vec<(&[u8], PieceId)> = pieces.keys().zip(3..).map(|(piece, id)| (piece.as_bytes(), id)).collect();
        Pieces::build(Normal::default(), &listed, scores).unwrap()
    }

    /// The best sum of scores over every way to cut `text`, tried one by one.
    fn best_of_all(pieces: &Pieces, listed: &BTreeMap<String, i8>, text: &str) -> f64 {
        let Some(character) = text.chars().next() else { return 0.0 };
        let rest = |piece: &str| best_of_all(pieces, listed, text.strip_prefix(piece).unwrap());
        let known = listed.iter().filter(|(piece, _)| text.starts_with(piece.as_str()));
        let cuts = known.map(|(piece, score)| f64::from(*score) / 8.0 + rest(piece));
        let alone = character.to_string();
        let unknown = (!listed.contains_key(&alone)).then(|| pieces.unknown_score + rest(&alone));
        cuts.chain(unknown).fold(f64::NEG_INFINITY, f64::max)
    }

    proptest! {
        #[test]
        fn no_cut_is_likelier_than_the_one_that_is_found(
            listed in prop::collection::btree_map("▁?[aябв]{1,3}", -120i8..0, 1..25),
            text in "[aяб]{1,8}",
        ) {
            let pieces = vocabulary(&listed);
            let names: Vec<&String> = listed.keys().collect();
            let ids = pieces.cut(&text);
            prop_assert_eq!((ids[0], ids[ids.len() - 1]), (BEGIN, END));
            let cut = &ids[1..ids.len() - 1];
            let score: f64 = cut.iter().map(|id| match *id {
                UNKNOWN => pieces.unknown_score,
                known => f64::from(pieces.scores[known as usize]),
            }).sum();
            let normal = format!("▁{text}");
            prop_assert!((score - best_of_all(&pieces, &listed, &normal)).abs() < 1e-9);
            let length: usize = cut.iter().map(|id| if *id == UNKNOWN { 1 } else { names[*id as usize - 3].chars().count() }).sum();
            prop_assert_eq!(length, normal.chars().count());
        }
    }

    #[test]
    fn a_text_of_nothing_is_one_unknown_piece() {
        let pieces = vocabulary(&BTreeMap::from([("a".to_owned(), -8)]));
        assert_eq!(pieces.cut("  "), [BEGIN, UNKNOWN, END]);
        assert_eq!(pieces.cut("aя"), [BEGIN, UNKNOWN, 3, UNKNOWN, END]);
    }
}
