//! What was said, in order.

use std::sync::Arc;

use serde::Serialize;

use crate::{AbstainReason, SeatIndex, Utterance};

/// What a seat did with its turn.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Said {
    /// It spoke.
    Spoke {
        /// What it said.
        utterance: Arc<Utterance>,
    },
    /// It abstained.
    Abstained {
        /// Why.
        reason: AbstainReason,
        /// The same in words.
        detail: String,
    },
}

/// One turn of a transcript. Transcripts are ordered by round and seat, whoever answered first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// The round, from 0.
    pub round: u32,
    /// The seat.
    pub seat: SeatIndex,
    /// The debater's name.
    pub name: String,
    /// What it did.
    pub said: Said,
}
