//! When did a series of figures change its level?
//!
//! Benchmarks spike, drift and depend on what the machine did before; a step is told from all that in these stages.
//!
//! 1. Spikes of a point or two are set to what is around them (a Hampel filter), and the series becomes *normal scores*:
//!    its order on the scale of a normal distribution, so that no single figure can weigh much.
//! 2. Places that stand out in any of the seeded intervals are candidates (Kovács et al. 2023, "Seeded binary
//!    segmentation").
//! 3. Each is placed within the two segments it parts by the energy statistic of E-divisive (Matteson and James 2014) on
//!    scores ranked anew there, and tested as the best of all places of that stretch (Siegmund 1986), with the variance
//!    inflated by the dependence on the past that is left in the series. What fails goes, the worst first, and its
//!    neighbours are tested again.
//! 4. What is likely but not sure ([`Detector::voted_alpha`]) counts if a second method of another kind agrees: the L1
//!    Potts fit of asv.
//! 5. No step counts whose medians differ by less than a floor. One so late that few points follow is
//!    [`Status::Pending`]: those few may be a passing spell.
//!
//! ```
//! use assize_perf::change_points::{Detector, Status};
//!
//! let noise = [0.3, -0.8, 0.5, 1.1, -0.4, -1.2, 0.9, 0.1, -0.6, 0.2];
//! let series: Vec<f64> = (0..40).map(|at| if at < 25 { 100.0 } else { 110.0 } + noise[at % 10]).collect();
//! let changes = Detector::default().changes(&series);
//! assert_eq!((changes.len(), changes[0].index, changes[0].status), (1, 25, Status::Confirmed));
//! ```

mod effect;
mod normal;
mod potts;
mod scores;
mod significance;
mod spikes;
mod split;

use std::collections::BTreeMap;

use crate::{run::Interval, statistics::real};

/// Finds the places at which a series changes its level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detector {
    /// The least number of points of a segment; 3 by default, never taken as less than 2.
    pub least_segment: usize,
    /// The least change of the median, as a share of that before; 0.02 by default.
    pub floor: f64,
    /// A step counts whose p value is at most this; 0.001 by default.
    pub alpha: f64,
    /// One up to this counts if the second method has it too; 0.01 by default.
    pub voted_alpha: f64,
    /// A step is pending that fewer points follow; 8 by default.
    pub settled_after: usize,
    /// A pending step counts whose p value, among late steps, is at most this; 0.005 by default.
    pub pending_alpha: f64,
}

impl Default for Detector {
    fn default() -> Self {
        Self {
            least_segment: 3,
            floor: 0.02,
            alpha: 0.001,
            voted_alpha: 0.01,
            settled_after: 8,
            pending_alpha: 0.02,
        }
    }
}

/// How sure a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Enough points follow.
    Confirmed,
    /// So few points follow that more have to be awaited.
    Pending,
}

impl Status {
    /// The name in stored forms and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Pending => "pending",
        }
    }
}

/// A change of the level.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The position of the first point of the new level.
    pub index: usize,
    /// The median from the change before (or the beginning) to here.
    pub before: f64,
    /// The median from here to the next change (or the end).
    pub after: f64,
    /// `after / before`; `None` unless all figures of both segments are above zero.
    pub ratio: Option<f64>,
    /// Where the true ratio lies at 95 %.
    pub interval: Option<Interval>,
    /// The chance of such a step somewhere in the series, if there is none; approximate.
    pub p: f64,
    /// How sure it is.
    pub status: Status,
    /// Whether the second method has it as well; `None` where it was not asked.
    pub seconded: Option<bool>,
}

impl Detector {
    /// The changes, in order. Points that are not finite are passed over as missing.
    #[must_use]
    pub fn changes(&self, series: &[f64]) -> Vec<Change> {
        let there: Vec<usize> = (0..series.len()).filter(|at| series[*at].is_finite()).collect();
        if there.len() == series.len() {
            return Search::new(*self, series).changes();
        }
        let values: Vec<f64> = there.iter().map(|at| series[*at]).collect();
        let mut changes = Search::new(*self, &values).changes();
        for change in &mut changes {
            change.index = there[change.index];
        }
        changes
    }
}

/// The steps of asv's `step_detect` (0.6) for a series of finite figures, which is the second method here: the positions
/// at which a new level begins. For comparison; it knows no significance.
#[must_use]
pub fn potts_steps(series: &[f64]) -> Vec<usize> {
    if series.iter().all(|x| x.is_finite()) { potts::steps(series) } else { Vec::new() }
}

/// Two places this far apart are the same step.
const SAME: usize = 3;
/// What a second statistic says after the first has failed has to be so many times less likely.
const SECOND_LOOK: f64 = 10.0;
/// A step is placed anew this far from where it was at most, at a time.
const REACH: usize = 8;
/// So often segments are allowed to move each other's borders.
const MOST_MOVES: usize = 20;

#[derive(Debug, Clone, Copy)]
struct Tested {
    place: usize,
    p: f64,
    seconded: Option<bool>,
}

/// One search through one series.
struct Search<'a> {
    detector: Detector,
    least: usize,
    values: &'a [f64],
    /// The values without spikes.
    calm: Vec<f64>,
    scores: Vec<f64>,
    /// Where to split the stretches near the places that were asked for, and the deviate there.
    splits: BTreeMap<[usize; 3], Option<(usize, f64)>>,
    votes: Option<Vec<usize>>,
}

impl<'a> Search<'a> {
    fn new(detector: Detector, values: &'a [f64]) -> Self {
        let calm = spikes::calmed(values);
        let scores = scores::normal_scores(&calm);
        let least = detector.least_segment.max(2);
        Self { detector, least, values, calm, scores, splits: BTreeMap::new(), votes: None }
    }

    fn changes(mut self) -> Vec<Change> {
        if self.values.len() < 2 * self.least {
            return Vec::new();
        }
        let inflation = significance::rough_inflation(&self.scores);
        let candidates = split::candidates(&self.scores, self.least, inflation);
        let mut tested = self.pruned(candidates);
        self.add_late(&mut tested);
        if tested.is_empty() {
            return Vec::new();
        }
        let borders = borders(tested.iter().map(|one| one.place), self.values.len());
        let inflation = self.inflation(&borders);
        let changes = tested.iter().zip(borders.windows(3)).map(|(one, stretch)| {
            let (before, after) =
                (&self.values[stretch[0]..stretch[1]], &self.values[stretch[1]..stretch[2]]);
            let effect = effect::effect(before, after, inflation);
            Change {
                index: one.place,
                before: effect.before,
                after: effect.after,
                ratio: effect.ratio,
                interval: effect.interval,
                p: one.p,
                status: if self.is_late(one.place) { Status::Pending } else { Status::Confirmed },
                seconded: one.seconded,
            }
        });
        changes.collect()
    }

    fn is_late(&self, place: usize) -> bool {
        self.values.len() - place < self.detector.settled_after
    }

    /// The candidates that stand, tested against their neighbours.
    fn pruned(&mut self, mut places: Vec<usize>) -> Vec<Tested> {
        let mut moves = 0;
        while !places.is_empty() {
            let borders = borders(places.iter().copied(), self.values.len());
            let splits: Vec<Option<(usize, f64)>> =
                borders.windows(3).map(|stretch| self.split([stretch[0], stretch[1], stretch[2]])).collect();
            let moved: Vec<usize> = splits
                .iter()
                .zip(&places)
                .map(|(split, place)| split.map_or(*place, |split| split.0))
                .collect();
            let apart = |places: &[usize]| places.windows(2).all(|pair| pair[0] + self.least <= pair[1]);
            if moved != places && moves < MOST_MOVES && apart(&moved) {
                moves += 1;
                places = moved;
                continue;
            }
            let deviates: Vec<f64> = splits.iter().map(|split| split.map_or(0.0, |split| split.1)).collect();
            // What fails even if no point depends on another need not be held against how much they do.
            if let Err(worst) = self.tested(&borders, &deviates, 1.0) {
                places.remove(worst);
                continue;
            }
            let inflation = self.inflation(&borders);
            match self.tested(&borders, &deviates, inflation) {
                Ok(tested) => return tested,
                Err(worst) => drop(places.remove(worst)),
            }
        }
        Vec::new()
    }

    /// The tests of all steps; the number of the one that fails worst, if any does.
    fn tested(&mut self, borders: &[usize], deviates: &[f64], inflation: f64) -> Result<Vec<Tested>, usize> {
        let mut tested = Vec::new();
        let mut worst: Option<(f64, usize)> = None;
        for (at, (stretch, deviate)) in borders.windows(3).zip(deviates).enumerate() {
            match self.test([stretch[0], stretch[1], stretch[2]], *deviate, inflation) {
                Ok(one) => tested.push(one),
                Err(badness) if worst.is_none_or(|(most, _)| badness > most) => worst = Some((badness, at)),
                Err(_) => {}
            }
        }
        worst.map_or(Ok(tested), |(_, at)| Err(at))
    }

    /// The test of one step; how badly it fails, if it does.
    fn test(&mut self, [from, place, to]: [usize; 3], deviate: f64, inflation: f64) -> Result<Tested, f64> {
        if self.is_small(from, place, to) {
            return Err(2.0);
        }
        let length = to - from;
        // As many stretches of that length could have shown it.
        let stretches = real(self.values.len()) / real(length);
        let p_of = |deviate: f64| {
            let best = significance::p_of_best(deviate, length, self.least..=length - self.least);
            (best * stretches).min(1.0)
        };
        let mut p = p_of(deviate / inflation.sqrt());
        if p > self.detector.alpha {
            let (before, after) = (&self.calm[from..place], &self.calm[place..to]);
            let medians = p_of(significance::deviate_of_medians(before, after, inflation));
            p = p.min(medians * SECOND_LOOK);
        }
        if p <= self.detector.alpha {
            return Ok(Tested { place, p, seconded: None });
        }
        if p > self.detector.voted_alpha {
            return Err(p);
        }
        let values = self.values;
        let votes = self.votes.get_or_insert_with(|| potts::steps(values));
        let seconded = votes.iter().any(|vote| vote.abs_diff(place) <= SAME);
        if seconded { Ok(Tested { place, p, seconded: Some(true) }) } else { Err(p) }
    }

    /// A late step is looked for on its own: there are few places for it, and no time to wait for more points.
    fn add_late(&self, tested: &mut Vec<Tested>) {
        let n = self.values.len();
        let from = tested.last().map_or(0, |last| last.place);
        let length = n - from;
        let longest = self.detector.settled_after.saturating_sub(1);
        // What is before has to be well known.
        if longest < self.least || length < 3 * longest.max(self.least) {
            return;
        }
        let ranked;
        let scores = if from == 0 {
            &self.scores
        } else {
            ranked = scores::normal_scores(&self.calm[from..]);
            &ranked
        };
        let places = length - longest..=length - self.least;
        let Some((place, deviate)) = split::best_among(scores, places.clone()) else { return };
        let p_of = |deviate: f64| significance::p_of_best(deviate, length, places.clone());
        if p_of(deviate) > self.detector.pending_alpha || self.is_small(from, from + place, n) {
            return;
        }
        let borders = borders(tested.iter().map(|one| one.place).chain([from + place]), n);
        let inflation = self.inflation(&borders);
        // Late points that depend on each other are worth fewer than they are.
        let p = (p_of(deviate / inflation.sqrt()) * inflation).min(1.0);
        if p <= self.detector.pending_alpha {
            tested.push(Tested { place: from + place, p, seconded: None });
        }
    }

    fn is_small(&self, from: usize, place: usize, to: usize) -> bool {
        let (before, after) =
            (effect::median(&self.values[from..place]), effect::median(&self.values[place..to]));
        (after - before).abs() < self.detector.floor * before.abs() || after.total_cmp(&before).is_eq()
    }

    /// The best split of a stretch near a place; a place further off is another step's to take.
    fn split(&mut self, [from, near, to]: [usize; 3]) -> Option<(usize, f64)> {
        if let Some(known) = self.splits.get(&[from, near, to]) {
            return *known;
        }
        let split = split::divide(&self.calm[from..to], self.least, near - from, REACH);
        let split = split.map(|(place, deviate)| (from + place, deviate));
        self.splits.insert([from, near, to], split);
        // What is the best well within reach is where it belongs, and need not be looked at from there again.
        if let Some((place, _)) = split.filter(|(place, _)| place.abs_diff(near) < REACH) {
            self.splits.insert([from, place, to], split);
        }
        split
    }

    /// By how much dependence multiplies variances, from what is left when the levels of the segments are taken away.
    fn inflation(&self, borders: &[usize]) -> f64 {
        let mut left = Vec::with_capacity(self.calm.len());
        for segment in borders.windows(2) {
            let segment = &self.calm[segment[0]..segment[1]];
            let median = effect::median(segment);
            let scale = if median.abs() > 0.0 { median.abs() } else { 1.0 };
            left.extend(segment.iter().map(|value| (value - median) / scale));
        }
        significance::inflation(&scores::normal_scores(&left))
    }
}

/// The beginning, the places, and the end.
fn borders(places: impl Iterator<Item = usize>, n: usize) -> Vec<usize> {
    std::iter::once(0).chain(places).chain([n]).collect()
}

#[cfg(test)]
mod tests;
