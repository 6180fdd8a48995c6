//! One matrix in a file of the [safetensors](https://github.com/huggingface/safetensors) format: the length of a head, the
//! head in JSON, and the tensors' bytes.

use std::{collections::BTreeMap, ops::Range};

use serde::Deserialize;

use super::Source;
use crate::{Error, MAX_DIMENSIONS};

const NAME: &str = "embeddings";

/// The longest head, in bytes: there is one tensor to tell of.
const MAX_HEAD: usize = 1 << 20;

/// A row for each token, as it is in the file.
#[derive(Debug)]
pub(super) struct Weights {
    bytes: Vec<u8>,
    data: Range<usize>,
    number: Number,
    rows: usize,
    dimensions: usize,
}

#[derive(Debug, Clone, Copy)]
enum Number {
    F32,
    F16,
    I8,
}

#[derive(Debug, Deserialize)]
struct Tensor {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: [usize; 2],
}

impl Weights {
    pub(super) fn read(source: Source) -> Result<Self, Error> {
        let (length, rest) =
            source.bytes.split_first_chunk().ok_or_else(|| source.corrupt("it is too short"))?;
        let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let head = rest.get(..length).filter(|_| length <= MAX_HEAD);
        let head = head.ok_or_else(|| source.corrupt("the length of its head is wrong"))?;
        let mut tensors: BTreeMap<String, serde_json::Value> = source.json(head)?;
        tensors.remove("__metadata__");
        let tensor = tensors.remove(NAME).ok_or_else(|| source.corrupt("there is no tensor `embeddings`"))?;
        if let Some(other) = tensors.keys().next() {
            // Weights of tokens and mappings to fewer rows would have to be applied.
            return Err(source.unsupported(&format!(
                "the tensor `{other}` is unknown: a model with `embeddings` alone is supported"
            )));
        }
        let Tensor { dtype, shape, data_offsets: [start, end] } = serde_json::from_value(tensor)
            .map_err(|cause| source.corrupt("`embeddings` is described badly").because(cause))?;
        let number = match dtype.as_str() {
            "F32" => Number::F32,
            "F16" => Number::F16,
            "I8" => Number::I8,
            _ => {
                let message = format!("`embeddings` consists of {dtype}: F32, F16 and I8 are supported");
                return Err(source.unsupported(&message));
            }
        };
        let [rows, dimensions] = shape[..] else {
            return Err(source.corrupt("`embeddings` is no matrix: its shape has to be two numbers"));
        };
        if rows == 0 || !(1..=MAX_DIMENSIONS).contains(&dimensions) {
            let message = format!(
                "`embeddings` has the shape {rows} x {dimensions}: rows of 1 to {MAX_DIMENSIONS} are possible"
            );
            return Err(source.corrupt(&message));
        }
        let needed = rows.checked_mul(dimensions).and_then(|count| count.checked_mul(number.bytes()));
        if start > end || end > rest.len() - length || needed != Some(end - start) {
            return Err(source.corrupt("`data_offsets` of `embeddings` do not fit its shape, or the file"));
        }
        let data = 8 + length + start..8 + length + end;
        let weights = Self { data, number, rows, dimensions, bytes: Vec::new() };
        if !(0..rows).all(|row| number.all_finite(weights.row(&source.bytes, row))) {
            return Err(source.corrupt("a component of `embeddings` is no finite number"));
        }
        Ok(Self { bytes: source.bytes, ..weights })
    }

    pub(super) const fn rows(&self) -> usize {
        self.rows
    }

    pub(super) const fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Adds a row to sums.
    pub(super) fn add(&self, row: usize, sums: &mut [f64]) {
        self.number.each(self.row(&self.bytes, row), sums.iter_mut(), |sum, x| *sum += f64::from(x));
    }

    fn row<'a>(&self, bytes: &'a [u8], row: usize) -> &'a [u8] {
        let width = self.dimensions * self.number.bytes();
        &bytes[self.data.clone()][row * width..(row + 1) * width]
    }
}

impl Number {
    const fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 => 2,
            Self::I8 => 1,
        }
    }

    fn all_finite(self, row: &[u8]) -> bool {
        let mut is_finite = true;
        self.each(row, std::iter::repeat(()), |(), x| is_finite &= x.is_finite());
        is_finite
    }

    fn each<T>(self, row: &[u8], into: impl Iterator<Item = T>, mut take: impl FnMut(T, f32)) {
        match self {
            Self::F32 => {
                let numbers = row.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
                into.zip(numbers).for_each(|(into, x)| take(into, x));
            }
            Self::F16 => {
                let numbers = row.as_chunks().0.iter().map(|bytes| half(u16::from_le_bytes(*bytes)));
                into.zip(numbers).for_each(|(into, x)| take(into, x));
            }
            Self::I8 => into.zip(row).for_each(|(into, byte)| take(into, f32::from(byte.cast_signed()))),
        }
    }
}

/// A number of half precision (IEEE 754 binary16).
fn half(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let (exponent, fraction) = (u32::from(bits >> 10 & 0x1f), u32::from(bits & 0x3ff));
    match exponent {
        // A multiple of the smallest, which is 2⁻²⁴.
        0 => f32::from(bits & 0x3ff) * 2.0_f32.powi(-24) * if sign == 0 { 1.0 } else { -1.0 },
        0x1f => f32::from_bits(sign | 0xff << 23 | fraction << 13),
        _ => f32::from_bits(sign | (exponent + 112) << 23 | fraction << 13),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_half_precision() {
        let cases = [
            (0x0000, 0.0_f32),
            (0x8000, -0.0),
            (0x0001, 5.960_464_5e-8),
            (0x83ff, -6.097_555e-5),
            (0x0400, 6.103_515_6e-5),
            (0x3555, 0.333_251_95),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65_504.0),
            (0x7c00, f32::INFINITY),
        ];
        for (bits, number) in cases {
            assert_eq!(half(bits).to_bits(), number.to_bits(), "{bits:#x}");
        }
        assert!(half(0x7e00).is_nan());
    }
}
