//! The books of the sites: who asked for what, when, and what came of it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::Serialize;
use tokio::time::Instant;

use super::{Site, SiteFault, SiteFaults};
use crate::{Limit, limit::Buckets};

/// Requests that are told apart; beyond that, each is taken for the first of its kind.
const MOST_REMEMBERED: usize = 1 << 20;
/// For so long the SEC blocks who asked too often.
const BLOCK: Duration = Duration::from_secs(600);

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Came {
    /// The answer, whole.
    Served,
    /// The site does not have it.
    Missing,
    /// More than the limit allows, or during a block.
    OverLimit,
    /// A fault was played.
    Faulty(SiteFault),
}

/// A request, as the site saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Seen {
    /// When it arrived, counted from the first request of all.
    pub after: Duration,
    /// How long the site took to begin its answer.
    pub took: Duration,
    /// Host, path and parameters, without keys.
    pub what: String,
    /// What came of it.
    pub came: Came,
    /// For how long the answer asked to be left alone, by a header or in words, if it did.
    pub wait: Option<Duration>,
}

impl Seen {
    /// A request that nothing came of yet.
    pub(super) fn new(what: String, took: Duration, came: Came, wait: Option<Duration>) -> Self {
        Self { after: Duration::ZERO, took, what, came, wait }
    }
}

/// What a host knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HostTruth {
    /// Requests, whatever came of them.
    pub requests: u64,
    /// Answers without a fault.
    pub served: u64,
    /// Requests for what the site does not have.
    pub missing: u64,
    /// Requests over the limit, those during a block included.
    pub violations: u64,
    /// Of these, those that came while the site blocked.
    pub while_blocked: u64,
    /// Faults that were played.
    pub faults: BTreeMap<SiteFault, u64>,
    /// Each request, up to a million, in the order in which they arrived.
    pub log: Vec<Seen>,
}

#[derive(Debug)]
struct Host {
    site: Site,
    truth: HostTruth,
    buckets: Option<Buckets>,
    blocked_until: Option<Instant>,
}

#[derive(Debug)]
pub(super) struct Books {
    started: Option<Instant>,
    hosts: BTreeMap<String, Host>,
    times_seen: BTreeMap<[u8; 32], u64>,
    limits: BTreeMap<Site, Limit>,
    pub(super) faults: SiteFaults,
}

/// What the limit says to a request.
pub(super) enum Admission {
    /// It passes; so many of the same passed before.
    Passed {
        times: u64,
    },
    OverLimit {
        wait: Duration,
    },
}

impl Books {
    /// The limit of a site from now on; what is left of bursts stays, up to the new one.
    pub(super) fn set_limit(&mut self, site: Site, limit: Limit, now: Instant) {
        self.limits.insert(site, limit);
        for host in self.hosts.values_mut().filter(|host| host.site == site) {
            if let Some(buckets) = &mut host.buckets {
                buckets.change(limit, now);
            }
        }
    }

    fn host(&mut self, site: Site, budget: &str) -> &mut Host {
        let fresh = || Host { site, truth: HostTruth::default(), buckets: None, blocked_until: None };
        self.hosts.entry(budget.to_owned()).or_insert_with(fresh)
    }

    pub(super) fn admit(&mut self, site: Site, budget: &str, digest: [u8; 32], now: Instant) -> Admission {
        let limit = self.limits.get(&site).copied().unwrap_or_else(|| site.limit());
        self.started.get_or_insert(now);
        let host = self.host(site, budget);
        host.truth.requests += 1;
        let blocks = site == Site::Sec;
        if host.blocked_until.is_some_and(|until| now < until) {
            host.truth.violations += 1;
            host.truth.while_blocked += 1;
            // Whoever goes on asking waits longer.
            host.blocked_until = Some(now + BLOCK);
            return Admission::OverLimit { wait: BLOCK };
        }
        let buckets = host.buckets.get_or_insert_with(|| Buckets::full(limit, now));
        if let Err(wait) = buckets.take(0, now) {
            host.truth.violations += 1;
            if blocks {
                host.blocked_until = Some(now + BLOCK);
                return Admission::OverLimit { wait: BLOCK };
            }
            return Admission::OverLimit { wait };
        }
        if self.times_seen.len() >= MOST_REMEMBERED && !self.times_seen.contains_key(&digest) {
            return Admission::Passed { times: 0 };
        }
        let seen = self.times_seen.entry(digest).or_insert(0);
        *seen += 1;
        Admission::Passed { times: *seen - 1 }
    }

    /// Writes down what came of a request that arrived `now`.
    pub(super) fn note(&mut self, budget: &str, now: Instant, seen: Seen) {
        let after = self.started.map_or(Duration::ZERO, |started| now.saturating_duration_since(started));
        let Some(host) = self.hosts.get_mut(budget) else { return };
        let truth = &mut host.truth;
        match seen.came {
            Came::Served => truth.served += 1,
            Came::Missing => truth.missing += 1,
            Came::OverLimit => {}
            Came::Faulty(fault) => *truth.faults.entry(fault).or_insert(0) += 1,
        }
        if truth.log.len() < MOST_REMEMBERED {
            truth.log.push(Seen { after, ..seen });
        }
    }

    pub(super) fn truth(&self) -> BTreeMap<String, HostTruth> {
        self.hosts.iter().map(|(budget, host)| (budget.clone(), host.truth.clone())).collect()
    }
}

/// The books, shared.
#[derive(Debug, Clone)]
pub(super) struct Shared(Arc<Mutex<Books>>);

impl Shared {
    pub(super) fn new() -> Self {
        Self::holding(BTreeMap::new(), SiteFaults::none())
    }

    /// Empty books with the same limits and faults.
    pub(super) fn fresh(&self) -> Self {
        let books = self.lock();
        Self::holding(books.limits.clone(), books.faults.clone())
    }

    fn holding(limits: BTreeMap<Site, Limit>, faults: SiteFaults) -> Self {
        let (hosts, times_seen) = (BTreeMap::new(), BTreeMap::new());
        Self(Arc::new(Mutex::new(Books { started: None, hosts, times_seen, limits, faults })))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
