//! Whose turn it is: order, cancelling, debts, pauses.

use std::{future::Future, pin::Pin};

use futures_util::{FutureExt, future::join_all, poll};
use tokio::time::advance;

use super::*;
use crate::LimitWindow;

const SECOND: Duration = Duration::from_secs(1);

fn fixed(start: f64, burst: u32) -> LimiterOptions {
    LimiterOptions { pace: Pace::Fixed, start, burst, ..LimiterOptions::default() }
}

fn with_tokens(per_minute: u64) -> Limiter {
    Limiter::new(LimiterOptions { tokens_per_minute: Some(per_minute), ..fixed(1000.0, 1000) })
}

async fn wait_for(limiter: &Limiter, tokens: u64) -> u128 {
    let began = Instant::now();
    limiter.acquire(tokens).await.cancel();
    began.elapsed().as_millis()
}

#[tokio::test(start_paused = true)]
async fn a_burst_then_the_rate() {
    let limiter = Limiter::new(fixed(10.0, 5));
    let began = Instant::now();
    let mut starts = Vec::new();
    for _ in 0..8 {
        limiter.acquire(0).await.settle(0);
        starts.push(began.elapsed().as_millis());
    }
    assert_eq!(starts, [0, 0, 0, 0, 0, 100, 200, 300]);
    let state = limiter.state();
    assert_eq!((state.granted, state.in_flight, state.waiting), (8, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn who_came_first_starts_first_whatever_he_needs() {
    let limiter = with_tokens(6000);
    limiter.acquire(6000).await.settle(6000);
    let order = Mutex::new(Vec::new());
    join_all([4000, 10, 10, 2000, 10].into_iter().enumerate().map(|(n, tokens)| {
        let (limiter, order) = (&limiter, &order);
        async move {
            limiter.acquire(tokens).await.settle(tokens);
            order.lock().unwrap().push(n);
        }
    }))
    .await;
    assert_eq!(order.into_inner().unwrap(), [0, 1, 2, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn tokens_are_refunded_and_charged() {
    let limiter = with_tokens(6000);
    limiter.acquire(6000).await.settle(1000);
    assert_eq!(wait_for(&limiter, 5000).await, 0);
    assert_eq!(wait_for(&limiter, 6000).await, 10_000);
    // Above what can be had at once: met when full, and waited off by who comes next.
    assert_eq!(wait_for(&limiter, 60_000).await, 0);
    limiter.acquire(6000).await.settle(12_000);
    assert_eq!(wait_for(&limiter, 100).await, 61_000);
    limiter.acquire(100).await.failed(40, None);
    assert_eq!(wait_for(&limiter, 100).await, 400);
}

#[tokio::test(start_paused = true)]
async fn who_leaves_the_queue_leaves_nothing_behind() {
    let limiter = with_tokens(6000);
    limiter.acquire(6000).await.settle(6000);
    let mut large = Box::pin(limiter.acquire(6000));
    let mut small = Box::pin(limiter.acquire(100));
    assert!(poll!(&mut large).is_pending() && poll!(&mut small).is_pending());
    assert_eq!(limiter.state().waiting, 2);
    advance(SECOND).await;
    drop(large);
    assert!(small.now_or_never().is_some(), "a second's worth is enough for the small one");
    let state = limiter.state();
    assert_eq!((state.waiting, state.in_flight), (0, 0), "a permit that is dropped ends");
}

#[tokio::test(start_paused = true)]
async fn whoever_leaves_the_others_keep_their_order() {
    let limiter = Limiter::new(fixed(10.0, 1));
    limiter.acquire(0).await.settle(0);
    let order = Mutex::new(Vec::new());
    let mut waits: Vec<_> = (0..9)
        .map(|n| {
            let (limiter, order) = (&limiter, &order);
            Some(Box::pin(async move {
                limiter.acquire(0).await.settle(0);
                order.lock().unwrap().push(n);
            }))
        })
        .collect();
    for wait in waits.iter_mut().flatten() {
        assert!(poll!(wait).is_pending());
    }
    for leaving in [4, 0, 8, 3, 1] {
        waits[leaving] = None;
    }
    assert_eq!(limiter.state().waiting, 4);
    join_all(waits.into_iter().flatten()).await;
    assert_eq!(order.into_inner().unwrap(), [2, 5, 6, 7]);
}

#[tokio::test(start_paused = true)]
async fn what_was_not_made_is_given_back() {
    let limiter = Limiter::new(fixed(1.0, 1));
    for _ in 0..10 {
        limiter.acquire(5).await.cancel();
    }
    limiter.acquire(5).await.settle(5);
    assert_eq!(wait_for(&limiter, 5).await, 1000);
}

#[tokio::test(start_paused = true)]
async fn nobody_starts_before_a_wait_that_was_asked_for() {
    for pace in [Pace::Seeking, Pace::Fixed, Pace::Stepwise { window: SECOND }] {
        let limiter = Limiter::new(LimiterOptions { pace, ..LimiterOptions::default() });
        let (first, second) = (limiter.acquire(0).await, limiter.acquire(0).await);
        let began = Instant::now();
        first.refused(Some(7 * SECOND));
        second.failed(0, Some(2 * SECOND));
        assert_eq!(limiter.state().paused_for, 7 * SECOND, "the longer one counts");
        let waits = (0..5).map(|_| async { limiter.acquire(0).await.settle(0) }).collect::<Vec<_>>();
        let started = join_all(waits.into_iter().map(|wait| async {
            wait.await;
            began.elapsed()
        }))
        .await;
        assert!(started.iter().all(|start| *start >= 7 * SECOND), "{started:?}");
        assert!(started[4] >= 7 * SECOND + 4 * SECOND / 20, "nothing was saved up meanwhile: {started:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_said_of_limits_is_kept_to() {
    let window = |limit, remaining, reset| LimitWindow {
        limit: Some(limit),
        remaining: Some(remaining),
        reset: Some(Duration::from_millis(reset)),
    };
    let limiter = Limiter::new(fixed(100.0, 1));
    limiter.note(&LimitReport { requests: window(600, 599, 100), ..LimitReport::default() });
    assert!((limiter.state().ceiling - 10.0).abs() < 1e-9 && (limiter.state().rate - 10.0).abs() < 1e-9);
    // It refills bit by bit: with none left, one is due a six-hundredth of the way.
    limiter.note(&LimitReport { requests: window(600, 0, 60_000), ..LimitReport::default() });
    assert_eq!(limiter.state().paused_for, Duration::from_millis(100));

    let at_once = Limiter::new(fixed(100.0, 1));
    at_once.note(&LimitReport { requests: window(600, 599, 50_000), ..LimitReport::default() });
    at_once.note(&LimitReport { requests: window(600, 0, 20_000), ..LimitReport::default() });
    assert_eq!(at_once.state().paused_for, 20 * SECOND);

    let tokens = Limiter::new(fixed(100.0, 10));
    tokens.note(&LimitReport { tokens: window(6000, 1000, 50_000), ..LimitReport::default() });
    assert_eq!(tokens.state().tokens_per_second, Some(100.0));
    assert_eq!(wait_for(&tokens, 2000).await, 10_000);
}

#[tokio::test(start_paused = true)]
async fn a_rate_that_is_not_used_does_not_grow() {
    let limiter = Limiter::new(LimiterOptions::default());
    for _ in 0..1000 {
        limiter.acquire(0).await.settle(0);
        advance(SECOND).await;
    }
    assert!((limiter.state().rate - 10.0).abs() < 1e-9, "{:?}", limiter.state());
}

#[tokio::test(start_paused = true)]
async fn options_that_make_no_sense_are_brought_into_range() {
    for odd in [f64::NAN, -1.0, 0.0, f64::INFINITY, f64::NEG_INFINITY] {
        let options =
            LimiterOptions { start: odd, floor: odd, ceiling: odd, burst: 0, ..LimiterOptions::default() };
        let limiter = Limiter::new(LimiterOptions {
            requests_per_minute: Some(0),
            tokens_per_minute: Some(0),
            ..options
        });
        let rate = limiter.state().rate;
        assert!(rate > 0.0 && rate.is_finite());
        assert!(limiter.acquire(1).now_or_never().is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn dropped_at_any_poll_nothing_is_lost() {
    let limiter = Limiter::new(fixed(10.0, 1));
    let mut waits: Vec<Pin<Box<dyn Future<Output = Permit> + Send>>> = Vec::new();
    for n in 0..200_u64 {
        let other = limiter.clone();
        let mut wait: Pin<Box<dyn Future<Output = Permit> + Send>> =
            Box::pin(async move { other.acquire(0).await });
        for _ in 0..n % 4 {
            if poll!(&mut wait).is_ready() {
                break;
            }
            advance(Duration::from_millis(n * 7 % 60)).await;
        }
        if n % 3 == 0 && poll!(&mut wait).is_pending() {
            waits.push(wait);
        }
    }
    let left = waits.len();
    assert!(left > 10);
    let began = Instant::now();
    for permit in join_all(waits).await {
        permit.settle(0);
    }
    // All that were left came through, at the rate: no wake-up was lost, no turn was given to one that had gone.
    assert!(began.elapsed() <= SECOND * u32::try_from(left).unwrap() / 10 + Duration::from_millis(100));
    let state = limiter.state();
    assert_eq!((state.waiting, state.in_flight), (0, 0));
}
