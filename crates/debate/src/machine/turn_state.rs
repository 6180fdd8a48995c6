//! What has become of a seat's turn, and its vote.

use std::sync::Arc;

use crate::{AbstainReason, EvidenceId, Utterance, prompt::Shown};

/// What has become of a seat's turn in a round.
#[derive(Debug, Clone)]
pub(super) enum TurnState {
    Due,
    Asked,
    Spoke(Arc<Utterance>),
    Abstained { reason: AbstainReason, detail: Box<str> },
}

/// A seat's last vote, the round in which it was cast, and how prompts show it.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub(super) round: u32,
    pub(super) utterance: Arc<Utterance>,
    pub(super) shown: Shown,
}

impl TurnState {
    pub(super) const fn is_settled(&self) -> bool {
        matches!(self, Self::Spoke(_) | Self::Abstained { .. })
    }

    /// Whether the seat could be heard: it spoke, or it looked and has no opinion.
    pub(super) const fn was_heard(&self) -> bool {
        match self {
            Self::Spoke(_) => true,
            Self::Abstained { reason, .. } => reason.withdraws(),
            Self::Due | Self::Asked => false,
        }
    }

    /// Whether this turn, unless it is the one in which `present` was said, cites `id`.
    pub(super) fn cites(&self, id: &EvidenceId, present: &Utterance) -> bool {
        matches!(self, Self::Spoke(said) if !std::ptr::eq(&raw const **said, present) && said.cites().any(|cited| cited == id))
    }
}
