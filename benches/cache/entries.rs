//! Keys and values that the parts have in common.

use std::{sync::Arc, time::Duration};

use assize_ambient::{Clock, Seed, SystemClock};
use assize_cache::{Key, Namespace, Stored};
use bytes::Bytes;

use crate::figures::words;

/// So long everything lives: nothing expires while it is measured.
pub(crate) const HOUR: Duration = Duration::from_secs(3600);

pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

pub(crate) const SEED: Seed = Seed::new(1601);

/// Keys of the length that hashed requests have.
pub(crate) fn keys(kind: &str, count: usize) -> Result<Vec<Key>, String> {
    let space = Namespace::new("bench", 1).map_err(words)?;
    Ok((0..count).map(|n| space.hashed(&[kind.as_bytes(), &n.to_le_bytes()])).collect())
}

/// The same as bare stores know them.
pub(crate) fn names(keys: &[Key]) -> Vec<Arc<str>> {
    keys.iter().map(|key| key.as_str().into()).collect()
}

/// In which order so many calls ask for `count` keys: uniform.
pub(crate) fn order(kind: &str, count: usize, calls: usize) -> Vec<usize> {
    let mut chance = SEED.child("order").child(kind).rng();
    (0..calls).map(|_| chance.below(count)).collect()
}

/// So many values of so many bytes, of which one half can be compressed and the other not. Every 64th is the same, in
/// memory of its own.
pub(crate) fn values(count: usize, bytes: usize) -> Vec<Bytes> {
    let some: Vec<Vec<u8>> = (0..count.min(64)).map(|n| value(n, bytes)).collect();
    (0..count).map(|n| Bytes::copy_from_slice(&some[n % some.len()])).collect()
}

fn value(n: usize, bytes: usize) -> Vec<u8> {
    let mut chance = SEED.child("value").child(&n.to_string()).rng();
    let mut value = Vec::with_capacity(bytes);
    while value.len() < bytes / 2 {
        value.push(u8::try_from(chance.below(256)).unwrap_or_default());
    }
    let text = br#"{"role":"assistant","content":"the margin fell"},"#;
    value.extend(text.iter().cycle().take(bytes - value.len()));
    value
}

pub(crate) fn entry(value: Bytes) -> Stored {
    Stored::new(value, SystemClock.now(), HOUR)
}
