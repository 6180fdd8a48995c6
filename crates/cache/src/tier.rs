//! The trait that every tier implements.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::{Error, Key, Selector, Stored};

/// A place that stores entries: memory, a server, a file.
///
/// The contract, which the module `conformance` (feature `test-util`) checks:
/// - What `put` has acknowledged, `get` gives back unchanged, or not at all (evicted, expired); never half, never
///   another's.
/// - An entry whose [`stale_until`](Stored::stale_until) has come, by the clock that the tier was given, is not there.
/// - When `remove` returns, no entry that it means and that was acknowledged before it began can be read any more.
/// - A future that is dropped half-way leaves the tier in order; its effect may or may not have happened.
/// - A tier has no deadline, no retries and no breaker of its own making beyond what its client needs: the composition
///   has those.
#[cfg_attr(any(test, feature = "test-util"), mockall::automock)]
#[async_trait]
pub trait Tier: Debug + Send + Sync + 'static {
    /// The entry with this key, or `None`.
    ///
    /// # Errors
    /// As [`ErrorKind`](crate::ErrorKind) says; whoever asks treats a failure as a miss.
    async fn get(&self, key: &Key) -> Result<Option<Stored>, Error>;

    /// Stores an entry in the place of the one that has this key. An entry that has expired already removes it.
    ///
    /// # Errors
    /// [`TooLarge`](crate::ErrorKind::TooLarge) for an entry that the tier does not take: the one it would have replaced
    /// is then removed.
    async fn put(&self, key: &Key, entry: Stored) -> Result<(), Error>;

    /// Removes what `selector` means, and says how many entries those were, as far as the tier can tell.
    ///
    /// # Errors
    /// As [`ErrorKind`](crate::ErrorKind) says; some of the entries may be gone then.
    async fn remove(&self, selector: &Selector) -> Result<u64, Error>;

    /// How full it is.
    ///
    /// # Errors
    /// As [`ErrorKind`](crate::ErrorKind) says.
    async fn stats(&self) -> Result<TierStats, Error>;
}

/// How full a tier is, and what it let go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TierStats {
    /// How many entries it holds; expired ones that still take space are counted.
    pub entries: u64,
    /// How many bytes they take, with what it costs to keep them.
    pub bytes: u64,
    /// How many bytes they may take, where there is a limit.
    pub limit_bytes: Option<u64>,
    /// How many entries were let go for want of space, since it was opened.
    pub evictions: u64,
    /// How many entries were found damaged, since it was opened.
    pub corrupt: u64,
}
