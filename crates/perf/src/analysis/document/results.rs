//! The results, by kind of figure.

use assize_report::{Bar, BarChart, Cell, Column, Document, Scale, Table, Text, Tone};

use super::{
    super::Analysis,
    MAX_ROWS, charts, left_out,
    raw::{Groups, MANY, grouped},
    summary,
};
use crate::{
    Unit, natural,
    run::{Kind, Measurement},
    statistics::Summary,
};

/// A picture with more bars than this cannot be read.
const MAX_BARS: usize = 40;

pub(super) fn results(doc: &mut Document, analysis: &Analysis, groups: &Groups) {
    doc.heading(2, "Results");
    if analysis.run.measurements.is_empty() {
        doc.paragraph("Nothing was measured.");
        return;
    }
    charts::distributions(doc, analysis);
    charts::percentiles(doc, &analysis.run);
    charts::courses(doc, &analysis.run);
    for kind in Kind::ALL {
        let mut figures: Vec<&Measurement> =
            analysis.run.measurements.iter().filter(|m| m.kind == kind).collect();
        figures.sort_by(|a, b| natural::order(&a.id, &b.id).then_with(|| a.metric.cmp(&b.metric)));
        if figures.is_empty() {
            continue;
        }
        let name = kind.name();
        doc.heading(3, format!("{}{} figures", name[..1].to_uppercase(), &name[1..]));
        doc.paragraph(kind.meaning());
        let by_crate = grouped(&figures);
        if figures.len() > MANY && by_crate.len() > 1 {
            for (name, figures) in by_crate {
                doc.details(format!("{name}: {} figures", figures.len()), |inner: &mut Document| {
                    tabled(inner, &figures, groups);
                });
            }
        } else if figures.len() > MANY {
            doc.details(format!("All {} figures", figures.len()), |inner: &mut Document| {
                tabled(inner, &figures, groups);
            });
        } else {
            tabled(doc, &figures, groups);
        }
        chart(doc, &figures);
    }
    doc.heading(3, "In figures").table(summary::figures(analysis));
}

fn tabled(doc: &mut Document, figures: &[&Measurement], groups: &Groups) {
    doc.table(table(figures, groups));
    left_out(doc, figures.len());
    notes(doc, figures);
}

const HEADS: [&str; 11] =
    ["figure", "interval", "mean", "median", "min", "max", "sd", "p95", "p99", "samples", "outliers"];

/// The figures, without the columns of which none of them knows anything.
fn table(figures: &[&Measurement], groups: &Groups) -> Table {
    let rows: Vec<_> = figures.iter().take(MAX_ROWS).map(|m| (m, known(m))).collect();
    let shown: Vec<usize> =
        (0..HEADS.len()).filter(|at| rows.iter().any(|(_, known)| known[*at].is_some())).collect();
    let columns = [Column::left("measurement"), Column::left("metric")].into_iter();
    let mut table = Table::new(columns.chain(shown.iter().map(|at| Column::right(HEADS[*at]))));
    for (m, known) in rows {
        let figures = shown.iter().map(|at| {
            let text = known[*at].as_deref().unwrap_or("–");
            if *at == 0 { Cell::from(Text::new().link(text, groups.anchor(m))) } else { Cell::from(text) }
        });
        let names = [Cell::from(Text::new().code(&m.id)), Cell::from(m.metric.as_str())];
        table.push(names.into_iter().chain(figures));
    }
    table
}

/// What is known of a figure, in the order of [`HEADS`].
fn known(m: &Measurement) -> [Option<String>; HEADS.len()] {
    let summary = Summary::of(&m.samples);
    // What the samples say goes before what the source says of them.
    let figure = |of: &dyn Fn(&Summary) -> Option<f64>, name: &str| {
        let value = summary.as_ref().and_then(of).or_else(|| m.figures.get(name).copied());
        value.map(|value| m.unit.show(value))
    };
    let p99 = match (&summary, m.figures.get("p99")) {
        (Some(Summary { p99: Some(p99), .. }), _) | (None, Some(p99)) => Some(m.unit.show(*p99)),
        (Some(_), _) => Some("insufficient".to_owned()),
        (None, None) => None,
    };
    let outliers = summary.as_ref().map(|s| {
        let (all, severe) = (s.outliers.total(), s.outliers.severe());
        if severe > 0 { format!("{all} ({severe} severe)") } else { all.to_string() }
    });
    [
        Some(m.unit.show(m.value)),
        m.interval.as_ref().map(|i| m.unit.show_interval(m.value, i.low, i.high)),
        figure(&|s| Some(s.mean), "mean"),
        figure(&|s| Some(s.median), "median"),
        figure(&|s| Some(s.min), "min"),
        figure(&|s| Some(s.max), "max"),
        figure(&|s| s.sd, "sd"),
        figure(&|s| Some(s.p95), "p95"),
        p99,
        (!m.samples.is_empty()).then(|| m.samples.len().to_string()),
        outliers,
    ]
}

/// One picture for times and one for sizes, if there are at least two to compare.
fn chart(doc: &mut Document, figures: &[&Measurement]) {
    for (unit, title) in [(Unit::Nanoseconds, "Times"), (Unit::Bytes, "Sizes")] {
        let of_unit: Vec<&&Measurement> =
            figures.iter().filter(|m| m.unit == unit && m.value > 0.0).collect();
        if of_unit.len() < 2 {
            continue;
        }
        let shown = of_unit.iter().take(MAX_BARS);
        let bars: Vec<Bar> = shown.clone().map(|m| bar(m)).collect();
        let largest = shown.clone().map(|m| m.value).fold(0.0, f64::max);
        let smallest = shown.map(|m| m.value).fold(f64::INFINITY, f64::min);
        let scale = if largest / smallest > 50.0 { Scale::Log10 } else { Scale::Linear };
        let (divisor, name) = unit.axis(if scale == Scale::Log10 { smallest } else { largest });
        let rescaled = bars.into_iter().map(|bar| Bar {
            value: bar.value / divisor,
            interval: bar.interval.map(|(low, high)| (low / divisor, high / divisor)),
            ..bar
        });
        doc.chart(BarChart {
            title: title.to_owned(),
            unit: name,
            scale,
            bars: rescaled.collect(),
            reference: Vec::new(),
        });
        let more = of_unit.len().saturating_sub(MAX_BARS);
        if more > 0 {
            doc.paragraph(format!("{more} more have no bar here; the table holds them all."));
        }
    }
}

fn bar(m: &Measurement) -> Bar {
    let label = if m.metric == "time" { m.id.clone() } else { format!("{} ({})", m.id, m.metric) };
    let interval = m.interval.as_ref().map(|i| (i.low.max(0.0), i.high));
    Bar { label, value: m.value, interval, display: m.unit.show(m.value), tone: Tone::Plain }
}

fn notes(doc: &mut Document, figures: &[&Measurement]) {
    let lines: Vec<String> = figures
        .iter()
        .take(MAX_ROWS)
        .flat_map(|m| m.notes.iter().map(|note| format!("{} ({}): {note}", m.id, m.metric)))
        .collect();
    if !lines.is_empty() {
        doc.details("Remarks on these figures", |inner: &mut Document| {
            inner.list(lines);
        });
    }
}
