//! What turns texts into vectors.

use std::fmt;

use async_trait::async_trait;

use crate::{Error, ErrorKind, MAX_DIMENSIONS, MAX_ID_BYTES};

/// The longest text that is embedded, in bytes: 64 KiB. Longer ones are refused, never cut in silence.
pub const MAX_TEXT_BYTES: usize = 64 << 10;

/// The most texts of one call.
pub const MAX_TEXTS: usize = 2_048;

/// Turns texts into vectors of one space.
///
/// Implementations give one vector per text, in the order of the texts, each of
/// [`dimensions`](EmbedderIdentity::dimensions) finite components and length 1; the same text gives the same vector. They
/// call [`check_texts`](EmbedderIdentity::check_texts) first. The suite in `conformance` (feature `test-util`) holds them
/// to it.
#[async_trait]
pub trait Embedder: fmt::Debug + Send + Sync {
    /// Which space the vectors lie in. Constant for the life of the embedder.
    fn identity(&self) -> &EmbedderIdentity;

    /// The vectors of `texts`.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] beyond [`MAX_TEXTS`] or [`MAX_TEXT_BYTES`]; [`ErrorKind::Unavailable`] and
    /// [`ErrorKind::BadVector`] from embedders that live elsewhere.
    async fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, Error>;
}

/// The space an embedder's vectors lie in. Vectors of different identities must never be compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EmbedderIdentity {
    id: String,
    version: String,
    dimensions: usize,
    is_semantic: bool,
}

impl EmbedderIdentity {
    /// The identity of the embedder called `id` in its `version`, with this many `dimensions`. It is not semantic until
    /// [`semantic`](Self::semantic) says so.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] if a name is empty or longer than [`MAX_ID_BYTES`]; [`ErrorKind::BadVector`] unless there
    /// are 1 to [`MAX_DIMENSIONS`] dimensions.
    pub fn new(id: impl Into<String>, version: impl Into<String>, dimensions: usize) -> Result<Self, Error> {
        let (id, version) = (id.into(), version.into());
        if [&id, &version].iter().any(|name| name.is_empty() || name.len() > MAX_ID_BYTES) {
            let message = format!("name an embedder: its id and version need 1 to {MAX_ID_BYTES} bytes each");
            return Err(ErrorKind::BadInput.error(message));
        }
        check_dimensions(dimensions)?;
        Ok(Self { id, version, dimensions, is_semantic: false })
    }

    /// The same of names and dimensions that are within their limits.
    pub(crate) fn known(id: &str, version: &str, dimensions: usize) -> Self {
        Self { id: id.to_owned(), version: version.to_owned(), dimensions, is_semantic: false }
    }

    /// Declares that near vectors mean near meanings. Only such an embedder may decide that an answer to one question
    /// serves another.
    #[must_use]
    pub fn semantic(mut self) -> Self {
        self.is_semantic = true;
        self
    }

    /// The embedder's name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The version of what decides the vectors: weights, vocabulary, code.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Components of each vector, 1 to [`MAX_DIMENSIONS`].
    #[must_use]
    pub const fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Whether near vectors mean near meanings, not merely similar letters.
    #[must_use]
    pub const fn is_semantic(&self) -> bool {
        self.is_semantic
    }

    /// Whether these texts are within the limits.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] beyond [`MAX_TEXTS`] or [`MAX_TEXT_BYTES`].
    pub fn check_texts(&self, texts: &[&str]) -> Result<(), Error> {
        if texts.len() > MAX_TEXTS {
            let message = format!("embed {} texts: send at most {MAX_TEXTS} at once", texts.len());
            return Err(ErrorKind::BadInput.error(message));
        }
        match texts.iter().map(|text| text.len()).find(|&bytes| bytes > MAX_TEXT_BYTES) {
            Some(bytes) => Err(ErrorKind::BadInput
                .error(format!("embed a text of {bytes} bytes: cut it to {MAX_TEXT_BYTES} or less"))),
            None => Ok(()),
        }
    }
}

impl fmt::Display for EmbedderIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({} dimensions)", self.id, self.version, self.dimensions)
    }
}

pub(crate) fn check_dimensions(dimensions: usize) -> Result<(), Error> {
    if (1..=MAX_DIMENSIONS).contains(&dimensions) {
        return Ok(());
    }
    let message = format!("use vectors of {dimensions} dimensions: 1 to {MAX_DIMENSIONS} are possible");
    Err(ErrorKind::BadVector.error(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_has_names_and_sane_dimensions() {
        let kind = |id: &str, version: &str, dimensions| {
            EmbedderIdentity::new(id, version, dimensions).map_err(|error| error.kind())
        };
        assert!(kind("a", "1", 1).is_ok());
        assert!(kind("a", "1", MAX_DIMENSIONS).is_ok());
        assert_eq!(kind("", "1", 8), Err(ErrorKind::BadInput));
        assert_eq!(kind("a", "", 8), Err(ErrorKind::BadInput));
        assert_eq!(kind(&"a".repeat(MAX_ID_BYTES + 1), "1", 8), Err(ErrorKind::BadInput));
        assert_eq!(kind("a", "1", 0), Err(ErrorKind::BadVector));
        assert_eq!(kind("a", "1", MAX_DIMENSIONS + 1), Err(ErrorKind::BadVector));
    }

    #[test]
    fn only_who_says_so_is_semantic() {
        let plain = EmbedderIdentity::new("a", "1", 8).unwrap();
        assert!(!plain.is_semantic());
        assert_ne!(plain.clone().semantic(), plain);
    }
}
