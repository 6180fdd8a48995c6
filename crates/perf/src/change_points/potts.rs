//! Steps by a penalised fit of constants in the L1 norm (a Potts model), as asv finds them.
//!
//! This does what `asv.step_detect.detect_steps` of asv 0.6 does for series without weights: the best partition into
//! pieces of 20 at most for a penalty γ (Friedrich et al. 2008), pieces joined and borders moved where that is better, and
//! the γ that is best by an information measure with correlated noise.

mod distance;

use distance::Distances;

use crate::statistics::real;

/// No piece of the first partition is longer.
const MOST: usize = 20;

/// The places at which a new piece begins, without the first.
pub(super) fn steps(values: &[f64]) -> Vec<usize> {
    let n = values.len();
    if n < 2 {
        return Vec::new();
    }
    let distances = Distances::of(values, MOST);
    let whole = distances.of_range(0, n);
    let scale = if whole > 0.0 { whole } else { 1.0 };
    let beta = 4.0 * libm::log(real(n)) / real(n);
    let mut best: (f64, Vec<usize>) = (f64::INFINITY, vec![n]);
    let mut measure = |x: f64| {
        let ends = approximate(&distances, n, scale * libm::exp(x));
        let objective = objective(values, &distances, &ends, beta);
        if objective < best.0 {
            best = (objective, ends);
        }
        objective
    };
    let low = libm::log(0.1 / real(n));
    golden(&mut measure, low, 0.0, low.abs() * 0.1, 0.0);
    best.1.pop();
    best.1
}

/// The ends of the pieces of a partition that is about the best for the penalty.
fn approximate(distances: &Distances, n: usize, gamma: f64) -> Vec<usize> {
    let mut ends = partition(distances, n, gamma);
    join(distances, &mut ends, gamma);
    shift(distances, &mut ends);
    ends
}

/// The best partition into pieces of [`MOST`] at most.
fn partition(distances: &Distances, n: usize, gamma: f64) -> Vec<usize> {
    // The least cost of what ends before a place, and where its last piece begins.
    let (mut costs, mut begins) = (Vec::with_capacity(n + 1), Vec::with_capacity(n));
    costs.push(-gamma);
    for end in 1..=n {
        let (mut least, mut begin) = (f64::INFINITY, 0);
        let first = end.saturating_sub(MOST);
        for (from, (cost, distance)) in (first..end).zip(costs[first..].iter().zip(distances.ending_at(end)))
        {
            let cost = cost + gamma + distance;
            if cost <= least {
                (least, begin) = (cost, from);
            }
        }
        costs.push(least);
        begins.push(begin);
    }
    let mut ends = Vec::new();
    let mut end = n;
    while end > 0 {
        ends.push(end);
        end = begins[end - 1];
    }
    ends.reverse();
    ends
}

/// Joins neighbours where that is no dearer.
fn join(distances: &Distances, ends: &mut Vec<usize>, gamma: f64) {
    loop {
        let (mut least, mut chosen, mut from) = (0.0, ends.len(), 0);
        for next in 1..ends.len() {
            if chosen + 2 < next {
                break;
            }
            let (middle, to) = (ends[next - 1], ends[next]);
            let apart = distances.of_range(from, middle) + distances.of_range(middle, to) + gamma;
            let change = distances.of_range(from, to) - apart;
            if change <= least {
                (least, chosen) = (change, next - 1);
            }
            from = middle;
        }
        if chosen == ends.len() {
            return;
        }
        ends.remove(chosen);
    }
}

/// Moves the borders where that is better: the first partition cannot place those between long pieces.
fn shift(distances: &Distances, ends: &mut [usize]) {
    let mut from = 0;
    for next in 1..ends.len() {
        let (border, to) = (ends[next - 1], ends[next]);
        let cost = |at: usize| distances.of_range(from, at) + distances.of_range(at, to);
        let (mut least, mut chosen) = (cost(border), border);
        for at in (from + 1).max(border.saturating_sub(MOST))..to.min(border + MOST + 1) {
            if at == border {
                continue;
            }
            let moved = cost(at);
            if moved < least {
                (least, chosen) = (moved, at);
            }
        }
        ends[next - 1] = chosen;
        from = chosen;
    }
}

/// The information measure of a partition: β for each piece, and the logarithm of the noise, of which each value may
/// follow the one before.
fn objective(values: &[f64], distances: &Distances, ends: &[usize], beta: f64) -> f64 {
    let mut residuals = Vec::with_capacity(values.len());
    let mut medians = Vec::with_capacity(ends.len());
    let mut from = 0;
    for &end in ends {
        let median = distances.median(from, end);
        residuals.extend(values[from..end].iter().map(|value| value - median));
        medians.push(median);
        from = end;
    }
    let noise = |rho: f64| -> f64 {
        residuals[0].abs() + residuals.windows(2).map(|pair| (pair[1] - rho * pair[0]).abs()).sum::<f64>()
    };
    let rho = golden(&mut |rho| noise(rho), -1.0, 1.0, 0.05, 1e-8);
    let floor = if medians.len() > 2 {
        0.1 * medians.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(f64::INFINITY, f64::min)
    } else {
        0.001 * medians.iter().map(|median| median.abs()).fold(f64::INFINITY, f64::min)
    };
    beta * real(ends.len()) + libm::log(floor.max(1e-300) + noise(rho))
}

/// The place of a minimum by golden section, with the bounds themselves looked at first.
fn golden(f: &mut impl FnMut(f64) -> f64, low: f64, high: f64, x_tolerance: f64, f_tolerance: f64) -> f64 {
    let ratio = 2.0 / (1.0 + 5.0_f64.sqrt());
    let mut x0 = (ratio * low - (1.0 - ratio) * high) / (2.0 * ratio - 1.0);
    let mut x3 = (ratio * high - (1.0 - ratio) * low) / (2.0 * ratio - 1.0);
    let mut x1 = ratio * x0 + (1.0 - ratio) * x3;
    let mut x2 = (1.0 - ratio) * x0 + ratio * x3;
    let (mut f1, mut f2) = (f(x1), f(x2));
    let scale = f1.abs().max(f2.abs());
    while (x0 - x3).abs() >= x_tolerance && (f1 - f2).abs() >= f_tolerance * scale {
        if f2 < f1 {
            (x0, x1, f1) = (x1, x2, f2);
            x2 = ratio * x1 + (1.0 - ratio) * x3;
            f2 = f(x2);
        } else {
            (x3, x2, f2) = (x2, x1, f1);
            x1 = ratio * x2 + (1.0 - ratio) * x0;
            f1 = f(x1);
        }
    }
    if f2 < f1 { x2 } else { x1 }
}

/// For tests: the distance and the median of one stretch.
#[cfg(test)]
pub(super) fn distance_and_median(values: &[f64], from: usize, to: usize) -> (f64, f64) {
    let distances = Distances::of(values, MOST);
    (distances.of_range(from, to), distances.median(from, to))
}
