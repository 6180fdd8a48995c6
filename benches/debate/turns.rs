//! D1: what the engine costs a turn, with debaters that answer at once.
//!
//! The figure of a benchmark is the time of a whole debate of three rounds divided by its turns, so that opening it and
//! judging it are in. `instant-debater` is the engine alone; `instant-model` goes the whole way of a model (prompt,
//! stream, JSON, price); `journalled` is the engine with every event written to a file before it is acted on. Beside each
//! stands a bare `join_all` of the same debaters that are told the same.

use std::{hint::black_box, sync::Arc, time::Duration};

use assize_ambient::Seed;
use assize_benches::{
    handover::Handover,
    panels::{instant_debaters, instant_models, restless_spec},
};
use assize_debate::{Debater, Driver, Spec, Turn};
use assize_journal::{Durability, FileJournal, Journal};
use assize_perf::Run;
use futures_util::future::join_all;
use tokio::runtime::Runtime;

use crate::{
    figures::{beside, interleaved, timed, words},
    machine,
};

const ROUNDS: u32 = 3;
type Panel = fn(usize) -> Vec<Arc<dyn Debater>>;
const PANELS: [usize; 5] = [2, 3, 4, 8, 16];

pub(crate) fn runtime() -> Result<Runtime, String> {
    tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(words)
}

/// A runtime whose time is virtual.
pub(crate) fn paused_runtime() -> Result<Runtime, String> {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().map_err(words)
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let runtime = runtime()?;
    let cases: [(&str, Panel); 2] =
        [("instant-debater", |seats| instant_debaters(seats, ROUNDS)), ("instant-model", instant_models)];
    for (case, panel) in cases {
        for seats in PANELS {
            let id = format!("debate/turn/{case}/{seats}");
            if !handover.wants(&id) {
                continue;
            }
            let (spec, panel) = (Arc::new(restless_spec(seats, ROUNDS)), panel(seats));
            let turns = told(&spec, &panel)?;
            let mut ours = |n: u32| hold(&runtime, &spec, &panel, n);
            let mut bare = |n: u32| join(&runtime, &panel, &turns, n);
            let times = interleaved(handover.profile, &mut [&mut ours, &mut bare])?;
            let note = "of a debate of three rounds, its turns; beside a bare join of the same debaters";
            let turns = seats * ROUNDS as usize;
            run.measurements.extend(beside(&id, [&times[0], &times[1]], turns, note)?);
        }
    }
    let id = "debate/turn/journalled/4";
    if handover.wants(id) {
        journalled(handover, &runtime, id, run)?;
    }
    Ok(())
}

/// What the debaters of a whole debate are told.
fn told(spec: &Arc<Spec>, panel: &[Arc<dyn Debater>]) -> Result<Vec<Vec<Turn>>, String> {
    let (_, asked) = machine::hold(spec, panel, None, |_| false)?;
    match asked.turns.len() == ROUNDS as usize {
        true => Ok(asked.turns),
        false => Err("something ends the debate early".to_owned()),
    }
}

fn hold(runtime: &Runtime, spec: &Arc<Spec>, panel: &[Arc<dyn Debater>], n: u32) -> Result<Duration, String> {
    let (time, held) = timed(|| {
        for _ in 0..n {
            let driver = Driver::new(Arc::clone(spec), panel.to_vec()).map_err(words)?;
            let conclusion = runtime.block_on(driver.run()).map_err(words)?;
            if conclusion.verdict.rounds != ROUNDS {
                return Err("something ends the debate early".to_owned());
            }
            black_box(conclusion);
        }
        Ok(())
    });
    held.map(|()| time)
}

/// The same debaters, told the same, without an engine.
fn join(
    runtime: &Runtime,
    panel: &[Arc<dyn Debater>],
    turns: &[Vec<Turn>],
    n: u32,
) -> Result<Duration, String> {
    let mut total = Duration::ZERO;
    for _ in 0..n {
        let told = turns.to_vec();
        let (time, said) = timed(|| {
            runtime.block_on(async {
                let mut said = 0;
                for round in told {
                    let speeches = panel.iter().zip(round).map(|(who, turn)| who.speak(turn).hear(|_| ()));
                    said += black_box(join_all(speeches).await).iter().filter(|said| said.is_ok()).count();
                }
                said
            })
        });
        if said != panel.len() * turns.len() {
            return Err("a debater abstains".to_owned());
        }
        total += time;
    }
    Ok(total)
}

fn journalled(handover: &Handover, runtime: &Runtime, id: &str, run: &mut Run) -> Result<(), String> {
    const SEATS: usize = 4;
    let panel = instant_debaters(SEATS, ROUNDS);
    let turns = told(&Arc::new(restless_spec(SEATS, ROUNDS)), &panel)?;
    let mut seed = 0_u64;
    let mut ours = |n: u32| {
        // Another seed is another debate, and so another file.
        let folder = tempfile::tempdir().map_err(words)?;
        let journal: Arc<dyn Journal> = Arc::new(FileJournal::new(folder.path(), Durability::Process));
        let specs: Vec<Arc<Spec>> = (0..n)
            .map(|_| {
                seed += 1;
                Arc::new(restless_spec(SEATS, ROUNDS).with_seed(Seed::new(seed)))
            })
            .collect();
        let (time, held) = timed(|| {
            for spec in specs {
                let driver =
                    Driver::new(spec, panel.clone()).map_err(words)?.with_journal(Arc::clone(&journal));
                let conclusion = runtime.block_on(driver.run()).map_err(words)?;
                if conclusion.timing.turns.len() != SEATS * ROUNDS as usize {
                    return Err("a turn was replayed".to_owned());
                }
            }
            Ok(())
        });
        held.map(|()| time)
    };
    let mut bare = |n: u32| join(runtime, &panel, &turns, n);
    let times = interleaved(handover.profile, &mut [&mut ours, &mut bare])?;
    let note = "of a debate of three rounds, its turns; the file is opened, written and closed, system calls included";
    run.measurements.extend(beside(id, [&times[0], &times[1]], SEATS * ROUNDS as usize, note)?);
    Ok(())
}
