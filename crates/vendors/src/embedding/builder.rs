//! An embedding model, put together.

use std::{
    fmt,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use assize_ambient::{Clock, Seed};
use assize_llm::ModelId;
use assize_metering::{Attribution, Ledger, PriceBook};
use assize_retrieval::{EmbedderIdentity, Error, ErrorKind, MAX_TEXTS};
use assize_transport::{Gate, Limiter, RetryBudget, RetryPolicy, Transport};

use super::{EmbeddingModel, asking::Asking, batches, booking::Booking};
use crate::{Endpoint, WireFormat};

/// As many bytes of text as OpenAI takes at once for sure: each may be a token, and 300,000 of these are the most.
const USUAL_BYTES: usize = 256 << 10;

const USUAL_TIME_LIMIT: Duration = Duration::from_secs(60);

/// What is asked for where only the number of dimensions is wanted.
const PROBE: &str = "dimensions";

/// What an [`EmbeddingModel`] is made of; [`EmbeddingModel::builder`] begins one.
///
/// Its dimensions must be [given](Self::with_dimensions), or are [asked for](Self::probe) once.
pub struct EmbeddingBuilder {
    asking: Asking,
    version: String,
    dimensions: Option<usize>,
    is_semantic: bool,
    most_texts: usize,
    most_bytes: usize,
    priced_as: Option<Arc<str>>,
}

impl fmt::Debug for EmbeddingBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddingBuilder")
            .field("endpoint", &self.asking.endpoint)
            .field("model", &self.asking.model)
            .finish_non_exhaustive()
    }
}

impl EmbeddingBuilder {
    pub(super) fn new(endpoint: Endpoint, model: ModelId, transport: Arc<dyn Transport>, seed: Seed) -> Self {
        let most_texts = endpoint.embedding_quirks().most_texts();
        let asking = Asking {
            model,
            endpoint,
            transport,
            shortened_to: None,
            time_limit: USUAL_TIME_LIMIT,
            gate: Gate::default(),
            limiter: None,
            booking: None,
            policy: RetryPolicy::default(),
            budget: RetryBudget::default(),
            deadline: None,
            seed,
            calls: AtomicU64::new(0),
        };
        Self {
            asking,
            version: "1".to_owned(),
            dimensions: None,
            is_semantic: true,
            most_texts,
            most_bytes: USUAL_BYTES,
            priced_as: None,
        }
    }

    /// The same with a version of its own in its identity; otherwise it is "1". Change it when what stands behind the
    /// model's name changes: vectors of two versions never meet.
    #[must_use]
    pub fn with_version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// The same, where near vectors do not mean near meanings. Otherwise the model is taken for semantic.
    #[must_use]
    pub fn not_semantic(mut self) -> Self {
        self.is_semantic = false;
        self
    }

    /// The same with so many dimensions, as the model gives them by itself.
    #[must_use]
    pub fn with_dimensions(mut self, dimensions: usize) -> Self {
        self.dimensions = Some(dimensions);
        self.asking.shortened_to = None;
        self
    }

    /// The same, where the vendor is asked for vectors of so many dimensions, fewer than the model's own. Not every model
    /// can do so: such a request is refused.
    #[must_use]
    pub fn shortened_to(mut self, dimensions: usize) -> Self {
        self.dimensions = Some(dimensions);
        self.asking.shortened_to = Some(dimensions);
        self
    }

    /// The same with at most so many texts in a request, 1 to [`MAX_TEXTS`]. Otherwise as many as the endpoint is known to
    /// take, and 32 where nothing is known.
    #[must_use]
    pub fn with_most_texts(mut self, texts: usize) -> Self {
        self.most_texts = texts.clamp(1, MAX_TEXTS);
        self
    }

    /// The same with at most so many bytes of text in a request; a longer text goes alone. Otherwise 256 KiB.
    #[must_use]
    pub fn with_most_bytes(mut self, bytes: usize) -> Self {
        self.most_bytes = bytes;
        self
    }

    /// The same, where each attempt may take so long. Otherwise a minute.
    #[must_use]
    pub fn with_time_limit(mut self, limit: Duration) -> Self {
        self.asking.time_limit = limit;
        self
    }

    /// The same, with as many requests at once as this gate has places, which others may share. Otherwise five.
    #[must_use]
    pub fn with_gate(mut self, gate: Gate) -> Self {
        self.asking.gate = gate;
        self
    }

    /// The same, no faster than this limiter lets it. Those who share a key share the limiter.
    #[must_use]
    pub fn with_limiter(mut self, limiter: Limiter) -> Self {
        self.asking.limiter = Some(limiter);
        self
    }

    /// The same, trying again by this policy.
    #[must_use]
    pub fn with_policy(mut self, policy: RetryPolicy) -> Self {
        self.asking.policy = policy;
        self
    }

    /// The same, with retries of this budget, which others may share.
    #[must_use]
    pub fn with_retry_budget(mut self, budget: RetryBudget) -> Self {
        self.asking.budget = budget;
        self
    }

    /// The same, where no attempt of a request starts later than this after its first.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.asking.deadline = Some(deadline);
        self
    }

    /// The same, where every call is booked at these prices, which `clock` dates, in this ledger, for these; none is made
    /// whose price is not known, or that a budget forbids.
    #[must_use]
    pub fn metered(
        mut self,
        prices: Arc<PriceBook>,
        clock: Arc<dyn Clock>,
        ledger: Ledger,
        who: Attribution,
    ) -> Self {
        let priced_as = self.asking.model.as_str().into();
        self.asking.booking = Some(Booking { prices, priced_as, clock, ledger, who });
        self
    }

    /// The same under another name in the price book.
    #[must_use]
    pub fn priced_as(mut self, name: impl Into<Arc<str>>) -> Self {
        self.priced_as = Some(name.into());
        self
    }

    /// The model.
    ///
    /// # Errors
    /// [`ErrorKind::BadVector`] without dimensions, or with a number of them that no vector has; [`ErrorKind::BadInput`] for
    /// a name that is too long; [`ErrorKind::Unavailable`] where the endpoint's format has no embeddings that are known here.
    pub fn build(self) -> Result<EmbeddingModel, Error> {
        let id = self.id();
        let dimensions = self.dimensions.ok_or_else(|| {
            ErrorKind::BadVector
                .error(format!("set up {id}: say how many dimensions it has, or let it be asked"))
        })?;
        self.with(dimensions)
    }

    /// The model, whose dimensions are asked for unless they were given. That is a call like any other: tried again, limited
    /// and booked.
    ///
    /// # Errors
    /// As [`build`](Self::build), and as [`embed`](assize_retrieval::Embedder::embed).
    pub async fn probe(self) -> Result<EmbeddingModel, Error> {
        if let Some(dimensions) = self.dimensions {
            return self.with(dimensions);
        }
        let mut probing = self.with(1)?;
        let vectors = probing.ask(&[PROBE], None).await?;
        let dimensions = vectors.first().map_or(0, Vec::len);
        probing.identity = identity(&probing, dimensions)?;
        probing.most_texts = probing.most_texts.min(batches::most_texts(dimensions));
        Ok(probing)
    }

    fn id(&self) -> String {
        format!("{}/{}", self.asking.endpoint.name(), self.asking.model)
    }

    fn with(mut self, dimensions: usize) -> Result<EmbeddingModel, Error> {
        let id = self.id();
        let format = self.asking.endpoint.format();
        if !matches!(format, WireFormat::OpenAiChat | WireFormat::OpenAiResponses) {
            let why = "OpenAI's embeddings alone are known here; name an endpoint that has them";
            return Err(
                ErrorKind::Unavailable.error(format!("set up {id}: it speaks `{}`, and {why}", format.key()))
            );
        }
        let mut identity = EmbedderIdentity::new(id, self.version, dimensions)?;
        if self.is_semantic {
            identity = identity.semantic();
        }
        if let (Some(booking), Some(name)) = (&mut self.asking.booking, self.priced_as) {
            booking.priced_as = name;
        }
        let most_texts = self.most_texts.min(batches::most_texts(dimensions));
        Ok(EmbeddingModel { identity, asking: self.asking, most_texts, most_bytes: self.most_bytes })
    }
}

/// The identity of the same model with other dimensions.
fn identity(model: &EmbeddingModel, dimensions: usize) -> Result<EmbedderIdentity, Error> {
    let own = &model.identity;
    let identity = EmbedderIdentity::new(own.id(), own.version(), dimensions)?;
    Ok(if own.is_semantic() { identity.semantic() } else { identity })
}
