//! JSON Schemas (draft 2020-12) of what is written of briefs and analyses, of how their runs went, of tests over the past and of
//! accounts on paper.
//!
//! ```
//! let schema = assize_pipeline::schema::brief();
//! assert_eq!(schema["properties"]["tickers"]["type"], "array");
//! ```

use assize_debate::schema::{Moment, Usd, written};
use schemars::JsonSchema;
use serde_json::Value;

use crate::{Analysis, BacktestReport, Brief, Status, desk_document::PortfolioReport, toggle::ToggleRecord};

/// Of a [`Brief`]: `brief.json`.
#[must_use]
pub fn brief() -> Value {
    written::<Brief>("A morning brief")
}

/// Of an [`Analysis`]: `analysis.json`.
#[must_use]
pub fn analysis() -> Value {
    written::<Analysis>("The analysis of a company")
}

/// Of a [`BacktestReport`]: `backtest.json`.
#[must_use]
pub fn backtest() -> Value {
    written::<BacktestReport>("A test over the past")
}

/// Of a [`PortfolioReport`]: `portfolio.json`, and what `assize portfolio show --json` prints.
#[must_use]
pub fn portfolio() -> Value {
    written::<PortfolioReport>("An account on paper")
}

/// Of the record of a brief or an analysis, a [`RunRecord`](crate::RunRecord) or an [`AnalysisRecord`](crate::AnalysisRecord): `run.json`.
#[must_use]
pub fn run() -> Value {
    written::<Run>("How a run went")
}

/// How a run went. All times are in milliseconds, and but for those of a debate's turns they count from the start of the run.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "it stands for the form that records are written in")]
enum Run {
    Brief(BriefRun),
    Analysis(AnalysisRun),
}

/// How a brief went.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it stands for the form that records are written in")]
struct BriefRun {
    /// 1.
    format_version: u32,
    /// What it is the record of.
    kind: OfBrief,
    /// When it began.
    started_at: Moment,
    /// How long it took.
    elapsed_ms: f64,
    /// How long its research took: the one fetch over all tickers.
    research_ms: f64,
    /// How each ticker went, in the order of the request.
    tickers: Vec<TickerRun>,
    /// How each source fared, in the order of sources.
    sources: Vec<SourceHealth>,
    /// What was chosen for the panels of tickers, with what was predicted, and how it went.
    toggles: Vec<ToggleRecord>,
    /// Sources that there are and that were not asked.
    not_asked: Vec<NotAsked>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
#[expect(dead_code, reason = "it stands for the form that records are written in")]
enum OfBrief {
    Brief,
}

/// How one ticker went.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it stands for the form that records are written in")]
struct TickerRun {
    /// The ticker.
    ticker: String,
    /// Its stages, in order.
    stages: Vec<StageSpan>,
    /// The turns of its debate.
    turns: Vec<TurnSpan>,
    /// Its fetch, if there was one.
    fetch: TickerFetch,
    /// What was wrong in the data, with line numbers; that of rows without a readable date too, which may lie after the
    /// as-of date and are not in the brief.
    findings: Vec<String>,
}

/// A stage's work.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it stands for the form that records are written in")]
struct StageSpan {
    /// The stage.
    stage: String,
    /// When it was asked for: from then to its start it waited for its place.
    asked_ms: f64,
    /// When its work began.
    start_ms: f64,
    /// When it ended.
    end_ms: f64,
    /// What it gave.
    status: Status,
}

/// A debater's turn. Times count from the start of the debate.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it stands for the form that records are written in")]
struct TurnSpan {
    /// The round, from 0.
    round: u32,
    /// The debater's name.
    name: String,
    /// When it was asked.
    asked_ms: f64,
    /// When its answer was there.
    answered_ms: f64,
}

/// How the fetch of a ticker went.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it stands for the form that records are written in")]
struct TickerFetch {
    /// Requests sent.
    requests: u64,
    /// Items kept.
    items: usize,
    /// Items that could have been known only after the as-of date.
    removed_by_as_of: Removed,
    /// Findings that could have been made only after the as-of date.
    removed_findings: Removed,
}

/// What the as-of cut took away.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it stands for the form that records are written in")]
struct Removed {
    /// How many.
    count: u64,
    /// How many of them have no date.
    undated: u64,
    /// The first and the last date by which they could have been known.
    dates: Option<(String, String)>,
}

/// How a source fared.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it stands for the form that records are written in")]
struct SourceHealth {
    /// The source.
    source: String,
    /// How often it was asked.
    attempts: u64,
    /// The last times.
    last: Vec<Attempt>,
    /// The median of their times, if there are any.
    median_ms: Option<f64>,
    /// The share of them that went well, if there are any.
    success_share: Option<f64>,
}

/// One attempt at one request.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it stands for the form that records are written in")]
struct Attempt {
    /// How it ended: `items`, `empty`, or why not.
    ended: String,
    /// How long it took, without waiting for its turn.
    took_ms: f64,
}

/// A source that was not asked.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it stands for the form that records are written in")]
struct NotAsked {
    /// The source.
    source: String,
    /// Why.
    why: String,
}

/// How an analysis went.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it stands for the form that records are written in")]
struct AnalysisRun {
    /// 1.
    format_version: u32,
    /// What it is the record of.
    kind: OfAnalysis,
    /// Whose analysis.
    ticker: String,
    /// When it began.
    started_at: Moment,
    /// How long it took.
    elapsed_ms: f64,
    /// What was paid for calls, as far as it is known.
    paid: Usd,
    /// Its stages, in the order in which they were asked for.
    stages: Vec<StageSpan>,
    /// The calls of the model.
    calls: Vec<CallSpan>,
    /// What each stage fetched.
    fetches: Vec<StageFetch>,
    /// What was wrong in the data, with line numbers.
    findings: Vec<String>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
#[expect(dead_code, reason = "it stands for the form that records are written in")]
enum OfAnalysis {
    Analysis,
}

/// A call of the model.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it stands for the form that records are written in")]
struct CallSpan {
    /// For what: a framework's name, or `synthesis`.
    #[schemars(rename = "for")]
    purpose: String,
    /// 0, or 1 where it was asked again because its first answer could not be read.
    attempt: u32,
    /// When it was asked.
    asked_ms: f64,
    /// When its answer was there.
    answered_ms: f64,
    /// Whether the answer came out of a cache, and nobody was asked.
    from_cache: bool,
    /// What was booked for it, where anything was.
    paid: Option<Usd>,
    /// What kind of failure it was, if it was one.
    error: Option<String>,
}

/// What a stage fetched.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it stands for the form that records are written in")]
struct StageFetch {
    /// The stage.
    stage: String,
    /// Requests sent.
    requests: u64,
    /// Items kept.
    items: usize,
    /// How many items could have been known only after the as-of date.
    removed_by_as_of: u64,
    /// How many findings could have been made only after it.
    removed_findings: u64,
}
