//! Whether memory grows: a robust slope, and a test of trend that knows how like its neighbours each look is.

use assize_perf::{Better, Finding, Interval, Kind, Measurement, Run, Unit, statistics::Sorted};

use crate::{
    latencies::{Z_95, median},
    number::{len, place, real},
};

/// The share of the time at the beginning that is left out: caches and pools fill.
const SETTLES: f64 = 0.2;
/// So many points are tested: the medians of as many stretches of time.
const POINTS: usize = 100;
/// With fewer points nothing is said.
const LEAST: usize = 20;
/// Growth that is no leak: this share of the memory in an hour.
const TOLERATED: f64 = 0.05;
const HOUR: f64 = 3_600.0;

/// What is said of a process's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeakVerdict {
    /// It grows: the trend is significant (p < 0.05), and by more than is tolerated within the whole interval.
    Leak,
    /// It does not: the whole interval lies below what is tolerated.
    NoLeak,
    /// The time was too short to say.
    Inconclusive,
}

impl LeakVerdict {
    /// In words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Leak => "leak",
            Self::NoLeak => "no leak",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// How memory went.
#[derive(Debug, Clone, PartialEq)]
pub struct Leak {
    /// What follows.
    pub verdict: LeakVerdict,
    /// Growth in bytes an hour (Theil 1950, Sen 1968); `None` where there are too few points.
    pub slope: Option<f64>,
    /// Its 95 % interval: Sen's by ranks, widened for autocorrelation.
    pub interval: Option<Interval>,
    /// The two-sided p of no trend (Mann 1945, Kendall 1975), with a variance widened for autocorrelation (Hamed and Rao 1998).
    pub p: Option<f64>,
    /// What is tolerated, in bytes an hour.
    pub tolerated: f64,
    /// How many points were tested.
    pub points: usize,
}

/// Tests seconds and bytes, in order of time. The first fifth is left out; what is left is reduced to the medians of 100 stretches
/// of time. What is tolerated is 5 % of the memory in an hour, at least 1 MiB.
///
/// ```
/// use assize_load::{LeakVerdict, leak};
///
/// // A megabyte a minute, for half an hour, with noise.
/// let noise = [0.0, 3e5, -2e5, 1e5, -4e5, 2e5, 5e4];
/// let memory: Vec<_> = (0..1_800_u32)
///     .map(|s| (f64::from(s), 1e8 + 1e6 * f64::from(s) / 60.0 + noise[s as usize % 7]))
///     .collect();
/// let found = leak(&memory);
/// assert_eq!(found.verdict, LeakVerdict::Leak);
/// assert!(found.interval.is_some_and(|interval| interval.contains(6e7)));
/// ```
#[must_use]
pub fn leak(memory: &[(f64, f64)]) -> Leak {
    let settled = memory.get(place(SETTLES, memory.len())..).unwrap_or_default();
    let points = reduced(settled);
    let level = median(&points.iter().map(|point| point.1).collect::<Vec<_>>()).unwrap_or(0.0);
    let tolerated = (level * TOLERATED).max(1_048_576.0);
    let nothing = Leak {
        verdict: LeakVerdict::Inconclusive,
        slope: None,
        interval: None,
        p: None,
        tolerated,
        points: points.len(),
    };
    if points.len() < LEAST {
        return nothing;
    }
    let Some(slopes) = Sorted::new(&slopes(&points)) else { return nothing };
    let slope = slopes.median();
    let (score, variance) = trend(&points, slope);
    let p = if variance > 0.0 {
        let z = (score.abs() - 1.0).max(0.0) / variance.sqrt();
        libm::erfc(z / std::f64::consts::SQRT_2)
    } else {
        1.0
    };
    let count = len(slopes.values());
    let half = Z_95 * variance.sqrt() / 2.0;
    let at = |rank: f64| slopes.values()[place((rank / count).clamp(0.0, 1.0), slopes.values().len())] * HOUR;
    let interval = Interval {
        low: at(count / 2.0 - half),
        high: at(count / 2.0 + half + 1.0),
        level: 0.95,
        method: "Theil-Sen by ranks, widened for autocorrelation".to_owned(),
    };
    let verdict = if interval.high <= tolerated {
        LeakVerdict::NoLeak
    } else if p < 0.05 && interval.low > tolerated {
        LeakVerdict::Leak
    } else {
        LeakVerdict::Inconclusive
    };
    Leak { verdict, slope: Some(slope * HOUR), interval: Some(interval), p: Some(p), ..nothing }
}

impl Leak {
    pub(super) fn add_to(&self, run: &mut Run, id: &str) {
        let verdict = self.verdict.name();
        let (Some(slope), Some(p)) = (self.slope, self.p) else {
            let text = format!("leak test: {verdict}: {} points, and it needs {LEAST}", self.points);
            run.findings.push(Finding::new(id, None, text));
            return;
        };
        let unit = Unit::Other("bytes/hour".to_owned());
        let figure = Measurement::new(id, "memory-growth", unit, Better::Lower, Kind::Loaded, slope)
            .with_figure("tolerated", self.tolerated)
            .with_note(format!(
                "{verdict}: Mann-Kendall p {p:.4} over {} points; up to {} an hour is tolerated",
                self.points,
                Unit::Bytes.show(self.tolerated)
            ));
        run.measurements.push(Measurement { interval: self.interval.clone(), ..figure });
    }
}

/// The medians of stretches of time.
fn reduced(memory: &[(f64, f64)]) -> Vec<(f64, f64)> {
    if memory.len() <= POINTS {
        return memory.to_vec();
    }
    let ends = |n: usize| n * memory.len() / POINTS;
    let stretch = |n: usize| {
        let (times, bytes): (Vec<f64>, Vec<f64>) = memory[ends(n)..ends(n + 1)].iter().copied().unzip();
        Some((median(&times)?, median(&bytes)?))
    };
    (0..POINTS).filter_map(stretch).collect()
}

/// The slopes of all pairs, in bytes a second.
fn slopes(points: &[(f64, f64)]) -> Vec<f64> {
    let mut all = Vec::with_capacity(points.len() * points.len() / 2);
    for (place, a) in points.iter().enumerate() {
        let later = points[place + 1..].iter().filter(|b| b.0 > a.0);
        all.extend(later.map(|b| (b.1 - a.1) / (b.0 - a.0)));
    }
    all
}

/// Kendall's score, and its variance with ties, widened for the autocorrelation of what is left of the trend.
fn trend(points: &[(f64, f64)], slope: f64) -> (f64, f64) {
    let mut score = 0.0;
    for (place, a) in points.iter().enumerate() {
        for b in &points[place + 1..] {
            score += if b.1 > a.1 {
                1.0
            } else if b.1 < a.1 {
                -1.0
            } else {
                0.0
            };
        }
    }
    let n = len(points);
    let values: Vec<f64> = points.iter().map(|point| point.1).collect();
    let spread = |n: f64| n * (n - 1.0) * (2.0 * n + 5.0);
    let mut variance = spread(n);
    let mut sorted = values;
    sorted.sort_by(f64::total_cmp);
    for tied in sorted.chunk_by(|a, b| a.total_cmp(b).is_eq()) {
        variance -= spread(len(tied));
    }
    let left: Vec<f64> = points.iter().map(|(at, bytes)| bytes - slope * at).collect();
    (score, variance / 18.0 * inflation(&ranks(&left)))
}

/// By how much autocorrelation widens the variance of Kendall's score: the larger of what Hamed and Rao (1998, equation 6) say of
/// ranks and of what a first-order process widens a mean's, whose correlation is corrected for the trend that was taken out
/// (estimated from few points both are too small); at least 1.
fn inflation(ranks: &[f64]) -> f64 {
    let n = len(ranks);
    let centre = (n + 1.0) / 2.0;
    let all: f64 = ranks.iter().map(|rank| (rank - centre) * (rank - centre)).sum();
    if all <= 0.0 {
        return 1.0;
    }
    let correlation = |lag: usize| {
        let pairs = ranks.iter().zip(&ranks[lag..]);
        pairs.map(|(a, b)| (a - centre) * (b - centre)).sum::<f64>() / all
    };
    let next = correlation(1);
    let next = (next + 4.0f64.mul_add(next, 2.0) / n).clamp(0.0, 0.99);
    let mut sum = 0.0;
    for lag in 1..ranks.len() / 2 {
        let correlation = correlation(lag);
        // Only what cannot be told from nothing is left out.
        if correlation.abs() > Z_95 / n.sqrt() {
            let rest = n - real(u64::try_from(lag).unwrap_or(u64::MAX));
            sum += rest * (rest - 1.0) * (rest - 2.0) * correlation;
        }
    }
    let hamed_rao = 1.0 + 2.0 / (n * (n - 1.0) * (n - 2.0)) * sum;
    hamed_rao.max((1.0 + next) / (1.0 - next))
}

/// Ranks from 1, shared where values are alike.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0.0;
    for tied in order.chunk_by(|a, b| values[*a].total_cmp(&values[*b]).is_eq()) {
        for at in tied {
            ranks[*at] = before + f64::midpoint(1.0, len(tied));
        }
        before += len(tied);
    }
    ranks
}

#[cfg(test)]
mod tests;
