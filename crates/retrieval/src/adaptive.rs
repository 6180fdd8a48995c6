//! An index that is exact while it is small and walks a graph when it is large.

use std::collections::BTreeSet;

use crate::{
    Entry, Error, GraphShape, Hit, Query, VectorIndex,
    graph::Graph,
    rows::{Label, Rows},
};

/// The number of entries above which [`AdaptiveIndex`] walks a graph, unless told otherwise.
pub const LINKED_ABOVE: usize = 20_000;

/// Rows taken into the graph with each insertion, while it is behind: the move costs no single caller much.
const LINKS_PER_INSERT: usize = 4;

/// A graph with one dead row in this many is mended.
const MENDED_AT: usize = 5;

/// Exact like [`FlatIndex`](crate::FlatIndex) up to a number of entries, nearly so like [`HnswIndex`](crate::HnswIndex)
/// above it.
///
/// Beyond the threshold every insertion takes four rows into the graph, until it holds all; what it does not hold yet is
/// searched exactly. When entries fall below half the threshold, the graph is given up.
#[derive(Debug, Clone)]
pub struct AdaptiveIndex {
    pub(crate) rows: Rows,
    /// Over the first rows; the others are not linked yet.
    pub(crate) graph: Graph,
    linked_above: usize,
}

impl AdaptiveIndex {
    /// An empty index of vectors with this many dimensions.
    ///
    /// # Errors
    /// [`BadVector`](crate::ErrorKind::BadVector) unless there are 1 to [`MAX_DIMENSIONS`](crate::MAX_DIMENSIONS).
    pub fn new(dimensions: usize) -> Result<Self, Error> {
        Ok(Self {
            rows: Rows::new(dimensions)?,
            graph: Graph::new(GraphShape::default())?,
            linked_above: LINKED_ABOVE,
        })
    }

    /// Walks a graph above this many entries (default [`LINKED_ABOVE`]). To be said before the first entry.
    #[must_use]
    pub fn linked_above(mut self, entries: usize) -> Self {
        self.linked_above = entries;
        self
    }

    /// Builds the graph in this shape. To be said before the first entry.
    ///
    /// # Errors
    /// [`BadInput`](crate::ErrorKind::BadInput) for a shape beyond its limits.
    pub fn with_shape(mut self, shape: GraphShape) -> Result<Self, Error> {
        self.graph = Graph::new(shape)?;
        Ok(self)
    }

    /// Whether searches walk a graph, be it over a part of the entries.
    #[must_use]
    pub fn is_linked(&self) -> bool {
        self.graph.slots() > 0
    }

    /// Puts in what was checked; `unit` is a vector as [`Rows::unit`] makes it.
    pub(crate) fn put(&mut self, label: Label, unit: &[f32]) -> Result<(), Error> {
        self.take(&label.id);
        self.rows.push(label, unit)?;
        self.link();
        Ok(())
    }

    /// Takes rows into the graph, as many as are due.
    fn link(&mut self) {
        if !self.is_linked() && self.rows.live() <= self.linked_above {
            return;
        }
        let behind = self.rows.slots() - self.graph.slots();
        for _ in 0..behind.min(LINKS_PER_INSERT) {
            self.graph.link_next(&self.rows);
        }
    }

    /// Takes all rows into the graph, if there has to be one.
    pub(crate) fn link_all_due(&mut self) {
        if self.rows.live() > self.linked_above {
            while self.graph.slots() < self.rows.slots() {
                self.graph.link_next(&self.rows);
            }
        }
    }

    /// Whether the entry was there.
    pub(crate) fn take(&mut self, id: &str) -> bool {
        let Some(slot) = self.rows.slot_of(id) else { return false };
        if slot as usize >= self.graph.slots() {
            self.rows.swap_remove(slot);
        } else {
            self.rows.kill(slot);
        }
        if self.is_linked() && self.rows.live() < self.linked_above / 2 {
            self.rows.compact();
            self.graph.clear();
        } else if (self.rows.slots() - self.rows.live()) * MENDED_AT >= self.graph.slots() {
            self.mend();
        }
        true
    }

    /// Leaves dead rows out.
    pub(crate) fn mend(&mut self) {
        if self.rows.slots() > self.rows.live() {
            let moved = self.rows.compact();
            self.graph.mend(&self.rows, &moved);
        }
    }

    /// Whether comparing `rows` rows of all costs less than walking the graph until enough of them were met.
    fn is_cheaper_to_compare(&self, rows: usize, breadth: usize) -> bool {
        // A walk looks at about ten rows for each that it may keep, and only one in all/rows may be kept.
        let looked_at = breadth.saturating_mul(10).saturating_mul(self.rows.live());
        rows.saturating_mul(rows) <= looked_at
    }
}

impl VectorIndex for AdaptiveIndex {
    fn insert(&mut self, entry: Entry) -> Result<(), Error> {
        entry.check_names()?;
        let unit = self.rows.unit(&entry.vector)?;
        self.rows.check_room(&entry.id)?;
        self.put(Label::split(entry).0, &unit)
    }

    fn remove(&mut self, id: &str) -> Result<bool, Error> {
        Ok(self.take(id))
    }

    fn search(&self, query: &Query<'_>) -> Result<Vec<Hit>, Error> {
        let unit = self.rows.unit(query.vector)?;
        let breadth = self.graph.breadth(query.k);
        let candidates = match query.tag {
            Some(tag) => self.rows.tagged(tag).map_or(0, BTreeSet::len),
            None => self.rows.live(),
        };
        if !self.is_linked() || self.is_cheaper_to_compare(candidates, breadth) {
            return Ok(self.rows.nearest(&unit, query));
        }
        let first_unlinked = self.graph.slots();
        let Some(tag) = query.tag else {
            let walked = self.graph.search(&self.rows, &unit, breadth, |slot| self.rows.is_live(slot));
            return Ok(self.rows.nearest_in(&unit, query.k, first_unlinked..self.rows.slots(), walked));
        };
        let Some(tagged) = self.rows.tagged(tag) else { return Ok(Vec::new()) };
        let walked = self.graph.search(&self.rows, &unit, breadth, |slot| tagged.contains(&slot));
        let unlinked = tagged.iter().copied().filter(|slot| *slot as usize >= first_unlinked);
        Ok(self.rows.nearest_of(&unit, query.k, unlinked, walked))
    }

    fn count(&self) -> usize {
        self.rows.live()
    }
}
