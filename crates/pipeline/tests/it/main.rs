//! The morning brief from the bytes of a file to its documents.

mod analysis;
mod deadlines;
mod desk;
mod injection;
mod parts;
mod repetition;
mod snapshots;
mod spans;
mod the_future;
mod the_future_of_samples;
mod troubled_tickers;
mod verdict;
