//! How long a value is good for.

use std::time::Duration;

use assize_ambient::{Seed, Timestamp};

use crate::envelope::{later, since};
use crate::{Error, ErrorKind, Key, MAX_TAGS, Stored, Tag};

/// −ln of the smallest draw that is possible, 2⁻⁵³: nothing is recomputed earlier than this.
const LARGEST_DRAW: f64 = 36.75;

/// How long a value is fresh, for how long it may be served stale, and how its expiry is spread.
///
/// ```
/// use std::time::Duration;
/// use assize_cache::{Policy, Tag};
///
/// let policy = Policy::new(Duration::from_secs(300))
///     .stale_while_revalidating(Duration::from_secs(60))
///     .stale_on_error(Duration::from_secs(3600))
///     .with_tags(vec![Tag::new("KO")?])?;
/// # Ok::<(), assize_cache::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Policy {
    fresh_for: Duration,
    while_revalidating: Duration,
    on_error: Duration,
    jitter: f64,
    early: f64,
    tags: Vec<Tag>,
}

/// What an entry is good for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Worth {
    /// Only if computing fails.
    OnError,
    /// To be served while it is computed anew.
    Stale,
    /// Fresh, and about to expire: to be computed anew in time.
    Early,
    Fresh,
}

impl Policy {
    /// Fresh for at most so long; never served stale; expiry spread over the last tenth of that time; recomputed early
    /// as XFetch says, with β = 1.
    #[must_use]
    pub const fn new(fresh_for: Duration) -> Self {
        Self {
            fresh_for,
            while_revalidating: Duration::ZERO,
            on_error: Duration::ZERO,
            jitter: 0.1,
            early: 1.0,
            tags: Vec::new(),
        }
    }

    /// The same, served stale for so long after it was fresh, while it is computed anew behind the caller's back.
    #[must_use]
    pub const fn stale_while_revalidating(mut self, time: Duration) -> Self {
        self.while_revalidating = time;
        self
    }

    /// The same, served stale for so long after it was fresh where computing it anew fails.
    #[must_use]
    pub const fn stale_on_error(mut self, time: Duration) -> Self {
        self.on_error = time;
        self
    }

    /// The same, with its expiry spread over the last `share` of its time, 0 to 1: entries that were stored together
    /// do not expire together. Nothing is ever kept longer because of it.
    #[must_use]
    pub const fn with_jitter(mut self, share: f64) -> Self {
        self.jitter = share.clamp(0.0, 1.0);
        self
    }

    /// The same with another β: an entry is recomputed early with a probability that grows with the time that it takes
    /// to compute and with the nearness of its expiry (Vattani, Chierichetti and Lowenstein, "Optimal probabilistic
    /// cache stampede prevention", VLDB 2015). 0 never does so; values above 1 do so earlier. At most 10.
    #[must_use]
    pub const fn with_early(mut self, beta: f64) -> Self {
        self.early = beta.clamp(0.0, 10.0);
        self
    }

    /// The same with these tags.
    ///
    /// # Errors
    /// [`ErrorKind::BadTag`] for more than [`MAX_TAGS`] different ones.
    pub fn with_tags(mut self, mut tags: Vec<Tag>) -> Result<Self, Error> {
        tags.sort_unstable();
        tags.dedup();
        if tags.len() > MAX_TAGS {
            return Err(ErrorKind::BadTag
                .error(format!("make a policy with {} tags: at most {MAX_TAGS} are possible", tags.len())));
        }
        self.tags = tags;
        Ok(self)
    }

    /// Its tags, sorted, each once.
    #[must_use]
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// The entry that stores `value`, which took `compute_time` to make, from `now` on.
    pub(crate) fn entry(
        &self,
        key: &Key,
        value: Vec<u8>,
        compute_time: Duration,
        now: Timestamp,
        seed: Seed,
    ) -> Result<Stored, Error> {
        let draw = draw(seed, "jitter", key, now);
        let kept = self.fresh_for.as_secs_f64() * self.jitter.mul_add(-draw, 1.0);
        let fresh_for = Duration::try_from_secs_f64(kept).unwrap_or(self.fresh_for).min(self.fresh_for);
        Stored::new(value, now, fresh_for)
            .with_stale_for(self.while_revalidating.max(self.on_error))
            .with_compute_time(compute_time)
            .with_tags(self.tags.clone())
    }

    /// What `entry` is good for, by the stricter of its own times and this policy; `None` for nothing.
    pub(crate) fn worth(&self, key: &Key, entry: &Stored, now: Timestamp, seed: Seed) -> Option<Worth> {
        let fresh_until = entry.fresh_until().min(later(entry.stored_at(), self.fresh_for));
        if now < fresh_until {
            let left = since(now, fresh_until);
            let scale = entry.compute_time().as_secs_f64() * self.early;
            let may_be_early = left.as_secs_f64() < scale * LARGEST_DRAW;
            let is_early =
                may_be_early && left.as_secs_f64() <= -scale * libm::log(1.0 - draw(seed, "early", key, now));
            return Some(if is_early { Worth::Early } else { Worth::Fresh });
        }
        if entry.is_expired(now) {
            return None;
        }
        let stale_for = since(fresh_until, now);
        if stale_for < self.while_revalidating {
            return Some(Worth::Stale);
        }
        (stale_for < self.on_error).then_some(Worth::OnError)
    }

    /// Whether what is stale now may be served because computing it failed.
    pub(crate) fn serves_on_error(&self, entry: &Stored, now: Timestamp) -> bool {
        let fresh_until = entry.fresh_until().min(later(entry.stored_at(), self.fresh_for));
        !entry.is_expired(now) && since(fresh_until, now) < self.on_error
    }
}

/// Uniform in `0.0..1.0`, the same for the same key at the same moment, in whatever order keys are asked for.
fn draw(seed: Seed, what: &str, key: &Key, now: Timestamp) -> f64 {
    // A key has no control characters. The hash is as uniform as what a stream that starts there would give.
    let hash = seed.child(&format!("{what}\0{key}\0{}", now.as_microsecond())).value();
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit an f64 exactly")]
    let (bits, range) = ((hash >> 11) as f64, (1_u64 << 53) as f64);
    bits / range
}
