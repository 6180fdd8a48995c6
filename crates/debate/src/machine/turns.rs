//! What a turn hears, and what it changes.

use std::sync::Arc;

use assize_metering::{CharacterEstimator, TokenCounter};

use super::{Ask, Debate, Standing, TurnState, refused};
use crate::{
    AbstainReason, Bill, Entry, Error, EvidenceId, History, Peer, Remark, Said, SeatIndex, Turn, Utterance,
    prompt, window::Sized,
};

impl Debate {
    /// What the debater of `ask` is told.
    #[must_use]
    pub fn turn(&self, ask: Ask) -> Turn {
        let heard = self.heard_by(ask);
        let own = self.said_before(ask.seat, ask.round);
        let history = self.history_for(ask, &heard, own.as_ref());
        let peers = heard.into_iter().zip(1..).map(|((_, utterance), number)| Peer { number, utterance });
        Turn {
            debate: Arc::clone(&self.id),
            spec: Arc::clone(&self.spec),
            fence: Arc::clone(&self.fence),
            seat: ask.seat,
            round: ask.round,
            visible: self.evidence.visible.get(ask.seat.get()).cloned().unwrap_or_default(),
            history,
            peers: peers.collect(),
            own,
        }
    }

    /// Everything that was said, ordered by round and seat.
    #[must_use]
    pub fn transcript(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (round, turns) in (0..).zip(&self.rounds) {
            for (seat, turn) in (0..).map(SeatIndex).zip(turns) {
                let said = match turn {
                    TurnState::Due | TurnState::Asked => continue,
                    TurnState::Spoke(utterance) => Said::Spoke { utterance: Arc::clone(utterance) },
                    TurnState::Abstained { reason, detail } => {
                        Said::Abstained { reason: *reason, detail: (**detail).to_owned() }
                    }
                };
                entries.push(Entry { round, seat, name: self.name(seat), said });
            }
        }
        entries
    }

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

    /// Whom a seat hears in this round, in the order in which they are numbered for it.
    pub(super) fn heard_by(&self, ask: Ask) -> Vec<(SeatIndex, Arc<Utterance>)> {
        let Some(others) = self.audience.get(ask.seat.get()) else { return Vec::new() };
        let mut heard = Vec::new();
        for &seat in others {
            if let Some(said) = self.said_before(seat, ask.round) {
                // In a round in which nobody is heard, nothing is set aside for it.
                heard.reserve(others.len() - heard.len());
                heard.push((seat, said));
            }
        }
        if heard.len() > 1 {
            self.spec.seed.child(&format!("peers/{}/{}", ask.round, ask.seat.0)).rng().shuffle(&mut heard);
        }
        heard
    }

    /// What a seat is shown of the earlier rounds; `heard` is what it is shown anyway.
    pub(super) fn history_for(
        &self,
        ask: Ask,
        heard: &[(SeatIndex, Arc<Utterance>)],
        own: Option<&Arc<Utterance>>,
    ) -> History {
        let Some(window) = self.spec.window else { return History::default() };
        let oldest = ask.round.saturating_sub(1).saturating_sub(window.rounds);
        let is_shown = |said: &Arc<Utterance>| {
            heard.iter().any(|(_, shown)| Arc::ptr_eq(shown, said))
                || own.is_some_and(|own| Arc::ptr_eq(own, said))
        };
        let who = |seat: SeatIndex| match seat == ask.seat {
            true => Some(None),
            false => heard.iter().position(|(other, _)| *other == seat).map(|place| Some(place + 1)),
        };
        let before = (0..ask.round).zip(self.rounds.iter().zip(&self.sizes)).rev();
        let statements = before.flat_map(|(round, (turns, sizes))| {
            self.seats().zip(turns.iter().zip(sizes)).rev().filter_map(move |(seat, (turn, tokens))| {
                match turn {
                    TurnState::Spoke(said) => Some((round, seat, said, *tokens)),
                    _ => None,
                }
            })
        });
        let statements = statements.filter_map(|(round, seat, said, tokens)| {
            let peer = who(seat).filter(|_| !is_shown(said))?;
            Some(Sized { remark: Remark { round, peer, utterance: Arc::clone(said) }, tokens })
        });
        let shown = heard.iter().map(|(_, said)| &**said).chain(own.map(|own| &**own));
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
        let spent = self.spent.with(bill)?;
        let turn = self.turn_state(round, seat)?;
        if !matches!(turn, TurnState::Asked) {
            return Err(refused("the seat speaks without having been asked"));
        }
        *turn = TurnState::Spoke(Arc::clone(&utterance));
        if self.spec.window.is_some() {
            // Counted once, however often it is shown.
            let tokens = CharacterEstimator.count(&prompt::said(&utterance, &self.spec.options));
            let sizes = self.sizes.last_mut().and_then(|sizes| sizes.get_mut(seat.get()));
            if let Some(size) = sizes {
                *size = u32::try_from(tokens).unwrap_or(u32::MAX);
            }
        }
        self.spent = spent;
        self.this_round = self.this_round.with(bill)?;
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
            // Only what cannot be paid, or comes too late for its round, is not asked.
            TurnState::Due if !matches!(reason, AbstainReason::OverBudget | AbstainReason::TimedOut) => {
                return Err(refused("the seat abstains without having been asked"));
            }
            TurnState::Due | TurnState::Asked => {}
        }
        *turn = TurnState::Abstained { reason, detail: detail.into() };
        self.spent = spent;
        self.this_round = self.this_round.with(bill)?;
        if reason.withdraws() && self.standing[seat.get()].take().is_some() {
            self.changed += 1;
        }
        Ok(())
    }
}
