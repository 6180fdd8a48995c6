//! Trying again: the only place that does.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use assize_ambient::{Chance, Seed};
use assize_transport::{Failed, RetryBudget, RetryHints, RetryPolicy, Verdict};
use async_trait::async_trait;
use tokio::time::{Instant, sleep};

use crate::{
    ChatModel, ChatReply, ChatRequest, Error, ErrorKind, ModelId, ReplyStream, earlier::Earlier,
    opening::open,
};

/// Asks again where a call failed in a way that passes, after the wait that the latest failure asked for and a drawn one.
///
/// It stands above decoding, so that an error inside a status of 200 is retried like any other, and it is the only wrapper
/// that repeats a call to the same model. Whole calls are repeated as a whole; a stream only as long as nothing of it was
/// handed out: its first piece is awaited before [`stream`](ChatModel::stream) returns. A failure that would come again
/// (a wrong key, a spent quota, a refused prompt …) is never retried, whatever the vendor's headers say.
///
/// A failure that [may have been billed](Error::possibly_billed) (a time-out, a cut or unreadable reply) is retried too,
/// unless [told otherwise](Self::never_paying_twice): chat calls have no idempotency key, so the call may be paid twice, but
/// each attempt is booked by the [`Metered`](crate::Metered) inside, and a budget there forbids what is too much.
///
/// ```
/// use std::sync::Arc;
///
/// use assize_ambient::Seed;
/// use assize_llm::{ChatModel, ChatRequest, Error, ErrorKind, Retrying, ScriptedModel};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
/// let busy = Error::new(ErrorKind::Overloaded, "ask the parrot: it is asleep");
/// let parrot = Arc::new(ScriptedModel::new("parrot", [Err(busy), Ok("Polly.".to_owned())]));
/// let model = Retrying::new(parrot, Seed::new(7));
/// let reply = model.complete(ChatRequest::new("Who are you?")).await?;
/// assert_eq!((reply.text.as_str(), reply.telemetry.attempts), ("Polly.", 2));
/// # Ok::<(), Error>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Retrying {
    model: Arc<dyn ChatModel>,
    policy: RetryPolicy,
    budget: RetryBudget,
    deadline: Option<Duration>,
    pays_twice: bool,
    seed: Seed,
    calls: AtomicU64,
}

impl fmt::Debug for Retrying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retrying")
            .field("model", self.model.id())
            .field("policy", &self.policy)
            .field("budget", &self.budget)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

impl Retrying {
    /// Retries this model's calls by the default policy, within a budget of its own, without a deadline. The seed is for the
    /// waits that are drawn.
    pub fn new(model: Arc<dyn ChatModel>, seed: Seed) -> Self {
        Self {
            model,
            policy: RetryPolicy::default(),
            budget: RetryBudget::default(),
            deadline: None,
            pays_twice: true,
            seed,
            calls: AtomicU64::new(0),
        }
    }

    /// The same by this policy.
    #[must_use]
    pub fn with_policy(mut self, policy: RetryPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// The same within this budget, which others may share.
    #[must_use]
    pub fn with_budget(mut self, budget: RetryBudget) -> Self {
        self.budget = budget;
        self
    }

    /// The same, where no attempt starts later than this after the call began. It ends no attempt that is under way: a time
    /// limit on each does.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// The same, but a failure that may have been billed is final.
    #[must_use]
    pub fn never_paying_twice(mut self) -> Self {
        self.pays_twice = false;
        self
    }

    fn begin(&self, request: ChatRequest) -> Call<'_> {
        self.budget.first_attempt();
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        Call {
            retrying: self,
            request,
            began: Instant::now(),
            attempt: 1,
            chance: self.seed.child(&number.to_string()).rng(),
            earlier: Earlier::default(),
        }
    }

    fn may_retry(&self, error: &Error) -> bool {
        error.kind().is_transient() && (self.pays_twice || !error.possibly_billed()) && !self.is_shut(error)
    }

    /// Whether a circuit of our own stays open for longer than any wait that is drawn: another model may answer sooner.
    fn is_shut(&self, error: &Error) -> bool {
        error.kind() == ErrorKind::CircuitOpen
            && error.retry_after().is_some_and(|wait| wait > self.policy.cap)
    }
}

/// A call under way, through all its attempts.
struct Call<'a> {
    retrying: &'a Retrying,
    request: ChatRequest,
    began: Instant,
    attempt: u32,
    chance: Chance,
    earlier: Earlier,
}

impl Call<'_> {
    /// Waits until it is time to try again, or gives the error back if it is final.
    async fn after(&mut self, error: Error) -> Result<(), Error> {
        let Some(wait) = self.wait_after(&error) else { return Err(self.earlier.before_error(error)) };
        self.earlier.add(&error);
        self.earlier.backed_off(wait);
        self.request.retry_of = error.telemetry().booked.or(self.request.retry_of);
        self.attempt += 1;
        sleep(wait).await;
        Ok(())
    }

    fn wait_after(&mut self, error: &Error) -> Option<Duration> {
        if !self.retrying.may_retry(error) {
            return None;
        }
        let elapsed = self.began.elapsed();
        let failed = Failed {
            attempt: self.attempt,
            transient: true,
            hints: RetryHints { should_retry: error.should_retry(), after: error.retry_after() },
            remaining: self.retrying.deadline.map(|deadline| deadline.saturating_sub(elapsed)),
        };
        match self.retrying.policy.decide(failed, &self.retrying.budget, &mut self.chance) {
            Verdict::Wait(wait) => Some(wait),
            Verdict::GiveUp(_) => None,
        }
    }
}

#[async_trait]
impl ChatModel for Retrying {
    fn id(&self) -> &ModelId {
        self.model.id()
    }

    fn is_simulated(&self) -> bool {
        self.model.is_simulated()
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        let mut call = self.begin(request);
        loop {
            match self.model.complete(call.request.clone()).await {
                Ok(reply) => return Ok(call.earlier.before_reply(reply)),
                Err(error) => call.after(error).await?,
            }
        }
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        let mut call = self.begin(request);
        loop {
            match open(&*self.model, call.request.clone()).await {
                Ok(deltas) => return Ok(call.earlier.before_stream(deltas)),
                Err(error) => call.after(error).await?,
            }
        }
    }
}

#[cfg(test)]
mod tests;
