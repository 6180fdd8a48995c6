//! What the market makes of a company: returns, risk, options, short sales, and the economy that it lives in.

mod economy;
mod options;

use std::collections::BTreeMap;

use assize_altdata::{AsOf, Item, ItemKind, PriceSeries, SeriesBar, ShortVolume, Ticker};
use assize_debate::EvidenceId;
use assize_portfolio::{Performance, Returns};
use jiff::civil::Date;
use serde::Serialize;

use super::{
    Measure, Unit,
    exhibit::{bar_id, id_of},
};
use crate::{Part, Shortfall, ShortfallKind};

/// Sessions of a year.
const YEAR: usize = 252;
/// A beta wants so many returns that both have.
const FEWEST_PAIRS: usize = 60;
/// A close that is older than so many days is stale.
const STALE_DAYS: i32 = 7;
/// Short sales of so many days.
const SHORT_DAYS: usize = 10;

/// What the market makes of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Market {
    /// How many bars were known.
    pub bars: usize,
    /// The newest of them.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
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
    #[cfg_attr(feature = "schema", schemars(with = "Vec<(String, f64)>"))]
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
    let mut list = Vec::new();
    let spans = [
        ("mkt.return-1m", "return over a month", 21),
        ("mkt.return-3m", "return over three months", 63),
        ("mkt.return-1y", "return over a year", YEAR),
    ];
    for (id, name, sessions) in spans {
        if let Some(from) = bars.len().checked_sub(sessions + 1)
            && let Some(performance) = performance(&bars[from..])
            && let Some(gain) = performance.total_return.value()
        {
            let (first, last) = (performance.start, performance.end);
            let how = format!("dividends included, {sessions} sessions from {first} to {last}");
            list.extend(Measure::new(id, name, (gain, Unit::Share), &how, ends(series, [first, last])));
        }
    }
    let year = &bars[bars.len().saturating_sub(YEAR + 1)..];
    list.extend(performance(year).map(|performance| risk(series, year, &performance)).unwrap_or_default());
    list
}

/// How well whoever held it did, dividends included.
fn performance(bars: &[SeriesBar]) -> Option<Performance> {
    let levels = bars.iter().map(|bar| (bar.bar.date, bar.adjusted_close));
    Some(Performance::of(&Returns::from_levels(levels).ok()?, None))
}

/// How much it moved within the last year, the deepest fall from a peak, and how deep it stands below its peak now.
fn risk(series: &PriceSeries, year: &[SeriesBar], performance: &Performance) -> Vec<Measure> {
    let (first, last) = (performance.start, performance.end);
    let volatility = performance.volatility.value().and_then(|yearly| {
        let how =
            format!("the standard deviation of {} daily returns to {last}, by the year", performance.days);
        let ids = ends(series, [first, last]);
        Measure::new("mkt.volatility", "volatility", (yearly, Unit::Share), &how, ids)
    });
    let fall = |id, name, depth: f64, top: Date, bottom: Date| {
        let how = format!("from {top} to {bottom}, within a year");
        Measure::new(id, name, (depth, Unit::Share), &how, ends(series, [top, bottom]))
    };
    let is_long = performance.days >= Performance::MIN_DAYS;
    let deepest = performance.max_drawdown.value().filter(|_| is_long);
    let deepest =
        deepest.and_then(|deep| fall("mkt.drawdown", "deepest fall", deep.depth.abs(), deep.from, deep.to));
    // The newest of equal peaks.
    let peak = year.iter().max_by(|a, b| a.adjusted_close.total_cmp(&b.adjusted_close));
    let below = peak.zip(year.last()).filter(|_| is_long).and_then(|(peak, now)| {
        let depth = 1.0 - now.adjusted_close / peak.adjusted_close;
        fall("mkt.below-peak", "below its peak", depth, peak.bar.date, now.bar.date)
    });
    [volatility, deepest, below].into_iter().flatten().collect()
}

/// The bars of these days, as they are cited.
fn ends(series: &PriceSeries, days: [Date; 2]) -> impl Iterator<Item = EvidenceId> {
    days.into_iter().filter_map(|day| {
        let at = series.bars().binary_search_by_key(&day, |bar| bar.bar.date).ok()?;
        bar_id(series, at)
    })
}

/// How much it moves with the benchmark, over the newest year of sessions that both have.
fn beta(series: &PriceSeries, other: &PriceSeries, ticker: &Ticker) -> Option<Vec<Measure>> {
    let others: BTreeMap<Date, f64> =
        other.bars().iter().map(|bar| (bar.bar.date, bar.adjusted_close)).collect();
    let both: Vec<(Date, f64, f64)> = series
        .bars()
        .iter()
        .filter_map(|bar| Some((bar.bar.date, bar.adjusted_close, *others.get(&bar.bar.date)?)))
        .collect();
    let both = &both[both.len().saturating_sub(YEAR + 1)..];
    if both.len() <= FEWEST_PAIRS {
        return None;
    }
    let own = Returns::from_levels(both.iter().map(|(day, own, _)| (*day, *own))).ok()?;
    let theirs = Returns::from_levels(both.iter().map(|(day, _, theirs)| (*day, *theirs))).ok()?;
    let performance = Performance::of(&own, Some(&theirs));
    let against = performance.against.value()?;
    let (first, last) = (performance.start, performance.end);
    let ids = || ends(series, [first, last]).chain(ends(other, [first, last]));
    let days = format!("{} sessions from {first} to {last} against {ticker}", against.days);
    let how = format!("daily returns of {days}");
    let beta = Measure::new("mkt.beta", "beta", (against.beta.value()?, Unit::Times), &how, ids());
    let excess = against.total_return.value()? - against.benchmark_return.value()?;
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
