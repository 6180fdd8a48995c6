//! One request for vectors, and all its attempts.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use assize_ambient::{Chance, Seed};
use assize_llm::{Error, ErrorKind, ModelId};
use assize_metering::{Attempt, CharacterEstimator, TokenCounter, TokenUsage, Usage};
use assize_retrieval::MAX_DIMENSIONS;
use assize_transport::{
    Failed, Gate, LimitReport, Limiter, RetryBudget, RetryHints, RetryPolicy, Transport, Verdict,
};
use tokio::time::{Instant, sleep, timeout};

use super::{
    batches::most_body,
    booking::Booking,
    format::{self, Embedded},
};
use crate::{
    Endpoint,
    calling::{self, Opened, broke_off, hidden, not_asked},
    reader::malformed,
};

/// Who is asked, how fast, how often and on whose account.
///
/// What is around a call lies as around a chat's: the retries outermost, then the limit, the places, the booking, and the
/// time limit innermost.
pub(super) struct Asking {
    pub(super) model: ModelId,
    pub(super) endpoint: Endpoint,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) shortened_to: Option<usize>,
    pub(super) time_limit: Duration,
    pub(super) gate: Gate,
    pub(super) limiter: Option<Limiter>,
    pub(super) booking: Option<Booking>,
    pub(super) policy: RetryPolicy,
    pub(super) budget: RetryBudget,
    pub(super) deadline: Option<Duration>,
    pub(super) seed: Seed,
    pub(super) calls: AtomicU64,
}

/// Why there are no vectors.
#[derive(Debug)]
pub(super) enum Failure {
    /// The call failed.
    Call(Error),
    /// It did not, but what came are not the vectors that were asked for. They would not be the next time.
    Vectors(String),
}

impl Asking {
    /// The vectors of these texts, asked for again where that may help.
    pub(super) async fn ask(
        &self,
        texts: &[&str],
        dimensions: Option<usize>,
    ) -> Result<Vec<Vec<f32>>, Failure> {
        self.budget.first_attempt();
        let began = Instant::now();
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let mut chance = self.seed.child(&number.to_string()).rng();
        let (mut attempt, mut booked) = (1, None);
        loop {
            let error = match self.attempt(texts, dimensions, booked).await {
                Err(Failure::Call(error)) => error,
                ended => return ended,
            };
            let Some(wait) = self.wait_after(&error, attempt, began, &mut chance) else {
                return Err(Failure::Call(error));
            };
            booked = error.telemetry().booked.or(booked);
            attempt += 1;
            sleep(wait).await;
        }
    }

    /// How long to wait before the next attempt; `None` where there is to be none.
    fn wait_after(
        &self,
        error: &Error,
        attempt: u32,
        began: Instant,
        chance: &mut Chance,
    ) -> Option<Duration> {
        if !error.kind().is_transient() {
            return None;
        }
        let failed = Failed {
            attempt,
            transient: true,
            hints: RetryHints { should_retry: error.should_retry(), after: error.retry_after() },
            remaining: self.deadline.map(|deadline| deadline.saturating_sub(began.elapsed())),
        };
        match self.policy.decide(failed, &self.budget, chance) {
            Verdict::Wait(wait) => Some(wait),
            Verdict::GiveUp(_) => None,
        }
    }

    async fn attempt(
        &self,
        texts: &[&str],
        dimensions: Option<usize>,
        earlier: Option<Attempt>,
    ) -> Result<Vec<Vec<f32>>, Failure> {
        let tokens = texts.iter().fold(0_u64, |sum, text| sum.saturating_add(CharacterEstimator.count(text)));
        let permit = match &self.limiter {
            Some(limiter) => Some(limiter.acquire(tokens).await),
            None => None,
        };
        let _place = self.gate.enter().await;
        let held = match &self.booking {
            Some(booking) => match booking.reserve(&self.model, texts, earlier) {
                Ok(held) => Some((booking, held)),
                Err(refused) => {
                    permit.into_iter().for_each(|permit| permit.cancel());
                    return Err(Failure::Call(refused));
                }
            },
            None => None,
        };
        let asked = match timeout(self.time_limit, self.once(texts, dimensions)).await {
            Ok(asked) => asked,
            Err(_) => Err(self.timed_out()),
        };
        match asked {
            Ok((embedded, limits)) => {
                let usage = embedded.usage.unwrap_or_else(|| estimated(tokens));
                self.note(limits);
                permit.into_iter().for_each(|permit| permit.settle(usage.tokens.total_input()));
                if let Some((booking, held)) = held {
                    booking.settle(held, usage);
                }
                embedded.vectors.map_err(Failure::Vectors)
            }
            Err(mut error) => {
                self.note(error.telemetry().limits);
                if let Some(permit) = permit {
                    match error.kind() {
                        ErrorKind::RateLimited => permit.refused(error.retry_after()),
                        _ if error.telemetry().attempts == 0 => permit.cancel(),
                        _ => {
                            let taken = if error.possibly_billed() { tokens } else { 0 };
                            permit.failed(taken, error.retry_after());
                        }
                    }
                }
                if let Some((_, held)) = held {
                    Booking::fail(held, &mut error);
                }
                Err(Failure::Call(error))
            }
        }
    }

    fn note(&self, limits: Option<LimitReport>) {
        if let (Some(limiter), Some(limits)) = (&self.limiter, limits) {
            limiter.note(&limits);
        }
    }

    fn timed_out(&self) -> Error {
        let message = format!("ask {}: no vectors in {:?}", self.model, self.time_limit);
        Error::new(ErrorKind::TimedOut, message)
    }

    /// Asks once.
    async fn once(
        &self,
        texts: &[&str],
        dimensions: Option<usize>,
    ) -> Result<(Embedded, Option<LimitReport>), Error> {
        let asked = async {
            calling::check_key(&self.endpoint, &self.model)?;
            let request = format::request(&self.endpoint, &self.model, texts, self.shortened_to);
            let request = request.map_err(not_asked)?;
            let Opened { incoming, said, content } =
                calling::open(&self.endpoint, &self.model, &*self.transport, request).await?;
            let most = most_body(texts.len(), dimensions.unwrap_or(MAX_DIMENSIONS));
            let read = match incoming.collect(most).await {
                Ok(response) => {
                    let read = format::read(&self.model, response.body(), texts.len(), dimensions);
                    read.map_err(|error| match error.kind() {
                        ErrorKind::Malformed if !content.is_json() => {
                            malformed(&self.model, &format!("the server sent {content}, not JSON"))
                        }
                        _ => error,
                    })
                }
                Err(error) => Err(broke_off(&self.model, error)),
            };
            match read {
                Ok(embedded) => Ok((embedded, said.limits())),
                Err(error) => Err(said.with(error)),
            }
        };
        asked.await.map_err(|error| hidden(&self.endpoint, error))
    }
}

/// The usage of a call of which nothing was stated.
fn estimated(tokens: u64) -> Usage {
    Usage::estimated(TokenUsage { input: Some(tokens), ..TokenUsage::default() })
}
