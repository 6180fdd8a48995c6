//! Failures of computations: what is remembered of them, and what callers get.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use assize_ambient::Timestamp;

use crate::envelope::later;
use crate::{Key, Selector, Tag};

/// An error of a computation that says whether asking again is worth while.
///
/// ```
/// use std::time::Duration;
///
/// #[derive(Debug)]
/// enum Refused { NoSuchTicker, Overloaded }
///
/// impl assize_cache::Failure for Refused {
///     fn remember_for(&self) -> Option<Duration> {
///         match self {
///             Self::NoSuchTicker => Some(Duration::from_secs(5)),
///             Self::Overloaded => None,
///         }
///     }
/// }
/// ```
pub trait Failure: Send + Sync + 'static {
    /// For how long the same request would fail in the same way: until then it is answered with this failure and not
    /// computed. `None` if it may succeed at once, as after an overload.
    fn remember_for(&self) -> Option<Duration> {
        None
    }
}

impl Failure for Infallible {}

/// Why there is no value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failed<E> {
    /// The computation failed, here, for another caller who asked at the same time, or lately.
    #[error(transparent)]
    Computing(Arc<E>),
    /// The computation panicked twice, for other callers who asked at the same time.
    #[error("compute a value: the computation panicked twice")]
    Panicked,
}

impl<E> Clone for Failed<E> {
    fn clone(&self) -> Self {
        match self {
            Self::Computing(error) => Self::Computing(Arc::clone(error)),
            Self::Panicked => Self::Panicked,
        }
    }
}

const MOST_REMEMBERED: usize = 10_000;

#[derive(Debug)]
struct Remembered {
    failure: Arc<dyn Any + Send + Sync>,
    until: Timestamp,
    tags: Vec<Tag>,
}

/// Failures of the last seconds, in this process alone: they are typed, and short-lived.
#[derive(Debug, Default)]
pub(crate) struct Failures(Mutex<HashMap<(Key, TypeId), Remembered>>);

impl Failures {
    pub(crate) fn get<E: Failure>(&self, key: &Key, now: Timestamp) -> Option<Arc<E>> {
        let mut known = self.lock();
        let id = (key.clone(), TypeId::of::<E>());
        let found = known.get(&id)?;
        if found.until <= now {
            known.remove(&id);
            return None;
        }
        Arc::clone(&found.failure).downcast().ok()
    }

    /// Remembers `failure` as long as it wants, unless `is_outdated` says that it was invalidated meanwhile.
    pub(crate) fn add<E: Failure>(
        &self,
        key: &Key,
        tags: &[Tag],
        failure: &Arc<E>,
        now: Timestamp,
        is_outdated: impl FnOnce() -> bool,
    ) {
        let Some(time) = failure.remember_for() else { return };
        let failure: Arc<dyn Any + Send + Sync> = Arc::clone(failure) as _;
        let mut known = self.lock();
        if known.len() >= MOST_REMEMBERED {
            known.retain(|_, old| old.until > now);
        }
        // Asked under the lock that a removal needs too: either it sees this entry, or we see the removal.
        if known.len() < MOST_REMEMBERED && !is_outdated() {
            let entry = Remembered { failure, until: later(now, time), tags: tags.to_vec() };
            known.insert((key.clone(), TypeId::of::<E>()), entry);
        }
    }

    pub(crate) fn remove(&self, selector: &Selector) {
        self.lock().retain(|(key, _), entry| !selector.holds(key, &entry.tags));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(Key, TypeId), Remembered>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
