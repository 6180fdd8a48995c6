//! Closed, open, half-open, in virtual time.

use tokio::time::advance;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn breaker() -> Breaker {
    Breaker::new(BreakerOptions::default())
}

fn end(breaker: &Breaker, well: bool) {
    let ticket = breaker.enter().unwrap();
    if well { ticket.succeeded() } else { ticket.failed(None) }
}

#[tokio::test(start_paused = true)]
async fn it_opens_on_the_share_of_enough_calls() {
    let breaker = breaker();
    (0..9).for_each(|_| end(&breaker, false));
    assert_eq!(breaker.state(), BreakerState::Closed { calls: 9, failures: 9 });
    end(&breaker, false);
    assert_eq!(breaker.state(), BreakerState::Open { for_another: 5 * SECOND });
    assert_eq!(breaker.enter().unwrap_err(), CircuitOpen { retry_in: Some(5 * SECOND) });

    let steady = self::breaker();
    for _ in 0..100 {
        end(&steady, true);
        end(&steady, true);
        end(&steady, false);
    }
    assert_eq!(steady.state(), BreakerState::Closed { calls: 300, failures: 100 });
}

#[tokio::test(start_paused = true)]
async fn what_is_older_than_the_window_does_not_count() {
    let breaker = breaker();
    (0..9).for_each(|_| end(&breaker, false));
    advance(31 * SECOND).await;
    end(&breaker, false);
    assert_eq!(breaker.state(), BreakerState::Closed { calls: 1, failures: 1 });
}

#[tokio::test(start_paused = true)]
async fn it_opens_for_longer_each_time_that_a_probe_fails() {
    let breaker = breaker();
    (0..10).for_each(|_| end(&breaker, false));
    for seconds in [5, 10, 20, 40, 60, 60] {
        assert_eq!(breaker.state(), BreakerState::Open { for_another: seconds * SECOND });
        advance(seconds * SECOND).await;
        let probe = breaker.enter().unwrap();
        assert_eq!(breaker.enter().unwrap_err(), CircuitOpen { retry_in: None });
        probe.failed(None);
    }
    advance(60 * SECOND).await;
    end(&breaker, true);
    assert_eq!(breaker.state(), BreakerState::Closed { calls: 0, failures: 0 });
    (0..10).for_each(|_| end(&breaker, false));
    assert_eq!(breaker.state(), BreakerState::Open { for_another: 5 * SECOND }, "as short as at first");
}

#[tokio::test(start_paused = true)]
async fn a_dropped_probe_is_handed_back() {
    let breaker = Breaker::new(BreakerOptions { probes: 2, ..BreakerOptions::default() });
    (0..10).for_each(|_| end(&breaker, false));
    advance(5 * SECOND).await;
    let (first, second) = (breaker.enter().unwrap(), breaker.enter().unwrap());
    assert!(breaker.enter().is_err());
    drop(first);
    assert_eq!(breaker.state(), BreakerState::HalfOpen { probing: 1, succeeded: 0 });
    second.succeeded();
    end(&breaker, true);
    assert_eq!(breaker.state(), BreakerState::Closed { calls: 0, failures: 0 });
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_was_asked_for_is_kept() {
    let breaker = breaker();
    (0..9).for_each(|_| end(&breaker, false));
    breaker.enter().unwrap().failed(Some(90 * SECOND));
    assert_eq!(breaker.state(), BreakerState::Open { for_another: 90 * SECOND });
}

#[tokio::test(start_paused = true)]
async fn calls_from_before_it_opened_say_nothing_later() {
    let breaker = breaker();
    let (early, late) = (breaker.enter().unwrap(), breaker.enter().unwrap());
    (0..10).for_each(|_| end(&breaker, false));
    advance(5 * SECOND).await;
    let probe = breaker.enter().unwrap();
    early.failed(None);
    late.succeeded();
    assert_eq!(breaker.state(), BreakerState::HalfOpen { probing: 1, succeeded: 0 });
    probe.succeeded();
    assert_eq!(breaker.state(), BreakerState::Closed { calls: 0, failures: 0 });
}
