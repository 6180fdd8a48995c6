//! The sources on files.

mod fetched;
mod fuzz;
mod market_fixtures;
mod market_samples;
mod samples;
mod snapshots;
