//! Normal scores: what is left of a series is its order, on the scale of a normal distribution.

use super::normal;
use crate::statistics::real;

/// The normal scores of values, in their order (Blom 1958: Φ⁻¹((rank − 3/8)/(n + 1/4))); equal values share the score
/// of their mean rank. The values are finite.
pub(super) fn normal_scores(values: &[f64]) -> Vec<f64> {
    ranked(values).0
}

/// Normal scores, and distinct places in the order of the values, from 0.
pub(super) fn ranked(values: &[f64]) -> (Vec<f64>, Vec<usize>) {
    let n = values.len();
    let mut order: Vec<(f64, usize)> = values.iter().copied().zip(0..).collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let score = |twice_rank: usize| normal::quantile((real(twice_rank) / 2.0 - 0.375) / (real(n) + 0.25));
    let (mut scores, mut ranks) = (vec![0.0; n], vec![0; n]);
    let mut start = 0;
    while start < n {
        let value = order[start].0;
        let mut end = start + 1;
        // Zero is equal to minus zero, though one sorts before the other.
        while end < n && order[end].0 <= value {
            end += 1;
        }
        // The ranks, as people count them, are start + 1 to end.
        let shared = score(start + 1 + end);
        for (rank, (_, place)) in (start..end).zip(&order[start..end]) {
            (scores[*place], ranks[*place]) = (shared, rank);
        }
        start = end;
    }
    (scores, ranks)
}
