//! Bottlenecks and insights: what the figures mean, and what to do about them.
//!
//! Every statement cites the measurements that it comes from. What has one cause is said once: all misses of one
//! target, and all targets missed by one measurement, are one bottleneck and one insight.

mod advice;
mod bottleneck;
mod cause;
mod explained;
mod insight;

pub use advice::{Action, Difficulty};
pub use bottleneck::{Bottleneck, Severity, bottlenecks};
pub(crate) use explained::attach;
pub use insight::{Insight, InsightKind, insights};

use crate::targets::{Row, Status};

/// From where on a figure is a bottleneck, from where on it is not steady, and whether a figure may be missing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// A time beyond this is [`Severity::Critical`], in nanoseconds; 60 s.
    pub critical_ns: f64,
    /// Memory beyond this is [`Severity::Critical`], in bytes; 1 GB.
    pub critical_bytes: f64,
    /// A time beyond this is [`Severity::High`], in nanoseconds; 30 s.
    pub high_ns: f64,
    /// Memory beyond this is [`Severity::High`], in bytes; 500 MB.
    pub high_bytes: f64,
    /// A figure that misses its floor by this factor is [`Severity::Critical`]; 12.
    pub critical_multiple: f64,
    /// A figure that misses its floor by this factor is [`Severity::High`]; 6.
    pub high_multiple: f64,
    /// A figure that misses its floor by this factor is [`Severity::Medium`]; 3. Below it a miss is [`Severity::Low`], and
    /// so is a goal that is missed where the floor is met.
    pub medium_multiple: f64,
    /// A speed-up below this is [`Severity::Medium`]; 1.1.
    pub speed_up: f64,
    /// An interval that reaches further than this share of the figure to one side is not steady; 0.05.
    pub unsteady: f64,
    /// Whether the run should hold everything that has a floor: a target with a floor that nothing was measured for
    /// then fails the run. False, as a run may be a part of what there is.
    pub floors_must_be_measured: bool,
}

impl Thresholds {
    /// How bad it is to miss a floor by a factor.
    pub(crate) fn of_multiple(&self, factor: f64) -> Severity {
        if factor >= self.critical_multiple {
            Severity::Critical
        } else if factor >= self.high_multiple {
            Severity::High
        } else if factor >= self.medium_multiple {
            Severity::Medium
        } else {
            Severity::Low
        }
    }

    /// Whether a row is a gap in a run that should hold everything: a floor that nothing was measured for, or nothing
    /// that is a number.
    pub(crate) fn is_gap(&self, row: &Row) -> bool {
        self.floors_must_be_measured && row.status == Status::Missing && row.floor.is_some()
    }
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            critical_ns: 60e9,
            critical_bytes: 1e9,
            high_ns: 30e9,
            high_bytes: 500e6,
            critical_multiple: 12.0,
            high_multiple: 6.0,
            medium_multiple: 3.0,
            speed_up: 1.1,
            unsteady: 0.05,
            floors_must_be_measured: false,
        }
    }
}

#[cfg(test)]
mod tests;
