//! One world, fetched from without faults and with them, and what there is to say against it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use assize_altdata::{
    AsOf, EvidenceId, FetchPolicy, Fetched, Fetcher, Finding, Item, ItemKind, OptionChain, Source, Ticker,
    TickerFetch,
};
use assize_ambient::{FixedClock, Seed, Timestamp};
use assize_loopback::{
    Came as Became, Exchange, ExchangeTruth, HostTruth, ItemKind as Known, SiteFault, SiteFaults, ValueTruth,
};
use assize_transport::{RetryPolicy, ServiceTransport};
use jiff::{
    SignedDuration, ToSpan,
    civil::{Date, date},
    tz::TimeZone,
};

use super::{
    Asked, Host, LATENCY, TICKERS, Which, by_limits, by_log,
    sources::{follows, host_of, hosts, source_of},
};

/// The share of requests that go wrong.
pub const FAULTS: f64 = 0.1;

const ATTEMPT: Duration = Duration::from_secs(15);
/// How far back the truth is looked up: as far as prices and series are asked for, and some days.
const YEARS: i64 = 3;
/// Complaints that are kept in words.
const QUOTED: usize = 8;

/// A market, as of some moment.
#[derive(Debug)]
pub struct World {
    exchange: Exchange,
    now: Timestamp,
    as_of: AsOf,
    deadline: Duration,
    tickers: Vec<Ticker>,
    sources: Vec<Arc<dyn Source>>,
    hosts: BTreeMap<String, Host>,
    truth: Truth,
}

/// When each thing could first be read.
#[derive(Debug)]
struct Truth {
    from: Date,
    companies: BTreeMap<String, BTreeMap<(Known, String), Timestamp>>,
    economy: BTreeMap<String, BTreeMap<Date, Timestamp>>,
}

/// What one fetch came to.
#[derive(Debug, Clone, Default)]
pub struct Came {
    /// Seconds that it took.
    pub elapsed: f64,
    /// Seconds that it had to take, by what the servers wrote down and demanded.
    pub bound: f64,
    /// The same by the limits and the number of requests alone.
    pub limits: f64,
    /// Requests.
    pub requests: u64,
    /// Requests over the sites' limits, by their own count.
    pub over_limit: u64,
    /// Sources of tickers.
    pub answers: u64,
    /// Those that brought something else than they would have without faults.
    pub damaged: u64,
    /// Those of them of which neither a gap nor a finding tells.
    pub unnamed: u64,
    /// Items.
    pub items: u64,
    /// Items that the truth has the time of.
    pub checked: u64,
    /// Items that could not be read yet at the moment asked for.
    pub ahead: u64,
    /// Items that are not the ticker's own, by the truth or by what it has without faults.
    pub foreign: u64,
    /// Faults that were played.
    pub faults: BTreeMap<SiteFault, u64>,
    /// The first complaints in words.
    pub complaints: Vec<String>,
}

impl World {
    /// The market of a seed, at a moment that depends on it, with so many tickers. Half of all worlds are asked about their own
    /// moment, the others about one hours or days before.
    ///
    /// # Errors
    /// Where a ticker or an address is none.
    pub fn new(seed: u64, which: Which, tickers: usize) -> Result<Self, String> {
        let symbols = &TICKERS[..tickers.min(TICKERS.len())];
        let mut chance = Seed::new(seed).child("moment").rng();
        let second = i64::try_from(chance.below(86_400)).unwrap_or(0);
        let day = date(2004, 1, 5).saturating_add(i64::try_from(chance.below(8_700)).unwrap_or(0).days());
        let midnight = day.to_zoned(TimeZone::UTC).map_err(|e| e.to_string())?.timestamp();
        let now = midnight.saturating_add(SignedDuration::from_secs(second)).map_err(|e| e.to_string())?;
        let behind = SignedDuration::from_hours([0, 0, 5, 30][chance.below(4)]);
        let as_of = now.saturating_sub(behind).map_err(|e| e.to_string())?;
        let clock = Arc::new(FixedClock::new(now));
        let exchange = Exchange::new(Seed::new(seed), clock).with_tickers(symbols).with_latency(LATENCY);
        let from = day.saturating_sub(YEARS.years()).saturating_sub(10.days());
        let truth = exchange.truth(from, day.saturating_add(1.day()));
        let tickers: Vec<Ticker> = symbols
            .iter()
            .map(|symbol| symbol.parse().map_err(|e| format!("{e}")))
            .collect::<Result<_, _>>()?;
        let sources = which.sources()?;
        let deadline = match which {
            Which::Default => Duration::from_secs(55),
            Which::Every => Duration::from_secs(150),
        };
        Ok(Self {
            exchange,
            now,
            as_of: AsOf::at(as_of),
            deadline,
            tickers,
            hosts: hosts(&sources),
            sources,
            truth: Truth::of(&truth, from),
        })
    }

    /// Fetches without faults, and so often with them, each time with other chances of faults and of latency.
    pub async fn judged(&self, faults: &SiteFaults, times: u32) -> (Came, Vec<Came>) {
        let (clean, without) = self.without_faults().await;
        let mut with = Vec::new();
        for time in 0..times {
            with.push(self.with_faults(&clean, faults, &time.to_string()).await);
        }
        (without, with)
    }

    /// Fetches without faults.
    pub async fn without_faults(&self) -> (Fetched, Came) {
        let (clean, books) = self.fetch("without", SiteFaults::none()).await;
        let came = self.judge(&clean, &books, None);
        (clean, came)
    }

    /// Fetches with faults, their chances made of a name, and compares it with what came without.
    pub async fn with_faults(&self, clean: &Fetched, faults: &SiteFaults, name: &str) -> Came {
        let (fetched, books) = self.fetch(&format!("with {name}"), faults.clone()).await;
        self.judge(&fetched, &books, Some(clean))
    }

    async fn fetch(&self, name: &str, faults: SiteFaults) -> (Fetched, BTreeMap<String, HostTruth>) {
        let chance = Seed::new(self.now.as_second().unsigned_abs()).child(name);
        let exchange = self.exchange.anew(chance).with_faults(faults);
        let clock = Arc::new(FixedClock::new(self.now));
        let transport = Arc::new(ServiceTransport::new(exchange.clone(), clock.clone()));
        let fetcher = Fetcher::new(transport, self.sources.clone(), clock)
            .with_retries(RetryPolicy::default(), chance.child("retries"));
        let policy = FetchPolicy::within(self.deadline).with_attempt(ATTEMPT);
        let fetched = fetcher.fetch(&self.tickers, self.as_of, policy).await;
        (fetched, exchange.books())
    }

    /// Holds a fetch against the truth, the sites' books, and the same fetch without faults.
    fn judge(&self, fetched: &Fetched, books: &BTreeMap<String, HostTruth>, clean: Option<&Fetched>) -> Came {
        let log = Line::all(books);
        let asked = Line::asked(&log);
        let mut came = Came {
            elapsed: fetched.elapsed.as_secs_f64(),
            bound: by_log(&self.hosts, &asked),
            limits: by_limits(&self.hosts, &asked),
            requests: books.values().map(|host| host.requests).sum(),
            over_limit: books.values().map(|host| host.violations).sum(),
            ..Came::default()
        };
        for (fault, times) in books.values().flat_map(|host| &host.faults) {
            *came.faults.entry(*fault).or_default() += times;
        }
        for (n, one) in fetched.by_ticker.iter().enumerate() {
            came.answers += self.sources.len() as u64;
            if let Some(clean) = clean {
                self.compare(one, &clean.by_ticker[n], &mut came);
            }
            self.hold_against_truth(one, &mut came);
        }
        came
    }

    fn hold_against_truth(&self, one: &TickerFetch, came: &mut Came) {
        for item in &one.items {
            came.items += 1;
            match self.truth.available(item) {
                Ok(None) => {}
                Ok(Some(available)) => {
                    came.checked += 1;
                    if available > self.as_of.moment() {
                        came.ahead += 1;
                        came.complain(one, &format!("{item:?} was not there before {available}"));
                    }
                }
                Err(key) => {
                    came.foreign += 1;
                    came.complain(one, &format!("there is no {key}: {item:?}"));
                }
            }
        }
    }

    /// What a ticker has beside what it has without faults.
    fn compare(&self, one: &TickerFetch, clean: &TickerFetch, came: &mut Came) {
        let (own, due) = (by_source(one), by_source(clean));
        for source in &self.sources {
            let id = source.meta().id.as_str();
            let (own, due) = (of_source(&own, id), of_source(&due, id));
            let same = |(own, due): (&&Item, &&Item)| {
                own.id == due.id && own.kind == due.kind && own.available_at == due.available_at
            };
            if own.len() == due.len() && own.iter().zip(due).all(same) {
                continue;
            }
            let known: BTreeSet<EvidenceId> = due.iter().map(|item| item.id).collect();
            for item in own {
                let is_own = match &item.kind {
                    ItemKind::Options(chain) => due.iter().any(|other| is_of(chain, other)),
                    _ => known.contains(&item.id),
                };
                if !is_own {
                    came.foreign += 1;
                    came.complain(one, &format!("it has this with faults alone: {item:?}"));
                }
            }
            came.damaged += 1;
            let gap = one.gaps.iter().any(|gap| gap.source.as_ref() == Some(&source.meta().id));
            let is_new = |finding: &&Finding| !clean.findings.contains(finding);
            let of_source = |finding: &Finding| {
                let url = finding.url.as_ref().map_or("", |url| url.as_str());
                source_of(url.trim_start_matches("https://")) == id
            };
            if !gap && !one.findings.iter().filter(is_new).any(of_source) {
                came.unnamed += 1;
                came.complain(
                    one,
                    &format!("nothing tells that {id} brought {} and not {}", own.len(), due.len()),
                );
            }
        }
    }
}

impl Came {
    fn complain(&mut self, about: &TickerFetch, what: &str) {
        if self.complaints.len() < QUOTED {
            let what: String = what.chars().take(300).collect();
            self.complaints.push(format!("{}: {what}", about.ticker));
        }
    }
}

/// The items of each source, in their order.
fn by_source(fetch: &TickerFetch) -> BTreeMap<&str, Vec<&Item>> {
    let mut by_source: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
    for item in &fetch.items {
        by_source.entry(item.source.as_str()).or_default().push(item);
    }
    by_source
}

fn of_source<'a, 'b>(items: &'b BTreeMap<&str, Vec<&'a Item>>, id: &str) -> &'b [&'a Item] {
    items.get(id).map_or(&[], Vec::as_slice)
}

/// Whether it is the same chain but for volatilities and what is computed of them.
fn is_of(chain: &OptionChain, other: &Item) -> bool {
    let ItemKind::Options(other) = &other.kind else { return false };
    let quotes = |chain: &OptionChain| -> Vec<(String, Option<u64>, Option<u64>)> {
        let bits = |price: Option<f64>| price.map(f64::to_bits);
        chain.contracts.iter().map(|one| (one.symbol.clone(), bits(one.bid), bits(one.ask))).collect()
    };
    quotes(chain) == quotes(other)
}

impl Truth {
    fn of(truth: &ExchangeTruth, from: Date) -> Self {
        let company = |(symbol, company): (&String, &assize_loopback::CompanyTruth)| {
            let items = company.items.iter().map(|item| ((item.kind, item.key.clone()), item.available));
            (symbol.clone(), items.collect())
        };
        let dated =
            |values: &[ValueTruth]| values.iter().map(|value| (value.date, value.available)).collect();
        let series = truth.economy.iter().map(|(id, values)| (format!("fred:{id}"), dated(values)));
        let mood = [("alternative.me:crypto-fear-greed".to_owned(), dated(&truth.mood))];
        Self {
            from,
            companies: truth.companies.iter().map(company).collect(),
            economy: series.chain(mood).collect(),
        }
    }

    /// When it could first be read; `None` where the truth does not say.
    ///
    /// # Errors
    /// Its name, where there is no such thing.
    fn available(&self, item: &Item) -> Result<Option<Timestamp>, String> {
        let key = match &item.kind {
            ItemKind::Bar(bar) => (Known::Bar, bar.date.to_string()),
            ItemKind::Filing(filing) if filing.filed_on > self.from => {
                (Known::Filing, filing.accession.clone())
            }
            ItemKind::InsiderTrade(trade) => (Known::Filing, trade.accession.clone()),
            ItemKind::Fact(fact) if fact.filed_on > self.from => (Known::Filing, fact.accession.clone()),
            ItemKind::Article(article) if item.source.as_str() == "gdelt" => {
                (Known::IndexedArticle, article.link.clone())
            }
            ItemKind::Article(article) => (Known::Article, article.link.clone()),
            ItemKind::Post(post) => (Known::Post, number(&post.number)),
            ItemKind::Attention(seen) => (Known::Views, seen.date.to_string()),
            ItemKind::ShortVolume(sold) => (Known::ShortVolume, sold.date.to_string()),
            ItemKind::Macro(value) if value.date > self.from && !value.series.starts_with("treasury:") => {
                let available = self.economy.get(&value.series).and_then(|series| series.get(&value.date));
                return available
                    .map(|at| Some(*at))
                    .ok_or_else(|| format!("{} on {}", value.series, value.date));
            }
            _ => return Ok(None),
        };
        let known = &self.companies[item.ticker.as_str()];
        known.get(&key).map(|at| Some(*at)).ok_or_else(|| format!("{:?} {}", key.0, key.1))
    }
}

/// The exchange's number of a post: one site writes it to the base of 16.
fn number(text: &str) -> String {
    let digits = text.strip_prefix("t3_").and_then(|digits| u64::from_str_radix(digits, 16).ok());
    digits.map_or_else(|| text.to_owned(), |number| number.to_string())
}

/// A line of the servers' log.
#[derive(Debug)]
struct Line {
    what: String,
    follows: Option<String>,
    arrived: f64,
    took: f64,
    wait: Option<Duration>,
    became: Became,
}

impl Line {
    fn all(books: &BTreeMap<String, HostTruth>) -> Vec<Self> {
        let seen = books.values().flat_map(|host| &host.log);
        let mut log: Vec<Self> = seen
            .map(|seen| Self {
                what: seen.what.clone(),
                follows: follows(&seen.what),
                arrived: seen.after.as_secs_f64(),
                took: seen.took.min(ATTEMPT).as_secs_f64(),
                wait: seen.wait,
                became: seen.came,
            })
            .collect();
        log.sort_by(|one, other| one.arrived.total_cmp(&other.arrived));
        log
    }

    fn asked(log: &[Self]) -> Vec<Asked<'_>> {
        let mut asked = Vec::with_capacity(log.len());
        for line in log {
            asked.push(Asked {
                host: host_of(&line.what),
                what: &line.what,
                follows: line.follows.as_deref(),
                arrived: line.arrived,
                took: line.took,
                alone: line.wait.map(|wait| wait.as_secs_f64()),
                is_answered: line.is_answered(),
            });
        }
        asked
    }

    /// Whether there was an answer, and so no reason to ask again.
    fn is_answered(&self) -> bool {
        use SiteFault::{
            CutBody, Down, GdeltEmpty, GdeltText, SecBlock, Stall, Throttled, ThrottledSilently,
        };
        let Became::Faulty(fault) = self.became else { return self.became != Became::OverLimit };
        !matches!(
            fault,
            Throttled | ThrottledSilently | Down | SecBlock | GdeltText | GdeltEmpty | Stall | CutBody
        )
    }
}
