//! A hierarchy of neighbourhood graphs over rows (HNSW, Malkov and Yashunin 2016, arXiv:1603.09320).
//!
//! Written here and not taken from a crate, because it has to be deterministic, to mend itself after removals, to go into a
//! file and come back out of a hostile one, and to keep no vectors of its own. A row's level comes from its id's hash.

mod build;
mod file;
mod mend;
mod walk;

use std::collections::BTreeSet;

use self::{mend::Mending, walk::Walk};
use crate::{
    Error, ErrorKind,
    rows::{Aim, Near, Precision, Rows},
};

/// Levels above the ground at most: with 4 neighbours a row, 4¹² rows would reach it.
const TOP_LEVEL: u8 = 12;

/// How densely a graph is linked, and how much of it is looked at.
///
/// ```
/// use assize_retrieval::{GraphShape, HnswIndex};
///
/// let dense = GraphShape { neighbours: 24, ..GraphShape::default() };
/// assert!(HnswIndex::new(384, dense).is_ok());
/// assert!(HnswIndex::new(384, GraphShape { neighbours: 0, ..dense }).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GraphShape {
    /// Neighbours that a row chooses on each level, 4 to 64; on the ground it may have twice as many. More find more,
    /// and take more memory and time.
    pub neighbours: usize,
    /// How many of the nearest rows are considered when a row is linked, 8 to 2000.
    pub build_breadth: usize,
    /// How many of the nearest rows a search keeps in view, 8 to 10000, and never fewer than it has to find.
    pub search_breadth: usize,
}

impl Default for GraphShape {
    /// 16 neighbours, 128 considered, 64 in view: what reaches a recall of 0.95 among 100,000 clustered vectors.
    fn default() -> Self {
        Self { neighbours: 16, build_breadth: 128, search_breadth: 64 }
    }
}

/// Links between the first rows of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Graph {
    shape: GraphShape,
    /// The ground: for each row its number of links, and then the links, in a fixed width.
    ground: Vec<u32>,
    /// Above the ground: for each row its links on each level that it reaches.
    upper: Vec<Box<[Vec<u32>]>>,
    /// A row on the highest level that any row reaches.
    entry: Option<u32>,
    /// The live rows above the ground, by their level.
    high: BTreeSet<(usize, u32)>,
    mending: Mending,
}

impl Graph {
    pub(crate) fn new(shape: GraphShape) -> Result<Self, Error> {
        let GraphShape { neighbours, build_breadth, search_breadth } = shape;
        if !(4..=64).contains(&neighbours)
            || !(8..=2_000).contains(&build_breadth)
            || !(8..=10_000).contains(&search_breadth)
        {
            let message = format!(
                "shape a graph with {neighbours} neighbours, {build_breadth} considered and {search_breadth} in view: \
                 4 to 64, 8 to 2000 and 8 to 10000 are possible"
            );
            return Err(ErrorKind::BadInput.error(message));
        }
        Ok(Self { shape, ..Self::default() })
    }

    pub(crate) const fn shape(&self) -> GraphShape {
        self.shape
    }

    pub(crate) fn clear(&mut self) {
        *self = Self { shape: self.shape, ..Self::default() };
    }

    /// Rows that are linked; they are the first of the table.
    pub(crate) fn slots(&self) -> usize {
        self.upper.len()
    }

    /// How many rows a search for `k` keeps in view.
    pub(crate) fn breadth(&self, k: usize) -> usize {
        self.shape.search_breadth.max(k)
    }

    /// The nearest rows that `may_be_kept`, of which `k` are looked for, nearest first. None if more than about
    /// `most_compared` rows would have to be compared.
    pub(crate) fn search(
        &self,
        rows: &Rows,
        aim: Aim<'_>,
        k: usize,
        most_compared: usize,
        may_be_kept: impl Fn(u32) -> bool,
    ) -> Option<Vec<u32>> {
        let mut walk = Walk::new(self, rows, aim).up_to(most_compared);
        let Some(start) = walk.descend(0) else { return Some(Vec::new()) };
        let mut met = walk.run(&[start], self.breadth(k), 0, &may_be_kept);
        let precision = rows.precision_for(aim, &met, k.saturating_sub(1), usize::MAX);
        if precision > Precision::Codes && !walk.is_exhausted() {
            // All around are nearer to each other than codes can tell.
            walk = walk.by(precision);
            let start = walk.descend(0)?;
            met = walk.run(&[start], self.breadth(k), 0, &may_be_kept);
        }
        (!walk.is_exhausted()).then(|| met.into_iter().map(Near::slot).collect())
    }

    /// The most links of a row on a level.
    fn most_links(&self, level: usize) -> usize {
        if level == 0 { self.shape.neighbours * 2 } else { self.shape.neighbours }
    }

    fn width(&self) -> usize {
        1 + self.most_links(0)
    }

    /// How many levels above the ground a row reaches.
    fn level(&self, slot: u32) -> usize {
        self.upper[slot as usize].len()
    }

    fn links(&self, slot: u32, level: usize) -> &[u32] {
        match level.checked_sub(1) {
            None => {
                let start = slot as usize * self.width();
                &self.ground[start + 1..][..self.ground[start] as usize]
            }
            Some(above) => &self.upper[slot as usize][above],
        }
    }

    /// At most [`most_links`](Self::most_links).
    fn set_links(&mut self, slot: u32, level: usize, links: &[u32]) {
        match level.checked_sub(1) {
            None => {
                let start = slot as usize * self.width();
                self.ground[start] = u32::try_from(links.len()).unwrap_or(0);
                let (used, free) =
                    self.ground[start + 1..][..self.shape.neighbours * 2].split_at_mut(links.len());
                used.copy_from_slice(links);
                free.fill(0);
            }
            Some(above) => {
                links.clone_into(&mut self.upper[slot as usize][above]);
            }
        }
    }

    /// Makes room for the next row, without links.
    fn add_row(&mut self, level: usize) -> Option<u32> {
        let slot = u32::try_from(self.slots()).ok()?;
        self.ground.resize(self.ground.len() + self.width(), 0);
        self.upper.push([].into());
        self.set_level(slot, level);
        Some(slot)
    }

    /// Lets a row that nobody is linked to reach a level, without links.
    fn set_level(&mut self, slot: u32, level: usize) {
        self.upper[slot as usize] = vec![Vec::new(); level].into();
        self.set_links(slot, 0, &[]);
        if level > 0 {
            self.high.insert((level, slot));
        }
    }
}

#[cfg(test)]
mod tests;
