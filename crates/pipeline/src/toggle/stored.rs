//! A predictor as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    MOST_KINDS, PanelKind, Predictor, Sketch,
    predictor::Known,
    ratios::{MOST_ROUNDS, Ratios},
};
use crate::Error;

/// The version of the form that a predictor is written in.
pub const FORMAT_VERSION: u32 = 1;
/// A longer text is not read: a full predictor has a quarter of that.
const MOST_BYTES: usize = 64 << 20;

#[derive(Deserialize)]
struct Versioned {
    format_version: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format_version: u32,
    heard: u64,
    kinds: Vec<StoredKind>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredKind {
    #[serde(rename = "of")]
    kind: PanelKind,
    heard: u64,
    turn_time_us: StoredSketch,
    turn_cost_picodollars: StoredSketch,
    time_ratios: StoredRatios,
    cost_ratios: StoredRatios,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredRatios {
    all: StoredSketch,
    by_rounds: BTreeMap<u32, StoredSketch>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredSketch {
    memory: u32,
    unfaded: u32,
    weights: Vec<(u16, u64)>,
}

impl Predictor {
    /// What was learnt, as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let kinds = self.kinds.iter().map(|(kind, known)| StoredKind {
            kind: kind.clone(),
            heard: known.heard,
            turn_time_us: (&known.turn_time).into(),
            turn_cost_picodollars: (&known.turn_cost).into(),
            time_ratios: (&known.time).into(),
            cost_ratios: (&known.cost).into(),
        });
        let stored = Stored { format_version: FORMAT_VERSION, heard: self.heard, kinds: kinds.collect() };
        // Strings, whole numbers and maps of whole numbers: there is nothing that JSON could not hold.
        serde_json::to_string(&stored).unwrap_or_default()
    }

    /// Reads what [`to_json`](Self::to_json) wrote.
    ///
    /// # Errors
    ///
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the text is something else, was written in another version of the
    /// form, is longer than 64 MiB, or says what no predictor can have learnt.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let refused = |why: String| Error::bad_request(format!("read what was learnt of panels: {why}"));
        if text.len() > MOST_BYTES {
            return Err(refused(format!("it has more than {MOST_BYTES} bytes")));
        }
        let version = serde_json::from_str(text).map_err(|e| refused(e.to_string()))?;
        let Versioned { format_version } = version;
        if format_version != FORMAT_VERSION {
            return Err(refused(format!(
                "its format_version is {format_version}, and {FORMAT_VERSION} is what this program reads"
            )));
        }
        let stored: Stored = serde_json::from_str(text).map_err(|e| refused(e.to_string()))?;
        if stored.kinds.len() > MOST_KINDS {
            return Err(refused(format!(
                "it has {} panels; at most {MOST_KINDS} are kept",
                stored.kinds.len()
            )));
        }
        let mut predictor = Self { kinds: BTreeMap::new(), heard: stored.heard };
        for stored in stored.kinds {
            let kind = stored.kind.clone();
            let named =
                |why: String| refused(format!("panel {:?} for {:?}: {why}", kind.panel(), kind.purpose()));
            let known = stored.into_known().map_err(named)?;
            if known.heard > predictor.heard {
                return Err(named(format!("it was heard of at {}, which is to come", known.heard)));
            }
            if predictor.kinds.insert(kind.clone(), known).is_some() {
                return Err(named("it is there twice".to_owned()));
            }
        }
        Ok(predictor)
    }
}

impl StoredKind {
    fn into_known(self) -> Result<Known, String> {
        Ok(Known {
            heard: self.heard,
            turn_time: self.turn_time_us.into_sketch()?,
            turn_cost: self.turn_cost_picodollars.into_sketch()?,
            time: self.time_ratios.into_ratios()?,
            cost: self.cost_ratios.into_ratios()?,
        })
    }
}

impl From<&Ratios> for StoredRatios {
    fn from(ratios: &Ratios) -> Self {
        let by_rounds = ratios.by_rounds.iter().map(|(rounds, sketch)| (*rounds, sketch.into()));
        Self { all: (&ratios.all).into(), by_rounds: by_rounds.collect() }
    }
}

impl StoredRatios {
    fn into_ratios(self) -> Result<Ratios, String> {
        let mut ratios = Ratios { all: self.all.into_sketch()?, by_rounds: BTreeMap::new() };
        for (rounds, sketch) in self.by_rounds {
            if !(1..=MOST_ROUNDS).contains(&rounds) {
                return Err(format!("it speaks of {rounds} rounds; 1 to {MOST_ROUNDS} are told apart"));
            }
            ratios.by_rounds.insert(rounds, sketch.into_sketch()?);
        }
        Ok(ratios)
    }
}

impl From<&Sketch> for StoredSketch {
    fn from(sketch: &Sketch) -> Self {
        let weights = sketch.weights().iter().map(|(bucket, weight)| (*bucket, *weight));
        Self { memory: sketch.memory(), unfaded: sketch.unfaded(), weights: weights.collect() }
    }
}

impl StoredSketch {
    fn into_sketch(self) -> Result<Sketch, String> {
        Sketch::from_parts(self.memory, self.unfaded, &self.weights)
    }
}
