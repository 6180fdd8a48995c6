//! A cache whose embedder finds all texts alike, and a model whose replies tell what it was asked.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use assize_ambient::{Seed, Timestamp, VirtualClock};
use assize_cache::{DEFAULT_MEMORY_BYTES, Level, MemoryTier, Tiered};
use assize_llm::{
    CacheOutcome, ChatModel, ChatReply, ChatRequest, Error, ModelId, ReplyDelta, ReplyStream, Reuse,
    ReuseScope, SemanticCache, SemanticCached, SemanticOptions,
};
use assize_metering::{TokenUsage, Usage};
use assize_retrieval::{Embedder, EmbedderIdentity, FlatIndex};
use async_trait::async_trait;
use futures_util::{StreamExt, stream};

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// Gives all texts one and the same vector, but for those that it was told, and says that it knows what they mean.
#[derive(Debug)]
pub(crate) struct Alike {
    identity: EmbedderIdentity,
    likeness: BTreeMap<&'static str, f32>,
    n_embedded: AtomicU32,
}

impl Alike {
    pub(crate) fn new() -> Self {
        Self::version("1")
    }

    pub(crate) fn version(version: &str) -> Self {
        let identity = EmbedderIdentity::new("alike", version, 2).expect("a name and two dimensions");
        Self { identity: identity.semantic(), likeness: BTreeMap::new(), n_embedded: AtomicU32::new(0) }
    }

    /// The same, where this text has so much likeness (a cosine) to those that it was not told.
    pub(crate) fn but(mut self, text: &'static str, likeness: f32) -> Self {
        self.likeness.insert(text, likeness);
        self
    }

    /// How many texts it has seen.
    pub(crate) fn n_embedded(&self) -> u32 {
        self.n_embedded.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Embedder for Alike {
    fn identity(&self) -> &EmbedderIdentity {
        &self.identity
    }

    async fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, assize_retrieval::Error> {
        self.identity.check_texts(texts)?;
        let vector = |text: &&str| {
            self.n_embedded.fetch_add(1, Ordering::Relaxed);
            let likeness = self.likeness.get(text).copied().unwrap_or(1.0);
            vec![likeness, (1.0 - likeness * likeness).sqrt()]
        };
        Ok(texts.iter().map(vector).collect())
    }
}

/// Says how often it was asked, and what.
#[derive(Debug)]
pub(crate) struct Answering {
    id: ModelId,
    n_asked: AtomicU32,
}

impl Answering {
    pub(crate) fn new(id: &str) -> Arc<Self> {
        Arc::new(Self { id: id.into(), n_asked: AtomicU32::new(0) })
    }

    pub(crate) fn n_asked(&self) -> u32 {
        self.n_asked.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl ChatModel for Answering {
    fn id(&self) -> &ModelId {
        &self.id
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        let n = self.n_asked.fetch_add(1, Ordering::Relaxed) + 1;
        let asked = request.messages.last().map_or("", |message| &*message.text);
        let text = format!("reply {n} of {}, to: {asked}", self.id);
        Ok(ChatReply::new(self.id.clone(), text, Usage::reported(TokenUsage::of(20, 10))))
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        let reply = self.complete(request).await?;
        let deltas = [ReplyDelta::Text(reply.text.clone()), ReplyDelta::Done(Box::new(reply))];
        Ok(stream::iter(deltas.map(Ok)).boxed())
    }
}

/// Tiers in memory that keep what they get for a day at most, on virtual time.
pub(crate) fn tiers() -> (Tiered, Arc<VirtualClock>) {
    let clock = Arc::new(VirtualClock::starting_at(Timestamp::UNIX_EPOCH));
    let memory = Arc::new(MemoryTier::new(DEFAULT_MEMORY_BYTES, clock.clone()));
    let levels = vec![Level::memory(memory).with_fresh_at_most(24 * HOUR)];
    (Tiered::new(levels, clock.clone(), Seed::new(7)), clock)
}

/// Options under which whatever may be served is served.
pub(crate) fn options() -> SemanticOptions {
    SemanticOptions::new(HOUR).with_shadow(0.0).with_most_entries(20_000)
}

pub(crate) fn cache(embedder: impl Embedder + 'static, options: SemanticOptions) -> SemanticCache {
    shared_cache(Arc::new(embedder), options)
}

pub(crate) fn shared_cache(embedder: Arc<dyn Embedder>, options: SemanticOptions) -> SemanticCache {
    let (tiers, clock) = tiers();
    let index = FlatIndex::new(embedder.identity().dimensions()).expect("an index");
    SemanticCache::new(embedder, tiers, Box::new(index), options, clock, Seed::new(7)).expect("a cache")
}

/// A model of its own behind a cache of its own that finds all texts alike.
pub(crate) fn model() -> SemanticCached {
    SemanticCached::new(Answering::new("oracle"), cache(Alike::new(), options()))
}

/// A request that may be served by replies to what means the same, for this tenant.
pub(crate) fn request(tenant: &str, text: &str) -> ChatRequest {
    ChatRequest::new(text).with_reuse(Reuse::Semantic { scope: ReuseScope::of(tenant), at_least: None })
}

/// What was replied, and whether it came out of the cache.
pub(crate) async fn ask(model: &dyn ChatModel, request: ChatRequest) -> (String, bool) {
    let reply = model.complete(request).await.expect("a reply");
    let served = match reply.telemetry.cache {
        Some(CacheOutcome::Hit) => true,
        Some(CacheOutcome::Miss) | None => false,
    };
    (reply.text, served)
}

/// Whether the reply to the first request is given to the second.
pub(crate) async fn serves(
    first: &dyn ChatModel,
    a: ChatRequest,
    second: &dyn ChatModel,
    b: ChatRequest,
) -> bool {
    let (to_a, of_earlier) = ask(first, a).await;
    assert!(!of_earlier, "the first request must be new: {to_a}");
    let (to_b, served) = ask(second, b).await;
    assert_eq!(to_a == to_b, served, "a hit is the reply to the first request: {to_a:?}, {to_b:?}");
    served
}

/// Whether the reply to one question is given to another, asked by the same tenant of the same model.
pub(crate) async fn served(a: &str, b: &str) -> bool {
    let model = model();
    serves(&model, request("acme", a), &model, request("acme", b)).await
}
