//! How much a price moves: in the past, and by what options cost.

use std::collections::BTreeMap;

use assize_altdata::PriceSeries;
use assize_analysts::OPTION_CHAIN;
use assize_debate::Evidence;
use jiff::civil::Date;
use serde::Serialize;

use super::few_digits;

/// Sessions in a year.
const YEAR: f64 = 252.0;
/// So many of the newest daily returns are looked at: a quarter of a year.
const WINDOW: usize = 60;
/// With fewer returns nothing is said.
const FEWEST: usize = 20;
/// What options say is believed up to this multiple of what the price did: beyond, a quote is more likely wrong.
const MOST_IMPLIED: f64 = 3.0;
/// What chains older than this say is not asked, in sessions.
const OLDEST_CHAIN: u32 = 1;

/// How much a price moves: standard deviations of logarithmic returns, a year.
///
/// Realised: the sample's standard deviation of the last 60 daily returns, dividends included, times √252 (close to close; Hull,
/// "Options, Futures, and Other Derivatives", on estimating volatility from historical data). Implied: what the newest option
/// chain says for 30 days at the money, if it is at most one session old.
///
/// What is reckoned with is the larger of the two, implied at most three times realised: too much makes a decision smaller
/// and its stop wider, too little the contrary, and that is the dearer mistake.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Volatility {
    /// Of the past; `None`: too few returns.
    pub realised: Option<f64>,
    /// How many returns that is of.
    pub returns: usize,
    /// By what options cost; `None`: there is no fresh chain that says.
    pub implied: Option<f64>,
    /// Of the return against the benchmark, where that is the question: of the last 60 days that both have a close of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<f64>,
    /// What is reckoned with; `None`: without a past there is nothing to hold options against.
    pub used: Option<f64>,
    /// Why nothing is reckoned with.
    pub why_not: Option<String>,
}

impl Volatility {
    pub(super) fn of(
        series: &PriceSeries,
        evidence: &[Evidence],
        chain_age: Option<u32>,
        benchmark: Option<&PriceSeries>,
    ) -> Self {
        let closes: Vec<f64> = series.adjusted_closes().rev().take(WINDOW + 1).collect();
        let returns: Vec<f64> = closes.windows(2).map(|pair| libm::log(pair[0] / pair[1])).collect();
        let spread = (returns.len() >= FEWEST).then(|| deviation(&returns));
        let realised =
            spread.map(|spread| few_digits(spread * YEAR.sqrt())).filter(|sigma| sigma.is_finite());
        let implied = chain_age.filter(|age| *age <= OLDEST_CHAIN).and_then(|_| implied(evidence));
        let (used, why_not) = match realised {
            None => (None, Some(format!("it takes {FEWEST} daily returns, and there are {}", returns.len()))),
            Some(sigma) if sigma <= 0.0 => {
                (None, Some(format!("the price did not move in {} sessions", returns.len())))
            }
            Some(sigma) => {
                let used = implied.map_or(sigma, |implied| sigma.max(implied.min(MOST_IMPLIED * sigma)));
                (Some(few_digits(used)), None)
            }
        };
        let against = benchmark.and_then(|benchmark| against(series, benchmark));
        Self { realised, returns: returns.len(), implied, against, used, why_not }
    }

    /// The standard deviation of the logarithmic return over so many sessions.
    pub(super) fn over(&self, sessions: u32) -> Option<f64> {
        self.used.map(|year| year * (f64::from(sessions) / YEAR).sqrt())
    }

    /// The same of the return against the benchmark.
    pub(super) fn against_over(&self, sessions: u32) -> Option<f64> {
        self.against.map(|year| year * (f64::from(sessions) / YEAR).sqrt())
    }
}

/// How much the return differs from that of a benchmark, a year.
fn against(series: &PriceSeries, benchmark: &PriceSeries) -> Option<f64> {
    let other: BTreeMap<Date, f64> =
        benchmark.bars().iter().map(|bar| (bar.bar.date, bar.adjusted_close)).collect();
    let of_both = series.bars().iter().rev();
    let of_both = of_both.filter_map(|bar| Some(bar.adjusted_close / other.get(&bar.bar.date)?));
    let closes: Vec<f64> = of_both.take(WINDOW + 1).collect();
    let returns: Vec<f64> = closes.windows(2).map(|pair| libm::log(pair[0] / pair[1])).collect();
    let spread = (returns.len() >= FEWEST).then(|| few_digits(deviation(&returns) * YEAR.sqrt()))?;
    (spread.is_finite() && spread > 0.0).then_some(spread)
}

#[expect(clippy::cast_precision_loss, reason = "there are at most sixty")]
fn deviation(returns: &[f64]) -> f64 {
    let n = returns.len() as f64;
    let mean = returns.iter().sum::<f64>() / n;
    let squares: f64 = returns.iter().map(|r| (r - mean) * (r - mean)).sum();
    (squares / (n - 1.0)).sqrt()
}

/// What the newest chain says.
fn implied(evidence: &[Evidence]) -> Option<f64> {
    let newest = evidence
        .iter()
        .filter(|evidence| evidence.kind == OPTION_CHAIN)
        .max_by(|a, b| (a.available_at, &b.id).cmp(&(b.available_at, &a.id)))?;
    newest.data.get("iv_30_days")?.as_f64().filter(|iv| iv.is_finite() && *iv > 0.0)
}
