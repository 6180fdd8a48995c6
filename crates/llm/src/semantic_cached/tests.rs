//! What a semantic cache serves, and what it does not.

mod learning;
mod outages;
mod samples;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use assize_ambient::{Seed, VirtualClock};
use assize_cache::{DEFAULT_MEMORY_BYTES, Level, MemoryTier, Selector, Tag, Tiered};
use assize_metering::{Attribution, Ledger, PriceBook, TokenUsage, Usage, UsageBasis};
use assize_retrieval::{
    self as retrieval, AdaptiveIndex, Embedder, EmbedderIdentity, HashEmbedder, StoredIndex, VectorIndex,
};
use futures_util::StreamExt;
use serde_json::json;
use tokio::time::{advance, sleep};

use super::*;
use crate::{
    Cached, CallStatistics, ErrorKind, FinishReason, Message, Metered, Observed, ResponseFormat, ReuseScope,
    Role, ScriptedModel, ToolCall,
    conformance::{self, Allowances},
};

const HOUR: Duration = Duration::from_secs(3_600);
const CAPITAL: &str = "What is the capital of France?";
const CAPITAL_TOO: &str = "Please tell me what France's capital is.";

/// Finds all texts alike, and counts how often it is asked.
#[derive(Debug)]
struct AllAlike {
    identity: EmbedderIdentity,
    asked: AtomicUsize,
    fails: bool,
    takes: Duration,
}

impl AllAlike {
    fn new() -> Self {
        Self {
            identity: EmbedderIdentity::new("all-alike", "1", 4).unwrap().semantic(),
            asked: AtomicUsize::new(0),
            fails: false,
            takes: Duration::ZERO,
        }
    }

    fn n_asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Embedder for AllAlike {
    fn identity(&self) -> &EmbedderIdentity {
        &self.identity
    }

    async fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, retrieval::Error> {
        self.asked.fetch_add(texts.len(), Ordering::SeqCst);
        sleep(self.takes).await;
        if self.fails {
            return Err(retrieval::ErrorKind::Unavailable.error("embed: nobody is there"));
        }
        Ok(texts.iter().map(|_| vec![0.5; 4]).collect())
    }
}

/// A cache with what is behind it. Its clock runs with tokio's time.
struct Bench {
    embedder: Arc<AllAlike>,
    tiers: Tiered,
    cache: SemanticCache,
}

fn index() -> Box<dyn VectorIndex> {
    Box::new(AdaptiveIndex::new(4).unwrap())
}

fn clock() -> Arc<VirtualClock> {
    Arc::new(VirtualClock::starting_at("2026-11-21T18:00:00Z".parse().unwrap()))
}

fn tiers(clock: &Arc<VirtualClock>) -> Tiered {
    let memory = Arc::new(MemoryTier::new(DEFAULT_MEMORY_BYTES, clock.clone()));
    Tiered::new(vec![Level::memory(memory).with_fresh_at_most(100 * HOUR)], clock.clone(), Seed::new(7))
}

/// Without samples.
fn options() -> SemanticOptions {
    SemanticOptions::new(HOUR).with_shadow(0.0)
}

impl Bench {
    fn new(options: SemanticOptions) -> Self {
        Self::with(AllAlike::new(), options)
    }

    fn with(embedder: AllAlike, options: SemanticOptions) -> Self {
        let (embedder, clock) = (Arc::new(embedder), clock());
        let tiers = tiers(&clock);
        let cache =
            SemanticCache::new(embedder.clone(), tiers.clone(), index(), options, clock, Seed::new(7))
                .unwrap();
        Self { embedder, tiers, cache }
    }

    fn around(&self, model: ScriptedModel) -> SemanticCached {
        SemanticCached::new(Arc::new(model), self.cache.clone())
    }

    /// Around a model that says these one after the other.
    fn saying<const N: usize>(&self, texts: [&str; N]) -> SemanticCached {
        self.around(ScriptedModel::saying("m", texts))
    }
}

fn asking(text: &str) -> ChatRequest {
    for_tenant(text, "acme")
}

fn for_tenant(text: &str, tenant: &str) -> ChatRequest {
    let reuse = Reuse::Semantic { scope: ReuseScope::of(tenant), at_least: None };
    ChatRequest::new(text).with_reuse(reuse)
}

async fn hit(model: &SemanticCached, request: ChatRequest) -> SemanticHit {
    model.complete(request).await.unwrap().telemetry.semantic.expect("a hit")
}

/// Allows what it is asked to be served by other replies, whatever a caller says.
#[derive(Debug)]
struct Allowing(SemanticCached);

#[async_trait]
impl ChatModel for Allowing {
    fn id(&self) -> &ModelId {
        self.0.id()
    }

    fn is_simulated(&self) -> bool {
        self.0.is_simulated()
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        self.0.complete(request.with_reuse(asking("").reuse)).await
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        self.0.stream(request.with_reuse(asking("").reuse)).await
    }
}

#[tokio::test(start_paused = true)]
async fn it_keeps_the_contract() {
    conformance::wrapper(Allowances::NONE, |model| SemanticCached::new(model, Bench::new(options()).cache))
        .await;
    // The suite's replies ask for tools and are never stored, so that each call is made.
    conformance::wrapper(Allowances::NONE, |model| {
        Allowing(SemanticCached::new(model, Bench::new(options()).cache))
    })
    .await;
    conformance::run(|| Allowing(Bench::new(options()).saying(["Paris."]))).await;
}

#[tokio::test(start_paused = true)]
async fn what_says_the_same_is_served() {
    let bench = Bench::new(options());
    let model = bench.saying(["Paris.", "Lyon."]);
    let first = model.complete(asking(CAPITAL)).await.unwrap();
    assert_eq!((first.telemetry.cache, first.telemetry.semantic), (Some(CacheOutcome::Miss), None));

    let served = model.complete(asking(CAPITAL_TOO)).await.unwrap();
    assert_eq!((served.text.as_str(), served.telemetry.attempts, served.telemetry.cost), ("Paris.", 0, None));
    assert_eq!(served.telemetry.cache, Some(CacheOutcome::Hit));
    let hit = served.telemetry.semantic.unwrap();
    assert!(hit.score() >= 1.0 && !hit.entry().as_str().is_empty());
    assert_eq!(served.usage, Usage { basis: UsageBasis::Simulated, ..first.usage });

    let deltas: Vec<_> = model.stream(asking(CAPITAL_TOO)).await.unwrap().map(Result::unwrap).collect().await;
    let [ReplyDelta::Text(text), ReplyDelta::Done(done)] = &deltas[..] else { panic!("{deltas:?}") };
    assert_eq!((text.as_str(), done.text.as_str()), ("Paris.", "Paris."));

    assert_eq!(model.complete(asking("What is the capital of Spain?")).await.unwrap().text, "Lyon.");
    let seen = bench.cache.statistics();
    assert_eq!((seen.requests, seen.searched, seen.hits, seen.stored, seen.entries), (4, 4, 2, 2, 2));
    assert_eq!(seen.refused_by_guard["entities"], 1);
    assert_eq!(bench.embedder.n_asked(), 4, "once a request");
}

#[tokio::test(start_paused = true)]
async fn a_streamed_reply_is_stored_when_it_is_done() {
    let bench = Bench::new(options());
    let model = bench.saying(["Paris.", "Lyon."]);
    drop(model.stream(asking(CAPITAL)).await.unwrap());
    assert_eq!(bench.cache.statistics().stored, 0, "it was not heard to its end");
    let mut deltas: Vec<_> = model.stream(asking(CAPITAL)).await.unwrap().collect().await;
    let Some(Ok(ReplyDelta::Done(done))) = deltas.pop() else { panic!("{deltas:?}") };
    assert_eq!(done.telemetry.cache, Some(CacheOutcome::Miss));
    assert_eq!(model.complete(asking(CAPITAL_TOO)).await.unwrap().text, "Lyon.");
}

#[tokio::test(start_paused = true)]
async fn a_debates_turn_is_neither_searched_nor_stored_nor_embedded() {
    let bench = Bench::new(options());
    let model = bench.saying(["Paris.", "Lyon.", "Nice.", "Metz."]);
    assert_eq!(model.complete(asking(CAPITAL)).await.unwrap().text, "Paris.");
    assert_eq!(bench.embedder.n_asked(), 1);
    for reuse in [Reuse::Never, Reuse::Exact(ReuseScope::of("acme"))] {
        let turn = ChatRequest::new(CAPITAL).with_reuse(reuse);
        let reply = model.complete(turn).await.unwrap();
        assert_ne!(reply.text, "Paris.");
        assert_eq!(reply.telemetry.cache, None);
    }
    let deltas: Vec<_> = model.stream(ChatRequest::new(CAPITAL)).await.unwrap().collect().await;
    assert_eq!(deltas.len(), 2);
    assert_eq!(bench.embedder.n_asked(), 1);
    let seen = bench.cache.statistics();
    assert_eq!((seen.requests, seen.searched, seen.stored), (1, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn nothing_leaves_its_namespace() {
    let bench = Bench::new(options().with_guards(Guards::none_for_measuring_only()));
    let model = bench.around(ScriptedModel::saying("m", ["first", "other"]).repeating_the_last());
    let schema = ResponseFormat::JsonSchema(Arc::new(json!({"type": "object"})));
    let said = |role, text: &str| Message { role, text: text.into() };
    let mut with_history = asking("Hello.");
    with_history = with_history.with_messages([said(Role::Assistant, "Hello."), said(Role::User, CAPITAL)]);
    let mut elsewhere = asking(CAPITAL);
    elsewhere.reuse = Reuse::Semantic { scope: ReuseScope::of("acme").over("v2"), at_least: None };
    let others = [
        for_tenant(CAPITAL, "other"),
        asking(CAPITAL).with_system("Answer in French."),
        asking(CAPITAL).with_temperature(0.7),
        asking(CAPITAL).with_max_tokens(5),
        asking(CAPITAL).with_stop(["."]),
        asking(CAPITAL).with_seed(9),
        asking(CAPITAL).with_format(schema),
        with_history,
        elsewhere,
    ];
    assert_eq!(model.complete(asking(CAPITAL)).await.unwrap().text, "first");
    for other in others {
        let reply = model.complete(other.clone()).await.unwrap();
        assert_eq!((&*reply.text, reply.telemetry.semantic), ("other", None), "{other:?}");
        assert_eq!(model.complete(other).await.unwrap().telemetry.cache, Some(CacheOutcome::Hit));
    }
    let other_model = bench.around(ScriptedModel::saying("n", ["another model's"]));
    assert_eq!(other_model.complete(asking(CAPITAL)).await.unwrap().text, "another model's");
    let namesake = bench.around(ScriptedModel::saying("m", ["its namesake's"])).known_as("elsewhere:m");
    assert_eq!(namesake.complete(asking(CAPITAL)).await.unwrap().text, "its namesake's");
    assert_eq!(model.complete(asking("Anything at all")).await.unwrap().text, "first");
    assert_eq!(bench.cache.statistics().foreign, 0);
}

/// An index that heeds no tag.
#[derive(Debug)]
struct Leaky(AdaptiveIndex);

impl VectorIndex for Leaky {
    fn insert(&mut self, entry: retrieval::Entry) -> Result<(), retrieval::Error> {
        self.0.insert(entry)
    }

    fn remove(&mut self, id: &str) -> Result<bool, retrieval::Error> {
        self.0.remove(id)
    }

    fn search(&self, query: &retrieval::Query<'_>) -> Result<Vec<retrieval::Hit>, retrieval::Error> {
        self.0.search(&retrieval::Query { tag: None, ..*query })
    }

    fn count(&self) -> usize {
        self.0.count()
    }
}

#[tokio::test(start_paused = true)]
async fn an_index_that_leaks_leaks_nothing() {
    let (clock, index) = (clock(), Box::new(Leaky(AdaptiveIndex::new(4).unwrap())));
    let tiers = tiers(&clock);
    let cache =
        SemanticCache::new(Arc::new(AllAlike::new()), tiers, index, options(), clock, Seed::new(7)).unwrap();
    let model = SemanticCached::new(Arc::new(ScriptedModel::saying("m", ["ours", "theirs"])), cache.clone());
    model.complete(for_tenant(CAPITAL, "we")).await.unwrap();
    assert_eq!(model.complete(for_tenant(CAPITAL, "they")).await.unwrap().text, "theirs");
    assert_eq!((cache.statistics().foreign, cache.statistics().hits), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_hit_prolongs_nothing() {
    let bench = Bench::new(options());
    let model = bench.saying(["old", "new"]);
    model.complete(asking(CAPITAL)).await.unwrap();
    for _ in 0..5 {
        advance(HOUR / 6).await;
        assert_eq!(model.complete(asking(CAPITAL)).await.unwrap().text, "old");
    }
    advance(HOUR / 6 + Duration::from_millis(1)).await;
    assert_eq!(model.complete(asking(CAPITAL)).await.unwrap().text, "new");
    let seen = bench.cache.statistics();
    assert_eq!((seen.hits, seen.gone, seen.entries), (5, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_cache_outside_does_not_prolong_it_either() {
    let bench = Bench::new(options());
    let inner = Arc::new(bench.saying(["old", "new"]));
    let policy = assize_cache::Policy::new(HOUR).with_jitter(0.0);
    let model = Cached::new(inner, bench.tiers.clone(), policy);
    assert_eq!(model.complete(asking(CAPITAL)).await.unwrap().text, "old");
    advance(HOUR / 2).await;
    let served = model.complete(asking(CAPITAL_TOO)).await.unwrap();
    assert_eq!((&*served.text, served.telemetry.cache), ("old", Some(CacheOutcome::Hit)));
    assert!(served.telemetry.semantic.is_some());
    let deltas: Vec<_> = model.stream(asking(CAPITAL_TOO)).await.unwrap().collect().await;
    assert!(matches!(&deltas[1], Ok(ReplyDelta::Done(done)) if done.telemetry.semantic.is_some()));
    advance(HOUR / 2 + Duration::from_millis(1)).await;
    assert_eq!(model.complete(asking(CAPITAL_TOO)).await.unwrap().text, "new");
}

#[tokio::test(start_paused = true)]
async fn one_entry_can_be_dropped() {
    let bench = Bench::new(options());
    let model = bench.saying(["bad", "good", "other"]);
    model.complete(asking(CAPITAL)).await.unwrap();
    let served = hit(&model, asking(CAPITAL_TOO)).await;
    assert!(bench.cache.forget(served.entry()).await);
    assert!(!bench.cache.forget(served.entry()).await);
    assert!(!bench.cache.forget(&"none".into()).await);
    assert_eq!(model.complete(asking(CAPITAL_TOO)).await.unwrap().text, "good");
    let seen = bench.cache.statistics();
    assert_eq!((seen.forgotten, seen.entries), (1, 1));
    // A tenant's entries go with all else that is stored of the tenant.
    bench.tiers.invalidate(&Selector::Tag(Tag::hashed(&["tenant", "acme"]))).await;
    assert_eq!(model.complete(asking(CAPITAL_TOO)).await.unwrap().text, "other");
}

#[tokio::test(start_paused = true)]
async fn only_whole_replies_are_stored() {
    let reply = |text: &str| ChatReply::new("m".into(), text, Usage::reported(TokenUsage::of(1, 1)));
    let (mut cut, mut calling) = (reply("Par"), reply("Let me look."));
    cut.finish = FinishReason::Length;
    let call = ToolCall { id: String::new(), name: "look_up".to_owned(), arguments: String::new() };
    calling.tool_calls.push(call);
    let replies = [cut, calling, reply(" \n"), reply("Paris.")].map(Ok);
    let bench = Bench::new(options());
    let model = bench.around(ScriptedModel::replying("m", replies));
    for expected in ["Par", "Let me look.", " \n", "Paris.", "Paris."] {
        assert_eq!(model.complete(asking(CAPITAL)).await.unwrap().text, expected);
    }
    assert_eq!(bench.cache.statistics().stored, 1);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_embedded_is_asked() {
    for (embedder, too_long, not_embedded) in [
        (AllAlike { fails: true, ..AllAlike::new() }, 0, 2),
        (AllAlike { takes: HOUR, ..AllAlike::new() }, 0, 2),
        (AllAlike::new(), 2, 0),
    ] {
        let longest = if too_long > 0 { 5 } else { 1_000 };
        let bench = Bench::with(embedder, options().with_longest_question(longest));
        let model = bench.saying(["1", "2"]);
        for expected in ["1", "2"] {
            let reply = model.complete(asking(CAPITAL)).await.unwrap();
            assert_eq!((&*reply.text, reply.telemetry.cache), (expected, Some(CacheOutcome::Miss)));
        }
        let seen = bench.cache.statistics();
        let counts = (seen.requests, seen.too_long, seen.not_embedded, seen.searched, seen.stored);
        assert_eq!(counts, (2, too_long, not_embedded, 0, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_cache_without_tiers_is_a_miss() {
    let tiers = Tiered::new(Vec::new(), clock(), Seed::new(7));
    let cache =
        SemanticCache::new(Arc::new(AllAlike::new()), tiers, index(), options(), clock(), Seed::new(7))
            .unwrap();
    let model = SemanticCached::new(Arc::new(ScriptedModel::saying("m", ["1", "2"])), cache.clone());
    for expected in ["1", "2"] {
        assert_eq!(model.complete(asking(CAPITAL)).await.unwrap().text, expected);
    }
    assert_eq!((cache.statistics().gone, cache.statistics().entries), (1, 1));
}

#[tokio::test]
async fn letters_are_no_meanings() {
    let new = |embedder: Arc<dyn Embedder>| {
        let tiers = Tiered::new(Vec::new(), clock(), Seed::new(7));
        SemanticCache::new(embedder, tiers, index(), options(), clock(), Seed::new(7))
    };
    let error = new(Arc::new(HashEmbedder::new(4).unwrap())).unwrap_err();
    assert_eq!((error.kind(), error.telemetry().attempts), (ErrorKind::BadRequest, 0));
    assert!(error.to_string().contains("take one that is declared semantic"), "{error}");
    let other = EmbedderIdentity::new("wide", "1", 5).unwrap().semantic();
    let error = new(Arc::new(AllAlike { identity: other, ..AllAlike::new() })).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest, "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_oldest_gives_way() {
    let bench = Bench::new(options().with_most_entries(2));
    let model = bench.around(ScriptedModel::saying("m", ["a", "b", "c", "again"]));
    for text in ["What is a lion?", "What is a tiger?", "What is a puma?"] {
        model.complete(asking(text)).await.unwrap();
        advance(Duration::from_secs(1)).await;
    }
    assert_eq!(model.complete(asking("what is a tiger")).await.unwrap().text, "b");
    assert_eq!(model.complete(asking("what is a lion")).await.unwrap().text, "again");
    let seen = bench.cache.statistics();
    assert_eq!((seen.stored, seen.evicted, seen.entries), (4, 2, 2));
    let none = Bench::new(options().with_most_entries(0));
    none.saying(["a"]).complete(asking(CAPITAL)).await.unwrap();
    assert_eq!((none.cache.statistics().not_stored, none.cache.statistics().entries), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_stored_index_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let (embedder, clock) = (Arc::new(AllAlike::new()), clock());
    let tiers = tiers(&clock);
    let open = || {
        let path = folder.path().join("questions");
        let index = StoredIndex::open(path, embedder.identity(), AdaptiveIndex::new(4).unwrap()).unwrap().0;
        let options = options().with_most_entries(1);
        SemanticCache::new(
            embedder.clone(),
            tiers.clone(),
            Box::new(index),
            options,
            clock.clone(),
            Seed::new(7),
        )
        .unwrap()
    };
    let model = SemanticCached::new(Arc::new(ScriptedModel::saying("m", ["Paris."])), open());
    model.complete(asking(CAPITAL)).await.unwrap();
    drop(model);
    let cache = open();
    let model = SemanticCached::new(Arc::new(ScriptedModel::saying("m", ["No idea."])), cache.clone());
    assert_eq!(model.complete(asking(CAPITAL_TOO)).await.unwrap().text, "Paris.");
    // Its ids are known again, and give way.
    advance(Duration::from_secs(1)).await;
    model.complete(asking("What is a lion?")).await.unwrap();
    assert_eq!((cache.statistics().evicted, cache.statistics().entries), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn nobody_pays_for_a_hit() {
    const PRICES: &str = r#"
        format_version = 1
        [[price]]
        vendor = "acme"
        id = "m"
        input = "1"
        output = "10"
        max_output_tokens = 100
        source = "a test"
    "#;
    let prices = Arc::new(PriceBook::from_toml("test", PRICES).unwrap());
    let ledger = Ledger::builder(clock()).open().unwrap();
    let bench = Bench::new(options());
    let statistics = CallStatistics::new();
    // A ledger on the wrong side of the cache: it must not take a hit for spending all the same.
    let metered =
        Metered::new(Arc::new(bench.saying(["Paris."])), prices, clock(), ledger.clone(), Attribution::new());
    let model = Observed::new(Arc::new(metered), statistics.clone());
    model.complete(asking(CAPITAL)).await.unwrap();
    let spent = ledger.total().billed;
    assert!(spent.cost.picodollars() > 0);
    model.complete(asking(CAPITAL_TOO)).await.unwrap();
    assert_eq!(ledger.total().billed, spent);

    let model = Observed::new(Arc::new(bench.saying([])), statistics.clone());
    let before = statistics.snapshot().total;
    model.complete(asking(CAPITAL_TOO)).await.unwrap();
    let seen = statistics.snapshot().total;
    assert_eq!((seen.cache_hits, seen.cache_misses, seen.replied), (2, 1, 3));
    assert_eq!(
        (seen.unpriced, seen.tokens, seen.attempts),
        (before.unpriced, before.tokens, before.attempts)
    );
    assert_eq!((seen.unpriced, seen.attempts), (0, 1));
}
