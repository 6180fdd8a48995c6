//! One thing measured several times.

use crate::{
    Unit,
    run::{Better, Interval, Kind, Measurement},
    statistics::{Sorted, real},
};

/// The median of repetitions, with the narrowest pair of them that holds the true median with 95 % or more, as benchstat
/// has it; from six repetitions on there is one. `None` for no sample or one that is not finite.
pub(super) fn repeated(
    id: &str,
    metric: &str,
    unit: Unit,
    better: Better,
    kind: Kind,
    samples: Vec<f64>,
) -> Option<Measurement> {
    let sorted = Sorted::new(&samples)?;
    let mut measured = Measurement::new(id, metric, unit, better, kind, sorted.median());
    // Counts that never differ are exact.
    if sorted.min() < sorted.max() {
        measured.interval = of_median(sorted.values());
    }
    if samples.len() > 1 {
        measured.notes.push(format!("the median of {} repetitions", samples.len()));
        measured.samples = samples;
    }
    Some(measured)
}

/// The order statistics around the median: whichever distribution the samples have, the number below its median is
/// binomial.
fn of_median(sorted: &[f64]) -> Option<Interval> {
    let n = sorted.len();
    // Beyond a thousand the bell is exact enough, and 2⁻ⁿ soon is no number any more.
    let (place, level) = if n <= 1_000 { binomial(n)? } else { normal(n) };
    Some(Interval {
        low: *sorted.get(place)?,
        high: *sorted.get(n - 1 - place)?,
        level,
        method: "order statistics of the median".to_owned(),
    })
}

/// How many samples may be left out at each end, and what the rest then holds.
fn binomial(n: usize) -> Option<(usize, f64)> {
    let mut chance = 0.5_f64.powi(i32::try_from(n).ok()?);
    let mut below = 0.0;
    let mut found = None;
    for place in 0..n / 2 {
        below += chance;
        let level = 1.0 - 2.0 * below;
        if level < 0.95 {
            break;
        }
        found = Some((place, level));
        chance *= real(n - place) / real(place + 1);
    }
    found
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and half of a length")]
fn normal(n: usize) -> (usize, f64) {
    let place = (real(n) / 2.0 - 1.96 * real(n).sqrt() / 2.0).floor().max(0.0);
    (place as usize, 0.95)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_median_needs_six() {
        // The tables of the sign test: 6 gives 96.9 %, 10 from the second on 97.9 %, 20 from the sixth on 95.9 %.
        for (n, expected) in [
            (5, None),
            (6, Some((0, 0.96875))),
            (10, Some((1, 0.978_515_625))),
            (20, Some((5, 0.958_610_534_667_968_8))),
        ] {
            assert_eq!(binomial(n), expected, "{n}");
        }
        let (place, _) = binomial(1_000).unwrap();
        assert!(normal(1_000).0.abs_diff(place) <= 1, "{place}");
    }
}
