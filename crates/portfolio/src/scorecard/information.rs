//! How what was said goes together with what came.

use serde::{Deserialize, Serialize};

use crate::measure::{count, enough, finite};
use crate::moments::{correlation, float, ranks};
use crate::{Absence, EffectiveSample, MIN_OUTCOMES, Measure, Resolved};

/// The information coefficient of a voice: the rank correlation (Spearman 1904) of its probabilities and what the shares
/// then returned, over all its outcomes (Grinold and Kahn 1999, "Active Portfolio Management"). Ranks, so that one wild
/// share does not decide.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct InformationCoefficient {
    /// The outcomes.
    pub outcomes: u64,
    /// The correlation, −1 to 1.
    pub coefficient: f64,
    /// c·√((n − 2) / (1 − c²)), which follows Student's distribution with n − 2 degrees of freedom where the two have
    /// nothing to do with one another and the outcomes are independent.
    pub t: Measure<f64>,
    /// The same with only as many outcomes as do not overlap, ticker by ticker.
    pub cautious_t: Measure<f64>,
}

impl InformationCoefficient {
    /// Reckons it from these outcomes, of which it takes [`MIN_OUTCOMES`].
    #[must_use]
    pub fn of(resolved: &[Resolved]) -> Measure<Self> {
        Self::reckon(resolved).into()
    }

    fn reckon(resolved: &[Resolved]) -> Result<Self, Absence> {
        enough(resolved.len(), MIN_OUTCOMES)?;
        let said: Vec<f64> = resolved.iter().map(|one| one.forecast.p_up.get()).collect();
        let came: Vec<f64> = resolved.iter().map(Resolved::result).collect();
        let coefficient = correlation(&ranks(&said), &ranks(&came))?;
        let free = usize::try_from(EffectiveSample::of(resolved).per_ticker).unwrap_or(usize::MAX);
        Ok(Self {
            outcomes: count(resolved.len()),
            coefficient,
            t: student(coefficient, resolved.len()).into(),
            cautious_t: student(coefficient, free).into(),
        })
    }
}

fn student(coefficient: f64, n: usize) -> Result<f64, Absence> {
    enough(n, 3)?;
    let unexplained = 1.0 - coefficient * coefficient;
    // What is in step to the last rank leaves nothing to hold it against.
    if unexplained <= f64::EPSILON {
        return Err(Absence::ZeroVariance);
    }
    finite(coefficient * ((float(n) - 2.0) / unexplained).sqrt())
}
