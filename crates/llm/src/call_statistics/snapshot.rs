//! The form in which statistics of calls are written down.

use std::collections::BTreeMap;

use assize_metering::{TokenUsage, Usd};
use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

/// The version of the form.
const FORMAT_VERSION: u32 = 1;

/// How calls went up to some moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CallSnapshot {
    /// The version of this form: 1.
    pub format_version: u32,
    /// All calls together; its model and agent are empty.
    pub total: CallSeries,
    /// The calls by model and agent, sorted by them.
    pub series: Vec<CallSeries>,
}

impl CallSnapshot {
    pub(super) fn new(total: CallSeries, series: Vec<CallSeries>) -> Self {
        Self { format_version: FORMAT_VERSION, total, series }
    }
}

/// The calls of one model for one agent that have ended. `calls` is `replied`, all of `failed`, and `cancelled` together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CallSeries {
    /// The model that replied; of a call without a reply, the one that was asked.
    pub model: String,
    /// For whom; empty where nobody said.
    pub agent: String,
    /// All calls that ended.
    pub calls: u64,
    /// Those with a whole reply.
    pub replied: u64,
    /// Those that failed, by the [key](crate::ErrorKind::key) of their kind.
    pub failed: BTreeMap<String, u64>,
    /// Those that were dropped before their end.
    pub cancelled: u64,
    /// How many of all were streams.
    pub streamed: u64,
    /// How many of the failed ones may be billed all the same.
    pub possibly_billed: u64,
    /// The tokens of the replies, and of what came of those that failed. What a cache served took none.
    pub tokens: TokenUsage,
    /// What was booked for them. What is possibly billed is not in it, nor what was booked for cancelled calls.
    pub cost: Usd,
    /// How many replies of a vendor say nothing of their cost.
    pub unpriced: u64,
    /// How many times vendors were asked, cancelled calls left out.
    pub attempts: u64,
    /// How many of these were refused for their rate.
    pub rate_limited: u64,
    /// How many were answered from a cache.
    pub cache_hits: u64,
    /// How many a cache was asked for in vain.
    pub cache_misses: u64,
    /// The time spent waiting between attempts, all calls together, in microseconds.
    pub backing_off_us: u64,
    /// The time spent waiting for leave, all calls together, in microseconds.
    pub queued_us: u64,
    /// The time to a whole reply, of those with one, in microseconds.
    pub latency_us: Quantiles,
    /// The time to the first delta, of the streams with one, in microseconds.
    pub first_delta_us: Quantiles,
}

/// Where a number of times lie. All are zero where there is none; a quantile is right to a hundredth of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Quantiles {
    /// How many there are.
    pub n: u64,
    /// Half of them are no longer.
    pub p50: u64,
    /// 95 of a hundred are no longer.
    pub p95: u64,
    /// 99 of a hundred are no longer.
    pub p99: u64,
    /// None is longer.
    pub max: u64,
}

impl Quantiles {
    pub(super) fn of(times: Option<&Histogram<u64>>) -> Self {
        let Some(times) = times.filter(|times| !times.is_empty()) else { return Self::default() };
        let at = |quantile| times.value_at_quantile(quantile);
        Self { n: times.len(), p50: at(0.5), p95: at(0.95), p99: at(0.99), max: times.max() }
    }
}
