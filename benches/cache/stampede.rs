//! K3: many who ask for one absent key at the same time.
//!
//! All callers are tasks of one thread, and the computation waits until the last of them has asked: how often it is made
//! is exact.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use assize_benches::handover::{Handover, Profile};
use assize_cache::{Failed, Failure, Key, Level, MemoryTier, Policy, Served, Tiered};
use assize_perf::{Kind, Measurement, Run};
use tokio::{runtime::Runtime, task::yield_now};

use crate::{
    entries::{HOUR, SEED, clock, keys},
    figures::{Pairs, count, words},
};

const ANSWER: usize = 42;

/// What becomes of the first who computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leader {
    Succeeds,
    IsCancelled,
    Fails,
}

const fn pairs(profile: Profile) -> usize {
    match profile {
        Profile::Smoke => 3,
        Profile::Default => 11,
        Profile::Full => 31,
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(words)?;
    for callers in [1_000, 10_000] {
        for (case, leader) in [
            ("", Leader::Succeeds),
            ("-leader-cancelled", Leader::IsCancelled),
            ("-leader-fails", Leader::Fails),
        ] {
            let id = format!("cache/stampede/{callers}{case}");
            if handover.wants(&id) {
                run.measurements.extend(stampedes(&runtime, &id, callers, leader, pairs(handover.profile))?);
            }
        }
    }
    Ok(())
}

fn stampedes(
    runtime: &Runtime,
    id: &str,
    callers: usize,
    leader: Leader,
    pairs: usize,
) -> Result<Vec<Measurement>, String> {
    let key = keys("stampede", 1)?.remove(0);
    let (mut most, mut wrong) = (0, 0);
    let mut ours = || {
        let seen = runtime.block_on(stampede(&key, callers, leader))?;
        most = seen.computations.max(most);
        wrong += seen.wrong;
        Ok(seen.time)
    };
    let mut figures = Vec::new();
    if leader == Leader::Succeeds {
        let bare = || runtime.block_on(bare_stampede(&key, callers));
        let note = format!("per caller, of {callers} at once on one thread; beside bare moka");
        figures.extend(Pairs::take(pairs, callers, &mut ours, bare)?.report(id, Kind::Timed, &note)?);
    } else {
        for _ in 0..pairs {
            ours()?;
        }
    }
    let note = format!("the most in {pairs} stampedes of {callers} callers");
    figures.push(count(id, "computations", Kind::Counted, most).with_note(note));
    let note = "callers who got something else than the value, or than the leader's error where it failed";
    figures.push(count(id, "wrong", Kind::Counted, wrong).with_note(note));
    Ok(figures)
}

struct Seen {
    computations: usize,
    wrong: usize,
    time: Duration,
}

/// The vendor's word that it has no such thing.
#[derive(Debug)]
struct Refused;

impl Failure for Refused {}

/// What callers and computations of one stampede tell each other.
#[derive(Debug)]
struct Crowd {
    callers: usize,
    leader: Leader,
    asked: AtomicUsize,
    computations: AtomicUsize,
}

impl Crowd {
    fn new(callers: usize, leader: Leader) -> Arc<Self> {
        Arc::new(Self { callers, leader, asked: AtomicUsize::new(0), computations: AtomicUsize::new(0) })
    }

    async fn compute(&self) -> Result<usize, Refused> {
        let is_first = self.computations.fetch_add(1, Ordering::Relaxed) == 0;
        if is_first && self.leader == Leader::IsCancelled {
            std::future::pending::<()>().await;
        }
        self.all_asked().await;
        if self.leader == Leader::Fails { Err(Refused) } else { Ok(ANSWER) }
    }

    async fn all_asked(&self) {
        while self.asked.load(Ordering::Relaxed) < self.callers {
            yield_now().await;
        }
    }

    fn is_right(&self, outcome: &Result<Served<usize>, Failed<Refused>>) -> bool {
        match outcome {
            Ok(served) => self.leader != Leader::Fails && served.value == ANSWER,
            Err(Failed::Computing(_)) => self.leader == Leader::Fails,
            Err(_) => false,
        }
    }
}

async fn stampede(key: &Key, callers: usize, leader: Leader) -> Result<Seen, String> {
    let cache = Tiered::new(vec![Level::memory(Arc::new(MemoryTier::new(1 << 20, clock())))], clock(), SEED);
    let crowd = Crowd::new(callers, leader);
    let began = Instant::now();
    let caller = |_| {
        let (cache, crowd, key) = (cache.clone(), Arc::clone(&crowd), key.clone());
        tokio::spawn(async move {
            // What follows asks before anybody else's turn comes.
            crowd.asked.fetch_add(1, Ordering::Relaxed);
            let own = Arc::clone(&crowd);
            let compute = move || async move { own.compute().await };
            let outcome = cache.get_or_compute(&key, &Policy::new(HOUR), compute).await;
            crowd.is_right(&outcome)
        })
    };
    let tasks: Vec<_> = (0..callers).map(caller).collect();
    if leader == Leader::IsCancelled {
        crowd.all_asked().await;
        tasks[0].abort();
    }
    let mut wrong = 0;
    for task in tasks {
        match task.await {
            Ok(is_right) => wrong += usize::from(!is_right),
            Err(error) if error.is_cancelled() => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(Seen { computations: crowd.computations.load(Ordering::Relaxed), wrong, time: began.elapsed() })
}

/// The same of bare moka.
async fn bare_stampede(key: &Key, callers: usize) -> Result<Duration, String> {
    let cache: moka::future::Cache<Arc<str>, usize> =
        moka::future::Cache::builder().time_to_live(HOUR).build();
    let (crowd, name) = (Crowd::new(callers, Leader::Succeeds), Arc::<str>::from(key.as_str()));
    let began = Instant::now();
    let caller = |_| {
        let (cache, crowd, name) = (cache.clone(), Arc::clone(&crowd), Arc::clone(&name));
        tokio::spawn(async move {
            crowd.asked.fetch_add(1, Ordering::Relaxed);
            cache.try_get_with(name, crowd.compute()).await.ok()
        })
    };
    let tasks: Vec<_> = (0..callers).map(caller).collect();
    for task in tasks {
        if task.await.map_err(words)? != Some(ANSWER) {
            return Err("bare moka gave something else".to_owned());
        }
    }
    Ok(began.elapsed())
}
