//! Nothing made before an invalidation is served after it.

use super::*;

#[tokio::test(start_paused = true)]
async fn goes_through_all_tiers() {
    let space = Namespace::new("test", 1).unwrap();
    let selectors = [
        Selector::Key(key("k")),
        Selector::Tag(tag("t")),
        Selector::Prefix(space.prefix("k").unwrap()),
        Selector::Prefix(space.every_version()),
        Selector::All,
    ];
    let (house, policy) = (House::new(), plain().with_tags(vec![tag("t")]).unwrap());
    for (n, selector) in (1..).zip(selectors) {
        assert_eq!(house.ask(&key("k"), &policy, SECOND).await.unwrap().value, n);
        house.settle().await;
        let done = house.cache.invalidate(&selector).await;
        assert_eq!((done.removed, done.pending), (vec![1, 1, 1], 0));
    }
}

#[tokio::test(start_paused = true)]
async fn reaches_what_is_being_computed() {
    let (house, policy) = (Arc::new(House::new()), plain().with_tags(vec![tag("t")]).unwrap());
    let before = tokio::spawn({
        let (house, policy) = (Arc::clone(&house), policy.clone());
        async move { house.ask(&key("k"), &policy, 10 * SECOND).await }
    });
    sleep(SECOND).await;
    house.cache.invalidate(&Selector::Tag(tag("t"))).await;
    let after = house.ask(&key("k"), &policy, SECOND).await.unwrap();
    assert_eq!((after.value, after.from), (2, Origin::Computed), "who asks afterwards does not join");
    assert_eq!(before.await.unwrap().unwrap().value, 1, "who asked before gets what came of it");
    let later = house.ask(&key("k"), &policy, SECOND).await.unwrap();
    assert_eq!((later.value, later.from), (2, Origin::Tier(0)), "and it is not stored");
    assert_eq!(house.cache.statistics().await.outdated, 1);
}

#[tokio::test(start_paused = true)]
async fn reaches_what_waits_to_be_written() {
    let house = House::with_slow_tiers(Duration::from_millis(40));
    house.ask(&key("k"), &plain(), SECOND).await.unwrap();
    house.cache.invalidate(&Selector::All).await;
    house.settle().await;
    assert_eq!(house.second.inner.stats().await.unwrap().entries, 0);
    assert_eq!(house.third.inner.stats().await.unwrap().entries, 0);
}

#[tokio::test(start_paused = true)]
async fn holds_though_a_tier_is_away() {
    for mood in [FAILS, HANGS] {
        let house = House::new();
        house.ask(&key("k"), &plain(), SECOND).await.unwrap();
        house.ask(&key("other"), &plain(), SECOND).await.unwrap();
        house.settle().await;
        house.second.now(mood);
        let done = house.cache.invalidate(&Selector::Key(key("k"))).await;
        assert_eq!((done.removed, done.pending), (vec![1, 1], 1));
        house.second.now(WORKS);
        // The tier still has it, and would serve it.
        assert!(house.second.inner.get(&key("k")).await.unwrap().is_some());
        assert_eq!(house.cache.get::<u32>(&key("k"), &plain()).await, None);
        house.forget_first().await;
        let other = house.cache.get::<u32>(&key("other"), &plain()).await.unwrap();
        assert_eq!(other.from, Origin::Tier(1));
        sleep(SECOND).await;
        assert_eq!(house.second.inner.get(&key("k")).await.unwrap(), None, "what is owed is carried out");
        assert_eq!(house.cache.statistics().await.levels[1].pending_removals, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn of_too_many_keys_clears_the_tier_that_was_away() {
    let (house, hour) = (House::new(), Policy::new(3600 * SECOND).with_jitter(0.0).with_early(0.0));
    house.ask(&key("kept"), &hour, SECOND).await.unwrap();
    house.settle().await;
    house.second.now(FAILS);
    for n in 0..2000 {
        house.cache.invalidate(&Selector::Key(key(&n.to_string()))).await;
    }
    assert!(house.cache.statistics().await.levels[1].pending_removals <= 1024);
    house.second.now(WORKS);
    sleep(3 * SECOND).await;
    house.forget_first().await;
    let served = house.cache.get::<u32>(&key("kept"), &hour).await.unwrap();
    assert_eq!(served.from, Origin::Tier(2), "the second is not trusted until it is cleared");
    sleep(SECOND).await;
    assert_eq!(house.cache.statistics().await.levels[1].pending_removals, 0);
}

#[tokio::test(start_paused = true)]
async fn is_not_needed_after_an_insertion() {
    let house = House::new();
    house.ask(&key("k"), &plain(), SECOND).await.unwrap();
    house.settle().await;
    house.second.now(FAILS);
    house.third.now(HANGS);
    house.cache.insert(&key("k"), &plain(), &77_u32).await.unwrap();
    house.settle().await;
    house.second.now(WORKS);
    house.third.now(WORKS);
    house.forget_first().await;
    assert_eq!(house.cache.get::<u32>(&key("k"), &plain()).await, None, "the older value comes back");
}

#[tokio::test(start_paused = true)]
async fn by_an_insertion_outlives_a_computation_that_began_before_and_ends_after() {
    let (house, k, ms) =
        (House::with_slow_tiers(Duration::from_millis(20)), key("k"), Duration::from_millis(1));
    let policy = plain();
    // Looks until 40 ms, computes until 60 ms.
    let (computed, ()) = tokio::join!(house.ask(&k, &policy, 20 * ms), async {
        sleep(45 * ms).await;
        house.cache.insert(&k, &policy, &76_u32).await.unwrap();
        sleep(5 * ms).await;
        // Waits until the one before is written, at 65 ms: what was computed comes to wait in its place.
        house.cache.insert(&k, &policy, &77_u32).await.unwrap();
    });
    assert_eq!(computed.unwrap().value, 1);
    house.settle().await;
    for n in 0..3 {
        let served = house.cache.get::<u32>(&k, &policy).await.unwrap();
        assert_eq!((served.value, served.from), (77, Origin::Tier(n)));
        house.cache.0.levels[n].level.tier.remove(&Selector::All).await.unwrap();
        house.forget_first().await;
    }
}

#[tokio::test(start_paused = true)]
async fn by_an_insertion_holds_though_another_write_takes_its_place_and_fails() {
    let (house, k, ms) =
        (House::with_slow_tiers(Duration::from_millis(20)), key("k"), Duration::from_millis(1));
    house.cache.insert(&k, &plain(), &76_u32).await.unwrap();
    sleep(5 * ms).await;
    house.cache.insert(&k, &plain(), &77_u32).await.unwrap();
    sleep(5 * ms).await;
    // Too old for this caller, so it is computed, and waits to be written in the place of what was inserted.
    house.ask(&k, &Policy::new(2 * ms), Duration::ZERO).await.unwrap();
    sleep(15 * ms).await;
    assert_eq!(house.second.inner.stats().await.unwrap().entries, 1, "the first was written");
    house.second.now(FAILS);
    house.settle().await;
    house.second.now(WORKS);
    house.forget_first().await;
    assert_eq!(house.cache.get::<u32>(&k, &plain()).await, None, "the first was superseded");
}

#[tokio::test(start_paused = true)]
async fn of_another_process_reaches_what_is_this_ones_own() {
    let (house, policy) = (House::new(), plain().with_tags(vec![tag("t")]).unwrap());
    let full = async || {
        house.ask(&key("k"), &policy, SECOND).await.unwrap();
        house.settle().await;
    };
    let entries = async || {
        let statistics = house.cache.statistics().await;
        statistics.levels.iter().map(|level| level.entries.unwrap()).collect::<Vec<_>>()
    };
    full().await;
    house.cache.heed(1, &Notice::Removed(Selector::Tag(tag("other")))).await;
    assert_eq!(entries().await, [1, 1, 1]);
    house.cache.heed(1, &Notice::Removed(Selector::Tag(tag("t")))).await;
    assert_eq!(entries().await, [0, 1, 0], "what is shared is the other's to remove");
    house.cache.invalidate(&Selector::All).await;
    full().await;
    house.cache.heed(1, &Notice::MayHaveMissed).await;
    assert_eq!(entries().await, [0, 1, 1], "what is below keeps to its own times");
    house.second.inner.remove(&Selector::All).await.unwrap();
    house.third.inner.remove(&Selector::All).await.unwrap();
    let k = key("k");
    let (computing, ()) = tokio::join!(house.ask(&k, &policy, 2 * SECOND), async {
        sleep(SECOND).await;
        house.cache.heed(1, &Notice::Removed(Selector::Key(k.clone()))).await;
    });
    assert_eq!(computing.unwrap().from, Origin::Computed);
    house.settle().await;
    assert_eq!(entries().await, [0, 0, 0], "what was being computed is not stored");
}

#[tokio::test(start_paused = true)]
async fn what_came_in_pieces_is_stored_unless_it_was_invalidated_since() {
    let house = House::new();
    let k = key("k");
    let policy = plain().with_tags(vec![tag("t")]).unwrap();
    for (selector, is_kept) in [
        (Selector::Key(key("other")), true),
        (Selector::Key(k.clone()), false),
        (Selector::Tag(tag("t")), false),
        (Selector::All, false),
    ] {
        let begun = house.cache.moment();
        house.cache.invalidate(&selector).await;
        let stored = house.cache.insert_since(begun, &k, &policy, &7_u32).await.unwrap();
        house.settle().await;
        let found = house.cache.get::<u32>(&k, &policy).await;
        assert_eq!((stored, found.is_some()), (is_kept, is_kept), "{selector:?}");
    }
    assert_eq!(house.cache.statistics().await.outdated, 3);
}
