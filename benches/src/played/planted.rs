//! What the exchange plants for others to find: stories in several papers before a jump, and contracts that somebody deals in.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use assize_altdata::{AsOf, Identity, Item, ItemKind, Outcome, Query, Source, Ticker};
use assize_ambient::{FixedClock, Seed, Timestamp};
use assize_analysts::chain_of;
use assize_loopback::{CompanyTruth, Exchange};
use assize_signals::{
    options::unusual,
    story::{Stories, StoryId, StoryItem},
};
use assize_sources::CboeChain;
use assize_transport::{ServiceTransport, Transport as _};
use jiff::{
    ToSpan,
    civil::{Date, date},
    tz::TimeZone,
};

use super::{TICKERS, sources::papers};

/// How much of what was planted was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Found {
    /// Planted.
    pub planted: u32,
    /// Of these, found.
    pub found: u32,
    /// Said to be something.
    pub claimed: u32,
    /// Of these, planted.
    pub right: u32,
    /// What was read on the way: articles, or contracts.
    pub read: u32,
}

impl Found {
    /// The share of what was planted that was found.
    #[must_use]
    pub fn recall(&self) -> f64 {
        f64::from(self.found) / f64::from(self.planted.max(1))
    }

    /// The share of what was claimed that was planted.
    #[must_use]
    pub fn precision(&self) -> f64 {
        f64::from(self.right) / f64::from(self.claimed.max(1))
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            planted: self.planted + other.planted,
            found: self.found + other.found,
            claimed: self.claimed + other.claimed,
            right: self.right + other.right,
            read: self.read + other.read,
        }
    }
}

/// A market, its companies, and the truth about some days of it.
struct Market {
    exchange: Exchange,
    companies: BTreeMap<Ticker, (Identity, CompanyTruth)>,
}

impl Market {
    fn new(seed: u64, tickers: usize, from: Date, to: Date) -> Result<Self, String> {
        let symbols = &TICKERS[..tickers.min(TICKERS.len())];
        let clock = Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH));
        let exchange = Exchange::new(Seed::new(seed), clock).with_tickers(symbols);
        let company = |symbol: &&str| {
            let ticker: Ticker = symbol.parse().map_err(|e| format!("{e}"))?;
            let truth =
                exchange.company(symbol, from, to).ok_or_else(|| format!("{symbol} has no company"))?;
            Ok::<_, String>((ticker.clone(), (Identity::new(&ticker, &*truth.name), truth)))
        };
        let companies = symbols.iter().map(company).collect::<Result<_, _>>()?;
        Ok(Self { exchange, companies })
    }

    /// What a source says of each of these tickers at a moment.
    async fn ask(
        &self,
        source: &dyn Source,
        tickers: &[&Ticker],
        now: Timestamp,
    ) -> Result<Vec<Item>, String> {
        let clock = Arc::new(FixedClock::new(now));
        let exchange = self.exchange.anew(Seed::new(0)).with_clock(clock.clone());
        let transport = ServiceTransport::new(exchange, clock);
        let mut items = Vec::new();
        let mut answers = BTreeMap::new();
        for ticker in tickers {
            let card = Arc::new(self.companies[*ticker].0.clone());
            let query = Query::new(ticker, AsOf::at(now)).with_identity(card);
            for request in source.plan(&query).map_err(|gap| gap.to_string())? {
                let key = request.key();
                if !answers.contains_key(&key) {
                    answers.insert(key.clone(), transport.send(request).await.map_err(|e| e.to_string())?);
                }
                if let Outcome::Items { items: read, .. } = source.decode(&query, &answers[&key]) {
                    items.extend(read);
                }
            }
        }
        Ok(items)
    }
}

fn moment(day: Date, hour: i8) -> Result<Timestamp, String> {
    let zoned = day.at(hour, 0, 0, 0).to_zoned(TimeZone::UTC).map_err(|e| e.to_string())?;
    Ok(zoned.timestamp())
}

/// Reads the feeds of all papers every other day for so many days, and lets the stories of it be found. A story counts as
/// found when it bursts, before the opening at which the price jumps, and a burst as right when most of its articles tell of one
/// planted story. The first ten days say what is usual.
///
/// # Errors
/// Where something can't be asked.
pub async fn stories(seed: u64, tickers: usize, days: i32) -> Result<Found, String> {
    let from = date(2024, 1, 8).saturating_add(i64::try_from(seed % 700).unwrap_or(0).days());
    let to = from.saturating_add(days.days());
    let market = Market::new(seed, tickers, from, to)?;
    let feeds = papers()?;
    let tickers: Vec<&Ticker> = market.companies.keys().collect();
    let mut articles: BTreeMap<(Ticker, String), Item> = BTreeMap::new();
    for day in from.series(2.days()).take_while(|day| *day <= to) {
        for feed in &feeds {
            for item in market.ask(feed, &tickers, moment(day, 15)?).await? {
                let ItemKind::Article(article) = &item.kind else { continue };
                articles.entry((item.ticker.clone(), article.link.clone())).or_insert(item);
            }
        }
    }
    Ok(told(&market, articles.into_values().collect(), from.saturating_add(10.days())))
}

/// Which planted story, if any, each burst tells of.
fn told(market: &Market, mut articles: Vec<Item>, usual_until: Date) -> Found {
    articles.sort_by_key(|one| (one.available_at.latest, one.id));
    let mut planted: BTreeMap<&str, (&Ticker, Date)> = BTreeMap::new();
    for (ticker, (_, truth)) in &market.companies {
        for jump in truth.jumps.iter().filter(|jump| jump.date > usual_until) {
            planted.extend(jump.story.iter().map(|url| (&**url, (ticker, jump.date))));
        }
    }
    let mut stories = Stories::default();
    let mut of_story: BTreeMap<StoryId, Vec<Option<(&Ticker, Date)>>> = BTreeMap::new();
    let mut bursts: BTreeSet<StoryId> = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for item in &articles {
        let ItemKind::Article(article) = &item.kind else { continue };
        let at = item.available_at.latest;
        let assigned = stories.insert(&StoryItem {
            at,
            domain: &article.domain,
            text: &article.title,
            entities: &[item.ticker.as_str()],
        });
        let event = planted.get(&*article.link).copied();
        seen.extend(event);
        of_story.entry(assigned.story).or_default().push(event);
        if assigned.burst.is_burst && at > moment(usual_until, 0).unwrap_or(Timestamp::MAX) {
            bursts.insert(assigned.story);
        }
    }
    let mut found: BTreeSet<(&Ticker, Date)> = BTreeSet::new();
    let mut right = 0;
    for burst in &bursts {
        let events = &of_story[burst];
        let most = events
            .iter()
            .flatten()
            .max_by_key(|event| events.iter().filter(|one| *one == &Some(**event)).count());
        let Some(most) = most else { continue };
        if 2 * events.iter().filter(|one| **one == Some(*most)).count() > events.len() {
            right += 1;
            found.insert(*most);
        }
    }
    Found {
        planted: count(seen.len()),
        found: count(found.len()),
        claimed: count(bursts.len()),
        right,
        read: count(articles.len()),
    }
}

/// Reads the chains of so many companies after the sessions in which a contract was dealt in, and after as many others, and
/// lets the unusual contracts be named.
///
/// # Errors
/// Where something can't be asked.
pub async fn contracts(seed: u64, tickers: usize) -> Result<Found, String> {
    let (from, to) = (date(2023, 6, 1), date(2026, 5, 29));
    let market = Market::new(seed, tickers, from, to)?;
    let source = CboeChain::new();
    let mut sum = Found::default();
    for (ticker, (_, truth)) in &market.companies {
        let planted: BTreeMap<Date, &str> = truth
            .jumps
            .iter()
            .filter_map(|jump| jump.unusual.as_ref())
            .map(|(day, symbol)| (*day, &**symbol))
            .collect();
        // A third of a quarter later, nothing is planted as a rule; and where it is, the truth says so.
        let others = planted.keys().map(|day| day.saturating_add(3.weeks()));
        let days: BTreeSet<Date> = planted.keys().copied().chain(others).filter(|day| *day < to).collect();
        for day in days {
            // Two or three hours after the close.
            let read = market.ask(&source, &[ticker], moment(day, 23)?).await?;
            let chain = read.iter().find_map(|item| match &item.kind {
                ItemKind::Options(chain) => Some(chain_of(ticker, chain)),
                _ => None,
            });
            let Some(chain) = chain else { continue };
            let claimed: Vec<String> =
                unusual(&chain).iter().map(|found| found.contract.symbol.to_string()).collect();
            let session = chain.quoted_at.date();
            let is_planted =
                |symbol: &&String| planted.get(&session).is_some_and(|planted| planted == symbol);
            let right = claimed.iter().filter(is_planted).count();
            sum = sum.and(Found {
                planted: u32::from(planted.contains_key(&session)),
                found: count(right.min(1)),
                claimed: count(claimed.len()),
                right: count(right),
                read: count(chain.contracts.len()),
            });
        }
    }
    Ok(sum)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
