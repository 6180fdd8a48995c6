//! A vendor's embedding model, asked over a transport.

mod asking;
mod batches;
mod booking;
mod builder;
mod format;
mod quirks;
mod vector;

use std::{collections::BTreeMap, fmt, sync::Arc};

use assize_ambient::Seed;
use assize_llm::ModelId;
use assize_retrieval::{Embedder, EmbedderIdentity, Error, ErrorKind};
use assize_transport::Transport;
use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, stream};

pub use builder::EmbeddingBuilder;
pub(crate) use quirks::EmbeddingQuirks;

use crate::Endpoint;
use asking::{Asking, Failure};

/// What is asked for in the place of a blank text, which vendors refuse, some even as a space.
const BLANK: &str = ".";

/// An embedding model at an [`Endpoint`] that speaks `OpenAI`'s `POST embeddings`: `OpenAI` itself, vLLM, Ollama, llama.cpp,
/// Mistral, text-embeddings-inference and most others.
///
/// Texts go out in batches, several at once, each text once however often it stands there; a blank one is asked for as a full
/// stop. Each vector is put at its text's place, checked and brought to length 1. Each batch is retried, limited and booked
/// by itself. When one fails for good, the call fails, and what is under way of the others is dropped.
///
/// An error's [source](std::error::Error::source) is the [`assize_llm::Error`] of the call where there was one: it has the
/// kind, and the wait that was asked for.
///
/// ```
/// use std::sync::Arc;
///
/// use assize_ambient::{Seed, SystemClock};
/// use assize_loopback::World;
/// use assize_retrieval::Embedder;
/// use assize_transport::ServiceTransport;
/// use assize_vendors::{EmbeddingModel, Endpoint};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let world = World::new(Seed::new(7), Arc::new(SystemClock));
/// let transport = Arc::new(ServiceTransport::new(world, Arc::new(SystemClock)));
/// let endpoint = Endpoint::known("openai")?.with_key("sk-any");
/// let model = EmbeddingModel::builder(endpoint, "text-embedding-3-small", transport, Seed::new(1)).probe().await?;
/// assert_eq!(model.identity().to_string(), "openai/text-embedding-3-small 1 (1536 dimensions)");
///
/// let vectors = model.embed(&["Will rates rise?", "Rates will rise.", "A drought."]).await?;
/// let cosine = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
/// assert!(cosine(&vectors[0], &vectors[1]) > cosine(&vectors[0], &vectors[2]));
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// As the embedder of a [`SemanticCache`](assize_llm::SemanticCache), which waits for it no longer than it was told to and
/// leaves it alone while it fails:
///
/// ```
/// use std::{sync::Arc, time::Duration};
///
/// use assize_ambient::{Seed, SystemClock};
/// use assize_cache::{DEFAULT_MEMORY_BYTES, Level, MemoryTier, Tiered};
/// use assize_llm::{
///     ChatModel, ChatRequest, Reuse, ReuseScope, ScriptedModel, SemanticCache, SemanticCached, SemanticOptions,
/// };
/// use assize_loopback::World;
/// use assize_retrieval::{AdaptiveIndex, Embedder};
/// use assize_transport::ServiceTransport;
/// use assize_vendors::{EmbeddingModel, Endpoint};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let (clock, seed) = (Arc::new(SystemClock), Seed::new(7));
/// let world = World::new(seed, clock.clone());
/// let transport = Arc::new(ServiceTransport::new(world, clock.clone()));
/// let endpoint = Endpoint::known("openai")?.with_key("sk-any");
/// let embedder = EmbeddingModel::builder(endpoint, "text-embedding-3-small", transport, seed);
/// let embedder = Arc::new(embedder.shortened_to(256).build()?);
///
/// let day = Duration::from_secs(24 * 3600);
/// let memory = Arc::new(MemoryTier::new(DEFAULT_MEMORY_BYTES, clock.clone()));
/// let level = Level::memory(memory).with_fresh_at_most(day);
/// let replies = Tiered::new(vec![level], clock.clone(), seed);
/// let index = Box::new(AdaptiveIndex::new(embedder.identity().dimensions())?);
/// let options = SemanticOptions::new(day).with_shadow(0.0);
/// let cache = SemanticCache::new(embedder, replies, index, options, clock, seed)?;
///
/// let model = Arc::new(ScriptedModel::saying("analyst", ["383 billion dollars."]));
/// let model = SemanticCached::new(model, cache.clone());
/// for text in ["What was Apple's revenue in 2023?", "In 2023, what was Apple's revenue?"] {
///     let reuse = Reuse::Semantic { scope: ReuseScope::of("acme"), at_least: None };
///     let reply = model.complete(ChatRequest::new(text).with_reuse(reuse)).await?;
///     assert_eq!(reply.text, "383 billion dollars.");
/// }
/// assert_eq!(cache.statistics().hits, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct EmbeddingModel {
    identity: EmbedderIdentity,
    asking: Asking,
    most_texts: usize,
    most_bytes: usize,
}

impl fmt::Debug for EmbeddingModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddingModel")
            .field("identity", &self.identity)
            .field("endpoint", &self.asking.endpoint)
            .finish_non_exhaustive()
    }
}

impl EmbeddingModel {
    /// Begins the model with this name at this endpoint. The seed is for the waits between attempts.
    pub fn builder(
        endpoint: Endpoint,
        model: impl Into<ModelId>,
        transport: Arc<dyn Transport>,
        seed: Seed,
    ) -> EmbeddingBuilder {
        EmbeddingBuilder::new(endpoint, model.into(), transport, seed)
    }

    /// Where it is asked.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.asking.endpoint
    }

    /// The vectors of texts that differ, none of them blank.
    async fn ask(&self, texts: &[&str], dimensions: Option<usize>) -> Result<Vec<Vec<f32>>, Error> {
        let batches = batches::batches(texts, self.most_texts, self.most_bytes);
        let at_once = self.asking.gate.state().places;
        let calls: Vec<_> = batches.into_iter().map(|batch| self.asking.ask(batch, dimensions)).collect();
        let vectors: Result<Vec<_>, _> = stream::iter(calls).buffered(at_once).try_collect().await;
        match vectors {
            Ok(vectors) => Ok(vectors.into_iter().flatten().collect()),
            Err(failure) => Err(self.error(failure)),
        }
    }

    fn error(&self, failure: Failure) -> Error {
        use assize_llm::ErrorKind as Call;
        let id = self.identity.id();
        match failure {
            Failure::Vectors(why) => ErrorKind::BadVector.error(format!("embed with {id}: {why}")),
            Failure::Call(error) => {
                let kind = match error.kind() {
                    Call::ContextTooLong => ErrorKind::BadInput,
                    _ => ErrorKind::Unavailable,
                };
                kind.error(format!("embed with {id}")).because(error)
            }
        }
    }
}

#[async_trait]
impl Embedder for EmbeddingModel {
    fn identity(&self) -> &EmbedderIdentity {
        &self.identity
    }

    async fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, Error> {
        self.identity.check_texts(texts)?;
        let (mut different, mut places) = (Vec::new(), BTreeMap::new());
        let wanted: Vec<usize> = texts
            .iter()
            .map(|text| {
                let text = if text.trim().is_empty() { BLANK } else { text };
                *places.entry(text).or_insert_with(|| {
                    different.push(text);
                    different.len() - 1
                })
            })
            .collect();
        let vectors = self.ask(&different, Some(self.identity.dimensions())).await?;
        if different.len() == texts.len() {
            return Ok(vectors);
        }
        Ok(wanted.into_iter().filter_map(|place| vectors.get(place).cloned()).collect())
    }
}
