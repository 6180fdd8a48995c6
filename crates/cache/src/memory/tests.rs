//! The memory tier against its contract, a map and its budget.

use std::collections::BTreeMap;
use std::time::Duration;

use assize_ambient::{FixedClock, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::conformance::{self, ManualClock};
use crate::{Namespace, Tag};

#[cfg(target_os = "linux")]
mod resident;

fn key(n: u32) -> Key {
    Namespace::new("n", 1).unwrap().key(&format!("{}/{n}", n % 3)).unwrap()
}

fn entry(bytes: usize) -> Stored {
    Stored::new(vec![b'v'; bytes], Timestamp::UNIX_EPOCH, Duration::from_secs(60))
}

fn tier(limit: u64) -> MemoryTier {
    MemoryTier::new(limit, Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH)))
}

#[tokio::test]
async fn keeps_the_contract() {
    for limit in [1 << 20, DEFAULT_MEMORY_BYTES] {
        let clock = Arc::new(ManualClock::new("2024-01-01T00:00:00Z".parse().unwrap()));
        conformance::run(&MemoryTier::new(limit, clock.clone()), &clock).await;
    }
}

#[tokio::test]
async fn the_budget_is_never_passed() {
    let tier = tier(100_000);
    for n in 0..1000 {
        tier.put(&key(n), entry(1000)).await.unwrap();
        assert!(tier.stats().await.unwrap().bytes <= 100_000);
    }
    let stats = tier.stats().await.unwrap();
    assert_eq!(stats.entries + stats.evictions, 1000);
    assert!(stats.bytes > 98_000, "room is used: {stats:?}");
}

#[tokio::test]
async fn too_large_an_entry_is_refused_and_takes_its_predecessor_along() {
    let tier = tier(100_000);
    tier.put(&key(1), entry(10)).await.unwrap();
    assert_eq!(tier.put(&key(1), entry(25_000)).await.unwrap_err().kind(), ErrorKind::TooLarge);
    assert_eq!(tier.get(&key(1)).await.unwrap(), None);
    assert_eq!(tier.stats().await.unwrap().bytes, 0);
}

#[tokio::test]
async fn a_scan_leaves_what_is_used_often() {
    let tier = tier(200_000);
    for n in 0..50 {
        tier.put(&key(n), entry(1000)).await.unwrap();
    }
    for n in 0..50 {
        assert!(tier.get(&key(n)).await.unwrap().is_some());
    }
    for n in 1000..5000 {
        tier.put(&key(n), entry(1000)).await.unwrap();
    }
    let mut left = 0;
    for n in 0..50 {
        left += u32::from(tier.get(&key(n)).await.unwrap().is_some());
    }
    assert_eq!(left, 50, "4,000 entries that were never asked for drove out what was");
}

#[tokio::test]
async fn a_value_does_not_keep_what_it_was_cut_from() {
    let (tier, whole) = (tier(100_000), Bytes::from(vec![b'v'; 1 << 20]));
    let part = Stored::new(whole.slice(..10), Timestamp::UNIX_EPOCH, Duration::from_secs(60));
    tier.put(&key(1), part.clone()).await.unwrap();
    drop(part);
    assert!(whole.is_unique(), "the tier still holds 1 MiB for the sake of 10 bytes");
}

#[derive(Debug, Clone)]
enum Act {
    Put(u32, usize, Vec<u8>),
    Get(u32),
    Remove(u32),
    RemoveTag(u8),
    RemovePrefix(u32),
    Clear,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => (0..40_u32, 0..4000_usize, prop::collection::vec(0..5_u8, 0..3)).prop_map(|(k, n, t)| Act::Put(k, n, t)),
        8 => (0..40_u32).prop_map(Act::Get),
        2 => (0..40_u32).prop_map(Act::Remove),
        1 => (0..5_u8).prop_map(Act::RemoveTag),
        1 => (0..3_u32).prop_map(Act::RemovePrefix),
        1 => Just(Act::Clear),
    ]
}

fn tag(n: u8) -> Tag {
    Tag::new(&n.to_string()).unwrap()
}

/// Runs the acts against the tier and a map that forgets nothing; gives what the tier answered.
async fn run(acts: &[Act]) -> Vec<Option<usize>> {
    let space = Namespace::new("n", 1).unwrap();
    let (tier, mut model) = (tier(20_000), BTreeMap::<Key, Stored>::new());
    let mut seen = Vec::new();
    for act in acts {
        let selector = match act {
            Act::Put(k, bytes, tags) => {
                let entry = entry(*bytes).with_tags(tags.iter().map(|n| tag(*n)).collect()).unwrap();
                let put = tier.put(&key(*k), entry.clone()).await;
                assert_eq!(put.is_err(), shard::size(&key(*k), &entry) > tier.largest_entry());
                if put.is_ok() {
                    model.insert(key(*k), entry);
                } else {
                    model.remove(&key(*k));
                }
                continue;
            }
            Act::Get(k) => {
                let found = tier.get(&key(*k)).await.unwrap();
                if let Some(found) = &found {
                    assert_eq!(Some(found), model.get(&key(*k)));
                }
                seen.push(found.map(|entry| entry.value().len()));
                continue;
            }
            Act::Remove(k) => Selector::Key(key(*k)),
            Act::RemoveTag(n) => Selector::Tag(tag(*n)),
            Act::RemovePrefix(n) => Selector::Prefix(space.prefix(&format!("{n}/")).unwrap()),
            Act::Clear => Selector::All,
        };
        let before = model.len();
        model.retain(|key, entry| !selector.holds(key, entry.tags()));
        assert!(tier.remove(&selector).await.unwrap() <= (before - model.len()) as u64);
        let stats = tier.stats().await.unwrap();
        assert!(stats.entries <= model.len() as u64, "something is left of {selector:?}");
    }
    // What is counted is what is there.
    let (mut entries, mut bytes) = (0, 0);
    for k in 0..40 {
        if let Some(found) = tier.get(&key(k)).await.unwrap() {
            assert_eq!(Some(&found), model.get(&key(k)));
            entries += 1;
            bytes += shard::size(&key(k), &found);
        }
    }
    let stats = tier.stats().await.unwrap();
    assert_eq!((stats.entries, stats.bytes), (entries, bytes));
    assert!(stats.bytes <= 20_000);
    seen
}

proptest! {
    #[test]
    fn it_holds_what_a_map_would_or_less(acts in prop::collection::vec(act(), 1..200)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let first = runtime.block_on(run(&acts));
        prop_assert_eq!(first, runtime.block_on(run(&acts)), "the same acts, the same entries left");
    }
}
