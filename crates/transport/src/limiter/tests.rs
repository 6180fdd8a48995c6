//! Turns, tokens and paces, in virtual time.

use super::*;

mod hidden;
mod turns;
use hidden::{Hidden, Shape};

/// Limits of so many a second. Tests of each pass keep to slower ones, as time is counted in requests.
const SMOOTH: (u32, Shape) = (20, Shape::Bucket { size: 5.0 });
const QUICK: (u32, Shape) = (50, Shape::Bucket { size: 5.0 });
const BURSTY: (u32, Shape) = (50, Shape::Bucket { size: 100.0 });
const SLOW: (u32, Shape) = (2, Shape::Bucket { size: 4.0 });
const BY_THE_MINUTE: (u32, Shape) = (10, Shape::Window { seconds: 60.0 });
const BY_TEN_SECONDS: (u32, Shape) = (50, Shape::Window { seconds: 10.0 });

/// So many seconds, at first with one limit, then with half of it.
async fn halves(
    pace: Pace,
    (per_second, shape): (u32, Shape),
    callers: u32,
    says_when: bool,
    seconds: u32,
) -> [hidden::Settled; 2] {
    let hidden = Hidden::steady(per_second, shape).then(per_second / 2);
    let hidden = if says_when { hidden.saying_when() } else { hidden };
    let limiter = Limiter::new(LimiterOptions { pace, ..LimiterOptions::default() });
    let settled = hidden::run(&limiter, hidden, callers, seconds).await;
    assert_eq!((limiter.state().in_flight, limiter.state().waiting), (0, 0));
    settled
}

/// Once settled at least 95 % of the limit is had, and less than 1 % of requests are refused, also when the limit is halved.
/// A window costs more when it is used up: if it does not say when it ends it is tried again and again until then, and all
/// that many callers have under way is refused at once. 90 % and 3 % are held there.
async fn is_found(limit: (u32, Shape), callers: u32, seconds: u32) {
    for says_when in [false, true] {
        for settled in halves(Pace::Seeking, limit, callers, says_when, seconds).await {
            let loose = (!says_when || callers > 8) && matches!(limit.1, Shape::Window { .. });
            let (had, refused) = if loose { (90, 3) } else { (95, 1) };
            assert!(
                settled.keeps(had, refused),
                "{limit:?}, {callers} callers, says when: {says_when}: {settled:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_smooth_limit_is_found() {
    is_found(SMOOTH, 8, 2_400).await;
}

#[tokio::test(start_paused = true)]
async fn a_bursty_limit_is_found() {
    is_found(BURSTY, 8, 480).await;
}

#[tokio::test(start_paused = true)]
async fn a_slow_limit_is_found_by_one_by_some_and_by_many() {
    for callers in [1, 8, 64] {
        is_found(SLOW, callers, 6_000).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_by_the_minute_is_found() {
    is_found(BY_THE_MINUTE, 8, 2_400).await;
}

#[tokio::test(start_paused = true)]
async fn a_limit_by_ten_seconds_is_found() {
    is_found(BY_TEN_SECONDS, 8, 480).await;
}

#[tokio::test(start_paused = true)]
#[ignore = "takes minutes: long runs of every limit, of which the others make brief ones"]
async fn every_limit_is_found_by_one_by_some_and_by_many() {
    for callers in [1, 8, 64] {
        for limit in [SMOOTH, QUICK, BURSTY, SLOW, BY_THE_MINUTE, BY_TEN_SECONDS] {
            // It settles after so many requests, whatever they take.
            is_found(limit, callers, (120_000 / limit.0).clamp(2_400, 12_000)).await;
        }
    }
}

/// Steps overshoot by design: they go on until more than a tenth is refused.
#[tokio::test(start_paused = true)]
async fn steps_have_all_of_a_limit_for_a_tenth_of_refusals() {
    let pace = Pace::Stepwise { window: Duration::from_secs(10) };
    for settled in halves(pace, SMOOTH, 8, false, 1_200).await {
        assert!(settled.keeps(99, 10) && !settled.keeps(99, 5), "{settled:?}");
    }
}

/// At a rate that is known, a pause delays nobody for longer than itself; and nothing is saved up for its end.
#[tokio::test(start_paused = true)]
async fn after_a_pause_a_fixed_rate_goes_on_with_one() {
    let fixed = LimiterOptions {
        pace: Pace::Fixed,
        start: 0.2,
        floor: 0.2,
        ceiling: 0.2,
        burst: 3,
        ..LimiterOptions::default()
    };
    let limiter = Limiter::new(fixed);
    let began = Instant::now();
    let mut starts = Vec::new();
    for _ in 0..3 {
        let permit = limiter.acquire(0).await;
        starts.push(began.elapsed().as_secs());
        drop(permit);
    }
    limiter.acquire(0).await.refused(Some(Duration::from_secs(60)));
    starts.push(began.elapsed().as_secs());
    for _ in 0..3 {
        limiter.acquire(0).await.settle(0);
        starts.push(began.elapsed().as_secs());
    }
    assert_eq!(starts, [0, 0, 0, 5, 65, 70, 75]);
}
