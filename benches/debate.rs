//! D1: what the engine costs a turn, with debaters that answer at once.
//!
//! The figure of a benchmark is the time of a whole debate of three rounds divided by its turns, so that opening it and
//! judging it are in. `instant-debater` is the engine alone; `instant-model` goes the whole way of a model (prompt,
//! stream, JSON, price); `journalled` is the engine with every event written to a file before it is applied.
//!
//! `debate/rule` is one count by each rule of decision: four options, ballots that rank.

use std::{hint::black_box, sync::Arc, time::Duration};

use assize_ambient::Seed;
use assize_benches::panels::{instant_debaters, instant_models, restless_spec};
use assize_debate::{Ballot, Debater, DecisionRule, Driver, Election, Rule, SeatIndex, Spec};
use assize_journal::{Durability, FileJournal, Journal};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tokio::runtime::Runtime;

const ROUNDS: u32 = 3;
const PANELS: [usize; 5] = [2, 3, 4, 8, 16];

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime")
}

/// Holds `n` debates and gives the time of one turn, times `n`.
fn time_of_turns(runtime: &Runtime, spec: &Arc<Spec>, panel: &[Arc<dyn Debater>], n: u64) -> Duration {
    let turns = spec.rounds * u32::try_from(panel.len()).expect("a small panel");
    let start = std::time::Instant::now();
    for _ in 0..n {
        let driver = Driver::new(Arc::clone(spec), panel.to_vec()).expect("a debate");
        let conclusion = runtime.block_on(driver.run()).expect("a verdict");
        assert_eq!(conclusion.verdict.rounds, ROUNDS, "nothing ends the debate early");
        black_box(conclusion);
    }
    start.elapsed() / turns
}

fn turns(criterion: &mut Criterion) {
    let runtime = runtime();
    let mut group = criterion.benchmark_group("debate/turn");
    group.throughput(Throughput::Elements(1));
    for seats in PANELS {
        let spec = Arc::new(restless_spec(seats, ROUNDS));
        let panel = instant_debaters(seats, ROUNDS);
        group.bench_function(BenchmarkId::new("instant-debater", seats), |bencher| {
            bencher.iter_custom(|n| time_of_turns(&runtime, &spec, &panel, n));
        });
    }
    for seats in PANELS {
        let spec = Arc::new(restless_spec(seats, ROUNDS));
        let panel = instant_models(seats);
        group.bench_function(BenchmarkId::new("instant-model", seats), |bencher| {
            bencher.iter_custom(|n| time_of_turns(&runtime, &spec, &panel, n));
        });
    }
    group.finish();
}

fn journalled(criterion: &mut Criterion) {
    let runtime = runtime();
    let mut group = criterion.benchmark_group("debate/turn");
    group.throughput(Throughput::Elements(1));
    let seats = 4;
    let panel = instant_debaters(seats, ROUNDS);
    let mut seed = 0_u64;
    group.bench_function(BenchmarkId::new("journalled", seats), |bencher| {
        bencher.iter_custom(|n| {
            // Another seed is another debate, and so another file.
            let folder = tempfile::tempdir().expect("a folder");
            let journal: Arc<dyn Journal> = Arc::new(FileJournal::new(folder.path(), Durability::Process));
            let specs: Vec<Arc<Spec>> = (0..n)
                .map(|_| {
                    seed += 1;
                    Arc::new(restless_spec(seats, ROUNDS).with_seed(Seed::new(seed)))
                })
                .collect();
            let start = std::time::Instant::now();
            for spec in specs {
                let driver =
                    Driver::new(spec, panel.clone()).expect("a debate").with_journal(Arc::clone(&journal));
                let conclusion = runtime.block_on(driver.run()).expect("a verdict");
                assert_eq!(
                    conclusion.timing.turns.len(),
                    seats * ROUNDS as usize,
                    "every turn was taken, none replayed"
                );
            }
            start.elapsed() / (ROUNDS * 4)
        });
    });
    group.finish();
}

fn rules(criterion: &mut Criterion) {
    const OPTIONS: usize = 4;
    let mut group = criterion.benchmark_group("debate/rule");
    for seats in [5_u16, 1_000] {
        let mut chance = Seed::new(u64::from(seats)).rng();
        let ballots: Vec<Ballot> = (0..seats)
            .map(|seat| {
                let mut ranking: Vec<usize> = (0..OPTIONS).collect();
                chance.shuffle(&mut ranking);
                Ballot::new(SeatIndex(seat), ranking[0]).with_ranking(ranking)
            })
            .collect();
        let history: Vec<Vec<Option<usize>>> =
            vec![ballots.iter().map(|ballot| Some(ballot.stance)).collect(); ROUNDS as usize];
        let election = Election::new(OPTIONS, &ballots).with_rounds(ROUNDS).with_history(&history);
        group.throughput(Throughput::Elements(u64::from(seats)));
        for rule in Rule::ALL {
            group.bench_function(BenchmarkId::new(rule.name(), seats), |bencher| {
                bencher.iter(|| rule.decide(black_box(election)));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, turns, journalled, rules);
criterion_main!(benches);
