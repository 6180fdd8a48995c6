//! What a turn hears, and what it changes.

use std::sync::Arc;

use super::{Ask, Debate, Standing, TurnState, refused};
use crate::{AbstainReason, Bill, Error, EvidenceId, Peer, SeatIndex, Utterance};

impl Debate {
    /// What a seat had said when it is somebody's turn in this round.
    pub(super) fn said_before(&self, seat: SeatIndex, round: u32) -> Option<Arc<Utterance>> {
        if round == 0 && (self.spec.blind_first || !self.spec.order.is_one_by_one()) {
            return None;
        }
        if self.is_one_by_one() && round == self.round() {
            return self.standing.get(seat.get())?.as_ref().map(|vote| Arc::clone(&vote.utterance));
        }
        self.heard.get(seat.get()).cloned().flatten()
    }

    pub(super) fn peers_of(&self, ask: Ask) -> Vec<Peer> {
        let Some(others) = self.audience.get(ask.seat.get()) else { return Vec::new() };
        let mut heard: Vec<_> = others.iter().filter_map(|seat| self.said_before(*seat, ask.round)).collect();
        self.spec.seed.child(&format!("peers/{}/{}", ask.round, ask.seat.0)).rng().shuffle(&mut heard);
        (1..).zip(heard).map(|(number, utterance)| Peer { number, utterance }).collect()
    }

    pub(super) fn hear(
        &mut self,
        round: u32,
        seat: SeatIndex,
        utterance: Arc<Utterance>,
        bill: &Bill,
    ) -> Result<(), Error> {
        utterance.check(self.spec.options.len())?;
        let spent = self.spent.with(bill)?;
        let turn = self.turn_state(round, seat)?;
        if !matches!(turn, TurnState::Asked { .. }) {
            return Err(refused("the seat speaks without having been asked"));
        }
        *turn = TurnState::Spoke(Arc::clone(&utterance));
        self.spent = spent;
        self.evidence.cite(seat, &utterance);
        self.count_change(seat, &utterance);
        self.standing[seat.get()] = Some(Standing { round, utterance });
        if self.is_one_by_one() {
            // Whoever speaks next has heard it.
            self.brought_new |= self.evidence.share(&self.spec);
        }
        Ok(())
    }

    fn count_change(&mut self, seat: SeatIndex, utterance: &Utterance) {
        match &self.standing[seat.get()] {
            None => self.changed += 1,
            Some(before) if before.utterance.stance != utterance.stance => {
                self.changed += 1;
                self.conformity.flips += 1;
                let said_before =
                    |id: &EvidenceId| self.rounds.iter().any(|turns| turns[seat.get()].cites(id, utterance));
                if utterance.cites().all(said_before) {
                    self.conformity.flips_without_new_evidence += 1;
                }
            }
            Some(_) => {}
        }
    }

    pub(super) fn miss(
        &mut self,
        round: u32,
        seat: SeatIndex,
        reason: AbstainReason,
        detail: &str,
        bill: &Bill,
    ) -> Result<(), Error> {
        let spent = self.spent.with(bill)?;
        let turn = self.turn_state(round, seat)?;
        match turn {
            TurnState::Spoke(_) | TurnState::Abstained { .. } => {
                return Err(refused("the seat abstains after its turn"));
            }
            // Only what cannot be paid is not asked.
            TurnState::Due if reason != AbstainReason::OverBudget => {
                return Err(refused("the seat abstains without having been asked"));
            }
            TurnState::Due | TurnState::Asked { .. } => {}
        }
        *turn = TurnState::Abstained { reason, detail: detail.into() };
        self.spent = spent;
        if reason.withdraws() && self.standing[seat.get()].take().is_some() {
            self.changed += 1;
        }
        Ok(())
    }
}
