//! A figure beside its own past.

use super::chain::as_f64;

/// The days that a score is taken over.
pub const ZSCORE_DAYS: usize = 20;

/// The fewest days that an implied volatility's rank is taken over.
pub const MIN_IV_DAYS: usize = 60;

/// How many standard deviations (n − 1) `value` lies above the mean of the last [`ZSCORE_DAYS`] of `history`, the oldest
/// first, without today. None with fewer days, with none that differ, and of what is no number.
///
/// ```
/// use assize_signals::options::z_score;
///
/// let history: Vec<f64> = (1..=20).map(f64::from).collect();
/// // mean 10.5, standard deviation √35
/// assert!((z_score(22.0, &history).unwrap() - 11.5 / 35.0_f64.sqrt()).abs() < 1e-12);
/// assert_eq!(z_score(22.0, &history[1..]), None);
/// ```
#[must_use]
pub fn z_score(value: f64, history: &[f64]) -> Option<f64> {
    let days = &history[history.len().checked_sub(ZSCORE_DAYS)?..];
    if !value.is_finite() || days.iter().any(|day| !day.is_finite()) {
        return None;
    }
    let n = as_f64(days.len() as u64);
    let mean = days.iter().sum::<f64>() / n;
    let deviation = (days.iter().map(|day| (day - mean) * (day - mean)).sum::<f64>() / (n - 1.0)).sqrt();
    (deviation > mean.abs() * 1e-12).then(|| (value - mean) / deviation)
}

/// An implied volatility beside its past.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IvStanding {
    /// (x − least) ÷ (most − least), as a share, cut off at 0 and 1: days of panic make it small for a year.
    pub rank: f64,
    /// The share of days that were below x.
    pub percentile: f64,
    /// Days that were looked at.
    pub n_days: usize,
}

/// The rank and percentile of `iv` in `history`, usually the 252 days before, without today. Days without a volatility (0,
/// or no number) are passed over. None with fewer than [`MIN_IV_DAYS`] left, or if all are alike.
#[must_use]
pub fn iv_standing(iv: f64, history: &[f64]) -> Option<IvStanding> {
    let days: Vec<f64> = history.iter().copied().filter(|day| day.is_finite() && *day > 0.0).collect();
    if days.len() < MIN_IV_DAYS || !iv.is_finite() || iv <= 0.0 {
        return None;
    }
    let least = days.iter().copied().fold(f64::INFINITY, f64::min);
    let most = days.iter().copied().fold(0.0, f64::max);
    let below = days.iter().filter(|day| **day < iv).count();
    (most > least).then(|| IvStanding {
        rank: ((iv - least) / (most - least)).clamp(0.0, 1.0),
        percentile: as_f64(below as u64) / as_f64(days.len() as u64),
        n_days: days.len(),
    })
}
