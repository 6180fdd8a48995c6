//! A comparison as a document.

use assize_report::{Bar, BarChart, Cell, Column, Document, Reference, Scale, Table, Text, Tone};

use super::{Changes, Row, Verdict, row::signed};
use crate::{Unit, run::Effect};

/// Tables hold no more rows than this; what is left out is counted.
const MAX_ROWS: usize = 2_000;

/// The chart holds no more bars than this.
const MAX_BARS: usize = 24;

pub(super) fn document(changes: &Changes) -> Document {
    let mut doc = Document::new("What changed");
    doc.meta("before", changes.title_before.as_str());
    doc.meta("after", changes.title_after.as_str());
    doc.heading(2, "Summary");
    summary(&mut doc, changes);
    warnings(&mut doc, changes);
    let quiet = |row: &&Row| row.verdict == Verdict::Unchanged;
    let (unchanged, shown): (Vec<&Row>, Vec<&Row>) = changes.rows.iter().partition(quiet);
    if !shown.is_empty() {
        doc.heading(2, "Changes").table(table(&shown));
        left_out(&mut doc, shown.len());
        if let Some(chart) = chart(&shown) {
            doc.chart(chart);
        }
        worth_a_look(&mut doc, changes);
        notes(&mut doc, &shown);
    }
    if !unchanged.is_empty() {
        let label = format!("{} unchanged", unchanged.len());
        doc.heading(2, "Unchanged").details(label, |inner: &mut Document| {
            inner.table(table(&unchanged));
            left_out(inner, unchanged.len());
        });
    }
    if !changes.controls.is_empty() {
        let controls: Vec<&Row> = changes.controls.iter().collect();
        doc.heading(2, "Controls");
        doc.paragraph("These measure the machine, not the program: what they show is drift.");
        doc.table(table(&controls));
    }
    missing(&mut doc, changes);
    tests(&mut doc, changes);
    method(&mut doc, changes);
    doc
}

/// The same as a section of another report: what is not unchanged, below a chart of the report's own.
pub(crate) fn describe(doc: &mut Document, changes: &Changes, draw: impl FnOnce(&mut Document)) {
    summary(doc, changes);
    warnings(doc, changes);
    let shown: Vec<&Row> = changes.rows.iter().filter(|row| row.verdict != Verdict::Unchanged).collect();
    if shown.is_empty() {
        return;
    }
    draw(doc);
    if shown.len() > MAX_BARS {
        doc.details(format!("{} figures before and after", shown.len()), |inner: &mut Document| {
            inner.table(table(&shown));
            left_out(inner, shown.len());
        });
    } else {
        doc.table(table(&shown));
    }
}

/// One sentence on top: how many of what.
pub(crate) fn headline(changes: &Changes) -> String {
    let named = [
        Verdict::Regressed,
        Verdict::Suspected,
        Verdict::Refused,
        Verdict::Inconclusive { runs_needed: None },
        Verdict::Improved,
        Verdict::Unchanged,
    ];
    let counted = named.map(|verdict| (changes.of(verdict).count(), verdict.name()));
    let parts: Vec<String> =
        counted.iter().filter(|(n, _)| *n > 0).map(|(n, name)| format!("{n} {name}")).collect();
    if parts.is_empty() { "nothing was compared".to_owned() } else { parts.join(", ") }
}

fn summary(doc: &mut Document, changes: &Changes) {
    let any = |verdict| changes.of(verdict).next().is_some();
    let tone = if any(Verdict::Regressed) || changes.rows.is_empty() {
        Tone::Bad
    } else if [Verdict::Suspected, Verdict::Refused, Verdict::Inconclusive { runs_needed: None }]
        .into_iter()
        .any(any)
    {
        Tone::Warn
    } else {
        Tone::Good
    };
    let worst = changes
        .of(Verdict::Regressed)
        .next()
        .map(|row| format!(" The worst is {} ({}): {}.", row.id, row.metric, row.show_change()));
    let text = Text::new().strong(format!("{}.", capital(&headline(changes))));
    doc.callout(tone, text.plain(worst.unwrap_or_default()));
    if changes.limits.tests > 0 {
        doc.paragraph(reach(changes));
    }
}

/// What so many runs can show.
fn reach(changes: &Changes) -> String {
    let limits = &changes.limits;
    let (before, after) = limits.runs;
    let tested = format!(
        "{} {} tested together, with at least {before} runs before and {after} after.",
        limits.tests,
        if limits.tests == 1 { "time was" } else { "times were" },
    );
    if !limits.can_show() {
        return format!(
            "{tested} That is too few: the smallest p they can show is {}, which Holm's adjustment lets count among {} {} at \
             most.",
            p_value(limits.smallest_p),
            limits.allowed,
            if limits.allowed == 1 { "metric" } else { "metrics" },
        );
    }
    let mut detectable: Vec<f64> = changes.rows.iter().filter_map(|row| row.detectable).collect();
    detectable.sort_unstable_by(f64::total_cmp);
    match (detectable.first(), detectable.last()) {
        (Some(least), Some(most)) => format!(
            "{tested} Smallest change found with a chance of {}: {} to {}, depending on how steady the figure is.",
            Unit::Fraction.show(changes.rules.power),
            signed(*least),
            signed(*most)
        ),
        _ => tested,
    }
}

fn warnings(doc: &mut Document, changes: &Changes) {
    if !changes.mismatches.is_empty() {
        let said = |values: &[String]| {
            if values.is_empty() { "unknown".to_owned() } else { values.join(" / ") }
        };
        let differing: Vec<String> = changes
            .mismatches
            .iter()
            .map(|m| format!("{} ({} before, {} after)", m.field, said(&m.before), said(&m.after)))
            .collect();
        let what = if changes.rules.across_machines {
            "Times were compared all the same, as asked for; what they show may be that."
        } else {
            "Times were not compared: they would show that, and not the program."
        };
        let text = Text::new().strong("The runs differ in where or how they were measured: ");
        doc.callout(Tone::Bad, text.plain(format!("{}. {what}", differing.join("; "))));
    }
    if changes.drifted() {
        let text = Text::new().strong("The machine drifted: ");
        doc.callout(
            Tone::Warn,
            text.plain(
                "a control benchmark changed, so no time is decided. Measure again, both builds in turn.",
            ),
        );
    }
    if !changes.unknown.is_empty() {
        let text = format!(
            "Not every run says its {}: whether it is the same cannot be told.",
            changes.unknown.join(", ")
        );
        doc.callout(Tone::Note, text);
    }
}

fn table(rows: &[&Row]) -> Table {
    let columns = [Column::left("verdict"), Column::left("what")].into_iter();
    let heads = ["before", "after", "change", "interval", "adjusted p", "runs"];
    let mut table = Table::new(columns.chain(heads.map(Column::right)));
    for row in rows.iter().take(MAX_ROWS) {
        table.push([
            Cell::toned(tone(row), verdict(row)),
            what(row),
            Cell::from(row.unit.show(row.before.median)),
            Cell::from(row.unit.show(row.after.median)),
            Cell::from(row.show_change()),
            Cell::from(if row.is_exact() { "exact".to_owned() } else { row.show_interval() }),
            Cell::from(maybe(row.p_adjusted, p_value)),
            Cell::from(format!("{} / {}", row.before.values.len(), row.after.values.len())),
        ]);
    }
    table
}

/// What the verdicts on times rest on.
fn tests(doc: &mut Document, changes: &Changes) {
    let rows: Vec<&Row> = changes.rows.iter().filter(|row| row.p.is_some()).collect();
    if rows.is_empty() {
        return;
    }
    let heads = ["delta", "p", "Holm", "B.–H.", "Welch", "spread", "finds", "threshold"];
    let mut table = Table::new([Column::left("what")].into_iter().chain(heads.map(Column::right)));
    for row in rows.iter().take(MAX_ROWS) {
        let share = |x| Unit::Fraction.show(x);
        table.push([
            what(row),
            Cell::from(maybe(row.delta, |delta| format!("{delta:+.2}"))),
            Cell::from(maybe(row.p, p_value)),
            Cell::from(maybe(row.p_adjusted, p_value)),
            Cell::from(maybe(row.p_discovery, p_value)),
            Cell::from(maybe(row.p_welch, p_value)),
            Cell::from(maybe(row.deviation, share)),
            Cell::from(maybe(row.detectable, share)),
            Cell::from(share(row.threshold.share)),
        ]);
    }
    let n = rows.len();
    doc.heading(2, "Tests");
    doc.paragraph(
        "Cliff's delta; p of the test of rank sums, adjusted by Holm, adjusted by Benjamini and Hochberg, and of Welch's test; how \
         much runs vary; the smallest change that so many runs find; from where on a change matters.",
    );
    doc.details(format!("{n} {}", if n == 1 { "time" } else { "times" }), |inner: &mut Document| {
        inner.table(table);
        left_out(inner, n);
    });
}

fn what(row: &Row) -> Cell {
    Cell::from(Text::new().code(&row.id).plain(format!(" {}", row.metric)))
}

fn maybe(value: Option<f64>, show: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| "–".to_owned(), show)
}

pub(crate) fn verdict(row: &Row) -> String {
    match (row.verdict, row.magnitude) {
        (Verdict::Regressed | Verdict::Improved, Some(magnitude)) => {
            format!("{}, {}", row.verdict.name(), magnitude.name())
        }
        (Verdict::Suspected, _) => {
            format!("suspected {}", if row.is_worse() { "regression" } else { "improvement" })
        }
        (Verdict::Inconclusive { runs_needed: Some(n) }, _) => format!("inconclusive, needs {n} runs"),
        _ => row.verdict.name().to_owned(),
    }
}

fn tone(row: &Row) -> Tone {
    match row.verdict {
        Verdict::Regressed => Tone::Bad,
        Verdict::Suspected | Verdict::Refused | Verdict::Inconclusive { .. } => Tone::Warn,
        Verdict::Improved => Tone::Good,
        Verdict::Unchanged => Tone::Plain,
    }
}

/// The changes in per cent with their intervals, and the threshold where all have the same.
fn chart(rows: &[&Row]) -> Option<BarChart> {
    let percent = |ratio: f64| (ratio - 1.0) * 100.0;
    let is_ratio = |row: &&&Row| row.effect == Effect::Ratio && row.change.is_some();
    let drawn: Vec<&&Row> = rows.iter().filter(is_ratio).take(MAX_BARS).collect();
    let bars = drawn.iter().filter_map(|row| {
        Some(Bar {
            label: format!("{} {}", row.id, row.metric),
            value: percent(row.change?),
            interval: row.interval.as_ref().map(|i| (percent(i.low), percent(i.high))),
            display: row.show_change(),
            tone: tone(row),
        })
    });
    let bars: Vec<Bar> = bars.collect();
    let times = || drawn.iter().filter(|row| !row.is_exact()).map(|row| row.threshold.share);
    let least = times().fold(f64::INFINITY, f64::min);
    let most = times().fold(0.0, f64::max);
    let same = most > 0.0 && most - least < 1e-12;
    let line = |value: f64| Reference { label: "threshold".to_owned(), value };
    (!bars.is_empty()).then(|| BarChart {
        title: "After against before, with the interval of the change".to_owned(),
        unit: "%".to_owned(),
        scale: Scale::Linear,
        bars,
        reference: if same { vec![line(most * 100.0)] } else { Vec::new() },
    })
}

/// What is not decided, but would rather be a change than none: of such a list few are wrong.
fn worth_a_look(doc: &mut Document, changes: &Changes) {
    let alpha = changes.rules.alpha;
    let open = Verdict::Inconclusive { runs_needed: None };
    let worth = |row: &&Row| row.verdict.same_kind(open) && row.p_discovery.is_some_and(|p| p <= alpha);
    let lines: Vec<Text> = changes
        .rows
        .iter()
        .filter(worth)
        .take(MAX_ROWS)
        .map(|row| Text::new().code(&row.id).plain(format!(" {}: {}", row.metric, row.show_change())))
        .collect();
    if !lines.is_empty() && !changes.drifted() {
        doc.heading(3, "Worth a look");
        let share = Unit::Fraction.show(alpha);
        doc.paragraph(format!(
            "Not decided, but probably changed by a little or a lot: of lists like this a share of at most {share} is wrong \
             (Benjamini and Hochberg)."
        ));
        doc.list(lines);
    }
}

fn notes(doc: &mut Document, rows: &[&Row]) {
    let noted = rows.iter().filter(|row| !row.notes.is_empty() || row.location.is_some());
    let lines: Vec<Text> = noted
        .take(MAX_ROWS)
        .map(|row| {
            let place = row.location.iter().map(|at| format!("measured at {at}"));
            let words: Vec<String> = row.notes.iter().cloned().chain(place).collect();
            Text::new().code(&row.id).plain(format!(" {}: {}", row.metric, words.join("; ")))
        })
        .collect();
    if !lines.is_empty() {
        doc.details("Remarks", |inner: &mut Document| {
            inner.list(lines);
        });
    }
}

fn missing(doc: &mut Document, changes: &Changes) {
    let list = |names: &[(String, String)]| -> Vec<Text> {
        let of_one = |(id, metric): &(String, String)| Text::new().code(id).plain(format!(" {metric}"));
        names.iter().take(MAX_ROWS).map(of_one).collect()
    };
    for (heading, names) in
        [("Measured before only", &changes.only_before), ("Measured after only", &changes.only_after)]
    {
        if !names.is_empty() {
            doc.heading(2, heading).list(list(names));
            left_out(doc, names.len());
        }
    }
    if !changes.findings.is_empty() {
        doc.heading(2, "What could not be read or compared");
        doc.list(changes.findings.iter().take(MAX_ROWS).map(ToString::to_string));
        left_out(doc, changes.findings.len());
    }
}

fn method(doc: &mut Document, changes: &Changes) {
    let rules = &changes.rules;
    doc.heading(2, "Method");
    doc.list([
        "A run of a process is one value; the samples within it are none of their own.".to_owned(),
        format!(
            "A change of times is Hodges and Lehmann's ratio, its interval that of the ranks, at {} where the runs suffice.",
            Unit::Fraction.show(rules.level)
        ),
        format!(
            "Regressed or improved: the test of rank sums, adjusted by Holm, shows a change (adjusted p at most {}), and \
             the whole interval is beyond the threshold. So the chance of any false alarm is at most {}.",
            rules.alpha,
            Unit::Fraction.show(rules.alpha)
        ),
        "Unchanged: the whole interval is within the threshold. Anything else is inconclusive; the runs needed are computed \
         by formula, for logarithms that are about normal."
            .to_owned(),
        "The threshold is the larger of the floor asked for and the noise learned from history (Q3 + 3 IQR of the changes \
         from one result to the next); 5 % where there is neither."
            .to_owned(),
        format!(
            "Counted and virtual figures are exact: any change beyond the tolerance ({}) is one.",
            Unit::Fraction.show(rules.tolerance)
        ),
        "Magnitudes are multiples of the threshold (1.5, 3, 6, 12); of an exact figure, of 1 %.".to_owned(),
    ]);
}

fn left_out(doc: &mut Document, all: usize) {
    if all > MAX_ROWS {
        doc.paragraph(format!("{} more are left out here; the JSON form holds them all.", all - MAX_ROWS));
    }
}

/// A p value as people write it.
pub(crate) fn p_value(p: f64) -> String {
    if p < 0.0001 { "< 0.0001".to_owned() } else { format!("{p:.4}") }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
