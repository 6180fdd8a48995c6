//! Money set aside for a call that is about to be made.

use std::sync::{Arc, Mutex};

use super::attribution::Attribution;
use super::book::{Book, Held, Outcome};
use super::budget::Warning;
use super::charge::{Attempt, amount_problem, less};
use super::entry::EntryKind;
use super::problem::Problem;
use super::{Ledger, lock};
use crate::error::Result;
use crate::usage::{Usage, UsageBasis};
use crate::usd::Usd;

/// Money set aside for one call. It ends in exactly one booking:
///
/// | what happened | what is booked |
/// |---|---|
/// | [`settle`](Self::settle) | the cost |
/// | [`settle_unpriced`](Self::settle_unpriced) | the worst case, as possibly billed |
/// | dropped after [`started`](Self::started): cancelled, timed out, panicked | what was [observed](Self::observe); the rest up to the worst case as possibly billed |
/// | [`not_billed`](Self::not_billed) | nothing: the vendor is known not to bill the call |
/// | [`release`](Self::release), or dropped before it was started | nothing: there was no call |
///
/// ```
/// use std::sync::Arc;
///
/// use assize_ambient::SystemClock;
/// use assize_metering::{Attribution, Charge, Ledger, TokenUsage, Usage};
///
/// let ledger = Ledger::builder(Arc::new(SystemClock)).open()?;
/// let mut call = ledger.reserve(Charge::new(Attribution::new(), "0.50".parse()?))?;
/// call.started();
/// call.observe(Usage::estimated(TokenUsage::of(1_000, 20)), Some("0.02".parse()?))?;
/// drop(call); // the reader of the stream went away
/// let billed = ledger.total().billed;
/// assert_eq!((billed.cost.to_string(), billed.possibly_billed.to_string()), ("0.02".into(), "0.48".into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a reservation that is dropped is released"]
pub struct Reservation {
    book: Arc<Mutex<Book>>,
    /// `None` once it has ended.
    held: Option<Held>,
    attempt: Attempt,
    started: bool,
    known: Option<Known>,
    warnings: Vec<Warning>,
}

#[derive(Debug)]
struct Known {
    usage: Usage,
    cost: Option<Usd>,
}

/// How a call was booked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settled {
    /// What is known to be billed.
    pub cost: Usd,
    /// What may be billed beside it.
    pub possibly_billed: Usd,
    /// By how much the call cost more than was reserved for it: budgets may be exceeded by as much.
    pub overrun: Usd,
    /// The soft limits that were crossed by it.
    pub warnings: Vec<Warning>,
}

impl Reservation {
    pub(super) fn new(ledger: &Ledger, held: Held, warnings: Vec<Warning>) -> Self {
        let (book, attempt) = (Arc::clone(&ledger.book), held.attempt);
        Self { book, held: Some(held), attempt, started: false, known: None, warnings }
    }

    /// Which attempt of which call this is; [`Charge::retry_of`](super::Charge::retry_of) takes it.
    #[must_use]
    pub fn attempt(&self) -> Attempt {
        self.attempt
    }

    /// For whom.
    #[must_use]
    pub fn who(&self) -> Option<&Attribution> {
        self.held.as_ref().map(|held| &held.who)
    }

    /// What is set aside.
    #[must_use]
    pub fn amount(&self) -> Usd {
        self.held.as_ref().map_or(Usd::ZERO, |held| held.amount)
    }

    /// The soft limits that this reservation crossed. A crossing is told once: the next one only after spent and reserved
    /// have fallen back to the limit or below it.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Says that the call is being sent. From here on it may be billed.
    pub fn started(&mut self) {
        self.started = true;
    }

    /// Says what is known of a call under way: all of it, not what came since the last time. A cost of `None` is not
    /// known yet.
    ///
    /// # Errors
    /// [`InvalidAmount`](crate::ErrorKind::InvalidAmount) where the cost is negative or above 1,000,000,000 USD; what was
    /// known before stays.
    pub fn observe(&mut self, usage: Usage, cost: Option<Usd>) -> Result<()> {
        self.started = true;
        if let Some(problem) = cost.and_then(amount_problem) {
            return Err(Problem::InvalidCost(problem).into());
        }
        self.known = Some(Known { usage, cost });
        Ok(())
    }

    /// What is left of the amount after what is known to be billed; at zero a stream should be cut off.
    #[must_use]
    pub fn left(&self) -> Usd {
        let known = self.known.as_ref().and_then(|known| known.cost);
        less(self.amount(), known.unwrap_or_default())
    }

    /// Books what the call cost, be it zero, or more than was reserved.
    ///
    /// # Errors
    /// [`InvalidAmount`](crate::ErrorKind::InvalidAmount) where the cost is negative or above 1,000,000,000 USD; the worst
    /// case is then booked as possibly billed. [`LedgerNotWritten`](crate::ErrorKind::LedgerNotWritten) where the sink
    /// failed; the booking stands, and is written before the next call is granted.
    pub fn settle(mut self, usage: Usage, cost: Usd) -> Result<Settled> {
        if let Some(problem) = amount_problem(cost) {
            self.close_with(EntryKind::PossiblyBilled, Usd::ZERO, self.amount(), Some(usage))?;
            return Err(Problem::InvalidCost(problem).into());
        }
        self.close_with(EntryKind::Settled, cost, Usd::ZERO, Some(usage))
    }

    /// Books a call whose usage is known but whose price is not: the worst case, as possibly billed. It is never booked
    /// at zero.
    ///
    /// # Errors
    /// [`LedgerNotWritten`](crate::ErrorKind::LedgerNotWritten), as with [`settle`](Self::settle).
    pub fn settle_unpriced(mut self, usage: Usage) -> Result<Settled> {
        self.close_with(EntryKind::PossiblyBilled, Usd::ZERO, self.amount(), Some(usage))
    }

    /// Books nothing for a call that was sent, because the vendor is known not to bill it: it refused the connection, or
    /// answered with an error that is not billed. A time-out is no such proof.
    ///
    /// # Errors
    /// [`LedgerNotWritten`](crate::ErrorKind::LedgerNotWritten), as with [`settle`](Self::settle).
    pub fn not_billed(mut self) -> Result<Settled> {
        self.close_with(EntryKind::NotBilled, Usd::ZERO, Usd::ZERO, None)
    }

    /// Gives the amount back: the call is not made.
    ///
    /// # Errors
    /// [`CallSent`](crate::ErrorKind::CallSent) where it was [`started`](Self::started); it is then booked as if it had
    /// been dropped. [`LedgerNotWritten`](crate::ErrorKind::LedgerNotWritten), as with [`settle`](Self::settle).
    pub fn release(mut self) -> Result<()> {
        let started = self.started;
        self.close()?;
        if started { Err(Problem::CallSent.into()) } else { Ok(()) }
    }

    /// Books it from what is known.
    fn close(&mut self) -> Result<Settled> {
        if !self.started {
            return self.close_with(EntryKind::Released, Usd::ZERO, Usd::ZERO, None);
        }
        let (usage, cost) = match self.known.take() {
            Some(Known { usage, cost }) => (Some(usage), cost.unwrap_or_default()),
            None => (None, Usd::ZERO),
        };
        self.close_with(EntryKind::PossiblyBilled, cost, less(self.amount(), cost), usage)
    }

    fn close_with(
        &mut self,
        kind: EntryKind,
        cost: Usd,
        possibly_billed: Usd,
        usage: Option<Usage>,
    ) -> Result<Settled> {
        let settled = Settled { cost, possibly_billed, overrun: Usd::ZERO, warnings: Vec::new() };
        let Some(held) = self.held.take() else { return Ok(settled) };
        let simulated = match usage.as_ref().map(|usage| usage.basis) {
            // A vendor that reports will bill, whatever was expected.
            Some(UsageBasis::Reported) => false,
            Some(UsageBasis::Simulated) => true,
            Some(UsageBasis::Estimated) | None => held.simulated,
        };
        let usage = usage.map(Arc::new);
        let overrun = less(super::charge::plus(cost, possibly_billed), held.amount);
        let outcome = Outcome { kind, cost, possibly_billed, simulated, usage };
        let (warnings, written) = lock(&self.book).book(held, outcome);
        written.map_err(Problem::LedgerNotWritten)?;
        Ok(Settled { overrun, warnings, ..settled })
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.held.is_some() {
            // What cannot be written now waits in the ledger, which grants nothing before it is written.
            let _ = self.close();
        }
    }
}
