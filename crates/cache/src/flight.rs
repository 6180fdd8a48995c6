//! One computation for all who ask at the same time.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{Key, Selector, Tag};

/// After so many panics nobody takes over any more.
const MOST_PANICS: u32 = 2;

type UnderWay = HashMap<(Key, TypeId), Arc<Flight>>;
type Registry = Mutex<UnderWay>;

/// What a flight ended with; shared by all who are on it.
#[derive(Debug, Clone)]
pub(crate) enum Landing {
    With(Arc<dyn Any + Send + Sync>),
    Panicked,
}

#[derive(Debug)]
struct Flight {
    /// One permit: whose it is leads. Closed once the flight has landed, which wakes everybody at once.
    turn: Semaphore,
    landing: OnceLock<Landing>,
    panics: AtomicU32,
    tags: Vec<Tag>,
}

/// The flights that are under way, by key and by type of what they bring.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flights(Arc<Registry>);

impl Flights {
    /// A seat on the flight for this key, which is made if there is none.
    pub(crate) fn join<O: 'static>(&self, key: &Key, tags: &[Tag]) -> Seat {
        let id = (key.clone(), TypeId::of::<O>());
        let flight = Arc::clone(lock(&self.0).entry(id.clone()).or_insert_with(|| new_flight(tags)));
        Seat { registry: Arc::clone(&self.0), id, flight }
    }

    /// The lead of a new flight for this key; `None` if there is one already.
    pub(crate) fn start<O: 'static>(&self, key: &Key, tags: &[Tag]) -> Option<Lead> {
        let id = (key.clone(), TypeId::of::<O>());
        let mut flights = lock(&self.0);
        if flights.contains_key(&id) {
            return None;
        }
        let flight = new_flight(tags);
        flights.insert(id.clone(), Arc::clone(&flight));
        drop(flights);
        let seat = Seat { registry: Arc::clone(&self.0), id, flight };
        seat.flight.turn.try_acquire().ok()?.forget();
        Some(Lead { seat, has_landed: false })
    }

    /// Whoever asks from now on for what `selector` means, by its policy's tags, starts anew. Who is on board stays there.
    pub(crate) fn detach(&self, selector: &Selector) {
        lock(&self.0).retain(|(key, _), flight| !selector.holds(key, &flight.tags));
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        lock(&self.0).len()
    }
}

fn new_flight(tags: &[Tag]) -> Arc<Flight> {
    Arc::new(Flight {
        turn: Semaphore::new(1),
        landing: OnceLock::new(),
        panics: AtomicU32::new(0),
        tags: tags.to_vec(),
    })
}

fn lock(registry: &Registry) -> MutexGuard<'_, UnderWay> {
    registry.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A place on a flight.
#[derive(Debug)]
pub(crate) struct Seat {
    registry: Arc<Registry>,
    id: (Key, TypeId),
    flight: Arc<Flight>,
}

/// What a seat leads to.
#[derive(Debug)]
pub(crate) enum Turn {
    Lead(Lead),
    Landed(Landing),
}

impl Seat {
    /// Waits until the flight has landed, or until it is our turn to lead it.
    pub(crate) async fn wait(self) -> Turn {
        let is_ours = self.flight.turn.acquire().await.map(SemaphorePermit::forget).is_ok();
        if is_ours {
            return Turn::Lead(Lead { seat: self, has_landed: false });
        }
        Turn::Landed(self.flight.landing.get().cloned().unwrap_or(Landing::Panicked))
    }

    fn land(&self, landing: Landing, mut flights: MutexGuard<'_, UnderWay>) {
        if flights.get(&self.id).is_some_and(|known| Arc::ptr_eq(known, &self.flight)) {
            flights.remove(&self.id);
        }
        drop(flights);
        // Set once: only the leader lands, and whoever led before has left.
        let _ = self.flight.landing.set(landing);
        self.flight.turn.close();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut flights = lock(&self.registry);
        let is_last = flights
            .get(&self.id)
            .is_some_and(|known| Arc::ptr_eq(known, &self.flight) && Arc::strong_count(known) == 2);
        if is_last {
            flights.remove(&self.id);
        }
    }
}

/// Who computes. Dropped without landing (cancelled, or by a panic), it hands over to the next.
#[derive(Debug)]
pub(crate) struct Lead {
    seat: Seat,
    has_landed: bool,
}

impl Lead {
    pub(crate) fn land(mut self, with: Arc<dyn Any + Send + Sync>) {
        self.has_landed = true;
        self.seat.land(Landing::With(with), lock(&self.seat.registry));
    }

    /// The same, unless what it brings must not be given to who came on board meanwhile: then the next takes over.
    pub(crate) fn land_unless(mut self, is_past: impl FnOnce() -> bool, with: Arc<dyn Any + Send + Sync>) {
        // Asked under the lock that nobody comes on board without.
        let flights = lock(&self.seat.registry);
        if !is_past() {
            self.has_landed = true;
            self.seat.land(Landing::With(with), flights);
        }
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        if self.has_landed {
            return;
        }
        let panicked = std::thread::panicking();
        if panicked && self.seat.flight.panics.fetch_add(1, Ordering::Relaxed) + 1 >= MOST_PANICS {
            self.seat.land(Landing::Panicked, lock(&self.seat.registry));
        } else {
            self.seat.flight.turn.add_permits(1);
        }
    }
}
