//! What the vendors know, and the client cannot.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::Serialize;
use tokio::time::Instant;

use crate::{
    Fault, Faults, Limit, Refusal, Vendor,
    limit::{Buckets, Stands},
    reply::Tokens,
};

/// After so many different requests, further ones are not remembered: each of them then counts as the first of its kind.
const MOST_REMEMBERED: usize = 1 << 20;

/// Calls that were billed, and their tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Billed {
    /// Calls.
    pub requests: u64,
    /// Tokens, as generated and billed.
    pub tokens: Tokens,
}

impl Billed {
    fn add(&mut self, tokens: &Tokens) {
        self.requests += 1;
        self.tokens.add(tokens);
    }
}

/// What one vendor knows. Every request is in exactly one place:
/// [`seen`](Self::seen) = all of [`refused`](Self::refused) + [`free`](Self::free) + [`unbilled`](Self::unbilled) + all of
/// [`served`](Self::served) + all of [`possibly_billed`](Self::possibly_billed) + [`in_flight`](Self::in_flight).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct VendorTruth {
    /// Requests that arrived.
    pub seen: u64,
    /// Requests that were refused, faults aside. Not billed.
    pub refused: BTreeMap<Refusal, u64>,
    /// Answers that cost nothing: lists of models, counts of tokens.
    pub free: u64,
    /// Faults that were played. Some of these calls are billed: [`Fault`] says which.
    pub faults: BTreeMap<Fault, u64>,
    /// Calls that a fault kept from being billed.
    pub unbilled: u64,
    /// By model: calls whose reply was taken whole.
    pub served: BTreeMap<String, Billed>,
    /// By model: calls that are billed though the client got no whole reply: cut, hung, garbled, or given up by the client.
    pub possibly_billed: BTreeMap<String, Billed>,
    /// Calls accepted, and not yet at their end.
    pub in_flight: u64,
    /// The most calls that were in flight at once.
    pub most_in_flight: u64,
}

/// What is known of one key of one vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct KeyTruth {
    /// The vendor.
    pub vendor: Vendor,
    /// A digest of the key, never the key.
    pub key: String,
    /// Valid requests with this key.
    pub seen: u64,
    /// Of these, refused by the hidden limit.
    pub over_limit: u64,
    /// Answers that asked for a wait, by the hidden limit or as a fault.
    pub asked_to_wait: u64,
    /// Requests that came again before the wait was over that their refusal had asked for. A polite client has none.
    pub early_retries: u64,
    /// Requests of any content that came before a wait was over that any refusal of this key had asked for.
    pub early_requests: u64,
    /// By how much the earliest of the early retries came too early, in nanoseconds.
    pub earliest_by_ns: u64,
}

/// What the vendors know: the oracle against which a client's books are held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Truth {
    /// The version of this form, as JSON: 1.
    pub format_version: u32,
    /// By vendor; all vendors are there.
    pub vendors: BTreeMap<Vendor, VendorTruth>,
    /// By vendor and digest.
    pub keys: Vec<KeyTruth>,
}

impl VendorTruth {
    /// Calls whose reply was taken whole, all models together.
    #[must_use]
    pub fn total_served(&self) -> Billed {
        total(&self.served)
    }

    /// Calls billed without a whole reply, all models together.
    #[must_use]
    pub fn total_possibly_billed(&self) -> Billed {
        total(&self.possibly_billed)
    }

    /// Whether every request that was seen is in exactly one place.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let refused: u64 = self.refused.values().sum();
        let billed = self.total_served().requests + self.total_possibly_billed().requests;
        self.seen == refused + self.free + self.unbilled + billed + self.in_flight
    }
}

fn total(by_model: &BTreeMap<String, Billed>) -> Billed {
    let mut sum = Billed::default();
    for billed in by_model.values() {
        sum.requests += billed.requests;
        sum.tokens.add(&billed.tokens);
    }
    sum
}

/// The digest of a request's content.
pub(crate) type Digest = [u8; 32];

#[derive(Debug)]
struct Key {
    truth: KeyTruth,
    buckets: Option<Buckets>,
    /// Until when a refusal of this key asked to wait.
    asked_until: Option<Instant>,
    /// The same for each request that was refused so, until it comes again.
    asked_of: BTreeMap<Digest, Instant>,
}

/// All that changes while the vendors are played.
#[derive(Debug)]
pub(crate) struct Books {
    vendors: BTreeMap<Vendor, VendorTruth>,
    keys: BTreeMap<(Vendor, String), Key>,
    times_seen: BTreeMap<Digest, u64>,
    refused_keys: BTreeSet<String>,
    limit: Option<Limit>,
    faults: Faults,
}

/// What the hidden limit says to a request.
pub(crate) enum Admission {
    /// It passes: how often the same request passed before, what may go wrong with it, and what headers say.
    Passed { times: u64, faults: Faults, stands: Option<Stands> },
    /// It must wait.
    OverLimit { wait: Duration, stands: Option<Stands> },
}

impl Books {
    pub(crate) fn new() -> Self {
        Self {
            vendors: Vendor::ALL.into_iter().map(|vendor| (vendor, VendorTruth::default())).collect(),
            keys: BTreeMap::new(),
            times_seen: BTreeMap::new(),
            refused_keys: BTreeSet::new(),
            limit: None,
            faults: Faults::none(),
        }
    }

    pub(crate) fn of(&mut self, vendor: Vendor) -> &mut VendorTruth {
        self.vendors.entry(vendor).or_default()
    }

    pub(crate) fn refuse_key(&mut self, digest: String) {
        self.refused_keys.insert(digest);
    }

    pub(crate) fn refuses_key(&self, digest: &str) -> bool {
        self.refused_keys.contains(digest)
    }

    pub(crate) fn set_faults(&mut self, faults: Faults) {
        self.faults = faults;
    }

    pub(crate) fn set_limit(&mut self, limit: Option<Limit>, now: Instant) {
        self.limit = limit;
        for key in self.keys.values_mut() {
            key.buckets = match (key.buckets.take(), limit) {
                (Some(mut buckets), Some(limit)) => {
                    buckets.change(limit, now);
                    Some(buckets)
                }
                (None, Some(limit)) => Some(Buckets::full(limit, now)),
                (_, None) => None,
            };
        }
    }

    fn key(&mut self, vendor: Vendor, digest: &str, now: Instant) -> &mut Key {
        let limit = self.limit;
        self.keys.entry((vendor, digest.to_owned())).or_insert_with(|| Key {
            truth: KeyTruth {
                vendor,
                key: digest.to_owned(),
                seen: 0,
                over_limit: 0,
                asked_to_wait: 0,
                early_retries: 0,
                early_requests: 0,
                earliest_by_ns: 0,
            },
            buckets: limit.map(|limit| Buckets::full(limit, now)),
            asked_until: None,
            asked_of: BTreeMap::new(),
        })
    }

    /// A valid request with this key comes to the hidden limit.
    pub(crate) fn admit(
        &mut self,
        vendor: Vendor,
        key: &str,
        request: &Digest,
        tokens: u64,
        now: Instant,
    ) -> Admission {
        let key = self.key(vendor, key, now);
        key.truth.seen += 1;
        if key.asked_until.is_some_and(|until| now < until) {
            key.truth.early_requests += 1;
        }
        if let Some(until) = key.asked_of.remove(request)
            && now < until
        {
            key.truth.early_retries += 1;
            let early = u64::try_from((until - now).as_nanos()).unwrap_or(u64::MAX);
            key.truth.earliest_by_ns = key.truth.earliest_by_ns.max(early);
        }
        let taken = key.buckets.as_mut().map_or(Ok(()), |buckets| buckets.take(tokens, now));
        let stands = key.buckets.as_ref().map(Buckets::stands);
        if let Err(wait) = taken {
            key.truth.over_limit += 1;
            return Admission::OverLimit { wait, stands };
        }
        let known = self.times_seen.len() < MOST_REMEMBERED || self.times_seen.contains_key(request);
        let times = if known {
            let seen = self.times_seen.entry(*request).or_insert(0);
            *seen += 1;
            *seen - 1
        } else {
            0
        };
        Admission::Passed { times, faults: self.faults.clone(), stands }
    }

    /// This request was told to wait so long.
    pub(crate) fn asked_to_wait(
        &mut self,
        vendor: Vendor,
        key: &str,
        request: &Digest,
        wait: Duration,
        now: Instant,
    ) {
        let key = self.key(vendor, key, now);
        key.truth.asked_to_wait += 1;
        let until = now + wait;
        key.asked_until = key.asked_until.max(Some(until));
        if key.asked_of.len() < MOST_REMEMBERED {
            key.asked_of.insert(*request, until);
        }
    }

    pub(crate) fn truth(&self) -> Truth {
        Truth {
            format_version: 1,
            vendors: self.vendors.clone(),
            keys: self.keys.values().map(|key| key.truth.clone()).collect(),
        }
    }
}

/// The books, shared.
#[derive(Debug, Clone)]
pub(crate) struct Shared(Arc<Mutex<Books>>);

impl Shared {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Books::new())))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a call bills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Billing {
    /// As any reply: served once it was taken whole; until then the prompt, and what was sent.
    AsSent,
    /// Served once it was taken whole; until then in full all the same, for the reply was generated at once.
    InFull,
    /// In full, but never as served: what is sent is no reply.
    InFullUnserved,
    /// The prompt and what was sent, and never as served.
    AsSentUnserved,
    /// Nothing.
    Nothing,
}

/// An accepted call, on its way to its end. Dropping it is an end as well.
#[derive(Debug)]
pub(crate) struct Call {
    books: Shared,
    vendor: Vendor,
    model: String,
    tokens: Tokens,
    billing: Billing,
    sent: u64,
    ended: bool,
}

impl Call {
    /// Takes a call in.
    pub(crate) fn accept(
        books: &Shared,
        vendor: Vendor,
        model: &str,
        tokens: Tokens,
        billing: Billing,
    ) -> Self {
        let mut locked = books.lock();
        let truth = locked.of(vendor);
        truth.in_flight += 1;
        truth.most_in_flight = truth.most_in_flight.max(truth.in_flight);
        Self { books: books.clone(), vendor, model: model.to_owned(), tokens, billing, sent: 0, ended: false }
    }

    /// So many visible tokens were sent by now; and perhaps the reply is whole.
    pub(crate) fn sent(&mut self, tokens: u64, whole: bool) {
        self.sent = tokens;
        if whole && matches!(self.billing, Billing::AsSent | Billing::InFull) {
            self.end(true);
        }
    }

    fn end(&mut self, whole: bool) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let mut books = self.books.lock();
        let truth = books.of(self.vendor);
        truth.in_flight -= 1;
        let (to, tokens) = match self.billing {
            Billing::Nothing => {
                truth.unbilled += 1;
                return;
            }
            _ if whole => (&mut truth.served, self.tokens),
            Billing::InFull | Billing::InFullUnserved => (&mut truth.possibly_billed, self.tokens),
            Billing::AsSent | Billing::AsSentUnserved => {
                (&mut truth.possibly_billed, self.tokens.up_to(self.sent))
            }
        };
        to.entry(std::mem::take(&mut self.model)).or_default().add(&tokens);
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.end(false);
    }
}
