//! What is asked for, request by request. Generated from a seed and declared, not recorded.

use std::collections::BTreeSet;

use assize_ambient::Chance;

use crate::{entries::SEED, figures::real};

/// A request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request {
    /// What is asked for.
    pub(crate) key: usize,
    /// Whether it counts: one-off keys cannot be hits and do not.
    pub(crate) counts: bool,
}

/// The exponent of the zipf workloads, as YCSB has it.
const SKEW: f64 = 0.99;
/// So many requests lie between two scans, and a scan asks for so many keys, as parts of the working set.
const BETWEEN_SCANS: f64 = 1.0;
const SCAN: f64 = 0.5;

/// An interactive user asks so many questions in a session.
const QUESTIONS: usize = 40;
/// With this chance a question is one that was never asked before.
const NEW: f64 = 0.3;
/// Of the others, this part repeats a question of the same session; the rest one of an earlier session.
const SAME_SESSION: f64 = 0.6;

/// Draws ranks 0 to n − 1, the lower the oftener.
struct Zipf {
    sums: Vec<f64>,
}

impl Zipf {
    fn new(n: usize) -> Self {
        let weight = |rank| 1.0 / libm::pow(real(rank), SKEW);
        let sum = |sum: &mut f64, rank| {
            *sum += weight(rank);
            Some(*sum)
        };
        Self { sums: (1..=n).scan(0.0, sum).collect() }
    }

    /// A rank below `n`, which is at most what it was made for.
    fn below(&self, n: usize, chance: &mut Chance) -> usize {
        let of = &self.sums[..n];
        let at = chance.unit() * of.last().copied().unwrap_or_default();
        of.partition_point(|&sum| sum <= at).min(n.saturating_sub(1))
    }
}

/// Requests for `keys` keys, a few of them far oftener than others.
pub(crate) fn zipf(keys: usize, requests: usize) -> Vec<Request> {
    let (zipf, mut chance) = (Zipf::new(keys), SEED.child("zipf").rng());
    // Shuffled, so that neighbouring keys are not of neighbouring rank.
    let mut of_rank: Vec<usize> = (0..keys).collect();
    chance.shuffle(&mut of_rank);
    (0..requests).map(|_| Request { key: of_rank[zipf.below(keys, &mut chance)], counts: true }).collect()
}

/// The same, with a scan of keys that nobody asks for again through it from time to time.
pub(crate) fn zipf_with_scans(keys: usize, requests: usize) -> Vec<Request> {
    let part = |part: f64| (1..=keys).take_while(|&n| real(n) <= part * real(keys)).count();
    let (between, scan) = (part(BETWEEN_SCANS).max(1), part(SCAN));
    let mut next = keys;
    let mut all = Vec::new();
    for some in zipf(keys, requests).chunks(between) {
        all.extend(some);
        all.extend((next..next + scan).map(|key| Request { key, counts: false }));
        next += scan;
    }
    all
}

/// The questions of an interactive user, session after session: some are new, some repeat what was asked in the same
/// session, the later the likelier, some what was asked in an earlier one, the same way.
pub(crate) fn repeated_queries(requests: usize) -> Vec<Request> {
    let (zipf, mut chance) = (Zipf::new(requests), SEED.child("sessions").rng());
    let (mut earlier, mut all) = (Vec::new(), Vec::new());
    let mut next = 0;
    while all.len() < requests {
        let mut here: Vec<usize> = Vec::new();
        for _ in 0..QUESTIONS {
            let known = if chance.happens(SAME_SESSION) { &here } else { &earlier };
            let key = if chance.happens(NEW) || known.is_empty() {
                next += 1;
                next - 1
            } else {
                known[known.len() - 1 - zipf.below(known.len(), &mut chance)]
            };
            here.push(key);
            all.push(Request { key, counts: true });
        }
        earlier.append(&mut here);
    }
    all.truncate(requests);
    all
}

/// How many different keys count, and how many of the requests that count are not the first for their key.
pub(crate) fn repeats(requests: &[Request]) -> (usize, usize) {
    let counted = requests.iter().filter(|request| request.counts);
    let distinct: BTreeSet<usize> = counted.clone().map(|request| request.key).collect();
    (distinct.len(), counted.count() - distinct.len())
}
