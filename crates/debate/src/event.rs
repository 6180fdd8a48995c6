//! The append-only log: events, and their form as lines of JSON.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    Assessment, Bill, Error, ErrorKind, Reservation, SeatIndex, Shortened, Spec, Summary, Utterance, Verdict,
};

/// The version of the log's form that is written. Every version ever written stays readable.
pub const FORMAT_VERSION: u32 = 1;

/// Why a seat abstained from a round. An abstention is never counted as a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AbstainReason {
    /// It holds no evidence that it can judge.
    NoEvidence,
    /// Its evidence speaks for no option.
    Undecided,
    /// Its answer could not be read.
    Unreadable,
    /// It could not be asked.
    Failed,
    /// It did not answer in time.
    TimedOut,
    /// The call could have exceeded the budget, and was not made.
    OverBudget,
    /// The debate ended before it spoke.
    Halted,
    /// What it must be told does not fit its model, and it was not asked.
    TooLong,
}

impl AbstainReason {
    /// Whether the seat withdraws what it said in an earlier round: it does when it looked again and has no opinion,
    /// it does not when it could not be heard.
    #[must_use]
    pub const fn withdraws(self) -> bool {
        matches!(self, Self::NoEvidence | Self::Undecided)
    }
}

/// What ended a debate before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum HaltCause {
    /// The debate's deadline.
    Deadline,
}

/// Why a further round is not held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DeclineCause {
    /// It would not have ended before the deadline.
    NoTime,
    /// It would have cost more than was left.
    NoMoney,
}

/// Who is told something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Listener {
    /// A debater.
    Seat {
        /// Its seat.
        seat: SeatIndex,
    },
    /// The judge.
    Judge,
    /// Whoever sums up what falls out of the window.
    Summariser,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Event {
    /// The debate begins. Always the first event.
    Opened {
        /// What it is about.
        spec: Arc<Spec>,
    },
    /// A seat is about to be asked: written before the call is made.
    Asked {
        /// The round, from 0.
        round: u32,
        /// Who is asked.
        seat: SeatIndex,
        /// What is set aside for it.
        reserved: Reservation,
    },
    /// A seat is about to be asked through its cheaper model, since the other does not fit into what is left of the budget.
    Economised {
        /// The round, from 0.
        round: u32,
        /// Who is asked.
        seat: SeatIndex,
    },
    /// A seat spoke: written before anything is made of it.
    Spoke {
        /// The round, from 0.
        round: u32,
        /// Who spoke.
        seat: SeatIndex,
        /// What was said.
        utterance: Arc<Utterance>,
        /// What it cost.
        bill: Bill,
    },
    /// A seat abstained from a round.
    Abstained {
        /// The round, from 0.
        round: u32,
        /// Who abstained.
        seat: SeatIndex,
        /// Why.
        reason: AbstainReason,
        /// The same in words.
        detail: String,
        /// What it cost all the same.
        bill: Bill,
    },
    /// The judge is about to be asked: written before the call is made.
    JudgeAsked {
        /// The round that is over, from 0.
        round: u32,
        /// What is set aside for it.
        reserved: Reservation,
    },
    /// The judge assessed a round.
    Assessed {
        /// The round, from 0.
        round: u32,
        /// What it says.
        assessment: Arc<Assessment>,
        /// What it cost.
        bill: Bill,
    },
    /// The judge said nothing of a round.
    JudgeAbstained {
        /// The round, from 0.
        round: u32,
        /// Why.
        reason: AbstainReason,
        /// The same in words.
        detail: String,
        /// What it cost all the same.
        bill: Bill,
    },
    /// The summariser is about to be asked, before a round begins: written before the call is made.
    SummaryAsked {
        /// The round that is about to begin, from 0.
        round: u32,
        /// What is set aside for it.
        reserved: Reservation,
    },
    /// The summariser summed up what has fallen out of the window.
    Summarised {
        /// The round that is about to begin, from 0.
        round: u32,
        /// What it says, and what was in the summary before.
        summary: Arc<Summary>,
        /// What it cost.
        bill: Bill,
    },
    /// The summariser said nothing: extracts stand in for its summary.
    SummaryDeclined {
        /// The round that is about to begin, from 0.
        round: u32,
        /// Why.
        reason: AbstainReason,
        /// The same in words.
        detail: String,
        /// What it cost all the same.
        bill: Bill,
    },
    /// Somebody who is being asked was told less than the whole, which would not have fitted the model. Written with the answer.
    Shortened {
        /// The round, from 0.
        round: u32,
        /// Who.
        who: Listener,
        /// What was left out.
        left_out: Shortened,
    },
    /// The round that would come next is not held: the debate ends with the one before.
    Declined {
        /// Why.
        cause: DeclineCause,
    },
    /// The debate ends now, with what is there.
    Halted {
        /// Why.
        cause: HaltCause,
    },
    /// The debate goes on after a crash: calls that were under way are lost and may have been paid.
    Resumed,
    /// The debate ended with this verdict. Always the last event.
    Concluded {
        /// The verdict. On reading an old log it stands as it was recorded.
        verdict: Arc<Verdict>,
    },
}

/// An event and when it happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Record {
    /// The version of this form.
    #[serde(rename = "v")]
    pub version: u32,
    /// Microseconds since the debate was opened, by the clock that the driver waits on.
    pub at_us: u64,
    /// What happened.
    pub event: Event,
}

impl Record {
    /// An event of the present version.
    #[must_use]
    pub const fn new(at_us: u64, event: Event) -> Self {
        Self { version: FORMAT_VERSION, at_us, event }
    }

    /// One line of JSON, without the line break.
    ///
    /// # Errors
    /// [`ErrorKind::BadLog`] if it cannot be written as JSON.
    pub fn to_line(&self) -> Result<Vec<u8>, Error> {
        serde_json::to_vec(self)
            .map_err(|e| Error::caused(ErrorKind::BadLog, "write a line of the debate's log", e))
    }

    /// Reads one line of JSON.
    ///
    /// # Errors
    /// [`ErrorKind::BadLog`] when it is not an event of a version that this program knows.
    pub fn from_line(line: &[u8]) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Version {
            v: u32,
        }
        let unreadable = |e| Error::caused(ErrorKind::BadLog, "read a line of the debate's log", e);
        let version: Version = serde_json::from_slice(line).map_err(unreadable)?;
        if version.v != FORMAT_VERSION {
            let message = format!(
                "read the debate's log: it has format {}, and this program reads format {FORMAT_VERSION}; use the program \
                 that wrote it, or a newer one",
                version.v
            );
            return Err(Error::new(ErrorKind::BadLog, message));
        }
        serde_json::from_slice(line).map_err(unreadable)
    }
}
