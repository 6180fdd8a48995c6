//! Estimates of token counts, for models whose tokenizer is private.
//!
//! [`CharacterEstimator`] needs no vocabulary. A [`Calibration`] learns from what a vendor reports how far estimates are
//! off, and a [`Calibrator`] keeps one for each model. Floats are used here, and only here, in this crate: counts of
//! tokens may be estimated, money never is. All of the arithmetic is addition, subtraction, multiplication and division,
//! so that it gives the same result on every machine.

#![expect(clippy::float_arithmetic, reason = "estimates are no money; see the module's documentation")]

mod calibrated;
mod calibration;
mod calibrator;
mod characters;
mod fit;
mod saved;

pub use calibrated::Calibrated;
pub use calibration::{Calibration, Observed};
pub use calibrator::Calibrator;
pub use characters::CharacterEstimator;

use crate::token_counter::{Exactness, TokenCounter};

/// An estimated count of tokens with its error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// The tokens.
    pub tokens: u64,
    /// How firm they are.
    pub exactness: Exactness,
}

impl Estimate {
    /// What a counter gives for a text.
    #[must_use]
    pub fn of(counter: &dyn TokenCounter, text: &str) -> Self {
        Self { tokens: counter.count(text), exactness: counter.exactness() }
    }
}

/// More tokens than any prompt has. A report beyond it is not believed.
const MAX_TOKENS: u64 = 1_000_000_000_000;

/// The count as a float. It is exact, for it is at most [`MAX_TOKENS`].
fn real(tokens: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "below 2^53, every whole number is a float")]
    let real = tokens.min(MAX_TOKENS) as f64;
    real
}

/// The nearest count, at most [`MAX_TOKENS`]; zero for what is negative or no number.
fn whole(real: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and the minimum caps it")]
    #[expect(clippy::cast_sign_loss, reason = "what is negative becomes zero")]
    let whole = (real + 0.5) as u64;
    whole.min(MAX_TOKENS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_floats_are_each_others_inverse_within_bounds() {
        for tokens in [0, 1, 7, 999_999_999_999, MAX_TOKENS] {
            assert_eq!(whole(real(tokens)), tokens);
        }
        for (value, expected) in
            [(-3.0, 0), (f64::NAN, 0), (0.49, 0), (0.5, 1), (f64::INFINITY, MAX_TOKENS), (1e300, MAX_TOKENS)]
        {
            assert_eq!(whole(value), expected, "{value}");
        }
        assert_eq!(whole(real(u64::MAX)), MAX_TOKENS);
    }
}
