//! A ledger's state, and what each entry does to it.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::Arc;

use assize_ambient::{Clock, Timestamp};

use super::account::Tracked;
use super::attribution::Attribution;
use super::bookings::Bookings;
use super::budget::{BudgetState, Warning};
use super::charge::{Attempt, Charge, less, plus};
use super::entry::{Entry, EntryKind};
use super::log::LedgerLog;
use super::problem::Problem;
use super::refusal::Refusal;
use super::sink::LedgerSink;
use crate::error::Result;
use crate::usage::Usage;
use crate::usd::Usd;

/// What was granted: all that is needed to book it.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) reservation: u64,
    pub(super) attempt: Attempt,
    pub(super) who: Attribution,
    pub(super) amount: Usd,
    pub(super) simulated: bool,
}

/// How a reservation ended.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) kind: EntryKind,
    pub(super) cost: Usd,
    pub(super) possibly_billed: Usd,
    pub(super) simulated: bool,
    pub(super) usage: Option<Arc<Usage>>,
}

#[derive(Debug)]
pub(super) struct Book {
    clock: Arc<dyn Clock>,
    /// The time of the last look at the clock. A clock that is set back stands still here.
    now: Timestamp,
    sequence: u64,
    budgets: Vec<Tracked>,
    pub(super) reserved: Usd,
    pub(super) n_open: usize,
    pub(super) bookings: Bookings,
    sink: Option<Box<dyn LedgerSink>>,
    /// Entries that the sink has not taken yet. No call is granted while there are any, so that there are never more than
    /// there were calls under way.
    unwritten: VecDeque<Entry>,
}

impl Book {
    pub(super) fn new(
        clock: Arc<dyn Clock>,
        budgets: Vec<Tracked>,
        sink: Option<Box<dyn LedgerSink>>,
        bookings: Bookings,
    ) -> Self {
        Self {
            clock,
            now: Timestamp::MIN,
            sequence: 0,
            budgets,
            reserved: Usd::ZERO,
            n_open: 0,
            bookings,
            sink,
            unwritten: VecDeque::new(),
        }
    }

    pub(super) fn reserve(&mut self, charge: Charge) -> Result<(Held, Vec<Warning>), Refusal> {
        if let Some(problem) = charge.problem() {
            return Err(Refusal::invalid_charge(problem));
        }
        self.write().map_err(Refusal::not_recorded)?;
        let now = self.look();
        let Charge { who, worst_case, simulated, previous } = charge;
        let shortfalls: Vec<_> = self
            .budgets
            .iter_mut()
            .filter_map(|tracked| tracked.shortfall(&who, worst_case, simulated, now))
            .collect();
        if !shortfalls.is_empty() {
            return Err(Refusal::over_budget(shortfalls));
        }
        let reservation = self.sequence + 1;
        let attempt = match previous {
            Some(Attempt { call, number }) => Attempt { call, number: number.saturating_add(1) },
            None => Attempt { call: reservation, number: 1 },
        };
        if attempt.call > reservation {
            return Err(Refusal::invalid_charge("it is said to be a retry of a call that was never made"));
        }
        if let Some(sink) = &mut self.sink {
            let entry = Entry::reserved(reservation, now, attempt, who.clone(), worst_case, simulated);
            sink.record(&entry).map_err(Refusal::not_recorded)?;
        }
        let held = Held { reservation, attempt, who, amount: worst_case, simulated };
        let warnings = self.hold(&held);
        Ok((held, warnings))
    }

    /// Books how a reservation ended. The booking stands even where it could not be written yet.
    pub(super) fn book(&mut self, held: Held, outcome: Outcome) -> (Vec<Warning>, io::Result<()>) {
        let now = self.look();
        let Outcome { kind, cost, possibly_billed, simulated, usage } = outcome;
        let mut entry =
            Entry::reserved(self.sequence + 1, now, held.attempt, held.who, held.amount, simulated);
        (entry.kind, entry.reservation) = (kind, held.reservation);
        (entry.cost, entry.possibly_billed, entry.usage) = (cost, possibly_billed, usage);
        if self.sink.is_some() {
            self.unwritten.push_back(entry.clone());
        }
        let warnings = self.end(entry, held.simulated);
        (warnings, self.write())
    }

    /// Reads what was written, and books what was under way as possibly billed.
    pub(super) fn resume(&mut self, entries: impl IntoIterator<Item = Result<Entry>>) -> Result<()> {
        let mut open: HashMap<u64, Held> = HashMap::new();
        for entry in entries {
            let entry = entry?;
            // The place is that of the entry, because a line that is passed over has none.
            let wrong = |problem: &str| Err(Problem::corrupt_entry(entry.sequence, problem));
            if let Some(problem) = entry.problem() {
                return wrong(problem);
            }
            if self.sequence.checked_add(1) != Some(entry.sequence) {
                return wrong("entries are missing or doubled");
            }
            self.now = self.now.max(entry.at);
            if entry.kind == EntryKind::Reserved {
                let held = Held {
                    reservation: entry.reservation,
                    attempt: entry.attempt,
                    who: entry.who,
                    amount: entry.reserved,
                    simulated: entry.simulated,
                };
                self.hold(&held);
                open.insert(held.reservation, held);
                continue;
            }
            match open.remove(&entry.reservation) {
                Some(held) if held.amount == entry.reserved && held.attempt == entry.attempt => {
                    self.end(entry, held.simulated);
                }
                Some(_) => return wrong("it contradicts the reservation that it ends"),
                None => return wrong("it ends a reservation that is not open"),
            }
        }
        let mut left: Vec<Held> = open.into_values().collect();
        left.sort_unstable_by_key(|held| held.reservation);
        for held in left {
            let outcome = Outcome {
                kind: EntryKind::PossiblyBilled,
                cost: Usd::ZERO,
                possibly_billed: held.amount,
                simulated: held.simulated,
                usage: None,
            };
            self.book(held, outcome).1.map_err(Problem::LedgerNotWritten)?;
        }
        Ok(())
    }

    pub(super) fn resume_log(&mut self, log: impl io::BufRead) -> Result<()> {
        self.resume(LedgerLog::new(log))
    }

    /// Writes what is still unwritten.
    pub(super) fn write(&mut self) -> io::Result<()> {
        if let Some(sink) = &mut self.sink {
            while let Some(entry) = self.unwritten.front() {
                sink.record(entry)?;
                self.unwritten.pop_front();
            }
        }
        Ok(())
    }

    pub(super) fn states(&mut self) -> Vec<BudgetState> {
        let now = self.look();
        self.budgets.iter_mut().flat_map(|tracked| tracked.states(now)).collect()
    }

    pub(super) fn state_of(&mut self, budget: &str, who: &Attribution) -> Option<BudgetState> {
        let now = self.look();
        self.budgets.iter_mut().find(|tracked| &*tracked.budget.name == budget)?.state_of(who, now)
    }

    fn look(&mut self) -> Timestamp {
        self.now = self.now.max(self.clock.now());
        self.now
    }

    fn hold(&mut self, held: &Held) -> Vec<Warning> {
        self.sequence += 1;
        self.reserved = plus(self.reserved, held.amount);
        self.n_open += 1;
        let now = self.now;
        let budgets = self.budgets.iter_mut();
        budgets.filter_map(|tracked| tracked.reserve(&held.who, held.amount, held.simulated, now)).collect()
    }

    fn end(&mut self, entry: Entry, held_simulated: bool) -> Vec<Warning> {
        self.sequence += 1;
        self.reserved = less(self.reserved, entry.reserved);
        self.n_open -= 1;
        let (now, counted) = (self.now, entry.counted());
        let warnings = self
            .budgets
            .iter_mut()
            .filter_map(|tracked| {
                let (held, cost) = ((entry.reserved, held_simulated), (counted, entry.simulated));
                tracked.book(&entry.who, held, cost, now)
            })
            .collect();
        if entry.kind != EntryKind::Released {
            self.bookings.push(entry);
        }
        warnings
    }
}
