//! Where a vendor is reached, and with which key.

use std::{fmt, sync::Arc};

use assize_llm::{Error, ErrorKind};
use assize_transport::{Secret, Url};

use crate::WireFormat;

/// A vendor's address, wire format and key.
///
/// ```
/// use assize_vendors::{Endpoint, WireFormat};
///
/// let endpoint = Endpoint::new("local", WireFormat::OpenAiChat, "http://127.0.0.1:8000/v1/".parse()?).with_key("hunter2");
/// assert_eq!(endpoint.address("chat/completions")?.as_str(), "http://127.0.0.1:8000/v1/chat/completions");
/// assert!(!format!("{endpoint:?}").contains("hunter2"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Endpoint {
    name: Arc<str>,
    format: WireFormat,
    base: Url,
    key: Option<Secret>,
}

impl Endpoint {
    /// An endpoint without a key. `base` is what all its paths follow, such as `https://api.openai.com/v1`.
    #[must_use]
    pub fn new(name: &str, format: WireFormat, base: Url) -> Self {
        Self { name: name.into(), format, base, key: None }
    }

    /// The same with a key.
    #[must_use]
    pub fn with_key(mut self, key: &str) -> Self {
        self.key = Some(Secret::new(key));
        self
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it speaks.
    #[must_use]
    pub fn format(&self) -> WireFormat {
        self.format
    }

    /// What all its paths follow.
    #[must_use]
    pub fn base(&self) -> &Url {
        &self.base
    }

    pub(crate) fn key(&self) -> Option<&Secret> {
        self.key.as_ref()
    }

    /// The address of a path below it.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`] when no address comes of it.
    pub fn address(&self, path: &str) -> Result<Url, Error> {
        let base = self.base.as_str().trim_end_matches('/');
        format!("{base}/{path}").parse().map_err(|e| {
            Error::new(ErrorKind::BadRequest, format!("ask {}: failed to {e}", self.name)).with_source(e)
        })
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("name", &self.name)
            .field("format", &self.format)
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}
