//! Quotes of options from Yahoo, which wants a browser's session.

use std::collections::BTreeSet;
use std::time::Duration;

use assize_altdata::{
    Availability, Disposition, Finding, FindingKind, Gap, GapReason, Item, ItemKind, OptionChain,
    OptionQuote, Outcome, Query, Source, SourceId, SourceKind, SourceMeta, new_york,
};
use assize_transport::{RawResponse, Request, Secret};
use jiff::Timestamp;
use serde::Deserialize;

use crate::address::{self, Address};
use crate::answer;
use crate::cboe_chain::{OccSymbol, in_order, rounded, without_volatilities};

const HOUR: Duration = Duration::from_secs(3_600);
/// Expiries that are asked for unless told otherwise.
const EXPIRIES: usize = 6;
/// As many may follow from one answer as the fetcher lets.
const MOST_EXPIRIES: usize = 60;
/// Contracts of one answer: one expiry has some hundreds.
const MOST_CONTRACTS: usize = 20_000;
/// Yahoo writes 0.00001 where it found no implied volatility.
const LEAST_VOLATILITY: f64 = 1e-4;

/// Chains from `query2.finance.yahoo.com/v7/finance/options`, an answer and an observation for each expiry: the nearest
/// first, then the next ones that the first answer lists. Only the present can be asked for.
///
/// The service has no published terms for programs, answers only to a browser's session ([`YahooSession`]) and refuses who
/// asks too often: it is off unless chosen. [`CboeChain`](crate::CboeChain) has the same and more without all that. Of an
/// expiry that is over the lists are empty.
///
/// **Times.** The answer does not say of when its quotes are. Options trade in the regular session alone, so they count as
/// of the last regular trade of the share or of one of the contracts; what is open may be counted anew before the next
/// session, so they count as known from the newest time that the answer has anywhere.
///
/// **What is no quote.** Outside of the session bid and ask are 0, both at once: then neither is a quote, and the implied
/// volatility beside them is where a search stopped (0.00001, 0.0625, 0.125 …), so that is left out too. There are no Greek
/// letters.
#[derive(Clone, Debug)]
pub struct YahooOptions {
    meta: SourceMeta,
    session: Option<YahooSession>,
    expiries: usize,
}

/// What Yahoo's guarded services want to see: the cookie of a browser that was there (`A1=…` or `A3=…`), and the crumb that
/// `query2.finance.yahoo.com/v1/test/getcrumb` gives to it. Both last for months.
#[derive(Clone, Debug)]
pub struct YahooSession {
    /// The value of the header `Cookie`.
    pub cookie: Secret,
    /// The crumb, as it was given.
    pub crumb: Secret,
}

impl YahooOptions {
    /// The name of this source.
    pub const ID: SourceId = SourceId::new("yahoo-options");

    /// The source at two requests a second for the next six expiries, asked with a session if there is one.
    #[must_use]
    pub fn new(session: Option<YahooSession>) -> Self {
        let mut meta = SourceMeta::new(Self::ID, SourceKind::Options, "query2.finance.yahoo.com");
        meta.rate = Some(2.0);
        meta.burst = 2;
        meta.ttl = HOUR / 4;
        meta.stale_after = Some(4 * 24 * HOUR);
        meta.terms = "no published terms for programs; a browser's session; refuses frequent callers".into();
        meta.needs_key = true;
        Self { meta, session, expiries: EXPIRIES }
    }

    /// The same for so many expiries, 1 to 60.
    #[must_use]
    pub fn with_expiries(mut self, expiries: usize) -> Self {
        self.expiries = expiries.clamp(1, MOST_EXPIRIES);
        self
    }

    fn request(&self, query: &Query, expiry: Option<i64>) -> Result<Request, Gap> {
        let gap = |reason, detail: String| Gap::new(query.ticker(), &Self::ID, reason, detail);
        let Some(session) = &self.session else {
            let detail = "it needs a browser's session: a cookie of yahoo.com and its crumb".to_owned();
            return Err(gap(GapReason::KeyMissing, detail));
        };
        let start = Address::new("https://query2.finance.yahoo.com/v7/finance/options");
        let mut address = start.part(query.ticker().as_str());
        if let Some(expiry) = expiry {
            address = address.parameter("date", &expiry.to_string());
        }
        let crumb = address::encoded(session.crumb.expose());
        address
            .get(query, &Self::ID)?
            .with_secret_header("cookie", session.cookie.expose())
            .and_then(|request| request.with_secret_query("crumb", &crumb))
            .map_err(|error| gap(GapReason::Failed, format!("failed to {error}")))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    option_chain: Chain,
}

#[derive(Deserialize)]
struct Chain {
    result: Option<Vec<Underlying>>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    code: String,
    #[serde(default)]
    description: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Underlying {
    underlying_symbol: String,
    expiration_dates: Vec<i64>,
    quote: Quote,
    options: Vec<Expiry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Quote {
    #[serde(default)]
    quote_type: String,
    regular_market_price: Option<f64>,
    regular_market_time: i64,
    pre_market_time: Option<i64>,
    post_market_time: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Expiry {
    expiration_date: i64,
    calls: Vec<Contract>,
    puts: Vec<Contract>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Contract {
    contract_symbol: String,
    contract_size: Option<String>,
    bid: Option<f64>,
    ask: Option<f64>,
    last_price: Option<f64>,
    last_trade_date: Option<i64>,
    volume: Option<f64>,
    open_interest: Option<f64>,
    implied_volatility: Option<f64>,
}

impl Source for YahooOptions {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        Ok(vec![self.request(query, None)?])
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        let underlying = match read(query, response) {
            Ok(underlying) => underlying,
            Err(outcome) => return outcome,
        };
        if let Some(asked) = asked_for(response)
            && let Some(other) = underlying.options.iter().find(|expiry| expiry.expiration_date != asked)
        {
            let found = other.expiration_date;
            return Outcome::Drift(format!(
                "at `optionChain.result[0].options`: the expiry {found}, and {asked} was asked for"
            ));
        }
        let n: usize = underlying.options.iter().map(|expiry| expiry.calls.len() + expiry.puts.len()).sum();
        match n {
            0 => Outcome::Empty,
            1..=MOST_CONTRACTS => chain(query, response, underlying),
            _ => Outcome::Drift(format!(
                "at `optionChain.result[0].options`: more than {MOST_CONTRACTS} contracts"
            )),
        }
    }

    /// The expiries after the one that the first answer holds, as far as they are wanted.
    fn follow(&self, query: &Query, response: &RawResponse) -> Vec<Request> {
        if asked_for(response).is_some() {
            return Vec::new();
        }
        let Ok(underlying) = read(query, response) else { return Vec::new() };
        let here: BTreeSet<i64> = underlying.options.iter().map(|expiry| expiry.expiration_date).collect();
        let listed: BTreeSet<i64> =
            underlying.expiration_dates.into_iter().filter(|date| *date > 0).collect();
        let further = listed.difference(&here).take(self.expiries.saturating_sub(here.len()));
        further.filter_map(|date| self.request(query, Some(*date)).ok()).collect()
    }
}

/// The expiry that was asked for by its date, if one was.
fn asked_for(response: &RawResponse) -> Option<i64> {
    let (_, parameters) = response.url().as_str().split_once('?')?;
    parameters.split('&').find_map(|parameter| parameter.strip_prefix("date="))?.parse().ok()
}

fn read(query: &Query, response: &RawResponse) -> Result<Underlying, Outcome> {
    let says = |word: &[u8]| response.body().windows(word.len()).any(|text| text == word);
    if response.status() == 401 && (says(b"Crumb") || says(b"Cookie")) {
        return Err(Outcome::KeyMissing);
    }
    let answer: Answer = answer::json(response)?;
    if let Some(error) = answer.option_chain.error {
        return Err(match error.code.as_str() {
            "Not Found" => Outcome::NotFound,
            "Unauthorized" => Outcome::KeyMissing,
            _ => Outcome::Unavailable(answer::plain(&format!("{}: {}", error.code, error.description), 120)),
        });
    }
    let Some(results) = answer.option_chain.result else {
        return Err(Outcome::DoubtfulEmpty("neither a result nor an error".to_owned()));
    };
    let Some(underlying) = results.into_iter().next() else { return Err(Outcome::NotFound) };
    let asked = query.ticker().as_str();
    if !underlying.underlying_symbol.eq_ignore_ascii_case(asked) {
        let found = answer::plain(&underlying.underlying_symbol, 20);
        return Err(Outcome::OtherCompany(format!("{found}, and {asked} was asked for")));
    }
    let is_share = query.identity().is_some_and(|card| card.cik.is_some() && card.instrument.is_empty());
    if is_share && underlying.quote.quote_type == "MUTUALFUND" {
        let text = format!("a mutual fund of the symbol {asked}, and a company's share was meant");
        return Err(Outcome::OtherCompany(text));
    }
    Ok(underlying)
}

fn chain(query: &Query, response: &RawResponse, underlying: Underlying) -> Outcome {
    let quote = underlying.quote;
    let contracts = || underlying.options.iter().flat_map(|expiry| expiry.calls.iter().chain(&expiry.puts));
    let traded = contracts().filter_map(|contract| contract.last_trade_date).max();
    let quoted = traded.unwrap_or(quote.regular_market_time).max(quote.regular_market_time);
    let newest = [quote.pre_market_time, quote.post_market_time].into_iter().flatten().fold(quoted, i64::max);
    // What is offered and asked is of the moment of reading: who looks back from before it must not see it.
    let newest = match answer::counts_hold(query, response) {
        true => newest,
        false => newest.max(response.fetched_at().as_second()),
    };
    let (Ok(quoted_at), Ok(newest)) = (Timestamp::from_second(quoted), Timestamp::from_second(newest)) else {
        let text = "at `optionChain.result[0].quote.regularMarketTime`: neither this nor another is a time";
        return Outcome::Drift(text.to_owned());
    };
    let basis = "the last regular trade; known by the newest time in the answer";
    let available_at = Availability::between(quoted_at, newest, basis);
    let mut findings = Vec::new();
    let mut quotes: Vec<OptionQuote> = Vec::new();
    for contract in contracts() {
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
    findings.extend(without_volatilities(&quotes, &available_at, response));
    let findings = Finding::list(findings);
    if quotes.is_empty() {
        return Outcome::Items { items: Vec::new(), findings };
    }
    in_order(&mut quotes);
    let spot = quote.regular_market_price.filter(|price| price.is_finite() && *price > 0.0).map(rounded);
    let kind = ItemKind::Options(OptionChain { quoted_at, spot, contracts: quotes.into() });
    let (ticker, url) = (query.ticker(), response.url());
    let item = Item::new(ticker, kind, &YahooOptions::ID, url, available_at, response.fetched_at());
    Outcome::Items { items: vec![item], findings }
}

impl Contract {
    fn read(&self) -> Result<OptionQuote, String> {
        let shown = || answer::plain(&self.contract_symbol, 40);
        let Some(read) = OccSymbol::read(&self.contract_symbol) else {
            return Err(format!("`{}` is no option's symbol", shown()));
        };
        if let Some(size) = self.contract_size.as_deref().filter(|size| *size != "REGULAR") {
            return Err(format!(
                "`{}` is of the size {}, not of 100 shares",
                shown(),
                answer::plain(size, 20)
            ));
        }
        let amount =
            |value: Option<f64>| value.filter(|value| value.is_finite() && *value >= 0.0).map(rounded);
        let is_quoted = [self.bid, self.ask].into_iter().flatten().any(|price| price > 0.0);
        let last_at = self.last_trade_date.and_then(|second| Timestamp::from_second(second).ok());
        Ok(OptionQuote {
            symbol: self.contract_symbol.clone(),
            expiry: read.expiry,
            strike: read.strike,
            right: read.right,
            bid: amount(self.bid).filter(|_| is_quoted),
            ask: amount(self.ask).filter(|price| *price > 0.0),
            last: amount(self.last_price).filter(|price| *price > 0.0),
            last_at: last_at.map(new_york::wall),
            volume: amount(self.volume),
            open_interest: amount(self.open_interest),
            implied_volatility: amount(self.implied_volatility)
                .filter(|volatility| is_quoted && *volatility >= LEAST_VOLATILITY),
            delta: None,
            gamma: None,
        })
    }
}

#[cfg(test)]
mod tests;
