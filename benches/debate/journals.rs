//! What a turn takes that is written down: in a file or in SQLite, safe against the death of the process or a loss of power.
//!
//! Unlike in the other parts, time is what passes, not what the processor does: SQLite writes on other threads, and who
//! waits for the disk does nothing. The figures of `power` are the disk's: it is the one that the project is built on, and
//! each event of a debate waits for it, those of one moment together.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use assize_ambient::Seed;
use assize_benches::{
    handover::Handover,
    panels::{instant_debaters, restless_spec},
};
use assize_debate::{Driver, Spec};
use assize_journal::{Durability, FileJournal, Journal};
use assize_perf::Run;
use assize_store::SqliteJournal;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::{
    figures::{Way, interleaved, real, sampled, words},
    turns::runtime,
};

const SEATS: usize = 4;
const ROUNDS: u32 = 3;
const TURNS: usize = SEATS * ROUNDS as usize;

#[derive(Debug, Clone, Copy)]
enum Kept {
    File,
    Sqlite,
}

const CASES: [(&str, Kept, Durability); 4] = [
    ("file-process", Kept::File, Durability::Process),
    ("sqlite-process", Kept::Sqlite, Durability::Process),
    ("file-power", Kept::File, Durability::Power),
    ("sqlite-power", Kept::Sqlite, Durability::Power),
];

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let cases: Vec<_> = CASES
        .into_iter()
        .map(|(name, kept, durability)| (format!("debate/journalled/{name}/{SEATS}"), kept, durability))
        .filter(|(id, ..)| handover.wants(id))
        .collect();
    let runtime = runtime()?;
    let mut ways: Vec<_> = cases
        .iter()
        .map(|(_, kept, durability)| {
            let (runtime, mut seed) = (&runtime, 0_u64);
            move |n: u32| {
                // Another seed is another debate, and so another log.
                let specs: Vec<Arc<Spec>> = (0..n)
                    .map(|_| {
                        seed += 1;
                        Arc::new(restless_spec(SEATS, ROUNDS).with_seed(Seed::new(seed)))
                    })
                    .collect();
                hold(runtime, specs, *kept, *durability)
            }
        })
        .collect();
    let mut ways: Vec<Way<'_>> = ways.iter_mut().map(|way| way as Way<'_>).collect();
    let times = interleaved(handover.profile, &mut ways)?;
    for ((id, ..), times) in cases.iter().zip(times) {
        let each = times.iter().map(|time| time / real(TURNS)).collect();
        let note = "of a debate of three rounds, its turns: time that passes, until every event is as safe as that says";
        run.measurements.push(sampled(id, "time", each)?.with_note(note));
    }
    Ok(())
}

/// Holds debates one after the other over a new journal. What SQLite needs once, its file, is made before.
fn hold(
    runtime: &Runtime,
    specs: Vec<Arc<Spec>>,
    kept: Kept,
    durability: Durability,
) -> Result<Duration, String> {
    let panel = instant_debaters(SEATS, ROUNDS);
    // On the project's disk: what is kept for a while may be kept in memory.
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).map_err(words)?;
    runtime.block_on(async {
        let journal: Arc<dyn Journal> = match kept {
            Kept::File => Arc::new(FileJournal::new(folder.path(), durability)),
            Kept::Sqlite => Arc::new(
                SqliteJournal::open(folder.path().join("debates.db"), durability).await.map_err(words)?,
            ),
        };
        drop(journal.open(&"first".parse().map_err(words)?).await.map_err(words)?);
        let began = Instant::now();
        for spec in specs {
            let driver = Driver::new(spec, panel.clone()).map_err(words)?.with_journal(Arc::clone(&journal));
            let conclusion = driver.run().await.map_err(words)?;
            if conclusion.timing.turns.len() != TURNS {
                return Err("a turn was replayed".to_owned());
            }
        }
        let time = began.elapsed();
        journal.close().await;
        Ok(time)
    })
}
