//! K1: what the composition adds to the tier below it when a value is there.

use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use assize_benches::handover::{Handover, Profile};
use assize_cache::{Cacheable, Failure, Key, Level, MemoryTier, Origin, Policy, Tier, Tiered};
use assize_perf::{Kind, Measurement, Run, Unit};
use tokio::runtime::Runtime;

use crate::{
    allocations::allocations,
    entries::{HOUR, SEED, clock, keys},
    figures::{Pairs, figure, real, words},
};

const ENTRIES: usize = 1_000;

struct Sizes {
    calls: usize,
    pairs: usize,
}

const fn sizes(profile: Profile) -> Sizes {
    match profile {
        Profile::Smoke => Sizes { calls: 2_000, pairs: 7 },
        Profile::Default => Sizes { calls: 20_000, pairs: 31 },
        Profile::Full => Sizes { calls: 50_000, pairs: 101 },
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let sizes = sizes(handover.profile);
    family(handover, run, "number", &sizes, |n| n)?;
    family(handover, run, "text-1k", &sizes, |n| format!("{n:01024}"))
}

fn family<T: Cacheable>(
    handover: &Handover,
    run: &mut Run,
    value: &str,
    sizes: &Sizes,
    make: impl Fn(usize) -> T,
) -> Result<(), String> {
    for call in ["get", "get-or-compute"] {
        let id = format!("cache/composition/{call}-{value}");
        if handover.wants(&id) {
            run.measurements.extend(Hits::new(value, &make)?.measure::<T>(&id, call == "get", sizes)?);
        }
    }
    Ok(())
}

/// What is to be computed is there already.
struct Absent;

impl Failure for Absent {}

/// A cache in memory alone that has everything.
struct Hits {
    runtime: Runtime,
    tier: Arc<MemoryTier>,
    cache: Tiered,
    keys: Vec<Key>,
}

impl Hits {
    fn new<T: Cacheable>(kind: &str, make: impl Fn(usize) -> T) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(words)?;
        let tier = Arc::new(MemoryTier::new(64 << 20, clock()));
        let cache = Tiered::new(vec![Level::memory(Arc::clone(&tier) as Arc<dyn Tier>)], clock(), SEED);
        let keys = keys(kind, ENTRIES)?;
        let fill = async {
            for (n, key) in keys.iter().enumerate() {
                cache.insert(key, &policy(), &make(n)).await.map_err(words)?;
            }
            Ok::<_, String>(())
        };
        runtime.block_on(fill)?;
        Ok(Self { runtime, tier, cache, keys })
    }

    fn measure<T: Cacheable>(
        &self,
        id: &str,
        is_get: bool,
        sizes: &Sizes,
    ) -> Result<Vec<Measurement>, String> {
        let ours = || self.runtime.block_on(self.calls::<T>(sizes.calls, is_get));
        let bare = || {
            self.runtime.block_on(async {
                let began = Instant::now();
                for key in self.keys.iter().cycle().take(sizes.calls) {
                    black_box(self.tier.get(key).await.map_err(words)?).ok_or("a miss")?;
                }
                Ok(began.elapsed())
            })
        };
        let note = "a hit, typed: its JSON is read; beside the tier in memory alone";
        let pairs = Pairs::take(sizes.pairs, sizes.calls, ours, bare)?;
        let mut figures = pairs.report(id, Kind::Timed, note)?.to_vec();
        figures.push(pairs.overhead(id, note)?);
        let before = allocations();
        self.runtime.block_on(self.calls::<T>(ENTRIES, is_get))?;
        let each = real(usize::try_from(allocations() - before).map_err(words)?) / real(ENTRIES);
        figures.push(figure(id, "allocations", Unit::Count, Kind::Counted, each).with_note("for a hit"));
        Ok(figures)
    }

    async fn calls<T: Cacheable>(&self, calls: usize, is_get: bool) -> Result<Duration, String> {
        let policy = policy();
        let began = Instant::now();
        for key in self.keys.iter().cycle().take(calls) {
            let from = if is_get {
                let served = black_box(self.cache.get::<T>(key, &policy).await);
                served.ok_or("a miss")?.from
            } else {
                let compute = || async { Err::<T, _>(Absent) };
                let served = black_box(self.cache.get_or_compute(key, &policy, compute).await);
                served.map_err(|_| "a miss")?.from
            };
            if from != Origin::Tier(0) {
                return Err(format!("not from memory: {from:?}"));
            }
        }
        Ok(began.elapsed())
    }
}

const fn policy() -> Policy {
    Policy::new(HOUR)
}
