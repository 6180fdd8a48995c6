//! What one process stores, finds and removes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use assize_ambient::{Clock, SystemClock};
use assize_cache::conformance::ManualClock;
use assize_cache::{ErrorKind, Key, Namespace, RedisTier, Selector, Stored, Tag, Tier};

use futures_util::{StreamExt, stream};

use super::server::{Server, with_server};

const HOUR: Duration = Duration::from_secs(3600);

pub(super) fn key(text: &str) -> Key {
    Namespace::new("redis", 1).expect("a good namespace").key(text).expect("a good key")
}

pub(super) fn entry(value: impl Into<bytes::Bytes>) -> Stored {
    Stored::new(value, SystemClock.now(), HOUR)
}

#[test]
fn it_keeps_the_contract_of_tiers() {
    with_server(&[], async |server| {
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let tier = RedisTier::new(&server.url(), "test", clock.clone()).expect("a good address");
        let tier = tier.with_timeout(Duration::from_secs(10));
        assize_cache::conformance::run(&tier, &clock).await;
        // The server's run, and the generation of its entries.
        is_left(&server, 2).await;
    });
}

#[test]
fn what_others_keep_in_the_database_is_not_touched() {
    with_server(&[], async |server| {
        let mut client = server.client();
        redis::cmd("SET").arg("other").arg("theirs").exec(&mut client).expect("it answers");
        let clock = Arc::new(SystemClock);
        let other = RedisTier::new(&server.url(), "test2", clock).expect("a good address");
        let other = other.with_timeout(Duration::from_secs(10));
        other.put(&key("k"), entry("other")).await.expect("it is stored");
        let tier = server.tier();
        tier.put(&key("k"), entry("own")).await.expect("it is stored");
        assert_eq!(tier.remove(&Selector::All).await.expect("it answers"), 1);
        assert!(other.get(&key("k")).await.expect("it answers").is_some());
        let theirs: String = redis::cmd("GET").arg("other").query(&mut client).expect("it answers");
        assert_eq!(theirs, "theirs");
    });
}

#[test]
fn a_damaged_entry_is_reported_once() {
    with_server(&[], async |server| {
        let tier = server.tier();
        tier.put(&key("k"), entry("value")).await.expect("it is stored");
        let mut client = server.client();
        let names: Vec<String> =
            redis::cmd("KEYS").arg("test:*:e:redis:1:k").query(&mut client).expect("it answers");
        redis::cmd("SETRANGE").arg(&names[0]).arg(40).arg("X").exec(&mut client).expect("it answers");
        let error = tier.get(&key("k")).await.expect_err("it is damaged");
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        assert_eq!(tier.get(&key("k")).await.expect("it answers"), None, "it is gone");
        let stats = tier.stats().await.expect("it answers");
        assert_eq!((stats.entries, stats.bytes, stats.corrupt), (0, 0, 1));
    });
}

#[test]
fn more_entries_than_one_step_takes_are_removed() {
    with_server(&[], async |server| {
        let tier = server.tier();
        let tag = Tag::new("KO").expect("a good tag");
        let prefix = Namespace::new("redis", 1).expect("a good namespace").prefix("a/").expect("a prefix");
        for selector in [Selector::Tag(tag.clone()), Selector::Prefix(prefix), Selector::All] {
            for n in 0..1_234 {
                let tagged = entry("v").with_tags(vec![tag.clone()]).expect("one tag");
                tier.put(&key(&format!("a/{n}")), tagged).await.expect("it is stored");
            }
            tier.put(&key("b"), entry("v")).await.expect("it is stored");
            let all = u64::from(selector == Selector::All);
            assert_eq!(tier.remove(&selector).await.expect("it answers"), 1_234 + all);
            assert_eq!(tier.stats().await.expect("it answers").entries, 1 - all);
        }
    });
}

#[test]
fn everything_is_removed_at_once_and_the_server_gets_its_memory_back() {
    with_server(&[], async |server| {
        let (tier, other) = (server.tier(), server.tier());
        let tag = Tag::new("KO").expect("a good tag");
        let tagged = || entry("v").with_tags(vec![tag.clone()]).expect("one tag");
        for round in 0..3 {
            stream::iter(0..5_000)
                .for_each_concurrent(64, async |n| {
                    tier.put(&key(&n.to_string()), tagged()).await.expect("it is stored");
                })
                .await;
            assert!(other.get(&key("7")).await.expect("it answers").is_some());
            let asked = evaluations(&server);
            assert_eq!(tier.remove(&Selector::All).await.expect("it answers"), 5_000, "round {round}");
            assert_eq!(other.get(&key("7")).await.expect("it answers"), None);
            assert_eq!(tier.stats().await.expect("it answers").entries, 0);
            // What comes meanwhile is not swept with the rest, though it has the same key and tag.
            other.put(&key("7"), tagged()).await.expect("it is stored");
            // The generation, the run, the entry and the four parts of its index.
            is_left(&server, 7).await;
            assert!(evaluations(&server) - asked >= 20, "it was done in steps");
            assert!(tier.get(&key("7")).await.expect("it answers").is_some());
            assert_eq!(tier.remove(&Selector::Tag(tag.clone())).await.expect("it answers"), 1);
        }
    });
}

#[test]
fn what_who_removed_everything_did_not_sweep_another_does() {
    with_server(&[], async |server| {
        let tier = server.tier();
        for n in 0..1_000 {
            tier.put(&key(&n.to_string()), entry("v")).await.expect("it is stored");
        }
        let mut client = server.client();
        let run: String = redis::cmd("GET").arg("test:run").query(&mut client).expect("it answers");
        // As a process leaves it that ends between the two.
        redis::cmd("SADD").arg(format!("test:{run}:old")).arg(0).exec(&mut client).expect("it answers");
        redis::cmd("INCR").arg(format!("test:{run}:g")).exec(&mut client).expect("it answers");
        assert_eq!(tier.get(&key("7")).await.expect("it answers"), None);
        assert_eq!(server.tier().get(&key("7")).await.expect("it answers"), None);
        is_left(&server, 2).await;
    });
}

/// How many scripts the server ran.
fn evaluations(server: &Server) -> u64 {
    let all: String = redis::cmd("INFO").arg("commandstats").query(&mut server.client()).expect("it answers");
    let line = all.lines().find_map(|line| line.strip_prefix("cmdstat_evalsha:calls=")).unwrap_or("0,");
    line.split(',').next().expect("a number").parse().expect("a number")
}

/// Waits until the server has no more than so many names.
async fn is_left(server: &Server, n: usize) {
    let started = Instant::now();
    loop {
        let left: Vec<String> = redis::cmd("KEYS").arg("*").query(&mut server.client()).expect("it answers");
        if left.len() <= n {
            return;
        }
        assert!(
            started.elapsed() < Duration::from_secs(30),
            "{} names are left: {:?}",
            left.len(),
            &left[..left.len().min(9)]
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn what_expired_leaves_the_index_as_others_come() {
    with_server(&[], async |server| {
        let tier = server.tier();
        let tag = Tag::new("KO").expect("a good tag");
        for n in 0..10 {
            let short = Stored::new("v", SystemClock.now(), Duration::from_millis(50));
            let short = short.with_tags(vec![tag.clone()]).expect("one tag");
            tier.put(&key(&n.to_string()), short).await.expect("it is stored");
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        tier.put(&key("k"), entry("v")).await.expect("it is stored");
        assert_eq!(tier.stats().await.expect("it answers").entries, 1);
        let tags: Vec<String> =
            redis::cmd("KEYS").arg("test:*:t:*").query(&mut server.client()).expect("it answers");
        assert_eq!(tags, [""; 0], "the tag's set is gone with its entries");
    });
}

/// What the server uses, but for what its clients' questions and answers take while they are under way.
fn used_memory(client: &mut redis::Connection) -> u64 {
    let info: String = redis::cmd("INFO").arg("memory").query(client).expect("it answers");
    let field = |name: &str| -> u64 {
        let value = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        value.expect("it says so").parse().expect("a number")
    };
    field("used_memory") - field("mem_clients_normal")
}

#[test]
fn the_server_needs_no_more_than_the_limit() {
    with_server(&[], async |server| {
        let limit = 4 << 20;
        let mut client = server.client();
        for (value_bytes, n_tags) in [(0, 0), (64, 0), (64, 2), (1_000, 1), (20_000, 0), (100_000, 16)] {
            let tier = server.quick_tier().with_timeout(Duration::from_secs(10)).with_limit(limit);
            tier.remove(&Selector::All).await.expect("it answers");
            is_left(&server, 2).await;
            redis::cmd("MEMORY").arg("PURGE").exec(&mut client).expect("it answers");
            let before = used_memory(&mut client);
            let n = 2 * limit / (value_bytes + 600 + n_tags * 400);
            let puts = (0..n).map(async |n| {
                let tags = (0..n_tags).map(|tag| Tag::new(&format!("{n}/{tag}")).expect("a good tag"));
                let entry = entry(vec![b'v'; usize::try_from(value_bytes).expect("it fits")]);
                let entry = entry.with_tags(tags.collect()).expect("few tags");
                tier.put(&key(&format!("{n:032}")), entry).await.expect("it fits");
            });
            stream::iter(puts).buffer_unordered(16).collect::<()>().await;
            let mut used = used_memory(&mut client).saturating_sub(before);
            for _ in 0..100 {
                if used <= limit {
                    break;
                }
                // A thread of the server's own gives back what was evicted.
                tokio::time::sleep(Duration::from_millis(20)).await;
                used = used_memory(&mut client).saturating_sub(before);
            }
            let stats = tier.stats().await.expect("it answers");
            let case = format!("{value_bytes} bytes, {n_tags} tags: {used} bytes are used for {stats:?}");
            assert!(stats.bytes <= limit && stats.evictions > 0, "{case}");
            assert!(used <= limit, "{case}");
            assert!(used >= limit / 2, "too much is set aside: {case}");
        }
    });
}

#[test]
fn an_entry_that_is_too_large_is_refused_and_what_it_replaces_is_gone() {
    with_server(&[], async |server| {
        let tier = server.quick_tier().with_timeout(Duration::from_secs(10)).with_largest_entry(10_000);
        tier.put(&key("k"), entry("old")).await.expect("it is stored");
        let error = tier.put(&key("k"), entry(vec![0; 10_000])).await.expect_err("it is too large");
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert_eq!(tier.get(&key("k")).await.expect("it answers"), None);
    });
}

#[test]
fn a_full_server_refuses_and_can_still_be_read() {
    with_server(&["--maxmemory-policy", "noeviction"], async |server| {
        let tier = server.tier();
        tier.put(&key("k"), entry("kept")).await.expect("it is stored");
        let mut client = server.client();
        redis::cmd("CONFIG").arg("SET").arg("maxmemory").arg(1).exec(&mut client).expect("it answers");
        let error = tier.put(&key("new"), entry("v")).await.expect_err("it is full");
        assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
        assert!(tier.get(&key("k")).await.expect("it answers").is_some());
        assert_eq!(tier.remove(&Selector::All).await.expect("it answers"), 1);
    });
}

#[test]
fn a_server_that_may_lose_the_index_is_not_used() {
    with_server(&["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"], async |server| {
        let error = server.tier().get(&key("k")).await.expect_err("it is unfit");
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.to_string().contains("maxmemory-policy"), "{error}");
    });
}

#[test]
fn the_password_is_used_and_never_shown() {
    with_server(&["--requirepass", "hunter2"], async |server| {
        let with = |user: &str| {
            let url = server.url().replace("//", &format!("//{user}@"));
            let tier = RedisTier::new(&url, "test", Arc::new(SystemClock)).expect("a good address");
            tier.with_timeout(Duration::from_secs(10))
        };
        let tier = with(":hunter2");
        tier.put(&key("k"), entry("v")).await.expect("it is stored");
        let lease = tier.lease(&key("k"), HOUR).await.expect("it answers").expect("it is free");
        let wrong = with(":wr0ng").get(&key("k")).await.expect_err("the password is wrong");
        let none = server.tier().get(&key("k")).await.expect_err("there is no password");
        let shown = format!("{tier:?} {lease:?} {wrong:?} {wrong} {none:?}");
        assert!(
            shown.contains("127.0.0.1") && !shown.contains("hunter2") && !shown.contains("wr0ng"),
            "{shown}"
        );
        assert_eq!(wrong.kind(), ErrorKind::Unavailable);
        assert!(wrong.to_string().contains("password"), "{wrong}");
    });
}

#[test]
fn addresses_that_can_not_be_are_refused_without_being_shown() {
    for url in ["", "localhost", "http://:hunter2@localhost", "redis://:hunter2@:x", "rediss://:hunter2@h"] {
        let error = RedisTier::new(url, "test", Arc::new(SystemClock)).expect_err("a bad address");
        assert_eq!(error.kind(), ErrorKind::BadSettings, "{url}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
    let error = RedisTier::new("redis://localhost", "A:b", Arc::new(SystemClock)).expect_err("a bad name");
    assert_eq!(error.kind(), ErrorKind::BadSettings);
}
