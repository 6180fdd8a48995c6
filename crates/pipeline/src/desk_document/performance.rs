//! How an account did, day by day.

use assize_altdata::AsOf;
use assize_metering::Usd;
use assize_portfolio::{Absence, Against, Drawdown, History, Measure, Performance, Returns};
use assize_report::{Cell, Column, Document, Table, Tone};
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
    let other = benchmark.and_then(|benchmark| Some((benchmark.name, benchmark.performance?.known()?)));
    let mut columns = vec![Column::left("figure"), Column::right("account")];
    columns.extend(other.map(|(name, _)| Column::right(name)));
    columns.push(Column::left("what it is"));
    let mut table = Table::new(columns);
    let mut others = other.map(|(_, other)| figures(other)).unwrap_or_default().into_iter();
    for (what, value, meaning) in figures(performance) {
        let theirs = others.next().map(|(_, value, _)| value);
        table.push([Cell::from(what), value].into_iter().chain(theirs).chain([Cell::from(meaning)]));
    }
    if let (Some(Beside { name, .. }), Measure::Known(against)) = (benchmark, &performance.against) {
        for (what, value, meaning) in beside(against, name) {
            let empty = other.map(|_| Cell::from(""));
            table.push([Cell::from(what), value].into_iter().chain(empty).chain([Cell::from(meaning)]));
        }
    }
    doc.table(table);
    doc.paragraph(format!(
        "{} daily returns, {} to {}. A year has 252 days, the rate without risk is 0. With fewer than {} days a figure of a year \
         says nothing and is left out.",
        performance.days,
        performance.start,
        performance.end,
        Performance::MIN_DAYS
    ));
}

type Row = (String, Cell, String);

fn figures(of: &Performance) -> Vec<Row> {
    let (depth, when) = match of.max_drawdown {
        Measure::Known(Drawdown { depth, from, to, recovered }) if depth < 0.0 => {
            let back =
                recovered.map_or_else(|| "not made good yet".to_owned(), |day| format!("made good on {day}"));
            (
                percent(Measure::Known(depth)),
                format!("; the account's from the peak of {from} to {to}, {back}"),
            )
        }
        Measure::Known(_) => (Cell::from("none"), String::new()),
        Measure::Absent(why) => (absent(why), String::new()),
    };
    vec![
        row("return", signed(of.total_return), "of all the time"),
        row("growth a year", signed(of.cagr), "that compounds to it"),
        row("volatility", percent(of.volatility), "deviation of daily returns, of a year"),
        row("Sharpe ratio", plain(of.sharpe), "mean return over deviation, of a year"),
        row("Sortino ratio", plain(of.sortino), "mean return over downside deviation, of a year"),
        row("deepest fall", depth, &format!("from a peak{when}")),
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

fn row(what: &str, value: Cell, meaning: &str) -> Row {
    (what.to_owned(), value, meaning.to_owned())
}

fn absent(why: Absence) -> Cell {
    Cell::toned(Tone::Note, why.to_string())
}

fn percent(measure: Measure<f64>) -> Cell {
    match measure {
        Measure::Known(value) => Cell::from(format!("{:.2} %", value * 100.0)),
        Measure::Absent(why) => absent(why),
    }
}

/// A percentage whose sign says whether it is good.
fn signed(measure: Measure<f64>) -> Cell {
    match measure {
        Measure::Known(value) if value > 0.0 => Cell::toned(Tone::Good, format!("+{:.2} %", value * 100.0)),
        Measure::Known(value) if value < 0.0 => Cell::toned(Tone::Bad, format!("{:.2} %", value * 100.0)),
        other => percent(other),
    }
}

fn plain(measure: Measure<f64>) -> Cell {
    match measure {
        Measure::Known(value) => Cell::from(format!("{value:.3}")),
        Measure::Absent(why) => absent(why),
    }
}

/// An amount for pictures and ratios, not for books.
pub(super) fn number(amount: Usd) -> f64 {
    amount.to_string().parse().unwrap_or(f64::NAN)
}
