//! How a run went: every measured time, and what the as-of cut took away.

use std::time::Duration;

use assize_altdata::{NotAsked, Removed, SourceHealth, Ticker};
use assize_ambient::Timestamp;
use serde_json::{Value, json};

use crate::{Status, toggle::ToggleRecord};

const FORMAT_VERSION: u32 = 1;

/// A stage's work on one ticker. Times count from the start of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageSpan {
    /// The stage.
    pub stage: &'static str,
    /// When it was asked for: from then to `start` it waited for its place.
    pub asked: Duration,
    /// When its work began.
    pub start: Duration,
    /// When it ended.
    pub end: Duration,
    /// What it gave.
    pub status: Status,
}

/// A debater's turn. Times count from the start of the debate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnSpan {
    /// The round, from 0.
    pub round: u32,
    /// The debater's name.
    pub name: String,
    /// When it was asked.
    pub asked: Duration,
    /// When its answer was there.
    pub answered: Duration,
}

/// How the fetch of a ticker went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FetchNote {
    /// Requests sent.
    pub requests: u64,
    /// Items kept.
    pub items: usize,
    /// Items that could have been known only after the as-of date.
    pub removed: Removed,
    /// Findings that could have been made only after the as-of date.
    pub removed_findings: Removed,
}

/// How one ticker went.
#[derive(Debug, Clone, PartialEq)]
pub struct TickerRun {
    /// The ticker.
    pub ticker: Ticker,
    /// Its stages, in order.
    pub stages: Vec<StageSpan>,
    /// The turns of its debate.
    pub turns: Vec<TurnSpan>,
    /// Its fetch, if there was one.
    pub fetch: FetchNote,
    /// What was wrong in the data, with line numbers; that of rows without a readable date too, which may lie after the
    /// as-of date and are not in the brief.
    pub findings: Vec<String>,
}

/// How a run went.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRecord {
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took.
    pub elapsed: Duration,
    /// How long its research took: the one fetch over all tickers.
    pub research: Duration,
    /// How each ticker went, in the order of the request.
    pub tickers: Vec<TickerRun>,
    /// How each source fared, in the order of sources.
    pub sources: Vec<SourceHealth>,
    /// Sources that there are and that were not asked, and why.
    pub not_asked: Vec<NotAsked>,
    /// What was chosen for the panels of tickers, and how it went; none where nobody had to be waited for.
    pub toggles: Vec<ToggleRecord>,
}

impl RunRecord {
    /// The time that each stage took, added up over all tickers, in the order of the stages.
    #[must_use]
    pub fn stage_totals(&self) -> Vec<(&'static str, Duration)> {
        let mut totals: Vec<(&'static str, Duration)> = Vec::new();
        for span in self.tickers.iter().flat_map(|ticker| &ticker.stages) {
            let took = span.end.saturating_sub(span.start);
            match totals.iter_mut().find(|(stage, _)| *stage == span.stage) {
                Some((_, total)) => *total += took,
                None => totals.push((span.stage, took)),
            }
        }
        totals
    }

    /// The record as JSON, times in milliseconds.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let ms = |time: Duration| json!(time.as_secs_f64() * 1e3);
        let removed = |removed: &Removed| {
            let dates = removed.dates().map(|(first, last)| json!([first, last]));
            json!({ "count": removed.count, "undated": removed.undated, "dates": dates })
        };
        let ticker = |ticker: &TickerRun| {
            let stage = |span: &StageSpan| json!({ "stage": span.stage, "asked_ms": ms(span.asked), "start_ms": ms(span.start), "end_ms": ms(span.end), "status": span.status });
            let turn = |turn: &TurnSpan| json!({ "round": turn.round, "name": turn.name, "asked_ms": ms(turn.asked), "answered_ms": ms(turn.answered) });
            json!({
                "ticker": ticker.ticker.to_string(),
                "stages": ticker.stages.iter().map(stage).collect::<Vec<_>>(),
                "turns": ticker.turns.iter().map(turn).collect::<Vec<_>>(),
                "fetch": {
                    "requests": ticker.fetch.requests,
                    "items": ticker.fetch.items,
                    "removed_by_as_of": removed(&ticker.fetch.removed),
                    "removed_findings": removed(&ticker.fetch.removed_findings),
                },
                "findings": ticker.findings,
            })
        };
        let source = |health: &SourceHealth| {
            json!({
                "source": health.source.as_str(),
                "attempts": health.attempts,
                "last": health.last.iter().map(|one| json!({ "ended": one.ended, "took_ms": ms(one.took) })).collect::<Vec<_>>(),
                "median_ms": health.median().map(ms),
                "success_share": health.success_share(),
            })
        };
        json!({
            "format_version": FORMAT_VERSION,
            "kind": "brief",
            "started_at": self.started_at,
            "elapsed_ms": ms(self.elapsed),
            "research_ms": ms(self.research),
            "tickers": self.tickers.iter().map(ticker).collect::<Vec<_>>(),
            "sources": self.sources.iter().map(source).collect::<Vec<_>>(),
            "toggles": self.toggles,
            "not_asked": self.not_asked.iter().map(|one| json!({ "source": one.source.as_str(), "why": one.why })).collect::<Vec<_>>(),
        })
    }
}
