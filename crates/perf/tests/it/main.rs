//! The readers on files.

mod fuzz;
