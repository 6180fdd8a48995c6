//! What one model costs during one period.

use assize_ambient::Timestamp;
use jiff::civil::Date;

use crate::billing::{Geo, Mode};
use crate::bucket::Bucket;
use crate::multiplier::Multiplier;
use crate::off_peak::OffPeak;
use crate::price_book::PricedAt;
use crate::rates::{Rates, Sheet, TokenRate};
use crate::unit_rates::UnitRates;

/// What one model of one vendor costs during one period, and what the price list says of it besides.
///
/// Costs: [`cost`](Self::cost) and [`worst_case`](Self::worst_case).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelPrice {
    /// The model's id, as its vendor's interface takes it; behind the vendor's name where another vendor's model has that
    /// id too, or where it has a slash (`azure/gpt-4o`, `openrouter/openai/gpt-5`).
    pub id: String,
    /// The vendor, in lower case.
    pub vendor: String,
    /// Other names of the same model at the same price: dated ids, `-latest`.
    pub aliases: Vec<String>,
    /// The longest prompt, in tokens.
    pub max_input_tokens: Option<u64>,
    /// The longest prompt and reply together, in tokens.
    pub context_window: Option<u64>,
    /// The longest reply, in tokens.
    pub max_output_tokens: Option<u64>,
    /// The tokenizer: the name of a public encoding, or in words that it is private.
    pub tokenizer: Option<String>,
    /// Whether the tokenizer is that of the vendor's similar models and not stated for this one.
    pub tokenizer_assumed: bool,
    /// The first day (UTC) of the price; `None` where no beginning is known.
    pub valid_from: Option<Date>,
    /// The first day (UTC) on which the price is no longer valid; `None` where no end is known.
    pub valid_until: Option<Date>,
    /// The day on which the vendor stops to serve the model, or has stopped.
    pub retires_on: Option<Date>,
    /// Whether it is still served.
    pub status: Status,
    /// The package and version that the price was taken from.
    pub source: String,
    /// Where sources differ, and other remarks.
    pub note: Option<String>,
    pub(crate) base: Tier,
    pub(crate) long: Vec<Tier>,
    pub(crate) off_peak: Option<OffPeak>,
    pub(crate) geo: [Option<Multiplier>; Geo::COUNT],
    pub(crate) units: UnitRates,
}

/// All money that a price list states of a model, before one is laid over the other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stated {
    /// The rates of a prompt of any length.
    pub(crate) base: Rates,
    /// Those of prompts with more than so many tokens, from shorter to longer; each states what differs from the base.
    pub(crate) tiers: Vec<(u64, Rates)>,
    pub(crate) off_peak: Option<OffPeak>,
    /// The factor by which all standard rates, also those of tiers and of off-peak hours, make those of a mode.
    pub(crate) modes: [Option<Multiplier>; Mode::COUNT],
    /// The factor on the tokens' cost by place; that of [`Geo::Global`] is one in any case.
    pub(crate) geo: [Option<Multiplier>; Geo::COUNT],
    pub(crate) units: UnitRates,
}

/// A factor and rates do not go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadFactor {
    /// The mode has rates as well as a factor.
    BesideRates(Mode),
    /// A rate of the mode would be no whole number of picodollars, or more than 1 USD a token.
    Inexact(Mode, Bucket),
}

/// Whether a model is still served.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Status {
    /// It is on its vendor's list.
    #[default]
    Current,
    /// It is on the list, but the day of its retirement has passed.
    PastDeprecation,
    /// It is no longer on the list; its price is kept, so that old runs can be priced.
    Retired,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Current, Self::PastDeprecation, Self::Retired];

    /// The name in price files and reports.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::PastDeprecation => "past-deprecation",
            Self::Retired => "retired",
        }
    }
}

/// The rates for prompts up to, or above, some length.
///
/// A tier is a cliff: once a prompt is longer than its threshold, all tokens of the request take the tier's rates,
/// those of the reply included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    above: Option<u64>,
    stated: Rates,
    sheets: Sheets,
    off_peak: Option<Box<Sheets>>,
}

type Sheets = [Option<Sheet>; Mode::COUNT];

impl Tier {
    /// The base tier where `above` is `None`; otherwise `stated` must already lie [over](Rates::over) the base.
    fn new(above: Option<u64>, stated: Rates, off_peak: Option<&Rates>) -> Self {
        let sheets = |rates: &Rates| Mode::ALL.map(|mode| rates.sheet(mode));
        let off_peak = off_peak.map(|rates| Box::new(sheets(&rates.over_peak(&stated))));
        Self { above, stated, sheets: sheets(&stated), off_peak }
    }

    /// The length of prompt in tokens above which the tier holds; `None` for the base tier.
    #[must_use]
    pub fn above_input_tokens(&self) -> Option<u64> {
        self.above
    }

    /// The rates that the list states for this tier, those of the base where the tier is silent.
    #[must_use]
    pub fn stated(&self) -> &Rates {
        &self.stated
    }

    /// The rate that a bucket takes: the stated one, or the one that stands in for it (see
    /// [`ModelPrice::cost`]); `None` where there is neither, or no price in this mode.
    #[must_use]
    pub fn rate(&self, bucket: Bucket, mode: Mode) -> Option<TokenRate> {
        self.sheet(mode, false)?.get(bucket)
    }

    /// The rate that a bucket takes in off-peak hours; the peak rate where the list states none for them.
    #[must_use]
    pub fn off_peak_rate(&self, bucket: Bucket, mode: Mode) -> Option<TokenRate> {
        self.sheet(mode, true)?.get(bucket)
    }

    /// The rates in off-peak hours or, where that is false or there are none, in peak hours.
    pub(crate) fn sheet(&self, mode: Mode, off_peak: bool) -> Option<&Sheet> {
        let sheets = self.off_peak.as_deref().filter(|_| off_peak).unwrap_or(&self.sheets);
        sheets[mode.index()].as_ref()
    }

    /// Whether off-peak hours have rates of their own.
    pub(crate) fn has_off_peak(&self) -> bool {
        self.off_peak.is_some()
    }

    fn holds(&self, input_tokens: u64) -> bool {
        self.above.is_none_or(|threshold| input_tokens > threshold)
    }
}

impl ModelPrice {
    /// A price with nothing said besides the money.
    pub(crate) fn new(stated: Stated) -> Result<Self, BadFactor> {
        let Stated { mut base, mut tiers, mut off_peak, modes, mut geo, units } = stated;
        for (mode, factor) in Mode::ALL.into_iter().zip(modes) {
            let Some(factor) = factor else { continue };
            let off_peak = off_peak.as_mut().map(|off_peak| &mut off_peak.rates);
            for rates in tiers.iter_mut().map(|(_, rates)| rates).chain([&mut base]).chain(off_peak) {
                if rates.speaks_of(mode) {
                    return Err(BadFactor::BesideRates(mode));
                }
                rates.multiply(mode, factor).map_err(|bucket| BadFactor::Inexact(mode, bucket))?;
            }
        }
        geo[Geo::Global.index()] = Some(Multiplier::ONE);
        let in_use = off_peak.as_ref().filter(|off_peak| !off_peak.windows.is_empty());
        let in_use = in_use.map(|off_peak| &off_peak.rates);
        let tier = |above, rates| Tier::new(above, rates, in_use);
        Ok(Self {
            id: String::new(),
            vendor: String::new(),
            aliases: Vec::new(),
            max_input_tokens: None,
            context_window: None,
            max_output_tokens: None,
            tokenizer: None,
            tokenizer_assumed: false,
            valid_from: None,
            valid_until: None,
            retires_on: None,
            status: Status::Current,
            source: String::new(),
            note: None,
            base: tier(None, base),
            long: tiers.into_iter().map(|(above, rates)| tier(Some(above), rates.over(&base))).collect(),
            off_peak,
            geo,
            units,
        })
    }

    /// The vendor and the id, `vendor/id`: unambiguous where several vendors sell a model of one name. An id that begins
    /// with its vendor (`openrouter/openai/gpt-5`) is that already.
    #[must_use]
    pub fn full_name(&self) -> String {
        let begins_with_vendor =
            self.id.strip_prefix(self.vendor.as_str()).is_some_and(|rest| rest.starts_with('/'));
        if begins_with_vendor { self.id.clone() } else { format!("{}/{}", self.vendor, self.id) }
    }

    /// The rate that a bucket takes in the base tier; see [`Tier::rate`].
    #[must_use]
    pub fn rate(&self, bucket: Bucket, mode: Mode) -> Option<TokenRate> {
        self.base.rate(bucket, mode)
    }

    /// The rates of off-peak hours, where the list states any.
    #[must_use]
    pub fn off_peak(&self) -> Option<&OffPeak> {
        self.off_peak.as_ref()
    }

    /// Whether the off-peak rates hold at a time.
    #[must_use]
    pub fn is_off_peak(&self, at: impl Into<PricedAt>) -> bool {
        self.off_peak.as_ref().is_some_and(|off_peak| off_peak.holds_at(at))
    }

    /// The factor on the tokens' cost of a call that is bound to a place; `None` where the list states none.
    /// [`Geo::Global`] is one.
    #[must_use]
    pub fn multiplier(&self, geo: Geo) -> Option<Multiplier> {
        self.geo[geo.index()]
    }

    /// The prices of what is billed by the piece.
    #[must_use]
    pub fn unit_rates(&self) -> &UnitRates {
        &self.units
    }

    /// The base tier, then those of longer and longer prompts.
    pub fn tiers(&self) -> impl Iterator<Item = &Tier> {
        std::iter::once(&self.base).chain(&self.long)
    }

    /// The tier that a prompt of this length reaches.
    #[must_use]
    pub fn tier_at(&self, input_tokens: u64) -> &Tier {
        self.long.iter().rev().find(|tier| tier.holds(input_tokens)).unwrap_or(&self.base)
    }

    /// The tiers that a prompt of at most this length can reach.
    pub(crate) fn tiers_up_to(&self, input_tokens: u64) -> impl Iterator<Item = &Tier> {
        self.tiers().filter(move |tier| tier.holds(input_tokens))
    }

    /// The period of the price in words: `from 2026-10-20 until 2026-10-29`, the last day excluded.
    #[must_use]
    pub fn period(&self) -> String {
        match (self.valid_from, self.valid_until) {
            (None, None) => "all time".to_owned(),
            (Some(from), None) => format!("from {from}"),
            (None, Some(until)) => format!("until {until}"),
            (Some(from), Some(until)) => format!("from {from} until {until}"),
        }
    }

    /// Whether the price holds at a time.
    #[must_use]
    pub fn is_valid_at(&self, at: impl Into<PricedAt>) -> bool {
        let second = at.into().second();
        let (from, until) = self.seconds();
        (from..until).contains(&second)
    }

    /// The seconds since 1970 of the period: the first, and the first that no longer belongs to it.
    pub(crate) fn seconds(&self) -> (i64, i64) {
        (self.valid_from.map_or(i64::MIN, midnight), self.valid_until.map_or(i64::MAX, midnight))
    }
}

/// The second since 1970 at which a day begins, in UTC.
pub(crate) fn midnight(day: Date) -> i64 {
    const EPOCH: Date = jiff::civil::date(1970, 1, 1);
    day.duration_since(EPOCH).as_secs()
}

/// A second since 1970 in words, in UTC.
pub(crate) fn in_words(second: i64) -> String {
    Timestamp::from_second(second).map_or_else(|_| format!("second {second}"), |time| time.to_string())
}
