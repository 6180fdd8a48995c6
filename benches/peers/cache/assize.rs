//! The tiers of the cache: keys and values, our memory and our disk.

use std::fs;
use std::hint::black_box;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use assize_ambient::{Clock as _, Seed, SystemClock};
use assize_cache::{DiskTier, Key, MemoryTier, Namespace, Stored, Tier};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::inputs;
use crate::timing::{Failure, Work};

const ENTRIES: usize = 10_000;
const VALUE_BYTES: usize = 1_024;
/// Different values.
const VALUES: usize = 64;
/// Calls, in an order that comes again.
const CALLS: usize = 4_096;
const LIMIT: u64 = 256 << 20;
const HOUR: Duration = Duration::from_secs(3_600);

/// Keys that are there, keys that are not, values of which one half can be compressed, and the order of the calls.
pub(crate) fn inputs() -> Value {
    let mut chance = Seed::new(1_601).child("cache").rng();
    let keys = |kind: &str| (0..ENTRIES).map(|n| format!("bench:1:{kind}/{n:05}")).collect::<Vec<_>>();
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let filler = r#"{"role":"assistant","content":"the margin fell"},"#;
    let mut value = || {
        let random = (0..VALUE_BYTES / 2).map(|_| char::from(letters[chance.below(letters.len())]));
        random.chain(filler.chars().cycle()).take(VALUE_BYTES).collect::<String>()
    };
    let values: Vec<String> = (0..VALUES).map(|_| value()).collect();
    let order: Vec<usize> = (0..CALLS).map(|_| chance.below(ENTRIES)).collect();
    json!({ "keys": keys("there"), "absent": keys("absent"), "values": values, "order": order })
}

/// A folder that goes with who has it.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // Whatever is left lies among results, where it disturbs nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The work of the form.
pub(crate) fn work(form: &str, task: &str) -> Result<Work, Failure> {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    match form {
        "memory" => of_tier(runtime, MemoryTier::new(LIMIT, Arc::new(SystemClock)), task, None),
        "disk" => {
            let folder = crate::inputs::file()?.with_file_name(format!("disk-{}-{task}", std::process::id()));
            fs::create_dir_all(&folder)?;
            let tier = runtime.block_on(DiskTier::open(&folder, LIMIT, Arc::new(SystemClock)))?;
            of_tier(runtime, tier, task, Some(Folder(folder)))
        }
        other => Err(format!("a tier is memory or disk, not {other:?}").into()),
    }
}

fn of_tier<T: Tier>(runtime: Runtime, tier: T, task: &str, folder: Option<Folder>) -> Result<Work, Failure> {
    let mut given = inputs::read()?;
    let space = Namespace::new("bench", 1)?;
    let keys = |name: &str| -> Result<Vec<Key>, Failure> {
        let names = given[name].as_array().ok_or("the inputs have no keys")?;
        let key = |value: &Value| Ok(space.key(value.as_str().unwrap_or_default())?);
        names.iter().map(key).collect()
    };
    let (there, absent) = (keys("keys")?, keys("absent")?);
    let values: Vec<String> = serde_json::from_value(given["values"].take())?;
    let values: Vec<Bytes> = values.into_iter().map(Bytes::from).collect();
    let order: Vec<usize> = serde_json::from_value(given["order"].take())?;
    let entry = move |n: usize| Stored::new(values[n % VALUES].clone(), SystemClock.now(), HOUR);
    runtime.block_on(async {
        for (n, key) in there.iter().enumerate() {
            tier.put(key, entry(n)).await?;
        }
        Ok::<_, Failure>(())
    })?;
    let (asked, is_put) = match task {
        "hit" => (there, false),
        "miss" => (absent, false),
        "put" => (there, true),
        other => return Err(format!("{other:?} is no task").into()),
    };
    let is_hit = task == "hit";
    let mut at = 0;
    Ok(Work::new(move |n| {
        let done = runtime.block_on(async {
            for _ in 0..n {
                let which = order[at];
                at = (at + 1) % order.len();
                if is_put {
                    tier.put(&asked[which], entry(which)).await?;
                } else if black_box(tier.get(&asked[which]).await?).is_some() != is_hit {
                    return Err("an entry was lost, or one was there that had not been put".into());
                }
            }
            Ok(u64::from(n))
        });
        // Named last, so that it goes last: after the tier, which would make its files anew.
        let _held = &folder;
        done
    }))
}
