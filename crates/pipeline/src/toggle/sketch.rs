//! Quantiles of a stream of whole numbers that forgets.

use std::collections::BTreeMap;

/// What one number weighs when it comes.
pub(super) const ONE: u64 = 1 << 20;
/// A bucket that weighs less is dropped: in sum that is less than half a hundredth of what is remembered.
const LEAST_WEIGHT: u64 = ONE / 256;
/// Beyond this weight a sketch is thinned, so that no product of a weight and a number leaves an `i128`.
const MOST_WEIGHT: u64 = 1 << 36;
/// Larger numbers count as this one.
const LARGEST: u128 = (1 << 90) - 1;
/// A bucket is as wide as this part of its lower end, or 1.
const STEPS_LOG2: u32 = 9;
const STEPS: u16 = 1 << STEPS_LOG2;
/// The bucket of the largest number.
const LAST_BUCKET: u16 = bucket_of(LARGEST);
/// Numbers weigh less by a sixteenth each time that so many have come as are a sixteenth of the memory.
const FADES: u32 = 16;
/// The whole, in the millionths that a level is given in.
pub(super) const WHOLE: u64 = 1_000_000;

/// A sketch of the newest numbers of a stream: counts in buckets whose width is 1/512 of their place.
///
/// A quantile is never below the true one and at most 1/512 above it. What is old weighs less, in steps: after as many
/// numbers as the sketch's memory, a number weighs (15/16)¹⁶, about e⁻¹, of what it did. Everything is counted in whole
/// numbers, so that the same numbers in the same order leave the same sketch on every machine.
///
/// ```
/// use assize_pipeline::toggle::Sketch;
///
/// let mut sketch = Sketch::remembering(100_000);
/// (1..=100).for_each(|seconds| sketch.add(seconds * 1_000));
/// let median = sketch.quantile(500_000).unwrap();
/// assert!((50_000..=50_000 + 50_000 / 512).contains(&median), "{median}");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch {
    memory: u32,
    /// Numbers that came since all weights were last lowered.
    unfaded: u32,
    weights: BTreeMap<u16, u64>,
}

impl Sketch {
    /// An empty sketch in which a number weighs about e⁻¹ after so many others; at least 16.
    #[must_use]
    pub fn remembering(memory: u32) -> Self {
        Self { memory: memory.max(FADES), unfaded: 0, weights: BTreeMap::new() }
    }

    /// Takes in a number, and forgets a little of all others. Numbers from 2⁹⁰ count as 2⁹⁰ − 1.
    pub fn add(&mut self, number: u128) {
        if self.unfaded >= self.memory / FADES {
            self.fade(u64::from(FADES) - 1, u64::from(FADES));
            self.unfaded = 0;
        }
        self.unfaded += 1;
        *self.weights.entry(bucket_of(number)).or_default() += ONE;
    }

    /// Takes in all that another sketch remembers, which then weighs as much as what was here before.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, weight) in &other.weights {
            *self.weights.entry(*bucket).or_default() += weight;
        }
        self.unfaded = self.unfaded.max(other.unfaded);
        let weight = self.weight();
        if weight > MOST_WEIGHT {
            self.fade(MOST_WEIGHT, weight);
        }
    }

    /// Lets everything weigh `part / of` of what it did.
    pub(super) fn fade(&mut self, part: u64, of: u64) {
        let faded = |weight: u64| u128::from(weight) * u128::from(part) / u128::from(of.max(1));
        self.weights.retain(|_, weight| {
            *weight = u64::try_from(faded(*weight)).unwrap_or(*weight);
            *weight >= LEAST_WEIGHT
        });
    }

    /// The smallest number that so many millionths of what is remembered are at or below, or `None` of an empty sketch.
    #[must_use]
    pub fn quantile(&self, level: u64) -> Option<u128> {
        self.reaching(level, self.weight())
    }

    /// The number that the next one will stay at or below with this probability, in millionths, if it is like those before:
    /// the quantile of a set that has the next number in it, as one without bound. `None` as long as too few are known.
    ///
    /// This is split conformal prediction with weights that fade (Barber, Candès, Ramdas, Tibshirani 2023, "Conformal
    /// prediction beyond exchangeability").
    #[must_use]
    pub fn bound(&self, level: u64) -> Option<u128> {
        self.reaching(level, self.weight() + ONE)
    }

    fn reaching(&self, level: u64, of: u64) -> Option<u128> {
        let wanted = (u128::from(of) * u128::from(level.min(WHOLE))).div_ceil(u128::from(WHOLE)).max(1);
        let mut reached = 0;
        for (bucket, weight) in &self.weights {
            reached += u128::from(*weight);
            if reached >= wanted {
                return Some(upper_end(*bucket));
            }
        }
        None
    }

    /// The mean, rounded down and right to 1/1024 of itself, or `None` of an empty sketch.
    #[must_use]
    pub fn mean(&self) -> Option<u128> {
        let sum: u128 =
            self.weights.iter().map(|(bucket, weight)| middle(*bucket) * u128::from(*weight)).sum();
        sum.checked_div(u128::from(self.weight()))
    }

    /// How many numbers it remembers, those that have faded in part; rounded.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from((self.weight() + ONE / 2) / ONE).unwrap_or(u32::MAX)
    }

    /// The weight of all that is remembered.
    pub(super) fn weight(&self) -> u64 {
        self.weights.values().sum()
    }

    pub(super) const fn memory(&self) -> u32 {
        self.memory
    }

    pub(super) const fn unfaded(&self) -> u32 {
        self.unfaded
    }

    pub(super) const fn weights(&self) -> &BTreeMap<u16, u64> {
        &self.weights
    }

    /// A sketch from its parts, or what is wrong with them.
    pub(super) fn from_parts(memory: u32, unfaded: u32, parts: &[(u16, u64)]) -> Result<Self, String> {
        let mut sketch = Self { unfaded: unfaded.min(memory), ..Self::remembering(memory) };
        let mut sum = 0_u64;
        for (bucket, weight) in parts {
            if *bucket > LAST_BUCKET {
                return Err(format!("there is no bucket {bucket}; the last is {LAST_BUCKET}"));
            }
            sum = sum.saturating_add(*weight);
            if *weight == 0 || sum > MOST_WEIGHT {
                return Err(format!("bucket {bucket} has a weight of {weight}, which no sketch gives it"));
            }
            if sketch.weights.insert(*bucket, *weight).is_some() {
                return Err(format!("bucket {bucket} is there twice"));
            }
        }
        Ok(sketch)
    }
}

/// The bucket of a number. Below 1,024 each number has one of its own.
#[expect(clippy::cast_possible_truncation, reason = "a shift below 90 and a remainder below 1,024 fit")]
const fn bucket_of(number: u128) -> u16 {
    let number = if number > LARGEST { LARGEST } else { number };
    if number < STEPS as u128 {
        return number as u16;
    }
    let shift = number.ilog2() - STEPS_LOG2;
    shift as u16 * STEPS + (number >> shift) as u16
}

/// How far the numbers of a bucket are shifted, and its lower end.
fn place(bucket: u16) -> (u32, u128) {
    let shift = (bucket / STEPS).saturating_sub(1);
    (u32::from(shift), u128::from(bucket - shift * STEPS) << shift)
}

fn upper_end(bucket: u16) -> u128 {
    let (shift, low) = place(bucket);
    low + ((1 << shift) - 1)
}

fn middle(bucket: u16) -> u128 {
    let (shift, low) = place(bucket);
    low + ((1 << shift) - 1) / 2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Remembers as good as everything.
    fn lasting() -> Sketch {
        Sketch::remembering(u32::MAX)
    }

    #[test]
    fn every_bucket_follows_the_one_before_without_a_gap() {
        assert_eq!((upper_end(0), LAST_BUCKET), (0, 41_983));
        for bucket in 1..=LAST_BUCKET {
            let (_, low) = place(bucket);
            assert_eq!(low, upper_end(bucket - 1) + 1, "{bucket}");
            assert_eq!((bucket_of(low), bucket_of(upper_end(bucket))), (bucket, bucket));
        }
        assert_eq!(upper_end(LAST_BUCKET), LARGEST);
        assert_eq!(bucket_of(u128::MAX), LAST_BUCKET);
    }

    #[test]
    fn what_is_old_is_forgotten() {
        let mut sketch = Sketch::remembering(100);
        (0..1_000).for_each(|_| sketch.add(1_000));
        assert!((90..=96).contains(&sketch.count()), "{}", sketch.count());
        (0..58).for_each(|_| sketch.add(3_000));
        assert!(sketch.quantile(500_000).unwrap() < 1_100, "half is still old");
        (0..16).for_each(|_| sketch.add(3_000));
        assert!(sketch.quantile(500_000).unwrap() >= 3_000, "ln 2 · 100 numbers later it is not");
        (0..1_000).for_each(|_| sketch.add(3_000));
        assert_eq!(sketch.weights.len(), 1, "at last the old bucket is gone");
    }

    #[test]
    fn a_bound_is_given_only_where_enough_is_known() {
        let mut sketch = lasting();
        (0..8).for_each(|n| sketch.add(n));
        assert_eq!(sketch.bound(900_000), None, "of 9 with the next, the 9th is the next");
        assert_eq!(sketch.bound(500_000), Some(4));
        (8..10).for_each(|n| sketch.add(n));
        assert_eq!(sketch.bound(900_000), Some(9));
        assert_eq!((Sketch::remembering(9).quantile(500_000), Sketch::remembering(9).mean()), (None, None));
    }

    #[test]
    fn a_great_weight_is_thinned_rather_than_overflow() {
        let parts = [(3, MOST_WEIGHT / 2), (9, MOST_WEIGHT / 2)];
        let mut sketch = Sketch::from_parts(100, 0, &parts).unwrap();
        for _ in 0..100 {
            let other = sketch.clone();
            sketch.merge(&other);
        }
        assert!(sketch.weight() <= MOST_WEIGHT);
        assert_eq!((sketch.quantile(500_000), sketch.quantile(500_001)), (Some(3), Some(9)));
    }

    #[test]
    fn parts_that_no_sketch_has_are_refused() {
        for parts in [vec![(41_984, ONE)], vec![(1, 0)], vec![(1, u64::MAX)], vec![(1, ONE), (1, ONE)]] {
            assert!(Sketch::from_parts(100, 0, &parts).is_err(), "{parts:?}");
        }
    }

    proptest! {
        #[test]
        fn quantiles_are_at_or_a_512th_above_the_true_ones(
            mut numbers in prop::collection::vec(prop_oneof![0_u128..5_000, 0..u128::from(u64::MAX)], 1..200),
            level in 1_u64..=WHOLE,
        ) {
            let mut sketch = lasting();
            for number in &numbers {
                sketch.add(*number);
            }
            numbers.sort_unstable();
            let rank = (u64::try_from(numbers.len()).unwrap() * level).div_ceil(WHOLE).max(1);
            let exact = numbers[usize::try_from(rank).unwrap() - 1];
            let got = sketch.quantile(level).unwrap();
            prop_assert!(exact <= got && got <= exact + exact / 512, "{got} at {level} of {numbers:?}");
        }

        #[test]
        fn the_mean_is_right_to_a_thousandth(numbers in prop::collection::vec(0_u128..1 << 80, 1..100)) {
            let mut sketch = lasting();
            numbers.iter().for_each(|number| sketch.add(*number));
            let exact = numbers.iter().sum::<u128>() / numbers.len() as u128;
            prop_assert!(sketch.mean().unwrap().abs_diff(exact) <= exact / 500 + 1);
        }

        #[test]
        fn merging_has_no_order(a in prop::collection::vec(any::<u64>(), 0..50), b in prop::collection::vec(any::<u64>(), 0..50)) {
            let of = |numbers: &[u64]| {
                let mut sketch = Sketch::remembering(64);
                numbers.iter().for_each(|number| sketch.add(u128::from(*number)));
                sketch
            };
            let (mut one, mut other) = (of(&a), of(&b));
            one.merge(&of(&b));
            other.merge(&of(&a));
            prop_assert_eq!(one, other);
        }
    }
}
