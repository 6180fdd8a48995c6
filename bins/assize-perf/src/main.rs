//! The `assize-perf` command.

fn main() {}
