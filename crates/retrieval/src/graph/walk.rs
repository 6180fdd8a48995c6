//! Walking a graph towards a vector.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::Graph;
use crate::{
    rows::{Aim, Near, Precision, Rows},
    slots::Bits,
};

/// A walk towards a vector.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    graph: &'a Graph,
    rows: &'a Rows,
    aim: Aim<'a>,
    precision: Precision,
    /// Rows compared so far.
    pub(super) compared: usize,
    /// When as many were compared, it ends wherever it is.
    most_compared: usize,
    products: Vec<f32>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(graph: &'a Graph, rows: &'a Rows, aim: Aim<'a>) -> Self {
        let (precision, products) = (Precision::Codes, Vec::new());
        Self { graph, rows, aim, precision, compared: 0, most_compared: usize::MAX, products }
    }

    /// The same, comparing something else than codes.
    pub(super) fn by(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    /// The same, ending when about so many rows were compared.
    pub(super) fn up_to(mut self, compared: usize) -> Self {
        self.most_compared = compared;
        self
    }

    /// Whether it ended because it compared too many.
    pub(super) fn is_exhausted(&self) -> bool {
        self.compared > self.most_compared
    }

    /// The row that a greedy walk from the top reaches above `level`, where a walk on `level` begins.
    pub(super) fn descend(&mut self, level: usize) -> Option<Near> {
        let entry = self.graph.entry?;
        self.compare(&[entry]);
        let mut here = Near::new(self.products[0], entry);
        for level in (level + 1..=self.graph.level(entry)).rev() {
            loop {
                let links = self.graph.links(here.slot(), level);
                self.compare(links);
                let next =
                    links.iter().zip(&self.products).map(|(slot, product)| Near::new(*product, *slot)).min();
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
    pub(super) fn run(
        &mut self,
        starts: &[Near],
        breadth: usize,
        level: usize,
        may_be_kept: impl Fn(u32) -> bool,
    ) -> Vec<Near> {
        let mut seen = Bits::with_room(self.graph.slots());
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
            if seen.insert(start.slot()) {
                meet(start, &mut ahead, &mut view);
            }
        }
        let mut fresh = Vec::new();
        while let Some(Reverse(here)) = ahead.pop() {
            let is_farther = view.len() >= breadth && view.peek().is_some_and(|farthest| here > *farthest);
            if is_farther || self.is_exhausted() {
                break;
            }
            fresh.clear();
            let links = self.graph.links(here.slot(), level);
            fresh.extend(links.iter().copied().filter(|slot| seen.insert(*slot)));
            self.compare(&fresh);
            for (&slot, &product) in fresh.iter().zip(&self.products) {
                meet(Near::new(product, slot), &mut ahead, &mut view);
            }
        }
        view.into_sorted_vec()
    }

    fn compare(&mut self, slots: &[u32]) {
        self.compared += slots.len();
        self.rows.products_by(self.precision, self.aim, slots, &mut self.products);
    }
}
