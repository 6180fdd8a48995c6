//! Figures out of samples.

use std::time::Duration;

use assize_perf::{
    Better, Kind, Measurement, Unit,
    statistics::{Sorted, mean, student_interval},
};
use jiff::civil::{Date, date};
use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::Runtime;

/// Where the figures are measured.
pub(crate) const HERE: &str = "benches/pipeline.rs";

/// The day that briefs look back from.
pub(crate) const DAY: Date = date(2026, 3, 6);

/// A runtime whose time is virtual.
pub(crate) fn paused() -> Result<Runtime, String> {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().map_err(words)
}

/// A figure that has one value a seed: their mean with the t interval, and how they are spread.
pub(crate) fn of_seeds(id: &str, metric: &str, unit: Unit, values: Vec<f64>) -> Result<Measurement, String> {
    let none = || format!("measure the {metric} of {id}: there was nothing");
    let sorted = Sorted::new(&values).ok_or_else(none)?;
    let value = mean(&values).ok_or_else(none)?;
    let mut figure = Measurement::new(id, metric, unit, Better::Lower, Kind::Virtual, value)
        .with_figure("p50", sorted.median())
        .with_figure("p95", sorted.percentile(95.0))
        .with_figure("max", sorted.max())
        .with_note(format!("mean over {} seeds", values.len()))
        .at(HERE);
    figure.interval = student_interval(&values, 0.95);
    Ok(figure.with_samples(values))
}

/// The median of times on the processor, in nanoseconds.
pub(crate) fn timed(id: &str, metric: &str, samples: Vec<f64>) -> Result<Measurement, String> {
    Measurement::of_samples(id, metric, Unit::Nanoseconds, Better::Lower, Kind::Timed, samples)
        .map(|figure| figure.at(HERE))
        .ok_or_else(|| format!("measure the {metric} of {id}: there was nothing"))
}

/// A single figure of which less is better.
pub(crate) fn figure(id: &str, metric: &str, unit: Unit, kind: Kind, value: f64) -> Measurement {
    Measurement::new(id, metric, unit, Better::Lower, kind, value).at(HERE)
}

/// What this thread had of the processor until now.
pub(crate) fn processor() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

pub(crate) fn nanoseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1.0e9
}

/// A count as a float.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(crate) const fn real(n: usize) -> f64 {
    n as f64
}

/// An error in words.
#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
pub(crate) fn words(error: impl ToString) -> String {
    error.to_string()
}
