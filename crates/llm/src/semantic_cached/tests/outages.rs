//! Tiers and embedders that are away, entries that have all grown old, and an index that is being written.

use std::sync::{Mutex, mpsc};

use assize_cache::{Error as TierError, ErrorKind as TierErrorKind, Key, Stored, Tier, TierStats};

use super::*;

/// A tier in memory that can be told to be away.
#[derive(Debug)]
struct Moody {
    tier: MemoryTier,
    is_away: AtomicUsize,
}

impl Moody {
    fn answer(&self) -> Result<(), TierError> {
        match self.is_away.load(Ordering::SeqCst) {
            0 => Ok(()),
            _ => Err(TierErrorKind::Unavailable.error("reach a moody tier")),
        }
    }
}

#[async_trait]
impl Tier for Moody {
    async fn get(&self, key: &Key) -> Result<Option<Stored>, TierError> {
        self.answer()?;
        self.tier.get(key).await
    }

    async fn put(&self, key: &Key, entry: Stored) -> Result<(), TierError> {
        self.answer()?;
        self.tier.put(key, entry).await
    }

    async fn remove(&self, selector: &Selector) -> Result<u64, TierError> {
        self.answer()?;
        self.tier.remove(selector).await
    }

    async fn stats(&self) -> Result<TierStats, TierError> {
        self.tier.stats().await
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_a_tier_costs_no_entry() {
    let clock = clock();
    let tier = MemoryTier::new(DEFAULT_MEMORY_BYTES, clock.clone());
    let moody = Arc::new(Moody { tier, is_away: AtomicUsize::new(0) });
    let levels = vec![Level::disk(moody.clone())];
    let tiers = Tiered::new(levels, clock.clone(), Seed::new(7));
    let embedder = Arc::new(AllAlike::new());
    let cache = SemanticCache::new(embedder, tiers, index(), options(), clock, Seed::new(7)).unwrap();
    let model = ScriptedModel::saying("m", ["Paris.", "asked anew"]).repeating_the_last();
    let model = SemanticCached::new(Arc::new(model), cache.clone());
    model.complete(asking(CAPITAL)).await.unwrap();
    moody.is_away.store(1, Ordering::SeqCst);
    for _ in 0..8 {
        assert_eq!(model.complete(asking(CAPITAL_TOO)).await.unwrap().text, "asked anew");
    }
    let seen = cache.statistics();
    assert_eq!((seen.unreached, seen.gone, seen.hits), (8, 0, 0));
    moody.is_away.store(0, Ordering::SeqCst);
    advance(Duration::from_secs(3)).await;
    assert_eq!(model.complete(asking(CAPITAL_TOO)).await.unwrap().text, "Paris.");
}

#[tokio::test(start_paused = true)]
async fn an_embedder_that_is_away_is_not_waited_for_each_time() {
    let bench = Bench::with(AllAlike { takes: HOUR, ..AllAlike::new() }, options());
    let model = bench.around(ScriptedModel::saying("m", ["Paris."]).repeating_the_last());
    let began = tokio::time::Instant::now();
    for _ in 0..20 {
        assert_eq!(model.complete(asking(CAPITAL)).await.unwrap().text, "Paris.");
    }
    assert_eq!((bench.embedder.n_asked(), began.elapsed().as_secs()), (5, 5));
    assert_eq!(bench.cache.statistics().not_embedded, 20);
    advance(Duration::from_secs(2)).await;
    for _ in 0..3 {
        model.complete(asking(CAPITAL)).await.unwrap();
    }
    assert_eq!(bench.embedder.n_asked(), 6, "one probe");
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_all_that_has_grown_old() {
    let bench = Bench::new(options());
    let model = bench.around(ScriptedModel::saying("m", ["It is."]).repeating_the_last());
    for n in 0..100 {
        model.complete(for_tenant(CAPITAL, &n.to_string())).await.unwrap();
    }
    advance(2 * HOUR).await;
    let mut before = bench.cache.statistics();
    assert_eq!((before.entries, before.evicted), (100, 0));
    for n in 100..104 {
        model.complete(for_tenant(CAPITAL, &n.to_string())).await.unwrap();
        let after = bench.cache.statistics();
        assert!(after.evicted - before.evicted <= 32, "{} at once", after.evicted - before.evicted);
        before = after;
    }
    assert_eq!((before.entries, before.evicted), (4, 100));
}

#[tokio::test(start_paused = true)]
async fn one_question_has_one_entry() {
    let bench = Bench::new(options());
    let model = bench.around(ScriptedModel::saying("m", ["old", "new"]).repeating_the_last());
    model.complete(asking(CAPITAL)).await.unwrap();
    let wrong = hit(&model, asking(CAPITAL)).await;
    // From here on nothing is near enough, and each question is asked anew.
    model.complete(asking("Which is the longest river?")).await.unwrap();
    let other = hit(&model, asking("Which is the longest river?")).await;
    bench.cache.feedback(&other, Verdict::Wrong).await;
    assert!(bench.cache.threshold(&wrong) > 1.0);
    for _ in 0..5 {
        assert_eq!(model.complete(asking(CAPITAL)).await.unwrap().text, "new");
    }
    let seen = bench.cache.statistics();
    assert_eq!((seen.entries, seen.compared, seen.evicted), (1, 5, 5));
}

/// An index that wants a checkpoint after two entries, and takes as long for it as it is told.
#[derive(Debug)]
struct Slow {
    index: AdaptiveIndex,
    changes: usize,
    go_on: Mutex<mpsc::Receiver<()>>,
}

impl VectorIndex for Slow {
    fn insert(&mut self, entry: retrieval::Entry) -> Result<(), retrieval::Error> {
        self.changes += 1;
        self.index.insert(entry)
    }

    fn remove(&mut self, id: &str) -> Result<bool, retrieval::Error> {
        self.index.remove(id)
    }

    fn search(&self, query: &retrieval::Query<'_>) -> Result<Vec<retrieval::Hit>, retrieval::Error> {
        self.index.search(query)
    }

    fn count(&self) -> usize {
        self.index.count()
    }

    fn wants_checkpoint(&self) -> bool {
        self.changes == 2
    }

    fn checkpoint(&mut self) -> Result<(), retrieval::Error> {
        self.changes = 100;
        self.go_on.lock().unwrap().recv().expect("the test is there");
        Ok(())
    }
}

#[tokio::test]
async fn while_an_index_is_written_nobody_waits_and_nothing_is_lost() {
    let (go_on, receiver) = mpsc::channel();
    let slow = Slow { index: AdaptiveIndex::new(4).unwrap(), changes: 0, go_on: Mutex::new(receiver) };
    let clock = clock();
    let tiers = tiers(&clock);
    let cache =
        SemanticCache::new(Arc::new(AllAlike::new()), tiers, Box::new(slow), options(), clock, Seed::new(7))
            .unwrap();
    let model = ScriptedModel::saying("m", ["lions", "tigers", "pumas", "asked anew"]).repeating_the_last();
    let model = SemanticCached::new(Arc::new(model), cache.clone());
    model.complete(asking("What is a lion?")).await.unwrap();
    let lions = hit(&model, asking("What is a lion?")).await;
    model.complete(asking("What is a tiger?")).await.unwrap();
    // Its checkpoint is being written now.
    assert_eq!(model.complete(asking("What is a puma?")).await.unwrap().text, "pumas");
    assert_eq!(model.complete(asking("What is a tiger?")).await.unwrap().text, "asked anew");
    assert!(cache.forget(lions.entry()).await && !cache.forget(lions.entry()).await);
    let seen = cache.statistics();
    assert_eq!((seen.checkpoints, seen.entries, seen.hits), (0, 3, 1));

    go_on.send(()).unwrap();
    while cache.statistics().checkpoints == 0 {
        tokio::task::yield_now().await;
    }
    // It is counted before it is put back.
    while cache.0.shelf().is_away() {
        tokio::task::yield_now().await;
    }
    assert_eq!(cache.statistics().entries, 3);
    for (text, expected) in [("What is a tiger?", "tigers"), ("What is a puma?", "pumas")] {
        assert_eq!(model.complete(asking(text)).await.unwrap().text, expected);
    }
    assert_eq!(model.complete(asking("What is a lion?")).await.unwrap().text, "asked anew");
}

#[tokio::test]
async fn the_file_of_a_stored_index_stays_short() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("questions");
    let (embedder, clock) = (Arc::new(AllAlike::new()), clock());
    let open = || StoredIndex::open(&path, embedder.identity(), AdaptiveIndex::new(4).unwrap());
    let cache = SemanticCache::new(
        embedder.clone(),
        tiers(&clock),
        Box::new(open().unwrap().0),
        options().with_most_entries(10),
        clock.clone(),
        Seed::new(7),
    )
    .unwrap();
    let model = ScriptedModel::saying("m", ["Paris."]).repeating_the_last();
    let model = SemanticCached::new(Arc::new(model), cache.clone());
    let mut longest = 0;
    for n in 0..1_500 {
        model.complete(for_tenant(CAPITAL, &n.to_string())).await.unwrap();
        while cache.0.shelf().is_away() {
            tokio::task::yield_now().await;
        }
        longest = longest.max(std::fs::metadata(&path).unwrap().len());
    }
    let seen = cache.statistics();
    assert_eq!((seen.checkpoints, seen.checkpoints_failed, seen.entries), (2, 0, 10));
    assert!(longest < 250_000, "{longest} bytes for 10 entries and 1,000 changes");
    drop((model, cache));
    assert_eq!(open().unwrap().0.count(), 10);
}
