//! How a decision was counted, for the verdict.

use super::Debate;
use crate::{Ballot, Counted, Election, Rule, Tally, TieBreak, VerdictTally, VerdictTie, rules::duels};

impl Debate {
    /// What each option got, before a tie was broken.
    pub(super) fn counted(&self, rule: Rule, election: Election<'_>, tally: &Tally) -> VerdictTally {
        let (counted, one) = Counted::by(rule, election.ballots.len(), election.options);
        let duels = match rule {
            Rule::Copeland | Rule::Schulze | Rule::Kemeny => duels(election),
            _ => Vec::new(),
        };
        // Kemeny's score is a share of all preferences in pairs.
        let one = match rule {
            Rule::Kemeny => duels.iter().flatten().copied().map(f64::from).sum(),
            _ => one,
        };
        let got = |score: &f64| {
            let got = score * one;
            if counted.comes_in_halves() { (got * 2.0).round() / 2.0 } else { got }
        };
        VerdictTally {
            counted,
            got: tally.scores.iter().map(got).collect(),
            duels,
            tie: self.tie(election, tally),
        }
    }

    fn tie(&self, election: Election<'_>, tally: &Tally) -> Option<VerdictTie> {
        let by = self.spec.tie_break;
        let tied = tally.leaders();
        if by == TieBreak::None || tied.len() < 2 {
            return None;
        }
        let options = tied.iter().map(|option| self.spec.options[*option].clone()).collect();
        let got = tied.iter().filter_map(|option| by.counts(*option, election)).collect();
        Some(VerdictTie { options, broken_by: by, got })
    }

    /// The options that a ballot names, by their names.
    pub(super) fn named(&self, options: Option<&Vec<usize>>) -> Option<Vec<String>> {
        Some(options?.iter().map(|option| self.spec.options[*option].clone()).collect())
    }

    /// What a seat stood for in each round, where the rule follows it; see [`Ballot`] for what else it said.
    pub(super) fn way_of(&self, ballot: &Ballot, history: &[Vec<Option<usize>>]) -> Vec<Option<String>> {
        if !self.spec.rule.needs_history() {
            return Vec::new();
        }
        let name = |stance: usize| self.spec.options[stance].clone();
        let stance = |round: &Vec<Option<usize>>| round.get(ballot.seat.get()).copied().flatten().map(name);
        history.iter().map(stance).collect()
    }
}
