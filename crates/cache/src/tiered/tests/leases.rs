//! One process computes at a time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use futures_util::FutureExt;

use super::*;
use crate::{Leases, Release};

const MS: Duration = Duration::from_millis(1);
const LEASE: Duration = Duration::from_secs(5);

/// What a server does that all processes share.
#[derive(Debug, Default)]
struct Office {
    given: Arc<Mutex<HashMap<Key, tokio::time::Instant>>>,
    is_away: AtomicU8,
}

#[async_trait]
impl Leases for Office {
    async fn lease(&self, key: &Key, time: Duration) -> Result<Option<Release>, Error> {
        match self.is_away.load(Ordering::SeqCst) {
            WORKS => {}
            FAILS => return Err(ErrorKind::Unavailable.error("reach the office")),
            _ => std::future::pending().await,
        }
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let now = tokio::time::Instant::now();
        if given.get(key).is_some_and(|until| *until > now) {
            return Ok(None);
        }
        given.insert(key.clone(), now + time);
        let (given, key) = (Arc::clone(&self.given), key.clone());
        let release = async move {
            given.lock().unwrap().remove(&key);
        };
        Ok(Some(release.boxed()))
    }
}

/// Two processes with memories of their own and a slow tier that they share.
struct Street {
    processes: [Tiered; 2],
    shared: Arc<Moody>,
    office: Arc<Office>,
    computed: Arc<AtomicU32>,
}

impl Street {
    fn new() -> Self {
        let clock = Arc::new(VirtualClock::starting_at("2024-01-01T00:00:00Z".parse().unwrap()));
        let (shared, office) = (Moody::slow(clock.clone(), 20 * MS), Arc::new(Office::default()));
        let processes = [1, 2].map(|seed| {
            let memory = Arc::new(MemoryTier::new(1 << 20, clock.clone()));
            let level = Level::shared(shared.clone()).sharing_computations(office.clone(), LEASE);
            Tiered::new(vec![Level::memory(memory), level], clock.clone(), Seed::new(seed))
        });
        Self { processes, shared, office, computed: Arc::default() }
    }

    async fn ask(&self, process: usize, takes: Duration, fails: bool) -> Outcome<u32, Refused> {
        let computed = Arc::clone(&self.computed);
        let compute = move || async move {
            let n = computed.fetch_add(1, Ordering::SeqCst) + 1;
            sleep(takes).await;
            if fails { Err(Refused(0)) } else { Ok(n) }
        };
        self.processes[process].get_or_compute(&key("k"), &plain(), compute).await
    }
}

#[tokio::test(start_paused = true)]
async fn another_process_waits_for_what_is_computed() {
    let street = Street::new();
    let (one, two) = tokio::join!(street.ask(0, SECOND, false), async {
        sleep(MS).await;
        street.ask(1, SECOND, false).await
    });
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!((one.value, one.from), (1, Origin::Computed));
    assert_eq!((two.value, two.from), (1, Origin::Tier(1)));
    assert_eq!(street.ask(1, SECOND, false).await.unwrap().from, Origin::Tier(0), "it was carried up");
    sleep(SECOND).await;
    assert!(street.office.given.lock().unwrap().is_empty(), "the lease has ended");
}

#[tokio::test(start_paused = true)]
async fn who_fails_or_is_cancelled_makes_way_at_once() {
    for cancelled in [false, true] {
        let street = Street::new();
        let started = tokio::time::Instant::now();
        let (one, two) = tokio::join!(
            tokio::time::timeout(if cancelled { SECOND } else { LEASE }, street.ask(0, 2 * SECOND, true)),
            async {
                sleep(500 * MS).await;
                street.ask(1, SECOND, false).await.unwrap()
            }
        );
        assert!(if cancelled { one.is_err() } else { one.unwrap().is_err() });
        assert_eq!((two.value, two.from), (2, Origin::Computed));
        let left = if cancelled { SECOND } else { 2 * SECOND };
        assert!(started.elapsed() <= left + SECOND + 300 * MS, "{:?}", started.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn within_a_process_the_next_takes_over_from_who_was_cancelled() {
    let street = Street::new();
    let started = tokio::time::Instant::now();
    let (one, two) = tokio::join!(tokio::time::timeout(SECOND, street.ask(0, LEASE, false)), async {
        sleep(500 * MS).await;
        street.ask(0, SECOND, false).await.unwrap()
    });
    assert!(one.is_err());
    assert_eq!((two.value, two.from), (2, Origin::Computed));
    assert!(started.elapsed() <= 2 * SECOND + 300 * MS, "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn whoever_takes_too_long_is_not_waited_for() {
    let street = Street::new();
    let started = tokio::time::Instant::now();
    let (one, two) = tokio::join!(street.ask(0, 4 * LEASE, false), async {
        sleep(SECOND).await;
        street.ask(1, SECOND, false).await.unwrap()
    });
    assert_eq!((one.unwrap().value, two.value, two.from), (1, 2, Origin::Computed));
    assert!(started.elapsed() >= 4 * LEASE);
    // The lease of one who died is waited for no longer than it lasts, be it for ever in the office.
    let given = (key("other"), tokio::time::Instant::now() + 3600 * SECOND);
    street.office.given.lock().unwrap().insert(given.0.clone(), given.1);
    let started = tokio::time::Instant::now();
    let compute = || async { Ok::<_, Refused>(7_u32) };
    let served = street.processes[0].get_or_compute(&given.0, &plain(), compute).await.unwrap();
    assert_eq!((served.value, served.from), (7, Origin::Computed));
    let waited = started.elapsed();
    assert!(waited >= LEASE && waited <= LEASE + 300 * MS, "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn without_an_office_everybody_computes() {
    for mood in [FAILS, HANGS] {
        let street = Street::new();
        street.office.is_away.store(mood, Ordering::SeqCst);
        street.shared.now(mood);
        let started = tokio::time::Instant::now();
        let (one, two) = tokio::join!(street.ask(0, SECOND, false), street.ask(1, SECOND, false));
        assert_eq!((one.unwrap().from, two.unwrap().from), (Origin::Computed, Origin::Computed));
        // A look-up and a question for leave, each within the deadline.
        assert!(started.elapsed() <= SECOND + 102 * MS, "{:?}", started.elapsed());
    }
}
