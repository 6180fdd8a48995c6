//! No more at once than agreed.

use std::{fmt, sync::Arc, time::Duration};

use assize_transport::{Gate, Pass};
use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use crate::{ChatModel, ChatReply, ChatRequest, Error, ModelId, ReplyDelta, ReplyStream, Telemetry};

/// Makes each call wait for a place in its [`Gate`]. A stream holds its place until it has ended or is dropped, so who asks
/// for a stream must read it.
///
/// ```
/// use std::sync::Arc;
///
/// use assize_llm::{ChatModel, ChatRequest, ConcurrencyLimited, ScriptedModel};
/// use assize_transport::Gate;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let gate = Gate::default();
/// let model = ConcurrencyLimited::new(Arc::new(ScriptedModel::saying("parrot", ["Yes."])), gate.clone());
/// let stream = model.stream(ChatRequest::new("Is it raining?")).await?;
/// assert_eq!(gate.state().inside, 1);
/// drop(stream);
/// assert_eq!(gate.state().inside, 0);
/// # Ok::<(), assize_llm::Error>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ConcurrencyLimited {
    model: Arc<dyn ChatModel>,
    gate: Gate,
}

impl fmt::Debug for ConcurrencyLimited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConcurrencyLimited")
            .field("model", self.model.id())
            .field("gate", &self.gate)
            .finish()
    }
}

impl ConcurrencyLimited {
    /// Lets this model's calls through this gate.
    pub fn new(model: Arc<dyn ChatModel>, gate: Gate) -> Self {
        Self { model, gate }
    }

    async fn enter(&self) -> (Pass, Duration) {
        let asked = Instant::now();
        let pass = self.gate.enter().await;
        (pass, asked.elapsed())
    }
}

fn add_queued(telemetry: &mut Telemetry, waited: Duration) {
    telemetry.queued = telemetry.queued.saturating_add(waited);
}

#[async_trait]
impl ChatModel for ConcurrencyLimited {
    fn id(&self) -> &ModelId {
        self.model.id()
    }

    fn is_simulated(&self) -> bool {
        self.model.is_simulated()
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        let (_pass, waited) = self.enter().await;
        let mut answer = self.model.complete(request).await;
        match &mut answer {
            Ok(reply) => add_queued(&mut reply.telemetry, waited),
            Err(error) => add_queued(error.telemetry_mut(), waited),
        }
        answer
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        let (pass, waited) = self.enter().await;
        let deltas = match self.model.stream(request).await {
            Ok(deltas) => deltas,
            Err(mut error) => {
                add_queued(error.telemetry_mut(), waited);
                return Err(error);
            }
        };
        Ok(stream::unfold((deltas, Some(pass)), move |(mut deltas, mut pass)| async move {
            let mut delta = deltas.next().await?;
            match &mut delta {
                Ok(ReplyDelta::Done(reply)) => {
                    add_queued(&mut reply.telemetry, waited);
                    pass = None;
                }
                Ok(_) => {}
                Err(error) => {
                    add_queued(error.telemetry_mut(), waited);
                    pass = None;
                }
            }
            Some((delta, (deltas, pass)))
        })
        .boxed())
    }
}

#[cfg(test)]
mod tests;
