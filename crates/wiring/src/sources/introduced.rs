//! Saying who asks, to whoever was not told otherwise.

use assize_transport::{Error, Incoming, RawResponse, Request, Secret, Transport};
use async_trait::async_trait;

/// Adds an honest `User-Agent`, with whom to write to, to requests that have none of their own. Some sites refuse programs
/// that do not say whose they are.
#[derive(Debug)]
pub(super) struct Introduced<T> {
    inner: T,
    /// Kept like a key: it is somebody's address.
    name: Option<Secret>,
}

impl<T> Introduced<T> {
    pub(super) fn new(inner: T, operator: Option<Secret>) -> Self {
        let named = |operator: Secret| {
            Secret::new(format!("assize/{} ({})", env!("CARGO_PKG_VERSION"), operator.expose()))
        };
        Self { inner, name: operator.map(named) }
    }

    fn introduced(&self, request: Request) -> Result<Request, Error> {
        let is_named = request.headers().iter().any(|(name, _)| name == "user-agent")
            || request.secret_headers().iter().any(|(name, _)| name == "user-agent");
        match &self.name {
            Some(name) if !is_named => request.with_secret_header("user-agent", name.expose()),
            _ => Ok(request),
        }
    }
}

#[async_trait]
impl<T: Transport> Transport for Introduced<T> {
    async fn send(&self, request: Request) -> Result<RawResponse, Error> {
        self.inner.send(self.introduced(request)?).await
    }

    async fn open(&self, request: Request) -> Result<Incoming, Error> {
        self.inner.open(self.introduced(request)?).await
    }
}
