//! Shares of counts, with what chance may have done to them.

use serde::{Deserialize, Serialize};

use crate::measure::count;
use crate::moments::float;

/// The normal distribution's point with 97.5 % below it.
const Z_975: f64 = 1.959_963_984_540_054;

/// Where a share lies with 95 % confidence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Wilson's score interval at 95 % for a share seen in `n` independent trials, `n` above 0 and not necessarily whole.
    ///
    /// Wilson, E. B. (1927), "Probable inference, the law of succession, and statistical inference", Journal of the American
    /// Statistical Association 22.
    pub(super) fn wilson(share: f64, n: f64) -> Self {
        let square = Z_975 * Z_975;
        let middle = share + square / (2.0 * n);
        let spread = Z_975 * (share * (1.0 - share) / n + square / (4.0 * n * n)).sqrt();
        let end = |value: f64| (value / (1.0 + square / n)).clamp(0.0, 1.0);
        Self {
            low: if share > 0.0 { end(middle - spread) } else { 0.0 },
            high: if share < 1.0 { end(middle + spread) } else { 1.0 },
        }
    }
}

/// How often something came true.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Proportion {
    /// How often.
    pub hits: u64,
    /// Of how many times.
    pub of: u64,
    /// The first over the second.
    pub share: f64,
    /// Where the true share lies with 95 % confidence (Wilson), if the times are independent.
    pub interval: Interval,
}

impl Proportion {
    /// `None` of no times at all, or with more hits than times.
    ///
    /// ```
    /// use assize_portfolio::Proportion;
    ///
    /// let hits = Proportion::of(36, 60).expect("sixty times");
    /// assert!((hits.interval.low - 0.4737).abs() < 1e-4 && (hits.interval.high - 0.7143).abs() < 1e-4);
    /// assert_eq!(Proportion::of(0, 0), None);
    /// ```
    #[must_use]
    pub fn of(hits: usize, of: usize) -> Option<Self> {
        if of == 0 || hits > of {
            return None;
        }
        let share = float(hits) / float(of);
        Some(Self { hits: count(hits), of: count(of), share, interval: Interval::wilson(share, float(of)) })
    }
}
