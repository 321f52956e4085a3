//! `SentencePiece`'s table of characters to replace: a double-array trie of darts-clone, then the replacements, each ended by zero.

use super::Bytes;

/// Bytes of all keys, what they begin with in common told once; 262,041 in fact. More is a table that leads in circles.
const STEPS_MAX: usize = 1 << 20;

/// All keys in ascending order, and what they are replaced by.
pub(super) fn entries(table: &[u8]) -> Option<Vec<(String, String)>> {
    let mut bytes = Bytes::of(table);
    let trie_bytes = usize::try_from(bytes.u32()?).ok()?;
    let units = bytes.u32s(trie_bytes / 4)?;
    let replacements = table.get(4 + trie_bytes..)?;
    let trie = Trie { units: &units };
    let mut entries = Vec::new();
    let mut open = vec![(trie.children(0)?, Vec::new())];
    // Keys that end alike share units, so there are more steps than units, but not without end.
    let mut steps = 0;
    while let Some((place, key)) = open.pop() {
        for byte in 1..=u8::MAX {
            let Some((children, value)) = trie.step(place, byte) else { continue };
            steps += 1;
            let mut key = key.clone();
            key.push(byte);
            if let Some(value) = value {
                let replacement = replacements.get(value..)?.split(|byte| *byte == 0).next()?;
                let replacement = String::from_utf8(replacement.to_vec()).ok()?;
                entries.push((String::from_utf8(key.clone()).ok()?, replacement));
            }
            if steps > STEPS_MAX {
                return None;
            }
            open.push((children, key));
        }
    }
    entries.sort_unstable();
    Some(entries)
}

/// Units as in darts-clone's `details::DoubleArrayUnit`: label in the lowest byte, bit 8 for a leaf below, the rest the offset.
struct Trie<'a> {
    units: &'a [u32],
}

impl Trie<'_> {
    fn unit(&self, place: u32) -> Option<u32> {
        self.units.get(usize::try_from(place).ok()?).copied()
    }

    /// Where the children of a unit are counted from.
    fn children(&self, place: u32) -> Option<u32> {
        let unit = self.unit(place)?;
        Some(place ^ ((unit >> 10) << ((unit & 0x200) >> 6)))
    }

    /// Follows `byte`: where the next children are, and the value of the key that ends here.
    fn step(&self, children: u32, byte: u8) -> Option<(u32, Option<usize>)> {
        let place = children ^ u32::from(byte);
        let unit = self.unit(place).filter(|unit| unit & 0x8000_00ff == u32::from(byte))?;
        let children = self.children(place)?;
        let value = if unit & 0x100 == 0 { None } else { Some(self.unit(children)? & 0x7fff_ffff) };
        Some((children, value.map(usize::try_from).transpose().ok()?))
    }
}
