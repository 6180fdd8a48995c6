//! What overtakes what: tiers that take their time, and answers that come late.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use super::*;

const MS: Duration = Duration::from_millis(1);

/// A tier in memory that takes its time: before it writes, after it has read, before it removes.
#[derive(Debug)]
struct Slow {
    inner: MemoryTier,
    /// For each write in turn; none beyond them.
    writes: Mutex<VecDeque<Duration>>,
    reads: Mutex<Duration>,
    removals: Duration,
}

#[async_trait]
impl Tier for Slow {
    async fn get(&self, key: &Key) -> Result<Option<Stored>, Error> {
        let takes = *self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        let found = self.inner.get(key).await;
        sleep(takes).await;
        found
    }

    async fn put(&self, key: &Key, entry: Stored) -> Result<(), Error> {
        let takes = self.writes.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        sleep(takes.unwrap_or_default()).await;
        self.inner.put(key, entry).await
    }

    async fn remove(&self, selector: &Selector) -> Result<u64, Error> {
        sleep(self.removals).await;
        self.inner.remove(selector).await
    }

    async fn stats(&self) -> Result<TierStats, Error> {
        self.inner.stats().await
    }
}

fn slow(clock: &Arc<VirtualClock>) -> Arc<Slow> {
    Arc::new(Slow {
        inner: MemoryTier::new(1 << 20, clock.clone()),
        writes: Mutex::default(),
        reads: Mutex::default(),
        removals: 2 * MS,
    })
}

/// Two slow tiers.
struct Pair {
    cache: Tiered,
    first: Arc<Slow>,
    second: Arc<Slow>,
}

impl Pair {
    fn new() -> Self {
        let clock = Arc::new(VirtualClock::starting_at("2024-01-01T00:00:00Z".parse().unwrap()));
        let (first, second) = (slow(&clock), slow(&clock));
        let levels = vec![Level::shared(first.clone()), Level::disk(second.clone())];
        Self { cache: Tiered::new(levels, clock, Seed::new(1)), first, second }
    }

    async fn insert(&self, tagged: &str, value: u32) {
        let policy = plain().with_tags(vec![tag(tagged)]).unwrap();
        self.cache.insert(&key("k"), &policy, &value).await.unwrap();
    }

    async fn value(&self) -> Option<u32> {
        self.cache.get::<u32>(&key("k"), &plain()).await.map(|served| served.value)
    }

    async fn settle(&self) {
        assert_eq!(self.cache.flush(60 * SECOND).await, 0);
    }

    async fn forget_first(&self) {
        self.first.inner.remove(&Selector::All).await.unwrap();
    }
}

fn takes(tier: &Slow, writes: impl IntoIterator<Item = u32>) {
    tier.writes.lock().unwrap().extend(writes.into_iter().map(|ms| ms * MS));
}

fn answers_after(tier: &Slow, time: Duration) {
    *tier.reads.lock().unwrap() = time;
}

#[tokio::test(start_paused = true)]
async fn what_is_computed_does_not_reach_the_first_tier_after_what_was_inserted() {
    let pair = Pair::new();
    takes(&pair.first, [30, 1]);
    let (k, policy) = (key("k"), plain());
    let compute = || async { Ok::<u32, Refused>(1) };
    let (computed, ()) = tokio::join!(pair.cache.get_or_compute(&k, &policy, compute), async {
        sleep(5 * MS).await;
        pair.insert("t", 77).await;
        assert_eq!(pair.value().await, Some(77));
    });
    assert_eq!(computed.unwrap().value, 1);
    assert_eq!(pair.value().await, Some(77));
}

#[tokio::test(start_paused = true)]
async fn who_inserts_waits_no_longer_than_the_deadline_for_others_and_then_for_the_tier() {
    let pair = Pair::new();
    takes(&pair.first, [1000; 20]);
    let started = tokio::time::Instant::now();
    future::join_all((0..20).map(|n| pair.insert("t", n))).await;
    assert!(started.elapsed() <= 100 * MS, "{:?}", started.elapsed());
    pair.settle().await;
    sleep(3 * SECOND).await;
    let left = pair.value().await;
    assert!(left.is_some(), "the second has it");
    sleep(SECOND).await;
    assert_eq!(pair.cache.statistics().await.levels[0].pending_removals, 0);
    assert_eq!(pair.value().await, left);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_after_a_removal_is_not_carried_up() {
    let pair = Pair::new();
    pair.insert("t", 1).await;
    pair.settle().await;
    pair.forget_first().await;
    answers_after(&pair.second, 10 * MS);
    let selector = Selector::Key(key("k"));
    tokio::join!(pair.cache.invalidate(&selector), async {
        sleep(MS).await;
        pair.value().await;
    });
    assert_eq!(pair.value().await, None);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_after_a_removal_that_was_owed_is_not_carried_up() {
    let pair = Pair::new();
    pair.insert("t", 1).await;
    pair.settle().await;
    pair.forget_first().await;
    let id = pair.cache.0.levels[1].owe(Selector::Tag(tag("t")));
    answers_after(&pair.second, 10 * MS);
    tokio::join!(pair.value(), async {
        sleep(MS).await;
        pair.cache.0.levels[1].remove(&Selector::Tag(tag("t")), id).await.unwrap();
    });
    assert_eq!(pair.value().await, None);
}

#[tokio::test(start_paused = true)]
async fn what_is_found_below_while_an_insertion_is_under_way_is_not_carried_up() {
    let pair = Pair::new();
    pair.insert("t", 1).await;
    pair.settle().await;
    pair.forget_first().await;
    takes(&pair.first, [10, 20]);
    tokio::join!(pair.insert("t", 77), async {
        sleep(MS).await;
        pair.value().await;
    });
    pair.settle().await;
    assert_eq!(pair.value().await, Some(77));
    pair.forget_first().await;
    assert_eq!(pair.value().await, Some(77));
}

/// The first value has one tag, the second another, by which it is removed before it is written everywhere.
#[tokio::test(start_paused = true)]
async fn what_was_superseded_stays_away_though_its_successor_is_removed_by_tag() {
    for (wait, writes) in [(0, [20, 20]), (1, [20, 20]), (10, [0, 20]), (25, [20, 20]), (60, [20, 20])] {
        let pair = Pair::new();
        pair.insert("a", 1).await;
        pair.settle().await;
        takes(&pair.first, writes);
        takes(&pair.second, [40]);
        let selector = Selector::Tag(tag("b"));
        tokio::join!(pair.insert("b", 2), async {
            sleep(wait * MS).await;
            pair.cache.invalidate(&selector).await;
            assert_eq!(pair.value().await, None, "after {wait} ms");
        });
        pair.settle().await;
        assert_eq!(pair.value().await, None, "after {wait} ms");
        pair.insert("a", 3).await;
        pair.settle().await;
        pair.forget_first().await;
        assert_eq!(pair.value().await, Some(3), "after {wait} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_superseded_stays_away_though_its_successor_waits_behind_another() {
    let pair = Pair::new();
    pair.insert("a", 1).await;
    pair.settle().await;
    takes(&pair.second, [40]);
    pair.insert("a", 2).await;
    sleep(MS).await;
    // Waits behind the one before, whose tag it does not have.
    pair.insert("b", 3).await;
    pair.cache.invalidate(&Selector::Tag(tag("b"))).await;
    assert_eq!(pair.value().await, None);
    pair.settle().await;
    assert_eq!(pair.value().await, None);
    assert_eq!(pair.second.inner.stats().await.unwrap().entries, 0);
}

#[tokio::test(start_paused = true)]
async fn what_was_superseded_stays_away_though_something_may_have_been_missed() {
    let pair = Pair::new();
    pair.insert("a", 1).await;
    pair.settle().await;
    takes(&pair.second, [40]);
    pair.insert("a", 2).await;
    sleep(MS).await;
    pair.insert("a", 3).await;
    pair.cache.heed(1, &Notice::MayHaveMissed).await;
    assert_eq!(pair.value().await, None);
    pair.settle().await;
    assert_eq!(pair.value().await, None);
}

/// Who asks has a policy without the tag by which the entry is removed that another is about to find.
#[tokio::test(start_paused = true)]
async fn who_asks_after_a_removal_by_tag_does_not_join_who_looked_before() {
    let pair = Pair::new();
    let (k, policy) = (key("k"), plain());
    pair.insert("t", 1).await;
    pair.settle().await;
    pair.forget_first().await;
    answers_after(&pair.second, 30 * MS);
    let compute = || async { Ok::<u32, Refused>(2) };
    let ask = || async { pair.cache.get_or_compute(&k, &policy, compute).await.unwrap().value };
    let (before, after) = tokio::join!(ask(), async {
        sleep(MS).await;
        pair.cache.invalidate(&Selector::Tag(tag("t"))).await;
        ask().await
    });
    assert_eq!((before, after), (1, 2));
    assert_eq!(ask().await, 2);
}

/// The same where it is the one who is to compute that finds it.
#[tokio::test(start_paused = true)]
async fn who_asks_after_a_removal_by_tag_does_not_join_who_found_instead_of_computing() {
    let pair = Pair::new();
    let (k, policy) = (key("k"), plain());
    answers_after(&pair.first, 30 * MS);
    answers_after(&pair.second, 10 * MS);
    let compute = || async { Ok::<u32, Refused>(2) };
    let ask = || async { pair.cache.get_or_compute(&k, &policy, compute).await.unwrap().value };
    // Looks at the first for itself until 30 ms, at both on its flight until 70 ms, and before it would compute once more
    // at the first until 100 ms.
    let (before, after) = tokio::join!(ask(), async {
        sleep(65 * MS).await;
        pair.insert("t", 1).await;
        sleep(15 * MS).await;
        pair.cache.invalidate(&Selector::Tag(tag("t"))).await;
        answers_after(&pair.first, Duration::ZERO);
        answers_after(&pair.second, Duration::ZERO);
        ask().await
    });
    assert_eq!((before, after), (1, 2));
    assert_eq!(ask().await, 2);
}

#[tokio::test(start_paused = true)]
async fn who_asks_when_it_has_expired_does_not_get_what_another_found_before() {
    let pair = Pair::new();
    let (k, policy) = (key("k"), plain());
    pair.insert("t", 1).await;
    pair.settle().await;
    pair.forget_first().await;
    answers_after(&pair.second, 30 * MS);
    takes(&pair.first, [40]);
    let compute = || async { Ok::<u32, Refused>(2) };
    let ask = || async { pair.cache.get_or_compute(&k, &policy, compute).await.unwrap().value };
    // Fresh for a minute: found when 5 ms of it are left, and carried up until 35 ms after it.
    sleep(60 * SECOND - 35 * MS).await;
    let (before, after) = tokio::join!(ask(), async {
        sleep(40 * MS).await;
        ask().await
    });
    assert_eq!((before, after), (1, 2));
}

/// Threads that look while another inserts and invalidates: whatever they carry up must not outlive it.
#[test]
fn nothing_old_is_carried_up_by_other_threads() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(3).enable_time().build().unwrap();
    let clock = Arc::new(assize_ambient::FixedClock::new("2024-01-01T00:00:00Z".parse().unwrap()));
    let tiers = [(); 2].map(|()| Arc::new(MemoryTier::new(1 << 20, clock.clone())));
    let levels = vec![Level::memory(tiers[0].clone()), Level::shared(tiers[1].clone())];
    let levels = levels.into_iter().map(|level| level.with_deadline(60 * SECOND)).collect();
    let cache = Tiered::new(levels, clock, Seed::new(1));
    runtime.block_on(async move {
        let stop = Arc::new(AtomicU8::new(0));
        let readers: Vec<_> = (0..2)
            .map(|_| {
                let (cache, stop) = (cache.clone(), Arc::clone(&stop));
                tokio::spawn(async move {
                    while stop.load(Ordering::Relaxed) == 0 {
                        cache.get::<u32>(&key("k"), &plain()).await;
                        tokio::task::yield_now().await;
                    }
                })
            })
            .collect();
        let writer = cache.clone();
        let writer = tokio::spawn(async move {
            for n in 0..20_000_u32 {
                writer.insert(&key("k"), &plain(), &n).await.unwrap();
                let found = writer.get::<u32>(&key("k"), &plain()).await.map(|served| served.value);
                assert_eq!(found, Some(n), "the insertion before");
                // What is below is found, and carried up.
                tiers[0].remove(&Selector::All).await.unwrap();
                tokio::task::yield_now().await;
                if n % 2 == 0 {
                    writer.invalidate(&Selector::Key(key("k"))).await;
                    for _ in 0..2 {
                        let found = writer.get::<u32>(&key("k"), &plain()).await;
                        assert!(found.is_none(), "{found:?} after {n} was removed");
                        tokio::task::yield_now().await;
                    }
                }
            }
        });
        writer.await.unwrap();
        stop.store(1, Ordering::Relaxed);
        for reader in readers {
            reader.await.unwrap();
        }
    });
}
