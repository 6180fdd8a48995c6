//! The debate as a pure state machine: what to do next, and what an event changes.

mod counting;
mod judgement;
mod judging;
mod ledger;
mod losing;
mod replaying;
mod rounds;
mod selecting;
mod spent;
mod stopping;
mod summing;
#[cfg(test)]
mod tests;
mod turn_state;
mod turns;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use assize_metering::Usd;

use self::{
    judging::Judging,
    ledger::EvidenceLedger,
    spent::Spent,
    summing::{Shortenings, Summaries},
    turn_state::{Standing, TurnState},
};
use crate::{
    AbstainReason, Assessment, Conformity, DebateId, Error, ErrorKind, Event, EvidenceId, Reservation,
    SeatIndex, Selection, Spec, StopReason, Verdict,
    counts::{Counts, SharedCounts},
    prompt::{self, Frame, Shown},
};

/// A seat that is to be asked in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// The round, from 0.
    pub round: u32,
    /// The seat.
    pub seat: SeatIndex,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Step {
    /// Ask the summariser to sum up what has fallen out of the window, before the round begins.
    Summarise {
        /// The round that is about to begin, from 0.
        round: u32,
    },
    /// Ask these seats, all at once.
    Ask(Vec<Ask>),
    /// Ask the judge what it makes of the round that is over.
    Assess {
        /// The round, from 0.
        round: u32,
    },
    /// Wait for whoever was asked.
    Wait,
    /// The debate is over.
    Done(Arc<Verdict>),
}

/// A debate under way. It knows nothing of clocks, models or files: [`next`](Self::next) says what to do,
/// [`apply`](Self::apply) takes what happened, and the same events lead to the same verdict in whatever order the
/// answers of one round arrive.
///
/// ```
/// use std::sync::Arc;
/// use assize_debate::{Bill, Debate, Event, Seat, SeatIndex, Spec, Step, Utterance};
///
/// let mut debate = Debate::open(Spec::new("Tea?", ["yes", "no"]).with_seat(Seat::new("Ada", "scripted")))?;
/// assert!(matches!(debate.next(), Step::Ask(asks) if asks.len() == 1));
/// debate.apply(Event::Asked { round: 0, seat: SeatIndex(0), reserved: Default::default() })?;
/// let utterance = Arc::new(Utterance::new(0));
/// debate.apply(Event::Spoke { round: 0, seat: SeatIndex(0), utterance, bill: Bill::default() })?;
/// assert!(matches!(debate.next(), Step::Done(verdict) if verdict.decision() == Some("yes")));
/// # Ok::<(), assize_debate::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Debate {
    id: Arc<DebateId>,
    spec: Arc<Spec>,
    rounds: Vec<Vec<TurnState>>,
    /// What was set aside for those who were asked and have not answered, by seat.
    reserved: Vec<Reservation>,
    /// How many tokens its texts take.
    counts: SharedCounts,
    /// What was said in its rounds, as prompts show it, where a window may show it.
    shown: Vec<Vec<Shown>>,
    /// The last vote of each seat.
    standing: Vec<Option<Standing>>,
    /// The last vote of each seat when the present round began: what the others are told.
    heard: Vec<Option<Standing>>,
    evidence: EvidenceLedger,
    /// Whom each seat hears.
    audience: Vec<BTreeSet<SeatIndex>>,
    /// Whether the present round showed somebody evidence that it had not seen.
    brought_new: bool,
    /// How many votes the present round has changed.
    changed: u32,
    /// How many rounds in a row changed nothing.
    unchanged: u32,
    /// What was summed up, and what is to be.
    summaries: Summaries,
    shortened: Shortenings,
    /// The judge is to be heard about the round that is over.
    judging: Option<Judging>,
    /// What the judge made of rounds.
    assessments: Vec<(u32, Arc<Assessment>)>,
    /// Why the judge said nothing of the last round about which it was asked.
    judge_lost: Option<AbstainReason>,
    /// What the judge cited that did not lie before it.
    judge_cited_unknown: BTreeSet<EvidenceId>,
    /// What the turns of the present round took, the tokens aside, and those of the last whole one. What was lost in a crash is
    /// not in it: a debate that was resumed predicts what it would have predicted.
    this_round: Spent,
    last_round: Spent,
    /// The seats that were asked through their cheaper model, and the first round in which they were.
    economised: BTreeMap<SeatIndex, u32>,
    /// Why a second round was held or not.
    selection: Option<Selection>,
    conformity: Conformity,
    /// How many pieces of evidence had been cited when the last round ended, and how many rounds added none.
    facts: usize,
    rounds_without_facts: u32,
    spent: Spent,
    /// What the events lead to.
    verdict: Option<Arc<Verdict>>,
    /// What the log says that they led to.
    recorded: Option<Arc<Verdict>>,
    /// What prompts have in common; the same for the same question, evidence and seed.
    frame: Arc<Frame>,
}

impl Debate {
    /// Opens a debate.
    ///
    /// # Errors
    /// [`ErrorKind::BadSpec`] when it cannot be held.
    pub fn open(spec: impl Into<Arc<Spec>>) -> Result<Self, Error> {
        let spec = spec.into();
        spec.check()?;
        let seats = spec.seats.len();
        let mut debate = Self {
            id: Arc::new(spec.id()),
            evidence: EvidenceLedger::new(&spec),
            frame: Arc::new(Frame::new(prompt::fence(&spec))),
            rounds: Vec::with_capacity(spec.rounds.min(4) as usize),
            reserved: vec![Reservation::default(); seats],
            counts: SharedCounts(Arc::new(Counts::new(Arc::clone(&spec)))),
            shown: Vec::new(),
            standing: vec![None; seats],
            heard: vec![None; seats],
            audience: spec.topology.audience(seats, spec.seed),
            spec,
            brought_new: false,
            changed: 0,
            unchanged: 0,
            summaries: Summaries::default(),
            shortened: Shortenings::new(),
            judging: None,
            assessments: Vec::new(),
            judge_lost: None,
            judge_cited_unknown: BTreeSet::new(),
            this_round: Spent::default(),
            last_round: Spent::default(),
            economised: BTreeMap::new(),
            selection: None,
            conformity: Conformity::default(),
            facts: 0,
            rounds_without_facts: 0,
            spent: Spent::default(),
            verdict: None,
            recorded: None,
        };
        debate.begin_round();
        Ok(debate)
    }

    /// The debate's name.
    #[must_use]
    pub fn id(&self) -> &DebateId {
        &self.id
    }

    /// What the debate is about.
    #[must_use]
    pub const fn spec(&self) -> &Arc<Spec> {
        &self.spec
    }

    /// What to do next.
    #[must_use]
    pub fn next(&self) -> Step {
        if let Some(verdict) = self.recorded.as_ref().or(self.verdict.as_ref()) {
            return Step::Done(Arc::clone(verdict));
        }
        let round = self.round();
        if let Some(judging) = &self.judging {
            return if judging.asked.is_none() { Step::Assess { round } } else { Step::Wait };
        }
        if self.is_to_be_summed_up() {
            let is_asked = self.summary_outstanding().is_some();
            return if is_asked { Step::Wait } else { Step::Summarise { round } };
        }
        let order = self.spec.order.sequence(round, self.spec.seats.len());
        let mut due = order.filter(|seat| matches!(self.turns()[seat.get()], TurnState::Due));
        let asks: Vec<Ask> = if !self.is_one_by_one() {
            let mut all: Vec<_> = due.map(|seat| Ask { round, seat }).collect();
            all.sort_unstable_by_key(|ask| ask.seat);
            all
        } else if self.turns().iter().any(|turn| matches!(turn, TurnState::Asked)) {
            Vec::new()
        } else {
            due.next().map(|seat| Ask { round, seat }).into_iter().collect()
        };
        if asks.is_empty() { Step::Wait } else { Step::Ask(asks) }
    }

    /// Whether it is decided: nothing that could happen changes it, and nothing but its conclusion is taken.
    #[must_use]
    pub const fn is_decided(&self) -> bool {
        self.verdict.is_some() || self.recorded.is_some()
    }

    /// The present round, from 0.
    #[must_use]
    pub fn round(&self) -> u32 {
        u32::try_from(self.rounds.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// Takes what happened.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when the event does not fit; the debate is then unchanged.
    pub fn apply(&mut self, event: Event) -> Result<(), Error> {
        self.apply_and_look(event, true)
    }

    /// The same; `looks_at_lead`: whether a lead that nobody can take away any more ends the debate at once.
    fn apply_and_look(&mut self, event: Event, looks_at_lead: bool) -> Result<(), Error> {
        match event {
            Event::Opened { .. } => return Err(refused("it is open already")),
            Event::Concluded { verdict } => return self.conclude(verdict),
            _ if self.verdict.is_some() || self.recorded.is_some() => return Err(refused("it is over")),
            Event::Asked { .. }
            | Event::Economised { .. }
            | Event::Spoke { .. }
            | Event::Abstained { .. }
                if self.is_to_be_summed_up() =>
            {
                return Err(refused("what has fallen out of the window is to be summed up first"));
            }
            Event::Asked { reserved, .. } if reserved.cost < Usd::ZERO => {
                return Err(refused("less than nothing is set aside for a turn"));
            }
            Event::Asked { round, seat, reserved } => {
                let turn = self.turn_state(round, seat)?;
                if !matches!(turn, TurnState::Due) {
                    return Err(refused("the seat was asked already"));
                }
                *turn = TurnState::Asked;
                self.reserved[seat.get()] = reserved;
            }
            Event::Economised { round, seat } => {
                if !matches!(self.turn_state(round, seat)?, TurnState::Due) {
                    return Err(refused(
                        "a seat that was asked already cannot be asked through another model",
                    ));
                }
                self.economised.entry(seat).or_insert(round);
            }
            Event::Spoke { round, seat, utterance, bill } => self.hear(round, seat, utterance, &bill)?,
            Event::Abstained { round, seat, reason, detail, bill } => {
                self.miss(round, seat, reason, &detail, &bill)?
            }
            Event::JudgeAsked { round, reserved } => return self.ask_judge(round, reserved),
            Event::Assessed { round, assessment, bill } => return self.take(round, assessment, &bill),
            Event::JudgeAbstained { round, reason, detail: _, bill } => {
                return self.miss_assessment(round, reason, &bill);
            }
            Event::SummaryAsked { round, reserved } => return self.ask_summariser(round, reserved),
            Event::Summarised { round, summary, bill } => return self.take_summary(round, summary, &bill),
            Event::SummaryDeclined { round, reason, detail: _, bill } => {
                return self.miss_summary(round, reason, &bill);
            }
            Event::Shortened { round, who, left_out } => return self.shorten(round, who, &left_out),
            Event::Declined { cause } => return self.decline(cause),
            Event::Halted { cause } => return self.halt(cause),
            Event::Resumed => return self.forget_outstanding(),
        }
        if self.turns().iter().all(TurnState::is_settled) {
            self.end_round();
        } else if looks_at_lead && self.is_unassailable() {
            self.lose_outstanding()?;
            self.lose_turns();
            self.decide(StopReason::UnassailableLead, None);
        }
        Ok(())
    }

    /// The same, counting tokens like this.
    #[cfg(test)]
    pub(crate) fn counting_by(mut self, count: fn(&str) -> u64) -> Self {
        self.counts = SharedCounts(Arc::new(Counts::clone(&self.counts.0).counting_by(count)));
        self
    }

    fn seats(&self) -> impl DoubleEndedIterator<Item = SeatIndex> + ExactSizeIterator + use<> {
        let n = u16::try_from(self.spec.seats.len()).unwrap_or(u16::MAX);
        (0..n).map(SeatIndex)
    }

    fn name(&self, seat: SeatIndex) -> String {
        self.spec.seats[seat.get()].name.clone()
    }

    fn turns(&self) -> &[TurnState] {
        self.rounds.last().map_or(&[], Vec::as_slice)
    }

    fn turn_state(&mut self, round: u32, seat: SeatIndex) -> Result<&mut TurnState, Error> {
        let present = self.round();
        if round != present {
            return Err(refused(&format!("it is in round {present}, and the event is of round {round}")));
        }
        let turns = self.rounds.last_mut().ok_or_else(|| refused("it has no round"))?;
        turns.get_mut(seat.get()).ok_or_else(|| refused(&format!("there is no seat {}", seat.0)))
    }
}

fn refused(why: &str) -> Error {
    Error::new(ErrorKind::Refused, format!("go on with the debate: {why}"))
}
