//! Whether a further round is held, and the receipt of it.

use assize_metering::Usd;

use super::{Debate, TurnState, judging::Judging, refused};
use crate::{DeclineCause, Error, Selection, SelectionReason, Selector, StopReason};

impl Debate {
    /// What the turns of the last whole round took: calls and money.
    #[must_use]
    pub const fn cost_of_last_round(&self) -> (u32, Usd) {
        (self.last_round.calls, self.last_round.cost)
    }

    /// Whether a round after the first is about to begin, so that it can still be declined.
    #[must_use]
    pub fn can_decline(&self) -> bool {
        self.verdict.is_none()
            && self.recorded.is_none()
            && self.judging.is_none()
            && self.summary_outstanding().is_none()
            && self.round() > 0
            && self.spec.selector == Selector::Auto
            && self.turns().iter().all(|turn| matches!(turn, TurnState::Due))
    }

    pub(super) fn decline(&mut self, cause: DeclineCause) -> Result<(), Error> {
        if !self.can_decline() {
            return Err(refused("a round is declined that is not about to begin"));
        }
        self.rounds.pop();
        self.drop_minutes();
        if let Some(selection) = self.selection.as_mut().filter(|_| self.rounds.len() == 1) {
            selection.debated = false;
            selection.reason = match cause {
                DeclineCause::NoTime => SelectionReason::NoTime,
                DeclineCause::NoMoney => SelectionReason::NoMoney,
            };
        }
        let stop = StopReason::from(cause);
        if self.spec.judge.as_ref().is_some_and(|judge| !judge.each_round) {
            // It waited for the last round, and that is over now.
            self.judging = Some(Judging { stop: Some(stop), asked: None });
        } else {
            self.decide(stop, None);
        }
        Ok(())
    }

    /// Writes the receipt once the first round is over.
    pub(super) fn note_selection(&mut self, stop: Option<StopReason>) {
        if self.round() > 0 || self.spec.rounds == 1 || self.selection.is_some() {
            return;
        }
        let selector = self.spec.selector;
        let mut stances = self.standing.iter().flatten().map(|vote| vote.utterance.stance);
        let first = stances.next();
        let is_split = stances.any(|stance| Some(stance) != first);
        let reason = match (stop, selector) {
            (_, Selector::Never) | (None, Selector::Always) => SelectionReason::Told,
            (None, _) if is_split => SelectionReason::Split,
            (None, _) => SelectionReason::UnevenEvidence,
            (Some(StopReason::Unanimous), _) => SelectionReason::Agreement,
            (Some(_), _) => SelectionReason::Stopped,
        };
        self.selection = Some(Selection {
            selector,
            debated: stop.is_none(),
            reason,
            calls_saved: 0,
            cost_saved: Usd::ZERO,
        });
    }

    /// The receipt, with what was saved by the rounds that were not held.
    pub(super) fn receipt(&self) -> Option<Selection> {
        let mut selection = self.selection.clone()?;
        let not_held = self.spec.rounds.saturating_sub(self.round() + 1);
        let (calls, cost) = self.cost_of_last_round();
        selection.calls_saved = calls.saturating_mul(not_held);
        selection.cost_saved = cost.checked_mul(u64::from(not_held)).unwrap_or(Usd::MAX);
        Some(selection)
    }
}
