//! A steady trend holds; rising volatility spoils it.

use super::{PriceRule, Reading, daily_moments, percent};
use crate::Bar;

/// How straight the last 60 sessions run (R² of a line through the log closes, with the sign of its slope), weakened by what
/// the volatility of the last 20 sessions exceeds that of all 60 (after the volatility-managed portfolios of Moreira and
/// Muir 2017).
#[derive(Debug, Clone, Copy, Default)]
pub struct TrendQuality;

const WINDOW: usize = 60;
const RECENT: usize = 20;

impl PriceRule for TrendQuality {
    fn name(&self) -> &'static str {
        "trend-quality"
    }

    fn bars_needed(&self) -> usize {
        WINDOW
    }

    fn read(&self, bars: &[Bar]) -> Option<Reading> {
        let start = bars.len().checked_sub(WINDOW)?;
        let last = bars.len() - 1;
        let window = &bars[start..];
        let (slope, r_squared) = line(window)?;
        let (_, calm) = daily_moments(window)?;
        let (_, recent) = daily_moments(&window[WINDOW - RECENT - 1..])?;
        let unrest = (recent / calm - 1.0).max(0.0);
        // Unrest takes from the trend, whichever way it runs; it has no direction of its own.
        let signal = (2.0 * r_squared - unrest).max(0.0) * slope.signum();
        let (peak, trough) = deepest_fall(bars, start);
        let mut rests_on = vec![start, peak, trough, last];
        rests_on.sort_unstable();
        rests_on.dedup();
        #[expect(clippy::cast_precision_loss, reason = "20")]
        let month = slope * RECENT as f64;
        let text = format!(
            "a line through {WINDOW} sessions since {} runs {} a month with R² {r_squared:.2}; volatility of the last {RECENT} \
             sessions is {:.2} times that of the window",
            bars[start].date,
            percent(month),
            recent / calm,
        );
        Some(Reading { signal, text, rests_on })
    }
}

/// Slope a session and R² of the least-squares line through the log closes.
#[expect(clippy::cast_precision_loss, reason = "sixty bars")]
fn line(bars: &[Bar]) -> Option<(f64, f64)> {
    let n = bars.len() as f64;
    let middle = (n - 1.0) / 2.0;
    let logs: Vec<f64> = bars.iter().map(|bar| libm::log(bar.close)).collect();
    let mean = logs.iter().sum::<f64>() / n;
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in logs.iter().enumerate() {
        let (dx, dy) = (x as f64 - middle, y - mean);
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
    }
    (yy > 0.0).then(|| (xy / xx, xy * xy / (xx * yy)))
}

/// The peak and the trough of the deepest fall of the close since `start`.
fn deepest_fall(bars: &[Bar], start: usize) -> (usize, usize) {
    let (mut peak, mut deepest, mut depth) = (start, (start, start), 1.0);
    for index in start..bars.len() {
        if bars[index].close > bars[peak].close {
            peak = index;
        }
        let fall = bars[index].close / bars[peak].close;
        if fall < depth {
            (deepest, depth) = ((peak, index), fall);
        }
    }
    deepest
}
