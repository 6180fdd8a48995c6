//! The sources on files.

mod edgar_fetched;
mod edgar_samples;
mod exchange;
mod fetched;
mod fuzz;
mod gdelt_together;
mod heard_fetched;
mod heard_fixtures;
mod heard_samples;
mod market_fetched;
mod market_fixtures;
mod market_samples;
mod samples;
mod snapshots;
