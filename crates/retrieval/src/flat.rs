//! An index that looks at every vector.

use crate::{
    Entry, Error, Hit, Query, VectorIndex,
    nearest::Nearest,
    rows::{Label, Rows},
};

/// Exact: compares the query with every vector, or with every vector that has the tag.
///
/// The time grows with the number of vectors; `cargo xtask bench` says how.
#[derive(Debug, Clone)]
pub struct FlatIndex {
    rows: Rows,
}

impl FlatIndex {
    /// An empty index of vectors with this many dimensions.
    ///
    /// # Errors
    /// [`BadVector`](crate::ErrorKind::BadVector) unless there are 1 to [`MAX_DIMENSIONS`](crate::MAX_DIMENSIONS).
    pub fn new(dimensions: usize) -> Result<Self, Error> {
        Ok(Self { rows: Rows::new(dimensions)? })
    }
}

impl VectorIndex for FlatIndex {
    fn insert(&mut self, entry: Entry) -> Result<(), Error> {
        entry.check_names()?;
        let unit = self.rows.unit(&entry.vector)?;
        self.rows.check_room(&entry.id)?;
        self.remove(&entry.id)?;
        self.rows.push(Label::split(entry).0, &unit)?;
        Ok(())
    }

    fn remove(&mut self, id: &str) -> Result<bool, Error> {
        let slot = self.rows.slot_of(id);
        if let Some(slot) = slot {
            self.rows.swap_remove(slot);
        }
        Ok(slot.is_some())
    }

    fn search(&self, query: &Query<'_>) -> Result<Vec<Hit>, Error> {
        let target = self.rows.target(query.vector)?;
        let mut nearest = Nearest::new(&self.rows, &target, query.k);
        match query.tag {
            None => nearest.show_all(),
            Some(tag) => nearest.show(self.rows.tagged(tag).into_iter().flat_map(|slots| slots.iter_from(0))),
        }
        Ok(nearest.hits())
    }

    fn count(&self) -> usize {
        self.rows.live()
    }
}
