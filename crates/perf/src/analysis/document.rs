//! The report as a document, section by section.

mod baseline;
mod charts;
mod comparisons;
mod findings;
mod raw;
mod requirements;
mod results;
mod short;
mod summary;

use assize_report::{Column, Document, Table};

use super::Analysis;

pub use short::SHORT_LINES;
pub(super) use short::short;

/// A table holds no more rows than this; what is left out is counted below it.
const MAX_ROWS: usize = 2_000;

pub(super) fn document(analysis: &Analysis) -> Document {
    let run = &analysis.run;
    let title = if run.title.is_empty() { "Performance report" } else { run.title.as_str() };
    let mut doc = Document::new(title);
    doc.meta("run", run.id());
    if let Some(at) = run.created_at {
        doc.meta("measured", at.to_string());
    }
    doc.meta("verdict", analysis.verdict().name());
    let groups = raw::Groups::of(run);
    summary::summary(&mut doc, analysis);
    requirements::requirements(&mut doc, analysis);
    baseline::changes(&mut doc, analysis);
    findings::bottlenecks(&mut doc, analysis);
    findings::insights(&mut doc, analysis);
    results::results(&mut doc, analysis, &groups);
    charts::profiles(&mut doc, run);
    baseline::trends(&mut doc, analysis);
    comparisons::comparisons(&mut doc, &run.comparisons);
    environment(&mut doc, analysis);
    method(&mut doc, analysis);
    appendix(&mut doc, analysis, &groups);
    doc
}

fn environment(doc: &mut Document, analysis: &Analysis) {
    doc.heading(2, "Environment");
    let known = analysis.run.environment.known();
    if known.is_empty() {
        doc.paragraph("The results do not say on which machine or build they were measured.");
        return;
    }
    let mut table = Table::new([Column::left("what"), Column::left("value")]);
    for (label, value) in known {
        table.push([label, value]);
    }
    doc.table(table);
}

fn method(doc: &mut Document, analysis: &Analysis) {
    let t = &analysis.thresholds;
    let (time, bytes) = (crate::Unit::Nanoseconds, crate::Unit::Bytes);
    doc.heading(2, "Method");
    doc.list([
        "A target passes only if the whole interval of the figure reaches the goal (the floor where there is no goal); \
         it is marginal if the whole interval reaches the floor only, and fails if it does not."
            .to_owned(),
        "A margin is the distance to the goal (or floor) as a share of it; plus is the good side.".to_owned(),
        format!(
            "A figure is a bottleneck of severity CRITICAL above {} or {}, HIGH above {} or {}, unless a target of its \
             own is met or it belongs to an arm of a comparison; MEDIUM is a speed-up below {}. A floor that is missed \
             by a factor of {} is CRITICAL, of {} HIGH, of {} MEDIUM; LOW is any other target that is missed.",
            time.show_limit(t.critical_ns),
            bytes.show_limit(t.critical_bytes),
            time.show_limit(t.high_ns),
            bytes.show_limit(t.high_bytes),
            crate::Unit::Ratio.show(t.speed_up),
            t.critical_multiple,
            t.high_multiple,
            t.medium_multiple
        ),
        "Standard deviation with divisor n − 1; percentiles by linear interpolation (type 7); outliers beyond Tukey's \
         fences; p99 only from 1,000 samples on."
            .to_owned(),
        "What a cost comes from is told by the figures beside it: the processor's time against the time, allocations, \
         instructions, the growth over sizes, profiles. What removing it brings is Amdahl's bound of the measured share, \
         1 / (1 − share), which is the most it can be."
            .to_owned(),
        "What an action on a missed target brings is what is missing to the bound, not a forecast; its difficulty is a rule of thumb from \
         the factor that is missing (up to 1.2 low, up to 3 medium)."
            .to_owned(),
    ]);
    let mut methods: Vec<String> = analysis
        .run
        .measurements
        .iter()
        .filter_map(|m| m.interval.as_ref())
        .map(|i| format!("{} at {}", i.method, crate::Unit::Fraction.show(i.level)))
        .collect();
    methods.sort();
    methods.dedup();
    if !methods.is_empty() {
        doc.paragraph("Intervals in this run were computed as:").list(methods);
    }
}

fn appendix(doc: &mut Document, analysis: &Analysis, groups: &raw::Groups) {
    let run = &analysis.run;
    doc.heading(2, "Appendix");
    let mut sources: Vec<&str> = run.measurements.iter().filter_map(|m| m.source.as_deref()).collect();
    sources.sort_unstable();
    sources.dedup();
    doc.heading(3, "Raw data");
    if sources.is_empty() {
        doc.paragraph(
            "The run names no files: its figures were handed over by the program that measured them.",
        );
    } else {
        let (shown, n) = (sources.iter().take(MAX_ROWS).map(|source| (*source).to_owned()), sources.len());
        let lines: Vec<String> =
            shown.chain((n > MAX_ROWS).then(|| format!("… and {} more", n - MAX_ROWS))).collect();
        doc.details(format!("{n} {}", if n == 1 { "file" } else { "files" }), |inner: &mut Document| {
            inner.code(lines.join("\n"));
        });
    }
    raw::raw(doc, run, groups);
    doc.heading(3, "What could not be read");
    if run.findings.is_empty() {
        doc.paragraph("Everything that was found was read.");
    } else {
        doc.list(run.findings.iter().take(MAX_ROWS).map(ToString::to_string));
        left_out(doc, run.findings.len());
    }
}

/// Says how many rows a table leaves out.
fn left_out(doc: &mut Document, all: usize) {
    if all > MAX_ROWS {
        doc.paragraph(format!("{} more are left out here; the JSON form holds them all.", all - MAX_ROWS));
    }
}
