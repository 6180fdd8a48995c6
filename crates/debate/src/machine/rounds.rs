//! How a round begins and ends.

use super::{Debate, Spent, TurnState, judging::Judging};
use crate::{StopReason, prompt::Shown};

impl Debate {
    /// Whether turns of the present round are taken one after another.
    pub(super) fn is_one_by_one(&self) -> bool {
        self.spec.order.is_one_by_one() && !(self.round() == 0 && self.spec.blind_first)
    }

    pub(super) fn begin_round(&mut self) {
        self.heard.clone_from(&self.standing);
        self.rounds.push(vec![TurnState::Due; self.spec.seats.len()]);
        if let Some(window) = self.spec.window {
            self.shown.push(vec![Shown::default(); self.spec.seats.len()]);
            // No window reaches back to it any more.
            let too_old = self.shown.len().checked_sub(window.rounds as usize + 3);
            if let Some(shown) = too_old.and_then(|round| self.shown.get_mut(round)) {
                shown.clear();
            }
        }
        self.changed = 0;
        self.brought_new = false;
        self.this_round = Spent::default();
        self.note_fallen();
    }

    pub(super) fn end_round(&mut self) {
        self.brought_new |= self.evidence.share(&self.spec);
        let facts = self.evidence.n_cited();
        self.rounds_without_facts += u32::from(facts == self.facts);
        self.facts = facts;
        let is_unchanged = self.round() > 0 && self.changed == 0 && !self.brought_new;
        self.unchanged = if is_unchanged { self.unchanged + 1 } else { 0 };
        self.last_round = self.this_round.clone();
        let stop = self.stop();
        if self.hears_judge_before(stop) {
            self.judging = Some(Judging { stop, asked: None });
        } else {
            self.go_on(stop);
        }
    }

    /// Ends the debate, or begins the next round.
    pub(super) fn go_on(&mut self, stop: Option<StopReason>) {
        self.note_selection(stop);
        match stop {
            Some(reason) => self.decide(reason, None),
            None => self.begin_round(),
        }
    }
}
