//! Unit vectors in a byte per component, to look at many of them before a few are looked at in full.
//!
//! A code is the component divided by its row's step and rounded, so that a row takes a quarter of the memory, and of the
//! time that it takes to come out of it. Products of codes are whole numbers, the same on every machine in whatever order
//! they are added. How far a product of codes may be from the product of the vectors is known (Cauchy and Schwarz), which
//! makes a search exact that compares codes first and vectors where codes do not decide.

use std::{hint::black_box, ops::Range};

use multiversion::multiversion;

use crate::kernel::{LANES, stride};

/// The largest code.
const LARGEST: f32 = 127.0;

/// Products of unit vectors computed in f32 are less than half of this from the true ones, at the most dimensions.
const ROUNDING: f32 = 3.0e-5;

/// How many rows are fetched from memory together.
const FETCHED: usize = 16;

/// Products of codes that are less than so many standard errors apart may well be in the wrong order.
const BLUR: f32 = 8.0;

/// A table of coded rows.
#[derive(Debug, Clone)]
pub(crate) struct Codes {
    /// Lines of a row.
    stride: usize,
    codes: Vec<Line>,
    grains: Vec<Grain>,
}

/// A line of the processor's caches: none of them belongs to two rows.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Line([i8; LANES]);

/// How a row was coded.
#[derive(Debug, Clone, Copy)]
struct Grain {
    /// What a code of one stands for.
    step: f32,
    /// The length of what was lost, at most.
    lost: f32,
}

/// A vector that is compared with the rows of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Probe<'a> {
    codes: &'a [Line],
    grain: Grain,
}

/// A vector from outside, coded.
#[derive(Debug)]
pub(crate) struct Coded {
    codes: Vec<Line>,
    grain: Grain,
}

impl Coded {
    pub(crate) fn new(unit: &[f32]) -> Self {
        let mut codes = vec![Line([0; LANES]); unit.len() / LANES];
        let grain = encode(unit, &mut codes);
        Self { codes, grain }
    }

    pub(crate) fn probe(&self) -> Probe<'_> {
        Probe { codes: &self.codes, grain: self.grain }
    }
}

impl Codes {
    pub(crate) fn new(dimensions: usize) -> Self {
        Self { stride: stride(dimensions) / LANES, codes: Vec::new(), grains: Vec::new() }
    }

    pub(crate) fn push(&mut self, unit: &[f32]) {
        let start = self.codes.len();
        self.codes.resize(start + self.stride, Line([0; LANES]));
        self.grains.push(encode(unit, &mut self.codes[start..]));
    }

    pub(crate) fn set(&mut self, slot: u32, unit: &[f32]) {
        let start = slot as usize * self.stride;
        self.grains[slot as usize] = encode(unit, &mut self.codes[start..start + self.stride]);
    }

    /// Takes a row out and puts the last one in its place.
    pub(crate) fn swap_remove(&mut self, slot: u32) {
        let last = self.grains.len() - 1;
        self.grains.swap_remove(slot as usize);
        self.codes.copy_within(last * self.stride.., slot as usize * self.stride);
        self.codes.truncate(last * self.stride);
    }

    pub(crate) fn probe(&self, slot: u32) -> Probe<'_> {
        let start = slot as usize * self.stride;
        Probe { codes: &self.codes[start..start + self.stride], grain: self.grains[slot as usize] }
    }

    /// About the products of a probe and some rows.
    pub(crate) fn products(&self, probe: Probe<'_>, slots: &[u32], products: &mut Vec<f32>) {
        products.clear();
        products.resize(slots.len(), 0.0);
        gather(probe.codes, probe.grain, &self.codes, &self.grains, slots, products);
    }

    /// About the products of a probe and the rows of a range.
    pub(crate) fn products_in(&self, probe: Probe<'_>, range: Range<usize>, products: &mut Vec<f32>) {
        products.clear();
        products.resize(range.len(), 0.0);
        let codes = &self.codes[range.start * self.stride..range.end * self.stride];
        scan(probe.codes, probe.grain, codes, &self.grains[range], products);
    }

    /// Whether products as far apart as the probe's with two rows of about this grain may well be in the wrong order.
    ///
    /// The bound of [`doubt`](Self::doubt) is for the worst case; as a rule what was lost points nowhere in particular, and
    /// its product with a unit vector is smaller by the square root of the dimensions.
    pub(crate) fn is_blurred(&self, probe: Probe<'_>, slot: u32, apart: f32) -> bool {
        let (own, other) = (probe.grain.lost, self.grains[slot as usize].lost);
        #[expect(clippy::cast_precision_loss, reason = "some thousand dimensions")]
        let dimensions = (self.stride * LANES) as f32;
        apart * apart * dimensions < BLUR * BLUR * (own * own + other * other)
    }

    /// How far [`products`](Self::products) may be from the row's true product, and from the one computed in f32.
    pub(crate) fn doubt(&self, probe: Probe<'_>, slot: u32) -> f32 {
        let (own, other) = (probe.grain.lost, self.grains[slot as usize].lost);
        own + (1.0 + own) * other + ROUNDING
    }
}

/// Codes a padded unit vector.
fn encode(unit: &[f32], codes: &mut [Line]) -> Grain {
    let largest = unit.iter().fold(0.0_f32, |largest, x| largest.max(x.abs()));
    let step = largest / LARGEST;
    let mut lost = 0.0_f64;
    for (x, code) in unit.iter().zip(codes.iter_mut().flat_map(|line| &mut line.0)) {
        let scaled = x / step;
        #[expect(clippy::cast_possible_truncation, reason = "128 at most, which becomes 127")]
        {
            *code = ((scaled + 0.5_f32.copysign(scaled)) as i8).max(-i8::MAX);
        }
        let rest = f64::from(*x) - f64::from(step) * f64::from(*code);
        lost += rest * rest;
    }
    #[expect(clippy::cast_possible_truncation, reason = "rounded up right after")]
    Grain { step, lost: lost.sqrt() as f32 * 1.000_001 + 1.0e-7 }
}

#[multiversion(targets("x86_64+avx2"))]
fn scan(query: &[Line], grain: Grain, codes: &[Line], grains: &[Grain], products: &mut [f32]) {
    for ((row, other), into) in codes.chunks_exact(query.len()).zip(grains).zip(products) {
        *into = product(query, row) * grain.step * other.step;
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn gather(
    query: &[Line],
    grain: Grain,
    codes: &[Line],
    grains: &[Grain],
    slots: &[u32],
    products: &mut [f32],
) {
    for (slots, products) in slots.chunks(FETCHED).zip(products.chunks_mut(FETCHED)) {
        // Asks for all lines before waiting for the first.
        let mut touched = 0;
        for &slot in slots {
            let start = slot as usize * query.len();
            touched = codes[start..start + query.len()].iter().fold(touched, |all, line| all ^ line.0[0]);
        }
        black_box(touched);
        for (&slot, into) in slots.iter().zip(products) {
            let start = slot as usize * query.len();
            let row = &codes[start..start + query.len()];
            *into = product(query, row) * grain.step * grains[slot as usize].step;
        }
    }
}

/// Below 2³¹ at the most dimensions.
#[inline(always)]
fn product(left: &[Line], right: &[Line]) -> f32 {
    let of_lines = |(x, y): (&Line, &Line)| -> i32 {
        x.0.iter().zip(&y.0).map(|(x, y)| i32::from(*x) * i32::from(*y)).sum()
    };
    let sum = left.iter().zip(right).map(of_lines).sum::<i32>();
    #[expect(clippy::cast_precision_loss, reason = "the codes themselves are rounded much more coarsely")]
    {
        sum as f32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{MAX_DIMENSIONS, kernel::dot, rows::Rows};

    fn check(left: &[f32], right: &[f32]) {
        let rows = Rows::new(left.len()).unwrap();
        let (Ok(left), Ok(right)) = (rows.unit(left), rows.unit(right)) else { return };
        let mut codes = Codes::new(left.len());
        codes.push(&right);
        codes.push(&left);
        codes.set(0, &right);
        let coded = Coded::new(&left);
        let (mut some, mut all) = (Vec::new(), Vec::new());
        codes.products(coded.probe(), &[0, 1], &mut some);
        codes.products_in(codes.probe(1), 0..2, &mut all);
        assert_eq!(some, all);
        for (slot, other) in [(0, &right), (1, &left)] {
            let error = (some[slot as usize] - dot(&left, other)).abs();
            assert!(error <= codes.doubt(coded.probe(), slot), "{error}");
        }
    }

    #[test]
    fn the_largest_vectors_do_not_overflow() {
        check(&vec![1.0; MAX_DIMENSIONS], &vec![-1.0; MAX_DIMENSIONS]);
        check(&[1.0e-30, 0.0], &[0.0, f32::MAX]);
        let mut uneven = vec![1.0e-4; MAX_DIMENSIONS];
        uneven[7] = 1.0;
        check(&uneven, &vec![1.0; MAX_DIMENSIONS]);
    }

    #[test]
    fn ordinary_vectors_lose_little() {
        let wave = (0..384_u16).map(|n| f32::from(n * 37 % 101) / 50.0 - 1.0).collect::<Vec<_>>();
        let unit = Rows::new(384).unwrap().unit(&wave).unwrap();
        let coded = Coded::new(&unit);
        assert!(coded.grain.lost < 0.01, "{}", coded.grain.lost);
    }

    proptest! {
        #[test]
        fn the_doubt_is_never_too_small(
            pair in prop::collection::vec((-1.0_f32..1.0, -1.0_f32..1.0, 0_i32..3), 1..200),
        ) {
            let scaled = |x: f32, power: i32| x * 100.0_f32.powi(-power);
            let left = pair.iter().map(|(x, _, power)| scaled(*x, *power)).collect::<Vec<_>>();
            let right = pair.iter().map(|(_, y, power)| scaled(*y, *power)).collect::<Vec<_>>();
            check(&left, &right);
            check(&left, &left);
        }
    }
}
