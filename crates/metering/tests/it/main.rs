//! The price book and the cost of a call, from outside.

mod billing;
mod costs;
mod embedded;
mod finding;
mod laws;
mod litellm;
mod litellm_oracle;
mod price_files;
mod price_threads;
