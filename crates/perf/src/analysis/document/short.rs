//! The report for the text of a pull request.

use assize_report::{Cell, Column, Document, Table, Text, Tone};

use super::{
    super::Analysis,
    requirements::tone,
    summary::{self, deciding, first_actions, slower, verdict},
};
use crate::{
    Unit,
    compare::Verdict,
    targets::{Row, Status},
};

/// The short form has no more lines than this.
pub const SHORT_LINES: usize = 60;

/// Rows of each of its tables.
const ROWS: usize = 8;

pub(crate) fn short(analysis: &Analysis) -> Document {
    let run = &analysis.run;
    let title = if run.title.is_empty() { "Performance" } else { run.title.as_str() };
    let mut doc = Document::new(title.chars().take(120).collect::<String>());
    doc.meta("run", run.id());
    if let Some(revision) = &run.environment.revision {
        doc.meta("revision", revision.as_str());
    }
    verdict(&mut doc, analysis);
    let groups = analysis.rows.chunk_by(|a, b| a.target == b.target).filter_map(deciding);
    let mut missed: Vec<&Row> =
        groups.filter(|row| matches!(row.status, Status::Fail | Status::Marginal)).collect();
    missed.sort_by_key(|row| (row.status, std::cmp::Reverse(row.importance)));
    if !missed.is_empty() {
        doc.table(requirements(&missed));
        more(&mut doc, missed.len(), "targets are missed");
    }
    if let Some(changes) = &analysis.changes {
        let worse = slower(analysis);
        let mut table = Table::new([
            Column::left("slower"),
            Column::right("before"),
            Column::right("after"),
            Column::right("change"),
            Column::left("comes from"),
        ]);
        for one in worse.iter().take(ROWS) {
            let row = one.row;
            let tone = if row.verdict == Verdict::Regressed { Tone::Bad } else { Tone::Warn };
            table.push([
                Cell::from(Text::new().code(&row.id).plain(format!(" {}", row.metric))),
                Cell::from(row.unit.show(row.before.median)),
                Cell::from(row.unit.show(row.after.median)),
                Cell::toned(tone, row.show_change()),
                Cell::from(match row.verdict {
                    Verdict::Regressed => one.origins.join(" and "),
                    _ => format!("{} (suspected)", one.origins.join(" and ")),
                }),
            ]);
        }
        if worse.is_empty() {
            doc.paragraph(format!(
                "Nothing got slower since the baseline: {}.",
                crate::compare::headline(changes)
            ));
        } else {
            doc.table(table);
            more(&mut doc, worse.len(), "got slower");
        }
    }
    let actions = first_actions(analysis);
    if !actions.is_empty() {
        doc.paragraph(Text::new().strong("What to do first")).numbered(actions);
    }
    doc.paragraph(summary::counted(analysis));
    doc
}

fn requirements(rows: &[&Row]) -> Table {
    let columns = [Column::left("id"), Column::left("status"), Column::left("measurement")].into_iter();
    let mut table = Table::new(columns.chain(["actual", "floor", "goal"].map(Column::right)));
    for row in rows.iter().take(ROWS) {
        let unit = row.unit.clone().unwrap_or(Unit::Score);
        let bound = |bound: &Option<crate::Quantity>| {
            bound.as_ref().map_or_else(|| "–".to_owned(), |b| b.show(&unit))
        };
        table.push([
            Cell::from(row.requirement.as_str()),
            Cell::toned(tone(row.status), row.status.name()),
            Cell::from(Text::new().code(&row.measurement).plain(format!(" {}", row.metric))),
            Cell::from(row.actual.map_or_else(|| "–".to_owned(), |actual| unit.show(actual))),
            Cell::from(bound(&row.floor)),
            Cell::from(bound(&row.goal)),
        ]);
    }
    table
}

fn more(doc: &mut Document, all: usize, what: &str) {
    if all > ROWS {
        doc.paragraph(format!("{} more {what}; see the whole report.", all - ROWS));
    }
}
