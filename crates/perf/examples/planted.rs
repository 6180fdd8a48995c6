//! Measures a small program as it was and with slow-downs planted into it, one of each kind, and stores both runs.
//!
//! `cargo run -p assize-perf --features probe --example planted -- fixtures/perf/explain` writes `before.json` and
//! `after.json`, which the tests of `explain` are held against.

use std::{
    collections::BTreeSet, env, error::Error, fs, hint::black_box, path::PathBuf, thread, time::Duration,
};

use assize_perf::{
    Run,
    probe::{HeapCounts, Probe},
};

#[global_allocator]
static HEAP: dhat::Alloc = dhat::Alloc;

/// Sizes of the benchmark that grows.
const SIZES: [u64; 6] = [64, 128, 256, 512, 1_024, 2_048];

#[track_caller]
fn probe(id: impl Into<String>) -> Probe {
    Probe::new(id).rounds(12).warm_up(3).counting(|| {
        let heap = dhat::HeapStats::get();
        HeapCounts {
            allocations: heap.total_blocks,
            allocated_bytes: heap.total_bytes,
            live_bytes: heap.curr_bytes as u64,
        }
    })
}

fn sum(rounds: u64) -> u64 {
    (0..rounds).fold(1, |sum, n| black_box(sum ^ n.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

/// Waits for a service that answers at once, or after two milliseconds.
fn ask(is_slow: bool) -> u64 {
    if is_slow {
        thread::sleep(Duration::from_millis(2));
    }
    sum(20_000)
}

/// Writes lines into one text, or makes a text of each.
fn write(is_slow: bool) -> usize {
    let mut text = String::with_capacity(64 * 1024);
    for n in 0..2_000_u64 {
        if is_slow {
            let line = black_box(n.to_string().repeat(2));
            text.push_str(&line);
        } else {
            text.push_str("0123456");
        }
    }
    text.len()
}

/// Counts what is there twice, by a set of bits or by looking through what came before.
fn twice(values: &[u64], is_slow: bool) -> usize {
    if is_slow {
        let before = |at: usize| values[..at].iter().any(|value| black_box(*value) == values[at]);
        return (0..values.len()).filter(|at| before(*at)).count();
    }
    let mut seen = vec![false; 4_096];
    let known = |value: &&u64| {
        let place = usize::try_from(**value).unwrap_or(0) % 4_096;
        std::mem::replace(&mut seen[place], true)
    };
    values.iter().filter(known).map(|value| sum(*value % 2 + 40)).filter(|sum| black_box(*sum) > 0).count()
}

fn run(is_slow: bool) -> Run {
    let mut runs = vec![
        probe("planted/ask").function(|| ask(is_slow)),
        probe("planted/write").function(|| write(is_slow)),
        probe("planted/compute").function(|| sum(if is_slow { 400_000 } else { 200_000 })),
    ];
    let mut kept: Vec<Vec<u8>> = Vec::with_capacity(64);
    runs.push(probe("planted/serve").function(|| {
        let answer = vec![7_u8; 16 * 1024];
        if is_slow {
            kept.push(answer);
        }
    }));
    for size in SIZES {
        let values: Vec<u64> = (0..size).map(|n| n.wrapping_mul(0x9e37_79b9) % 4_096).collect();
        let distinct: BTreeSet<u64> = values.iter().copied().collect();
        assert!(!distinct.is_empty(), "there is something to look through");
        runs.push(probe(format!("planted/twice/{size}")).function(|| twice(&values, is_slow)));
    }
    let mut run = Run::merged(runs);
    run.title = if is_slow { "with slow-downs planted".to_owned() } else { "as it was".to_owned() };
    for measured in &mut run.measurements {
        // Where it is measured is a line of this file, on every machine.
        let place = measured.location.take().unwrap_or_default();
        measured.location = place.find("crates/").map(|at| place[at..].to_owned());
    }
    run
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::args_os().nth(1).ok_or("give a folder")?);
    let _profiler = dhat::Profiler::builder().testing().build();
    for (name, is_slow) in [("before.json", false), ("after.json", true)] {
        fs::write(folder.join(name), format!("{:#}\n", run(is_slow).to_json()))?;
    }
    Ok(())
}
