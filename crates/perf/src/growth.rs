//! How a cost grows with the size of its input, or with time.
//!
//! Each model is fitted by least squares and weighed by the corrected information criterion AICc (Hurvich and Tsai 1989):
//! the least wins, and a model within [`INDISTINGUISHABLE`] of it cannot be told from it. A prediction comes with
//! Student's interval for a single further figure.
//!
//! ```
//! use assize_perf::growth::{Growth, Growths};
//!
//! let turns = [(2.0, 11.9), (4.0, 23.6), (8.0, 48.3), (16.0, 95.0), (32.0, 192.4), (64.0, 383.1)];
//! let growths = Growths::of_size(&turns).expect("six sizes");
//! assert_eq!(growths.told(), Some(Growth::Linear));
//! let ahead = growths.best().predict(128.0, 0.95).expect("an interval");
//! assert!(ahead.low < 767.0 && 767.0 < ahead.high);
//! ```

use crate::{
    run::Interval,
    statistics::{real, student_quantile},
};

/// How much larger the criterion of a model has to be than that of the best for the two to be told apart.
pub const INDISTINGUISHABLE: f64 = 2.0;

/// The largest size has to be this many times the smallest for a growth with size to be told.
pub const WIDE_ENOUGH: f64 = 8.0;

/// So many different sizes or times are the least for a growth to be told.
pub const SIZES_NEEDED: usize = 5;

/// A shape of growth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Growth {
    /// The same for every size.
    Constant,
    /// With log n.
    Logarithmic,
    /// With n.
    Linear,
    /// With n log n.
    Linearithmic,
    /// With n².
    Quadratic,
    /// By the same share in each step of time.
    Exponential,
}

impl Growth {
    /// The name in stored forms and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Logarithmic => "log n",
            Self::Linear => "linear",
            Self::Linearithmic => "n log n",
            Self::Quadratic => "quadratic",
            Self::Exponential => "exponential",
        }
    }

    /// What the figure, or its logarithm, is a line over.
    fn basis(self, x: f64) -> f64 {
        match self {
            Self::Constant => 0.0,
            Self::Logarithmic => libm::log(x),
            Self::Linear | Self::Exponential => x,
            Self::Linearithmic => x * libm::log(x),
            Self::Quadratic => x * x,
        }
    }
}

/// A model fitted to points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// The model.
    pub growth: Growth,
    /// The figure (for an exponential its logarithm) where the basis is 0.
    pub intercept: f64,
    /// How much it grows for one unit of the basis: of log n, n, n log n, n².
    pub slope: f64,
    /// The criterion; less is better, and only differences mean something.
    pub aicc: f64,
    n: usize,
    /// The sum of squares that is left.
    left: f64,
    centre: f64,
    spread: f64,
}

impl Fit {
    /// The figure that the model gives at `x`.
    #[must_use]
    pub fn at(&self, x: f64) -> f64 {
        let line = self.intercept + self.slope * self.growth.basis(x);
        if self.growth == Growth::Exponential { libm::exp(line) } else { line }
    }

    /// Where a single further figure at `x` lies with this confidence, if the model holds; `None` for a level out of
    /// range or too few points.
    #[must_use]
    pub fn predict(&self, x: f64, level: f64) -> Option<Interval> {
        let parameters = if self.growth == Growth::Constant { 1 } else { 2 };
        let freedom = self.n.checked_sub(parameters).filter(|freedom| *freedom > 0)?;
        if !(level > 0.0 && level < 1.0 && x.is_finite()) {
            return None;
        }
        let t = student_quantile(f64::midpoint(1.0, level), freedom)?;
        let basis = self.growth.basis(x);
        let away =
            if self.spread > 0.0 { (basis - self.centre) * (basis - self.centre) / self.spread } else { 0.0 };
        let half = t * (self.left / real(freedom) * (1.0 + 1.0 / real(self.n) + away)).sqrt();
        let line = self.intercept + self.slope * basis;
        let back = |value: f64| if self.growth == Growth::Exponential { libm::exp(value) } else { value };
        let method = format!("Student's prediction interval of a {} model", self.growth.name());
        let (low, high) = (back(line - half), back(line + half));
        (low.is_finite() && high.is_finite()).then_some(Interval { low, high, level, method })
    }
}

/// All models that fit some points, the best first.
#[derive(Debug, Clone, PartialEq)]
pub struct Growths {
    fits: Vec<Fit>,
    sizes: usize,
    /// The largest x through the smallest; `None` for a growth over time.
    range: Option<f64>,
}

impl Growths {
    /// Growth with the size of an input: constant, log n, linear, n log n, quadratic. Points are (size, figure), sizes
    /// above zero. `None` for fewer than five points, a point that is not finite, or a single size.
    #[must_use]
    pub fn of_size(points: &[(f64, f64)]) -> Option<Self> {
        let models =
            [Growth::Constant, Growth::Logarithmic, Growth::Linear, Growth::Linearithmic, Growth::Quadratic];
        if points.iter().any(|(size, _)| *size <= 0.0) {
            return None;
        }
        let mut growths = Self::fitted(points, &models)?;
        let sizes = || points.iter().map(|point| point.0);
        growths.range = Some(sizes().fold(0.0, f64::max) / sizes().fold(f64::INFINITY, f64::min));
        Some(growths)
    }

    /// Growth over time: constant, linear, exponential (where every figure is above zero). Points are (time, figure), in
    /// any unit of time. `None` as for [`of_size`](Self::of_size).
    ///
    /// The interval takes the points as independent of each other; a series that drifts is less predictable than it says.
    #[must_use]
    pub fn over_time(points: &[(f64, f64)]) -> Option<Self> {
        Self::fitted(points, &[Growth::Constant, Growth::Linear, Growth::Exponential])
    }

    fn fitted(points: &[(f64, f64)], models: &[Growth]) -> Option<Self> {
        if points.len() < SIZES_NEEDED || points.iter().any(|(x, y)| !x.is_finite() || !y.is_finite()) {
            return None;
        }
        let mut places: Vec<f64> = points.iter().map(|point| point.0).collect();
        places.sort_by(f64::total_cmp);
        places.dedup();
        if places.len() < 2 {
            return None;
        }
        let mut fits: Vec<Fit> = models.iter().filter_map(|growth| fit(*growth, points)).collect();
        // Of equals the simpler one, which comes first.
        fits.sort_by(|a, b| a.aicc.total_cmp(&b.aicc));
        (!fits.is_empty()).then_some(Self { fits, sizes: places.len(), range: None })
    }

    /// The model with the least criterion.
    #[must_use]
    pub fn best(&self) -> &Fit {
        // There is one, or there would be no growths.
        &self.fits[0]
    }

    /// All models, the best first.
    #[must_use]
    pub fn fits(&self) -> &[Fit] {
        &self.fits
    }

    /// The models that the points cannot tell from the best, which is among them.
    #[must_use]
    pub fn possible(&self) -> Vec<Growth> {
        let least = self.best().aicc;
        self.fits.iter().filter(|fit| fit.aicc - least < INDISTINGUISHABLE).map(|fit| fit.growth).collect()
    }

    /// The growth, if it can be told: enough sizes in a wide enough range, and one model clearly the best.
    #[must_use]
    pub fn told(&self) -> Option<Growth> {
        (self.doubt().is_none()).then_some(self.best().growth)
    }

    /// Why the growth cannot be told.
    #[must_use]
    pub fn doubt(&self) -> Option<String> {
        if let Some(range) = self.range.filter(|range| *range < WIDE_ENOUGH) {
            return Some(format!(
                "the largest size is {range:.1} times the smallest; {WIDE_ENOUGH} times are needed to tell a growth"
            ));
        }
        if self.sizes < SIZES_NEEDED {
            return Some(format!("there are {} different sizes; {SIZES_NEEDED} are needed", self.sizes));
        }
        let possible = self.possible();
        if possible.len() > 1 {
            let names: Vec<&str> = possible.iter().map(|growth| growth.name()).collect();
            return Some(format!("the points fit {} about as well", names.join(", ")));
        }
        None
    }
}

fn fit(growth: Growth, points: &[(f64, f64)]) -> Option<Fit> {
    let n = points.len();
    let on_logarithms = growth == Growth::Exponential;
    if on_logarithms && points.iter().any(|(_, y)| *y <= 0.0) {
        return None;
    }
    let heights: Vec<f64> =
        points.iter().map(|(_, y)| if on_logarithms { libm::log(*y) } else { *y }).collect();
    let bases: Vec<f64> = points.iter().map(|(x, _)| growth.basis(*x)).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / real(n);
    let (centre, height) = (mean(&bases), mean(&heights));
    let spread: f64 = bases.iter().map(|x| (x - centre) * (x - centre)).sum();
    let together: f64 = bases.iter().zip(&heights).map(|(x, y)| (x - centre) * (y - height)).sum();
    let slope = if spread > 0.0 { together / spread } else { 0.0 };
    let intercept = height - slope * centre;
    let square = |(x, y): (&f64, &f64)| {
        let off = y - slope * x - intercept;
        off * off
    };
    let left: f64 = bases.iter().zip(&heights).map(square).sum();
    // Below this it is rounding, and no model is better than another.
    let rounding = 1e-24 * heights.iter().map(|y| y * y).sum::<f64>().max(f64::MIN_POSITIVE);
    let parameters = if growth == Growth::Constant { 2.0 } else { 3.0 };
    let mut aicc = real(n) * libm::log(left.max(rounding) / real(n))
        + 2.0 * parameters
        + 2.0 * parameters * (parameters + 1.0) / (real(n) - parameters - 1.0);
    if on_logarithms {
        // The likelihood of the figures themselves, to be held against that of the other models.
        aicc += 2.0 * heights.iter().sum::<f64>();
    }
    (aicc.is_finite() && slope.is_finite()).then_some(Fit {
        growth,
        intercept,
        slope,
        aicc,
        n,
        left,
        centre,
        spread,
    })
}

#[cfg(test)]
mod tests;
