//! The median of any stretch of a series, and the sum of what its values differ from it.

use crate::statistics::real;

/// Medians and distances: short stretches from a table, long ones from a wavelet matrix, in the logarithm of the length.
#[derive(Debug)]
pub(super) struct Distances {
    n: usize,
    most: usize,
    /// For each end, the distances of the stretches of `most` to 1 values that end there.
    short: Vec<f64>,
    wavelets: Wavelets,
}

impl Distances {
    pub(super) fn of(values: &[f64], most: usize) -> Self {
        Self { n: values.len(), most, short: short(values, most), wavelets: Wavelets::of(values) }
    }

    /// The distances of the stretches of up to `most` values that end before `end`, the longest first.
    pub(super) fn ending_at(&self, end: usize) -> &[f64] {
        let row = &self.short[(end - 1) * self.most..end * self.most];
        &row[self.most - self.most.min(end)..]
    }

    /// The sum of the distances of `from..to` to its median.
    pub(super) fn of_range(&self, from: usize, to: usize) -> f64 {
        debug_assert!(from < to && to <= self.n, "a stretch of the series");
        let length = to - from;
        if length <= self.most {
            return self.short[to * self.most - length];
        }
        self.wavelets.distance(from, to)
    }

    /// The median: of an even number of values the mean of the middle two.
    pub(super) fn median(&self, from: usize, to: usize) -> f64 {
        self.wavelets.median(from, to)
    }
}

fn short(values: &[f64], most: usize) -> Vec<f64> {
    let mut short = vec![0.0; values.len() * most];
    let mut sorted: Vec<f64> = Vec::with_capacity(most);
    for (last, row) in short.chunks_exact_mut(most).enumerate() {
        sorted.clear();
        // The stretch grows backwards; the sums of its lower and its upper half are kept as it does.
        let (mut lower, mut upper) = (0.0_f64, 0.0_f64);
        for (length, value) in values[..=last].iter().rev().take(most).enumerate() {
            let at = sorted.iter().position(|known| value < known).unwrap_or(length);
            sorted.insert(at, *value);
            // `length` values were there; the halves are ⌊length/2⌋ and the rest.
            let half = length / 2;
            if at < half {
                lower += value;
                // The largest of the lower half is now one too many, unless the halves grow.
                if length % 2 == 0 {
                    lower -= sorted[half];
                    upper += sorted[half];
                }
            } else {
                upper += value;
                if length % 2 == 1 {
                    upper -= sorted[half];
                    lower += sorted[half];
                }
            }
            let n = length + 1;
            let middle = if n % 2 == 1 { sorted[n / 2] } else { 0.0 };
            row[most - n] = (upper - middle - lower).max(0.0);
        }
    }
    short
}

/// A wavelet matrix over ranks, with sums of values.
#[derive(Debug)]
struct Wavelets {
    sorted: Vec<f64>,
    levels: Vec<Level>,
    sums: Vec<f64>,
}

#[derive(Debug)]
struct Level {
    /// How many of the first places have a zero in this bit.
    zeros: Vec<u32>,
    /// The sums of their values.
    sums: Vec<f64>,
    all_zeros: usize,
}

impl Wavelets {
    fn of(values: &[f64]) -> Self {
        let n = values.len();
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_unstable_by(|a, b| values[*a].total_cmp(&values[*b]).then(a.cmp(b)));
        let sorted: Vec<f64> = order.iter().map(|place| values[*place]).collect();
        let mut ranks = vec![0_usize; n];
        for (rank, place) in order.into_iter().enumerate() {
            ranks[place] = rank;
        }
        let bits = usize::BITS - n.saturating_sub(1).leading_zeros();
        let mut levels = Vec::new();
        for bit in (0..bits).rev() {
            let (mut zeros, mut sums) = (Vec::with_capacity(n + 1), Vec::with_capacity(n + 1));
            let (mut count, mut sum) = (0_u32, 0.0);
            let (mut left, mut right) = (Vec::with_capacity(n), Vec::new());
            zeros.push(count);
            sums.push(sum);
            for rank in ranks {
                if rank >> bit & 1 == 0 {
                    count += 1;
                    sum += sorted[rank];
                    left.push(rank);
                } else {
                    right.push(rank);
                }
                zeros.push(count);
                sums.push(sum);
            }
            let all_zeros = left.len();
            left.append(&mut right);
            ranks = left;
            levels.push(Level { zeros, sums, all_zeros });
        }
        let mut total = 0.0;
        let mut sums = vec![0.0];
        sums.extend(values.iter().map(|value| {
            total += value;
            total
        }));
        Self { sorted, levels, sums }
    }

    /// The value of rank `k` among `from..to`, and the sum of those below it.
    fn select(&self, mut from: usize, mut to: usize, mut k: usize) -> (f64, f64) {
        let (mut rank, mut below) = (0, 0.0);
        for level in &self.levels {
            let (first, last) = (level.zeros[from] as usize, level.zeros[to] as usize);
            rank <<= 1;
            if k < last - first {
                (from, to) = (first, last);
            } else {
                below += level.sums[to] - level.sums[from];
                k -= last - first;
                rank |= 1;
                (from, to) = (level.all_zeros + from - first, level.all_zeros + to - last);
            }
        }
        (self.sorted[rank], below)
    }

    fn median(&self, from: usize, to: usize) -> f64 {
        let length = to - from;
        let upper = self.select(from, to, length / 2).0;
        if length % 2 == 1 { upper } else { f64::midpoint(self.select(from, to, length / 2 - 1).0, upper) }
    }

    fn distance(&self, from: usize, to: usize) -> f64 {
        let length = to - from;
        let (upper, below) = self.select(from, to, length / 2);
        let all = self.sums[to] - self.sums[from];
        // Any median does for the distance, so that of an odd number and the upper of an even one do.
        let above = all - below;
        (above - below - upper * real(length % 2)).max(0.0)
    }
}
