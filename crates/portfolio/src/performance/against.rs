//! Money against a benchmark.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{DAYS_A_YEAR, Performance, total};
use crate::measure::{count, enough, finite};
use crate::moments::{correlation, covariance, deviation, mean, variance};
use crate::{Absence, Measure, Returns};

/// Money against a benchmark, between the days that both have: where one of them has no level, the other's returns are
/// compounded to the next day that both have.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Against {
    /// How many returns both have.
    pub days: u64,
    /// The total return of the money between those days.
    pub total_return: Measure<f64>,
    /// The total return of the benchmark between those days.
    pub benchmark_return: Measure<f64>,
    /// How much the money moves with the benchmark: their covariance over the benchmark's variance.
    pub beta: Measure<f64>,
    /// What a year brings that the benchmark does not explain: (r̄ − β·b̄)·252.
    pub alpha: Measure<f64>,
    /// The correlation of daily returns.
    pub correlation: Measure<f64>,
    /// The deviation of the daily differences times √252.
    pub tracking_error: Measure<f64>,
    /// The mean of the daily differences over their deviation, of a year: times √252.
    pub information_ratio: Measure<f64>,
    /// The same of a day, as quantstats has it.
    pub information_ratio_daily: Measure<f64>,
}

impl Against {
    pub(super) fn compare(returns: &Returns, benchmark: &Returns) -> Result<Self, Absence> {
        let (ours, theirs) = aligned(returns, benchmark);
        enough(ours.len(), 1)?;
        let many = enough(ours.len(), Performance::MIN_DAYS);
        let difference: Vec<f64> = ours.iter().zip(&theirs).map(|(ours, theirs)| ours - theirs).collect();
        let beta = many.and_then(|()| finite(covariance(&ours, &theirs)? / variance(&theirs)?));
        let spread = many.and_then(|()| deviation(&difference));
        let daily = spread.and_then(|spread| finite(mean(&difference)? / spread));
        Ok(Self {
            days: count(ours.len()),
            total_return: total(&ours).into(),
            benchmark_return: total(&theirs).into(),
            beta: beta.into(),
            alpha: beta.and_then(|beta| finite((mean(&ours)? - beta * mean(&theirs)?) * DAYS_A_YEAR)).into(),
            correlation: many.and_then(|()| correlation(&ours, &theirs)).into(),
            tracking_error: spread.and_then(|spread| finite(spread * DAYS_A_YEAR.sqrt())).into(),
            information_ratio: daily.and_then(|daily| finite(daily * DAYS_A_YEAR.sqrt())).into(),
            information_ratio_daily: daily.into(),
        })
    }
}

/// The returns of both between the days that both have a level on.
fn aligned(one: &Returns, other: &Returns) -> (Vec<f64>, Vec<f64>) {
    let has_level = |returns: &Returns, date: &Date| {
        *date == returns.start() || returns.days().binary_search_by_key(date, |(date, _)| *date).is_ok()
    };
    let levels = std::iter::once(one.start()).chain(one.days().iter().map(|(date, _)| *date));
    let common: Vec<Date> = levels.filter(|date| has_level(other, date)).collect();
    (between(one, &common), between(other, &common))
}

/// The returns from each of these days to the next.
fn between(returns: &Returns, days: &[Date]) -> Vec<f64> {
    let gains: BTreeMap<Date, f64> = returns.days().iter().copied().collect();
    let span = |pair: &[Date]| {
        let mut within =
            gains.range(pair[0]..=pair[1]).filter(|(date, _)| **date > pair[0]).map(|(_, gain)| *gain);
        let first = within.next().unwrap_or(0.0);
        // A single return stays as it is, to the last bit.
        within.fold(first, |compound, gain| (1.0 + compound) * (1.0 + gain) - 1.0)
    };
    days.windows(2).map(span).collect()
}
