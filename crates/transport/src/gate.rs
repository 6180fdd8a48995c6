//! How many at once.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The places of [`Gate::default`].
const USUAL_PLACES: usize = 5;

/// Lets so many in at once, in the order in which they came. Clones are one gate.
///
/// ```
/// use assize_transport::Gate;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let gate = Gate::new(2);
/// let (first, _second) = (gate.enter().await, gate.enter().await);
/// assert_eq!(gate.state().inside, 2);
/// drop(first);
/// assert_eq!(gate.state().inside, 1);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Gate {
    semaphore: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    places: usize,
}

/// What a gate looks like at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GateState {
    /// How many may be inside at once.
    pub places: usize,
    /// How many are.
    pub inside: usize,
    /// How many wait.
    pub waiting: usize,
}

/// A place inside a [`Gate`], until it is dropped.
#[derive(Debug)]
#[must_use = "dropping it leaves again"]
pub struct Pass(#[expect(dead_code, reason = "held for its drop")] Option<OwnedSemaphorePermit>);

impl Default for Gate {
    /// Five at once.
    fn default() -> Self {
        Self::new(USUAL_PLACES)
    }
}

impl Gate {
    /// A gate with so many places: at least one, at most [`Semaphore::MAX_PERMITS`].
    #[must_use]
    pub fn new(places: usize) -> Self {
        let places = places.clamp(1, Semaphore::MAX_PERMITS);
        Self { semaphore: Arc::new(Semaphore::new(places)), waiting: Arc::default(), places }
    }

    /// Waits for a place. Dropping the future leaves the queue.
    pub async fn enter(&self) -> Pass {
        let queued = Queued::at(&self.waiting);
        // The semaphore is never closed, so a permit always comes.
        let permit = Arc::clone(&self.semaphore).acquire_owned().await.ok();
        drop(queued);
        Pass(permit)
    }

    /// What it looks like now.
    #[must_use]
    pub fn state(&self) -> GateState {
        let inside = self.places.saturating_sub(self.semaphore.available_permits());
        GateState { places: self.places, inside, waiting: self.waiting.load(Ordering::Relaxed) }
    }
}

/// One in the queue, counted until it is dropped.
struct Queued<'a>(&'a AtomicUsize);

impl<'a> Queued<'a> {
    fn at(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::{FutureExt, future::join_all};
    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_more_than_its_places_are_inside_and_order_is_kept() {
        let gate = Gate::default();
        let (most, order) = (AtomicUsize::new(0), std::sync::Mutex::new(Vec::new()));
        join_all((0..40_u64).map(|n| {
            let (gate, most, order) = (&gate, &most, &order);
            async move {
                let _pass = gate.enter().await;
                most.fetch_max(gate.state().inside, Ordering::Relaxed);
                order.lock().unwrap().push(n);
                sleep(Duration::from_millis(1 + n * 7 % 5)).await;
            }
        }))
        .await;
        assert_eq!(most.into_inner(), 5);
        assert_eq!(order.into_inner().unwrap(), (0..40).collect::<Vec<_>>());
        assert_eq!(gate.state(), GateState { places: 5, inside: 0, waiting: 0 });
    }

    #[tokio::test]
    async fn who_leaves_the_queue_leaves_nothing_behind() {
        let gate = Gate::new(1);
        let pass = gate.enter().await;
        let mut waits = Box::pin(gate.enter());
        assert!(waits.as_mut().now_or_never().is_none());
        assert_eq!(gate.state().waiting, 1);
        drop(waits);
        assert_eq!(gate.state(), GateState { places: 1, inside: 1, waiting: 0 });
        drop(pass);
        assert!(gate.enter().now_or_never().is_some());
        assert_eq!(gate.state(), GateState { places: 1, inside: 0, waiting: 0 });
    }
}
