//! The files that criterion writes, as they are.

use std::fmt;

use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use crate::Unit;

/// `benchmark.json`.
#[derive(Deserialize)]
pub(super) struct BenchmarkForm {
    group_id: String,
    #[serde(default)]
    function_id: Option<String>,
    #[serde(default)]
    value_str: Option<String>,
    /// Read apart, so that a kind that is not known costs no benchmark.
    #[serde(default)]
    pub(super) throughput: Option<Value>,
    #[serde(default)]
    full_id: Option<String>,
}

impl BenchmarkForm {
    /// The whole id; old versions did not write it out.
    pub(super) fn id(&self) -> String {
        self.full_id.clone().unwrap_or_else(|| {
            let parts = [Some(&self.group_id), self.function_id.as_ref(), self.value_str.as_ref()];
            parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("/")
        })
    }
}

/// `estimates.json`; criterion before 0.3.3 wrote its keys with capitals.
#[derive(Deserialize)]
pub(super) struct EstimatesForm {
    #[serde(alias = "Mean")]
    pub(super) mean: EstimateForm,
    #[serde(alias = "Median")]
    median: EstimateForm,
    #[serde(alias = "MedianAbsDev")]
    median_abs_dev: EstimateForm,
    #[serde(default, alias = "Slope")]
    pub(super) slope: Option<EstimateForm>,
    #[serde(alias = "StdDev")]
    std_dev: EstimateForm,
}

impl EstimatesForm {
    /// All estimates by the names under which they are kept.
    pub(super) fn named(&self) -> impl Iterator<Item = (&'static str, &EstimateForm)> {
        let always = [
            ("mean", &self.mean),
            ("median", &self.median),
            // Criterion scales it by 1.4826 (src/stats/univariate/sample.rs).
            ("mad-scaled", &self.median_abs_dev),
            ("sd", &self.std_dev),
        ];
        always.into_iter().chain(self.slope.as_ref().map(|slope| ("slope", slope)))
    }
}

/// `change/estimates.json`: shares, not percentages.
#[derive(Deserialize)]
pub(super) struct ChangeForm {
    #[serde(alias = "Mean")]
    pub(super) mean: EstimateForm,
}

/// One estimate.
#[derive(Deserialize)]
pub(super) struct EstimateForm {
    pub(super) confidence_interval: EndsForm,
    pub(super) point_estimate: f64,
}

/// Its interval.
#[derive(Deserialize)]
pub(super) struct EndsForm {
    pub(super) confidence_level: f64,
    pub(super) lower_bound: f64,
    pub(super) upper_bound: f64,
}

/// `sample.json`: an object, or a pair of lists before 0.3.3.
pub(super) struct SampleForm {
    pub(super) iters: Vec<f64>,
    pub(super) times: Vec<f64>,
}

impl<'de> Deserialize<'de> for SampleForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = SampleForm;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with iters and times, or a pair of lists")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<SampleForm, A::Error> {
                let (mut iters, mut times) = (None, None);
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "iters" => iters = Some(map.next_value()?),
                        "times" => times = Some(map.next_value()?),
                        _ => {
                            map.next_value::<de::IgnoredAny>()?;
                        }
                    }
                }
                let iters = iters.ok_or_else(|| de::Error::missing_field("iters"))?;
                let times = times.ok_or_else(|| de::Error::missing_field("times"))?;
                Ok(SampleForm { iters, times })
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<SampleForm, A::Error> {
                let iters = seq.next_element()?.ok_or_else(|| de::Error::invalid_length(0, &self))?;
                let times = seq.next_element()?.ok_or_else(|| de::Error::invalid_length(1, &self))?;
                Ok(SampleForm { iters, times })
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

/// What one iteration handles.
#[derive(Deserialize)]
pub(super) enum Throughput {
    Bytes(f64),
    BytesDecimal(f64),
    Bits(f64),
    Elements(f64),
    ElementsAndBytes { elements: f64, bytes: f64 },
}

impl Throughput {
    /// Metric, unit of the rate, and amount per iteration, for each thing that is counted.
    pub(super) fn read(value: &Value) -> Option<Vec<(&'static str, Unit, f64)>> {
        let things = |amount| ("throughput", Unit::PerSecond, amount);
        let bytes = |amount| ("byte-throughput", Unit::BytesPerSecond, amount);
        Some(match Self::deserialize(value).ok()? {
            Self::Elements(amount) => vec![things(amount)],
            Self::Bytes(amount) | Self::BytesDecimal(amount) => vec![bytes(amount)],
            Self::Bits(amount) => vec![bytes(amount / 8.0)],
            Self::ElementsAndBytes { elements, bytes: amount } => vec![things(elements), bytes(amount)],
        })
    }
}
