//! A company that is made up, and sources that know it.

use std::{sync::Arc, time::Duration};

use assize_altdata::{
    Article, AsOf, Attention, Availability, CompanyFact, DailyBar, Fetcher, Filing, Gap, Identity,
    InsiderRole, InsiderTrade, Item, ItemKind, MacroValue, Outcome, Query, Source, SourceId, SourceKind,
    SourceMeta, Ticker,
};
use assize_ambient::{Clock, FixedClock, Timestamp};
use assize_pipeline::{
    Analysis, AnalysisModel, AnalysisRecord, AnalysisRequest, CompanyAnalysis, FrameworkKind,
};
use assize_transport::{Error, Headers, RawResponse, Request, Transport};
use async_trait::async_trait;
use jiff::{
    ToSpan,
    civil::{Date, date},
};

pub(super) const AS_OF: &str = "2025-03-31";
/// Shares outstanding, and the number of days with prices.
pub(super) const SHARES: f64 = 100e6;
pub(super) const DAYS: i32 = 300;

/// A source of one kind, with what it says.
#[derive(Debug)]
struct Told {
    meta: SourceMeta,
    items: Vec<(Ticker, Item)>,
}

impl Source for Told {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        let url = format!("https://{}/{}", self.meta.host, query.ticker());
        Ok(vec![Request::get(url.parse().expect("an address"))])
    }

    fn decode(&self, query: &Query, _: &RawResponse) -> Outcome {
        let items: Vec<Item> =
            self.items.iter().filter(|(of, _)| of == query.ticker()).map(|(_, item)| item.clone()).collect();
        if items.is_empty() { Outcome::Empty } else { Outcome::Items { items, findings: Vec::new() } }
    }
}

/// Answers after a while.
#[derive(Debug)]
struct Slow(Duration);

#[async_trait]
impl Transport for Slow {
    async fn send(&self, request: Request) -> Result<RawResponse, Error> {
        tokio::time::sleep(self.0).await;
        Ok(RawResponse::new(&request, 200, Headers::default(), "x".to_owned(), Timestamp::UNIX_EPOCH))
    }
}

/// What is known of the company, to be changed.
pub(super) struct World {
    items: Vec<(SourceKind, Ticker, ItemKind, Date)>,
    wait: Duration,
}

fn ticker(name: &str) -> Ticker {
    name.parse().expect("a ticker")
}

impl World {
    /// A company of which everything is known, and a benchmark that moves half as much.
    pub(super) fn full() -> Self {
        let mut world = Self { items: Vec::new(), wait: Duration::ZERO };
        world.card();
        world.facts();
        world.prices();
        world.told();
        world.economy();
        world
    }

    /// The same without what these sources say.
    pub(super) fn without(mut self, kinds: &[SourceKind]) -> Self {
        self.items.retain(|(kind, ..)| !kinds.contains(kind));
        self
    }

    /// The same whose sources take so long.
    pub(super) fn slow(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    pub(super) fn with(mut self, kind: SourceKind, item: ItemKind, on: Date) -> Self {
        self.items.push((kind, ticker("ACME"), item, on));
        self
    }

    pub(super) fn with_fact(self, concept: &str, start: Option<Date>, end: Date, value: f64) -> Self {
        let filed = end.saturating_add(45.days());
        self.with(SourceKind::Facts, ItemKind::Fact(fact(concept, start, end, value, filed)), filed)
    }

    pub(super) fn with_news(self, title: &str, domain: &str, on: Date) -> Self {
        self.with(SourceKind::News, article(title, domain), on)
    }

    fn add(&mut self, kind: SourceKind, of: &str, item: ItemKind, on: Date) {
        self.items.push((kind, ticker(of), item, on));
    }

    fn card(&mut self) {
        let card = Identity::new(&ticker("ACME"), "Acme Rockets, Inc.").with_cik(1_999_001);
        self.add(SourceKind::Identity, "ACME", ItemKind::Identity(card), date(2020, 1, 1));
    }

    fn facts(&mut self) {
        let flows = [
            ("Revenues", 1_000.0, 800.0),
            ("GrossProfit", 500.0, 360.0),
            ("OperatingIncomeLoss", 200.0, 150.0),
            ("InterestExpense", 10.0, 12.0),
            ("NetIncomeLoss", 150.0, 100.0),
            ("NetCashProvidedByUsedInOperatingActivities", 210.0, 140.0),
            ("PaymentsToAcquirePropertyPlantAndEquipment", 60.0, 50.0),
            ("ResearchAndDevelopmentExpense", 80.0, 70.0),
        ];
        let stocks = [
            ("Assets", 1_000.0, 900.0),
            ("AssetsCurrent", 400.0, 300.0),
            ("LiabilitiesCurrent", 200.0, 180.0),
            ("Liabilities", 400.0, 400.0),
            ("StockholdersEquity", 600.0, 500.0),
            ("LongTermDebtNoncurrent", 100.0, 120.0),
            ("RetainedEarningsAccumulatedDeficit", 300.0, 200.0),
            ("CashAndCashEquivalentsAtCarryingValue", 150.0, 100.0),
        ];
        for (n, year) in [2024_i16, 2023].into_iter().enumerate() {
            let (start, end, filed) = (date(year, 1, 1), date(year, 12, 31), date(year + 1, 2, 14));
            let pick = |now: f64, before: f64| 1e6 * [now, before][n];
            for (name, now, before) in flows {
                let fact = fact(&format!("us-gaap:{name}"), Some(start), end, pick(now, before), filed);
                self.add(SourceKind::Facts, "ACME", ItemKind::Fact(fact), filed);
            }
            for (name, now, before) in stocks {
                let fact = fact(&format!("us-gaap:{name}"), None, end, pick(now, before), filed);
                self.add(SourceKind::Facts, "ACME", ItemKind::Fact(fact), filed);
            }
            let shares = CompanyFact {
                unit: "shares".to_owned(),
                ..fact("dei:EntityCommonStockSharesOutstanding", None, filed, pick(100.0, 101.0), filed)
            };
            self.add(SourceKind::Facts, "ACME", ItemKind::Fact(shares), filed);
        }
    }

    /// Each day the benchmark moves by a part of a per cent, and the company by twice that.
    fn prices(&mut self) {
        let first = date(2025, 3, 31).saturating_sub((DAYS - 1).days());
        let (mut own, mut other) = (10.0, 50.0);
        for day in 0..DAYS {
            let moved = 0.001 * f64::from(day * 7 % 11 - 5) + 0.0003;
            if day > 0 {
                own *= 1.0 + 2.0 * moved;
                other *= 1.0 + moved;
            }
            let on = first.saturating_add(day.days());
            let bar = |close: f64| ItemKind::Bar(DailyBar::new(on, close, close, close, close));
            self.add(SourceKind::Prices, "ACME", bar(own), on);
            self.add(SourceKind::Prices, "BENCH", bar(other), on);
        }
    }

    fn told(&mut self) {
        let day = |n| date(2025, 3, n);
        let news = [
            ("Acme Rockets beats estimates as profits soar to a record", "reuters.com", 20),
            ("Acme Rockets beats estimates, profits soar to a record", "apnews.com", 20),
            ("Acme Rockets sued by investors over alleged fraud, faces losses", "bloomberg.com", 25),
            ("Acme Rockets launches a strong new engine to great success", "cnbc.com", 27),
        ];
        for (title, domain, on) in news {
            self.add(SourceKind::News, "ACME", article(title, domain), day(on));
        }
        let filing = |form: &str, items: &[&str], number: u32, on: Date| {
            ItemKind::Filing(Filing {
                form: form.to_owned(),
                accession: format!("0001999001-25-{number:06}"),
                filed_on: on,
                period: None,
                items: items.iter().map(|item| (*item).to_owned()).collect(),
                description: "a document".to_owned(),
                document: String::new(),
                sic: None,
            })
        };
        self.add(SourceKind::Filings, "ACME", filing("8-K", &["4.02"], 1, day(3)), day(3));
        self.add(SourceKind::Filings, "ACME", filing("10-K", &[], 2, date(2025, 2, 14)), date(2025, 2, 14));
        for (line, owner) in [(0, 11), (1, 12)] {
            let trade = InsiderTrade {
                accession: "0001999001-25-000009".to_owned(),
                line,
                owner: format!("Owner {owner}"),
                owner_cik: owner,
                role: InsiderRole { is_officer: true, ..InsiderRole::default() },
                title: "CEO".to_owned(),
                code: 'P',
                acquired: true,
                traded_on: day(10),
                shares: 1_000.0,
                price: Some(12.5),
                held_after: None,
                is_direct: true,
                is_planned: None,
                is_derivative: false,
                is_amendment: false,
            };
            self.add(SourceKind::Insiders, "ACME", ItemKind::InsiderTrade(trade), day(12));
        }
        for back in 0..35 {
            let on = date(2025, 3, 29).saturating_sub(back.days());
            let views = if back < 7 { 300 } else { 100 };
            let seen = Attention { subject: "en.wikipedia:Acme".to_owned(), date: on, views };
            self.add(SourceKind::Attention, "ACME", ItemKind::Attention(seen), on.saturating_add(1.days()));
        }
    }

    fn economy(&mut self) {
        let values = [
            ("fred:FEDFUNDS", date(2025, 3, 1), 4.0),
            ("fred:FEDFUNDS", date(2024, 8, 1), 5.0),
            ("fred:T10Y2Y", date(2025, 3, 28), -0.2),
            ("fred:CPIAUCSL", date(2025, 2, 1), 310.0),
            ("fred:CPIAUCSL", date(2024, 7, 1), 305.0),
        ];
        for (series, on, value) in values {
            let value = MacroValue { series: series.to_owned(), date: on, value, vintage: None };
            self.add(SourceKind::Macro, "ACME", ItemKind::Macro(value), on.saturating_add(1.days()));
        }
    }

    fn fetcher(self, clock: &Arc<dyn Clock>) -> Fetcher {
        let mut kinds: Vec<SourceKind> = self.items.iter().map(|(kind, ..)| *kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let source = |kind: &SourceKind| -> Arc<dyn Source> {
            let name = format!("{kind:?}").to_lowercase();
            let id = SourceId::new(Box::leak(name.clone().into_boxed_str()));
            let mut meta = SourceMeta::new(id.clone(), *kind, format!("{name}.example.org"));
            meta.rate = None;
            meta.burst = u32::MAX;
            let of_kind = self.items.iter().filter(|(of, ..)| of == kind);
            let url = format!("https://{name}.example.org/x").parse().expect("an address");
            let items = of_kind.map(|(_, ticker, item, on)| {
                let known = AsOf::end_of_new_york_day(*on).moment();
                let known = Availability::between(known, known, "made up");
                (ticker.clone(), Item::new(ticker, item.clone(), &id, &url, known, Timestamp::UNIX_EPOCH))
            });
            Arc::new(Told { meta, items: items.collect() })
        };
        Fetcher::new(Arc::new(Slow(self.wait)), kinds.iter().map(source).collect(), Arc::clone(clock))
    }

    /// Makes the analysis.
    pub(super) async fn analysed(
        self,
        model: Option<AnalysisModel>,
        request: &AnalysisRequest,
    ) -> (Analysis, AnalysisRecord) {
        let clock: Arc<dyn Clock> =
            Arc::new(FixedClock::new("2025-06-01T00:00:00Z".parse().expect("a moment")));
        let analysis = CompanyAnalysis::new(self.fetcher(&clock), model, clock);
        analysis.run(request).await.expect("an analysis")
    }

    /// By rules, with the benchmark, on a runtime of its own.
    pub(super) fn by_rules(self) -> Analysis {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        runtime.block_on(self.analysed(None, &request(&FrameworkKind::ALL))).0
    }
}

fn fact(concept: &str, start: Option<Date>, end: Date, value: f64, filed_on: Date) -> CompanyFact {
    CompanyFact {
        concept: concept.to_owned(),
        unit: "USD".to_owned(),
        start,
        end,
        value,
        fiscal_year: None,
        fiscal_period: "FY".to_owned(),
        form: "10-K".to_owned(),
        filed_on,
        accession: format!("0001999001-{}", filed_on.year()),
    }
}

fn article(title: &str, domain: &str) -> ItemKind {
    ItemKind::Article(Article {
        title: title.to_owned(),
        summary: String::new(),
        link: format!("https://{domain}/{}", title.len()),
        domain: domain.to_owned(),
        language: "en".to_owned(),
    })
}

pub(super) fn request(frameworks: &[FrameworkKind]) -> AnalysisRequest {
    let mut request = AnalysisRequest::new(ticker("ACME"), AS_OF.parse().expect("a date"));
    request.frameworks = frameworks.to_vec();
    request.benchmark = Some(ticker("BENCH"));
    request
}
