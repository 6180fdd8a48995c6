//! What several processes do to each other on one server.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use assize_ambient::{Seed, SystemClock};
use assize_cache::{
    Leases, Level, MemoryTier, Namespace, Notice, Notices, Origin, Policy, RedisTier, Selector, Tag, Tier,
    Tiered,
};

use super::server::{Server, with_server};
use super::stored::{entry, key};

const HOUR: Duration = Duration::from_secs(3600);

/// What a process has: a cache in memory above the server's.
async fn process(tier: &Arc<RedisTier>) -> Tiered {
    let clock = Arc::new(SystemClock);
    let memory = Arc::new(MemoryTier::new(1 << 20, clock.clone()));
    let levels = vec![
        Level::memory(memory).with_deadline(Duration::from_secs(10)),
        Level::shared(Arc::clone(tier) as Arc<dyn Tier>).with_deadline(Duration::from_secs(10)),
    ];
    let cache = Tiered::new(levels, clock, Seed::new(7));
    let (tier, follower, mut notices) = (Arc::clone(tier), cache.clone(), tier.notices());
    tokio::spawn(async move { tier.keep_in_step(&follower, 1).await });
    assert_eq!(next(&mut notices).await, Notice::MayHaveMissed, "it was deaf until it was connected");
    // Who follows took the same notice, and empties what is near: what is stored before it has is lost.
    tokio::time::sleep(Duration::from_millis(100)).await;
    cache
}

async fn next(notices: &mut Notices) -> Notice {
    tokio::time::timeout(Duration::from_secs(30), notices.next()).await.expect("a notice comes")
}

async fn value(cache: &Tiered, computed: u32) -> (u32, Origin) {
    let compute = move || async move { Ok::<_, Infallible>(computed) };
    let tag = Tag::new("KO").expect("a good tag");
    let policy = Policy::new(HOUR).with_jitter(0.0).with_early(0.0).with_tags(vec![tag]).expect("one tag");
    let served = cache.get_or_compute(&key("k"), &policy, compute).await.expect("it can't fail");
    (served.value, served.from)
}

/// Waits until nothing more comes of what was done: a notice sent now is the last.
async fn settle(server: &Server, tier: &RedisTier, cache: &Tiered) {
    assert_eq!(cache.flush(Duration::from_secs(30)).await, 0);
    let mut notices = tier.notices();
    let last = Selector::Key(key("last"));
    server.tier().remove(&last).await.expect("it answers");
    while next(&mut notices).await != Notice::Removed(last.clone()) {}
    // Who follows took the same notice; what it does then takes no time.
    tokio::time::sleep(Duration::from_millis(100)).await;
}

#[test]
fn what_one_removes_or_replaces_the_others_forget() {
    with_server(&[], async |server| {
        let (one, two) = (server.tier(), server.tier());
        let (a, b) = (process(&one).await, process(&two).await);
        let space = Namespace::new("redis", 1).expect("a good namespace");
        let selectors = [
            Selector::Key(key("k")),
            Selector::Tag(Tag::new("KO").expect("a good tag")),
            Selector::Prefix(space.prefix("k").expect("a prefix")),
            Selector::All,
        ];
        for (n, selector) in (1..).zip(selectors) {
            assert_eq!(value(&a, n).await, (n, Origin::Computed));
            settle(&server, &two, &a).await;
            assert_eq!(value(&b, 99).await, (n, Origin::Tier(1)), "the other's value is shared");
            assert_eq!(value(&b, 99).await, (n, Origin::Tier(0)), "and kept near");
            a.invalidate(&selector).await;
            settle(&server, &two, &a).await;
            assert_eq!(value(&b, n + 1).await, (n + 1, Origin::Computed), "{selector:?}");
            settle(&server, &one, &b).await;
            assert_eq!(value(&a, 99).await, (n + 1, Origin::Tier(1)));
            // Replaced, not removed.
            let policy = Policy::new(HOUR);
            b.insert(&key("k"), &policy, &(n + 10)).await.expect("it can be stored");
            settle(&server, &one, &b).await;
            assert_eq!(value(&b, 99).await, (n + 10, Origin::Tier(0)), "its own news are no news to it");
            assert_eq!(value(&a, 99).await, (n + 10, Origin::Tier(1)));
            a.invalidate(&Selector::All).await;
            settle(&server, &two, &a).await;
        }
    });
}

#[test]
fn who_was_cut_off_forgets_what_is_near() {
    with_server(&[], async |server| {
        let tier = server.tier();
        let cache = process(&tier).await;
        assert_eq!(value(&cache, 1).await, (1, Origin::Computed));
        settle(&server, &tier, &cache).await;
        assert_eq!(value(&cache, 2).await, (1, Origin::Tier(0)));
        let mut notices = tier.notices();
        let mut client = server.client();
        redis::cmd("CLIENT").arg("KILL").arg("SKIPME").arg("yes").exec(&mut client).expect("it answers");
        assert_eq!(next(&mut notices).await, Notice::MayHaveMissed, "it connects again by itself");
        settle(&server, &tier, &cache).await;
        assert_eq!(value(&cache, 2).await, (1, Origin::Tier(1)), "what is shared is still there");
    });
}

#[test]
fn nonsense_from_others_empties_what_is_near_and_harms_nothing() {
    with_server(&[], async |server| {
        let tier = server.tier();
        tier.get(&key("k")).await.expect("it answers");
        let mut notices = tier.notices();
        let mut client = server.client();
        for message in [&b""[..], b"\xff\x00", b"1\x01Zebra"] {
            redis::cmd("PUBLISH").arg("test:notices:0").arg(message).exec(&mut client).expect("it answers");
            assert_eq!(next(&mut notices).await, Notice::MayHaveMissed, "{message:?}");
        }
        tier.put(&key("k"), entry("v")).await.expect("it is stored");
    });
}

#[test]
fn a_lease_is_given_to_one_at_a_time() {
    with_server(&[], async |server| {
        let (one, two) = (server.tier(), server.tier());
        let lease = one.lease(&key("k"), HOUR).await.expect("it answers").expect("it is free");
        assert!(two.lease(&key("k"), HOUR).await.expect("it answers").is_none());
        assert!(one.lease(&key("k"), HOUR).await.expect("it answers").is_none(), "not even to the same");
        let other = two.lease(&key("other"), HOUR).await.expect("it answers");
        assert!(other.is_some(), "another key is free");
        assert!(lease.release().await.expect("it answers"));
        let short = two.lease(&key("k"), Duration::from_millis(50)).await.expect("it answers");
        let short = short.expect("it is free again");
        tokio::time::sleep(Duration::from_millis(200)).await;
        let next = one.lease(&key("k"), HOUR).await.expect("it answers").expect("its time was over");
        assert!(!short.release().await.expect("it answers"), "it is another's by now");
        assert!(two.lease(&key("k"), HOUR).await.expect("it answers").is_none());
        assert!(next.release().await.expect("it answers"));
    });
}

/// A process that computes only what no other computes.
fn sharing_process(tier: &Arc<RedisTier>, lease: Duration) -> Tiered {
    let clock = Arc::new(SystemClock);
    let memory = Arc::new(MemoryTier::new(1 << 20, clock.clone()));
    let shared = Level::shared(Arc::clone(tier) as Arc<dyn Tier>).with_deadline(Duration::from_secs(10));
    let shared = shared.sharing_computations(Arc::clone(tier) as Arc<dyn Leases>, lease);
    let memory = Level::memory(memory).with_deadline(Duration::from_secs(10));
    Tiered::new(vec![memory, shared], clock, Seed::new(7))
}

async fn count(cache: &Tiered, text: &str, computed: &Arc<AtomicU32>, takes: Duration) -> u32 {
    let computed = Arc::clone(computed);
    let compute = move || async move {
        let n = computed.fetch_add(1, Ordering::SeqCst) + 1;
        tokio::time::sleep(takes).await;
        Ok::<_, Infallible>(n)
    };
    let policy = Policy::new(HOUR).with_early(0.0);
    cache.get_or_compute(&key(text), &policy, compute).await.expect("it can't fail").value
}

#[test]
fn of_many_processes_one_computes() {
    with_server(&[], async |server| {
        let processes: Vec<_> = (0..8).map(|_| sharing_process(&server.tier(), HOUR)).collect();
        let takes = Duration::from_millis(100);
        for round in 0..5 {
            let computed = Arc::new(AtomicU32::new(0));
            let text = round.to_string();
            let asks: Vec<_> = processes
                .iter()
                .flat_map(|process| [process.clone(), process.clone()])
                .map(|process| {
                    let (text, computed) = (text.clone(), Arc::clone(&computed));
                    tokio::spawn(async move { count(&process, &text, &computed, takes).await })
                })
                .collect();
            for ask in asks {
                assert_eq!(ask.await.expect("nobody panics"), 1);
            }
            assert_eq!(computed.load(Ordering::SeqCst), 1, "round {round}");
        }
    });
}

#[test]
fn nobody_waits_longer_than_a_lease_for_who_died_nor_for_a_server_that_did() {
    with_server(&[], async |mut server| {
        let (tier, lease) = (server.tier(), Duration::from_millis(500));
        let cache = sharing_process(&tier, lease);
        let computed = Arc::new(AtomicU32::new(0));
        // Taken by one who died with it: it lasts longer than anybody waits.
        let died = server.tier().lease(&key("k"), HOUR).await.expect("it answers").expect("it is free");
        drop(died);
        let started = Instant::now();
        assert_eq!(count(&cache, "k", &computed, Duration::ZERO).await, 1);
        assert!(started.elapsed() >= lease, "{:?}", started.elapsed());
        let short = server.tier().lease(&key("short"), Duration::from_millis(50)).await.expect("it answers");
        assert!(short.is_some(), "it is free");
        assert_eq!(count(&cache, "short", &computed, Duration::ZERO).await, 2, "its time was over");
        server.kill();
        assert_eq!(count(&cache, "other", &computed, Duration::ZERO).await, 3, "everybody computes");
    });
}
