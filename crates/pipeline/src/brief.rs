//! What a morning brief says: identical for identical input, whatever the time of day and the speed of the machine.

use std::{fmt, sync::Arc};

use assize_altdata::{AsOf, Disposition, Finding, SeriesBar, Ticker};
use assize_ambient::Timestamp;
use assize_debate::{Evidence, Rule, Verdict};
use assize_metering::Usd;
use jiff::civil::Date;
use serde::Serialize;

use crate::{Decision, DeskReport, Part, Shortfall};

/// The version of the brief's JSON form.
pub const FORMAT_VERSION: u32 = 1;

/// How much of a result is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// All of it.
    Full,
    /// Something is missing, and it says what.
    Degraded,
    /// There is no decision.
    Missing,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Full => "full",
            Self::Degraded => "degraded",
            Self::Missing => "missing",
        })
    }
}

/// A daily bar that somebody cites.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CitedBar {
    /// The evidence's id.
    pub id: String,
    /// The session.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub date: Date,
    /// The session's open, as traded.
    pub open: f64,
    /// The session's high, as traded.
    pub high: f64,
    /// The session's low, as traded.
    pub low: f64,
    /// The session's close, as traded.
    pub close: f64,
}

impl From<&SeriesBar> for CitedBar {
    fn from(bar: &SeriesBar) -> Self {
        let day = &bar.bar;
        Self {
            id: bar.id.to_string(),
            date: day.date,
            open: day.open,
            high: day.high,
            low: day.low,
            close: day.close,
        }
    }
}

/// A piece of evidence that somebody cites.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CitedEvidence {
    /// Its id.
    pub id: String,
    /// What sort of thing it is, such as `daily-bar` or `article`.
    pub kind: String,
    /// What it says.
    pub says: String,
    /// The moment by which it could be known.
    #[cfg_attr(feature = "schema", schemars(with = "assize_debate::schema::Moment"))]
    pub available_at: Timestamp,
    /// The file or address that it was read from.
    pub source: String,
}

impl From<&Evidence> for CitedEvidence {
    fn from(evidence: &Evidence) -> Self {
        Self {
            id: evidence.id.to_string(),
            kind: evidence.kind.clone(),
            says: evidence.text.clone(),
            available_at: evidence.available_at,
            source: evidence.source.clone(),
        }
    }
}

/// How much there is of a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PartState {
    /// Which part.
    pub part: Part,
    /// How much of it is there.
    pub status: Status,
    /// How many observations; `None` for what is no observation.
    pub items: Option<usize>,
    /// The sources that they came from.
    pub sources: Vec<String>,
}

/// Something that was wrong with the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FindingNote {
    /// The kind of thing that was wrong.
    pub kind: &'static str,
    /// Which file and session, what was wrong, and what was done about it. Line numbers are in the run's record: in a file
    /// that runs backwards they depend on rows after the as-of date.
    pub text: String,
    /// Whether the row was left out.
    pub dropped: bool,
}

impl FindingNote {
    /// Something that was wrong, of a kind in lower case with hyphens.
    pub fn new(kind: &'static str, text: impl Into<String>, dropped: bool) -> Self {
        Self { kind, text: text.into(), dropped }
    }
}

impl From<&Finding> for FindingNote {
    fn from(finding: &Finding) -> Self {
        let dropped = finding.disposition == Disposition::Dropped;
        let text = Finding { line: None, ..finding.clone() }.to_string();
        Self { kind: finding.kind.as_str(), text, dropped }
    }
}

/// A ticker's part of the brief.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TickerBrief {
    /// The ticker.
    #[serde(serialize_with = "crate::as_text::as_text")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub ticker: Ticker,
    /// How much is there.
    pub status: Status,
    /// What it was to return more than, where that was the question; `None`: whether it rises.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "crate::as_text::as_optional_text")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub benchmark: Option<Ticker>,
    /// Its sector, by the code that the SEC counts it to; `None` where nobody said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
    /// What to do; `None`: nothing could be decided, and `shortfalls` says why.
    pub decision: Option<Decision>,
    /// What the panel came to.
    pub verdict: Option<Arc<Verdict>>,
    /// The newest bar known on the as-of date.
    pub newest_bar: Option<CitedBar>,
    /// How many bars were known on the as-of date.
    pub bars: usize,
    /// The bars that the reasons cite, oldest first.
    pub cited: Vec<CitedBar>,
    /// All evidence that the reasons cite, the bars included, in the order of the debate's evidence.
    pub evidence: Vec<CitedEvidence>,
    /// How much there is of each part.
    pub parts: Vec<PartState>,
    /// Sources that answered that they know of nothing, or nothing new, where others do: what they said.
    pub quiet: Vec<String>,
    /// What its calls of models cost, those of a debate included that nobody was heard in.
    #[cfg_attr(feature = "schema", schemars(with = "assize_debate::schema::Usd"))]
    pub cost: Usd,
    /// The last closes, adjusted for splits and dividends known on the as-of date, for drawing.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<(String, f64)>"))]
    pub closes: Vec<(Date, f64)>,
    /// What is missing.
    pub shortfalls: Vec<Shortfall>,
    /// What was wrong with the data.
    pub findings: Vec<FindingNote>,
}

impl TickerBrief {
    /// A brief of which nothing is known yet.
    pub(crate) fn blank(ticker: &Ticker) -> Self {
        Self {
            ticker: ticker.clone(),
            status: Status::Missing,
            benchmark: None,
            sector: None,
            decision: None,
            verdict: None,
            newest_bar: None,
            bars: 0,
            cited: Vec::new(),
            evidence: Vec::new(),
            parts: Vec::new(),
            quiet: Vec::new(),
            cost: Usd::ZERO,
            closes: Vec::new(),
            shortfalls: Vec::new(),
            findings: Vec::new(),
        }
    }
}

/// A morning brief.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Brief {
    /// The version of this form.
    pub format_version: u32,
    /// The date (or moment) by which everything in it was known.
    #[serde(serialize_with = "crate::as_text::as_text")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub as_of: AsOf,
    /// How far ahead it looks, in sessions.
    pub horizon_sessions: u32,
    /// What each ticker was to return more than; `None`: it was to rise. Each says which question it was in the end.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "crate::as_text::as_optional_text")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub benchmark: Option<Ticker>,
    /// The rule of decision.
    pub rule: Rule,
    /// The most rounds of a debate; 1: the panel only votes.
    pub rounds: u32,
    /// What was left out on request.
    pub without: Vec<Part>,
    /// The tickers, in the order of the request.
    pub tickers: Vec<TickerBrief>,
    /// What all calls of models cost.
    #[cfg_attr(feature = "schema", schemars(with = "assize_debate::schema::Usd"))]
    pub cost: Usd,
    /// What a desk has done with it; `None` without a desk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desk: Option<Box<DeskReport>>,
}

impl Brief {
    /// Whether anything was decided.
    #[must_use]
    pub fn has_decision(&self) -> bool {
        self.tickers.iter().any(|ticker| ticker.decision.is_some())
    }

    /// The brief as JSON.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}
