//! One entry of the map.

mod off_peak;
mod tiered;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::value::RawValue;

use super::Findings;
use super::amount;
use super::field::Field;
use super::finding::PriceFindingKind;
use super::json::{Array, Object, count, text};
use crate::billing::{Geo, Mode};
use crate::bucket::Bucket;
use crate::model_price::{BadFactor, ModelPrice, Stated};
use crate::multiplier::Multiplier;
use crate::rates::{Rates, TokenRate};
use crate::unit::Unit;
use crate::unit_rates::UnitRate;
use crate::usd::Usd;

const MAX_FIELDS: usize = 1_000;
const MAX_NAME: usize = 200;
const MAX_TIERS: usize = 16;
const MAX_WINDOWS: usize = 64;
/// Providers whose thresholds mean "from" rather than "above", as `LiteLLM` has it.
const INCLUSIVE: &[&str] = &["xai"];
/// The provider whose cache reads cost half the input rate where the map states none
/// (`FIREWORKS_AI_DEFAULT_CACHE_READ_RATE_RATIO` of `LiteLLM` 1.109.1).
const HALF_PRICE_CACHE: &str = "fireworks_ai";

/// Why a model is left out.
pub(super) struct Refusal {
    field: Option<String>,
    problem: String,
}

impl Refusal {
    fn of(field: &str, problem: impl Into<String>) -> Self {
        Self { field: Some(field.to_owned()), problem: problem.into() }
    }
}

/// The price of an entry; `None` where it has none per token, or was refused. The key stands as the id.
pub(super) fn read(key: &str, json: &RawValue, findings: &mut Findings) -> Option<ModelPrice> {
    let mut entry =
        Entry { key, findings, stated: Stated::default(), tiers: BTreeMap::new(), aside: Aside::default() };
    match entry.price(json) {
        Ok(price) => price,
        Err(Refusal { field, problem }) => {
            findings.note(PriceFindingKind::Refused, key, field.as_deref(), &problem);
            None
        }
    }
}

struct Entry<'a> {
    key: &'a str,
    findings: &'a mut Findings,
    stated: Stated,
    /// The rates of prompts above so many tokens, as their own fields state them.
    tiers: BTreeMap<u64, Rates>,
    aside: Aside<'a>,
}

/// What is looked at once all fields were met.
#[derive(Default)]
struct Aside<'a> {
    provider: Option<String>,
    tiered_pricing: Option<&'a RawValue>,
    off_peak: Option<&'a RawValue>,
    cache_hit: Option<TokenRate>,
    max_input_tokens: Option<u64>,
    max_output_tokens: Option<u64>,
    retires_on: Option<Date>,
}

impl<'a> Entry<'a> {
    fn price(&mut self, json: &'a RawValue) -> Result<Option<ModelPrice>, Refusal> {
        let is_name = !self.key.is_empty()
            && self.key.len() <= MAX_NAME
            && !self.key.chars().any(|c| c.is_whitespace() || c.is_control());
        if !is_name {
            let problem = format!("a key has no blanks and from 1 to {MAX_NAME} bytes");
            return Err(Refusal { field: None, problem });
        }
        let Object::<MAX_FIELDS>(fields) = serde_json::from_str(json.get())
            .map_err(|error| Refusal { field: None, problem: format!("it is no entry: {error}") })?;
        for (name, value) in fields {
            if value.get() != "null" {
                self.field(&name, value)?;
            }
        }
        if let Some(json) = self.aside.off_peak {
            self.stated.off_peak = self.read_off_peak(json)?;
        }
        match self.aside.tiered_pricing {
            Some(json) => self.read_tiered(json)?,
            None => self.stack_tiers(),
        }
        if self.stated.base.get(Bucket::Input, Mode::Standard).is_none() {
            self.findings.no_token_price(self.key);
            return Ok(None);
        }
        self.complete();
        let vendor = self.vendor()?;
        let mut price = self.build()?;
        self.key.clone_into(&mut price.id);
        price.vendor = vendor;
        price.max_input_tokens = self.aside.max_input_tokens;
        price.max_output_tokens = self.aside.max_output_tokens;
        price.retires_on = self.aside.retires_on;
        Ok(Some(price))
    }

    fn field(&mut self, name: &str, value: &'a RawValue) -> Result<(), Refusal> {
        match Field::of(name) {
            Field::Rate { bucket, mode, above } => {
                let rate = self.rate(name, value)?;
                match above {
                    Some(above) => self.tiers.entry(above).or_default().set(bucket, mode, rate),
                    None => self.stated.base.set(bucket, mode, rate),
                }
            }
            Field::Piece(unit, mode) => self.piece(name, value, unit, mode)?,
            Field::Geo(geo) => self.geo(name, value, geo)?,
            Field::ProviderSpecific => self.provider_specific(name, value)?,
            Field::SearchContext => self.search_context(name, value)?,
            Field::TieredPricing => self.aside.tiered_pricing = Some(value),
            Field::OffPeak => self.aside.off_peak = Some(value),
            Field::CacheHit => self.aside.cache_hit = Some(self.rate(name, value)?),
            Field::Provider => self.aside.provider = text(value),
            Field::MaxInputTokens => self.aside.max_input_tokens = self.limit(name, value),
            Field::MaxOutputTokens => self.aside.max_output_tokens = self.limit(name, value),
            Field::DeprecationDate => {
                self.aside.retires_on = text(value).and_then(|day| day.parse().ok());
                if self.aside.retires_on.is_none() {
                    self.left_out(name, "it is no date");
                }
            }
            Field::OtherMoney => self.findings.unknown_field(self.key, name),
            Field::Fact => {}
        }
        Ok(())
    }

    fn rate(&mut self, field: &str, value: &RawValue) -> Result<TokenRate, Refusal> {
        let picodollars = self.amount(field, value)?;
        TokenRate::from_picodollars(picodollars).ok_or_else(|| {
            Refusal::of(field, "it is more than 1 USD a token; prices are stated in USD per token")
        })
    }

    fn piece(&mut self, field: &str, value: &RawValue, unit: Unit, mode: Mode) -> Result<(), Refusal> {
        let picodollars = self.amount(field, value)?;
        let rate = UnitRate::from_picodollars(picodollars)
            .ok_or_else(|| Refusal::of(field, "it is more than 1000 USD a piece"))?;
        self.stated.units.set(unit, mode, rate);
        Ok(())
    }

    fn amount(&mut self, field: &str, value: &RawValue) -> Result<u64, Refusal> {
        let amount = amount::read(value.get()).map_err(|no| Refusal::of(field, no.problem()))?;
        if !amount.is_exact {
            let problem =
                format!("{} is no whole number of picodollars; taken as {}", value.get(), amount.picodollars);
            self.findings.note(PriceFindingKind::Rounded, self.key, Some(field), &problem);
        }
        Ok(amount.picodollars)
    }

    fn factor(&mut self, field: &str, value: &RawValue) -> Result<Multiplier, Refusal> {
        // Read with as many decimals as an amount, of which a factor may use six.
        let parts = self.amount(field, value)?;
        let plain = Usd::from_picodollars(i128::from(parts)).to_string();
        plain
            .parse()
            .map_err(|_| Refusal::of(field, "a factor is above 0, at most 100, and has at most 6 decimals"))
    }

    fn geo(&mut self, field: &str, value: &RawValue, geo: Geo) -> Result<(), Refusal> {
        let factor = self.factor(field, value)?;
        match self.stated.geo[geo.index()].replace(factor) {
            Some(other) if other != factor => Err(Refusal::of(field, "two factors are stated for one place")),
            _ => Ok(()),
        }
    }

    fn provider_specific(&mut self, field: &str, value: &'a RawValue) -> Result<(), Refusal> {
        for (name, value) in object(field, value)? {
            let full = format!("{field}.{name}");
            match (Geo::from_key(&name), name.as_str()) {
                (Some(geo), _) if geo != Geo::Global => self.geo(&full, value, geo)?,
                (_, "fast") => {
                    self.stated.modes[Mode::Fast.index()] = Some(self.factor(&full, value)?);
                }
                _ => self.findings.unknown_field(self.key, &full),
            }
        }
        Ok(())
    }

    fn search_context(&mut self, field: &str, value: &'a RawValue) -> Result<(), Refusal> {
        for (name, value) in object(field, value)? {
            let full = format!("{field}.{name}");
            let unit = match name.as_str() {
                "search_context_size_low" => Unit::WebSearchLow,
                "search_context_size_medium" => Unit::WebSearch,
                "search_context_size_high" => Unit::WebSearchHigh,
                _ => {
                    self.findings.unknown_field(self.key, &full);
                    continue;
                }
            };
            self.piece(&full, value, unit, Mode::Standard)?;
        }
        Ok(())
    }

    fn limit(&mut self, field: &str, value: &RawValue) -> Option<u64> {
        let limit = count(value);
        if limit.is_none() {
            self.left_out(field, "it is no whole number");
        }
        limit
    }

    /// Puts each threshold's rates over those of the one before it.
    fn stack_tiers(&mut self) {
        let is_inclusive = self.aside.provider.as_deref().is_some_and(|name| INCLUSIVE.contains(&name));
        let mut below = Rates::default();
        for (above, rates) in std::mem::take(&mut self.tiers) {
            below = rates.over(&below);
            let above = if is_inclusive { above.saturating_sub(1) } else { above };
            self.stated.tiers.push((above, below));
        }
    }

    /// States what the map leaves to its conventions, where those of this crate are others.
    fn complete(&mut self) {
        let base = &mut self.stated.base;
        if let Some(rate) = self.aside.cache_hit
            && base.get(Bucket::CacheRead, Mode::Standard).is_none()
        {
            base.set(Bucket::CacheRead, Mode::Standard, rate);
        }
        if self.aside.provider.as_deref() == Some(HALF_PRICE_CACHE)
            && base.get(Bucket::CacheRead, Mode::Standard).is_none()
            && let Some(half) = base.get(Bucket::Input, Mode::Standard).and_then(half)
        {
            base.set(Bucket::CacheRead, Mode::Standard, half);
        }
        let reasons = base.get(Bucket::OutputReasoning, Mode::Standard).is_some();
        let off_peak = self.stated.off_peak.as_mut().map(|off_peak| &mut off_peak.rates);
        for rates in self.stated.tiers.iter_mut().map(|(_, rates)| rates).chain([base]).chain(off_peak) {
            for mode in Mode::ALL {
                // A cache read of whatever kind has the rate of a cache read, unless it has its own.
                if let Some(rate) = rates.get(Bucket::CacheRead, mode) {
                    for bucket in [Bucket::CacheReadAudio, Bucket::CacheReadImage] {
                        if rates.get(bucket, mode).is_none() {
                            rates.set(bucket, mode, rate);
                        }
                    }
                }
                // In another mode reasoning has that mode's output rate, also beside a standard rate of its own.
                if let Some(rate) = rates.get(Bucket::Output, mode)
                    && reasons
                    && mode != Mode::Standard
                    && rates.get(Bucket::OutputReasoning, mode).is_none()
                {
                    rates.set(Bucket::OutputReasoning, mode, rate);
                }
            }
        }
    }

    fn vendor(&self) -> Result<String, Refusal> {
        let named = self.aside.provider.as_deref().unwrap_or("");
        let vendor = super::vendor(named);
        let is_name = !vendor.is_empty()
            && vendor.len() <= MAX_NAME
            && !vendor.chars().any(|c| c.is_whitespace() || c.is_control());
        if is_name { Ok(vendor) } else { Err(Refusal::of("litellm_provider", "it names no provider")) }
    }

    /// The price, without the factors that cannot be.
    fn build(&mut self) -> Result<ModelPrice, Refusal> {
        for _ in Mode::ALL {
            let (mode, problem) = match ModelPrice::new(self.stated.clone()) {
                Ok(price) => return Ok(price),
                Err(BadFactor::BesideRates(mode)) => (mode, "rates of the mode are stated, too"),
                Err(BadFactor::Inexact(mode, _)) => {
                    (mode, "a rate times this is no whole number of picodollars")
                }
            };
            self.stated.modes[mode.index()] = None;
            self.left_out("provider_specific_entry.fast", problem);
        }
        ModelPrice::new(self.stated.clone())
            .map_err(|_| Refusal::of("provider_specific_entry", "its factors cannot be"))
    }

    fn left_out(&mut self, field: &str, problem: &str) {
        self.findings.note(PriceFindingKind::LeftOut, self.key, Some(field), problem);
    }
}

/// The fields of an object.
fn object<'j>(field: &str, value: &'j RawValue) -> Result<Vec<(String, &'j RawValue)>, Refusal> {
    let Object::<MAX_FIELDS>(fields) = serde_json::from_str(value.get())
        .map_err(|error| Refusal::of(field, format!("it must be an object: {error}")))?;
    Ok(fields)
}

/// The items of an array.
fn array<'j, const MOST: usize>(field: &str, value: &'j RawValue) -> Result<Vec<&'j RawValue>, Refusal> {
    let Array::<MOST>(items) = serde_json::from_str(value.get())
        .map_err(|error| Refusal::of(field, format!("it must be an array: {error}")))?;
    Ok(items)
}

/// Half a rate, to the even picodollar.
fn half(rate: TokenRate) -> Option<TokenRate> {
    let picodollars = u64::try_from(rate.per_token().picodollars()).ok()?;
    let half = picodollars / 2;
    let is_tie_below_even = picodollars % 2 == 1 && half % 2 == 1;
    TokenRate::from_picodollars(half + u64::from(is_tie_below_even))
}
