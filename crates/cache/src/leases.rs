//! Leave to compute a value, given to one process at a time.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use assize_ambient::Timestamp;
use async_trait::async_trait;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

use crate::guarded::Guarded;
use crate::look_up::{Found, Inner};
use crate::policy::Worth;
use crate::{Cacheable, Error, Key, Policy};

/// Who waits for another process looks again after so long, then ever less often.
const SHORTEST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);
/// No lease is longer than this.
const LONGEST_LEASE: Duration = Duration::from_secs(24 * 3600);

/// Ends a lease when it is awaited. Dropped, it lets the lease's time run out.
pub type Release = BoxFuture<'static, ()>;

/// Who gives leave to compute the value of a key, to one process at a time: see
/// [`Level::sharing_computations`](crate::Level::sharing_computations).
#[async_trait]
pub trait Leases: Debug + Send + Sync + 'static {
    /// Leave to compute the value of `key` for at most `time`, and how to end that; `None` while another has it.
    ///
    /// # Errors
    /// As [`ErrorKind`](crate::ErrorKind) says; whoever asks computes without.
    async fn lease(&self, key: &Key, time: Duration) -> Result<Option<Release>, Error>;
}

/// That processes compute one after the other what they store in a tier that they share.
#[derive(Debug, Clone)]
pub(crate) struct Sharing {
    pub(crate) leases: Arc<dyn Leases>,
    pub(crate) time: Duration,
}

impl Sharing {
    pub(crate) fn new(leases: Arc<dyn Leases>, time: Duration) -> Self {
        Self { leases, time: time.min(LONGEST_LEASE) }
    }
}

/// What came of asking for leave.
pub(crate) enum Leave<T> {
    /// Another has computed it meanwhile.
    Found(Found<T>),
    /// To be held until it is stored. `None` where there is nobody to ask, or where the other has taken too long.
    Compute(Option<Held>),
}

/// A lease that this process has. Dropped, it ends, once what was computed is where the others look.
pub(crate) struct Held {
    level: Arc<Guarded>,
    key: Key,
    release: Option<Release>,
}

impl Inner {
    /// Waits until it is this process's turn to compute the value, at most for the time of a lease, or until another has
    /// computed it. `known` is when the value was made that is to be replaced.
    pub(crate) async fn leave<T: Cacheable>(
        &self,
        key: &Key,
        policy: &Policy,
        known: Option<Timestamp>,
    ) -> Leave<T> {
        let is_new = |found: &Found<T>| Some(found.entry.stored_at()) != known;
        // Another computation of this process may have landed between our looking up and our taking the lead.
        if let Some(found) = self.fresh_in_first::<T>(key, policy).await.filter(is_new) {
            return Leave::Found(found);
        }
        let mut levels = self.levels.iter().enumerate();
        let shared = levels.find_map(|(n, level)| Some((n, level, level.level.sharing.as_ref()?)));
        let Some((n, level, sharing)) = shared else { return Leave::Compute(None) };
        let (until, mut pause) = (Instant::now() + sharing.time, SHORTEST_PAUSE);
        loop {
            let asked = level.call(level.level.deadline, sharing.leases.lease(key, sharing.time)).await;
            let Ok(release) = asked else { return Leave::Compute(None) };
            let held = release.map(|release| Held {
                level: Arc::clone(level),
                key: key.clone(),
                release: Some(release),
            });
            // Whoever had it before may have stored the value.
            let moment = self.invalidations.moment();
            let found = self.ask::<T>(n, key, policy).await.filter(is_new);
            if let Some(found) = found.filter(|found| found.worth >= Worth::Early) {
                self.store(key, &found.entry, moment, n, false).await;
                return Leave::Found(found);
            }
            let left = until.saturating_duration_since(Instant::now());
            if held.is_some() || left.is_zero() {
                return Leave::Compute(held);
            }
            sleep(pause.min(left)).await;
            pause = (2 * pause).min(LONGEST_PAUSE);
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // Without a runtime its time runs out.
        let (Some(release), Ok(runtime)) = (self.release.take(), Handle::try_current()) else { return };
        let (level, key) = (Arc::clone(&self.level), self.key.clone());
        runtime.spawn(async move {
            level.queue.written(&key).await;
            release.await;
        });
    }
}
