//! Votes weighted by what stated confidence has been worth.

use serde::{Deserialize, Serialize};

use super::{DecisionRule, by_weight};
use crate::{Election, Error, ErrorKind, Tally};

const MAX_STEPS: usize = 100;
const BINS: u32 = 10;
/// A bin's stated confidence counts as much as so many outcomes.
const PRIOR_OUTCOMES: f64 = 10.0;

/// Each seat counts with its weight times what its sureness has been worth: [`Election::recalibration`], or
/// [`Recalibration::reconcile`] where nothing is known of outcomes.
#[derive(Debug, Clone, Copy, Default)]
pub struct RecalibratedConfidence;

impl RecalibratedConfidence {
    /// What each ballot weighs.
    pub(super) fn weights(election: Election<'_>) -> Vec<f64> {
        let published;
        let table = match election.recalibration {
            Some(table) => table,
            None => {
                published = Recalibration::reconcile();
                &published
            }
        };
        election.ballots.iter().map(|ballot| ballot.weight * table.worth(ballot.sureness())).collect()
    }
}

impl DecisionRule for RecalibratedConfidence {
    fn decide(&self, election: Election<'_>) -> Tally {
        by_weight(election, &Self::weights(election))
    }
}

/// What a stated confidence is worth: a table of steps that never fall.
///
/// ```
/// use assize_debate::Recalibration;
///
/// // Who said 0.95 was right half the time.
/// let outcomes = (0..200).map(|n| (0.95, n % 2 == 0));
/// let table = Recalibration::from_outcomes(outcomes);
/// assert!((0.5..0.56).contains(&table.worth(0.95)));
/// assert!(table.worth(0.95) <= table.worth(1.0));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "Vec<Step>", into = "Vec<Step>")]
pub struct Recalibration(Vec<Step>);

/// From a stated confidence on, up to the next step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Step {
    /// The least stated confidence.
    from: f64,
    /// What it is worth.
    worth: f64,
}

impl Recalibration {
    /// The table of ReConcile (arXiv 2309.13007, section 3): 1.0 for certainty, 0.8 from 0.9, 0.5 from 0.8, 0.3 above 0.6,
    /// else 0.1.
    #[must_use]
    pub fn reconcile() -> Self {
        let steps = [(0.0, 0.1), (0.6_f64.next_up(), 0.3), (0.8, 0.5), (0.9, 0.8), (1.0, 1.0)];
        Self(steps.into_iter().map(|(from, worth)| Step { from, worth }).collect())
    }

    /// A table from outcomes: what was stated, and whether it was right. In each tenth of the scale the share of those
    /// that were right, mixed with the mean of what was stated as if that were ten outcomes more; where a tenth would be
    /// worth less than a lower one, they are pooled (Ayer et al. 1955, pool adjacent violators), so that nobody gains by
    /// saying less. Without outcomes a confidence is worth about what it says. What does not lie in 0 to 1 is left out.
    #[must_use]
    pub fn from_outcomes(outcomes: impl IntoIterator<Item = (f64, bool)>) -> Self {
        let mut bins = [Bin::default(); BINS as usize];
        for (stated, right) in outcomes {
            if (0.0..=1.0).contains(&stated) {
                bins[bin_of(stated)].add(stated, right);
            }
        }
        let mut pooled: Vec<Pool> = Vec::with_capacity(bins.len());
        for (number, bin) in (0..BINS).zip(&bins) {
            let mut pool = bin.pool(number);
            while let Some(lower) = pooled.pop_if(|lower| lower.worth() > pool.worth()) {
                pool = Pool {
                    from: lower.from,
                    right: lower.right + pool.right,
                    outcomes: lower.outcomes + pool.outcomes,
                };
            }
            pooled.push(pool);
        }
        Self(pooled.iter().map(|pool| Step { from: pool.from, worth: pool.worth() }).collect())
    }

    /// What a stated confidence is worth, 0.0 to 1.0.
    #[must_use]
    pub fn worth(&self, stated: f64) -> f64 {
        let after = self.0.partition_point(|step| step.from <= stated);
        self.0.get(after.saturating_sub(1)).map_or(0.0, |step| step.worth)
    }
}

impl TryFrom<Vec<Step>> for Recalibration {
    type Error = Error;

    fn try_from(steps: Vec<Step>) -> Result<Self, Error> {
        let unit = 0.0..=1.0;
        let starts_at_zero = steps.first().is_some_and(|first| first.from <= 0.0);
        let in_range = steps.iter().all(|step| unit.contains(&step.from) && unit.contains(&step.worth));
        let rises =
            steps.windows(2).all(|pair| pair[0].from < pair[1].from && pair[0].worth <= pair[1].worth);
        if !starts_at_zero || !in_range || !rises || steps.len() > MAX_STEPS {
            let message = format!(
                "read the table of confidence: it needs 1 to {MAX_STEPS} steps, the first from 0, each from a higher \
                 confidence and worth no less, all in 0 to 1"
            );
            return Err(Error::new(ErrorKind::BadSpec, message));
        }
        Ok(Self(steps))
    }
}

impl From<Recalibration> for Vec<Step> {
    fn from(table: Recalibration) -> Self {
        table.0
    }
}

/// Outcomes in one tenth of the scale.
#[derive(Debug, Clone, Copy, Default)]
struct Bin {
    outcomes: u32,
    right: u32,
    stated: f64,
}

impl Bin {
    fn add(&mut self, stated: f64, right: bool) {
        self.outcomes = self.outcomes.saturating_add(1);
        self.right = self.right.saturating_add(u32::from(right));
        self.stated += stated;
    }

    fn pool(&self, number: u32) -> Pool {
        let outcomes = f64::from(self.outcomes);
        let middle = (f64::from(number) + 0.5) / f64::from(BINS);
        let said = if self.outcomes == 0 { middle } else { self.stated / outcomes };
        Pool {
            from: f64::from(number) / f64::from(BINS),
            right: PRIOR_OUTCOMES.mul_add(said, f64::from(self.right)),
            outcomes: outcomes + PRIOR_OUTCOMES,
        }
    }
}

/// Neighbouring bins that are worth the same.
#[derive(Debug, Clone, Copy)]
struct Pool {
    from: f64,
    right: f64,
    outcomes: f64,
}

impl Pool {
    fn worth(&self) -> f64 {
        self.right / self.outcomes
    }
}

/// The tenth in which a confidence lies; certainty lies in the last.
fn bin_of(stated: f64) -> usize {
    let below = (1..BINS).take_while(|number| f64::from(*number) / f64::from(BINS) <= stated);
    below.count()
}
