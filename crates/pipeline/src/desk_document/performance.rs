//! How an account did, day by day.

use std::fmt::Write as _;

use assize_altdata::AsOf;
use assize_metering::Usd;
use assize_portfolio::{Absence, Against, Drawdown, History, Measure, Performance, Returns};
use assize_report::{Cell, Column, Document, Table, Text, Tone};
use jiff::ToSpan;

use crate::money_document::Curve;

/// The daily returns of an account that were known as of a moment. What is paid in counts as there before the session opens:
/// it is no gain.
///
/// # Errors
/// [`Absence::TooFew`] before the first session; [`Absence::BadValue`] for a day that began with nothing.
pub fn account_returns(history: &History, as_of: &AsOf) -> Result<Returns, Absence> {
    let points = history.equity_as_of(as_of);
    let first = points.first().ok_or(Absence::TooFew { have: 0, need: 1 })?;
    let (start, points, mut worth, mut paid) = if first.equity == first.deposits {
        // Nothing was traded yet: it begins with that close.
        (first.session, &points[1..], first.equity, first.deposits)
    } else {
        let eve = first.session.checked_sub(1.day()).unwrap_or(first.session);
        let start = super::first_deposit(history, as_of).map_or(eve, |paid| paid.min(eve));
        (start, &points[..], Usd::ZERO, Usd::ZERO)
    };
    let days: Result<Vec<_>, Absence> = points
        .iter()
        .map(|point| {
            let bad = Absence::BadValue { date: point.session };
            let new = point.deposits.checked_sub(paid).ok_or(bad)?;
            let began = number(worth.checked_add(new).ok_or(bad)?);
            (worth, paid) = (point.equity, point.deposits);
            if began > 0.0 { Ok((point.session, number(point.equity) / began - 1.0)) } else { Err(bad) }
        })
        .collect();
    Returns::new(start, days?)
}

/// The growth of 100 put into what has these returns.
#[must_use]
pub fn account_curve(label: &str, returns: &Returns) -> Curve {
    let mut worth = 100.0;
    let grown = returns.days().iter().map(|(date, gain)| {
        worth *= 1.0 + gain;
        (*date, worth)
    });
    Curve {
        label: label.to_owned(),
        values: std::iter::once((returns.start(), 100.0)).chain(grown).collect(),
    }
}

/// What an account is held against.
#[derive(Debug, Clone, Copy)]
pub struct Beside<'a> {
    /// Its name.
    pub name: &'a str,
    /// How it did by itself, to be shown beside the account.
    pub performance: Option<&'a Measure<Performance>>,
}

/// Puts the figures, or why there are none, with those of a benchmark beside them.
pub fn put_performance(
    doc: &mut Document,
    performance: &Measure<Performance>,
    benchmark: Option<Beside<'_>>,
) {
    let performance = match performance {
        Measure::Known(performance) => performance,
        Measure::Absent(why) => {
            doc.paragraph(format!("There are no figures: {why}."));
            return;
        }
    };
    let other = benchmark.and_then(|benchmark| benchmark.performance?.known());
    let mut columns = vec![Column::left("figure"), Column::right("account")];
    columns.extend(other.map(|_| Column::right("benchmark")));
    let mut table = Table::new(columns);
    let mut theirs = other.map(figures).unwrap_or_default().into_iter();
    let mut rows: Vec<(Row, Option<Cell>)> = figures(performance)
        .into_iter()
        .map(|row| (row, theirs.next().map(|(_, value, _)| value.unwrap_or_else(absent))))
        .collect();
    if let (Some(Beside { name, .. }), Measure::Known(against)) = (benchmark, &performance.against) {
        rows.extend(beside(against, name).into_iter().map(|row| (row, other.map(|_| Cell::from("")))));
    }
    let (mut too_few, mut meanings) = (Vec::new(), Vec::new());
    for ((what, value, meaning), theirs) in rows {
        if let Err(Absence::TooFew { .. }) = value {
            too_few.push(what);
            continue;
        }
        meanings.push(Text::new().strong(&what).plain(format!(": {meaning}")));
        table.push([Cell::from(what), value.unwrap_or_else(absent)].into_iter().chain(theirs));
    }
    doc.table(table);
    if let Some(fall) = deepest(performance) {
        doc.paragraph(fall);
    }
    let mut text = format!(
        "{} daily return{}, {} to {}. A year has 252 days, the rate without risk is 0.",
        performance.days,
        if performance.days == 1 { "" } else { "s" },
        performance.start,
        performance.end
    );
    if !too_few.is_empty() {
        let _ = write!(
            text,
            " Of fewer than {} days these would say nothing and are left out: {}.",
            Performance::MIN_DAYS,
            too_few.join(", ")
        );
    }
    doc.paragraph(text);
    doc.details("What the figures are", |inner: &mut Document| {
        inner.list(meanings);
    });
}

/// When the deepest fall was, if there was one.
fn deepest(of: &Performance) -> Option<String> {
    let Drawdown { depth, from, to, recovered } = of.max_drawdown.value().filter(|fall| fall.depth < 0.0)?;
    let back = recovered.map_or_else(|| "not made good yet".to_owned(), |day| format!("made good on {day}"));
    Some(format!(
        "The account's deepest fall, {:.2} %, was from the peak of {from} to {to}, {back}.",
        depth * 100.0
    ))
}

type Row = (String, Result<Cell, Absence>, String);

fn figures(of: &Performance) -> Vec<Row> {
    let depth = shown(of.max_drawdown, |fall| Cell::from(format!("{:.2} %", fall.depth * 100.0)));
    vec![
        row("return", signed(of.total_return), "of all the time"),
        row("growth a year", signed(of.cagr), "that compounds to it"),
        row("volatility", percent(of.volatility), "deviation of daily returns, of a year"),
        row("Sharpe ratio", plain(of.sharpe), "mean return over deviation, of a year"),
        row("Sortino ratio", plain(of.sortino), "mean return over downside deviation, of a year"),
        row("deepest fall", depth, "from a peak, of which the start is the first"),
        row("Calmar ratio", plain(of.calmar), "growth a year over the deepest fall"),
        row("days that gained", percent(of.hit_rate), "of those that moved"),
        row("profit factor", plain(of.profit_factor), "sum of gains over sum of losses"),
        row("pay-off ratio", plain(of.payoff_ratio), "mean gain over mean loss of a day"),
        row("value at risk", percent(of.value_at_risk), "95 % of days do better, if returns are normal"),
        row(
            "expected shortfall",
            percent(of.expected_shortfall),
            "mean of the other 5 % of days, if returns are normal",
        ),
    ]
}

fn beside(against: &Against, name: &str) -> Vec<Row> {
    vec![
        row(
            "more than the benchmark",
            signed(difference(against)),
            &format!("return beyond that of {name}, on the {} days that both have", against.days),
        ),
        row("alpha", signed(against.alpha), "what a year brings that the benchmark does not explain"),
        row("beta", plain(against.beta), "how much it moves with the benchmark"),
        row("correlation", plain(against.correlation), "of daily returns"),
        row("tracking error", percent(against.tracking_error), "deviation of the difference, of a year"),
        row(
            "information ratio",
            plain(against.information_ratio),
            "mean difference over its deviation, of a year",
        ),
    ]
}

fn difference(against: &Against) -> Measure<f64> {
    match (against.total_return, against.benchmark_return) {
        (Measure::Known(ours), Measure::Known(theirs)) => Measure::Known(ours - theirs),
        (Measure::Absent(why), _) | (_, Measure::Absent(why)) => Measure::Absent(why),
    }
}

fn row(what: &str, value: Result<Cell, Absence>, meaning: &str) -> Row {
    (what.to_owned(), value, meaning.to_owned())
}

fn absent(why: Absence) -> Cell {
    Cell::toned(Tone::Note, why.to_string())
}

fn percent(measure: Measure<f64>) -> Result<Cell, Absence> {
    shown(measure, |value| Cell::from(format!("{:.2} %", value * 100.0)))
}

/// A percentage whose sign says whether it is good.
fn signed(measure: Measure<f64>) -> Result<Cell, Absence> {
    shown(measure, |value| {
        let tone = match value {
            value if value > 0.0 => Tone::Good,
            value if value < 0.0 => Tone::Bad,
            _ => Tone::Plain,
        };
        Cell::toned(tone, format!("{:+.2} %", value * 100.0))
    })
}

fn plain(measure: Measure<f64>) -> Result<Cell, Absence> {
    shown(measure, |value| Cell::from(format!("{value:.3}")))
}

fn shown<T>(measure: Measure<T>, show: impl Fn(T) -> Cell) -> Result<Cell, Absence> {
    match measure {
        Measure::Known(value) => Ok(show(value)),
        Measure::Absent(why) => Err(why),
    }
}

/// An amount for pictures and ratios, not for books.
pub(super) fn number(amount: Usd) -> f64 {
    amount.to_string().parse().unwrap_or(f64::NAN)
}
