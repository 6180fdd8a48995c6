//! The readers on files.

mod formats;
mod fuzz;
mod samples;
