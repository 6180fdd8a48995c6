//! An index that is exact while it is small and walks a graph when it is large.

use crate::{
    Entry, Error, GraphShape, Hit, Query, VectorIndex,
    graph::Graph,
    nearest::Nearest,
    rows::{Label, Rows, Target},
    slots::Slots,
};

/// The number of entries above which [`AdaptiveIndex`] walks a graph, unless told otherwise.
pub const LINKED_ABOVE: usize = 20_000;

/// Rows taken into the graph with each insertion, while it is behind: the move costs no single caller much.
const LINKS_PER_INSERT: usize = 4;

/// Rows looked at to mend the graph, with each insertion and removal: about what an insertion looks at.
const MENDED_PER_CHANGE: usize = 2_000;

/// Rows that a walk compares for each that it keeps in view, at least.
const COMPARED_FOR_ONE: usize = 20;

/// The same where it keeps only those with a tag, counting that what it compares is less in order than the rows of a tag.
const COMPARED_FOR_ONE_TAGGED: usize = 40;

/// Rows moved into the room of removed ones with each insertion and removal, when there is no graph any more.
const MOVED_PER_CHANGE: usize = 32;

/// Exact like [`FlatIndex`](crate::FlatIndex) up to a number of entries, nearly so like [`HnswIndex`](crate::HnswIndex)
/// above it.
///
/// Beyond the threshold every insertion takes four rows into the graph, until it holds all; what it does not hold yet is
/// searched exactly. When entries fall below half the threshold, the graph is given up. No insertion and no removal does
/// more than a bounded part of such work.
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
        if let Some(slot) = self.graph.take_free() {
            self.rows.place(slot, label, unit);
            self.graph.link_again(&self.rows, slot);
        } else {
            self.rows.push(label, unit)?;
        }
        self.link();
        self.tidy();
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
            self.graph.bury(slot);
        }
        if self.is_linked() && self.rows.live() < self.linked_above / 2 {
            self.graph.clear();
        }
        self.tidy();
        true
    }

    /// Does a bounded part of what removals left to do.
    fn tidy(&mut self) {
        self.graph.mend_some(&self.rows, MENDED_PER_CHANGE);
        let first_unlinked = self.graph.slots();
        for _ in 0..MOVED_PER_CHANGE {
            match self.rows.last_dead() {
                Some(slot) if slot as usize >= first_unlinked => self.rows.fill_last_dead(),
                _ => return,
            };
        }
    }

    /// Leaves dead rows out, all at once.
    pub(crate) fn mend(&mut self) {
        self.graph.mend_all(&self.rows);
        if self.rows.slots() > self.rows.live() {
            let moved = self.rows.compact();
            self.graph.renumber(&moved);
        }
    }

    /// The nearest rows of the graph that have the tag, if there is one and walking it costs less than comparing all rows.
    fn walked(&self, query: &Query<'_>, tagged: Option<&Slots>, target: &Target) -> Option<Vec<u32>> {
        let (candidates, for_one) = match tagged {
            Some(tagged) => (tagged.count(), COMPARED_FOR_ONE_TAGGED),
            None => (self.rows.live(), COMPARED_FOR_ONE),
        };
        // Of the rows that a walk meets, one in live/candidates may be kept.
        let compared = self.graph.breadth(query.k).saturating_mul(for_one).saturating_mul(self.rows.live());
        if !self.is_linked() || candidates.saturating_mul(candidates) <= compared {
            return None;
        }
        let (rows, aim) = (&self.rows, target.aim());
        match tagged {
            None => self.graph.search(rows, aim, query.k, usize::MAX, |slot| rows.is_live(slot)),
            // The rows with the tag may be far from where the walk leads: it is given up before it costs more.
            Some(tagged) => {
                self.graph.search(rows, aim, query.k, candidates / 2, |slot| tagged.contains(slot))
            }
        }
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
        let target = self.rows.target(query.vector)?;
        let tagged = match query.tag.map(|tag| self.rows.tagged(tag)) {
            Some(None) => return Ok(Vec::new()),
            Some(Some(tagged)) => Some(tagged).filter(|tagged| tagged.count() < self.rows.live()),
            None => None,
        };
        let mut nearest = Nearest::new(&self.rows, &target, query.k);
        let walked = self.walked(query, tagged, &target);
        let first = if walked.is_some() { self.graph.slots() } else { 0 };
        nearest.show(walked.into_iter().flatten());
        match tagged {
            Some(tagged) => nearest.show(tagged.iter_from(u32::try_from(first).unwrap_or(u32::MAX))),
            None if first == 0 => nearest.show_all(),
            None => nearest.show_range(first..self.rows.slots()),
        }
        Ok(nearest.hits())
    }

    fn count(&self) -> usize {
        self.rows.live()
    }
}
