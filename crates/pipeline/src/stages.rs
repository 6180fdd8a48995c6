//! The stages of the morning brief.

mod debate;
mod decision;
mod evidence;
mod prices;

pub(crate) use debate::{Argued, DebateStage};
pub(crate) use decision::DecisionStage;
pub(crate) use evidence::EvidenceStage;
pub(crate) use prices::PriceStage;
