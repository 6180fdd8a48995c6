//! An index that walks a graph, whatever its size.

use crate::{Entry, Error, GraphShape, Hit, Query, VectorIndex, adaptive::AdaptiveIndex};

/// Nearly exact: walks a hierarchy of neighbourhood graphs (HNSW, Malkov and Yashunin 2016, arXiv:1603.09320) towards the
/// query, and looks at a small part of the vectors. Scores are those of exact search, to the last bit.
///
/// On its way it compares the vectors in a byte per component, and in full those that it arrives at; where neighbours are
/// so near to each other that bytes cannot tell which is nearer, all in full.
///
/// An entry that was removed stays in the graph as a way to others. When a sixth of the graph is such, it is mended: each
/// insertion and removal after that does a bounded part of it, and the room is used again by later entries. A search for a
/// tag that few entries have compares all of those, exactly.
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
