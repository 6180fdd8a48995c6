//! What a gate came to, as a document.

use assize_report::{Cell, Column, Document, Table, Text, Tone};

use super::{Calibration, Confirmation, Gated, Outcome, Reason};
use crate::{Unit, compare};

/// Lists name no more than this.
const MAX_NAMED: usize = 30;

pub(super) fn document(gated: &Gated) -> Document {
    let mut doc = Document::new("Gate");
    if let Some(changes) = &gated.changes {
        doc.meta("baseline", changes.title_before.as_str());
    }
    doc.meta("runs", gated.analysis.run.title.as_str());
    headline(&mut doc, gated);
    named(&mut doc, "Why", &gated.reasons);
    if !gated.open.is_empty() {
        named(&mut doc, "Inconclusive", &gated.open);
    }
    alerts(&mut doc, gated);
    trust(&mut doc, gated);
    doc
}

fn headline(doc: &mut Document, gated: &Gated) {
    let (tone, word) = match gated.outcome() {
        Outcome::Passed => (Tone::Good, "The gate is open."),
        Outcome::Inconclusive if gated.is_open() => {
            (Tone::Warn, "INCONCLUSIVE. The gate is open, as asked for:")
        }
        Outcome::Inconclusive => (Tone::Bad, "INCONCLUSIVE. The gate is shut, as asked for:"),
        Outcome::Failed => (Tone::Bad, "The gate is shut:"),
    };
    let (reasons, open) = (gated.reasons.len(), gated.open.len());
    let mut parts = Vec::new();
    if reasons > 0 {
        parts.push(format!("{reasons} {}", if reasons == 1 { "reason" } else { "reasons" }));
    }
    if open > 0 {
        parts.push(format!("{open} {} not be told", if open == 1 { "thing could" } else { "things could" }));
    }
    let rest = if parts.is_empty() { String::new() } else { format!(" {}.", parts.join(", ")) };
    doc.callout(tone, Text::new().strong(word).plain(rest));
    let counts = gated.analysis.counts();
    let mut list = Vec::new();
    if !gated.analysis.rows.is_empty() {
        list.push(format!(
            "Targets: {} pass, {} marginal, {} fail, {} not measured.",
            counts.passed, counts.marginal, counts.failed, counts.missing
        ));
    }
    if let Some(changes) = &gated.changes {
        list.push(format!("Against the baseline: {}.", compare::headline(changes)));
        let differing: Vec<&str> = changes.mismatches.iter().map(|m| m.field).collect();
        if !differing.is_empty() {
            list.push(format!("The machines or builds differ in: {}.", differing.join(", ")));
        }
    }
    doc.list(list);
}

fn named(doc: &mut Document, heading: &str, reasons: &[Reason]) {
    if reasons.is_empty() {
        return;
    }
    let shown = reasons.iter().take(MAX_NAMED).map(|reason| reason.text.clone());
    let more = reasons.len().saturating_sub(MAX_NAMED);
    let rest = (more > 0).then(|| format!("{more} more, which the JSON form names"));
    doc.heading(2, heading).list(shown.chain(rest));
}

fn alerts(doc: &mut Document, gated: &Gated) {
    if gated.alerts.is_empty() {
        return;
    }
    let (confirmed, cleared) =
        (gated.alerts_that_were(Confirmation::Confirmed), gated.alerts_that_were(Confirmation::Cleared));
    doc.heading(2, "Alarms");
    doc.paragraph(format!(
        "{} in all: {confirmed} confirmed by measuring again, {cleared} cleared.",
        gated.alerts.len()
    ));
    let heads = ["change", "measured again"].map(Column::right);
    let mut table = Table::new(
        [Column::left("what"), Column::left("verdict")]
            .into_iter()
            .chain(heads)
            .chain([Column::left("so it is")]),
    );
    for alert in gated.alerts.iter().take(MAX_NAMED) {
        let again = alert.again.as_ref().map_or_else(|| "–".to_owned(), compare::Row::show_change);
        let tone = match (alert.counts(), alert.confirmation) {
            (true, _) => Tone::Bad,
            (false, Confirmation::Cleared) => Tone::Good,
            (false, _) => Tone::Warn,
        };
        table.push([
            Cell::from(Text::new().code(&alert.row.id).plain(format!(" {}", alert.row.metric))),
            Cell::from(compare::verdict(&alert.row)),
            Cell::from(alert.row.show_change()),
            Cell::from(again),
            Cell::toned(tone, alert.confirmation.name()),
        ]);
    }
    doc.table(table);
}

/// How far to trust it.
fn trust(doc: &mut Document, gated: &Gated) {
    let Some(changes) = &gated.changes else { return };
    doc.heading(2, "How far to trust it");
    let exact = changes.rows.iter().filter(|row| row.is_exact()).count();
    let mut list = Vec::new();
    if exact > 0 {
        let figures = if exact == 1 { "figure" } else { "figures" };
        list.push(format!("{exact} exact {figures}: compared without error."));
    }
    let limits = &changes.limits;
    match &gated.calibration {
        Some(calibration) => list.extend(error_rate(calibration)),
        None => list.push("No times were tested.".to_owned()),
    }
    if limits.tests > 0 {
        list.push(format!(
            "{} times with {} and {} runs a side or more: the smallest p they can show is {}, Holm's adjustment allows {} tests.",
            limits.tests,
            limits.runs.0,
            limits.runs.1,
            compare::p_value(limits.smallest_p),
            limits.allowed
        ));
        let mut detectable: Vec<f64> = changes.rows.iter().filter_map(|row| row.detectable).collect();
        detectable.sort_unstable_by(f64::total_cmp);
        let share = |at: usize| Unit::Fraction.show(detectable[at]);
        list.push(match detectable.len() {
            0 => "No change could be found, however large: measure more runs a side.".to_owned(),
            n => format!(
                "Smallest change found with a chance of {} (by formula): {} for the steadiest figure, {} in the middle, {} for \
                 the least steady.",
                Unit::Fraction.show(changes.rules.power),
                share(0),
                share(n / 2),
                share(n - 1)
            ),
        });
    }
    doc.list(list);
}

fn error_rate(c: &Calibration) -> Vec<String> {
    let between = |interval: Option<&crate::run::Interval>| {
        let shown = interval.map(|i| Unit::Fraction.show_interval(i.high, i.low, i.high));
        shown.map_or_else(String::new, |shown| format!(" ({shown})"))
    };
    let drift = if c.has_drift {
        "the noise from session to session that was learned is in it"
    } else {
        "noise from session to session is not in it, as no history says how large it is"
    };
    let found: Vec<String> = c
        .found
        .iter()
        .map(|found| {
            format!("{} of +{}", Unit::Fraction.show(found.share), Unit::Fraction.show(found.effect))
        })
        .collect();
    vec![
        format!(
            "Chance of any false alarm in all {} times: at most {} by design; {}{} of {} simulated comparisons of a build with \
             itself had one (runs vary by {}; {drift}).",
            c.figures,
            Unit::Fraction.show(c.nominal),
            Unit::Fraction.show(c.false_alarms),
            between(c.interval.as_ref()),
            c.suites,
            Unit::Fraction.show(c.deviation)
        ),
        format!("Changes of one figure that would be found, by the same simulation: {}.", found.join(", ")),
    ]
}
