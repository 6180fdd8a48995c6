//! What can be drawn: horizontal bars, boxes, lines, a timeline, a flame.

mod bars;
mod boxes;
mod figures;
mod flame;
mod lines;
mod timeline;

pub use bars::{Bar, BarChart, Reference, Scale};
pub use boxes::{BoxChart, BoxRow};
pub use flame::{Flame, Stack};
pub use lines::{LineChart, Marker, Series, XAxis};
pub use timeline::{Lane, Span, Timeline};

pub(crate) use bars::{bar_axis, drawable};
pub(crate) use boxes::box_axis;
pub(crate) use figures::{Point, figures, with_unit};
pub(crate) use flame::{Node, tree as flame_tree};
pub(crate) use lines::{LineAxes, line_axes};
pub(crate) use timeline::{distinct_labels, timeline_axis};

/// Something drawn. A figure that is not finite is named in the drawing as "n/a".
///
/// ```
/// use assize_report::{Bar, BarChart, Document};
///
/// let mut doc = Document::new("Rounds");
/// let bars = vec![Bar { label: "4 debaters".into(), value: 23.6, display: "23.6 µs".into(), ..Bar::default() }];
/// doc.chart(BarChart { title: "Cost of a round".into(), unit: "µs".into(), bars, ..BarChart::default() });
/// assert!(doc.to_html().contains("<svg"));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Chart {
    /// Horizontal bars.
    Bars(BarChart),
    /// Distributions as boxes.
    Boxes(BoxChart),
    /// Lines over numbers or dates.
    Lines(LineChart),
    /// Spans of time in lanes.
    Timeline(Timeline),
    /// Stacks of calls.
    Flame(Flame),
}

impl Chart {
    pub(crate) fn title(&self) -> &str {
        match self {
            Self::Bars(BarChart { title, .. })
            | Self::Boxes(BoxChart { title, .. })
            | Self::Lines(LineChart { title, .. })
            | Self::Timeline(Timeline { title, .. })
            | Self::Flame(Flame { title, .. }) => title,
        }
    }

    /// The sentence that stands for a chart without data.
    pub(crate) fn emptiness(&self) -> Option<&'static str> {
        let (empty, sentence) = match self {
            Self::Bars(chart) => (chart.bars.is_empty(), "No bars to draw."),
            Self::Boxes(chart) => (chart.rows.is_empty(), "No distributions to draw."),
            Self::Lines(chart) => {
                (chart.series.iter().all(|series| series.points.is_empty()), "No points to draw.")
            }
            Self::Timeline(chart) => {
                (chart.lanes.iter().all(|lane| lane.spans.is_empty()), "No spans to draw.")
            }
            Self::Flame(chart) => (chart.stacks.is_empty(), "No stacks to draw."),
        };
        empty.then_some(sentence)
    }
}

impl From<BarChart> for Chart {
    fn from(chart: BarChart) -> Self {
        Self::Bars(chart)
    }
}

impl From<BoxChart> for Chart {
    fn from(chart: BoxChart) -> Self {
        Self::Boxes(chart)
    }
}

impl From<LineChart> for Chart {
    fn from(chart: LineChart) -> Self {
        Self::Lines(chart)
    }
}

impl From<Flame> for Chart {
    fn from(chart: Flame) -> Self {
        Self::Flame(chart)
    }
}

impl From<Timeline> for Chart {
    fn from(chart: Timeline) -> Self {
        Self::Timeline(chart)
    }
}
