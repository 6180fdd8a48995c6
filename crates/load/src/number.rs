//! Counts and times as real numbers, and back.

use std::time::Duration;

/// Nanoseconds in a second.
pub(crate) const SECOND: f64 = 1e9;

/// A count as a real number. Exact up to 2⁵³.
#[expect(clippy::cast_precision_loss, reason = "no run sends 2^53 requests")]
pub(crate) const fn real(count: u64) -> f64 {
    count as f64
}

/// How many there are.
pub(crate) fn len<T>(of: &[T]) -> f64 {
    real(u64::try_from(of.len()).unwrap_or(u64::MAX))
}

/// A real number as a count: 0 for what is negative or no number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float saturates, which is what is asked for"
)]
pub(crate) const fn whole(value: f64) -> u64 {
    value as u64
}

/// A place in a list: the share `share` of it from the start, at most its last.
pub(crate) fn place(share: f64, of: usize) -> usize {
    let at = whole(share * real(u64::try_from(of).unwrap_or(u64::MAX)));
    usize::try_from(at).unwrap_or(usize::MAX).min(of.saturating_sub(1))
}

/// A time in nanoseconds, at most 584 years.
pub(crate) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
