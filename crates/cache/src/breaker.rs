//! Leaving a failing tier alone for a while.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// So many outages in a row open the breaker.
pub(crate) const FAILURES_TO_OPEN: u32 = 5;
/// It stays open for so long, then lets one call through to see.
pub(crate) const OPEN_FOR: Duration = Duration::from_secs(2);

#[derive(Debug)]
enum State {
    Closed { failures: u32 },
    Open { since: Instant },
    Probing,
}

/// A circuit breaker. Its time is tokio's.
#[derive(Debug)]
pub(crate) struct Breaker(Mutex<State>);

impl Breaker {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(State::Closed { failures: 0 }))
    }

    /// Leave to call, or `None` while it is open. Dropped without a word, the leave changes nothing.
    pub(crate) fn admit(&self) -> Option<Leave<'_>> {
        let mut state = self.lock();
        match *state {
            State::Closed { .. } => Some(Leave { breaker: self, is_probe: false }),
            State::Open { since } if since.elapsed() >= OPEN_FOR => {
                *state = State::Probing;
                Some(Leave { breaker: self, is_probe: true })
            }
            State::Open { .. } | State::Probing => None,
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        matches!(*self.lock(), State::Closed { .. })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
pub(crate) struct Leave<'a> {
    breaker: &'a Breaker,
    is_probe: bool,
}

impl Leave<'_> {
    pub(crate) fn worked(mut self) {
        self.is_probe = false;
        *self.breaker.lock() = State::Closed { failures: 0 };
    }

    pub(crate) fn failed(mut self) {
        let was_probe = std::mem::take(&mut self.is_probe);
        let mut state = self.breaker.lock();
        *state = match *state {
            State::Closed { failures } if failures + 1 < FAILURES_TO_OPEN => {
                State::Closed { failures: failures + 1 }
            }
            // Calls that began before it opened say nothing new.
            State::Open { since } if !was_probe => State::Open { since },
            State::Probing if !was_probe => State::Probing,
            State::Closed { .. } | State::Open { .. } | State::Probing => {
                State::Open { since: Instant::now() }
            }
        };
    }
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        // A probe that was cancelled has found out nothing: the next call is the probe.
        if self.is_probe {
            let since = Instant::now();
            *self.breaker.lock() = State::Open { since: since.checked_sub(OPEN_FOR).unwrap_or(since) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(breaker: &Breaker, times: u32) {
        for _ in 0..times {
            breaker.admit().unwrap().failed();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn five_failures_in_a_row_open_it_for_two_seconds() {
        let breaker = Breaker::new();
        fail(&breaker, 4);
        breaker.admit().unwrap().worked();
        fail(&breaker, 4);
        assert!(breaker.is_closed());
        fail(&breaker, 1);
        assert!(!breaker.is_closed());
        tokio::time::advance(OPEN_FOR - Duration::from_millis(1)).await;
        assert!(breaker.admit().is_none());
        tokio::time::advance(Duration::from_millis(1)).await;
        let probe = breaker.admit().unwrap();
        assert!(breaker.admit().is_none(), "one probe at a time");
        probe.failed();
        assert!(breaker.admit().is_none(), "a failed probe opens it again");
        tokio::time::advance(OPEN_FOR).await;
        breaker.admit().unwrap().worked();
        assert!(breaker.is_closed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_probe_gives_its_turn_on() {
        let breaker = Breaker::new();
        fail(&breaker, 5);
        tokio::time::advance(OPEN_FOR).await;
        drop(breaker.admit().unwrap());
        assert!(breaker.admit().is_some());
    }
}
