//! The stages of the morning brief.

mod debate;
mod decision;
mod evidence;
mod research;

pub(crate) use debate::{Argued, DebateStage, Held, Toggling};
pub(crate) use decision::DecisionStage;
pub(crate) use evidence::{Dossier, EvidenceStage};
pub(crate) use research::{Found, Research, Supply};
