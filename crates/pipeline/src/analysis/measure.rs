//! A figure that was worked out, and what it rests on.

use std::collections::BTreeSet;

use assize_debate::EvidenceId;
use serde::Serialize;

/// More than these are not named for one figure.
const MOST_CITED: usize = 12;

/// What a figure is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Unit {
    /// A share of something: 0.1 is 10 %.
    Share,
    /// Dollars.
    Dollars,
    /// So many times.
    Times,
    /// Percentage points: 1 is one point.
    Points,
    /// A number as it is.
    Number,
    /// A whole number.
    Count,
}

impl Unit {
    /// A value in words.
    #[must_use]
    pub fn shown(self, value: f64) -> String {
        match self {
            Self::Share => format!("{:.1} %", 100.0 * value),
            Self::Dollars => format!("{} USD", grand(value)),
            Self::Times => format!("{value:.2}×"),
            Self::Points => format!("{value:.2} points"),
            Self::Number => format!("{value:.2}"),
            Self::Count => format!("{value:.0}"),
        }
    }
}

/// A figure that was worked out. It can be cited, by its id.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Measure {
    /// What it is cited by, such as `fin.gross-margin`.
    pub id: EvidenceId,
    /// What it is called.
    pub name: &'static str,
    /// The figure.
    pub value: f64,
    /// What it is counted in.
    pub unit: Unit,
    /// The same in words, with what it was worked out of and when that holds.
    pub text: String,
    /// The evidence that it was worked out of; of a window of days the first and the last.
    pub rests_on: Vec<EvidenceId>,
}

impl Measure {
    /// A figure; `None` if it is no finite number.
    pub(crate) fn new(
        id: &'static str,
        name: &'static str,
        (value, unit): (f64, Unit),
        how: &str,
        rests_on: impl IntoIterator<Item = EvidenceId>,
    ) -> Option<Self> {
        let mut seen = BTreeSet::new();
        let rests_on = rests_on.into_iter().filter(|id| seen.insert(id.clone())).take(MOST_CITED).collect();
        let text = format!("{name} {}: {how}", unit.shown(value));
        value.is_finite().then(|| Self { id: EvidenceId::plain(id), name, value, unit, text, rests_on })
    }

    /// The figure in words.
    #[must_use]
    pub fn shown(&self) -> String {
        self.unit.shown(self.value)
    }
}

/// The measure with this id.
pub(crate) fn find<'a>(measures: &'a [Measure], id: &str) -> Option<&'a Measure> {
    measures.iter().find(|measure| measure.id.as_str() == id)
}

/// Dollars, or any other unit, in words: `12.30 billion`.
pub(crate) fn grand(value: f64) -> String {
    // Minus nothing, such as the sum of no numbers, is nothing.
    let value = value + 0.0;
    let size = value.abs();
    match size {
        _ if size >= 1e12 => format!("{:.2} trillion", value / 1e12),
        _ if size >= 1e9 => format!("{:.2} billion", value / 1e9),
        _ if size >= 1e6 => format!("{:.2} million", value / 1e6),
        _ => format!("{value:.0}"),
    }
}
