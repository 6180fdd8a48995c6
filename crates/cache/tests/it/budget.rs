//! The memory tier's budget, held against what the allocator really gave out.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use assize_ambient::{FixedClock, Timestamp};
use assize_cache::{MemoryTier, Namespace, Stored, Tag, Tier};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

const LIMIT: u64 = 4 << 20;

/// Fills a tier three times over, reads everything that is left, and gives the bytes that it has from the allocator.
async fn bytes_of_a_full_tier(value_bytes: usize, n_tags: usize) -> (u64, u64) {
    let before = dhat::HeapStats::get().curr_bytes;
    let tier = MemoryTier::new(LIMIT, Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH)));
    let space = Namespace::new("budget", 1).expect("a good namespace");
    let n = 3 * usize::try_from(LIMIT).expect("it fits") / (value_bytes + 400 + n_tags * 200);
    for n in 0..n {
        let key = space.key(&format!("{n:032}")).expect("a good key");
        let tags = (0..n_tags).map(|tag| Tag::new(&format!("{n}/{tag}")).expect("a good tag")).collect();
        let entry = Stored::new(vec![b'v'; value_bytes], Timestamp::UNIX_EPOCH, Duration::from_secs(60));
        tier.put(&key, entry.with_tags(tags).expect("few tags")).await.expect("it fits");
    }
    // A value that was read once is shared and costs its counter from then on.
    for n in 0..n {
        let key = space.key(&format!("{n:032}")).expect("a good key");
        tier.get(&key).await.expect("memory answers");
    }
    let real = dhat::HeapStats::get().curr_bytes - before;
    let entries = tier.stats().await.expect("memory answers").entries;
    (u64::try_from(real).expect("it fits"), entries)
}

#[test]
fn the_allocator_gives_out_no_more_than_the_budget() {
    let _alone = crate::ALLOCATIONS.write().unwrap_or_else(PoisonError::into_inner);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(hold_the_budget());
}

async fn hold_the_budget() {
    let _profiler = dhat::Profiler::builder().testing().build();
    for (value_bytes, n_tags) in [(0, 0), (64, 0), (64, 1), (1024, 0), (4096, 0), (65_536, 2)] {
        let (real, entries) = bytes_of_a_full_tier(value_bytes, n_tags).await;
        let case = format!("{entries} entries of {value_bytes} bytes with {n_tags} tags take {real} bytes");
        assert!(real <= LIMIT, "{case}");
        assert!(real >= LIMIT / 2, "too much is set aside: {case}");
    }
}
