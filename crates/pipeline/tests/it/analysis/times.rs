//! How long an analysis takes: its critical path and hardly more, and nothing at all for what is known.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use assize_ambient::{Seed, SystemClock};
use assize_cache::{DEFAULT_MEMORY_BYTES, Level, MemoryTier, Policy, Tiered};
use assize_llm::{Cached, ChatModel, ChatReply, ChatRequest, Error, ModelId, ReplyStream, ScriptedModel};
use assize_metering::PriceBook;
use assize_pipeline::{AnalysisModel, FrameworkKind};
use async_trait::async_trait;
use serde_json::json;
use tokio::time::Instant;

use super::{
    company::{World, request},
    models::filled,
};

/// Every source takes so long.
const FETCH: Duration = Duration::from_secs(3);

/// Takes 4 to 6 seconds a call, by what it is asked, and counts its calls.
#[derive(Debug)]
struct Ponderous {
    id: ModelId,
    calls: Arc<AtomicUsize>,
}

/// How long a request takes: by its cells, so that the test knows it beforehand.
fn takes(cells: usize) -> Duration {
    Duration::from_millis([4_000, 4_300, 5_100, 5_700, 6_000, 4_800, 5_500][cells % 7])
}

fn cells_in(request: &ChatRequest) -> usize {
    filled(request, &json!([]))
        .matches(": []")
        .count()
        .max(filled(request, &json!([])).matches(":[]").count())
}

#[async_trait]
impl ChatModel for Ponderous {
    fn id(&self) -> &ModelId {
        &self.id
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(takes(cells_in(&request))).await;
        let text = filled(&request, &json!([{ "text": "a", "cites": ["fin.net-margin"] }]));
        ScriptedModel::saying("ponderous", [text]).complete(request).await
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        Ok(self.complete(request).await?.into_stream())
    }
}

fn memory() -> Tiered {
    let clock = Arc::new(SystemClock);
    let memory = Arc::new(MemoryTier::new(DEFAULT_MEMORY_BYTES, clock.clone()));
    Tiered::new(vec![Level::memory(memory)], clock, Seed::new(7))
}

/// With one, three, five and six frameworks, cold and from the cache.
#[tokio::test(start_paused = true)]
async fn a_run_takes_its_critical_path() {
    for n in [1, 3, 5, 6] {
        let kinds = &FrameworkKind::ALL[..n];
        let calls: Arc<AtomicUsize> = Arc::default();
        let replies = memory();
        let price = PriceBook::embedded().find(
            "gpt-4o",
            assize_ambient::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(24 * 365 * 55),
        );
        let price = Arc::new(price.expect("a price").clone());
        let model = || {
            let slow = Arc::new(Ponderous { id: "ponderous".into(), calls: Arc::clone(&calls) });
            let cached = Cached::new(slow, replies.clone(), Policy::new(Duration::from_secs(3_600)));
            Some(AnalysisModel::new(Arc::new(cached), Some(Arc::clone(&price))))
        };
        // Which company it is, then research ∥ market ∥ financial; five frameworks at once, the sixth behind the first that
        // ends; the synthesis.
        let mut places: Vec<Duration> = vec![Duration::ZERO; 5];
        for kind in kinds {
            let first = places.iter().enumerate().min_by_key(|(_, until)| **until).map_or(0, |(at, _)| at);
            places[first] += takes(kind.cells().len());
        }
        let frameworks = places.into_iter().max().unwrap_or_default();
        let path = FETCH * 2 + frameworks + takes(3);
        let began = Instant::now();
        let (cold, record) = World::full().slow(FETCH).analysed(model(), &request(kinds)).await;
        let took = began.elapsed();
        assert!(took >= path && took.as_secs_f64() <= 1.01 * path.as_secs_f64(), "{n}: {took:?} of {path:?}");
        assert_eq!((calls.swap(0, Ordering::Relaxed), record.asked()), (n + 1, n + 1));
        assert!(cold.cost > assize_metering::Usd::ZERO);

        let began = Instant::now();
        let (warm, record) = World::full().slow(FETCH).analysed(model(), &request(kinds)).await;
        assert_eq!(calls.load(Ordering::Relaxed), 0, "nobody is asked twice");
        assert_eq!((record.asked(), record.calls.len()), (0, n + 1));
        let took = began.elapsed();
        assert!(took <= FETCH * 2 + Duration::from_millis(60), "{n}: {took:?} for what is fetched alone");
        assert_eq!(cold, warm, "and it says the same");
        assert_eq!(cold.to_json(), warm.to_json());
    }
}

/// The three stages fetch at the same time, and so do the benchmark's prices.
#[tokio::test(start_paused = true)]
async fn what_is_known_is_fetched_at_once() {
    let (_, record) = World::full().slow(FETCH).analysed(None, &request(&FrameworkKind::ALL)).await;
    let names: Vec<&str> = record.stages.iter().map(|span| span.stage).collect();
    assert_eq!(&names[..4], ["company", "research", "market", "financial"]);
    for span in &record.stages[1..4] {
        assert_eq!((span.start.as_secs(), span.end.as_secs()), (3, 6), "{span:?}");
    }
    assert!(record.elapsed < Duration::from_millis(6_060), "{:?}", record.elapsed);
    assert_eq!(record.to_json()["stages"].as_array().map(Vec::len), Some(4 + 6 + 1));
    assert!(record.to_document().to_markdown().contains("Calls of the model"));
}
