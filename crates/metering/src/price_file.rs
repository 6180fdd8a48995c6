//! Reads a price file. Its format is explained at the top of `price_book.toml`.

mod fields;
mod overlaps;

use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::billing::{Geo, Mode};
use crate::bucket::Bucket;
use crate::error::{Error, Result};
use crate::model_price::{BadFactor, ModelPrice, Stated};
use crate::multiplier::Multiplier;
use crate::off_peak::{OffPeak, Window};
use crate::rates::Rates;
use crate::unit::Unit;
use crate::unit_rates::UnitRates;

const FORMAT_VERSION: u64 = 1;
const MAX_BYTES: usize = 4 << 20;
const MAX_PRICES: usize = 20_000;
const MAX_TIERS: usize = 16;
const MAX_WINDOWS: usize = 64;
const MAX_ALIASES: usize = 64;
const MAX_NAME: usize = 200;
const MAX_REMARK: usize = 2_000;

/// The prices of a file, in its order. `name` is the file's name, for messages.
pub(crate) fn read(name: &str, text: &str) -> Result<Vec<ModelPrice>> {
    if text.len() > MAX_BYTES {
        return Err(Error::invalid_price_book(name, 1, None, "it is larger than 4 MiB"));
    }
    let file = PriceFile::new(name, text);
    let document = DeTable::parse(text).map_err(|error| {
        file.error(error.span().unwrap_or(0..0), None, error.message()).caused_by(error.clone())
    })?;
    let mut version = None;
    let mut prices = Vec::new();
    for (key, value) in document.get_ref() {
        match &**key.get_ref() {
            "format_version" => version = Some(file.count(value, "format_version")?),
            "price" => {
                let rows = file.array(value, "price", MAX_PRICES)?;
                for row in rows {
                    prices.push((file.price(row)?, file.line(row.span().start)));
                }
            }
            unknown => return Err(file.unknown(key.span(), unknown, "format_version, [[price]]")),
        }
    }
    if version != Some(FORMAT_VERSION) {
        let problem = "it must be 1: write `format_version = 1` at the top";
        return Err(file.error(0..0, Some("format_version"), problem));
    }
    file.check_periods(&prices)?;
    file.check_names(&prices)?;
    Ok(prices.into_iter().map(|(price, _)| price).collect())
}

/// The file that is read: its name and where its lines begin.
struct PriceFile<'a> {
    name: &'a str,
    line_starts: Vec<usize>,
}

type Value<'i> = Spanned<DeValue<'i>>;

impl<'a> PriceFile<'a> {
    fn new(name: &'a str, text: &str) -> Self {
        let after_breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { name, line_starts: std::iter::once(0).chain(after_breaks).collect() }
    }

    fn price(&self, row: &Value<'_>) -> Result<ModelPrice> {
        let table = self.table(row, "price")?;
        let mut price =
            ModelPrice::new(self.stated(row, table)?).map_err(|bad| self.bad_factor(table, bad))?;
        let (mut id, mut vendor, mut source) = (None, None, None);
        for (key, value) in table {
            let field = &**key.get_ref();
            match field {
                "id" => id = Some(self.model_name(value, field)?),
                "vendor" => vendor = Some(self.vendor(value, field)?),
                "aliases" => {
                    for alias in self.array(value, field, MAX_ALIASES)? {
                        price.aliases.push(self.model_name(alias, field)?);
                    }
                }
                "max_input_tokens" => price.max_input_tokens = Some(self.count(value, field)?),
                "context_window" => price.context_window = Some(self.count(value, field)?),
                "max_output_tokens" => price.max_output_tokens = Some(self.count(value, field)?),
                "tokenizer" => price.tokenizer = Some(self.text(value, field, MAX_NAME)?.to_owned()),
                "tokenizer_assumed" => price.tokenizer_assumed = self.truth(value, field)?,
                "valid_from" => price.valid_from = Some(self.day(value, field)?),
                "valid_until" => price.valid_until = Some(self.day(value, field)?),
                "retires_on" => price.retires_on = Some(self.day(value, field)?),
                "status" => price.status = self.status(value, field)?,
                "source" => source = Some(self.text(value, field, MAX_REMARK)?.to_owned()),
                "note" => price.note = Some(self.text(value, field, MAX_REMARK)?.to_owned()),
                // The money, which was read before; what is neither was refused there.
                _ => {}
            }
        }
        let missing = |field| self.error(row.span(), Some(field), "it is missing");
        price.id = id.ok_or_else(|| missing("id"))?;
        price.vendor = vendor.ok_or_else(|| missing("vendor"))?;
        price.source = source.ok_or_else(|| missing("source"))?;
        if price.valid_from.zip(price.valid_until).is_some_and(|(from, until)| until <= from) {
            let problem =
                "it is the first day on which the price is no longer valid; it must lie after `valid_from`";
            return Err(self.error(row.span(), Some("valid_until"), problem));
        }
        Ok(price)
    }

    /// The money of a row.
    fn stated(&self, row: &Value<'_>, table: &DeTable<'_>) -> Result<Stated> {
        let mut stated = Stated::default();
        for (key, value) in table {
            let field = &**key.get_ref();
            match field {
                "tiers" => stated.tiers = self.tiers(value)?,
                "off_peak" => stated.off_peak = Some(self.off_peak(value)?),
                "geo" => stated.geo = self.geo(value)?,
                "units" => stated.units = self.units(value)?,
                _ if OTHER_KEYS.contains(&field) => {}
                _ if self.rate(&mut stated.base, field, value)? => {}
                _ => {
                    let mode = field.strip_suffix("_multiplier").and_then(Mode::from_key);
                    let Some(mode) = mode.filter(|mode| *mode != Mode::Standard) else {
                        return Err(self.unknown(key.span(), field, KEYS));
                    };
                    stated.modes[mode.index()] = Some(self.amount(value, field, "a factor such as \"2\"")?);
                }
            }
        }
        let input = stated.base.get(Bucket::Input, Mode::Standard);
        input.ok_or_else(|| self.error(row.span(), Some("input"), "it is missing"))?;
        Ok(stated)
    }

    fn bad_factor(&self, table: &DeTable<'_>, bad: BadFactor) -> Error {
        let (mode, problem) = match bad {
            BadFactor::BesideRates(mode) => {
                (mode, format!("state either this or rates with `{}_` before them", mode.key()))
            }
            BadFactor::Inexact(mode, bucket) => {
                let problem = format!(
                    "the rate of `{}` times this is no whole number of picodollars a token up to 1 USD; \
                     state rates with `{}_` before them",
                    bucket.key(),
                    mode.key(),
                );
                (mode, problem)
            }
        };
        let field = format!("{}_multiplier", mode.key());
        let span = table.iter().find(|(key, _)| **key.get_ref() == *field).map(|(key, _)| key.span());
        self.error(span.unwrap_or(0..0), Some(&field), problem)
    }

    fn tiers(&self, value: &Value<'_>) -> Result<Vec<(u64, Rates)>> {
        let mut tiers: Vec<(u64, Rates)> = Vec::new();
        for item in self.array(value, "tiers", MAX_TIERS)? {
            let mut rates = Rates::default();
            let mut above = None;
            for (key, value) in self.table(item, "tiers")? {
                let field = &**key.get_ref();
                let threshold = match field {
                    "above_input_tokens" => self.count(value, field)?,
                    // "From 200,000" is "above 199,999".
                    "from_input_tokens" => self.count(value, field)?.checked_sub(1).ok_or_else(|| {
                        self.error(value.span(), Some(field), "a tier from 0 tokens is the base tier")
                    })?,
                    _ if self.rate(&mut rates, field, value)? => continue,
                    _ => {
                        return Err(self.unknown(
                            key.span(),
                            field,
                            "above_input_tokens, from_input_tokens and rates",
                        ));
                    }
                };
                if above.replace(threshold).is_some() {
                    let problem = "a tier begins either above or from a number of tokens, not both";
                    return Err(self.error(value.span(), Some(field), problem));
                }
            }
            let Some(above) = above else {
                return Err(self.error(item.span(), Some("above_input_tokens"), "it is missing in a tier"));
            };
            if tiers.last().is_some_and(|(last, _)| *last >= above) {
                return Err(self.error(
                    item.span(),
                    Some("tiers"),
                    "they must begin at longer and longer prompts",
                ));
            }
            if rates.is_empty() {
                return Err(self.error(item.span(), Some("tiers"), "a tier states no rate"));
            }
            tiers.push((above, rates));
        }
        Ok(tiers)
    }

    fn off_peak(&self, value: &Value<'_>) -> Result<OffPeak> {
        let mut off_peak = OffPeak::default();
        for (key, value) in self.table(value, "off_peak")? {
            let field = &**key.get_ref();
            if field == "windows" {
                for item in self.array(value, field, MAX_WINDOWS)? {
                    self.windows(item, &mut off_peak.windows)?;
                }
            } else if !self.rate(&mut off_peak.rates, field, value)? {
                return Err(self.unknown(key.span(), field, "windows and rates, such as `input`"));
            }
        }
        if off_peak.rates.is_empty() {
            return Err(self.error(value.span(), Some("off_peak"), "it states no rate"));
        }
        Ok(off_peak)
    }

    fn windows(&self, item: &Value<'_>, windows: &mut Vec<Window>) -> Result<()> {
        let mut weekdays = Vec::new();
        let mut hours = None;
        for (key, value) in self.table(item, "windows")? {
            let field = &**key.get_ref();
            match field {
                "weekdays" => {
                    for day in self.array(value, field, 7)? {
                        weekdays.push(u8::try_from(self.count(day, field)?).unwrap_or(u8::MAX));
                    }
                    if weekdays.is_empty() || Window::new(&weekdays, "00:00-24:00").is_none() {
                        let what = "different weekdays from 1 (Monday) to 7; leave it out for every day";
                        return Err(self.expected(value, field, what));
                    }
                }
                "hours_utc" => hours = Some(self.array(value, field, MAX_WINDOWS)?),
                _ => return Err(self.unknown(key.span(), field, "weekdays, hours_utc")),
            }
        }
        let hours = hours.filter(|hours| !hours.is_empty());
        for value in hours.ok_or_else(|| self.error(item.span(), Some("hours_utc"), "it is missing"))? {
            let text = self.text(value, "hours_utc", MAX_NAME)?;
            let window = Window::new(&weekdays, text);
            windows.push(window.ok_or_else(|| {
                self.expected(value, "hours_utc", "a part of the day in UTC, such as \"16:30-00:30\"")
            })?);
        }
        if windows.len() > MAX_WINDOWS {
            let problem = format!("there are more than {MAX_WINDOWS} windows");
            return Err(self.error(item.span(), Some("windows"), problem));
        }
        Ok(())
    }

    fn geo(&self, value: &Value<'_>) -> Result<[Option<Multiplier>; Geo::COUNT]> {
        let mut multipliers = [None; Geo::COUNT];
        for (key, value) in self.table(value, "geo")? {
            let field = &**key.get_ref();
            let Some(geo) = Geo::from_key(field).filter(|geo| *geo != Geo::Global) else {
                return Err(self.unknown(key.span(), field, "us, eu, regional"));
            };
            multipliers[geo.index()] = Some(self.amount(value, field, "a factor such as \"1.1\"")?);
        }
        Ok(multipliers)
    }

    fn units(&self, value: &Value<'_>) -> Result<UnitRates> {
        let mut rates = UnitRates::default();
        for (key, value) in self.table(value, "units")? {
            let field = &**key.get_ref();
            let (mode, name) = split_mode(field);
            let Some(unit) = Unit::from_key(name) else {
                let known = Unit::ALL.map(Unit::key).join(", ");
                return Err(self.unknown(key.span(), field, &known));
            };
            rates.set(unit, mode, self.amount(value, field, "in USD a piece, such as \"0.01\"")?);
        }
        Ok(rates)
    }

    /// Takes a rate, if the field is that of one.
    fn rate(&self, rates: &mut Rates, field: &str, value: &Value<'_>) -> Result<bool> {
        let (mode, name) = split_mode(field);
        let Some(bucket) = Bucket::from_key(name) else { return Ok(false) };
        rates.set(bucket, mode, self.amount(value, field, "in USD per million tokens, such as \"0.30\"")?);
        Ok(true)
    }

    /// Money, or a factor on it.
    fn amount<T: FromStr<Err = Error>>(&self, value: &Value<'_>, field: &str, example: &str) -> Result<T> {
        let Some(text) = value.get_ref().as_str() else {
            let problem = format!("write amounts as strings, here {example}: a float is not exact");
            return Err(self.error(value.span(), Some(field), problem));
        };
        text.parse()
            .map_err(|error: Error| self.error(value.span(), Some(field), error.to_string()).caused_by(error))
    }
}

/// The mode before a key, and the rest of it; without one the standard mode.
fn split_mode(field: &str) -> (Mode, &str) {
    let prefixed = field.split_once('_').and_then(|(mode, key)| Some((Mode::from_key(mode)?, key)));
    prefixed.filter(|(mode, _)| *mode != Mode::Standard).unwrap_or((Mode::Standard, field))
}

/// The keys of a row that state no money.
const OTHER_KEYS: [&str; 14] = [
    "id",
    "vendor",
    "aliases",
    "max_input_tokens",
    "context_window",
    "max_output_tokens",
    "tokenizer",
    "tokenizer_assumed",
    "valid_from",
    "valid_until",
    "retires_on",
    "status",
    "source",
    "note",
];

const KEYS: &str = "id, vendor, aliases, rates (input, output, cache_read, …, also with batch_, flex_, priority_ or \
                    fast_ before them), tiers, batch_multiplier (flex_…, priority_…, fast_…), off_peak, geo, units, \
                    max_input_tokens, context_window, max_output_tokens, tokenizer, tokenizer_assumed, valid_from, \
                    valid_until, retires_on, status, source, note";
