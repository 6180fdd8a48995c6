//! Vendors as services in process, for trying and testing: their wire formats and their faults, from a seed.
