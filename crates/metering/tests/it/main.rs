//! The price book and the cost of a call, from outside.

mod costs;
mod embedded;
mod estimate_characters;
mod estimate_learning;
mod finding;
mod laws;
mod price_files;
