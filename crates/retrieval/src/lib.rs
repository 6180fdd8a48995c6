//! Embedding texts, and finding near neighbours among them.
//!
//! An [`Embedder`] turns texts into vectors; it says whether near vectors mean near *meanings*
//! ([`is_semantic`](EmbedderIdentity::is_semantic)). The one that comes with the crate, [`HashEmbedder`], needs no file and
//! no network and compares letters: it is fit for search and for finding duplicates, never for deciding that two questions
//! are the same. One that has learnt words (`StaticEmbedder`, feature `local-model`) reads its model from a folder.
//!
//! A [`VectorIndex`] finds the nearest of many vectors by their cosine. [`FlatIndex`] looks at all of them and is exact.
//! [`HnswIndex`] walks a graph and is nearly so. [`AdaptiveIndex`] begins as the first and becomes the second when it
//! grows. [`StoredIndex`] keeps any of it in a file that survives kill −9.
//!
//! Everything here is deterministic: the same operations in the same order give the same hits, with the same scores to the
//! last bit, on every machine. Ties go to the smaller id.
//!
//! ```
//! use assize_retrieval::{AdaptiveIndex, Embedder, Entry, HashEmbedder, Query, VectorIndex};
//!
//! # fn main() -> Result<(), assize_retrieval::Error> {
//! let embedder = HashEmbedder::default();
//! let mut index = AdaptiveIndex::new(embedder.identity().dimensions())?;
//! for (id, text) in [("a", "rates rise in March"), ("b", "a drought in the plains")] {
//!     index.insert(Entry::new(id, embedder.vector(text)?))?;
//! }
//! let hits = index.search(&Query::new(&embedder.vector("will rates rise?")?, 1))?;
//! assert_eq!(hits[0].id, "a");
//! # Ok(())
//! # }
//! ```

mod adaptive;
mod codes;
#[cfg(any(test, feature = "test-util"))]
pub mod conformance;
mod embedder;
mod entry;
mod error;
mod flat;
mod graph;
mod hash_embedder;
mod hnsw;
mod index;
mod kernel;
mod nearest;
mod rows;
mod slots;
#[cfg(feature = "local-model")]
mod static_embedder;
mod stored;
#[cfg(any(test, feature = "test-util"))]
mod told_embedder;

pub use adaptive::{AdaptiveIndex, LINKED_ABOVE};
pub use embedder::{Embedder, EmbedderIdentity, MAX_TEXT_BYTES, MAX_TEXTS};
pub use entry::{Entry, Hit, MAX_ID_BYTES, MAX_TAG_BYTES, MAX_TAGS, Query, TextHash};
pub use error::{Error, ErrorKind};
pub use flat::FlatIndex;
pub use graph::GraphShape;
pub use hash_embedder::HashEmbedder;
pub use hnsw::HnswIndex;
pub use index::{MAX_DIMENSIONS, MAX_ENTRIES, VectorIndex};
#[cfg(feature = "local-model")]
pub use static_embedder::StaticEmbedder;
pub use stored::{GraphFile, Opened, StoredIndex};
#[cfg(any(test, feature = "test-util"))]
pub use told_embedder::ToldEmbedder;
