//! Lines over numbers or dates.

use crate::axis::Axis;

/// Lines over numbers or dates, with bands of uncertainty and markers of events.
///
/// ```
/// use assize_report::{Document, LineChart, Series, XAxis};
///
/// let mut doc = Document::new("Trend");
/// doc.chart(LineChart {
///     title: "p99 by day".into(),
///     y_label: "ms".into(),
///     x_axis: XAxis::Date,
///     series: vec![Series { label: "p99".into(), points: vec![(20_514.0, 12.0), (20_515.0, 13.5)], band: None }],
///     ..LineChart::default()
/// });
/// assert!(doc.to_markdown().contains("2026-03-02"));
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LineChart {
    /// What is shown.
    pub title: String,
    /// What runs to the right.
    pub x_label: String,
    /// What runs upwards, with its unit.
    pub y_label: String,
    /// What `x` counts.
    pub x_axis: XAxis,
    /// The lines.
    pub series: Vec<Series>,
    /// Vertical lines at events.
    pub markers: Vec<Marker>,
}

/// What `x` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum XAxis {
    /// Anything.
    #[default]
    Number,
    /// Days since 1970-01-01, in UTC; fractions are times of day.
    Date,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// Its name in the legend.
    pub label: String,
    /// Pairs of `x` and `y`, drawn in order of `x`. Where one is not finite the line has a gap.
    pub points: Vec<(f64, f64)>,
    /// The lower and upper bound at each point, by position.
    pub band: Option<Vec<(f64, f64)>>,
}

/// A vertical line at an event.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Marker {
    /// Where it stands, counted as the axis counts.
    pub x: f64,
    /// What happened.
    pub label: String,
}

/// The two axes of a line chart.
#[derive(Debug)]
pub(crate) struct LineAxes {
    pub(crate) x: Axis,
    pub(crate) y: Axis,
}

/// Axes with room for every finite point, band and marker; `None` where no point is finite.
pub(crate) fn line_axes(chart: &LineChart, x_ticks: usize, y_ticks: usize) -> Option<LineAxes> {
    let finite = |point: &&(f64, f64)| point.0.is_finite() && point.1.is_finite();
    let points = || chart.series.iter().flat_map(|series| series.points.iter().filter(finite));
    points().next()?;
    let bands = chart.series.iter().flat_map(|series| series.band.iter().flatten());
    let bounds = bands.flat_map(|(low, high)| [*low, *high]).filter(|bound| bound.is_finite());
    let heights: Vec<f64> = points().map(|point| point.1).chain(bounds).collect();
    let events = chart.markers.iter().map(|marker| marker.x).filter(|x| x.is_finite());
    let places = points().map(|point| point.0).chain(events);
    let x = match chart.x_axis {
        XAxis::Number => Axis::tight(places, x_ticks),
        XAxis::Date => Axis::dates(places, x_ticks),
    };
    Some(LineAxes { x, y: Axis::linear(with_near_zero(&heights), y_ticks) })
}

/// The heights, and zero where leaving it out would make a small change look large.
fn with_near_zero(heights: &[f64]) -> impl Iterator<Item = f64> {
    let lowest = heights.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = heights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let near = lowest >= 0.0 && lowest < highest / 2.0;
    heights.iter().copied().chain(near.then_some(0.0))
}
