//! A value, and where it came from.

use assize_ambient::Timestamp;

/// A value, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub from: Origin,
    /// Whether it is still what its policy calls fresh, and if not, why it was served nevertheless.
    pub freshness: Freshness,
    /// When it was made.
    pub made_at: Timestamp,
}

impl<T> Served<T> {
    /// Whether it is older than its policy calls fresh.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.freshness != Freshness::Fresh
    }
}

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A tier: its place in the composition, 0 being the first.
    Tier(usize),
    /// It was computed for this caller.
    Computed,
    /// It was computed for another who asked at the same time.
    Coalesced,
}

/// Whether a value is fresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// It is.
    Fresh,
    /// It is stale, and being computed anew.
    Revalidating,
    /// It is stale, and computing it anew has failed.
    AfterError,
}
