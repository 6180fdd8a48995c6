//! What decisions do to money: limits that a proposal must keep, execution on paper, and how it went.

mod action;
mod proposal;
mod validation;

pub use action::Action;
pub use proposal::{EvidenceFacts, Holdings, Proposal, Weight};
pub use validation::{
    Accepted, BadLimits, ClampEvent, Figures, Limits, RuleId, Standing, Validation, validate,
};
