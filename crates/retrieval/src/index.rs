//! What finds the nearest of many vectors.

use std::fmt;

use crate::{Entry, Error, Hit, Query};

/// The most dimensions of a vector.
pub const MAX_DIMENSIONS: usize = 8_192;

/// The most entries of an index.
pub const MAX_ENTRIES: usize = 4_000_000;

/// Finds the nearest of many vectors, by the cosine of their angle.
///
/// Hits come nearest first, ties by the smaller id; the same operations in the same order give the same hits. The suite in
/// `conformance` (feature `test-util`) holds implementations to it.
pub trait VectorIndex: fmt::Debug + Send + Sync {
    /// Puts an entry in, in the place of one with the same id.
    ///
    /// # Errors
    /// [`BadInput`](crate::ErrorKind::BadInput) and [`BadVector`](crate::ErrorKind::BadVector) for an entry beyond its
    /// limits, [`Full`](crate::ErrorKind::Full) beyond [`MAX_ENTRIES`]; an index that stores its entries may fail with
    /// [`Io`](crate::ErrorKind::Io). After an error the index holds what it held before.
    fn insert(&mut self, entry: Entry) -> Result<(), Error>;

    /// Takes an entry out. Whether it was there.
    ///
    /// # Errors
    /// [`Io`](crate::ErrorKind::Io) from an index that stores its entries.
    fn remove(&mut self, id: &str) -> Result<bool, Error>;

    /// The `k` entries nearest to the query, fewer if there are fewer.
    ///
    /// # Errors
    /// [`BadVector`](crate::ErrorKind::BadVector) for a query of other dimensions than the index has, with a component
    /// that is no finite number, or without a direction.
    fn search(&self, query: &Query<'_>) -> Result<Vec<Hit>, Error>;

    /// How many entries there are.
    fn count(&self) -> usize;

    /// Whether a [checkpoint](Self::checkpoint) is due. Never, for an index that stores nothing.
    fn wants_checkpoint(&self) -> bool {
        false
    }

    /// Brings what is stored into its shortest form and waits until the disk has it, which may take seconds and blocks.
    /// Searches find as much as before. Nothing is done by an index that stores nothing.
    ///
    /// # Errors
    /// [`Io`](crate::ErrorKind::Io) from an index that stores its entries, which goes on with what it has stored.
    fn checkpoint(&mut self) -> Result<(), Error> {
        Ok(())
    }
}
