//! Figures out of many single times, and out of counts.

use assize_perf::{
    Better, Interval, Kind, Measurement, Unit,
    statistics::{Sorted, mean, student_interval, wilson_interval},
};

/// Where the figures are measured.
pub(crate) const HERE: &str = "benches/calls.rs";

/// Percentiles of single times in nanoseconds, each the median over so many blocks of successive calls, so that a moment in
/// which something else ran spoils its block alone.
pub(crate) fn percentiles(
    id: &str,
    kind: Kind,
    times: &[f64],
    blocks: usize,
    note: &str,
) -> Vec<Measurement> {
    [("p50", 50.0), ("p99", 99.0)]
        .into_iter()
        .filter_map(|(metric, p)| percentile(id, metric, p, kind, times, blocks).map(|m| m.with_note(note)))
        .collect()
}

/// One of [`percentiles`].
pub(crate) fn percentile(
    id: &str,
    metric: &str,
    p: f64,
    kind: Kind,
    times: &[f64],
    blocks: usize,
) -> Option<Measurement> {
    let length = times.len().div_ceil(blocks.max(1)).max(1);
    let of_blocks: Option<Vec<f64>> =
        times.chunks(length).map(|block| Some(Sorted::new(block)?.percentile(p))).collect();
    let figure = Measurement::of_samples(id, metric, Unit::Nanoseconds, Better::Lower, kind, of_blocks?)?;
    let all = Sorted::new(times)?;
    Some(
        figure
            .with_figure("p50-of-all", all.percentile(50.0))
            .with_figure("p99-of-all", all.percentile(99.0))
            .with_note(format!("median over blocks of {length} calls, {} calls in all", times.len()))
            .at(HERE),
    )
}

/// A count of one in another, with Wilson's interval.
pub(crate) fn share(
    id: &str,
    metric: &str,
    better: Better,
    kind: Kind,
    part: u64,
    whole: u64,
) -> Result<Measurement, String> {
    let size = |n: u64| usize::try_from(n).map_err(|e| e.to_string());
    let (part, whole) = (size(part)?, size(whole)?);
    if whole == 0 {
        return Err(format!("count the {metric} of {id}: there was nothing to count"));
    }
    let mut figure =
        Measurement::new(id, metric, Unit::Fraction, better, kind, real(part) / real(whole)).at(HERE);
    figure.interval = wilson_interval(part, whole, 0.95);
    Ok(figure.with_note(format!("{part} of {whole}")))
}

/// A count.
pub(crate) fn count(id: &str, metric: &str, better: Better, kind: Kind, n: u64) -> Measurement {
    Measurement::new(id, metric, Unit::Count, better, kind, of_count(n)).at(HERE)
}

/// A figure that has one value a seed: their mean, with the t interval.
pub(crate) fn over_seeds(
    id: &str,
    metric: &str,
    unit: Unit,
    better: Better,
    kind: Kind,
    values: Vec<f64>,
) -> Option<Measurement> {
    let mean = mean(&values)?;
    let interval: Option<Interval> = student_interval(&values, 0.95);
    let mut figure = Measurement::new(id, metric, unit, better, kind, mean).with_samples(values).at(HERE);
    figure.interval = interval;
    Some(figure.with_note("mean over seeds"))
}

/// A count as a float.
#[expect(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
pub(crate) const fn real(n: usize) -> f64 {
    n as f64
}

/// The same.
pub(crate) fn of_count(n: u64) -> f64 {
    usize::try_from(n).map_or(f64::INFINITY, real)
}
