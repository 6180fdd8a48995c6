//! foyer: its `Cache` in memory, by itself.

#[path = "../../inputs.rs"]
mod inputs;
#[path = "../stores.rs"]
mod stores;
#[expect(dead_code, reason = "there is no answer to hold against others")]
#[path = "../../timing.rs"]
mod timing;

use bytes::Bytes;
use foyer::{Cache, CacheBuilder};

struct Foyer(Cache<String, Bytes>);

impl stores::Store for Foyer {
    fn get(&self, key: &str) -> Option<Bytes> {
        self.0.get(key).map(|entry| entry.value().clone())
    }

    fn put(&self, key: &str, value: Bytes) {
        self.0.insert(key.to_owned(), value);
    }
}

fn main() -> Result<(), timing::Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    timing::measure(&arguments, |task| {
        let weight = |key: &String, value: &Bytes| key.len() + value.len();
        stores::work(Foyer(CacheBuilder::new(256 << 20).with_weighter(weight).build()), task)
    })
}
