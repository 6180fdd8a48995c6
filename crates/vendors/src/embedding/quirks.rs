//! How an endpoint's embeddings differ, as data.

use assize_retrieval::MAX_TEXTS;
use serde::Deserialize;

/// As many texts at once as a server takes that was never told otherwise: text-embeddings-inference refuses more than 32.
const USUAL_TEXTS: usize = 32;

/// What differs from the plain format; the keys of `embed` in a list of endpoints.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmbeddingQuirks {
    /// Whether `encoding_format` may be base64. Otherwise it is not sent.
    #[serde(default)]
    pub(crate) base64: bool,
    dimensions: Option<String>,
    most_texts: Option<usize>,
}

impl EmbeddingQuirks {
    /// The field of the dimensions that a vector is to be shortened to.
    pub(crate) fn dimensions(&self) -> &str {
        self.dimensions.as_deref().unwrap_or("dimensions")
    }

    /// The most texts of a request, 1 to [`MAX_TEXTS`].
    pub(crate) fn most_texts(&self) -> usize {
        self.most_texts.unwrap_or(USUAL_TEXTS).clamp(1, MAX_TEXTS)
    }
}
