//! Calls that end in time.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use assize_metering::{CharacterEstimator, TokenCounter, TokenUsage, Usage};
use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use tokio::time::{Instant, timeout_at};

use crate::{
    ChatModel, ChatReply, ChatRequest, Error, ErrorKind, ModelId, PartialReply, ReplyDelta, ReplyStream,
};

/// How long a call may take. What is not set may take for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct TimeLimits {
    /// From the call to the end of its reply, whole or streamed.
    pub total: Option<Duration>,
    /// From the call to the first delta of a stream.
    pub first_delta: Option<Duration>,
    /// From one delta of a stream to the next, while somebody waits for it.
    pub between_deltas: Option<Duration>,
}

impl TimeLimits {
    /// No limits.
    pub const NONE: Self = Self { total: None, first_delta: None, between_deltas: None };

    /// The same with a limit for the whole call.
    #[must_use]
    pub const fn with_total(mut self, limit: Duration) -> Self {
        self.total = Some(limit);
        self
    }

    /// The same with a limit for the first delta.
    #[must_use]
    pub const fn with_first_delta(mut self, limit: Duration) -> Self {
        self.first_delta = Some(limit);
        self
    }

    /// The same with a limit for each delta after the first.
    #[must_use]
    pub const fn with_between_deltas(mut self, limit: Duration) -> Self {
        self.between_deltas = Some(limit);
        self
    }
}

/// Gives up a call that takes too long. It fails as [`TimedOut`](ErrorKind::TimedOut) with what came of its reply; since it
/// was sent, it may be billed.
///
/// The time runs from when the call is first polled. Put it innermost: what wraps it (limits, retries) then waits in its
/// own time, and each attempt has all of this one.
///
/// ```
/// use std::{sync::Arc, time::Duration};
///
/// use assize_ambient::{Chance, Seed};
/// use assize_llm::{ChatModel, ChatRequest, ErrorKind, Failures, SimulatedModel, TimeLimited, TimeLimits};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// let silent = Failures { hang: 1.0, ..Failures::default() };
/// let model = SimulatedModel::new("sim", Seed::new(1), |_: &ChatRequest, _: &mut Chance| String::new());
/// let model = TimeLimited::new(
///     Arc::new(model.with_failures(silent)),
///     TimeLimits::NONE.with_total(Duration::from_secs(60)),
/// );
/// let error = model.complete(ChatRequest::new("Hello?")).await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::TimedOut);
/// # });
/// ```
pub struct TimeLimited {
    model: Arc<dyn ChatModel>,
    limits: TimeLimits,
}

impl fmt::Debug for TimeLimited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimeLimited")
            .field("model", self.model.id())
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl TimeLimited {
    /// Gives up this model's calls at these limits.
    pub fn new(model: Arc<dyn ChatModel>, limits: TimeLimits) -> Self {
        Self { model, limits }
    }

    fn progress(&self, request: Option<ChatRequest>) -> Progress {
        Progress {
            id: self.model.id().clone(),
            is_simulated: self.model.is_simulated(),
            limits: self.limits,
            started: Instant::now(),
            request,
            text: String::new(),
            reasoning_tokens: 0,
            n_deltas: 0,
        }
    }
}

#[async_trait]
impl ChatModel for TimeLimited {
    fn id(&self) -> &ModelId {
        self.model.id()
    }

    fn is_simulated(&self) -> bool {
        self.model.is_simulated()
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        let progress = self.progress(None);
        progress.in_time(Waiting::Whole, self.model.complete(request)).await?
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        let progress = self.progress(Some(request.clone()));
        let deltas = progress.in_time(Waiting::FirstDelta, self.model.stream(request)).await??;
        Ok(stream::unfold(Some((deltas, progress)), |state| async move {
            let (mut deltas, mut progress) = state?;
            let waiting = if progress.n_deltas == 0 { Waiting::FirstDelta } else { Waiting::NextDelta };
            match progress.in_time(waiting, deltas.next()).await {
                Ok(delta) => {
                    let delta = delta?;
                    progress.note(&delta);
                    Some((delta, Some((deltas, progress))))
                }
                // The call is dropped with its stream.
                Err(late) => Some((Err(late), None)),
            }
        })
        .boxed())
    }
}

/// What a call waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waiting {
    Whole,
    FirstDelta,
    NextDelta,
}

/// How far a call has come.
struct Progress {
    id: ModelId,
    is_simulated: bool,
    limits: TimeLimits,
    started: Instant,
    /// That of a stream, of which something may come.
    request: Option<ChatRequest>,
    text: String,
    reasoning_tokens: u64,
    n_deltas: u64,
}

impl Progress {
    fn note(&mut self, delta: &Result<ReplyDelta, Error>) {
        self.n_deltas += 1;
        match delta {
            Ok(ReplyDelta::Text(text)) => self.text.push_str(text),
            Ok(ReplyDelta::Reasoning(text)) => {
                self.reasoning_tokens = self.reasoning_tokens.saturating_add(CharacterEstimator.count(text));
            }
            Ok(ReplyDelta::Done(_)) | Err(_) => {}
        }
    }

    async fn in_time<T>(&self, waiting: Waiting, future: impl Future<Output = T>) -> Result<T, Error> {
        let from = |since: Instant, limit: Option<Duration>| {
            let limit = limit?;
            // A limit beyond all times is none.
            Some((since.checked_add(limit)?, limit))
        };
        let total = from(self.started, self.limits.total);
        let step = match waiting {
            Waiting::Whole => None,
            Waiting::FirstDelta => from(self.started, self.limits.first_delta),
            Waiting::NextDelta => from(Instant::now(), self.limits.between_deltas),
        };
        let (deadline, what, limit) = match (total, step) {
            (None, None) => return Ok(future.await),
            (Some((end, limit)), None) => (end, "no whole reply", limit),
            (Some((end, limit)), Some((step, _))) if end <= step => (end, "no whole reply", limit),
            (_, Some((step, limit))) => {
                let what = if waiting == Waiting::FirstDelta { "nothing" } else { "nothing more" };
                (step, what, limit)
            }
        };
        timeout_at(deadline, future).await.map_err(|_| self.late(what, limit))
    }

    fn late(&self, what: &str, limit: Duration) -> Error {
        let message = format!("ask {}: {what} came within {limit:?}", self.id);
        let error = Error::new(ErrorKind::TimedOut, message).with_possibly_billed(true);
        let output = self.reasoning_tokens.saturating_add(CharacterEstimator.count(&self.text));
        if output == 0 {
            return error;
        }
        let texts = self.request.iter().flat_map(ChatRequest::texts);
        let input = texts.map(|text| CharacterEstimator.count(text)).fold(0, u64::saturating_add);
        let tokens = TokenUsage::of(input, output);
        let usage = if self.is_simulated { Usage::simulated(tokens) } else { Usage::estimated(tokens) };
        error.with_partial(PartialReply { text: self.text.clone(), usage })
    }
}

#[cfg(test)]
mod tests;
