//! The model as it is published, and the packed file that is made of it once.
//!
//! The vocabulary is a `SentencePiece` model file (a protocol buffer: `sentencepiece_model.proto`), with the normalisation as a
//! double-array trie of the darts-clone library; the numbers are `NumPy`'s arrays (`numpy.lib.format`).

use std::collections::{BTreeMap, BTreeSet};

use super::bytes::{Bytes, put_f32s};
use super::network::{BRANCH, BRANCHES, EPSILON, FEATURES, LAYERS, put_layer};
use super::normal::Normal;
use super::packed::pack;
use super::pieces::{PIECES_MAX, PieceId, Pieces};
use super::row::{LEVEL_MAX, Row};
use super::vector::WIDTH;

mod array;
mod charsmap;
mod message;

pub use array::Array;
use message::{Field, fields};

/// Layers' names in the order of the packed file, and their biases'.
const NAMES: [(&str, &str); LAYERS.len()] = [
    ("proj2", "proj_b2"),
    ("proj3", "proj_b3"),
    ("proj5", "proj_b5"),
    ("w1_2", "b1_2"),
    ("w2_2", "b2_2"),
    ("w1_3", "b1_3"),
    ("w2_3", "b2_3"),
    ("w1_5", "b1_5"),
    ("w2_5", "b2_5"),
    ("cnn_W", "cnn_b"),
    ("d0", ""),
    ("p1", ""),
    ("d1", ""),
    ("d2", ""),
    ("p3", ""),
    ("d3", ""),
];

/// Names of the norms' scales and shifts, which stand one after the other.
const PROJECT_NORM: [[&str; 3]; 2] = [["ln_g2", "ln_g3", "ln_g5"], ["ln_b2", "ln_b3", "ln_b5"]];

/// Tables of rows: piece `i` has row `i / 17` of table `q(i % 17 + 1)`.
const TABLES: usize = 17;

/// Why what is published can't be packed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{part} is not as this program knows it: {found}")]
pub struct Unfit {
    /// Which file or array.
    pub part: String,
    /// What is otherwise.
    pub found: String,
}

fn unfit(part: &str, found: impl Into<String>) -> Unfit {
    Unfit { part: part.to_owned(), found: found.into() }
}

/// Packs a vocabulary and arrays by their names. `source` is the SHA-256 of what they came in.
///
/// # Errors
/// When something is missing or of another shape.
pub fn packed(vocabulary: &[u8], arrays: &BTreeMap<String, Array>, source: [u8; 32]) -> Result<Vec<u8>, Unfit> {
    let pieces = pieces(vocabulary)?;
    let network = network(arrays)?;
    let table = Table::of(arrays)?;
    let rows: Vec<Row> = (0..pieces.count()).map(|piece| table.row(piece)).collect::<Result<_, _>>()?;
    Ok(pack(source, &pieces, &network, rows.into_iter()))
}

/// What kind of piece one is, as the model file numbers them.
const NORMAL: u64 = 1;
const UNKNOWN: u64 = 2;
const CONTROL: u64 = 3;
const USER_DEFINED: u64 = 4;

/// Reads the `SentencePiece` model. Pieces that mark something (unknown, begin, end) are no text: "<s>" written in a headline isn't
/// the begin of one.
fn pieces(model: &[u8]) -> Result<Pieces, Unfit> {
    const FILE: &str = "the vocabulary";
    let broken = || unfit(FILE, "it can't be read to its end");
    let mut text_pieces: Vec<(&[u8], PieceId)> = Vec::new();
    let mut scores = Vec::new();
    let mut kinds = Vec::new();
    let mut normal = None;
    for field in fields(model) {
        match field.ok_or_else(broken)? {
            (1, Field::Bytes(piece)) => {
                let (text, score, kind) = piece_of(piece).ok_or_else(broken)?;
                let id = u32::try_from(scores.len()).ok().filter(|id| *id < PIECES_MAX).ok_or_else(broken)?;
                if kind == NORMAL || kind == USER_DEFINED {
                    text_pieces.push((text, id));
                }
                kinds.push(kind);
                scores.push(score);
            }
            (3, Field::Bytes(spec)) => normal = Some(normalizer(spec).ok_or_else(|| unfit(FILE, "its normalisation"))?),
            _ => {}
        }
    }
    if !kinds.starts_with(&[UNKNOWN, CONTROL, CONTROL]) {
        return Err(unfit(FILE, "it doesn't begin with unknown, begin and end"));
    }
    text_pieces.sort_unstable();
    let normal = normal.ok_or_else(|| unfit(FILE, "it has no normalisation"))?;
    Pieces::build(normal, &text_pieces, scores).ok_or_else(|| unfit(FILE, "a piece is there twice"))
}

fn piece_of(piece: &[u8]) -> Option<(&[u8], f32, u64)> {
    let (mut text, mut score, mut kind) = (None, 0.0, NORMAL);
    for field in fields(piece) {
        match field? {
            (1, Field::Bytes(bytes)) => text = Some(str::from_utf8(bytes).ok()?.as_bytes()),
            (2, Field::Four(bytes)) => score = f32::from_le_bytes(bytes),
            (3, Field::Number(number)) => kind = number,
            _ => {}
        }
    }
    text.filter(|_| score.is_finite()).map(|text| (text, score, kind))
}

/// Reads the normalisation: its table, and that it treats white space as [`Normal`] does.
fn normalizer(spec: &[u8]) -> Option<Normal> {
    let mut normal = None;
    for field in fields(spec) {
        match field? {
            (2, Field::Bytes(table)) => normal = Some(Normal::build(&charsmap::entries(table)?)?),
            // A mark before the first word, spaces told once, spaces shown as marks.
            (3..=5, Field::Number(0)) => return None,
            _ => {}
        }
    }
    normal
}

/// The layers and norms, as the packed file has them.
fn network(arrays: &BTreeMap<String, Array>) -> Result<Vec<u8>, Unfit> {
    let mut out = Vec::new();
    for ((name, bias_name), (inputs, outputs, has_bias)) in NAMES.into_iter().zip(LAYERS) {
        let weights = floats(arrays, name, &[inputs, outputs])?;
        let (step, whole) = whole(weights).ok_or_else(|| unfit(name, "its weights are not whole numbers of a step"))?;
        let bias = if has_bias { floats(arrays, bias_name, &[outputs])? } else { &[] };
        let mut by_output = Vec::with_capacity(whole.len());
        for output in 0..outputs {
            by_output.extend(whole.iter().skip(output).step_by(outputs));
        }
        put_layer(&mut out, step, &by_output, bias);
    }
    for names in PROJECT_NORM {
        for name in names {
            put_f32s(&mut out, floats(arrays, name, &[BRANCH])?);
        }
    }
    put_f32s(&mut out, floats(arrays, "ln_g", &[FEATURES])?);
    put_f32s(&mut out, floats(arrays, "ln_b", &[FEATURES])?);
    debug_assert_eq!(BRANCHES, PROJECT_NORM.map(|names| names.len() * BRANCH)[0]);
    match arrays.get("eps") {
        Some(Array::Double(epsilon)) if (epsilon / f64::from(EPSILON) - 1.0).abs() < 1e-3 => Ok(out),
        _ => Err(unfit("eps", format!("expected {EPSILON:e}"))),
    }
}

/// Finds the step of which all weights are whole multiples of -127 to 127, and those.
fn whole(weights: &[f32]) -> Option<(f32, Vec<i8>)> {
    // Of a byte there are 255 sizes at the most; rounding made two of some.
    const SIZES_MAX: usize = 512;
    let mut sizes = BTreeSet::new();
    for weight in weights {
        // Bits of floats above zero are in the floats' order.
        sizes.insert(weight.abs().to_bits());
        if sizes.len() > SIZES_MAX {
            return None;
        }
    }
    let sizes: Vec<f32> = sizes.into_iter().map(f32::from_bits).collect();
    let largest = *sizes.last()?;
    let gaps = sizes.iter().zip(sizes.iter().skip(1)).map(|(size, next)| next - size);
    let gap = gaps.filter(|gap| *gap > largest * 1e-4).fold(largest, f32::min);
    let step = largest / (largest / gap).round();
    let whole = weights.iter().map(|weight| {
        let number = (weight / step).round();
        let fits = number.abs() <= 127.0 && (weight / step - number).abs() < 1e-3;
        #[expect(clippy::cast_possible_truncation, reason = "-127 to 127")]
        fits.then_some(number as i8)
    });
    Some((step, whole.collect::<Option<_>>()?))
}

fn floats<'a>(arrays: &'a BTreeMap<String, Array>, name: &str, shape: &[usize]) -> Result<&'a [f32], Unfit> {
    match arrays.get(name) {
        Some(Array::Floats { shape: found, values }) if found == shape => Ok(values),
        Some(other) => Err(unfit(name, format!("it is {}, not floats of {shape:?}", other.kind()))),
        None => Err(unfit(name, "it is missing")),
    }
}

/// The table of rows in its parts.
struct Table<'a> {
    levels: Vec<&'a [[u8; WIDTH]]>,
    scales: &'a [f32],
    lows: &'a [f32],
}

impl<'a> Table<'a> {
    fn of(arrays: &'a BTreeMap<String, Array>) -> Result<Self, Unfit> {
        let scales = floats(arrays, "scale", &[TABLES])?;
        let lows = floats(arrays, "lo", &[TABLES])?;
        let mut levels = Vec::new();
        for table in 1..=TABLES {
            let name = format!("q{table}");
            match arrays.get(&name) {
                Some(Array::Bytes { shape, values })
                    if shape.get(1..) == Some(&[WIDTH]) && values.iter().all(|level| *level <= LEVEL_MAX) =>
                {
                    levels.push(values.as_chunks().0);
                }
                Some(other) => return Err(unfit(&name, format!("it is {}, not levels of 6 bits", other.kind()))),
                None => return Err(unfit(&name, "it is missing")),
            }
        }
        Ok(Self { levels, scales, lows })
    }

    fn row(&self, piece: usize) -> Result<Row, Unfit> {
        let table = piece % TABLES;
        let row = || {
            let levels = self.levels.get(table)?.get(piece / TABLES)?;
            Some(Row::of(levels, *self.scales.get(table)?, *self.lows.get(table)?))
        };
        row().ok_or_else(|| unfit(&format!("q{}", table + 1), format!("it has no row for piece {piece}")))
    }
}
