//! The summary on top.

use std::collections::BTreeMap;

use assize_report::{Cell, Column, Document, Table, Text, Tone};

use super::{
    super::{Analysis, Verdict},
    MAX_ROWS,
    findings::action,
    requirements::{margin, tone},
};
use crate::{
    Unit,
    compare::{Row as Changed, Verdict as Judged, headline},
    explain,
    insights::{Action, Insight},
    run::{Kind, Measurement, Run},
    statistics::{mean, real},
    targets::{Row, Status},
};

/// How many key findings and changes the summary names.
const MAX_KEY: usize = 6;

/// How many things to do.
const ACTIONS: usize = 3;

pub(super) fn summary(doc: &mut Document, analysis: &Analysis) {
    doc.heading(2, "Summary");
    verdict(doc, analysis);
    doc.paragraph(counted(analysis));
    let key = key_findings(&analysis.rows);
    if !key.is_empty() {
        doc.heading(3, "Key findings").list(key);
    }
    if analysis.rows.is_empty() && analysis.changes.is_none() {
        let facts = facts(&analysis.run);
        if !facts.is_empty() {
            doc.heading(3, "Key figures").list(facts);
        }
    }
    let worse = slower(analysis);
    if let Some(changes) = &analysis.changes {
        doc.heading(3, "Slower since the baseline");
        if worse.is_empty() {
            doc.paragraph(format!("Nothing: {}.", headline(changes)));
        } else {
            let more = worse.len().saturating_sub(MAX_KEY);
            let lines = worse.iter().take(MAX_KEY).map(change);
            doc.list(lines.chain((more > 0).then(|| Text::from(format!("{more} more in the table below.")))));
        }
    }
    let actions = first_actions(analysis);
    if !actions.is_empty() {
        doc.heading(3, "What to do first").numbered(actions);
    }
}

/// The verdict, and how many rows came to what.
pub(super) fn verdict(doc: &mut Document, analysis: &Analysis) {
    let colour = match analysis.verdict() {
        Verdict::Passed => Tone::Good,
        Verdict::PassedWithRecommendations => Tone::Warn,
        Verdict::Failed => Tone::Bad,
        Verdict::Unjudged if !slower(analysis).is_empty() => Tone::Warn,
        Verdict::Unjudged => Tone::Note,
    };
    let counts = analysis.counts();
    let mut text = Text::new().strong(format!("Overall: {}.", analysis.verdict().name()));
    if !analysis.rows.is_empty() {
        let (passed, marginal) = (counts.passed, counts.marginal);
        let (failed, missing) = (counts.failed, counts.missing);
        text = text
            .plain(format!(" {passed} pass, {marginal} marginal, {failed} fail, {missing} not measured."));
    }
    if let Some(text_of_gaps) = gaps(analysis.gaps()) {
        text = text.plain(text_of_gaps);
    }
    if let Some(changes) = &analysis.changes {
        text = text.plain(format!(" Since the baseline: {}.", headline(changes)));
    }
    doc.callout(colour, text);
}

/// The extremes of a run that nothing was asked of: longest, slowest, largest, most errors.
fn facts(run: &Run) -> Vec<Text> {
    let most = |what: &str, fits: &dyn Fn(&Measurement) -> bool| {
        let found = run.measurements.iter().filter(|m| m.value.is_finite() && m.value > 0.0 && fits(m));
        let m = found.max_by(|a, b| a.value.total_cmp(&b.value).then_with(|| b.id.cmp(&a.id)))?;
        let text =
            Text::new().plain(format!("{what}: ")).strong(m.unit.show(m.value)).plain(", ").code(&m.id);
        Some(text.plain(format!(" ({}).", m.metric)))
    };
    let time = |m: &Measurement| m.unit == Unit::Nanoseconds;
    let facts = [
        most("Longest time", &|m| time(m) && m.metric == "time"),
        most("Slowest p95", &|m| time(m) && m.metric == "p95"),
        most("Most requests a second", &|m| m.metric == "throughput" && m.kind == Kind::Loaded),
        most("Most errors", &|m| m.metric == "error-rate"),
        most("Most memory", &|m| m.unit == Unit::Bytes && m.metric.contains("peak")),
        most("Most allocations", &|m| m.metric == "allocations"),
        most("Most instructions", &|m| m.metric == "instructions"),
    ];
    facts.into_iter().flatten().collect()
}

/// What was measured, in one sentence.
pub(super) fn counted(analysis: &Analysis) -> String {
    let run = &analysis.run;
    let mut ids: Vec<&str> = run.measurements.iter().map(|m| m.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let plural = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    let figures = plural(run.measurements.len(), "figure", "figures");
    let of = plural(ids.len(), "benchmark", "benchmarks");
    let odd = match run.findings.len() {
        0 => String::new(),
        n => format!("; {} while reading, in the appendix", plural(n, "oddity", "oddities")),
    };
    format!("{figures} of {of}{odd}.")
}

/// A benchmark, in all its sizes, that got slower (or larger, or less) since the baseline.
pub(super) struct Slower<'a> {
    /// The figure that says most: the time where there is one, and of several sizes the one that grew most.
    pub(super) row: &'a Changed,
    /// How many other figures say so too.
    pub(super) others: usize,
    /// What it comes from.
    pub(super) origins: Vec<&'static str>,
}

/// What got slower since the baseline, surely or not, the worst first; one for each benchmark.
pub(super) fn slower(analysis: &Analysis) -> Vec<Slower<'_>> {
    let rows = analysis.changes.iter().flat_map(|changes| &changes.rows);
    let worse = rows.filter(|row| explain::is_regression(row));
    let mut families: BTreeMap<&str, Vec<&Changed>> = BTreeMap::new();
    for row in worse {
        families.entry(explain::family(&row.id).0).or_default().push(row);
    }
    let mut found: Vec<Slower<'_>> = families.into_values().filter_map(|rows| one(analysis, &rows)).collect();
    found.sort_by(|a, b| {
        explain::factor(b.row).total_cmp(&explain::factor(a.row)).then_with(|| a.row.id.cmp(&b.row.id))
    });
    found
}

fn one<'a>(analysis: &'a Analysis, rows: &[&'a Changed]) -> Option<Slower<'a>> {
    let most = |rows: &mut dyn Iterator<Item = &'a Changed>| {
        rows.max_by(|a, b| explain::factor(a).total_cmp(&explain::factor(b)))
    };
    let row = most(&mut rows.iter().copied().filter(|row| row.metric == "time"))
        .or_else(|| most(&mut rows.iter().copied()))?;
    let told = analysis.explanations.iter().filter(|one| one.is_change);
    let told = told.filter(|one| rows.iter().any(|row| one.speaks_of(&row.id)));
    let mut origins: Vec<&str> = told.map(|one| one.origin.name()).collect();
    origins.dedup();
    Some(Slower { row, others: rows.len() - 1, origins })
}

fn change(slower: &Slower<'_>) -> Text {
    let row = slower.row;
    let (before, after) = (row.unit.show(row.before.median), row.unit.show(row.after.median));
    let sure = if row.verdict == Judged::Regressed { "" } else { ", suspected: a side is one run" };
    let more = match slower.others {
        0 => String::new(),
        1 => ", and one more figure".to_owned(),
        n => format!(", and {n} more figures"),
    };
    let text = Text::new().strong(row.show_change()).plain(" ").code(&row.id);
    let text = text.plain(format!(" {}: {before} → {after}{sure}{more}", row.metric));
    if slower.origins.is_empty() {
        text.plain(".")
    } else {
        text.plain(": ").strong(slower.origins.join(" and ")).plain(".")
    }
}

/// The first things to do, each with its reason.
pub(super) fn first_actions(analysis: &Analysis) -> Vec<Text> {
    let worth = analysis.insights.iter().filter(|insight| insight.priority > 1);
    let first = worth.filter_map(|insight| Some((insight, insight.actions.first()?)));
    let text = |(insight, step): (&Insight, &Action)| {
        Text::new().plain(format!("{}: ", insight.text)).emphasis(action(step)).plain(".")
    };
    first.take(ACTIONS).map(text).collect()
}

/// That floors were not measured, which fails a run that should hold them.
fn gaps(n: usize) -> Option<String> {
    match n {
        0 => None,
        1 => Some(" One floor was not measured, which fails a run that should hold everything.".to_owned()),
        n => Some(format!(" {n} floors were not measured, which fails a run that should hold everything.")),
    }
}

/// One row for each target: what came of it, and the figure that decides.
pub(super) fn targets(rows: &[Row]) -> Table {
    let columns = [Column::left("id"), Column::left("status"), Column::left("target")].into_iter();
    let heads = ["met", "decided by", "floor", "goal", "margin"].map(Column::right);
    let mut table = Table::new(columns.chain(heads));
    for group in rows.chunk_by(|a, b| a.target == b.target).take(MAX_ROWS) {
        let Some(row) = deciding(group) else { continue };
        let met = group.iter().filter(|row| row.status == Status::Pass).count();
        let unit = row.unit.as_ref().unwrap_or(&Unit::Score);
        let unknown = || "–".to_owned();
        table.push([
            Cell::from(row.requirement.as_str()),
            Cell::toned(tone(row.status), row.status.name()),
            Cell::from(Text::new().code(&row.pattern).plain(format!(" {}", row.metric))),
            Cell::from(format!("{met} of {}", group.len())),
            Cell::from(row.actual.map_or_else(unknown, |actual| unit.show(actual))),
            Cell::from(row.floor.as_ref().map_or_else(unknown, |floor| floor.show(unit))),
            Cell::from(row.goal.as_ref().map_or_else(unknown, |goal| goal.show(unit))),
            Cell::from(margin(row)),
        ]);
    }
    table
}

/// The worst row of a target; of those that are equally bad the one with the least margin.
pub(super) fn deciding(group: &[Row]) -> Option<&Row> {
    group.iter().min_by(|a, b| {
        let margin = |row: &Row| row.margin.unwrap_or(f64::INFINITY);
        a.status.cmp(&b.status).then_with(|| margin(a).total_cmp(&margin(b)))
    })
}

pub(super) fn figures(analysis: &Analysis) -> Table {
    let run = &analysis.run;
    let (read, odd) = (run.measurements.len(), run.findings.len());
    let mut table = Table::new([Column::left("what"), Column::right("figure")]);
    table.push(["measurements read".to_owned(), read.to_string()]);
    table.push(["oddities while reading".to_owned(), odd.to_string()]);
    let judged = analysis.rows.iter().filter(|row| row.status != Status::Missing).count();
    if judged > 0 {
        let rate = real(analysis.counts().passed) / real(judged);
        table.push(["success rate (passed of measured rows)".to_owned(), Unit::Fraction.show(rate)]);
    }
    // Nanoseconds of a processor and simulated minutes have no average in common.
    for kind in Kind::ALL {
        let is_time = |m: &&Measurement| m.kind == kind && m.unit == Unit::Nanoseconds && m.value.is_finite();
        let times: Vec<&Measurement> = run.measurements.iter().filter(is_time).collect();
        let values: Vec<f64> = times.iter().map(|m| m.value).collect();
        let name = kind.name();
        if let Some(average) = mean(&values) {
            table.push([
                format!("average of the {name} times ({})", values.len()),
                Unit::Nanoseconds.show(average),
            ]);
        }
        if let Some(longest) = times.iter().max_by(|a, b| a.value.total_cmp(&b.value)) {
            table.push([
                format!("longest {name} time ({})", longest.id),
                Unit::Nanoseconds.show(longest.value),
            ]);
        }
    }
    table
}

/// What fails, then what is marginal, then of each target that is met, what matters most first, the tightest figure:
/// one sentence each.
fn key_findings(rows: &[Row]) -> Vec<Text> {
    let groups = rows.chunk_by(|a, b| a.target == b.target);
    let mut key: Vec<&Row> = groups
        .flat_map(|group| {
            let missed = group.iter().filter(|row| matches!(row.status, Status::Fail | Status::Marginal));
            let met = deciding(group).filter(|row| row.status == Status::Pass);
            missed.chain(met)
        })
        .collect();
    key.sort_by_key(|row| (row.status, std::cmp::Reverse(row.importance)));
    let more = key.len().saturating_sub(MAX_KEY);
    let mut found: Vec<Text> = key.into_iter().take(MAX_KEY).filter_map(sentence).collect();
    if more > 0 {
        found.push(Text::from(format!("{more} more in the table of requirements.")));
    }
    found
}

fn sentence(row: &Row) -> Option<Text> {
    let unit = row.unit.as_ref()?;
    let bounds = [("goal", row.goal.as_ref()), ("floor", row.floor.as_ref())];
    let bounds: Vec<String> = bounds
        .into_iter()
        .filter_map(|(name, bound)| Some(format!("{name} {}", bound?.show(unit))))
        .collect();
    let text = Text::new().strong(&row.requirement).plain(" ").code(&row.measurement);
    let shown = unit.show(row.actual?);
    Some(text.plain(format!(": {} {shown}, {}: {}.", row.metric, bounds.join(", "), row.status.name())))
}
