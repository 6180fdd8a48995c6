//! Somebody else decides.

use super::DecisionRule;
use crate::{Election, Tally};

/// The judge's scores decide, whatever the ballots say: see [`Election::judgement`]. Without a judge, or with one whose
/// scores do not fit the options, nobody leads.
#[derive(Debug, Clone, Copy, Default)]
pub struct ByJudge;

impl DecisionRule for ByJudge {
    fn decide(&self, election: Election<'_>) -> Tally {
        let fits = |scores: &&[f64]| {
            scores.len() == election.options && scores.iter().all(|score| score.is_finite() && *score >= 0.0)
        };
        match election.judgement.filter(fits) {
            Some(scores) => Tally::by_score(scores.to_vec()),
            None => Tally::nobody(election.options),
        }
    }
}
