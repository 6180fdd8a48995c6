//! The lines of the benchmark format.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Unit,
    readers::{lines::at_line, load::number, timed::Timed},
    run::{Better, Kind, Run},
};

/// Keys that say where it was measured, not what.
const PLACE: [&str; 4] = ["goos", "goarch", "cpu", "pkg"];

type Keys = BTreeMap<String, String>;

/// Everything that was read of a file.
#[derive(Debug, Default)]
pub(super) struct Records {
    keys: Keys,
    /// The different sets of keys that benchmarks were run under.
    sets: BTreeMap<Keys, usize>,
    /// By set, name and unit; the number says which came first.
    values: BTreeMap<(usize, String, String), (usize, Vec<f64>)>,
    better: BTreeMap<String, Better>,
    exact: BTreeSet<String>,
    /// The name of a benchmark whose result has not come yet.
    begun: Option<String>,
}

/// Whether a line is a benchmark's result.
pub(super) fn is_result(line: &str) -> bool {
    let mut cells = line.split_whitespace();
    let named = cells.next().is_some_and(|name| benchmark(name).is_some());
    named
        && cells.next().is_some_and(|count| count.parse::<u64>().is_ok())
        && cells.next().and_then(number).is_some()
        && cells.next().is_some_and(|unit| unit.parse::<f64>().is_err())
}

/// The name without `Benchmark`.
fn benchmark(word: &str) -> Option<&str> {
    let name = word.strip_prefix("Benchmark")?;
    (!name.starts_with(|c: char| c.is_lowercase())).then_some(if name.is_empty() { word } else { name })
}

impl Records {
    /// In test2json each event says its package.
    pub(super) fn package(&mut self, package: &str) {
        if !package.is_empty() && self.keys.get("pkg").is_none_or(|known| known != package) {
            self.keys.insert("pkg".to_owned(), package.to_owned());
        }
    }

    pub(super) fn line(&mut self, file: &str, at: usize, line: &str, run: &mut Run) {
        let mut cells = line.split_whitespace();
        let Some(first) = cells.next() else { return };
        if let Some(name) = benchmark(first) {
            let rest: Vec<&str> = cells.collect();
            self.begun = Some(name.to_owned());
            // Without a count it is the beginning of a result, or what the benchmark logs.
            if rest.first().is_some_and(|count| count.parse::<u64>().is_ok()) {
                self.result(file, at, &rest, run);
            }
        } else if first == "Unit" {
            self.unit(cells);
        } else if line.starts_with("--- FAIL: Benchmark") {
            let name = line.trim_start_matches("--- FAIL: ");
            run.findings.push(at_line(file, at, format!("{name} failed")));
        } else if self.begun.is_some() && first.parse::<u64>().is_ok() {
            // The result of a benchmark that logged something between its name and this.
            let rest: Vec<&str> = line.split_whitespace().collect();
            if matches!(rest.as_slice(), [_, value, unit, ..] if number(value).is_some() && number(unit).is_none())
            {
                self.result(file, at, &rest, run);
            }
        } else if let Some((key, value)) = line.split_once(':') {
            let is_key = key.starts_with(|c: char| c.is_ascii_lowercase())
                && !key.contains(|c: char| c.is_whitespace() || c.is_uppercase());
            match value.trim() {
                "" if is_key => drop(self.keys.remove(key)),
                text if is_key && value.starts_with([' ', '\t']) => {
                    self.keys.insert(key.to_owned(), text.to_owned());
                }
                _ => {}
            }
        }
    }

    fn unit<'a>(&mut self, mut cells: impl Iterator<Item = &'a str>) {
        let Some(unit) = cells.next() else { return };
        for said in cells {
            match said {
                "better=higher" => drop(self.better.insert(unit.to_owned(), Better::Higher)),
                "better=lower" => drop(self.better.insert(unit.to_owned(), Better::Lower)),
                "assume=exact" => drop(self.exact.insert(unit.to_owned())),
                _ => {}
            }
        }
    }

    /// `iterations value unit value unit …`
    fn result(&mut self, file: &str, at: usize, cells: &[&str], run: &mut Run) {
        let Some(name) = self.begun.take() else { return };
        let next = self.sets.len();
        let set = *self.sets.entry(self.keys.clone()).or_insert(next);
        let pairs = cells.get(1..).unwrap_or_default().chunks(2);
        if pairs.len() == 0 {
            run.findings.push(at_line(file, at, format!("{name} has no figure: the line is cut")));
        }
        for pair in pairs {
            let read = match pair {
                [value, unit] => number(value).map(|value| (value, *unit)),
                _ => None,
            };
            let Some((value, unit)) = read else {
                let text = format!("{} of {name} is no figure with a unit and was left out", pair.join(" "));
                run.findings.push(at_line(file, at, text));
                continue;
            };
            let order = self.values.len();
            let key = (set, name.clone(), unit.to_owned());
            self.values.entry(key).or_insert_with(|| (order, Vec::new())).1.push(value);
        }
    }

    pub(super) fn finish(mut self, file: &str, run: &mut Run) {
        let mut sets: Vec<(Keys, usize)> = std::mem::take(&mut self.sets).into_iter().collect();
        sets.sort_by_key(|(_, number)| *number);
        let sets: Vec<Keys> = sets.into_iter().map(|(keys, _)| keys).collect();
        let differs = |key: &str| {
            let mut told = sets.iter().map(|keys| keys.get(key));
            let first = told.next();
            told.any(|other| Some(other) != first)
        };
        let keys: BTreeSet<&String> = sets.iter().flat_map(Keys::keys).collect();
        let apart: Vec<&String> =
            keys.into_iter().filter(|key| !PLACE.contains(&key.as_str()) && differs(key)).collect();
        if let Some(keys) = sets.first() {
            place(keys, run);
        }
        let mut values: Vec<_> = std::mem::take(&mut self.values).into_iter().collect();
        values.sort_by_key(|(_, (order, _))| *order);
        for ((set, name, unit), (_, samples)) in values {
            let Some(keys) = sets.get(set) else { continue };
            let mut id = keys.get("pkg").map_or_else(|| name.clone(), |package| format!("{package}.{name}"));
            for key in &apart {
                if let Some(value) = keys.get(*key) {
                    id = format!("{id} [{key}: {value}]");
                }
            }
            let told = Told::of(&unit);
            let better = self.better.get(&unit).copied();
            let kind = if self.exact.contains(&unit) { Kind::Counted } else { told.kind };
            let samples = samples.into_iter().map(|value| value * told.factor).collect();
            let direction = better.unwrap_or(told.better);
            let measured = Timed {
                id,
                metric: &told.metric,
                unit: told.unit,
                better: direction,
                kind,
                samples,
                over: "repetitions",
                said: Vec::new(),
            };
            let measured = measured.measurement();
            run.measurements.extend(measured.map(|mut measured| {
                // Of one run there is nothing to say but its figure.
                if measured.samples.len() == 1 {
                    measured.notes.clear();
                    measured.samples.clear();
                }
                // Counts that never differ are exact.
                if measured.interval.as_ref().is_some_and(|interval| interval.low >= interval.high) {
                    measured.interval = None;
                }
                if better.is_none() && !told.is_known {
                    measured
                        .notes
                        .push(format!("which way {unit} is better is not told: less is taken for better"));
                }
                measured.from_source(file)
            }));
        }
    }
}

fn place(keys: &Keys, run: &mut Run) {
    run.environment.cpu_model = keys.get("cpu").cloned();
    run.environment.os = match (keys.get("goos"), keys.get("goarch")) {
        (Some(os), Some(arch)) => Some(format!("{os}/{arch}")),
        (os, arch) => os.or(arch).cloned(),
    };
}

/// What a unit of Go's says.
struct Told {
    metric: String,
    unit: Unit,
    factor: f64,
    better: Better,
    kind: Kind,
    is_known: bool,
}

impl Told {
    fn of(unit: &str) -> Self {
        let told = |metric: &str, unit, factor, better, kind| Self {
            metric: metric.to_owned(),
            unit,
            factor,
            better,
            kind,
            is_known: true,
        };
        let (per, what) = (unit.ends_with("/s"), unit.split(['/', '-']).next().unwrap_or_default());
        match unit {
            "ns/op" => told("time", Unit::Nanoseconds, 1.0, Better::Lower, Kind::Timed),
            "sec/op" => told("time", Unit::Nanoseconds, 1e9, Better::Lower, Kind::Timed),
            "B/op" => told("bytes", Unit::Bytes, 1.0, Better::Lower, Kind::Counted),
            "allocs/op" => told("allocations", Unit::Count, 1.0, Better::Lower, Kind::Counted),
            "MB/s" => told("byte-throughput", Unit::BytesPerSecond, 1e6, Better::Higher, Kind::Timed),
            "B/s" => told("byte-throughput", Unit::BytesPerSecond, 1.0, Better::Higher, Kind::Timed),
            _ if per => told(unit, Unit::PerSecond, 1.0, Better::Higher, Kind::Timed),
            _ if what == "ns" || unit.ends_with("-ns") => {
                told(unit, Unit::Nanoseconds, 1.0, Better::Lower, Kind::Timed)
            }
            _ if what == "B" || unit.ends_with("bytes") => {
                told(unit, Unit::Bytes, 1.0, Better::Lower, Kind::Counted)
            }
            _ => Self {
                is_known: false,
                ..told(unit, Unit::Other(unit.to_owned()), 1.0, Better::Lower, Kind::Timed)
            },
        }
    }
}
