//! A clock that a test sets, and amounts that it writes down.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use assize_ambient::{Clock, Timestamp};
use assize_metering::{Attribution, Charge, TokenUsage, Usage, Usd};

/// Shows nanoseconds after the last hour of February 2026; clones show the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct SetClock(Arc<AtomicI64>);

impl SetClock {
    pub(crate) fn shared(&self) -> Arc<dyn Clock> {
        Arc::new(self.clone())
    }

    pub(crate) fn advance(&self, nanoseconds: i64) {
        self.0.fetch_add(nanoseconds, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-02-28T23:00:00Z".parse().expect("a time");
        let nanoseconds = start.as_nanosecond() + i128::from(self.0.load(Ordering::SeqCst));
        Timestamp::from_nanosecond(nanoseconds).expect("tests do not last for ages")
    }
}

pub(crate) fn usd(text: &str) -> Usd {
    text.parse().expect("an amount")
}

/// A charge to nobody.
pub(crate) fn charge(worst_case: &str) -> Charge {
    Charge::new(Attribution::new(), usd(worst_case))
}

pub(crate) fn tokens(input: u64, output: u64) -> Usage {
    Usage::reported(TokenUsage::of(input, output))
}
