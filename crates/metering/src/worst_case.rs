//! What a call can cost at most, for reserving before it is made.

use crate::billing::{Billing, Mode};
use crate::bucket::Bucket;
use crate::error::{Error, Result};
use crate::model_price::ModelPrice;
use crate::rates::TokenRate;
use crate::usd::Usd;

impl ModelPrice {
    /// What the tokens of a call can cost at most: every token of the prompt at the dearest rate of the input side, every
    /// token of the reply at the dearest of the output side, in any tier that a prompt of this length can reach, in and
    /// out of off-peak hours, times the factor of the place.
    ///
    /// The modes are the one that is asked for and the standard one, as which a vendor may serve a call that asked for
    /// another; a batch is billed as a batch. So a reservation in the standard mode is not blown up by the rates of a
    /// faster one that nobody asked for.
    ///
    /// Of a model with dear cache writes it is far above the usual cost; a caller who knows which buckets can occur takes
    /// [`worst_case_among`](Self::worst_case_among). What is billed by the piece is not in it: add the
    /// [`unit_cost`](Self::unit_cost) of the most pieces that can occur.
    ///
    /// ```
    /// use assize_ambient::Timestamp;
    /// use assize_metering::{Bucket, Mode, PriceBook};
    ///
    /// let price = PriceBook::embedded().find("claude-3-5-sonnet-20241022", Timestamp::UNIX_EPOCH)?;
    /// // An hour's cache write costs 6, output 15.
    /// assert_eq!(price.worst_case(10_000, 1_000, Mode::Standard)?.to_string(), "0.075");
    /// let uncached = |bucket| matches!(bucket, Bucket::Input | Bucket::Output | Bucket::OutputReasoning);
    /// let least = price.worst_case_among(10_000, 1_000, Mode::Standard, uncached)?;
    /// assert_eq!(least.to_string(), "0.045"); // input costs 3
    /// # Ok::<(), assize_metering::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`NoRate`](crate::ErrorKind::NoRate) where `max_output_tokens` is not zero but the model has no rate for output.
    /// [`NoPriceInMode`](crate::ErrorKind::NoPriceInMode) where the list states no price in the mode for some length of
    /// prompt that can occur, [`NoPriceInGeo`](crate::ErrorKind::NoPriceInGeo) where it states none for the place.
    pub fn worst_case(
        &self,
        input_tokens: u64,
        max_output_tokens: u64,
        billing: impl Into<Billing>,
    ) -> Result<Usd> {
        self.worst_case_among(input_tokens, max_output_tokens, billing, |_| true)
    }

    /// The same where only some buckets can occur.
    ///
    /// # Errors
    /// As [`worst_case`](Self::worst_case), and [`NoRate`](crate::ErrorKind::NoRate) where there are tokens on a side that
    /// has no rate among these buckets.
    pub fn worst_case_among(
        &self,
        input_tokens: u64,
        max_output_tokens: u64,
        billing: impl Into<Billing>,
        can_occur: impl Fn(Bucket) -> bool,
    ) -> Result<Usd> {
        let Billing { mode, geo, .. } = billing.into();
        let multiplier = self.multiplier(geo).ok_or_else(|| Error::no_price_in_geo(&self.id, geo))?;
        let served_as = if mode == Mode::Batch { mode } else { Mode::Standard };
        let modes = [mode, served_as];
        let modes = if served_as == mode { &modes[..1] } else { &modes };
        let mut dearest = [None; 2];
        for tier in self.tiers_up_to(input_tokens) {
            let hours: &[bool] = if tier.has_off_peak() { &[false, true] } else { &[false] };
            for &served_as in modes {
                for &off_peak in hours {
                    let missing = || Error::no_price_in_mode(&self.id, served_as, tier.above_input_tokens());
                    let sheet = tier.sheet(served_as, off_peak).ok_or_else(missing)?;
                    for bucket in Bucket::ALL.iter().copied().filter(|bucket| can_occur(*bucket)) {
                        let dearest = &mut dearest[usize::from(bucket.is_input())];
                        *dearest = sheet.get(bucket).max(*dearest);
                    }
                }
            }
        }
        let cost = |dearest: Option<TokenRate>, bucket, tokens: u64| match dearest {
            _ if tokens == 0 => Ok(Usd::ZERO),
            Some(rate) => Ok(rate.of(tokens)),
            None => Err(Error::no_rate(&self.id, bucket, tokens)),
        };
        let [reply, prompt] = dearest;
        let prompt = cost(prompt, Bucket::Input, input_tokens)?;
        let reply = cost(reply, Bucket::Output, max_output_tokens)?;
        // Two products of a rate (≤ 1e12) and a `u64`, times at most 100: far inside the range.
        let sum = Usd::from_picodollars(prompt.picodollars() + reply.picodollars());
        Ok(multiplier.of(sum).unwrap_or(Usd::MAX))
    }
}
