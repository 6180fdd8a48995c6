//! The readers on files.

mod formats;
mod fuzz;
mod loads;
mod samples;
mod samples_load;
