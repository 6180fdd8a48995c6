//! Figures of the economy and of the market as a whole, and what is counted of a share beside its price.

use jiff::civil::Date;

/// One value of an economic series.
#[derive(Clone, Debug, PartialEq)]
pub struct MacroValue {
    /// The series, with who keeps it: `fred:DGS10`, `treasury:10y`.
    pub series: String,
    /// The day, or the first day of the period, that it is for.
    pub date: Date,
    /// The value, in the series' own unit.
    pub value: f64,
    /// From which day on this value stood so in the series, if it says (a vintage).
    pub vintage: Option<Date>,
}

/// How much of a day's trade was sold short. A volume, not what is still owed.
#[derive(Clone, Debug, PartialEq)]
pub struct ShortVolume {
    /// The trading day.
    pub date: Date,
    /// Shares sold short, exempt ones included; reported by halves and smaller parts.
    pub short: f64,
    /// Of these, exempt from the rule on prices.
    pub exempt: f64,
    /// Shares traded in all, where this source counts.
    pub total: f64,
}
