//! A model that was made up, from the files it would be published in to its vectors.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::network::{BRANCH, EPSILON, FEATURES, HIDDEN, WINDOWS};
use super::*;

/// Text pieces with their scores, from number 3 on.
const PIECES: [(&str, f32); 9] = [
    ("▁", -2.0),
    ("a", -3.0),
    ("b", -3.5),
    ("▁ab", -4.0),
    ("я", -3.0),
    ("▁яя", -5.0),
    ("漢", -6.0),
    (".", -2.5),
    ("ba", -4.5),
];

fn below(state: &mut u64, n: u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 33) % n
}

fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length >= 0x80 {
        out.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    out.push(u8::try_from(length).unwrap());
    [out, bytes.to_vec()].concat()
}

/// A `SentencePiece` model file of [`PIECES`], which makes a space of a tab and three dots of an ellipsis.
fn vocabulary() -> Vec<u8> {
    let piece = |text: &str, score: f32, kind: u8| {
        let score = [&[0x15][..], &score.to_le_bytes()].concat();
        field(1, &[field(1, text.as_bytes()), score, vec![0x18, kind]].concat())
    };
    let marks = [piece("<unk>", 0.0, 2), piece("<s>", 0.0, 3), piece("</s>", 0.0, 3)].concat();
    let text = PIECES.map(|(text, score)| piece(text, score, 1)).concat();
    let normalizer = field(3, &[field(1, b"made_up"), field(2, &charsmap(&[("\t", " "), ("…", "...")]))].concat());
    [marks, text, normalizer].concat()
}

/// A double array in which each node has 256 places for its children.
fn charsmap(replaced: &[(&str, &str)]) -> Vec<u8> {
    let mut nodes: Vec<&[u8]> = vec![b""];
    for (key, _) in replaced {
        nodes.extend((1..=key.len()).map(|end| &key.as_bytes()[..end]));
    }
    let children = |node: &[u8]| u32::try_from(nodes.iter().position(|n| *n == node).unwrap() + 1).unwrap() * 256;
    let mut units = vec![0u32; (nodes.len() + 2) * 256];
    units[0] = children(b"") << 10;
    let mut text = Vec::new();
    for node in &nodes[1..] {
        let (label, parent) = node.split_last().unwrap();
        let place = children(parent) ^ u32::from(*label);
        let unit = &mut units[place as usize];
        *unit = (place ^ children(node)) << 10 | u32::from(*label);
        if let Some((_, replacement)) = replaced.iter().find(|(key, _)| key.as_bytes() == *node) {
            *unit |= 0x100;
            units[children(node) as usize] = 0x8000_0000 | u32::try_from(text.len()).unwrap();
            text.extend_from_slice(replacement.as_bytes());
            text.push(0);
        }
    }
    let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    [&u32::try_from(bytes.len()).unwrap().to_le_bytes()[..], &bytes, &text].concat()
}

/// Arrays of the right names and shapes, and numbers of no meaning.
fn arrays() -> BTreeMap<String, Array> {
    let mut state = 88_172_645_463_325_252;
    let mut floats = |shape: &[usize], step: f32, middle: f32| {
        let count = shape.iter().product();
        let number = |_| middle + step * (f32::from(u8::try_from(below(&mut state, 255)).unwrap()) - 127.0);
        Array::Floats { shape: shape.to_vec(), values: (0..count).map(number).collect() }
    };
    let mut arrays = BTreeMap::new();
    for (order, _) in WINDOWS {
        arrays.insert(format!("proj{order}"), floats(&[WIDTH, BRANCH], 0.0005, 0.0));
        for look in ["w1", "w2"] {
            arrays.insert(format!("{look}_{order}"), floats(&[order * BRANCH, BRANCH], 0.0005, 0.0));
        }
        for (name, middle) in [("proj_b", 0.0), ("ln_g", 1.0), ("ln_b", 0.0)] {
            arrays.insert(format!("{name}{order}"), floats(&[BRANCH], 0.003, middle));
        }
        for name in ["b1", "b2"] {
            arrays.insert(format!("{name}_{order}"), floats(&[BRANCH], 0.003, 0.0));
        }
    }
    arrays.insert("ln_g".to_owned(), floats(&[FEATURES], 0.003, 1.0));
    arrays.insert("ln_b".to_owned(), floats(&[FEATURES], 0.003, 0.0));
    arrays.insert("cnn_W".to_owned(), floats(&[FEATURES, WIDTH], 0.0004, 0.0));
    arrays.insert("cnn_b".to_owned(), floats(&[WIDTH], 0.001, 0.0));
    for (name, inputs, outputs) in [
        ("d0", WIDTH, HIDDEN),
        ("p1", WIDTH, HIDDEN),
        ("d1", HIDDEN, HIDDEN),
        ("d2", HIDDEN, WIDTH),
        ("p3", HIDDEN, WIDTH),
        ("d3", WIDTH, WIDTH),
    ] {
        arrays.insert(name.to_owned(), floats(&[inputs, outputs], 0.0006, 0.0));
    }
    arrays.insert("scale".to_owned(), floats(&[17], 0.001, 0.25));
    arrays.insert("lo".to_owned(), floats(&[17], 0.01, -8.0));
    arrays.insert("eps".to_owned(), Array::Double(f64::from(EPSILON)));
    for table in 1..=17 {
        let values = (0..WIDTH).map(|_| u8::try_from(below(&mut state, 64)).unwrap()).collect();
        arrays.insert(format!("q{table}"), Array::Bytes { shape: vec![1, WIDTH], values });
    }
    arrays
}

/// The packed file of it.
pub(crate) static FILE: LazyLock<Vec<u8>> = LazyLock::new(|| packed(&vocabulary(), &arrays(), [7; 32]).unwrap());

fn head(file: &[u8]) -> Result<Head, Flaw> {
    Head::read(file.first_chunk().unwrap())
}

fn encoder(file: &[u8]) -> Result<Encoder, Flaw> {
    let head = head(file)?;
    let part = |part: Part| &file[usize::try_from(part.begin).unwrap()..][..part.bytes];
    Encoder::read(&head, part(head.vocabulary), part(head.network))
}

fn row(file: &[u8], piece: PieceId) -> Option<Row> {
    let place = usize::try_from(head(file).unwrap().row(piece)?).unwrap();
    Row::read(file[place..].first_chunk()?, piece)
}

/// What the arrays say by plain formulas in 64 bits: see `network`.
struct Plainly(BTreeMap<String, Array>);

type Rows = Vec<Vec<f64>>;

impl Plainly {
    fn floats(&self, name: &str) -> Vec<f64> {
        match &self.0[name] {
            Array::Floats { values, .. } => values.iter().map(|value| f64::from(*value)).collect(),
            Array::Bytes { .. } | Array::Double(_) => panic!("{name} is no floats"),
        }
    }

    fn times(&self, rows: &Rows, name: &str) -> Rows {
        let weights = self.floats(name);
        let outputs = weights.len() / rows[0].len();
        let product = |row: &Vec<f64>, output: usize| -> f64 {
            row.iter().zip(weights[output..].iter().step_by(outputs)).map(|(a, b)| a * b).sum()
        };
        rows.iter().map(|row| (0..outputs).map(|output| product(row, output)).collect()).collect()
    }

    fn normed(rows: &mut Rows, scale: &[f64], shift: &[f64]) {
        for row in rows {
            let width = f64::from(u16::try_from(row.len()).unwrap());
            let mean = row.iter().sum::<f64>() / width;
            let variance = row.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / width;
            for ((value, scale), shift) in row.iter_mut().zip(scale).zip(shift) {
                *value = (*value - mean) / (variance + f64::from(EPSILON)).sqrt() * scale + shift;
            }
        }
    }

    fn table(&self, piece: usize) -> Vec<f64> {
        let Array::Bytes { values, .. } = &self.0[&format!("q{}", piece % 17 + 1)] else { panic!("a table") };
        let (scale, low) = (self.floats("scale")[piece % 17], self.floats("lo")[piece % 17]);
        values.iter().map(|level| low + scale * f64::from(*level)).collect()
    }

    fn look(&self, rows: &Rows, name: &str, bias: &str, (window, before): (usize, usize)) -> Rows {
        let nothing = vec![0.0; BRANCH];
        let at = |place: usize| place.checked_sub(before).and_then(|place| rows.get(place)).unwrap_or(&nothing);
        let windows: Rows = (0..rows.len()).map(|t| (t..t + window).flat_map(|t| at(t).clone()).collect()).collect();
        let bias = self.floats(bias);
        let found = self.times(&windows, name);
        let add = |row: &Vec<f64>, found: Vec<f64>| {
            row.iter().zip(found).zip(&bias).map(|((value, found), bias)| value + (found + bias).max(0.0)).collect()
        };
        rows.iter().zip(found).map(|(row, found)| add(row, found)).collect()
    }

    fn vector(&self, pieces: &[usize]) -> Vec<f64> {
        let orders = WINDOWS.map(|(order, _)| order);
        let of = |name: &str| orders.map(|order| self.floats(&format!("{name}{order}"))).concat();
        let mut features: Rows = pieces.iter().map(|piece| self.table(*piece)).collect();
        let parts = orders.map(|order| self.times(&features, &format!("proj{order}")));
        let bias = of("proj_b");
        let joined = |t: usize| parts.iter().flat_map(|part| part[t].clone()).zip(&bias).map(|(a, b)| a + b).collect();
        let mut projected: Rows = (0..pieces.len()).map(joined).collect();
        Self::normed(&mut projected, &of("ln_g"), &of("ln_b"));
        for (branch, window) in WINDOWS.into_iter().enumerate() {
            let column = branch * BRANCH..(branch + 1) * BRANCH;
            let given: Rows = projected.iter().map(|row| row[column.clone()].to_vec()).collect();
            let order = window.0;
            let once = self.look(&given, &format!("w1_{order}"), &format!("b1_{order}"), window);
            let twice = self.look(&once, &format!("w2_{order}"), &format!("b2_{order}"), window);
            features.iter_mut().zip(twice).for_each(|(row, found)| row.extend(found));
        }
        Self::normed(&mut features, &self.floats("ln_g"), &self.floats("ln_b"));
        let count = f64::from(u16::try_from(pieces.len()).unwrap());
        let sum = (0..FEATURES).map(|i| features.iter().map(|row| row[i]).sum()).collect();
        let mixed = self.times(&vec![sum], "cnn_W").remove(0);
        let bias = self.floats("cnn_b");
        let mixed = vec![mixed.iter().zip(bias).map(|(value, bias)| (value + count * bias) / count.sqrt()).collect()];
        let rectified = |rows: Rows| vec![rows[0].iter().map(|value| value.max(0.0)).collect::<Vec<f64>>()];
        let added = |a: &Rows, b: &Rows| vec![a[0].iter().zip(&b[0]).map(|(a, b)| a + b).collect::<Vec<f64>>()];
        let first = rectified(self.times(&mixed, "d0"));
        let second = rectified(added(&self.times(&mixed, "p1"), &self.times(&first, "d1")));
        let third = rectified(self.times(&second, "d2"));
        let last = added(&self.times(&second, "p3"), &self.times(&third, "d3"));
        last[0].iter().map(|value| value.tanh()).collect()
    }
}

#[test]
fn a_vector_is_what_the_published_numbers_say_by_plain_formulas() {
    let encoder = encoder(&FILE).unwrap();
    let pieces = encoder.cut("ab яяя.");
    let rows: Vec<Row> = pieces.iter().map(|piece| row(&FILE, *piece).unwrap()).collect();
    let expected = Plainly(arrays()).vector(&pieces.iter().map(|piece| *piece as usize).collect::<Vec<_>>());
    let vector = encoder.vector(&rows).unwrap();
    let length = expected.iter().map(|value| value * value).sum::<f64>().sqrt();
    let pairs = vector.values().iter().zip(&expected);
    let cosine = pairs.map(|(a, b)| f64::from(*a) * b).sum::<f64>() / length;
    assert!(cosine > 0.999_99, "{cosine}");
    let another = encoder.vector(&rows[..4]).unwrap();
    assert!(another.cosine(&vector) < 0.999, "the made-up network tells texts apart");
}

#[test]
fn text_is_cut_by_the_published_vocabulary() {
    let encoder = encoder(&FILE).unwrap();
    // 3 "▁", 6 "▁ab", 8 "▁яя", 10 ".", 0 for what is in no piece.
    assert_eq!(encoder.cut("ab\tяя…"), [1, 6, 8, 10, 10, 10, 2]);
    assert_eq!(encoder.cut("z"), [1, 3, 0, 2]);
    assert_eq!(encoder.cut("<s>"), [1, 3, 0, 0, 0, 2], "what marks the begin of a text is no text itself");
}

#[test]
fn of_no_pieces_there_is_no_vector() {
    assert_eq!(encoder(&FILE).unwrap().vector(&[]), None);
}

proptest! {
    // Each reads 3 MB.
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_file_with_a_turned_bit_anywhere_is_noticed(place in any::<prop::sample::Index>(), in_head: bool, bit in 0u8..8) {
        let mut file = FILE.clone();
        let place = place.index(if in_head { HEAD_BYTES } else { file.len() });
        file[place] ^= 1u8 << bit;
        let rows = || (0..head(&file).unwrap().pieces).all(|piece| row(&file, piece).is_some());
        prop_assert!(encoder(&file).is_err() || !rows());
    }

    #[test]
    fn a_vocabulary_that_is_damaged_or_cut_short_never_makes_it_panic(
        place in any::<prop::sample::Index>(), byte: u8, cut in any::<prop::sample::Index>(),
    ) {
        static ARRAYS: LazyLock<BTreeMap<String, Array>> = LazyLock::new(BTreeMap::new);
        let mut file = vocabulary();
        let place = place.index(file.len());
        file[place] = byte;
        prop_assert!(packed(&file, &ARRAYS, [0; 32]).is_err());
        prop_assert!(packed(&file[..cut.index(file.len())], &ARRAYS, [0; 32]).is_err());
    }
}

#[test]
fn what_is_missing_or_of_another_shape_is_named() {
    let mut arrays = arrays();
    let mut check = |name: &str, array: Option<Array>, expected: &str| {
        let whole = match array {
            Some(array) => arrays.insert(name.to_owned(), array),
            None => arrays.remove(name),
        };
        assert_eq!(packed(&vocabulary(), &arrays, [0; 32]).unwrap_err().to_string(), expected);
        arrays.insert(name.to_owned(), whole.unwrap());
    };
    check("d1", None, "d1 is not as this program knows it: it is missing");
    let short = Array::Floats { shape: vec![2, 2], values: vec![0.0; 4] };
    check(
        "w1_5",
        Some(short),
        "w1_5 is not as this program knows it: it is floats of [2, 2], not floats of [1280, 256]",
    );
    let shares = Array::Floats {
        shape: vec![320, 320],
        values: (0..320 * 320u32).map(|i| 1.0 / f32::from(u16::try_from(i + 1).unwrap_or(u16::MAX))).collect(),
    };
    check("d1", Some(shares), "d1 is not as this program knows it: its weights are not whole numbers of a step");
    let high = Array::Bytes { shape: vec![1, WIDTH], values: vec![64; WIDTH] };
    check("q3", Some(high), "q3 is not as this program knows it: it is bytes of [1, 512], not levels of 6 bits");
    let none = Array::Bytes { shape: vec![0, WIDTH], values: vec![] };
    check("q3", Some(none), "q3 is not as this program knows it: it has no row for piece 2");
}
