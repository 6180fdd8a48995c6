//! An embedder whose model is a folder that the user gives.

mod weights;
mod word_pieces;

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use serde::Deserialize;

use self::{weights::Weights, word_pieces::WordPieces};
use crate::{Embedder, EmbedderIdentity, Error, ErrorKind};

/// The largest file of weights: 1 GiB.
const MAX_WEIGHTS: u64 = 1 << 30;

/// The largest `tokenizer.json`: 64 MiB.
const MAX_TOKENIZER: u64 = 64 << 20;

/// The largest `config.json`: 1 MiB.
const MAX_CONFIG: u64 = 1 << 20;

/// Compares meanings, as far as single words tell them: a text's vector is the mean of its tokens' vectors, which a model
/// has learnt ("static embeddings", in the format of [Model2Vec](https://github.com/MinishLab/model2vec), such as its
/// `potion-base` models).
///
/// The folder holds `model.safetensors` with a matrix `embeddings` (F32, F16 or I8, a row for each token),
/// `tokenizer.json` of the kind of BERT (WordPiece; other kinds are refused), and `config.json`. What differs from
/// Model2Vec: vectors always have length 1, whatever `normalize` says; a long text counts as a whole and not only by its
/// first 512 tokens; names of special tokens in a text are words like others. A text without any token that the model
/// knows gets a direction of its own, made of its bytes, which is near to no other.
///
/// Sums are added in f64 in the order of the tokens: a text has the same vector on every machine. Opening reads the whole
/// model and blocks.
///
/// ```no_run
/// use assize_retrieval::{Embedder, StaticEmbedder};
///
/// let embedder = StaticEmbedder::open("models/potion-base-8M")?;
/// assert!(embedder.identity().is_semantic());
/// let vector = embedder.vector("Will rates rise?")?;
/// assert_eq!(vector.len(), embedder.identity().dimensions());
/// # Ok::<(), assize_retrieval::Error>(())
/// ```
#[derive(Debug)]
pub struct StaticEmbedder {
    identity: EmbedderIdentity,
    weights: Weights,
    words: WordPieces,
}

/// What is read of `config.json`.
#[derive(Debug, Deserialize)]
struct Config {
    /// Whether the vectors are meant to have length 1. They have it anyway; but a folder that does not say is none of a
    /// static model.
    #[expect(dead_code, reason = "its presence and its type are what counts")]
    normalize: bool,
}

impl StaticEmbedder {
    /// The embedder whose model is in a folder. Its id is the folder's name, its version the BLAKE3 of weights and
    /// tokenizer, so that an index made with another model is not taken for its own.
    ///
    /// # Errors
    /// [`Io`](ErrorKind::Io) if a file cannot be read; [`OtherFormat`](ErrorKind::OtherFormat) if one has a kind that is
    /// not supported, and [`Corrupt`](ErrorKind::Corrupt) if one is not what it has to be or beyond its limit (weights
    /// 1 GiB, tokenizer 64 MiB, configuration 1 MiB); [`BadInput`](ErrorKind::BadInput) if the folder has no name.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, Error> {
        let folder = folder.as_ref();
        let name = folder.file_name().and_then(|name| name.to_str()).ok_or_else(|| {
            ErrorKind::BadInput.error(format!("open a model in {}: the folder has no name", folder.display()))
        })?;
        let config = Source::read(folder.join("config.json"), MAX_CONFIG)?;
        let Config { .. } = config.json(&config.bytes)?;
        let tokenizer = Source::read(folder.join("tokenizer.json"), MAX_TOKENIZER)?;
        let words = WordPieces::read(&tokenizer)?;
        let weights = Source::read(folder.join("model.safetensors"), MAX_WEIGHTS)?;
        let mut hasher = blake3::Hasher::new();
        for file in [&weights, &tokenizer] {
            hasher.update(&(file.bytes.len() as u64).to_le_bytes()).update(&file.bytes);
        }
        let weights = Weights::read(weights)?;
        if words.largest_id() >= weights.rows() {
            return Err(tokenizer.corrupt(&format!(
                "`model.vocab` has the id {}, but there are {} embeddings",
                words.largest_id(),
                weights.rows()
            )));
        }
        let version = hasher.finalize().to_hex();
        let identity = EmbedderIdentity::new(name, version.as_str(), weights.dimensions())?.semantic();
        Ok(Self { identity, weights, words })
    }

    /// The vector of one text, without waiting.
    ///
    /// # Errors
    /// [`BadInput`](ErrorKind::BadInput) beyond [`MAX_TEXT_BYTES`](crate::MAX_TEXT_BYTES).
    pub fn vector(&self, text: &str) -> Result<Vec<f32>, Error> {
        self.identity.check_texts(&[text])?;
        let mut sums = vec![0.0; self.identity.dimensions()];
        self.words.each(text, |id| self.weights.add(id, &mut sums));
        Ok(unit(&sums).or_else(|| unit(&own_direction(text, sums.len()))).unwrap_or_default())
    }
}

#[async_trait]
impl Embedder for StaticEmbedder {
    fn identity(&self) -> &EmbedderIdentity {
        &self.identity
    }

    async fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, Error> {
        self.identity.check_texts(texts)?;
        texts.iter().map(|text| self.vector(text)).collect()
    }
}

/// The sums scaled to length 1, if they have a direction.
fn unit(sums: &[f64]) -> Option<Vec<f32>> {
    let length = sums.iter().map(|x| x * x).sum::<f64>().sqrt();
    #[expect(clippy::cast_possible_truncation, reason = "components of a unit vector, rounded to f32")]
    (length > 0.0).then(|| sums.iter().map(|x| (x / length) as f32).collect())
}

/// A direction that hangs on the bytes of a text, and is never zero.
fn own_direction(text: &str, dimensions: usize) -> Vec<f64> {
    let mut bytes = vec![0; dimensions];
    blake3::Hasher::new().update(text.as_bytes()).finalize_xof().fill(&mut bytes);
    bytes.into_iter().map(|byte| f64::from(byte) - 127.5).collect()
}

/// A file that was read, and what is wrong with it.
#[derive(Debug)]
struct Source {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Source {
    fn read(path: PathBuf, most: u64) -> Result<Self, Error> {
        let mut bytes = Vec::new();
        let read = File::open(&path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes));
        read.map_err(|cause| ErrorKind::Io.error(format!("read {}", path.display())).because(cause))?;
        let source = Self { path, bytes };
        if source.bytes.len() as u64 > most {
            return Err(source.corrupt(&format!("it has more than {most} bytes")));
        }
        Ok(source)
    }

    fn json<'a, T: Deserialize<'a>>(&self, bytes: &'a [u8]) -> Result<T, Error> {
        serde_json::from_slice(bytes)
            .map_err(|cause| self.corrupt("it is not what it has to be").because(cause))
    }

    fn corrupt(&self, what: &str) -> Error {
        ErrorKind::Corrupt.error(format!("read {}: {what}", self.path.display()))
    }

    fn unsupported(&self, what: &str) -> Error {
        ErrorKind::OtherFormat.error(format!("read {}: {what}", self.path.display()))
    }
}

#[cfg(test)]
mod tests;
