//! A trie over bytes in three flat arrays, as it lies in the packed file.
//!
//! Nodes stand level by level, so the children of a node are neighbours and one number a node says where they begin. It has
//! nine bytes a node, where a double array has eight and a third of its places empty, and is built in one pass.

use std::collections::VecDeque;

use super::bytes::{Bytes, put_u32};

/// Keys, each with a value below `u32::MAX`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Trie {
    /// The byte that leads to a node; the root's means nothing.
    labels: Vec<u8>,
    /// Where a node's children begin; they end where the next node's do. One more than nodes.
    first: Vec<u32>,
    /// A node's value and one, or 0 where no key ends.
    values: Vec<u32>,
}

/// No trie of ours has more: a limit for what a damaged file may ask to have allocated.
const NODES_MAX: u32 = 4_000_000;

impl Trie {
    /// Builds from keys in ascending order, none twice. Gives nothing where they are not, or one is empty.
    pub(super) fn build(keys: &[(&[u8], u32)]) -> Option<Self> {
        let ascend = keys.is_sorted_by(|a, b| a.0 < b.0);
        if !ascend || keys.iter().any(|(key, value)| key.is_empty() || *value == u32::MAX) {
            return None;
        }
        let mut trie = Self { labels: vec![0], first: Vec::new(), values: vec![0] };
        // Nodes whose children are still to be laid: their keys, and how long the way to them is.
        let mut open = VecDeque::from([(keys, 0usize)]);
        while let Some((keys, depth)) = open.pop_front() {
            trie.first.push(u32::try_from(trie.labels.len()).ok().filter(|nodes| *nodes <= NODES_MAX)?);
            let longer = match keys.split_first() {
                Some(((key, _), rest)) if key.len() == depth => rest,
                _ => keys,
            };
            for children in longer.chunk_by(|a, b| a.0.get(depth) == b.0.get(depth)) {
                let (key, value) = children.first()?;
                trie.labels.push(*key.get(depth)?);
                trie.values.push(if key.len() == depth + 1 { value + 1 } else { 0 });
                open.push_back((children, depth + 1));
            }
        }
        trie.first.push(u32::try_from(trie.labels.len()).ok()?);
        Some(trie)
    }

    /// The keys that `text` begins with, shortest first: length and value.
    pub(super) fn prefixes<'a>(&'a self, text: &'a [u8]) -> Prefixes<'a> {
        Prefixes { trie: self, rest: text.iter(), node: 0, length: 0 }
    }

    fn child(&self, node: usize, byte: u8) -> Option<usize> {
        let begin = usize::try_from(*self.first.get(node)?).ok()?;
        let end = usize::try_from(*self.first.get(node + 1)?).ok()?;
        Some(begin + self.labels.get(begin..end)?.binary_search(&byte).ok()?)
    }

    /// As it lies in the file: the number of nodes, then the arrays.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        put_u32(out, u32::try_from(self.labels.len()).expect("a trie was built with fewer nodes"));
        for number in self.first.iter().chain(&self.values) {
            put_u32(out, *number);
        }
        out.extend_from_slice(&self.labels);
    }

    /// Reads what [`Trie::write`] wrote. Whatever the numbers say, looking up stays within them.
    pub(super) fn read(bytes: &mut Bytes<'_>) -> Option<Self> {
        let nodes = usize::try_from(bytes.u32().filter(|nodes| *nodes <= NODES_MAX)?).ok()?;
        let first = bytes.u32s(nodes + 1)?;
        let values = bytes.u32s(nodes)?;
        let labels = bytes.take(nodes)?.to_vec();
        Some(Self { labels, first, values })
    }
}

/// See [`Trie::prefixes`].
pub(super) struct Prefixes<'a> {
    trie: &'a Trie,
    rest: std::slice::Iter<'a, u8>,
    node: usize,
    length: usize,
}

impl Iterator for Prefixes<'_> {
    type Item = (usize, u32);

    fn next(&mut self) -> Option<(usize, u32)> {
        loop {
            self.node = self.trie.child(self.node, *self.rest.next()?)?;
            self.length += 1;
            if let Some(value) = self.trie.values.get(self.node)?.checked_sub(1) {
                return Some((self.length, value));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_finds_the_keys_that_a_text_begins_with_and_no_others(
            keys in prop::collection::btree_map("[abя]{1,4}", 0u32..1000, 0..40),
            text in "[abя]{0,8}",
        ) {
            let listed: Vec<(&[u8], u32)> = keys.iter().map(|(key, value)| (key.as_bytes(), *value)).collect();
            let built = Trie::build(&listed).unwrap();
            let mut file = Vec::new();
            built.write(&mut file);
            let trie = Trie::read(&mut Bytes::of(&file)).unwrap();
            let expected: BTreeMap<usize, u32> =
                keys.iter().filter(|(key, _)| text.starts_with(key.as_str())).map(|(key, value)| (key.len(), *value)).collect();
            prop_assert_eq!(trie.prefixes(text.as_bytes()).collect::<Vec<_>>(), expected.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn keys_out_of_order_or_twice_or_empty_are_refused() {
        assert_eq!(Trie::build(&[(b"b", 0), (b"a", 1)]), None);
        assert_eq!(Trie::build(&[(b"a", 0), (b"a", 1)]), None);
        assert_eq!(Trie::build(&[(b"", 0)]), None);
    }
}
