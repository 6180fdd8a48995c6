//! Building an HTTP transport.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use assize_ambient::Clock;
use reqwest::{Certificate, Client, redirect, retry};
use rustls::crypto::{CryptoProvider, ring};

use super::connections::Counts;
use super::guard::{self, Guard, Lookup};
use super::origin::Origin;
use crate::{Bounds, Error, ErrorKind, HttpTransport, Url};

/// How long a connection is kept for the next request: below the minute after which servers tend to close it, since a
/// request that meets the closing is lost.
const KEPT: Duration = Duration::from_secs(50);

/// The most idle connections that are kept for one host.
const MOST_KEPT: usize = 32;

/// What an HTTP transport may reach, and how long it waits. See [`HttpTransport::builder`].
#[must_use]
pub struct HttpBuilder {
    clock: Arc<dyn Clock>,
    bounds: Bounds,
    origins: Vec<Origin>,
    /// The hosts whose names may lead anywhere.
    free: BTreeSet<String>,
    certificates: Vec<Certificate>,
    lookup: Lookup,
    /// The first thing that was wrong, told when it is built.
    wrong: Option<Error>,
}

impl HttpBuilder {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            bounds: Bounds::default(),
            origins: Vec::new(),
            free: BTreeSet::new(),
            certificates: Vec::new(),
            lookup: guard::system(),
            wrong: None,
        }
    }

    /// May ask this host over HTTPS, such as `api.example.org` or `api.example.org:8443`.
    pub fn allow_host(mut self, host: &str) -> Self {
        match format!("https://{host}").parse::<Url>() {
            // Nothing but a host and a port: what stands behind a slash would be taken for a part of what is allowed.
            Ok(url) if url.host() == Some(host) => self.allow(&url),
            _ => {
                self.fail(format!("allow `{host}`: give a host, with its port if need be, and nothing else"));
                self
            }
        }
    }

    /// May ask the origin of this address, which is its scheme, host and port; `http:` only where it is given here.
    pub fn allow(mut self, url: &Url) -> Self {
        match url.as_str().parse().ok().and_then(|url| Origin::of(&url)) {
            Some(origin) => {
                if origin.host == "localhost" {
                    self.free.insert(origin.host.clone());
                }
                self.origins.push(origin);
            }
            None => self.fail(format!("allow {url}: it is not an `http:` or `https:` address")),
        }
        self
    }

    /// May ask the origin of this address, and its name may lead to an address that is not public: a server of ours.
    pub fn allow_private(self, url: &Url) -> Self {
        let before = self.origins.len();
        let mut this = self.allow(url);
        if let Some(origin) = this.origins.get(before) {
            this.free.insert(origin.host.clone());
        }
        this
    }

    /// Trusts the certificates in `pem` beside the platform's: those of a company's own authority.
    pub fn trust_also(mut self, pem: &[u8]) -> Self {
        match Certificate::from_pem_bundle(pem) {
            Ok(certificates) if !certificates.is_empty() => self.certificates.extend(certificates),
            _ => self.fail("trust certificates: there are none in PEM form".to_owned()),
        }
        self
    }

    /// Waits this long and takes this much.
    pub fn bounds(self, bounds: Bounds) -> Self {
        Self { bounds, ..self }
    }

    #[cfg(test)]
    pub(super) fn lookup(self, lookup: Lookup) -> Self {
        Self { lookup, ..self }
    }

    fn fail(&mut self, why: String) {
        self.wrong.get_or_insert_with(|| ErrorKind::BadRequest.error(why));
    }

    /// Builds it. Where the process has no provider of cryptography for TLS yet, `ring` becomes it.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`] for a host, address or certificate that cannot be read; [`ErrorKind::Io`] if the platform
    /// has no certificates and an `https:` origin is allowed.
    pub fn build(self) -> Result<HttpTransport, Error> {
        if let Some(wrong) = self.wrong {
            return Err(wrong);
        }
        if CryptoProvider::get_default().is_none() {
            // Another thread may have been quicker; then there is one all the same.
            let _ = ring::default_provider().install_default();
        }
        let counts = Counts::default();
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .user_agent(concat!("assize/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(self.bounds.connect)
            .connector_layer(counts.clone())
            .dns_resolver(Guard { lookup: self.lookup, free: self.free })
            .pool_idle_timeout(KEPT)
            .pool_max_idle_per_host(MOST_KEPT)
            .tcp_nodelay(true)
            .tcp_keepalive(Duration::from_secs(30))
            .http2_keep_alive_interval(Duration::from_secs(20))
            .http2_keep_alive_timeout(Duration::from_secs(20));
        // Who asks over plain HTTP alone needs no certificates, and may be where there are none.
        let client = if self.origins.iter().any(Origin::is_https) {
            client.tls_certs_merge(self.certificates)
        } else {
            client.tls_certs_only(self.certificates)
        };
        let client = client.build().map_err(|cause| {
            let cause = cause.without_url();
            ErrorKind::Io.error(format!("start an HTTP client: {cause}")).because(cause)
        })?;
        let Self { clock, bounds, origins, .. } = self;
        Ok(HttpTransport { client, origins: origins.into(), bounds, clock, counts })
    }
}

impl fmt::Debug for HttpBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpBuilder")
            .field("origins", &self.origins)
            .field("free", &self.free)
            .field("bounds", &self.bounds)
            .finish_non_exhaustive()
    }
}
