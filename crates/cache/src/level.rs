//! A tier's place in the composition.

use std::sync::Arc;
use std::time::Duration;

use crate::leases::Sharing;
use crate::{Leases, Tier};

/// How many bytes a tier on a server takes unless told otherwise: 1 GB.
pub const DEFAULT_SHARED_BYTES: u64 = 1_000_000_000;
/// How many bytes a tier on disk takes unless told otherwise: 10 GB.
pub const DEFAULT_DISK_BYTES: u64 = 10_000_000_000;

const MILLISECOND: Duration = Duration::from_millis(1);
const MINUTE: Duration = Duration::from_secs(60);

/// A tier with the limits that the composition holds it to.
#[derive(Debug, Clone)]
pub struct Level {
    pub(crate) name: &'static str,
    pub(crate) tier: Arc<dyn Tier>,
    pub(crate) deadline: Duration,
    pub(crate) fresh_at_most: Duration,
    pub(crate) largest_value: u64,
    pub(crate) most_waiting: usize,
    pub(crate) sharing: Option<Sharing>,
}

impl Level {
    /// A level in memory: answers within 10 ms, fresh for at most 5 minutes.
    #[must_use]
    pub fn memory(tier: Arc<dyn Tier>) -> Self {
        Self::new("memory", tier, 10 * MILLISECOND, 5 * MINUTE)
    }

    /// A level on a server that others share: answers within 50 ms, fresh for at most an hour.
    #[must_use]
    pub fn shared(tier: Arc<dyn Tier>) -> Self {
        Self::new("shared", tier, 50 * MILLISECOND, 60 * MINUTE)
    }

    /// A level on disk: answers within 100 ms, fresh for at most 24 hours.
    #[must_use]
    pub fn disk(tier: Arc<dyn Tier>) -> Self {
        Self::new("disk", tier, 100 * MILLISECOND, 24 * 60 * MINUTE)
    }

    /// A level of your own. A call that takes longer than `deadline` counts as a miss; an entry is taken for fresh no
    /// longer than `fresh_at_most` after it came to this level, whatever its policy says.
    #[must_use]
    pub fn new(name: &'static str, tier: Arc<dyn Tier>, deadline: Duration, fresh_at_most: Duration) -> Self {
        Self {
            name,
            tier,
            deadline,
            fresh_at_most,
            largest_value: 64 << 20,
            most_waiting: 1024,
            sharing: None,
        }
    }

    /// The same with another deadline. Removals, which may touch many entries, have ten times as long.
    #[must_use]
    pub const fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The same with another longest time of freshness.
    #[must_use]
    pub const fn with_fresh_at_most(mut self, time: Duration) -> Self {
        self.fresh_at_most = time;
        self
    }

    /// The same, passing over values above so many bytes (default 64 MiB).
    #[must_use]
    pub const fn with_largest_value(mut self, bytes: u64) -> Self {
        self.largest_value = bytes;
        self
    }

    /// The same, with at most so many writes waiting (default 1024); further ones are dropped and counted.
    #[must_use]
    pub const fn with_most_waiting(mut self, writes: usize) -> Self {
        self.most_waiting = writes;
        self
    }

    /// The same, for a tier that several processes share: one computes the value of a key while the others wait until the
    /// entry is there, at most for `time` (at most a day), and then compute as well. `time` should be somewhat longer than
    /// computing takes. A failure to get leave costs at most the deadline. The first such level of a composition counts.
    ///
    /// ```
    /// # use std::{sync::Arc, time::Duration};
    /// # use assize_cache::{Leases, Level, Tier};
    /// fn level(redis: Arc<impl Tier + Leases>) -> Level {
    ///     Level::shared(redis.clone()).sharing_computations(redis, Duration::from_secs(30))
    /// }
    /// ```
    #[must_use]
    pub fn sharing_computations(mut self, leases: Arc<dyn Leases>, time: Duration) -> Self {
        self.sharing = Some(Sharing::new(leases, time));
        self
    }
}
