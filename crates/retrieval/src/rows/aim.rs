//! What is looked for, and how precisely it has to be compared.

use super::{Near, Rows};
use crate::{
    Error,
    codes::{Coded, Probe},
};

/// A vector that is looked for.
#[derive(Debug)]
pub(crate) struct Target {
    /// Of length 1, padded.
    pub(crate) unit: Vec<f32>,
    pub(crate) coded: Coded,
}

impl Target {
    pub(crate) fn aim(&self) -> Aim<'_> {
        Aim { unit: &self.unit, probe: self.coded.probe() }
    }
}

/// The same, borrowed from wherever it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Aim<'a> {
    pub(crate) unit: &'a [f32],
    pub(crate) probe: Probe<'a>,
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Precision {
    /// Codes: nearly as good, and four times as fast.
    Codes,
    /// Vectors.
    Full,
}

impl Rows {
    /// A vector to look for.
    pub(crate) fn target(&self, vector: &[f32]) -> Result<Target, Error> {
        let unit = self.unit(vector)?;
        let coded = Coded::new(&unit);
        Ok(Target { unit, coded })
    }

    /// The products of what is looked for and some rows, as precisely as asked for.
    pub(crate) fn products_by(
        &self,
        precision: Precision,
        aim: Aim<'_>,
        slots: &[u32],
        products: &mut Vec<f32>,
    ) {
        match precision {
            Precision::Codes => self.codes.products(aim.probe, slots, products),
            Precision::Full => self.products(aim.unit, slots, products),
        }
    }

    /// A row as something to look for.
    pub(crate) fn aim(&self, slot: u32) -> Aim<'_> {
        Aim { unit: self.padded(slot), probe: self.codes.probe(slot) }
    }

    /// What it takes to know which of two rows is nearer, the `left`th or the `right`th of a list that is sorted by the
    /// nearness of codes (its last, if it is shorter).
    pub(crate) fn precision_for(&self, aim: Aim<'_>, near: &[Near], left: usize, right: usize) -> Precision {
        let right = right.min(near.len().saturating_sub(1));
        match (near.get(left), near.get(right)) {
            (Some(nearer), Some(farther))
                if left < right
                    && self.codes.is_blurred(
                        aim.probe,
                        farther.slot(),
                        nearer.product() - farther.product(),
                    ) =>
            {
                Precision::Full
            }
            _ => Precision::Codes,
        }
    }

    /// Rows by their nearness to a row, by codes where they tell the near ones of them from the far ones.
    pub(crate) fn by_nearness(&self, to: u32, slots: &[u32], at_least: Precision) -> (Vec<Near>, Precision) {
        let mut products = Vec::new();
        let mut sorted = |precision| {
            self.products_by(precision, self.aim(to), slots, &mut products);
            let near = slots.iter().zip(&products).map(|(slot, product)| Near::new(*product, *slot));
            let mut near = near.collect::<Vec<_>>();
            near.sort_unstable();
            near
        };
        let near = sorted(at_least);
        if at_least == Precision::Full {
            return (near, at_least);
        }
        match self.precision_for(self.aim(to), &near, 0, near.len() / 2) {
            Precision::Codes => (near, Precision::Codes),
            Precision::Full => (sorted(Precision::Full), Precision::Full),
        }
    }
}
