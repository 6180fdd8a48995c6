//! Tiers that remember what was computed, and their composition.
//!
//! A [`Tier`] stores bytes under a [`Key`], in an envelope ([`Stored`]) that says until when they are fresh, until when
//! they may be served stale, and by which tags they can be removed.
//!
//! [`Tiered`] puts tiers in order: a value comes from the first that has it fresh, or is computed, once for all who ask
//! at the same time. A [`Policy`] says how long it is good for. A tier that fails, or is slow, or is not there at all
//! costs at most its deadline.

mod breaker;
#[cfg(any(test, feature = "test-util"))]
pub mod conformance;
#[cfg(feature = "disk")]
mod disk_tier;
mod envelope;
mod error;
mod failure;
mod flight;
mod guarded;
mod invalidations;
mod key;
mod leases;
mod level;
mod look_up;
mod memory;
mod notice;
mod policy;
#[cfg(feature = "redis")]
mod redis_tier;
mod reuse;
mod selector;
mod served;
mod statistics;
mod tier;
mod tiered;
mod write_behind;

#[cfg(feature = "disk")]
pub use disk_tier::{DiskTier, NamespaceContents};
pub use envelope::{MAX_TAGS, Stored};
pub use error::{Error, ErrorKind};
pub use failure::{Failed, Failure};
pub use key::{Key, MAX_NAMESPACE_BYTES, MAX_TEXT_BYTES, Namespace};
pub use leases::{Leases, Release};
pub use level::{DEFAULT_DISK_BYTES, DEFAULT_SHARED_BYTES, Level};
pub use memory::{DEFAULT_MEMORY_BYTES, MemoryTier};
pub use notice::Notice;
pub use policy::Policy;
#[cfg(feature = "redis")]
pub use redis_tier::{Lease, Notices, RedisTier};
pub use reuse::{ReuseObserver, TtlHitRate, TtlSuggestion};
pub use selector::{MAX_TAG_BYTES, Prefix, Selector, Tag};
pub use served::{Freshness, Origin, Served};
pub use statistics::{LevelStatistics, STATISTICS_FORMAT_VERSION, Statistics};
#[cfg(any(test, feature = "test-util"))]
pub use tier::MockTier;
pub use tier::{Tier, TierStats};
pub use tiered::{Cacheable, Invalidated, Tiered, Warmed};
