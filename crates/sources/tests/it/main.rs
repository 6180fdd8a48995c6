//! The sources on files.

mod edgar_fetched;
mod edgar_samples;
mod fetched;
mod fuzz;
mod heard_fetched;
mod heard_fixtures;
mod heard_samples;
mod samples;
mod snapshots;
