//! A figure from samples and from what a tool says of them.

use statrs::distribution::{Binomial, DiscreteCDF};

use crate::{
    Unit,
    run::{Better, Interval, Kind, Measurement},
    statistics::Sorted,
};

/// What a tool says of one figure, in our unit.
pub(super) struct Timed<'a> {
    pub(super) id: String,
    pub(super) metric: &'a str,
    pub(super) unit: Unit,
    pub(super) better: Better,
    pub(super) kind: Kind,
    pub(super) samples: Vec<f64>,
    /// What the samples are: `runs`, `samples of one process`.
    pub(super) over: &'a str,
    /// The tool's own estimates by name, of which those with a figure are kept.
    pub(super) said: Vec<(&'a str, Option<f64>)>,
}

impl<'a> Timed<'a> {
    /// A time in nanoseconds.
    pub(super) fn new(id: impl Into<String>, metric: &'a str, samples: Vec<f64>, over: &'a str) -> Self {
        let (unit, better, kind) = (Unit::Nanoseconds, Better::Lower, Kind::Timed);
        Self { id: id.into(), metric, unit, better, kind, samples, over, said: Vec::new() }
    }

    /// The measurement: the median of the samples, else the tool's median, else its mean; `None` if there is neither.
    /// The interval is that of the median, where there are enough samples.
    pub(super) fn measurement(self) -> Option<Measurement> {
        let Self { id, metric, unit, better, kind, mut samples, over, said } = self;
        let given = samples.len();
        let is_time = unit == Unit::Nanoseconds;
        samples.retain(|sample| sample.is_finite() && (!is_time || *sample >= 0.0));
        let lost = given - samples.len();
        let tools = |name: &str| said.iter().find_map(|(said, figure)| figure.filter(|_| *said == name));
        let sorted = Sorted::new(&samples);
        let (value, note) = if let Some(sorted) = &sorted {
            let what = if samples.len() == 1 {
                format!("the figure is a single one, no median of {over}")
            } else {
                format!("the figure is the median of {} {over}", samples.len())
            };
            (sorted.median(), what)
        } else if let Some(median) = tools("median") {
            (median, "the figure is the tool's median".to_owned())
        } else {
            (tools("mean")?, "the figure is the tool's mean".to_owned())
        };
        let mut measurement = Measurement::new(id, metric, unit, better, kind, value).with_note(note);
        if lost > 0 {
            let text = format!("{lost} of {given} {over} are below zero or not finite and were left out");
            measurement.notes.push(text);
        }
        measurement.interval = sorted.as_ref().and_then(|sorted| median_interval(sorted.values(), over));
        measurement
            .figures
            .extend(said.iter().filter_map(|(name, figure)| Some(((*name).to_owned(), (*figure)?))));
        measurement.samples = samples;
        Some(measurement)
    }
}

/// The interval of a median from order statistics, at 95 % or the next level above that the number of samples allows;
/// it needs no assumption but that the samples are independent (Conover, Practical Nonparametric Statistics, 3.2).
/// `None` for fewer than six.
pub(super) fn median_interval(sorted: &[f64], over: &str) -> Option<Interval> {
    let n = sorted.len();
    let below = Binomial::new(0.5, u64::try_from(n).ok()?).ok()?;
    // The largest rank from below, counted from 0, that leaves at most 2.5 % on its side.
    let outside = |rank: usize| below.cdf(u64::try_from(rank).unwrap_or(u64::MAX));
    let (mut rank, mut above) = (0, n / 2);
    if n < 6 || outside(0) > 0.025 {
        return None;
    }
    while above - rank > 1 {
        let middle = usize::midpoint(rank, above);
        if outside(middle) <= 0.025 { rank = middle } else { above = middle }
    }
    let (low, high) = (*sorted.get(rank)?, *sorted.get(n - 1 - rank)?);
    let method = format!("order statistics of the median over {n} {over}");
    Some(Interval { low, high, level: 1.0 - 2.0 * outside(rank), method })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_of_a_median_are_those_of_the_tables() {
        // Coverages are 1 - 2 P(X < rank), X the heads in n throws of a coin: 6 → 1 and 6 (0.96875),
        // 10 → 2 and 9 (0.97852), 20 → 6 and 15 (0.95861), 100 → 40 and 61 (0.96480).
        for (n, low, high, level) in [
            (6, 1.0, 6.0, 0.96875),
            (10, 2.0, 9.0, 0.97852),
            (20, 6.0, 15.0, 0.95861),
            (100, 40.0, 61.0, 0.96480),
        ] {
            let sorted: Vec<f64> = (1..=n).map(f64::from).collect();
            let interval = median_interval(&sorted, "runs").unwrap();
            assert_eq!((interval.low, interval.high), (low, high), "{n}");
            assert!((interval.level - level).abs() < 5e-6, "{n}: {}", interval.level);
        }
        assert_eq!(median_interval(&[1.0; 5], "runs"), None);
    }
}
