//! What a turn hears, and what it changes.

use std::sync::Arc;

use super::{Ask, Debate, Standing, TurnState, refused, spent};
use crate::{
    AbstainReason, Bill, Entry, Error, EvidenceId, History, Peer, Remark, Said, SeatIndex, Turn, Utterance,
    counts::Place, prompt::Shown, window::Sized,
};

impl Debate {
    /// What the debater of `ask` is told.
    #[must_use]
    pub fn turn(&self, ask: Ask) -> Turn {
        let heard = self.heard_by(ask);
        let own = self.said_before(ask.seat, ask.round);
        let history = self.history_for(ask, &heard, own);
        let seats = self.spec.seats.len();
        let peers = heard.into_iter().zip(1..).map(|((seat, vote), number)| {
            let at = Place::of(vote.round, seat, seats);
            Peer { number, utterance: Arc::clone(&vote.utterance), at, shown: vote.shown.clone() }
        });
        Turn {
            debate: Arc::clone(&self.id),
            spec: Arc::clone(&self.spec),
            frame: Arc::clone(&self.frame),
            seat: ask.seat,
            round: ask.round,
            view: self.evidence.visible.get(ask.seat.get()).cloned().unwrap_or_default(),
            shared: Arc::clone(&self.evidence.shared),
            counts: Arc::clone(&self.counts.0),
            history,
            peers: peers.collect(),
            own_at: Place::of(own.map_or(0, |own| own.round), ask.seat, seats),
            own: own.map(|own| (Arc::clone(&own.utterance), own.shown.clone())),
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
    pub(super) fn said_before(&self, seat: SeatIndex, round: u32) -> Option<&Standing> {
        if round == 0 && (self.spec.blind_first || !self.spec.order.is_one_by_one()) {
            return None;
        }
        if self.is_one_by_one() && round == self.round() {
            return self.standing.get(seat.get())?.as_ref();
        }
        self.heard.get(seat.get())?.as_ref()
    }

    /// Whom a seat hears in this round, in the order in which they are numbered for it.
    pub(super) fn heard_by(&self, ask: Ask) -> Vec<(SeatIndex, &Standing)> {
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
        heard: &[(SeatIndex, &Standing)],
        own: Option<&Standing>,
    ) -> History {
        let Some(window) = self.spec.window else { return History::default() };
        let oldest = ask.round.saturating_sub(1).saturating_sub(window.rounds);
        // As whom the reader knows a seat, and what it is shown of it anyway.
        let who = |seat: SeatIndex| match seat == ask.seat {
            true => Some((None, own)),
            false => {
                let place = heard.iter().position(|(other, _)| *other == seat)?;
                Some((Some(place + 1), Some(heard[place].1)))
            }
        };
        let before = (0..ask.round).zip(&self.rounds).rev();
        let statements = before.flat_map(|(round, turns)| {
            self.seats().zip(turns).rev().filter_map(move |(seat, turn)| match turn {
                TurnState::Spoke(said) => Some((round, seat, said)),
                _ => None,
            })
        });
        let statements = statements.filter_map(|(round, seat, said)| {
            let (peer, shown_anyway) = who(seat)?;
            if shown_anyway.is_some_and(|vote| Arc::ptr_eq(&vote.utterance, said)) {
                return None;
            }
            let at = Place::of(round, seat, self.spec.seats.len());
            let tokens = self.counts.0.statement(at, 0, said);
            let (utterance, shown) = (Arc::clone(said), self.shown_at(round, seat));
            Some(Sized { remark: Remark { round, peer, utterance, at, shown }, tokens })
        });
        let shown = heard.iter().map(|(_, vote)| *vote).chain(own).map(|vote| &*vote.utterance);
        History::within(window, oldest, statements, shown, &self.summaries.covered)
    }

    /// How prompts show what a seat said in a round, as far as that is kept.
    pub(super) fn shown_at(&self, round: u32, seat: SeatIndex) -> Shown {
        let shown = self.shown.get(round as usize).and_then(|shown| shown.get(seat.get()));
        shown.cloned().unwrap_or_default()
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
        // The last round is nobody's history.
        let kept = self.shown.last_mut().filter(|_| round + 1 < self.spec.rounds);
        if let Some(kept) = kept.and_then(|kept| kept.get_mut(seat.get())) {
            // Written and counted once, however often it is shown.
            let at = Place::of(round, seat, self.spec.seats.len());
            shown = self.counts.0.write(at, &utterance, &self.frame.fence);
            *kept = shown.clone();
        }
        self.spent.add(bill);
        self.this_round.add_all_but_tokens(bill);
        self.evidence.cite(seat, &utterance);
        self.count_change(seat, &utterance);
        self.standing[seat.get()] = Some(Standing { round, utterance, shown });
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
        spent::check(bill)?;
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
        self.spent.add(bill);
        self.this_round.add_all_but_tokens(bill);
        if reason.withdraws() && self.standing[seat.get()].take().is_some() {
            self.changed += 1;
        }
        Ok(())
    }
}
