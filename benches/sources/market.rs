//! The sources on markets: prices, options, the economy, attention.

use std::fmt::Write as _;

use assize_sources::{
    AlphaVantage, CboeChain, FearGreed, FinnhubNews, FinraShortVolume, FredApi, FredCsv, TreasuryYields,
    WikipediaPageviews, YahooChart, YahooOptions, YahooSession,
};
use assize_transport::Secret;
use criterion::Criterion;
use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::decode;

/// So many days in a row that end before the moment as of which all is asked.
fn days(n: i64) -> impl Iterator<Item = Date> {
    let first = date(2024, 6, 1).saturating_sub(n.days());
    (0..n).map(move |day| first.saturating_add(day.days()))
}

fn seconds(day: Date) -> i64 {
    day.at(13, 30, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).expect("a time").timestamp().as_second()
}

fn joined<T>(entries: impl IntoIterator<Item = T>, shown: impl Fn(T) -> String) -> String {
    entries.into_iter().map(shown).collect::<Vec<_>>().join(",")
}

/// A price with the noise of a 32-bit float, as Yahoo and Cboe send it.
fn noisy(n: usize) -> f64 {
    let cents = u16::try_from(n % 5_000).expect("small");
    f64::from(100.0 + f32::from(cents) / 100.0)
}

/// Prices of three years, and two dividends and a split.
pub(crate) fn yahoo_chart(c: &mut Criterion) {
    let days: Vec<i64> = days(750).map(seconds).collect();
    let stamps = joined(&days, ToString::to_string);
    let column = |name: &str| format!("\"{name}\":[{}]", joined(0..750, |n| noisy(n).to_string()));
    let columns = joined(["open", "high", "low", "close", "volume"], column);
    let (paid, split) = (days[100], days[400]);
    let body = format!(
        "{{\"chart\":{{\"result\":[{{\"meta\":{{\"currency\":\"USD\",\"symbol\":\"ACME\",\"instrumentType\":\"EQUITY\",\
         \"exchangeTimezoneName\":\"America/New_York\",\"gmtoffset\":-14400,\"dataGranularity\":\"1d\"}},\"timestamp\":[{stamps}],\
         \"events\":{{\"dividends\":{{\"{paid}\":{{\"amount\":0.26,\"date\":{paid}}}}},\
         \"splits\":{{\"{split}\":{{\"date\":{split},\"numerator\":4,\"denominator\":1}}}}}},\
         \"indicators\":{{\"quote\":[{{{columns}}}],\"adjclose\":[{{{}}}]}}}}],\"error\":null}}}}",
        column("adjclose")
    );
    decode(c, "yahoo_chart", &YahooChart::new(), body, 750);
}

/// So many contracts of one expiry.
pub(crate) fn yahoo_options(c: &mut Criterion) {
    let contract = |n: usize| {
        let (right, strike) = (if n.is_multiple_of(2) { 'C' } else { 'P' }, 20_000 + n * 500);
        format!(
            "{{\"contractSymbol\":\"ACME240621{right}{strike:08}\",\"strike\":{strike},\"currency\":\"USD\",\"lastPrice\":{},\
             \"change\":0,\"percentChange\":0,\"volume\":{n},\"openInterest\":{n},\"bid\":1.0,\"ask\":1.1,\"contractSize\":\"REGULAR\",\
             \"expiration\":1718928000,\"lastTradeDate\":1717012800,\"impliedVolatility\":0.3125,\"inTheMoney\":false}}",
            noisy(n)
        )
    };
    let body = format!(
        "{{\"optionChain\":{{\"result\":[{{\"underlyingSymbol\":\"ACME\",\"expirationDates\":[1718928000],\"strikes\":[],\
         \"quote\":{{\"quoteType\":\"EQUITY\",\"regularMarketPrice\":110.5,\"regularMarketTime\":1717012802}},\
         \"options\":[{{\"expirationDate\":1718928000,\"calls\":[{}],\"puts\":[{}]}}]}}],\"error\":null}}}}",
        joined((0..300).step_by(2), contract),
        joined((1..300).step_by(2), contract)
    );
    let session = YahooSession { cookie: Secret::new("A3=x"), crumb: Secret::new("x") };
    decode(c, "yahoo_options", &YahooOptions::new(Some(session)), body, 1);
}

/// A large company's whole chain: 3,000 contracts; and the share's day.
pub(crate) fn cboe_options(c: &mut Criterion) {
    let contract = |n: usize| {
        let (month, right, strike) =
            (n / 250 % 6 + 7, if n.is_multiple_of(2) { 'C' } else { 'P' }, 20_000 + n % 250 * 500);
        format!(
            "{{\"option\":\"ACME24{month:02}19{right}{strike:08}\",\"bid\":39.0,\"bid_size\":5.0,\"ask\":{},\"ask_size\":5.0,\
             \"iv\":0.4269,\"open_interest\":{n}.0,\"volume\":{n}.0,\"delta\":0.7425,\"gamma\":0.0342,\"vega\":0.08,\
             \"theta\":-0.0673,\"rho\":0.0324,\"theo\":7.2287,\"change\":1.3,\"open\":7.0,\"high\":7.1,\"low\":6.7,\
             \"tick\":\"no_change\",\"last_trade_price\":7.1,\"last_trade_time\":\"2024-05-31T15:28:51\",\
             \"percent_change\":22.4138,\"prev_day_close\":5.79999995231628}}",
            noisy(n)
        )
    };
    let body = format!(
        "{{\"timestamp\":\"2024-05-31 23:43:14\",\"data\":{{\"options\":[{}],\"symbol\":\"ACME\",\"current_price\":95.55,\
         \"open\":94.14,\"high\":96.0299,\"low\":93.45,\"close\":95.55,\"volume\":1438610,\"iv30\":38.981,\
         \"last_trade_time\":\"2024-05-31T15:59:59\"}},\"symbol\":\"ACME\"}}",
        joined(0..3_000, contract)
    );
    decode(c, "cboe_options", &CboeChain::new(), body, 2);
}

/// A daily series of three years, as a table and as JSON; and a year of yields.
pub(crate) fn economy(c: &mut Criterion) {
    let mut table = String::from("observation_date,DGS10\n");
    for day in days(750) {
        writeln!(table, "{day},4.{}", day.day()).expect("a string takes it");
    }
    decode(c, "fred_csv", &FredCsv::of(["DGS10".to_owned()]), table, 750);

    let row = |day: Date| {
        format!(
            "{{\"realtime_start\":\"{day}\",\"realtime_end\":\"9999-12-31\",\"date\":\"{day}\",\"value\":\"4.{}\"}}",
            day.day()
        )
    };
    let body = format!("{{\"count\":750,\"observations\":[{}]}}", joined(days(750), row));
    let source = FredApi::new(Some(Secret::new("x"))).of(["DGS10".to_owned()]);
    decode(c, "fred_api", &source, body, 750);

    let maturities = [
        "1 Mo", "2 Mo", "3 Mo", "4 Mo", "6 Mo", "1 Yr", "2 Yr", "3 Yr", "5 Yr", "7 Yr", "10 Yr", "20 Yr",
        "30 Yr",
    ];
    let mut table = format!("Date,{}\n", joined(maturities, |name| format!("\"{name}\"")));
    for day in days(250) {
        let yields = joined(maturities, |_| format!("4.{:02}", day.day()));
        writeln!(table, "{},{yields}", day.strftime("%m/%d/%Y")).expect("a string takes it");
    }
    decode(c, "treasury_yields", &TreasuryYields::new(), table, 250 * 13);
}

/// A day's file: 10,000 shares, of which one is looked for.
pub(crate) fn finra_short_volume(c: &mut Criterion) {
    let mut table = String::from("Date|Symbol|ShortVolume|ShortExemptVolume|TotalVolume|Market\n");
    for n in 0..10_000 {
        let symbol = if n == 100 { "ACME".to_owned() } else { format!("T{n}") };
        writeln!(table, "20240531|{symbol}|{n}551.692872|{n}.208540|{n}4489.153460|B,Q,N")
            .expect("a string takes it");
    }
    table.push_str("10000\n");
    decode(c, "finra_short_volume", &FinraShortVolume::new(), table, 1);
}

/// Three months of an article's views; and all days of the index since 2018, of which a year is kept.
pub(crate) fn attention(c: &mut Criterion) {
    let row = |day: Date| {
        format!(
            "{{\"project\":\"en.wikipedia\",\"article\":\"Acme_Rockets\",\"granularity\":\"daily\",\"timestamp\":\"{}00\",\
             \"access\":\"all-access\",\"agent\":\"user\",\"views\":{}}}",
            day.strftime("%Y%m%d"),
            day.day()
        )
    };
    let body = format!("{{\"items\":[{}]}}", joined(days(90), row));
    decode(c, "wikipedia_pageviews", &WikipediaPageviews::new(), body, 90);

    let row = |day: Date| {
        let second = seconds(day) - 48_600;
        let value = day.day();
        format!("{{\"value\":\"{value}\",\"value_classification\":\"Fear\",\"timestamp\":\"{second}\"}}")
    };
    let rows = joined(days(2_300), row);
    let body =
        format!("{{\"name\":\"Fear and Greed Index\",\"data\":[{rows}],\"metadata\":{{\"error\":null}}}}");
    // The moment is the end of 30 June in New York, which is 1 July elsewhere; the last value is of 31 May.
    decode(c, "fear_greed", &FearGreed::new(), body, 365 - 30);
}

/// The last hundred days; and as much news as an answer holds.
pub(crate) fn keyed(c: &mut Criterion) {
    let row = |day: Date| {
        format!(
            "\"{day}\":{{\"1. open\":\"141.5000\",\"2. high\":\"142.4900\",\"3. low\":\"139.8100\",\"4. close\":\"140.3700\",\
             \"5. volume\":\"1263668\"}}"
        )
    };
    let body = format!(
        "{{\"Meta Data\":{{\"2. Symbol\":\"ACME\",\"3. Last Refreshed\":\"2024-05-31\"}},\"Time Series (Daily)\":{{{}}}}}",
        joined(days(100), row)
    );
    decode(c, "alpha_vantage", &AlphaVantage::daily(Some(Secret::new("x"))), body, 100);

    let summary =
        "The company said that it would build more rockets than it did last year, and sell them. ".repeat(3);
    let story = |n: usize| {
        format!(
            "{{\"category\":\"company\",\"datetime\":{},\"headline\":\"Acme &amp; the rocket number {n} that flew\",\"id\":{n},\
             \"image\":\"https://example.org/{n}.png\",\"related\":\"ACME\",\"source\":\"Yahoo\",\"summary\":\"{summary}\",\
             \"url\":\"https://finnhub.io/api/news?id={n:064x}\"}}",
            1_717_000_000 + n
        )
    };
    let body = format!("[{}]", joined(0..250, story));
    decode(c, "finnhub_news", &FinnhubNews::new(Some(Secret::new("x"))), body, 250);
}
