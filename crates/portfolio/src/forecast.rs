//! What somebody expected of a share, and what came of it.

mod calibration;
mod outcome;
mod proportion;
mod ticker_text;

use std::fmt;
use std::num::NonZeroU16;

use assize_altdata::Ticker;
use assize_ambient::Timestamp;
use serde::{Deserialize, Serialize};

pub use calibration::{Bin, Calibration, EffectiveSample, MIN_OUTCOMES};
pub use outcome::{Open, Outcome, PriceHistory, Resolved};
pub use proportion::{Interval, Proportion};

/// Who spoke.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Voice {
    /// The decision itself.
    Decision,
    /// A debater, by the name of its seat.
    Debater(String),
    /// All evidence of a source, by its id.
    Source(String),
    /// All evidence of a category, by its name.
    Category(String),
}

impl fmt::Display for Voice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decision => f.write_str("decision"),
            Self::Debater(name) => write!(f, "debater {name}"),
            Self::Source(name) => write!(f, "source {name}"),
            Self::Category(name) => write!(f, "category {name}"),
        }
    }
}

/// What a probability is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// That the share returns more than nothing, dividends included.
    #[default]
    Rise,
    /// That it returns more than the benchmark.
    Outperform,
}

/// What was to be done about it, as far as following it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Lean {
    /// To have less of it: sell, underweight.
    Short,
    /// Nothing: hold, or an abstention.
    Flat,
    /// To have more of it: buy, overweight.
    Long,
}

/// A probability, 0.0 to 1.0.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "f64", into = "f64")]
pub struct Probability(f64);

impl Probability {
    /// `None` unless it lies in 0.0 to 1.0.
    ///
    /// ```
    /// use assize_portfolio::Probability;
    ///
    /// assert_eq!(Probability::new(0.57).map(Probability::get), Some(0.57));
    /// assert_eq!(Probability::new(f64::NAN), None);
    /// ```
    #[must_use]
    pub fn new(p: f64) -> Option<Self> {
        // Minus nothing is nothing: what is written must not depend on a sign that nobody sees.
        (0.0..=1.0).contains(&p).then_some(Self(p + 0.0))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Probability {
    type Error = String;

    fn try_from(p: f64) -> Result<Self, String> {
        Self::new(p).ok_or_else(|| format!("a probability lies in 0 to 1, not {p}"))
    }
}

impl From<Probability> for f64 {
    fn from(p: Probability) -> Self {
        p.0
    }
}

/// What somebody expected of a share. It is part of a record that carries the version of its form.
///
/// ```
/// use assize_portfolio::{Forecast, Lean, Probability, Question, Voice};
/// use std::num::NonZeroU16;
///
/// let forecast = Forecast {
///     who: Voice::Debater("Momentum".to_owned()),
///     ticker: "KO".parse()?,
///     as_of: "1998-03-03T04:59:59Z".parse()?,
///     horizon: NonZeroU16::new(21).expect("not 0"),
///     question: Question::Outperform,
///     benchmark: Some("SPY".parse()?),
///     p_up: Probability::new(0.57).expect("a probability"),
///     action: Lean::Long,
/// };
/// let written = serde_json::to_string(&forecast)?;
/// assert_eq!(serde_json::from_str::<Forecast>(&written)?, forecast);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Forecast {
    /// Who.
    pub who: Voice,
    /// Of what.
    #[serde(with = "ticker_text")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub ticker: Ticker,
    /// What could be known when it was made.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub as_of: Timestamp,
    /// Over how many sessions of the share, counted from the last close known then.
    pub horizon: NonZeroU16,
    /// What the probability is of.
    #[serde(default)]
    pub question: Question,
    /// What the share is to outperform, where that is the question; `None` in an old forecast of that kind: whatever
    /// benchmark it is held against.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "ticker_text::optional")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub benchmark: Option<Ticker>,
    /// The probability of that.
    pub p_up: Probability,
    /// What was to be done.
    pub action: Lean,
}
