//! Pictures of the figures: how they spread, the percentiles of loads, what went over time, where the time went.

use std::collections::BTreeMap;

use assize_report::{BoxChart, BoxRow, Document, Flame, LineChart, Scale, Series, Stack, XAxis};

use super::super::Analysis;
use crate::{
    Unit, natural,
    run::{Measurement, Profile, Run},
    statistics::{Sorted, real},
    targets::Status,
};

/// Distributions in one picture.
const MOST_BOXES: usize = 24;
/// With fewer samples there is no distribution to speak of.
const LEAST_SAMPLES: usize = 5;
/// Dots of one distribution.
const MOST_VALUES: usize = 60;
/// Lines in one picture.
const MOST_LINES: usize = 8;
/// Points of a line.
const MOST_POINTS: usize = 600;
/// Profiles that are drawn.
const MOST_FLAMES: usize = 4;
/// Stacks of a profile that are drawn, the heaviest.
const MOST_STACKS: usize = 600;
/// Spread over more than this is drawn on a log scale.
const WIDE: f64 = 8.0;

/// How samples spread about their median.
pub(super) fn distributions(doc: &mut Document, analysis: &Analysis) {
    let run = &analysis.run;
    let sampled = |m: &&Measurement| {
        m.samples.len() >= LEAST_SAMPLES && !m.is_course() && m.unit == Unit::Nanoseconds && m.value > 0.0
    };
    // One statement about one process: its rate and its processor's time spread as its time does.
    let mut figures: Vec<&Measurement> =
        run.measurements.iter().filter(sampled).filter(|m| !m.metric.starts_with("cpu")).collect();
    let matters = |m: &Measurement| {
        let missed = analysis
            .rows
            .iter()
            .any(|row| row.measurement == m.id && matches!(row.status, Status::Fail | Status::Marginal));
        let changed = analysis.explanations.iter().any(|one| one.is_change && one.speaks_of(&m.id));
        missed || changed
    };
    figures.sort_by(|a, b| matters(b).cmp(&matters(a)).then_with(|| natural::order(&a.id, &b.id)));
    let rows: Vec<BoxRow> = figures.iter().take(MOST_BOXES).filter_map(|m| row(m)).collect();
    if rows.is_empty() {
        return;
    }
    let most = rows.iter().flat_map(|row| row.values.iter().copied().chain([row.high])).fold(1.0, f64::max);
    doc.heading(3, "Spread of the samples");
    doc.chart(BoxChart {
        title: "Samples of each time against their median".to_owned(),
        unit: "× median".to_owned(),
        scale: if most > WIDE { Scale::Log10 } else { Scale::Linear },
        rows,
    });
    let more = figures.len().saturating_sub(MOST_BOXES);
    if more > 0 {
        doc.paragraph(format!("{more} more are not drawn; the tables hold them all."));
    }
}

fn row(m: &Measurement) -> Option<BoxRow> {
    let sorted = Sorted::new(&m.samples)?;
    let median = sorted.median();
    if median <= 0.0 {
        return None;
    }
    let (q1, q3) = (sorted.percentile(25.0), sorted.percentile(75.0));
    // Tukey's fences, and the whiskers to what is still within.
    let (from, to) = (q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1));
    let within = || sorted.values().iter().copied().filter(|value| (from..=to).contains(value));
    let (low, high) = (within().next().unwrap_or(q1), within().next_back().unwrap_or(q3));
    let step = m.samples.len().div_ceil(MOST_VALUES).max(1);
    let outside = sorted.values().iter().copied().filter(|value| !(from..=to).contains(value));
    let thinned = within().step_by(step);
    let values = outside.take(MOST_VALUES).chain(thinned).map(|value| value / median);
    let label = if m.metric == "time" { m.id.clone() } else { format!("{} ({})", m.id, m.metric) };
    Some(BoxRow {
        label,
        low: low / median,
        q1: q1 / median,
        median: 1.0,
        q3: q3 / median,
        high: high / median,
        values: values.collect(),
        display: m.unit.show(median),
    })
}

/// The percentiles of each load, the slowest first.
pub(super) fn percentiles(doc: &mut Document, run: &Run) {
    let mut by_id: BTreeMap<&str, BTreeMap<u64, f64>> = BTreeMap::new();
    for m in run.measurements.iter().filter(|m| m.unit == Unit::Nanoseconds) {
        let Some(percent) = percent(&m.metric) else { continue };
        let known = by_id.entry(m.id.as_str()).or_default();
        known.insert(key(percent), m.value);
        known.extend(m.figures.iter().filter_map(|(name, ns)| Some((key(self::percent(name)?), *ns))));
    }
    let mut loads: Vec<(&str, BTreeMap<u64, f64>)> =
        by_id.into_iter().filter(|(_, points)| points.len() >= 3).collect();
    let last = |points: &BTreeMap<u64, f64>| points.values().next_back().copied().unwrap_or(0.0);
    loads.sort_by(|a, b| last(&b.1).total_cmp(&last(&a.1)).then_with(|| natural::order(a.0, b.0)));
    let Some(largest) = loads.iter().map(|(_, points)| last(points)).reduce(f64::max) else { return };
    let (divisor, unit) = Unit::Nanoseconds.axis(largest);
    let line = |(id, points): &(&str, BTreeMap<u64, f64>)| Series {
        label: (*id).to_owned(),
        points: points.iter().map(|(key, ns)| (nines(*key), ns / divisor)).collect(),
        band: None,
    };
    doc.heading(3, "Percentiles");
    doc.chart(LineChart {
        title: "Latency by percentile".to_owned(),
        x_label: "nines: 0.3 is p50, 1 is p90, 2 is p99, 3 is p99.9".to_owned(),
        y_label: unit,
        series: loads.iter().take(MOST_LINES).map(line).collect(),
        ..LineChart::default()
    });
    let more = loads.len().saturating_sub(MOST_LINES);
    if more > 0 {
        doc.paragraph(format!("{more} more are not drawn; the tables hold them all."));
    }
}

/// `p99.9` as 99.9.
fn percent(name: &str) -> Option<f64> {
    let percent: f64 = name.strip_prefix('p')?.parse().ok()?;
    (0.0..100.0).contains(&percent).then_some(percent)
}

/// In millionths, to be a key.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a percentile is between 0 and 100, and a cast saturates"
)]
fn key(percent: f64) -> u64 {
    (percent * 1e6).round() as u64
}

fn nines(key: u64) -> f64 {
    let beyond = 1.0 - real(usize::try_from(key).unwrap_or(0)) / 1e8;
    -libm::log10(beyond.max(1e-9))
}

/// What a process or a load did while it ran: memory, processor, network, users.
pub(super) fn courses(doc: &mut Document, run: &Run) {
    let mut by_metric: BTreeMap<(&str, &str), Vec<&Measurement>> = BTreeMap::new();
    for m in run.measurements.iter().filter(|m| m.is_course()) {
        by_metric.entry((course(&m.metric), m.unit.name())).or_default().push(m);
    }
    if by_metric.is_empty() {
        return;
    }
    doc.heading(3, "Over time");
    for ((what, _), mut figures) in by_metric {
        figures.sort_by(|a, b| natural::order(&a.id, &b.id).then_with(|| a.metric.cmp(&b.metric)));
        let values = figures.iter().flat_map(|m| m.samples.iter().copied()).filter(|value| value.is_finite());
        let Some(largest) = values.reduce(f64::max) else { continue };
        let Some(first) = figures.first() else { continue };
        let (divisor, unit) = first.unit.axis(largest);
        let timed = figures.iter().all(|m| m.figures.contains_key("every_ns"));
        let line = |m: &&Measurement| {
            let every = if timed { m.figures.get("every_ns").map_or(1.0, |ns| ns / 1e9) } else { 1.0 };
            let step = m.samples.len().div_ceil(MOST_POINTS).max(1);
            let points = m.samples.iter().enumerate().step_by(step);
            let label = if what == m.metric { m.id.clone() } else { format!("{} {}", m.id, m.metric) };
            let points = points.map(|(place, value)| (real(place) * every, value / divisor)).collect();
            Series { label, points, band: None }
        };
        doc.chart(LineChart {
            title: title(what),
            x_label: if timed { "seconds" } else { "look" }.to_owned(),
            y_label: unit,
            x_axis: XAxis::Number,
            series: figures.iter().take(MOST_LINES).map(line).collect(),
            ..LineChart::default()
        });
        let more = figures.len().saturating_sub(MOST_LINES);
        if more > 0 {
            doc.paragraph(format!("{more} more are not drawn; the appendix holds them all."));
        }
    }
}

/// Percentiles over time stand in one picture.
fn course(metric: &str) -> &str {
    if metric.ends_with("-worst") { "latency" } else { metric }
}

fn title(what: &str) -> String {
    match what {
        "resident" => "Resident memory",
        "anonymous" => "Memory of no file: heap and stacks",
        "cpu" => "Processors in use",
        "received" => "Received",
        "sent" => "Sent",
        "users" => "Users",
        "throughput-peak" => "Requests a second",
        "latency" => "Latency of the moment",
        "peak" => "Memory",
        other => other,
    }
    .to_owned()
}

/// Where the time or the memory went.
pub(super) fn profiles(doc: &mut Document, run: &Run) {
    if run.profiles.is_empty() {
        return;
    }
    doc.heading(2, "Profiles");
    for profile in run.profiles.iter().take(MOST_FLAMES) {
        doc.chart(flame(profile));
    }
    let more = run.profiles.len().saturating_sub(MOST_FLAMES);
    if more > 0 {
        doc.paragraph(format!("{more} more profiles are not drawn; the JSON form holds them all."));
    }
}

fn flame(profile: &Profile) -> Flame {
    let mut heaviest: Vec<&crate::run::Stack> = profile.stacks.iter().collect();
    heaviest.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.frames.cmp(&b.frames)));
    let largest = heaviest.iter().map(|stack| stack.weight).sum::<f64>();
    let (divisor, unit) = match profile.unit {
        Unit::Nanoseconds | Unit::Bytes => profile.unit.axis(largest),
        ref other => (1.0, other.name().to_owned()),
    };
    let name = |number: &u32| {
        let frame = usize::try_from(*number).ok().and_then(|at| profile.frames.get(at));
        frame.map(|frame| frame.function.clone())
    };
    let stacks = heaviest.into_iter().take(MOST_STACKS).map(|stack| Stack {
        frames: stack.frames.iter().filter_map(name).collect(),
        weight: stack.weight / divisor,
    });
    Flame { title: format!("Where it went: {}", profile.name), unit, stacks: stacks.collect() }
}
