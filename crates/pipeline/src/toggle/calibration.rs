//! How good predictions were.

use assize_metering::Usd;
use jiff::SignedDuration;
use serde::Serialize;

use super::{Landing, ToggleRecord, micros};

/// Below so many outcomes no figure is given.
pub const ENOUGH_RECORDS: u32 = 30;

/// How good the predictions of time and of cost were. Choices without an outcome do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Calibration {
    /// Of time.
    pub time: MeasuredCalibration<SignedDuration>,
    /// Of cost.
    pub cost: MeasuredCalibration<Usd>,
}

/// How good the predictions of a figure were, if there are enough of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum MeasuredCalibration<T> {
    /// There are too few outcomes to say anything.
    TooFew {
        /// How many there are.
        have: u32,
        /// How many it takes.
        need: u32,
    },
    /// It was measured.
    Measured(CalibrationFit<T>),
}

/// The predictions of a figure, against what came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CalibrationFit<T> {
    /// Outcomes counted.
    pub outcomes: u32,
    /// Outcomes left out, since the debate was cut short before it came to its p90.
    pub left_out: u32,
    /// Of those counted, at or below the p50. One half is right.
    pub within_p50: u32,
    /// Of those counted, at or below the p90. Nine of ten are right.
    pub within_p90: u32,
    /// The mean pinball loss of the p50: half the mean distance. It is smaller for sharper predictions.
    pub pinball_p50: T,
    /// The mean pinball loss of the p90: nine tenths of what is above it, a tenth of what is below.
    pub pinball_p90: T,
    /// The mean of what came less the p50: above zero where it took more than predicted.
    pub bias: T,
}

impl<T> CalibrationFit<T> {
    /// The share within the p50, in thousandths, rounded down.
    #[must_use]
    pub fn p50_permille(&self) -> u32 {
        permille(self.within_p50, self.outcomes)
    }

    /// The share within the p90, in thousandths, rounded down.
    #[must_use]
    pub fn p90_permille(&self) -> u32 {
        permille(self.within_p90, self.outcomes)
    }
}

/// How good the predictions in these records were.
#[must_use]
pub fn calibration<'a>(records: impl IntoIterator<Item = &'a ToggleRecord>) -> Calibration {
    let (mut time, mut cost) = (Sums::default(), Sums::default());
    for record in records {
        let (Some(predicted), Some(actual)) = (record.receipt.predicted(), record.actual) else { continue };
        let whole = |time| i128::try_from(micros::of(time)).unwrap_or(i128::MAX);
        if let Some(landing) = record.time() {
            time.add(landing, whole(actual.took), whole(predicted.time.p50), whole(predicted.time.p90));
        }
        if let Some(landing) = record.cost() {
            let [actual, p50, p90] = [actual.cost, predicted.cost.p50, predicted.cost.p90];
            cost.add(landing, actual.picodollars(), p50.picodollars(), p90.picodollars());
        }
    }
    let seconds = |micros| SignedDuration::from_micros(i64::try_from(micros).unwrap_or(i64::MAX));
    Calibration { time: time.measured(seconds), cost: cost.measured(Usd::from_picodollars) }
}

/// Sums over outcomes, in whole numbers.
#[derive(Debug, Default)]
struct Sums {
    outcomes: u32,
    left_out: u32,
    within_p50: u32,
    within_p90: u32,
    distance: i128,
    /// Ten times the pinball loss of the p90.
    tilted: i128,
    difference: i128,
}

impl Sums {
    fn add(&mut self, landing: Landing, actual: i128, p50: i128, p90: i128) {
        match landing {
            Landing::CutShort => {
                self.left_out += 1;
                return;
            }
            Landing::WithinP50 => {
                self.within_p50 += 1;
                self.within_p90 += 1;
            }
            Landing::WithinP90 => self.within_p90 += 1,
            Landing::Beyond => {}
        }
        self.outcomes += 1;
        let (from_p50, from_p90) = (actual.saturating_sub(p50), actual.saturating_sub(p90));
        self.difference = self.difference.saturating_add(from_p50);
        self.distance = self.distance.saturating_add(from_p50.saturating_abs());
        let tilted = if from_p90 > 0 { from_p90.saturating_mul(9) } else { from_p90.saturating_neg() };
        self.tilted = self.tilted.saturating_add(tilted);
    }

    fn measured<T>(&self, of: impl Fn(i128) -> T) -> MeasuredCalibration<T> {
        if self.outcomes < ENOUGH_RECORDS {
            return MeasuredCalibration::TooFew { have: self.outcomes, need: ENOUGH_RECORDS };
        }
        let n = i128::from(self.outcomes);
        MeasuredCalibration::Measured(CalibrationFit {
            outcomes: self.outcomes,
            left_out: self.left_out,
            within_p50: self.within_p50,
            within_p90: self.within_p90,
            pinball_p50: of(self.distance / (2 * n)),
            pinball_p90: of(self.tilted / (10 * n)),
            bias: of(self.difference / n),
        })
    }
}

fn permille(part: u32, of: u32) -> u32 {
    let permille = (u64::from(part) * 1_000).checked_div(u64::from(of)).unwrap_or(0);
    u32::try_from(permille).unwrap_or(1_000)
}
