//! An index that walks a graph, whatever its size.

use crate::{Entry, Error, GraphShape, Hit, Query, VectorIndex, adaptive::AdaptiveIndex};

/// Nearly exact: walks a hierarchy of neighbourhood graphs (HNSW, Malkov and Yashunin 2016, arXiv:1603.09320) towards the
/// query, and looks at a small part of the vectors.
///
/// An entry that was removed stays in the graph as a way to others; when a fifth of the graph is such, it is mended and
/// they leave it. A search for a tag that few entries have compares all of those, exactly.
#[derive(Debug, Clone)]
pub struct HnswIndex(AdaptiveIndex);

impl HnswIndex {
    /// An empty index of vectors with this many dimensions.
    ///
    /// # Errors
    /// [`BadVector`](crate::ErrorKind::BadVector) unless there are 1 to [`MAX_DIMENSIONS`](crate::MAX_DIMENSIONS);
    /// [`BadInput`](crate::ErrorKind::BadInput) for a shape beyond its limits.
    pub fn new(dimensions: usize, shape: GraphShape) -> Result<Self, Error> {
        Ok(Self(AdaptiveIndex::new(dimensions)?.with_shape(shape)?.linked_above(0)))
    }
}

impl VectorIndex for HnswIndex {
    fn insert(&mut self, entry: Entry) -> Result<(), Error> {
        self.0.insert(entry)
    }

    fn remove(&mut self, id: &str) -> Result<bool, Error> {
        self.0.remove(id)
    }

    fn search(&self, query: &Query<'_>) -> Result<Vec<Hit>, Error> {
        self.0.search(query)
    }

    fn count(&self) -> usize {
        self.0.count()
    }
}
