//! What falls out of the window, and who sums it up.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Debate, TurnState, refused, spent};
use crate::{
    AbstainReason, Bill, Error, Listener, Minutes, Remark, Reservation, SeatIndex, Shortened, Summary,
    counts::Place, window::Covered,
};

/// The summaries of a debate.
#[derive(Debug, Clone, Default)]
pub(super) struct Summaries {
    /// What is to be summed up before the present round begins: who said it in which round, the oldest first.
    due: Option<Vec<(u32, SeatIndex)>>,
    /// What was set aside for the call that is under way.
    asked: Option<Reservation>,
    /// The last one.
    last: Option<Arc<Summary>>,
    pub(super) covered: Covered,
    /// The rounds before which nobody summed up, and why.
    pub(super) lost: Vec<(u32, AbstainReason)>,
}

/// How often somebody was told less than the whole, and the most evidence that was left out at once.
pub(super) type Shortenings = BTreeMap<Listener, (u32, u32)>;

impl Debate {
    /// What the summariser is told, if it is to be heard now.
    #[must_use]
    pub fn minutes(&self) -> Option<Minutes> {
        let due = self.summaries.due.as_ref()?;
        let round = self.round();
        // Numbers of this summary alone: nobody learns who it was.
        let mut seats: Vec<SeatIndex> = self.seats().collect();
        self.spec.seed.child(&format!("minutes/{round}")).rng().shuffle(&mut seats);
        let number = |seat: SeatIndex| seats.iter().position(|other| *other == seat).map(|place| place + 1);
        let mut statements: Vec<Remark> = due
            .iter()
            .filter_map(|&(round, seat)| {
                let TurnState::Spoke(said) = self.rounds.get(round as usize)?.get(seat.get())? else {
                    return None;
                };
                let at = Place::of(round, seat, self.spec.seats.len());
                let shown = self.shown_at(round, seat);
                Some(Remark { round, peer: number(seat), utterance: Arc::clone(said), at, shown })
            })
            .collect();
        statements.sort_by_key(|remark| (remark.round, remark.peer));
        Some(Minutes {
            debate: Arc::clone(&self.id),
            spec: Arc::clone(&self.spec),
            fence: Arc::clone(&self.frame.fence),
            counts: Arc::clone(&self.counts.0),
            round,
            before: self.summaries.last.clone(),
            statements,
        })
    }

    /// What is set aside for the summariser, if it was asked and has not answered.
    #[must_use]
    pub const fn summary_outstanding(&self) -> Option<Reservation> {
        self.summaries.asked
    }

    /// Whether the summariser is to be heard before the round begins.
    pub(super) const fn is_to_be_summed_up(&self) -> bool {
        self.summaries.due.is_some()
    }

    /// Works out what has fallen out of the window and is in no summary, now that a round begins.
    pub(super) fn note_fallen(&mut self) {
        let (Some(window), Some(_), round) = (self.spec.window, &self.spec.summariser, self.round()) else {
            return;
        };
        let oldest = round.saturating_sub(1).saturating_sub(window.rounds);
        let mut left = window.tokens;
        let mut is_full = false;
        let mut fallen = Vec::new();
        for before in (0..round).rev() {
            for seat in self.seats().rev() {
                let TurnState::Spoke(said) = &self.rounds[before as usize][seat.get()] else { continue };
                // Who withdrew is not quoted; what somebody said last is shown in any case.
                let Some(standing) = &self.heard[seat.get()] else { continue };
                if Arc::ptr_eq(&standing.utterance, said) {
                    continue;
                }
                let at = Place::of(before, seat, self.spec.seats.len());
                let tokens = self.counts.0.statement(at, 0, said);
                is_full |= before < oldest || tokens > left;
                if !is_full {
                    left -= tokens;
                } else if !self.summaries.covered.statements.contains(&at) {
                    fallen.push((before, seat));
                }
            }
        }
        fallen.reverse();
        self.summaries.due = (!fallen.is_empty()).then_some(fallen);
    }

    /// Nobody sums up any more what was to be.
    pub(super) fn drop_minutes(&mut self) {
        self.summaries.due = None;
        self.summaries.asked = None;
    }

    pub(super) fn forget_summariser(&mut self) {
        self.summaries.asked = None;
    }

    pub(super) fn ask_summariser(&mut self, round: u32, reserved: Reservation) -> Result<(), Error> {
        self.check_summing(round)?;
        if self.summaries.asked.is_some() {
            return Err(refused("the summariser was asked already"));
        }
        self.summaries.asked = Some(reserved);
        Ok(())
    }

    pub(super) fn take_summary(
        &mut self,
        round: u32,
        summary: Arc<Summary>,
        bill: &Bill,
    ) -> Result<(), Error> {
        summary.check()?;
        spent::check(bill)?;
        self.check_summing(round)?;
        if self.summaries.asked.is_none() {
            return Err(refused("the summariser speaks without having been asked"));
        }
        let there: BTreeSet<_> = self.spec.evidence.iter().map(|evidence| &evidence.id).collect();
        if let Some(id) = summary.cites().find(|id| !there.contains(id)) {
            return Err(refused(&format!("the summary cites {id}, which is not there")));
        }
        self.spent.add(bill);
        self.summaries.asked = None;
        let seats = self.spec.seats.len();
        let due = self.summaries.due.take().unwrap_or_default();
        let covered = &mut self.summaries.covered;
        covered.statements.extend(due.into_iter().map(|(round, seat)| Place::of(round, seat, seats)));
        covered.lines = summary.lines().collect();
        covered.cited = summary.cites().cloned().collect();
        self.summaries.last = Some(summary);
        Ok(())
    }

    pub(super) fn miss_summary(
        &mut self,
        round: u32,
        reason: AbstainReason,
        bill: &Bill,
    ) -> Result<(), Error> {
        spent::check(bill)?;
        self.check_summing(round)?;
        // Only what cannot be paid is not asked.
        if self.summaries.asked.is_none() && reason != AbstainReason::OverBudget {
            return Err(refused("the summariser abstains without having been asked"));
        }
        self.spent.add(bill);
        self.drop_minutes();
        self.summaries.lost.push((round, reason));
        Ok(())
    }

    fn check_summing(&self, round: u32) -> Result<(), Error> {
        let present = self.round();
        match &self.summaries.due {
            Some(_) if round == present => Ok(()),
            Some(_) => Err(refused(&format!("it is to be summed up before round {present}, not {round}"))),
            None => Err(refused("there is nothing to sum up")),
        }
    }

    /// Notes that somebody who is asked was told less than the whole.
    pub(super) fn shorten(&mut self, round: u32, who: Listener, shortened: &Shortened) -> Result<(), Error> {
        let is_asked = match who {
            Listener::Seat { seat } => matches!(self.turn_state(round, seat)?, TurnState::Asked),
            Listener::Judge => round == self.round() && self.judge_outstanding().is_some(),
            Listener::Summariser => round == self.round() && self.summaries.asked.is_some(),
        };
        if !is_asked {
            return Err(refused("somebody who was not asked was told less than the whole"));
        }
        let (rounds, evidence) = self.shortened.entry(who).or_default();
        *rounds += 1;
        *evidence = shortened.evidence.max(*evidence);
        Ok(())
    }
}
