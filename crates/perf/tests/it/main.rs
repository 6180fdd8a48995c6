//! The readers on files.

mod fuzz;
mod loads;
mod samples_load;
