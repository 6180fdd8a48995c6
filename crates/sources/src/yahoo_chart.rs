//! Daily prices from Yahoo's chart service.

use std::collections::{BTreeMap, btree_map::Entry};
use std::time::Duration;

use assize_altdata::{
    Availability, DailyBar, Disposition, Finding, FindingKind, Gap, Item, ItemKind, Known, Outcome, Query,
    Source, SourceId, SourceKind, SourceMeta,
};
use assize_transport::{RawResponse, Request};
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;

use crate::{address::Address, answer};

const HOUR: Duration = Duration::from_secs(3_600);
/// So much history is asked for.
const YEARS: i64 = 3;
/// Rows of one answer: a century of days.
const MOST_ROWS: usize = 40_000;
/// Splits of one answer.
const MOST_SPLITS: usize = 200;
/// New shares for one old share, or old ones for a new one, beyond which it is no split.
const MOST_SPLIT: f64 = 10_000.0;
const NEW_YORK: &str = "America/New_York";

/// Daily bars from `query2.finance.yahoo.com/v8/finance/chart`.
///
/// The service has no published terms for programs and refuses who asks too often, so it is off unless chosen.
///
/// **Raw prices.** Yahoo divides all prices, volumes and dividends by every split up to today. That is undone with the
/// splits of the same answer, so that each bar is as it was traded and nothing later shows in it; therefore the end of the
/// period that is asked for lies beyond today, whatever the as-of moment. Prices come as 32-bit floats and are read as the
/// shortest decimal number that is the same 32-bit float.
///
/// **Units.** Prices are in the unit of the exchange; London's `GBp` is pence, with a finding.
///
/// **The day that is not over** has a row like the others. It is left out if the answer's last regular trade and the answer
/// itself are from before the end of the session that the answer names.
///
/// **Which company.** The answer's symbol must be the one asked for, and where an identity is known, a fund is not taken
/// for a share.
#[derive(Clone, Debug)]
pub struct YahooChart {
    meta: SourceMeta,
}

impl YahooChart {
    /// The name of this source.
    pub const ID: SourceId = SourceId::new("yahoo-chart");

    /// The source at two requests a second.
    #[must_use]
    pub fn new() -> Self {
        let mut meta = SourceMeta::new(Self::ID, SourceKind::Prices, "query2.finance.yahoo.com");
        meta.rate = Some(2.0);
        meta.burst = 2;
        meta.ttl = 6 * HOUR;
        meta.stale_after = Some(7 * 24 * HOUR);
        meta.terms = "no published terms for programs; refuses frequent callers".into();
        Self { meta }
    }
}

impl Default for YahooChart {
    fn default() -> Self {
        Self::new()
    }
}

#[derive(Deserialize)]
struct Answer {
    chart: Chart,
}

#[derive(Deserialize)]
struct Chart {
    result: Option<Vec<Series>>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    code: String,
    #[serde(default)]
    description: String,
}

#[derive(Deserialize)]
struct Series {
    meta: Meta,
    timestamp: Option<Vec<i64>>,
    #[serde(default)]
    events: Events,
    indicators: Indicators,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    symbol: String,
    currency: Option<String>,
    #[serde(default)]
    instrument_type: String,
    exchange_timezone_name: Option<String>,
    #[serde(default)]
    gmtoffset: i32,
    data_granularity: String,
    regular_market_time: Option<i64>,
    current_trading_period: Option<TradingPeriods>,
}

#[derive(Deserialize)]
struct TradingPeriods {
    regular: TradingPeriod,
}

#[derive(Deserialize)]
struct TradingPeriod {
    end: i64,
}

#[derive(Default, Deserialize)]
struct Events {
    #[serde(default)]
    dividends: BTreeMap<String, Dividend>,
    #[serde(default)]
    splits: BTreeMap<String, Split>,
}

#[derive(Deserialize)]
struct Dividend {
    amount: f64,
    date: i64,
}

#[derive(Deserialize)]
struct Split {
    date: i64,
    numerator: f64,
    denominator: f64,
}

#[derive(Deserialize)]
struct Indicators {
    quote: Vec<Quote>,
    #[serde(default)]
    adjclose: Vec<Adjusted>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Quote {
    open: Vec<Option<f64>>,
    high: Vec<Option<f64>>,
    low: Vec<Option<f64>>,
    close: Vec<Option<f64>>,
    volume: Vec<Option<f64>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Adjusted {
    adjclose: Vec<Option<f64>>,
}

impl Source for YahooChart {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        let end = query.as_of().moment();
        let start = query.wanted_since().unwrap_or_else(|| {
            let date = end.to_zoned(TimeZone::UTC).date();
            let start = date.saturating_sub(YEARS.years()).to_zoned(TimeZone::UTC);
            start.map_or(Timestamp::UNIX_EPOCH, |start| start.timestamp())
        });
        let address = Address::new("https://query2.finance.yahoo.com/v8/finance/chart")
            .part(query.ticker().as_str())
            .parameter("period1", &start.as_second().to_string())
            // Beyond today: a later split must be seen to be undone.
            .parameter("period2", "9999999999")
            .parameter("interval", "1d")
            .parameter("events", "div,splits");
        Ok(vec![address.get(query, &Self::ID)?])
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        if response.status() == 404 {
            return Outcome::NotFound;
        }
        let answer: Answer = match answer::json(response) {
            Ok(answer) => answer,
            Err(outcome) => return outcome,
        };
        if let Some(error) = answer.chart.error {
            let words = answer::plain(&format!("{}: {}", error.code, error.description), 120);
            return match error.code.as_str() {
                "Not Found" => Outcome::NotFound,
                "Unauthorized" => Outcome::Blocked,
                _ => Outcome::Unavailable(words),
            };
        }
        let Some(series) = answer.chart.result.into_iter().flatten().next() else {
            return Outcome::DoubtfulEmpty("neither a result nor an error".to_owned());
        };
        if let Some(outcome) = not_meant(query, &series.meta) {
            return outcome;
        }
        if series.events.splits.len() > MOST_SPLITS {
            return Outcome::Drift(format!("at `chart.result[0].events.splits`: more than {MOST_SPLITS}"));
        }
        match series.timestamp.as_deref() {
            None | Some([]) => Outcome::Empty,
            Some(stamps) if stamps.len() > MOST_ROWS => {
                Outcome::Drift(format!("at `chart.result[0].timestamp`: more than {MOST_ROWS} rows"))
            }
            Some(stamps) => read(query, response, &series, stamps),
        }
    }
}

fn not_meant(query: &Query, meta: &Meta) -> Option<Outcome> {
    let asked = query.ticker().as_str();
    if !meta.symbol.eq_ignore_ascii_case(asked) {
        return Some(Outcome::OtherCompany(format!(
            "{}, and {asked} was asked for",
            answer::plain(&meta.symbol, 20)
        )));
    }
    if meta.data_granularity != "1d" {
        let found = answer::plain(&meta.data_granularity, 20);
        return Some(Outcome::Drift(format!(
            "at `chart.result[0].meta.dataGranularity`: `{found}`, not `1d`"
        )));
    }
    let is_share = query.identity().is_some_and(|card| card.cik.is_some() && card.instrument.is_empty());
    (is_share && meta.instrument_type == "MUTUALFUND").then(|| {
        Outcome::OtherCompany(format!("a mutual fund of the symbol {asked}, and a company's share was meant"))
    })
}

/// What an exchange's clocks show: by the bundled time-zone data, else by the offset that the answer states.
fn zone(meta: &Meta) -> TimeZone {
    let named =
        meta.exchange_timezone_name.as_deref().and_then(|name| TimeZoneDatabase::bundled().get(name).ok());
    named.unwrap_or_else(|| Offset::from_seconds(meta.gmtoffset).map_or(TimeZone::UTC, TimeZone::fixed))
}

/// The end of the session that was on when the answer was given, if one was.
fn running(meta: &Meta, response: &RawResponse) -> Option<i64> {
    let end = meta.current_trading_period.as_ref()?.regular.end;
    let traded = meta.regular_market_time?;
    (traded < end && response.fetched_at().as_second() < end).then_some(end)
}

/// The shortest decimal number that is the same 32-bit float.
#[expect(clippy::cast_possible_truncation, reason = "the value came from a 32-bit float")]
fn shortest(value: f64) -> f64 {
    let single = value as f32;
    if single.is_finite() && (f64::from(single) - value).abs() <= value.abs() * 1e-12 {
        single.to_string().parse().unwrap_or(value)
    } else {
        value
    }
}

fn read(query: &Query, response: &RawResponse, series: &Series, stamps: &[i64]) -> Outcome {
    let default = Quote::default();
    let quote = series.indicators.quote.first().unwrap_or(&default);
    let columns = [
        ("open", &quote.open),
        ("high", &quote.high),
        ("low", &quote.low),
        ("close", &quote.close),
        ("volume", &quote.volume),
    ];
    if let Some((name, column)) = columns.iter().find(|(_, column)| column.len() != stamps.len()) {
        let (rows, due) = (column.len(), stamps.len());
        return Outcome::Drift(format!(
            "at `chart.result[0].indicators.quote[0].{name}`: {rows} values for {due} days"
        ));
    }
    let zone = zone(&series.meta);
    let date =
        |second: i64| Timestamp::from_second(second).ok().map(|moment| zone.to_datetime(moment).date());
    let events = PastEvents::of(&series.events, date);
    let running = running(&series.meta, response).and_then(date);
    let adjusted = series.indicators.adjclose.first().map_or(&[][..], |column| &column.adjclose);
    let mut bars: BTreeMap<Date, DailyBar> = BTreeMap::new();
    let mut findings = Vec::new();
    let mut find = |finding: Finding| findings.push(finding.at_url(response.url()));
    for (day, ratio) in &events.unsound {
        let text = format!("a split of {ratio} new shares for one is not undone");
        find(Finding::on(*day, FindingKind::BadEvent, Disposition::Dropped, text));
    }
    for (row, stamp) in stamps.iter().enumerate() {
        let Some(day) = date(*stamp) else {
            let text = format!("the timestamp {stamp} is no time");
            find(Finding::undated(None, FindingKind::UnreadableDate, Disposition::Dropped, text));
            continue;
        };
        if running == Some(day) {
            let text = "the day was not over";
            find(Finding::on(day, FindingKind::Unfinished, Disposition::Dropped, text));
            continue;
        }
        let adjusted = adjusted.get(row).copied().flatten();
        match quote.bar(row, day, adjusted, &events) {
            Err((kind, text)) => find(Finding::on(day, kind, Disposition::Dropped, text)),
            Ok(bar) => match bars.entry(day) {
                Entry::Vacant(entry) => {
                    entry.insert(bar);
                }
                // While an exchange is open, its last day is there twice.
                Entry::Occupied(_) => {
                    let text = "another row for this day";
                    find(Finding::on(day, FindingKind::Duplicate, Disposition::Dropped, text));
                }
            },
        }
    }
    if series.meta.currency.as_deref() == Some("GBp")
        && let Some(first) = bars.keys().next()
    {
        find(Finding::on(*first, FindingKind::Column, Disposition::Kept, "prices are in pence (GBp)"));
    }
    let is_american = series.meta.exchange_timezone_name.as_deref().is_none_or(|name| name == NEW_YORK);
    let items = bars.into_values().map(|bar| {
        let available_at =
            if is_american { Availability::of_daily_bar(bar.date) } else { of_foreign_bar(bar.date) };
        let (ticker, url) = (query.ticker(), response.url());
        Item::new(ticker, ItemKind::Bar(bar), &YahooChart::ID, url, available_at, response.fetched_at())
    });
    let mut items: Vec<Item> = items.collect();
    items.sort_by_key(Known::known_by);
    Outcome::Items { items, findings: Finding::list(findings) }
}

/// What was split and paid, by the day.
struct PastEvents {
    /// New shares for one old share.
    splits: BTreeMap<Date, f64>,
    /// Those that nobody can have meant.
    unsound: BTreeMap<Date, f64>,
    /// In money of the day, for a share of the day.
    dividends: BTreeMap<Date, f64>,
}

impl PastEvents {
    fn of(events: &Events, date: impl Fn(i64) -> Option<Date>) -> Self {
        let splits = events.splits.values();
        let splits =
            splits.filter_map(|split| Some((date(split.date)?, split.numerator / split.denominator)));
        let (splits, unsound) =
            splits.partition(|(_, ratio)| (1.0 / MOST_SPLIT..=MOST_SPLIT).contains(ratio));
        let mut past = Self { splits, unsound, dividends: BTreeMap::new() };
        for dividend in events.dividends.values() {
            if let Some(day) = date(dividend.date) {
                *past.dividends.entry(day).or_default() += shortest(dividend.amount) * past.shares_since(day);
            }
        }
        past
    }

    /// How many shares one of that day has become by all splits after it.
    fn shares_since(&self, day: Date) -> f64 {
        self.splits.iter().filter(|(of, _)| **of > day).map(|(_, ratio)| ratio).product()
    }
}

impl Quote {
    /// A row as it was traded; what is wrong with it otherwise.
    fn bar(
        &self,
        row: usize,
        day: Date,
        adjusted: Option<f64>,
        events: &PastEvents,
    ) -> Result<DailyBar, (FindingKind, &'static str)> {
        let factor = events.shares_since(day);
        let price = |column: &[Option<f64>]| column[row].map(|value| shortest(value) * factor);
        let prices = (price(&self.open), price(&self.high), price(&self.low), price(&self.close));
        let (Some(open), Some(high), Some(low), Some(close)) = prices else {
            return Err((FindingKind::UnreadableNumber, "the day has no price, or not all four"));
        };
        let mut bar = DailyBar::new(day, open, high, low, close);
        if !bar.has_sound_prices() {
            return Err((FindingKind::BadPrice, "a price is not a positive number"));
        }
        let is_positive = |value: &f64| value.is_finite() && *value > 0.0;
        let volume = self.volume[row].map(|volume| volume / factor);
        bar.volume = volume.filter(|volume| volume.is_finite() && *volume >= 0.0);
        bar.adjustment = adjusted.map(|adjusted| adjusted / close).filter(is_positive);
        bar.dividend = events.dividends.get(&day).copied().filter(is_positive);
        bar.split = events.splits.get(&day).copied();
        Ok(bar)
    }
}

/// An exchange elsewhere closes at some hour of its day; New York's late session ends after all of them.
pub(crate) fn of_foreign_bar(date: Date) -> Availability {
    let american = Availability::of_daily_bar(date);
    let midnight = date.to_zoned(TimeZone::UTC).map_or(american.earliest, |midnight| midnight.timestamp());
    Availability::between(
        midnight,
        american.latest,
        "an exchange's close on that day; final by 20:00 New York",
    )
}

#[cfg(test)]
mod tests;
