//! Signals on labelled, planted and recorded input.

mod headlines;
mod planted;
mod stories;
