//! What a debater says in a turn.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind, EvidenceId, ballot::MAX_POINTS};

const MAX_REASONS: usize = 16;
const MAX_REASON_BYTES: usize = 4_000;
const MAX_CITES: usize = 512;

/// One reason for a stance, with the evidence that it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The reason in words.
    pub text: String,
    /// The evidence that it cites.
    pub cites: Vec<EvidenceId>,
    /// The weight of evidence for the first option against the rest, in nats (natural logarithm of the likelihood
    /// ratio; Good 1950), where the debater can say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
}

/// A debater's stance, how sure it is, and why.
///
/// ```
/// use assize_debate::Utterance;
///
/// let utterance = Utterance::new(0).with_probabilities([0.7, 0.3]).because("it rained yesterday", ["ev-1"]);
/// assert!(utterance.check(2).is_ok());
/// assert!(utterance.check(3).is_err(), "probabilities for two options do not fit three");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Utterance {
    /// The option stood for, as an index into the debate's options.
    pub stance: usize,
    /// How probable each option is, if the debater says so; they add up to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probabilities: Option<Vec<f64>>,
    /// How sure the debater is of its stance, 0.0 to 1.0, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// All options from the best, which is the stance, to the worst, if the debater ranks them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranking: Option<Vec<usize>>,
    /// The options that the debater could accept, the stance among them, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<Vec<usize>>,
    /// Points for each option, 0 to 10, the most for the stance, if the debater gives them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Vec<f64>>,
    /// Why.
    pub reasons: Vec<Reason>,
}

impl Utterance {
    /// A bare stance.
    #[must_use]
    pub fn new(stance: usize) -> Self {
        Self {
            stance,
            probabilities: None,
            confidence: None,
            ranking: None,
            approved: None,
            points: None,
            reasons: Vec::new(),
        }
    }

    /// The same with a probability for each option.
    #[must_use]
    pub fn with_probabilities(mut self, probabilities: impl Into<Vec<f64>>) -> Self {
        self.probabilities = Some(probabilities.into());
        self
    }

    /// The same with a confidence in the stance.
    #[must_use]
    pub fn with_confidence(mut self, confidence: f64) -> Self {
        self.confidence = Some(confidence);
        self
    }

    /// The same with a ranking of all options, the best first.
    #[must_use]
    pub fn with_ranking(mut self, ranking: impl Into<Vec<usize>>) -> Self {
        self.ranking = Some(ranking.into());
        self
    }

    /// The same with the options that the debater could accept.
    #[must_use]
    pub fn with_approved(mut self, approved: impl Into<Vec<usize>>) -> Self {
        self.approved = Some(approved.into());
        self
    }

    /// The same with points for each option.
    #[must_use]
    pub fn with_points(mut self, points: impl Into<Vec<f64>>) -> Self {
        self.points = Some(points.into());
        self
    }

    /// The same with one more reason.
    #[must_use]
    pub fn because<'a>(mut self, text: impl Into<String>, cites: impl IntoIterator<Item = &'a str>) -> Self {
        let cites = cites.into_iter().map(EvidenceId::from).collect();
        self.reasons.push(Reason { text: text.into(), cites, weight: None });
        self
    }

    /// All evidence cited, in the order of the reasons.
    pub fn cites(&self) -> impl Iterator<Item = &EvidenceId> {
        self.reasons.iter().flat_map(|reason| &reason.cites)
    }

    /// Whether this can be said in a debate with so many options.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] with what is wrong.
    pub fn check(&self, options: usize) -> Result<(), Error> {
        let refuse =
            |message: String| Err(Error::new(ErrorKind::Refused, format!("take the utterance: {message}")));
        if self.stance >= options {
            return refuse(format!("its stance is option {}, and there are {options}", self.stance));
        }
        let unit = 0.0..=1.0;
        if let Some(p) = &self.probabilities {
            if p.len() != options {
                return refuse(format!("it has {} probabilities for {options} options", p.len()));
            }
            if p.iter().any(|p| !unit.contains(p)) || (p.iter().sum::<f64>() - 1.0).abs() > 1e-6 {
                return refuse(format!("its probabilities must lie in 0 to 1 and add up to 1: {p:?}"));
            }
            if p.iter().any(|other| *other > p[self.stance] + 1e-9) {
                return refuse(format!(
                    "it stands for option {}, and calls another one more probable: {p:?}",
                    self.stance
                ));
            }
        }
        if let Some(c) = self.confidence
            && !unit.contains(&c)
        {
            return refuse(format!("its confidence must lie in 0 to 1, not {c}"));
        }
        self.check_votes(options).or_else(refuse)?;
        check_reasons(&self.reasons).or_else(refuse)
    }

    /// Whether the ranking, the approvals and the points fit the options and the stance; what is wrong if not.
    fn check_votes(&self, options: usize) -> Result<(), String> {
        let named_once = |named: &[usize]| {
            let distinct: BTreeSet<_> = named.iter().filter(|option| **option < options).collect();
            distinct.len() == named.len()
        };
        if let Some(ranking) = &self.ranking {
            if ranking.len() != options || !named_once(ranking) {
                return Err(format!("its ranking must name each of {options} options once: {ranking:?}"));
            }
            if ranking[0] != self.stance {
                return Err(format!(
                    "it stands for option {}, and ranks option {} above it",
                    self.stance, ranking[0]
                ));
            }
        }
        if let Some(approved) = &self.approved {
            if !named_once(approved) {
                return Err(format!("it may accept each of {options} options once: {approved:?}"));
            }
            if !approved.contains(&self.stance) {
                return Err(format!("it stands for option {}, and does not accept it", self.stance));
            }
        }
        if let Some(points) = &self.points {
            if points.len() != options {
                return Err(format!("it gives {} points for {options} options", points.len()));
            }
            if points.iter().any(|points| !(0.0..=MAX_POINTS).contains(points)) {
                return Err(format!("its points must lie in 0 to {MAX_POINTS}: {points:?}"));
            }
            let most = points[self.stance];
            if most <= 0.0 || points.iter().any(|other| *other > most) {
                return Err(format!(
                    "its stance is option {}, which must have the most points: {points:?}",
                    self.stance
                ));
            }
        }
        Ok(())
    }
}

/// Whether reasons are within their limits; what is wrong otherwise.
pub(crate) fn check_reasons(reasons: &[Reason]) -> Result<(), String> {
    if reasons.len() > MAX_REASONS {
        return Err(format!("it has {} reasons, and {MAX_REASONS} are allowed", reasons.len()));
    }
    for reason in reasons {
        if reason.text.len() > MAX_REASON_BYTES || reason.cites.len() > MAX_CITES {
            return Err(format!(
                "a reason may have {MAX_REASON_BYTES} bytes and {MAX_CITES} citations, not {} and {}",
                reason.text.len(),
                reason.cites.len()
            ));
        }
        if reason.weight.is_some_and(|weight| !weight.is_finite()) {
            return Err("the weight of a reason must be finite".to_owned());
        }
        if let Some(id) = reason.cites.iter().find(|id| !id.is_plain()) {
            return Err(format!("{:?} cannot be the id of evidence", id.as_str()));
        }
    }
    Ok(())
}
