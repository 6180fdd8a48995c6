//! How calibrations are written down.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::calibration::{Calibration, Pair, WINDOW};
use super::calibrator::{MAX_MODELS, MAX_NAME};

const FORMAT_VERSION: u32 = 1;

/// A [`Calibration`] as it is written down.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SavedCalibration {
    format_version: u32,
    prior_per_mille: u32,
    observed: u64,
    pairs: Vec<Pair>,
}

/// Calibrations by model as they are written down.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SavedCalibrator {
    format_version: u32,
    models: BTreeMap<String, Calibration>,
}

/// Why what was written down is not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error("read a calibration: its format_version is {0}, and only {FORMAT_VERSION} is known")]
    Version(u32),
    #[error("read a calibration: it holds {0} pairs, and at most {WINDOW} are remembered")]
    TooManyPairs(usize),
    #[error("read a calibration: its pair {0} holds a count that is zero or absurd")]
    Pair(usize),
    #[error("read calibrations: they are of {0} models, and at most {MAX_MODELS} are kept")]
    TooManyModels(usize),
    #[error("read calibrations: a model's name is {0} bytes long, and at most {MAX_NAME} are taken")]
    Name(usize),
}

impl From<Calibration> for SavedCalibration {
    fn from(calibration: Calibration) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            prior_per_mille: calibration.prior(),
            observed: calibration.observed(),
            pairs: calibration.pairs().iter().copied().collect(),
        }
    }
}

impl SavedCalibration {
    pub(super) fn check(self) -> Result<Calibration, Refused> {
        if self.format_version != FORMAT_VERSION {
            return Err(Refused::Version(self.format_version));
        }
        if self.pairs.len() > WINDOW {
            return Err(Refused::TooManyPairs(self.pairs.len()));
        }
        if let Some(at) = self.pairs.iter().position(|pair| !pair.is_sane()) {
            return Err(Refused::Pair(at));
        }
        Ok(Calibration::of(self.prior_per_mille, self.pairs.into(), self.observed))
    }
}

impl SavedCalibrator {
    pub(super) fn new(models: BTreeMap<String, Calibration>) -> Self {
        Self { format_version: FORMAT_VERSION, models }
    }

    pub(super) fn check(self) -> Result<BTreeMap<String, Calibration>, Refused> {
        if self.format_version != FORMAT_VERSION {
            return Err(Refused::Version(self.format_version));
        }
        if self.models.len() > MAX_MODELS {
            return Err(Refused::TooManyModels(self.models.len()));
        }
        match self.models.keys().find(|name| name.len() > MAX_NAME) {
            Some(name) => Err(Refused::Name(name.len())),
            None => Ok(self.models),
        }
    }
}
