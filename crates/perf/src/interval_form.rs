//! How an interval is written into the documents for other programs: reports, comparisons, trends.

use serde::Serialize;

use crate::run::Interval;

#[derive(Serialize)]
pub(crate) struct IntervalForm<'a> {
    low: f64,
    high: f64,
    level: f64,
    method: &'a str,
}

impl<'a> From<&'a Interval> for IntervalForm<'a> {
    fn from(i: &'a Interval) -> Self {
        Self { low: i.low, high: i.high, level: i.level, method: &i.method }
    }
}
