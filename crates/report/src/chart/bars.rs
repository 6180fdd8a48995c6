//! Horizontal bars with whiskers and reference lines.

use crate::axis::Axis;
use crate::tone::Tone;

/// Horizontal bars, one below the other, with whiskers for intervals and vertical lines for a floor or a goal.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BarChart {
    /// What is compared.
    pub title: String,
    /// What the values are counted in, such as `ms`; may be empty.
    pub unit: String,
    /// How a value becomes a length.
    pub scale: Scale,
    /// The bars, from top to bottom.
    pub bars: Vec<Bar>,
    /// The vertical lines.
    pub reference: Vec<Reference>,
}

/// How a value becomes a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Scale {
    /// In proportion, from zero.
    #[default]
    Linear,
    /// By its decimal logarithm. A value of zero or below has no place on it and is named instead.
    Log10,
}

/// One bar.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bar {
    /// What it stands for.
    pub label: String,
    /// Its length, in the chart's unit.
    pub value: f64,
    /// The lower and upper end of its whisker, in the chart's unit.
    pub interval: Option<(f64, f64)>,
    /// The value in words, such as `12.5 ms`; where it is empty the value is written with four significant digits.
    pub display: String,
    /// How good the value is.
    pub tone: Tone,
}

/// A vertical line to compare with.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reference {
    /// Its name, such as `floor` or `goal`.
    pub label: String,
    /// Where it stands, in the chart's unit.
    pub value: f64,
}

/// Whether a value has a place on a scale.
pub(crate) fn drawable(scale: Scale, value: f64) -> bool {
    match scale {
        Scale::Linear => value.is_finite(),
        Scale::Log10 => value.is_finite() && value > 0.0,
    }
}

/// An axis with room for every value, whisker and reference line.
pub(crate) fn bar_axis(chart: &BarChart, ticks: usize) -> Axis {
    let whiskers = |bar: &Bar| bar.interval.map_or([bar.value; 2], |(low, high)| [low, high]);
    let values = chart.bars.iter().flat_map(|bar| std::iter::once(bar.value).chain(whiskers(bar)));
    let values = values.chain(chart.reference.iter().map(|line| line.value));
    let values = values.filter(|value| drawable(chart.scale, *value));
    match chart.scale {
        Scale::Linear => Axis::linear(values.chain([0.0]), ticks),
        Scale::Log10 => Axis::log10(values, ticks),
    }
}
