//! Figures out of pairs, out of single times, and out of counts.

use std::time::{Duration, Instant};

use assize_perf::{
    Better, Kind, Measurement, Unit,
    statistics::{Sorted, wilson_interval},
};

/// Where the figures are measured.
pub(crate) const HERE: &str = "benches/cache.rs";

/// The time of a call, ours and the bare store's, each over blocks that took turns.
#[derive(Debug)]
pub(crate) struct Pairs {
    ours: Vec<f64>,
    bare: Vec<f64>,
}

impl Pairs {
    /// Lets both sides do `calls` calls in turn, so many times; who begins changes. A side says how long they took. The
    /// first pair warms up and is not counted.
    pub(crate) fn take(
        pairs: usize,
        calls: usize,
        mut ours: impl FnMut() -> Result<Duration, String>,
        mut bare: impl FnMut() -> Result<Duration, String>,
    ) -> Result<Self, String> {
        let mut all = Self { ours: Vec::new(), bare: Vec::new() };
        for n in 0..=pairs {
            let (our, its) = if n % 2 == 0 {
                let our = ours()?;
                (our, bare()?)
            } else {
                let its = bare()?;
                (ours()?, its)
            };
            if n > 0 {
                all.ours.push(nanoseconds(our) / real(calls));
                all.bare.push(nanoseconds(its) / real(calls));
            }
        }
        Ok(all)
    }

    /// Our time of a call, and its ratio to the bare store's, a pair at a time.
    pub(crate) fn report(&self, id: &str, kind: Kind, note: &str) -> Result<[Measurement; 2], String> {
        let ratios = self.ours.iter().zip(&self.bare).map(|(ours, bare)| ours / bare).collect();
        let bare = Sorted::new(&self.bare).ok_or_else(|| format!("measure {id}: no pair"))?.median();
        Ok([
            sampled(id, "time", Unit::Nanoseconds, kind, self.ours.clone())?
                .with_figure("bare", bare)
                .with_note(note),
            sampled(id, "ratio", Unit::Ratio, kind, ratios)?.with_note(note),
        ])
    }

    /// What ours takes longer than the bare store, a pair at a time.
    pub(crate) fn overhead(&self, id: &str, note: &str) -> Result<Measurement, String> {
        let more = self.ours.iter().zip(&self.bare).map(|(ours, bare)| ours - bare).collect();
        Ok(sampled(id, "overhead", Unit::Nanoseconds, Kind::Timed, more)?.with_note(note))
    }
}

/// The median of samples of which less is better.
pub(crate) fn sampled(
    id: &str,
    metric: &str,
    unit: Unit,
    kind: Kind,
    samples: Vec<f64>,
) -> Result<Measurement, String> {
    let figure = Measurement::of_samples(id, metric, unit, Better::Lower, kind, samples);
    Ok(figure.ok_or_else(|| format!("measure {id}: a sample is missing"))?.at(HERE))
}

/// Percentiles of single times in nanoseconds, each the median over so many blocks of successive calls, so that a moment in
/// which something else ran spoils its block alone.
pub(crate) fn percentiles(
    id: &str,
    kind: Kind,
    times: &[f64],
    blocks: usize,
    note: &str,
) -> Result<Vec<Measurement>, String> {
    let length = times.len().div_ceil(blocks.max(1)).max(1);
    let slowest = times.iter().copied().fold(0.0, f64::max);
    let one = |(metric, p): (&str, f64)| {
        let of_blocks: Option<Vec<f64>> =
            times.chunks(length).map(|block| Some(Sorted::new(block)?.percentile(p))).collect();
        let figure = sampled(id, metric, Unit::Nanoseconds, kind, of_blocks.unwrap_or_default())?;
        let words = format!("median over blocks of {length} calls, {} calls in all; {note}", times.len());
        Ok(figure.with_figure("slowest", slowest).with_note(words))
    };
    [("p50", 50.0), ("p99", 99.0)].into_iter().map(one).collect()
}

/// A count of one in another, with Wilson's interval.
pub(crate) fn share(
    id: &str,
    metric: &str,
    better: Better,
    part: usize,
    whole: usize,
) -> Result<Measurement, String> {
    if whole == 0 {
        return Err(format!("count the {metric} of {id}: there was nothing to count"));
    }
    let value = real(part) / real(whole);
    let mut figure = Measurement::new(id, metric, Unit::Fraction, better, Kind::Counted, value).at(HERE);
    figure.interval = wilson_interval(part, whole, 0.95);
    Ok(figure.with_note(format!("{part} of {whole}")))
}

/// A single figure of which less is better.
pub(crate) fn figure(id: &str, metric: &str, unit: Unit, kind: Kind, value: f64) -> Measurement {
    Measurement::new(id, metric, unit, Better::Lower, kind, value).at(HERE)
}

/// A count of which less is better.
pub(crate) fn count(id: &str, metric: &str, kind: Kind, n: usize) -> Measurement {
    figure(id, metric, Unit::Count, kind, real(n))
}

/// How long something takes, and what comes of it.
pub(crate) async fn timed<T>(what: impl Future<Output = Result<T, String>>) -> Result<(Duration, T), String> {
    let began = Instant::now();
    let done = what.await?;
    Ok((began.elapsed(), done))
}

pub(crate) fn nanoseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1.0e9
}

/// A count as a float.
#[expect(clippy::cast_precision_loss, reason = "counts of calls and bytes are far below 2^52")]
pub(crate) const fn real(n: usize) -> f64 {
    n as f64
}

/// An error in words.
#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
pub(crate) fn words(error: impl ToString) -> String {
    error.to_string()
}
