//! How soon keys are asked for again, and for how long it would pay to keep values.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, BuildHasherDefault};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use assize_ambient::{Clock, Timestamp};
use rustc_hash::FxHasher;
use serde::Serialize;

use crate::Key;
use crate::envelope::later;

/// The times to live that are compared, in seconds: 10 s to a week.
const CANDIDATES_S: [u64; 13] =
    [10, 30, 60, 120, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400, 604_800];
/// The most keys that are followed.
const MOST_KEYS: usize = 8_192;
/// The most namespaces that are told apart; further ones are not followed.
const MOST_NAMESPACES: usize = 256;
/// With fewer requests than this, nothing is suggested.
const LEAST_REQUESTS: f64 = 100.0;
/// A time to live is long enough if it brings this share of the hits that the best would bring.
const ENOUGH: f64 = 0.95;

/// Watches which keys are asked for again and when, and suggests times to live.
///
/// For a sample of the keys it plays through what caches with different times to live would have served: a value is kept
/// from its computation on and never longer because it is served. The sample is of keys, by their hash, so that whoever is
/// followed is followed always (Waldspurger, Park, Garthwaite and Ahmad, "Efficient MRC construction with SHARDS",
/// FAST 2015); it is all keys up to 8,192, and then half as large a share whenever that is passed. Room is taken to be
/// endless: what is let go for want of it is missed sooner.
///
/// Give it to [`Tiered::observe_reuse`](crate::Tiered::observe_reuse), or tell it of each request.
///
/// ```
/// use std::{sync::Arc, time::Duration};
/// use assize_ambient::{Timestamp, VirtualClock};
/// use assize_cache::{Namespace, ReuseObserver};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
/// let observer = ReuseObserver::new(Arc::new(VirtualClock::starting_at(Timestamp::UNIX_EPOCH)));
/// let key = Namespace::new("quotes", 1)?.key("KO")?;
/// for _ in 0..1000 {
///     observer.asked_for(&key);
///     tokio::time::advance(Duration::from_secs(1)).await;
/// }
/// let quotes = &observer.suggestions()[0];
/// assert_eq!(quotes.suggested, Some(Duration::from_secs(30)), "29 of 30 hit");
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ReuseObserver {
    clock: Arc<dyn Clock>,
    /// Keys whose hash is not above it are followed.
    highest: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// By the hash of the key: when each candidate's value expires.
    keys: BTreeMap<u64, [Timestamp; CANDIDATES_S.len()]>,
    namespaces: BTreeMap<String, Counts>,
    /// How many times the sample was halved.
    halved: i32,
}

/// Of the sample; what was counted when it was larger has been scaled down with it.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    requests: f64,
    hits: [f64; CANDIDATES_S.len()],
}

/// For how long the values of a namespace are worth keeping.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TtlSuggestion {
    /// The namespace's name, whatever its version.
    pub namespace: String,
    /// How many requests there were, estimated from the sample.
    pub requests: f64,
    /// The hit rate that each time to live would have brought, 0 to 1, the shortest first.
    pub hit_rates: Vec<TtlHitRate>,
    /// The shortest of them that brings 95 % of the hits that the best does; `None` after fewer than 100 requests of the
    /// sample, or where none would bring any.
    pub suggested: Option<Duration>,
}

/// What a time to live would have brought.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TtlHitRate {
    /// The time to live, in seconds.
    pub ttl_seconds: u64,
    /// Hits among requests, 0 to 1.
    pub hit_rate: f64,
}

impl ReuseObserver {
    /// One that has seen nothing yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, highest: AtomicU64::new(u64::MAX), state: Mutex::default() }
    }

    /// Takes note that a key was asked for.
    pub fn asked_for(&self, key: &Key) {
        let hash = BuildHasherDefault::<FxHasher>::default().hash_one(key.as_str());
        if hash > self.highest.load(Ordering::Relaxed) {
            return;
        }
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // It may have been lowered while we waited.
        if hash > self.highest.load(Ordering::Relaxed) {
            return;
        }
        if !state.namespaces.contains_key(key.namespace()) {
            if state.namespaces.len() >= MOST_NAMESPACES {
                return;
            }
            state.namespaces.insert(key.namespace().to_owned(), Counts::default());
        }
        let State { keys, namespaces, .. } = &mut *state;
        let Some(counts) = namespaces.get_mut(key.namespace()) else { return };
        counts.requests += 1.0;
        let expiries = keys.entry(hash).or_insert([Timestamp::MIN; CANDIDATES_S.len()]);
        for ((expiry, hits), ttl) in expiries.iter_mut().zip(&mut counts.hits).zip(CANDIDATES_S) {
            if now < *expiry {
                *hits += 1.0;
            } else {
                *expiry = later(now, Duration::from_secs(ttl));
            }
        }
        if keys.len() > MOST_KEYS {
            let highest = self.highest.load(Ordering::Relaxed) / 2;
            self.highest.store(highest, Ordering::Relaxed);
            state.halve(highest);
        }
    }

    /// What it suggests, by namespace.
    #[must_use]
    pub fn suggestions(&self) -> Vec<TtlSuggestion> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let suggest = |(namespace, counts): (&String, &Counts)| {
            let rate = |hits: f64| if counts.requests > 0.0 { hits / counts.requests } else { 0.0 };
            let hit_rates = CANDIDATES_S.iter().zip(counts.hits);
            let hit_rates = hit_rates
                .map(|(&ttl_seconds, hits)| TtlHitRate { ttl_seconds, hit_rate: rate(hits) })
                .collect::<Vec<_>>();
            let best = hit_rates.iter().map(|one| one.hit_rate).fold(0.0, f64::max);
            let is_enough = |one: &&TtlHitRate| best > 0.0 && one.hit_rate >= ENOUGH * best;
            let suggested = (counts.requests >= LEAST_REQUESTS)
                .then(|| hit_rates.iter().find(is_enough))
                .flatten()
                .map(|one| Duration::from_secs(one.ttl_seconds));
            TtlSuggestion {
                namespace: namespace.clone(),
                requests: counts.requests * 2_f64.powi(state.halved),
                hit_rates,
                suggested,
            }
        };
        state.namespaces.iter().map(suggest).collect()
    }
}

impl State {
    /// Follows only the keys whose hash is not above `highest`, which is half of what it was.
    fn halve(&mut self, highest: u64) {
        self.halved += 1;
        if let Some(above) = highest.checked_add(1) {
            drop(self.keys.split_off(&above));
        }
        for counts in self.namespaces.values_mut() {
            counts.requests /= 2.0;
            counts.hits.iter_mut().for_each(|hits| *hits /= 2.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use assize_ambient::Seed;

    use super::*;
    use crate::{Namespace, conformance::ManualClock};

    fn observer() -> (ReuseObserver, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        (ReuseObserver::new(clock.clone()), clock)
    }

    fn key(text: &str) -> Key {
        Namespace::new("n", 1).unwrap().key(text).unwrap()
    }

    #[test]
    fn a_key_that_comes_back_every_ninety_seconds_is_played_through_exactly() {
        let (observer, clock) = observer();
        for _ in 0..4_000 {
            observer.asked_for(&key("a"));
            clock.advance(Duration::from_secs(90));
        }
        let [suggestion] = &observer.suggestions()[..] else { panic!("one namespace") };
        let rates = suggestion.hit_rates.iter().map(|one| one.hit_rate).collect::<Vec<_>>();
        // A value kept for t seconds serves the ⌈t / 90⌉ − 1 requests that follow the one that brought it.
        let expected = CANDIDATES_S.map(|ttl| {
            let kept = 4_000 / ttl.div_ceil(90).min(4_000) + u64::from(4_000 % ttl.div_ceil(90) != 0);
            1.0 - f64::from(u32::try_from(kept.min(4_000)).unwrap()) / 4_000.0
        });
        for ((rate, expected), ttl) in rates.iter().zip(expected).zip(CANDIDATES_S) {
            assert!((rate - expected).abs() < 1e-3, "{ttl} s: {rate} instead of {expected}");
        }
        assert_eq!(suggestion.suggested, Some(Duration::from_secs(1_800)), "19 of 20 hit");
    }

    #[test]
    fn little_or_no_reuse_suggests_nothing() {
        let (observer, clock) = observer();
        for n in 0..99 {
            observer.asked_for(&key("again"));
            observer.asked_for(&Namespace::new("once", 1).unwrap().key(&n.to_string()).unwrap());
            clock.advance(Duration::from_secs(1));
        }
        assert!(observer.suggestions().iter().all(|one| one.suggested.is_none()));
        observer.asked_for(&key("again"));
        observer.asked_for(&Namespace::new("once", 2).unwrap().key("new").unwrap());
        let [again, once] = &observer.suggestions()[..] else { panic!("two namespaces") };
        assert_eq!((again.suggested, once.suggested), (Some(Duration::from_secs(30)), None));
    }

    #[test]
    fn a_sample_says_what_all_keys_would_say() {
        let (observer, clock) = observer();
        let mut chance = Seed::new(5).rng();
        let mut filled = BTreeMap::new();
        let (mut hits, all) = (0.0, 300_000);
        for _ in 0..all {
            // Many keys that come seldom, few that come often.
            let n = (chance.unit() * chance.unit() * 100_000.0).floor().to_string();
            observer.asked_for(&key(&n));
            let (now, expiry) = (clock.now(), filled.entry(n).or_insert(Timestamp::MIN));
            if now < *expiry {
                hits += 1.0;
            } else {
                *expiry = later(now, Duration::from_secs(3_600));
            }
            clock.advance(Duration::from_millis(100));
        }
        let suggestion = &observer.suggestions()[0];
        let hour = suggestion.hit_rates.iter().find(|one| one.ttl_seconds == 3_600).unwrap();
        let exact = hits / f64::from(all);
        assert!((hour.hit_rate - exact).abs() < 0.03, "{} instead of {exact}", hour.hit_rate);
        assert!((suggestion.requests / f64::from(all) - 1.0).abs() < 0.1, "{} requests", suggestion.requests);
        assert!(observer.state.lock().unwrap().keys.len() <= MOST_KEYS);
    }
}
