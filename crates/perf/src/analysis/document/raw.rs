//! The appendix with the raw data, and the names by which every figure links to it.

use std::collections::BTreeMap;

use assize_report::{Cell, Column, Document, Table, Text};

use crate::{
    natural,
    run::{Measurement, Run},
};

/// From so many figures on they are folded by crate or family.
pub(super) const MANY: usize = 40;
/// Samples shown of one figure.
const SAMPLES: usize = 24;
/// The same in a run of very many figures.
const FEW_SAMPLES: usize = 5;
/// Very many figures.
const VERY_MANY: usize = 500;
/// Verbs of HTTP: `GET /orders` is a request, not a crate of its own.
const VERBS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// The groups of a run's figures, each with its number from 1.
pub(super) struct Groups {
    numbers: BTreeMap<String, usize>,
}

impl Groups {
    pub(super) fn of(run: &Run) -> Self {
        let mut names: Vec<String> = run.measurements.iter().map(group).collect();
        names.sort_by(|a, b| natural::order(a, b));
        names.dedup();
        Self { numbers: names.into_iter().enumerate().map(|(place, name)| (name, place + 1)).collect() }
    }

    /// The name that a figure of this measurement links to.
    pub(super) fn anchor(&self, m: &Measurement) -> String {
        format!("#{}", anchor(&self.heading(&group(m))))
    }

    fn heading(&self, name: &str) -> String {
        format!("Raw data {}: {name}", self.numbers.get(name).copied().unwrap_or(0))
    }
}

/// The crate of an id, or the part before its first `/` or `::`; requests of a load test are one group, and names of one
/// part another.
pub(super) fn group(m: &Measurement) -> String {
    let id = m.id.as_str();
    let verb = id.split(' ').next().unwrap_or_default();
    if VERBS.contains(&verb) || id == "Aggregated" {
        return "requests".to_owned();
    }
    let first = id.split('/').next().unwrap_or(id).split("::").next().unwrap_or(id);
    if first.is_empty() || first == id || first.contains(' ') {
        return "by name".to_owned();
    }
    first.to_owned()
}

/// The name of a heading, by the rule of Markdown: letters, digits, `-` and `_`, spaces as `-`.
fn anchor(heading: &str) -> String {
    let mut name = String::new();
    for c in heading.trim().chars() {
        match c {
            c if c.is_alphanumeric() => name.extend(c.to_lowercase()),
            '-' | '_' => name.push(c),
            c if c.is_whitespace() => name.push('-'),
            _ => {}
        }
    }
    name
}

/// Figures by group, in the order of groups.
pub(super) fn grouped<'a>(figures: &[&'a Measurement]) -> Vec<(String, Vec<&'a Measurement>)> {
    let mut groups: BTreeMap<String, Vec<&Measurement>> = BTreeMap::new();
    for m in figures {
        groups.entry(group(m)).or_default().push(m);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by(|a, b| natural::order(&a.0, &b.0));
    groups
}

/// A table for each group: every figure as it was read, its samples, its source.
pub(super) fn raw(doc: &mut Document, run: &Run, groups: &Groups) {
    let mut all: Vec<&Measurement> = run.measurements.iter().collect();
    all.sort_by(|a, b| natural::order(&a.id, &b.id).then_with(|| a.metric.cmp(&b.metric)));
    let most = if all.len() > VERY_MANY { FEW_SAMPLES } else { SAMPLES };
    for (name, figures) in grouped(&all) {
        doc.heading(4, groups.heading(&name));
        let n = figures.len();
        let label = format!("{n} {} as read", if n == 1 { "figure" } else { "figures" });
        doc.details(label, |inner: &mut Document| {
            inner.table(table(&figures, most));
            super::left_out(inner, n);
        });
    }
}

fn table(figures: &[&Measurement], most: usize) -> Table {
    let mut table = Table::new([
        Column::left("measurement"),
        Column::left("metric"),
        Column::right("value"),
        Column::left("unit"),
        Column::left("samples, in order"),
        Column::left("from"),
    ]);
    for m in figures.iter().take(super::MAX_ROWS) {
        let from = [m.source.as_deref(), m.location.as_deref()];
        table.push([
            Cell::from(Text::new().code(&m.id)),
            Cell::from(m.metric.as_str()),
            Cell::from(precise(m.value)),
            Cell::from(m.unit.name()),
            Cell::from(samples(&m.samples, most)),
            Cell::from(from.into_iter().flatten().collect::<Vec<_>>().join(", ")),
        ]);
    }
    table
}

fn samples(samples: &[f64], most: usize) -> String {
    let shown: Vec<String> = samples.iter().take(most).map(|value| precise(*value)).collect();
    match samples.len().saturating_sub(most) {
        0 => shown.join(" "),
        more => format!("{} … {more} more", shown.join(" ")),
    }
}

/// To the last digit that matters to a reader; the JSON form holds all of them.
fn precise(value: f64) -> String {
    if value.abs() >= 1e6 || value.fract().abs() < 1e-9 {
        format!("{value:.0}")
    } else {
        format!("{value:.3}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Unit,
        run::{Better, Kind},
    };

    #[test]
    fn a_figure_is_in_the_group_of_its_crate_and_links_there() {
        let figure =
            |id: &str| Measurement::new(id, "time", Unit::Nanoseconds, Better::Lower, Kind::Timed, 1.0);
        let table = [
            ("debate/turn/4", "debate"),
            ("std::hash::sip", "std"),
            ("GET /orders/7", "requests"),
            ("Aggregated", "requests"),
            ("sleep 0.1", "by name"),
            ("ls /tmp/x", "by name"),
            ("main", "by name"),
            ("", "by name"),
        ];
        for (id, name) in table {
            assert_eq!(group(&figure(id)), name, "{id}");
        }
        let run = Run { measurements: vec![figure("b.x/1"), figure("a/1")], ..Run::new("test") };
        let groups = Groups::of(&run);
        assert_eq!(groups.anchor(&run.measurements[0]), "#raw-data-2-bx");
    }
}
