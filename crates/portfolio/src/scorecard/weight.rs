//! What a voice should weigh.

use crate::moments::float;
use crate::{Calibration, EffectiveSample, MIN_OUTCOMES, Measure};

/// The most that a record may make a voice weigh, and one over the least.
const MOST: f64 = 4.0;

/// See [`Scorecards::weights`](crate::Scorecards::weights).
pub(super) fn of(calibration: &Measure<Calibration>, effective: EffectiveSample) -> f64 {
    let Some(skill) = calibration.known().and_then(|calibration| calibration.skill.value()) else {
        return 1.0;
    };
    let number = |n: u64| float(usize::try_from(n).unwrap_or(usize::MAX));
    let n = number(effective.per_ticker);
    // A score of 0 is a skill of 1, and infinitely better.
    let raw = (1.0 / (1.0 - skill).max(f64::MIN_POSITIVE)).clamp(1.0 / MOST, MOST);
    1.0 + (raw - 1.0) * n / (n + number(MIN_OUTCOMES))
}
