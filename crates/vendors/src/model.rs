//! A vendor's model, asked over a transport.

use std::{sync::Arc, time::Duration};

use assize_ambient::Timestamp;
use assize_llm::{ChatModel, ChatReply, ChatRequest, Error, ErrorKind, ModelId, ReplyDelta, ReplyStream};
use assize_transport::{Body, Headers, Incoming, LimitReport, RetryHints, Transport};
use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::{Endpoint, ReplyReader, WireFormat};

/// The body of a whole reply, or of a refusal, has at most so many bytes.
const MOST_BODY_BYTES: usize = 64 << 20;

/// A model at an [`Endpoint`]. It asks once: trying again, waiting and counting are for the wrappers around it.
#[derive(Debug, Clone)]
pub struct VendorModel {
    id: ModelId,
    endpoint: Endpoint,
    transport: Arc<dyn Transport>,
}

impl VendorModel {
    /// The model with this name at this endpoint.
    pub fn new(endpoint: Endpoint, id: impl Into<ModelId>, transport: Arc<dyn Transport>) -> Self {
        Self { id: id.into(), endpoint, transport }
    }

    /// Where it is asked.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn format(&self) -> WireFormat {
        self.endpoint.format()
    }

    /// Asks, and gives the response if it is a success.
    async fn open(&self, request: &ChatRequest, streamed: bool) -> Result<Incoming, Error> {
        let asked = self.format().request(&self.endpoint, &self.id, request, streamed)?;
        let incoming = self.transport.open(asked).await.map_err(|e| self.broke_off(e))?;
        let status = incoming.status();
        if (200..300).contains(&status) {
            return Ok(incoming);
        }
        let (hints, limits) = hints(incoming.headers(), incoming.opened_at());
        // A refusal whose body does not come is a refusal still.
        let body = incoming.collect(MOST_BODY_BYTES).await;
        let body = body.as_ref().map_or(&[][..], |response| response.body());
        let error = self.format().read_failure(&self.id, status, body);
        Err(with_hints(error, hints, limits))
    }

    /// What a failure of the transport means for the call.
    fn broke_off(&self, error: assize_transport::Error) -> Error {
        use assize_transport::ErrorKind as Kind;
        let kind = match error.kind() {
            Kind::TimedOut => ErrorKind::TimedOut,
            Kind::Unreachable => ErrorKind::Unreachable,
            Kind::Broken => ErrorKind::CutStream,
            Kind::TooLarge | Kind::Corrupt => ErrorKind::Malformed,
            Kind::Unrecorded => ErrorKind::ScriptEnded,
            Kind::Io => ErrorKind::Server,
            _ => ErrorKind::BadRequest,
        };
        Error::new(kind, format!("ask {}: failed to {error}", self.id))
            .with_possibly_billed(error.may_have_been_sent())
            .with_source(error)
    }
}

#[async_trait]
impl ChatModel for VendorModel {
    fn id(&self) -> &ModelId {
        &self.id
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        let incoming = self.open(&request, false).await?;
        let (hints, limits) = hints(incoming.headers(), incoming.opened_at());
        let response = incoming.collect(MOST_BODY_BYTES).await.map_err(|e| self.broke_off(e))?;
        match self.format().read_reply(&self.id, &request, response.body()) {
            Ok(mut reply) => {
                reply.telemetry.limits = limits;
                Ok(reply)
            }
            Err(error) => Err(with_hints(error, hints, limits)),
        }
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        let incoming = self.open(&request, true).await?;
        let (hints, limits) = hints(incoming.headers(), incoming.opened_at());
        let reading = Reading {
            reader: self.format().reader(&self.id, request),
            body: incoming.into_body(),
            model: self.clone(),
            hints,
            limits,
        };
        Ok(stream::unfold(Some(reading), |reading| async move {
            let (deltas, rest) = reading?.next().await;
            Some((stream::iter(deltas), rest))
        })
        .flatten()
        .boxed())
    }
}

/// A streamed reply under way.
struct Reading {
    reader: ReplyReader,
    body: Body,
    model: VendorModel,
    hints: RetryHints,
    limits: Option<LimitReport>,
}

impl Reading {
    /// What the next piece of the body brings, and what is left to read.
    async fn next(mut self) -> (Vec<Result<ReplyDelta, Error>>, Option<Self>) {
        let mut deltas = Vec::new();
        let end = match self.body.try_next().await {
            Ok(Some(piece)) => match self.reader.push(&piece, &mut deltas) {
                Ok(()) if !self.reader.is_ended() => {
                    return (deltas.into_iter().map(Ok).collect(), Some(self));
                }
                Ok(()) => {
                    self.let_go().await;
                    self.reader.finish(&mut deltas)
                }
                Err(error) => Err(self.reader.failed(error)),
            },
            Ok(None) => self.reader.finish(&mut deltas),
            Err(error) => Err(self.reader.failed(self.model.broke_off(error))),
        };
        let end = match end {
            Ok(mut reply) => {
                reply.telemetry.limits = self.limits;
                Ok(ReplyDelta::Done(Box::new(reply)))
            }
            Err(error) => Err(with_hints(error, self.hints, self.limits)),
        };
        (deltas.into_iter().map(Ok).chain([end]).collect(), None)
    }
}

/// How long the end of a body may lag behind the end of its reply.
const LAG: Duration = Duration::from_millis(20);

impl Reading {
    /// Waits a moment for the end of the body, since a connection whose response was not read to its end is not used again.
    async fn let_go(&mut self) {
        let rest = async { while let Ok(Some(_)) = self.body.try_next().await {} };
        let _ = tokio::time::timeout(LAG, rest).await;
    }
}

fn hints(headers: &Headers, at: Timestamp) -> (RetryHints, Option<LimitReport>) {
    (RetryHints::from_headers(headers, at), LimitReport::from_headers(headers, at))
}

fn with_hints(mut error: Error, hints: RetryHints, limits: Option<LimitReport>) -> Error {
    error.telemetry_mut().limits = limits;
    if let Some(wait) = hints.after {
        error = error.with_retry_after(wait);
    }
    match hints.should_retry {
        Some(should_retry) => error.with_should_retry(should_retry),
        None => error,
    }
}
