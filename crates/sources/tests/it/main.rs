//! The sources on files.

mod edgar_fetched;
mod edgar_samples;
mod exchange;
mod fetched;
mod fuzz;
mod samples;
mod snapshots;
