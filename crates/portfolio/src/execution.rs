//! How orders are filled on paper: what a fill costs, how much of an order fits into a session, and what cash allows.
//!
//! Pure, and in whole numbers. Every rounding is against the trader: slippage and commission up, shares down.

mod fill;
mod rules;

pub use fill::{Attempt, Limit, fill};
pub use rules::{Costs, ExecutionRules};
