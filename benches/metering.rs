//! C4: what it takes to price a call.

use std::hint::black_box;

use assize_ambient::Timestamp;
use assize_benches::panels::price_of;
use assize_metering::{Mode, PriceBook, TokenUsage};
use criterion::{Criterion, criterion_group, criterion_main};

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
    let book = PriceBook::embedded();
    let at: Timestamp = "2026-11-01T00:00:00Z".parse().expect("a time");
    group.bench_function("found-by-id", |bencher| {
        bencher.iter(|| {
            let price = book.find(black_box("claude-3-5-sonnet-20241022"), at).expect("a model");
            price.cost(black_box(&plain), Mode::Standard).expect("a cost").total()
        });
    });
    group.finish();
}

criterion_group!(benches, cost);
criterion_main!(benches);
