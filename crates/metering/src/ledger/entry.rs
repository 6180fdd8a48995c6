//! What a ledger writes down.

use std::sync::Arc;

use assize_ambient::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::attribution::Attribution;
use super::charge::{Attempt, amount_problem, less, plus};
use crate::unit::Units;
use crate::usage::{TokenUsage, Usage, UsageBasis};
use crate::usd::Usd;

/// What happened to a reservation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EntryKind {
    /// It was granted.
    Reserved,
    /// The call was made and its cost is known.
    Settled,
    /// The call was made, or may have been, and its whole cost is not known: it was cancelled, it timed out, its price is
    /// unknown, or the process died.
    PossiblyBilled,
    /// The call was made, and the vendor is known not to bill it.
    NotBilled,
    /// The call was never made.
    Released,
}

/// One line of a ledger. Lines are added and never changed: a reservation has one when it is granted and one when it ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Entry {
    format_version: FormatVersion,
    /// The place in the ledger, from 1, without gaps.
    pub sequence: u64,
    /// When it was written; never before the entry before it.
    pub at: Timestamp,
    /// What happened.
    pub kind: EntryKind,
    /// Which reservation it belongs to: the sequence number with which it was granted.
    pub reservation: u64,
    /// Which attempt of which call.
    pub attempt: Attempt,
    /// For whom.
    pub who: Attribution,
    /// What was reserved.
    pub reserved: Usd,
    /// What is known to be billed.
    pub cost: Usd,
    /// What may be billed beside it, and is counted as if it were.
    pub possibly_billed: Usd,
    /// Whether nobody will bill it: no vendor was involved.
    pub simulated: bool,
    /// What was consumed, as far as it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Arc<Usage>>,
}

impl Entry {
    /// The version of the serialised form.
    pub const FORMAT_VERSION: u32 = 1;

    /// The cost and what may be billed beside it: what counts against budgets.
    #[must_use]
    pub fn counted(&self) -> Usd {
        plus(self.cost, self.possibly_billed)
    }

    /// By how much the call cost more than was reserved for it; zero where it did not.
    #[must_use]
    pub fn overrun(&self) -> Usd {
        less(self.counted(), self.reserved)
    }

    /// Whether it books a call: a reservation does not, nor does its release.
    #[must_use]
    pub fn is_booking(&self) -> bool {
        !matches!(self.kind, EntryKind::Reserved | EntryKind::Released)
    }

    /// The tokens; all absent where nothing is known.
    #[must_use]
    pub fn tokens(&self) -> TokenUsage {
        self.usage.as_ref().map(|usage| usage.tokens).unwrap_or_default()
    }

    /// What is billed by the piece, where anything is known.
    #[must_use]
    pub fn units(&self) -> Option<&Units> {
        self.usage.as_ref().map(|usage| &usage.units)
    }

    /// How the usage came to be known, where it is.
    #[must_use]
    pub fn basis(&self) -> Option<UsageBasis> {
        self.usage.as_ref().map(|usage| usage.basis)
    }

    pub(super) fn reserved(
        sequence: u64,
        at: Timestamp,
        attempt: Attempt,
        who: Attribution,
        reserved: Usd,
        simulated: bool,
    ) -> Self {
        Self {
            format_version: FormatVersion,
            sequence,
            at,
            kind: EntryKind::Reserved,
            reservation: sequence,
            attempt,
            who,
            reserved,
            cost: Usd::ZERO,
            possibly_billed: Usd::ZERO,
            simulated,
            usage: None,
        }
    }

    /// What makes the entry impossible by itself.
    pub(super) fn problem(&self) -> Option<&'static str> {
        let amounts = [self.reserved, self.cost, self.possibly_billed];
        let opens = self.kind == EntryKind::Reserved;
        let free = matches!(self.kind, EntryKind::Reserved | EntryKind::NotBilled | EntryKind::Released);
        if let Some(problem) = amounts.into_iter().find_map(amount_problem) {
            Some(problem)
        } else if opens != (self.sequence == self.reservation) || self.reservation > self.sequence {
            Some("`reservation` is not the number of the entry that granted it")
        } else if self.attempt.call > self.reservation || self.attempt.number == 0 {
            Some("`call` or `number` names no attempt")
        } else if free && self.counted() != Usd::ZERO {
            Some("an entry that bills nothing has an amount")
        } else {
            self.who.problem()
        }
    }
}

/// Writes and reads as [`Entry::FORMAT_VERSION`], and as nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FormatVersion;

impl Serialize for FormatVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(Entry::FORMAT_VERSION)
    }
}

impl<'de> Deserialize<'de> for FormatVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            Entry::FORMAT_VERSION => Ok(Self),
            other => {
                Err(de::Error::custom(format_args!("format_version {other} is not known; this reads 1")))
            }
        }
    }
}
