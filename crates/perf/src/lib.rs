//! A run of measurements: readers, statistics, targets.
