//! P1: what a process takes that makes a brief of 500 tickers, three times over.
//!
//! The market is played beforehand and recorded; the brief is made in a process of its own, from the recording, so that what is
//! measured holds no market.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, ExitCode},
    sync::Arc,
    time::Duration,
};

use assize_altdata::FetchPolicy;
use assize_ambient::Seed;
use assize_benches::{
    exchange::{ExchangeDesk, tickers},
    handover::{Handover, Profile},
};
use assize_perf::{Finding, Kind, Run, Unit};
use assize_pipeline::{Analysts, MorningBrief};
use assize_transport::{RecordingTransport, ReplayTransport};

use crate::{
    figures::{DAY, HERE, figure, paused, real, words},
    heap,
    voices::patient,
};

const REPEATS: usize = 3;
/// More than the fetch of so many tickers can take.
const LONG: Duration = Duration::from_secs(86_400);

const fn size(profile: Profile) -> usize {
    match profile {
        Profile::Smoke => 20,
        Profile::Default | Profile::Full => 500,
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let size = size(handover.profile);
    let id = format!("pipeline/memory/{size}-tickers");
    let waiting = format!("{id}-waiting");
    if !handover.wants(&id) && !handover.wants(&waiting) {
        return Ok(());
    }
    let folder = tempfile::tempdir().map_err(words)?;
    record(folder.path(), size, handover.seed)?;
    if handover.wants(&id) {
        alone(&id, size, &in_process(folder.path(), size, false)?, run)?;
    }
    if handover.wants(&waiting) {
        at_models(&waiting, size, &in_process(folder.path(), size, true)?, run)?;
    }
    Ok(())
}

/// Where models are waited for, five tickers at a time: what is found of the others is held until their turn comes.
fn at_models(id: &str, size: usize, told: &[f64], run: &mut Run) -> Result<(), String> {
    let [_, decided, highest, heap, ..] = told else {
        return Err(format!("make a large brief: it told {told:?}"));
    };
    let note =
        format!("a model that takes 5 s a call on each panel; {decided:.0} of {size} tickers were decided");
    if *highest > 0.0 {
        run.measurements.push(figure(id, "resident", Unit::Bytes, Kind::Counted, *highest).with_note(&note));
    }
    run.measurements.push(
        figure(id, "heap", Unit::Bytes, Kind::Counted, *heap)
            .with_note("the most that was held of the heap at any time")
            .with_note(note),
    );
    Ok(())
}

/// Where nobody is waited for.
fn alone(id: &str, size: usize, told: &[f64], run: &mut Run) -> Result<(), String> {
    let [opened, decided, highest, heap, after @ ..] = told else {
        return Err(format!("make a large brief: it told {told:?}"));
    };
    // The first brief also fills what every process has once, such as lexicons.
    let [.., before, last] = after else {
        let text = "the memory of a large brief was left out: this system does not tell it";
        run.findings.push(Finding::new(HERE, None, text));
        return Ok(());
    };
    let note = format!("{decided:.0} of {size} tickers were decided");
    run.measurements.extend([
        figure(id, "resident", Unit::Bytes, Kind::Counted, *highest)
            .with_figure("before", *opened)
            .with_note(format!("the most that the process ever had, in {REPEATS} briefs; twelve sources, analysts"))
            .with_note(&note),
        figure(id, "resident-each", Unit::Bytes, Kind::Counted, (highest - opened) / real(size))
            .with_note("what came with the brief, divided by its tickers"),
        figure(id, "heap", Unit::Bytes, Kind::Counted, *heap)
            .with_note("the most that was held of the heap at any time, without what the allocator keeps"),
        figure(id, "retained", Unit::Bytes, Kind::Counted, (last - before).max(0.0))
            .with_note("by how much the process grew from when the last brief but one had been dropped until the last had been, with what the allocator keeps")
            .with_note(note),
    ]);
    Ok(())
}

/// Plays the market and writes down what it answers.
fn record(folder: &Path, size: usize, seed: u64) -> Result<(), String> {
    let desk = ExchangeDesk::open(Seed::new(seed), DAY);
    let recording = RecordingTransport::create(desk.transport(), folder, desk.clock()).map_err(words)?;
    let (fetcher, tickers) = (desk.fetcher_over(Arc::new(recording)), tickers(size)?);
    let fetched = paused()?.block_on(fetcher.fetch(&tickers, desk.as_of, FetchPolicy::within(LONG)));
    if fetched.by_ticker.len() == size {
        Ok(())
    } else {
        Err("record a market: a ticker is missing".to_owned())
    }
}

/// What a process of its own tells: what it had before, how many tickers were decided, the most that it had, the
/// most that it held of the heap, and what it had after each brief.
fn in_process(folder: &Path, size: usize, waiting: bool) -> Result<Vec<f64>, String> {
    let program = std::env::current_exe().map_err(words)?;
    let mut command = Command::new(program);
    command.arg("--recorded").arg(folder).arg("--tickers").arg(size.to_string());
    command.args(waiting.then_some("--waiting"));
    let ended = command.output().map_err(words)?;
    if !ended.status.success() {
        return Err(format!("make a large brief: {}", String::from_utf8_lossy(&ended.stderr)));
    }
    let told = String::from_utf8_lossy(&ended.stdout);
    told.split_whitespace().map(|number| number.parse().map_err(words)).collect()
}

/// Makes briefs of a recording, and writes to standard output what that took.
pub(crate) fn brief(folder: &Path, size: usize, waiting: bool) -> ExitCode {
    let written = briefs(folder, size, waiting).and_then(|told| {
        let told: Vec<String> = told.iter().map(ToString::to_string).collect();
        writeln!(std::io::stdout(), "{}", told.join(" ")).map_err(words)
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "error: failed to {message}");
            ExitCode::FAILURE
        }
    }
}

fn briefs(folder: &Path, size: usize, waiting: bool) -> Result<Vec<u64>, String> {
    // Nothing of this market is made: it names the sources and the day.
    let desk = ExchangeDesk::open(Seed::new(0), DAY);
    let tickers = tickers(size)?;
    let opened = status("VmRSS").unwrap_or(0);
    let (mut after, mut decided) = (Vec::new(), 0);
    heap::weigh();
    for _ in 0..if waiting { 1 } else { REPEATS } {
        let replay = Arc::new(ReplayTransport::open(folder).map_err(words)?);
        let analysts = if waiting { patient() } else { Analysts::default() };
        let maker = MorningBrief::new(desk.fetcher_over(replay), analysts, desk.clock());
        let (brief, _) = paused()?.block_on(maker.run(&desk.request(&tickers))).map_err(words)?;
        decided = brief.tickers.iter().filter(|ticker| ticker.decision.is_some()).count() as u64;
        drop((brief, maker));
        after.extend(status("VmRSS"));
    }
    let highest = status("VmHWM").unwrap_or(0);
    let heap = u64::try_from(heap::most()).map_err(words)?;
    Ok([opened, decided, highest, heap].into_iter().chain(after).collect())
}

/// A field of what Linux tells of this process, in bytes; `None` elsewhere.
fn status(field: &str) -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}
