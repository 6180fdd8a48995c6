//! The deepest fall from a peak.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Absence;
use crate::Returns;

/// What rounding may keep a recovered peak from being reached by.
const ROUNDING: f64 = 1e-12;

/// A fall from a peak.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Drawdown {
    /// How deep, −1 (all was lost) to 0 (there was none).
    pub depth: f64,
    /// The day of the peak; the start, which is the first peak, if none was higher.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub from: Date,
    /// The day of the lowest level after it.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub to: Date,
    /// The day on which the peak was reached again; `None` if it has not been yet.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub recovered: Option<Date>,
}

impl Drawdown {
    /// The deepest fall, the first of those that are equally deep. Without any, its days are all the start.
    pub(crate) fn deepest(returns: &Returns) -> Result<Self, Absence> {
        let start = returns.start();
        let mut deepest = Self { depth: 0.0, from: start, to: start, recovered: Some(start) };
        let (mut wealth, mut peak, mut peak_day) = (1.0_f64, 1.0_f64, start);
        let mut fallen_from = peak;
        for &(date, gain) in returns.days() {
            wealth *= 1.0 + gain;
            if !wealth.is_finite() {
                return Err(Absence::OutOfRange);
            }
            if deepest.recovered.is_none() && wealth >= fallen_from * (1.0 - ROUNDING) {
                deepest.recovered = Some(date);
            }
            if wealth >= peak {
                (peak, peak_day) = (wealth, date);
            }
            let depth = wealth / peak - 1.0;
            if depth < deepest.depth {
                deepest = Self { depth, from: peak_day, to: date, recovered: None };
                fallen_from = peak;
            }
        }
        Ok(deepest)
    }
}
