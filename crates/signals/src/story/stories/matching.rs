//! Which story an item is most like.

use std::cmp::Ordering;

use super::super::terms::terms_of;
use super::{CANDIDATES, LOOKED_UP, PER_TERM, Stories, Story, WORDS, as_f64};

/// An item as numbers.
#[derive(Debug, Default)]
pub(super) struct Vector {
    /// Terms that some story holds, sorted, with their weights.
    pub(super) known: Vec<(u32, f64)>,
    /// All terms with their weights, by name.
    pub(super) all: Vec<(String, f64)>,
    /// The sum of squares of the weights of terms that nobody holds.
    pub(super) unknown: f64,
}

impl Stories {
    pub(super) fn held(&self, entities: &[String]) -> Vec<u32> {
        let mut numbers: Vec<u32> = entities.iter().filter_map(|name| self.entities.get(name)).collect();
        numbers.sort_unstable();
        numbers
    }

    pub(super) fn vector(&self, text: &str) -> Vector {
        let mut terms = terms_of(text, WORDS);
        terms.sort_unstable();
        let mut all: Vec<(String, f64)> = Vec::with_capacity(terms.len());
        for term in terms {
            match all.last_mut() {
                Some((last, n)) if *last == term => *n += 1.0,
                _ => all.push((term, 1.0)),
            }
        }
        for (_, weight) in &mut all {
            *weight = 1.0 + libm::log(*weight);
        }
        let norm = all.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
        let (mut known, mut unknown) = (Vec::new(), 0.0);
        for (term, weight) in &mut all {
            *weight /= norm;
            match self.terms.get(term) {
                Some(number) => known.push((number, *weight)),
                None => unknown += *weight * *weight,
            }
        }
        known.sort_unstable_by_key(|(number, _)| *number);
        Vector { known, all, unknown }
    }

    /// ln((1 + N) / (1 + n)) + 1.
    pub(super) fn idf(&self, n: u32) -> f64 {
        let log = |n: usize| self.logs.get(n).copied().unwrap_or_else(|| libm::log(as_f64(n as i64)));
        log(1 + self.quiet.len()) - log(1 + n as usize) + 1.0
    }

    /// The story most like an item among those that it may join, with its cosine.
    pub(super) fn most_like(
        &mut self,
        vector: &Vector,
        entities: &[u32],
        is_nameless: bool,
        at: i64,
    ) -> Option<(u32, f64)> {
        let weighted: Vec<(u32, f64)> = vector
            .known
            .iter()
            .map(|&(term, weight)| (term, weight * self.idf(self.terms.holders(term))))
            .collect();
        let unknown = self.idf(0);
        let square: f64 = weighted.iter().map(|(_, weight)| weight * weight).sum::<f64>()
            + vector.unknown * unknown * unknown;
        let candidates = self.candidates(&weighted, entities, is_nameless, at);
        let mut best: Option<(u32, f64)> = None;
        for place in candidates {
            let similarity = self.cosine(&weighted, square, &self.stories[place as usize]);
            let better = best.is_none_or(|(other, most)| {
                similarity.total_cmp(&most).then_with(|| self.elder(place, other)) == Ordering::Greater
            });
            if better {
                best = Some((place, similarity));
            }
        }
        best
    }

    /// Greater if `a` began before `b`; of two that began together, the one with the smaller id.
    fn elder(&self, a: u32, b: u32) -> Ordering {
        let key = |place: u32| (self.stories[place as usize].first_at, self.stories[place as usize].id);
        key(b).cmp(&key(a))
    }

    fn cosine(&self, weighted: &[(u32, f64)], square: f64, story: &Story) -> f64 {
        let (mut dot, mut norm, mut rest) = (0.0, 0.0, weighted);
        for &(term, weight) in &story.weights {
            let weight = weight * self.idf(self.terms.holders(term));
            norm += weight * weight;
            while let Some((&(other, of_item), further)) = rest.split_first() {
                if other > term {
                    break;
                }
                if other == term {
                    dot += weight * of_item;
                }
                rest = further;
            }
        }
        let scale = (norm * square).sqrt();
        if scale > 0.0 { dot / scale } else { 0.0 }
    }

    /// The stories that an item may join and that have its rarest terms in common with it, at most so many.
    fn candidates(
        &mut self,
        weighted: &[(u32, f64)],
        entities: &[u32],
        is_nameless: bool,
        at: i64,
    ) -> Vec<u32> {
        let mut rarest: Vec<(u32, u32, f64)> =
            weighted.iter().map(|&(term, weight)| (self.terms.holders(term), term, weight)).collect();
        rarest.sort_unstable_by_key(|(holders, term, _)| (*holders, *term));
        rarest.truncate(LOOKED_UP);
        self.round += 1;
        let mut touched: Vec<u32> = Vec::new();
        for &(_, term, weight) in &rarest {
            for slot in self.postings.youngest(term, PER_TERM) {
                let story = &self.stories[slot.place as usize];
                let scratch = &mut self.scratch[slot.place as usize];
                if scratch.0 == self.round {
                    scratch.1 += weight;
                    continue;
                }
                let near =
                    at >= story.first_at - self.options.gap() && at <= story.last_at + self.options.gap();
                let common =
                    if is_nameless { story.entities.is_empty() } else { share(entities, &story.entities) };
                if story.is_alive && story.tenancy == slot.tenancy && near && common {
                    *scratch = (self.round, weight);
                    touched.push(slot.place);
                }
            }
        }
        touched.sort_by(|&a, &b| {
            let collected = |place: u32| self.scratch[place as usize].1;
            collected(b).total_cmp(&collected(a)).then_with(|| self.elder(b, a))
        });
        touched.truncate(CANDIDATES);
        touched
    }
}

/// Whether two sorted lists have something in common.
fn share(a: &[u32], b: &[u32]) -> bool {
    a.iter().any(|entity| b.binary_search(entity).is_ok())
}
