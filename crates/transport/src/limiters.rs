//! One limiter for all who share a key.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use crate::{Limiter, LimiterOptions};

/// A [`Limiter`] for each name: whoever shares a vendor's key shares its limits. The name is the caller's, such as the vendor
/// and a fingerprint of the key; never the key itself, as names are shown.
///
/// ```
/// use assize_transport::{LimiterOptions, Limiters};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let limiters = Limiters::default();
/// let (one, other) = (limiters.shared("openai 3f9a", LimiterOptions::default), limiters.shared("openai 3f9a", LimiterOptions::default));
/// let _permit = one.acquire(100).await;
/// assert_eq!(other.state().in_flight, 1);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Limiters(Mutex<BTreeMap<String, Limiter>>);

impl Limiters {
    /// The limiter of this name; the first who asks says with what options.
    pub fn shared(&self, name: &str, options: impl FnOnce() -> LimiterOptions) -> Limiter {
        let mut limiters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(limiter) = limiters.get(name) {
            return limiter.clone();
        }
        let limiter = Limiter::new(options());
        limiters.insert(name.to_owned(), limiter.clone());
        limiter
    }

    /// All of them by name, in the order of the names.
    pub fn all(&self) -> Vec<(String, Limiter)> {
        let limiters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        limiters.iter().map(|(name, limiter)| (name.clone(), limiter.clone())).collect()
    }
}
