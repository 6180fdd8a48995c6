//! A piece of work whose cost is known, and three ways to spoil it on purpose: what a gate has to find, place and explain.
//!
//! `planted/work/N` sorts N numbers, counts how often each remainder comes, and writes them out. With `--plant sleep` it waits
//! besides, with `--plant allocation` it makes a text for each number that nobody needs, with `--plant quadratic` it looks
//! for the remainder of each number among all before it.

use std::{
    collections::BTreeMap, fmt::Write as _, hint::black_box, process::ExitCode, thread, time::Duration,
};

use assize_benches::handover::{Handover, Profile};
use assize_perf::{
    Run,
    probe::{HeapCounts, Probe},
};
use clap::{Parser, ValueEnum};

#[global_allocator]
static HEAP: dhat::Alloc = dhat::Alloc;

/// The sizes: a growth is told from five of them, the largest at least eight times the smallest.
const SIZES: [usize; 5] = [250, 500, 1_000, 2_000, 4_000];
/// How many different remainders there are.
const REMAINDERS: u64 = 97;
/// What a sleeper waits for.
const NAP: Duration = Duration::from_millis(2);

/// What is wrong with the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Plant {
    /// It waits.
    Sleep,
    /// It takes more from the heap.
    Allocation,
    /// Its time grows with the square of the size.
    Quadratic,
}

/// The arguments of this bench.
#[derive(Debug, Parser)]
struct Options {
    #[command(flatten)]
    handover: Handover,
    /// Spoils the work on purpose.
    #[arg(long, value_enum)]
    plant: Option<Plant>,
}

/// How many rounds are counted, and how many pieces of work are one round.
const fn rounds(profile: Profile) -> (u32, usize) {
    match profile {
        Profile::Smoke => (9, 4),
        Profile::Default => (15, 8),
        Profile::Full => (41, 16),
    }
}

fn main() -> ExitCode {
    let Options { handover, plant } = Options::parse();
    handover.finish(Ok(measure(&handover, plant)))
}

fn measure(handover: &Handover, plant: Option<Plant>) -> Run {
    let _profiler = dhat::Profiler::builder().testing().build();
    let (rounds, pieces) = rounds(handover.profile);
    let mut runs = Vec::new();
    for (done, size) in SIZES.into_iter().enumerate() {
        let id = format!("planted/work/{size}");
        if handover.wants(&id) {
            let numbers = numbers(size);
            let probe = Probe::new(id.as_str()).rounds(rounds).warm_up(2).counting(heap);
            runs.push(
                probe.function(|| (0..pieces).map(|_| work(black_box(&numbers), plant)).sum::<usize>()),
            );
        }
        handover.progress(done + 1, SIZES.len(), &id);
    }
    Run { title: "planted".to_owned(), ..Run::merged(runs) }
}

fn heap() -> HeapCounts {
    let heap = dhat::HeapStats::get();
    let live_bytes = u64::try_from(heap.curr_bytes).unwrap_or(u64::MAX);
    HeapCounts { allocations: heap.total_blocks, allocated_bytes: heap.total_bytes, live_bytes }
}

/// Numbers in no order, the same every time.
fn numbers(size: usize) -> Vec<u64> {
    let next = |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
    std::iter::successors(Some(size as u64), next).take(size).map(|number| number >> 33).collect()
}

/// The work; answers with the length of what it wrote.
fn work(numbers: &[u64], plant: Option<Plant>) -> usize {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    let mut often = BTreeMap::<u64, usize>::new();
    for number in &sorted {
        *often.entry(number % REMAINDERS).or_default() += 1;
    }
    let mut text = String::with_capacity(16 * numbers.len());
    for (remainder, times) in &often {
        // A string takes it.
        let _ = write!(text, "{remainder}: {times}; ");
    }
    match plant {
        None => {}
        Some(Plant::Sleep) => thread::sleep(NAP),
        Some(Plant::Allocation) => {
            let needless: Vec<String> = sorted.iter().map(u64::to_string).collect();
            black_box(&needless);
        }
        Some(Plant::Quadratic) => {
            let earlier =
                |at: usize| sorted[..at].iter().filter(|&&other| black_box(other) == sorted[at]).count();
            black_box((0..sorted.len()).map(earlier).sum::<usize>());
        }
    }
    text.len()
}
