//! Tiers that remember what was computed, and their composition.
//!
//! A [`Tier`] stores bytes under a [`Key`], in an envelope ([`Stored`]) that says until when they are fresh, until when
//! they may be served stale, and by which tags they can be removed.

#[cfg(any(test, feature = "test-util"))]
pub mod conformance;
mod envelope;
mod error;
mod key;
mod memory;
mod selector;
mod tier;

pub use envelope::{MAX_TAGS, Stored};
pub use error::{Error, ErrorKind};
pub use key::{Key, MAX_NAMESPACE_BYTES, MAX_TEXT_BYTES, Namespace};
pub use memory::{DEFAULT_MEMORY_BYTES, MemoryTier};
pub use selector::{MAX_TAG_BYTES, Prefix, Selector, Tag};
#[cfg(any(test, feature = "test-util"))]
pub use tier::MockTier;
pub use tier::{Tier, TierStats};
