//! Scores and classes of texts, posts and option chains.
//!
//! Everything here is pure: the same input, the same figures, to the last bit on every machine.

pub mod category;
pub mod options;
pub mod story;
