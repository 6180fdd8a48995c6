//! A vendor's model, asked over a transport.

use std::{sync::Arc, time::Duration};

use assize_llm::{ChatModel, ChatReply, ChatRequest, Error, ErrorKind, ModelId, ReplyDelta, ReplyStream};
use assize_transport::{Body, Transport};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::{
    Endpoint, ModelSpec, ReplyReader, WireFormat,
    calling::{self, MOST_BODY_BYTES, Opened, Said, broke_off, hidden, not_asked},
    content::{Content, is_events, is_json, looks_whole},
    quirks::Parameter,
    reader::malformed,
};

/// A body with more white space before its beginning is taken for what it was asked to be.
const MOST_BLANK_BYTES: usize = 64 << 10;

/// How long the end of a body may lag behind the end of its reply.
const LAG: Duration = Duration::from_millis(20);

/// A model at an [`Endpoint`]. It asks once: trying again, waiting and counting are for the wrappers around it.
///
/// Whether a server streams is seen from what it sends: a whole reply where a stream was asked for is given as a stream, and
/// the other way round.
#[derive(Debug, Clone)]
pub struct VendorModel {
    id: ModelId,
    endpoint: Endpoint,
    transport: Arc<dyn Transport>,
    is_strict: bool,
}

impl VendorModel {
    /// The model with this name at this endpoint.
    pub fn new(endpoint: Endpoint, id: impl Into<ModelId>, transport: Arc<dyn Transport>) -> Self {
        Self { id: id.into(), endpoint, transport, is_strict: false }
    }

    /// The model that was written on a command line.
    #[must_use]
    pub fn of(spec: ModelSpec, transport: Arc<dyn Transport>) -> Self {
        Self::new(spec.endpoint, spec.model, transport)
    }

    /// The same, which refuses a request with a field that the vendor [does not take](Endpoint::unsupported) for this model,
    /// where otherwise such a field is left out.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.is_strict = true;
        self
    }

    /// Where it is asked.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn format(&self) -> WireFormat {
        self.endpoint.format()
    }

    /// What forbids the call before it is made.
    fn check(&self, request: &ChatRequest) -> Result<(), Error> {
        calling::check_key(&self.endpoint, &self.id)?;
        if self.is_strict {
            let quirks = self.endpoint.quirks(&self.id);
            let refused: Vec<&str> = quirks.refused(request).map(Parameter::key).collect();
            if !refused.is_empty() {
                let (name, fields) = (self.endpoint.name(), refused.join("`, `"));
                let message = format!("ask {}: {name} does not take `{fields}` for this model", self.id);
                return Err(not_asked(Error::new(ErrorKind::BadRequest, message)));
            }
        }
        Ok(())
    }

    /// Asks, and gives the response if it is a success.
    async fn open(&self, request: &ChatRequest, streamed: bool) -> Result<Opened, Error> {
        self.check(request)?;
        let asked = self.format().request(&self.endpoint, &self.id, request, streamed).map_err(not_asked)?;
        calling::open(&self.endpoint, &self.id, &*self.transport, asked).await
    }

    /// Reads a body that came whole, in whichever form it came.
    fn read_whole(&self, request: &ChatRequest, content: &Content, body: &[u8]) -> Result<ChatReply, Error> {
        // What is called a stream may be the object that says why there is none.
        if is_events(body) || (content.is_stream() && !is_json(self.format(), body)) {
            let mut reader = self.format().reader(&self.id, request.clone());
            let mut deltas = Vec::new();
            return match reader.push(body, &mut deltas) {
                Ok(()) => reader.finish(&mut deltas),
                Err(error) => Err(reader.failed(error)),
            };
        }
        match self.format().read_reply(&self.id, request, body) {
            Err(error) if error.kind() == ErrorKind::Malformed && !content.is_json() => {
                Err(malformed(&self.id, &format!("the server sent {content}, not JSON")).with_source(error))
            }
            read => read,
        }
    }

    async fn collect(&self, request: &ChatRequest, opened: Opened) -> Result<ChatReply, Error> {
        let Opened { incoming, said, content } = opened;
        let read = match incoming.collect(MOST_BODY_BYTES).await {
            Ok(response) => self.read_whole(request, &content, response.body()),
            Err(error) => Err(broke_off(&self.id, error)),
        };
        with_limits(said, read)
    }
}

#[async_trait]
impl ChatModel for VendorModel {
    fn id(&self) -> &ModelId {
        &self.id
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        let asked = async { self.collect(&request, self.open(&request, false).await?).await };
        asked.await.map_err(|error| hidden(&self.endpoint, error))
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        self.begin(request).await.map_err(|error| hidden(&self.endpoint, error))
    }
}

impl VendorModel {
    async fn begin(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        let can_stream = self.endpoint.quirks(&self.id).can_stream(&request);
        let mut opened = self.open(&request, can_stream).await?;
        let (same, begun) = opened.begin().await;
        opened = same;
        let begun = begun.map_err(|e| opened.said.with(broke_off(&self.id, e)))?;
        let is_whole = if opened.content.is_stream() { is_json } else { looks_whole };
        if is_whole(self.format(), &begun) {
            let reply = self.collect(&request, opened).await?;
            return Ok(reply.into_stream());
        }
        let Opened { incoming, said, .. } = opened;
        let reader = self.format().reader(&self.id, request);
        let reading = Reading { reader, body: incoming.into_body(), model: self.clone(), said };
        Ok(stream::unfold(Some(reading), |reading| async move {
            let (deltas, rest) = reading?.next().await;
            Some((stream::iter(deltas), rest))
        })
        .flatten()
        .boxed())
    }
}

/// How a call ended, with what the head of its response says.
fn with_limits(said: Said, read: Result<ChatReply, Error>) -> Result<ChatReply, Error> {
    let mut reply = read.map_err(|error| said.with(error))?;
    reply.telemetry.limits = said.limits();
    Ok(reply)
}

impl Opened {
    /// Waits for the beginning of the body, up to the first byte that is no white space; it stays in the body.
    async fn begin(self) -> (Self, Result<Bytes, assize_transport::Error>) {
        let mut body = stream::empty().boxed();
        let incoming = self.incoming.map_body(|own| std::mem::replace(&mut body, own));
        let mut begun = BytesMut::new();
        let read = loop {
            match body.try_next().await {
                Ok(Some(piece)) => {
                    begun.extend_from_slice(&piece);
                    if !piece.trim_ascii_start().is_empty() || begun.len() > MOST_BLANK_BYTES {
                        break Ok(());
                    }
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        let begun = begun.freeze();
        let first = stream::iter((!begun.is_empty()).then(|| Ok(begun.clone())));
        let incoming = incoming.map_body(|_| first.chain(body).boxed());
        (Self { incoming, ..self }, read.map(|()| begun))
    }
}

/// A streamed reply under way.
struct Reading {
    reader: ReplyReader,
    body: Body,
    model: VendorModel,
    said: Said,
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
            Err(error) => Err(self.reader.failed(broke_off(&self.model.id, error))),
        };
        let end = with_limits(self.said, end).map_err(|error| hidden(&self.model.endpoint, error));
        let end = end.map(|reply| ReplyDelta::Done(Box::new(reply)));
        (deltas.into_iter().map(Ok).chain([end]).collect(), None)
    }

    /// Waits a moment for the end of the body, since a connection whose response was not read to its end is not used again.
    async fn let_go(&mut self) {
        let rest = async { while let Ok(Some(_)) = self.body.try_next().await {} };
        let _ = tokio::time::timeout(LAG, rest).await;
    }
}
