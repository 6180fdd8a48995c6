//! Tiers that are slow, away or full; promotion and writing behind.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_value_is_carried_up() {
    let house = House::new();
    house.ask(&key("k"), &plain(), SECOND).await.unwrap();
    house.settle().await;
    house.forget_first().await;
    house.second.inner.remove(&Selector::All).await.unwrap();
    assert_eq!(house.ask(&key("k"), &plain(), SECOND).await.unwrap().from, Origin::Tier(2));
    assert_eq!(house.ask(&key("k"), &plain(), SECOND).await.unwrap().from, Origin::Tier(0));
    house.settle().await;
    house.forget_first().await;
    assert_eq!(house.ask(&key("k"), &plain(), SECOND).await.unwrap().from, Origin::Tier(1));
    assert_eq!(house.computed(), 1);
}

#[tokio::test(start_paused = true)]
async fn each_level_keeps_it_for_its_own_time() {
    let (house, policy) = (House::new(), Policy::new(48 * 3600 * SECOND).with_jitter(0.0).with_early(0.0));
    house.ask(&key("k"), &policy, SECOND).await.unwrap();
    house.settle().await;
    for (wait, from) in [(299, 0), (2, 1), (299, 0), (3001, 2), (301, 1)] {
        advance(wait * SECOND).await;
        let served = house.ask(&key("k"), &policy, SECOND).await.unwrap();
        assert_eq!(served.from, Origin::Tier(from), "after {wait} s");
        house.settle().await;
    }
    advance(24 * 3600 * SECOND).await;
    assert_eq!(house.ask(&key("k"), &policy, SECOND).await.unwrap().from, Origin::Computed);
}

#[tokio::test(start_paused = true)]
async fn a_slow_tier_costs_its_deadline_and_then_nothing() {
    let house = House::new();
    house.second.now(HANGS);
    house.third.now(HANGS);
    for n in 0..10 {
        let started = tokio::time::Instant::now();
        assert_eq!(house.cache.get::<u32>(&key(&n.to_string()), &plain()).await, None);
        let cost = if n < 5 { Duration::from_millis(150) } else { Duration::ZERO };
        let took = started.elapsed();
        assert!(took >= cost && took <= cost + Duration::from_millis(2), "call {n} took {took:?}");
    }
    let statistics = house.cache.statistics().await;
    let second = &statistics.levels[1];
    assert_eq!((second.timed_out, second.skipped, second.is_available), (5, 5, false));
    assert!(second.availability().is_some_and(|share| share.abs() < f64::EPSILON));
    house.second.now(WORKS);
    sleep(2 * SECOND).await;
    house.ask(&key("k"), &plain(), SECOND).await.unwrap();
    let statistics = house.cache.statistics().await;
    assert!(statistics.levels[1].is_available, "it is taken back");
    assert!(!statistics.levels[2].is_available);
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_is_told_from_what_is_out_of_reach() {
    let house = House::new();
    let find = |text: &'static str| {
        let cache = house.cache.clone();
        async move { cache.find::<u32>(&key(text), &plain()).await.map(|served| served.map(|it| it.value)) }
    };
    assert_eq!(find("never").await.unwrap(), None);
    house.ask(&key("k"), &plain(), SECOND).await.unwrap();
    house.settle().await;
    assert_eq!(find("k").await.unwrap(), Some(1));
    house.forget_first().await;
    for mood in [FAILS, HANGS] {
        house.second.now(WORKS);
        house.third.now(mood);
        assert_eq!(find("k").await.unwrap(), Some(1), "the second has it");
        house.settle().await;
        house.forget_first().await;
        house.second.now(mood);
        for n in 0..7 {
            let error = find("k").await.unwrap_err();
            assert!(error.kind().is_outage(), "the third may have it, also when it is left alone: {n}");
        }
        house.second.now(WORKS);
        house.third.now(WORKS);
        sleep(3 * SECOND).await;
        house.forget_first().await;
    }
    assert_eq!(find("k").await.unwrap(), Some(1));
    house.cache.invalidate(&Selector::All).await;
    assert_eq!(find("k").await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn what_waits_to_be_written_can_be_read() {
    let house = House::with_slow_tiers(Duration::from_millis(40));
    house.ask(&key("k"), &plain(), SECOND).await.unwrap();
    house.forget_first().await;
    let served = house.cache.get::<u32>(&key("k"), &plain()).await.unwrap();
    assert_eq!((served.value, served.from), (1, Origin::Tier(1)));
    assert_eq!(house.second.inner.stats().await.unwrap().entries, 0, "it was read while it waited");
    house.settle().await;
    assert_eq!(house.second.inner.stats().await.unwrap().entries, 1);
}

#[tokio::test(start_paused = true)]
async fn the_last_of_many_writes_is_what_stays() {
    let house = House::with_slow_tiers(Duration::from_millis(40));
    for n in 0..100_u32 {
        house.cache.insert(&key("k"), &plain(), &n).await.unwrap();
        sleep(Duration::from_millis(7)).await;
    }
    house.settle().await;
    for tier in [&house.second, &house.third] {
        assert_eq!(tier.inner.get(&key("k")).await.unwrap().unwrap().value(), "99");
        assert!(tier.calls() < 30, "writes of one key are gathered: {}", tier.calls());
    }
}

#[tokio::test(start_paused = true)]
async fn writes_beyond_the_queue_are_dropped_and_counted() {
    let clock = Arc::new(VirtualClock::starting_at("2024-01-01T00:00:00Z".parse().unwrap()));
    let first = Arc::new(MemoryTier::new(1 << 20, clock.clone()));
    let second = Moody::new(clock.clone());
    second.now(HANGS);
    let levels = vec![Level::memory(first), Level::shared(second).with_most_waiting(10)];
    let cache = Tiered::new(levels, clock, Seed::new(1));
    for n in 0..1000_u32 {
        cache.insert(&key(&n.to_string()), &plain(), &n).await.unwrap();
    }
    let waiting = cache.statistics().await.levels[1].waiting_writes;
    assert!((1..=10 + 32).contains(&waiting), "{waiting} are waiting");
    assert_eq!(cache.flush(Duration::ZERO).await as u64, waiting);
    assert_eq!(cache.flush(60 * SECOND).await, 0);
    assert_eq!(cache.statistics().await.levels[1].dropped_writes, 1000, "and those that timed out");
}

#[tokio::test(start_paused = true)]
async fn no_tier_at_all_still_shares() {
    let clock = Arc::new(VirtualClock::starting_at("2024-01-01T00:00:00Z".parse().unwrap()));
    let cache = Tiered::new(Vec::new(), clock, Seed::new(1));
    let one = || async {
        sleep(SECOND).await;
        Ok::<_, Refused>(1)
    };
    let (key, policy) = (key("k"), plain());
    let (a, b) =
        tokio::join!(cache.get_or_compute(&key, &policy, one), cache.get_or_compute(&key, &policy, one));
    assert_eq!((a.unwrap().from, b.unwrap().from), (Origin::Computed, Origin::Coalesced));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_computed_anew() {
    let house = House::new();
    house.cache.insert(&key("k"), &plain(), &"text".to_owned()).await.unwrap();
    assert_eq!(house.ask(&key("k"), &plain(), SECOND).await.unwrap().from, Origin::Computed);
    assert_eq!(house.ask(&key("k"), &plain(), SECOND).await.unwrap().from, Origin::Tier(0));
    assert!(house.cache.statistics().await.unreadable > 0);
}

#[tokio::test(start_paused = true)]
async fn warming_computes_what_is_missing() {
    let house = House::new();
    house.cache.insert(&key("0"), &plain(), &0_u32).await.unwrap();
    let keys = (0..10).map(|n| key(&n.to_string()));
    let compute = |key: Key| async move {
        sleep(SECOND).await;
        if key.as_str().ends_with('9') { Err(Refused(0)) } else { Ok(1_u32) }
    };
    let started = tokio::time::Instant::now();
    let warmed = house.cache.warm(keys, &plain(), 3, compute).await;
    assert_eq!(warmed, Warmed { present: 1, computed: 8, failed: 1 });
    assert_eq!(started.elapsed().as_secs(), 3, "three at a time");
}

#[tokio::test(start_paused = true)]
async fn statistics_can_be_exported() {
    let house = House::new();
    house.ask(&key("k"), &plain(), SECOND).await.unwrap();
    house.ask(&key("k"), &plain(), SECOND).await.unwrap();
    house.settle().await;
    let statistics = house.cache.statistics().await;
    assert!(statistics.hit_rate().is_some_and(|rate| (rate - 0.5).abs() < f64::EPSILON));
    let json = serde_json::to_value(&statistics).unwrap();
    assert_eq!((&json["format_version"], &json["levels"][0]["hits"]), (&1.into(), &1.into()));
    assert_eq!(json["levels"][1]["entries"], 1);
    let text = statistics.prometheus();
    for line in [
        "# TYPE assize_cache_requests_total counter",
        "assize_cache_requests_total 2",
        "assize_cache_tier_hits_total{tier=\"0\",name=\"memory\"} 1",
        "assize_cache_tier_available{tier=\"2\",name=\"disk\"} 1",
    ] {
        assert!(text.lines().any(|one| one == line), "{line} in {text}");
    }
    let limits = text.lines().filter(|line| line.starts_with("assize_cache_tier_limit_bytes{")).count();
    assert_eq!(limits, 3);
}
