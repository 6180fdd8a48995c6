//! The judge's part in a debate.

use std::sync::Arc;

use super::{Debate, Standing, TurnState, ledger::MAX_UNKNOWN_CITATIONS, refused, spent};
use crate::{
    AbstainReason, Assessment, Bill, Docket, Error, Evidence, EvidenceId, Peer, Reservation, SeatIndex,
    StopReason, StopRule, Utterance, counts::Place, prompt::View,
};

/// The judge is to be heard about the round that is over.
#[derive(Debug, Clone)]
pub(super) struct Judging {
    /// Why the debate ends with this round, if it does whatever the judge says.
    pub(super) stop: Option<StopReason>,
    /// What was set aside for the call that is under way.
    pub(super) asked: Option<Reservation>,
}

impl Debate {
    /// What the judge is told, if it is to be heard now.
    #[must_use]
    pub fn docket(&self) -> Option<Docket> {
        let judging = self.judging.as_ref()?;
        let standing = |seat: SeatIndex| {
            let vote: &Standing = self.standing[seat.get()].as_ref()?;
            let at = Place::of(vote.round, seat, self.spec.seats.len());
            let utterance = Arc::clone(&vote.utterance);
            let said = Peer { number: 0, utterance, at, shown: vote.shown.clone() };
            Some((said, self.said_earlier(seat, vote.round)))
        };
        let mut said: Vec<_> = self.seats().filter_map(standing).collect();
        let round = self.round();
        self.spec.seed.child(&format!("judge/{round}")).rng().shuffle(&mut said);
        Some(Docket {
            debate: Arc::clone(&self.id),
            spec: Arc::clone(&self.spec),
            fence: Arc::clone(&self.frame.fence),
            round,
            is_last: judging.stop.is_some(),
            view: self.before_all(),
            shared: Arc::clone(&self.evidence.shared),
            counts: Arc::clone(&self.counts.0),
            earlier: said.iter_mut().map(|(_, earlier)| std::mem::take(earlier)).collect(),
            statements: (1..).zip(said).map(|(number, (said, _))| Peer { number, ..said }).collect(),
        })
    }

    /// What a seat said before this round, the oldest first.
    fn said_earlier(&self, seat: SeatIndex, round: u32) -> Vec<Arc<Utterance>> {
        let said = |turns: &Vec<TurnState>| match &turns[seat.get()] {
            TurnState::Spoke(said) => Some(Arc::clone(said)),
            TurnState::Due | TurnState::Asked | TurnState::Abstained { .. } => None,
        };
        self.rounds.iter().take(round as usize).filter_map(said).collect()
    }

    /// What is set aside for the judge, if it was asked and has not answered.
    #[must_use]
    pub fn judge_outstanding(&self) -> Option<Reservation> {
        self.judging.as_ref()?.asked
    }

    /// The evidence that all hold or that was cited: what every seat sees.
    fn before_all(&self) -> Arc<View> {
        let seen = &self.evidence.visible;
        if let [first, others @ ..] = &seen[..]
            && others.iter().all(|other| Arc::ptr_eq(other, first))
        {
            return Arc::clone(first);
        }
        let sees = |(index, _): &(u32, &Evidence)| {
            seen.iter().all(|seen| seen.evidence.binary_search(index).is_ok())
        };
        Arc::new((0..).zip(&self.spec.evidence).filter(sees).map(|(index, _)| index).collect())
    }

    /// Whether the judge has something to say before the debate ends so, or goes on.
    pub(super) fn hears_judge_before(&self, stop: Option<StopReason>) -> bool {
        let Some(judge) = &self.spec.judge else { return false };
        match stop {
            // There is nothing to judge.
            Some(StopReason::Unheard | StopReason::NoOpinion | StopReason::Budget) => false,
            Some(_) => true,
            None => judge.each_round,
        }
    }

    /// Why the judge has not assessed what stands, if it has not. Where nothing stands there is nothing to judge.
    pub(super) fn judge_lost(&self) -> Option<AbstainReason> {
        self.spec.judge.as_ref()?;
        let assessed = self.assessments.last().map(|(round, _)| *round);
        let is_later = |vote: &Standing| assessed.is_none_or(|assessed| vote.round > assessed);
        let is_unheard = self.standing.iter().flatten().any(is_later);
        self.judge_lost.or(is_unheard.then_some(AbstainReason::Halted))
    }

    pub(super) fn ask_judge(&mut self, round: u32, reserved: Reservation) -> Result<(), Error> {
        let judging = self.judging_of(round)?;
        if judging.asked.replace(reserved).is_some() {
            return Err(refused("the judge was asked already"));
        }
        Ok(())
    }

    pub(super) fn take(&mut self, round: u32, assessment: Arc<Assessment>, bill: &Bill) -> Result<(), Error> {
        assessment.check(self.spec.options.len())?;
        spent::check(bill)?;
        let judging = self.judging_of(round)?;
        if judging.asked.is_none() {
            return Err(refused("the judge speaks without having been asked"));
        }
        self.look_up_citations(&assessment);
        let is_satisfied = assessment.is_enough && self.spec.stops.contains(&StopRule::JudgeSatisfied);
        let stop = self.judging.take().and_then(|judging| judging.stop);
        self.spent.add(bill);
        self.judge_lost = None;
        self.assessments.push((round, assessment));
        self.go_on(stop.or(is_satisfied.then_some(StopReason::JudgeSatisfied)));
        Ok(())
    }

    /// Notes what an assessment cites that does not lie before the judge.
    fn look_up_citations(&mut self, assessment: &Assessment) {
        let before_all = self.before_all();
        let is_there = |id: &EvidenceId| {
            before_all.evidence.iter().any(|&index| self.spec.evidence[index as usize].id == *id)
        };
        let unknown: Vec<_> = assessment.cites().filter(|id| !is_there(id)).cloned().collect();
        let room = MAX_UNKNOWN_CITATIONS.saturating_sub(self.judge_cited_unknown.len());
        self.judge_cited_unknown.extend(unknown.into_iter().take(room));
    }

    pub(super) fn miss_assessment(
        &mut self,
        round: u32,
        reason: AbstainReason,
        bill: &Bill,
    ) -> Result<(), Error> {
        spent::check(bill)?;
        let judging = self.judging_of(round)?;
        // Only what cannot be paid is not asked.
        if judging.asked.is_none() && reason != AbstainReason::OverBudget {
            return Err(refused("the judge abstains without having been asked"));
        }
        let stop = self.judging.take().and_then(|judging| judging.stop);
        self.spent.add(bill);
        self.judge_lost = Some(reason);
        self.go_on(stop);
        Ok(())
    }

    fn judging_of(&mut self, round: u32) -> Result<&mut Judging, Error> {
        let present = self.round();
        match &mut self.judging {
            Some(judging) if round == present => Ok(judging),
            Some(_) => Err(refused(&format!("the judge is heard about round {present}, not {round}"))),
            None => Err(refused("it is not for the judge to speak")),
        }
    }
}
