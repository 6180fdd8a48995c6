//! What a debate comes to.

mod tally;

use assize_metering::{TokenUsage, Usd};
use serde::{Deserialize, Serialize};

pub use self::tally::{Counted, VerdictTally, VerdictTie};
use crate::{AbstainReason, DebateId, DeclineCause, EvidenceId, HaltCause, Rule, SeatIndex, Selection};

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Outcome {
    /// For one option.
    Decided {
        /// The option.
        option: String,
    },
    /// For none: these lead together. No rule breaks the tie.
    Tied {
        /// The options that lead.
        options: Vec<String>,
    },
    /// For none: the foremost have fewer votes than the rule asks for, be it a majority, a larger share or all.
    NoMajority {
        /// The options with the most votes.
        options: Vec<String>,
        /// The votes of each of them.
        votes: u32,
        /// The votes that it takes.
        needed: u32,
        /// The votes cast; who abstained is not among them.
        cast: u32,
    },
    /// For none: nobody voted, or a judge was to decide and there was none.
    NoOpinion,
}

/// Why a debate ended when it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum StopReason {
    /// All who voted stand for the same, and nobody holds evidence that the others have not seen.
    Unanimous,
    /// A whole round changed no stance and brought nothing new.
    Stable,
    /// Those who had not answered could not have changed the decision.
    UnassailableLead,
    /// The votes would be too unlikely if the leading option were wrong.
    SequentialTest,
    /// The judge had heard enough.
    JudgeSatisfied,
    /// It was to be a vote without a debate.
    VoteOnly,
    /// A further round would not have ended before the deadline.
    NoTime,
    /// A further round would have cost more than was left.
    NoMoney,
    /// The last round that was allowed is over.
    RoundLimit,
    /// All were heard, and nobody has an opinion.
    NoOpinion,
    /// In the last round nobody could be heard.
    Unheard,
    /// In the last round nobody could be asked within the budget.
    Budget,
    /// The deadline came first.
    Deadline,
}

impl From<HaltCause> for StopReason {
    fn from(cause: HaltCause) -> Self {
        match cause {
            HaltCause::Deadline => Self::Deadline,
        }
    }
}

impl From<DeclineCause> for StopReason {
    fn from(cause: DeclineCause) -> Self {
        match cause {
            DeclineCause::NoTime => Self::NoTime,
            DeclineCause::NoMoney => Self::NoMoney,
        }
    }
}

/// A seat's standing vote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Vote {
    /// Whose.
    pub seat: SeatIndex,
    /// The debater's name.
    pub name: String,
    /// The option that it stands for.
    pub option: String,
    /// The probability that it gives to each option, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probabilities: Option<Vec<f64>>,
    /// How sure it is of its stance, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// The options from the best to the worst, if it ranked them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranking: Option<Vec<String>>,
    /// The options that it could accept, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<Vec<String>>,
    /// Points for each option, 0 to 10, if it gave any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Vec<f64>>,
    /// The seat's weight.
    pub weight: f64,
    /// What the vote counts for, where the rule weighs votes by more than their seat: the weight times how sure it is, what
    /// that has been worth, or what the seat's record is worth beside the others'.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<f64>,
    /// What it stood for in each round, `None` where it was silent, where the rule follows that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub way: Vec<Option<String>>,
    /// The round in which it said so, from 0.
    pub round: u32,
}

/// A reason that a seat gave, with the evidence cited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VerdictReason {
    /// Who gave it.
    pub seat: SeatIndex,
    /// The debater's name.
    pub name: String,
    /// The option that the seat stands for.
    pub option: String,
    /// The reason.
    pub text: String,
    /// The evidence that it cites.
    pub cites: Vec<EvidenceId>,
}

/// That a seat abstained from a round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VerdictAbstention {
    /// Who.
    pub seat: SeatIndex,
    /// The debater's name.
    pub name: String,
    /// The round, from 0.
    pub round: u32,
    /// Why.
    pub reason: AbstainReason,
    /// The same in words.
    pub detail: String,
}

/// What the judge made of a round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VerdictAssessment {
    /// The round, from 0.
    pub round: u32,
    /// The option that was argued best, if one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winner: Option<String>,
    /// How well each option was argued, 0 to 1.
    pub scores: Vec<f64>,
    /// Whether it came to the same with the sides in the opposite order, where it was asked twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orders_agree: Option<bool>,
    /// Why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// How much of the evidence that only some seats held came up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FactCoverage {
    /// Pieces of evidence that some seats held from the start and others did not.
    pub held: u32,
    /// Those among them that a seat which could see them cited by the end.
    pub cited: u32,
}

impl FactCoverage {
    /// The share that came up, 0 to 1.
    #[must_use]
    pub fn share(self) -> f64 {
        if self.held == 0 { 1.0 } else { f64::from(self.cited) / f64::from(self.held) }
    }
}

/// How much the debaters gave way to each other, and how much they brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Conformity {
    /// Changes of stance between rounds.
    pub flips: u32,
    /// Those among them that cite nothing which the seat had not cited before.
    pub flips_without_new_evidence: u32,
    /// Whole rounds in which nobody stated a new fact: cited evidence that nobody had cited before. `None`: there is no
    /// evidence, or an older program did not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounds_without_new_facts: Option<u32>,
    /// How much of the evidence that only some held came up. `None`: all held all, or an older program did not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unshared_fact_coverage: Option<FactCoverage>,
}

/// What makes this verdict less than it could have been.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Degradation {
    /// A seat has no standing vote.
    LostVoice {
        /// The debater's name.
        name: String,
        /// Why it abstained last.
        reason: AbstainReason,
    },
    /// A seat's vote is from an earlier round, since it was not heard in the last one.
    StaleVote {
        /// The debater's name.
        name: String,
        /// The round in which it was cast, from 0.
        round: u32,
    },
    /// A seat was asked through its cheaper model, since the other did not fit into what was left of the budget.
    CheaperModel {
        /// The debater's name.
        name: String,
        /// The first round in which it was, from 0.
        round: u32,
    },
    /// The debate was ended from outside.
    Halted {
        /// Why.
        cause: HaltCause,
    },
    /// A reason cites evidence that is not there.
    UnknownCitation {
        /// The debater's name, or the judge's.
        name: String,
        /// What it cites.
        id: EvidenceId,
    },
    /// The judge did not assess what decided: it said nothing, or the debate ended before it could. Where it should have
    /// decided, its last assessment did, or else the plurality of the votes.
    LostJudge {
        /// The judge's name.
        name: String,
        /// Why.
        reason: AbstainReason,
    },
    /// The judge came to another result with the sides in the opposite order.
    JudgeContradictsItself {
        /// The judge's name.
        name: String,
        /// The round, from 0.
        round: u32,
    },
    /// Before a round nobody summed up what had fallen out of the window: extracts stood in.
    LostSummary {
        /// The round, from 0.
        round: u32,
        /// Why.
        reason: AbstainReason,
    },
    /// Somebody was told less than the whole, which would not have fitted the model.
    ShortenedPrompt {
        /// The debater's name, or the judge's, or that of the summariser's model.
        name: String,
        /// How often.
        times: u32,
        /// The most pieces of evidence that were left out at once.
        evidence: u32,
    },
    /// Calls that were lost in a crash may have been paid.
    PossiblyPaid {
        /// How much at most.
        #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Usd"))]
        amount: Usd,
    },
    /// Some of the voices are simulated: their votes carry no knowledge.
    Simulated,
}

/// The verdict: what was decided, how surely, why, who disagrees, and what is missing. It holds no time of day and no
/// duration: the same input gives the same verdict, byte for byte.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Verdict {
    /// The version of this form.
    pub format_version: u32,
    /// The debate.
    pub debate: DebateId,
    /// What was argued.
    pub question: String,
    /// The answers that could be given.
    pub options: Vec<String>,
    /// What was decided.
    pub outcome: Outcome,
    /// The probability of each option: the linear pool of the standing votes, whatever the rule. `None`: no vote.
    pub probabilities: Option<Vec<f64>>,
    /// Each option's share of the rule's score.
    pub support: Vec<f64>,
    /// What each option got under the rule: with the votes (or the assessments, where a judge decides), all that it takes
    /// to count again. `None`: an older program did not write it down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tally: Option<VerdictTally>,
    /// The rule that decided.
    pub rule: Rule,
    /// Rounds held, the blind first one included.
    pub rounds: u32,
    /// Why it ended then.
    pub stopped: StopReason,
    /// The standing votes, by seat.
    pub votes: Vec<Vote>,
    /// The reasons of those who stand for what was decided (in a tie: for one of the leaders; without a majority: for one
    /// of the foremost).
    pub reasons: Vec<VerdictReason>,
    /// The reasons of the others.
    pub dissent: Vec<VerdictReason>,
    /// Who abstained, when and why.
    pub abstentions: Vec<VerdictAbstention>,
    /// What the judge made of the rounds, if there is one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assessments: Vec<VerdictAssessment>,
    /// Why it was debated or not, where there was a choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<Selection>,
    /// How much the debaters gave way.
    pub conformity: Conformity,
    /// Calls of models.
    pub calls: u32,
    /// The tokens that they took, as far as known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Tokens>"))]
    pub tokens: Option<TokenUsage>,
    /// What they cost.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Usd"))]
    pub cost: Usd,
    /// What is missing or doubtful.
    pub degradations: Vec<Degradation>,
}

impl Verdict {
    /// The option that was decided for: none in a tie, without the votes that it takes, or when nobody voted.
    #[must_use]
    pub fn decision(&self) -> Option<&str> {
        match &self.outcome {
            Outcome::Decided { option } => Some(option),
            Outcome::Tied { .. } | Outcome::NoMajority { .. } | Outcome::NoOpinion => None,
        }
    }

    /// Leaves out how it was counted, as programs did that did not write it down.
    pub(crate) fn forget_count(&mut self) {
        self.tally = None;
        for vote in &mut self.votes {
            (vote.ranking, vote.approved, vote.points, vote.counts) = (None, None, None, None);
            vote.way.clear();
        }
    }

    /// The pooled probability of an option, if there is such an option and anybody voted.
    #[must_use]
    pub fn probability_of(&self, option: &str) -> Option<f64> {
        let index = self.options.iter().position(|known| known == option)?;
        self.probabilities.as_ref()?.get(index).copied()
    }
}
