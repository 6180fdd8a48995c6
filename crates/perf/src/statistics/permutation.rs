//! The test of means by permutation (Fisher 1935; Pitman 1937).

use assize_ambient::Seed;

use super::summary::{mean, real, sum};

/// Up to so many ways to part the values all of them are tried.
pub const ALL_WAYS_UP_TO: f64 = 200_000.0;

/// How many ways are drawn where there are more.
const DRAWN: usize = 20_000;

/// What parting the values in other ways says of the difference of their means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Permutation {
    /// The two-sided p value: twice the smaller tail, at most 1.
    pub p: f64,
    /// Whether all ways were tried, rather than some drawn.
    pub is_exact: bool,
}

/// Tests whether the values of `a` and `b` could as well have been parted otherwise: by the mean of `b` less that of `a`, over
/// all ways to part them ([`ALL_WAYS_UP_TO`]), or over 20,000 that are drawn, the one that was seen counted among them (Phipson
/// and Smyth 2010). `None` where a side is empty or a value is not finite.
///
/// ```
/// use assize_ambient::Seed;
/// use assize_perf::statistics::permutation_of_means;
///
/// let test = permutation_of_means(&[1.0, 2.0, 3.0, 5.0], &[11.0, 12.0, 13.0, 15.0], Seed::new(1)).expect("values");
/// assert!((test.p - 2.0 / 70.0).abs() < 1e-12 && test.is_exact);
/// ```
#[must_use]
pub fn permutation_of_means(a: &[f64], b: &[f64], seed: Seed) -> Option<Permutation> {
    let mut all: Vec<f64> = a.iter().chain(b).copied().collect();
    if a.is_empty() || b.is_empty() || all.iter().any(|x| !x.is_finite()) {
        return None;
    }
    // From their centre, so that sums lose nothing. The mean of one side follows from its sum: that of all is always the same.
    let centre = mean(&all)?;
    all.iter_mut().for_each(|x| *x -= centre);
    let (few, is_b) = if b.len() < a.len() { (b.len(), true) } else { (a.len(), false) };
    let part = if is_b { &all[a.len()..] } else { &all[..a.len()] };
    let seen = sum(part.iter().copied());
    // What differs by rounding alone is equal.
    let slack = 1e-12 * all.iter().map(|x| x.abs()).sum::<f64>();
    let mut tails = Tails { seen, slack, below: 0, above: 0, all: 0 };
    let is_exact = ways(all.len(), few) <= ALL_WAYS_UP_TO;
    if is_exact {
        all_sums(&all, few, 0.0, &mut |sum| tails.count(sum));
    } else {
        tails.count(seen);
        let mut chance = seed.child("permutation").rng();
        for _ in 0..DRAWN {
            // The first `few` of a shuffle.
            for place in 0..few {
                let other = place + chance.below(all.len() - place);
                all.swap(place, other);
            }
            tails.count(all[..few].iter().sum());
        }
    }
    let least = real(tails.below.min(tails.above));
    Some(Permutation { p: (2.0 * least / real(tails.all)).min(1.0), is_exact })
}

/// How many sums lie at or beyond the one that was seen.
struct Tails {
    seen: f64,
    slack: f64,
    below: usize,
    above: usize,
    all: usize,
}

impl Tails {
    fn count(&mut self, sum: f64) {
        self.below += usize::from(sum <= self.seen + self.slack);
        self.above += usize::from(sum >= self.seen - self.slack);
        self.all += 1;
    }
}

/// The sums of all choices of `size` of the values.
fn all_sums(values: &[f64], size: usize, so_far: f64, found: &mut impl FnMut(f64)) {
    if size == 0 {
        return found(so_far);
    }
    for first in 0..=values.len() - size {
        all_sums(&values[first + 1..], size - 1, so_far + values[first], found);
    }
}

/// C(n, k), which may be infinite.
fn ways(n: usize, k: usize) -> f64 {
    (1..=k).fold(1.0, |ways, i| ways * real(n - k + i) / real(i))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawing_comes_close_to_trying_all() {
        let a: Vec<f64> = (0..10).map(|i| f64::from(i * i % 17)).collect();
        let b: Vec<f64> = (0..11).map(|i| f64::from(i * i % 13) + 3.0).collect();
        let drawn = permutation_of_means(&a, &b, Seed::new(4)).unwrap();
        let mut exact = Tails { seen: a.iter().sum(), slack: 1e-9, below: 0, above: 0, all: 0 };
        let all: Vec<f64> = a.iter().chain(&b).copied().collect();
        all_sums(&all, a.len(), 0.0, &mut |sum| exact.count(sum));
        let p = 2.0 * real(exact.below.min(exact.above)) / real(exact.all);
        assert!(!drawn.is_exact && (drawn.p - p).abs() < 0.015, "{} {p}", drawn.p);
        assert_eq!(permutation_of_means(&a, &b, Seed::new(4)), Some(drawn));
    }

    #[test]
    fn what_is_alike_proves_nothing() {
        let test = permutation_of_means(&[3.0; 5], &[3.0; 5], Seed::new(1)).unwrap();
        assert!((test.p - 1.0).abs() < 1e-12);
        assert_eq!(permutation_of_means(&[], &[1.0], Seed::new(1)), None);
        assert_eq!(permutation_of_means(&[f64::NAN], &[1.0], Seed::new(1)), None);
    }
}
