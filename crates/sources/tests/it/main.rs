//! The sources on files.

mod fetched;
mod samples;
mod snapshots;
