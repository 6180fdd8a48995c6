//! Daily prices and the last quote from Alpha Vantage, which wants a key.

use std::collections::BTreeMap;
use std::time::Duration;

use assize_altdata::{
    Availability, DailyBar, Disposition, Finding, FindingKind, Gap, GapReason, Item, ItemKind, Known,
    Outcome, Query, Source, SourceId, SourceKind, SourceMeta, new_york,
};
use assize_transport::{RawResponse, Request, Secret};
use jiff::civil::{Date, DateTime};
use serde::Deserialize;

use crate::address::{self, Address};
use crate::answer;
use crate::yahoo_chart::of_foreign_bar;

const HOUR: Duration = Duration::from_secs(3_600);
const MINUTE: Duration = Duration::from_secs(60);
/// Days of one answer: thirty years are 7,500.
const MOST_ROWS: usize = 20_000;
/// New York's exchanges close at this hour.
const CLOSE: i8 = 16;

/// Prices from `www.alphavantage.co/query`: the last 100 days ([`daily`](AlphaVantage::daily)) or the last day alone
/// ([`quote`](AlphaVantage::quote)). Format: <https://www.alphavantage.co/documentation/>. All numbers are texts.
///
/// **Raw prices**, as they were traded; the site names neither dividends nor splits here.
///
/// **Limits.** A free key bears 5 requests a minute and 25 a day. What it has against us it says with a status of 200, in a
/// `Note`, an `Information` or an `Error Message`: too many requests, something that is to be paid for, a key that is none,
/// or a symbol that it does not have. An `Information` repeats the key, so none of these texts goes further.
///
/// **The day that is not over.** For a free key the figures come after the end of the day. Where the answer says that it
/// is of an hour before the close, that day is left out; the quote says no hour.
#[derive(Clone, Debug)]
pub struct AlphaVantage {
    meta: SourceMeta,
    key: Option<Secret>,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Daily,
    Quote,
}

impl AlphaVantage {
    /// The name of the source of daily prices.
    pub const DAILY: SourceId = SourceId::new("alpha-vantage-daily");

    /// The name of the source of the last quote.
    pub const QUOTE: SourceId = SourceId::new("alpha-vantage-quote");

    /// The last 100 days, asked with a key if there is one.
    #[must_use]
    pub fn daily(key: Option<Secret>) -> Self {
        Self::of(Self::DAILY, Form::Daily, key)
    }

    /// The last day, asked with a key if there is one.
    #[must_use]
    pub fn quote(key: Option<Secret>) -> Self {
        Self::of(Self::QUOTE, Form::Quote, key)
    }

    fn of(id: SourceId, form: Form, key: Option<Secret>) -> Self {
        let mut meta = SourceMeta::new(id, SourceKind::Prices, "www.alphavantage.co");
        meta.rate = Some(5.0 / 60.0);
        meta.burst = 1;
        meta.ttl = 12 * HOUR;
        meta.stale_after = Some(7 * 24 * HOUR);
        meta.terms = "a key of one's own; free for personal use at 25 requests a day".into();
        meta.needs_key = true;
        Self { meta, key, form }
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Note")]
    note: Option<String>,
    #[serde(rename = "Information")]
    information: Option<String>,
    #[serde(rename = "Error Message")]
    error: Option<String>,
    #[serde(rename = "Global Quote")]
    quote: Option<Quote>,
    #[serde(rename = "Meta Data")]
    meta: Option<Meta>,
    #[serde(rename = "Time Series (Daily)")]
    days: Option<BTreeMap<String, Row>>,
}

#[derive(Deserialize)]
struct Quote {
    #[serde(rename = "01. symbol")]
    symbol: Option<String>,
    #[serde(rename = "02. open")]
    open: Option<String>,
    #[serde(rename = "03. high")]
    high: Option<String>,
    #[serde(rename = "04. low")]
    low: Option<String>,
    #[serde(rename = "05. price")]
    price: Option<String>,
    #[serde(rename = "06. volume")]
    volume: Option<String>,
    #[serde(rename = "07. latest trading day")]
    day: Option<String>,
}

#[derive(Deserialize)]
struct Meta {
    #[serde(rename = "2. Symbol")]
    symbol: String,
    #[serde(rename = "3. Last Refreshed")]
    refreshed: String,
}

#[derive(Deserialize)]
struct Row {
    #[serde(rename = "1. open")]
    open: String,
    #[serde(rename = "2. high")]
    high: String,
    #[serde(rename = "3. low")]
    low: String,
    #[serde(rename = "4. close")]
    close: String,
    #[serde(rename = "5. volume")]
    volume: String,
}

impl Source for AlphaVantage {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        let gap = |reason, detail: String| Gap::new(query.ticker(), &self.meta.id, reason, detail);
        let Some(key) = &self.key else {
            let detail = "it needs a key: alphavantage.co gives one for nothing".to_owned();
            return Err(gap(GapReason::KeyMissing, detail));
        };
        let address = Address::new("https://www.alphavantage.co/query");
        let symbol = query.ticker().as_str();
        let address = match self.form {
            Form::Daily => address
                .parameter("function", "TIME_SERIES_DAILY")
                .parameter("symbol", symbol)
                .parameter("outputsize", "compact"),
            Form::Quote => address.parameter("function", "GLOBAL_QUOTE").parameter("symbol", symbol),
        };
        let request = address.get(query, &self.meta.id)?;
        let request = request
            .with_secret_query("apikey", &address::encoded(key.expose()))
            .map_err(|error| gap(GapReason::Failed, format!("failed to {error}")))?;
        Ok(vec![request])
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        let answer: Answer = match answer::json(response) {
            Ok(answer) => answer,
            Err(outcome) => return outcome,
        };
        let said = [&answer.error, &answer.note, &answer.information].into_iter().flatten().next();
        match (said, self.form) {
            (Some(said), _) => refusal(said),
            (None, Form::Daily) => self.days(query, response, answer),
            (None, Form::Quote) => self.last_day(query, response, answer.quote),
        }
    }
}

/// What a text with a status of 200 means.
fn refusal(said: &str) -> Outcome {
    let said: String = said.chars().take(1_000).collect::<String>().to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    // No key, or none that covers this.
    let no_key = [
        "apikey is invalid",
        "demo** api key",
        "claim your free api key",
        "premium endpoint",
        "premium feature",
    ];
    if says(&no_key) {
        Outcome::KeyMissing
    } else if says(&["per day", "requests/day"]) && !says(&["per minute"]) {
        // The day's requests are used up: nobody need ask again for a while.
        Outcome::Blocked
    } else if says(&[
        "rate limit",
        "per minute",
        "per second",
        "call frequency",
        "call volume",
        "spreading out",
    ]) {
        Outcome::Throttled(Some(MINUTE))
    } else if says(&["invalid api call"]) {
        Outcome::NotFound
    } else {
        // Not repeated: it may hold the key.
        Outcome::Unavailable("a notice of an unknown kind instead of prices".to_owned())
    }
}

impl AlphaVantage {
    fn days(&self, query: &Query, response: &RawResponse, answer: Answer) -> Outcome {
        let (Some(meta), Some(days)) = (answer.meta, answer.days) else {
            return Outcome::DoubtfulEmpty("neither prices nor a reason".to_owned());
        };
        if let Some(outcome) = other(query, &meta.symbol) {
            return outcome;
        }
        if days.is_empty() {
            return Outcome::Empty;
        }
        if days.len() > MOST_ROWS {
            return Outcome::Drift(format!("at `Time Series (Daily)`: more than {MOST_ROWS} rows"));
        }
        let running = DateTime::strptime("%Y-%m-%d %H:%M:%S", &meta.refreshed).ok();
        let running = running.filter(|clock| clock.hour() < CLOSE).map(DateTime::date);
        let (mut bars, mut findings) = (BTreeMap::new(), Vec::new());
        let mut find = |finding: Finding| findings.push(finding.at_url(response.url()));
        for (day, row) in days {
            let Ok(date) = day.parse::<Date>() else {
                let text = format!("`{}` is no date", answer::plain(&day, 40));
                find(Finding::undated(None, FindingKind::UnreadableDate, Disposition::Dropped, text));
                continue;
            };
            if running == Some(date) || is_running(date, response) {
                let text = "the day was not over";
                find(Finding::on(date, FindingKind::Unfinished, Disposition::Dropped, text));
                continue;
            }
            match bar(date, [&row.open, &row.high, &row.low, &row.close], &row.volume) {
                Ok(bar) => {
                    bars.insert(date, bar);
                }
                Err(kind) => {
                    let text = "a price is no positive number";
                    find(Finding::on(date, kind, Disposition::Dropped, text));
                }
            }
        }
        let mut items: Vec<Item> = bars.into_values().map(|bar| self.item(query, response, bar)).collect();
        items.sort_by_key(Known::known_by);
        Outcome::Items { items, findings: Finding::list(findings) }
    }

    fn last_day(&self, query: &Query, response: &RawResponse, quote: Option<Quote>) -> Outcome {
        let Some(quote) = quote else {
            return Outcome::DoubtfulEmpty("neither a quote nor a reason".to_owned());
        };
        // So it answers for a symbol that it does not have.
        let Some(symbol) = quote.symbol else { return Outcome::NotFound };
        if let Some(outcome) = other(query, &symbol) {
            return outcome;
        }
        let missing = |name: &str| Outcome::Drift(format!("at `Global Quote.{name}`: it is missing"));
        let Some(day) = quote.day else { return missing("07. latest trading day") };
        let Ok(date) = day.parse::<Date>() else {
            let found = answer::plain(&day, 40);
            return Outcome::Drift(format!("at `Global Quote.07. latest trading day`: `{found}` is no date"));
        };
        if is_running(date, response) {
            let (kind, text) = (FindingKind::Unfinished, "the day was not over");
            let finding = Finding::on(date, kind, Disposition::Dropped, text).at_url(response.url());
            return Outcome::Items { items: Vec::new(), findings: vec![finding] };
        }
        let (Some(open), Some(high)) = (&quote.open, &quote.high) else { return missing("02. open") };
        let (Some(low), Some(price)) = (&quote.low, &quote.price) else { return missing("05. price") };
        match bar(date, [open, high, low, price], quote.volume.as_deref().unwrap_or_default()) {
            Ok(bar) => Outcome::Items { items: vec![self.item(query, response, bar)], findings: Vec::new() },
            Err(kind) => {
                let text = "a price is no positive number";
                let finding = Finding::on(date, kind, Disposition::Dropped, text).at_url(response.url());
                Outcome::Items { items: Vec::new(), findings: vec![finding] }
            }
        }
    }

    fn item(&self, query: &Query, response: &RawResponse, bar: DailyBar) -> Item {
        let (ticker, url, fetched_at) = (query.ticker(), response.url(), response.fetched_at());
        if ticker.as_str().contains('.') {
            let available_at = of_foreign_bar(bar.date);
            return Item::new(ticker, ItemKind::Bar(bar), &self.meta.id, url, available_at, fetched_at);
        }
        Item::bar(ticker, bar, &self.meta.id, url, fetched_at)
    }
}

/// Whether the day was under way in New York when the answer was read.
fn is_running(date: Date, response: &RawResponse) -> bool {
    let read_at = response.fetched_at();
    new_york::date(read_at) == date && read_at < Availability::of_daily_bar(date).earliest
}

fn other(query: &Query, symbol: &str) -> Option<Outcome> {
    let asked = query.ticker().as_str();
    (!symbol.eq_ignore_ascii_case(asked))
        .then(|| Outcome::OtherCompany(format!("{}, and {asked} was asked for", answer::plain(symbol, 20))))
}

fn bar(date: Date, prices: [&str; 4], volume: &str) -> Result<DailyBar, FindingKind> {
    let number = |text: &str| text.trim().parse::<f64>().map_err(|_| FindingKind::UnreadableNumber);
    let [open, high, low, close] = prices;
    let mut bar = DailyBar::new(date, number(open)?, number(high)?, number(low)?, number(close)?);
    if !bar.has_sound_prices() {
        return Err(FindingKind::BadPrice);
    }
    bar.volume = number(volume).ok().filter(|volume| volume.is_finite() && *volume >= 0.0);
    Ok(bar)
}

#[cfg(test)]
mod tests;
