//! What all calls of a vendor have in common, whatever they ask for.

use std::time::Duration;

use assize_ambient::Timestamp;
use assize_llm::{Error, ErrorKind, ModelId};
use assize_transport::{Headers, Incoming, LimitReport, Request, RetryHints, Secret, Transport};
use bytes::BytesMut;
use futures_util::TryStreamExt;

use crate::{Endpoint, content::Content, failure, reader::malformed};

/// The body of a whole reply has at most so many bytes.
pub(crate) const MOST_BODY_BYTES: usize = 64 << 20;

/// So much of what a refusal says is read, and so long is it waited for: a refusal is to be told of, whatever its body does.
const MOST_REFUSAL_BYTES: usize = 1 << 20;
const REFUSAL_PATIENCE: Duration = Duration::from_secs(5);

/// A key of fewer bytes is a stand-in for servers that want none.
const SHORTEST_SECRET: usize = 4;

/// Whether there is the key without which the endpoint answers nobody.
pub(crate) fn check_key(endpoint: &Endpoint, model: &ModelId) -> Result<(), Error> {
    if endpoint.has_key() || !endpoint.key_needed() {
        return Ok(());
    }
    let hint = endpoint.key_variable().map(|name| format!(", such as that in {name}")).unwrap_or_default();
    let message = format!("ask {model}: {} needs a key{hint}", endpoint.name());
    Err(not_asked(Error::new(ErrorKind::Auth, message)))
}

/// Asks once, and gives the response if it is a success.
pub(crate) async fn open(
    endpoint: &Endpoint,
    model: &ModelId,
    transport: &dyn Transport,
    request: Request,
) -> Result<Opened, Error> {
    let incoming = transport.open(request).await.map_err(|e| broke_off(model, e))?;
    let said = Said::by(&incoming);
    let status = incoming.status();
    if !(200..300).contains(&status) {
        let body = refusal(incoming).await;
        return Err(said.with(failure::read(model, status, &body)));
    }
    let content = Content::of(incoming.headers());
    if content.is_foreign() {
        let base = endpoint.base();
        let why = format!("the server sent {content}, no reply; is {base} the address of its interface?");
        return Err(said.with(malformed(model, &why)));
    }
    Ok(Opened { incoming, said, content })
}

/// A response that is a success as far as its head says.
pub(crate) struct Opened {
    pub(crate) incoming: Incoming,
    pub(crate) said: Said,
    pub(crate) content: Content,
}

/// What the head of a response says about coming back, and about limits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said {
    hints: RetryHints,
    limits: Option<LimitReport>,
}

impl Said {
    fn by(incoming: &Incoming) -> Self {
        let (headers, at): (&Headers, Timestamp) = (incoming.headers(), incoming.opened_at());
        Self { hints: RetryHints::from_headers(headers, at), limits: LimitReport::from_headers(headers, at) }
    }

    /// The error with it. What the body says of the wait stays where the head says nothing.
    pub(crate) fn with(self, mut error: Error) -> Error {
        error.telemetry_mut().limits = self.limits;
        if let Some(wait) = self.hints.after {
            error = error.with_retry_after(wait);
        }
        match self.hints.should_retry {
            Some(should_retry) => error.with_should_retry(should_retry),
            None => error,
        }
    }

    /// What the vendor says of its limits.
    pub(crate) fn limits(&self) -> Option<LimitReport> {
        self.limits
    }
}

/// What a failure of the transport means for the call.
pub(crate) fn broke_off(model: &ModelId, error: assize_transport::Error) -> Error {
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
    let wait = error.retry_after();
    let out = Error::new(kind, format!("ask {model}: failed to {error}"))
        .with_possibly_billed(error.may_have_been_sent())
        .with_source(error);
    match wait {
        Some(wait) => out.with_retry_after(wait),
        None => out,
    }
}

/// The error without the key, which some vendors repeat in what they say of it.
pub(crate) fn hidden(endpoint: &Endpoint, error: Error) -> Error {
    let key = endpoint.key().map(Secret::expose).unwrap_or_default();
    if key.len() < SHORTEST_SECRET {
        return error;
    }
    error.map_message(|message| message.replace(key, "[secret]"))
}

/// The same error, of a call that was not made.
pub(crate) fn not_asked(mut error: Error) -> Error {
    error.telemetry_mut().attempts = 0;
    error
}

/// What came of a refusal's body in time.
async fn refusal(incoming: Incoming) -> BytesMut {
    let mut body = incoming.into_body();
    let mut came = BytesMut::new();
    let reading = async {
        while let Ok(Some(piece)) = body.try_next().await {
            came.extend_from_slice(&piece);
            if came.len() >= MOST_REFUSAL_BYTES {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(REFUSAL_PATIENCE, reading).await;
    came.truncate(MOST_REFUSAL_BYTES);
    came
}
