//! K1: the tier on a Redis server beside a bare multiplexed connection to the same server.

use std::{hint::black_box, sync::Arc, time::Instant};

use assize_benches::handover::{Handover, Profile};
use assize_cache::{Key, RedisTier, Tier};
use assize_perf::{Kind, Measurement, Run};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use redis::{AsyncConnectionConfig, aio::MultiplexedConnection, cmd, io::tcp::TcpSettings};
use tokio::runtime::Runtime;

use crate::{
    entries::{entry, keys, names, order, values},
    figures::{Pairs, nanoseconds, percentiles, timed, words},
    server::{Server, is_missing},
};

const VALUE_BYTES: usize = 4096;
const AT_ONCE: usize = 64;
const HOUR_MS: u64 = 3_600_000;

struct Sizes {
    entries: usize,
    calls: usize,
    pairs: usize,
}

const fn sizes(profile: Profile) -> Sizes {
    match profile {
        Profile::Smoke => Sizes { entries: 500, calls: 200, pairs: 9 },
        Profile::Default => Sizes { entries: 5_000, calls: 500, pairs: 31 },
        Profile::Full => Sizes { entries: 5_000, calls: 5_000, pairs: 101 },
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    const ARMS: [&str; 5] = ["hit-4k", "hit-4k-64-at-once", "miss", "put-4k", "single-hit"];
    if !handover.wants_family("cache/redis", ARMS) {
        return Ok(());
    }
    let Some(server) = Server::start()? else {
        is_missing(run, "the tier on a Redis server");
        return Ok(());
    };
    let sizes = sizes(handover.profile);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(words)?;
    let sides = runtime.block_on(Sides::filled(&server, &sizes))?;
    let mut pairs = |arm: &str, note: &str, measure: &dyn Fn(&str) -> Result<Pairs, String>| {
        let id = format!("cache/redis/{arm}");
        if handover.wants(&id) {
            let note = format!("{note}; beside a bare connection of the same client");
            run.measurements.extend(measure(&id)?.report(&id, Kind::Loaded, &note)?);
        }
        Ok::<_, String>(())
    };
    let note = "values of 4 KiB; ours are checked and have their times and tags";
    pairs(ARMS[0], note, &|id| sides.reads(&runtime, id, &sides.keys, 1, &sizes))?;
    pairs(ARMS[1], note, &|id| sides.reads(&runtime, id, &sides.keys, AT_ONCE, &sizes))?;
    pairs(ARMS[2], "nothing there", &|id| sides.reads(&runtime, id, &keys("absent", 500)?, 1, &sizes))?;
    let note = "ours keeps an index and a limit, by a script; the other sets a value with its time";
    pairs(ARMS[3], note, &|_| sides.puts(&runtime, &sizes))?;
    let id = "cache/redis/single-hit";
    if handover.wants(id) {
        run.measurements.extend(sides.single_hits(&runtime, id, &sizes)?);
    }
    runtime.block_on(async { drop(sides) });
    Ok(())
}

struct Sides {
    tier: RedisTier,
    bare: MultiplexedConnection,
    keys: Vec<Key>,
    names: Vec<Arc<str>>,
    values: Vec<Bytes>,
}

impl Sides {
    async fn filled(server: &Server, sizes: &Sizes) -> Result<Self, String> {
        let info = redis::IntoConnectionInfo::into_connection_info(server.url()).map_err(words)?;
        // As ours has it: small questions do not wait until they fill a packet.
        let info = info.set_tcp_settings(TcpSettings::default().set_nodelay(true));
        let client = redis::Client::open(info).map_err(words)?;
        let config = AsyncConnectionConfig::new();
        let bare = client.get_multiplexed_async_connection_with_config(&config).await.map_err(words)?;
        let keys = keys("redis", sizes.entries)?;
        let names = names(&keys);
        let values = values(keys.len(), VALUE_BYTES);
        let sides = Self { tier: server.tier()?, bare, keys, names, values };
        for n in 0..sides.keys.len() {
            sides.put(n).await?;
            sides.put_bare(n).await?;
        }
        Ok(sides)
    }

    async fn put(&self, n: usize) -> Result<(), String> {
        self.tier.put(&self.keys[n], entry(self.values[n].clone())).await.map_err(words)
    }

    async fn put_bare(&self, n: usize) -> Result<(), String> {
        let mut set = cmd("SET");
        set.arg(&*self.names[n]).arg(&self.values[n][..]).arg("PX").arg(HOUR_MS);
        set.exec_async(&mut self.bare.clone()).await.map_err(words)
    }

    async fn get(&self, key: &Key) -> Result<usize, String> {
        Ok(usize::from(black_box(self.tier.get(key).await.map_err(words)?).is_some()))
    }

    async fn get_bare(&self, name: &str) -> Result<usize, String> {
        let mut get = cmd("GET");
        get.arg(name);
        let found: Option<Vec<u8>> = get.query_async(&mut self.bare.clone()).await.map_err(words)?;
        Ok(usize::from(black_box(found.map(Bytes::from)).is_some()))
    }

    fn reads(
        &self,
        runtime: &Runtime,
        id: &str,
        asked: &[Key],
        at_once: usize,
        sizes: &Sizes,
    ) -> Result<Pairs, String> {
        let (names, order) = (names(asked), order(id, asked.len(), sizes.calls));
        let hits = if id.ends_with("/miss") { 0 } else { sizes.calls };
        let exact = |found: usize| {
            if found == hits { Ok(()) } else { Err(format!("{id}: {found} hits, not {hits}")) }
        };
        let ours = || {
            let reads = async {
                let reads = stream::iter(&order).map(|&n| self.get(&asked[n])).buffer_unordered(at_once);
                exact(reads.try_fold(0, async |found, one| Ok(found + one)).await?)
            };
            runtime.block_on(timed(reads)).map(|(time, ())| time)
        };
        let bare = || {
            let reads = async {
                let reads = stream::iter(&order).map(|&n| self.get_bare(&names[n])).buffer_unordered(at_once);
                exact(reads.try_fold(0, async |found, one| Ok(found + one)).await?)
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
                    self.put(n).await?;
                }
                Ok(())
            };
            runtime.block_on(timed(puts)).map(|(time, ())| time)
        };
        let bare = || {
            let puts = async {
                for &n in &order {
                    self.put_bare(n).await?;
                }
                Ok(())
            };
            runtime.block_on(timed(puts)).map(|(time, ())| time)
        };
        Pairs::take(sizes.pairs, sizes.calls, ours, bare)
    }

    fn single_hits(&self, runtime: &Runtime, id: &str, sizes: &Sizes) -> Result<Vec<Measurement>, String> {
        let order = order(id, self.keys.len(), 4 * sizes.calls);
        let times = runtime.block_on(async {
            let mut times = Vec::new();
            for n in order {
                let began = Instant::now();
                black_box(self.tier.get(&self.keys[n]).await.map_err(words)?).ok_or("a miss")?;
                times.push(nanoseconds(began.elapsed()));
            }
            Ok::<_, String>(times)
        })?;
        percentiles(id, Kind::Loaded, &times, 10, "values of 4 KiB, one reader, on this machine")
    }
}
