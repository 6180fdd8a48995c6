//! A figure, or the reason why there is none.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A figure that may be missing for a stated reason. A known figure is always finite.
///
/// ```
/// use assize_portfolio::{Absence, Measure};
///
/// let sharpe: Measure<f64> = Absence::TooFew { have: 12, need: 30 }.into();
/// assert_eq!(sharpe.value(), None);
/// assert_eq!(sharpe.absence().map(|why| why.to_string()).as_deref(), Some("too few: 12 of 30"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Measure<T> {
    /// The figure.
    Known(T),
    /// Why there is none.
    Absent(Absence),
}

impl<T> Measure<T> {
    /// The figure, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent(_) => None,
        }
    }

    /// The figure, if there is one, left where it is.
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent(_) => None,
        }
    }

    /// Why there is no figure.
    pub const fn absence(&self) -> Option<Absence> {
        match self {
            Self::Known(_) => None,
            Self::Absent(why) => Some(*why),
        }
    }
}

impl<T> From<Absence> for Measure<T> {
    fn from(why: Absence) -> Self {
        Self::Absent(why)
    }
}

impl<T> From<Result<T, Absence>> for Measure<T> {
    fn from(result: Result<T, Absence>) -> Self {
        match result {
            Ok(value) => Self::Known(value),
            Err(why) => Self::Absent(why),
        }
    }
}

/// Why there is no figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Absence {
    /// What is there is not enough to say anything.
    TooFew {
        /// How many there are.
        have: u64,
        /// How many it takes.
        need: u64,
    },
    /// What the figure is divided by does not vary.
    ZeroVariance,
    /// The figure sets gains against losses, and nothing was lost.
    NoLoss,
    /// It did the same every time: all came true, or none.
    OneSided,
    /// There is nothing to compare with.
    NoBenchmark,
    /// The numbers leave the range in which they can be counted.
    OutOfRange,
    /// A level is not a positive finite number, or a return not a finite one of at least −1.
    BadValue {
        /// The day on which it stands.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        date: Date,
    },
    /// A day does not come after the one before it.
    OutOfOrder {
        /// That day.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        date: Date,
    },
}

impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFew { have, need } => write!(f, "too few: {have} of {need}"),
            Self::ZeroVariance => f.write_str("nothing varies"),
            Self::NoLoss => f.write_str("nothing was lost"),
            Self::OneSided => f.write_str("all outcomes are the same"),
            Self::NoBenchmark => f.write_str("no benchmark"),
            Self::OutOfRange => f.write_str("out of range"),
            Self::BadValue { date } => write!(f, "a bad value on {date}"),
            Self::OutOfOrder { date } => write!(f, "{date} is out of order"),
        }
    }
}

impl std::error::Error for Absence {}

/// The figure, unless it left the range of finite numbers.
pub(crate) fn finite(value: f64) -> Result<f64, Absence> {
    if value.is_finite() { Ok(value) } else { Err(Absence::OutOfRange) }
}

/// Refuses fewer than it takes.
pub(crate) fn enough(have: usize, need: u64) -> Result<(), Absence> {
    let have = count(have);
    if have < need { Err(Absence::TooFew { have, need }) } else { Ok(()) }
}

/// A length as it is written down.
pub(crate) fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
