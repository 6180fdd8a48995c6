//! What has run away in weeks comes back.

use super::{PriceRule, Reading, moments, percent};
use crate::Bar;

/// The distance of the last close from the mean of the last 20, in their standard deviations, taken against its sign
/// (short-term reversal: Jegadeesh 1990, "Evidence of Predictable Behavior of Security Returns"). Speaks only beyond one
/// standard deviation.
#[derive(Debug, Clone, Copy, Default)]
pub struct MeanReversion;

const WINDOW: usize = 20;

impl PriceRule for MeanReversion {
    fn name(&self) -> &'static str {
        "mean-reversion"
    }

    fn bars_needed(&self) -> usize {
        WINDOW
    }

    fn read(&self, bars: &[Bar]) -> Option<Reading> {
        let start = bars.len().checked_sub(WINDOW)?;
        let last = bars.len() - 1;
        let logs: Vec<f64> = bars[start..].iter().map(|bar| libm::log(bar.close)).collect();
        let (mean, deviation) = moments(&logs)?;
        let away = logs[WINDOW - 1] - mean;
        let z = away / deviation;
        if z.abs() < 1.0 {
            return None;
        }
        let far = if z > 0.0 { high_of(bars, start) } else { low_of(bars, start) };
        let mut rests_on = vec![start, far, last];
        rests_on.dedup();
        let text = format!(
            "the close of {} lies {} from the mean of {WINDOW} sessions since {}, {z:+.2} standard deviations; stretched moves \
             tend to come back",
            bars[last].date,
            percent(away),
            bars[start].date,
        );
        Some(Reading { signal: (-z).clamp(-2.0, 2.0), text, rests_on })
    }
}

fn high_of(bars: &[Bar], start: usize) -> usize {
    (start..bars.len())
        .fold(start, |best, index| if bars[index].close > bars[best].close { index } else { best })
}

fn low_of(bars: &[Bar], start: usize) -> usize {
    (start..bars.len())
        .fold(start, |best, index| if bars[index].close < bars[best].close { index } else { best })
}
