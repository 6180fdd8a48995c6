//! What was spent, by whom and for what; and what may still be.

mod account;
mod attribution;
mod book;
mod bookings;
mod budget;
mod charge;
mod entry;
mod export;
mod log;
mod problem;
mod refusal;
mod reservation;
mod roll_up;
mod sink;

use std::io::BufRead;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use assize_ambient::Clock;

use account::Tracked;
pub use attribution::{Attribution, Dimension, Purpose};
use book::Book;
pub use bookings::{Bookings, Sums, Totals};
pub use budget::{Budget, BudgetState, Period, Scope, Warning};
pub use charge::{Attempt, Charge};
pub use entry::{Entry, EntryKind};
pub use log::LedgerLog;
pub(crate) use problem::Problem;
pub use refusal::{Refusal, RefusalKind, Shortfall};
pub use reservation::{Reservation, Settled};
pub use roll_up::{Label, RollUp, Row};
pub use sink::{JsonLines, LedgerSink, MemorySink};

use crate::error::Result;
use crate::usd::Usd;

/// What was spent, by whom and for what, under budgets that hold. Clones share one ledger; tasks and threads may use it at
/// the same time.
///
/// Before a call its worst case is reserved; afterwards its cost is booked. A reservation is granted only where, of every
/// budget that counts the call, spent + reserved + worst case is within the hard limit, and it takes from all of them or
/// from none. So no limit is ever exceeded, however many calls run at once, as long as no call costs more than its worst
/// case; one that does is booked truthfully, with its [`overrun`](Entry::overrun).
///
/// The time comes from the clock that is handed in. Where it is set back the ledger's time stands still.
///
/// ```
/// use std::sync::Arc;
///
/// use assize_ambient::SystemClock;
/// use assize_metering::{
///     Attribution, Budget, Charge, Dimension, Ledger, Period, RefusalKind, Scope, TokenUsage, Usage,
/// };
///
/// let ledger = Ledger::builder(Arc::new(SystemClock))
///     .budget(Budget::new("debates", Scope::Each(Dimension::Debate), Period::Total).with_hard("1.00".parse()?))
///     .open()?;
///
/// let who = Attribution::new().with_debate("rates").with_model("gpt-4o").with_participant("hawk");
/// let mut call = ledger.reserve(Charge::new(who.clone(), "0.60".parse()?))?;
/// call.started(); // … the request is sent, the reply arrives …
/// let settled = call.settle(Usage::reported(TokenUsage::of(1_200, 300)), "0.45".parse()?)?;
/// assert!(settled.overrun.is_zero());
///
/// let refusal = ledger.reserve(Charge::new(who, "0.60".parse()?)).unwrap_err();
/// assert_eq!(refusal.kind(), RefusalKind::OverBudget);
/// assert_eq!(refusal.shortfalls()[0].left.to_string(), "0.55");
///
/// let by_model = ledger.roll_up(&[Dimension::Model]);
/// assert_eq!(by_model.rows()[0].sums.billed.cost.to_string(), "0.45");
/// assert_eq!(by_model.total(), &ledger.total());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Ledger {
    book: Arc<Mutex<Book>>,
}

impl Ledger {
    /// Sets up a ledger that takes the time from this clock.
    pub fn builder(clock: Arc<dyn Clock>) -> LedgerBuilder {
        LedgerBuilder { clock, budgets: Vec::new(), sink: None, most: None }
    }

    /// Sets money aside for a call, from all budgets that count it or from none.
    ///
    /// # Errors
    /// A [`Refusal`], after which nothing is set aside: a hard limit forbids the call, the charge is invalid, or the ledger
    /// cannot be written.
    pub fn reserve(&self, charge: Charge) -> Result<Reservation, Refusal> {
        let granted = lock(&self.book).reserve(charge);
        granted.map(|(held, warnings)| Reservation::new(self, held, warnings))
    }

    /// Writes what the sink refused so far. Every reservation tries this by itself.
    ///
    /// # Errors
    /// [`LedgerNotWritten`](crate::ErrorKind::LedgerNotWritten) where the sink fails again.
    pub fn flush(&self) -> Result<()> {
        Ok(lock(&self.book).write().map_err(Problem::LedgerNotWritten)?)
    }

    /// How every budget stands that has counted anything: in the order in which they were given, those for each label
    /// sorted by label.
    #[must_use]
    pub fn budgets(&self) -> Vec<BudgetState> {
        lock(&self.book).states()
    }

    /// How the budget of this name stands for these calls; `None` where there is none, or where it does not count them.
    #[must_use]
    pub fn budget(&self, name: &str, who: &Attribution) -> Option<BudgetState> {
        lock(&self.book).state_of(name, who)
    }

    /// What calls under way may cost at most, simulated ones included.
    #[must_use]
    pub fn reserved(&self) -> Usd {
        lock(&self.book).reserved
    }

    /// How many calls are under way.
    #[must_use]
    pub fn n_open(&self) -> usize {
        lock(&self.book).n_open
    }

    /// The sum of all that was booked.
    #[must_use]
    pub fn total(&self) -> Sums {
        lock(&self.book).bookings.total().clone()
    }

    /// All that was booked until now, and is kept. A snapshot: what is booked later is not in it.
    #[must_use]
    pub fn bookings(&self) -> Bookings {
        lock(&self.book).bookings.clone()
    }

    /// What was booked, added up by these dimensions. The ledger is locked only for the snapshot.
    #[must_use]
    pub fn roll_up(&self, by: &[Dimension]) -> RollUp {
        let bookings = self.bookings();
        RollUp::of(bookings.iter(), by).after(bookings.earlier())
    }
}

/// What a ledger is to be like. See [`Ledger::builder`].
#[derive(Debug)]
#[must_use]
pub struct LedgerBuilder {
    clock: Arc<dyn Clock>,
    budgets: Vec<Budget>,
    sink: Option<Box<dyn LedgerSink>>,
    most: Option<usize>,
}

impl LedgerBuilder {
    /// Adds a budget. Each call looks at every budget once: hundreds are fine; for thousands of tenants take one
    /// [`Scope::Each`].
    pub fn budget(mut self, budget: Budget) -> Self {
        self.budgets.push(budget);
        self
    }

    /// Writes every entry there.
    pub fn sink(mut self, sink: impl LedgerSink + 'static) -> Self {
        self.sink = Some(Box::new(sink));
        self
    }

    /// Keeps no more than about so many bookings in memory for roll-ups (up to 1,023 more); without this it keeps all, of
    /// about half a kilobyte each. Of older ones only the sum is kept.
    pub fn keeping(mut self, most: usize) -> Self {
        self.most = Some(most);
        self
    }

    /// Opens an empty ledger.
    ///
    /// # Errors
    /// [`InvalidBudget`](crate::ErrorKind::InvalidBudget) for a limit below zero, a soft limit above the hard one, a window
    /// without length, a scope of rounds or days, an empty or long label, and for a name that two budgets have.
    pub fn open(self) -> Result<Ledger> {
        Ok(Ledger { book: Arc::new(Mutex::new(self.build()?)) })
    }

    /// Opens a ledger that goes on after what [`JsonLines`] wrote. What was under way then is booked as possibly billed,
    /// and that is written to this ledger's sink.
    ///
    /// The budgets are those of this builder: what was booked counts against them, also where they were others then.
    ///
    /// # Errors
    /// As [`open`](Self::open), and [`CorruptLedger`](crate::ErrorKind::CorruptLedger) naming the line (or the entry) that
    /// cannot be read or contradicts those before it; [`LedgerLog`] says what is tolerated.
    /// [`LedgerNotWritten`](crate::ErrorKind::LedgerNotWritten) where the sink fails.
    pub fn resume(self, log: impl BufRead) -> Result<Ledger> {
        let mut book = self.build()?;
        book.resume_log(log)?;
        Ok(Ledger { book: Arc::new(Mutex::new(book)) })
    }

    /// The same after these entries.
    ///
    /// # Errors
    /// As [`resume`](Self::resume), naming the entry.
    pub fn resume_after(self, entries: impl IntoIterator<Item = Entry>) -> Result<Ledger> {
        let mut book = self.build()?;
        book.resume(entries.into_iter().map(Ok))?;
        Ok(Ledger { book: Arc::new(Mutex::new(book)) })
    }

    fn build(self) -> Result<Book> {
        for (place, budget) in self.budgets.iter().enumerate() {
            let taken = self.budgets[..place].iter().any(|other| other.name == budget.name);
            let problem = if taken { Some("another budget has this name") } else { budget.problem() };
            if let Some(problem) = problem {
                return Err(Problem::invalid_budget(&budget.name, problem));
            }
        }
        let budgets = self.budgets.into_iter().map(Tracked::new).collect();
        Ok(Book::new(self.clock, budgets, self.sink, Bookings::keeping(self.most)))
    }
}

/// A thread that panics while it holds the lock leaves the book whole: every change is made after what can fail.
fn lock(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}
