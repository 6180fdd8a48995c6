//! A second request where the first is slow.

mod timings;

use std::{
    fmt,
    future::Future,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::time::{Instant, sleep};

use self::timings::Timings;
use crate::{
    ChatModel, ChatReply, ChatRequest, Error, ModelId, ReplyStream, earlier::Earlier, opening::open,
};

/// When a second request is made, and how often at most.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Hedging {
    /// The share of past calls that were answered sooner than the wait for a second request, 0.0 to 1.0.
    pub quantile: f64,
    /// The wait until enough calls were seen.
    pub first_wait: Duration,
    /// How many calls are enough.
    pub enough: u64,
    /// The most second requests for a hundred calls.
    pub most_percent: u32,
}

impl Hedging {
    /// Second requests after the 95th percentile of past calls, ten for a hundred calls at most; before twenty calls were
    /// seen, after this wait.
    #[must_use]
    pub const fn after(first_wait: Duration) -> Self {
        Self { quantile: 0.95, first_wait, enough: 20, most_percent: 10 }
    }

    /// The same with another share of calls, 0.0 to 1.0.
    #[must_use]
    pub const fn with_quantile(mut self, quantile: f64) -> Self {
        self.quantile = quantile;
        self
    }

    /// The same where so many calls are enough to learn from.
    #[must_use]
    pub const fn with_enough(mut self, enough: u64) -> Self {
        self.enough = enough;
        self
    }

    /// The same with so many second requests for a hundred calls at most.
    #[must_use]
    pub const fn with_most_percent(mut self, percent: u32) -> Self {
        self.most_percent = percent;
        self
    }
}

/// Asks a second time where a reply is slower than most were, takes what comes first, and drops the other.
///
/// What counts is the time to the whole reply, or of a stream to its first delta; the wait is learned from the last
/// thousand or two calls of the first model, apart for both. A call that fails before its second request fails; one that
/// fails after it leaves the other to go on. The dropped one is cancelled, and booked as
/// [`Metered`](crate::Metered) books what is dropped: so that belongs inside, around each of the two models. In the
/// telemetry a dropped request counts as one attempt.
///
/// The tail that this cuts off is the vendor's; after Dean and Barroso, *The Tail at Scale* (2013).
///
/// ```
/// use std::{sync::Arc, time::Duration};
///
/// use assize_ambient::{Chance, Seed};
/// use assize_llm::{ChatModel, ChatRequest, Hedged, Hedging, Latency, SimulatedModel};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// let say = |_: &ChatRequest, _: &mut Chance| "Yes.".to_owned();
/// let slow = Arc::new(SimulatedModel::new("slow", Seed::new(1), say).with_latency(Latency::HOSTED));
/// let quick = Arc::new(SimulatedModel::new("quick", Seed::new(1), say));
/// let hedging = Hedging::after(Duration::from_millis(50)).with_most_percent(100);
/// let model = Hedged::new(slow, hedging).with_second(quick);
/// let reply = model.complete(ChatRequest::new("Is it raining?")).await?;
/// assert_eq!((reply.model.as_str(), reply.telemetry.attempts), ("quick", 2));
/// # Ok::<(), assize_llm::Error>(())
/// # }).unwrap();
/// ```
pub struct Hedged {
    first: Arc<dyn ChatModel>,
    second: Arc<dyn ChatModel>,
    hedging: Hedging,
    whole: Mutex<Timings>,
    to_first_delta: Mutex<Timings>,
    /// A hundredth of a second request each.
    credit: Mutex<u32>,
}

impl fmt::Debug for Hedged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hedged")
            .field("first", self.first.id())
            .field("second", self.second.id())
            .field("hedging", &self.hedging)
            .finish_non_exhaustive()
    }
}

/// What a second request costs, in hundredths.
const ONE: u32 = 100;
/// So many second requests may be saved up for a bad time.
const MOST_SAVED: u32 = 10 * ONE;

impl Hedged {
    /// Asks this model a second time where it is slow.
    pub fn new(model: Arc<dyn ChatModel>, hedging: Hedging) -> Self {
        let timings = || Mutex::new(Timings::new(hedging));
        Self {
            second: Arc::clone(&model),
            first: model,
            hedging,
            whole: timings(),
            to_first_delta: timings(),
            credit: Mutex::new(0),
        }
    }

    /// The same where the second request goes to another model.
    #[must_use]
    pub fn with_second(mut self, model: Arc<dyn ChatModel>) -> Self {
        self.second = model;
        self
    }

    /// How long it waits now for a whole reply before it asks again.
    #[must_use]
    pub fn wait(&self) -> Duration {
        lock(&self.whole).wait()
    }

    /// How long it waits now for the first delta of a stream before it asks again.
    #[must_use]
    pub fn wait_for_first_delta(&self) -> Duration {
        lock(&self.to_first_delta).wait()
    }

    fn earn(&self) {
        let mut credit = lock(&self.credit);
        *credit = credit.saturating_add(self.hedging.most_percent).min(MOST_SAVED);
    }

    fn spend(&self) -> bool {
        let mut credit = lock(&self.credit);
        let left = credit.checked_sub(ONE);
        *credit = left.unwrap_or(*credit);
        left.is_some()
    }

    /// What comes first, and what is left of the other request, where there was one.
    async fn race<T, A, B>(
        &self,
        timings: &Mutex<Timings>,
        first: A,
        second: impl FnOnce() -> B,
    ) -> Result<(T, Earlier), Error>
    where
        A: Future<Output = Result<T, Error>>,
        B: Future<Output = Result<T, Error>>,
    {
        self.earn();
        let started = Instant::now();
        let wait = lock(timings).wait();
        let mut first = pin!(async {
            let end = first.await;
            if end.is_ok() {
                lock(timings).note(started.elapsed());
            }
            end
        });
        tokio::select! {
            biased;
            end = &mut first => return Ok((end?, Earlier::default())),
            () = sleep(wait) => {}
        }
        if !self.spend() {
            return Ok((first.await?, Earlier::default()));
        }
        let mut second = pin!(second());
        let (failed, other) = tokio::select! {
            biased;
            end = &mut first => match end {
                Ok(reply) => return Ok((reply, Earlier::dropped())),
                Err(error) => (error, second.await),
            },
            end = &mut second => match end {
                Ok(reply) => {
                    // It would have taken longer still: without it the slow calls would never be learned.
                    lock(timings).note(started.elapsed());
                    return Ok((reply, Earlier::dropped()));
                }
                Err(error) => (error, first.await),
            },
        };
        let failed = Earlier::failed(&failed);
        match other {
            Ok(reply) => Ok((reply, failed)),
            Err(error) => Err(failed.before_error(error)),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl ChatModel for Hedged {
    /// That of the first model.
    fn id(&self) -> &ModelId {
        self.first.id()
    }

    /// Whether nobody is billed, whichever replies.
    fn is_simulated(&self) -> bool {
        self.first.is_simulated() && self.second.is_simulated()
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        // To the ledger the second request is a call of its own.
        let again = ChatRequest { retry_of: None, ..request.clone() };
        let first = self.first.complete(request);
        let (reply, other) = self.race(&self.whole, first, || self.second.complete(again)).await?;
        Ok(other.before_reply(reply))
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        let again = ChatRequest { retry_of: None, ..request.clone() };
        let first = open(&*self.first, request);
        let (deltas, other) = self.race(&self.to_first_delta, first, || open(&*self.second, again)).await?;
        Ok(other.before_stream(deltas))
    }
}

#[cfg(test)]
mod tests;
