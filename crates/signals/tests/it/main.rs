//! Signals on labelled, planted and recorded input.

mod black_scholes;
mod chains;
mod headlines;
mod planted;
mod stories;
