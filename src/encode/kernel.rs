//! Products of integer matrices: nearly all of the time that a vector takes.
//!
//! The model's weights are whole numbers of -127 to 127 times a step, as published, so products are taken in integers: exact,
//! the same on every machine, in half the memory of floats and faster. The instruction for it, multiply pairs of 16 bits and add
//! them to 32, is never chosen well by the compiler for plain loops (13 ms for 64 pieces, where the same loops with it named take
//! 4.2 with SSE2 and 2.3 with AVX2), so it is named, through a crate that makes it safe to and asks the processor which there is.

#[cfg(target_arch = "x86_64")]
mod x86;

/// Sixteen numbers: inputs or weights. Aligned, as loads across cache lines take twice as long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(align(32))]
pub(super) struct Block([i16; BLOCK]);

/// Numbers in a block.
pub(super) const BLOCK: usize = 16;

/// Outputs that are found together.
const OUTPUTS: usize = 4;

/// The largest input: with weights up to 128 and 1,280 of them, sums stay below 2^31.
pub(super) const INPUT_MAX: i16 = 12_000;

impl Block {
    pub(super) fn of(numbers: [i16; BLOCK]) -> Self {
        Self(numbers)
    }
}

/// Weights: for each output, one for each input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Matrix {
    blocks: Vec<Block>,
    /// Blocks of an output's weights.
    depth: usize,
    outputs: usize,
}

/// Rows of inputs, which may overlap.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inputs<'a> {
    pub(super) blocks: &'a [Block],
    /// Blocks from a row's begin to the next one's.
    pub(super) stride: usize,
    /// How many rows.
    pub(super) count: usize,
}

impl<'a> Inputs<'a> {
    /// So many blocks from the begin of a row on; none where they are not there.
    fn row(self, at: usize, depth: usize) -> &'a [Block] {
        let begin = at.saturating_mul(self.stride);
        begin.checked_add(depth).and_then(|end| self.blocks.get(begin..end)).unwrap_or_default()
    }
}

impl Matrix {
    /// Takes weights as bytes (two's complement), one output after the other. Gives nothing where they don't come out even.
    pub(super) fn of(weights: &[u8], outputs: usize) -> Option<Self> {
        let inputs = weights.len().checked_div(outputs)?;
        let even = inputs * outputs == weights.len()
            && inputs.is_multiple_of(BLOCK)
            && outputs.is_multiple_of(OUTPUTS)
            && inputs > 0;
        let (blocks, _) = weights.as_chunks::<BLOCK>();
        let blocks = blocks.iter().map(|block| Block(block.map(|weight| i16::from(weight.cast_signed())))).collect();
        even.then_some(Self { blocks, depth: inputs / BLOCK, outputs })
    }

    /// The sum of each output's weights.
    pub(super) fn sums(&self) -> Vec<i32> {
        let outputs = self.blocks.chunks_exact(self.depth);
        outputs.map(|output| output.iter().flat_map(|block| block.0).map(i32::from).sum()).collect()
    }

    /// The products of each row with each output's weights, row by row. A row that isn't there gives zeros.
    pub(super) fn times(&self, inputs: Inputs<'_>) -> Vec<i32> {
        let mut products = vec![0; inputs.count * self.outputs];
        #[cfg(target_arch = "x86_64")]
        if x86::times(self, inputs, &mut products) {
            return products;
        }
        plainly(self, inputs, &mut products);
        products
    }
}

/// In words that every processor has.
fn plainly(matrix: &Matrix, inputs: Inputs<'_>, products: &mut [i32]) {
    for (at, products) in products.chunks_exact_mut(matrix.outputs).enumerate() {
        let row = inputs.row(at, matrix.depth);
        for (product, weights) in products.iter_mut().zip(matrix.blocks.chunks_exact(matrix.depth)) {
            let pairs = row.iter().flat_map(|block| block.0).zip(weights.iter().flat_map(|block| block.0));
            *product = pairs.map(|(input, weight)| i32::from(input) * i32::from(weight)).sum();
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "x86_64")]
    use fearless_simd::Level;
    use proptest::prelude::*;

    use super::*;

    fn blocks(numbers: &[i16]) -> Vec<Block> {
        numbers.as_chunks().0.iter().map(|numbers| Block::of(*numbers)).collect()
    }

    proptest! {
        #[test]
        fn every_processor_gives_the_same_products(
            weights in prop::collection::vec(any::<u8>(), 8 * 48),
            numbers in prop::collection::vec(-INPUT_MAX..=INPUT_MAX, 7 * 16),
            count in 0usize..6,
        ) {
            let matrix = Matrix::of(&weights, 8).unwrap();
            let blocks = blocks(&numbers);
            // Rows of three blocks that overlap by two, as the windows of the network do.
            let inputs = Inputs { blocks: &blocks, stride: 1, count };
            let mut expected = vec![0; count * 8];
            plainly(&matrix, inputs, &mut expected);
            prop_assert_eq!(&matrix.times(inputs), &expected);
            #[cfg(target_arch = "x86_64")]
            {
                let mut products = vec![0; count * 8];
                x86::with_sse2(Level::new().as_sse2().unwrap(), &matrix, inputs, &mut products);
                prop_assert_eq!(&products, &expected);
            }
        }
    }

    #[test]
    fn the_largest_sums_fit() {
        let matrix = Matrix::of(&[0x80; 4 * 1280], 4).unwrap();
        let inputs = [INPUT_MAX; 1280];
        let products = matrix.times(Inputs { blocks: &blocks(&inputs), stride: 80, count: 1 });
        assert_eq!(products, [-128 * 1280 * i32::from(INPUT_MAX); 4]);
    }

    #[test]
    fn weights_that_do_not_come_out_even_are_refused() {
        assert_eq!(Matrix::of(&[0; 4 * 17], 4), None);
        assert_eq!(Matrix::of(&[0; 16 * 3], 3), None);
        assert_eq!(Matrix::of(&[], 4), None);
        assert_eq!(Matrix::of(&[0; 16], 0), None);
    }
}
