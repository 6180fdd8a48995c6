//! Taking away spikes of a point or two, which are no change of the level.

use super::effect::{median, median_of};

/// So many points on either side say what is usual.
const AROUND: usize = 3;
/// A point is a spike that lies this many standard deviations from the median around it.
const FAR: f64 = 4.5;
/// What the median of the differences between neighbours is multiplied with for the standard deviation of normal data:
/// 1 / (√2 · Φ⁻¹(3/4)).
const DIFFERENCE_TO_SD: f64 = 1.048_358_067_287_680_2;

/// The series with spikes set to the median of what is around them (Hampel 1974). The noise is taken from the differences
/// between neighbours, so that a step is no noise, and a stretch of three or more is none either.
pub(super) fn calmed(values: &[f64]) -> Vec<f64> {
    let mut calm = values.to_vec();
    let mut differences: Vec<f64> = values.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    if differences.is_empty() {
        return calm;
    }
    let limit = FAR * DIFFERENCE_TO_SD * median_of(&mut differences);
    // Half of all differences or more are nothing: there is no noise to measure spikes by.
    if limit <= 0.0 {
        return calm;
    }
    for at in 0..values.len() {
        let jump = |other: Option<usize>| {
            other
                .and_then(|other| values.get(other))
                .is_some_and(|other| (values[at] - other).abs() > limit / 2.0)
        };
        if !jump(at.checked_sub(1)) && !jump(Some(at + 1)) && !jump(at.checked_sub(2)) && !jump(Some(at + 2))
        {
            continue;
        }
        let around = &values[at.saturating_sub(AROUND)..(at + AROUND + 1).min(values.len())];
        let usual = median(around);
        if (values[at] - usual).abs() > limit {
            calm[at] = usual;
        }
    }
    calm
}
