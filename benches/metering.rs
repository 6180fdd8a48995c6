//! C4 and C7: what it takes to price a call, and to keep it within its budgets.

use std::{hint::black_box, thread, time::Instant};

use assize_ambient::Timestamp;
use assize_benches::{
    accounts::{ledger_with, reserve_and_settle},
    panels::price_of,
};
use assize_metering::{Mode, PriceBook, TokenUsage, Usage, Usd};
use criterion::{Criterion, criterion_group, criterion_main};

/// So many threads compete for a ledger.
const THREADS: u64 = 8;

fn cost(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("metering/cost");
    let plain = TokenUsage::of(12_000, 800);
    let mixed = TokenUsage {
        cache_read: Some(90_000),
        cache_write_5m: Some(4_000),
        output_reasoning: Some(2_500),
        ..TokenUsage::of(12_000, 800)
    };
    let sonnet = price_of("claude-3-5-sonnet-20241022");
    group.bench_function("plain", |bencher| {
        bencher.iter(|| black_box(&sonnet).cost(black_box(&plain), Mode::Standard).expect("a cost").total());
    });
    assert_eq!(sonnet.cost(&plain, Mode::Standard).expect("a cost").total().to_string(), "0.048");
    group.bench_function("five-buckets", |bencher| {
        bencher.iter(|| black_box(&sonnet).cost(black_box(&mixed), Mode::Standard).expect("a cost").total());
    });
    let tiered = price_of("gpt-5.4");
    let long = TokenUsage::of(300_000, 800);
    group.bench_function("long-context-tier", |bencher| {
        bencher.iter(|| black_box(&tiered).cost(black_box(&long), Mode::Standard).expect("a cost").total());
    });
    assert_eq!(tiered.cost(&long, Mode::Standard).expect("a cost").total().to_string(), "1.518");
    let usage = Usage::reported(mixed);
    group.bench_function("whole-usage", |bencher| {
        bencher.iter(|| black_box(&sonnet).cost_of(black_box(&usage)).expect("a cost").total());
    });
    group.finish();
}

fn found(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("metering/found");
    let book = PriceBook::embedded();
    let plain = TokenUsage::of(12_000, 800);
    let at: Timestamp = "2026-11-01T00:00:00Z".parse().expect("a time");
    for (case, name) in [
        ("by-id", "claude-3-5-sonnet-20241022"),
        ("by-alias", "claude-3-5-sonnet-latest"),
        ("by-vendor-and-id", "anthropic/claude-3-5-sonnet-20241022"),
        ("of-several-periods", "mistral-large-4"),
    ] {
        group.bench_function(case, |bencher| {
            bencher.iter(|| {
                let price = book.find(black_box(name), at).expect("a model");
                price.cost(black_box(&plain), Mode::Standard).expect("a cost").total()
            });
        });
    }
    group.finish();
}

fn ledger(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("metering/ledger");
    for (case, n_budgets) in [("no-budget", 0), ("one-budget", 1), ("eight-budgets", 8)] {
        let ledger = ledger_with(n_budgets);
        group.bench_function(case, |bencher| bencher.iter(|| reserve_and_settle(&ledger)));
        assert_eq!((ledger.n_open(), ledger.reserved()), (0, Usd::ZERO));
    }
    let ledger = ledger_with(1);
    group.bench_function("one-budget-8-threads", |bencher| {
        bencher.iter_custom(|iterations| {
            let each = iterations.div_ceil(THREADS);
            let start = Instant::now();
            thread::scope(|scope| {
                for _ in 0..THREADS {
                    scope.spawn(|| (0..each).for_each(|_| reserve_and_settle(&ledger)));
                }
            });
            start.elapsed()
        });
    });
    assert_eq!((ledger.n_open(), ledger.reserved()), (0, Usd::ZERO));
    group.finish();
}

criterion_group!(benches, cost, found, ledger);
criterion_main!(benches);
