//! The cost of a call: exact, bucket by bucket, without an allocation.

use crate::billing::Mode;
use crate::bucket::Bucket;
use crate::error::{Error, Result};
use crate::model_price::ModelPrice;
use crate::rates::TokenRate;
use crate::usage::TokenUsage;
use crate::usd::Usd;

impl ModelPrice {
    /// What a usage costs.
    ///
    /// The tier is that of the whole prompt, cached tokens included, and holds for all tokens. A bucket without a stated
    /// rate takes, in this order: its standard rate where the mode is another (an upper bound: caching is rarely
    /// discounted twice); the rate of the bucket that stands in for it. Those are the input rate for cache reads and
    /// five-minute cache writes, the five-minute rate for writes of an hour and of other lifetimes, the hour's for
    /// twelve hours, the output rate for reasoning. (`LiteLLM` 1.109.1 has the same conventions.) A stated zero is a
    /// price.
    ///
    /// The cost cannot overflow: rates are at most 1 USD a token, counts at most `u64::MAX`.
    ///
    /// ```
    /// use assize_ambient::Timestamp;
    /// use assize_metering::{Mode, PriceBook, TokenUsage};
    ///
    /// let price = PriceBook::embedded().find("claude-3-5-haiku-20241022", Timestamp::UNIX_EPOCH)?;
    /// let usage = TokenUsage { cache_read: Some(10_000), ..TokenUsage::of(1_000, 500) };
    /// let cost = price.cost(&usage, Mode::Standard)?; // 1,000 × 0.80 + 10,000 × 0.08 + 500 × 4
    /// assert_eq!(cost.total().to_string(), "0.0036");
    /// # Ok::<(), assize_metering::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`NoRate`](crate::ErrorKind::NoRate) for tokens in a bucket that has neither a rate nor a stand-in: audio,
    /// images, or the output of a model that generates none. [`NoPriceInMode`](crate::ErrorKind::NoPriceInMode) where
    /// the list states no price in this mode, or none for so long a prompt.
    pub fn cost(&self, usage: &TokenUsage, mode: Mode) -> Result<CallCost> {
        let tier = self.tier_at(usage.total_input());
        let Some(sheet) = tier.sheet(mode) else {
            return Err(Error::no_price_in_mode(&self.id, mode, tier.above_input_tokens()));
        };
        let counts = usage.counts();
        let mut items = [(0, TokenRate::default()); Bucket::COUNT];
        let mut picodollars = 0;
        for bucket in Bucket::ALL {
            let tokens = counts[bucket.index()].unwrap_or(0);
            if tokens == 0 {
                continue;
            }
            let Some(rate) = sheet.get(bucket) else {
                return Err(Error::no_rate(&self.id, bucket, tokens));
            };
            items[bucket.index()] = (tokens, rate);
            picodollars += rate.of(tokens).picodollars();
        }
        let total = Usd::from_picodollars(picodollars);
        Ok(CallCost { total, mode, above_input_tokens: tier.above_input_tokens(), items })
    }

    /// What a call can cost at most: every token of the prompt at the dearest rate of the input side, every token of the
    /// reply at the dearest of the output side, in any mode and any tier that a prompt of this length can reach.
    ///
    /// This is what to reserve before a call. Of a model with dear cache writes it is far above the usual cost; a caller
    /// who knows which buckets can occur takes [`worst_case_among`](Self::worst_case_among).
    ///
    /// ```
    /// use assize_ambient::Timestamp;
    /// use assize_metering::{Bucket, PriceBook};
    ///
    /// let price = PriceBook::embedded().find("claude-3-5-sonnet-20241022", Timestamp::UNIX_EPOCH)?;
    /// // An hour's cache write costs 6, output 15.
    /// assert_eq!(price.worst_case(10_000, 1_000)?.to_string(), "0.075");
    /// let uncached = |bucket| matches!(bucket, Bucket::Input | Bucket::Output | Bucket::OutputReasoning);
    /// assert_eq!(price.worst_case_among(10_000, 1_000, uncached)?.to_string(), "0.045"); // input costs 3
    /// # Ok::<(), assize_metering::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`NoRate`](crate::ErrorKind::NoRate) where `max_output_tokens` is not zero but the model has no rate for output.
    pub fn worst_case(&self, input_tokens: u64, max_output_tokens: u64) -> Result<Usd> {
        self.worst_case_among(input_tokens, max_output_tokens, |_| true)
    }

    /// The same where only some buckets can occur.
    ///
    /// # Errors
    /// [`NoRate`](crate::ErrorKind::NoRate) where there are tokens on a side that has no rate among these buckets.
    pub fn worst_case_among(
        &self,
        input_tokens: u64,
        max_output_tokens: u64,
        can_occur: impl Fn(Bucket) -> bool,
    ) -> Result<Usd> {
        let dearest = |input: bool, tokens: u64| {
            if tokens == 0 {
                return Ok(Usd::ZERO);
            }
            self.tiers_up_to(input_tokens)
                .flat_map(|tier| Mode::ALL.into_iter().filter_map(|mode| tier.sheet(mode)))
                .flat_map(|sheet| {
                    let side = Bucket::ALL.into_iter().filter(|bucket| bucket.is_input() == input);
                    side.filter(|bucket| can_occur(*bucket)).filter_map(|bucket| sheet.get(bucket))
                })
                .max()
                .map(|rate| rate.of(tokens))
                .ok_or_else(|| {
                    let bucket = if input { Bucket::Input } else { Bucket::Output };
                    Error::no_rate(&self.id, bucket, tokens)
                })
        };
        let (prompt, reply) = (dearest(true, input_tokens)?, dearest(false, max_output_tokens)?);
        // Two products of a rate (≤ 1e12) and a `u64`: far inside the range.
        Ok(Usd::from_picodollars(prompt.picodollars() + reply.picodollars()))
    }
}

/// The cost of one call, with what it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallCost {
    total: Usd,
    mode: Mode,
    above_input_tokens: Option<u64>,
    items: [(u64, TokenRate); Bucket::COUNT],
}

/// One bucket's part of a cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CostLine {
    /// The kind of token.
    pub bucket: Bucket,
    /// How many.
    pub tokens: u64,
    /// At which rate.
    pub rate: TokenRate,
    /// Tokens × rate.
    pub cost: Usd,
}

impl CallCost {
    /// The whole cost: exactly the sum of the lines.
    #[must_use]
    pub fn total(&self) -> Usd {
        self.total
    }

    /// The mode in which it was priced.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The threshold of the tier that priced it, in input tokens; `None` for the base tier.
    #[must_use]
    pub fn above_input_tokens(&self) -> Option<u64> {
        self.above_input_tokens
    }

    /// The part of one bucket; zero where it held no tokens.
    #[must_use]
    pub fn of(&self, bucket: Bucket) -> Usd {
        let (tokens, rate) = self.items[bucket.index()];
        rate.of(tokens)
    }

    /// The parts of the buckets that held tokens, in the order of [`Bucket::ALL`].
    pub fn lines(&self) -> impl Iterator<Item = CostLine> + use<> {
        Bucket::ALL
            .into_iter()
            .zip(self.items)
            .filter(|(_, (tokens, _))| *tokens > 0)
            .map(|(bucket, (tokens, rate))| CostLine { bucket, tokens, rate, cost: rate.of(tokens) })
    }
}
