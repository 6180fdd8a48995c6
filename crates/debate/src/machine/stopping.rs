//! When a debate ends.

use super::{Debate, TurnState};
use crate::{AbstainReason, StopReason};

impl Debate {
    /// Whether the debate ends with the round that is over. `brought_new`: the round showed somebody evidence that it
    /// had not seen.
    pub(super) fn stop(&self, brought_new: bool) -> Option<StopReason> {
        if !self.turns().iter().any(TurnState::was_heard) {
            let over_budget = |turn: &TurnState| {
                matches!(turn, TurnState::Abstained { reason: AbstainReason::OverBudget, .. })
            };
            let budget = self.turns().iter().any(over_budget);
            return Some(if budget { StopReason::Budget } else { StopReason::Unheard });
        }
        let mut votes = self.standing.iter().flatten().map(|vote| vote.utterance.stance);
        let Some(first) = votes.next() else {
            return Some(StopReason::NoOpinion);
        };
        let unanimous = votes.all(|stance| stance == first);
        let held = self.round() + 1;
        if unanimous && !brought_new && !self.evidence.is_uneven(&self.spec) {
            Some(StopReason::Unanimous)
        } else if held >= self.spec.rounds {
            Some(StopReason::RoundLimit)
        } else if held > 1 && self.changed == 0 && !brought_new {
            Some(StopReason::Stable)
        } else {
            None
        }
    }
}
