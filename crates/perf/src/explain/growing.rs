//! How a figure grows over the sizes of one benchmark, before and after.

use super::figures::{Figures, family};
use crate::{
    Unit,
    growth::{Fit, Growth, Growths, SIZES_NEEDED, WIDE_ENOUGH},
    statistics::real,
};

/// In which a growth is looked for: what is exact goes before what is not.
pub(super) const GROWING: [&str; 6] =
    ["instructions", "allocations", "allocated", "heap-total", "cpu-time", "time"];

/// So many places between the smallest and the largest size are looked at for where one growth overtakes the other.
const STEPS: usize = 400;

/// The points of a family in one metric: size and figure.
pub(super) fn points(figures: &Figures<'_>, ids: &[&str], metric: &str) -> Vec<(f64, f64)> {
    let point = |id: &&str| Some((family(id).1?, figures.value(id, metric)?));
    let mut points: Vec<(f64, f64)> = ids.iter().filter_map(point).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points
}

/// The growth where there are sizes enough to speak of one.
pub(super) fn growths(points: &[(f64, f64)]) -> Option<Growths> {
    let mut sizes: Vec<f64> = points.iter().map(|point| point.0).collect();
    sizes.dedup();
    let wide = sizes.last()? / sizes.first()? >= WIDE_ENOUGH;
    (wide && sizes.len() >= SIZES_NEEDED).then(|| Growths::of_size(points)).flatten()
}

/// Another growth than before.
pub(super) struct Changed {
    pub(super) metric: &'static str,
    pub(super) before: Growth,
    pub(super) after: Growth,
    /// From which size on it is surely more than before, if not from the smallest.
    pub(super) crossover: Option<f64>,
    /// Smallest and largest size.
    pub(super) sizes: (f64, f64),
    /// The figures at the largest size.
    pub(super) at_largest: (f64, f64),
    pub(super) unit: Unit,
}

/// The first metric that now grows faster: no growth that the new points allow is as slow as one that the old ones do.
pub(super) fn changed(before: &Figures<'_>, after: &Figures<'_>, ids: &[&str]) -> Option<Changed> {
    GROWING.into_iter().find_map(|metric| {
        let (old, new) = (points(before, ids, metric), points(after, ids, metric));
        let (was, is) = (growths(&old)?, growths(&new)?);
        let (slowest, fastest) = (is.possible().into_iter().min()?, was.possible().into_iter().max()?);
        if slowest <= fastest {
            return None;
        }
        let (smallest, largest) = (new.first()?, new.last()?);
        let unit = after.measured(ids.first()?, metric).first()?.unit.clone();
        Some(Changed {
            metric,
            before: was.best().growth,
            after: is.best().growth,
            crossover: crossover(was.best(), is.best(), (smallest.0, largest.0)),
            sizes: (smallest.0, largest.0),
            at_largest: (old.last()?.1, largest.1),
            unit,
        })
    })
}

/// The size from which on the second is above the first, within the range; `None` if it is from the smallest on.
fn crossover(was: &Fit, is: &Fit, (low, high): (f64, f64)) -> Option<f64> {
    let size = |step: usize| low * libm::pow(high / low, real(step) / real(STEPS));
    let below = (0..=STEPS).rev().find(|step| is.at(size(*step)) <= was.at(size(*step)))?;
    (below < STEPS).then(|| size(below + 1))
}

/// Which share the part that grows with the square has at a size, by the fit.
pub(super) fn square_share(fit: &Fit, size: f64) -> Option<f64> {
    let (square, whole) = (fit.slope * size * size, fit.at(size));
    (fit.growth == Growth::Quadratic && whole > 0.0).then(|| (square / whole).clamp(0.0, 1.0))
}

/// A size as it stands in ids.
pub(super) fn size(size: f64) -> String {
    if size >= 100.0 || (size - size.round()).abs() < 1e-9 {
        format!("{size:.0}")
    } else {
        format!("{size:.1}")
    }
}
