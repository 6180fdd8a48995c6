//! Not asking a vendor that fails.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use assize_transport::{Breaker, Ticket};
use async_trait::async_trait;
use futures_util::{StreamExt, stream};

use crate::{ChatModel, ChatReply, ChatRequest, Error, ErrorKind, ModelId, ReplyDelta, ReplyStream};

/// Makes no call while its [`Breaker`] is open: it fails at once, with [`ErrorKind::CircuitOpen`], and says what failed last.
///
/// Failures are those in which the vendor itself does badly: server errors, overload, time-outs, cut or unreadable replies, no
/// connection. A refusal of any other kind (the rate, the key, the request …) shows that it works.
///
/// ```
/// use std::sync::Arc;
///
/// use assize_llm::{ChatModel, ChatRequest, CircuitBroken, Error, ErrorKind, ScriptedModel};
/// use assize_transport::{Breaker, BreakerOptions};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let broken = ScriptedModel::new("parrot", [Err(Error::new(ErrorKind::Server, "ask the parrot: it is ill"))]);
/// let breaker = Breaker::new(BreakerOptions { least_calls: 1, ..BreakerOptions::default() });
/// let model = CircuitBroken::new(Arc::new(broken), breaker);
/// assert_eq!(model.complete(ChatRequest::new("Hello?")).await.unwrap_err().kind(), ErrorKind::Server);
/// assert_eq!(model.complete(ChatRequest::new("Hello?")).await.unwrap_err().kind(), ErrorKind::CircuitOpen);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct CircuitBroken {
    model: Arc<dyn ChatModel>,
    breaker: Breaker,
    last_failure: LastFailure,
}

/// What the vendor's last failure was, in words.
type LastFailure = Arc<Mutex<Option<String>>>;

impl fmt::Debug for CircuitBroken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitBroken")
            .field("model", self.model.id())
            .field("breaker", &self.breaker)
            .finish()
    }
}

impl CircuitBroken {
    /// Passes this model's calls through this breaker.
    pub fn new(model: Arc<dyn ChatModel>, breaker: Breaker) -> Self {
        Self { model, breaker, last_failure: Arc::default() }
    }

    fn enter(&self) -> Result<Ticket, Error> {
        self.breaker.enter().map_err(|open| {
            let last = self.last_failure.lock().unwrap_or_else(PoisonError::into_inner);
            let why =
                last.as_ref().map(|last| format!("; the last was: failed to {last}")).unwrap_or_default();
            let error = Error::new(ErrorKind::CircuitOpen, format!("ask {}: {open}{why}", self.model.id()));
            match open.retry_in {
                Some(wait) => error.with_retry_after(wait).with_source(open),
                None => error.with_source(open),
            }
        })
    }
}

/// Tells the breaker of a failed call.
fn failed(ticket: Ticket, error: &Error, last_failure: &LastFailure) {
    match error.kind() {
        ErrorKind::Server
        | ErrorKind::Overloaded
        | ErrorKind::TimedOut
        | ErrorKind::Unreachable
        | ErrorKind::CutStream
        | ErrorKind::Malformed => {
            *last_failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.message().to_owned());
            ticket.failed(error.retry_after());
        }
        // Nobody was asked: it says nothing.
        _ if error.telemetry().attempts == 0 => drop(ticket),
        _ => ticket.succeeded(),
    }
}

#[async_trait]
impl ChatModel for CircuitBroken {
    fn id(&self) -> &ModelId {
        self.model.id()
    }

    fn is_simulated(&self) -> bool {
        self.model.is_simulated()
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        let ticket = self.enter()?;
        let answer = self.model.complete(request).await;
        match &answer {
            Ok(_) => ticket.succeeded(),
            Err(error) => failed(ticket, error, &self.last_failure),
        }
        answer
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        let ticket = self.enter()?;
        let deltas = match self.model.stream(request).await {
            Ok(deltas) => deltas,
            Err(error) => {
                failed(ticket, &error, &self.last_failure);
                return Err(error);
            }
        };
        let held = (deltas, Some(ticket), Arc::clone(&self.last_failure));
        Ok(stream::unfold(held, |(mut deltas, mut ticket, last_failure)| async move {
            let delta = deltas.next().await?;
            match (&delta, ticket.take()) {
                (Ok(ReplyDelta::Done(_)), Some(ticket)) => ticket.succeeded(),
                (Err(error), Some(ticket)) => failed(ticket, error, &last_failure),
                (Ok(_), held) => ticket = held,
                (Err(_), None) => {}
            }
            Some((delta, (deltas, ticket, last_failure)))
        })
        .boxed())
    }
}

#[cfg(test)]
mod tests;
