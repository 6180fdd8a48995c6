//! Reads a price file. Its format is explained at the top of `price_book.toml`.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::billing::Mode;
use crate::bucket::Bucket;
use crate::error::{Error, Result};
use crate::model_price::{ModelPrice, Status, Tier};
use crate::rates::Rates;

const FORMAT_VERSION: u64 = 1;
const MAX_BYTES: usize = 4 << 20;
const MAX_PRICES: usize = 20_000;
const MAX_TIERS: usize = 16;
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
        let (mut id, mut vendor, mut source) = (None, None, None);
        let mut rates = Rates::default();
        let mut tiers = None;
        let mut price = blank();
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
                "tiers" => tiers = Some(value),
                "off_peak" => price.off_peak = Some(self.rates_alone(value, field)?),
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
                _ if self.rate(&mut rates, field, value)? => {}
                _ => return Err(self.unknown(key.span(), field, KEYS)),
            }
        }
        let missing = |field| self.error(row.span(), Some(field), "it is missing");
        price.id = id.ok_or_else(|| missing("id"))?;
        price.vendor = vendor.ok_or_else(|| missing("vendor"))?;
        price.source = source.ok_or_else(|| missing("source"))?;
        rates.get(Bucket::Input, Mode::Standard).ok_or_else(|| missing("input"))?;
        if price.valid_from.zip(price.valid_until).is_some_and(|(from, until)| until <= from) {
            let problem =
                "it is the first day on which the price is no longer valid; it must lie after `valid_from`";
            return Err(self.error(row.span(), Some("valid_until"), problem));
        }
        price.base = Tier::new(None, rates);
        if let Some(value) = tiers {
            price.long = self.tiers(value, &rates)?;
        }
        Ok(price)
    }

    fn tiers(&self, value: &Value<'_>, base: &Rates) -> Result<Vec<Tier>> {
        let mut tiers: Vec<Tier> = Vec::new();
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
            if tiers.last().is_some_and(|last| last.above_input_tokens() >= Some(above)) {
                return Err(self.error(
                    item.span(),
                    Some("tiers"),
                    "they must begin at longer and longer prompts",
                ));
            }
            if rates.iter().next().is_none() {
                return Err(self.error(item.span(), Some("tiers"), "a tier states no rate"));
            }
            tiers.push(Tier::new(Some(above), rates.over(base)));
        }
        Ok(tiers)
    }

    fn rates_alone(&self, value: &Value<'_>, field: &str) -> Result<Rates> {
        let mut rates = Rates::default();
        for (key, value) in self.table(value, field)? {
            if !self.rate(&mut rates, key.get_ref(), value)? {
                return Err(self.unknown(key.span(), key.get_ref(), "rates, such as `input`"));
            }
        }
        Ok(rates)
    }

    /// Takes a rate, if the field is that of one.
    fn rate(&self, rates: &mut Rates, field: &str, value: &Value<'_>) -> Result<bool> {
        let prefixed = field.split_once('_').and_then(|(mode, key)| Some((Mode::from_key(mode)?, key)));
        let (mode, key) =
            prefixed.filter(|(mode, _)| *mode != Mode::Standard).unwrap_or((Mode::Standard, field));
        let Some(bucket) = Bucket::from_key(key) else { return Ok(false) };
        let Some(text) = value.get_ref().as_str() else {
            let problem =
                "write rates as strings in USD per million tokens, such as \"0.30\": a float is not exact";
            return Err(self.error(value.span(), Some(field), problem));
        };
        let rate = text.parse().map_err(|error: Error| {
            self.error(value.span(), Some(field), error.to_string()).caused_by(error)
        })?;
        rates.set(bucket, mode, rate);
        Ok(true)
    }

    fn check_periods(&self, prices: &[(ModelPrice, usize)]) -> Result<()> {
        let mut models: BTreeMap<(&str, &str), Vec<(&ModelPrice, usize)>> = BTreeMap::new();
        for (price, line) in prices {
            models.entry((&price.vendor, &price.id)).or_default().push((price, *line));
        }
        for periods in models.values_mut() {
            periods.sort_by_key(|(price, line)| (price.valid_from, *line));
            for pair in periods.windows(2) {
                let [(first, first_line), (second, second_line)] = pair else { continue };
                let ends =
                    first.valid_until.zip(second.valid_from).is_some_and(|(until, from)| until <= from);
                if !ends {
                    let ((later, line), (earlier, earlier_line)) = if first_line > second_line {
                        ((first, *first_line), (second, *second_line))
                    } else {
                        ((second, *second_line), (first, *first_line))
                    };
                    let problem = format!(
                        "`{}` is priced twice for the same time ({}, and in line {earlier_line} {}); \
                         set `valid_from` and `valid_until`",
                        later.full_name(),
                        later.period(),
                        earlier.period(),
                    );
                    return Err(Error::invalid_price_book(self.name, line, Some("id"), problem));
                }
            }
        }
        Ok(())
    }

    /// A name means one model of a vendor.
    fn check_names(&self, prices: &[(ModelPrice, usize)]) -> Result<()> {
        let mut meant: BTreeMap<(&str, &str), &str> =
            prices.iter().map(|(price, _)| ((&*price.vendor, &*price.id), &*price.id)).collect();
        for (price, line) in prices {
            for alias in &price.aliases {
                let other = *meant.entry((&price.vendor, alias)).or_insert(&price.id);
                if other != price.id || *alias == price.id {
                    let problem = format!("`{alias}` already names `{}/{other}`", price.vendor);
                    return Err(Error::invalid_price_book(self.name, *line, Some("aliases"), problem));
                }
            }
        }
        Ok(())
    }

    fn model_name(&self, value: &Value<'_>, field: &str) -> Result<String> {
        let name = self.text(value, field, MAX_NAME)?;
        if name.is_empty() || name.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(self.error(value.span(), Some(field), "a name is not empty and has no blanks"));
        }
        Ok(name.to_owned())
    }

    fn vendor(&self, value: &Value<'_>, field: &str) -> Result<String> {
        let name = self.model_name(value, field)?;
        if name.contains(['/', ':']) || name != name.to_lowercase() {
            let problem = "a vendor is written in lower case, without `/` and `:`";
            return Err(self.error(value.span(), Some(field), problem));
        }
        Ok(name)
    }

    fn status(&self, value: &Value<'_>, field: &str) -> Result<Status> {
        let key = self.text(value, field, MAX_NAME)?;
        Status::ALL.into_iter().find(|status| status.key() == key).ok_or_else(|| {
            let known = Status::ALL.map(Status::key).join(", ");
            self.error(value.span(), Some(field), format!("it must be one of {known}"))
        })
    }

    fn table<'v, 'i>(&self, value: &'v Value<'i>, field: &str) -> Result<&'v DeTable<'i>> {
        value.get_ref().as_table().ok_or_else(|| self.expected(value, field, "a table"))
    }

    fn array<'v, 'i>(&self, value: &'v Value<'i>, field: &str, most: usize) -> Result<&'v [Value<'i>]> {
        let items: &[Value<'i>] =
            value.get_ref().as_array().ok_or_else(|| self.expected(value, field, "an array"))?;
        if items.len() > most {
            return Err(self.error(value.span(), Some(field), format!("it has more than {most} items")));
        }
        Ok(items)
    }

    fn text<'v>(&self, value: &'v Value<'_>, field: &str, longest: usize) -> Result<&'v str> {
        let text = value.get_ref().as_str().ok_or_else(|| self.expected(value, field, "a string"))?;
        if text.len() > longest {
            return Err(self.error(value.span(), Some(field), format!("it is longer than {longest} bytes")));
        }
        Ok(text)
    }

    fn truth(&self, value: &Value<'_>, field: &str) -> Result<bool> {
        value.get_ref().as_bool().ok_or_else(|| self.expected(value, field, "true or false"))
    }

    fn count(&self, value: &Value<'_>, field: &str) -> Result<u64> {
        value
            .get_ref()
            .as_integer()
            .and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok())
            .ok_or_else(|| self.expected(value, field, "a whole number, not negative"))
    }

    fn day(&self, value: &Value<'_>, field: &str) -> Result<Date> {
        value
            .get_ref()
            .as_datetime()
            .filter(|moment| moment.time.is_none())
            .and_then(|moment| moment.date)
            .and_then(|date| {
                let (year, month, day) = (date.year, date.month, date.day);
                Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
            })
            .ok_or_else(|| self.expected(value, field, "a date such as 2026-10-29, without quotation marks"))
    }

    fn expected(&self, value: &Value<'_>, field: &str, what: &str) -> Error {
        self.error(value.span(), Some(field), format!("it must be {what}"))
    }

    fn unknown(&self, span: Range<usize>, field: &str, known: &str) -> Error {
        self.error(span, Some(field), format!("the key is unknown; known are {known}"))
    }

    fn error(&self, span: Range<usize>, field: Option<&str>, problem: impl Into<String>) -> Error {
        Error::invalid_price_book(self.name, self.line(span.start), field, problem)
    }

    fn line(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset)
    }
}

const KEYS: &str = "id, vendor, aliases, rates (input, output, cache_read, …, also with batch_ before them), tiers, \
                    off_peak, max_input_tokens, context_window, max_output_tokens, tokenizer, tokenizer_assumed, \
                    valid_from, valid_until, retires_on, status, source, note";

fn blank() -> ModelPrice {
    ModelPrice {
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
        off_peak: None,
        source: String::new(),
        note: None,
        base: Tier::new(None, Rates::default()),
        long: Vec::new(),
    }
}
