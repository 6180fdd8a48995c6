//! How an analysis went: every measured time, every call, and what the as-of cut took away.

use std::time::Duration;

use assize_altdata::Ticker;
use assize_ambient::Timestamp;
use assize_metering::Usd;
use serde_json::{Value, json};

use crate::{FetchNote, StageSpan};

const FORMAT_VERSION: u32 = 1;

/// A call of the model. Times count from the start of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallSpan {
    /// For what: a framework's name, or `synthesis`.
    pub name: &'static str,
    /// 0, or 1 where it was asked again because its first answer could not be read.
    pub attempt: u32,
    /// When it was asked.
    pub asked: Duration,
    /// When its answer was there.
    pub answered: Duration,
    /// Whether the answer came out of a cache, and nobody was asked.
    pub is_from_cache: bool,
    /// What was booked for it, where anything was.
    pub paid: Option<Usd>,
    /// What kind of failure it was, if it was one.
    pub error: Option<&'static str>,
}

/// How an analysis went.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalysisRecord {
    /// Whose.
    pub ticker: Ticker,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took.
    pub elapsed: Duration,
    /// Its stages, in the order in which they were asked for.
    pub stages: Vec<StageSpan>,
    /// The calls of the model.
    pub calls: Vec<CallSpan>,
    /// What each stage fetched.
    pub fetches: Vec<(&'static str, FetchNote)>,
    /// What was wrong in the data, with line numbers.
    pub findings: Vec<String>,
}

impl AnalysisRecord {
    /// What was paid for calls, as far as it is known.
    #[must_use]
    pub fn paid(&self) -> Usd {
        Usd::checked_sum(self.calls.iter().filter_map(|call| call.paid)).unwrap_or(Usd::MAX)
    }

    /// The calls for which a model was asked: those that no cache answered.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.calls.iter().filter(|call| !call.is_from_cache).count()
    }

    /// The record as JSON, times in milliseconds.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let ms = |time: Duration| json!(time.as_secs_f64() * 1e3);
        let stage = |span: &StageSpan| {
            json!({
                "stage": span.stage, "asked_ms": ms(span.asked), "start_ms": ms(span.start), "end_ms": ms(span.end),
                "status": span.status,
            })
        };
        let call = |call: &CallSpan| {
            json!({
                "for": call.name, "attempt": call.attempt, "asked_ms": ms(call.asked), "answered_ms": ms(call.answered),
                "from_cache": call.is_from_cache, "paid": call.paid, "error": call.error,
            })
        };
        let fetch = |(stage, note): &(&'static str, FetchNote)| {
            json!({
                "stage": stage, "requests": note.requests, "items": note.items,
                "removed_by_as_of": note.removed.count, "removed_findings": note.removed_findings.count,
            })
        };
        json!({
            "format_version": FORMAT_VERSION,
            "kind": "analysis",
            "ticker": self.ticker.to_string(),
            "started_at": self.started_at,
            "elapsed_ms": ms(self.elapsed),
            "paid": self.paid(),
            "stages": self.stages.iter().map(stage).collect::<Vec<_>>(),
            "calls": self.calls.iter().map(call).collect::<Vec<_>>(),
            "fetches": self.fetches.iter().map(fetch).collect::<Vec<_>>(),
            "findings": self.findings,
        })
    }
}
