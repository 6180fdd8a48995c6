//! Comparisons: arms, contrasts, winners.

use std::collections::BTreeSet;

use assize_report::{Bar, BarChart, Cell, Column, Document, Scale, Table, Text, Tone};

use crate::run::{Comparison, Effect, Estimate};

pub(super) fn comparisons(doc: &mut Document, comparisons: &[Comparison]) {
    if comparisons.is_empty() {
        return;
    }
    doc.heading(2, "Comparisons");
    for comparison in comparisons {
        doc.heading(3, comparison.id.as_str());
        doc.paragraph(comparison.question.as_str());
        match &comparison.winner {
            Some(winner) => {
                let text = Text::new().strong(format!("{}: ", winner.arm)).plain(&winner.why);
                doc.callout(Tone::Good, text);
            }
            None => {
                doc.callout(Tone::Note, "The data do not say which arm is better.");
            }
        }
        let metrics: BTreeSet<&str> =
            comparison.arms.iter().flat_map(|arm| arm.metrics.keys().map(String::as_str)).collect();
        doc.table(arms(comparison, &metrics));
        if !comparison.contrasts.is_empty() {
            doc.table(contrasts(comparison));
        }
        for metric in metrics {
            chart(doc, comparison, metric);
        }
        if !comparison.method.is_empty() {
            doc.paragraph(Text::new().strong("Method. ").plain(&comparison.method));
        }
        if !comparison.assumptions.is_empty() {
            doc.paragraph(Text::new().strong("Taken for granted:")).list(comparison.assumptions.iter());
        }
    }
}

fn arms(comparison: &Comparison, metrics: &BTreeSet<&str>) -> Table {
    let columns = [Column::left("arm"), Column::left("what it does")].into_iter();
    let mut table = Table::new(columns.chain(metrics.iter().map(|metric| Column::right(*metric))));
    for arm in &comparison.arms {
        let wins = comparison.winner.as_ref().is_some_and(|winner| winner.arm == arm.name);
        let tone = if wins { Tone::Good } else { Tone::Plain };
        let mut cells = vec![Cell::toned(tone, arm.name.as_str()), Cell::from(arm.description.as_str())];
        for metric in metrics {
            let shown = arm.metrics.get(*metric).map_or_else(|| "–".to_owned(), Estimate::show);
            cells.push(Cell::from(shown));
        }
        table.push(cells);
    }
    table
}

fn contrasts(comparison: &Comparison) -> Table {
    let mut table = Table::new([
        Column::left("metric"),
        Column::left("contrast"),
        Column::right("estimate"),
        Column::left("what follows"),
    ]);
    for contrast in &comparison.contrasts {
        let sign = match contrast.effect {
            Effect::Difference => "−",
            Effect::Ratio => "/",
        };
        table.push([
            contrast.metric.clone(),
            format!("{} {sign} {}", contrast.a, contrast.b),
            contrast.estimate.show(),
            contrast.verdict.clone(),
        ]);
    }
    table
}

fn chart(doc: &mut Document, comparison: &Comparison, metric: &str) {
    let figures: Vec<(&str, &Estimate)> = comparison
        .arms
        .iter()
        .filter_map(|arm| Some((arm.name.as_str(), arm.metrics.get(metric)?)))
        .collect();
    let Some((_, first)) = figures.first() else { return };
    if figures.len() < 2 || figures.iter().any(|(_, e)| e.unit != first.unit || !e.value.is_finite()) {
        return;
    }
    let largest = figures.iter().map(|(_, e)| e.value.abs()).fold(0.0, f64::max);
    let smallest = figures.iter().map(|(_, e)| e.value).fold(f64::INFINITY, f64::min);
    let scale = if smallest > 0.0 && largest / smallest > 50.0 { Scale::Log10 } else { Scale::Linear };
    let (divisor, unit) = first.unit.axis(largest);
    let bars = figures.into_iter().map(|(name, e)| Bar {
        label: name.to_owned(),
        value: e.value / divisor,
        interval: e.interval.as_ref().map(|i| (i.low / divisor, i.high / divisor)),
        display: e.unit.show(e.value),
        tone: if comparison.winner.as_ref().is_some_and(|w| w.arm == name) {
            Tone::Good
        } else {
            Tone::Plain
        },
    });
    doc.chart(BarChart {
        title: metric.to_owned(),
        unit,
        scale,
        bars: bars.collect(),
        reference: Vec::new(),
    });
}
