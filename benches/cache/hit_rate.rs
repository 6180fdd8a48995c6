//! K6: how often a value is there, in memory that has room for a tenth of what is asked for. Beside moka, with room for as
//! many entries and the same requests.

use std::sync::Arc;

use assize_ambient::{FixedClock, Timestamp};
use assize_benches::handover::{Handover, Profile};
use assize_cache::{Key, MemoryTier, Stored, Tier};
use assize_perf::{Better, Kind, Measurement, Run, Unit};
use bytes::Bytes;
use tokio::runtime::Runtime;

use crate::{
    entries::{HOUR, keys},
    figures::{HERE, real, share, words},
    workloads::{Request, repeated_queries, repeats, zipf, zipf_with_scans},
};

const VALUE: [u8; 1024] = [b'v'; 1024];
/// Room for one in so many keys.
const PART: usize = 10;
/// Moka's own housekeeping is done after so many requests.
const TICK: usize = 100;

const fn sizes(profile: Profile) -> (usize, usize) {
    match profile {
        Profile::Smoke => (2_000, 20_000),
        Profile::Default => (10_000, 200_000),
        Profile::Full => (100_000, 2_000_000),
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let (n_keys, requests) = sizes(handover.profile);
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(words)?;
    let workloads: [(&str, &dyn Fn() -> Vec<Request>); 3] = [
        ("zipf", &|| zipf(n_keys, requests)),
        ("zipf-with-scans", &|| zipf_with_scans(n_keys, requests)),
        ("repeated-queries", &|| repeated_queries(requests / 4)),
    ];
    for (name, make) in workloads {
        let id = format!("cache/hit-rate/{name}");
        if handover.wants(&id) {
            run.measurements.extend(workload(&runtime, &id, &make())?);
        }
    }
    Ok(())
}

fn workload(runtime: &Runtime, id: &str, requests: &[Request]) -> Result<[Measurement; 2], String> {
    let (distinct, possible) = repeats(requests);
    let room = distinct / PART;
    let counted = requests.iter().filter(|request| request.counts).count();
    let names = keys("rate", requests.iter().map(|request| request.key + 1).max().unwrap_or(0))?;
    let ours = runtime.block_on(our_hits(&names, requests, room))?;
    let bare = runtime.block_on(moka_hits(&names, requests, room));
    let note = format!(
        "room for {room} of {distinct} keys; generated requests, `possible` is what endless memory has"
    );
    let figures = |figure: Measurement| {
        figure.with_figure("possible", real(possible) / real(counted)).with_note(note.clone())
    };
    let rate = share(id, "hit-rate", Better::Higher, ours, counted)?;
    let to_moka = real(ours) / real(bare.max(1));
    let to_moka = Measurement::new(id, "to-moka", Unit::Ratio, Better::Higher, Kind::Counted, to_moka);
    Ok([
        figures(rate).with_figure("moka", real(bare) / real(counted)),
        to_moka.at(HERE).with_note("its hits beside moka's on the same requests"),
    ])
}

async fn our_hits(keys: &[Key], requests: &[Request], room: usize) -> Result<usize, String> {
    let stored = || Stored::new(Bytes::from_static(&VALUE), Timestamp::UNIX_EPOCH, HOUR);
    let clock = Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH));
    // What one entry takes of the budget.
    let one = MemoryTier::new(1 << 20, Arc::clone(&clock) as _);
    one.put(&keys[0], stored()).await.map_err(words)?;
    let bytes = one.stats().await.map_err(words)?.bytes;
    let tier = MemoryTier::new(bytes * u64::try_from(room).map_err(words)?, clock);
    let mut hits = 0;
    for request in requests {
        let key = &keys[request.key];
        if tier.get(key).await.map_err(words)?.is_some() {
            hits += usize::from(request.counts);
        } else {
            tier.put(key, stored()).await.map_err(words)?;
        }
    }
    Ok(hits)
}

async fn moka_hits(keys: &[Key], requests: &[Request], room: usize) -> usize {
    let cache: moka::future::Cache<Arc<str>, Bytes> = moka::future::Cache::new(room as u64);
    let mut hits = 0;
    for (n, request) in requests.iter().enumerate() {
        let name = keys[request.key].as_str();
        if cache.get(name).await.is_some() {
            hits += usize::from(request.counts);
        } else {
            cache.insert(name.into(), Bytes::from_static(&VALUE)).await;
        }
        if n % TICK == 0 {
            cache.run_pending_tasks().await;
        }
    }
    hits
}
