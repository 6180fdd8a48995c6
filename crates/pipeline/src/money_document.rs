//! What decisions did to money, as pictures and tables for a report.
//!
//! Figures are handed in; what is computed here is what a picture needs: both curves from one start, the distance to the
//! highest so far, the changes of mind. A figure that is not there, or rests on too little, is named as such.
//!
//! ```
//! use assize_pipeline::money_document::{Curve, equity_chart};
//! use assize_report::Document;
//!
//! let curve = |label: &str, last: f64| Curve {
//!     label: label.to_owned(),
//!     values: vec![("2026-01-05".parse().unwrap(), 200.0), ("2026-01-06".parse().unwrap(), last)],
//! };
//! let chart = equity_chart(&curve("portfolio", 204.0), Some(&curve("^GSPC", 201.0)));
//! assert_eq!(chart.series[0].points[1].1, 102.0);
//! assert!(Document::new("Backtest").chart(chart).to_html().contains("<svg"));
//! ```

use assize_metering::Usd;
use assize_report::{
    Bar, BarChart, Cell, Column, LineChart, Marker, Reference, Series, Table, Text, Tone, XAxis,
};
use jiff::civil::Date;

use crate::{Action, brief_document::days_since_1970};

/// More markers would hide the prices.
const MOST_MARKERS: usize = 40;

/// A decision, where it falls on a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecisionMark {
    /// The session whose close informed it.
    pub date: Date,
    /// What was decided.
    pub action: Action,
}

/// A value over time: an account's, or a benchmark's.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curve {
    /// Its name.
    pub label: String,
    /// The value at each close, in order.
    pub values: Vec<(Date, f64)>,
}

/// Forecasts of about the same probability, and how often they came true.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReliabilityBin {
    /// The mean of the probabilities given, 0 to 1.
    pub mean_p: f64,
    /// The share that came true, 0 to 1.
    pub observed: f64,
    /// The interval around that share.
    pub interval: (f64, f64),
    /// How many forecasts they are.
    pub forecasts: u32,
}

/// How a debater, a source or a category did.
#[derive(Debug, Clone, PartialEq)]
pub struct ScorecardRow {
    /// Who.
    pub who: String,
    /// Outcomes known.
    pub outcomes: u32,
    /// The figures, or `None` as long as the outcomes are too few.
    pub figures: Option<ScorecardFigures>,
}

/// The figures of a scorecard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScorecardFigures {
    /// The share of right directions, 0 to 1.
    pub hit_rate: f64,
    /// The interval around it.
    pub hit_interval: (f64, f64),
    /// The Brier score: 0 is perfect, 0.25 a coin.
    pub brier: f64,
    /// The skill against the base rate: above 0 is better than it.
    pub skill: f64,
    /// The mean return where it was followed, as a fraction.
    pub mean_return: Option<f64>,
    /// The weight that it has in a panel; 1 is that of all others.
    pub weight: f64,
}

/// What something cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostRow {
    /// What: a stage, a ticker or a model.
    pub what: String,
    /// Calls of models.
    pub calls: u64,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// What it cost.
    pub cost: Usd,
}

/// The closes of a ticker, marked where the decision changed (the tenth hold in a row is no news): the newest 40 changes.
#[must_use]
pub fn price_chart(ticker: &str, closes: &[(Date, f64)], decisions: &[DecisionMark]) -> LineChart {
    let mut last = None;
    let mut changes: Vec<_> =
        decisions.iter().filter(|mark| last.replace(mark.action) != Some(mark.action)).collect();
    let older = changes.len().saturating_sub(MOST_MARKERS);
    let title = match (changes.len(), older) {
        (0, _) => format!("{ticker}: closes"),
        (n, 0) if n == decisions.len() => format!("{ticker}: closes and decisions"),
        (_, 0) => format!("{ticker}: closes and {} decisions, marked where they change", decisions.len()),
        (n, _) => format!("{ticker}: closes, and the newest {MOST_MARKERS} of {n} changes of decision"),
    };
    let markers: Vec<_> = changes
        .drain(older..)
        .map(|mark| Marker { x: days_since_1970(mark.date), label: mark.action.to_string() })
        .collect();
    LineChart {
        title,
        x_label: "session".to_owned(),
        y_label: "close, adjusted".to_owned(),
        x_axis: XAxis::Date,
        series: vec![series(ticker, closes)],
        markers,
    }
}

/// The growth of 100 put into the account, beside a benchmark's; both from the first day on which both have a value.
#[must_use]
pub fn equity_chart(account: &Curve, benchmark: Option<&Curve>) -> LineChart {
    let curves: Vec<&Curve> = std::iter::once(account).chain(benchmark).collect();
    let from = curves.iter().filter_map(|curve| curve.worth_something().next()).map(|(date, _)| date).max();
    let grown = |curve: &&Curve| {
        let values: Vec<_> =
            curve.values.iter().copied().filter(|(date, _)| from.is_some_and(|from| *date >= from)).collect();
        let start = values.iter().find(|(_, value)| value.is_finite() && *value > 0.0);
        let start = start.map_or(f64::NAN, |(_, value)| *value);
        let grown: Vec<_> = values.iter().map(|(date, value)| (*date, value / start * 100.0)).collect();
        series(&curve.label, &grown)
    };
    LineChart {
        title: match benchmark {
            Some(benchmark) => format!("Growth of 100: {} beside {}", account.label, benchmark.label),
            None => format!("Growth of 100: {}", account.label),
        },
        x_label: "session".to_owned(),
        y_label: "value, 100 at the start".to_owned(),
        x_axis: XAxis::Date,
        series: curves.iter().map(grown).collect(),
        markers: Vec::new(),
    }
}

/// How far below its highest value so far the account stood, in percent, with a marker where that was deepest.
#[must_use]
pub fn drawdown_chart(account: &Curve, benchmark: Option<&Curve>) -> LineChart {
    let below = account.below_highest();
    let deepest = below.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, depth)| *depth < 0.0);
    let marker = deepest
        .map(|(date, depth)| Marker { x: days_since_1970(date), label: format!("deepest {depth:.2} %") });
    let others = benchmark.map(|benchmark| series(&benchmark.label, &benchmark.below_highest()));
    LineChart {
        title: "Drawdown".to_owned(),
        x_label: "session".to_owned(),
        y_label: "percent below the highest close so far".to_owned(),
        x_axis: XAxis::Date,
        series: std::iter::once(series(&account.label, &below)).chain(others).collect(),
        markers: marker.into_iter().collect(),
    }
}

impl Curve {
    /// Its values that can be a start: finite and above zero.
    fn worth_something(&self) -> impl Iterator<Item = (Date, f64)> {
        self.values.iter().copied().filter(|(_, value)| value.is_finite() && *value > 0.0)
    }

    /// Percent below the highest so far, the first value being the first peak; 0 at a new high.
    fn below_highest(&self) -> Vec<(Date, f64)> {
        let mut highest = 0.0_f64;
        let known = self.values.iter().filter(|(_, value)| value.is_finite());
        known
            .filter_map(|(date, value)| {
                highest = highest.max(*value);
                (highest > 0.0).then(|| (*date, (value / highest - 1.0) * 100.0))
            })
            .collect()
    }
}

/// How often forecasts came true, over the probability that they gave, with the line on which they should lie.
#[must_use]
pub fn reliability_chart(bins: &[ReliabilityBin]) -> LineChart {
    let bins = in_order(bins);
    let mut all = Vec::new();
    if !bins.is_empty() {
        all.push(Series {
            label: "what came true".to_owned(),
            points: bins.iter().map(|bin| (bin.mean_p, bin.observed)).collect(),
            band: Some(bins.iter().map(|bin| bin.interval).collect()),
        });
        all.push(Series {
            label: "as forecast".to_owned(),
            points: vec![(0.0, 0.0), (1.0, 1.0)],
            band: None,
        });
    }
    LineChart {
        title: "Reliability of forecasts".to_owned(),
        x_label: "probability given".to_owned(),
        y_label: "share that came true, with its interval".to_owned(),
        x_axis: XAxis::Number,
        series: all,
        markers: Vec::new(),
    }
}

/// The same in figures, with the number of forecasts.
#[must_use]
pub fn reliability_table(bins: &[ReliabilityBin]) -> Table {
    let mut table = Table::new([
        Column::right("mean p"),
        Column::right("came true"),
        Column::right("interval"),
        Column::right("forecasts"),
    ]);
    for bin in in_order(bins) {
        table.push([
            plain(bin.mean_p),
            percent(bin.observed),
            range(bin.interval),
            bin.forecasts.to_string(),
        ]);
    }
    table
}

/// Bins that hold something, by their probability.
fn in_order(bins: &[ReliabilityBin]) -> Vec<&ReliabilityBin> {
    let mut bins: Vec<_> = bins.iter().filter(|bin| bin.forecasts > 0).collect();
    bins.sort_by(|a, b| a.mean_p.total_cmp(&b.mean_p));
    bins
}

/// How debaters, sources or categories did, in the order given. Whoever has too few outcomes has no figures.
#[must_use]
pub fn scorecard_table(what: &str, rows: &[ScorecardRow]) -> Table {
    let mut table = Table::new([
        Column::left(what),
        Column::right("outcomes"),
        Column::right("hit rate"),
        Column::right("interval"),
        Column::right("Brier"),
        Column::right("skill"),
        Column::right("return followed"),
        Column::right("weight"),
    ]);
    for row in rows {
        let head = [Cell::from(&row.who), Cell::from(row.outcomes.to_string())];
        let figures = match &row.figures {
            Some(figures) => [
                Cell::toned(hit_tone(figures), percent(figures.hit_rate)),
                Cell::from(range(figures.hit_interval)),
                Cell::from(plain(figures.brier)),
                Cell::from(plain(figures.skill)),
                Cell::from(figures.mean_return.map_or_else(dash, percent)),
                Cell::from(plain(figures.weight)),
            ],
            None => {
                let [a, b, c, d, weight] = std::array::from_fn(|_| Cell::from(dash()));
                [Cell::toned(Tone::Note, "too few"), a, b, c, d, weight]
            }
        };
        table.push(head.into_iter().chain(figures));
    }
    table
}

/// Hit rates with their intervals, beside those of a coin. Whoever has too few outcomes is not drawn.
#[must_use]
pub fn hit_rate_chart(rows: &[ScorecardRow]) -> BarChart {
    let bar = |row: &ScorecardRow| {
        let figures = row.figures?;
        let (low, high) = figures.hit_interval;
        Some(Bar {
            label: format!("{} ({})", row.who, row.outcomes),
            value: figures.hit_rate * 100.0,
            interval: Some((low * 100.0, high * 100.0)),
            display: percent(figures.hit_rate),
            tone: hit_tone(&figures),
        })
    };
    BarChart {
        title: "Hit rate, with the number of outcomes".to_owned(),
        unit: "%".to_owned(),
        bars: rows.iter().filter_map(bar).collect(),
        reference: vec![Reference { label: "a coin".to_owned(), value: 50.0 }],
        ..BarChart::default()
    }
}

/// Good or bad only where the interval leaves a coin out.
fn hit_tone(figures: &ScorecardFigures) -> Tone {
    match figures.hit_interval {
        (low, _) if low > 0.5 => Tone::Good,
        (_, high) if high < 0.5 => Tone::Bad,
        _ => Tone::Plain,
    }
}

/// What everything cost, each with its share, and the sum.
#[must_use]
pub fn cost_table(what: &str, rows: &[CostRow]) -> Table {
    let mut table = Table::new([
        Column::left(what),
        Column::right("calls"),
        Column::right("tokens in"),
        Column::right("tokens out"),
        Column::right("cost (USD)"),
        Column::right("share"),
    ]);
    let sum = Usd::checked_sum(rows.iter().map(|row| row.cost));
    for row in rows {
        table.push([
            row.what.clone(),
            row.calls.to_string(),
            row.input_tokens.to_string(),
            row.output_tokens.to_string(),
            row.cost.to_string(),
            sum.and_then(|sum| share(row.cost, sum)).unwrap_or_else(dash),
        ]);
    }
    if rows.len() > 1 {
        let total = |of: fn(&CostRow) -> u64| {
            let sum: u128 = rows.iter().map(|row| u128::from(of(row))).sum();
            sum.to_string()
        };
        let cells = [
            "all".to_owned(),
            total(|row| row.calls),
            total(|row| row.input_tokens),
            total(|row| row.output_tokens),
            sum.map_or_else(|| "beyond counting".to_owned(), |sum| sum.to_string()),
            String::new(),
        ];
        table.push(cells.map(|cell| Text::new().strong(cell)));
    }
    table
}

/// The same as bars, the dearest first. What cost nothing is left out.
#[must_use]
pub fn cost_chart(what: &str, rows: &[CostRow]) -> BarChart {
    let mut dear: Vec<_> = rows.iter().filter(|row| !row.cost.is_zero()).collect();
    dear.sort_by(|a, b| b.cost.cmp(&a.cost).then_with(|| a.what.cmp(&b.what)));
    let bars = dear.iter().map(|row| Bar {
        label: row.what.clone(),
        // For the length of a bar alone.
        value: row.cost.to_string().parse().unwrap_or(f64::NAN),
        display: format!("{} USD", row.cost),
        ..Bar::default()
    });
    BarChart {
        title: format!("Cost by {what}"),
        unit: "USD".to_owned(),
        bars: bars.collect(),
        ..BarChart::default()
    }
}

/// In percent, rounded to a tenth; `None` of nothing.
fn share(part: Usd, of: Usd) -> Option<String> {
    let doubled = part.picodollars().checked_mul(2_000)?.checked_div(of.picodollars())?;
    let permille = (doubled + 1) / 2;
    Some(format!("{}.{} %", permille / 10, permille.abs() % 10))
}

fn series(label: &str, values: &[(Date, f64)]) -> Series {
    let points = values.iter().map(|(date, value)| (days_since_1970(*date), *value)).collect();
    Series { label: label.to_owned(), points, band: None }
}

fn range((low, high): (f64, f64)) -> String {
    match low.is_finite() && high.is_finite() {
        true => format!("{} to {}", percent(low), percent(high)),
        false => dash(),
    }
}

fn percent(fraction: f64) -> String {
    if fraction.is_finite() { format!("{:.1} %", fraction * 100.0) } else { dash() }
}

fn plain(value: f64) -> String {
    if value.is_finite() { format!("{value:.3}") } else { dash() }
}

fn dash() -> String {
    "–".to_owned()
}

#[cfg(test)]
mod tests;
