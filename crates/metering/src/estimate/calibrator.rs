//! The calibrations of many models, shared.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Estimate;
use super::calibrated::Calibrated;
use super::calibration::{Calibration, Observed};
use super::saved::SavedCalibrator;
use crate::token_counter::{Exactness, TokenCounter};

/// So many models are kept. More are not learnt from.
pub(super) const MAX_MODELS: usize = 4096;

/// A model's name is at most so many bytes long. Longer ones are not learnt from.
pub(super) const MAX_NAME: usize = 256;

/// A [`Calibration`] for each model, for many threads at once. At most 4096 models are kept, and names of at most 256
/// bytes, so that a stranger's model names cannot fill the memory.
///
/// ```
/// use assize_metering::{Calibrator, CharacterEstimator, Estimate, TokenCounter};
///
/// let calibrator = Calibrator::new();
/// let raw = CharacterEstimator;
/// for n in 1..60 {
///     let prompt = "Say something about the weather. ".repeat(n);
///     let reported = raw.count(&prompt) * 6 / 5; // what the vendor's reply says
///     calibrator.observe("some-model", Estimate::of(&raw, &prompt), reported);
/// }
/// let counter = calibrator.counter("some-model", raw);
/// let text = "Say something about the weather. ".repeat(30);
/// assert_eq!(counter.count(&text), raw.count(&text) * 6 / 5);
/// ```
#[derive(Debug, Default)]
pub struct Calibrator {
    models: Mutex<BTreeMap<String, Calibration>>,
}

impl Calibrator {
    /// Nothing learnt yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Learns from the uncalibrated estimate of a whole prompt and what the vendor reported. See [`Calibration`] for pairs
    /// that must be left out. An exact count is ignored: where it is wrong, a calibration would only hide it.
    pub fn observe(&self, model: &str, uncalibrated: Estimate, reported: u64) -> Observed {
        if uncalibrated.exactness == Exactness::Exact || model.len() > MAX_NAME {
            return Observed::Ignored;
        }
        let mut models = self.models();
        if let Some(calibration) = models.get_mut(model) {
            return calibration.observe(uncalibrated.tokens, reported);
        }
        if models.len() >= MAX_MODELS {
            return Observed::Ignored;
        }
        let mut calibration = Calibration::new(uncalibrated.exactness);
        let observed = calibration.observe(uncalibrated.tokens, reported);
        if observed != Observed::Ignored {
            models.insert(model.to_owned(), calibration);
        }
        observed
    }

    /// The calibrated count of a whole prompt: the uncalibrated one where it is exact, or nothing was learnt of the model.
    #[must_use]
    pub fn estimate(&self, model: &str, uncalibrated: Estimate) -> Estimate {
        match self.models().get(model) {
            Some(calibration) if uncalibrated.exactness != Exactness::Exact => {
                calibration.estimate(uncalibrated.tokens)
            }
            _ => uncalibrated,
        }
    }

    /// What was learnt of a model by now.
    #[must_use]
    pub fn calibration(&self, model: &str) -> Option<Calibration> {
        self.models().get(model).cloned()
    }

    /// The counter with what was learnt of the model by now. It does not learn further, so that it counts alike for good.
    #[must_use]
    pub fn counter<C: TokenCounter>(&self, model: &str, counter: C) -> Calibrated<C> {
        let calibration = self.calibration(model).filter(|_| counter.exactness() != Exactness::Exact);
        Calibrated::new(counter, calibration)
    }

    /// Learns what others learnt, model by model. See [`Calibration::merged`].
    pub fn merge(&self, others: &Self) {
        // Cloned first: the locks of both are never held at once, so that two that merge each other cannot block.
        let others = others.models().clone();
        let mut models = self.models();
        for (model, theirs) in others {
            let merged = match models.get(&model) {
                Some(ours) => ours.merged(&theirs),
                None if models.len() < MAX_MODELS => theirs,
                None => continue,
            };
            models.insert(model, merged);
        }
    }

    fn models(&self) -> MutexGuard<'_, BTreeMap<String, Calibration>> {
        // Whoever panicked while holding it left a map that is whole.
        self.models.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Serialize for Calibrator {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let models = self.models().clone();
        SavedCalibrator::new(models).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Calibrator {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let saved = SavedCalibrator::deserialize(deserializer)?;
        let models = saved.check().map_err(serde::de::Error::custom)?;
        Ok(Self { models: Mutex::new(models) })
    }
}
