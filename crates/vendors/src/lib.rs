//! The formats of model vendors: requests, replies, streams, failures.
