//! What is laid before a panel: facts, and what each seat makes of the question by itself.

use assize_ambient::{Seed, Timestamp};
use assize_debate::{Evidence, EvidenceId, SeatIndex};

/// The options of every question are the first of these.
pub(super) const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// A question as a panel meets it.
#[derive(Debug, Clone, PartialEq)]
pub struct Posed {
    /// How many options there are.
    pub options: usize,
    /// The facts: those of all, and those that one holder has alone.
    pub evidence: Vec<Evidence>,
    /// What each holder is told beside the evidence, by holder.
    pub told: Vec<String>,
    /// The chance that each holder is right by itself, over all questions of the world; by holder.
    pub competence: Vec<f64>,
    /// The probability of each option for who knows all facts, all impressions, and how the world makes them.
    pub oracle: Vec<f64>,
}

impl Posed {
    /// How many hold something.
    #[must_use]
    pub fn holders(&self) -> u16 {
        u16::try_from(self.told.len()).unwrap_or(u16::MAX)
    }

    /// The options' names.
    #[must_use]
    pub fn names(&self) -> &'static [&'static str] {
        &NAMES[..self.options]
    }

    /// The facts that one holder has alone.
    pub fn unshared(&self) -> impl Iterator<Item = &EvidenceId> {
        self.evidence.iter().filter(|fact| fact.held_by.is_some()).map(|fact| &fact.id)
    }
}

/// A posed question and its truth.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// What the panel meets.
    pub posed: Posed,
    /// The index of the right option.
    pub truth: usize,
}

/// Log weights of the options as they are written: `a +0.250000, b -0.250000`.
pub(super) fn written(weights: &[f64]) -> String {
    let parts: Vec<String> =
        weights.iter().zip(NAMES).map(|(weight, name)| format!("{name} {weight:+.6}")).collect();
    parts.join(", ")
}

/// The same read again; `None` if a weight of an option is missing.
pub(super) fn read(text: &str, options: usize) -> Option<Vec<f64>> {
    let mut weights = vec![f64::NAN; options];
    for part in text.split(", ") {
        let (name, weight) = part.trim().split_once(' ')?;
        let option = NAMES[..options].iter().position(|known| *known == name)?;
        weights[option] = weight.parse().ok()?;
    }
    weights.iter().all(|weight: &f64| weight.is_finite()).then_some(weights)
}

/// What a fact's text begins with.
pub(super) const FACT: &str = "A fact that weighs ";

/// The `number`-th fact of a question, held by one holder or by all.
pub(super) fn fact(seed: Seed, number: usize, holder: Option<u16>, weights: &[f64]) -> Evidence {
    let text = format!("{FACT}{}.", written(weights));
    Evidence {
        id: EvidenceId::of_content(&[&format!("{:016x}", seed.value()), &number.to_string(), &text]),
        kind: "fact".to_owned(),
        subject: format!("question {:016x}", seed.value()),
        source: "world".to_owned(),
        available_at: Timestamp::UNIX_EPOCH,
        text,
        data: serde_json::Value::Null,
        held_by: holder.map(|holder| vec![SeatIndex(holder)]),
    }
}

/// The log weights of two options for the log-odds of the first.
pub(super) const fn for_first(log_odds: f64) -> [f64; 2] {
    [log_odds / 2.0, -log_odds / 2.0]
}

/// Probabilities in proportion to the exponentials.
pub(super) fn softmax(logs: &[f64]) -> Vec<f64> {
    let highest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let parts: Vec<f64> = logs.iter().map(|log| libm::exp(log - highest)).collect();
    let sum: f64 = parts.iter().sum();
    parts.iter().map(|part| part / sum).collect()
}

/// Φ(z), the share of a normal distribution below z.
pub(super) fn normal_share(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_come_back_as_they_were_written() {
        let weights = [0.25, -1.5, 0.000_001, 12.0];
        assert_eq!(read(&written(&weights), 4), Some(weights.to_vec()));
        for bad in ["", "a +0.1", "a +0.1, e +0.2", "a +0.1, b x"] {
            assert_eq!(read(bad, 2), None, "{bad}");
        }
    }
}
