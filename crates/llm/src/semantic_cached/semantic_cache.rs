//! The cache that wrappers of several models share.

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use assize_ambient::{Chance, Clock, Seed, Timestamp};
use assize_cache::{Key, Namespace, Policy, Selector, Tag, Tiered};
use assize_retrieval::{self as retrieval, Embedder, Hit, Query, TextHash, VectorIndex};
use tokio::time::timeout;

use super::{
    EntryId, SemanticHit, SemanticOptions, SemanticStatistics,
    entry::Entry,
    namespace::{Placed, place},
    statistics::Counts,
    threshold::Thresholds,
};
use crate::{ChatReply, ChatRequest, Error, ErrorKind, FinishReason, ModelId, Reuse};

/// Its version is raised whenever the stored form of an entry changes.
const SPACE: Namespace = Namespace::known("semantic_replies", 1);
/// How many of the nearest entries are looked at.
const CANDIDATES: usize = 8;
/// The least similarity that counts as the greatest: what rounding leaves of it.
const SAME_DIRECTION: f32 = 0.999_999;

/// Whether the reply of a hit was what a reply to the request should have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It was.
    Right,
    /// It was not.
    Wrong,
}

/// Questions that were answered, found again by what they mean. [`SemanticCached`](super::SemanticCached) puts it around a
/// model; wrappers of several models may share one. Clones are one cache.
///
/// What an entry says lies in the tiers; the index has its vector alone. An entry that the tiers no longer have, or that is
/// older than its time, is a miss, and leaves the index when it is found. The tiers' own times and sizes bind as well: a
/// reply that is to live for a day needs a tier that keeps it for a day.
///
/// The index is searched on the caller's thread, behind a lock: 100,000 vectors of 384 dimensions take about half a
/// millisecond. With a [`StoredIndex`](retrieval::StoredIndex) over tiers that last, the cache lasts as well; what was
/// learned about thresholds does not.
#[derive(Clone)]
pub struct SemanticCache(Arc<Inner>);

struct Inner {
    embedder: Arc<dyn Embedder>,
    replies: Tiered,
    shelf: Mutex<Shelf>,
    thresholds: Mutex<Thresholds>,
    chance: Mutex<Chance>,
    options: SemanticOptions,
    policy: Policy,
    ttl_us: i64,
    clock: Arc<dyn Clock>,
    counts: Counts,
}

/// The index, and the ids in it that are known, which sort by age.
struct Shelf {
    index: Box<dyn VectorIndex>,
    ids: BTreeSet<String>,
}

impl fmt::Debug for SemanticCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SemanticCache")
            .field("embedder", self.0.embedder.identity())
            .field("options", &self.0.options)
            .finish_non_exhaustive()
    }
}

/// A request that may be served by a reply to another one.
pub(super) struct Asked {
    namespace: Arc<str>,
    question: String,
    tenant: Tag,
    vector: Vec<f32>,
    /// The least similarity for the caller.
    at_least: f32,
}

/// An entry that the guards let pass.
pub(super) struct Candidate {
    entry: Entry,
    hit: SemanticHit,
}

impl Candidate {
    pub(super) fn reply(&self) -> ChatReply {
        self.entry.served(self.hit.clone())
    }
}

/// What a search found.
pub(super) enum Found {
    /// A reply to serve.
    Hit(Candidate),
    /// One to compare with the model's reply. It is near enough to be served, were it not drawn for a sample.
    Shadow(Candidate),
    /// One to compare with the model's reply. It is not near enough to be served.
    Near(Candidate),
    Nothing,
}

impl SemanticCache {
    /// A cache of replies in these tiers, found by `embedder` and `index`. Of an index with entries, those are known whose
    /// ids it tells when it is searched for all of them. `seed` decides which hits are samples.
    ///
    /// # Errors
    /// [`BadRequest`](ErrorKind::BadRequest) for an embedder that is not [declared
    /// semantic](assize_retrieval::EmbedderIdentity::is_semantic), and for an index of other dimensions than it has.
    pub fn new(
        embedder: Arc<dyn Embedder>,
        replies: Tiered,
        index: Box<dyn VectorIndex>,
        options: SemanticOptions,
        clock: Arc<dyn Clock>,
        seed: Seed,
    ) -> Result<Self, Error> {
        let identity = embedder.identity();
        if !identity.is_semantic() {
            let why = "it compares letters, not meanings; take one that is declared semantic";
            return Err(refused(format!("make a semantic cache with the embedder {identity}: {why}")));
        }
        let mut any = vec![0.0; identity.dimensions()];
        any[0] = 1.0;
        let known = index.search(&Query::new(&any, index.count().max(1))).map_err(|cause| {
            refused(format!("make a semantic cache with the embedder {identity}: failed to {cause}"))
                .with_source(cause)
        })?;
        let ids = known.into_iter().map(|hit| hit.id).collect();
        Ok(Self(Arc::new(Inner {
            replies,
            shelf: Mutex::new(Shelf { index, ids }),
            thresholds: Mutex::new(Thresholds::new(
                options.threshold,
                options.error_bound,
                options.most_namespaces,
            )),
            chance: Mutex::new(seed.child("shadow").rng()),
            // Neither spread nor early: nothing is computed anew behind anybody's back.
            policy: Policy::new(options.ttl).with_jitter(0.0).with_early(0.0),
            ttl_us: i64::try_from(options.ttl.as_micros()).unwrap_or(i64::MAX),
            options,
            clock,
            counts: Counts::default(),
            embedder,
        })))
    }

    /// Says whether a hit was right. It counts for the threshold of what the request has in common with others; an entry
    /// that was wrong is forgotten.
    pub async fn feedback(&self, hit: &SemanticHit, verdict: Verdict) {
        let this = &*self.0;
        let is_right = verdict == Verdict::Right;
        lock(&this.thresholds).judge(&hit.namespace, hit.similarity, is_right);
        if is_right {
            this.counts.judged_right.add();
        } else {
            this.counts.judged_wrong.add();
            self.forget(&hit.entry).await;
        }
    }

    /// Drops one entry. Whether it was there. Once this returns, it serves nobody.
    pub async fn forget(&self, entry: &EntryId) -> bool {
        let this = &*self.0;
        let was_there = lock(&this.shelf).remove(entry.as_str());
        this.replies.invalidate(&Selector::Key(key(entry.as_str()))).await;
        if was_there {
            this.counts.forgotten.add();
        }
        was_there
    }

    /// The least similarity that requests like the one of this hit need now. Above 1 nothing is served.
    #[must_use]
    pub fn threshold(&self, hit: &SemanticHit) -> f32 {
        lock(&self.0.thresholds).of(&hit.namespace)
    }

    /// What happened since it was made.
    #[must_use]
    pub fn statistics(&self) -> SemanticStatistics {
        let entries = lock(&self.0.shelf).index.count();
        self.0.counts.snapshot(entries, lock(&self.0.thresholds).count())
    }

    /// The request, embedded; `None` if it is not to be searched for.
    pub(super) async fn asked(&self, request: &ChatRequest, model: &ModelId) -> Option<Asked> {
        let this = &*self.0;
        let Reuse::Semantic { scope, at_least } = &request.reuse else { return None };
        this.counts.requests.add();
        let placed = place(request, scope, model, this.embedder.identity());
        let Some(Placed { namespace, question }) =
            placed.filter(|placed| placed.question.len() <= this.options.longest_question)
        else {
            this.counts.too_long.add();
            return None;
        };
        let texts = [question];
        let embedded = timeout(this.options.embed_within, this.embedder.embed(&texts)).await;
        let Some(vector) = embedded.ok().and_then(Result::ok).and_then(|mut vectors| vectors.pop()) else {
            this.counts.not_embedded.add();
            return None;
        };
        // What is no number is not a wish that could be met.
        let at_least = at_least.map_or(0.0, |least| if least.is_nan() { f32::INFINITY } else { least });
        Some(Asked {
            namespace: namespace.into(),
            question: question.to_owned(),
            tenant: Tag::hashed(&["tenant", &scope.tenant]),
            vector,
            at_least,
        })
    }

    /// What there is for a request.
    pub(super) async fn search(&self, asked: &Asked) -> Found {
        let this = &*self.0;
        this.counts.searched.add();
        let least = lock(&this.thresholds).of(&asked.namespace).max(asked.at_least);
        let query = Query::new(&asked.vector, CANDIDATES).with_tag(&asked.namespace);
        let near = lock(&this.shelf).index.search(&query);
        for Hit { id, score, .. } in near.unwrap_or_default() {
            let similarity = if score >= SAME_DIRECTION { 1.0 } else { score };
            let is_near_enough = similarity >= least;
            let Some(entry) = self.entry(&id, asked).await else { continue };
            match this.options.guards.judge(&asked.question, &entry.question) {
                Err(guard) => this.counts.refused(guard),
                Ok(()) => {
                    let hit =
                        SemanticHit { entry: (&*id).into(), similarity, namespace: asked.namespace.clone() };
                    let candidate = Candidate { entry, hit };
                    if !is_near_enough {
                        this.counts.below_threshold.add();
                        return Found::Near(candidate);
                    }
                    if lock(&this.chance).happens(this.options.shadow) {
                        return Found::Shadow(candidate);
                    }
                    this.counts.hits.add();
                    return Found::Hit(candidate);
                }
            }
            if !is_near_enough {
                break;
            }
        }
        Found::Nothing
    }

    /// The entry with this id. One that is gone leaves the index.
    async fn entry(&self, id: &str, asked: &Asked) -> Option<Entry> {
        let this = &*self.0;
        let read = this.replies.get::<Entry>(&key(id), &this.policy).await;
        let Some(entry) =
            read.map(|read| read.value).filter(|entry| entry.is_good(this.clock.now(), this.ttl_us))
        else {
            this.counts.gone.add();
            lock(&this.shelf).remove(id);
            return None;
        };
        if *entry.namespace != *asked.namespace {
            this.counts.foreign.add();
            return None;
        }
        Some(entry)
    }

    /// A hit after all, in place of a sample that failed.
    pub(super) fn serve_after_all(&self, candidate: &Candidate) -> ChatReply {
        self.0.counts.hits.add();
        candidate.reply()
    }

    /// Takes note of what the model said, where something was found that can be compared with it, and stores it.
    pub(super) async fn answered(&self, asked: &Asked, found: &Found, reply: &ChatReply) {
        let this = &*self.0;
        // What came out of a cache further in is of an earlier time.
        let is_new = reply.telemetry.cache != Some(crate::CacheOutcome::Hit);
        if !is_whole(reply) || !is_new {
            return;
        }
        if let Found::Shadow(candidate) | Found::Near(candidate) = found {
            let is_same = this.options.same_answer.is_same(&candidate.reply(), reply);
            lock(&this.thresholds).judge(&asked.namespace, candidate.hit.similarity, is_same);
            if matches!(found, Found::Shadow(_)) {
                this.counts.shadowed.add();
                if is_same {
                    // The entry serves the next one as well.
                    return;
                }
                this.counts.shadow_differed.add();
            } else {
                this.counts.compared.add();
            }
        }
        self.store(asked, reply).await;
    }

    async fn store(&self, asked: &Asked, reply: &ChatReply) {
        let this = &*self.0;
        let now = this.clock.now();
        let id = EntryId::new(&asked.namespace, &asked.question, now);
        let entry = Entry::new(&asked.namespace, &asked.question, reply, now);
        // One tag is never too many.
        let policy = this.policy.clone().with_tags(vec![asked.tenant.clone()]);
        let policy = policy.unwrap_or_else(|_| this.policy.clone());
        if this.replies.insert(&key(id.as_str()), &policy, &entry).await.is_err() {
            this.counts.not_stored.add();
            return;
        }
        let vector = retrieval::Entry::new(id.as_str(), asked.vector.clone())
            .tagged(&*asked.namespace)
            .made_of(TextHash::of(&asked.question));
        let mut shelf = lock(&this.shelf);
        let evicted = shelf.make_room(this.options.most_entries, this.options.ttl, now);
        (0..evicted).for_each(|_| this.counts.evicted.add());
        let has_room = shelf.index.count() < this.options.most_entries;
        if has_room && shelf.index.insert(vector).is_ok() {
            shelf.ids.insert(id.as_str().to_owned());
            this.counts.stored.add();
        } else {
            this.counts.not_stored.add();
        }
    }
}

impl Shelf {
    fn remove(&mut self, id: &str) -> bool {
        self.ids.remove(id);
        self.index.remove(id).unwrap_or(false)
    }

    /// Drops entries that are too old, and the oldest until there is room for one. How many.
    fn make_room(&mut self, most: usize, ttl: Duration, now: Timestamp) -> usize {
        let ttl = i64::try_from(ttl.as_micros()).unwrap_or(i64::MAX);
        let mut n = 0;
        while let Some(oldest) = self.ids.first().cloned() {
            let is_old = EntryId::micros(&oldest)
                .is_none_or(|made_at| now.as_microsecond().saturating_sub(made_at) >= ttl);
            if !is_old && self.index.count() < most {
                break;
            }
            self.remove(&oldest);
            n += 1;
        }
        n
    }
}

fn key(id: &str) -> Key {
    SPACE.hashed(&[id.as_bytes()])
}

fn refused(why: String) -> Error {
    let mut error = Error::new(ErrorKind::BadRequest, why);
    error.telemetry_mut().attempts = 0;
    error
}

/// Whether a reply may stand for one to another request.
fn is_whole(reply: &ChatReply) -> bool {
    reply.finish == FinishReason::Stop && reply.tool_calls.is_empty() && !reply.text.trim().is_empty()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
