//! Spans of time in lanes.

use crate::axis::Axis;
use crate::tone::Tone;

/// Spans of time in lanes, such as the stages of each ticker.
///
/// ```
/// use assize_report::{Document, Lane, Span, Timeline, Tone};
///
/// let research = Span { label: "research".into(), start: 0.0, end: 120.0, tone: Tone::Plain };
/// let debate = Span { label: "debate".into(), start: 120.0, end: 400.0, tone: Tone::Warn };
/// let mut doc = Document::new("Run");
/// doc.chart(Timeline {
///     title: "Stages".into(),
///     unit: "ms".into(),
///     lanes: vec![Lane { label: "ACME".into(), spans: vec![research, debate] }],
/// });
/// assert!(doc.to_markdown().contains("| ACME"));
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Timeline {
    /// What is shown.
    pub title: String,
    /// What time is counted in, such as `ms`.
    pub unit: String,
    /// The lanes, from top to bottom.
    pub lanes: Vec<Lane>,
}

/// One row of a timeline. Spans that overlap are drawn below each other.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lane {
    /// Whose time it is.
    pub label: String,
    /// What filled it.
    pub spans: Vec<Span>,
}

/// One stretch of time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Span {
    /// What was done. Spans of the same label have the same colour.
    pub label: String,
    /// When it began, in the chart's unit.
    pub start: f64,
    /// When it ended, in the chart's unit.
    pub end: f64,
    /// How it went.
    pub tone: Tone,
}

impl Span {
    /// Where it begins and ends, or `None` where either is not finite.
    pub(crate) fn bounds(&self) -> Option<(f64, f64)> {
        let finite = self.start.is_finite() && self.end.is_finite();
        finite.then(|| (self.start.min(self.end), self.start.max(self.end)))
    }
}

/// An axis with room for every finite span; `None` where there is none.
pub(crate) fn timeline_axis(chart: &Timeline, ticks: usize) -> Option<Axis> {
    let bounds = || chart.lanes.iter().flat_map(|lane| lane.spans.iter().filter_map(Span::bounds));
    bounds().next()?;
    Some(Axis::tight(bounds().flat_map(|(start, end)| [start, end]), ticks))
}

/// The labels of the spans in order of first appearance, at most `most`.
pub(crate) fn distinct_labels(chart: &Timeline, most: usize) -> Vec<&str> {
    let mut labels: Vec<&str> = Vec::new();
    for span in chart.lanes.iter().flat_map(|lane| &lane.spans) {
        if labels.len() < most && !labels.contains(&span.label.as_str()) {
            labels.push(&span.label);
        }
    }
    labels
}
