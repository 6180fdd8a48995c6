//! The price book, vendors' usages and the cost of a call, from outside.

mod billing;
mod costs;
mod embedded;
mod finding;
mod laws;
mod litellm;
mod litellm_oracle;
mod normalise;
mod normalise_dataset;
mod normalise_laws;
mod normalise_streams;
mod normalise_threads;
mod price_files;
mod price_threads;
mod recorded_prices;
