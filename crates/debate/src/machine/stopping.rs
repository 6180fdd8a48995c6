//! When a debate ends.

use super::{Debate, TurnState};
use crate::{
    AbstainReason, SeatIndex, Selector, StopReason, StopRule,
    rules::{Voice, is_assured},
};

impl Debate {
    /// Whether the debate ends with the round that is over.
    pub(super) fn stop(&self) -> Option<StopReason> {
        if !self.turns().iter().any(TurnState::was_heard) {
            let over_budget = |turn: &TurnState| {
                matches!(turn, TurnState::Abstained { reason: AbstainReason::OverBudget, .. })
            };
            let budget = self.turns().iter().any(over_budget);
            return Some(if budget { StopReason::Budget } else { StopReason::Unheard });
        }
        let votes = self.votes_by_option();
        if votes.iter().sum::<usize>() == 0 {
            return Some(StopReason::NoOpinion);
        }
        let held = self.round() + 1;
        let has_to_go_on = self.spec.selector == Selector::Always && held == 1;
        let early = |only: fn(&StopRule) -> bool| {
            let mut rules = self.spec.stops.iter().filter(|rule| !has_to_go_on && only(rule));
            rules.find_map(|rule| self.is_met(*rule, &votes))
        };
        // What says that there is nothing left to debate comes before the end of the rounds, what says that debating leads
        // nowhere comes after it.
        if let Some(reason) = early(|rule| !matches!(rule, StopRule::Stable { .. })) {
            Some(reason)
        } else if self.spec.selector == Selector::Never && self.spec.rounds > 1 {
            Some(StopReason::VoteOnly)
        } else if held >= self.spec.rounds {
            Some(StopReason::RoundLimit)
        } else {
            early(|rule| matches!(rule, StopRule::Stable { .. }))
        }
    }

    fn is_met(&self, rule: StopRule, votes: &[usize]) -> Option<StopReason> {
        match rule {
            StopRule::Unanimous => {
                let is_unanimous = votes.iter().filter(|votes| **votes > 0).count() == 1;
                let knows_all = !self.brought_new && !self.evidence.is_uneven(&self.spec);
                (is_unanimous && knows_all).then_some(StopReason::Unanimous)
            }
            StopRule::Stable { rounds } => (self.unchanged >= rounds).then_some(StopReason::Stable),
            StopRule::SequentialTest { competence, error } => {
                let mut sorted = votes.to_vec();
                sorted.sort_unstable_by(|a, b| b.cmp(a));
                let of = |place: usize| sorted.get(place).copied().unwrap_or(0);
                StopRule::is_proved(competence, error, of(0), of(1), votes.len())
                    .then_some(StopReason::SequentialTest)
            }
            // The judge is heard afterwards; a lead is looked at while a round is under way.
            StopRule::JudgeSatisfied | StopRule::UnassailableLead => None,
        }
    }

    fn votes_by_option(&self) -> Vec<usize> {
        let mut votes = vec![0; self.spec.options.len()];
        for vote in self.standing.iter().flatten() {
            votes[vote.utterance.stance] += 1;
        }
        votes
    }

    /// Whether the last round is under way and those who have not answered cannot change the decision, whatever they say.
    pub(super) fn is_unassailable(&self) -> bool {
        let is_last = self.round() + 1 >= self.spec.rounds || self.spec.selector == Selector::Never;
        if !is_last || !self.spec.stops.contains(&StopRule::UnassailableLead) {
            return false;
        }
        // Somebody who is neither asked nor due any more cannot be waited for.
        let is_out = |seat: &SeatIndex| !self.turns()[seat.get()].is_settled();
        let voice = |seat: SeatIndex| Voice {
            seat,
            weight: self.spec.seats[seat.get()].weight,
            stood: self.standing[seat.get()].as_ref().map(|vote| vote.utterance.stance),
        };
        let out: Vec<Voice> = self.seats().filter(is_out).map(voice).collect();
        let mut ballots = self.ballots();
        ballots.retain(|ballot| !is_out(&ballot.seat));
        let history = self.history();
        is_assured(self.spec.rule, self.election(&ballots, &history), &out)
    }
}
