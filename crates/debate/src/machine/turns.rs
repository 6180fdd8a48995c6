//! What a turn hears, and what it changes.

use std::sync::Arc;

use assize_metering::{CharacterEstimator, TokenCounter};

use super::{Ask, Debate, Standing, Statement, TurnState, refused, spent};
use crate::{
    AbstainReason, Bill, Error, EvidenceId, History, Peer, Remark, SeatIndex, Utterance,
    prompt::{self, Shown},
    window::Sized,
};

impl Debate {
    /// What a seat had said when it is somebody's turn in this round.
    pub(super) fn said_before(&self, seat: SeatIndex, round: u32) -> Option<&Statement> {
        if round == 0 && (self.spec.blind_first || !self.spec.order.is_one_by_one()) {
            return None;
        }
        if self.is_one_by_one() && round == self.round() {
            return self.standing.get(seat.get())?.as_ref().map(|vote| &vote.said);
        }
        self.heard.get(seat.get())?.as_ref()
    }

    /// Whom a seat hears in this round, in the order in which they are numbered for it.
    pub(super) fn heard_by(&self, ask: Ask) -> Vec<Peer> {
        let Some(others) = self.audience.get(ask.seat.get()) else { return Vec::new() };
        let mut heard = Vec::new();
        for &seat in others {
            if let Some(said) = self.said_before(seat, ask.round) {
                // In a round in which nobody is heard, nothing is set aside for it.
                heard.reserve(others.len() - heard.len());
                let (utterance, shown) = (Arc::clone(&said.utterance), said.shown.clone());
                heard.push(Peer { number: 0, utterance, seat, shown });
            }
        }
        if heard.len() > 1 {
            self.spec.seed.child(&format!("peers/{}/{}", ask.round, ask.seat.0)).rng().shuffle(&mut heard);
        }
        heard.iter_mut().zip(1..).for_each(|(peer, number)| peer.number = number);
        heard
    }

    /// What a seat is shown of the earlier rounds; `heard` is what it is shown anyway.
    pub(super) fn history_for(&self, ask: Ask, heard: &[Peer], own: Option<&Arc<Utterance>>) -> History {
        let Some(window) = self.spec.window else { return History::default() };
        let oldest = ask.round.saturating_sub(1).saturating_sub(window.rounds);
        // As whom the reader knows a seat, and what it is shown of it anyway.
        let who = |seat: SeatIndex| match seat == ask.seat {
            true => Some((None, own)),
            false => {
                heard.iter().find(|peer| peer.seat == seat).map(|it| (Some(it.number), Some(&it.utterance)))
            }
        };
        let before = (0..ask.round).zip(self.rounds.iter().zip(&self.sizes)).rev();
        let statements = before.flat_map(|(round, (turns, sizes))| {
            self.seats().zip(turns.iter().zip(sizes)).rev().filter_map(move |(seat, (turn, size))| match turn
            {
                TurnState::Spoke(said) => Some((round, seat, said, size)),
                _ => None,
            })
        });
        let statements = statements.filter_map(|(round, seat, said, (tokens, shown))| {
            let (peer, shown_anyway) = who(seat)?;
            if shown_anyway.is_some_and(|shown| Arc::ptr_eq(shown, said)) {
                return None;
            }
            let (utterance, shown) = (Arc::clone(said), shown.clone());
            Some(Sized { remark: Remark { round, peer, utterance, shown }, tokens: *tokens })
        });
        let shown = heard.iter().map(|peer| &*peer.utterance).chain(own.map(|own| &**own));
        History::within(window, oldest, statements, shown)
    }

    pub(super) fn hear(
        &mut self,
        round: u32,
        seat: SeatIndex,
        utterance: Arc<Utterance>,
        bill: &Bill,
    ) -> Result<(), Error> {
        utterance.check(self.spec.options.len())?;
        spent::check(bill)?;
        let turn = self.turn_state(round, seat)?;
        if !matches!(turn, TurnState::Asked) {
            return Err(refused("the seat speaks without having been asked"));
        }
        *turn = TurnState::Spoke(Arc::clone(&utterance));
        let mut shown = Shown::later();
        let sizes = self.sizes.last_mut().and_then(|sizes| sizes.get_mut(seat.get()));
        // The last round is nobody's history.
        if let Some(size) = sizes.filter(|_| round + 1 < self.spec.rounds) {
            // Counted once, however often it is shown.
            let count = |text: &str| CharacterEstimator.count(text);
            let tokens;
            (shown, tokens) = prompt::said(&utterance, &self.spec.options, &self.frame.fence, count);
            *size = (u32::try_from(tokens).unwrap_or(u32::MAX), shown.clone());
        }
        self.spent.add(bill);
        self.this_round.add_all_but_tokens(bill);
        self.evidence.cite(seat, &utterance);
        self.count_change(seat, &utterance);
        self.standing[seat.get()] = Some(Standing { round, said: Statement { utterance, shown } });
        if self.is_one_by_one() {
            // Whoever speaks next has heard it.
            self.brought_new |= self.evidence.share(&self.spec);
        }
        Ok(())
    }

    fn count_change(&mut self, seat: SeatIndex, utterance: &Utterance) {
        match &self.standing[seat.get()] {
            None => self.changed += 1,
            Some(before) if before.said.utterance.stance != utterance.stance => {
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
        spent::check(bill)?;
        let turn = self.turn_state(round, seat)?;
        match turn {
            TurnState::Spoke(_) | TurnState::Abstained { .. } => {
                return Err(refused("the seat abstains after its turn"));
            }
            // Only what cannot be paid is not asked.
            TurnState::Due if reason != AbstainReason::OverBudget => {
                return Err(refused("the seat abstains without having been asked"));
            }
            TurnState::Due | TurnState::Asked => {}
        }
        *turn = TurnState::Abstained { reason, detail: detail.into() };
        self.spent.add(bill);
        self.this_round.add_all_but_tokens(bill);
        if reason.withdraws() && self.standing[seat.get()].take().is_some() {
            self.changed += 1;
        }
        Ok(())
    }
}
