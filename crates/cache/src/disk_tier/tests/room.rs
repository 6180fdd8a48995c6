//! The budget of bytes.

use std::path::Path;

use super::*;

const LIMIT: u64 = 4 << 20;

/// What the folder really takes.
fn bytes_in(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap());
    // The index of the log lies in memory that processes share.
    files
        .filter(|file| !file.file_name().to_string_lossy().ends_with("-shm"))
        .map(|file| file.metadata().unwrap().len())
        .sum()
}

#[tokio::test]
async fn the_files_are_never_larger_than_the_limit() {
    for length in [10, 1500, 9000, 250_000] {
        let folder = tempfile::tempdir().unwrap();
        let clock = clock();
        let tier = DiskTier::open(folder.path(), LIMIT, clock.clone()).await.unwrap();
        let n = 3 * LIMIT / (length as u64 + 400);
        let mut most = 0;
        // Some at a time, so that they share transactions.
        for first in (0..n).step_by(100) {
            let puts = (first..n.min(first + 100)).map(|n| {
                let (key, entry) = (key(&n.to_string()), entry(noise(n, length), &*clock));
                let tier = &tier;
                async move { tier.put(&key, entry).await }
            });
            futures_util::future::try_join_all(puts).await.unwrap();
            most = most.max(bytes_in(folder.path()));
        }
        assert!(most <= LIMIT, "{most} bytes with values of {length}");
        // Who waits for a write is told before what it evicted is counted.
        while tier.queue.is_busy() {
            tokio::task::yield_now().await;
        }
        let stats = tier.stats().await.unwrap();
        assert!(stats.bytes <= LIMIT && stats.bytes > LIMIT / 2, "{stats:?} with values of {length}");
        assert_eq!(stats.entries + stats.evictions, n, "each is there or was let go");
        let last = key(&(n - 1).to_string());
        assert_eq!(tier.get(&last).await.unwrap().unwrap().value(), &noise(n - 1, length));
    }
}

#[tokio::test]
async fn what_is_read_stays() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let tier = DiskTier::open(folder.path(), LIMIT, clock.clone()).await.unwrap();
    tier.put(&key("read"), entry("read", &*clock)).await.unwrap();
    tier.put(&key("unread"), entry("unread", &*clock)).await.unwrap();
    for n in 0..1000 {
        clock.advance(Duration::from_secs(1));
        tier.put(&key(&n.to_string()), entry(noise(n, 9000), &*clock)).await.unwrap();
        assert!(tier.get(&key("read")).await.unwrap().is_some(), "after {n} others");
    }
    assert_eq!(tier.get(&key("unread")).await.unwrap(), None);
}

#[tokio::test]
async fn readings_are_written_without_any_write() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let tier = DiskTier::open(folder.path(), LIMIT, clock.clone()).await.unwrap();
    tier.put(&key("a"), entry("a", &*clock)).await.unwrap();
    let put_at = clock.now().as_microsecond();
    for _ in 0..2 {
        clock.advance(Duration::from_secs(61));
        tier.get(&key("a")).await.unwrap();
    }
    let expected = clock.now().as_microsecond();
    // The thread that writes holds its connection until it is done.
    let read_at = || {
        tier.queue.with_connection(|connection| {
            connection.query_one("SELECT read_at FROM entries", [], |row| row.get::<_, i64>(0)).unwrap()
        })
    };
    while tier.queue.is_busy() {
        tokio::task::yield_now().await;
    }
    assert_eq!(read_at(), expected);
    assert!(expected > put_at);
}

#[test]
fn readings_are_written_when_the_tier_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let open = || runtime.block_on(DiskTier::open(folder.path(), LIMIT, clock.clone())).unwrap();
    let tier = open();
    runtime.block_on(tier.put(&key("a"), entry("a", &*clock))).unwrap();
    clock.advance(Duration::from_secs(1));
    runtime.block_on(tier.get(&key("a"))).unwrap();
    drop(tier);
    assert!(!folder.path().join("entries-1.sqlite-wal").exists(), "the last to close leaves one file");
    let read_at = open().queue.with_connection(|connection| {
        connection.query_one("SELECT read_at FROM entries", [], |row| row.get::<_, i64>(0)).unwrap()
    });
    assert_eq!(read_at, clock.now().as_microsecond());
}

#[tokio::test]
async fn an_entry_that_is_too_large_removes_what_it_would_have_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let tier = DiskTier::open(folder.path(), LIMIT, clock.clone()).await.unwrap();
    let largest = usize::try_from(tier.largest_entry()).unwrap();
    for length in [largest, largest + 1] {
        tier.put(&key("a"), entry("a", &*clock)).await.unwrap();
        let refused = tier.put(&key("a"), entry(vec![b'a'; length], &*clock)).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::TooLarge);
        assert_eq!(tier.get(&key("a")).await.unwrap(), None);
        assert_eq!(tier.stats().await.unwrap().entries, 0);
    }
    let fits = entry(vec![b'a'; largest - 100], &*clock);
    tier.put(&key("a"), fits.clone()).await.unwrap();
    assert_eq!(tier.get(&key("a")).await.unwrap(), Some(fits));
}

#[tokio::test]
async fn space_is_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let tier = DiskTier::open(folder.path(), 64 << 20, clock.clone()).await.unwrap();
    for n in 0..400 {
        tier.put(&key(&format!("big/{n}")), entry(noise(n, 50_000), &*clock)).await.unwrap();
    }
    tier.put(&key("small"), entry("small", &*clock)).await.unwrap();
    let before = bytes_in(folder.path());
    assert!(before > 20_000_000, "{before}");
    let prefix = Namespace::new("disk", 1).unwrap().prefix("big/").unwrap();
    assert_eq!(tier.remove(&Selector::Prefix(prefix)).await.unwrap(), 400);
    while tier.queue.is_busy() {
        tokio::task::yield_now().await;
    }
    let after = bytes_in(folder.path());
    assert!(after < before / 8, "{before} bytes before, {after} after");
    assert_eq!(tier.get(&key("small")).await.unwrap().unwrap().value(), "small");
}

#[tokio::test]
async fn a_smaller_limit_is_met_when_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let tier = DiskTier::open(folder.path(), 64 << 20, clock.clone()).await.unwrap();
    for n in 0..4000 {
        clock.advance(Duration::from_millis(1));
        tier.put(&key(&n.to_string()), entry(noise(n, 5_000), &*clock)).await.unwrap();
    }
    drop(tier);
    let tier = DiskTier::open(folder.path(), LIMIT, clock.clone()).await.unwrap();
    // Who waits for a write is told before what it evicted is counted.
    while tier.queue.is_busy() {
        tokio::task::yield_now().await;
    }
    let stats = tier.stats().await.unwrap();
    assert!(
        stats.bytes <= LIMIT && stats.entries > 100 && stats.evictions == 4000 - stats.entries,
        "{stats:?}"
    );
    assert!(tier.get(&key("3999")).await.unwrap().is_some());
    assert!(tier.get(&key("0")).await.unwrap().is_none());
}
