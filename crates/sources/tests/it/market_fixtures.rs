//! The sources on markets, and an answer of each kind that their sites give.

use std::fs;
use std::sync::Arc;

use assize_altdata::{AsOf, Identity, ItemKind, Outcome, Query, Source, Ticker};
use assize_ambient::Timestamp;
use assize_sources::{
    AlphaVantage, CboeChain, FearGreed, FinnhubNews, FinraShortVolume, FredApi, FredCsv, TreasuryYields,
    WikipediaPageviews, YahooChart, YahooOptions, YahooSession,
};
use assize_transport::{Headers, RawResponse, Request, Secret};

use crate::snapshots::fixtures;

/// What nobody may read in an outcome.
pub(crate) const KEY: &str = "k9z8y7x6";

pub(crate) fn key() -> Option<Secret> {
    Some(Secret::new(KEY))
}

pub(crate) fn session() -> Option<YahooSession> {
    Some(YahooSession { cookie: Secret::new(format!("A3={KEY}")), crumb: Secret::new(KEY) })
}

/// A source, and files with a status and what they turn out to be.
pub(crate) struct Site {
    pub(crate) source: Arc<dyn Source>,
    pub(crate) answers: &'static [(&'static str, u16, &'static str)],
}

impl Site {
    /// The first request of its plan for ACME.
    pub(crate) fn request(&self) -> Request {
        self.source.plan(&query()).expect("a plan").remove(0)
    }
}

pub(crate) fn sites() -> Vec<Site> {
    let mut sites = prices_and_options();
    sites.extend(figures());
    sites
}

fn site(source: impl Source, answers: &'static [(&'static str, u16, &'static str)]) -> Site {
    Site { source: Arc::new(source), answers }
}

fn prices_and_options() -> Vec<Site> {
    vec![
        site(
            YahooChart::new(),
            &[
                ("yahoo-chart/chart.json", 200, "4 bar, 1 findings"),
                ("yahoo-chart/nothing.json", 200, "Empty"),
                ("yahoo-chart/not_found.json", 200, "NotFound"),
            ],
        ),
        site(
            YahooOptions::new(session()),
            &[
                ("yahoo-options/first.json", 200, "1 options, 0 findings"),
                ("yahoo-options/over.json", 200, "Empty"),
                ("yahoo-options/invalid_crumb.json", 401, "KeyMissing"),
            ],
        ),
        site(
            CboeChain::new(),
            &[
                ("cboe-options/chain.json", 200, "1 bar, 1 options, 0 findings"),
                ("cboe-options/denied.xml", 403, "NotFound"),
            ],
        ),
        site(
            AlphaVantage::daily(key()),
            &[
                ("alpha-vantage/daily.json", 200, "2 bar, 1 findings"),
                ("alpha-vantage/day_limit.json", 200, "Blocked"),
            ],
        ),
        site(
            AlphaVantage::quote(key()),
            &[
                ("alpha-vantage/quote.json", 200, "1 bar, 0 findings"),
                ("alpha-vantage/day_limit.json", 200, "Blocked"),
            ],
        ),
    ]
}

fn figures() -> Vec<Site> {
    vec![
        site(FredCsv::of(["DGS10".to_owned()]), &[("fred/graph.csv", 200, "3 macro, 0 findings")]),
        site(
            FredApi::new(key()).of(["CPIAUCSL".to_owned()]),
            &[
                ("fred/observations.json", 200, "3 macro, 0 findings"),
                ("fred/bad_key.json", 400, "KeyMissing"),
            ],
        ),
        site(TreasuryYields::new(), &[("treasury/yields.csv", 200, "8 macro, 0 findings")]),
        site(
            FinraShortVolume::new(),
            &[
                ("finra/CNMSshvol20260102.txt", 200, "1 short_volume, 0 findings"),
                (
                    "finra/cut.txt",
                    200,
                    "Drift(\"the last line does not say how many rows there are: it was cut\")",
                ),
            ],
        ),
        site(
            WikipediaPageviews::new(),
            &[
                ("wikipedia/pageviews.json", 200, "3 attention, 0 findings"),
                ("wikipedia/none.json", 404, "NotFound"),
            ],
        ),
        site(
            FearGreed::new(),
            &[
                ("fear-greed/index.json", 200, "3 macro, 0 findings"),
                ("fear-greed/error.json", 200, "Unavailable(\"it says: Parameter limit is not valid\")"),
            ],
        ),
        site(
            FinnhubNews::new(key()),
            &[
                ("finnhub/company_news.json", 200, "2 article, 0 findings"),
                ("finnhub/bad_key.json", 401, "KeyMissing"),
            ],
        ),
    ]
}

pub(crate) fn query() -> Query {
    let ticker: Ticker = "ACME".parse().expect("a ticker");
    let as_of: AsOf = "2026-01-09".parse().expect("a date");
    Query::new(&ticker, as_of).with_identity(Arc::new(Identity::new(&ticker, "Acme Rockets")))
}

pub(crate) fn body(name: &str) -> Vec<u8> {
    fs::read(fixtures().join(name)).expect("a fixture")
}

/// How many items of which kind, in the order of kinds; or the outcome itself.
pub(crate) fn summary(outcome: &Outcome) -> String {
    let Outcome::Items { items, findings } = outcome else { return format!("{outcome:?}") };
    let mut kinds: Vec<&str> = items.iter().map(|item| item.kind.as_str()).collect();
    kinds.sort_unstable();
    let mut parts: Vec<String> =
        kinds.chunk_by(|one, other| one == other).map(|kind| format!("{} {}", kind.len(), kind[0])).collect();
    parts.push(format!("{} findings", findings.len()));
    parts.join(", ")
}

#[test]
fn each_answer_is_what_it_is() {
    for site in sites() {
        for (name, status, expected) in site.answers {
            let request = site.request();
            let response =
                RawResponse::new(&request, *status, Headers::default(), body(name), Timestamp::UNIX_EPOCH);
            assert_eq!(summary(&site.source.decode(&query(), &response)), *expected, "{name}");
        }
    }
}

#[test]
fn only_free_data_is_on_by_default() {
    let on: Vec<String> = sites()
        .iter()
        .map(|site| site.source.meta())
        .filter(|meta| meta.default_on)
        .map(|meta| meta.id.to_string())
        .collect();
    assert_eq!(on, ["fred-csv", "treasury-yields", "wikipedia-pageviews"]);
    for site in sites() {
        let meta = site.source.meta();
        let host = site.request().url().host().map(str::to_owned);
        assert_eq!(host.as_deref(), Some(meta.host.as_ref()), "{}", meta.id);
        assert!(!meta.terms.is_empty() && meta.rate.is_some() && !meta.ttl.is_zero(), "{}", meta.id);
        assert!(!(meta.default_on && meta.needs_key), "{}", meta.id);
    }
}

/// The chart's bars are as they were traded, whatever was split later.
#[test]
fn a_split_is_undone() {
    let site = &sites()[0];
    let response = RawResponse::new(
        &site.request(),
        200,
        Headers::default(),
        body("yahoo-chart/chart.json"),
        Timestamp::UNIX_EPOCH,
    );
    let Outcome::Items { items, findings } = site.source.decode(&query(), &response) else { panic!("items") };
    let shown: Vec<_> = items
        .iter()
        .map(|item| match &item.kind {
            ItemKind::Bar(bar) => (bar.date.day(), bar.close, bar.volume, bar.dividend, bar.split),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [
        (2, 50.5, Some(500.0), None, None),
        (5, 50.8, Some(600.0), Some(0.2), None),
        (7, 25.75, Some(1500.0), None, Some(2.0)),
        (8, 26.1, Some(1100.0), None, None),
    ];
    assert_eq!(shown, expected);
    assert_eq!(findings[0].date.map(|date| date.day()), Some(6), "the day without an opening price");
}
