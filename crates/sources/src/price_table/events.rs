//! Dividends and splits, also of rows that can't be used.

use std::fmt;

use assize_altdata::DailyBar;

/// New shares for an old one outside this range are slips.
pub(super) const SPLITS: std::ops::RangeInclusive<f64> = 1e-4..=1e4;

/// What happened on a day, or on several.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Events {
    /// For a share as it is after the split.
    pub(super) dividend: Option<f64>,
    pub(super) split: Option<f64>,
}

impl Events {
    pub(super) fn are_none(&self) -> bool {
        *self == Self::default()
    }

    /// Two records of one day: each value of the first that has one.
    pub(super) fn or(self, other: Self) -> Self {
        Self { dividend: self.dividend.or(other.dividend), split: self.split.or(other.split) }
    }

    /// Those of an earlier day and of this one as of one day: splits multiply, dividends add, in shares as they are after
    /// this day's split. `None` if all splits together are beyond belief.
    pub(super) fn behind(self, earlier: Self) -> Option<Self> {
        let split = match (earlier.split, self.split) {
            (Some(earlier), Some(own)) => Some(earlier * own),
            (one, other) => one.or(other),
        };
        if split.is_some_and(|split| !SPLITS.contains(&split)) {
            return None;
        }
        let carried = earlier.dividend.map(|paid| paid / self.split.unwrap_or(1.0));
        let dividend = match (carried, self.dividend) {
            (Some(carried), Some(own)) => Some(carried + own),
            (one, other) => one.or(other),
        };
        Some(Self { dividend, split })
    }

    pub(super) fn write_to(self, bar: &mut DailyBar) {
        (bar.dividend, bar.split) = (self.dividend, self.split);
    }
}

impl fmt::Display for Events {
    /// `dividend 0.5 and split 7`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.dividend, self.split) {
            (Some(dividend), Some(split)) => write!(f, "dividend {dividend} and split {split}"),
            (Some(dividend), None) => write!(f, "dividend {dividend}"),
            (None, Some(split)) => write!(f, "split {split}"),
            (None, None) => f.write_str("nothing"),
        }
    }
}
