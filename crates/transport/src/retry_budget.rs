//! How many retries all calls together may make.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Credits are counted in millionths of a retry.
const RETRY: u64 = 1_000_000;

/// What calls may retry together: each first attempt pays in a share of a retry, each retry takes a whole one. When
/// everything fails, `n` calls therefore make at most `n × (1 + share) + reserve` attempts. Clones share one account.
///
/// ```
/// use assize_transport::RetryBudget;
///
/// let budget = RetryBudget::new(0.1, 1);
/// assert!(budget.take_retry() && !budget.take_retry());
/// (0..10).for_each(|_| budget.first_attempt());
/// assert!(budget.take_retry() && !budget.take_retry());
/// ```
#[derive(Debug, Clone)]
pub struct RetryBudget {
    credit: Arc<AtomicU64>,
    share: u64,
    most: u64,
}

impl Default for RetryBudget {
    /// A retry for every ten calls, and twenty in reserve.
    fn default() -> Self {
        Self::new(0.1, 20)
    }
}

impl RetryBudget {
    /// An account into which each first attempt pays `share` of a retry (0.0 to 1.0), and which starts with, and never
    /// holds more than, `reserve` retries (at least one, so that shares can add up).
    #[must_use]
    pub fn new(share: f64, reserve: u32) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to 0..=1, so at most a million"
        )]
        let share = (share.clamp(0.0, 1.0) * 1e6).round() as u64;
        let reserve = u64::from(reserve) * RETRY;
        Self { credit: Arc::new(AtomicU64::new(reserve)), share, most: reserve.max(RETRY) }
    }

    /// Pays in what a first attempt pays in.
    pub fn first_attempt(&self) {
        let pay = |credit: u64| Some(credit.saturating_add(self.share).min(self.most));
        let _ = self.credit.fetch_update(Ordering::Relaxed, Ordering::Relaxed, pay);
    }

    /// Takes a retry, if there is one.
    #[must_use]
    pub fn take_retry(&self) -> bool {
        let take = |credit: u64| credit.checked_sub(RETRY);
        self.credit.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    /// How many retries can be made now.
    #[must_use]
    pub fn retries_left(&self) -> u64 {
        self.credit.load(Ordering::Relaxed) / RETRY
    }
}
