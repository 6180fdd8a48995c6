//! What the market makes of a company: returns, risk, options, short sales, and the economy that it lives in.

mod economy;
mod options;

use std::collections::BTreeMap;

use assize_altdata::{AsOf, Item, ItemKind, PriceSeries, ShortVolume, Ticker};
use assize_debate::EvidenceId;
use jiff::civil::Date;
use serde::Serialize;

use super::{
    Measure, Unit,
    exhibit::{bar_id, id_of},
};
use crate::{Part, Shortfall, ShortfallKind};

/// Sessions of a year.
const YEAR: usize = 252;
/// A volatility wants so many returns at least, and a beta so many that both have.
const FEWEST_RETURNS: usize = 20;
const FEWEST_PAIRS: usize = 60;
/// A close that is older than so many days is stale.
const STALE_DAYS: i32 = 7;
/// Short sales of so many days.
const SHORT_DAYS: usize = 10;

/// What the market makes of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Market {
    /// How many bars were known.
    pub bars: usize,
    /// The newest of them.
    pub last_session: Option<Date>,
    /// Its close, as traded.
    pub last_close: Option<f64>,
    /// What beta was measured against.
    pub benchmark: Option<String>,
    /// Returns, risk, options, short sales.
    pub measures: Vec<Measure>,
    /// The economy.
    pub economy: Vec<Measure>,
    /// The last year's closes, adjusted for splits and dividends known then, for drawing.
    pub closes: Vec<(Date, f64)>,
}

/// The last close with its session and its evidence.
pub(super) fn last_close(items: &[Item], as_of: &AsOf) -> Option<(f64, Date, EvidenceId)> {
    let series = PriceSeries::build(items, as_of);
    let last = series.last()?;
    Some((last.bar.close, last.bar.date, EvidenceId::from(last.id.to_string().as_str())))
}

/// What the items said by `as_of`; `benchmark` is what beta is measured against. Besides what is missing.
pub(super) fn read(
    items: &[Item],
    benchmark: Option<(&Ticker, &[Item])>,
    as_of: &AsOf,
) -> (Option<Market>, Vec<Shortfall>) {
    let mut lacks = Vec::new();
    let mut lack = |kind, detail: String| lacks.push(Shortfall::new(Part::Market, kind, detail));
    let series = PriceSeries::build(items, as_of);
    let known: Vec<&Item> = items.iter().filter(|item| as_of.knows(*item)).collect();
    let mut measures = prices(&series);
    match series.last() {
        None => lack(ShortfallKind::TooLittle, "no daily prices are there".to_owned()),
        Some(last) if (as_of.date() - last.bar.date).get_days() > STALE_DAYS => {
            lack(ShortfallKind::Stale, format!("the newest close is of {}", last.bar.date));
        }
        Some(_) => {}
    }
    if let Some((ticker, items)) = benchmark {
        let other = PriceSeries::build(items, as_of);
        match beta(&series, &other, ticker) {
            Some(beta) => measures.extend(beta),
            None => lack(
                ShortfallKind::TooLittle,
                format!("a beta against {ticker} wants {FEWEST_PAIRS} sessions that both have"),
            ),
        }
    }
    let chain = options::read(&known);
    if chain.is_empty() {
        lack(ShortfallKind::TooLittle, "no option chain is there".to_owned());
    }
    measures.extend(chain);
    measures.extend(short_sales(&known));
    let economy = economy::read(&known, as_of);
    if economy.is_empty() {
        lack(ShortfallKind::TooLittle, "no figures of the economy are there".to_owned());
    }
    let bars = series.bars();
    let market = Market {
        bars: bars.len(),
        last_session: series.last().map(|bar| bar.bar.date),
        last_close: series.last().map(|bar| bar.bar.close),
        benchmark: benchmark.map(|(ticker, _)| ticker.to_string()),
        measures,
        economy,
        closes: bars[bars.len().saturating_sub(YEAR)..]
            .iter()
            .map(|bar| (bar.bar.date, bar.adjusted_close))
            .collect(),
    };
    let is_nothing = market.measures.is_empty() && market.economy.is_empty() && market.bars == 0;
    ((!is_nothing).then_some(market), lacks)
}

fn prices(series: &PriceSeries) -> Vec<Measure> {
    let bars = series.bars();
    let closes: Vec<f64> = series.adjusted_closes().collect();
    let mut list = Vec::new();
    let spans = [
        ("mkt.return-1m", "return over a month", 21),
        ("mkt.return-3m", "return over three months", 63),
        ("mkt.return-1y", "return over a year", YEAR),
    ];
    for (id, name, sessions) in spans {
        if let Some(from) = closes.len().checked_sub(sessions + 1) {
            let last = closes.len() - 1;
            let how = format!(
                "dividends included, {sessions} sessions from {} to {}",
                bars[from].bar.date, bars[last].bar.date
            );
            let ids = [from, last].into_iter().filter_map(|at| bar_id(series, at));
            list.extend(Measure::new(id, name, (closes[last] / closes[from] - 1.0, Unit::Share), &how, ids));
        }
    }
    let from = closes.len().saturating_sub(YEAR + 1);
    let window = &closes[from..];
    let ends = || [from, closes.len().saturating_sub(1)].into_iter().filter_map(|at| bar_id(series, at));
    let returns: Vec<f64> = window.windows(2).map(|pair| libm::log(pair[1] / pair[0])).collect();
    if let Some(deviation) = deviation(&returns) {
        let how = format!(
            "the standard deviation of {} daily logarithmic returns to {}, by the year",
            returns.len(),
            bars[bars.len() - 1].bar.date
        );
        #[expect(clippy::cast_precision_loss, reason = "252")]
        let yearly = deviation * (YEAR as f64).sqrt();
        list.extend(Measure::new("mkt.volatility", "volatility", (yearly, Unit::Share), &how, ends()));
    }
    if window.len() > FEWEST_RETURNS {
        list.extend(drawdowns(series, from));
    }
    list
}

/// The deepest fall from a peak within the last year, and how deep it stands below its peak now.
fn drawdowns(series: &PriceSeries, from: usize) -> Vec<Measure> {
    let bars = &series.bars()[from..];
    let (mut peak, mut deepest) = (0, (0.0, 0, 0));
    for (at, bar) in bars.iter().enumerate() {
        if bar.adjusted_close > bars[peak].adjusted_close {
            peak = at;
        }
        let depth = 1.0 - bar.adjusted_close / bars[peak].adjusted_close;
        if depth > deepest.0 {
            deepest = (depth, peak, at);
        }
    }
    let last = bars.len() - 1;
    let fall = |id, name, depth: f64, top: usize, bottom: usize| {
        let how = format!("from {} to {}, within a year", bars[top].bar.date, bars[bottom].bar.date);
        let ids = [top, bottom].into_iter().filter_map(|at| bar_id(series, from + at));
        Measure::new(id, name, (depth, Unit::Share), &how, ids)
    };
    let now = 1.0 - bars[last].adjusted_close / bars[peak].adjusted_close;
    [
        fall("mkt.drawdown", "deepest fall", deepest.0, deepest.1, deepest.2),
        fall("mkt.below-peak", "below its peak", now, peak, last),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The standard deviation, ddof 1.
fn deviation(values: &[f64]) -> Option<f64> {
    (values.len() >= FEWEST_RETURNS).then(|| {
        let mean = mean(values);
        #[expect(clippy::cast_precision_loss, reason = "sessions, not astronomy")]
        let n = (values.len() - 1) as f64;
        (values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n).sqrt()
    })
}

fn mean(values: &[f64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "sessions, not astronomy")]
    let n = values.len().max(1) as f64;
    values.iter().sum::<f64>() / n
}

/// How much it moves with the benchmark, over the newest year of sessions that both have.
fn beta(series: &PriceSeries, other: &PriceSeries, ticker: &Ticker) -> Option<Vec<Measure>> {
    let others: BTreeMap<Date, (usize, f64)> =
        other.bars().iter().enumerate().map(|(at, bar)| (bar.bar.date, (at, bar.adjusted_close))).collect();
    let both: Vec<(usize, f64, usize, f64)> = series
        .bars()
        .iter()
        .enumerate()
        .filter_map(|(at, bar)| {
            let (there, close) = others.get(&bar.bar.date)?;
            Some((at, bar.adjusted_close, *there, *close))
        })
        .collect();
    let both = &both[both.len().saturating_sub(YEAR + 1)..];
    if both.len() <= FEWEST_PAIRS {
        return None;
    }
    let own: Vec<f64> = both.windows(2).map(|pair| pair[1].1 / pair[0].1 - 1.0).collect();
    let theirs: Vec<f64> = both.windows(2).map(|pair| pair[1].3 / pair[0].3 - 1.0).collect();
    let (mine, market) = (mean(&own), mean(&theirs));
    let together: f64 = own.iter().zip(&theirs).map(|(a, b)| (a - mine) * (b - market)).sum();
    let alone: f64 = theirs.iter().map(|b| (b - market) * (b - market)).sum();
    if alone <= 0.0 {
        return None;
    }
    let (first, last) = (both.first()?, both.last()?);
    let ids = || {
        let own = [first.0, last.0].into_iter().filter_map(|at| bar_id(series, at));
        own.chain([first.2, last.2].into_iter().filter_map(|at| bar_id(other, at)))
    };
    let days = format!(
        "{} sessions from {} to {} against {ticker}",
        own.len(),
        series.bars()[first.0].bar.date,
        series.bars()[last.0].bar.date
    );
    let excess = (last.1 / first.1) - (last.3 / first.3);
    let how = format!("daily returns of {days}");
    let beta = Measure::new("mkt.beta", "beta", (together / alone, Unit::Times), &how, ids());
    let how = format!("return less the benchmark's over {days}");
    let excess = Measure::new("mkt.excess-return", "excess return", (excess, Unit::Share), &how, ids());
    Some(beta.into_iter().chain(excess).collect())
}

/// How much of the last days' trade was sold short. A volume, not what is owed.
fn short_sales(known: &[&Item]) -> Option<Measure> {
    let mut days: BTreeMap<Date, (&ShortVolume, EvidenceId)> = BTreeMap::new();
    for item in known {
        if let ItemKind::ShortVolume(sold) = &item.kind {
            days.entry(sold.date).or_insert_with(|| (sold, id_of(item)));
        }
    }
    let newest: Vec<_> = days.into_iter().rev().take(SHORT_DAYS).collect();
    let short: f64 = newest.iter().map(|(_, (sold, _))| sold.short).sum();
    let total: f64 = newest.iter().map(|(_, (sold, _))| sold.total).sum();
    let (last, first) = (newest.first()?.0, newest.last()?.0);
    let how = format!("of the trade reported from {first} to {last}; a volume, not what is owed");
    let ids = newest.into_iter().map(|(_, (_, id))| id);
    (total > 0.0)
        .then(|| Measure::new("mkt.short-share", "share sold short", (short / total, Unit::Share), &how, ids))
        .flatten()
}
