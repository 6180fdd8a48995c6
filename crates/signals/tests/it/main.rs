//! Signals on golden, labelled, planted and recorded input.

mod black_scholes;
mod chains;
mod golden;
mod headlines;
mod planted;
mod stories;
