//! The morning brief from the bytes of a file to its documents.

mod analysis;
mod backtests;
mod blind;
mod deadlines;
mod degradation;
mod desk;
mod injection;
mod market;
mod paper;
mod parts;
mod repetition;
mod schemas;
mod side_by_side;
mod snapshots;
mod spans;
mod tape;
mod the_future;
mod the_future_of_samples;
mod troubled_tickers;
mod verdict;
mod versus;
