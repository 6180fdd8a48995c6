//! The other side: hosts that answer after a while, hold to their limits, count who oversteps them, fail, and write a log.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use assize_ambient::{Seed, Timestamp};
use assize_transport::{Error, ErrorKind, Headers, RawResponse, Request, Transport};
use async_trait::async_trait;
use tokio::time::{Instant, sleep};

use crate::sources::Site;

/// An attempt is given up after so long; a server that hangs does so for longer.
pub(crate) const ATTEMPT: Duration = Duration::from_secs(15);
const HANGS: Duration = Duration::from_secs(20);
/// Timers are exact to a millisecond.
const GRAIN: f64 = 0.002;

/// One request as the server saw it. Times are seconds since the servers were started.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) host: &'static str,
    pub(crate) url: String,
    pub(crate) arrived: f64,
    /// How long the one who asked waited.
    pub(crate) took: f64,
    /// For how long it said that nobody should come.
    pub(crate) alone: Option<f64>,
    /// Whether there was an answer.
    pub(crate) is_answered: bool,
}

#[derive(Debug)]
struct Bucket {
    rate: f64,
    burst: f64,
    tokens: f64,
    filled: f64,
}

#[derive(Debug, Default)]
struct State {
    buckets: BTreeMap<&'static str, Bucket>,
    log: Vec<Seen>,
    overstepped: usize,
}

/// Hosts in virtual time.
#[derive(Debug, Clone)]
pub(crate) struct Servers {
    seed: Seed,
    /// The share of requests that go wrong.
    faults: f64,
    began: Instant,
    state: Arc<Mutex<State>>,
}

impl Servers {
    pub(crate) fn new(sites: &[Site], seed: u64, faults: f64) -> Self {
        let bucket = |site: &Site| {
            let burst = f64::from(site.burst);
            (site.host, Bucket { rate: site.rate, burst, tokens: burst, filled: 0.0 })
        };
        let state = State { buckets: sites.iter().map(bucket).collect(), ..State::default() };
        let state = Arc::new(Mutex::new(state));
        Self { seed: Seed::new(seed), faults, began: Instant::now(), state }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was seen until now, in the order of arrival.
    pub(crate) fn log(&self) -> Vec<Seen> {
        self.state().log.clone()
    }

    /// How many requests came faster than the limit of their host allows.
    pub(crate) fn overstepped(&self) -> usize {
        self.state().overstepped
    }

    /// Counts a request against its host's limit.
    fn enter(&self, host: &str) -> Option<(&'static str, f64)> {
        let mut state = self.state();
        let now = self.began.elapsed().as_secs_f64();
        let (&host, bucket) = state.buckets.iter_mut().find(|(name, _)| **name == host)?;
        bucket.tokens = (bucket.tokens + (now - bucket.filled) * bucket.rate).min(bucket.burst);
        bucket.filled = now;
        let is_over = bucket.tokens < 1.0 - GRAIN * bucket.rate;
        bucket.tokens -= 1.0;
        state.overstepped += usize::from(is_over);
        Some((host, now))
    }
}

#[async_trait]
impl Transport for Servers {
    async fn send(&self, request: Request) -> Result<RawResponse, Error> {
        let url = request.url().as_str().to_owned();
        let known = self.enter(request.url().host().unwrap_or_default());
        let Some((host, arrived)) = known else {
            return Err(ErrorKind::Unreachable.error(format!("find the host of {url}")));
        };
        let number = self.state().log.iter().filter(|seen| seen.url == url).count();
        let mut chance = self.seed.child(&url).child(&number.to_string()).rng();
        let mut took = Duration::from_secs_f64(chance.log_normal(-1.4, 0.5).clamp(0.05, 5.0));
        let (mut status, mut retry_after, mut body) = (200, None, "it is so");
        let mut is_broken = false;
        if chance.happens(self.faults) {
            match chance.below(6) {
                0 => (status, retry_after) = (429, Some("2")),
                1 => status = 429,
                2 => status = 503,
                3 => body = "please limit requests to one every 5 seconds",
                4 => took = HANGS,
                _ => is_broken = true,
            }
        }
        let is_answered = status == 200 && body == "it is so" && !is_broken && took < ATTEMPT;
        let alone = match (retry_after, body) {
            (Some(_), _) => Some(2.0),
            (None, "it is so") => None,
            _ => Some(5.0),
        };
        let waited = took.min(ATTEMPT).as_secs_f64();
        self.state().log.push(Seen { host, url, arrived, took: waited, alone, is_answered });
        sleep(took).await;
        if is_broken {
            return Err(ErrorKind::Broken.error("read the answer: it broke off"));
        }
        let headers = Headers::from_iter(retry_after.map(|text| ("retry-after", text)));
        Ok(RawResponse::new(&request, status, headers, body, Timestamp::UNIX_EPOCH))
    }
}
