//! How well money did, day by day: return, risk, and both against a benchmark.
//!
//! A year has 252 days here. Returns are simple, deviations have n − 1 below, ratios are of the mean of daily returns: the
//! conventions of quantstats 0.0.86, whose figures these equal, with one difference: its information ratio is per day.

mod against;
mod drawdown;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use against::Against;
pub use drawdown::Drawdown;

use crate::measure::{count, enough, finite};
use crate::moments::{deviation, float, mean, sum};
use crate::{Absence, Measure};

/// The trading days of a year.
pub(crate) const DAYS_A_YEAR: f64 = 252.0;

/// The normal distribution's point with 95 % below it.
const Z_95: f64 = 1.644_853_626_951_472_2;
/// How far out the mean of the worst 5 % of a normal distribution lies, in deviations: the density at that point over 0.05.
const TAIL_95: f64 = 2.062_712_807_507_425_3;

/// Daily returns in the order of their days.
///
/// ```
/// use assize_portfolio::Returns;
/// use jiff::civil::date;
///
/// let equity = [(date(2024, 7, 1), 100.0), (date(2024, 7, 2), 110.0), (date(2024, 7, 3), 99.0)];
/// let returns = Returns::from_levels(equity)?;
/// assert_eq!(returns.start(), date(2024, 7, 1));
/// assert!((returns.days()[1].1 + 0.1).abs() < 1e-12);
/// # Ok::<(), assize_portfolio::Absence>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Returns {
    start: Date,
    days: Vec<(Date, f64)>,
}

impl Returns {
    /// The returns of these days, of money that was there whole on `start`.
    ///
    /// # Errors
    /// [`Absence::OutOfOrder`] where a day is not later than the one before, [`Absence::BadValue`] where a return is not a
    /// finite number of at least −1, which is to lose all.
    pub fn new(start: Date, days: impl IntoIterator<Item = (Date, f64)>) -> Result<Self, Absence> {
        let days: Vec<(Date, f64)> = days.into_iter().collect();
        let mut before = start;
        for &(date, gain) in &days {
            if date <= before {
                return Err(Absence::OutOfOrder { date });
            }
            if !(gain.is_finite() && gain >= -1.0) {
                return Err(Absence::BadValue { date });
            }
            before = date;
        }
        Ok(Self { start, days })
    }

    /// The returns between levels, such as an account's worth or adjusted closes, each day once, in order.
    ///
    /// # Errors
    /// [`Absence::TooFew`] without a level; [`Absence::OutOfOrder`] as for [`new`](Self::new); [`Absence::BadValue`] where a
    /// level is not a positive finite number, or so much larger than the one before that no number says how much.
    pub fn from_levels(levels: impl IntoIterator<Item = (Date, f64)>) -> Result<Self, Absence> {
        let mut levels = levels.into_iter();
        let sound = |(date, level): (Date, f64)| {
            if level.is_finite() && level > 0.0 { Ok((date, level)) } else { Err(Absence::BadValue { date }) }
        };
        let (start, mut before) = sound(levels.next().ok_or(Absence::TooFew { have: 0, need: 1 })?)?;
        let mut days = Vec::new();
        for level in levels {
            let (date, level) = sound(level)?;
            days.push((date, level / before - 1.0));
            before = level;
        }
        Self::new(start, days)
    }

    /// The day before the first return.
    #[must_use]
    pub const fn start(&self) -> Date {
        self.start
    }

    /// The days, each with its return: 0.01 is 1 %.
    #[must_use]
    pub fn days(&self) -> &[(Date, f64)] {
        &self.days
    }

    /// The Sharpe ratio of a year over a rate without risk, which is given for a year, 0.05 for 5 %: the mean of the daily
    /// excess over its deviation, times √252 (Sharpe 1994, "The Sharpe Ratio").
    #[must_use]
    pub fn sharpe(&self, riskless: f64) -> Measure<f64> {
        let daily = libm::pow(1.0 + riskless, 1.0 / DAYS_A_YEAR) - 1.0;
        let excess: Vec<f64> = self.days.iter().map(|(_, gain)| gain - daily).collect();
        ratio(&excess).into()
    }

    fn gains(&self) -> Vec<f64> {
        self.days.iter().map(|(_, gain)| *gain).collect()
    }
}

/// How well money did.
///
/// ```
/// use assize_portfolio::{Absence, Measure, Performance, Returns};
/// use jiff::civil::date;
///
/// let equity = [(date(2024, 7, 1), 100.0), (date(2024, 7, 2), 90.0), (date(2024, 7, 3), 108.0)];
/// let performance = Performance::of(&Returns::from_levels(equity)?, None);
/// assert!((performance.total_return.value().unwrap() - 0.08).abs() < 1e-12);
/// assert!((performance.max_drawdown.value().unwrap().depth + 0.1).abs() < 1e-12);
/// assert_eq!(performance.sharpe, Measure::Absent(Absence::TooFew { have: 2, need: 30 }));
/// # Ok::<(), assize_portfolio::Absence>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Performance {
    /// The day before the first return.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub start: Date,
    /// The last day; `start` if there is no return.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub end: Date,
    /// How many daily returns there are.
    pub days: u64,
    /// What became of 1.0, less 1.0.
    pub total_return: Measure<f64>,
    /// The growth of a year that compounds to the total.
    pub cagr: Measure<f64>,
    /// The deviation of daily returns times √252.
    pub volatility: Measure<f64>,
    /// The mean of daily returns over their deviation, times √252; the rate without risk is 0.
    pub sharpe: Measure<f64>,
    /// The mean of daily returns over the downside deviation √(Σ min(r, 0)² / n), times √252 (Sortino and Price 1994).
    pub sortino: Measure<f64>,
    /// The deepest fall from a peak, of which the start is the first.
    pub max_drawdown: Measure<Drawdown>,
    /// The growth of a year over the depth of that fall.
    pub calmar: Measure<f64>,
    /// The share of days that gained among those that moved.
    pub hit_rate: Measure<f64>,
    /// The sum of gains over that of losses.
    pub profit_factor: Measure<f64>,
    /// The mean gain of days that gained over the mean loss of days that lost.
    pub payoff_ratio: Measure<f64>,
    /// The return that 95 % of days exceed, if returns are normal.
    pub value_at_risk: Measure<f64>,
    /// The mean return of the other 5 %, if returns are normal.
    pub expected_shortfall: Measure<f64>,
    /// All that compares with a benchmark.
    pub against: Measure<Against>,
}

impl Performance {
    /// With fewer days than this a ratio says nothing, nor does a figure for a year.
    pub const MIN_DAYS: u64 = 30;

    /// Measures returns, beside those of a benchmark if there is one.
    #[must_use]
    pub fn of(returns: &Returns, benchmark: Option<&Returns>) -> Self {
        let gains = returns.gains();
        let total = total(&gains);
        let cagr = total.and_then(|total| growth(total, gains.len()));
        let drawdown = Drawdown::deepest(returns);
        let against = benchmark.ok_or(Absence::NoBenchmark);
        Self {
            start: returns.start,
            end: returns.days.last().map_or(returns.start, |(date, _)| *date),
            days: count(gains.len()),
            total_return: total.into(),
            cagr: cagr.into(),
            volatility: volatility(&gains).into(),
            sharpe: ratio(&gains).into(),
            sortino: sortino(&gains).into(),
            max_drawdown: drawdown.into(),
            calmar: cagr.and_then(|cagr| calmar(cagr, drawdown?)).into(),
            hit_rate: hit_rate(&gains).into(),
            profit_factor: profit_factor(&gains).into(),
            payoff_ratio: payoff_ratio(&gains).into(),
            value_at_risk: below_the_mean(&gains, Z_95).into(),
            expected_shortfall: below_the_mean(&gains, TAIL_95).into(),
            against: against.and_then(|benchmark| Against::compare(returns, benchmark)).into(),
        }
    }
}

/// What became of 1.0, less 1.0.
fn total(gains: &[f64]) -> Result<f64, Absence> {
    finite(gains.iter().fold(1.0, |wealth, gain| wealth * (1.0 + gain)) - 1.0)
}

fn growth(total: f64, days: usize) -> Result<f64, Absence> {
    enough(days, Performance::MIN_DAYS)?;
    finite(libm::pow(1.0 + total, DAYS_A_YEAR / float(days)) - 1.0)
}

fn volatility(gains: &[f64]) -> Result<f64, Absence> {
    enough(gains.len(), Performance::MIN_DAYS)?;
    match deviation(gains) {
        // That nothing varied is a figure here: no risk was seen.
        Err(Absence::ZeroVariance) => Ok(0.0),
        deviation => finite(deviation? * DAYS_A_YEAR.sqrt()),
    }
}

/// The mean over the deviation, for a year.
fn ratio(gains: &[f64]) -> Result<f64, Absence> {
    enough(gains.len(), Performance::MIN_DAYS)?;
    finite(mean(gains)? / deviation(gains)? * DAYS_A_YEAR.sqrt())
}

fn sortino(gains: &[f64]) -> Result<f64, Absence> {
    enough(gains.len(), Performance::MIN_DAYS)?;
    let squares = sum(gains.iter().filter(|gain| **gain < 0.0).map(|gain| gain * gain));
    let downside = (squares / float(gains.len())).sqrt();
    if downside > 0.0 { finite(mean(gains)? / downside * DAYS_A_YEAR.sqrt()) } else { Err(Absence::NoLoss) }
}

fn calmar(cagr: f64, drawdown: Drawdown) -> Result<f64, Absence> {
    if drawdown.depth < 0.0 { finite(cagr / -drawdown.depth) } else { Err(Absence::NoLoss) }
}

/// The days that gained and those that lost.
fn sides(gains: &[f64]) -> Result<(Vec<f64>, Vec<f64>), Absence> {
    enough(gains.len(), Performance::MIN_DAYS)?;
    let moved = gains.iter().copied().filter(|gain| gain.abs() > 0.0);
    Ok(moved.partition(|gain| *gain > 0.0))
}

fn hit_rate(gains: &[f64]) -> Result<f64, Absence> {
    let (up, down) = sides(gains)?;
    let moved = up.len() + down.len();
    if moved == 0 { Err(Absence::ZeroVariance) } else { Ok(float(up.len()) / float(moved)) }
}

fn profit_factor(gains: &[f64]) -> Result<f64, Absence> {
    let (up, down) = sides(gains)?;
    if down.is_empty() { Err(Absence::NoLoss) } else { finite(sum(up) / -sum(down)) }
}

fn payoff_ratio(gains: &[f64]) -> Result<f64, Absence> {
    let (up, down) = sides(gains)?;
    if down.is_empty() {
        return Err(Absence::NoLoss);
    }
    let gain = if up.is_empty() { 0.0 } else { mean(&up)? };
    finite(gain / -mean(&down)?)
}

/// The mean less so many deviations.
fn below_the_mean(gains: &[f64], deviations: f64) -> Result<f64, Absence> {
    enough(gains.len(), Performance::MIN_DAYS)?;
    finite(mean(gains)? - deviations * deviation(gains)?)
}

#[cfg(test)]
mod tests;
