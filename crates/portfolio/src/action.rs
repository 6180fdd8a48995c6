//! What to do about a stock.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A five-tier recommendation, from the probability that the price rises over the horizon.
///
/// ```
/// use assize_portfolio::Action;
///
/// assert_eq!(Action::from_probability(0.57), Action::Overweight);
/// assert_eq!(Action::from_probability(0.52), Action::Hold);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// p ≤ 0.40.
    Sell,
    /// 0.40 < p ≤ 0.45.
    Underweight,
    /// 0.45 < p < 0.55: too close to a coin to act on.
    Hold,
    /// 0.55 ≤ p < 0.60.
    Overweight,
    /// p ≥ 0.60.
    Buy,
}

impl Action {
    /// The action for a probability of a rise, 0.0 to 1.0.
    #[must_use]
    pub fn from_probability(p: f64) -> Self {
        // Rounded to nine digits, so that 0.55 and what a sum makes of it are the same.
        let p = (p * 1e9).round() / 1e9;
        if p >= 0.60 {
            Self::Buy
        } else if p >= 0.55 {
            Self::Overweight
        } else if p > 0.45 {
            Self::Hold
        } else if p > 0.40 {
            Self::Underweight
        } else {
            Self::Sell
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Sell => "sell",
            Self::Underweight => "underweight",
            Self::Hold => "hold",
            Self::Overweight => "overweight",
            Self::Buy => "buy",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edges() {
        for (p, action) in [
            (0.0, Action::Sell),
            (0.40, Action::Sell),
            (0.41, Action::Underweight),
            (0.45, Action::Underweight),
            (0.4501, Action::Hold),
            (0.5499, Action::Hold),
            (0.1 + 0.45, Action::Overweight),
            (0.60, Action::Buy),
            (1.0, Action::Buy),
        ] {
            assert_eq!(Action::from_probability(p), action, "{p}");
        }
    }
}
