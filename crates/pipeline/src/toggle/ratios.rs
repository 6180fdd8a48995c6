//! How debates went against what was expected of them.

use std::collections::BTreeMap;

use super::sketch::{ONE, Sketch, WHOLE};

/// Debates of more rounds count as debates of so many.
pub(super) const MOST_ROUNDS: u32 = 16;
/// After so many debates one weighs about e⁻¹.
const MEMORY: u32 = 100;
/// Debates of the same number of rounds, from which on they speak for themselves; about 30, which have faded a little.
const ENOUGH_OF_THE_SAME: u64 = 25 * ONE;
/// Debates of any number of rounds, from which on they are listened to; 11 have this weight and suffice for a p90.
const ENOUGH: u64 = 10 * ONE;

/// The ratios of what debates took to what was expected, in millionths, by their rounds and all together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ratios {
    pub(super) all: Sketch,
    pub(super) by_rounds: BTreeMap<u32, Sketch>,
}

/// What to multiply an expectation with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Factors {
    pub(super) p50: u128,
    pub(super) p90: u128,
    /// How many debates say so; none where it was declared.
    pub(super) debates: u32,
}

impl Default for Ratios {
    fn default() -> Self {
        Self { all: Sketch::remembering(MEMORY), by_rounds: BTreeMap::new() }
    }
}

impl Ratios {
    pub(super) fn learn(&mut self, rounds: u32, expected: u128, actual: u128) {
        let ratio = actual.saturating_mul(u128::from(WHOLE)).div_ceil(expected.max(1));
        self.all.add(ratio);
        self.of_mut(rounds).add(ratio);
    }

    /// The factors for so many rounds: from debates of as many, else from all, else a spread in percent.
    pub(super) fn factors(&self, rounds: u32, spread_percent: u32) -> Factors {
        let same = self.by_rounds.get(&key(rounds)).filter(|sketch| sketch.weight() >= ENOUGH_OF_THE_SAME);
        let sketch = same.or((self.all.weight() >= ENOUGH).then_some(&self.all));
        let learnt = sketch.and_then(|sketch| {
            let (p50, p90) = (sketch.bound(500_000)?, sketch.bound(900_000)?);
            Some(Factors { p50, p90, debates: sketch.count() })
        });
        let spread = u128::from(spread_percent.max(100)) * u128::from(WHOLE) / 100;
        learnt.unwrap_or(Factors { p50: u128::from(WHOLE), p90: spread, debates: 0 })
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.all.merge(&other.all);
        for (rounds, sketch) in &other.by_rounds {
            self.of_mut(*rounds).merge(sketch);
        }
    }

    fn of_mut(&mut self, rounds: u32) -> &mut Sketch {
        self.by_rounds.entry(key(rounds)).or_insert_with(|| Sketch::remembering(MEMORY))
    }
}

fn key(rounds: u32) -> u32 {
    rounds.clamp(1, MOST_ROUNDS)
}
