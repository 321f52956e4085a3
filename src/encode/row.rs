//! A piece's row of the table: 512 levels of 6 bits, what a level stands for, and a checksum.
//!
//! A row is read from disk when a text needs it, so it proves by itself that it is what was written.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::bytes::{Bytes, put_f32s, put_u64};
use super::kernel::{BLOCK, Block};
use super::pieces::PieceId;
use super::vector::WIDTH;

/// Four levels in three bytes, scale and low, checksum.
pub const ROW_BYTES: usize = WIDTH / 4 * 3 + 4 + 4 + 8;

/// The highest level.
pub(super) const LEVEL_MAX: u8 = 63;

/// See the module.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    levels: Box<[u8; WIDTH]>,
    /// What a level is worth.
    pub(super) scale: f32,
    /// What level 0 is worth.
    pub(super) low: f32,
}

impl Row {
    /// Makes the row of levels up to [`LEVEL_MAX`].
    pub(super) fn of(levels: &[u8; WIDTH], scale: f32, low: f32) -> Self {
        Self { levels: Box::new(*levels), scale, low }
    }

    /// Whether bytes are the row of `piece`, as it was written.
    pub fn is_whole(bytes: &[u8; ROW_BYTES], piece: PieceId) -> bool {
        let content = bytes.split_last_chunk::<8>();
        content.is_some_and(|(content, checksum)| u64::from_le_bytes(*checksum) == sum(content, piece))
    }

    /// Reads the row of `piece`; nothing where it is damaged, or another piece's.
    pub fn read(bytes: &[u8; ROW_BYTES], piece: PieceId) -> Option<Self> {
        if !Self::is_whole(bytes, piece) {
            return None;
        }
        let mut content = Bytes::of(bytes);
        let packed = content.take(WIDTH / 4 * 3)?;
        let mut levels = [0; WIDTH];
        for (levels, packed) in levels.as_chunks_mut::<4>().0.iter_mut().zip(packed.as_chunks::<3>().0) {
            let [a, b, c] = *packed;
            *levels = [a & LEVEL_MAX, (a >> 6 | b << 2) & LEVEL_MAX, (b >> 4 | c << 4) & LEVEL_MAX, c >> 2];
        }
        Some(Self::of(&levels, content.f32()?, content.f32()?))
    }

    /// Writes the row of `piece`.
    pub(super) fn write(&self, piece: PieceId, out: &mut Vec<u8>) {
        let begin = out.len();
        for [a, b, c, d] in self.levels.as_chunks::<4>().0 {
            out.extend([a | b << 6, b >> 2 | c << 4, c >> 4 | d << 2]);
        }
        put_f32s(out, &[self.scale, self.low]);
        let checksum = sum(out.get(begin..).unwrap_or_default(), piece);
        put_u64(out, checksum);
    }

    /// Its levels, as inputs of a product.
    pub(super) fn blocks(&self) -> impl Iterator<Item = Block> {
        self.levels.as_chunks::<BLOCK>().0.iter().map(|levels| Block::of(levels.map(i16::from)))
    }

    /// Puts its numbers at the begin of `out`.
    pub(super) fn fill(&self, out: &mut [f32]) {
        for (out, level) in out.iter_mut().zip(self.levels.iter()) {
            *out = self.low + self.scale * f32::from(*level);
        }
    }
}

/// The checksum of a row, with the piece in it: a row in another's place is no right row.
fn sum(content: &[u8], piece: PieceId) -> u64 {
    xxh3_64_with_seed(content, u64::from(piece))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_row_is_read_as_it_was_written_and_not_when_a_bit_of_it_has_turned(
            levels in prop::collection::vec(0..=LEVEL_MAX, WIDTH),
            piece in any::<PieceId>(),
            bit in 0..ROW_BYTES * 8,
        ) {
            let row = Row::of(&levels.try_into().unwrap(), 0.25, -4.5);
            let mut bytes = Vec::new();
            row.write(piece, &mut bytes);
            let mut bytes: [u8; ROW_BYTES] = bytes.try_into().unwrap();
            prop_assert_eq!(Row::read(&bytes, piece), Some(row));
            prop_assert_eq!(Row::read(&bytes, piece.wrapping_add(1)), None);
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(Row::read(&bytes, piece), None);
        }
    }
}
