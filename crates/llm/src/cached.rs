//! Replies to the same request, kept and served again.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use assize_cache::{Failed, Failure, Invalidated, Key, Namespace, Origin, Policy, Selector, Tag, Tiered};
use assize_metering::UsageBasis;
use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};

use crate::{
    CacheOutcome, ChatModel, ChatReply, ChatRequest, Error, ErrorKind, FinishReason, ModelId, ReplyDelta,
    ReplyStream, Reuse, ReuseScope, Telemetry,
    recorded::line::{Reply, Request},
};

/// Its version is raised whenever the stored form of a reply or the making of a key changes.
const SPACE: Namespace = Namespace::known("replies", 1);

/// Serves a reply again to the same request, to the last letter, within its [`ReuseScope`].
///
/// Only requests that [allow it](Reuse) are looked up and stored. The key has the tenant, the corpus, the model and all
/// that the vendor sees: system prompt, messages, temperature, limit, stop sequences, seed, form. A reply is stored if it
/// is whole: it ended by itself, says something and asks for no tool. All who make the same request at the same time share
/// one call; a stream is a call of its own, is stored when it ends, and is served whole where the reply is known.
///
/// What comes out of the cache says so ([`Telemetry::cache`](crate::Telemetry::cache)); its usage is what the reply once
/// took, marked as [involving no vendor](UsageBasis::Simulated). A cache that fails is a miss. Put it outside of whatever
/// books, limits or retries: see the order of wrappers in the crate's documentation.
///
/// ```
/// use std::{sync::Arc, time::Duration};
///
/// use assize_ambient::{Seed, SystemClock};
/// use assize_cache::{DEFAULT_MEMORY_BYTES, Level, MemoryTier, Policy, Tiered};
/// use assize_llm::{CacheOutcome, Cached, ChatModel, ChatRequest, Reuse, ReuseScope, ScriptedModel};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let clock = Arc::new(SystemClock);
/// let memory = Arc::new(MemoryTier::new(DEFAULT_MEMORY_BYTES, clock.clone()));
/// let replies = Tiered::new(vec![Level::memory(memory)], clock, Seed::new(7));
/// let parrot = Arc::new(ScriptedModel::saying("parrot", ["Yes."]));
/// let model = Cached::new(parrot, replies, Policy::new(Duration::from_secs(3600)));
///
/// let request = ChatRequest::new("Is it raining?").with_reuse(Reuse::Exact(ReuseScope::of("acme")));
/// assert_eq!(model.complete(request.clone()).await?.telemetry.cache, Some(CacheOutcome::Miss));
/// assert_eq!(model.complete(request).await?.telemetry.cache, Some(CacheOutcome::Hit));
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Cached {
    model: Arc<dyn ChatModel>,
    name: ModelId,
    replies: Tiered,
    policy: Policy,
}

impl fmt::Debug for Cached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cached").field("model", self.model.id()).finish_non_exhaustive()
    }
}

impl Cached {
    /// Keeps this model's replies there, each as long as `policy` says. The policy's tags give way to the tenant's.
    ///
    /// A model's id does not say who serves it: where several vendors' or servers' models share a cache, tell them apart
    /// with [`known_as`](Self::known_as).
    pub fn new(model: Arc<dyn ChatModel>, replies: Tiered, policy: Policy) -> Self {
        // To recompute early is to pay for what nobody asked.
        Self { name: model.id().clone(), model, replies, policy: policy.with_early(0.0) }
    }

    /// The same, keeping replies under this name instead of the model's id, which stays as it is: the vendor or the address
    /// with the model, and whatever else makes its answers others than its namesake's.
    ///
    /// ```
    /// # use std::{sync::Arc, time::Duration};
    /// # use assize_cache::{Policy, Tiered};
    /// # use assize_llm::{Cached, ChatModel};
    /// fn apart(openai: Arc<dyn ChatModel>, own: Arc<dyn ChatModel>, replies: &Tiered) -> [Cached; 2] {
    ///     let cached = |model| Cached::new(model, replies.clone(), Policy::new(Duration::from_secs(3600)));
    ///     [cached(openai).known_as("openai:gpt-4o"), cached(own).known_as("http://10.0.0.7:8000/v1#gpt-4o")]
    /// }
    /// ```
    #[must_use]
    pub fn known_as(mut self, name: impl Into<ModelId>) -> Self {
        self.name = name.into();
        self
    }

    /// The key of a request within a scope.
    #[must_use]
    pub fn key(&self, request: &ChatRequest, scope: &ReuseScope) -> Key {
        let asked = Request::of(request).fingerprint();
        let parts = [&*scope.tenant, &*scope.corpus, self.name.as_str(), &asked].map(str::as_bytes);
        SPACE.hashed(&parts)
    }

    /// Removes all replies that were kept for this tenant, of whatever model.
    pub async fn forget(&self, tenant: &str) -> Invalidated {
        self.replies.invalidate(&Selector::Tag(Self::tag(tenant))).await
    }

    /// The tag of all replies that are kept for this tenant, to remove them by.
    #[must_use]
    pub fn tag(tenant: &str) -> Tag {
        // A tenant's name may have any characters and any length.
        Tag::hashed(&["tenant", tenant])
    }

    /// Whether a reply is whole, and may stand for another one to the same request: only such replies are kept.
    #[must_use]
    pub fn keeps(reply: &ChatReply) -> bool {
        reply.finish == FinishReason::Stop && reply.tool_calls.is_empty() && !reply.text.is_empty()
    }

    fn policy(&self, scope: &ReuseScope) -> Policy {
        // One tag is never too many.
        self.policy.clone().with_tags(vec![Self::tag(&scope.tenant)]).unwrap_or_else(|_| self.policy.clone())
    }
}

/// A reply as it is stored, and as it came where it came just now.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    reply: Reply,
    #[serde(skip)]
    live: Option<Arc<ChatReply>>,
}

impl Kept {
    /// The reply for which nobody was asked now.
    fn served(&self) -> ChatReply {
        let mut reply = self.reply.replayed();
        reply.usage.basis = UsageBasis::Simulated;
        reply.telemetry.cache = Some(CacheOutcome::Hit);
        reply
    }
}

/// Why there is nothing to store.
enum NotKept {
    Failed(Error),
    /// It is not a reply to serve again.
    Unfit(Box<ChatReply>),
}

impl Failure for NotKept {}

/// What came out of a cache further in, and may be an answer to another question, has a time of its own.
fn is_fit(reply: &ChatReply) -> bool {
    reply.telemetry.cache != Some(CacheOutcome::Hit) && Cached::keeps(reply)
}

fn missed(mut reply: ChatReply) -> ChatReply {
    reply.telemetry.cache.get_or_insert(CacheOutcome::Miss);
    reply
}

fn missed_error(mut error: Error) -> Error {
    error.telemetry_mut().cache.get_or_insert(CacheOutcome::Miss);
    error
}

#[async_trait]
impl ChatModel for Cached {
    fn id(&self) -> &ModelId {
        self.model.id()
    }

    fn is_simulated(&self) -> bool {
        self.model.is_simulated()
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        let (Reuse::Exact(scope) | Reuse::Semantic { scope, .. }) = &request.reuse else {
            return self.model.complete(request).await;
        };
        let (key, policy) = (self.key(&request, scope), self.policy(scope));
        let model = Arc::clone(&self.model);
        // Set once our own call has ended: with its reply, if that is not to be kept.
        let ours = Arc::new(OnceLock::new());
        let asked = Arc::clone(&ours);
        let ask = move || async move {
            let reply = model.complete(request).await;
            let unfit = reply.as_ref().ok().filter(|reply| !is_fit(reply)).cloned();
            // A call ends once.
            let _ = asked.set(unfit.clone());
            let reply = reply.map_err(NotKept::Failed)?;
            if let Some(unfit) = unfit {
                return Err(NotKept::Unfit(Box::new(unfit)));
            }
            Ok(Kept { reply: Reply::of(&reply), live: Some(Arc::new(reply)) })
        };
        let outcome = self.replies.get_or_compute(&key, &policy, ask).await;
        // What another's call took is told to that other alone.
        let telemetry = |own: &mut Telemetry| {
            let hit = own.semantic.take();
            let cache = own.cache.filter(|cache| *cache == CacheOutcome::Hit);
            if ours.get().is_none() {
                *own = Telemetry::default();
            }
            (own.cache, own.semantic) = (cache.or(Some(CacheOutcome::Miss)), hit);
        };
        match outcome {
            Ok(served) => Ok(match (ours.get(), served.value.live.as_deref()) {
                // Better what was said and paid just now than what was said long ago.
                (Some(Some(unfit)), _) => missed(unfit.clone()),
                (_, Some(live)) if served.from == Origin::Computed => missed(live.clone()),
                _ => {
                    let mut reply = served.value.served();
                    reply.telemetry.is_stale = served.is_stale();
                    reply
                }
            }),
            Err(Failed::Computing(why)) => match &*why {
                NotKept::Failed(error) => {
                    let mut error = error.clone();
                    telemetry(error.telemetry_mut());
                    Err(error)
                }
                NotKept::Unfit(reply) => {
                    let mut reply = ChatReply::clone(reply);
                    telemetry(&mut reply.telemetry);
                    Ok(reply)
                }
            },
            Err(_) => Err(Error::new(
                ErrorKind::Malformed,
                format!("ask {}: the call panicked twice for others who made it too", self.id()),
            )),
        }
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        let (Reuse::Exact(scope) | Reuse::Semantic { scope, .. }) = &request.reuse else {
            return self.model.stream(request).await;
        };
        let (key, policy) = (self.key(&request, scope), self.policy(scope));
        if let Some(known) = self.replies.get::<Kept>(&key, &policy).await {
            return Ok(known.value.served().into_stream());
        }
        // What is forgotten meanwhile must not come back with the reply's end.
        let begun = self.replies.moment();
        let deltas = self.model.stream(request).await.map_err(missed_error)?;
        let held = (deltas, self.replies.clone(), key, policy);
        Ok(stream::unfold(held, move |(mut deltas, replies, key, policy)| async move {
            let delta = match deltas.next().await? {
                Ok(ReplyDelta::Done(reply)) => {
                    if is_fit(&reply) {
                        let kept = Kept { reply: Reply::of(&reply), live: None };
                        // What cannot be stored is asked for again.
                        let _ = replies.insert_since(begun, &key, &policy, &kept).await;
                    }
                    Ok(ReplyDelta::Done(Box::new(missed(*reply))))
                }
                Ok(delta) => Ok(delta),
                Err(error) => Err(missed_error(error)),
            };
            Some((delta, (deltas, replies, key, policy)))
        })
        .boxed())
    }
}

#[cfg(test)]
mod tests;
