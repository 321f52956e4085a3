//! From the rows of a text's pieces to its vector.
//!
//! The network is Google's Universal Sentence Encoder, multilingual, version 3 (Yang et al. 2019, "Multilingual Universal Sentence
//! Encoder for Semantic Retrieval", the convolutional variant), as published: each piece's row is projected and normalised; three
//! branches look at windows of 2, 3 and 5 pieces, twice each, adding what they find to what they were given; rows and branches are
//! normalised and summed, the sum is divided by the root of its length and goes through a small dense net.
//!
//! All products are of whole numbers (see [`super::kernel`]). Weights and the table's levels are whole as published; what lies
//! between layers is rounded to 12,000 steps of its largest, which moves a vector by less than 0.00001 of its cosine.

use super::bytes::{Bytes, put_f32s};
use super::kernel::{BLOCK, Block, INPUT_MAX, Inputs, Matrix};
use super::row::Row;
use super::vector::{Vector, WIDTH};

/// Outputs of a branch.
pub(super) const BRANCH: usize = 256;
/// Pieces in each branch's window, and how many of them stand before the one it is of.
pub(super) const WINDOWS: [(usize, usize); 3] = [(2, 0), (3, 1), (5, 2)];
/// All branches' outputs.
pub(super) const BRANCHES: usize = BRANCH * WINDOWS.len();
/// A piece's row and its branches.
pub(super) const FEATURES: usize = WIDTH + BRANCHES;
/// Between the dense net's layers.
pub(super) const HIDDEN: usize = 320;

/// Keeps a division by a variance of zero away.
pub(super) const EPSILON: f32 = 1e-12;

/// A product and what is added to it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layer {
    matrix: Matrix,
    /// What a weight of 1 stands for.
    step: f32,
    /// One an output, or none.
    bias: Vec<f32>,
}

/// A scale and a shift for each of a row's numbers.
#[derive(Debug, Clone, PartialEq)]
struct Norm {
    scale: Vec<f32>,
    shift: Vec<f32>,
}

/// See the module.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Network {
    project: [Layer; 3],
    project_sums: [Vec<i32>; 3],
    project_norm: Norm,
    /// Of each branch, the first and the second look.
    branches: [[Layer; 2]; 3],
    norm: Norm,
    mix: Layer,
    dense: [Layer; 6],
}

/// Layers as they lie in the file: inputs, outputs, and whether there is a bias.
pub(super) const LAYERS: [(usize, usize, bool); 16] = {
    const fn branch(window: (usize, usize)) -> (usize, usize, bool) {
        (window.0 * BRANCH, BRANCH, true)
    }
    let [two, three, five] = WINDOWS;
    [
        (WIDTH, BRANCH, true),
        (WIDTH, BRANCH, true),
        (WIDTH, BRANCH, true),
        branch(two),
        branch(two),
        branch(three),
        branch(three),
        branch(five),
        branch(five),
        (FEATURES, WIDTH, true),
        (WIDTH, HIDDEN, false),
        (WIDTH, HIDDEN, false),
        (HIDDEN, HIDDEN, false),
        (HIDDEN, WIDTH, false),
        (HIDDEN, WIDTH, false),
        (WIDTH, WIDTH, false),
    ]
};

impl Network {
    /// Reads the layers, then the norms; nothing where they are not all there, or more is.
    pub(super) fn read(bytes: &mut Bytes<'_>) -> Option<Self> {
        let mut layers = LAYERS.iter().map(|shape| Layer::read(bytes, *shape)).collect::<Option<Vec<_>>>()?.into_iter();
        let mut next = || layers.next();
        let project = [next()?, next()?, next()?];
        let branches = [[next()?, next()?], [next()?, next()?], [next()?, next()?]];
        let mix = next()?;
        let dense = [next()?, next()?, next()?, next()?, next()?, next()?];
        let project_sums = project.each_ref().map(|layer| layer.matrix.sums());
        let project_norm = Norm::read(bytes, BRANCHES)?;
        let norm = Norm::read(bytes, FEATURES)?;
        bytes.is_empty().then_some(Self { project, project_sums, project_norm, branches, norm, mix, dense })
    }

    /// The vector of a text whose pieces have these rows; nothing where there are none. Time is in proportion to their number:
    /// 1.7 million products each.
    pub(super) fn vector(&self, rows: &[Row]) -> Option<Vector> {
        let mut projected = self.projected(rows);
        self.project_norm.apply(&mut projected);
        let mut features = vec![0.0; rows.len() * FEATURES];
        for (features, row) in features.chunks_exact_mut(FEATURES).zip(rows) {
            row.fill(features);
        }
        for (branch, ((looks, window), projected)) in
            self.branches.iter().zip(WINDOWS).zip(columns(&projected, BRANCHES, BRANCH)).enumerate()
        {
            let [first, second] = looks;
            let found = look(second, window, look(first, window, projected));
            let column = WIDTH + branch * BRANCH;
            for (features, found) in features.chunks_exact_mut(FEATURES).zip(found.chunks_exact(BRANCH)) {
                features.get_mut(column..column + BRANCH).unwrap_or_default().copy_from_slice(found);
            }
        }
        self.norm.apply(&mut features);
        self.head(&features, rows.len())
    }

    /// Each row through the three projections, side by side. A row is `low + scale * level`, so its product is that of the
    /// levels, which is exact, times the scale, and the sum of the weights times `low`.
    fn projected(&self, rows: &[Row]) -> Vec<f32> {
        let blocks: Vec<Block> = rows.iter().flat_map(Row::blocks).collect();
        let inputs = Inputs { blocks: &blocks, stride: WIDTH / BLOCK, count: rows.len() };
        let mut projected = vec![0.0; rows.len() * BRANCHES];
        for (at, (layer, sums)) in self.project.iter().zip(&self.project_sums).enumerate() {
            let products = layer.matrix.times(inputs);
            let products = products.chunks_exact(BRANCH);
            for ((projected, products), row) in projected.chunks_exact_mut(BRANCHES).zip(products).zip(rows) {
                let (scale, low) = (row.scale * layer.step, row.low * layer.step);
                let column = projected.get_mut(at * BRANCH..(at + 1) * BRANCH).unwrap_or_default();
                for (((out, product), sum), bias) in column.iter_mut().zip(products).zip(sums).zip(&layer.bias) {
                    *out = scale * float(*product) + low * float(*sum) + bias;
                }
            }
        }
        projected
    }

    /// From all rows' features to the vector.
    fn head(&self, features: &[f32], count: usize) -> Option<Vector> {
        let mut sum = [0.0f32; FEATURES];
        for features in features.chunks_exact(FEATURES) {
            for (sum, feature) in sum.iter_mut().zip(features) {
                *sum += feature;
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "texts are bounded far below 2^24 pieces")]
        let count = count as f32;
        let mut mixed = self.mix.apply(&sum);
        for (mixed, bias) in mixed.iter_mut().zip(&self.mix.bias) {
            *mixed = (*mixed + bias * count) / count.sqrt();
        }
        let [d0, p1, d1, d2, p3, d3] = &self.dense;
        let first = rectified(d0.apply(&mixed));
        let second = rectified(added(p1.apply(&mixed), &d1.apply(&first)));
        let third = rectified(d2.apply(&second));
        let last = added(p3.apply(&second), &d3.apply(&third));
        let values: Vec<f32> = last.into_iter().map(f32::tanh).collect();
        Vector::toward(values.first_chunk()?)
    }
}

/// One look of a branch: each piece's window through the layer, what is above zero added to what the piece had.
fn look(layer: &Layer, (window, before): (usize, usize), mut pieces: Vec<f32>) -> Vec<f32> {
    let (blocks, step) = rounded(&pieces, before * BRANCH, (window - 1 - before) * BRANCH);
    let inputs = Inputs { blocks: &blocks, stride: BRANCH / BLOCK, count: pieces.len() / BRANCH };
    let products = layer.matrix.times(inputs);
    let step = step * layer.step;
    for (pieces, products) in pieces.chunks_exact_mut(BRANCH).zip(products.chunks_exact(BRANCH)) {
        for ((piece, product), bias) in pieces.iter_mut().zip(products).zip(&layer.bias) {
            *piece += (step * float(*product) + bias).max(0.0);
        }
    }
    pieces
}

/// Rounds to whole numbers of a step, which is given too, between so many zeros.
fn rounded(values: &[f32], zeros_before: usize, zeros_after: usize) -> (Vec<Block>, f32) {
    /// Added to a float of less than 2^22, it leaves the nearest whole number in the lowest bits.
    const WHOLE: f32 = 12_582_912.0;
    let largest = values.as_chunks::<8>().0.iter().fold([f32::MIN_POSITIVE; 8], |mut largest, values| {
        for (largest, value) in largest.iter_mut().zip(values) {
            *largest = largest.max(value.abs());
        }
        largest
    });
    let step = largest.into_iter().fold(f32::MIN_POSITIVE, f32::max) / f32::from(INPUT_MAX);
    let inverse = 1.0 / step;
    let mut blocks = Vec::with_capacity((values.len() + zeros_before + zeros_after) / BLOCK);
    blocks.resize(zeros_before / BLOCK, Block::default());
    #[expect(clippy::cast_possible_truncation, reason = "the whole number is in the lowest 16 bits")]
    let whole = |value: f32| ((value * inverse + WHOLE).to_bits() as u16).cast_signed();
    blocks.extend(values.as_chunks().0.iter().map(|values| Block::of(values.map(whole))));
    blocks.resize(blocks.len() + zeros_after / BLOCK, Block::default());
    (blocks, step)
}

/// Tables of `width` columns of a table of `all`.
fn columns(table: &[f32], all: usize, width: usize) -> impl Iterator<Item = Vec<f32>> {
    (0..all).step_by(width).map(move |begin| {
        let rows = table.chunks_exact(all).filter_map(|row| row.get(begin..begin + width));
        rows.flatten().copied().collect()
    })
}

fn rectified(mut values: Vec<f32>) -> Vec<f32> {
    for value in &mut values {
        *value = value.max(0.0);
    }
    values
}

fn added(mut values: Vec<f32>, others: &[f32]) -> Vec<f32> {
    for (value, other) in values.iter_mut().zip(others) {
        *value += other;
    }
    values
}

/// A sum of products. Above 2^24 the last bits are lost, which is a ten-millionth.
#[expect(clippy::cast_precision_loss, reason = "as said")]
fn float(sum: i32) -> f32 {
    sum as f32
}

impl Layer {
    fn read(bytes: &mut Bytes<'_>, (inputs, outputs, has_bias): (usize, usize, bool)) -> Option<Self> {
        let step = bytes.f32()?;
        let matrix = Matrix::of(bytes.take(inputs * outputs)?, outputs)?;
        let bias = bytes.f32s(if has_bias { outputs } else { 0 })?;
        Some(Self { matrix, step, bias })
    }

    /// One row's products, without the bias.
    fn apply(&self, values: &[f32]) -> Vec<f32> {
        let (blocks, step) = rounded(values, 0, 0);
        let products = self.matrix.times(Inputs { blocks: &blocks, stride: 0, count: 1 });
        let step = step * self.step;
        products.into_iter().map(|product| step * float(product)).collect()
    }
}

impl Norm {
    fn read(bytes: &mut Bytes<'_>, width: usize) -> Option<Self> {
        Some(Self { scale: bytes.f32s(width)?, shift: bytes.f32s(width)? })
    }

    /// Layer normalisation (Ba et al. 2016, section 3) of each row.
    fn apply(&self, table: &mut [f32]) {
        #[expect(clippy::cast_precision_loss, reason = "a thousand or so")]
        let width = self.scale.len() as f32;
        for row in table.chunks_exact_mut(self.scale.len()) {
            let mean = sum(row, |value| value) / width;
            let variance = sum(row, |value| (value - mean) * (value - mean)) / width;
            let inverse = 1.0 / (variance + EPSILON).sqrt();
            for ((value, scale), shift) in row.iter_mut().zip(&self.scale).zip(&self.shift) {
                *value = (*value - mean) * inverse * scale + shift;
            }
        }
    }
}

/// Sums in eight lanes, which the compiler can keep in one register.
fn sum(values: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut sums = [0.0f32; 8];
    for values in values.as_chunks::<8>().0 {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += of(*value);
        }
    }
    sums.iter().sum()
}

/// Writes a layer as [`Network::read`] expects it: weights by output.
pub(super) fn put_layer(out: &mut Vec<u8>, step: f32, weights: &[i8], bias: &[f32]) {
    put_f32s(out, &[step]);
    out.extend(weights.iter().map(|weight| weight.cast_unsigned()));
    put_f32s(out, bias);
}
