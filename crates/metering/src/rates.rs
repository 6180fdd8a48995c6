//! What a token costs: rates, stated and resolved.

use std::fmt;
use std::str::FromStr;

use crate::billing::Mode;
use crate::bucket::Bucket;
use crate::error::{Error, Result};
use crate::multiplier::Multiplier;
use crate::usd::Usd;

const TOKENS_PER_MILLION: i128 = 1_000_000;
const MAX_PICODOLLARS_PER_TOKEN: u64 = 1_000_000_000_000;

/// The price of a token, a whole number of picodollars in the range of nothing to 1 USD.
///
/// It reads and prints in dollars per million tokens, as vendors publish it, with at most six decimals:
///
/// ```
/// use assize_metering::TokenRate;
///
/// let rate: TokenRate = "0.075".parse()?;
/// assert_eq!(rate.per_token().picodollars(), 75_000);
/// assert_eq!(rate.to_string(), "0.075");
/// assert!("0.0000001".parse::<TokenRate>().is_err());
/// # Ok::<(), assize_metering::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenRate(u64);

impl TokenRate {
    /// The price of so many picodollars a token; `None` above 1 USD.
    #[must_use]
    pub fn from_picodollars(picodollars: u64) -> Option<Self> {
        (picodollars <= MAX_PICODOLLARS_PER_TOKEN).then_some(Self(picodollars))
    }

    /// The price of one token.
    #[must_use]
    pub fn per_token(self) -> Usd {
        self.of(1)
    }

    /// The price of a million tokens.
    #[must_use]
    pub fn per_million(self) -> Usd {
        self.of(1_000_000)
    }

    /// The price of so many tokens. It cannot leave the range of [`Usd`]: a rate is at most 1e12 picodollars.
    #[must_use]
    pub fn of(self, tokens: u64) -> Usd {
        Usd::from_picodollars(i128::from(self.0) * i128::from(tokens))
    }
}

/// Dollars per million tokens.
impl fmt::Display for TokenRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.per_million().fmt(f)
    }
}

impl FromStr for TokenRate {
    type Err = Error;

    /// Reads dollars per million tokens, as a plain decimal.
    ///
    /// # Errors
    /// [`InvalidAmount`](crate::ErrorKind::InvalidAmount) for what [`Usd`] refuses, and for what is negative, more than
    /// 1 USD a token (a price of a token given as that of a million gives itself away so), or no whole number of
    /// picodollars a token (more than six decimals).
    fn from_str(text: &str) -> Result<Self> {
        let picodollars = text.parse::<Usd>()?.picodollars();
        if picodollars < 0 {
            return Err(Error::invalid_amount(text, "a rate is not negative"));
        }
        if picodollars % TOKENS_PER_MILLION != 0 {
            let problem = "a rate in USD per million tokens has at most 6 decimals";
            return Err(Error::invalid_amount(text, problem));
        }
        u64::try_from(picodollars / TOKENS_PER_MILLION).ok().and_then(Self::from_picodollars).ok_or_else(
            || Error::invalid_amount(text, "more than 1 USD a token; state rates in USD per million tokens"),
        )
    }
}

/// The rates that a price list states, by bucket and mode. Absent is not zero: zero is a price.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Rates([Sheet; Mode::COUNT]);

impl Rates {
    /// The rate that the list states; `None` where it is silent.
    #[must_use]
    pub fn get(&self, bucket: Bucket, mode: Mode) -> Option<TokenRate> {
        self.0[mode.index()].get(bucket)
    }

    /// Every stated rate, mode by mode in the order of [`Bucket::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Bucket, Mode, TokenRate)> + '_ {
        Mode::ALL.into_iter().flat_map(move |mode| {
            Bucket::ALL.into_iter().filter_map(move |bucket| Some((bucket, mode, self.get(bucket, mode)?)))
        })
    }

    /// Whether the list states no rate.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn set(&mut self, bucket: Bucket, mode: Mode, rate: TokenRate) {
        self.0[mode.index()].set(bucket, rate);
    }

    /// Whether the list states a rate in this mode.
    pub(crate) fn speaks_of(&self, mode: Mode) -> bool {
        self.0[mode.index()] != Sheet::default()
    }

    /// States every rate of a mode as its standard rate times a factor. An error names the bucket whose rate would be no
    /// whole number of picodollars, or more than 1 USD.
    pub(crate) fn multiply(&mut self, mode: Mode, factor: Multiplier) -> Result<(), Bucket> {
        for bucket in Bucket::ALL {
            if let Some(rate) = self.get(bucket, Mode::Standard) {
                let product = factor.of_whole(rate.0).and_then(TokenRate::from_picodollars);
                self.set(bucket, mode, product.ok_or(bucket)?);
            }
        }
        Ok(())
    }

    /// These where they are stated, else those of `base`. A standard rate stated here outdates the base's rates of the
    /// same bucket in other modes.
    pub(crate) fn over(&self, base: &Self) -> Self {
        self.filled(base, |bucket| self.get(bucket, Mode::Standard).is_none())
    }

    /// These where they are stated, else those of `peak`, mode by mode.
    pub(crate) fn over_peak(&self, peak: &Self) -> Self {
        self.filled(peak, |_| true)
    }

    fn filled(&self, below: &Self, is_valid: impl Fn(Bucket) -> bool) -> Self {
        let mut merged = *self;
        for (bucket, mode, rate) in below.iter() {
            if self.get(bucket, mode).is_none() && is_valid(bucket) {
                merged.set(bucket, mode, rate);
            }
        }
        merged
    }

    /// The rate that each bucket takes in a mode, or `None` where the list has no price in that mode.
    pub(crate) fn sheet(&self, mode: Mode) -> Option<Sheet> {
        let priced = |bucket| self.get(bucket, mode).is_some();
        let has_output = self.get(Bucket::Output, Mode::Standard).is_some();
        if !priced(Bucket::Input) || (has_output && !priced(Bucket::Output)) {
            return None;
        }
        let stated = |bucket| self.get(bucket, mode).or_else(|| self.get(bucket, Mode::Standard));
        let mut sheet = Sheet::default();
        for bucket in Bucket::ALL {
            let rate = stated(bucket).or_else(|| {
                let rate = sheet.get(stand_in(bucket)?)?;
                let reads_cache = matches!(bucket, Bucket::CacheReadAudio | Bucket::CacheReadImage);
                Some(stated(Bucket::CacheRead).filter(|_| reads_cache).unwrap_or(rate))
            });
            if let Some(rate) = rate {
                sheet.set(bucket, rate);
            }
        }
        Some(sheet)
    }
}

impl fmt::Debug for Rates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter().map(|(bucket, mode, rate)| ((mode, bucket), rate))).finish()
    }
}

/// What stands for no rate: more than the dearest.
const NONE: u64 = u64::MAX;

/// A rate for each bucket, or none: two cache lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sheet([u64; Bucket::COUNT]);

impl Default for Sheet {
    fn default() -> Self {
        Self([NONE; Bucket::COUNT])
    }
}

impl Sheet {
    pub(crate) fn get(&self, bucket: Bucket) -> Option<TokenRate> {
        let rate = self.0[bucket.index()];
        (rate != NONE).then_some(TokenRate(rate))
    }

    fn set(&mut self, bucket: Bucket, rate: TokenRate) {
        self.0[bucket.index()] = rate.0;
    }
}

/// The bucket whose rate stands in where a list states none; always an earlier one in [`Bucket::ALL`]. Before it comes, for
/// cache reads of audio and images, the stated rate of cache reads.
const fn stand_in(bucket: Bucket) -> Option<Bucket> {
    match bucket {
        Bucket::CacheRead | Bucket::CacheWrite5m => Some(Bucket::Input),
        Bucket::CacheWrite1h | Bucket::CacheWriteOther => Some(Bucket::CacheWrite5m),
        Bucket::CacheWrite12h => Some(Bucket::CacheWrite1h),
        Bucket::OutputReasoning => Some(Bucket::Output),
        Bucket::InputImage | Bucket::InputVideo => Some(Bucket::Input),
        Bucket::CacheReadAudio => Some(Bucket::InputAudio),
        Bucket::CacheReadImage => Some(Bucket::InputImage),
        Bucket::Input | Bucket::InputAudio | Bucket::Output | Bucket::OutputAudio | Bucket::OutputImage => {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn rates_are_dollars_per_million_tokens() {
        for (text, picodollars, printed) in [
            ("0", 0, "0.00"),
            ("3", 3_000_000, "3.00"),
            ("0.0375", 37_500, "0.0375"),
            ("0.003625", 3_625, "0.003625"),
            ("0.000001", 1, "0.000001"),
            ("1000000", 1_000_000_000_000, "1000000.00"),
        ] {
            let rate: TokenRate = text.parse().unwrap();
            assert_eq!((rate.per_token().picodollars(), rate.to_string().as_str()), (picodollars, printed));
        }
    }

    #[test]
    fn a_rate_of_the_wrong_unit_is_refused() {
        for (text, reason) in [
            ("-0.000001", "not negative"),
            ("0.0000015", "at most 6 decimals"),
            ("1000000.000001", "more than 1 USD a token"),
            ("99999999999999999999", "more than 1 USD a token"),
            ("3e-6", "exponents are not accepted"),
        ] {
            let error = text.parse::<TokenRate>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidAmount);
            assert!(error.to_string().contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn a_stand_in_comes_first() {
        for bucket in Bucket::ALL {
            assert!(stand_in(bucket).is_none_or(|other| other < bucket), "{bucket:?}");
        }
    }

    #[test]
    fn no_price_of_any_size_overflows() {
        let dearest: TokenRate = "1000000".parse().unwrap();
        let all = dearest.of(u64::MAX).picodollars().checked_mul(i128::try_from(Bucket::COUNT).unwrap());
        assert!(all.is_some());
    }
}
