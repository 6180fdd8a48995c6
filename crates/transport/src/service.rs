//! Asking a service in this very process.

use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Poll, ready};

use assize_ambient::Clock;
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use tokio::time::timeout;
use tower_service::Service;

use crate::{Body, Bounds, Error, ErrorKind, Incoming, RawResponse, Request, Transport, wire};

type BoxError = Box<dyn StdError + Send + Sync>;

/// Hands requests to an HTTP service in the same process, without a socket: what a test or a simulation in virtual time
/// needs. It holds to the same [`Bounds`] as a real connection does.
///
/// A service that is not ready within the bound `connect` was not reached. An error of the service or of its body is a
/// broken connection ([`Broken`](ErrorKind::Broken)). Each request goes to a clone of its own.
///
/// ```
/// use std::convert::Infallible;
/// use std::future::{Ready, ready};
/// use std::sync::Arc;
/// use std::task::{Context, Poll};
/// use assize_ambient::{FixedClock, Timestamp};
/// use assize_transport::{Request, ServiceTransport, Transport};
/// use bytes::Bytes;
/// use http_body_util::Full;
///
/// #[derive(Clone)]
/// struct Echo;
///
/// impl tower_service::Service<http::Request<Bytes>> for Echo {
///     type Response = http::Response<Full<Bytes>>;
///     type Error = Infallible;
///     type Future = Ready<Result<Self::Response, Infallible>>;
///
///     fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
///         Poll::Ready(Ok(()))
///     }
///
///     fn call(&mut self, request: http::Request<Bytes>) -> Self::Future {
///         ready(Ok(http::Response::new(Full::new(request.into_body()))))
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let transport = ServiceTransport::new(Echo, Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH)));
/// let response = transport.send(Request::post("https://model.example/v1".parse()?, "hello")).await?;
/// assert_eq!(response.body(), "hello".as_bytes());
/// # Ok::<(), assize_transport::Error>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ServiceTransport<S> {
    service: S,
    clock: Arc<dyn Clock>,
    bounds: Bounds,
}

impl<S> ServiceTransport<S> {
    /// Asks `service`, within the default bounds; `clock` dates the answers.
    #[must_use]
    pub fn new(service: S, clock: Arc<dyn Clock>) -> Self {
        Self { service, clock, bounds: Bounds::default() }
    }

    /// The same within other bounds.
    #[must_use]
    pub fn within(self, bounds: Bounds) -> Self {
        Self { bounds, ..self }
    }
}

impl<S> fmt::Debug for ServiceTransport<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceTransport").field("bounds", &self.bounds).finish_non_exhaustive()
    }
}

impl<S, B> ServiceTransport<S>
where
    S: Service<http::Request<Bytes>, Response = http::Response<B>> + Clone,
    S::Error: Into<BoxError>,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    async fn ask(&self, request: &Request) -> Result<Incoming, Error> {
        let wire = wire::request(request)?;
        let url = request.url();
        let said = |error: S::Error| wire::said(request, &*error.into());
        let mut service = self.service.clone();
        match timeout(self.bounds.connect, poll_fn(|cx| service.poll_ready(cx))).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                return Err(ErrorKind::Unreachable.error(format!("reach {url}: {}", said(error))));
            }
            Err(_) => {
                let text = format!("reach {url}: not within {:?} (the bound `connect`)", self.bounds.connect);
                return Err(ErrorKind::TimedOut.error(text).sent(false));
            }
        }
        let response = service
            .call(wire)
            .await
            .map_err(|error| ErrorKind::Broken.error(format!("ask {url}: {}", said(error))))?;
        let (head, body) = response.into_parts();
        let body = pieces(request.clone(), body);
        Ok(Incoming::new(request, head.status.as_u16(), wire::headers(&head.headers), body, self.clock.now()))
    }
}

#[async_trait]
impl<S, B> Transport for ServiceTransport<S>
where
    S: Service<http::Request<Bytes>, Response = http::Response<B>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    async fn send(&self, request: Request) -> Result<RawResponse, Error> {
        self.open(request).await?.collect(self.bounds.most_bytes).await
    }

    async fn open(&self, request: Request) -> Result<Incoming, Error> {
        self.bounds.apply(&request, self.ask(&request)).await
    }
}

/// The data of a body; trailers are passed over.
fn pieces<B>(request: Request, body: B) -> Body
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let mut body = Box::pin(body);
    stream::poll_fn(move |cx| {
        loop {
            match ready!(body.as_mut().poll_frame(cx)) {
                None => return Poll::Ready(None),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
                Some(Err(error)) => {
                    let said = wire::said(&request, &*error.into());
                    let text = format!("read {}: {said}", request.url());
                    return Poll::Ready(Some(Err(ErrorKind::Broken.error(text))));
                }
            }
        }
    })
    .boxed()
}
