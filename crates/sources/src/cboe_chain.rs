//! Quotes of options, delayed by a quarter of an hour, from Cboe.

use std::time::Duration;

use assize_altdata::{
    Availability, DailyBar, Disposition, Finding, FindingKind, Gap, Item, ItemKind, Known, OptionChain,
    OptionQuote, OptionRight, Outcome, Query, Source, SourceId, SourceKind, SourceMeta, new_york,
};
use assize_transport::{RawResponse, Request};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::{address::Address, answer};

const HOUR: Duration = Duration::from_secs(3_600);
/// Contracts of one chain; the largest there are have some 30,000.
const MOST_CONTRACTS: usize = 60_000;

/// Chains from `cdn.cboe.com/api/global/delayed_quotes/options`: all contracts on one underlying at one moment. Only the
/// present can be asked for.
///
/// An implied volatility of 0 means that none could be computed, and is `None`. Numbers with the noise of 32-bit floats are
/// rounded to six decimals. The outer time is UTC and is when the quotes became public; the times of last trades are those
/// of New York. An index has an underscore before its symbol: ask for `^SPX`.
///
/// The answer has the share's own day too: once the quotes are from after the close of the day on which it last traded, that
/// is a bar, a spare price where no other source has one. Its volume may be of some exchanges only, so it is left out.
#[derive(Clone, Debug)]
pub struct CboeChain {
    meta: SourceMeta,
}

impl CboeChain {
    /// The name of this source.
    pub const ID: SourceId = SourceId::new("cboe-options");

    /// The source at two requests a second.
    #[must_use]
    pub fn new() -> Self {
        let mut meta = SourceMeta::new(Self::ID, SourceKind::Options, "cdn.cboe.com");
        meta.rate = Some(2.0);
        meta.burst = 2;
        meta.ttl = HOUR / 4;
        meta.stale_after = Some(4 * 24 * HOUR);
        meta.terms = "delayed quotes shown on cboe.com; no terms for programs known".into();
        Self { meta }
    }
}

impl Default for CboeChain {
    fn default() -> Self {
        Self::new()
    }
}

#[derive(Deserialize)]
struct Answer {
    timestamp: String,
    symbol: String,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    options: Vec<Contract>,
    current_price: Option<f64>,
    open: Option<f64>,
    high: Option<f64>,
    low: Option<f64>,
    close: Option<f64>,
    last_trade_time: Option<String>,
}

#[derive(Deserialize)]
struct Contract {
    option: String,
    bid: Option<f64>,
    ask: Option<f64>,
    iv: Option<f64>,
    open_interest: Option<f64>,
    volume: Option<f64>,
    delta: Option<f64>,
    gamma: Option<f64>,
    last_trade_price: Option<f64>,
    last_trade_time: Option<String>,
}

impl Source for CboeChain {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        let address = Address::new("https://cdn.cboe.com/api/global/delayed_quotes/options");
        Ok(vec![address.part(&format!("{}.json", symbol(query))).get(query, &Self::ID)?])
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        // The store behind the site answers so for what it does not have.
        if response.status() == 403 && response.body().windows(12).any(|text| text == b"AccessDenied") {
            return Outcome::NotFound;
        }
        let answer: Answer = match answer::json(response) {
            Ok(answer) => answer,
            Err(outcome) => return outcome,
        };
        let asked = symbol(query);
        let named = answer.symbol.replace(['.', '-', '_', '^'], "");
        if named != asked.trim_start_matches('_') {
            let found = answer::plain(&answer.symbol, 20);
            return Outcome::OtherCompany(format!("{found}, and {asked} was asked for"));
        }
        let Some(quoted_at) = moment(&answer.timestamp) else {
            let found = answer::plain(&answer.timestamp, 40);
            return Outcome::Drift(format!("at `timestamp`: {found} is no time"));
        };
        if answer.data.options.is_empty() {
            return Outcome::Empty;
        }
        if answer.data.options.len() > MOST_CONTRACTS {
            return Outcome::Drift(format!("at `data.options`: more than {MOST_CONTRACTS} contracts"));
        }
        let bar = answer.data.bar(quoted_at);
        let mut findings = Vec::new();
        let mut quotes: Vec<OptionQuote> = Vec::with_capacity(answer.data.options.len());
        let basis = "the quotes' own time, a quarter of an hour behind the market";
        let available_at = Availability::at(quoted_at, basis);
        for contract in answer.data.options {
            match contract.read() {
                Ok(quote) => quotes.push(quote),
                Err(text) => {
                    let kind = FindingKind::RaggedRow;
                    let finding = Finding::undated(None, kind, Disposition::Dropped, text);
                    let known_from = Some(available_at.clone());
                    findings.push(Finding { known_from, ..finding }.at_url(response.url()));
                }
            }
        }
        in_order(&mut quotes);
        if quotes.is_empty() {
            return Outcome::Items { items: Vec::new(), findings: Finding::list(findings) };
        }
        findings.extend(without_volatilities(&quotes, &available_at, response));
        let spot = answer.data.current_price.filter(|price| *price > 0.0).map(rounded);
        let kind = ItemKind::Options(OptionChain { quoted_at, spot, contracts: quotes.into() });
        let (ticker, url) = (query.ticker(), response.url());
        let fetched_at = response.fetched_at();
        let chain = Item::new(ticker, kind, &Self::ID, url, available_at, fetched_at).published(quoted_at);
        let bar = bar.map(|bar| Item::bar(ticker, bar, &Self::ID, url, fetched_at));
        let mut items: Vec<Item> = bar.into_iter().chain([chain]).collect();
        items.sort_by_key(Known::known_by);
        Outcome::Items { items, findings: Finding::list(findings) }
    }
}

impl Data {
    /// The share's day, if the quotes are from after its close. They are a quarter of an hour behind the market.
    fn bar(&self, quoted_at: Timestamp) -> Option<DailyBar> {
        let quoted = new_york::wall(quoted_at);
        let traded: DateTime = self.last_trade_time.as_deref()?.parse().ok()?;
        if traded.date() != quoted.date() || quoted < traded.date().at(16, 20, 0, 0) {
            return None;
        }
        let [open, high, low, close] = [self.open?, self.high?, self.low?, self.close?].map(rounded);
        Some(DailyBar::new(traded.date(), open, high, low, close)).filter(DailyBar::has_sound_prices)
    }
}

/// Sorts by expiry, strike, and calls before puts.
pub(crate) fn in_order(quotes: &mut [OptionQuote]) {
    quotes.sort_by(|one, other| {
        let strikes = one.strike.total_cmp(&other.strike);
        one.expiry.cmp(&other.expiry).then(strikes).then(one.right.cmp(&other.right))
    });
}

/// What is to be said of a chain in which many contracts are bid for, and none has an implied volatility.
pub(crate) fn without_volatilities(
    quotes: &[OptionQuote],
    known: &Availability,
    response: &RawResponse,
) -> Option<Finding> {
    /// In a thin chain there may be none to be had.
    const MANY: usize = 10;
    let bid_for = quotes.iter().filter(|quote| quote.bid.is_some_and(|bid| bid > 0.0)).count();
    let has_one = quotes.iter().any(|quote| quote.implied_volatility.is_some());
    (bid_for >= MANY && !has_one).then(|| {
        let text = format!("none of {} contracts has an implied volatility", quotes.len());
        let finding = Finding::undated(None, FindingKind::Column, Disposition::Kept, text);
        Finding { known_from: Some(known.clone()), ..finding }.at_url(response.url())
    })
}

/// As Cboe writes it: no dot or dash, an index with an underscore.
fn symbol(query: &Query) -> String {
    let plain = query.ticker().as_str().replace(['.', '-'], "");
    plain.strip_prefix('^').map_or(plain.clone(), |index| format!("_{index}"))
}

fn moment(text: &str) -> Option<Timestamp> {
    let civil = DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// Without the noise of a 32-bit float.
pub(crate) fn rounded(value: f64) -> f64 {
    let rounded = (value * 1e6).round() / 1e6;
    // Beyond belief, but a number still.
    if rounded.is_finite() { rounded } else { value }
}

impl Contract {
    fn read(self) -> Result<OptionQuote, String> {
        let Some(read) = OccSymbol::read(&self.option) else {
            return Err(format!("`{}` is no option's symbol", answer::plain(&self.option, 40)));
        };
        let amount =
            |value: Option<f64>| value.filter(|value| value.is_finite() && *value >= 0.0).map(rounded);
        let last_at = self.last_trade_time.and_then(|text| text.parse::<DateTime>().ok());
        Ok(OptionQuote {
            symbol: self.option,
            expiry: read.expiry,
            strike: read.strike,
            right: read.right,
            bid: amount(self.bid),
            ask: amount(self.ask),
            last: amount(self.last_trade_price).filter(|price| *price > 0.0),
            last_at,
            volume: amount(self.volume),
            open_interest: amount(self.open_interest),
            implied_volatility: amount(self.iv).filter(|volatility| *volatility > 0.0),
            delta: self.delta.filter(|delta| delta.abs() <= 1.0).map(rounded),
            gamma: amount(self.gamma),
        })
    }
}

/// What an option's symbol says by the rules of the Options Clearing Corporation: root, date, right, and the strike in
/// thousandths. It is read from the right: roots differ in length, and adjusted ones end in a digit.
#[derive(Debug, PartialEq)]
pub(crate) struct OccSymbol {
    pub(crate) expiry: Date,
    pub(crate) strike: f64,
    pub(crate) right: OptionRight,
}

impl OccSymbol {
    pub(crate) fn read(symbol: &str) -> Option<Self> {
        const BEHIND_ROOT: usize = 15;
        let symbol = symbol.trim();
        if !symbol.is_ascii() || symbol.len() <= BEHIND_ROOT || symbol.len() > 24 {
            return None;
        }
        let (_, behind) = symbol.split_at(symbol.len() - BEHIND_ROOT);
        let (date, rest) = behind.split_at(6);
        let (right, strike) = rest.split_at(1);
        if !date.bytes().chain(strike.bytes()).all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let right = match right {
            "C" => OptionRight::Call,
            "P" => OptionRight::Put,
            _ => return None,
        };
        let number = |text: &str| text.parse::<i16>().ok();
        let day = |text: &str| text.parse::<i8>().ok();
        let expiry = Date::new(2000 + number(&date[..2])?, day(&date[2..4])?, day(&date[4..])?).ok()?;
        let strike = f64::from(strike.parse::<u32>().ok()?) / 1_000.0;
        (strike > 0.0).then_some(Self { expiry, strike, right })
    }
}

#[cfg(test)]
mod tests {
    use assize_altdata::{AsOf, conformance};
    use assize_transport::Headers;
    use jiff::civil::date;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn chain() -> Value {
        let contract = |symbol: &str, iv: f64| {
            json!({"option": symbol, "bid": 1.0, "bid_size": 5.0, "ask": 1.100_000_023_841_858, "iv": iv, "open_interest": 120.0,
                "volume": 60.0, "delta": 0.5, "gamma": 0.04, "last_trade_price": 1.05, "new": 0,
                "last_trade_time": if iv > 0.0 { json!("2026-01-02T15:59:00") } else { Value::Null }})
        };
        json!({"timestamp": "2026-01-02 21:00:00", "symbol": "ACME", "data": {"current_price": 50.2, "options": [
            contract("ACME260116P00050000", 0.31), contract("ACME260116C00050000", 0.0), contract("ACME1260109C00007500", 0.4)]}})
    }

    fn query(ticker: &str) -> Query {
        Query::new(&ticker.parse().unwrap(), "2026-01-03".parse::<AsOf>().unwrap())
    }

    fn decode(status: u16, body: &str) -> Outcome {
        let (source, query) = (CboeChain::new(), query("ACME"));
        let request = &source.plan(&query).unwrap()[0];
        let response =
            RawResponse::new(request, status, Headers::default(), body.to_owned(), Timestamp::UNIX_EPOCH);
        source.decode(&query, &response)
    }

    #[test]
    fn it_keeps_the_contract() {
        conformance::check_query(&CboeChain::new(), &query("ACME"), chain().to_string().as_bytes());
    }

    #[test]
    fn symbols_become_addresses() {
        for (ticker, file) in [("KO", "KO.json"), ("BRK-B", "BRKB.json"), ("^SPX", "_SPX.json")] {
            let plan = CboeChain::new().plan(&query(ticker)).unwrap();
            let expected = format!("https://cdn.cboe.com/api/global/delayed_quotes/options/{file}");
            assert_eq!(plan[0].url().as_str(), expected);
        }
    }

    #[test]
    fn a_chain_is_one_observation() {
        let Outcome::Items { items, findings } = decode(200, &chain().to_string()) else { panic!("items") };
        assert!(findings.is_empty());
        let ItemKind::Options(chain) = &items[0].kind else { panic!("a chain") };
        assert_eq!((chain.quoted_at.to_string().as_str(), chain.spot), ("2026-01-02T21:00:00Z", Some(50.2)));
        let shown: Vec<_> =
            chain.contracts.iter().map(|quote| (quote.expiry, quote.strike, quote.right)).collect();
        let expected = [
            (date(2026, 1, 9), 7.5, OptionRight::Call),
            (date(2026, 1, 16), 50.0, OptionRight::Call),
            (date(2026, 1, 16), 50.0, OptionRight::Put),
        ];
        assert_eq!(shown, expected);
        let without = &chain.contracts[1];
        assert_eq!((without.ask, without.implied_volatility, without.last_at), (Some(1.1), None, None));
        assert_eq!(chain.contracts[2].last_at.unwrap().to_string(), "2026-01-02T15:59:00");
    }

    #[test]
    fn the_day_is_a_bar_once_it_is_over() {
        let read = |quoted: &str, traded: &str, close: f64| {
            let mut body = chain();
            body["timestamp"] = json!(quoted);
            let data = &mut body["data"];
            data["last_trade_time"] = json!(traded);
            for (name, price) in [("open", 49.5), ("high", 50.400_000_1), ("low", 49.1), ("close", close)] {
                data[name] = json!(price);
            }
            let Outcome::Items { items, .. } = decode(200, &body.to_string()) else { panic!("items") };
            let bar = items.iter().find_map(Item::as_bar).copied();
            (
                items.len(),
                bar.map(|bar| (bar.date.to_string(), bar.open, bar.high, bar.low, bar.close, bar.volume)),
            )
        };
        let bar = ("2026-01-02".to_owned(), 49.5, 50.4, 49.1, 50.2, None);
        assert_eq!(read("2026-01-02 21:25:00", "2026-01-02T15:59:59", 50.2), (2, Some(bar.clone())));
        assert_eq!(read("2026-01-03 04:00:00", "2026-01-02T15:59:59", 50.2), (2, Some(bar)));
        assert_eq!(read("2026-01-02 21:10:00", "2026-01-02T15:54:59", 50.2), (1, None), "not over yet");
        assert_eq!(read("2026-01-05 14:00:00", "2026-01-02T15:59:59", 50.2), (1, None), "another day");
        assert_eq!(read("2026-01-02 21:25:00", "2026-01-02T15:59:59", 0.0), (1, None), "no price");
    }

    #[test]
    fn what_is_no_chain_of_it() {
        let changed = |from: &str, to: &str| decode(200, &chain().to_string().replace(from, to));
        assert!(matches!(changed("\"symbol\":\"ACME\"", "\"symbol\":\"ABC\""), Outcome::OtherCompany(_)));
        assert!(matches!(changed("2026-01-02 21:00:00", "now"), Outcome::Drift(_)));
        assert!(matches!(changed("\"option\"", "\"name\""), Outcome::Drift(_)));
        let Outcome::Items { items, findings } = changed("ACME260116P00050000", "ACME26X116P00050000") else {
            panic!()
        };
        assert_eq!((items.len(), findings.len()), (1, 1));
        assert_eq!(decode(403, "<Error><Code>AccessDenied</Code></Error>"), Outcome::NotFound);
        assert_eq!(decode(403, "<html>"), Outcome::Blocked);
        let mut empty = chain();
        empty["data"]["options"] = json!([]);
        assert_eq!(decode(200, &empty.to_string()), Outcome::Empty);
    }

    #[test]
    fn symbols_that_are_none() {
        for symbol in [
            "",
            "260116C00050000",
            "ACME260116X00050000",
            "ACME261316C00050000",
            "ACME260116C0005000é",
            "ACME260116C00000000",
        ] {
            assert_eq!(OccSymbol::read(symbol), None, "{symbol}");
        }
    }

    proptest! {
        #[test]
        fn a_symbol_says_what_it_was_made_of(root in "[A-Z]{1,5}[1-9]?", days in 0_i32..20_000, call: bool, mills in 1_u32..99_999_999) {
            let expiry = date(2000, 1, 1).checked_add(jiff::ToSpan::days(days)).unwrap();
            let symbol = format!("{root}{}{}{mills:08}", expiry.strftime("%y%m%d"), if call { 'C' } else { 'P' });
            let read = OccSymbol::read(&symbol).unwrap();
            let right = if call { OptionRight::Call } else { OptionRight::Put };
            prop_assert_eq!(read, OccSymbol { expiry, strike: f64::from(mills) / 1_000.0, right });
        }
    }
}
