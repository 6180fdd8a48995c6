//! Replies to requests that say the same in other words.

mod entry;
mod guards;
mod namespace;
mod options;
mod same_answer;
mod semantic_cache;
mod shelf;
mod statistics;
mod threshold;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use futures_util::{StreamExt, stream};

use self::semantic_cache::{Asked, Found};
pub use self::{
    entry::{EntryId, SemanticHit},
    guards::{Guard, Guards},
    options::SemanticOptions,
    same_answer::{SameAnswer, SameWords},
    semantic_cache::{SemanticCache, Verdict},
    statistics::SemanticStatistics,
    threshold::Proportion,
};
use crate::{
    CacheOutcome, ChatModel, ChatReply, ChatRequest, Error, ModelId, ReplyDelta, ReplyStream, Reuse,
    Telemetry,
};

/// Serves a reply to a request that says the same in other words.
///
/// Only requests that [allow it](Reuse::Semantic) are embedded, searched for and, when they were answered, stored. What two
/// requests must have in common to the last letter is the tenant, the corpus, the model, the system prompt, all parameters,
/// the form of the reply and all messages but the last; the last one, a question of the user, is compared by its meaning.
/// A near question serves if
/// - its similarity is at least the threshold of its namespace, which begins as configured and is learned from
///   [feedback](SemanticCache::feedback) and from samples, and at least what the caller asks for, who can only raise it;
/// - no [guard](Guards) objects, whatever the embedder says;
/// - its reply is no older than its time, which begins when the model answers and which no hit prolongs.
///
/// A share of the hits, 1 % unless it is said otherwise, is not served: the model is asked, and the two replies are
/// compared. That measures the share of false hits ([`SemanticStatistics::false_hit_rate`]). If the model fails then, the
/// hit is served after all.
///
/// A hit says so ([`Telemetry::semantic`](crate::Telemetry::semantic)), no vendor was asked for it, and its usage is what
/// the reply once took, marked as [involving no vendor](assize_metering::UsageBasis::Simulated). An embedder, an index or a
/// tier that fails is a miss. Put it inside of [`Cached`](crate::Cached), which needs no embedder for the same request, and
/// outside of whatever books, limits or retries.
///
/// ```
/// use std::{sync::Arc, time::Duration};
///
/// use assize_ambient::{Seed, SystemClock};
/// use assize_cache::{DEFAULT_MEMORY_BYTES, Level, MemoryTier, Tiered};
/// use assize_llm::{
///     ChatModel, ChatRequest, Reuse, ReuseScope, ScriptedModel, SemanticCache, SemanticCached, SemanticOptions,
/// };
/// use assize_retrieval::{AdaptiveIndex, ToldEmbedder};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let clock = Arc::new(SystemClock);
/// let memory = Arc::new(MemoryTier::new(DEFAULT_MEMORY_BYTES, clock.clone()));
/// let replies = Tiered::new(vec![Level::memory(memory)], clock.clone(), Seed::new(7));
/// let texts = ["What's the capital of France?", "Please tell me what France's capital is."];
/// let embedder = Arc::new(ToldEmbedder::new(8)?.means_the_same(&texts)?);
/// let index = Box::new(AdaptiveIndex::new(8)?);
/// let options = SemanticOptions::new(Duration::from_secs(3600)).with_shadow(0.0);
/// let cache = SemanticCache::new(embedder, replies, index, options, clock, Seed::new(7))?;
/// let model = SemanticCached::new(Arc::new(ScriptedModel::saying("parrot", ["Paris."])), cache.clone());
///
/// let asked = texts.map(|text| {
///     let reuse = Reuse::Semantic { scope: ReuseScope::of("acme"), at_least: None };
///     ChatRequest::new(text).with_reuse(reuse)
/// });
/// for request in asked {
///     assert_eq!(model.complete(request).await?.text, "Paris.");
/// }
/// assert_eq!(cache.statistics().hits, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SemanticCached {
    model: Arc<dyn ChatModel>,
    name: ModelId,
    cache: SemanticCache,
}

impl fmt::Debug for SemanticCached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SemanticCached").field("model", self.model.id()).field("cache", &self.cache).finish()
    }
}

impl SemanticCached {
    /// Serves this model's replies again, out of that cache.
    ///
    /// A model's id does not say who serves it: where several vendors' or servers' models share a cache, tell them apart
    /// with [`known_as`](Self::known_as).
    pub fn new(model: Arc<dyn ChatModel>, cache: SemanticCache) -> Self {
        Self { name: model.id().clone(), model, cache }
    }

    /// The same, keeping replies under this name instead of the model's id, which stays as it is: see
    /// [`Cached::known_as`](crate::Cached::known_as).
    #[must_use]
    pub fn known_as(mut self, name: impl Into<ModelId>) -> Self {
        self.name = name.into();
        self
    }

    async fn begin(&self, request: &ChatRequest) -> Call {
        let asked = self.cache.asked(request, &self.name).await;
        let found = match &asked {
            Some(asked) => self.cache.search(asked).await,
            None => Found::Nothing,
        };
        Call { cache: self.cache.clone(), asked, found }
    }
}

/// A call that may be served, or whose reply may be stored.
struct Call {
    cache: SemanticCache,
    asked: Option<Asked>,
    found: Found,
}

impl Call {
    /// The reply, if nobody need be asked.
    fn hit(&self) -> Option<ChatReply> {
        match &self.found {
            Found::Hit(candidate) => Some(candidate.reply()),
            Found::Shadow(_) | Found::Near(_) | Found::Nothing => None,
        }
    }

    /// What ends the call when the model has replied.
    async fn replied(&self, mut reply: ChatReply) -> ChatReply {
        if let Some(asked) = &self.asked {
            self.cache.answered(asked, &self.found, &reply).await;
        }
        missed(&mut reply.telemetry);
        reply
    }

    /// What ends the call when the model has failed.
    fn failed(&self, mut error: Error) -> Result<ChatReply, Error> {
        missed(error.telemetry_mut());
        let Found::Shadow(candidate) = &self.found else { return Err(error) };
        let mut reply = self.cache.serve_after_all(candidate);
        reply.telemetry.add_earlier(error.telemetry());
        Ok(reply)
    }
}

/// A cache further in may have had it.
fn missed(telemetry: &mut Telemetry) {
    telemetry.cache.get_or_insert(CacheOutcome::Miss);
}

#[async_trait]
impl ChatModel for SemanticCached {
    fn id(&self) -> &ModelId {
        self.model.id()
    }

    fn is_simulated(&self) -> bool {
        self.model.is_simulated()
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        if !matches!(request.reuse, Reuse::Semantic { .. }) {
            return self.model.complete(request).await;
        }
        let call = self.begin(&request).await;
        if let Some(reply) = call.hit() {
            return Ok(reply);
        }
        match self.model.complete(request).await {
            Ok(reply) => Ok(call.replied(reply).await),
            Err(error) => call.failed(error),
        }
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        if !matches!(request.reuse, Reuse::Semantic { .. }) {
            return self.model.stream(request).await;
        }
        let call = self.begin(&request).await;
        if let Some(reply) = call.hit() {
            return Ok(reply.into_stream());
        }
        let deltas = match self.model.stream(request).await {
            Ok(deltas) => deltas,
            Err(error) => return call.failed(error).map(ChatReply::into_stream),
        };
        Ok(stream::unfold((deltas, call), |(mut deltas, call)| async move {
            let delta = match deltas.next().await? {
                Ok(ReplyDelta::Done(reply)) => Ok(ReplyDelta::Done(Box::new(call.replied(*reply).await))),
                Ok(delta) => Ok(delta),
                Err(mut error) => {
                    missed(error.telemetry_mut());
                    Err(error)
                }
            };
            Some((delta, (deltas, call)))
        })
        .boxed())
    }
}

#[cfg(test)]
mod tests;
