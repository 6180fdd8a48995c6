//! Many tickers at sources with limits, which are counted where they hold: on the other side.

use std::sync::Mutex;

use assize_cache::{Level, MemoryTier};
use proptest::prelude::*;

use futures_util::FutureExt as _;

use super::*;
use crate::{Attention, Availability, Identity, ItemKind};

/// What a host bears, and what it has seen.
#[derive(Debug)]
struct Site {
    rate: f64,
    burst: u32,
    seen: Vec<Instant>,
    tokens: f64,
    filled: Instant,
    violations: usize,
}

/// Sites by their hosts, each answering in a quarter of a second, some with faults.
#[derive(Debug)]
pub(super) struct World {
    sites: Mutex<BTreeMap<String, Site>>,
    seed: Seed,
    /// The share of requests that go wrong.
    faults: f64,
    /// A host that refuses everybody.
    refusing: Option<&'static str>,
    /// A host that says "too often" to everybody, and in which way.
    busy: Option<(&'static str, u16)>,
}

/// Too often, and nothing of when to come again.
const NO_WAIT: u16 = 430;
/// Too often, and to come again in a quarter of an hour.
const LONG_WAIT: u16 = 431;

impl World {
    pub(super) fn new(sites: &[(&str, f64, u32)], seed: u64, faults: f64) -> Arc<Self> {
        let now = Instant::now();
        let site = |&(host, rate, burst): &(&str, f64, u32)| {
            let tokens = f64::from(burst);
            (host.to_owned(), Site { rate, burst, seen: Vec::new(), tokens, filled: now, violations: 0 })
        };
        let sites = Mutex::new(sites.iter().map(site).collect());
        Arc::new(Self { sites, seed: Seed::new(seed), faults, refusing: None, busy: None })
    }

    /// A bucket of the other side's own.
    fn enter(&self, host: &str) -> usize {
        let mut sites = self.sites.lock().unwrap();
        let site = sites.get_mut(host).unwrap();
        let now = Instant::now();
        let gained = (now - site.filled).as_secs_f64() * site.rate;
        (site.tokens, site.filled) = ((site.tokens + gained).min(f64::from(site.burst)), now);
        // Timers are exact to a millisecond.
        if site.tokens < 1.0 - 0.002 * site.rate {
            site.violations += 1;
        }
        site.tokens -= 1.0;
        site.seen.push(now);
        site.seen.len()
    }

    fn violations(&self) -> usize {
        self.sites.lock().unwrap().values().map(|site| site.violations).sum()
    }

    fn requests(&self, host: &str) -> usize {
        self.sites.lock().unwrap()[host].seen.len()
    }
}

#[derive(Debug)]
struct Wire(Arc<World>);

#[async_trait]
impl Transport for Wire {
    async fn send(&self, request: Request) -> Result<RawResponse, transport::Error> {
        let world = &self.0;
        let host = request.url().host().unwrap_or_default().to_owned();
        let number = world.enter(&host);
        let mut chance = world.seed.child(request.url().as_str()).child(&number.to_string()).rng();
        let (mut status, mut body) = (200, request.url().as_str().to_owned());
        let mut took = Duration::from_millis(250);
        if world.refusing == Some(host.as_str()) {
            status = 403;
        } else if let Some((_, how)) = world.busy.filter(|(busy, _)| *busy == host) {
            status = how;
        } else if chance.happens(world.faults) {
            match chance.below(5) {
                0 => status = 429,
                1 => status = 503,
                2 => body = "slow down".to_owned(),
                3 => took = Duration::from_secs(20),
                _ => return Err(ErrorKind::Broken.error("read it: it broke off")),
            }
        }
        tokio::time::sleep(took).await;
        let fetched_at = Timestamp::UNIX_EPOCH;
        Ok(RawResponse::new(&request, status, Headers::from_iter([("retry-after", "2")]), body, fetched_at))
    }
}

/// Asks for `pages` pages of each ticker, or for one that all share, and follows an index if it is one.
#[derive(Debug)]
struct Place {
    meta: SourceMeta,
    pages: usize,
    is_shared: bool,
    is_index: bool,
}

impl Place {
    fn at(host: &'static str, kind: SourceKind, rate: f64, burst: u32) -> Self {
        let mut meta = SourceMeta::new(SourceId::new(host), kind, host);
        (meta.rate, meta.burst, meta.ttl) = (Some(rate), burst, Duration::from_secs(3_600));
        Self { meta, pages: 1, is_shared: false, is_index: false }
    }
}

impl Source for Place {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn needs_identity(&self) -> bool {
        self.meta.kind == SourceKind::Filings
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        let about = match (self.is_shared, self.needs_identity()) {
            (true, _) => "all",
            (false, true) => match query.identity() {
                Some(card) => card.name.as_str(),
                None => {
                    return Err(Gap::new(
                        query.ticker(),
                        &self.meta.id,
                        GapReason::NoSuchTicker,
                        "who is it?",
                    ));
                }
            },
            (false, false) => query.ticker().as_str(),
        };
        let page = |n: usize| format!("x://{}/{about}/{n}", self.meta.host).parse::<Url>().unwrap();
        Ok((0..self.pages).map(|n| Request::get(page(n))).collect())
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        match (response.status(), response.body().as_ref()) {
            (429, _) | (_, b"slow down") => return Outcome::Throttled(Some(Duration::from_secs(2))),
            (NO_WAIT, _) => return Outcome::Throttled(None),
            (LONG_WAIT, _) => return Outcome::Throttled(Some(Duration::from_secs(900))),
            (503, _) => return Outcome::Unavailable("a status of 503".to_owned()),
            (403, _) => return Outcome::Blocked,
            _ => {}
        }
        let kind = if self.meta.kind == SourceKind::Identity {
            ItemKind::Identity(Identity::new(query.ticker(), format!("{}-INC", query.ticker())))
        } else {
            let subject = response.url().as_str().to_owned();
            ItemKind::Attention(Attention { subject, date: date(2024, 1, 10), views: 1 })
        };
        let known = Availability::at("2024-01-11T00:00:00Z".parse().unwrap(), "so it says");
        let (url, fetched_at) = (response.url(), response.fetched_at());
        let item = Item::new(query.ticker(), kind, &self.meta.id, url, known, fetched_at);
        Outcome::Items { items: vec![item], findings: Vec::new() }
    }

    fn follow(&self, _query: &Query, response: &RawResponse) -> Vec<Request> {
        let url = response.url().as_str();
        let follows = self.is_index && !url.ends_with("/doc") && response.status() == 200;
        if follows { vec![Request::get(format!("{url}/doc").parse().unwrap())] } else { Vec::new() }
    }
}

pub(super) fn as_of() -> AsOf {
    AsOf::end_of_new_york_day(date(2024, 1, 11))
}

pub(super) fn tickers(n: usize) -> Vec<Ticker> {
    (0..n).map(|n| format!("T{n}").parse().unwrap()).collect()
}

fn sources(places: Vec<Place>) -> Vec<Arc<dyn Source>> {
    places.into_iter().map(|place| Arc::new(place) as Arc<dyn Source>).collect()
}

/// The hosts of a brief, as they are limited: prices, filings with a document behind each, options, news, one table for all.
pub(super) const SITES: [(&str, f64, u32); 5] =
    [("names", 10.0, 10), ("prices", 2.0, 2), ("filings", 8.0, 8), ("news", 0.2, 1), ("tables", 1.0, 4)];

pub(super) fn brief() -> Vec<Arc<dyn Source>> {
    let mut filings = Place::at("filings", SourceKind::Filings, 8.0, 8);
    filings.is_index = true;
    let mut news = Place::at("news", SourceKind::News, 0.2, 1);
    (news.is_shared, news.pages) = (true, 4);
    let mut tables = Place::at("tables", SourceKind::Macro, 1.0, 4);
    (tables.is_shared, tables.pages) = (true, 8);
    let mut names = Place::at("names", SourceKind::Identity, 10.0, 10);
    names.is_shared = true;
    sources(vec![Place::at("prices", SourceKind::Prices, 2.0, 2), names, filings, news, tables])
}

pub(super) fn fetcher(world: &Arc<World>, sources: Vec<Arc<dyn Source>>) -> Fetcher {
    let clock = Arc::new(VirtualClock::starting_at(Timestamp::UNIX_EPOCH));
    Fetcher::new(Arc::new(Wire(Arc::clone(world))), sources, clock)
}

/// By the limits, the slowest host needs (20 − 2) / 2 per second = 9 s for prices and 3 · 5 s = 15 s for the news, and the
/// last answer takes a quarter of a second.
#[tokio::test(start_paused = true)]
async fn twenty_tickers_take_as_long_as_the_slowest_host_makes_them() {
    let world = World::new(&SITES, 1, 0.0);
    let fetched = fetcher(&world, brief())
        .fetch(&tickers(20), as_of(), FetchPolicy::within(Duration::from_secs(60)))
        .await;
    let bound = 15.25;
    let took = fetched.elapsed.as_secs_f64();
    assert!((bound..bound * 1.05).contains(&took), "{took} s");
    assert_eq!(world.violations(), 0);
    assert!(fetched.by_ticker.iter().all(|fetch| fetch.gaps.is_empty()));
    let each = 1 + 1 + 2 + 4 + 8;
    assert!(fetched.by_ticker.iter().all(|fetch| fetch.items.len() == each));
    let asked = ["names", "prices", "filings", "news", "tables"].map(|host| world.requests(host));
    assert_eq!(asked, [1, 20, 40, 4, 8], "what is shared is asked once");
    assert_eq!(fetched.requests(), 73);
    let filings = &fetched.health[2];
    assert_eq!((filings.attempts, filings.success_share()), (40, Some(1.0)));
    assert_eq!(filings.median(), Some(Duration::from_millis(250)));
}

#[tokio::test(start_paused = true)]
async fn a_warm_run_asks_nothing_and_a_killed_one_goes_on() {
    let world = World::new(&SITES, 1, 0.0);
    let clock: Arc<dyn Clock> = Arc::new(VirtualClock::starting_at(Timestamp::UNIX_EPOCH));
    let memory = Arc::new(MemoryTier::new(1 << 24, Arc::clone(&clock)));
    let cache = Tiered::new(vec![Level::memory(memory)], clock, Seed::new(1));
    let fetcher = || fetcher(&world, brief()).with_cache(cache.clone());
    let policy = FetchPolicy::within(Duration::from_secs(60));
    // Given up after five seconds, as if killed.
    let killed =
        tokio::time::timeout(Duration::from_secs(5), fetcher().fetch(&tickers(20), as_of(), policy).boxed())
            .await;
    assert!(killed.is_err());
    let before: usize = SITES.iter().map(|(host, ..)| world.requests(host)).sum();
    let second = fetcher().fetch(&tickers(20), as_of(), policy).await;
    assert!(second.by_ticker.iter().all(|fetch| fetch.gaps.is_empty()));
    let in_flight = u64::try_from(before).unwrap() + second.requests() - 73;
    assert!(before > 40 && in_flight <= 2, "{before} and {} requests for 73", second.requests());
    let warm = fetcher().fetch(&tickers(20), as_of(), policy).await;
    assert_eq!((warm.requests(), warm.elapsed), (0, Duration::ZERO));
    let items =
        |fetched: &Fetched| fetched.by_ticker.iter().map(|fetch| fetch.items.clone()).collect::<Vec<_>>();
    assert_eq!(items(&warm), items(&second));
}

#[tokio::test(start_paused = true)]
async fn a_host_that_refuses_is_left_alone_and_no_other() {
    let mut world = World::new(&SITES, 1, 0.0);
    Arc::get_mut(&mut world).unwrap().refusing = Some("prices");
    let fetcher = fetcher(&world, brief());
    let fetched = fetcher.fetch(&tickers(20), as_of(), FetchPolicy::within(Duration::from_secs(60))).await;
    assert_eq!(world.requests("prices"), 2, "those that were under way");
    for fetch in &fetched.by_ticker {
        let [gap] = &fetch.gaps[..] else { panic!("{:?}", fetch.gaps) };
        assert_eq!((gap.source.as_ref().unwrap().as_str(), gap.reason), ("prices", GapReason::Blocked));
    }
    let again = fetcher.fetch(&tickers(1), as_of(), FetchPolicy::within(Duration::from_secs(60))).await;
    assert_eq!(again.by_ticker[0].gaps[0].detail, "`x://prices/T0/0` was not asked: prices has refused us");
    assert_eq!(world.requests("prices"), 2);
    assert_eq!(again.health[0].failures(), BTreeMap::from([("blocked", 2)]));
}

/// Who must come again after the end is not waited for, nor do those who queue there wait.
#[tokio::test(start_paused = true)]
async fn a_long_wait_holds_nobody_up() {
    let mut world = World::new(&SITES, 1, 0.0);
    Arc::get_mut(&mut world).unwrap().busy = Some(("prices", LONG_WAIT));
    let policy = FetchPolicy::within(Duration::from_secs(60));
    let fetched = fetcher(&world, brief()).fetch(&tickers(20), as_of(), policy).await;
    assert!(fetched.elapsed < Duration::from_secs(17), "as long as the others take: {:?}", fetched.elapsed);
    assert_eq!(world.requests("prices"), 2, "those that were under way");
    let reasons: Vec<GapReason> =
        fetched.by_ticker.iter().flat_map(|fetch| &fetch.gaps).map(|gap| gap.reason).collect();
    let throttled = GapReason::Throttled(Some(Duration::from_secs(900)));
    assert_eq!(reasons.len(), 20);
    assert!(reasons.iter().all(|reason| [throttled, GapReason::Blocked].contains(reason)), "{reasons:?}");
}

/// "Too often" without a time means a pause for all.
#[tokio::test(start_paused = true)]
async fn who_is_asked_too_often_is_asked_less() {
    let mut world = World::new(&SITES, 1, 0.0);
    Arc::get_mut(&mut world).unwrap().busy = Some(("prices", NO_WAIT));
    let policy = FetchPolicy::within(Duration::from_secs(60));
    let fetched = fetcher(&world, brief()).fetch(&tickers(20), as_of(), policy).await;
    assert!(world.requests("prices") <= 14, "two a second would be 120: {}", world.requests("prices"));
    assert!(fetched.by_ticker.iter().all(|fetch| fetch.gaps.len() == 1));
}

/// A deadline that leaves time for half of the prices leaves some of everything to everybody.
#[tokio::test(start_paused = true)]
async fn a_deadline_names_what_is_missing() {
    let world = World::new(&SITES, 1, 0.0);
    let policy = FetchPolicy::within(Duration::from_secs(5));
    let fetched = fetcher(&world, brief()).fetch(&tickers(20), as_of(), policy).await;
    assert_eq!(fetched.elapsed, Duration::from_secs(5));
    let with_prices = fetched
        .by_ticker
        .iter()
        .filter(|fetch| fetch.items.iter().any(|item| item.source.as_str() == "prices"));
    assert!((10..=12).contains(&with_prices.count()));
    for fetch in &fetched.by_ticker {
        let late: Vec<&str> = fetch.gaps.iter().map(|gap| gap.source.as_ref().unwrap().as_str()).collect();
        assert!(late.contains(&"news"), "{late:?}");
        assert!(fetch.gaps.iter().all(|gap| gap.reason == GapReason::TimedOut));
        assert!(fetch.items.iter().any(|item| item.source.as_str() == "filings"));
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_user_says_of_a_company_wins() {
    let world = World::new(&SITES, 1, 0.0);
    let card = Identity::new(&"T0".parse().unwrap(), "OURS");
    let told = fetcher(&world, brief()).with_identities([card]);
    let fetched = told.fetch(&tickers(1), as_of(), FetchPolicy::within(Duration::from_secs(60))).await;
    let filing = fetched.by_ticker[0].items.iter().find(|item| item.source.as_str() == "filings").unwrap();
    assert_eq!(filing.url.as_str(), "x://filings/OURS/0");
    let nobody = fetcher(&world, sources(vec![Place::at("filings", SourceKind::Filings, 8.0, 8)]));
    let fetched = nobody.fetch(&tickers(1), as_of(), FetchPolicy::within(Duration::from_secs(60))).await;
    assert_eq!(fetched.by_ticker[0].gaps[0].detail, "who is it?");
}

/// What is told on the way adds up.
#[tokio::test(start_paused = true)]
async fn progress_is_told() {
    let world = World::new(&SITES, 3, 0.3);
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    let fetcher =
        fetcher(&world, brief()).with_watcher(move |event| heard.lock().unwrap().push(event.clone()));
    let fetched = fetcher.fetch(&tickers(3), as_of(), FetchPolicy::within(Duration::from_secs(120))).await;
    let told = told.lock().unwrap();
    assert_eq!(told[0], FetchEvent::Began { wanted: 15 });
    let count = |wanted: fn(&FetchEvent) -> bool| told.iter().filter(|event| wanted(event)).count();
    assert_eq!(count(|event| matches!(event, FetchEvent::Answered { .. })), 15);
    let sent = count(|event| matches!(event, FetchEvent::Sent { .. }));
    assert_eq!(u64::try_from(sent).unwrap(), fetched.requests());
    assert!(count(|event| matches!(event, FetchEvent::Retrying { .. })) > 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    /// Whatever goes wrong: no host is asked more often than it bears, the deadline holds, and what is not there is named.
    #[test]
    fn with_faults_limits_hold_and_all_is_named(seed: u64, n in 1_usize..12, seconds in 1_u64..90) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let world = World::new(&SITES, seed, 0.1);
            let policy = FetchPolicy::within(Duration::from_secs(seconds));
            let fetched = fetcher(&world, brief()).fetch(&tickers(n), as_of(), policy).await;
            prop_assert_eq!(world.violations(), 0);
            prop_assert!(fetched.elapsed <= Duration::from_secs(seconds));
            for fetch in &fetched.by_ticker {
                for (source, due) in [("prices", 1), ("names", 1), ("filings", 2), ("news", 4), ("tables", 8)] {
                    let there = fetch.items.iter().filter(|item| item.source.as_str() == source).count();
                    let is_named = fetch.gaps.iter().any(|gap| gap.source.as_ref().is_some_and(|id| id.as_str() == source));
                    prop_assert!(there == due || is_named, "{source} of {}: {there} of {due}, {:?}", fetch.ticker, fetch.gaps);
                    prop_assert!(there <= due);
                }
            }
            Ok(())
        })?;
    }
}
