//! A debate's calls in a ledger: reserved before they are made, booked when their bills are there.

use std::collections::BTreeMap;

use assize_metering::{
    Attribution, Charge, Ledger, Purpose, Refusal, Reservation as Held, TokenUsage, Usage, UsageBasis, Usd,
};

use crate::{Ask, Bill, Error, ErrorKind, Listener, Reservation, Spec};

/// A call: whom, and in which round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Call {
    round: u32,
    who: Listener,
}

impl Call {
    /// The judge, about this round.
    pub(super) const fn of_judge(round: u32) -> Self {
        Self { round, who: Listener::Judge }
    }

    /// The summariser, before this round.
    pub(super) const fn of_summariser(round: u32) -> Self {
        Self { round, who: Listener::Summariser }
    }
}

impl From<Ask> for Call {
    fn from(ask: Ask) -> Self {
        Self { round: ask.round, who: Listener::Seat { seat: ask.seat } }
    }
}

/// The part of a ledger that is this debate's.
#[derive(Debug)]
pub(super) struct Account {
    ledger: Ledger,
    who: Attribution,
    /// What is under way.
    held: BTreeMap<Call, Held>,
}

impl Account {
    /// `who` says whose debate it is; debate, participant, round and model are added to it.
    pub(super) fn new(ledger: Ledger, who: &Attribution, spec: &Spec) -> Self {
        let who = who.clone().with_debate(spec.id().as_str()).with_purpose(Purpose::Turn);
        Self { ledger, who, held: BTreeMap::new() }
    }

    /// Sets aside what a turn can cost. A turn that calls no model is none of the ledger's business.
    pub(super) fn reserve(&mut self, call: Call, spec: &Spec, reserved: Reservation) -> Result<(), Refusal> {
        if reserved.calls == 0 {
            return Ok(());
        }
        let mut who = self.who.clone().with_round(call.round);
        let (purpose, named) = match call.who {
            Listener::Seat { seat } => {
                (Purpose::Turn, spec.seats.get(seat.get()).map(|seat| (&seat.name, &seat.debater)))
            }
            Listener::Judge => (Purpose::Judge, spec.judge.as_ref().map(|judge| (&judge.name, &judge.judge))),
            Listener::Summariser => {
                (Purpose::Summary, spec.summariser.as_ref().map(|seat| (&seat.model, &seat.model)))
            }
        };
        who = who.with_purpose(purpose);
        if let Some((name, model)) = named {
            who = who.with_participant(name.as_str()).with_model(model.as_str());
        }
        let charge = Charge::new(who, reserved.cost);
        let charge = if reserved.simulated { charge.simulated() } else { charge };
        let held = self.ledger.reserve(charge)?;
        self.held.insert(call, held);
        Ok(())
    }

    /// From here on the turn's calls may be billed.
    pub(super) fn started(&mut self, call: Call) {
        if let Some(held) = self.held.get_mut(&call) {
            held.started();
        }
    }

    /// Books what a turn cost.
    pub(super) fn book(&mut self, call: Call, bill: &Bill) -> Result<(), Error> {
        let Some(mut held) = self.held.remove(&call) else { return Ok(()) };
        let tokens = bill.tokens.as_deref().copied();
        let booked = match (tokens, bill.possibly_paid > Usd::ZERO) {
            // Dropping it books the rest as possibly billed.
            (None, true) => Ok(()),
            (Some(tokens), true) => held.observe(usage(tokens, bill), Some(bill.cost)),
            (Some(tokens), false) => held.settle(usage(tokens, bill), bill.cost).map(drop),
            (None, false) if bill.cost > Usd::ZERO => {
                held.settle(usage(TokenUsage::default(), bill), bill.cost).map(drop)
            }
            (None, false) => held.not_billed().map(drop),
        };
        booked.map_err(|e| Error::caused(ErrorKind::Ledger, "book a call", e))
    }

    /// Whatever is under way is given up: it may be billed.
    pub(super) fn give_up(&mut self) {
        self.held.clear();
    }
}

fn usage(tokens: TokenUsage, bill: &Bill) -> Usage {
    match bill.basis {
        _ if bill.simulated => Usage::simulated(tokens),
        Some(UsageBasis::Reported) => Usage::reported(tokens),
        _ => Usage::estimated(tokens),
    }
}
