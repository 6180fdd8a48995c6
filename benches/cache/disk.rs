//! K1: the tier on disk beside a bare SQLite file with the same rows, read and written over one connection that is held.

use std::{
    hint::black_box,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use assize_benches::handover::{Handover, Profile};
use assize_cache::{DiskTier, Key, Tier};
use assize_perf::{Kind, Measurement, Run};
use bytes::Bytes;
use futures_util::future::try_join_all;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};
use tokio::runtime::Runtime;

use crate::{
    entries::{clock, entry, keys, names, order, values},
    figures::{Pairs, nanoseconds, percentiles, timed, words},
};

const VALUE_BYTES: usize = 4096;
/// So many writes are under way at once where they come in batches.
const BATCH: usize = 500;
const LIMIT: u64 = 1 << 30;

struct Sizes {
    entries: usize,
    calls: usize,
    pairs: usize,
}

const fn sizes(profile: Profile) -> Sizes {
    match profile {
        Profile::Smoke => Sizes { entries: 1_000, calls: 200, pairs: 9 },
        Profile::Default => Sizes { entries: 10_000, calls: 500, pairs: 21 },
        Profile::Full => Sizes { entries: 50_000, calls: 1_000, pairs: 101 },
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    const ARMS: [&str; 5] = ["hit-4k", "miss", "put-4k", "put-4k-500-at-once", "single-hit"];
    if !handover.wants_family("cache/disk", ARMS) {
        return Ok(());
    }
    let sizes = sizes(handover.profile);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(words)?;
    let folder = tempfile::tempdir().map_err(words)?;
    let sides = runtime.block_on(Sides::filled(folder.path(), &sizes))?;
    let mut pairs = |arm: &str, note: &str, measure: &dyn Fn(&str) -> Result<Pairs, String>| {
        let id = format!("cache/disk/{arm}");
        if handover.wants(&id) {
            let note = format!("{note}; beside bare SQLite, BLAKE3 and LZ4 on both sides, no sync on either");
            run.measurements.extend(measure(&id)?.report(&id, Kind::Loaded, &note)?);
        }
        Ok::<_, String>(())
    };
    let note = format!("{} entries of 4 KiB, uniform, in the system's cache", sizes.entries);
    pairs(ARMS[0], &note, &|id| sides.reads(&runtime, id, &sides.keys, sizes.calls, &sizes))?;
    let absent = keys("absent", sizes.entries)?;
    pairs(ARMS[1], &note, &|id| sides.reads(&runtime, id, &absent, 0, &sizes))?;
    let note = "each in a transaction of its own, one after the other";
    pairs(ARMS[2], note, &|_| sides.puts(&runtime, &sizes))?;
    let note = "500 callers at once, which share transactions; one transaction of 500 on the other side";
    pairs(ARMS[3], note, &|_| sides.batches(&runtime, &sizes))?;
    let id = "cache/disk/single-hit";
    if handover.wants(id) {
        run.measurements.extend(sides.single_hits(&runtime, id, &sizes)?);
    }
    // Closes the files in this runtime, before their folder goes.
    runtime.block_on(async { drop(sides) });
    drop(runtime);
    Ok(())
}

struct Sides {
    tier: DiskTier,
    bare: Bare,
    keys: Vec<Key>,
    names: Vec<Arc<str>>,
    values: Vec<Bytes>,
}

impl Sides {
    async fn filled(folder: &Path, sizes: &Sizes) -> Result<Self, String> {
        let tier = DiskTier::open(folder.join("tier"), LIMIT, clock()).await.map_err(words)?;
        let bare = Bare::open(&folder.join("bare.sqlite")).map_err(words)?;
        let keys = keys("disk", sizes.entries)?;
        let (names, values) = (names(&keys), values(keys.len(), VALUE_BYTES));
        let sides = Self { tier, bare, keys, names, values };
        for start in (0..sizes.entries).step_by(BATCH) {
            let range = start..(start + BATCH).min(sizes.entries);
            sides.put_all(range.clone()).await?;
            sides.bare.put_all(sides.rows(range)).await?;
        }
        Ok(sides)
    }

    async fn put_all(&self, range: std::ops::Range<usize>) -> Result<(), String> {
        let puts = range.map(|n| self.tier.put(&self.keys[n], entry(self.values[n].clone())));
        try_join_all(puts).await.map(drop).map_err(words)
    }

    fn rows(&self, range: std::ops::Range<usize>) -> Vec<(Arc<str>, Bytes)> {
        range.map(|n| (Arc::clone(&self.names[n]), self.values[n].clone())).collect()
    }

    fn reads(
        &self,
        runtime: &Runtime,
        id: &str,
        asked: &[Key],
        hits: usize,
        sizes: &Sizes,
    ) -> Result<Pairs, String> {
        let (names, order) = (names(asked), order(id, asked.len(), sizes.calls));
        let exact = |found: usize| {
            if found == hits { Ok(()) } else { Err(format!("{id}: {found} hits, not {hits}")) }
        };
        let ours = || {
            let reads = async {
                let mut found = 0;
                for &n in &order {
                    found += usize::from(black_box(self.tier.get(&asked[n]).await.map_err(words)?).is_some());
                }
                exact(found)
            };
            runtime.block_on(timed(reads)).map(|(time, ())| time)
        };
        let bare = || {
            let reads = async {
                let mut found = 0;
                for &n in &order {
                    found += usize::from(black_box(self.bare.get(&names[n]).await?).is_some());
                }
                exact(found)
            };
            runtime.block_on(timed(reads)).map(|(time, ())| time)
        };
        Pairs::take(sizes.pairs, sizes.calls, ours, bare)
    }

    fn puts(&self, runtime: &Runtime, sizes: &Sizes) -> Result<Pairs, String> {
        let order = order("put", self.keys.len(), sizes.calls);
        let ours = || {
            let puts = async {
                for &n in &order {
                    self.tier.put(&self.keys[n], entry(self.values[n].clone())).await.map_err(words)?;
                }
                Ok(())
            };
            runtime.block_on(timed(puts)).map(|(time, ())| time)
        };
        let bare = || {
            let puts = async {
                for &n in &order {
                    self.bare.put_all(self.rows(n..n + 1)).await?;
                }
                Ok(())
            };
            runtime.block_on(timed(puts)).map(|(time, ())| time)
        };
        Pairs::take(sizes.pairs, sizes.calls, ours, bare)
    }

    fn batches(&self, runtime: &Runtime, sizes: &Sizes) -> Result<Pairs, String> {
        let starts = || (0..self.keys.len() - BATCH + 1).step_by(BATCH).cycle();
        let (mut our, mut its) = (starts(), starts());
        let ours = || {
            let start = our.next().unwrap_or_default();
            runtime.block_on(timed(self.put_all(start..start + BATCH))).map(|(time, ())| time)
        };
        let bare = || {
            let start = its.next().unwrap_or_default();
            let rows = self.rows(start..start + BATCH);
            runtime.block_on(timed(self.bare.put_all(rows))).map(|(time, ())| time)
        };
        Pairs::take(sizes.pairs, BATCH, ours, bare)
    }

    fn single_hits(&self, runtime: &Runtime, id: &str, sizes: &Sizes) -> Result<Vec<Measurement>, String> {
        let order = order(id, self.keys.len(), 4 * sizes.calls);
        let times = runtime.block_on(async {
            let mut times: Vec<f64> = Vec::new();
            for n in order {
                let began = Instant::now();
                black_box(self.tier.get(&self.keys[n]).await.map_err(words)?).ok_or("a miss")?;
                times.push(nanoseconds(began.elapsed()));
            }
            Ok::<_, String>(times)
        })?;
        percentiles(id, Kind::Loaded, &times, 10, "values of 4 KiB, one reader")
    }
}

/// What one would write without the tier: one table, one connection, a checksum, compression.
#[derive(Clone)]
struct Bare(Arc<Mutex<Connection>>);

const SUM_BYTES: usize = 32;

impl Bare {
    fn open(file: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(file)?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -4096;
             PRAGMA wal_autocheckpoint = 4096;
             CREATE TABLE entries(key TEXT NOT NULL UNIQUE, body BLOB NOT NULL) STRICT",
        )?;
        connection.busy_timeout(Duration::from_secs(10))?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, String> {
        let connection = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || {
            job(&connection.lock().unwrap_or_else(PoisonError::into_inner))
        });
        done.await.map_err(words)?.map_err(words)
    }

    async fn get(&self, name: &Arc<str>) -> Result<Option<Bytes>, String> {
        let name = Arc::clone(name);
        let read = move |connection: &Connection| {
            let mut by_key = connection.prepare_cached("SELECT body FROM entries WHERE key = ?1")?;
            by_key.query_one([&*name], |row| Ok(decode(&name, row.get_ref(0)?.as_blob()?))).optional()
        };
        match self.run(read).await? {
            Some(None) => Err("a damaged row".to_owned()),
            found => Ok(found.flatten()),
        }
    }

    async fn put_all(&self, rows: Vec<(Arc<str>, Bytes)>) -> Result<(), String> {
        let write = move |connection: &Connection| {
            let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
            for (name, value) in &rows {
                let mut put = transaction.prepare_cached("INSERT OR REPLACE INTO entries VALUES (?1, ?2)")?;
                put.execute((&**name, encode(name, value)))?;
            }
            transaction.commit()
        };
        self.run(write).await
    }
}

fn sum(name: &str, payload: &[u8]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(name.as_bytes()).update(payload);
    hasher.finalize()
}

fn encode(name: &str, value: &[u8]) -> Vec<u8> {
    let payload = lz4_flex::block::compress_prepend_size(value);
    [sum(name, &payload).as_bytes(), &payload[..]].concat()
}

fn decode(name: &str, body: &[u8]) -> Option<Bytes> {
    let (&known, payload) = body.split_first_chunk::<SUM_BYTES>()?;
    let is_sound = sum(name, payload) == blake3::Hash::from_bytes(known);
    is_sound.then(|| lz4_flex::block::decompress_size_prepended(payload).ok()).flatten().map(Bytes::from)
}
