//! Where a series is best split.

use std::ops::RangeInclusive;

use super::{scores::ranked, significance};
use crate::statistics::real;

/// A place before which a new segment may begin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    pub(super) place: usize,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) deviate: f64,
}

/// Places that stand out in any of the seeded intervals (Kovács et al. 2023): of each the best is taken, then of those
/// intervals that do not hold it, and so on. Cheap, and generous: what it finds is tested later.
pub(super) fn candidates(scores: &[f64], least: usize, inflation: f64) -> Vec<usize> {
    let n = scores.len();
    let (mut sums, mut squares) = (Vec::with_capacity(n + 1), Vec::with_capacity(n + 1));
    let (mut sum, mut square) = (0.0, 0.0);
    sums.push(sum);
    squares.push(square);
    for score in scores {
        sum += score;
        square += score * score;
        sums.push(sum);
        squares.push(square);
    }
    let mut found = Vec::new();
    let mut weights = Vec::new();
    let mut length = n;
    while length >= 2 * least {
        let needed = significance::explained_by(screen(n, length) * inflation.sqrt(), length);
        weights.clear();
        weights.extend((least..=length - least).map(|at| 1.0 / (real(at) * real(length - at))));
        let intervals = if length == n { 1 } else { (2 * n).div_ceil(length) };
        for interval in 0..intervals {
            let from = if intervals == 1 { 0 } else { (n - length) * interval / (intervals - 1) };
            let to = from + length;
            if let Some((place, explained)) = best(&sums[from..=to], &squares[from..=to], least, &weights)
                && explained >= needed
            {
                let deviate = significance::deviate(explained, length);
                found.push(Candidate { place: from + place, from, to, deviate });
            }
        }
        length = (length * 7 / 10).min(length - 1);
    }
    chosen(found)
}

/// The deviate from which on a split of an interval is worth a closer look.
fn screen(n: usize, length: usize) -> f64 {
    (2.0 * (1.0 + libm::log(real(n) / real(length)))).sqrt() + 1.6
}

fn chosen(mut found: Vec<Candidate>) -> Vec<usize> {
    found.sort_by(|a, b| {
        b.deviate
            .total_cmp(&a.deviate)
            .then(a.place.cmp(&b.place))
            .then((a.to - a.from).cmp(&(b.to - b.from)))
    });
    let mut places: Vec<usize> = Vec::new();
    for candidate in found {
        if !places.iter().any(|place| candidate.from < *place && *place < candidate.to) {
            places.push(candidate.place);
        }
    }
    places.sort_unstable();
    places
}

/// The place that explains the most of the variance of an interval, and the share of it. `sums` and `squares` run over
/// the interval, one longer than it.
fn best(sums: &[f64], squares: &[f64], least: usize, weights: &[f64]) -> Option<(usize, f64)> {
    let length = sums.len() - 1;
    let (base, all) = (sums[0], sums[length] - sums[0]);
    let whole = squares[length] - squares[0] - all * all / real(length);
    if whole <= 1e-12 {
        return None;
    }
    let slope = all / real(length);
    let mut line = slope * real(least);
    let (mut place, mut most) = (0, 0.0_f64);
    for (at, (sum, weight)) in sums[least..=length - least].iter().zip(weights).enumerate() {
        let off = sum - base - line;
        line += slope;
        let between = off * off * weight;
        if between > most {
            (place, most) = (at, between);
        }
    }
    Some((least + place, most * real(length) / whole))
}

/// The place among some with the largest deviate.
pub(super) fn best_among(scores: &[f64], places: RangeInclusive<usize>) -> Option<(usize, f64)> {
    let n = scores.len();
    let first = *places.start();
    let all: f64 = scores.iter().sum();
    let whole = scores.iter().map(|score| score * score).sum::<f64>() - all * all / real(n);
    if whole <= 1e-12 {
        return None;
    }
    let mut left: f64 = scores[..first].iter().sum();
    let mut best: Option<(usize, f64)> = None;
    for place in places {
        let off = left - all * real(place) / real(n);
        let between = off * off * real(n) / (real(place) * real(n - place));
        if best.is_none_or(|(_, most)| between > most) {
            best = Some((place, between));
        }
        left += scores[place];
    }
    best.map(|(place, between)| (place, significance::deviate(between / whole, n)))
}

/// The split of a segment after the energy statistic of E-divisive (Matteson and James 2014) on normal scores of the
/// segment: its place, no further than `reach` from `near`, and its deviate there.
pub(super) fn divide(values: &[f64], least: usize, near: usize, reach: usize) -> Option<(usize, f64)> {
    let n = values.len();
    if n < 2 * least {
        return None;
    }
    let (scores, ranks) = ranked(values);
    let first = least.max(near.saturating_sub(reach));
    let last = (n - least).min(near.saturating_add(reach));
    let place = most_energy(&scores, &ranks, first..=last)?;
    best_among(&scores, place..=place)
}

/// The place with the largest energy between what is before it and what is from it on.
fn most_energy(scores: &[f64], ranks: &[usize], places: RangeInclusive<usize>) -> Option<usize> {
    let n = scores.len();
    let to_earlier = to_earlier(scores, ranks);
    let to_all = to_all(scores, ranks);
    let (mut inside, mut between) = (0.0, 0.0);
    let mut outside: f64 = to_earlier.iter().sum();
    let mut best: Option<(usize, f64)> = None;
    for place in 1..=*places.end() {
        // The point before the place changes sides.
        let (earlier, all) = (to_earlier[place - 1], to_all[place - 1]);
        let later = all - earlier;
        inside += earlier;
        outside -= later;
        between += later - earlier;
        if place < *places.start() {
            continue;
        }
        let (left, right) = (real(place), real(n - place));
        let energy = 2.0 * between / (left * right)
            - 2.0 * inside / (left * (left - 1.0))
            - 2.0 * outside / (right * (right - 1.0));
        let scaled = energy * left * right / (left + right);
        if best.is_none_or(|(_, most)| scaled > most) {
            best = Some((place, scaled));
        }
    }
    best.map(|(place, _)| place)
}

/// For each score the sum of its distances to all others.
fn to_all(scores: &[f64], ranks: &[usize]) -> Vec<f64> {
    let n = scores.len();
    let mut ascending = vec![0.0; n];
    for (score, rank) in scores.iter().zip(ranks) {
        ascending[*rank] = *score;
    }
    let all: f64 = ascending.iter().sum();
    let mut below = 0.0;
    let mut by_rank = Vec::with_capacity(n);
    for (rank, score) in ascending.iter().enumerate() {
        let above = all - below - score;
        by_rank.push(above - below + score * (real(rank) - real(n - 1 - rank)));
        below += score;
    }
    ranks.iter().map(|rank| by_rank[*rank]).collect()
}

/// For each score the sum of its distances to those before it in time, by a tree of sums (Fenwick 1994).
fn to_earlier(scores: &[f64], ranks: &[usize]) -> Vec<f64> {
    let n = scores.len();
    let mut tree = vec![(0.0_f64, 0.0_f64); n + 1];
    let mut sum = 0.0;
    let mut distances = Vec::with_capacity(n);
    for (seen, (score, rank)) in scores.iter().zip(ranks).enumerate() {
        let (mut count, mut lower, mut node) = (0.0, 0.0, *rank);
        while node > 0 {
            count += tree[node].0;
            lower += tree[node].1;
            node &= node - 1;
        }
        // Those below it, and those above.
        distances.push(score * count - lower + (sum - lower) - score * (real(seen) - count));
        sum += score;
        let mut node = *rank + 1;
        while node <= n {
            tree[node].0 += 1.0;
            tree[node].1 += score;
            node += node & node.wrapping_neg();
        }
    }
    distances
}
