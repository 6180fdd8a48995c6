//! Prices at which a decision has come true, or is refuted.

use serde::Serialize;

use super::{Entry, Volatility, few_digits};
use crate::Action;

/// How far the stop lies from the entry, in standard deviations of the return over the whole horizon. By the reflection
/// principle a price without drift touches it before the end with probability 2 Φ(−1.5) = 13 %: noise alone seldom does.
const STOP_AT: f64 = 1.5;
/// Probabilities closer to 0 and 1 than this are taken as this: no panel is that sure.
const SUREST: f64 = 0.01;

/// A price, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Level {
    /// At this price, in the money and shares of the newest bar.
    At {
        /// The price.
        price: f64,
    },
    /// There is none.
    None {
        /// Why: a lower-case fragment.
        why: String,
    },
}

impl Level {
    /// The price, if there is one.
    #[must_use]
    pub const fn price(&self) -> Option<f64> {
        match self {
            Self::At { price } => Some(*price),
            Self::None { .. } => None,
        }
    }

    fn none(why: &str) -> Self {
        Self::None { why: why.to_owned() }
    }
}

/// The levels of a decision.
pub(super) struct Levels {
    pub(super) expected: Level,
    pub(super) target: Level,
    pub(super) stop: Level,
}

/// With s = σ√h, the standard deviation of the logarithmic return over the horizon, and prices that are log-normal then (as in
/// Black and Scholes 1973), a probability p of a rise says that the return is centred at s·z(p), z being the normal quantile.
/// Hence, from the entry S:
///
/// - expected: S·exp(s·z(p)), the median of all outcomes;
/// - target, for a rise: S·exp(s·(z(p) − z(p/2))), the median of the outcomes above S; for a fall the same downwards, with
///   1 − p in the place of p;
/// - stop: S·exp(∓1.5 s), on the other side of S.
///
/// Where p is of returning more than a benchmark, s is that of the return against it in the first two, which then say where the
/// price is should the benchmark end where it is: nobody was asked where that goes. The stop is refuted by the price itself.
///
/// A hold aims at nothing and is refuted by no price.
pub(super) fn of(
    (action, p_up): (Action, f64),
    horizon: u32,
    entry: Option<&Entry>,
    volatility: &Volatility,
    benchmark: Option<&str>,
) -> Levels {
    let all =
        |why: &str| Levels { expected: Level::none(why), target: Level::none(why), stop: Level::none(why) };
    let Some(entry) = entry else { return all("there is no price to start from") };
    let Some(s) = volatility.over(horizon) else {
        return all(volatility.why_not.as_deref().unwrap_or("nobody knows how much the price moves"));
    };
    let at = |exponent: f64| {
        let price = few_digits(entry.price * libm::exp(exponent));
        if price.is_finite() && price > 0.0 {
            Level::At { price }
        } else {
            Level::none("the price moves too much for it")
        }
    };
    let aimed = match benchmark {
        None => Ok(s),
        Some(name) => volatility.against_over(horizon).ok_or_else(|| {
            Level::none(&format!("nobody knows how much its return differs from that of {name}"))
        }),
    };
    let aim = |gain: f64| aimed.clone().map_or_else(|none| none, |s| at(s * gain));
    let p = p_up.clamp(SUREST, 1.0 - SUREST);
    let expected = aim(quantile(p));
    let towards = match action {
        Action::Buy | Action::Overweight => 1.0,
        Action::Underweight | Action::Sell => -1.0,
        Action::Hold => {
            let why = "a hold aims at nothing";
            return Levels { expected, target: Level::none(why), stop: Level::none(why) };
        }
    };
    let right = if towards > 0.0 { p } else { 1.0 - p };
    let gain = quantile(right) - quantile(right / 2.0);
    Levels { expected, target: aim(towards * gain), stop: at(-towards * s * STOP_AT) }
}

/// The z with Φ(z) = p, by halving: Φ as `libm` has it, so that it is the same on every machine.
pub(super) fn quantile(p: f64) -> f64 {
    const SQRT_2: f64 = std::f64::consts::SQRT_2;
    let (mut low, mut high) = (-10.0, 10.0);
    for _ in 0..64 {
        let middle = f64::midpoint(low, high);
        if 0.5 * libm::erfc(-middle / SQRT_2) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}
