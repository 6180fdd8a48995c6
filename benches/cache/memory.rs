//! K1: the tier in memory beside bare moka, with a time to live and a weigher.

use std::{
    hint::black_box,
    sync::{Arc, Barrier},
    time::{Duration, Instant},
};

use assize_ambient::SystemClock;
use assize_benches::handover::{Handover, Profile};
use assize_cache::{Key, MemoryTier, Tier};
use assize_perf::{Kind, Run};
use bytes::Bytes;
use tokio::runtime::{Handle, Runtime};

use crate::{
    entries::{HOUR, clock, entry, keys, names, order, values},
    figures::{Pairs, nanoseconds, percentiles, timed, words},
};

pub(crate) type Moka = moka::future::Cache<Arc<str>, Bytes>;

/// What moka takes for an entry besides key and value, measured; only so do both sides hold as much.
const MOKA_ENTRY_BYTES: usize = 400;

/// Bare moka that holds at most so many bytes.
pub(crate) fn moka(limit: u64) -> Moka {
    let weigh = |name: &Arc<str>, value: &Bytes| {
        u32::try_from(name.len() + value.len() + MOKA_ENTRY_BYTES).unwrap_or(u32::MAX)
    };
    Moka::builder().max_capacity(limit).weigher(weigh).time_to_live(HOUR).build()
}

struct Sizes {
    entries: usize,
    calls: usize,
    pairs: usize,
}

const fn sizes(profile: Profile) -> Sizes {
    match profile {
        Profile::Smoke => Sizes { entries: 5_000, calls: 5_000, pairs: 7 },
        Profile::Default => Sizes { entries: 50_000, calls: 20_000, pairs: 21 },
        Profile::Full => Sizes { entries: 50_000, calls: 100_000, pairs: 101 },
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let sizes = sizes(handover.profile);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(words)?;
    for (size, bytes) in [("64b", 64), ("1k", 1024)] {
        let cases = [("hit", 1), ("hit-2-threads", 2), ("miss", 1)].map(|(case, threads)| {
            let id = format!("cache/memory/{case}-{size}");
            (id, case, threads)
        });
        if !cases.iter().any(|(id, ..)| handover.wants(id)) {
            continue;
        }
        let sides = Sides::filled(&runtime, &sizes, bytes)?;
        for (id, case, threads) in cases {
            if handover.wants(&id) {
                let asked = if case == "miss" { keys("absent", sizes.entries)? } else { sides.keys.clone() };
                run.measurements.extend(sides.reads(&runtime, &id, &asked, threads, &sizes)?);
            }
        }
    }
    let id = "cache/memory/put-1k";
    if handover.wants(id) {
        run.measurements.extend(puts(&runtime, id, &sizes)?);
    }
    let id = "cache/memory/single-hit";
    if handover.wants(id) {
        run.measurements.extend(single_hits(&runtime, id, &sizes)?);
    }
    Ok(())
}

struct Sides {
    tier: MemoryTier,
    moka: Moka,
    keys: Vec<Key>,
}

impl Sides {
    /// Both with the same entries, and room for twice as many.
    fn filled(runtime: &Runtime, sizes: &Sizes, bytes: usize) -> Result<Self, String> {
        let limit = u64::try_from(2 * sizes.entries * (bytes * 11 / 10 + 500)).map_err(words)?;
        let keys = keys("present", sizes.entries)?;
        let sides = Self { tier: MemoryTier::new(limit, clock()), moka: moka(limit), keys };
        runtime.block_on(async {
            let entries = sides.keys.iter().zip(names(&sides.keys)).zip(values(sizes.entries, bytes));
            for ((key, name), value) in entries {
                sides.tier.put(key, entry(value.clone())).await.map_err(words)?;
                sides.moka.insert(name, value).await;
            }
            sides.moka.run_pending_tasks().await;
            Ok::<_, String>(())
        })?;
        Ok(sides)
    }

    fn reads(
        &self,
        runtime: &Runtime,
        id: &str,
        asked: &[Key],
        threads: usize,
        sizes: &Sizes,
    ) -> Result<[assize_perf::Measurement; 2], String> {
        let names = names(asked);
        let order = order(id, asked.len(), sizes.calls);
        let expected = if id.contains("/miss") { 0 } else { sizes.calls };
        let exact = |found: usize| {
            if found == expected { Ok(()) } else { Err(format!("{id}: {found} hits, not {expected}")) }
        };
        let ours = || {
            at_once(runtime, threads, async || {
                let mut found = 0;
                for &n in &order {
                    found += usize::from(black_box(self.tier.get(&asked[n]).await.map_err(words)?).is_some());
                }
                exact(found)
            })
        };
        let bare = || {
            at_once(runtime, threads, async || {
                let mut found = 0;
                for &n in &order {
                    found += usize::from(black_box(self.moka.get(&names[n]).await).is_some());
                }
                exact(found)
            })
        };
        let note = format!("{} entries, uniform; beside bare moka, {threads} threads", self.keys.len());
        Pairs::take(sizes.pairs, sizes.calls, ours, bare)?.report(id, Kind::Timed, &note)
    }
}

/// Does the same on so many threads at once. Gives how long the slowest took.
fn at_once<F>(runtime: &Runtime, threads: usize, what: F) -> Result<Duration, String>
where
    F: AsyncFn() -> Result<(), String> + Sync,
{
    if threads == 1 {
        return runtime.block_on(timed(what())).map(|(time, ())| time);
    }
    let (handle, start): (&Handle, _) = (runtime.handle(), Barrier::new(threads));
    std::thread::scope(|scope| {
        let one = || {
            scope.spawn(|| {
                start.wait();
                handle.block_on(timed(what())).map(|(time, ())| time)
            })
        };
        let all: Vec<_> = (0..threads).map(|_| one()).collect();
        let times =
            all.into_iter().map(|thread| thread.join().map_err(|_| "a thread panicked".to_owned())?);
        times.collect::<Result<Vec<_>, _>>().map(|times| times.into_iter().max().unwrap_or_default())
    })
}

/// New entries into full caches: each lets another go.
fn puts(runtime: &Runtime, id: &str, sizes: &Sizes) -> Result<[assize_perf::Measurement; 2], String> {
    let entries = sizes.entries / 5;
    let limit = u64::try_from(entries * 2_000).map_err(words)?;
    let (tier, moka) = (MemoryTier::new(limit, clock()), moka(limit));
    let keys = keys("put", 8 * entries)?;
    let names = names(&keys);
    let value = values(1, 1024).remove(0);
    let (mut our, mut its) = ((0..keys.len()).cycle(), (0..keys.len()).cycle());
    let ours = || {
        let put = async {
            for n in our.by_ref().take(sizes.calls) {
                tier.put(&keys[n], entry(Bytes::copy_from_slice(&value))).await.map_err(words)?;
            }
            Ok(())
        };
        runtime.block_on(timed(put)).map(|(time, ())| time)
    };
    let bare = || {
        let put = async {
            for n in its.by_ref().take(sizes.calls) {
                moka.insert(Arc::clone(&names[n]), Bytes::copy_from_slice(&value)).await;
            }
            moka.run_pending_tasks().await;
            Ok(())
        };
        runtime.block_on(timed(put)).map(|(time, ())| time)
    };
    let note = "one-off keys into a full cache; bare moka may refuse what it has not seen often";
    Pairs::take(sizes.pairs, sizes.calls, ours, bare)?.report(id, Kind::Timed, note)
}

/// Hits one at a time: what the slowest in a hundred takes.
fn single_hits(runtime: &Runtime, id: &str, sizes: &Sizes) -> Result<Vec<assize_perf::Measurement>, String> {
    let (tier, keys) = (MemoryTier::new(1 << 30, Arc::new(SystemClock)), keys("single", sizes.entries)?);
    let times = runtime.block_on(async {
        for (key, value) in keys.iter().zip(values(keys.len(), 1024)) {
            tier.put(key, entry(value)).await.map_err(words)?;
        }
        let mut times = Vec::new();
        for n in order(id, keys.len(), sizes.calls) {
            let began = Instant::now();
            black_box(tier.get(&keys[n]).await.map_err(words)?);
            times.push(nanoseconds(began.elapsed()));
        }
        Ok::<_, String>(times)
    })?;
    percentiles(id, Kind::Timed, &times, 10, "values of 1 KiB, the clock's own time included")
}
