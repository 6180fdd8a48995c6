//! What has risen for months goes on rising.

use super::{PriceRule, Reading, daily_moments, log_return, percent};
use crate::Bar;

/// Six months of return with the last month left out (Jegadeesh and Titman 1993, "Returns to Buying Winners and Selling
/// Losers"), measured in standard deviations of the same window.
#[derive(Debug, Clone, Copy, Default)]
pub struct Momentum;

const FORMATION: usize = 126;
const SKIPPED: usize = 21;

impl PriceRule for Momentum {
    fn name(&self) -> &'static str {
        "momentum"
    }

    fn bars_needed(&self) -> usize {
        FORMATION + SKIPPED + 1
    }

    fn read(&self, bars: &[Bar]) -> Option<Reading> {
        let last = bars.len().checked_sub(1)?;
        let end = last.checked_sub(SKIPPED)?;
        let start = end.checked_sub(FORMATION)?;
        let (_, deviation) = daily_moments(&bars[start..=end])?;
        let gained = log_return(&bars[start], &bars[end]);
        #[expect(clippy::cast_precision_loss, reason = "126")]
        let z = gained / (deviation * (FORMATION as f64).sqrt());
        let text = format!(
            "total return {} from {} to {} ({FORMATION} sessions, the last {SKIPPED} left out), {z:+.2} standard deviations",
            percent(gained),
            bars[start].date,
            bars[end].date,
        );
        Some(Reading { signal: z.clamp(-2.0, 2.0), text, rests_on: vec![start, end] })
    }
}
