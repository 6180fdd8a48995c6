//! A counter whose counts were calibrated.

use super::Estimate;
use super::calibration::Calibration;
use crate::token_counter::{Exactness, TokenCounter};

/// A counter with what was learnt of its errors. See [`Calibrator::counter`](super::Calibrator::counter).
///
/// ```
/// use assize_metering::{Calibrated, Calibration, CharacterEstimator, TokenCounter};
///
/// let mut calibration = Calibration::new(CharacterEstimator.exactness());
/// for n in 10..60 {
///     calibration.observe(n * 10, n * 11);
/// }
/// let counter = Calibrated::new(CharacterEstimator, Some(calibration));
/// assert_eq!(counter.name(), "characters × 1.100");
/// ```
#[derive(Debug, Clone)]
pub struct Calibrated<C> {
    counter: C,
    calibration: Option<Calibration>,
    name: String,
}

impl<C: TokenCounter> Calibrated<C> {
    /// The counter, calibrated so; without a calibration it counts as it did.
    #[must_use]
    pub fn new(counter: C, calibration: Option<Calibration>) -> Self {
        let mut name = counter.name().to_owned();
        // Texts are counted by the factor as it is written here: two of one name count alike.
        if let Some(calibration) = &calibration {
            let factor = calibration.factor_per_mille();
            name = format!("{name} × {}.{:03}", factor / 1000, factor % 1000);
        }
        Self { counter, calibration, name }
    }

    /// The calibrated count of a whole prompt whose uncalibrated count this is: with what each prompt has beside its text.
    #[must_use]
    pub fn prompt(&self, uncalibrated: u64) -> Estimate {
        match &self.calibration {
            Some(calibration) => calibration.estimate(uncalibrated),
            None => Estimate { tokens: uncalibrated, exactness: self.counter.exactness() },
        }
    }

    /// The counter itself, whose counts a [`Calibrator`](super::Calibrator) learns from.
    pub fn uncalibrated(&self) -> &C {
        &self.counter
    }
}

impl<C: TokenCounter> TokenCounter for Calibrated<C> {
    fn name(&self) -> &str {
        &self.name
    }

    fn exactness(&self) -> Exactness {
        self.calibration.as_ref().map_or_else(|| self.counter.exactness(), Calibration::exactness)
    }

    fn count(&self, text: &str) -> u64 {
        let uncalibrated = self.counter.count(text);
        self.calibration.as_ref().map_or(uncalibrated, |calibration| calibration.text(uncalibrated))
    }
}
