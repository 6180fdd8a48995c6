//! Our side of the comparison of change points, and the series that all sides are given.
//!
//! `peer-change-points series COUNT SEED` prints COUNT series of each kind, a line of JSON each; `peer-change-points score`
//! and the programs of the other sides read such lines from standard input and print what they found in each kind.

use std::{
    collections::BTreeMap,
    env,
    io::{self, BufRead as _, Write as _},
    process::ExitCode,
    time::Duration,
};

use assize_ambient::Seed;
use assize_benches::steps::{CASES, Case, LONG};
use assize_perf::change_points::{Detector, Status};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["series", count, seed] => match (count.parse(), seed.parse()) {
            (Ok(count), Ok(seed)) => print_series(count, Seed::new(seed)),
            _ => Err("COUNT and SEED are numbers".to_owned()),
        },
        ["score"] => score(),
        _ => Err("usage: peer-change-points series COUNT SEED | score".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            // Nobody may be reading.
            let _ = writeln!(io::stderr(), "error: {why}");
            ExitCode::from(2)
        }
    }
}

fn print_series(count: usize, seed: Seed) -> Result<(), String> {
    let mut out = io::stdout().lock();
    for case in CASES.iter().chain(&LONG) {
        for number in 0..count {
            let line = json!({"case": case.name, "step": case.step, "values": case.series(seed, number)});
            writeln!(out, "{line}").map_err(|e| e.to_string())?;
        }
    }
    Ok(())
}

/// Per kind: how many series, in how many something false or the step was found, seconds of the processor.
#[derive(Debug, Default)]
struct Score {
    series: u32,
    counted: u32,
    confirmed: u32,
    time: Duration,
}

fn score() -> Result<(), String> {
    let detector = Detector::default();
    let mut scores: BTreeMap<&'static str, Score> = BTreeMap::new();
    for line in io::stdin().lock().lines() {
        let line: Value =
            serde_json::from_str(&line.map_err(|e| e.to_string())?).map_err(|e| e.to_string())?;
        let case =
            CASES.iter().chain(&LONG).find(|case| line["case"] == case.name).ok_or("an unknown kind")?;
        let values: Vec<f64> =
            line["values"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
        let before = processor();
        let changes = detector.changes(&values);
        let score = scores.entry(case.name).or_default();
        score.time += processor().saturating_sub(before);
        score.series += 1;
        let counts =
            |places: Vec<usize>, case: &Case| u32::from(case.is_right(places) == case.step.is_some());
        score.counted += counts(changes.iter().map(|change| change.index).collect(), case);
        let confirmed = changes.iter().filter(|change| change.status == Status::Confirmed);
        score.confirmed += counts(confirmed.map(|change| change.index).collect(), case);
    }
    let mut out = io::stdout().lock();
    for (case, score) in scores {
        let line = json!({
            "case": case, "series": score.series, "counted": score.counted, "confirmed": score.confirmed,
            "cpu_ns": u64::try_from(score.time.as_nanos()).unwrap_or(u64::MAX),
        });
        writeln!(out, "{line}").map_err(|e| e.to_string())?;
    }
    Ok(())
}

/// What this thread had of the processor until now.
fn processor() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}
