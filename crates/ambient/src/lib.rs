//! What a program takes from its surroundings: time and chance.
//!
//! Nothing else in the workspace reads the system time or a source of randomness. Whoever needs the time takes a
//! [`Clock`]; whoever needs chance takes a [`Seed`]. Both can be given from outside, so that the same input gives the
//! same output on every machine.

mod chance;
mod clock;

pub use chance::{Chance, Seed};
#[cfg(any(test, feature = "test-util"))]
pub use clock::MockClock;
pub use clock::{Clock, FixedClock, SystemClock, VirtualClock};
pub use jiff::Timestamp;
