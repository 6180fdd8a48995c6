//! `dhat-heap.json`, version 2, as the dhat crate and valgrind's DHAT write it.
//!
//! Bytes and blocks are summed over the places that allocate: in all, at the moment of the largest heap (`gb`), and at
//! the end. The places that weigh most are kept as notes `site 1: 2097152 bytes in 1 blocks (96.3 %): function at
//! file:line`, where the function is the nearest to the allocation that is not of the allocator or the standard
//! library; that of the heaviest is the measurement's location. The modes `ad-hoc` and `copy` count events and
//! copied bytes.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;
use serde_json::Value;

use super::{
    FileReader, Head, Input,
    json::{JsonFile, number, plain, text},
};
use crate::{
    Error, ErrorKind, Unit,
    run::{Better, Kind, Measurement, Run},
};

/// Reads DHAT's profiles of the heap.
#[derive(Debug, Clone, Copy, Default)]
pub struct Dhat;

/// How many places are kept of each figure.
const SITES: usize = 10;

/// What comes before the code that asks for memory.
const LIBRARIES: [&str; 14] = [
    "alloc::",
    "core::",
    "std::",
    "dhat::",
    "hashbrown::",
    "<alloc::",
    "<core::",
    "<std::",
    "<dhat::",
    "<hashbrown::",
    "__rust",
    "__rdl",
    "__rg",
    "<T as ",
];

/// Functions of allocators written in C.
const ALLOCATORS: [&str; 7] = [
    "malloc",
    "calloc",
    "realloc",
    "memalign",
    "posix_memalign",
    "aligned_alloc",
    "operator new(unsigned long)",
];

impl FileReader for Dhat {
    fn name(&self) -> &'static str {
        "dhat"
    }

    fn reads(&self) -> &'static str {
        "dhat-heap.json, version 2, of the dhat crate and of valgrind"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        head.has("dhatFileVersion")
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let json = JsonFile::read(input, file)?;
        let all = json.outermost(&["pps", "ftbl"]);
        let version = plain(&all.value("dhatFileVersion"));
        if version != "2" {
            let text =
                format!("read {}: it is version {version} of DHAT's form, version 2 is read", file.display());
            return Err(
                Error::new(ErrorKind::UnknownVersion, text).hinted("write it with dhat 0.3 or valgrind 3.17")
            );
        }
        let mut run = Run::new("dhat");
        let frames: Vec<String> =
            all.entries("ftbl").iter().map(|(_, entry)| json.decode(*entry).unwrap_or_default()).collect();
        let mut points = Vec::new();
        for (place, entry) in all.entries("pps") {
            match json.decode::<Point>(*entry) {
                Ok(point) if point.is_sound() => points.push(point),
                Ok(_) => run
                    .findings
                    .push(json.find(*entry, format!("place {place} counts below zero: it was left out"))),
                Err(finding) => run.findings.push(finding),
            }
        }
        let command = all.value("cmd");
        let id = program(text(&command).unwrap_or("program"));
        let mode = all.value("mode");
        let kinds = figures(text(&mode).unwrap_or("heap"), &all.value("bklt"), &all.value("bu"));
        for (metric, unit, of) in kinds {
            run.measurements.push(total(&id, metric, unit, of, &points, &frames));
        }
        let duration = number(&all.value("te"));
        if let (Some(te), Some(unit)) = (duration, text(&all.value("tu"))) {
            run.environment.extra.insert("length of the profile".to_owned(), format!("{te} {unit}"));
        }
        all.end(&mut run.findings);
        Ok(run)
    }
}

/// A place that allocates.
#[derive(Deserialize, Default)]
#[serde(default, expecting = "an object with counts")]
struct Point {
    tb: f64,
    tbk: f64,
    gb: f64,
    gbk: f64,
    eb: f64,
    ebk: f64,
    fs: Vec<u32>,
}

impl Point {
    fn is_sound(&self) -> bool {
        [self.tb, self.tbk, self.gb, self.gbk, self.eb, self.ebk].iter().all(|n| *n >= 0.0)
    }
}

/// The code that asked for memory.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Site {
    function: String,
    at: Option<String>,
    is_own: bool,
}

/// A figure of a place: bytes (or what is counted) and blocks.
type Of = fn(&Point) -> (f64, f64);

/// Which figures a mode has: metric, unit and how to take it.
fn figures(mode: &str, lifetimes: &Value, counted: &Value) -> Vec<(&'static str, Unit, Of)> {
    let in_all: Of = |point| (point.tb, point.tbk);
    let blocks: Of = |point| (point.tbk, point.tbk);
    match mode {
        "ad-hoc" | "rust-ad-hoc" => {
            let unit = text(counted).map_or(Unit::Count, |unit| Unit::Other(unit.to_owned()));
            vec![("units", unit, in_all), ("events", Unit::Count, blocks)]
        }
        "copy" => vec![("copied", Unit::Bytes, in_all), ("copies", Unit::Count, blocks)],
        _ => {
            let mut found = vec![("heap-total", Unit::Bytes, in_all), ("allocations", Unit::Count, blocks)];
            if lifetimes != &Value::Bool(false) {
                let rest: [(&'static str, Unit, Of); 4] = [
                    ("heap-peak", Unit::Bytes, |point| (point.gb, point.gbk)),
                    ("heap-peak-blocks", Unit::Count, |point| (point.gbk, point.gbk)),
                    ("heap-end", Unit::Bytes, |point| (point.eb, point.ebk)),
                    ("heap-end-blocks", Unit::Count, |point| (point.ebk, point.ebk)),
                ];
                found.extend(rest);
            }
            found
        }
    }
}

fn total(id: &str, metric: &str, unit: Unit, of: Of, points: &[Point], frames: &[String]) -> Measurement {
    let mut sites: BTreeMap<Site, (f64, f64)> = BTreeMap::new();
    let mut sum = 0.0;
    for point in points {
        let (amount, blocks) = of(point);
        sum += amount;
        let site = sites.entry(site(point, frames)).or_default();
        *site = (site.0 + amount, site.1 + blocks);
    }
    let is_bytes = unit == Unit::Bytes;
    let mut found = Measurement::new(id, metric, unit, Better::Lower, Kind::Counted, sum);
    if is_bytes && !frames.is_empty() {
        let mut heaviest: Vec<_> = sites.into_iter().filter(|(_, (amount, _))| *amount > 0.0).collect();
        heaviest.sort_by(|(_, (a, _)), (_, (b, _))| b.total_cmp(a));
        for (place, (site, (amount, blocks))) in heaviest.into_iter().take(SITES).enumerate() {
            let share = 100.0 * amount / sum;
            let Site { function, at, is_own } = site;
            let shown = at.as_ref().map_or_else(String::new, |at| format!(" at {at}"));
            let rank = place + 1;
            found.notes.push(format!(
                "site {rank}: {amount} bytes in {blocks} blocks ({share:.1} %): {function}{shown}"
            ));
            if place == 0 && is_own {
                found.location = at;
            }
        }
    }
    found
}

/// The function that asked for memory, where it stands, and whether it is code of the program. Where the profile shows
/// nothing but libraries it is the outermost of them.
fn site(point: &Point, frames: &[String]) -> Site {
    let of = |at: &u32| usize::try_from(*at).ok().and_then(|at| frames.get(at)).map(|frame| parts(frame));
    let shown: Vec<_> = point
        .fs
        .iter()
        .filter_map(of)
        .filter(|(function, _)| !matches!(*function, "[root]" | "???"))
        .collect();
    let own = shown.iter().find(|(function, at)| !is_library(function, *at));
    let (function, at) = own.or(shown.last()).copied().unwrap_or(("an unknown function", None));
    Site { function: function.to_owned(), at: at.map(ToOwned::to_owned), is_own: own.is_some() }
}

fn is_library(function: &str, at: Option<&str>) -> bool {
    LIBRARIES.iter().any(|library| function.starts_with(library))
        || ALLOCATORS.contains(&function)
        || at.is_some_and(|at| at.starts_with("/rustc/"))
}

/// `0x48C67A8: malloc (vg_replace_malloc.c:381)` as the function and its place.
fn parts(frame: &str) -> (&str, Option<&str>) {
    let named = match frame.split_once(": ") {
        Some((address, named)) if address.starts_with("0x") => named,
        _ => frame,
    };
    match named.strip_suffix(')').and_then(|named| named.rsplit_once(" (")) {
        // The object file says nothing of the code.
        Some((function, at)) => (function, Some(at).filter(|at| !at.starts_with("in "))),
        None => (named, None),
    }
}

/// The program without its folders and without the hash that cargo gives it, with its arguments. Of a benchmark that
/// gungraun runs it is the path of the benchmark.
fn program(command: &str) -> String {
    let (program, arguments) = command.split_once(' ').unwrap_or((command, ""));
    if ["--iai-run", "--gungraun-run"].iter().any(|run| arguments.starts_with(run))
        && let Some((_, path)) = arguments.rsplit_once(' ')
        && path.contains("::")
    {
        return path.to_owned();
    }
    let base = program.rsplit(['/', '\\']).next().unwrap_or(program);
    let is_hash = |end: &str| end.len() == 16 && end.bytes().all(|byte| byte.is_ascii_hexdigit());
    let base = base.rsplit_once('-').filter(|(_, end)| is_hash(end)).map_or(base, |(name, _)| name);
    format!("{base} {arguments}").trim().to_owned()
}
