//! The stored form of comparisons.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{BetterForm, IntervalForm};
use crate::{
    Unit,
    run::{Arm, Comparison, Contrast, Effect, Estimate, Interval, Winner},
};

#[derive(Serialize, Deserialize)]
struct EstimateForm {
    value: Option<f64>,
    unit: String,
    better: BetterForm,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    interval: Option<IntervalForm>,
}

impl From<&Estimate> for EstimateForm {
    fn from(e: &Estimate) -> Self {
        let interval = IntervalForm::of(e.interval.as_ref());
        Self { value: Some(e.value), unit: e.unit.name().to_owned(), better: e.better.into(), interval }
    }
}

impl EstimateForm {
    /// `None` for a figure that was not finite when it was written.
    fn into_estimate(self) -> Option<Estimate> {
        let interval = self.interval.map(Interval::from);
        Some(Estimate {
            value: self.value?,
            unit: Unit::named(&self.unit),
            better: self.better.into(),
            interval,
        })
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct ComparisonForm {
    id: String,
    question: String,
    arms: Vec<ArmForm>,
    #[serde(default)]
    contrasts: Vec<ContrastForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    winner: Option<WinnerForm>,
    #[serde(default)]
    method: String,
    #[serde(default)]
    assumptions: Vec<String>,
}

impl From<&Comparison> for ComparisonForm {
    fn from(c: &Comparison) -> Self {
        Self {
            id: c.id.clone(),
            question: c.question.clone(),
            arms: c.arms.iter().map(ArmForm::from).collect(),
            contrasts: c.contrasts.iter().map(ContrastForm::from).collect(),
            winner: c.winner.as_ref().map(|w| WinnerForm { arm: w.arm.clone(), why: w.why.clone() }),
            method: c.method.clone(),
            assumptions: c.assumptions.clone(),
        }
    }
}

impl ComparisonForm {
    /// The comparison, and what of it had no finite value and was left out.
    pub(super) fn into_comparison(self) -> (Comparison, Vec<String>) {
        let mut lost = Vec::new();
        let mut arms = Vec::with_capacity(self.arms.len());
        for form in self.arms {
            let mut arm = Arm { name: form.name, description: form.description, metrics: BTreeMap::new() };
            for (metric, estimate) in form.metrics {
                if let Some(estimate) = estimate.into_estimate() {
                    arm.metrics.insert(metric, estimate);
                } else {
                    lost.push(format!("{metric} of {} has no finite value and was left out", arm.name));
                }
            }
            arms.push(arm);
        }
        let mut contrasts = Vec::with_capacity(self.contrasts.len());
        for ContrastForm { metric, a, b, effect, estimate, verdict } in self.contrasts {
            if let Some(estimate) = estimate.into_estimate() {
                contrasts.push(Contrast { metric, a, b, effect: effect.into(), estimate, verdict });
            } else {
                lost.push(format!("{metric} of {a} against {b} has no finite value and was left out"));
            }
        }
        let comparison = Comparison {
            id: self.id,
            question: self.question,
            arms,
            contrasts,
            winner: self.winner.map(|w| Winner { arm: w.arm, why: w.why }),
            method: self.method,
            assumptions: self.assumptions,
        };
        (comparison, lost)
    }
}

#[derive(Serialize, Deserialize)]
struct ArmForm {
    name: String,
    #[serde(default)]
    description: String,
    metrics: BTreeMap<String, EstimateForm>,
}

impl From<&Arm> for ArmForm {
    fn from(arm: &Arm) -> Self {
        let metrics = arm.metrics.iter().map(|(metric, e)| (metric.clone(), EstimateForm::from(e))).collect();
        Self { name: arm.name.clone(), description: arm.description.clone(), metrics }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum EffectForm {
    Difference,
    Ratio,
}

#[derive(Serialize, Deserialize)]
struct ContrastForm {
    metric: String,
    a: String,
    b: String,
    effect: EffectForm,
    estimate: EstimateForm,
    verdict: String,
}

impl From<&Contrast> for ContrastForm {
    fn from(c: &Contrast) -> Self {
        let effect = match c.effect {
            Effect::Difference => EffectForm::Difference,
            Effect::Ratio => EffectForm::Ratio,
        };
        let (metric, a, b, verdict) = (c.metric.clone(), c.a.clone(), c.b.clone(), c.verdict.clone());
        Self { metric, a, b, effect, estimate: EstimateForm::from(&c.estimate), verdict }
    }
}

impl From<EffectForm> for Effect {
    fn from(form: EffectForm) -> Self {
        match form {
            EffectForm::Difference => Self::Difference,
            EffectForm::Ratio => Self::Ratio,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct WinnerForm {
    arm: String,
    why: String,
}
