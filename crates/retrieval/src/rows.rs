//! Entries with their vectors in one contiguous table.

mod aim;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use self::aim::{Aim, Precision, Target};
use crate::{
    Entry, Error, ErrorKind, MAX_ENTRIES, TextHash,
    codes::Codes,
    embedder::check_dimensions,
    kernel::{self, stride},
    slots::{Bits, Slots},
};

/// A table of unit vectors. A row's number is its slot; a dead row keeps its vector, so that a graph can still walk
/// through it.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    dimensions: usize,
    vectors: Vec<f32>,
    codes: Codes,
    labels: Vec<Option<Label>>,
    /// The slots with a label.
    live: Bits,
    /// Those without.
    dead: BTreeSet<u32>,
    by_id: BTreeMap<String, u32>,
    by_tag: BTreeMap<String, Slots>,
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

    pub(crate) fn product(self) -> f32 {
        product_of(self.farness())
    }
}

/// Maps products to numbers in reverse order: the larger the product, the smaller the number.
pub(crate) fn farness(product: f32) -> u32 {
    let bits = (product + 0.0).to_bits(); // −0 becomes 0
    if bits >> 31 == 0 { !(bits | 1 << 31) } else { bits }
}

pub(crate) fn product_of(farness: u32) -> f32 {
    if farness >> 31 == 0 { f32::from_bits(!farness & !(1 << 31)) } else { f32::from_bits(farness) }
}

impl Rows {
    pub(crate) fn new(dimensions: usize) -> Result<Self, Error> {
        check_dimensions(dimensions)?;
        Ok(Self {
            dimensions,
            vectors: Vec::new(),
            codes: Codes::new(dimensions),
            labels: Vec::new(),
            live: Bits::default(),
            dead: BTreeSet::new(),
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
        self.live.contains(slot)
    }

    /// The live slots.
    pub(crate) fn live_slots(&self) -> &Bits {
        &self.live
    }

    pub(crate) fn slot_of(&self, id: &str) -> Option<u32> {
        self.by_id.get(id).copied()
    }

    /// The live slots with this tag, in order.
    pub(crate) fn tagged(&self, tag: &str) -> Option<&Slots> {
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

    /// The rows in a byte per component.
    pub(crate) fn codes(&self) -> &Codes {
        &self.codes
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
        self.codes.push(unit);
        self.labels.push(None);
        self.name(slot, label);
        Ok(slot)
    }

    /// The same in the place of a dead row.
    pub(crate) fn place(&mut self, slot: u32, label: Label, unit: &[f32]) {
        let start = slot as usize * stride(self.dimensions);
        self.vectors[start..start + unit.len()].copy_from_slice(unit);
        self.codes.set(slot, unit);
        self.dead.remove(&slot);
        self.name(slot, label);
    }

    /// Marks a live row as dead. It stays where it is.
    pub(crate) fn kill(&mut self, slot: u32) {
        if self.unname(slot).is_some() {
            self.dead.insert(slot);
        }
    }

    /// The largest slot of a dead row.
    pub(crate) fn last_dead(&self) -> Option<u32> {
        self.dead.last().copied()
    }

    fn name(&mut self, slot: u32, label: Label) {
        for tag in &label.tags {
            match self.by_tag.get_mut(tag) {
                Some(slots) => slots.insert(slot),
                None => self.by_tag.entry(tag.clone()).or_default().insert(slot),
            }
        }
        self.by_id.insert(label.id.clone(), slot);
        self.live.insert(slot);
        self.labels[slot as usize] = Some(label);
    }

    fn unname(&mut self, slot: u32) -> Option<Label> {
        let label = self.labels[slot as usize].take()?;
        self.live.remove(slot);
        self.by_id.remove(&label.id);
        for tag in &label.tags {
            if let Some(slots) = self.by_tag.get_mut(tag) {
                slots.remove(slot);
                if slots.count() == 0 {
                    self.by_tag.remove(tag);
                }
            }
        }
        Some(label)
    }

    /// Takes a row out and puts the last one, which must be live, in its place. Nobody may refer to either by slot.
    pub(crate) fn swap_remove(&mut self, slot: u32) {
        self.kill(slot);
        self.fill_last_dead();
    }

    /// Takes the last dead row out and puts the last of all in its place. Nobody may refer to either by slot.
    pub(crate) fn fill_last_dead(&mut self) {
        let Some(slot) = self.dead.pop_last() else { return };
        let last = self.slots() - 1;
        let moved = u32::try_from(last).ok().and_then(|last| self.unname(last)); // none if the last is the dead one
        let stride = stride(self.dimensions);
        self.vectors.copy_within(last * stride.., slot as usize * stride);
        self.vectors.truncate(last * stride);
        self.codes.swap_remove(slot);
        self.labels.truncate(last);
        if let Some(label) = moved {
            self.name(slot, label);
        }
    }

    /// Leaves dead rows out, keeping the order. Where each row went.
    pub(crate) fn compact(&mut self) -> Vec<Option<u32>> {
        let room = Self {
            dimensions: self.dimensions,
            vectors: Vec::with_capacity(self.live() * stride(self.dimensions)),
            codes: Codes::new(self.dimensions),
            labels: Vec::with_capacity(self.live()),
            live: Bits::default(),
            dead: BTreeSet::new(),
            by_id: BTreeMap::new(),
            by_tag: BTreeMap::new(),
        };
        let mut old = std::mem::replace(self, room);
        let labels = std::mem::take(&mut old.labels);
        let rows = old.vectors.chunks_exact(stride(self.dimensions));
        // Fewer rows than before always fit.
        labels.into_iter().zip(rows).map(|(label, row)| self.push(label?, row).ok()).collect()
    }
}

impl Label {
    /// An entry's label, and its vector.
    pub(crate) fn split(entry: Entry) -> (Self, Vec<f32>) {
        let Entry { id, tags, vector, text_hash } = entry;
        (Self { id, tags, text_hash }, vector)
    }
}

#[cfg(test)]
mod tests;
