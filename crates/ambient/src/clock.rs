//! Time: the wall clock as a value that is passed in.

use std::fmt::Debug;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// Tells the time of day. Elapsed time is not its business: that is measured with `tokio::time::Instant`, which a
/// paused runtime controls.
///
/// ```
/// use assize_ambient::{Clock, FixedClock, Timestamp};
///
/// let clock = FixedClock::new("1998-03-02T21:00:00Z".parse::<Timestamp>()?);
/// assert_eq!(clock.now().to_string(), "1998-03-02T21:00:00Z");
/// # Ok::<(), jiff::Error>(())
/// ```
#[cfg_attr(any(test, feature = "test-util"), mockall::automock)]
pub trait Clock: Debug + Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The clock of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system time")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that always shows the same moment.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(Timestamp);

impl FixedClock {
    /// A clock that always shows `moment`.
    #[must_use]
    pub const fn new(moment: Timestamp) -> Self {
        Self(moment)
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// A clock that starts at a given moment and advances with tokio's time: under a paused runtime it moves exactly as
/// far as the program has waited.
#[derive(Debug, Clone, Copy)]
pub struct VirtualClock {
    start: Timestamp,
    since: Instant,
}

impl VirtualClock {
    /// A clock that shows `start` now and runs from here.
    #[must_use]
    pub fn starting_at(start: Timestamp) -> Self {
        Self { start, since: Instant::now() }
    }
}

impl Clock for VirtualClock {
    /// Stays at the last moment that can be represented rather than overflow.
    fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.since.elapsed()).unwrap_or(SignedDuration::MAX);
        self.start.checked_add(elapsed).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_virtual_clock_moves_with_paused_time() {
        let clock = VirtualClock::starting_at(Timestamp::UNIX_EPOCH);
        tokio::time::advance(Duration::from_millis(90_250)).await;
        assert_eq!(clock.now().to_string(), "1970-01-01T00:01:30.25Z");
    }

    #[test]
    fn a_mock_clock_can_be_scripted() {
        let mut clock = MockClock::new();
        clock.expect_now().times(1).return_const(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
    }
}
