//! The sources on files.

mod edgar_fetched;
mod edgar_samples;
mod fetched;
mod fuzz;
mod samples;
mod snapshots;
