//! An append-only log per key that survives kill -9.
