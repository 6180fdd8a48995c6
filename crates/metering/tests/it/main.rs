//! The price book, vendors' usages and the cost of a call, from outside.

mod costs;
mod embedded;
mod finding;
mod laws;
mod normalise;
mod normalise_dataset;
mod normalise_laws;
mod normalise_streams;
mod normalise_threads;
mod price_files;
