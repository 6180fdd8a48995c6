//! Who judges a debate: the trait, what a judge is told, and what it says.

use std::{fmt, sync::Arc};

use futures_util::{
    FutureExt,
    future::{BoxFuture, ready},
};
use serde::{Deserialize, Serialize};

use crate::{
    Abstention, Bill, DebateId, Error, ErrorKind, EvidenceId, Peer, Persona, Reason, Reservation, Shortened,
    Spec, Utterance, counts::Counts, prompt::View, told::told, utterance,
};

/// The judge's seat. A judge has no vote; it assesses what was said, and decides where the rule is
/// [`Rule::Judge`](crate::Rule).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct JudgeSeat {
    /// The judge's name, for people.
    pub name: String,
    /// What judges here, such as `openai:gpt-4o` or `rule`; part of the debate's identity.
    pub judge: String,
    /// Whether it assesses every round; otherwise the last one only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub each_round: bool,
    /// As whom it speaks, where it is a model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persona: Option<Box<Persona>>,
}

impl JudgeSeat {
    /// A judge of the last round.
    pub fn new(name: impl Into<String>, judge: impl Into<String>) -> Self {
        Self { name: name.into(), judge: judge.into(), each_round: false, persona: None }
    }

    /// The same, assessing every round.
    #[must_use]
    pub const fn in_each_round(mut self) -> Self {
        self.each_round = true;
        self
    }

    /// The same, speaking as this persona. One of which nothing is said is none.
    #[must_use]
    pub fn with_persona(mut self, persona: Persona) -> Self {
        self.persona = (persona != Persona::default()).then(|| Box::new(persona));
        self
    }
}

/// What a judge makes of a round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Assessment {
    /// The option that was argued best; `None` where none was, or where the judge contradicts itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winner: Option<usize>,
    /// How well each option was argued, 0 to 1.
    pub scores: Vec<f64>,
    /// Whether it has heard enough to decide.
    #[serde(default)]
    pub is_enough: bool,
    /// Whether it came to the same with the sides in the opposite order; `None` where it was not asked twice. Judges favour
    /// whoever they read first (Zheng et al., arXiv 2306.05685).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orders_agree: Option<bool>,
    /// Why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
}

impl Assessment {
    /// An assessment by these scores: the highest wins, if it is alone.
    #[must_use]
    pub fn by_scores(scores: Vec<f64>) -> Self {
        let best = scores.iter().copied().fold(0.0, f64::max);
        let mut leaders = (0..scores.len()).filter(|&option| best > 0.0 && scores[option] >= best - 1e-9);
        let winner = leaders.next().filter(|_| leaders.next().is_none());
        Self { winner, scores, is_enough: false, orders_agree: None, reasons: Vec::new() }
    }

    /// The same, having heard enough.
    #[must_use]
    pub const fn enough(mut self) -> Self {
        self.is_enough = true;
        self
    }

    /// All evidence cited, in the order of the reasons.
    pub fn cites(&self) -> impl Iterator<Item = &EvidenceId> {
        self.reasons.iter().flat_map(|reason| &reason.cites)
    }

    /// Whether this can be said of a debate with so many options.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] with what is wrong.
    pub fn check(&self, options: usize) -> Result<(), Error> {
        let refuse =
            |message: String| Err(Error::new(ErrorKind::Refused, format!("take the assessment: {message}")));
        if self.scores.len() != options || self.scores.iter().any(|score| !(0.0..=1.0).contains(score)) {
            return refuse(format!("it needs {options} scores in 0 to 1: {:?}", self.scores));
        }
        if let Some(winner) = self.winner {
            let Some(score) = self.scores.get(winner) else {
                return refuse(format!("its winner is option {winner}, and there are {options}"));
            };
            if self.scores.iter().any(|other| *other > score + 1e-9) {
                return refuse(format!(
                    "option {winner} wins, and another has a higher score: {:?}",
                    self.scores
                ));
            }
        }
        utterance::check_reasons(&self.reasons).or_else(refuse)
    }
}

/// Everything that a judge is told. It does not learn who said what.
#[derive(Debug, Clone)]
pub struct Docket {
    pub(crate) debate: Arc<DebateId>,
    pub(crate) spec: Arc<Spec>,
    pub(crate) fence: Arc<str>,
    pub(crate) round: u32,
    pub(crate) is_last: bool,
    pub(crate) view: Arc<View>,
    pub(crate) shared: Arc<[bool]>,
    pub(crate) counts: Arc<Counts>,
    pub(crate) statements: Vec<Peer>,
    pub(crate) earlier: Vec<Vec<Arc<Utterance>>>,
}

told!(
    Docket,
    round: "The round that is over, from 0.",
    evidence: "What was laid before everybody: the evidence that all hold, and what anybody has cited."
);

impl Docket {
    /// Whether the debate ends with this round, whatever the judge says.
    #[must_use]
    pub const fn is_last(&self) -> bool {
        self.is_last
    }

    /// What each debater said last: anonymous, in an order drawn for this round.
    #[must_use]
    pub fn statements(&self) -> &[Peer] {
        &self.statements
    }

    /// What the debater of this statement, by its place among them, had said before it, the oldest first.
    #[must_use]
    pub fn earlier(&self, statement: usize) -> &[Arc<Utterance>] {
        self.earlier.get(statement).map_or(&[], Vec::as_slice)
    }
}

impl Docket {
    /// What a judge says that needs statements to judge, and finds none.
    pub(crate) fn nothing_was_said(&self) -> Abstention {
        let why = format!("nobody has said anything by round {}", self.round + 1);
        Abstention::new(crate::AbstainReason::Undecided, why)
    }
}

/// An assessment, and what it cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessed {
    /// What the judge says.
    pub assessment: Assessment,
    /// What it cost.
    pub bill: Bill,
}

/// An assessment that is ready to be made: nothing is asked of anybody before it is polled.
pub struct Assessing {
    /// The most that it can take.
    pub reservation: Reservation,
    /// What the judge is not told, since it would not fit.
    pub shortened: Option<Shortened>,
    /// What is said, or why nothing is. Dropping it cancels the calls.
    pub assessment: BoxFuture<'static, Result<Assessed, Abstention>>,
}

impl Assessing {
    /// An assessment that costs nothing and is known already.
    #[must_use]
    pub fn immediate(said: Result<Assessment, Abstention>) -> Self {
        let said = said.map(|assessment| Assessed { assessment, bill: Bill::default() });
        Self { reservation: Reservation::default(), shortened: None, assessment: ready(said).boxed() }
    }

    /// No assessment, and no call.
    pub(crate) fn silent(why: Abstention) -> Self {
        Self { reservation: Reservation::default(), shortened: None, assessment: ready(Err(why)).boxed() }
    }
}

impl fmt::Debug for Assessing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assessing").field("reservation", &self.reservation).finish_non_exhaustive()
    }
}

/// Whoever can judge.
#[cfg_attr(any(test, feature = "test-util"), mockall::automock)]
pub trait Judge: fmt::Debug + Send + Sync + 'static {
    /// Prepares an assessment: what it can take at most, and what will be said.
    fn assess(&self, docket: Docket) -> Assessing;
}

/// A judge that says what it was told to say, round by round; its last word is repeated. Where nobody has said anything it
/// abstains.
///
/// ```
/// use assize_debate::{Assessment, ScriptedJudge};
///
/// let judge = ScriptedJudge::new([Ok(Assessment::by_scores(vec![0.4, 0.6])), Ok(Assessment::by_scores(vec![0.2, 0.9]).enough())]);
/// ```
#[derive(Debug, Clone)]
pub struct ScriptedJudge {
    script: Vec<Result<Assessment, Abstention>>,
}

impl ScriptedJudge {
    /// A judge with this script. An empty one abstains.
    pub fn new(script: impl IntoIterator<Item = Result<Assessment, Abstention>>) -> Self {
        Self { script: script.into_iter().collect() }
    }
}

impl Judge for ScriptedJudge {
    fn assess(&self, docket: Docket) -> Assessing {
        if docket.statements().is_empty() {
            return Assessing::immediate(Err(docket.nothing_was_said()));
        }
        let said = self.script.get(docket.round as usize).or(self.script.last()).cloned();
        Assessing::immediate(
            said.unwrap_or_else(|| {
                Err(Abstention::new(crate::AbstainReason::Undecided, "its script is empty"))
            }),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_scores_best_alone_wins() {
        assert_eq!(Assessment::by_scores(vec![0.2, 0.7, 0.1]).winner, Some(1));
        assert_eq!(Assessment::by_scores(vec![0.7, 0.7, 0.1]).winner, None);
        assert_eq!(Assessment::by_scores(vec![0.0, 0.0]).winner, None);
        assert_eq!(Assessment::by_scores(vec![]).winner, None);
    }

    #[test]
    fn an_assessment_must_fit() {
        let good = Assessment::by_scores(vec![0.2, 0.7]);
        assert!(good.check(2).is_ok());
        assert!(good.check(3).is_err());
        for bad in [
            Assessment { winner: Some(2), ..good.clone() },
            Assessment { winner: Some(0), ..good.clone() },
            Assessment { scores: vec![0.1, 1.1], ..good.clone() },
            Assessment { scores: vec![f64::NAN, 0.5], ..good },
        ] {
            assert_eq!(bad.check(2).unwrap_err().kind(), ErrorKind::Refused, "{bad:?}");
        }
    }
}
