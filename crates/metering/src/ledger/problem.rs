//! What can go wrong with a ledger, beside a refusal.

use crate::error::{Error, ErrorKind};

/// The part of [`Error`] that concerns ledgers.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("set up the budget `{}`: {problem}", name.escape_debug())]
    InvalidBudget { name: String, problem: &'static str },
    #[error("book a call: {0}; the worst case is booked as possibly billed")]
    InvalidCost(&'static str),
    #[error("release a reservation: its call was sent and may be billed; it is booked as possibly billed")]
    CallSent,
    #[error("read the ledger, line {line}: {problem}")]
    CorruptLedger { line: usize, problem: String, source: Option<std::io::Error> },
    #[error("read the ledger, entry {sequence}: {problem}")]
    CorruptEntry { sequence: u64, problem: String },
    #[error("write the ledger: the booking is kept in memory and written before the next call is granted")]
    LedgerNotWritten(#[source] std::io::Error),
    #[error("export a roll-up")]
    Export(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Problem {
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Self::InvalidBudget { .. } => ErrorKind::InvalidBudget,
            Self::InvalidCost(_) => ErrorKind::InvalidAmount,
            Self::CallSent => ErrorKind::CallSent,
            Self::CorruptLedger { .. } | Self::CorruptEntry { .. } => ErrorKind::CorruptLedger,
            Self::Export(_) | Self::LedgerNotWritten(_) => ErrorKind::LedgerNotWritten,
        }
    }

    pub(crate) fn line(&self) -> Option<usize> {
        match *self {
            Self::CorruptLedger { line, .. } => Some(line),
            _ => None,
        }
    }

    pub(super) fn invalid_budget(name: &str, problem: &'static str) -> Error {
        Self::InvalidBudget { name: name.chars().take(80).collect(), problem }.into()
    }

    pub(super) fn corrupt(line: usize, problem: String) -> Error {
        Self::CorruptLedger { line, problem, source: None }.into()
    }

    pub(super) fn corrupt_entry(sequence: u64, problem: &str) -> Error {
        Self::CorruptEntry { sequence, problem: problem.to_owned() }.into()
    }

    pub(super) fn unreadable(line: usize, error: std::io::Error) -> Error {
        Self::CorruptLedger { line, problem: "it cannot be read".to_owned(), source: Some(error) }.into()
    }
}
