//! The cost of a call: exact, bucket by bucket; that of its tokens without an allocation.

use crate::billing::{Billing, Mode};
use crate::bucket::Bucket;
use crate::error::{Error, Result};
use crate::model_price::ModelPrice;
use crate::multiplier::Multiplier;
use crate::rates::TokenRate;
use crate::unit::{Unit, Units};
use crate::unit_rates::UnitRate;
use crate::usage::{TokenUsage, Usage};
use crate::usd::Usd;

impl ModelPrice {
    /// What the tokens of a call cost. A [`Mode`] will do as the billing.
    ///
    /// The tier is that of the whole prompt, cached tokens included, and holds for all tokens. A bucket without a stated
    /// rate takes, in this order: its standard rate where the mode is another (an upper bound: caching is rarely
    /// discounted twice); the rate of the bucket that stands in for it. Those are the input rate for cache reads and
    /// five-minute cache writes, the five-minute rate for writes of an hour and of other lifetimes, the hour's for
    /// twelve hours, the output rate for reasoning, the input rate for images and video; for cache reads of images, and of
    /// audio where audio has a rate, the stated rate of cache reads or else their uncached rate. (`LiteLLM` 1.109.1 has
    /// the same conventions, except that it prices audio without a rate as text.) A stated zero is a price.
    ///
    /// In [off-peak](Self::off_peak) hours the rates that the list states for them replace those of every tier; without
    /// [`Billing::at`] the peak rates hold, an upper bound. The factor of [`Billing::geo`] is applied once, to the exact
    /// sum.
    ///
    /// The cost cannot overflow: rates are at most 1 USD a token, counts at most `u64::MAX`, factors at most 100.
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
    /// images in the reply, or the output of a model that generates none.
    /// [`NoPriceInMode`](crate::ErrorKind::NoPriceInMode) where the list states no price in this mode, or none for so
    /// long a prompt. [`NoPriceInGeo`](crate::ErrorKind::NoPriceInGeo) where it states no factor for the place.
    pub fn cost(&self, usage: &TokenUsage, billing: impl Into<Billing>) -> Result<CallCost> {
        self.tokens_cost(usage, billing.into())
    }

    /// What a call costs, all in all: its tokens, what it consumed by the piece, billed as the vendor's report says.
    ///
    /// Of a model that has a price of a [`Unit::Request`], one is billed where the usage does not say how many.
    ///
    /// This is for the usage of one call. That of several added up can reach a tier that none of them reached, and has
    /// no report: add up the costs instead.
    ///
    /// ```
    /// use assize_ambient::Timestamp;
    /// use assize_metering::{PriceBook, TokenUsage, Unit, Units, Usage};
    ///
    /// let own = PriceBook::from_toml(
    ///     "prices.toml",
    ///     r#"
    ///     format_version = 1
    ///     [[price]]
    ///     vendor = "acme"
    ///     id = "acme-large"
    ///     input = "0.40"
    ///     output = "1.20"
    ///     units = { web_search = "0.01" } # USD a search
    ///     source = "our contract of 2026"
    ///     "#,
    /// )?;
    /// let mut usage = Usage::reported(TokenUsage::of(1_000, 100));
    /// usage.units = Units::default().with(Unit::WebSearch, 2);
    /// let cost = own.find("acme-large", Timestamp::UNIX_EPOCH)?.cost_of(&usage)?;
    /// assert_eq!((cost.token_cost().to_string(), cost.unit_cost().to_string()), ("0.00052".into(), "0.02".into()));
    /// assert_eq!(cost.total().to_string(), "0.02052");
    /// # Ok::<(), assize_metering::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`cost`](Self::cost) and [`unit_cost`](Self::unit_cost).
    pub fn cost_of(&self, usage: &Usage) -> Result<CallCost> {
        self.cost_as(usage, usage.billing())
    }

    /// The same, billed otherwise than the vendor's report says: at a time, or in a mode that the vendor does not report.
    ///
    /// # Errors
    /// As [`cost`](Self::cost) and [`unit_cost`](Self::unit_cost).
    pub fn cost_as(&self, usage: &Usage, billing: impl Into<Billing>) -> Result<CallCost> {
        let billing = billing.into();
        let mut cost = self.tokens_cost(&usage.tokens, billing)?;
        let per_request = self.unit_rates().resolved(Unit::Request, billing.mode).is_some();
        if per_request && usage.units.get(Unit::Request).is_none() {
            cost.units = self.unit_lines(&usage.units.clone().with(Unit::Request, 1), billing.mode)?;
        } else if !usage.units.is_empty() {
            cost.units = self.unit_lines(&usage.units, billing.mode)?;
        }
        let picodollars = cost.token_cost.picodollars() + cost.unit_cost().picodollars();
        cost.total = Usd::from_picodollars(picodollars);
        Ok(cost)
    }

    /// What pieces cost. A piece without a price in the mode takes the standard price; a web search of a stated size
    /// without a price of its own that of a web search. No factor of a place is applied: those are stated for tokens.
    ///
    /// The cost cannot overflow: a piece costs at most 1,000 USD.
    ///
    /// # Errors
    /// [`NoRate`](crate::ErrorKind::NoRate) for pieces of a unit that has no price.
    pub fn unit_cost(&self, units: &Units, mode: Mode) -> Result<Usd> {
        Ok(sum_of(&self.unit_lines(units, mode)?))
    }

    fn unit_lines(&self, units: &Units, mode: Mode) -> Result<Vec<UnitLine>> {
        let stated = units.iter().filter(|(_, pieces)| *pieces > 0);
        stated
            .map(|(unit, pieces)| {
                let rate = self.unit_rates().resolved(unit, mode);
                let rate = rate.ok_or_else(|| Error::no_unit_rate(&self.id, unit, pieces))?;
                Ok(UnitLine { unit, pieces, rate, cost: rate.of(pieces) })
            })
            .collect()
    }

    fn tokens_cost(&self, usage: &TokenUsage, billing: Billing) -> Result<CallCost> {
        let Some(multiplier) = self.multiplier(billing.geo) else {
            return Err(Error::no_price_in_geo(&self.id, billing.geo));
        };
        let tier = self.tier_at(usage.total_input());
        let off_peak = billing.at.is_some_and(|at| self.is_off_peak(at));
        let Some(sheet) = tier.sheet(billing.mode, off_peak) else {
            return Err(Error::no_price_in_mode(&self.id, billing.mode, tier.above_input_tokens()));
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
        let token_sum = Usd::from_picodollars(picodollars);
        // 15 products of a rate (≤ 1e12) and a `u64`, times at most 100: far inside the range.
        let token_cost = multiplier.of(token_sum).unwrap_or(Usd::MAX);
        Ok(CallCost {
            total: token_cost,
            token_cost,
            token_sum,
            multiplier,
            billing,
            off_peak,
            above_input_tokens: tier.above_input_tokens(),
            items,
            units: Vec::new(),
        })
    }
}

/// The cost of one call, with what it is made of.
///
/// The [total](Self::total) is the sum of the [lines](Self::lines) times the [multiplier](Self::multiplier), rounded once
/// to the picodollar, ties to the even one; and what was billed by the piece besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallCost {
    total: Usd,
    token_cost: Usd,
    token_sum: Usd,
    multiplier: Multiplier,
    billing: Billing,
    off_peak: bool,
    above_input_tokens: Option<u64>,
    items: [(u64, TokenRate); Bucket::COUNT],
    units: Vec<UnitLine>,
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
    /// Tokens × rate, before the multiplier.
    pub cost: Usd,
}

/// One unit's part of a cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnitLine {
    /// The kind of piece.
    pub unit: Unit,
    /// How many.
    pub pieces: u64,
    /// At which price.
    pub rate: UnitRate,
    /// Pieces × price.
    pub cost: Usd,
}

impl CallCost {
    /// The whole cost.
    #[must_use]
    pub fn total(&self) -> Usd {
        self.total
    }

    /// The cost of the tokens: their [sum](Self::token_sum) times the [multiplier](Self::multiplier), rounded once.
    #[must_use]
    pub fn token_cost(&self) -> Usd {
        self.token_cost
    }

    /// The cost of the tokens before the multiplier: exactly the sum of the [lines](Self::lines).
    #[must_use]
    pub fn token_sum(&self) -> Usd {
        self.token_sum
    }

    /// The cost of what was billed by the piece: exactly the sum of the [unit lines](Self::unit_lines).
    #[must_use]
    pub fn unit_cost(&self) -> Usd {
        sum_of(&self.units)
    }

    /// The factor on the tokens' cost, that of the place.
    #[must_use]
    pub fn multiplier(&self) -> Multiplier {
        self.multiplier
    }

    /// How it was billed.
    #[must_use]
    pub fn billing(&self) -> Billing {
        self.billing
    }

    /// The mode in which it was priced.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.billing.mode
    }

    /// Whether the rates of off-peak hours priced it.
    #[must_use]
    pub fn is_off_peak(&self) -> bool {
        self.off_peak
    }

    /// The threshold of the tier that priced it, in input tokens; `None` for the base tier.
    #[must_use]
    pub fn above_input_tokens(&self) -> Option<u64> {
        self.above_input_tokens
    }

    /// The part of one bucket before the multiplier; zero where it held no tokens.
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

    /// The parts of the units of which there were pieces, in the order of [`Unit::ALL`].
    #[must_use]
    pub fn unit_lines(&self) -> &[UnitLine] {
        &self.units
    }
}

/// At most 16 products of a price (≤ 1e15) and a `u64`: far inside the range.
fn sum_of(lines: &[UnitLine]) -> Usd {
    Usd::from_picodollars(lines.iter().map(|line| line.cost.picodollars()).sum())
}
