//! Items of every kind about one company, as a test wants them.

use assize_altdata::{
    Article, AsOf, Attention, Availability, CompanyFact, DailyBar, InsiderRole, InsiderTrade, Item, ItemKind,
    MacroValue, OptionChain, OptionQuote, OptionRight, PriceSeries, SourceId, Ticker,
};
use assize_ambient::Timestamp;
use assize_analysts::{bar_evidence, item_evidence};
use assize_debate::Evidence;
use assize_transport::Url;
use jiff::{
    SignedDuration, Span,
    civil::{Date, date},
};

/// The last day of all that is known.
pub(crate) const TODAY: Date = date(2025, 6, 2);

pub(crate) fn as_of() -> AsOf {
    AsOf::end_of_new_york_day(TODAY)
}

pub(crate) fn days_ago(days: i64) -> Date {
    TODAY.saturating_sub(Span::new().days(days))
}

/// An item that was known on the evening of a day.
pub(crate) fn item(kind: ItemKind, known: Date) -> Item {
    let ticker: Ticker = "ACME".parse().expect("a ticker");
    let url: Url = "https://example.org/a".parse().expect("an address");
    let known = Availability::at(Availability::of_daily_bar(known).latest, "a test");
    Item::new(&ticker, kind, &SourceId::new("test"), &url, known, Timestamp::UNIX_EPOCH)
}

/// What was known of the items, and of the daily bars among them.
pub(crate) fn evidence(items: &[Item]) -> Vec<Evidence> {
    let mut evidence = bar_evidence(&PriceSeries::build(items, &as_of()), 400);
    evidence.extend(item_evidence(items, &as_of()));
    evidence
}

/// A day's bar, known that day.
pub(crate) fn bar(day: Date, close: f64) -> Item {
    item(ItemKind::Bar(DailyBar::new(day, close, close, close, close)), day)
}

/// What a company reports: flows of the year and of the year before, and a balance sheet. In dollars.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Company {
    pub(crate) revenue: f64,
    pub(crate) revenue_before: f64,
    pub(crate) cost: f64,
    pub(crate) income: f64,
    pub(crate) income_before: f64,
    pub(crate) cash: f64,
    pub(crate) spending: f64,
    pub(crate) assets: f64,
    pub(crate) liabilities: f64,
    pub(crate) equity: f64,
    pub(crate) shares: f64,
    pub(crate) price: f64,
}

impl Default for Company {
    fn default() -> Self {
        Self {
            revenue: 1_000e6,
            revenue_before: 950e6,
            cost: 700e6,
            income: 50e6,
            income_before: 50e6,
            cash: 90e6,
            spending: 50e6,
            assets: 1_000e6,
            liabilities: 550e6,
            equity: 450e6,
            shares: 100e6,
            price: 10.0,
        }
    }
}

impl Company {
    /// The year 2024, its first quarter, that of 2025, and the year 2023: twelve months to 31 March 2025 are made of three.
    pub(crate) fn items(&self) -> Vec<Item> {
        let mut items = vec![bar(TODAY, self.price), bar(days_ago(90), self.price)];
        let flows = [
            ("us-gaap:Revenues", self.revenue, self.revenue_before),
            ("us-gaap:CostOfRevenue", self.cost, self.cost),
            ("us-gaap:NetIncomeLoss", self.income, self.income_before),
            ("us-gaap:NetCashProvidedByUsedInOperatingActivities", self.cash, self.cash),
            ("us-gaap:PaymentsToAcquirePropertyPlantAndEquipment", self.spending, self.spending),
        ];
        for (concept, now, before) in flows {
            let periods = [
                (date(2023, 1, 1), date(2023, 12, 31), before),
                (date(2023, 1, 1), date(2023, 3, 31), now / 4.0),
                (date(2024, 1, 1), date(2024, 12, 31), now),
                (date(2024, 1, 1), date(2024, 3, 31), now / 4.0),
                (date(2025, 1, 1), date(2025, 3, 31), now / 4.0),
            ];
            items.extend(periods.map(|(start, end, value)| fact(concept, "USD", Some(start), end, value)));
        }
        for (concept, value) in [
            ("us-gaap:Assets", self.assets),
            ("us-gaap:Liabilities", self.liabilities),
            ("us-gaap:StockholdersEquity", self.equity),
        ] {
            items.push(fact(concept, "USD", None, date(2025, 3, 31), value));
        }
        items.push(fact(
            "dei:EntityCommonStockSharesOutstanding",
            "shares",
            None,
            date(2025, 4, 25),
            self.shares,
        ));
        items
    }
}

/// A figure, filed 40 days after the end of its period.
pub(crate) fn fact(concept: &str, unit: &str, start: Option<Date>, end: Date, value: f64) -> Item {
    let filed_on = end.saturating_add(Span::new().days(40)).min(days_ago(10));
    let fact = CompanyFact {
        concept: concept.to_owned(),
        unit: unit.to_owned(),
        start,
        end,
        value,
        fiscal_year: None,
        fiscal_period: String::new(),
        form: "10-Q".to_owned(),
        filed_on,
        accession: format!("0000000001-{filed_on}"),
    };
    item(ItemKind::Fact(fact), filed_on)
}

/// An insider's purchase, with everything that can be changed.
pub(crate) fn purchase(owner: u64, days: i64, shares: f64) -> InsiderTrade {
    InsiderTrade {
        accession: format!("0000000001-25-{owner:06}"),
        line: u32::try_from(days).expect("days ago"),
        owner: format!("Owner {owner}"),
        owner_cik: owner,
        role: InsiderRole { is_officer: true, ..InsiderRole::default() },
        title: "Treasurer".to_owned(),
        code: 'P',
        acquired: true,
        traded_on: days_ago(days),
        shares,
        price: Some(10.0),
        held_after: Some(100_000.0),
        is_direct: true,
        is_planned: Some(false),
        is_derivative: false,
        is_amendment: false,
    }
}

pub(crate) fn sale(owner: u64, days: i64, shares: f64) -> InsiderTrade {
    InsiderTrade { code: 'S', acquired: false, ..purchase(owner, days, shares) }
}

pub(crate) fn traded(trades: impl IntoIterator<Item = InsiderTrade>) -> Vec<Item> {
    let known = |trade: InsiderTrade| {
        let day = trade.traded_on;
        item(ItemKind::InsiderTrade(trade), day)
    };
    // A price of today tells what day it is.
    trades.into_iter().map(known).chain([bar(TODAY, 10.0)]).collect()
}

/// News of a day.
pub(crate) fn news(days: i64, title: &str) -> Item {
    let article = Article {
        title: title.to_owned(),
        summary: String::new(),
        link: format!("https://www.reuters.com/{days}"),
        domain: "reuters.com".to_owned(),
        language: "en".to_owned(),
    };
    item(ItemKind::Article(article), days_ago(days))
}

/// The views of so many days, the last of them yesterday's.
pub(crate) fn views(counts: impl IntoIterator<Item = u64>) -> Vec<Item> {
    let counts: Vec<u64> = counts.into_iter().collect();
    let last = i64::try_from(counts.len()).expect("days");
    let day = |(n, views): (i64, u64)| {
        let day = days_ago(last - n);
        let seen = Attention { subject: "en.wikipedia:Acme".to_owned(), date: day, views };
        item(ItemKind::Attention(seen), days_ago(last - n - 1))
    };
    (0..last).zip(counts).map(day).collect()
}

/// A chain of a day with a smile: calls and puts at 5 strikes and 4 dates, so many traded of each.
pub(crate) fn chain(days: i64, calls: f64, puts: f64, put_premium_iv: f64) -> Item {
    let day = days_ago(days);
    let mut contracts = Vec::new();
    for expiry in [8, 29, 64, 99] {
        for (n, strike) in (0..5_i32).zip([90.0, 95.0, 100.0, 105.0, 110.0]) {
            for (right, volume, delta, iv) in [
                (OptionRight::Call, calls, 0.85 - 0.175 * f64::from(n), 0.30),
                (OptionRight::Put, puts, -0.15 - 0.175 * f64::from(n), 0.30 + put_premium_iv),
            ] {
                contracts.push(OptionQuote {
                    symbol: String::new(),
                    expiry: day.saturating_add(Span::new().days(expiry)),
                    strike,
                    right,
                    bid: Some(1.0),
                    ask: Some(1.2),
                    last: Some(1.1),
                    last_at: Some(day.at(15, 30, 0, 0)),
                    volume: Some(volume),
                    open_interest: Some(5_000.0),
                    implied_volatility: Some(iv),
                    delta: Some(delta),
                    gamma: Some(0.01),
                });
            }
        }
    }
    let quoted_at = Availability::of_daily_bar(day).earliest;
    let chain = OptionChain { quoted_at, spot: Some(100.0), contracts: contracts.into() };
    item(ItemKind::Options(chain), day)
}

/// A series with a value every third day, from the oldest to yesterday.
pub(crate) fn series(name: &str, values: impl IntoIterator<Item = f64>) -> Vec<Item> {
    let values: Vec<f64> = values.into_iter().collect();
    let count = i64::try_from(values.len()).expect("days");
    let value = |(n, value): (i64, f64)| {
        let day = days_ago(3 * (count - n) - 2);
        let value = MacroValue { series: name.to_owned(), date: day, value, vintage: None };
        item(ItemKind::Macro(value), day.saturating_add(SignedDuration::from_hours(24)))
    };
    (0..count).zip(values).map(value).collect()
}
