//! A server that is not there, is killed, hangs, comes back.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use assize_ambient::{Seed, SystemClock};
use assize_cache::{ErrorKind, Level, LevelStatistics, Origin, Policy, RedisTier, Selector, Tier, Tiered};

use super::proxy::Proxy;
use super::server::{Server, with_server};
use super::stored::{entry, key};

const HOUR: Duration = Duration::from_secs(3600);
const KEYS: u64 = 50;
/// A read and a write may take 50 ms each, and a busy machine adds to that; nobody waits for a server to come back.
const SLOWEST: Duration = Duration::from_secs(1);

/// The server's tier alone, with the times that it has in earnest: nothing hides it.
fn cache(server: &Server) -> Tiered {
    Tiered::new(vec![Level::shared(Arc::new(server.quick_tier()))], Arc::new(SystemClock), Seed::new(7))
}

/// Asks for one key after the other until it is told to stop. Gives how long the slowest answer took.
async fn ask(cache: Tiered, stop: Arc<AtomicBool>, n_asked: Arc<AtomicU64>) -> Duration {
    let policy = Policy::new(HOUR).with_early(0.0);
    let mut slowest = Duration::ZERO;
    for n in (0..KEYS).cycle() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let started = Instant::now();
        let compute = move || async move { Ok::<_, Infallible>(n * n) };
        let served = cache.get_or_compute(&key(&n.to_string()), &policy, compute).await;
        assert_eq!(served.expect("an outage is no error").value, n * n);
        slowest = slowest.max(started.elapsed());
        n_asked.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
    }
    slowest
}

/// Eight callers go on asking while `test` runs. Gives how many answers there were, and how long the slowest took.
async fn under_load(cache: &Tiered, test: impl Future<Output = ()>) -> (u64, Duration) {
    let (stop, n_asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let ask = || tokio::spawn(ask(cache.clone(), Arc::clone(&stop), Arc::clone(&n_asked)));
    let callers: Vec<_> = (0..8).map(|_| ask()).collect();
    test.await;
    stop.store(true, Ordering::Relaxed);
    let mut slowest = Duration::ZERO;
    for caller in callers {
        slowest = slowest.max(caller.await.expect("no caller fails"));
    }
    (n_asked.load(Ordering::Relaxed), slowest)
}

async fn level(cache: &Tiered) -> LevelStatistics {
    cache.statistics().await.levels.remove(0)
}

/// Waits until the tier serves again.
async fn hits_return(cache: &Tiered) {
    let before = level(cache).await.hits;
    let started = Instant::now();
    while level(cache).await.hits < before + 100 {
        assert!(started.elapsed() < Duration::from_secs(30), "hits do not return");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What an outage may cost: calls that wait for their time-out, however many callers there are. Five open the breaker,
/// which lets one look every two seconds; those that were under way by then wait as well.
fn assert_cheap(before: &LevelStatistics, after: &LevelStatistics) {
    let waited = after.timed_out + after.errors - before.timed_out - before.errors;
    assert!((5..=60).contains(&waited), "{waited} calls failed: {after:?}");
    assert!(after.skipped > before.skipped, "the others were spared: {after:?}");
}

#[test]
fn a_server_that_was_never_there_costs_little_and_is_used_once_it_is() {
    with_server(&[], async |mut server| {
        server.kill();
        let error = server.tier().get(&key("k")).await.expect_err("it is not there");
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        let cache = cache(&server);
        let (_, slowest) = under_load(&cache, async {
            let before = level(&cache).await;
            tokio::time::sleep(Duration::from_millis(500)).await;
            assert!(level(&cache).await.skipped > before.skipped, "it is left alone");
            server.restart();
            hits_return(&cache).await;
        })
        .await;
        assert!(slowest < SLOWEST, "{slowest:?}");
    });
}

#[test]
fn a_server_killed_under_load_is_no_error_and_its_hits_return() {
    with_server(&[], async |mut server| {
        let cache = cache(&server);
        let (n_answers, slowest) = under_load(&cache, async {
            hits_return(&cache).await;
            let before = level(&cache).await;
            server.kill();
            tokio::time::sleep(Duration::from_secs(3)).await;
            let after = level(&cache).await;
            assert!(!after.is_available, "{after:?}");
            assert_cheap(&before, &after);
            server.restart();
            hits_return(&cache).await;
        })
        .await;
        assert!(slowest < SLOWEST, "{n_answers} answers, the slowest after {slowest:?}");
    });
}

#[test]
fn a_server_that_hangs_under_load_is_no_error_and_its_hits_return() {
    with_server(&[], async |server| {
        let cache = cache(&server);
        let (n_answers, slowest) = under_load(&cache, async {
            hits_return(&cache).await;
            let before = level(&cache).await;
            server.hang();
            tokio::time::sleep(Duration::from_secs(5)).await;
            let after = level(&cache).await;
            assert_cheap(&before, &after);
            server.go_on();
            hits_return(&cache).await;
        })
        .await;
        assert!(slowest < SLOWEST, "{n_answers} answers, the slowest after {slowest:?}");
    });
}

#[test]
fn what_was_given_up_does_not_come_back_after_it_was_removed() {
    with_server(&[], async |server| {
        let proxy = Proxy::to(server.port());
        let tier = RedisTier::new(&proxy.url(), "test", Arc::new(SystemClock)).expect("a good address");
        let tier = tier.with_timeout(Duration::from_millis(500));
        tier.put(&key("k"), entry("old")).await.expect("it is stored");
        proxy.keep_back();
        let error = tier.put(&key("k"), entry("given up")).await.expect_err("it does not arrive");
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        let started = Instant::now();
        let found = loop {
            // Until the connection was silent for too long, and another took its place.
            if let Ok(found) = tier.get(&key("k")).await {
                break found;
            }
            assert!(started.elapsed() < Duration::from_secs(30), "the connection is replaced");
        };
        assert_eq!(found.expect("it is there").value(), "old");
        assert_eq!(tier.remove(&Selector::All).await.expect("it answers"), 1);
        proxy.pass_on();
        for _ in 0..20 {
            assert_eq!(tier.get(&key("k")).await.expect("it answers"), None, "what comes late is not done");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
}

#[test]
fn a_restarted_server_does_not_bring_back_what_was_removed() {
    with_server(&[], async |mut server| {
        let tier = server.tier();
        tier.put(&key("k"), entry("removed")).await.expect("it is stored");
        redis::cmd("SAVE").exec(&mut server.client()).expect("it answers");
        tier.remove(&Selector::All).await.expect("it answers");
        server.restart();
        let mut client = server.client();
        let kept: Vec<String> = redis::cmd("KEYS").arg("test:*:e:*").query(&mut client).expect("it answers");
        assert_eq!(kept.len(), 1, "the server itself has it again");
        let found = loop {
            // The old connection is noticed to be gone.
            if let Ok(found) = tier.get(&key("k")).await {
                break found;
            }
        };
        assert_eq!(found, None);
        let started = Instant::now();
        while redis::cmd("DBSIZE").query::<u64>(&mut client).expect("it answers") > 1 {
            assert!(started.elapsed() < Duration::from_secs(30), "what the former run left is swept");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tier.put(&key("k"), entry("new")).await.expect("it is stored");
        assert!(matches!(tier.get(&key("k")).await, Ok(Some(_))));
    });
}

#[test]
fn hits_come_from_the_server() {
    with_server(&[], async |server| {
        let level = Level::shared(server.tier()).with_deadline(Duration::from_secs(10));
        let cache = Tiered::new(vec![level], Arc::new(SystemClock), Seed::new(7));
        let policy = Policy::new(HOUR);
        let compute = || async { Ok::<_, Infallible>(144) };
        let first = cache.get_or_compute(&key("12"), &policy, compute).await.expect("it can't fail");
        let second = cache.get_or_compute(&key("12"), &policy, compute).await.expect("it can't fail");
        assert_eq!((first.from, second.from), (Origin::Computed, Origin::Tier(0)));
        assert_eq!(second.value, 144);
    });
}
