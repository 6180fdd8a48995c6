//! What is true of the market: the oracle against which a reader's findings are held.

use std::collections::BTreeMap;

use assize_ambient::{Seed, Timestamp};
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use serde::Serialize;

use super::{
    attention, calendar, chain, economy,
    filing::About,
    market::{Data, Market},
    number::{dollars, float},
    post::{self, Board},
    short_sale,
    site_books::HostTruth,
    statement::Quarter,
    story,
    story::Topic,
};

/// What the exchange knows: its books, and the truth about its companies within some days.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ExchangeTruth {
    /// The version of this form, as JSON: 1.
    pub format_version: u32,
    /// Where chance started.
    pub seed: u64,
    /// The books by host; `sec.gov` and `finance.yahoo.com` have several hosts in one.
    pub hosts: BTreeMap<String, HostTruth>,
    /// The listed companies by symbol.
    pub companies: BTreeMap<String, CompanyTruth>,
    /// Series of the economy, by FRED's names.
    pub economy: BTreeMap<String, Vec<ValueTruth>>,
    /// The index of fear and greed, from 0 to 100.
    pub mood: Vec<ValueTruth>,
}

/// What is true of a company within some days.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CompanyTruth {
    /// Its symbol, class shares with a dash.
    pub symbol: String,
    /// Its full name.
    pub name: String,
    /// Its number at the SEC.
    pub cik: u64,
    /// Whether its acceptance times are New York's, though they end in `Z`.
    pub writes_eastern: bool,
    /// Prices that move at once.
    pub jumps: Vec<JumpTruth>,
    /// Trade by the day, without days of halts.
    pub bars: Vec<BarTruth>,
    /// Days from which one share is so many.
    pub splits: Vec<(Date, f64)>,
    /// Ex-dates, and dollars for each share of the day.
    pub dividends: Vec<(Date, f64)>,
    /// Filings that were accepted.
    pub filings: Vec<FilingTruth>,
    /// Trades of insiders.
    pub trades: Vec<TradeTruth>,
    /// Quarters whose report was filed.
    pub quarters: Vec<QuarterTruth>,
    /// Everything that can be read about it, and from when on.
    pub items: Vec<ItemTruth>,
}

/// A planted jump, and what was planted with it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct JumpTruth {
    /// At whose opening it shows.
    pub date: Date,
    /// The logarithm of the price's ratio.
    pub size: f64,
    /// What its story is about: `earnings`, `guidance`, `merger`, `product`, `legal` or `management`.
    pub topic: String,
    /// The articles of its story, in three papers or more, all of them before the opening.
    pub story: Vec<String>,
    /// The accession numbers of what insiders bought ahead of it; empty where they did not.
    pub campaign: Vec<String>,
    /// The day and the symbol of the contract that was dealt in ahead of it.
    pub unusual: Option<(Date, String)>,
}

/// A day's trade, as it was traded.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BarTruth {
    /// The day.
    pub date: Date,
    /// In dollars.
    pub open: f64,
    /// In dollars.
    pub high: f64,
    /// In dollars.
    pub low: f64,
    /// In dollars.
    pub close: f64,
    /// In shares.
    pub volume: u64,
}

/// A filing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FilingTruth {
    /// Its accession number.
    pub accession: String,
    /// Such as `10-Q`.
    pub form: String,
    /// When it was accepted.
    pub accepted: Timestamp,
    /// When everybody could read it.
    pub available: Timestamp,
}

/// A trade of an insider.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TradeTruth {
    /// Of its Form 4.
    pub accession: String,
    /// The day of the trade.
    pub date: Date,
    /// `P` bought, `S` sold, `A` granted, `F` kept for taxes.
    pub code: String,
    /// How many.
    pub shares: u64,
    /// For each, in dollars.
    pub price: f64,
    /// Whether it belongs to a campaign ahead of a jump.
    pub is_planted: bool,
}

/// A reported quarter, in dollars.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct QuarterTruth {
    /// Its last day.
    pub end: Date,
    /// Of the report.
    pub accession: String,
    /// Revenue.
    pub revenue: i64,
    /// Net income.
    pub net_income: i64,
    /// Net income for each share.
    pub eps: f64,
    /// What it owns.
    pub assets: i64,
    /// Of that, what belongs to its owners.
    pub equity: i64,
}

/// A value of a series.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ValueTruth {
    /// The day that it is of.
    pub date: Date,
    /// The value.
    pub value: f64,
    /// When it was published.
    pub available: Timestamp,
}

/// From when on something can be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ItemTruth {
    /// What it is.
    pub kind: ItemKind,
    /// Which one: the date of a bar, of views and of short volume; the accession number of a filing; the address of an
    /// article; the number of a post.
    pub key: String,
    /// From when on.
    pub available: Timestamp,
    /// The headline of an article; what a post says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How many views; how many shares were sold short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<u64>,
}

impl ItemTruth {
    fn saying(self, text: String) -> Self {
        Self { text: Some(text), ..self }
    }

    fn counting(self, amount: u64) -> Self {
        Self { amount: Some(amount), ..self }
    }
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ItemKind {
    /// A day's trade.
    Bar,
    /// A filing, and all that is in it.
    Filing,
    /// An article in its paper.
    Article,
    /// An article in GDELT's index.
    IndexedArticle,
    /// A post on StockTwits, Reddit or Hacker News.
    Post,
    /// A day's views of the article in the encyclopaedia.
    Views,
    /// A day's short volume.
    ShortVolume,
}

/// The truth about the listed companies within `from..=to`.
pub(super) fn truth(
    market: &Market,
    hosts: BTreeMap<String, HostTruth>,
    from: Date,
    to: Date,
) -> ExchangeTruth {
    let of = |symbol: &str| Some((symbol.to_owned(), company(&*market.data(symbol)?, from, to)));
    ExchangeTruth {
        format_version: 1,
        seed: market.seed.value(),
        hosts,
        companies: market.listed().filter_map(of).collect(),
        economy: economy::all()
            .map(|series| (series.id.to_owned(), values(market.seed, series, from, to)))
            .collect(),
        mood: from.series(1.day()).take_while(|day| *day <= to).map(|day| mood(market.seed, day)).collect(),
    }
}

/// It is there from the day's first moment on, in UTC.
fn mood(seed: Seed, date: Date) -> ValueTruth {
    let (value, _) = economy::mood(seed, date);
    let midnight = date.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |midnight| midnight.timestamp());
    ValueTruth { date, value: float(value), available: midnight }
}

fn values(seed: Seed, series: &economy::Series, from: Date, to: Date) -> Vec<ValueTruth> {
    let value = |date: Date| {
        let value = series.value(seed, date)?;
        Some(ValueTruth { date, value, available: series.published(date) })
    };
    from.series(1.day()).take_while(|day| *day <= to).filter_map(value).collect()
}

/// The truth about one company within `from..=to`.
pub(super) fn company(data: &Data, from: Date, to: Date) -> CompanyTruth {
    let within = |day: Date| (from..=to).contains(&day);
    let of_moment = |moment: Timestamp| within(calendar::new_york(moment).date());
    let (company, path) = (&data.company, &data.path);
    let sessions = calendar::first_from(from)..calendar::first_from(to.saturating_add(1.day()));
    let bars = sessions.clone().filter_map(|session| {
        let day = path.days.get(session).copied().flatten()?;
        Some(BarTruth {
            date: calendar::day(session),
            open: dollars(day.open),
            high: dollars(day.high),
            low: dollars(day.low),
            close: dollars(day.close),
            volume: day.volume,
        })
    });
    let filings = data.filings.iter().filter(|filing| of_moment(filing.accepted));
    let of_filing = |filing: &super::filing::Filing| FilingTruth {
        accession: filing.accession.clone(),
        form: filing.form.to_owned(),
        accepted: filing.accepted,
        available: filing.shown(),
    };
    let trades = filings.clone().filter_map(|filing| {
        let About::Trade(n) = filing.about else { return None };
        let trade = &data.trades[n];
        Some(TradeTruth {
            accession: filing.accession.clone(),
            date: calendar::day(trade.session),
            code: trade.code.to_owned(),
            shares: trade.shares,
            price: dollars(trade.cents),
            is_planted: trade.campaign.is_some(),
        })
    });
    let quarters = filings.clone().filter_map(|filing| {
        let About::Quarter(n) = filing.about else { return None };
        Some(quarter(&data.quarters[n], &filing.accession))
    });
    let within_session = |session: usize| within(calendar::day(session));
    let splits = path.splits.iter().filter(|split| within_session(split.session));
    let dividends = path.dividends.iter().filter(|dividend| within_session(dividend.session));
    CompanyTruth {
        symbol: company.symbol.clone(),
        name: company.name.clone(),
        cik: company.cik,
        writes_eastern: company.writes_eastern,
        jumps: path.jumps.iter().filter(|jump| within(jump.day())).map(|one| jump(data, one)).collect(),
        bars: bars.collect(),
        splits: splits.map(|split| (calendar::day(split.session), split.ratio())).collect(),
        dividends: dividends.map(|one| (calendar::day(one.session), dollars(one.cents))).collect(),
        filings: filings.clone().map(of_filing).collect(),
        trades: trades.collect(),
        quarters: quarters.collect(),
        items: items(data, from, to),
    }
}

fn jump(data: &Data, jump: &super::path::Jump) -> JumpTruth {
    let company = &data.company;
    let is_campaign =
        |about: About| matches!(about, About::Trade(n) if data.trades[n].campaign == Some(jump.session));
    let campaign = data.filings.iter().filter(|filing| is_campaign(filing.about));
    JumpTruth {
        date: jump.day(),
        size: jump.size,
        topic: Topic::of(company, jump).key().to_owned(),
        story: story::story(company, jump).into_iter().map(|article| article.url).collect(),
        campaign: campaign.map(|filing| filing.accession.clone()).collect(),
        unusual: chain::planted(company, &data.path, jump)
            .map(|planted| (calendar::day(planted.session), planted.symbol)),
    }
}

fn quarter(quarter: &Quarter, accession: &str) -> QuarterTruth {
    QuarterTruth {
        end: quarter.end,
        accession: accession.to_owned(),
        revenue: quarter.revenue,
        net_income: quarter.net_income,
        eps: quarter.eps(),
        assets: quarter.assets,
        equity: quarter.equity(),
    }
}

fn items(data: &Data, from: Date, to: Date) -> Vec<ItemTruth> {
    let (company, path) = (&data.company, &data.path);
    let item = |kind, key: String, available| ItemTruth { kind, key, available, text: None, amount: None };
    let mut items = Vec::new();
    for day in from.series(1.day()).take_while(|day| *day <= to) {
        let views = attention::views(company, path, day);
        if views > 0 {
            items.push(item(ItemKind::Views, day.to_string(), attention::published(day)).counting(views));
        }
        let Some(session) = calendar::session(day) else { continue };
        if path.days[session].is_some() {
            items.push(item(ItemKind::Bar, day.to_string(), calendar::close(session)));
        }
        if let Some(sold) = short_sale::of(company, path, session) {
            let published = short_sale::published(day);
            items.push(item(ItemKind::ShortVolume, day.to_string(), published).counting(sold.short));
        }
    }
    let (first, last) = (calendar::wall(from, 0), calendar::wall(to, 24 * 3_600 - 1));
    for filing in data.filings.iter().filter(|filing| (first..=last).contains(&filing.accepted)) {
        items.push(item(ItemKind::Filing, filing.accession.clone(), filing.shown()));
    }
    for article in story::articles(company, path, first, last) {
        let seen = article.seen();
        let published = item(ItemKind::Article, article.url.clone(), article.published);
        items.push(published.saying(article.title.clone()));
        items.push(item(ItemKind::IndexedArticle, article.url, seen).saying(article.title));
    }
    for board in [Board::StockTwits, Board::Reddit, Board::HackerNews] {
        let posts = post::posts(company, path, board, first, last);
        let of_post =
            |post: post::Post| item(ItemKind::Post, post.id.to_string(), post.created).saying(post.text);
        items.extend(posts.into_iter().map(of_post));
    }
    items.sort_by(|one, other| {
        (one.available, one.kind, &one.key).cmp(&(other.available, other.kind, &other.key))
    });
    items
}
