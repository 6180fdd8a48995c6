//! The same closed loop by `wrk` and by this generator, in turns on one handler: where it is there, both must say about the same.

use std::{process::Command, sync::Arc, time::Duration};

use assize_benches::handover::{Handover, Profile};
use assize_load::{HttpTarget, Step, Users, closed};
use assize_perf::{Better, Finding, Kind, Measurement, Run, Unit};

use crate::{HERE, bare::Bare, plan, runtime};

const ID: &str = "load/cross-check/wrk";
/// Connections of each.
const USERS: usize = 16;

const fn rounds(profile: Profile) -> (usize, u64) {
    match profile {
        Profile::Smoke => (2, 1),
        Profile::Default => (6, 2),
        Profile::Full => (12, 5),
    }
}

/// Requests a second, p50 and p99 in nanoseconds.
type Told = [f64; 3];

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    if !handover.wants(ID) {
        return Ok(());
    }
    if Command::new("wrk").arg("-v").output().is_err() {
        run.findings.push(Finding::new(ID, None, "skipped: wrk is not installed"));
        return Ok(());
    }
    let bare = Bare::open()?;
    let (rounds, seconds) = rounds(handover.profile);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        for side in [round, round + 1] {
            if side % 2 == 0 {
                ours.push(by_us(&bare, seconds)?)
            } else {
                theirs.push(by_wrk(&bare, seconds)?)
            }
        }
    }
    let of = |told: &[Told], place: usize| told.iter().map(|one| one[place]).collect::<Vec<f64>>();
    let metrics = [
        ("throughput", Unit::PerSecond, Better::Higher),
        ("p50", Unit::Nanoseconds, Better::Lower),
        ("p99", Unit::Nanoseconds, Better::Lower),
    ];
    for (place, (metric, unit, better)) in metrics.into_iter().enumerate() {
        let (a, b) = (of(&ours, place), of(&theirs, place));
        let ratios: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a / b).collect();
        let note = format!("{USERS} connections that never rest, {rounds} rounds of {seconds} s in turns");
        let all = [
            (metric.to_owned(), unit.clone(), a, "this generator's"),
            (format!("wrk-{metric}"), unit, b, "wrk's"),
            (format!("{metric}-ratio"), Unit::Ratio, ratios, "this generator's divided by wrk's"),
        ];
        for (metric, unit, values, whose) in all {
            let figure = Measurement::of_samples(ID, metric, unit, better, Kind::Loaded, values);
            run.measurements.extend(figure.map(|m| m.with_note(format!("{whose}; {note}")).at(HERE)));
        }
    }
    Ok(())
}

fn by_us(bare: &Bare, seconds: u64) -> Result<Told, String> {
    let lasts = Duration::from_secs(seconds);
    let plan = plan("wrk", Step::get("ask", "/"), 1.0, lasts)?;
    let users = Users { count: USERS, arrive_in: Duration::ZERO, lasts };
    let report = runtime()?.block_on(async {
        let target = HttpTarget::new(&bare.url).await.map_err(|e| e.to_string())?;
        closed(Arc::new(target), &plan, users).await.map_err(|e| e.to_string())
    })?;
    let total = report.total();
    let (Some(p50), Some(p99), 0) =
        (total.service.quantile(0.5), total.service.quantile(0.99), total.wrong())
    else {
        return Err(format!("{} of {} went wrong", total.wrong(), total.requests));
    };
    Ok([report.throughput(), p50, p99])
}

fn by_wrk(bare: &Bare, seconds: u64) -> Result<Told, String> {
    let output = Command::new("wrk")
        .args(["-t1", &format!("-c{USERS}"), &format!("-d{seconds}s"), "--latency", &bare.url])
        .output()
        .map_err(|e| format!("run wrk: {e}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let after = |label: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(label))?;
        Some(line.trim().to_owned())
    };
    let told = (|| {
        let rate = after("Requests/sec:")?.parse().ok()?;
        Some([rate, nanoseconds(&after("50%")?)?, nanoseconds(&after("99%")?)?])
    })();
    told.ok_or_else(|| format!("understand wrk: {text}"))
}

/// A time as wrk writes it: `812.00us`, `1.02ms`.
fn nanoseconds(text: &str) -> Option<f64> {
    let units = [("us", 1e3), ("ms", 1e6), ("s", 1e9)];
    units.iter().find_map(|(unit, factor)| Some(text.strip_suffix(unit)?.parse::<f64>().ok()? * factor))
}
