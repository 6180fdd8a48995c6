//! Rules over daily bars, and over other evidence.

mod attention_spike;
mod insider_flow;
mod macro_climate;
mod mean_reversion;
mod momentum;
mod options_flow;
mod quality;
mod sentiment;
mod trend_quality;
mod value;

use std::fmt;

pub use attention_spike::AttentionSpike;
pub use insider_flow::InsiderFlow;
pub use macro_climate::MacroClimate;
pub use mean_reversion::MeanReversion;
pub use momentum::Momentum;
pub use options_flow::OptionsFlow;
pub use quality::Quality;
pub use sentiment::NewsSentiment;
pub use trend_quality::TrendQuality;
pub use value::Value;

use crate::Bar;

/// What a rule reads from a price series at its last bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// How strongly it speaks for a rise (positive) or a fall (negative), in about standard deviations; −2 to 2.
    pub signal: f64,
    /// The same in words, with its figures and dates.
    pub text: String,
    /// The bars that it rests on, as indices into the series.
    pub rests_on: Vec<usize>,
}

/// A rule that reads a direction from daily bars.
///
/// It looks at nothing but the bars that it is given, so that the same rule at an earlier point of the series gives the
/// record by which it is judged.
pub trait PriceRule: fmt::Debug + Send + Sync + 'static {
    /// The rule's name, in lower case with hyphens.
    fn name(&self) -> &'static str;

    /// How many bars it needs to speak.
    fn bars_needed(&self) -> usize;

    /// What it reads at the last of `bars`, which are sorted by date; `None` where there are too few of them, or where
    /// they hold nothing that the rule speaks about.
    fn read(&self, bars: &[Bar]) -> Option<Reading>;
}

/// The log return between two bars, dividends included.
fn log_return(from: &Bar, to: &Bar) -> f64 {
    libm::log(to.close / from.close)
}

/// A log return as a signed percentage, such as `+4.2 %`.
fn percent(log_return: f64) -> String {
    format!("{:+.1} %", 100.0 * libm::expm1(log_return))
}

/// Mean and standard deviation (n − 1) of the daily log returns within `bars`; `None` for fewer than two returns, or
/// where nothing moved.
fn daily_moments(bars: &[Bar]) -> Option<(f64, f64)> {
    let returns: Vec<f64> = bars.windows(2).map(|pair| log_return(&pair[0], &pair[1])).collect();
    moments(&returns)
}

fn moments(values: &[f64]) -> Option<(f64, f64)> {
    if values.len() < 2 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a few hundred bars")]
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0);
    let deviation = variance.sqrt();
    (deviation > 0.0 && deviation.is_finite()).then_some((mean, deviation))
}

#[cfg(test)]
mod tests;
