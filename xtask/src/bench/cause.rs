//! Why something got slower, as far as the metrics of it tell: it waits, it takes more from the heap, it grows faster with
//! its size, or the processor simply works longer.

use std::collections::BTreeMap;

use assize_perf::Unit;
use assize_perf::compare::{Changes, Row, Verdict};
use assize_perf::growth::{Growth, Growths};
use assize_report::Text;
use serde_json::json;

/// Of what is more in elapsed time, the processor's part may be this share for it to be called waiting.
const BUSY: f64 = 0.5;

/// A slow-down with its cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Explained {
    /// What got slower: ids of the same family.
    pub(super) ids: Vec<String>,
    /// Where it is measured.
    pub(super) place: Option<String>,
    /// A word for the cause, for programs.
    pub(super) kind: &'static str,
    /// The cause in a sentence.
    pub(super) cause: String,
}

impl Explained {
    pub(super) fn text(&self) -> Text {
        let place = self.place.as_ref().map(|place| format!(" at {place}")).unwrap_or_default();
        Text::new().strong(self.ids.join(", ")).plain(place).plain(": ").plain(&self.cause)
    }

    pub(super) fn to_json(&self) -> serde_json::Value {
        json!({"ids": self.ids, "place": self.place, "kind": self.kind, "cause": self.cause})
    }
}

/// The causes of all regressions, one for each family of benchmarks that differ in their size only.
pub(super) fn explain(changes: &Changes) -> Vec<Explained> {
    let mut families: BTreeMap<&str, BTreeMap<&str, Vec<&Row>>> = BTreeMap::new();
    for row in &changes.rows {
        families.entry(family(&row.id).0).or_default().entry(&row.id).or_default().push(row);
    }
    families.into_values().filter_map(|benchmarks| of_family(&benchmarks)).collect()
}

/// The family of a benchmark and its size: `planted/work` and 250.
fn family(id: &str) -> (&str, Option<u32>) {
    let parts = id.rsplit_once('/').and_then(|(family, size)| Some((family, size.parse().ok()?)));
    parts.map_or((id, None), |(family, size)| (family, Some(size)))
}

fn of_family(benchmarks: &BTreeMap<&str, Vec<&Row>>) -> Option<Explained> {
    let regressed = |rows: &&Vec<&Row>| rows.iter().any(|row| row.verdict == Verdict::Regressed);
    let mut worse: Vec<&Vec<&Row>> = benchmarks.values().filter(regressed).collect();
    worse.sort_by_key(|rows| rows.first().and_then(|row| family(&row.id).1));
    // The largest shows most.
    let largest = *worse.last()?;
    let (kind, cause) = heap(largest)
        .or_else(|| growth(benchmarks))
        .or_else(|| waiting(largest))
        .or_else(|| work(largest))
        .or_else(|| largest.iter().find(|row| row.verdict == Verdict::Regressed).map(|row| other(row)))?;
    let ids = worse.iter().filter_map(|rows| rows.first()).map(|row| row.id.clone()).collect();
    let place = largest.iter().find_map(|row| row.location.clone());
    Some(Explained { ids, place, kind, cause })
}

fn metric<'a>(rows: &[&'a Row], name: &str) -> Option<&'a Row> {
    rows.iter().copied().find(|row| row.metric == name)
}

fn is_regressed(row: &&Row) -> bool {
    row.verdict == Verdict::Regressed
}

fn heap(rows: &[&Row]) -> Option<(&'static str, String)> {
    let went =
        |row: &Row| format!("{} -> {}", row.unit.show(row.before.median), row.unit.show(row.after.median));
    let blocks =
        metric(rows, "allocations").filter(is_regressed).map(|row| format!("{} allocations", went(row)));
    let bytes = metric(rows, "allocated").filter(is_regressed).map(|row| format!("{} in all", went(row)));
    let kept =
        metric(rows, "retained").filter(is_regressed).map(|row| format!("{} not given back", went(row)));
    let parts: Vec<String> = [blocks, bytes, kept].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| ("allocation", format!("it takes more from the heap: {}", parts.join(", "))))
}

/// The time of the processor tells growth; where it was not measured, time.
fn growth(benchmarks: &BTreeMap<&str, Vec<&Row>>) -> Option<(&'static str, String)> {
    let name =
        if benchmarks.values().any(|rows| metric(rows, "cpu-time").is_some()) { "cpu-time" } else { "time" };
    let points = |of: fn(&Row) -> f64| -> Vec<(f64, f64)> {
        let point =
            |(id, rows): (&&str, &Vec<&Row>)| Some((f64::from(family(id).1?), of(metric(rows, name)?)));
        benchmarks.iter().filter_map(point).collect()
    };
    let (before, after) = (
        Growths::of_size(&points(|row| row.before.median))?,
        Growths::of_size(&points(|row| row.after.median))?,
    );
    let now = after.told().filter(|now| *now > Growth::Linear && !before.possible().contains(now))?;
    let was: Vec<&str> = before.possible().into_iter().map(Growth::name).collect();
    let text = format!(
        "its {name} grows with its size otherwise than before: {} now, {} then; a loop within a loop, or a search that was a look-up",
        now.name(),
        was.join(" or ")
    );
    Some(("growth", text))
}

fn waiting(rows: &[&Row]) -> Option<(&'static str, String)> {
    let (time, processor) = (metric(rows, "time").filter(is_regressed)?, metric(rows, "cpu-time")?);
    let more = time.after.median - time.before.median;
    let worked = (processor.after.median - processor.before.median).max(0.0);
    (more > 0.0 && worked < BUSY * more).then(|| {
        let text = format!(
            "it waits: of {} more the processor works {}; a sleep, a lock, or input and output",
            time.unit.show(more),
            processor.unit.show(worked)
        );
        ("waiting", text)
    })
}

fn work(rows: &[&Row]) -> Option<(&'static str, String)> {
    let row = metric(rows, "cpu-time").filter(is_regressed)?;
    Some(("work", format!("the processor works longer, {}, and nothing else changed", row.show_change())))
}

fn other(row: &Row) -> (&'static str, String) {
    let shown = |value: f64, unit: &Unit| unit.show(value);
    let (before, after) = (shown(row.before.median, &row.unit), shown(row.after.median, &row.unit));
    ("unknown", format!("{} went from {before} to {after}; no other metric tells why", row.metric))
}

#[cfg(test)]
mod tests {
    use assize_perf::compare::Rules;
    use assize_perf::{Better, Kind, Measurement, Run};

    use super::*;

    const SIZES: [u32; 5] = [250, 500, 1_000, 2_000, 4_000];

    /// Six runs of the work: its time, that of the processor, and its allocations, by its size.
    fn runs(of: impl Fn(f64) -> (f64, f64, f64)) -> Vec<Run> {
        let one = |turn: u32| {
            let mut run = Run::new("run");
            for size in SIZES {
                let (time, processor, allocations) = of(f64::from(size));
                let noise = 1.0 + 0.002 * f64::from((turn * 7 + size) % 5);
                let mut add = |metric: &str, unit, kind, value| {
                    let id = format!("planted/work/{size}");
                    let figure = Measurement::new(id, metric, unit, Better::Lower, kind, value);
                    run.measurements.push(figure.at("benches/planted.rs:77"));
                };
                add("time", Unit::Nanoseconds, Kind::Timed, time * noise);
                add("cpu-time", Unit::Nanoseconds, Kind::Timed, processor * noise);
                add("allocations", Unit::Count, Kind::Counted, allocations);
            }
            run
        };
        (0..6).map(one).collect()
    }

    #[test]
    fn each_cause_is_told_from_the_others() {
        let base = runs(|n| (100.0 * n, 100.0 * n, 60.0));
        let explained = |new: Vec<Run>| explain(&Changes::between(&base, &new, &Rules::default()));
        assert_eq!(explained(runs(|n| (100.0 * n, 100.0 * n, 60.0))), []);
        let table = [
            (runs(|n| (100.0 * n + 8e6, 100.0 * n, 60.0)), "waiting", "it waits: of 8.0"),
            (runs(|n| (150.0 * n, 150.0 * n, 60.0 + n)), "allocation", "60 -> 4,060 allocations"),
            (runs(|n| (n * n, n * n, 60.0)), "growth", "quadratic now, linear then"),
            (runs(|n| (150.0 * n, 150.0 * n, 60.0)), "work", "+50.0 %"),
        ];
        for (new, kind, part) in table {
            let found = explained(new);
            let [one] = found.as_slice() else { panic!("{kind}: {found:?}") };
            assert_eq!((one.kind, one.place.as_deref()), (kind, Some("benches/planted.rs:77")));
            assert!(one.cause.contains(part), "{}", one.cause);
            assert!(one.ids.iter().any(|id| id == "planted/work/4000"), "{:?}", one.ids);
        }
    }
}
