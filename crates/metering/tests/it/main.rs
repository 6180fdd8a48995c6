//! The price book and the cost of a call, from outside.

mod costs;
mod embedded;
mod finding;
mod laws;
mod price_files;
