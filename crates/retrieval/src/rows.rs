//! Entries with their vectors in one contiguous table, and exact search over it.

use std::{
    collections::{BTreeMap, BTreeSet, BinaryHeap},
    ops::Range,
};

use crate::{
    Entry, Error, ErrorKind, Hit, MAX_ENTRIES, Query, TextHash,
    embedder::check_dimensions,
    kernel::{self, stride},
};

/// Rows scanned at a time: their products stay in the first-level cache.
const BLOCK: usize = 1_024;

/// A table of unit vectors. A row's number is its slot; a dead row keeps its vector, so that a graph can still walk
/// through it.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    dimensions: usize,
    vectors: Vec<f32>,
    labels: Vec<Option<Label>>,
    by_id: BTreeMap<String, u32>,
    by_tag: BTreeMap<String, BTreeSet<u32>>,
}

/// What a live row stands for.
#[derive(Debug, Clone)]
pub(crate) struct Label {
    pub(crate) id: String,
    pub(crate) tags: BTreeSet<String>,
    pub(crate) text_hash: Option<TextHash>,
}

/// How near a row is, and which it is, in a number that sorts: the nearest first, then the smaller slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Near(u64);

impl Near {
    pub(crate) fn new(product: f32, slot: u32) -> Self {
        Self(u64::from(farness(product)) << 32 | u64::from(slot))
    }

    pub(crate) fn slot(self) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "the lower half is the slot")]
        {
            self.0 as u32
        }
    }

    /// The same order of nearness, without the slot.
    pub(crate) fn farness(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

/// Maps products to numbers in reverse order: the larger the product, the smaller the number.
fn farness(product: f32) -> u32 {
    let bits = (product + 0.0).to_bits(); // −0 becomes 0
    if bits >> 31 == 0 { !(bits | 1 << 31) } else { bits }
}

fn product_of(farness: u32) -> f32 {
    if farness >> 31 == 0 { f32::from_bits(!farness & !(1 << 31)) } else { f32::from_bits(farness) }
}

impl Rows {
    pub(crate) fn new(dimensions: usize) -> Result<Self, Error> {
        check_dimensions(dimensions)?;
        Ok(Self {
            dimensions,
            vectors: Vec::new(),
            labels: Vec::new(),
            by_id: BTreeMap::new(),
            by_tag: BTreeMap::new(),
        })
    }

    pub(crate) fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Live rows.
    pub(crate) fn live(&self) -> usize {
        self.by_id.len()
    }

    /// Rows, dead ones included.
    pub(crate) fn slots(&self) -> usize {
        self.labels.len()
    }

    pub(crate) fn label(&self, slot: u32) -> Option<&Label> {
        self.labels[slot as usize].as_ref()
    }

    pub(crate) fn is_live(&self, slot: u32) -> bool {
        self.label(slot).is_some()
    }

    pub(crate) fn slot_of(&self, id: &str) -> Option<u32> {
        self.by_id.get(id).copied()
    }

    /// The live slots with this tag, in order.
    pub(crate) fn tagged(&self, tag: &str) -> Option<&BTreeSet<u32>> {
        self.by_tag.get(tag)
    }

    /// A row's vector with its padding.
    pub(crate) fn padded(&self, slot: u32) -> &[f32] {
        let (stride, slot) = (stride(self.dimensions), slot as usize);
        &self.vectors[slot * stride..(slot + 1) * stride]
    }

    /// A row's vector without padding.
    pub(crate) fn vector(&self, slot: u32) -> &[f32] {
        &self.padded(slot)[..self.dimensions]
    }

    /// The products of a padded vector with some rows.
    pub(crate) fn products(&self, padded: &[f32], slots: &[u32], products: &mut Vec<f32>) {
        kernel::dot_some(padded, &self.vectors, slots, products);
    }

    /// A vector scaled to length 1 and padded.
    pub(crate) fn unit(&self, vector: &[f32]) -> Result<Vec<f32>, Error> {
        let bad = |what: &str| Err(ErrorKind::BadVector.error(format!("use a vector: {what}")));
        if vector.len() != self.dimensions {
            return bad(&format!("it has {} dimensions, not {}", vector.len(), self.dimensions));
        }
        if let Some(n) = vector.iter().position(|x| !x.is_finite()) {
            return bad(&format!("its component {n} is no finite number"));
        }
        // In f64 neither the squares of the largest f32 overflow nor those of the smallest vanish.
        let length = vector.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>().sqrt();
        if length <= 0.0 {
            return bad("all its components are zero, so that it has no direction");
        }
        #[expect(clippy::cast_possible_truncation, reason = "components of a unit vector, rounded to f32")]
        let mut unit = vector.iter().map(|x| (f64::from(*x) / length) as f32).collect::<Vec<_>>();
        unit.resize(stride(self.dimensions), 0.0);
        Ok(unit)
    }

    /// Whether there is room for a new id.
    pub(crate) fn check_room(&self, id: &str) -> Result<(), Error> {
        if self.live() >= MAX_ENTRIES && self.slot_of(id).is_none() {
            return Err(
                ErrorKind::Full.error(format!("index `{id}`: there are {MAX_ENTRIES} entries already"))
            );
        }
        Ok(())
    }

    /// Adds a row whose id is not there, with a vector from [`unit`](Self::unit).
    pub(crate) fn push(&mut self, label: Label, unit: &[f32]) -> Result<u32, Error> {
        let slot = u32::try_from(self.slots())
            .map_err(|_| ErrorKind::Full.error("index an entry: there are too many rows"))?;
        self.vectors.extend_from_slice(unit);
        for tag in &label.tags {
            self.by_tag.entry(tag.clone()).or_default().insert(slot);
        }
        self.by_id.insert(label.id.clone(), slot);
        self.labels.push(Some(label));
        Ok(slot)
    }

    /// Marks a live row as dead. It stays where it is.
    pub(crate) fn kill(&mut self, slot: u32) {
        if let Some(label) = self.labels[slot as usize].take() {
            self.forget(&label, slot);
        }
    }

    fn forget(&mut self, label: &Label, slot: u32) {
        self.by_id.remove(&label.id);
        for tag in &label.tags {
            if let Some(slots) = self.by_tag.get_mut(tag) {
                slots.remove(&slot);
                if slots.is_empty() {
                    self.by_tag.remove(tag);
                }
            }
        }
    }

    /// Takes a row out and puts the last one in its place. Nobody may refer to either by slot.
    pub(crate) fn swap_remove(&mut self, slot: u32) {
        self.kill(slot);
        let stride = stride(self.dimensions);
        let last = self.slots() - 1;
        self.labels.swap_remove(slot as usize);
        self.vectors.copy_within(last * stride.., slot as usize * stride);
        self.vectors.truncate(last * stride);
        let moved = self.labels.get(slot as usize).and_then(Option::as_ref); // none if the row was the last
        if let Some(label) = moved {
            for tag in &label.tags {
                if let Some(slots) = self.by_tag.get_mut(tag) {
                    slots.pop_last(); // the last row is the largest slot of each of its tags
                    slots.insert(slot);
                }
            }
            if let Some(place) = self.by_id.get_mut(&label.id) {
                *place = slot;
            }
        }
    }

    /// Leaves dead rows out, keeping the order. Where each row went.
    pub(crate) fn compact(&mut self) -> Vec<Option<u32>> {
        let mut old = std::mem::replace(
            self,
            Self {
                dimensions: self.dimensions,
                vectors: Vec::with_capacity(self.live() * stride(self.dimensions)),
                labels: Vec::with_capacity(self.live()),
                by_id: BTreeMap::new(),
                by_tag: BTreeMap::new(),
            },
        );
        let labels = std::mem::take(&mut old.labels);
        let rows = old.vectors.chunks_exact(stride(self.dimensions));
        // Fewer rows than before always fit.
        labels.into_iter().zip(rows).map(|(label, row)| self.push(label?, row).ok()).collect()
    }

    /// The nearest live rows in a range of slots, with the nearest of `others`.
    pub(crate) fn nearest_in(
        &self,
        unit: &[f32],
        k: usize,
        range: Range<usize>,
        others: impl IntoIterator<Item = Near>,
    ) -> Vec<Hit> {
        let mut best = Best::new(self, k);
        others.into_iter().for_each(|near| best.offer(near));
        let stride = stride(self.dimensions);
        let mut products = Vec::new();
        for start in range.clone().step_by(BLOCK) {
            let end = range.end.min(start + BLOCK);
            kernel::dot_all(unit, &self.vectors[start * stride..end * stride], &mut products);
            best.offer_all((start..end).filter_map(|slot| u32::try_from(slot).ok()), &products);
        }
        best.hits()
    }

    /// The nearest of these slots, which are live, with the nearest of `others`.
    pub(crate) fn nearest_of(
        &self,
        unit: &[f32],
        k: usize,
        slots: impl IntoIterator<Item = u32>,
        others: impl IntoIterator<Item = Near>,
    ) -> Vec<Hit> {
        let mut best = Best::new(self, k);
        others.into_iter().for_each(|near| best.offer(near));
        let (mut products, mut block) = (Vec::new(), Vec::with_capacity(BLOCK));
        let mut slots = slots.into_iter();
        loop {
            block.clear();
            block.extend(slots.by_ref().take(BLOCK));
            if block.is_empty() {
                return best.hits();
            }
            self.products(unit, &block, &mut products);
            best.offer_all(block.iter().copied(), &products);
        }
    }

    /// The nearest of all live rows.
    pub(crate) fn nearest(&self, unit: &[f32], query: &Query<'_>) -> Vec<Hit> {
        match query.tag {
            None => self.nearest_in(unit, query.k, 0..self.slots(), []),
            Some(tag) => self.nearest_of(unit, query.k, self.tagged(tag).into_iter().flatten().copied(), []),
        }
    }
}

impl Label {
    /// An entry's label, and its vector.
    pub(crate) fn split(entry: Entry) -> (Self, Vec<f32>) {
        let Entry { id, tags, vector, text_hash } = entry;
        (Self { id, tags, text_hash }, vector)
    }
}

/// The best so far: a heap with the worst of them on top. Ties go to the smaller id.
struct Best<'a> {
    rows: &'a Rows,
    k: usize,
    heap: BinaryHeap<(u32, &'a str, u32)>,
    /// Nothing farther than this is worth a look.
    limit: u32,
}

impl<'a> Best<'a> {
    fn new(rows: &'a Rows, k: usize) -> Self {
        let k = k.min(rows.live());
        Self { rows, k, heap: BinaryHeap::with_capacity(k + 1), limit: if k == 0 { 0 } else { u32::MAX } }
    }

    fn offer_all(&mut self, slots: impl Iterator<Item = u32>, products: &[f32]) {
        for (slot, &product) in slots.zip(products) {
            if farness(product) <= self.limit {
                self.offer(Near::new(product, slot));
            }
        }
    }

    fn offer(&mut self, near: Near) {
        let Some(label) = self.rows.label(near.slot()) else { return };
        self.heap.push((near.farness(), &label.id, near.slot()));
        if self.heap.len() > self.k {
            self.heap.pop();
        }
        if self.heap.len() == self.k
            && let Some(worst) = self.heap.peek()
        {
            self.limit = worst.0;
        }
    }

    fn hits(self) -> Vec<Hit> {
        let rows = self.rows;
        let best = self.heap.into_sorted_vec();
        best.into_iter()
            .map(|(farness, id, slot)| Hit {
                id: id.to_owned(),
                score: product_of(farness),
                text_hash: rows.label(slot).and_then(|label| label.text_hash),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
