//! Whether probabilities were worth what they said.

use std::collections::BTreeMap;

use assize_altdata::Ticker;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Interval, Proportion, Resolved};
use crate::measure::{count, enough, finite};
use crate::moments::{float, sum};
use crate::{Absence, Measure};

/// With fewer outcomes than this nothing is said about who made the forecasts.
pub const MIN_OUTCOMES: u64 = 30;

const BINS: usize = 10;
/// What a probability counts as at least, and at most from 1, where its logarithm is taken: a single certainty that
/// failed must not outweigh all else without end.
const LEAST: f64 = 1e-6;

/// How many outcomes there are, once those are left out whose time others cover already. Horizons that overlap share most
/// of their days, so that their outcomes repeat one another, and an interval that takes them for independent is too narrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EffectiveSample {
    /// The most that do not overlap another of the same ticker.
    pub per_ticker: u64,
    /// The most that overlap no other at all: tickers move together, so that the truth lies between the two.
    pub overall: u64,
}

impl EffectiveSample {
    /// Counts the outcomes that do not overlap. Two whose horizons only meet at a close do not.
    #[must_use]
    pub fn of<'a>(resolved: impl IntoIterator<Item = &'a Resolved>) -> Self {
        let mut windows: Vec<(Date, Date, &Ticker)> = resolved
            .into_iter()
            .map(|one| (one.outcome.to, one.outcome.from, &one.forecast.ticker))
            .collect();
        windows.sort_unstable();
        let (mut covered, mut all_covered) = (BTreeMap::<&Ticker, Date>::new(), None);
        let mut sample = Self { per_ticker: 0, overall: 0 };
        // Taking the window that ends first among those that are free gives the most.
        for (to, from, ticker) in windows {
            if covered.get(ticker).is_none_or(|until| *until <= from) {
                covered.insert(ticker, to);
                sample.per_ticker += 1;
            }
            if all_covered.is_none_or(|until| until <= from) {
                all_covered = Some(to);
                sample.overall += 1;
            }
        }
        sample
    }
}

/// The forecasts whose probability lay in one tenth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Bin {
    /// The tenth's lower end, which belongs to it.
    pub from: f64,
    /// The mean probability; `None` without a forecast.
    pub mean_p: Option<f64>,
    /// How often it came true; `None` without a forecast.
    pub observed: Option<Proportion>,
}

/// Whether probabilities were worth what they said.
///
/// Its intervals take the outcomes for independent; `effective` says how far they are, and `cautious` is the interval that
/// goes by it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Calibration {
    /// How many outcomes.
    pub outcomes: u64,
    /// How many that do not overlap.
    pub effective: EffectiveSample,
    /// How often the forecast lay on the right side of one half, among those that lay on either.
    pub hits: Measure<Proportion>,
    /// The interval of that share if only outcomes that do not overlap, ticker by ticker, count.
    pub cautious: Measure<Interval>,
    /// The mean of (p − o)², where o is 1 for what came true (Brier 1950): 0 is perfect, a coin has 0.25.
    pub brier: f64,
    /// How often what was asked came true.
    pub base_rate: f64,
    /// What always saying the base rate would have scored. It is known only afterwards, so this is a hard rival.
    pub base_brier: f64,
    /// 1 − the one over the other: above 0 is better than that rival.
    pub skill: Measure<f64>,
    /// The mean logarithm of the probability given to what happened, at most 0; a coin has −0.693. Probabilities count as
    /// one in a million at least.
    pub log_score: f64,
    /// What was said and what came true, by tenths; ten.
    pub reliability: Vec<Bin>,
    /// The expected calibration error: how far the mean probability of a tenth lies from how often it came true, weighted
    /// by the tenth's forecasts.
    pub calibration_error: f64,
}

impl Calibration {
    /// Holds these forecasts against what came of them; order does not matter.
    #[must_use]
    pub fn of(resolved: &[Resolved]) -> Measure<Self> {
        Self::reckon(resolved.iter().collect()).into()
    }

    pub(crate) fn reckon(mut resolved: Vec<&Resolved>) -> Result<Self, Absence> {
        enough(resolved.len(), MIN_OUTCOMES)?;
        // Sums of one order, whatever the order they came in.
        resolved.sort_by(|one, other| {
            let p = one.forecast.p_up.get().total_cmp(&other.forecast.p_up.get());
            p.then_with(|| one.came_true().cmp(&other.came_true()))
        });
        let n = float(resolved.len());
        let pairs: Vec<(f64, f64)> =
            resolved.iter().map(|one| (one.forecast.p_up.get(), observed(one))).collect();
        let base_rate = sum(pairs.iter().map(|(_, o)| *o)) / n;
        let brier = sum(pairs.iter().map(|(p, o)| (p - o) * (p - o))) / n;
        let base_brier = base_rate * (1.0 - base_rate);
        let said = pairs.iter().map(|(p, o)| if *o > 0.5 { *p } else { 1.0 - p });
        let log_score = sum(said.map(|p| libm::log(p.clamp(LEAST, 1.0 - LEAST)))) / n;
        let reliability = reliability(&resolved);
        let effective = EffectiveSample::of(resolved.iter().copied());
        let hits = hits(&resolved);
        let sides: Vec<&Resolved> = resolved.iter().copied().filter(|one| one.is_hit().is_some()).collect();
        let cautious = hits.map(|hits| {
            let free = EffectiveSample::of(sides).per_ticker;
            Interval::wilson(hits.share, float(usize::try_from(free).unwrap_or(usize::MAX)))
        });
        let skill = if base_brier > 0.0 { finite(1.0 - brier / base_brier) } else { Err(Absence::OneSided) };
        Ok(Self {
            outcomes: count(resolved.len()),
            effective,
            hits: hits.into(),
            cautious: cautious.into(),
            brier,
            base_rate,
            base_brier,
            skill: skill.into(),
            log_score,
            calibration_error: calibration_error(&reliability, n),
            reliability,
        })
    }
}

/// 1 for what came true, 0 for what did not.
fn observed(resolved: &Resolved) -> f64 {
    if resolved.came_true() { 1.0 } else { 0.0 }
}

fn hits(resolved: &[&Resolved]) -> Result<Proportion, Absence> {
    let sides: Vec<bool> = resolved.iter().filter_map(|one| one.is_hit()).collect();
    enough(sides.len(), MIN_OUTCOMES)?;
    let hits = sides.iter().filter(|hit| **hit).count();
    Proportion::of(hits, sides.len()).ok_or(Absence::OutOfRange)
}

fn reliability(resolved: &[&Resolved]) -> Vec<Bin> {
    let bin = |tenth: usize| {
        let inside: Vec<&&Resolved> = resolved.iter().filter(|one| tenth_of(one) == tenth).collect();
        let true_ones = inside.iter().filter(|one| one.came_true()).count();
        let total = sum(inside.iter().map(|one| one.forecast.p_up.get()));
        Bin {
            from: float(tenth) / float(BINS),
            mean_p: (!inside.is_empty()).then(|| total / float(inside.len())),
            observed: Proportion::of(true_ones, inside.len()),
        }
    };
    (0..BINS).map(bin).collect()
}

/// The tenth of a probability; certainty belongs to the last.
fn tenth_of(resolved: &Resolved) -> usize {
    let p = resolved.forecast.p_up.get();
    (1..BINS).filter(|tenth| p >= float(*tenth) / float(BINS)).count()
}

fn calibration_error(bins: &[Bin], n: f64) -> f64 {
    let error = |bin: &Bin| {
        let observed = bin.observed?;
        let weight = float(usize::try_from(observed.of).unwrap_or(usize::MAX)) / n;
        Some(weight * (bin.mean_p? - observed.share).abs())
    };
    sum(bins.iter().filter_map(error))
}

#[cfg(test)]
mod tests;
