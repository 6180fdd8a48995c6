//! Dot products of many rows: where searching spends its time.
//!
//! Each row is summed in the same 64 lanes and the lanes are added up in the same order, whatever the machine's registers
//! are: products are rounded before they are added (never fused), so that every machine gets the same bits. Written so
//! that the compiler puts lanes into registers; of 16, 32 and 64 lanes, 64 were fastest by three times with AVX2, and
//! AVX-512 gained nothing over it.

use multiversion::multiversion;

/// Rows are padded with zeros to a multiple of this.
pub(crate) const LANES: usize = 64;

/// A row's length with its padding.
pub(crate) const fn stride(dimensions: usize) -> usize {
    dimensions.next_multiple_of(LANES)
}

/// The dot products of `query` and the rows `slots`, in their order.
pub(crate) fn dot_some(query: &[f32], rows: &[f32], slots: &[u32], products: &mut Vec<f32>) {
    products.clear();
    products.resize(slots.len(), 0.0);
    gather(query, rows, slots, products);
}

/// The dot product of two padded rows.
#[multiversion(targets("x86_64+avx2"))]
pub(crate) fn dot(left: &[f32], right: &[f32]) -> f32 {
    product(left, right)
}

#[multiversion(targets("x86_64+avx2"))]
fn gather(query: &[f32], rows: &[f32], slots: &[u32], products: &mut [f32]) {
    for (&slot, into) in slots.iter().zip(products) {
        let start = slot as usize * query.len();
        *into = product(query, &rows[start..start + query.len()]);
    }
}

#[inline(always)]
fn product(left: &[f32], right: &[f32]) -> f32 {
    let mut sums = [0.0_f32; LANES];
    let (left, _) = left.as_chunks::<LANES>();
    let (right, _) = right.as_chunks::<LANES>();
    for (x, y) in left.iter().zip(right) {
        sums = std::array::from_fn(|lane| sums[lane] + x[lane] * y[lane]);
    }
    let mut width = LANES;
    while width > 1 {
        width /= 2;
        for lane in 0..width {
            sums[lane] += sums[lane + width];
        }
    }
    sums[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_adding_is_fixed() {
        // 1e8 swallows small summands in f32: another order of adding would give another sum.
        let dimensions = 200;
        let row = (0..stride(dimensions)).map(|i| match i {
            0 | 128 => 1.0e8,
            64 => -1.0e8,
            i if i < dimensions => 0.7 + f32::from(u8::try_from(i).unwrap()) / 256.0,
            _ => 0.0,
        });
        let row = row.collect::<Vec<f32>>();
        let ones = vec![1.0; row.len()];
        let mut lanes = [0.0_f32; LANES];
        for (i, x) in row.iter().enumerate() {
            lanes[i % LANES] += x;
        }
        for width in [32, 16, 8, 4, 2, 1] {
            for lane in 0..width {
                lanes[lane] += lanes[lane + width];
            }
        }
        assert_eq!(dot(&ones, &row).to_bits(), lanes[0].to_bits());
        let mut some = Vec::new();
        dot_some(&ones, &row, &[0, 0], &mut some);
        assert_eq!(some, [lanes[0]; 2]);
    }
}
