//! What needs an allocator of its own.

mod budget;
