//! An embedder for tests: it is told its vectors.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::{Embedder, EmbedderIdentity, Error, HashEmbedder};

/// Embeds the texts that it was told about with the vectors that it was told, all others by their letters. Declares itself
/// semantic, so that tests can say what means the same.
///
/// ```
/// use assize_retrieval::{Embedder, ToldEmbedder};
///
/// let embedder = ToldEmbedder::new(8)?.means_the_same(&["how are you?", "how do you do?"])?;
/// assert!(embedder.identity().is_semantic());
/// # Ok::<(), assize_retrieval::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ToldEmbedder {
    identity: EmbedderIdentity,
    others: HashEmbedder,
    told: BTreeMap<String, Vec<f32>>,
}

impl ToldEmbedder {
    /// An embedder into this many dimensions that was told nothing yet.
    ///
    /// # Errors
    /// [`BadVector`](crate::ErrorKind::BadVector) unless there are 1 to [`MAX_DIMENSIONS`](crate::MAX_DIMENSIONS).
    pub fn new(dimensions: usize) -> Result<Self, Error> {
        Ok(Self {
            identity: EmbedderIdentity::new("told", "1", dimensions)?.semantic(),
            others: HashEmbedder::new(dimensions)?,
            told: BTreeMap::new(),
        })
    }

    /// The same, with the first text's vector for all of these texts.
    ///
    /// # Errors
    /// [`BadInput`](crate::ErrorKind::BadInput) for a text beyond [`MAX_TEXT_BYTES`](crate::MAX_TEXT_BYTES).
    pub fn means_the_same(mut self, texts: &[&str]) -> Result<Self, Error> {
        self.identity.check_texts(texts)?;
        if let Some(first) = texts.first() {
            let vector = self.vector(first)?;
            self.told.extend(texts.iter().map(|text| ((*text).to_owned(), vector.clone())));
        }
        Ok(self)
    }

    fn vector(&self, text: &str) -> Result<Vec<f32>, Error> {
        self.told.get(text).map_or_else(|| self.others.vector(text), |vector| Ok(vector.clone()))
    }
}

#[async_trait]
impl Embedder for ToldEmbedder {
    fn identity(&self) -> &EmbedderIdentity {
        &self.identity
    }

    async fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, Error> {
        self.identity.check_texts(texts)?;
        texts.iter().map(|text| self.vector(text)).collect()
    }
}
