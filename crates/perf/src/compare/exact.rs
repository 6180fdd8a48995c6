//! Figures that are exact: counted events, and what a virtual clock says.

use super::{
    magnitude::Magnitude,
    row::{Row, Verdict},
};
use crate::{
    run::{Better, Effect},
    statistics::Sorted,
};

/// A change of an exact figure is large in multiples of this, where no tolerance is asked for.
const STEP: f64 = 0.01;

/// Two figures that differ by less than this share are written differently, not different.
const ROUNDING: f64 = 1e-12;

/// Judges an exact figure: any change beyond the tolerance is one. If the figure varies between runs it is not exact, and only
/// what no run reached before counts.
pub(super) fn judge(row: &mut Row, tolerance: f64) {
    let (before, after) = (row.before.median, row.after.median);
    let is_ratio = before > 0.0 && after > 0.0;
    row.effect = if is_ratio { Effect::Ratio } else { Effect::Difference };
    row.change = Some(if is_ratio { after / before } else { after - before });
    let (Some(old), Some(new)) = (Sorted::new(&row.before.values), Sorted::new(&row.after.values)) else {
        return;
    };
    let slack = |value: f64| tolerance.max(ROUNDING) * value.abs();
    let more = new.min() > old.max() + slack(old.max());
    let less = new.max() < old.min() - slack(old.min());
    let spread = |side: &Sorted| side.max() - side.min() > slack(side.max());
    let varies = spread(&old) || spread(&new);
    if varies {
        row.notes.push(format!(
            "not exact: {} to {} before, {} to {} after",
            row.unit.show(old.min()),
            row.unit.show(old.max()),
            row.unit.show(new.min()),
            row.unit.show(new.max())
        ));
    }
    row.verdict = match (more, less) {
        (false, false) if varies => Verdict::Inconclusive { runs_needed: None },
        (false, false) => Verdict::Unchanged,
        (more, _) if more == (row.better == Better::Lower) => Verdict::Regressed,
        _ => Verdict::Improved,
    };
    if more || less {
        let share = ((after - before) / before).abs();
        let multiple = if share.is_nan() { f64::INFINITY } else { share / tolerance.max(STEP) };
        row.magnitude = Some(Magnitude::of(multiple));
    }
}
