//! The packed file: where what lies, and proof that it is whole.
//!
//! A page of head; the pieces and the network, which are read once and kept; the table, a row a piece, of which the rows that a text
//! needs are read when it needs them. Every part has a checksum: the head its own and those of pieces and network, each row its own.

use xxhash_rust::xxh3::xxh3_64;

use super::bytes::{Bytes, put_u32, put_u64};
use super::network::Network;
use super::pieces::{PIECES_MAX, PieceId, Pieces};
use super::row::{ROW_BYTES, Row};
use super::vector::Vector;

/// Begins the file.
const MAGIC: [u8; 8] = *b"tidingsM";
/// Changes with the layout.
const LAYOUT: u32 = 1;
/// The head's place at the begin of the file.
pub const HEAD_BYTES: usize = 128;
/// Pieces and network together; 7 MB in fact. A limit for a damaged file.
const PART_BYTES_MAX: u64 = 64 << 20;

/// Why a file is no packed model, or none any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// It begins otherwise.
    #[error("it is no packed model")]
    Foreign,
    /// Another program's.
    #[error("it has layout {0}, and this program reads layout {LAYOUT}")]
    Layout(u32),
    /// Bytes are not those that were written.
    #[error("its {0} is damaged")]
    Damaged(&'static str),
}

/// A part of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Its first byte.
    pub begin: u64,
    /// Its bytes.
    pub bytes: usize,
    checksum: u64,
}

/// What stands first in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The SHA-256 of what it was packed from.
    pub source: [u8; 32],
    /// How many pieces there are, and so rows.
    pub pieces: u32,
    /// Where the vocabulary lies.
    pub vocabulary: Part,
    /// Where the network lies.
    pub network: Part,
    table: u64,
}

impl Head {
    /// Reads the head.
    ///
    /// # Errors
    /// When the file is another's, or its head is damaged.
    pub fn read(bytes: &[u8; HEAD_BYTES]) -> Result<Self, Flaw> {
        let damaged = Flaw::Damaged("head");
        let (content, checksum) = bytes.split_last_chunk::<8>().ok_or(damaged)?;
        let mut fields = Bytes::of(content);
        if fields.array() != Some(MAGIC) {
            return Err(Flaw::Foreign);
        }
        match fields.u32() {
            Some(LAYOUT) => {}
            other => return Err(Flaw::Layout(other.unwrap_or_default())),
        }
        if u64::from_le_bytes(*checksum) != xxh3_64(content) {
            return Err(damaged);
        }
        Self::fields(fields).ok_or(damaged)
    }

    fn fields(mut fields: Bytes<'_>) -> Option<Self> {
        let pieces = fields.u32().filter(|pieces| *pieces <= PIECES_MAX)?;
        let source = fields.array()?;
        let mut part = || {
            let (begin, bytes, checksum) = (fields.u64()?, fields.u64()?, fields.u64()?);
            let bytes = usize::try_from(bytes).ok().filter(|_| bytes <= PART_BYTES_MAX && begin <= PART_BYTES_MAX)?;
            Some(Part { begin, bytes, checksum })
        };
        let (vocabulary, network) = (part()?, part()?);
        Some(Self { source, pieces, vocabulary, network, table: fields.u64()? })
    }

    /// Where the row of a piece begins; nothing for a piece that isn't there.
    pub fn row(&self, piece: PieceId) -> Option<u64> {
        let rows_before = (piece < self.pieces).then_some(u64::from(piece))?;
        self.table.checked_add(rows_before * ROW_BYTES as u64)
    }

    /// How long the whole file is.
    pub fn file_bytes(&self) -> u64 {
        self.table.saturating_add(u64::from(self.pieces) * ROW_BYTES as u64)
    }
}

/// What is kept in memory: pieces and network.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoder {
    pieces: Pieces,
    network: Network,
}

impl Encoder {
    /// Reads the two parts.
    ///
    /// # Errors
    /// When one is not what was written.
    pub fn read(head: &Head, vocabulary: &[u8], network: &[u8]) -> Result<Self, Flaw> {
        let whole = |part: Part, bytes: &[u8]| (part.checksum == xxh3_64(bytes)).then_some(());
        let pieces = whole(head.vocabulary, vocabulary)
            .and_then(|()| Pieces::read(&mut Bytes::of(vocabulary)))
            .filter(|pieces| u32::try_from(pieces.count()) == Ok(head.pieces))
            .ok_or(Flaw::Damaged("vocabulary"))?;
        let network = whole(head.network, network)
            .and_then(|()| Network::read(&mut Bytes::of(network)))
            .ok_or(Flaw::Damaged("network"))?;
        Ok(Self { pieces, network })
    }

    /// The pieces of a text. Never empty.
    pub fn cut(&self, text: &str) -> Vec<PieceId> {
        self.pieces.cut(text)
    }

    /// The vector of a text whose pieces have these rows; nothing where there are none.
    pub fn vector(&self, rows: &[Row]) -> Option<Vector> {
        self.network.vector(rows)
    }
}

/// Writes the file: `network` as [`super::network::put_layer`] and norms have it, a row for each piece.
pub(super) fn pack(source: [u8; 32], pieces: &Pieces, network: &[u8], rows: impl Iterator<Item = Row>) -> Vec<u8> {
    let mut vocabulary = Vec::new();
    pieces.write(&mut vocabulary);
    let count = u32::try_from(pieces.count()).expect("built with fewer");
    let mut head = Vec::with_capacity(HEAD_BYTES);
    head.extend(MAGIC);
    put_u32(&mut head, LAYOUT);
    put_u32(&mut head, count);
    head.extend(source);
    let mut begin = HEAD_BYTES as u64;
    for part in [vocabulary.as_slice(), network] {
        put_u64(&mut head, begin);
        put_u64(&mut head, part.len() as u64);
        put_u64(&mut head, xxh3_64(part));
        begin += part.len() as u64;
    }
    put_u64(&mut head, begin);
    head.resize(HEAD_BYTES - 8, 0);
    let checksum = xxh3_64(&head);
    put_u64(&mut head, checksum);
    let mut file = head;
    file.reserve_exact(vocabulary.len() + network.len() + pieces.count() * ROW_BYTES);
    file.extend(vocabulary);
    file.extend_from_slice(network);
    for (piece, row) in (0..count).zip(rows) {
        row.write(piece, &mut file);
    }
    file
}
