//! Asking the outside over HTTP.

use std::fmt;
use std::sync::Arc;

use assize_ambient::Clock;
use async_trait::async_trait;
use futures_util::stream::StreamExt;
use reqwest::header::LOCATION;

use crate::withhold::withhold_in_text;
use crate::{Bounds, Error, ErrorKind, Incoming, Method, RawResponse, Request, Transport, wire};

mod address;
mod builder;
mod connections;
mod guard;
mod origin;

pub use builder::HttpBuilder;
pub use connections::Connections;

use connections::{Counts, UnderWay};
use guard::Forbidden;
use origin::Origin;

/// The most redirects that a reading request follows, all within one origin.
const MOST_HOPS: usize = 5;

/// Sends requests over HTTP/1.1 or HTTP/2, to configured origins only, over connections that are kept for the next request.
///
/// It trusts the platform's certificates, takes no proxy from the environment, keeps no cookies and unpacks nothing.
/// What it does not do, so that no address in a file or a reply can send it elsewhere:
///
/// - It asks only origins (scheme, host and port) that it was built for.
/// - It connects only to public addresses, whatever a name says, unless it was built for `localhost`, for an address that
///   is no name, or with [`HttpBuilder::allow_private`].
/// - It follows redirects only of reading requests, within their origin, at most five; any other is
///   [`Denied`](ErrorKind::Denied).
///
/// Clones share their connections. Dropping a future or a body cancels the request.
///
/// ```
/// use std::sync::Arc;
/// use assize_ambient::{FixedClock, Timestamp};
/// use assize_transport::{ErrorKind, HttpTransport, Request, Transport};
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
///
/// let clock = Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH));
/// let transport = HttpTransport::builder(clock).allow(&"http://localhost:11434/v1".parse()?).build()?;
/// let elsewhere = Request::get("http://192.168.0.1/admin".parse()?);
/// assert_eq!(transport.send(elsewhere).await.unwrap_err().kind(), ErrorKind::Denied);
/// # Ok::<(), assize_transport::Error>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct HttpTransport {
    client: reqwest::Client,
    origins: Arc<[Origin]>,
    bounds: Bounds,
    clock: Arc<dyn Clock>,
    counts: Counts,
}

impl HttpTransport {
    /// Starts to build one; `clock` dates the answers.
    pub fn builder(clock: Arc<dyn Clock>) -> HttpBuilder {
        HttpBuilder::new(clock)
    }

    /// What became of its connections and requests until now.
    #[must_use]
    pub fn connections(&self) -> Connections {
        self.counts.now()
    }

    /// The request as it goes out, if it may.
    fn wire(&self, request: &Request) -> Result<reqwest::Request, Error> {
        let url = request.url();
        // The address is judged in the very form that will be connected to.
        let mut out = reqwest::Request::try_from(wire::request(request)?).map_err(|_| {
            ErrorKind::BadRequest.error(format!("ask {url}: it is not an address that can be asked"))
        })?;
        let origin = Origin::of(out.url());
        if !origin.as_ref().is_some_and(|origin| self.origins.contains(origin)) {
            let text = format!("ask {url}: this origin was not configured; allow it if it is meant");
            return Err(ErrorKind::Denied.error(text));
        }
        // An empty body needs no length where none is expected.
        if request.method() == Method::Get && request.body().is_empty() {
            *out.body_mut() = None;
        }
        Ok(out)
    }

    async fn ask(&self, request: &Request) -> Result<Incoming, Error> {
        let under_way = self.counts.begin();
        let mut out = self.wire(request)?;
        let mut hops = 0;
        loop {
            let next = if request.method() == Method::Get { out.try_clone() } else { None };
            let from = out.url().clone();
            let response =
                self.client.execute(out).await.map_err(|error| self.failure(request, "ask", &error))?;
            self.counts.answered();
            let status = response.status().as_u16();
            let target = match response.headers().get(LOCATION) {
                Some(target) if matches!(status, 301 | 302 | 303 | 307 | 308) => target.clone(),
                _ => return Ok(self.incoming(request, response, under_way)),
            };
            let target = from.join(&String::from_utf8_lossy(target.as_bytes())).ok();
            let denied = |why: &str| {
                let to = target
                    .as_ref()
                    .map_or_else(|| "nowhere".to_owned(), |to| to.origin().ascii_serialization());
                let text = format!("ask {}: it answers {status}, a redirect to {to}; {why}", request.url());
                ErrorKind::Denied.error(withhold_in_text(request, &text)).sent(true)
            };
            let Some(mut next) = next else {
                return Err(denied(
                    "a request that hands something in is not sent on: use the right address",
                ));
            };
            hops += 1;
            if hops > MOST_HOPS {
                return Err(denied("it was sent on five times before: use the right address"));
            }
            match &target {
                Some(to) if Origin::of(to).is_some() && Origin::of(to) == Origin::of(&from) => {
                    *next.url_mut() = to.clone();
                }
                _ => {
                    return Err(denied(
                        "a redirect is followed only within its origin: use the right address",
                    ));
                }
            }
            out = next;
        }
    }

    fn incoming(&self, request: &Request, response: reqwest::Response, under_way: UnderWay) -> Incoming {
        let status = response.status().as_u16();
        let headers = wire::headers(response.headers());
        let (this, asked) = (self.clone(), request.clone());
        let body = response.bytes_stream().map(move |piece| {
            // Counted as under way until the body is dropped.
            let _ = &under_way;
            piece.map_err(|error| this.failure(&asked, "read", &error))
        });
        Incoming::new(request, status, headers, body.boxed(), self.clock.now())
    }

    /// What went wrong, without the address that the client's own error would show.
    fn failure(&self, request: &Request, doing: &str, error: &reqwest::Error) -> Error {
        let url = request.url();
        if let Some(forbidden) = Forbidden::within(error) {
            return ErrorKind::Denied.error(format!("{doing} {url}: {forbidden}"));
        }
        if error.is_connect() && error.is_timeout() {
            let within = self.bounds.connect;
            let text = format!("reach {url}: no connection within {within:?} (the bound `connect`)");
            return ErrorKind::TimedOut.error(text).sent(false);
        }
        let said = wire::said_by_causes(request, error);
        if error.is_builder() {
            return ErrorKind::BadRequest.error(format!("{doing} {url}: {said}"));
        }
        if error.is_connect() {
            return ErrorKind::Unreachable.error(format!("reach {url}: {said}"));
        }
        let kind = if error.is_timeout() { ErrorKind::TimedOut } else { ErrorKind::Broken };
        kind.error(format!("{doing} {url}: {said}"))
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport")
            .field("origins", &self.origins)
            .field("bounds", &self.bounds)
            .field("connections", &self.connections())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, request: Request) -> Result<RawResponse, Error> {
        self.open(request).await?.collect(self.bounds.most_bytes).await
    }

    async fn open(&self, request: Request) -> Result<Incoming, Error> {
        self.bounds.apply(&request, self.ask(&request)).await
    }
}

#[cfg(test)]
mod tests;
