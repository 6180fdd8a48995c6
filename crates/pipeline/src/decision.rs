//! From a verdict to a decision: what to do, from what price, how far to go with it, and what would refute it.

mod card;
mod evidence_weights;
mod facts;
mod invalidation;
mod levels;
mod sessions;
mod sizing;
#[cfg(test)]
mod tests;
mod validated;
mod volatility;

use assize_altdata::{AsOf, PriceSeries, Ticker};
use assize_analysts::DIRECTION_OPTIONS;
use assize_debate::{DebateId, Evidence, Verdict, VerdictAbstention, VerdictReason};
use assize_portfolio::{EvidenceFacts, Proposal, Question};
use jiff::civil::Date;
use serde::Serialize;

use self::evidence_weights::Sides;
pub(crate) use self::{card::put_card, facts::source_kind};
pub use self::{
    evidence_weights::WeighedEvidence, invalidation::Trigger, levels::Level, sessions::nth_session_after,
    sizing::Sizing, validated::put_validation, volatility::Volatility,
};
use crate::{Action, Shortfall};

/// The version of a decision's JSON form.
pub const DECISION_FORMAT_VERSION: u32 = 1;

/// Numbers of dollars are written to so many digits: a model of prices knows no more.
const DIGITS: usize = 6;

/// What is decided from. Nothing else is looked at: the same matter gives the same decision.
#[derive(Debug, Clone, Copy)]
pub struct DecisionMatter<'a> {
    /// The name.
    pub ticker: &'a Ticker,
    /// The moment by which everything had to be known.
    pub as_of: AsOf,
    /// How far ahead the question looked, in sessions.
    pub horizon_sessions: u32,
    /// What the panel came to.
    pub verdict: &'a Verdict,
    /// The prices as of then.
    pub series: &'a PriceSeries,
    /// What could be cited.
    pub evidence: &'a [Evidence],
    /// What is missing.
    pub gaps: &'a [Shortfall],
    /// What the share was to return more than, with its prices as of then; `None`: the question was whether it rises.
    pub benchmark: Option<(&'a Ticker, &'a PriceSeries)>,
    /// Who answered about another company when asked by ticker or number.
    pub of_others: &'a [String],
}

/// The price that a decision starts from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Entry {
    /// The close of the newest session, as traded. No order can be filled at it any more.
    pub price: f64,
    /// That session.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub date: Date,
    /// The evidence.
    pub id: String,
}

/// What to do about a ticker, and everything that it rests on. It holds no time of day but the as-of moment: the same input
/// gives the same decision, byte for byte.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Decision {
    /// The version of this form.
    pub format_version: u32,
    /// `dec-` and 12 hexadecimal digits: a hash of everything else that is said here.
    pub id: String,
    /// The name.
    #[serde(serialize_with = "crate::as_text::as_text")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub ticker: Ticker,
    /// The date (or moment) by which everything in it was known.
    #[serde(serialize_with = "crate::as_text::as_text")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub as_of: AsOf,
    /// What to do.
    pub action: Action,
    /// What the probability is of.
    pub question: Question,
    /// What the share is to return more than, where that is the question.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "crate::as_text::as_optional_text")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub benchmark: Option<Ticker>,
    /// The probability that the price rises over the horizon, or that the share returns more than the benchmark, dividends
    /// included: the panel's linear pool.
    pub p_up: f64,
    /// Over how many sessions.
    pub horizon_sessions: u32,
    /// The debate that it comes from: a hash of its whole specification, with question, panel, evidence and rule.
    pub specification: DebateId,
    /// Whose votes it comes from.
    pub voices: Vec<String>,
    /// The price that it starts from, if there is one.
    pub entry: Option<Entry>,
    /// How much the price moves.
    pub volatility: Volatility,
    /// Where the price is expected at the end of the horizon: half of the outcomes lie below. Where the question is of a
    /// benchmark, this and the target hold for a benchmark that ends where it is.
    pub expected: Level,
    /// Where the price is at the end of the horizon if the decision is right: half of those outcomes lie beyond.
    pub target: Level,
    /// Where the decision is taken for refuted.
    pub stop: Level,
    /// How much of the book it asks for, before limits.
    pub size: Sizing,
    /// What would refute it, or end it.
    pub invalidation: Vec<Trigger>,
    /// The evidence cited by those on its side (on the side of a rise, if p(up) is one half), the weightiest first.
    pub evidence_for: Vec<WeighedEvidence>,
    /// The evidence cited by those on the other side, the weightiest first.
    pub evidence_against: Vec<WeighedEvidence>,
    /// What validation asks about the evidence.
    pub facts: EvidenceFacts,
    /// The reasons of those who stand against what the panel decided.
    pub dissent: Vec<VerdictReason>,
    /// Who was silent in the last round, and why.
    pub abstentions: Vec<VerdictAbstention>,
    /// What is missing.
    pub gaps: Vec<Shortfall>,
}

impl Decision {
    /// Decides; `None` where nobody gave a probability.
    #[must_use]
    pub fn of(matter: &DecisionMatter<'_>) -> Option<Self> {
        let DecisionMatter {
            ticker,
            as_of,
            horizon_sessions,
            verdict,
            series,
            evidence,
            gaps,
            benchmark,
            ..
        } = *matter;
        let p_up = verdict.probability_of(DIRECTION_OPTIONS[0]).filter(|p| (0.0..=1.0).contains(p))?;
        let action = Action::from_probability(p_up);
        let sides = Sides::of(verdict, evidence, p_up >= 0.5);
        let facts = facts::of(matter, &sides);
        let entry = series.last().map(|bar| Entry {
            price: bar.bar.close,
            date: bar.bar.date,
            id: bar.id.to_string(),
        });
        let against = benchmark.map(|(_, prices)| prices);
        let volatility = Volatility::of(series, evidence, facts.chain_age_sessions, against);
        let aim = benchmark.map(|(name, _)| name.as_str());
        let levels = levels::of((action, p_up), horizon_sessions, entry.as_ref(), &volatility, aim);
        let size = sizing::of(action, p_up, entry.as_ref(), &levels.stop);
        let last_round = verdict.rounds.saturating_sub(1);
        let silent = |abstention: &&VerdictAbstention| abstention.round == last_round;
        let decision = Self {
            format_version: DECISION_FORMAT_VERSION,
            id: String::new(),
            ticker: ticker.clone(),
            as_of,
            action,
            question: if benchmark.is_some() { Question::Outperform } else { Question::Rise },
            benchmark: benchmark.map(|(name, _)| name.clone()),
            p_up,
            horizon_sessions,
            specification: verdict.debate.clone(),
            voices: verdict.votes.iter().map(|vote| vote.name.clone()).collect(),
            entry,
            volatility,
            invalidation: invalidation::of(matter, action, &levels.stop),
            expected: levels.expected,
            target: levels.target,
            stop: levels.stop,
            size,
            evidence_for: sides.for_it,
            evidence_against: sides.against,
            facts,
            dissent: verdict.dissent.clone(),
            abstentions: verdict.abstentions.iter().filter(silent).cloned().collect(),
            gaps: gaps.to_vec(),
        };
        Some(Self { id: decision.content_id(), ..decision })
    }

    /// The id that its content has.
    #[must_use]
    pub fn content_id(&self) -> String {
        let nameless = Self { id: String::new(), ..self.clone() };
        // It holds nothing that JSON cannot.
        let content = serde_json::to_vec(&nameless).unwrap_or_default();
        format!("dec-{}", &blake3::hash(&content).to_hex()[..12])
    }

    /// What it asks of a book, to be validated. A hold, and what cannot be sized, asks for what is held.
    #[must_use]
    pub fn proposal(&self, sector: Option<String>) -> Proposal {
        Proposal {
            ticker: self.ticker.clone(),
            sector,
            action: self.action,
            p_up: self.p_up,
            target: match &self.size {
                Sizing::To { weight, .. } => Some(*weight),
                Sizing::Keep { .. } => None,
            },
            facts: self.facts.clone(),
            is_settled: false,
        }
    }
}

/// A number to a few significant digits.
fn few_digits(value: f64) -> f64 {
    if value.is_finite() && value.abs() >= f64::MIN_POSITIVE {
        // By way of its decimal form, which is the same on every machine.
        let after_point = DIGITS - 1;
        format!("{value:.after_point$e}").parse().unwrap_or(value)
    } else {
        value
    }
}
