//! Calls under way, and what becomes of them when a debate ends or crashes before they are answered.

use assize_metering::Usd;

use super::{
    Ask, Debate, TurnState,
    spent::{self, plus},
};
use crate::{AbstainReason, Error, HaltCause, Reservation, StopReason};

impl Debate {
    /// The seats that were asked and have not answered, with what was reserved for them.
    pub fn outstanding(&self) -> impl Iterator<Item = (Ask, Reservation)> {
        let round = self.round();
        self.seats().filter_map(move |seat| match self.turns()[seat.get()] {
            TurnState::Asked => Some((Ask { round, seat }, self.reserved[seat.get()])),
            TurnState::Due | TurnState::Spoke(_) | TurnState::Abstained { .. } => None,
        })
    }

    /// What is taken of a budget: what was spent, what may have been paid beyond it, and what is set aside for the calls
    /// under way.
    #[must_use]
    pub fn committed(&self) -> Usd {
        let others = [self.judge_outstanding(), self.summary_outstanding()];
        let set_aside = self.outstanding().map(|(_, reserved)| reserved).chain(others.into_iter().flatten());
        let set_aside = set_aside.map(|reserved| reserved.cost);
        [self.spent.cost, self.spent.possibly_paid].into_iter().chain(set_aside).fold(Usd::ZERO, plus)
    }

    pub(super) fn halt(&mut self, cause: HaltCause) -> Result<(), Error> {
        self.lose_outstanding()?;
        self.lose_turns();
        self.drop_minutes();
        if self.judging.take().is_some() {
            self.judge_lost = Some(AbstainReason::Halted);
        }
        self.decide(StopReason::from(cause), Some(cause));
        Ok(())
    }

    /// Whoever has not spoken in the present round does not speak any more.
    pub(super) fn lose_turns(&mut self) {
        for turn in self.rounds.iter_mut().flatten().filter(|turn| !turn.is_settled()) {
            let detail = "the debate ended before it spoke".into();
            *turn = TurnState::Abstained { reason: AbstainReason::Halted, detail };
        }
    }

    pub(super) fn forget_outstanding(&mut self) -> Result<(), Error> {
        self.lose_outstanding()?;
        for turn in self.rounds.iter_mut().flatten() {
            if matches!(turn, TurnState::Asked) {
                *turn = TurnState::Due;
            }
        }
        if let Some(judging) = &mut self.judging {
            judging.asked = None;
        }
        self.forget_summariser();
        Ok(())
    }

    /// Books the calls under way as made and possibly paid.
    pub(super) fn lose_outstanding(&mut self) -> Result<(), Error> {
        let mut spent = self.spent.clone();
        let others = [self.judge_outstanding(), self.summary_outstanding()];
        for reserved in self.outstanding().map(|(_, reserved)| reserved).chain(others.into_iter().flatten()) {
            let bill = reserved.lost();
            spent::check(&bill)?;
            spent.add(&bill);
        }
        self.spent = spent;
        Ok(())
    }
}
