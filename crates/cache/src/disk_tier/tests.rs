//! The tier on disk, held to its promises. Not in the integration tests' binary, whose allocator counts for one test
//! alone.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::conformance::{self, ManualClock};
use crate::{Namespace, Tag};
use assize_ambient::Timestamp;

mod crash;
mod damage;
mod processes;
mod room;

const HOUR: Duration = Duration::from_secs(3600);

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new("2024-05-06T07:08:09Z".parse::<Timestamp>().unwrap()))
}

fn key(text: &str) -> Key {
    Namespace::new("disk", 1).unwrap().key(text).unwrap()
}

fn entry(value: impl Into<bytes::Bytes>, clock: &dyn Clock) -> Stored {
    Stored::new(value, clock.now(), HOUR)
}

/// Bytes that do not compress and are the same for the same number.
fn noise(n: u64, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

#[tokio::test]
async fn it_does_what_every_tier_must_do() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let tier = DiskTier::open(folder.path().join("made/if/need/be"), 1 << 20, clock.clone()).await.unwrap();
    conformance::run(&tier, &clock).await;
    let multi = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let threaded = multi.spawn(async move { conformance::run(&tier, &clock).await });
    threaded.await.unwrap();
    multi.shutdown_background();
}

#[tokio::test]
async fn what_was_put_is_there_when_it_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let text =
        entry("{\"role\":\"user\"}".repeat(500), &*clock).with_tags(vec![Tag::new("KO").unwrap()]).unwrap();
    let tier = DiskTier::open(folder.path(), 1 << 24, clock.clone()).await.unwrap();
    tier.put(&key("a"), text.clone()).await.unwrap();
    tier.put(&key("b"), entry("b", &*clock)).await.unwrap();
    drop(tier);
    let tier = DiskTier::open(folder.path(), 1 << 24, clock.clone()).await.unwrap();
    assert_eq!(tier.get(&key("a")).await.unwrap(), Some(text));
    assert_eq!(tier.stats().await.unwrap().entries, 2);
    assert_eq!(tier.remove(&Selector::Tag(Tag::new("KO").unwrap())).await.unwrap(), 1);
    assert_eq!(tier.get(&key("a")).await.unwrap(), None);
}

#[tokio::test]
async fn a_full_disk_and_a_file_that_must_not_be_written_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    std::fs::write(folder.path().join("file"), "not a folder").unwrap();
    for place in ["file", "file/below"] {
        let refused = DiskTier::open(folder.path().join(place), 1 << 24, clock.clone()).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Io, "{refused}");
    }
    std::fs::create_dir_all(folder.path().join("taken/entries-1.sqlite")).unwrap();
    let refused = DiskTier::open(folder.path().join("taken"), 1 << 24, clock.clone()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Io, "{refused}");

    let tier = DiskTier::open(folder.path().join("good"), 1 << 24, clock.clone()).await.unwrap();
    tier.put(&key("before"), entry("kept", &*clock)).await.unwrap();
    for pragma in ["PRAGMA max_page_count = 1", "PRAGMA query_only = ON"] {
        tier.queue.with_connection(|connection| {
            connection
                .query_one(pragma, [], |_| Ok(()))
                .or_else(|_| connection.execute_batch(pragma))
                .unwrap()
        });
        let refused = tier.put(&key("large"), entry(noise(1, 100_000), &*clock)).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Io, "{refused}");
        assert_eq!(tier.get(&key("large")).await.unwrap(), None, "nothing is half there");
        assert_eq!(tier.get(&key("before")).await.unwrap().unwrap().value(), "kept");
        tier.put(&key("large"), entry("small", &*clock)).await.expect("a new connection has no such limit");
        tier.remove(&Selector::Key(key("large"))).await.unwrap();
    }
}

#[tokio::test]
async fn who_is_gone_leaves_no_one_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let tier = Arc::new(DiskTier::open(folder.path(), 1 << 26, clock.clone()).await.unwrap());
    for round in 0..20 {
        let puts: Vec<_> = (0..50_u64)
            .map(|n| {
                let (tier, entry) = (Arc::clone(&tier), entry(noise(n, 20_000), &*clock));
                tokio::spawn(async move { tier.put(&key(&format!("{round}/{n}")), entry).await })
            })
            .collect();
        tokio::task::yield_now().await;
        for (n, put) in puts.into_iter().enumerate() {
            if n % 2 == 0 {
                put.abort();
            } else {
                put.await.unwrap().unwrap();
            }
        }
    }
    for (round, n) in (0..20).flat_map(|round| (0..50_u64).map(move |n| (round, n))) {
        let found = tier.get(&key(&format!("{round}/{n}"))).await.unwrap();
        assert!(
            found.as_ref().is_some_and(|found| *found.value() == noise(n, 20_000))
                || (n % 2 == 0 && found.is_none())
        );
    }
}
