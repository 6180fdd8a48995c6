//! Real answers of sites on markets, where they are at hand: they are no part of the project.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use assize_altdata::{
    AsOf, DailyBar, Identity, Item, ItemKind, OptionChain, Outcome, PriceSeries, Query, Source,
};
use assize_ambient::Timestamp;
use assize_sources::{
    AlphaVantage, CboeChain, FearGreed, FinraShortVolume, FredApi, WikipediaPageviews, YahooChart,
    YahooOptions,
};
use assize_transport::{Headers, RawResponse};

use crate::market_fixtures::{key, session};

/// The real answer, had at some time; nothing where it is not at hand.
fn sample(name: &str) -> Option<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/altdata");
    folder.is_dir().then(|| fs::read(folder.join(name)).expect("a sample"))
}

fn query(ticker: &str, as_of: &str) -> Query {
    Query::new(&ticker.parse().expect("a ticker"), as_of.parse::<AsOf>().expect("a date"))
}

fn decode(source: &dyn Source, query: &Query, body: Vec<u8>) -> Outcome {
    let request = &source.plan(query).expect("a plan")[0];
    let response = RawResponse::new(request, 200, Headers::default(), body, Timestamp::UNIX_EPOCH);
    source.decode(query, &response)
}

fn clean(outcome: Outcome) -> Vec<Item> {
    match outcome {
        Outcome::Items { items, findings } if findings.is_empty() => items,
        other => panic!("clean items: {other:?}"),
    }
}

fn chain(item: &Item) -> &OptionChain {
    match &item.kind {
        ItemKind::Options(chain) => chain,
        other => panic!("a chain: {other:?}"),
    }
}

#[test]
fn half_a_year_of_apple() {
    let Some(body) = sample("yahoo-chart/chart_AAPL_6mo_2025-04_to_2025-10.json") else { return };
    let query = query("AAPL", "2025-10-31");
    let items = clean(decode(&YahooChart::new(), &query, body));
    let bars: Vec<&DailyBar> = items.iter().filter_map(Item::as_bar).collect();
    assert_eq!(bars.len(), 127);
    let shown = |bar: &DailyBar| (bar.date.to_string(), bar.open, bar.high, bar.low, bar.close, bar.volume);
    assert_eq!(shown(bars[0]), ("2025-04-30".to_owned(), 209.3, 213.58, 206.67, 212.5, Some(52_286_500.0)));
    let last = ("2025-10-29".to_owned(), 269.275, 271.41, 267.11, 269.7, Some(43_332_154.0));
    assert_eq!(shown(bars[126]), last, "its row is of 16:00:01, when the session was over");
    let paid: Vec<_> = bars.iter().filter_map(|bar| Some((bar.date.to_string(), bar.dividend?))).collect();
    assert_eq!(paid, [("2025-05-12".to_owned(), 0.26), ("2025-08-11".to_owned(), 0.26)]);
    assert_eq!(items[126].available_at.latest.to_string(), "2025-10-30T00:00:00Z");
    let series = PriceSeries::build(&items, &query.as_of());
    assert!(series.findings().is_empty(), "{:?}", series.findings());
    let mut closes = series.adjusted_closes();
    let returned = closes.next_back().unwrap() / closes.next().unwrap();
    assert!((returned - 269.70001220703125 / 211.9811248779297).abs() < 1e-6, "{returned}");
}

#[test]
fn a_share_in_pence() {
    let Some(body) = sample("yahoo-chart/chart_OCDO.L_GBp_pence.json") else { return };
    let Outcome::Items { items, findings } = decode(&YahooChart::new(), &query("OCDO.L", "2020-01-31"), body)
    else {
        panic!("items")
    };
    let bar = items[0].as_bar().unwrap();
    assert_eq!((items.len(), bar.date.to_string().as_str()), (1, "2020-01-02"));
    assert_eq!((bar.open, bar.high, bar.low, bar.close), (1279.5, 1286.57, 1258.0, 1259.5));
    assert_eq!(bar.volume, Some(728_520.0));
    let texts: Vec<&str> = findings.iter().map(|finding| finding.text.as_ref()).collect();
    assert_eq!(texts, ["prices are in pence (GBp)"]);
    let available = &items[0].available_at;
    assert_eq!(available.earliest.to_string(), "2020-01-02T00:00:00Z", "London is not New York");
}

/// It was asked for minutes: no days, so not what this source asks for.
#[test]
fn a_chart_of_minutes_is_refused() {
    let Some(body) = sample("yahoo-chart/chart_AAPL_weekend_no_timestamps.json") else { return };
    let source = YahooChart::new();
    let outcome = decode(&source, &query("AAPL", "2025-02-20"), body.clone());
    assert_eq!(
        outcome,
        Outcome::Drift("at `chart.result[0].meta.dataGranularity`: `1m`, not `1d`".to_owned())
    );
    let days =
        String::from_utf8(body).unwrap().replace("\"dataGranularity\":\"1m\"", "\"dataGranularity\":\"1d\"");
    let outcome = decode(&source, &query("AAPL", "2025-02-20"), days.clone().into_bytes());
    assert_eq!(outcome, Outcome::Empty, "a weekend has neither timestamps nor columns");
    let outcome = decode(&source, &query("ADH", "2025-02-20"), days.into_bytes());
    assert_eq!(outcome, Outcome::OtherCompany("AAPL, and ADH was asked for".to_owned()));
}

#[test]
fn an_expiry_of_butterfly_on_a_monday_morning() {
    let Some(body) = sample("yahoo-options/options_BFLY.json") else { return };
    let (source, query) = (YahooOptions::new(session()), query("BFLY", "2025-02-24"));
    let items = clean(decode(&source, &query, body.clone()));
    assert_eq!(items.len(), 1);
    let chain = chain(&items[0]);
    assert_eq!((chain.contracts.len(), chain.spot), (17, Some(4.3)));
    assert_eq!(chain.quoted_at.to_string(), "2025-02-21T21:00:02Z", "the last regular trade, on Friday");
    assert_eq!(items[0].available_at.latest.to_string(), "2025-02-24T09:00:43Z");
    assert!(chain.contracts.iter().all(|quote| quote.expiry.to_string() == "2025-03-21"));
    // Before the session all bids and asks are 0, and the volatilities 0.0625, 0.125 … are no quotes either.
    assert!(chain.contracts.iter().all(|quote| quote.bid.is_none() && quote.ask.is_none()));
    assert!(chain.contracts.iter().all(|quote| quote.implied_volatility.is_none()));
    let busiest =
        chain.contracts.iter().max_by(|one, other| one.volume.partial_cmp(&other.volume).unwrap()).unwrap();
    assert_eq!(
        (busiest.symbol.as_str(), busiest.volume, busiest.last),
        ("BFLY250321C00004500", Some(631.0), Some(0.45))
    );
    assert_eq!(busiest.last_at.unwrap().to_string(), "2025-02-21T15:23:28");
    let volume: f64 = chain.contracts.iter().filter_map(|quote| quote.volume).sum();
    assert_eq!((volume, chain.contracts[0].volume), (1044.0, None), "the first contract has none");
    let request = &source.plan(&query).unwrap()[0];
    let response = RawResponse::new(request, 200, Headers::default(), body, Timestamp::UNIX_EPOCH);
    let further: Vec<String> =
        source.follow(&query, &response).iter().map(|request| request.url().as_str().to_owned()).collect();
    let start = "https://query2.finance.yahoo.com/v7/finance/options/BFLY?date=";
    assert_eq!(further, ["1744848000", "1752796800", "1760659200"].map(|date| format!("{start}{date}")));
}

#[test]
fn clorox_after_the_close() {
    let Some(body) = sample("cboe-delayed-options/options_CLX_2026-07-25_trimmed.json") else { return };
    let items = clean(decode(&CboeChain::new(), &query("CLX", "2026-07-25"), body));
    assert_eq!(items.len(), 2);
    let bar = items[0].as_bar().unwrap();
    assert_eq!(bar.date.to_string(), "2026-07-24");
    assert_eq!((bar.open, bar.high, bar.low, bar.close), (94.14, 96.0299, 93.45, 95.55));
    assert_eq!(items[0].available_at.latest.to_string(), "2026-07-25T00:00:00Z");
    let chain = chain(&items[1]);
    assert_eq!((chain.quoted_at.to_string().as_str(), chain.spot), ("2026-07-25T00:43:14Z", Some(95.55)));
    assert_eq!(items[1].available_at.latest, chain.quoted_at);
    assert_eq!(chain.contracts.len(), 15);
    let first = &chain.contracts[0];
    assert_eq!((first.symbol.as_str(), first.strike), ("CLX260821C00055000", 55.0));
    assert_eq!((first.bid, first.ask, first.implied_volatility), (Some(39.0), Some(42.1), None), "0 is none");
    assert_eq!(chain.contracts[14].expiry.to_string(), "2028-01-21");
    let total = |right, figure: fn(&assize_altdata::OptionQuote) -> Option<f64>| -> f64 {
        chain.contracts.iter().filter(|quote| quote.right == right).filter_map(figure).sum()
    };
    use assize_altdata::OptionRight::{Call, Put};
    let by_volume = total(Put, |quote| quote.volume) / total(Call, |quote| quote.volume);
    let by_interest = total(Put, |quote| quote.open_interest) / total(Call, |quote| quote.open_interest);
    assert_eq!(
        (format!("{by_volume:.4}"), format!("{by_interest:.4}")),
        ("0.1595".to_owned(), "1.0359".to_owned())
    );
}

#[test]
fn a_monthly_series_by_its_vintage() {
    let Some(body) = sample("fred/series_observations_HQMCB10YR.json") else { return };
    let source = FredApi::new(key()).of(["HQMCB10YR".to_owned()]);
    let items = clean(decode(&source, &query("ACME", "2024-07-01"), body));
    let shown: Vec<_> = items
        .iter()
        .map(|item| match &item.kind {
            ItemKind::Macro(value) => (value.series.as_str(), value.date.month(), value.value),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [4.98, 5.13, 5.18, 4.92, 5.09, 5.22];
    let expected: Vec<_> =
        (1..).zip(expected).map(|(month, value)| ("fred:HQMCB10YR", month, value)).collect();
    assert_eq!(shown, expected);
    for item in &items {
        assert_eq!(item.available_at.earliest.to_string(), "2024-06-27T00:00:00Z");
        assert_eq!(item.available_at.latest.to_string(), "2024-06-28T03:59:59.999999999Z");
    }
}

/// Two real rows of two days over a line with their number.
#[test]
fn alcoa_sold_short() {
    let Some(body) = sample("finra-regsho/CNMSshvol_excerpt.txt") else { return };
    let source = FinraShortVolume::new();
    let items = clean(decode(&source, &query("AA", "2026-08-10"), body.clone()));
    let shown: Vec<_> = items
        .iter()
        .map(|item| match &item.kind {
            ItemKind::ShortVolume(sold) => (sold.date.to_string(), sold.short, sold.exempt, sold.total),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [
        ("2026-07-02".to_owned(), 2_551_427.692_872, 67_707.208_54, 4_489_378.153_46),
        ("2026-08-05".to_owned(), 911_964.0, 5_805.0, 1_875_882.0),
    ];
    assert_eq!(shown, expected);
    assert_eq!(items[1].available_at.earliest.to_string(), "2026-08-05T22:00:00Z");
    assert_eq!(decode(&source, &query("ACME", "2026-08-10"), body.clone()), Outcome::Empty);
    let text = String::from_utf8(body).unwrap();
    let (cut, _) = text.trim_end().rsplit_once('\n').unwrap();
    let outcome = decode(&source, &query("AA", "2026-08-10"), cut.as_bytes().to_vec());
    assert!(matches!(outcome, Outcome::Drift(_)), "without its last line it was cut");
}

#[test]
fn microsoft_at_alpha_vantage() {
    let Some(body) = sample("alpha-vantage/global_quote_MSFT.json") else { return };
    let source = AlphaVantage::quote(key());
    let items = clean(decode(&source, &query("MSFT", "2018-10-05"), body.clone()));
    let bar = items[0].as_bar().unwrap();
    assert_eq!((items.len(), bar.date.to_string().as_str()), (1, "2018-10-05"));
    assert_eq!((bar.open, bar.high, bar.low, bar.close), (112.63, 113.17, 110.64, 112.13));
    assert_eq!(bar.volume, Some(29_062_853.0));
    assert_eq!(items[0].available_at.latest.to_string(), "2018-10-06T00:00:00Z");
    let other = Outcome::OtherCompany("MSFT, and KO was asked for".to_owned());
    assert_eq!(decode(&source, &query("KO", "2018-10-05"), body), other);
}

#[test]
fn a_day_of_extreme_fear() {
    let Some(body) = sample("alternative-me-fng/fng_limit1_2021-12-20.json") else { return };
    let items = clean(decode(&FearGreed::new(), &query("ACME", "2021-12-20"), body));
    let ItemKind::Macro(value) = &items[0].kind else { panic!("a figure") };
    assert_eq!((items.len(), value.series.as_str()), (1, "alternative.me:crypto-fear-greed"));
    assert_eq!((value.date.to_string().as_str(), value.value), ("2021-12-20", 25.0));
    assert_eq!(items[0].available_at.latest.to_string(), "2021-12-20T06:00:00Z");
}

/// The recording is of a month, and this source asks for days: a month's number must never pass for a day's.
#[test]
fn a_month_of_earbuds_is_refused() {
    let Some(body) = sample("wikipedia-pageviews/per_article_Wireless_earbuds_2025-06.json") else { return };
    let source = WikipediaPageviews::new();
    let about = |title: &str| {
        let query = query("ACME", "2025-07-31");
        let identity = Identity::new(query.ticker(), title);
        query.with_identity(Arc::new(identity))
    };
    let outcome = decode(&source, &about("Wireless earbuds"), body.clone());
    assert_eq!(outcome, Outcome::Drift("at `items[0].granularity`: `monthly`".to_owned()));
    let daily = String::from_utf8(body).unwrap().replace("monthly", "daily").into_bytes();
    let items = clean(decode(&source, &about("Wireless earbuds"), daily.clone()));
    let ItemKind::Attention(seen) = &items[0].kind else { panic!("attention") };
    assert_eq!(
        (seen.subject.as_str(), seen.date.to_string().as_str()),
        ("en.wikipedia:Wireless_earbuds", "2025-06-01")
    );
    assert_eq!((items.len(), seen.views), (1, 13));
    assert!(matches!(decode(&source, &about("Acme"), daily), Outcome::OtherCompany(_)));
}
