//! What one model costs during one period.

use assize_ambient::Timestamp;
use jiff::civil::Date;

use crate::billing::Mode;
use crate::bucket::Bucket;
use crate::rates::{Rates, Sheet, TokenRate};

/// What one model of one vendor costs during one period, and what the price list says of it besides.
///
/// Costs: [`cost`](Self::cost) and [`worst_case`](Self::worst_case).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelPrice {
    /// The model's id, as its vendor's interface takes it.
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
    /// The rates of off-peak hours, kept as data: no cost uses them yet.
    pub off_peak: Option<Rates>,
    /// The package and version that the price was taken from.
    pub source: String,
    /// Where sources differ, and other remarks.
    pub note: Option<String>,
    pub(crate) base: Tier,
    pub(crate) long: Vec<Tier>,
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
    sheets: [Option<Sheet>; Mode::COUNT],
}

impl Tier {
    /// The base tier where `above` is `None`; otherwise `stated` must already lie [over](Rates::over) the base.
    pub(crate) fn new(above: Option<u64>, stated: Rates) -> Self {
        Self { above, stated, sheets: Mode::ALL.map(|mode| stated.sheet(mode)) }
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
        self.sheet(mode)?.get(bucket)
    }

    pub(crate) fn sheet(&self, mode: Mode) -> Option<&Sheet> {
        self.sheets[mode.index()].as_ref()
    }

    fn holds(&self, input_tokens: u64) -> bool {
        self.above.is_none_or(|threshold| input_tokens > threshold)
    }
}

impl ModelPrice {
    /// The vendor and the id, `vendor/id`: unambiguous where several vendors sell a model of one name.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.vendor, self.id)
    }

    /// The rate that a bucket takes in the base tier; see [`Tier::rate`].
    #[must_use]
    pub fn rate(&self, bucket: Bucket, mode: Mode) -> Option<TokenRate> {
        self.base.rate(bucket, mode)
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

    pub(crate) fn is_valid_at(&self, second: i64) -> bool {
        self.valid_from.is_none_or(|day| midnight(day) <= second)
            && self.valid_until.is_none_or(|day| second < midnight(day))
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
