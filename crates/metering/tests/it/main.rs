//! The price book, vendors' usages and the cost of a call, from outside.

mod billing;
mod costs;
mod embedded;
mod estimate_characters;
mod estimate_learning;
mod finding;
mod laws;
mod ledger_clock;
mod ledger_log;
mod ledger_model;
mod ledger_race;
mod ledger_roll_up;
mod ledger_threads;
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
