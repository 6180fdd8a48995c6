//! The prices and greeks of Black and Scholes, with a continuous yield after Merton.
//!
//! Source: Hull, "Options, Futures and Other Derivatives", the chapters on the model and on the greeks. The transcendental
//! functions are those of `libm`, so that the last bit is the same on every machine.

use super::chain::Right;

/// What a European option's price depends on.
///
/// ```
/// use assize_signals::options::{BlackScholes, Right};
///
/// // Hull's example: 42 dollars, strike 40, half a year, 10 %, volatility 20 %: 4.76 and 0.81.
/// let option = BlackScholes {
///     spot: 42.0, strike: 40.0, years: 0.5, rate: 0.10, dividend_yield: 0.0, volatility: 0.20,
/// };
/// assert!((option.price(Right::Call).unwrap() - 4.7594).abs() < 1e-4);
/// assert!((option.price(Right::Put).unwrap() - 0.8086).abs() < 1e-4);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BlackScholes {
    /// The underlying's price, above 0.
    pub spot: f64,
    /// The strike, above 0.
    pub strike: f64,
    /// Years to expiry; 0 is now.
    pub years: f64,
    /// The continuous riskless rate a year.
    pub rate: f64,
    /// The continuous dividend yield a year.
    pub dividend_yield: f64,
    /// The volatility a year, 0 or more.
    pub volatility: f64,
}

/// How a price changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Greeks {
    /// Dollars per dollar of the underlying.
    pub delta: f64,
    /// Delta per dollar of the underlying.
    pub gamma: f64,
    /// Dollars per point of volatility: for a change by 0.01.
    pub vega: f64,
    /// Dollars per calendar day.
    pub theta: f64,
    /// Dollars per point of the rate: for a change by 0.01.
    pub rho: f64,
}

impl BlackScholes {
    /// The price of a call or a put; none if an input makes no sense.
    #[must_use]
    pub fn price(&self, right: Right) -> Option<f64> {
        self.checked()?;
        let (forward, discounted) = self.discounted();
        let sign = sign(right);
        let Some((d1, d2)) = self.d() else {
            return Some((sign * (forward - discounted)).max(0.0));
        };
        Some((sign * (forward * normal(sign * d1) - discounted * normal(sign * d2))).max(0.0))
    }

    /// The greeks of a call or a put; none if an input makes no sense, at expiry and without volatility, where there are none.
    #[must_use]
    pub fn greeks(&self, right: Right) -> Option<Greeks> {
        self.checked()?;
        let (d1, d2) = self.d()?;
        let (forward, discounted) = self.discounted();
        let (sign, root) = (sign(right), self.years.sqrt());
        let yielded = libm::exp(-self.dividend_yield * self.years);
        let density = density(d1);
        let theta = -forward * density * self.volatility / (2.0 * root)
            - sign * self.rate * discounted * normal(sign * d2)
            + sign * self.dividend_yield * forward * normal(sign * d1);
        Some(Greeks {
            delta: sign * yielded * normal(sign * d1),
            gamma: yielded * density / (self.spot * self.volatility * root),
            vega: forward * density * root / 100.0,
            theta: theta / 365.0,
            rho: sign * discounted * self.years * normal(sign * d2) / 100.0,
        })
    }

    fn checked(&self) -> Option<()> {
        let above = |x: f64| x.is_finite() && x > 0.0;
        let from = |x: f64| x.is_finite() && x >= 0.0;
        let sensible = above(self.spot)
            && above(self.strike)
            && from(self.years)
            && from(self.volatility)
            && self.rate.is_finite()
            && self.dividend_yield.is_finite();
        sensible.then_some(())
    }

    /// S·e^(−qT) and K·e^(−rT).
    fn discounted(&self) -> (f64, f64) {
        (
            self.spot * libm::exp(-self.dividend_yield * self.years),
            self.strike * libm::exp(-self.rate * self.years),
        )
    }

    fn d(&self) -> Option<(f64, f64)> {
        let spread = self.volatility * self.years.sqrt();
        let drift = self.rate - self.dividend_yield + self.volatility * self.volatility / 2.0;
        let d1 = (libm::log(self.spot / self.strike) + drift * self.years) / spread;
        (spread > 0.0 && d1.is_finite()).then_some((d1, d1 - spread))
    }
}

/// The volatility at which the price is `price`, from 0.0001 to 10, found by bisection to within 1e-9; `volatility` of
/// `option` is not looked at. None if no volatility gives that price, as below the intrinsic value.
#[must_use]
pub fn implied_volatility(option: &BlackScholes, right: Right, price: f64) -> Option<f64> {
    let at = |volatility: f64| BlackScholes { volatility, ..*option }.price(right);
    let (mut low, mut high) = (1e-4, 10.0);
    if !(at(low)? <= price && price <= at(high)?) {
        return None;
    }
    // Below the least change of the price a volatility is anybody's guess.
    if price - at(low)? <= price.abs() * 1e-12 {
        return None;
    }
    while high - low > 1e-9 {
        let middle = f64::midpoint(low, high);
        if at(middle)? < price {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(f64::midpoint(low, high))
}

const fn sign(right: Right) -> f64 {
    match right {
        Right::Call => 1.0,
        Right::Put => -1.0,
    }
}

/// The distribution function of the standard normal distribution.
fn normal(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}

/// Its density.
fn density(x: f64) -> f64 {
    libm::exp(-x * x / 2.0) / (2.0 * std::f64::consts::PI).sqrt()
}
