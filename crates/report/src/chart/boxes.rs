//! Distributions as boxes with their single values.

use super::bars::{Scale, drawable};
use crate::axis::Axis;

/// Distributions, one below the other: a box from quartile to quartile with a line at the median, whiskers, and the single
/// values as dots.
///
/// ```
/// use assize_report::{BoxChart, BoxRow, Document};
///
/// let values = vec![4.1, 4.2, 4.2, 4.3, 4.9];
/// let row = BoxRow { label: "turn".into(), low: 4.1, q1: 4.2, median: 4.2, q3: 4.3, high: 4.3, values, ..BoxRow::default() };
/// let mut doc = Document::new("Spread");
/// doc.chart(BoxChart { title: "Times".into(), unit: "µs".into(), rows: vec![row], ..BoxChart::default() });
/// assert!(doc.to_markdown().contains("| turn"));
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BoxChart {
    /// What is shown.
    pub title: String,
    /// What the values are counted in, such as `ms`; may be empty.
    pub unit: String,
    /// How a value becomes a place.
    pub scale: Scale,
    /// The distributions, from top to bottom.
    pub rows: Vec<BoxRow>,
}

/// One distribution.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BoxRow {
    /// What it is of.
    pub label: String,
    /// Where the lower whisker ends.
    pub low: f64,
    /// The first quartile.
    pub q1: f64,
    /// The median.
    pub median: f64,
    /// The third quartile.
    pub q3: f64,
    /// Where the upper whisker ends.
    pub high: f64,
    /// Single values, drawn as dots.
    pub values: Vec<f64>,
    /// What stands at its end, such as the median in words; may be empty.
    pub display: String,
}

impl BoxRow {
    pub(crate) fn five(&self) -> [f64; 5] {
        [self.low, self.q1, self.median, self.q3, self.high]
    }

    /// Whether all of the box has a place on a scale.
    pub(crate) fn drawable(&self, scale: Scale) -> bool {
        self.five().into_iter().all(|value| drawable(scale, value))
    }
}

/// An axis with room for every box and value.
pub(crate) fn box_axis(chart: &BoxChart, ticks: usize) -> Axis {
    let values = chart.rows.iter().flat_map(|row| row.five().into_iter().chain(row.values.iter().copied()));
    let values = values.filter(|value| drawable(chart.scale, *value));
    match chart.scale {
        Scale::Linear => Axis::linear(values, ticks),
        Scale::Log10 => Axis::log10(values, ticks),
    }
}
