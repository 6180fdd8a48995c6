//! What was learnt of how far the estimates for one model are off.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::fit::{Line, Point, Shape};
use super::saved::{Refused, SavedCalibration};
use super::{Estimate, real, whole};
use crate::token_counter::Exactness;

/// So many of the last pairs are remembered.
pub(super) const WINDOW: usize = 64;

/// The bound is that of so many of the last errors, at most.
const BOUNDED_BY: usize = 39;

/// With fewer errors than these no 19 of 20 can be told from the largest.
const SUPPORTS_A_QUANTILE: usize = 19;

/// The shape of the line is the one that was best for so many of the last pairs.
const JUDGED_BY: usize = 24;

/// A report so many times above or below what was said is not believed at once.
const UNBELIEVABLE: f64 = 3.0;

/// From so many pairs on, reports can be unbelievable.
const BELIEVES_ITSELF: usize = 8;

/// A prompt of more tokens is no prompt.
const MAX_REPORT: u64 = 1_000_000_000;

/// Learns from pairs of what was estimated and what the vendor then reported how far the estimates for a model are off.
///
/// What is learnt is a factor (another vocabulary), a constant (a hidden prompt) or both, whichever would have been best
/// for the last pairs, and nothing where none would have been clearly better. Medians are taken throughout, so that a broken or hostile report cannot move the result far, and
/// two pairs that agree with the estimator are always assumed, so that few pairs cannot either. 64 pairs are remembered.
///
/// The stated bound is measured, not derived: each pair is first predicted with what was known before it, and the bound is
/// the error that 19 of 20 of the last 39 such predictions kept. As long as there are fewer than 19 it is the
/// estimator's own, or the largest error that was seen if that is larger. Reports that are more than three times off what
/// was said are [set aside](Observed::SetAside): they do not count as errors while they are at most a quarter of those
/// pairs, for they tell of the reports, not of the estimates.
///
/// **Leave out pairs whose report counts something that the estimate does not**: images, audio, files, tools that the
/// vendor defines, a conversation that the vendor stores. Compare whole prompts, and count cached tokens as the tokens
/// that they are. The result depends on the order of the pairs, and on nothing else.
///
/// ```
/// use assize_metering::{Calibration, Exactness};
///
/// let mut calibration = Calibration::new(Exactness::Estimated { per_mille: 250 });
/// for estimated in 100..150 {
///     calibration.observe(estimated, estimated + 192); // a hidden prompt of 192 tokens
/// }
/// let estimate = calibration.estimate(500);
/// assert_eq!(estimate.tokens, 692);
/// assert_eq!(estimate.exactness.to_string(), "estimated ± 0.1 %");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "SavedCalibration", try_from = "SavedCalibration")]
pub struct Calibration {
    /// The bound of the estimator itself, in parts in a thousand.
    prior: u32,
    pairs: VecDeque<Pair>,
    observed: u64,
    learnt: Learnt,
}

/// What became of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Observed {
    /// It was learnt from.
    Learnt,
    /// It was remembered, but its report is so far off that it is not believed as long as others do not agree.
    SetAside,
    /// It was dropped: one of both is zero or absurd, or the count needs no calibration.
    Ignored,
}

/// A pair, with what was predicted before the report was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Pair {
    pub(super) estimated: u64,
    pub(super) reported: u64,
    /// What [`Calibration::estimate`] gave.
    pub(super) said: u64,
    /// What each [`Shape`] of line gave.
    pub(super) by_shape: [u64; Shape::COUNT],
    pub(super) set_aside: bool,
}

impl Pair {
    pub(super) fn is_sane(&self) -> bool {
        let counted = 1..=MAX_REPORT;
        counted.contains(&self.estimated)
            && counted.contains(&self.reported)
            && self.said >= 1
            && self.by_shape.iter().all(|&tokens| tokens >= 1)
    }
}

/// What follows from the pairs.
#[derive(Debug, Clone, PartialEq)]
struct Learnt {
    lines: [Line; Shape::COUNT],
    line: Line,
    per_mille: u32,
}

impl Calibration {
    /// Nothing learnt yet, of an estimator of that exactness. An exact count has nothing to learn: its bound is zero.
    #[must_use]
    pub fn new(prior: Exactness) -> Self {
        let prior = match prior {
            Exactness::Exact => 0,
            Exactness::Estimated { per_mille } => per_mille,
        };
        Self::of(prior, VecDeque::new(), 0)
    }

    pub(super) fn of(prior: u32, pairs: VecDeque<Pair>, observed: u64) -> Self {
        let learnt = Learnt::from(prior, &pairs);
        Self { prior, pairs, observed, learnt }
    }

    /// Learns from what was estimated for a prompt, before calibration, and what the vendor reported.
    pub fn observe(&mut self, estimated: u64, reported: u64) -> Observed {
        let counted = 1..=MAX_REPORT;
        if !counted.contains(&estimated) || !counted.contains(&reported) {
            return Observed::Ignored;
        }
        let said = self.learnt.line.predict(estimated);
        let ratio = real(reported) / real(said);
        let set_aside =
            self.pairs.len() >= BELIEVES_ITSELF && !(1.0 / UNBELIEVABLE..=UNBELIEVABLE).contains(&ratio);
        let by_shape = self.learnt.lines.map(|line| line.predict(estimated));
        if self.pairs.len() >= WINDOW {
            self.pairs.pop_front();
        }
        self.pairs.push_back(Pair { estimated, reported, said, by_shape, set_aside });
        self.observed = self.observed.saturating_add(1);
        self.learnt = Learnt::from(self.prior, &self.pairs);
        if set_aside { Observed::SetAside } else { Observed::Learnt }
    }

    /// The calibrated count of a whole prompt whose uncalibrated estimate this is.
    #[must_use]
    pub fn estimate(&self, estimated: u64) -> Estimate {
        Estimate { tokens: self.learnt.line.predict(estimated), exactness: self.exactness() }
    }

    /// The calibrated count of a piece of text whose uncalibrated estimate this is: by the factor alone, in whole
    /// thousandths, for what each prompt has beside its text is no part of a piece.
    #[must_use]
    pub fn text(&self, estimated: u64) -> u64 {
        let factor = real(self.factor_per_mille()) / 1000.0;
        whole(factor * real(estimated)).max(u64::from(estimated > 0))
    }

    /// How firm the calibrated counts of whole prompts are.
    #[must_use]
    pub fn exactness(&self) -> Exactness {
        Exactness::Estimated { per_mille: self.learnt.per_mille }
    }

    /// How many pairs were observed in all, also those that are forgotten by now.
    #[must_use]
    pub fn observed(&self) -> u64 {
        self.observed
    }

    /// How many of the remembered pairs were [set aside](Observed::SetAside).
    #[must_use]
    pub fn set_aside(&self) -> usize {
        self.pairs.iter().filter(|pair| pair.set_aside).count()
    }

    /// The factor that was learnt, in parts in a thousand.
    #[must_use]
    pub fn factor_per_mille(&self) -> u64 {
        whole(self.learnt.line.factor * 1000.0)
    }

    /// The tokens that each prompt has beside its text, as far as was learnt; negative where the estimate's own constant is
    /// too large.
    #[must_use]
    pub fn offset(&self) -> i64 {
        let offset = self.learnt.line.offset;
        let size = i64::try_from(whole(offset.abs())).unwrap_or(i64::MAX);
        if offset < 0.0 { -size } else { size }
    }

    /// Both together, as if half of the remembered pairs had been observed in each: `a.merged(&b)` equals `b.merged(&a)`
    /// but for an estimator's bound, of which the larger is kept.
    #[must_use]
    pub fn merged(&self, other: &Self) -> Self {
        let mut pairs: Vec<(usize, Pair)> = [&self.pairs, &other.pairs]
            .into_iter()
            .flat_map(|pairs| pairs.iter().rev().copied().enumerate())
            .collect();
        pairs.sort_unstable();
        pairs.truncate(WINDOW);
        let pairs = pairs.into_iter().rev().map(|(_, pair)| pair).collect();
        Self::of(self.prior.max(other.prior), pairs, self.observed.saturating_add(other.observed))
    }

    pub(super) fn prior(&self) -> u32 {
        self.prior
    }

    pub(super) fn pairs(&self) -> &VecDeque<Pair> {
        &self.pairs
    }
}

impl TryFrom<SavedCalibration> for Calibration {
    type Error = Refused;

    fn try_from(saved: SavedCalibration) -> Result<Self, Refused> {
        saved.check()
    }
}

impl Learnt {
    fn from(prior: u32, pairs: &VecDeque<Pair>) -> Self {
        let points: Vec<Point> = pairs
            .iter()
            .map(|pair| Point { estimated: real(pair.estimated), reported: real(pair.reported) })
            .collect();
        let lines = Shape::ALL.map(|shape| shape.fit(&points));
        let line = lines[best(pairs)];
        Self { lines, line, per_mille: bound(prior, pairs) }
    }
}

/// The index of the shape that would have been best for the last pairs; the first, simpler, unless another was clearly better.
fn best(pairs: &VecDeque<Pair>) -> usize {
    let mut best = (0, usual_error(pairs, 0));
    for (index, shape) in Shape::ALL.into_iter().enumerate().skip(1) {
        let error = usual_error(pairs, index);
        if pairs.len() >= shape.needs() && error < 0.9 * best.1 {
            best = (index, error);
        }
    }
    best.0
}

/// The mean of the smaller three quarters of the last errors of one shape.
fn usual_error(pairs: &VecDeque<Pair>, shape: usize) -> f64 {
    let last = pairs.iter().rev().take(JUDGED_BY);
    let mut errors: Vec<f64> = last.map(|pair| error(pair.by_shape[shape], pair.reported)).collect();
    errors.sort_by(f64::total_cmp);
    errors.truncate((errors.len() * 3).div_ceil(4));
    // The same number of errors for each shape, so that the sum compares as the mean does. A thousandth is noise.
    errors.iter().map(|error| error.max(0.001)).sum()
}

fn error(said: u64, reported: u64) -> f64 {
    (real(reported) - real(said)).abs() / real(said).max(1.0)
}

/// What 19 of 20 of the last errors kept, in parts in a thousand.
fn bound(prior: u32, pairs: &VecDeque<Pair>) -> u32 {
    let last: Vec<&Pair> = pairs.iter().rev().take(BOUNDED_BY).collect();
    let set_aside = last.iter().filter(|pair| pair.set_aside).count();
    let believed = |pair: &&&Pair| set_aside * 4 > last.len() || !pair.set_aside;
    let mut errors: Vec<f64> =
        last.iter().filter(believed).map(|pair| error(pair.said, pair.reported)).collect();
    errors.sort_by(f64::total_cmp);
    // Of n errors, the one at this rank bounds the next one 19 times in 20 if they can be exchanged for each other.
    let rank = ((errors.len() + 1) * 19).div_ceil(20);
    let floor = if errors.len() < SUPPORTS_A_QUANTILE { prior } else { 1 };
    let observed = errors.get(rank.saturating_sub(1)).or(errors.last()).copied().unwrap_or(0.0);
    u32::try_from(whole((observed * 1000.0).ceil())).unwrap_or(u32::MAX).max(floor)
}
