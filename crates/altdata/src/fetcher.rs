//! Asking all sources about all tickers, within one deadline, losing no reason on the way.

mod ask;
mod fetched;
mod gather;
mod health;
mod hosts;
mod kept;
mod line;
mod past;
mod pile;
mod policy;
mod progress;
mod resuming;
mod sending;

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Arc;

use assize_ambient::{Clock, Seed};
use assize_cache::{Key, Namespace, Tiered};
use assize_transport::{RetryPolicy, Transport};
use futures_util::{StreamExt as _, stream};
use tokio::task::unconstrained;
use tokio::time::Instant;

use self::ask::{Answers, Round};
use self::health::Health;
use self::hosts::Hosts;
use self::progress::Watcher;
use crate::{AsOf, Identity, Source, SourceKind, Ticker};

pub use self::fetched::{FetchRecord, Fetched, NotAsked, REMOVED_LISTED, RemovedItem, TickerFetch};
pub use self::health::{ATTEMPTS_REMEMBERED, Attempt, SourceHealth};
pub use self::past::Past;
pub use self::policy::{FetchOrder, FetchPolicy};
pub use self::progress::FetchEvent;
pub use self::resuming::ANSWERS_KEPT;

/// Asks every source about every ticker.
///
/// **Order.** Sources of identities are asked first by whom needs to know which company is meant. Otherwise all hosts are
/// asked at the same time, each no faster than its sources' [rate and burst](crate::SourceMeta) say, and in the order that
/// the [policy](FetchOrder) has: prices before filings, options, news and the rest, and within a kind all tickers in turn; or
/// ticker after ticker. Clones share what they know of the hosts, so that several fetches at once keep to the same limits.
///
/// **Once.** A request that several tickers or sources need is sent once; a source that can ask about several companies at
/// once [is told of all](crate::Source::for_companies). With a [cache](Self::with_cache) an answer is used
/// again for as long as its source says ([`SourceMeta::ttl`](crate::SourceMeta::ttl)).
///
/// **Failures.** What passes by itself is tried again, with growing and random waits, within the deadline. A host that
/// refuses us, or asks to be left alone for longer than there is time, is left alone, and no other. A source that fails, is
/// slow, empty or malformed is a [`Gap`](crate::Gap) of that ticker at that source and harms nothing else.
///
/// ```
/// use std::{sync::Arc, time::Duration};
/// use assize_altdata::{AsOf, FetchPolicy, Fetcher, GapReason};
/// use assize_ambient::{FixedClock, Timestamp};
/// use assize_transport::FileTransport;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
/// let clock = Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH));
/// let transport = FileTransport::new(std::env::temp_dir(), clock.clone())?;
/// let fetcher = Fetcher::new(Arc::new(transport), Vec::new(), clock);
/// let as_of: AsOf = "1998-03-02".parse()?;
/// let fetched =
///     runtime.block_on(fetcher.fetch(&["KO".parse()?], as_of, FetchPolicy::within(Duration::from_secs(5))));
/// assert_eq!(fetched.by_ticker[0].gaps[0].reason, GapReason::NoSource);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Fetcher {
    transport: Arc<dyn Transport>,
    sources: Vec<Arc<dyn Source>>,
    clock: Arc<dyn Clock>,
    hosts: Arc<Hosts>,
    health: Arc<Health>,
    cards: Arc<BTreeMap<Ticker, Arc<Identity>>>,
    not_asked: Vec<NotAsked>,
    answers: Option<Tiered>,
    /// Whose answers these are, where it is not the network that is asked.
    realm: Arc<str>,
    retries: RetryPolicy,
    seed: Seed,
    watcher: Option<Watcher>,
}

impl Fetcher {
    /// A fetcher that asks `sources` through `transport`; `clock` says when it began.
    #[must_use]
    pub fn new(transport: Arc<dyn Transport>, sources: Vec<Arc<dyn Source>>, clock: Arc<dyn Clock>) -> Self {
        Self {
            transport,
            hosts: Arc::new(Hosts::of(&sources)),
            sources,
            clock,
            health: Arc::default(),
            cards: Arc::default(),
            not_asked: Vec::new(),
            answers: None,
            realm: Arc::default(),
            retries: RetryPolicy::default(),
            seed: Seed::new(0),
            watcher: None,
        }
    }

    /// The same, keeping answers there. What was kept is used again as long as its source says, and where the source
    /// [can be gone on with](Source::resumes), for 30 days: only what is new is asked for then. Failures are not kept, nor
    /// answers about another company, nor such as repeat a secret. A level of the cache takes nothing for fresh longer than
    /// [it was told to](assize_cache::Level::with_fresh_at_most): one on disk wants [`ANSWERS_KEPT`].
    #[must_use]
    pub fn with_cache(mut self, answers: Tiered) -> Self {
        self.answers = Some(answers);
        self
    }

    /// The same, keeping its answers apart from those of other realms in the same cache: those of a market that is played are
    /// none of the real one's, though their addresses are the same. Without this the realm has no name.
    #[must_use]
    pub fn in_realm(mut self, realm: impl Into<Arc<str>>) -> Self {
        self.realm = realm.into();
        self
    }

    /// The key of something kept, of these parts.
    fn key(&self, space: &Namespace, parts: [&str; 2]) -> Key {
        let [one, other] = parts.map(str::as_bytes);
        match self.realm.as_bytes() {
            [] => space.hashed(&[one, other]),
            realm => space.hashed(&[one, other, realm]),
        }
    }

    /// The same, trying again as `retries` says; `seed` is for the random part of the waits.
    #[must_use]
    pub fn with_retries(mut self, retries: RetryPolicy, seed: Seed) -> Self {
        (self.retries, self.seed) = (retries, seed);
        self
    }

    /// The same, knowing which companies these tickers mean: better than any source does.
    #[must_use]
    pub fn with_identities(mut self, cards: impl IntoIterator<Item = Identity>) -> Self {
        self.cards = Arc::new(cards.into_iter().map(|card| (card.ticker.clone(), Arc::new(card))).collect());
        self
    }

    /// The same, telling of sources that there are and that are not among its own.
    #[must_use]
    pub fn with_not_asked(mut self, not_asked: Vec<NotAsked>) -> Self {
        self.not_asked = not_asked;
        self
    }

    /// The same, telling `watcher` what happens. It is called on the way and must not wait.
    #[must_use]
    pub fn with_watcher(mut self, watcher: impl Fn(&FetchEvent) + Send + Sync + 'static) -> Self {
        self.watcher = Some(Watcher(Arc::new(watcher)));
        self
    }

    /// The same, asking only those of its sources that are `wanted`.
    #[must_use]
    pub fn asking_only(mut self, wanted: impl Fn(&dyn Source) -> bool) -> Self {
        self.sources.retain(|source| wanted(&**source));
        self
    }

    /// The sources that it asks.
    #[must_use]
    pub fn sources(&self) -> &[Arc<dyn Source>] {
        &self.sources
    }

    /// Sources that there are and that are not among its own, and why.
    #[must_use]
    pub fn not_asked(&self) -> &[NotAsked] {
        &self.not_asked
    }

    /// How each source has fared by now, in the order of sources.
    #[must_use]
    pub fn health(&self) -> Vec<SourceHealth> {
        self.health.of(self.sources.iter().map(|source| &**source))
    }

    /// Fetches all `tickers`, each once, and cuts what came at `as_of`. The result's order is that of `tickers` and of
    /// the sources, not that of the answers.
    pub async fn fetch(&self, tickers: &[Ticker], as_of: AsOf, policy: FetchPolicy) -> Fetched {
        let mut by_place = BTreeMap::new();
        let keep = |place, fetch| {
            by_place.insert(place, fetch);
        };
        let record = self.fetch_each(tickers, as_of, policy, keep).await;
        record.with(by_place.into_values().collect())
    }

    /// The same, handing over what came for each ticker as soon as its last source has answered, or the deadline is there:
    /// work on the first need not wait for the last. `each` is given the ticker's place in `tickers` (the first one, if it
    /// is there more than once) and what [`fetch`](Self::fetch) would have for it, in whatever order they are complete. It
    /// is called on the way and must not wait: nothing is fetched meanwhile. What it is given can go into a channel.
    ///
    /// ```
    /// use std::{sync::Arc, time::Duration};
    /// use assize_altdata::{FetchPolicy, Fetcher};
    /// use assize_ambient::{FixedClock, Timestamp};
    /// use assize_transport::FileTransport;
    ///
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    /// # let clock = Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH));
    /// # let transport = FileTransport::new(std::env::temp_dir(), clock.clone())?;
    /// # let fetcher = Fetcher::new(Arc::new(transport), Vec::new(), clock);
    /// let (tickers, as_of) = (["KO".parse()?, "PEP".parse()?], "1998-03-02".parse()?);
    /// let mut complete = Vec::new();
    /// let each = |place: usize, _| complete.push(place);
    /// let record = runtime.block_on(fetcher.fetch_each(&tickers, as_of, FetchPolicy::within(Duration::from_secs(5)), each));
    /// assert_eq!((complete, record.health.len()), (vec![0, 1], 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn fetch_each(
        &self,
        tickers: &[Ticker],
        as_of: AsOf,
        policy: FetchPolicy,
        mut each: impl FnMut(usize, TickerFetch),
    ) -> FetchRecord {
        self.ask_all(tickers, as_of, policy, |place, ticker, answers| {
            each(place, gather::gather(ticker, answers.into_values(), &self.sources, as_of));
        })
        .await
    }

    /// Asks all, and hands over what they answered for each ticker, before any cut.
    async fn ask_all(
        &self,
        tickers: &[Ticker],
        as_of: AsOf,
        policy: FetchPolicy,
        mut each: impl FnMut(usize, &Ticker, BTreeMap<usize, Answers>),
    ) -> FetchRecord {
        let started_at = self.clock.now();
        let mut seen = BTreeSet::new();
        let wanted = tickers.iter().enumerate().filter(|(_, ticker)| seen.insert(*ticker));
        let (places, tickers): (Vec<usize>, Vec<Ticker>) =
            wanted.map(|(place, ticker)| (place, ticker.clone())).unzip();
        self.tell(|| FetchEvent::Began { wanted: tickers.len() * self.sources.len() });
        let round = Arc::new(Round::new(self, &tickers, as_of, policy));
        let mut jobs: Vec<(usize, usize)> = (0..tickers.len())
            .flat_map(|ticker| (0..self.sources.len()).map(move |source| (ticker, source)))
            .collect();
        // Stable: each ticker's sources of a kind in their order.
        jobs.sort_by_key(|(ticker, source)| round.place(*ticker, *source, 0));
        let asked = jobs.into_iter().map(|(ticker, source)| {
            let round = Arc::clone(&round);
            // All jobs are one task. With the task's budget only its first 128 steps would get anywhere each time it is
            // looked at, and thousands of others would be looked at in vain; the stream itself lets others have their turn.
            async move { ((ticker, source), unconstrained(round.ask(ticker, source)).await) }
        });
        let concurrency =
            policy.concurrency.clamp(1, tickers.len().saturating_mul(self.sources.len()).max(1));
        let mut asked = pin!(stream::iter(asked).buffer_unordered(concurrency));
        let mut by_ticker: Vec<BTreeMap<usize, Answers>> = vec![BTreeMap::new(); tickers.len()];
        let mut hand_over = |ticker: usize, answers: BTreeMap<usize, Answers>| {
            each(places[ticker], &tickers[ticker], answers);
        };
        while let Some(((ticker, source), answers)) = asked.next().await {
            by_ticker[ticker].insert(source, answers);
            if by_ticker[ticker].len() == self.sources.len() {
                hand_over(ticker, std::mem::take(&mut by_ticker[ticker]));
            }
        }
        if self.sources.is_empty() {
            (0..tickers.len()).for_each(|ticker| hand_over(ticker, BTreeMap::new()));
        }
        let (not_asked, health) = (self.not_asked.clone(), self.health());
        FetchRecord { not_asked, health, started_at, elapsed: round.start().elapsed() }
    }

    fn tell(&self, event: impl FnOnce() -> FetchEvent) {
        if let Some(Watcher(watcher)) = &self.watcher {
            watcher(&event());
        }
    }
}

/// In which order kinds are asked for, where they share a host.
fn rank(kind: SourceKind) -> usize {
    const ORDER: [SourceKind; 12] = [
        SourceKind::Identity,
        SourceKind::Prices,
        SourceKind::Filings,
        SourceKind::Insiders,
        SourceKind::Options,
        SourceKind::News,
        SourceKind::Facts,
        SourceKind::Attention,
        SourceKind::Social,
        SourceKind::Macro,
        SourceKind::ShortVolume,
        SourceKind::Video,
    ];
    ORDER.iter().position(|one| *one == kind).unwrap_or(ORDER.len())
}

/// When a fetch began, and when it must end.
#[derive(Clone, Copy, Debug)]
struct Limit {
    start: Instant,
    /// `None` if it lies beyond the end of time.
    end: Option<Instant>,
}

impl Limit {
    fn is_over(self) -> bool {
        self.end.is_some_and(|end| end <= Instant::now())
    }

    fn left(self) -> Option<std::time::Duration> {
        self.end.map(|end| end.saturating_duration_since(Instant::now()))
    }
}

#[cfg(test)]
mod tests;
