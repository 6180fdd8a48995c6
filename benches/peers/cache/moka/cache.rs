//! moka: a `sync::Cache` by itself.

#[path = "../../inputs.rs"]
mod inputs;
#[path = "../stores.rs"]
mod stores;
#[expect(dead_code, reason = "there is no answer to hold against others")]
#[path = "../../timing.rs"]
mod timing;

use std::time::Duration;

use bytes::Bytes;
use moka::sync::Cache;

struct Moka(Cache<String, Bytes>);

impl stores::Store for Moka {
    fn get(&self, key: &str) -> Option<Bytes> {
        self.0.get(key)
    }

    fn put(&self, key: &str, value: Bytes) {
        self.0.insert(key.to_owned(), value);
    }
}

fn main() -> Result<(), timing::Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    timing::measure(&arguments, |task| {
        let weight = |key: &String, value: &Bytes| u32::try_from(key.len() + value.len()).unwrap_or(u32::MAX);
        let cache = Cache::builder().max_capacity(256 << 20).weigher(weight).time_to_live(Duration::from_secs(3_600));
        stores::work(Moka(cache.build()), task)
    })
}
