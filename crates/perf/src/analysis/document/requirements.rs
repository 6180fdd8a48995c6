//! The table of requirements.

use assize_report::{Bar, BarChart, Cell, Column, Document, Reference, Scale, Table, Text, Tone};

use super::{super::Analysis, MAX_ROWS, left_out};
use crate::{
    Unit,
    run::Better,
    targets::{Bound, Row, Status},
};

/// More rows than this are folded where each target has one of its own above them.
const MANY_ROWS: usize = 20;

/// A picture with more bars than this cannot be read.
const MAX_BARS: usize = 40;

pub(super) fn requirements(doc: &mut Document, analysis: &Analysis) {
    if analysis.rows.is_empty() {
        return;
    }
    doc.heading(2, "Requirements");
    let mut table = Table::new([
        Column::left("id"),
        Column::left("status"),
        Column::left("measurement"),
        Column::left("metric"),
        Column::right("actual"),
        Column::right("floor"),
        Column::right("goal"),
        Column::right("margin"),
        Column::right("interval"),
        Column::left("kind"),
    ]);
    for row in analysis.rows.iter().take(MAX_ROWS) {
        table.push(cells(row));
    }
    let n = analysis.rows.len();
    let has_many = analysis.rows.chunk_by(|a, b| a.target == b.target).count() < n;
    if has_many {
        doc.table(super::summary::targets(&analysis.rows));
    }
    if has_many && n > MANY_ROWS {
        doc.details(format!("All {n} rows"), |inner: &mut Document| {
            inner.table(table);
            left_out(inner, n);
        });
    } else {
        doc.table(table);
        left_out(doc, n);
    }
    let mut notes: Vec<String> = analysis
        .rows
        .iter()
        .take(MAX_ROWS)
        .filter_map(|row| Some(format!("{} {}: {}", row.requirement, row.metric, row.note.as_ref()?)))
        .collect();
    notes.dedup();
    if !notes.is_empty() {
        doc.details("Remarks on these targets", |inner: &mut Document| {
            inner.list(notes);
        });
    }
    chart(doc, &analysis.rows);
}

/// The tone of a status.
pub(super) const fn tone(status: Status) -> Tone {
    match status {
        Status::Pass => Tone::Good,
        Status::Marginal => Tone::Warn,
        Status::Fail => Tone::Bad,
        Status::Missing => Tone::Note,
    }
}

/// A margin with its sign and what it is a share of.
pub(super) fn margin(row: &Row) -> String {
    let of = match row.bound {
        Bound::Floor => "floor",
        Bound::Goal => "goal",
    };
    row.margin.map_or_else(|| "–".to_owned(), |margin| format!("{:+.1} % of {of}", 100.0 * margin))
}

fn cells(row: &Row) -> [Cell; 10] {
    let unit = row.unit.clone().unwrap_or(Unit::Score);
    let bound = |bound: &Option<crate::Quantity>| {
        Cell::from(bound.as_ref().map_or_else(|| "–".to_owned(), |bound| bound.show(&unit)))
    };
    let interval = match (&row.interval, row.actual) {
        (Some(i), Some(actual)) => unit.show_interval(actual, i.low, i.high),
        _ => "–".to_owned(),
    };
    [
        Cell::from(row.requirement.as_str()),
        Cell::toned(tone(row.status), row.status.name()),
        Cell::from(Text::new().code(&row.measurement)),
        Cell::from(row.metric.as_str()),
        Cell::from(row.actual.map_or_else(|| "–".to_owned(), |actual| unit.show(actual))),
        bound(&row.floor),
        bound(&row.goal),
        Cell::from(margin(row)),
        Cell::from(interval),
        Cell::from(row.kind.map_or("–", crate::run::Kind::name)),
    ]
}

/// How much of its bound each row uses: 1 is the bound, less is better.
fn chart(doc: &mut Document, rows: &[Row]) {
    let bars: Vec<Bar> = rows.iter().filter_map(bar).collect();
    if bars.is_empty() {
        return;
    }
    let more = bars.len().saturating_sub(MAX_BARS);
    let title = "How much of the goal (or floor) is used: 1 is the bound, less is better";
    doc.chart(BarChart {
        title: title.to_owned(),
        unit: "×".to_owned(),
        scale: Scale::Log10,
        bars: bars.into_iter().take(MAX_BARS).collect(),
        reference: vec![Reference { label: "bound".to_owned(), value: 1.0 }],
    });
    if more > 0 {
        doc.paragraph(format!("{more} more rows have no bar here; the table holds them all."));
    }
}

fn bar(row: &Row) -> Option<Bar> {
    let bound = row.goal.as_ref().or(row.floor.as_ref())?.value;
    let used = |value: f64| match row.better {
        Some(Better::Higher) => bound / value,
        _ => value / bound,
    };
    let value = row.actual.map(used).filter(|used| used.is_finite() && *used > 0.0)?;
    let interval = row.interval.as_ref().map(|i| {
        let (a, b) = (used(i.low), used(i.high));
        (a.min(b), a.max(b))
    });
    Some(Bar {
        label: format!("{} {}", row.requirement, row.measurement),
        value,
        interval: interval.filter(|(low, high)| *low > 0.0 && high.is_finite()),
        display: Unit::Ratio.show(value),
        tone: tone(row.status),
    })
}
