//! The tree that divan prints, which is all that it gives.
//!
//! A named row has the fastest, slowest, median and mean time of an iteration, the number of samples and of iterations.
//! Rows without a name belong to the row above: throughput (of bytes, items, characters or cycles, in decimal or binary
//! steps), and after `alloc:`, `dealloc:`, `grow:`, `shrink:` or `max alloc:` the number of allocations and their bytes. The
//! figure is the median; divan gives no interval.

use std::path::Path;

use super::{
    FileReader, Head, Input,
    lines::{Lines, at_line, shortened},
    load::number,
};
use crate::{
    Error, Unit,
    run::{Better, Kind, Measurement, Run},
};

/// How deep a tree is followed.
const DEPTH: usize = 64;

/// Reads divan's output.
#[derive(Debug, Clone, Copy, Default)]
pub struct Divan;

impl FileReader for Divan {
    fn name(&self) -> &'static str {
        "divan"
    }

    fn reads(&self) -> &'static str {
        "the output of divan"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        head.text().lines().any(|line| header(line).is_some())
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let mut run = Run::new("divan");
        let mut lines = Lines::open(input, file)?;
        let mut tree: Option<Tree> = None;
        let source = lines.name().to_owned();
        while let Some((at, line)) = lines.next() {
            if let Some(name) = header(line) {
                let indent = line.len() - line.trim_start().len();
                tree = Some(Tree { path: vec![name.to_owned()], indent, ..Tree::default() });
            } else if let Some(tree) = &mut tree
                && let Some(line) = line.get(tree.indent..)
                && let Some(problem) = tree.row(line, &source, &mut run.measurements)
            {
                run.findings.push(at_line(&source, at, problem));
            }
        }
        lines.finish(&mut run)?;
        Ok(run)
    }
}

/// The name of the program, of the line that heads a tree.
fn header(line: &str) -> Option<&str> {
    let (first, rest) = line.split_once('│')?;
    let columns: Vec<&str> = rest.split('│').map(str::trim).collect();
    let name = first.trim().strip_suffix("fastest")?.trim();
    (columns == ["slowest", "median", "mean", "samples", "iters"]).then_some(name)
}

#[derive(Debug, Default)]
struct Tree {
    path: Vec<String>,
    /// How far the whole tree is moved in, in a document.
    indent: usize,
    /// The id of the last row with a name and figures.
    id: Option<String>,
    /// `max-alloc`, where the next rows belong to it, and how many of them there were.
    table: Option<(String, usize)>,
}

impl Tree {
    /// Takes a row; answers with what is wrong with it.
    fn row(&mut self, line: &str, source: &str, into: &mut Vec<Measurement>) -> Option<String> {
        let mut cells: Vec<&str> = line.rsplitn(6, '│').collect();
        cells.reverse();
        let [first, slowest, median, mean, samples, iterations] = cells.try_into().ok()?;
        let cells = [slowest, median, mean, samples, iterations].map(str::trim);
        let [slowest, median, mean, samples, iterations] = cells;
        let branch = first.char_indices().find(|(_, c)| matches!(c, '├' | '╰'));
        let Some((at, sign)) = branch else {
            let first = first.trim_matches(['│', ' ']);
            return self.nameless(first, [slowest, median, mean], source, into);
        };
        let depth = first[..at].chars().count() / 3 + 1;
        let rest = first[at + sign.len_utf8()..].trim_start_matches('─').trim();
        if depth > DEPTH || depth > self.path.len() {
            return Some(format!("the row of {} hangs on nothing and was left out", shortened(rest, 80)));
        }
        self.path.truncate(depth);
        self.table = None;
        self.id = None;
        if median.is_empty() {
            // A group, or what was ignored.
            let name = rest.strip_suffix("(ignored)").unwrap_or(rest).trim();
            self.path.push(name.to_owned());
            return None;
        }
        let Some((name, fastest)) = named(rest) else {
            return Some(format!("{} has no time and was left out", shortened(rest, 80)));
        };
        self.path.push(name.to_owned());
        let id = self.path.join("/");
        let Some((Unit::Nanoseconds, ns)) = amount(median) else {
            return Some(format!("the median {median:?} of {id} is no time and was left out"));
        };
        let mut time = Measurement::new(&id, "time", Unit::Nanoseconds, Better::Lower, Kind::Timed, ns)
            .with_note(format!("divan's median of {samples} samples of {iterations} iterations in all"))
            .from_source(source);
        for (name, cell) in [("fastest", fastest), ("slowest", slowest), ("mean", mean)] {
            if let Some((Unit::Nanoseconds, ns)) = amount(cell) {
                time.figures.insert(name.to_owned(), ns);
            }
        }
        into.push(time);
        self.id = Some(id);
        None
    }

    /// A row of the one above: throughput, or allocations.
    fn nameless(
        &mut self,
        fastest: &str,
        [slowest, median, mean]: [&str; 3],
        source: &str,
        into: &mut Vec<Measurement>,
    ) -> Option<String> {
        if let Some(label) = fastest.strip_suffix(':') {
            self.table = Some((label.trim().replace(' ', "-"), 0));
            return None;
        }
        let id = self.id.as_ref()?;
        if median.is_empty() {
            return None;
        }
        let Some((unit, value)) = amount(median) else {
            return Some(format!(
                "{median:?} below {id} is no figure with a unit that is known and was left out"
            ));
        };
        let (metric, better, kind) = match (&mut self.table, &unit) {
            (Some((label, rows)), Unit::Count | Unit::Bytes) => {
                *rows += 1;
                let what = if unit == Unit::Count { "count" } else { "bytes" };
                (format!("{label}-{what}"), Better::Lower, Kind::Counted)
            }
            (_, Unit::BytesPerSecond) => ("byte-throughput".to_owned(), Better::Higher, Kind::Timed),
            (_, Unit::PerSecond) => {
                let counted = median.split_whitespace().nth(1).unwrap_or_default();
                let cycles = if counted.ends_with("Hz") { "cycles" } else { "throughput" };
                let characters = counted.contains("char");
                let metric = if characters { "character-throughput" } else { cycles };
                (metric.to_owned(), Better::Higher, Kind::Timed)
            }
            _ => return Some(format!("{median:?} below {id} belongs to no table and was left out")),
        };
        let mut measured =
            Measurement::new(id, metric, unit.clone(), better, kind, value).from_source(source);
        for (name, cell) in [("fastest", fastest), ("slowest", slowest), ("mean", mean)] {
            if let Some((same, value)) = amount(cell)
                && same == unit
            {
                measured.figures.insert(name.to_owned(), value);
            }
        }
        into.push(measured);
        None
    }
}

/// `push t=1  639.4 ns` as name and time.
fn named(rest: &str) -> Option<(&str, &str)> {
    let unit = rest.rfind(char::is_whitespace)?;
    let number = rest[..unit].trim_end().rfind(char::is_whitespace)?;
    let (name, time) = rest.split_at(number);
    Some((name.trim(), time.trim()))
}

/// A figure with its unit, in the base unit: `1.442 µs`, `972.1 MB/s`, `18.99 Mitem/s`, `1.024 KB`, `7`.
fn amount(cell: &str) -> Option<(Unit, f64)> {
    let cell = cell.trim();
    let Some((value, unit)) = cell.split_once(char::is_whitespace) else {
        return Some((Unit::Count, number(cell)?));
    };
    let value = number(value)?;
    let unit = unit.trim();
    let time = match unit {
        "ps" => Some(1e-3),
        "ns" => Some(1.0),
        "µs" | "μs" | "us" => Some(1e3),
        "ms" => Some(1e6),
        "s" => Some(1e9),
        "m" => Some(6e10),
        "h" => Some(3.6e12),
        "d" => Some(8.64e13),
        _ => None,
    };
    if let Some(factor) = time {
        return Some((Unit::Nanoseconds, value * factor));
    }
    let (counted, base) =
        if let Some(counted) = unit.strip_suffix("item/s").or_else(|| unit.strip_suffix("char/s")) {
            (counted, Unit::PerSecond)
        } else if let Some(counted) = unit.strip_suffix("Hz") {
            (counted, Unit::PerSecond)
        } else if let Some(counted) = unit.strip_suffix("B/s") {
            (counted, Unit::BytesPerSecond)
        } else {
            (unit.strip_suffix('B')?, Unit::Bytes)
        };
    let factor = match counted {
        "" => 1.0,
        "K" | "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "Ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        _ => return None,
    };
    Some((base, value * factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_have_units_of_their_own() {
        let cases = [
            ("1.442 µs", Unit::Nanoseconds, 1_442.0),
            ("0.626 ns", Unit::Nanoseconds, 0.626),
            ("972.1 MB/s", Unit::BytesPerSecond, 972.1e6),
            ("2 KiB/s", Unit::BytesPerSecond, 2_048.0),
            ("18.99 Mitem/s", Unit::PerSecond, 18.99e6),
            ("3 item/s", Unit::PerSecond, 3.0),
            ("2.5 GHz", Unit::PerSecond, 2.5e9),
            ("1.024 KB", Unit::Bytes, 1_024.0),
            ("7", Unit::Count, 7.0),
        ];
        for (cell, unit, value) in cases {
            let (told, amount) = amount(cell).unwrap();
            assert!(told == unit && (amount - value).abs() < 1e-9 * value, "{cell}");
        }
        for cell in ["", "fast", "1 parsec", "ns 1"] {
            assert_eq!(amount(cell), None, "{cell}");
        }
    }
}
