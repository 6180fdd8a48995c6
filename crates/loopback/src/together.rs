//! Vendors and sites on one address.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use tower_service::Service;

use crate::{Body, Error, Exchange, World};

/// The vendors and the sites as one service: a request that names a site goes to the exchange, any other to the vendors.
///
/// Over TCP, where the address is that of the machine, a site is named by the `host` header, or by a path that begins with
/// `/host/` and the site's host: `/host/www.sec.gov/files/company_tickers.json`.
///
/// ```
/// use std::sync::Arc;
///
/// use assize_ambient::{Seed, SystemClock};
/// use assize_loopback::{Exchange, Together, World};
/// use bytes::Bytes;
/// use http::Request;
/// use tower_service::Service;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let (seed, clock) = (Seed::new(7), Arc::new(SystemClock));
/// let mut together = Together::new(World::new(seed, clock.clone()), Exchange::new(seed, clock));
/// let site = Request::get("/host/www.sec.gov/files/company_tickers.json").body(Bytes::new())?;
/// assert_eq!(together.call(site).await?.status(), 200);
/// let vendor = Request::get("/v1/models").body(Bytes::new())?;
/// assert_eq!(together.call(vendor).await?.status(), 401, "without a key");
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Together {
    world: World,
    exchange: Exchange,
}

impl Together {
    /// Both.
    #[must_use]
    pub fn new(world: World, exchange: Exchange) -> Self {
        Self { world, exchange }
    }
}

impl Service<Request<Bytes>> for Together {
    type Response = Response<Body>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        if Exchange::plays(&request) { self.exchange.call(request) } else { self.world.call(request) }
    }
}
