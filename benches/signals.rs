//! G1, G2, G3 and G6: what the scores of a text, of a post and of a whole item take, one by one and in batches.

use std::hint::black_box;

use assize_ambient::Timestamp;
use assize_benches::articles::article;
use assize_signals::{
    Company, ContentParts, CredibilityTable, FinanceLexicon, Fingerprint, NoveltyIndex, NoveltySettings,
    Post, TextScores, content_score, engagement, readability, relevance, sentiment, tone,
};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use jiff::SignedDuration;

const DOCUMENT_WORDS: usize = 640;
/// A headline and a summary.
const ITEM_WORDS: usize = 45;
const BATCH: u32 = 1_000;

fn text(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("signals/text");
    let (document, lexicon) = (article(1, DOCUMENT_WORDS), FinanceLexicon::own());
    group.bench_function("sentiment-640-words", |bencher| bencher.iter(|| sentiment(black_box(&document))));
    group.bench_function("tone-640-words", |bencher| bencher.iter(|| tone(black_box(&document), lexicon)));
    group.bench_function("readability-640-words", |bencher| {
        bencher.iter(|| readability(black_box(&document)))
    });
    group.bench_function("fingerprint-640-words", |bencher| {
        bencher.iter(|| Fingerprint::of(black_box(&document)))
    });
    let scores = TextScores::of(&document, lexicon);
    assert!((DOCUMENT_WORDS..DOCUMENT_WORDS + 40).contains(&document.split_whitespace().count()));
    assert!(scores.tone.positive > 5 && scores.tone.negative > 5 && scores.readability.sentences > 20);
    group.finish();

    let mut group = criterion.benchmark_group("signals/document");
    let index = filled(20_000);
    let table = CredibilityTable::own();
    group.bench_function("all-scores-640-words", |bencher| {
        bencher.iter(|| {
            let scores = TextScores::of(black_box(&document), lexicon);
            let novelty = scores.fingerprint.as_ref().map(|print| index.score(start(), print).score);
            (scores, novelty, table.of(black_box("https://www.reuters.com/markets/deal")).score)
        });
    });
    group.finish();

    let mut group = criterion.benchmark_group("signals/credibility");
    for (case, address) in [
        ("known", "https://www.reuters.com/markets/deal"),
        ("unknown", "https://news.smallblog.example/post/1"),
        ("look-alike", "https://www.rueters.com/markets/deal"),
    ] {
        group.bench_function(case, |bencher| bencher.iter(|| table.of(black_box(address))));
    }
    group.finish();
}

fn start() -> Timestamp {
    "2026-11-01T00:00:00Z".parse().expect("a time")
}

fn filled(n: u32) -> NoveltyIndex<u32> {
    let mut index = NoveltyIndex::new(NoveltySettings::default()).expect("settings");
    for number in 0..n {
        index.insert_and_score(number, start(), &article(u64::from(number) + 7, ITEM_WORDS));
    }
    index
}

fn post(number: u32) -> Post {
    Post {
        views: Some(u64::from(number) * 7 + 900),
        likes: Some(u64::from(number) / 3 + 20),
        comments: Some(u64::from(number) / 40),
        age_hours: Some(f64::from(number % 48)),
        usual_views_per_hour: Some(750.0),
        dislikes: None,
    }
}

fn scores(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("signals/engagement");
    group.bench_function("post", |bencher| bencher.iter(|| engagement(black_box(&post(5_000)))));
    group.finish();

    let mut group = criterion.benchmark_group("signals/content-score");
    let parts = ContentParts {
        relevance: Some(0.8),
        credibility: Some(0.92),
        novelty: Some(0.7),
        age_hours: Some(5.0),
        ..ContentParts::default()
    };
    group.bench_function("from-parts", |bencher| bencher.iter(|| content_score(black_box(&parts))));
    group.bench_function("explained", |bencher| {
        bencher.iter(|| content_score(black_box(&parts)).explanation());
    });
    let company = company();
    let document = article(1, DOCUMENT_WORDS);
    group.bench_function("relevance-640-words", |bencher| {
        bencher.iter(|| relevance(black_box(&document), &company));
    });
    group.finish();
}

fn company() -> Company {
    Company::new("ACME", ["Acme Corp.", "Acme", "Acme Industries"]).expect("a company")
}

/// All scores of an item, which the index remembers.
fn whole(index: &mut NoveltyIndex<u32>, company: &Company, number: u32, item: &str) -> f64 {
    let scores = TextScores::of(item, FinanceLexicon::own());
    let at = start() + SignedDuration::from_secs(i64::from(number));
    let address = ["https://www.reuters.com/a", "https://x.com/b", "https://smallblog.example/c"];
    let novelty = scores.fingerprint.map(|print| index.insert_and_score_print(number, at, print).score);
    let score = content_score(&ContentParts {
        relevance: Some(relevance(item, company).score),
        credibility: Some(CredibilityTable::own().of(address[number as usize % 3]).score),
        novelty,
        engagement: engagement(&post(number)).score,
        age_hours: Some(3.0),
        readability: scores.readability.ease(),
    });
    black_box(score.explanation());
    score.score.unwrap_or_default()
}

fn batch(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("signals/batch");
    group.throughput(Throughput::Elements(u64::from(BATCH)));
    let company = company();
    for (case, words) in [("items-45-words", ITEM_WORDS), ("documents-640-words", DOCUMENT_WORDS)] {
        let items: Vec<String> = (0..BATCH).map(|number| article(u64::from(number) << 20, words)).collect();
        let index = filled(20_000);
        group.bench_function(case, |bencher| {
            bencher.iter_batched_ref(
                || index.clone(),
                |index| {
                    let scored = (0..).zip(&items).map(|(number, item)| whole(index, &company, number, item));
                    scored.sum::<f64>()
                },
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, text, scores, batch);
criterion_main!(benches);
