//! D12 and D13: thousands of debates at once. Each comes to the same, byte for byte, as when it is held alone; none is
//! lost; and the process stays small.
//!
//! `on-threads` waits in real time on four threads, so that answers arrive in whatever order threads bring; the large
//! crowd waits in virtual time, in a process of its own whose memory is what is measured.

use std::{
    fs,
    io::Write,
    process::{Command, ExitCode},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use assize_benches::handover::{Handover, Profile};
use assize_llm::Latency;
use assize_perf::{Finding, Kind, Run, Unit};
use tokio::{runtime::Runtime, task::JoinSet};

use crate::{
    crowd::{BRISK, Crowd, Digest},
    figures::{HERE, figure, nanoseconds, real, timed, words},
    turns::paused_runtime,
};

const THREADS: usize = 4;

/// Debates on threads, and those of the large crowd.
const fn sizes(profile: Profile) -> (u64, u64) {
    match profile {
        Profile::Smoke => (200, 500),
        Profile::Default | Profile::Full => (1_000, 10_000),
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let (on_threads, at_once) = sizes(handover.profile);
    let id = format!("debate/concurrent/{on_threads}-on-threads");
    if handover.wants(&id) {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_time().build();
        let held = Held::of(&runtime.map_err(words)?, BRISK, on_threads)?;
        let note =
            format!("{THREADS} threads, waiting in real time; beside each debate held alone in virtual time");
        run.measurements.extend([
            figure(&id, "lost", Unit::Count, Kind::Counted, real(held.lost)).with_note(&note),
            figure(&id, "differing", Unit::Count, Kind::Counted, real(held.differing)).with_note(note),
        ]);
    }
    let id = format!("debate/concurrent/{at_once}-at-once");
    if handover.wants(&id) {
        let [lost, differing, live, resident, before, time] = in_process(at_once)?;
        let note = format!("at most {live} were under way at once");
        run.measurements.extend([
            figure(&id, "lost", Unit::Count, Kind::Counted, lost).with_note(&note),
            figure(&id, "differing", Unit::Count, Kind::Counted, differing).with_note(&note),
            figure(&id, "time", Unit::Nanoseconds, Kind::Timed, time)
                .with_note("of the processor, a debate; simulating the models is in it"),
        ]);
        if resident > 0.0 {
            let each = (resident - before) / f64::from(u32::try_from(at_once).map_err(words)?);
            run.measurements.extend([
                figure(&id, "resident", Unit::Bytes, Kind::Counted, resident)
                    .with_figure("before", before)
                    .with_note("the most that the process ever had"),
                figure(&id, "resident-each", Unit::Bytes, Kind::Counted, each).with_note(
                    "what came with the debates, their simulated models included, divided by them",
                ),
            ]);
        } else {
            let text = "the memory of many debates was left out: this system does not tell it";
            run.findings.push(Finding::new(HERE, None, text));
        }
    }
    Ok(())
}

/// How a crowd fared.
struct Held {
    lost: usize,
    differing: usize,
    live: usize,
    before: u64,
    time: f64,
}

impl Held {
    /// Holds so many debates, first each alone, then all at once on this runtime.
    fn of(runtime: &Runtime, latency: Latency, debates: u64) -> Result<Self, String> {
        let crowd = Crowd::new(latency);
        let alone: Vec<Digest> =
            (0..debates).map(|n| paused_runtime()?.block_on(crowd.hold(n))).collect::<Result<_, _>>()?;
        let before = status("VmHWM").unwrap_or(0);
        let (live, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (time, (lost, differing)) = timed(|| {
            runtime.block_on(async {
                let mut all = JoinSet::new();
                for number in 0..debates {
                    let (crowd, live, most) = (crowd.clone(), Arc::clone(&live), Arc::clone(&most));
                    all.spawn(async move {
                        most.fetch_max(live.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
                        let held = crowd.hold(number).await;
                        live.fetch_sub(1, Ordering::Relaxed);
                        (number, held)
                    });
                }
                let (mut came, mut differing) = (0, 0);
                while let Some(held) = all.join_next().await {
                    let Ok((number, Ok(digest))) = held else { continue };
                    came += 1;
                    let single = usize::try_from(number).ok().and_then(|number| alone.get(number));
                    differing += usize::from(single != Some(&digest));
                }
                (alone.len() - came, differing)
            })
        });
        let time = nanoseconds(time) / real(alone.len());
        Ok(Self { lost, differing, live: most.load(Ordering::Relaxed), before, time })
    }
}

/// Lets a process of its own hold so many debates at once.
fn in_process(debates: u64) -> Result<[f64; 6], String> {
    let program = std::env::current_exe().map_err(words)?;
    let ended = Command::new(program).arg("--crowd").arg(debates.to_string()).output().map_err(words)?;
    if !ended.status.success() {
        return Err(format!("hold many debates: {}", String::from_utf8_lossy(&ended.stderr)));
    }
    let told = String::from_utf8_lossy(&ended.stdout);
    let numbers: Result<Vec<f64>, _> = told.split_whitespace().map(str::parse).collect();
    let numbers = numbers.map_err(words)?;
    <[f64; 6]>::try_from(numbers).map_err(|numbers| format!("hold many debates: it told {numbers:?}"))
}

/// Does it here, and writes how it went to standard output.
pub(crate) fn gather(debates: u64) -> ExitCode {
    let written = paused_runtime().and_then(|runtime| {
        let Held { lost, differing, live, before, time } = Held::of(&runtime, Latency::HOSTED, debates)?;
        let resident = status("VmHWM").unwrap_or(0);
        writeln!(std::io::stdout(), "{lost} {differing} {live} {resident} {before} {time}").map_err(words)
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "error: failed to {message}");
            ExitCode::FAILURE
        }
    }
}

/// A field of what Linux tells of this process, in bytes; `None` elsewhere.
fn status(field: &str) -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}
