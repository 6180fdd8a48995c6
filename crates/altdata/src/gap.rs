//! What is missing, and why.

use std::fmt;
use std::time::Duration;

use crate::{SourceId, Ticker};

/// Something that was asked for and is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// For which ticker.
    pub ticker: Ticker,
    /// From which source; `None` where no source was there to ask.
    pub source: Option<SourceId>,
    /// Why.
    pub reason: GapReason,
    /// Why, for a person: a lower-case fragment that names file, date or wait, and what to do.
    pub detail: String,
}

/// Why something is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum GapReason {
    /// The source does not have this ticker.
    NoSuchTicker,
    /// Several files or companies could be meant.
    Ambiguous,
    /// The file or answer holds nothing.
    Empty,
    /// The answer is empty in a way that is more likely a failure.
    DoubtfulEmpty,
    /// It holds rows, and none could be used.
    Unreadable,
    /// It is not what this source used to send, or no price table at all.
    Drift,
    /// It holds nothing that was known by the as-of moment.
    NothingYet,
    /// The newest of it is too old; it is used all the same.
    Stale,
    /// The deadline came first.
    TimedOut,
    /// The source asked to be left alone for a while.
    Throttled(Option<Duration>),
    /// The source refuses us.
    Blocked,
    /// The address or file is not there.
    NotFound,
    /// The answer is about another company.
    OtherCompany,
    /// The source needs a key and has none.
    KeyMissing,
    /// It may not be read: outside of the folder, or without the right to.
    Denied,
    /// It is larger than the limit.
    TooLarge,
    /// The recording does not hold it.
    Unrecorded,
    /// The recording is damaged.
    Corrupt,
    /// Reading or the network failed.
    Failed,
    /// No source was given.
    NoSource,
}

impl GapReason {
    /// A fixed name in `snake_case`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoSuchTicker => "no_such_ticker",
            Self::Ambiguous => "ambiguous",
            Self::Empty => "empty",
            Self::DoubtfulEmpty => "doubtful_empty",
            Self::Unreadable => "unreadable",
            Self::Drift => "drift",
            Self::NothingYet => "nothing_yet",
            Self::Stale => "stale",
            Self::TimedOut => "timed_out",
            Self::Throttled(_) => "throttled",
            Self::Blocked => "blocked",
            Self::NotFound => "not_found",
            Self::OtherCompany => "other_company",
            Self::KeyMissing => "key_missing",
            Self::Denied => "denied",
            Self::TooLarge => "too_large",
            Self::Unrecorded => "unrecorded",
            Self::Corrupt => "corrupt",
            Self::Failed => "failed",
            Self::NoSource => "no_source",
        }
    }
}

impl fmt::Display for GapReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Gap {
    /// A gap of this ticker at this source.
    #[must_use]
    pub fn new(ticker: &Ticker, source: &SourceId, reason: GapReason, detail: impl Into<String>) -> Self {
        Self { ticker: ticker.clone(), source: Some(source.clone()), reason, detail: detail.into() }
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.ticker)?;
        if let Some(source) = &self.source {
            write!(f, " from {source}")?;
        }
        write!(f, ": {} ({})", self.detail, self.reason)
    }
}
