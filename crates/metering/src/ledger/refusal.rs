//! Why a reservation was refused.

use std::fmt;
use std::sync::Arc;

use assize_ambient::Timestamp;

use crate::usd::Usd;

/// Why a reservation was refused, to decide on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefusalKind {
    /// The call could exceed a hard limit. See [`Refusal::shortfalls`].
    OverBudget,
    /// The amount is negative or absurd, or a label is empty or too long.
    InvalidCharge,
    /// The ledger cannot be written: a call that cannot be written down is not made.
    NotRecorded,
}

/// A hard limit that forbids a call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shortfall {
    /// The budget's name.
    pub budget: Arc<str>,
    /// Of a budget for each label: which label.
    pub label: Option<Arc<str>>,
    /// The hard limit.
    pub limit: Usd,
    /// What is booked in the present period.
    pub spent: Usd,
    /// What calls under way may cost at most.
    pub reserved: Usd,
    /// What this call may cost at most.
    pub wanted: Usd,
    /// What is left.
    pub left: Usd,
    /// When enough will have expired, if nothing else is reserved or booked until then. `None` where waiting alone does
    /// not help: the budget is for ever, or what calls under way have reserved leaves too little.
    pub free_at: Option<Timestamp>,
}

/// A reservation that was refused; nothing was taken from any budget. Its message fits "failed to …".
#[derive(Debug)]
pub struct Refusal(Box<Reason>);

#[derive(Debug)]
enum Reason {
    OverBudget(Vec<Shortfall>),
    InvalidCharge(&'static str),
    NotRecorded(std::io::Error),
}

impl Refusal {
    /// Why, to decide on.
    #[must_use]
    pub fn kind(&self) -> RefusalKind {
        match *self.0 {
            Reason::OverBudget(_) => RefusalKind::OverBudget,
            Reason::InvalidCharge(_) => RefusalKind::InvalidCharge,
            Reason::NotRecorded(_) => RefusalKind::NotRecorded,
        }
    }

    /// Every hard limit that forbids the call, in the order of the budgets. Empty for other kinds.
    #[must_use]
    pub fn shortfalls(&self) -> &[Shortfall] {
        match &*self.0 {
            Reason::OverBudget(shortfalls) => shortfalls,
            Reason::InvalidCharge(_) | Reason::NotRecorded(_) => &[],
        }
    }

    /// When all of these limits will leave enough, if nothing else is reserved or booked until then; `None` where waiting
    /// alone does not help.
    #[must_use]
    pub fn free_at(&self) -> Option<Timestamp> {
        let times = self.shortfalls().iter().map(|shortfall| shortfall.free_at);
        times.collect::<Option<Vec<_>>>()?.into_iter().max()
    }

    pub(super) fn over_budget(shortfalls: Vec<Shortfall>) -> Self {
        Self(Box::new(Reason::OverBudget(shortfalls)))
    }

    pub(super) fn invalid_charge(problem: &'static str) -> Self {
        Self(Box::new(Reason::InvalidCharge(problem)))
    }

    pub(super) fn not_recorded(error: std::io::Error) -> Self {
        Self(Box::new(Reason::NotRecorded(error)))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Reason::OverBudget(shortfalls) => {
                f.write_str("reserve for a call: ")?;
                for (position, shortfall) in shortfalls.iter().enumerate() {
                    write!(f, "{}{shortfall}", if position == 0 { "" } else { "; " })?;
                }
                Ok(())
            }
            Reason::InvalidCharge(problem) => write!(f, "reserve for a call: {problem}"),
            Reason::NotRecorded(_) => {
                f.write_str("reserve for a call: the ledger cannot be written, and no call goes unrecorded")
            }
        }
    }
}

impl std::error::Error for Refusal {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.0 {
            Reason::NotRecorded(error) => Some(error),
            Reason::OverBudget(_) | Reason::InvalidCharge(_) => None,
        }
    }
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "it could cost {} USD, and of the {} USD of budget `{}`",
            self.wanted, self.limit, self.budget
        )?;
        if let Some(label) = &self.label {
            write!(f, " for `{}`", label.escape_debug())?;
        }
        write!(f, " {} are spent and {} reserved, which leaves {}", self.spent, self.reserved, self.left)?;
        self.free_at.map_or(Ok(()), |at| write!(f, "; enough is free again at {at}"))
    }
}
