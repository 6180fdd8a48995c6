//! Walking a graph towards a vector.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::Graph;
use crate::rows::{Near, Rows};

impl Graph {
    /// The row that a greedy walk from the top reaches above `level`, where a walk on `level` begins.
    pub(super) fn descend(&self, rows: &Rows, unit: &[f32], level: usize) -> Option<Near> {
        let entry = self.entry?;
        let mut products = Vec::new();
        rows.products(unit, &[entry], &mut products);
        let mut here = Near::new(products[0], entry);
        for level in (level + 1..=self.level(entry)).rev() {
            loop {
                let links = self.links(here.slot(), level);
                rows.products(unit, links, &mut products);
                let next =
                    links.iter().zip(&products).map(|(slot, product)| Near::new(*product, *slot)).min();
                match next.filter(|next| *next < here) {
                    Some(next) => here = next,
                    None => break,
                }
            }
        }
        Some(here)
    }

    /// Walks one level from `starts` (linked on it), always on from the nearest row not yet left, until none can lead to
    /// anything nearer than the `breadth` rows in view. Those that `may_be_kept`, nearest first.
    pub(super) fn walk(
        &self,
        rows: &Rows,
        unit: &[f32],
        starts: &[Near],
        breadth: usize,
        level: usize,
        may_be_kept: impl Fn(u32) -> bool,
    ) -> Vec<Near> {
        let mut seen = Seen::new(self.slots());
        let mut ahead = BinaryHeap::with_capacity(breadth * 2);
        let mut view = BinaryHeap::with_capacity(breadth + 1);
        let meet = |near: Near, ahead: &mut BinaryHeap<Reverse<Near>>, view: &mut BinaryHeap<Near>| {
            if view.len() >= breadth && view.peek().is_some_and(|farthest| near > *farthest) {
                return;
            }
            ahead.push(Reverse(near));
            if may_be_kept(near.slot()) {
                view.push(near);
                if view.len() > breadth {
                    view.pop();
                }
            }
        };
        for &start in starts {
            if seen.is_new(start.slot()) {
                meet(start, &mut ahead, &mut view);
            }
        }
        let (mut fresh, mut products) = (Vec::new(), Vec::new());
        while let Some(Reverse(here)) = ahead.pop() {
            if view.len() >= breadth && view.peek().is_some_and(|farthest| here > *farthest) {
                break;
            }
            fresh.clear();
            fresh.extend(self.links(here.slot(), level).iter().copied().filter(|slot| seen.is_new(*slot)));
            rows.products(unit, &fresh, &mut products);
            for (&slot, &product) in fresh.iter().zip(&products) {
                meet(Near::new(product, slot), &mut ahead, &mut view);
            }
        }
        view.into_sorted_vec()
    }
}

/// Rows that were met, a bit each.
struct Seen(Vec<u64>);

impl Seen {
    fn new(slots: usize) -> Self {
        Self(vec![0; slots.div_ceil(64)])
    }

    /// Whether a row was not met before; now it is.
    fn is_new(&mut self, slot: u32) -> bool {
        let (word, bit) = (&mut self.0[slot as usize / 64], 1 << (slot % 64));
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }
}
