//! Texts with known scores.

mod golden;
