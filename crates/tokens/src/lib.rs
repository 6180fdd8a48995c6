//! Exact token counters of public encodings, and estimators for the others.
