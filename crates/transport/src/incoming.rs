//! A response whose body is still coming in.

use std::fmt;

use assize_ambient::Timestamp;
use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};

use crate::{Error, ErrorKind, Headers, RawResponse, Request, RequestKey, Url};

/// The pieces of a body as they come in, however they were cut. It ends after an error.
pub type Body = BoxStream<'static, Result<Bytes, Error>>;

/// The head of a response, and its body as it comes in. Dropping it cancels the request.
///
/// ```
/// use assize_ambient::Timestamp;
/// use assize_transport::{Headers, Incoming, Request};
/// use futures_util::{StreamExt, stream};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let request = Request::get("https://example.org/x".parse()?);
/// let body = stream::iter([Ok("slow ".into()), Ok("down".into())]).boxed();
/// let incoming = Incoming::new(&request, 429, Headers::from_iter([("Retry-After", "3")]), body, Timestamp::UNIX_EPOCH);
/// assert_eq!(incoming.headers().get("retry-after"), Some("3"));
/// assert_eq!(incoming.collect(1024).await?.body(), "slow down".as_bytes());
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Incoming {
    /// The response so far; its body stays empty.
    head: RawResponse,
    body: Body,
}

impl Incoming {
    /// What comes in as an answer to `request`; `opened_at` is when its head came.
    #[must_use]
    pub fn new(request: &Request, status: u16, headers: Headers, body: Body, opened_at: Timestamp) -> Self {
        Self { head: RawResponse::new(request, status, headers, Bytes::new(), opened_at), body }
    }

    /// What the request is known by.
    #[must_use]
    pub fn key(&self) -> &RequestKey {
        self.head.key()
    }

    /// The address that was asked, without secrets.
    #[must_use]
    pub fn url(&self) -> &Url {
        self.head.url()
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.head.status()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &Headers {
        self.head.headers()
    }

    /// When the head came.
    #[must_use]
    pub fn opened_at(&self) -> Timestamp {
        self.head.fetched_at()
    }

    /// The body as it comes in.
    #[must_use]
    pub fn into_body(self) -> Body {
        self.body
    }

    /// The same with its body passed through `change`.
    #[must_use]
    pub fn map_body(self, change: impl FnOnce(Body) -> Body) -> Self {
        Self { head: self.head, body: change(self.body) }
    }

    /// The head, its body empty.
    pub(crate) fn head(&self) -> &RawResponse {
        &self.head
    }

    /// Waits for the rest of the body, of at most `most_bytes`.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] for a longer body; otherwise what the body ended with.
    pub async fn collect(mut self, most_bytes: usize) -> Result<RawResponse, Error> {
        let mut whole = BytesMut::new();
        let mut first = Bytes::new();
        while let Some(piece) = self.body.try_next().await? {
            if whole.len() + first.len() + piece.len() > most_bytes {
                let url = self.head.url();
                return Err(
                    ErrorKind::TooLarge.error(format!("read {url}: it has more than {most_bytes} bytes"))
                );
            }
            // One piece alone, the usual case, is not copied.
            if first.is_empty() && whole.is_empty() {
                first = piece;
            } else {
                if whole.is_empty() {
                    whole.extend_from_slice(&std::mem::take(&mut first));
                }
                whole.extend_from_slice(&piece);
            }
        }
        let body = if whole.is_empty() { first } else { whole.freeze() };
        Ok(self.head.with_body(body))
    }
}

impl From<RawResponse> for Incoming {
    fn from(whole: RawResponse) -> Self {
        let body = whole.body().clone();
        let pieces = (!body.is_empty()).then_some(Ok(body));
        Self { head: whole.with_body(Bytes::new()), body: stream::iter(pieces).boxed() }
    }
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming").field("head", &self.head).finish_non_exhaustive()
    }
}
