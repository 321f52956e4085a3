//! With the instructions of x86-64: SSE2, which all have, and AVX2, which nearly all since 2013 have.

use std::arch::x86_64::{
    _mm_add_epi32, _mm_madd_epi16, _mm_setzero_si128, _mm256_add_epi32, _mm256_madd_epi16, _mm256_setzero_si256,
};

use fearless_simd::prelude::*;
use fearless_simd::{Level, i16x8, i16x16, i32x4, i32x8};

use super::{BLOCK, Block, Inputs, Matrix, OUTPUTS};

/// Rows that are found together: with four outputs, six blocks are loaded for eight products.
const ROWS: usize = 2;

/// Finds the products with what the processor has; gives whether it has any of it.
pub(super) fn times(matrix: &Matrix, inputs: Inputs<'_>, products: &mut [i32]) -> bool {
    let level = Level::new();
    if let Some(avx2) = level.as_avx2() {
        with_avx2(avx2, matrix, inputs, products);
    } else if let Some(sse2) = level.as_sse2() {
        with_sse2(sse2, matrix, inputs, products);
    } else {
        return false;
    }
    true
}

impl Block {
    #[inline]
    fn whole(&self) -> [i16; BLOCK] {
        self.0
    }

    #[inline]
    fn low(&self) -> [i16; BLOCK / 2] {
        self.0.first_chunk().copied().unwrap_or_default()
    }

    #[inline]
    fn high(&self) -> [i16; BLOCK / 2] {
        self.0.last_chunk().copied().unwrap_or_default()
    }
}

macro_rules! kernel {
    ($name:ident, $token:ident, $lanes:ident, $sums:ident, $zero:path, $add:path, $multiply:path, [$($part:path),+]) => {
        fearless_simd::kernel! {
            pub(super) fn $name(simd: $token, matrix: &Matrix, inputs: Inputs<'_>, products: &mut [i32]) {
                let depth = matrix.depth;
                for (weights, output) in matrix.blocks.chunks_exact(OUTPUTS * depth).zip((0..).step_by(OUTPUTS)) {
                    let (w0, rest) = weights.split_at(depth);
                    let (w1, rest) = rest.split_at(depth);
                    let (w2, w3) = rest.split_at(depth);
                    for row in (0..inputs.count).step_by(ROWS) {
                        // Of an odd number the last is taken twice.
                        let second = (row + 1).min(inputs.count - 1);
                        let (r0, r1) = (inputs.row(row, depth), inputs.row(second, depth));
                        let (mut s00, mut s01, mut s02, mut s03) = ($zero(), $zero(), $zero(), $zero());
                        let (mut s10, mut s11, mut s12, mut s13) = ($zero(), $zero(), $zero(), $zero());
                        for (((((r0, r1), w0), w1), w2), w3) in r0.iter().zip(r1).zip(w0).zip(w1).zip(w2).zip(w3) {
                            $({
                                let x0 = $lanes::simd_from(simd, $part(r0)).into();
                                let x1 = $lanes::simd_from(simd, $part(r1)).into();
                                let w = $lanes::simd_from(simd, $part(w0)).into();
                                s00 = $add(s00, $multiply(x0, w));
                                s10 = $add(s10, $multiply(x1, w));
                                let w = $lanes::simd_from(simd, $part(w1)).into();
                                s01 = $add(s01, $multiply(x0, w));
                                s11 = $add(s11, $multiply(x1, w));
                                let w = $lanes::simd_from(simd, $part(w2)).into();
                                s02 = $add(s02, $multiply(x0, w));
                                s12 = $add(s12, $multiply(x1, w));
                                let w = $lanes::simd_from(simd, $part(w3)).into();
                                s03 = $add(s03, $multiply(x0, w));
                                s13 = $add(s13, $multiply(x1, w));
                            })+
                        }
                        for (row, sums) in [(row, [s00, s01, s02, s03]), (second, [s10, s11, s12, s13])] {
                            let begin = row * matrix.outputs + output;
                            let products = products.get_mut(begin..begin + OUTPUTS).unwrap_or_default();
                            for (product, sum) in products.iter_mut().zip(sums) {
                                let lanes: [i32; _] = $sums::simd_from(simd, sum).into();
                                *product = lanes.into_iter().fold(0, i32::wrapping_add);
                            }
                        }
                    }
                }
            }
        }
    };
}

kernel!(with_avx2, Avx2, i16x16, i32x8, _mm256_setzero_si256, _mm256_add_epi32, _mm256_madd_epi16, [Block::whole]);
kernel!(with_sse2, Sse2, i16x8, i32x4, _mm_setzero_si128, _mm_add_epi32, _mm_madd_epi16, [Block::low, Block::high]);
