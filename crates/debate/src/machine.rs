//! The debate as a pure state machine: what to do next, and what an event changes.

mod judgement;
mod stopping;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, sync::Arc};

use assize_metering::{TokenUsage, Usd};

use crate::{
    AbstainReason, Bill, Conformity, DebateId, Entry, Error, ErrorKind, Event, Evidence, EvidenceId,
    HaltCause, Peer, Record, Said, SeatIndex, Spec, StopReason, Turn, Utterance, Verdict,
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
pub enum Step {
    /// Ask these seats, all at once.
    Ask(Vec<Ask>),
    /// Wait for the seats that were asked.
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
/// use assize_metering::Usd;
///
/// let mut debate = Debate::open(Spec::new("Tea?", ["yes", "no"]).with_seat(Seat::new("Ada", "scripted")))?;
/// assert!(matches!(debate.next(), Step::Ask(asks) if asks.len() == 1));
/// debate.apply(Event::Asked { round: 0, seat: SeatIndex(0), reserved: Usd::ZERO })?;
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
    /// The last vote of each seat.
    standing: Vec<Option<Standing>>,
    /// The last vote of each seat when the present round began: what the others are told.
    heard: Vec<Option<Arc<Utterance>>>,
    evidence: EvidenceLedger,
    /// How many votes the present round has changed.
    changed: u32,
    conformity: Conformity,
    spent: Spent,
    verdict: Option<Arc<Verdict>>,
    concluded: bool,
}

#[derive(Debug, Clone)]
enum TurnState {
    Due,
    Asked { reserved: Usd },
    Spoke(Arc<Utterance>),
    Abstained { reason: AbstainReason, detail: Box<str> },
}

#[derive(Debug, Clone)]
struct Standing {
    round: u32,
    utterance: Arc<Utterance>,
}

/// Who can see what.
#[derive(Debug, Clone, Default)]
struct EvidenceLedger {
    /// For look-ups only: never iterated.
    index: HashMap<EvidenceId, u32>,
    /// Cited in an earlier round: everybody sees it.
    shared: Vec<bool>,
    /// Cited in the present round.
    cited: Vec<bool>,
    /// What each seat sees in the present round.
    visible: Vec<Arc<[u32]>>,
    unknown: Vec<(SeatIndex, EvidenceId)>,
}

#[derive(Debug, Clone, Default)]
struct Spent {
    calls: u32,
    tokens: Option<TokenUsage>,
    cost: Usd,
    possibly_paid: Usd,
    simulated: bool,
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
            rounds: Vec::with_capacity(spec.rounds.min(4) as usize),
            standing: vec![None; seats],
            heard: vec![None; seats],
            spec,
            changed: 0,
            conformity: Conformity::default(),
            spent: Spent::default(),
            verdict: None,
            concluded: false,
        };
        debate.begin_round();
        Ok(debate)
    }

    /// Brings a debate back from its log.
    ///
    /// # Errors
    /// [`ErrorKind::BadLog`] when the log does not begin with the opening, or an event does not fit: the message says
    /// which.
    pub fn replay(records: &[Record]) -> Result<Self, Error> {
        let Some((Record { event: Event::Opened { spec }, .. }, rest)) = records.split_first() else {
            return Err(Error::new(
                ErrorKind::BadLog,
                "replay the debate: its log does not begin with its opening",
            ));
        };
        let mut debate = Self::open(Arc::clone(spec))?;
        for (number, record) in rest.iter().enumerate() {
            debate.apply(record.event.clone()).map_err(|e| {
                Error::caused(
                    ErrorKind::BadLog,
                    format!("replay the debate: event {} does not fit", number + 2),
                    e,
                )
            })?;
        }
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
        if let Some(verdict) = &self.verdict {
            return Step::Done(Arc::clone(verdict));
        }
        let round = self.round();
        let due = self.seats().filter(|seat| matches!(self.turns()[seat.get()], TurnState::Due));
        let asks: Vec<Ask> = due.map(|seat| Ask { round, seat }).collect();
        if asks.is_empty() { Step::Wait } else { Step::Ask(asks) }
    }

    /// The present round, from 0.
    #[must_use]
    pub fn round(&self) -> u32 {
        u32::try_from(self.rounds.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// The seats that were asked and have not answered, with what was reserved for them.
    pub fn outstanding(&self) -> impl Iterator<Item = (Ask, Usd)> {
        let round = self.round();
        self.seats().filter_map(move |seat| match self.turns()[seat.get()] {
            TurnState::Asked { reserved } => Some((Ask { round, seat }, reserved)),
            TurnState::Due | TurnState::Spoke(_) | TurnState::Abstained { .. } => None,
        })
    }

    /// What was spent for certain, and what may have been paid beyond it.
    #[must_use]
    pub const fn spent(&self) -> (Usd, Usd) {
        (self.spent.cost, self.spent.possibly_paid)
    }

    /// Whether the log is closed by its verdict.
    #[must_use]
    pub const fn is_concluded(&self) -> bool {
        self.concluded
    }

    /// What the debater of `ask` is told.
    #[must_use]
    pub fn turn(&self, ask: Ask) -> Turn {
        let seat = ask.seat.get();
        Turn {
            debate: Arc::clone(&self.id),
            spec: Arc::clone(&self.spec),
            seat: ask.seat,
            round: ask.round,
            visible: self.evidence.visible.get(seat).cloned().unwrap_or_default(),
            peers: self.peers_of(ask),
            own: self.heard.get(seat).cloned().flatten(),
        }
    }

    /// Everything that was said, ordered by round and seat.
    #[must_use]
    pub fn transcript(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (round, turns) in (0..).zip(&self.rounds) {
            for (seat, turn) in (0..).map(SeatIndex).zip(turns) {
                let said = match turn {
                    TurnState::Due | TurnState::Asked { .. } => continue,
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

    /// Takes what happened.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when the event does not fit; the debate is then unchanged.
    pub fn apply(&mut self, event: Event) -> Result<(), Error> {
        match event {
            Event::Opened { .. } => return Err(refused("it is open already")),
            Event::Concluded { verdict } => return self.conclude_log(&verdict),
            _ if self.verdict.is_some() => return Err(refused("it is over")),
            Event::Asked { round, seat, reserved } => {
                let turn = self.turn_state(round, seat)?;
                match turn {
                    TurnState::Due => *turn = TurnState::Asked { reserved },
                    _ => return Err(refused("the seat was asked already")),
                }
            }
            Event::Spoke { round, seat, utterance, bill } => self.hear(round, seat, utterance, &bill)?,
            Event::Abstained { round, seat, reason, detail, bill } => {
                self.miss(round, seat, reason, &detail, &bill)?
            }
            Event::Halted { cause } => return self.halt(cause),
            Event::Resumed => self.forget_outstanding()?,
        }
        if self.turns().iter().all(TurnState::is_settled) {
            self.end_round();
        }
        Ok(())
    }

    fn seats(&self) -> impl Iterator<Item = SeatIndex> + use<> {
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

    fn peers_of(&self, ask: Ask) -> Vec<Peer> {
        if ask.round == 0 {
            return Vec::new();
        }
        let others = self.seats().filter(|seat| *seat != ask.seat);
        let mut heard: Vec<_> = others.filter_map(|seat| self.heard[seat.get()].clone()).collect();
        self.spec.seed.child(&format!("peers/{}/{}", ask.round, ask.seat.0)).rng().shuffle(&mut heard);
        (1..).zip(heard).map(|(number, utterance)| Peer { number, utterance }).collect()
    }

    fn hear(
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

    fn miss(
        &mut self,
        round: u32,
        seat: SeatIndex,
        reason: AbstainReason,
        detail: &str,
        bill: &Bill,
    ) -> Result<(), Error> {
        let spent = self.spent.with(bill)?;
        let turn = self.turn_state(round, seat)?;
        if turn.is_settled() {
            return Err(refused("the seat abstains after its turn"));
        }
        *turn = TurnState::Abstained { reason, detail: detail.into() };
        self.spent = spent;
        if reason.withdraws() && self.standing[seat.get()].take().is_some() {
            self.changed += 1;
        }
        Ok(())
    }

    fn halt(&mut self, cause: HaltCause) -> Result<(), Error> {
        let mut spent = self.spent.clone();
        for (_, reserved) in self.outstanding() {
            spent.may_have_paid(reserved)?;
        }
        self.spent = spent;
        for turn in self.rounds.iter_mut().flatten().filter(|turn| !turn.is_settled()) {
            *turn = TurnState::Abstained {
                reason: AbstainReason::Halted,
                detail: "the debate ended before it spoke".into(),
            };
        }
        self.decide(StopReason::from(cause), Some(cause));
        Ok(())
    }

    fn forget_outstanding(&mut self) -> Result<(), Error> {
        let mut spent = self.spent.clone();
        for (_, reserved) in self.outstanding() {
            spent.may_have_paid(reserved)?;
        }
        self.spent = spent;
        for turn in self.rounds.iter_mut().flatten() {
            if matches!(turn, TurnState::Asked { .. }) {
                *turn = TurnState::Due;
            }
        }
        Ok(())
    }

    fn conclude_log(&mut self, verdict: &Verdict) -> Result<(), Error> {
        match &self.verdict {
            Some(own) if **own == *verdict && !self.concluded => {
                self.concluded = true;
                Ok(())
            }
            Some(_) if self.concluded => Err(refused("it is concluded already")),
            Some(_) => Err(refused("its events lead to another verdict than the one that concludes it")),
            None => Err(refused("it is not over yet")),
        }
    }

    fn begin_round(&mut self) {
        self.heard =
            self.standing.iter().map(|vote| vote.as_ref().map(|vote| Arc::clone(&vote.utterance))).collect();
        self.rounds.push(vec![TurnState::Due; self.spec.seats.len()]);
        self.changed = 0;
    }

    fn end_round(&mut self) {
        let brought_new = self.evidence.share(&self.spec);
        match self.stop(brought_new) {
            Some(reason) => self.decide(reason, None),
            None => self.begin_round(),
        }
    }
}

impl TurnState {
    const fn is_settled(&self) -> bool {
        matches!(self, Self::Spoke(_) | Self::Abstained { .. })
    }

    /// Whether this turn, unless it is the one in which `present` was said, cites `id`.
    fn cites(&self, id: &EvidenceId, present: &Utterance) -> bool {
        matches!(self, Self::Spoke(said) if !std::ptr::eq(&raw const **said, present) && said.cites().any(|cited| cited == id))
    }
}

impl EvidenceLedger {
    fn new(spec: &Spec) -> Self {
        let n = spec.evidence.len();
        let mut ledger = Self {
            index: (0..).zip(&spec.evidence).map(|(index, evidence)| (evidence.id.clone(), index)).collect(),
            shared: vec![false; n],
            cited: vec![false; n],
            visible: Vec::new(),
            unknown: Vec::new(),
        };
        ledger.look_around(spec);
        ledger
    }

    /// Works out what each seat sees.
    fn look_around(&mut self, spec: &Spec) {
        let seats = || (0..).map(SeatIndex).take(spec.seats.len());
        if spec.evidence.iter().all(|evidence| evidence.held_by.is_none()) {
            let all: Arc<[u32]> = (0..).take(spec.evidence.len()).collect();
            self.visible = seats().map(|_| Arc::clone(&all)).collect();
            return;
        }
        let shared = &self.shared;
        let sees = |seat: SeatIndex| -> Arc<[u32]> {
            let sees = |(index, evidence): (u32, &Evidence)| {
                let holds = evidence.held_by.as_ref().is_none_or(|holders| holders.contains(&seat));
                (holds || shared[index as usize]).then_some(index)
            };
            (0..).zip(&spec.evidence).filter_map(sees).collect()
        };
        self.visible = seats().map(sees).collect();
    }

    fn cite(&mut self, seat: SeatIndex, utterance: &Utterance) {
        for id in utterance.cites() {
            match self.index.get(id) {
                Some(&index) => self.cited[index as usize] = true,
                None => {
                    if !self.unknown.iter().any(|(who, what)| *who == seat && what == id) {
                        self.unknown.push((seat, id.clone()));
                    }
                }
            }
        }
    }

    /// What was cited becomes visible to all. Whether that shows anybody something new.
    fn share(&mut self, spec: &Spec) -> bool {
        let mut brought_new = false;
        for (index, evidence) in spec.evidence.iter().enumerate() {
            if self.cited[index] && !self.shared[index] {
                self.shared[index] = true;
                brought_new |=
                    evidence.held_by.as_ref().is_some_and(|holders| holders.len() < spec.seats.len());
            }
        }
        if brought_new {
            self.look_around(spec);
        }
        brought_new
    }

    /// Whether some seats hold what others have not seen.
    fn is_uneven(&self) -> bool {
        self.visible.iter().any(|seen| seen.len() < self.shared.len())
    }
}

impl Spent {
    fn with(&self, bill: &Bill) -> Result<Self, Error> {
        let mut spent = self.clone();
        spent.calls = spent.calls.saturating_add(bill.calls);
        if let Some(tokens) = &bill.tokens {
            spent.tokens.get_or_insert_default().merge(tokens);
        }
        spent.cost =
            spent.cost.checked_add(bill.cost).ok_or_else(|| refused("its cost is beyond all bounds"))?;
        spent.may_have_paid(bill.possibly_paid)?;
        spent.simulated |= bill.simulated;
        Ok(spent)
    }

    fn may_have_paid(&mut self, amount: Usd) -> Result<(), Error> {
        self.possibly_paid =
            self.possibly_paid.checked_add(amount).ok_or_else(|| refused("its cost is beyond all bounds"))?;
        Ok(())
    }
}

fn refused(why: &str) -> Error {
    Error::new(ErrorKind::Refused, format!("go on with the debate: {why}"))
}
