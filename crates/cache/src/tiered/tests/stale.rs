//! Stale values, failures that are remembered, expiry that is spread.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_stale_value_is_served_while_it_is_computed_anew() {
    let (house, policy) = (House::new(), plain().stale_while_revalidating(30 * SECOND));
    house.ask(&key("k"), &policy, SECOND).await.unwrap();
    advance(60 * SECOND).await;
    for _ in 0..100 {
        let served = house.ask(&key("k"), &policy, SECOND).await.unwrap();
        assert_eq!((served.value, served.freshness), (1, Freshness::Revalidating));
        assert!(served.is_stale());
    }
    sleep(2 * SECOND).await;
    assert_eq!(house.computed(), 2, "one computation for all");
    let served = house.ask(&key("k"), &policy, SECOND).await.unwrap();
    assert_eq!((served.value, served.freshness, served.from), (2, Freshness::Fresh, Origin::Tier(0)));
    advance(90 * SECOND).await;
    let served = house.ask(&key("k"), &policy, SECOND).await.unwrap();
    assert_eq!((served.value, served.from), (3, Origin::Computed), "too stale to be served");
    let statistics = house.cache.statistics().await;
    assert_eq!((statistics.stale_while_revalidating, statistics.refreshed), (100, 1));
    assert_eq!((statistics.hits, statistics.misses), (101, 2));
}

#[tokio::test(start_paused = true)]
async fn a_stale_value_is_served_where_computing_fails() {
    let (house, policy) = (House::new(), plain().stale_on_error(600 * SECOND));
    house.ask(&key("k"), &policy, SECOND).await.unwrap();
    advance(600 * SECOND).await;
    let served = house.ask_in_vain(&key("k"), &policy, Refused(5)).await.unwrap();
    assert_eq!((served.value, served.freshness), (1, Freshness::AfterError));
    let again = house.ask_in_vain(&key("k"), &policy, Refused(5)).await.unwrap();
    assert_eq!(
        (again.value, again.freshness, house.computed()),
        (1, Freshness::AfterError, 2),
        "it is remembered"
    );
    let strict = plain();
    assert!(
        house.ask_in_vain(&key("k"), &strict, Refused(5)).await.is_err(),
        "the reader's policy counts too"
    );
    advance(60 * SECOND).await;
    assert!(house.ask_in_vain(&key("k"), &policy, Refused(0)).await.is_err(), "an end comes to it");
    assert_eq!(house.cache.statistics().await.stale_on_error, 2);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_remembered_as_long_as_it_wants() {
    let house = House::new();
    for (wait, computed) in [(0, 1), (4, 1), (1, 2), (0, 2)] {
        advance(wait * SECOND).await;
        assert!(house.ask_in_vain(&key("k"), &plain(), Refused(5)).await.is_err());
        assert_eq!(house.computed(), computed);
    }
    house.cache.invalidate(&Selector::Key(key("k"))).await;
    assert_eq!(house.ask(&key("k"), &plain(), SECOND).await.unwrap().value, 3, "until it is invalidated");
}

#[tokio::test(start_paused = true)]
async fn expiry_is_spread_and_never_later() {
    let (house, policy) = (House::new(), Policy::new(100 * SECOND).with_early(0.0));
    for n in 0..500_u32 {
        house.cache.insert(&key(&n.to_string()), &policy, &n).await.unwrap();
    }
    house.settle().await;
    for (wait, least, most) in [(90, 500, 500), (5, 200, 300), (5, 0, 0)] {
        advance(wait * SECOND).await;
        let mut left = 0;
        for n in 0..500 {
            left += u32::from(house.cache.get::<u32>(&key(&n.to_string()), &policy).await.is_some());
        }
        assert!((least..=most).contains(&left), "{left} are left");
    }
}

/// XFetch: an entry with `left` to live that took `delta` is recomputed with probability e^(−left / (β delta)).
#[tokio::test(start_paused = true)]
async fn what_is_about_to_expire_is_computed_early() {
    let (house, policy) = (House::new(), plain().with_early(1.0));
    let (n, delta) = (400, Duration::from_millis(100));
    for n in 0..n {
        house.ask(&key(&n.to_string()), &policy, delta).await.unwrap();
    }
    // Made one after the other, each is asked for when it has 69 ms left of its minute.
    let first = house.cache.get::<u32>(&key("0"), &policy).await.unwrap().made_at;
    let made_ago = Duration::try_from(house.clock.now().duration_since(first)).unwrap();
    advance(60 * SECOND - made_ago - Duration::from_millis(69)).await;
    for n in 0..n {
        let served = house.ask(&key(&n.to_string()), &policy, Duration::ZERO).await.unwrap();
        assert_eq!((served.freshness, served.from), (Freshness::Fresh, Origin::Tier(0)));
        advance(delta).await;
    }
    let early = house.cache.statistics().await.refreshed;
    // e^(−0.69) is 0.50; four standard deviations are 40. All tiers draw the same at one moment.
    assert!((160..=240).contains(&early), "{early} of {n} were recomputed early");
}
