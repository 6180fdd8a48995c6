//! What needs an allocator of its own, or a server.

use std::sync::RwLock;

mod budget;
#[cfg(all(feature = "redis", feature = "test-util"))]
mod redis;

/// Held for writing by who measures what the process allocates, for reading by whoever else runs meanwhile.
static ALLOCATIONS: RwLock<()> = RwLock::new(());
