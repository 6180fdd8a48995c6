//! G4, G5 and G7: classes of headlines, stories among 100,000 items, and the figures of an option chain.
//!
//! Stories are measured on a stream that goes on: each item is new to the index, which holds 100,000 others.

use std::hint::black_box;
use std::time::{Duration, Instant};

use assize_signals::category::{Article, Classifier};
use assize_signals::options::{BlackScholes, Chain, Contract, OccSymbol, Right, analyse};
use assize_signals::story::{Stories, StoryItem};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;

/// Items that a stream has had before it is measured.
const PREFILLED: u64 = 100_000;

fn category(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("signals/category");
    let text = include_str!("../fixtures/signals/headlines.jsonl");
    let headlines: Vec<String> = text
        .lines()
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).expect("a headline");
            value["text"].as_str().expect("a text").to_owned()
        })
        .collect();
    let classifier = Classifier::embedded();
    group.throughput(Throughput::Elements(1));
    group.bench_function("headline", |bencher| {
        let mut next = headlines.iter().cycle();
        bencher.iter(|| classifier.classify(&Article::titled(next.next().expect("it never ends"))));
    });
    let body: String = headlines.iter().take(70).map(|headline| format!("{headline}. ")).collect();
    let article = Article { title: &headlines[0], body: &body, items: "2.02,9.01" };
    group.bench_function(format!("article-{}-words", body.split(' ').count()), |bencher| {
        bencher.iter(|| classifier.classify(black_box(&article)));
    });
    group.finish();
}

/// A stream of headlines: 2,000 companies, a vocabulary of 30,000 words, every third item about something told before.
struct Stream {
    state: u64,
    n: u64,
    recent: Vec<(String, Vec<u64>)>,
}

impl Stream {
    fn new() -> Self {
        Self { state: 0x2545_F491_4F6C_DD1D, n: 0, recent: Vec::new() }
    }

    fn roll(&mut self, below: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % below
    }

    /// The next item: its second, its domain, its text and its company. About 100,000 come in two days.
    fn next(&mut self) -> (Timestamp, String, String, String) {
        self.n += 1;
        let at = 1_780_000_000 + i64::try_from(self.n * 17 / 10).expect("small");
        let told = self.recent.len() > 500 && self.roll(3) == 0;
        let (company, mut words) = if told {
            let which = usize::try_from(self.roll(500)).expect("small");
            self.recent[self.recent.len() - 1 - which].clone()
        } else {
            // Some companies and some words are far commoner than others.
            let company = self.roll(45) * self.roll(45);
            let words = (0..9).map(|_| self.roll(175) * self.roll(175)).collect();
            (format!("T{company}"), words)
        };
        if told {
            let (at, other) = (usize::try_from(self.roll(9)).expect("small"), self.roll(30_000));
            words[at] = other;
        } else {
            self.recent.push((company.clone(), words.clone()));
            if self.recent.len() > 2_000 {
                self.recent.drain(..1_000);
            }
        }
        let text = words.iter().map(|word| format!("word{word}x ")).collect();
        let domain = format!("d{}.example", self.roll(200));
        (Timestamp::from_second(at).expect("a time"), domain, text, company)
    }
}

fn story(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("signals/story");
    let (mut stories, mut stream) = (Stories::default(), Stream::new());
    let insert = |stories: &mut Stories,
                  (at, domain, text, company): &(Timestamp, String, String, String)| {
        stories.insert(&StoryItem { at: *at, domain, text, entities: &[company] })
    };
    let mut joined = 0_u64;
    for _ in 0..PREFILLED {
        joined += u64::from(!insert(&mut stories, &stream.next()).is_new);
    }
    assert!(
        stories.len() > 50_000 && joined > 20_000,
        "{} stories, {joined} items joined one",
        stories.len()
    );
    group.throughput(Throughput::Elements(1));
    group.bench_function("item-among-100000", |bencher| {
        bencher.iter_custom(|iterations| {
            let mut taken = Duration::ZERO;
            for _ in 0..iterations {
                let item = stream.next();
                let begun = Instant::now();
                black_box(insert(&mut stories, &item));
                taken += begun.elapsed();
            }
            taken
        });
    });
    group.finish();
}

/// A chain of 12 expiries with 60 strikes each, priced by Black-Scholes.
fn chain() -> Chain {
    let (spot, date) = (100.0, jiff::civil::date(2026, 3, 2));
    let mut contracts = Vec::new();
    for week in 1..=12_i32 {
        let expiry = date + jiff::Span::new().days(week * 7 - 2);
        for strike in 70..130_u32 {
            for (right, letter) in [(Right::Call, 'C'), (Right::Put, 'P')] {
                let strike_dollars = f64::from(strike);
                let option = BlackScholes {
                    spot,
                    strike: strike_dollars,
                    years: f64::from(week * 7 - 2) / 365.0,
                    rate: 0.04,
                    dividend_yield: 0.0,
                    volatility: 0.3 + 0.002 * (spot - strike_dollars).abs(),
                };
                let (price, greeks) =
                    (option.price(right).expect("a price"), option.greeks(right).expect("greeks"));
                let date = expiry.strftime("%y%m%d");
                let symbol: OccSymbol =
                    format!("XYZ{date}{letter}{:08}", strike * 1_000).parse().expect("a symbol");
                contracts.push(Contract {
                    bid: Some(price * 0.98),
                    ask: Some(price * 1.02),
                    last: Some(price),
                    last_trade_at: Some(jiff::civil::date(2026, 3, 2).at(15, 59, 0, 0)),
                    volume: Some(u64::from(strike * 7 % 900)),
                    open_interest: Some(u64::from(strike * 13 % 700)),
                    iv: Some(option.volatility),
                    delta: Some(greeks.delta),
                    gamma: Some(greeks.gamma),
                    ..Contract::new(symbol)
                });
            }
        }
    }
    Chain { underlying: "XYZ".to_owned(), spot, quoted_at: date.at(16, 0, 0, 0), contracts }
}

fn options(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("signals/options");
    let chain = chain();
    let report = analyse(&chain);
    assert!(report.skew.is_some() && report.gamma.is_some() && report.max_pain.len() == 12);
    group.bench_function(format!("all-figures-{}-contracts", chain.contracts.len()), |bencher| {
        bencher.iter(|| analyse(black_box(&chain)).premium.total);
    });
    group.bench_function("symbol", |bencher| {
        bencher.iter(|| black_box("CLX260821C00055000").parse::<OccSymbol>());
    });
    group.finish();
}

criterion_group!(benches, category, story, options);
criterion_main!(benches);
