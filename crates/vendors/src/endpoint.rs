//! Where a vendor is reached, and with which key.

use std::{borrow::Cow, fmt, sync::Arc};

use assize_llm::{ChatRequest, Error, ErrorKind, ModelId};
use assize_transport::{Request, Secret, Url};
use serde_json::{Map, Value};

use crate::{
    Endpoints, Quirks, WireFormat,
    embedding::EmbeddingQuirks,
    quirks::{Differences, Parameter},
    written::written,
};

/// A vendor's address, wire format, quirks and key.
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
    key_variable: Option<Arc<str>>,
    key_needed: bool,
    headers: Vec<(String, String)>,
    differences: Arc<Differences>,
    embedding: Arc<EmbeddingQuirks>,
}

impl Endpoint {
    /// An endpoint that speaks the plain format and needs no key. `base` is what all its paths follow, such as
    /// `https://api.openai.com/v1`.
    #[must_use]
    pub fn new(name: &str, format: WireFormat, base: Url) -> Self {
        Self {
            name: name.into(),
            format,
            base,
            key: None,
            key_variable: None,
            key_needed: false,
            headers: Vec::new(),
            differences: Arc::default(),
            embedding: Arc::default(),
        }
    }

    /// The endpoint with this name in the [list that comes with this crate](Endpoints::embedded), without a key.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`] naming the nearest and all known names.
    pub fn known(name: &str) -> Result<Self, Error> {
        Endpoints::embedded().get(name)
    }

    /// The same with a key. White space around it, such as the line end of a file, is no part of it.
    #[must_use]
    pub fn with_key(mut self, key: &str) -> Self {
        self.key = Some(Secret::new(key.trim()));
        self
    }

    /// The same vendor's ways at another address, such as that of a proxy. Key, key variable and headers are left behind:
    /// what lets somebody in at one host is not to be shown to another.
    #[must_use]
    pub fn at(self, base: Url) -> Self {
        let name = base.host().unwrap_or(base.as_str()).into();
        Self { name, base, key: None, key_variable: None, key_needed: false, headers: Vec::new(), ..self }
    }

    /// The same with a further header, which anybody may see.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`] where name or value could end the header.
    pub fn with_header(mut self, name: &str, value: &str) -> Result<Self, Error> {
        // The transport's own rules decide what a header may be.
        Request::get(self.base.clone()).with_header(name, value).map_err(|e| {
            Error::new(ErrorKind::BadRequest, format!("set up {}: failed to {e}", self.name)).with_source(e)
        })?;
        self.headers.push((name.to_owned(), value.to_owned()));
        Ok(self)
    }

    pub(crate) fn with_key_variable(mut self, name: Option<String>, is_needed: bool) -> Self {
        self.key_variable = name.map(Into::into);
        self.key_needed = is_needed;
        self
    }

    pub(crate) fn with_differences(mut self, differences: Differences) -> Self {
        self.differences = Arc::new(differences);
        self
    }

    pub(crate) fn with_embedding_quirks(mut self, quirks: EmbeddingQuirks) -> Self {
        self.embedding = Arc::new(quirks);
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

    /// The environment variable that its users keep their key in. Nothing here reads it.
    #[must_use]
    pub fn key_variable(&self) -> Option<&str> {
        self.key_variable.as_deref()
    }

    /// Whether it answers nobody without a key.
    #[must_use]
    pub fn key_needed(&self) -> bool {
        self.key_needed
    }

    /// Whether it has a key.
    #[must_use]
    pub fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// How requests for this model are written.
    #[must_use]
    pub fn quirks(&self, model: &ModelId) -> Quirks {
        self.differences.quirks(self.format, model)
    }

    pub(crate) fn embedding_quirks(&self) -> &EmbeddingQuirks {
        &self.embedding
    }

    /// The fields of a request that this model does not take here: seed, stop, temperature.
    ///
    /// Of these, `seed` and `temperature` only steer the choice of words, and are left out of what is sent, unless the model
    /// is [strict](crate::VendorModel::strict). Without `stop` the reply would be another one: that is always an error.
    #[must_use]
    pub fn unsupported(&self, model: &ModelId, request: &ChatRequest) -> Vec<&'static str> {
        self.quirks(model).refused(request).map(Parameter::key).collect()
    }

    /// The request as far as this model takes it here.
    pub(crate) fn taken<'a>(
        &self,
        model: &ModelId,
        request: &'a ChatRequest,
    ) -> Result<Cow<'a, ChatRequest>, Error> {
        let quirks = self.quirks(model);
        let wrong = |why: &str| {
            let message = format!("ask {model}: `stop`: {} {why}", self.name);
            Err(Error::new(ErrorKind::BadRequest, message))
        };
        if let Some(most) = quirks.most_stop.filter(|most| request.stop.len() > *most) {
            return wrong(&format!("takes at most {most} sequences"));
        }
        let mut taken = Cow::Borrowed(request);
        for parameter in quirks.refused(request) {
            match parameter {
                Parameter::Seed => taken.to_mut().seed = None,
                Parameter::Stop => return wrong("takes no such sequences for this model"),
                Parameter::Temperature => taken.to_mut().temperature = None,
            }
        }
        Ok(taken)
    }

    /// The request with the endpoint's further headers.
    pub(crate) fn with_headers_on(&self, model: &ModelId, request: Request) -> Result<Request, Error> {
        self.headers.iter().try_fold(request, |request, (name, value)| {
            request.with_header(name, value).map_err(|e| {
                Error::new(ErrorKind::BadRequest, format!("ask {model}: failed to {e}")).with_source(e)
            })
        })
    }

    pub(crate) fn key(&self) -> Option<&Secret> {
        self.key.as_ref()
    }

    /// The address of a path below it.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`] when no address comes of it, as where the base has a query.
    pub fn address(&self, path: &str) -> Result<Url, Error> {
        let base = self.base.as_str().trim_end_matches('/');
        if base.contains(['?', '#']) {
            // It could be a key, and is not repeated.
            let message =
                format!("ask {}: its address has a query or a fragment, which no path can follow", self.name);
            return Err(Error::new(ErrorKind::BadRequest, message));
        }
        format!("{base}/{path}").parse().map_err(|e| {
            Error::new(ErrorKind::BadRequest, format!("ask {}: failed to {e}", self.name)).with_source(e)
        })
    }

    /// A request that hands in `body`, with the key as a bearer's.
    pub(crate) fn post(
        &self,
        model: &ModelId,
        path: &str,
        body: Map<String, Value>,
    ) -> Result<Request, Error> {
        let bearer = self.key.as_ref().map(|key| format!("Bearer {}", key.expose()));
        let key = bearer.as_deref().map(|bearer| ("authorization", bearer));
        written(model, self.address(path)?, body, &[], key)
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
