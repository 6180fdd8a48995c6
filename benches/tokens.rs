//! C2: how fast tokens are counted, whole texts and growing ones.
//!
//! The same text is counted again and again, and its words recur: the fast counter, which remembers pieces, is flattered by
//! that. On a text that it sees for the first time it gains less.

use std::fmt::Write as _;
use std::hint::black_box;

use assize_metering::TokenCounter;
use assize_tokens::{Encoding, IncrementalCounter};
use criterion::{
    BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};

/// Bytes of each corpus.
const BYTES: usize = 256 << 10;

/// A text of about [`BYTES`] bytes, put together from `parts` in an order that never repeats itself soon.
fn corpus(parts: &[&str]) -> String {
    let (mut text, mut state) = (String::new(), 0x2545_F491_4F6C_DD1D_u64);
    while text.len() < BYTES {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        text.push_str(parts[usize::try_from(state % parts.len() as u64).expect("an index")]);
    }
    text
}

fn prose() -> String {
    let architecture = include_str!("../docs/architecture.md");
    corpus(&architecture.split_inclusive(' ').collect::<Vec<_>>())
}

fn code() -> String {
    let sources = [
        include_str!("metering.rs"),
        include_str!("../crates/tokens/src/incremental.rs"),
        include_str!("../crates/tokens/src/tool_text.rs"),
        include_str!("../crates/metering/src/price_book.rs"),
    ];
    corpus(&sources.iter().flat_map(|source| source.split_inclusive('\n')).collect::<Vec<_>>())
}

fn json() -> String {
    let (mut text, mut n) = (String::from("["), 1_u64);
    while text.len() < BYTES {
        n = n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (id, price, odd) = (n >> 40, n >> 50, n & 1 == 0);
        write!(
            text,
            r#"{{"id":{id},"symbol":"SYM{price}","price":{price}.25,"open":{odd},"tags":["a{id}",null]}},"#
        )
        .expect("a string takes it");
    }
    text + "{}]"
}

fn adversarial() -> String {
    let long = "a".repeat(3_000);
    let marks = "=-".repeat(1_500);
    corpus(&[
        &long,
        &marks,
        "<|endoftext|>",
        " \n \n ",
        "\u{301}\u{301}",
        "あA",
        "👩‍👩‍👧‍👦",
        "9999999999",
        "'s'll",
        "\u{a0}  ",
    ])
}

/// Counts with the three engines, after making sure that they agree.
fn engines(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, text: &str) {
    let reference = tiktoken_rs::o200k_base_singleton();
    let default = Encoding::O200k.linear().expect("a linear counter");
    let fast = Encoding::O200k.counter().expect("a counter");
    let truth = reference.count_ordinary(text) as u64;
    assert_eq!((default.count(text), fast.count(text)), (truth, truth), "{name}");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group
        .bench_function(format!("{name}-default"), |bencher| bencher.iter(|| default.count(black_box(text))));
    group.bench_function(format!("{name}-fast"), |bencher| bencher.iter(|| fast.count(black_box(text))));
    group.bench_function(format!("{name}-tiktoken-rs"), |bencher| {
        bencher.iter(|| reference.count_ordinary(black_box(text)));
    });
}

fn count(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tokens/count");
    for (name, text) in
        [("prose", prose()), ("code", code()), ("json", json()), ("adversarial", adversarial())]
    {
        engines(&mut group, name, &text);
    }
    group.finish();

    let mut group = criterion.benchmark_group("tokens/count/one-letter-200kB");
    let text = "a".repeat(200_000);
    group.throughput(Throughput::Bytes(200_000));
    for (name, counter) in [("default", Encoding::O200k.linear()), ("fast", Encoding::O200k.counter())] {
        let counter: &dyn TokenCounter = counter.expect("a counter");
        assert_eq!(counter.count(&text), 25_000);
        group.bench_function(name, |bencher| bencher.iter(|| counter.count(black_box(&text))));
    }
    group.finish();
}

fn incremental(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tokens/incremental");
    for (name, text) in [("prose", prose()), ("code", code()), ("one-letter-200kB", "a".repeat(200_000))] {
        let chunks = (0..text.len())
            .filter(|at| text.is_char_boundary(*at))
            .step_by(4)
            .chain([text.len()])
            .collect::<Vec<_>>();
        let run = || {
            let mut counter = IncrementalCounter::exact(Encoding::O200k).expect("a counter");
            let mut count = 0;
            for ends in chunks.windows(2) {
                counter.append(&text[ends[0]..ends[1]]);
                count = counter.count();
            }
            count
        };
        assert_eq!(run(), Encoding::O200k.linear().expect("a linear counter").count(&text), "{name}");
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(format!("{name}-4-letters-a-time"), |bencher| bencher.iter(run));
    }
    group.finish();
}

criterion_group!(benches, count, incremental);
criterion_main!(benches);
