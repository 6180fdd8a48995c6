//! A trend as a document.

use assize_report::{Cell, Column, Document, LineChart, Marker, Series as Line, Table, Tone, XAxis};

use super::{Course, Traced, Trend, days};
use crate::{
    Unit,
    change_points::{Change, Status},
    growth::Growth,
};

/// No more series are drawn.
const MOST_CHARTS: usize = 40;
/// A table holds no more rows than this; what is left out is counted below it.
const MOST_ROWS: usize = 1_000;

pub(super) fn document(trend: &Trend) -> Document {
    let mut doc = Document::new("Trends");
    doc.meta("series", trend.traced.len().to_string());
    summary(&mut doc, trend);
    changes(&mut doc, trend);
    charts(&mut doc, trend);
    courses(&mut doc, trend);
    method(&mut doc, trend);
    if !trend.findings.is_empty() {
        doc.heading(2, "What could not be read");
        doc.list(trend.findings.iter().take(MOST_ROWS).map(ToString::to_string));
        left_out(&mut doc, trend.findings.len(), MOST_ROWS);
    }
    doc
}

/// The same as a section of another report: the changes, and so many of the series that have one.
pub(crate) fn describe(doc: &mut Document, trend: &Trend, most: usize) {
    summary(doc, trend);
    let changed: Vec<&Traced> = trend.traced.iter().filter(|one| !one.changes.is_empty()).collect();
    for one in changed.iter().take(most) {
        doc.chart(chart(one));
    }
    left_out(doc, changed.len(), most);
    let all = trend.changes().count();
    if all > 0 {
        doc.details(
            format!("{all} {} of level", if all == 1 { "change" } else { "changes" }),
            |inner: &mut Document| {
                inner.table(table(trend));
                left_out(inner, all, MOST_ROWS);
            },
        );
    }
}

fn summary(doc: &mut Document, trend: &Trend) {
    let count = |status: Status, worse: bool| {
        trend
            .changes()
            .filter(|(one, change)| change.status == status && one.is_worse(change) == worse)
            .count()
    };
    let (worse, better) = (count(Status::Confirmed, true), count(Status::Confirmed, false));
    let pending = count(Status::Pending, true) + count(Status::Pending, false);
    let all = trend.traced.len();
    let times = |n: usize| if n == 1 { "once".to_owned() } else { format!("{n} times") };
    let tone = match (worse, pending) {
        (0, 0) => Tone::Good,
        (0, _) => Tone::Note,
        _ => Tone::Warn,
    };
    let series = if all == 1 { "one series".to_owned() } else { format!("{all} series") };
    if worse + better + pending == 0 {
        doc.callout(tone, format!("No change of level in {series}."));
    } else {
        let text = format!(
            "In {series} the level changed {} for the worse and {} for the better; {} too late to be sure.",
            times(worse),
            times(better),
            times(pending)
        );
        doc.callout(tone, text);
    }
    let short =
        trend.traced.iter().filter(|one| one.series.points.len() < 2 * trend.detector.least_segment).count();
    if short > 0 {
        let needed = 2 * trend.detector.least_segment;
        doc.paragraph(format!("{short} of them are too short to tell: fewer than {needed} points."));
    }
    let mut machines: Vec<&str> = trend.traced.iter().map(|one| one.series.fingerprint.as_str()).collect();
    machines.sort_unstable();
    machines.dedup();
    if machines.len() > 1 {
        doc.callout(
            Tone::Note,
            format!(
                "The runs come from {} machines or builds; the figures of each are series of their own.",
                machines.len()
            ),
        );
    }
}

fn changes(doc: &mut Document, trend: &Trend) {
    let all = trend.changes().count();
    if all == 0 {
        return;
    }
    doc.heading(2, "Changes");
    doc.table(table(trend));
    left_out(doc, all, MOST_ROWS);
}

fn table(trend: &Trend) -> Table {
    let mut table = Table::new([
        Column::left("series"),
        Column::left("from"),
        Column::right("before"),
        Column::right("after"),
        Column::right("change"),
        Column::right("95 %"),
        Column::right("p"),
        Column::left("status"),
    ]);
    for (one, change) in trend.changes().take(MOST_ROWS) {
        let unit = &one.series.unit;
        let tone = match (one.is_worse(change), change.status) {
            (true, Status::Confirmed) => Tone::Bad,
            (true, Status::Pending) => Tone::Warn,
            (false, _) => Tone::Good,
        };
        table.push([
            Cell::from(one.series.name()),
            Cell::from(place(one, change.index)),
            Cell::from(unit.show(change.before)),
            Cell::from(unit.show(change.after)),
            Cell::toned(tone, share(change)),
            Cell::from(interval(change)),
            Cell::from(if change.p < 0.0001 { "< 0.0001".to_owned() } else { format!("{:.4}", change.p) }),
            Cell::from(status(change)),
        ]);
    }
    table
}

/// Where a point stands, as a reader finds it.
fn place(one: &Traced, index: usize) -> String {
    let Some(point) = one.series.points.get(index) else { return index.to_string() };
    match point.time {
        Some(time) => format!("{} ({})", point.label, time.to_string().chars().take(10).collect::<String>()),
        None => point.label.clone(),
    }
}

fn share(change: &Change) -> String {
    match change.ratio {
        Some(ratio) => signed(ratio),
        None if change.after > change.before => "up".to_owned(),
        None => "down".to_owned(),
    }
}

fn signed(ratio: f64) -> String {
    format!("{:+.1} %", (ratio - 1.0) * 100.0)
}

fn interval(change: &Change) -> String {
    change.interval.as_ref().map_or_else(String::new, |i| format!("{} to {}", signed(i.low), signed(i.high)))
}

fn status(change: &Change) -> String {
    match (change.status, change.seconded) {
        (Status::Pending, _) => "pending: few points follow".to_owned(),
        (Status::Confirmed, Some(true)) => "confirmed by both methods".to_owned(),
        (Status::Confirmed, _) => "confirmed".to_owned(),
    }
}

fn charts(doc: &mut Document, trend: &Trend) {
    let changed = trend.traced.iter().filter(|one| !one.changes.is_empty());
    let others = trend.traced.iter().filter(|one| one.changes.is_empty() && one.series.points.len() > 1);
    let (changed, others): (Vec<_>, Vec<_>) = (changed.collect(), others.collect());
    if changed.is_empty() && others.is_empty() {
        return;
    }
    doc.heading(2, "Series");
    for one in changed.iter().take(MOST_CHARTS) {
        doc.chart(chart(one));
    }
    left_out(doc, changed.len(), MOST_CHARTS);
    if !others.is_empty() {
        doc.details(format!("{} without a change", others.len()), |inner: &mut Document| {
            for one in others.iter().take(MOST_CHARTS) {
                inner.chart(chart(one));
            }
            left_out(inner, others.len(), MOST_CHARTS);
        });
    }
}

fn chart(one: &Traced) -> LineChart {
    let series = &one.series;
    let times: Option<Vec<f64>> = series.points.iter().map(|point| point.time.map(days)).collect();
    // Two runs at the same moment would lie on each other.
    let times = times.filter(|times| times.windows(2).all(|pair| pair[0] < pair[1]));
    let x_axis = if times.is_some() { XAxis::Date } else { XAxis::Number };
    let xs = times.unwrap_or_else(|| (0..series.points.len()).map(crate::statistics::real).collect());
    let (unit, divisor) = scale(&series.unit, &series.values());
    let points = |values: &mut dyn Iterator<Item = f64>| -> Vec<(f64, f64)> {
        xs.iter().copied().zip(values.map(|value| value / divisor)).collect()
    };
    let mut lines =
        vec![Line { label: series.name(), points: points(&mut series.values().into_iter()), band: None }];
    if !one.changes.is_empty() {
        lines.push(Line { label: "level".to_owned(), points: levels(one, &xs, divisor), band: None });
    }
    let marker = |change: &Change| Marker {
        x: xs[change.index],
        label: match change.status {
            Status::Confirmed => share(change),
            Status::Pending => format!("{} pending", share(change)),
        },
    };
    LineChart {
        title: format!("{} over {} runs", series.name(), series.points.len()),
        x_label: if x_axis == XAxis::Number { "run".to_owned() } else { String::new() },
        y_label: unit,
        x_axis,
        series: lines,
        markers: one.changes.iter().map(marker).collect(),
    }
}

/// The median of each segment as a line, with a gap where it changes.
fn levels(one: &Traced, xs: &[f64], divisor: f64) -> Vec<(f64, f64)> {
    let values = one.series.values();
    let mut line = Vec::new();
    for segment in one.borders().windows(2) {
        let (from, to) = (segment[0], segment[1]);
        let Some(sorted) = crate::statistics::Sorted::new(&values[from..to]) else { continue };
        let median = sorted.median() / divisor;
        if from > 0 {
            line.push((xs[from], f64::NAN));
        }
        line.push((xs[from], median));
        line.push((xs[to - 1], median));
    }
    line
}

/// A unit that suits the values, by its name, and what they are divided by.
fn scale(unit: &Unit, values: &[f64]) -> (String, f64) {
    const TIME: [(f64, &str); 4] = [(1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns")];
    const BYTES: [(f64, &str); 4] =
        [(1_073_741_824.0, "GiB"), (1_048_576.0, "MiB"), (1_024.0, "KiB"), (1.0, "bytes")];
    let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let steps = match unit {
        Unit::Nanoseconds => TIME,
        Unit::Bytes => BYTES,
        _ => return (unit.name().to_owned(), 1.0),
    };
    let fits = steps.into_iter().find(|(divisor, _)| largest >= *divisor);
    let (divisor, name) = fits.unwrap_or((1.0, steps[3].1));
    (name.to_owned(), divisor)
}

fn courses(doc: &mut Document, trend: &Trend) {
    let courses: Vec<(&Traced, &Course)> =
        trend.traced.iter().filter_map(|one| one.course.as_ref().map(|course| (one, course))).collect();
    let growing = |course: &Course| course.growths.told().is_some_and(|growth| growth != Growth::Constant);
    let moving: Vec<_> = courses.iter().filter(|(_, course)| growing(course)).collect();
    if courses.is_empty() {
        return;
    }
    doc.heading(2, "Where they go");
    if moving.is_empty() {
        doc.paragraph(
            "Since its last change no series grows or falls in a way that can be told from standing still.",
        );
        return;
    }
    let mut table = Table::new([
        Column::left("series"),
        Column::left("growth since the last change"),
        Column::right("now"),
        Column::right("expected"),
        Column::right("95 % of single figures"),
        Column::right("in"),
    ]);
    for (one, course) in moving.iter().take(MOST_ROWS) {
        let unit = &one.series.unit;
        let now = one.series.points.last().map(|point| unit.show(point.value)).unwrap_or_default();
        let span = course.interval.as_ref().map(|i| unit.show_interval(course.expected, i.low, i.high));
        let ahead = if course.in_days {
            format!("{:.0} days", course.ahead)
        } else {
            format!("{:.0} runs", course.ahead)
        };
        table.push([
            one.series.name(),
            course.growths.best().growth.name().to_owned(),
            now,
            unit.show(course.expected),
            span.unwrap_or_default(),
            ahead,
        ]);
    }
    doc.table(table);
    left_out(doc, moving.len(), MOST_ROWS);
}

fn method(doc: &mut Document, trend: &Trend) {
    let d = &trend.detector;
    doc.heading(2, "Method");
    doc.list([
        format!(
            "Changes: spikes of a point or two are set aside; E-divisive on normal scores, segments of {} points or more, a \
             change of medians of {} or more, p at most {} as the best place of the whole series, with the variance \
             inflated by the dependence of neighbours; up to p {} if the L1 Potts fit of asv has the step too.",
            d.least_segment,
            Unit::Fraction.show(d.floor),
            d.alpha,
            d.voted_alpha
        ),
        format!(
            "Pending: fewer than {} points follow, so that it may pass; p at most {} among late steps.",
            d.settled_after, d.pending_alpha
        ),
        "Ratios are of medians, with the interval of Bonett and Price (2002) on logarithms.".to_owned(),
        "Growth: constant, linear and exponential by least squares and AICc since the last confirmed change, a quarter \
         of the time seen ahead; models closer than 2 cannot be told apart. The interval takes figures as independent."
            .to_owned(),
    ]);
}

/// Says how much a table or a section leaves out.
fn left_out(doc: &mut Document, all: usize, most: usize) {
    if all > most {
        doc.paragraph(format!("{} more are left out here; the JSON form holds them all.", all - most));
    }
}
