//! No faster than the vendor bears.

use std::{fmt, sync::Arc, time::Duration};

use assize_metering::{CharacterEstimator, TokenCounter};
use assize_transport::{Limiter, Permit};
use async_trait::async_trait;
use futures_util::{StreamExt, stream};

use crate::{
    ChatModel, ChatReply, ChatRequest, Error, ErrorKind, ModelId, ReplyDelta, ReplyStream, Telemetry,
};

/// The tokens of a reply whose length the request does not limit, as long as nothing better is known.
const USUAL_REPLY: u32 = 1024;

/// Makes each call wait until its [`Limiter`] lets it start, and tells the limiter how it went: the tokens that it took, a
/// refusal and the wait that it asked for, and what the vendor says of its limits. Those who share a key share the limiter.
///
/// A call is thought to need the tokens of its prompt, counted, and as many for its reply as the request allows (otherwise
/// [`with_usual_reply`](Self::with_usual_reply)); what it took is settled when the reply or the stream ends. A call that is
/// dropped keeps what it reserved.
///
/// ```
/// use std::sync::Arc;
///
/// use assize_llm::{ChatModel, ChatRequest, RateLimited, ScriptedModel};
/// use assize_transport::{Limiter, LimiterOptions};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let limiter = Limiter::new(LimiterOptions { requests_per_minute: Some(500), ..LimiterOptions::default() });
/// let model = RateLimited::new(Arc::new(ScriptedModel::saying("parrot", ["Yes."])), limiter.clone());
/// model.complete(ChatRequest::new("Is it raining?")).await?;
/// assert_eq!((limiter.state().granted, limiter.state().in_flight), (1, 0));
/// # Ok::<(), assize_llm::Error>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct RateLimited {
    model: Arc<dyn ChatModel>,
    limiter: Limiter,
    counter: Arc<dyn TokenCounter>,
    usual_reply: u32,
}

impl fmt::Debug for RateLimited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimited")
            .field("model", self.model.id())
            .field("limiter", &self.limiter)
            .finish_non_exhaustive()
    }
}

impl RateLimited {
    /// Limits this model's calls by this limiter.
    pub fn new(model: Arc<dyn ChatModel>, limiter: Limiter) -> Self {
        Self { model, limiter, counter: Arc::new(CharacterEstimator), usual_reply: USUAL_REPLY }
    }

    /// The same with a counter of its own for prompts.
    #[must_use]
    pub fn with_counter(mut self, counter: Arc<dyn TokenCounter>) -> Self {
        self.counter = counter;
        self
    }

    /// The same with so many tokens for a reply whose length the request does not limit; otherwise 1024.
    #[must_use]
    pub fn with_usual_reply(mut self, tokens: u32) -> Self {
        self.usual_reply = tokens;
        self
    }

    async fn start(&self, request: &ChatRequest) -> Started {
        let prompt = request.texts().map(|text| self.counter.count(text)).fold(0, u64::saturating_add);
        let reply = u64::from(request.max_tokens.unwrap_or(self.usual_reply));
        let permit = self.limiter.acquire(prompt.saturating_add(reply)).await;
        Started { limiter: self.limiter.clone(), prompt, waited: permit.waited(), permit: Some(permit) }
    }
}

/// A call that was let start. Dropping it ends it, with what was reserved used.
struct Started {
    limiter: Limiter,
    prompt: u64,
    waited: Duration,
    permit: Option<Permit>,
}

impl Started {
    fn succeeded(&mut self, reply: &mut ChatReply) {
        self.note(&mut reply.telemetry);
        if let Some(permit) = self.permit.take() {
            let tokens = &reply.usage.tokens;
            permit.settle(tokens.total_input().saturating_add(tokens.total_output()));
        }
    }

    fn failed(&mut self, error: &mut Error) {
        self.note(error.telemetry_mut());
        let Some(permit) = self.permit.take() else { return };
        match error.kind() {
            ErrorKind::RateLimited => permit.refused(error.retry_after()),
            // Nobody was asked.
            _ if error.telemetry().attempts == 0 => permit.cancel(),
            _ => permit.failed(self.taken(error), error.retry_after()),
        }
    }

    /// The tokens that a failed call took, as far as is known.
    fn taken(&self, error: &Error) -> u64 {
        match error.partial() {
            Some(partial) => {
                partial.usage.tokens.total_input().saturating_add(partial.usage.tokens.total_output())
            }
            None if error.possibly_billed() => self.prompt,
            None => 0,
        }
    }

    fn note(&self, telemetry: &mut Telemetry) {
        telemetry.queued = telemetry.queued.saturating_add(self.waited);
        if let Some(limits) = &telemetry.limits {
            self.limiter.note(limits);
        }
    }
}

#[async_trait]
impl ChatModel for RateLimited {
    fn id(&self) -> &ModelId {
        self.model.id()
    }

    fn is_simulated(&self) -> bool {
        self.model.is_simulated()
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        let mut started = self.start(&request).await;
        let mut answer = self.model.complete(request).await;
        match &mut answer {
            Ok(reply) => started.succeeded(reply),
            Err(error) => started.failed(error),
        }
        answer
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        let mut started = self.start(&request).await;
        match self.model.stream(request).await {
            Ok(deltas) => Ok(stream::unfold((deltas, started), |(mut deltas, mut started)| async move {
                let mut delta = deltas.next().await?;
                match &mut delta {
                    Ok(ReplyDelta::Done(reply)) => started.succeeded(reply),
                    Ok(_) => {}
                    Err(error) => started.failed(error),
                }
                Some((delta, (deltas, started)))
            })
            .boxed()),
            Err(mut error) => {
                started.failed(&mut error);
                Err(error)
            }
        }
    }
}

#[cfg(test)]
mod tests;
