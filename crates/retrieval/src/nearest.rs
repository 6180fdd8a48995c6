//! The nearest of many rows, exactly: by their codes first, in full where codes do not decide.

use std::{collections::BinaryHeap, ops::Range};

use crate::{
    Hit,
    rows::{Rows, Target, farness, product_of},
};

/// Rows compared at a time: their products stay in the first-level cache.
const BLOCK: usize = 1_024;

/// The nearest rows of those that were shown.
///
/// A row is out as soon as its product can be no larger than what `k` others have at least.
#[derive(Debug)]
pub(crate) struct Nearest<'a> {
    rows: &'a Rows,
    target: &'a Target,
    k: usize,
    /// How far the products of the best `k` are at most, the farthest on top.
    sure: BinaryHeap<u32>,
    /// The product that the best `k` have at least.
    least: f32,
    /// Rows that may be among them, with the product that they have at most.
    maybe: Vec<(f32, u32)>,
}

impl<'a> Nearest<'a> {
    /// Nothing was shown yet; `k` are looked for.
    pub(crate) fn new(rows: &'a Rows, target: &'a Target, k: usize) -> Self {
        let k = k.min(rows.live());
        let least = if k == 0 { f32::INFINITY } else { f32::NEG_INFINITY };
        Self { rows, target, k, sure: BinaryHeap::with_capacity(k + 1), least, maybe: Vec::new() }
    }

    /// Shows the live rows in a range of slots.
    pub(crate) fn show_range(&mut self, range: Range<usize>) {
        let mut products = Vec::new();
        for start in range.clone().step_by(BLOCK) {
            let block = start..range.end.min(start + BLOCK);
            self.rows.codes().products_in(self.target.coded.probe(), block.clone(), &mut products);
            for (slot, product) in block.zip(&products) {
                if let Ok(slot) = u32::try_from(slot) {
                    self.offer(slot, *product);
                }
            }
        }
    }

    /// Shows rows.
    pub(crate) fn show(&mut self, slots: impl IntoIterator<Item = u32>) {
        let (mut products, mut block) = (Vec::new(), Vec::with_capacity(BLOCK));
        let mut slots = slots.into_iter();
        loop {
            block.clear();
            block.extend(slots.by_ref().take(BLOCK));
            if block.is_empty() {
                return;
            }
            self.rows.codes().products(self.target.coded.probe(), &block, &mut products);
            for (slot, product) in block.iter().zip(&products) {
                self.offer(*slot, *product);
            }
        }
    }

    /// Shows all live rows.
    pub(crate) fn show_all(&mut self) {
        let (slots, live) = (self.rows.slots(), self.rows.live());
        if slots - live > live / 4 {
            self.show(self.rows.live_slots().iter());
        } else {
            self.show_range(0..slots);
        }
    }

    fn offer(&mut self, slot: u32, product: f32) {
        let doubt = self.rows.codes().doubt(self.target.coded.probe(), slot);
        if product + doubt < self.least || !self.rows.is_live(slot) {
            return;
        }
        self.maybe.push((product + doubt, slot));
        if product - doubt > self.least {
            self.sure.push(farness(product - doubt));
            if self.sure.len() > self.k {
                self.sure.pop();
            }
            if self.sure.len() == self.k
                && let Some(farthest) = self.sure.peek()
            {
                self.least = product_of(*farthest);
            }
        }
    }

    /// The nearest, nearest first; ties go to the smaller id.
    pub(crate) fn hits(mut self) -> Vec<Hit> {
        self.maybe.retain(|(most, _)| *most >= self.least);
        let slots = self.maybe.iter().map(|(_, slot)| *slot).collect::<Vec<_>>();
        let mut products = Vec::new();
        self.rows.products(&self.target.unit, &slots, &mut products);
        let mut best = BinaryHeap::with_capacity(self.k + 1);
        for (slot, product) in slots.iter().zip(&products) {
            let Some(label) = self.rows.label(*slot) else { continue };
            best.push((farness(*product), label.id.as_str(), *slot));
            if best.len() > self.k {
                best.pop();
            }
        }
        let hit = |(farness, id, slot): (u32, &str, u32)| Hit {
            id: id.to_owned(),
            score: product_of(farness),
            text_hash: self.rows.label(slot).and_then(|label| label.text_hash),
        };
        best.into_sorted_vec().into_iter().map(hit).collect()
    }
}
