//! Thresholds: the caller's, and those that are learned.

use assize_retrieval::ToldEmbedder;

use super::*;

/// Two questions that the guards find the same, at the cosine of 0.8, whatever their words.
#[derive(Debug)]
struct Apart(EmbedderIdentity);

#[async_trait]
impl Embedder for Apart {
    fn identity(&self) -> &EmbedderIdentity {
        &self.0
    }

    async fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, retrieval::Error> {
        let vector = |text: &str| if text == CAPITAL { vec![1.0, 0.0] } else { vec![0.8, 0.6] };
        Ok(texts.iter().map(|text| vector(text)).collect())
    }
}

fn apart(options: SemanticOptions) -> SemanticCache {
    let (clock, identity) = (clock(), EmbedderIdentity::new("apart", "1", 2).unwrap().semantic());
    let (tiers, index) = (tiers(&clock), Box::new(AdaptiveIndex::new(2).unwrap()));
    SemanticCache::new(Arc::new(Apart(identity)), tiers, index, options, clock, Seed::new(7)).unwrap()
}

fn at_least(least: f32) -> ChatRequest {
    let reuse = Reuse::Semantic { scope: ReuseScope::of("acme"), at_least: Some(least) };
    ChatRequest::new(CAPITAL_TOO).with_reuse(reuse)
}

#[tokio::test(start_paused = true)]
async fn a_caller_can_only_raise_it() {
    let cache = apart(options().with_threshold(0.7));
    let model = SemanticCached::new(Arc::new(ScriptedModel::saying("m", ["Paris.", "Lyon."])), cache.clone());
    model.complete(asking(CAPITAL)).await.unwrap();
    let served = hit(&model, at_least(0.75)).await;
    assert!((served.score() - 0.8).abs() < 1e-6);
    assert_eq!(model.complete(at_least(0.85)).await.unwrap().text, "Lyon.");
    assert_eq!(cache.statistics().below_threshold, 1);

    let cache = apart(options().with_threshold(0.9));
    let model = SemanticCached::new(Arc::new(ScriptedModel::saying("m", ["Paris."; 4])), cache.clone());
    model.complete(asking(CAPITAL)).await.unwrap();
    assert_eq!(model.complete(at_least(0.0)).await.unwrap().telemetry.semantic, None, "he cannot lower it");
    let near = model.complete(at_least(-1.0)).await.unwrap();
    assert!(near.telemetry.semantic.unwrap().score() >= 1.0, "that which was stored meanwhile");
    assert_eq!(model.complete(at_least(f32::NAN)).await.unwrap().telemetry.semantic, None);
    assert_eq!(model.complete(at_least(1.5)).await.unwrap().telemetry.semantic, None);
}

#[tokio::test(start_paused = true)]
async fn wrong_raises_it_and_drops_the_entry() {
    let cache = apart(options().with_threshold(0.7));
    let script = ["Paris.", "Lyon.", "Nice."];
    let model = SemanticCached::new(Arc::new(ScriptedModel::saying("m", script)), cache.clone());
    model.complete(asking(CAPITAL)).await.unwrap();
    let served = hit(&model, asking(CAPITAL_TOO)).await;
    cache.feedback(&served, Verdict::Right).await;
    assert!(cache.threshold(&served).total_cmp(&0.7).is_eq());
    cache.feedback(&served, Verdict::Wrong).await;
    assert!(cache.threshold(&served) > served.score());
    let seen = cache.statistics();
    assert_eq!((seen.judged_right, seen.judged_wrong, seen.forgotten, seen.entries), (1, 1, 1, 0));
    assert_eq!(seen.namespaces, 1);
    // Elsewhere nothing was learned.
    model.complete(for_tenant(CAPITAL, "other")).await.unwrap();
    let other = hit(&model, for_tenant(CAPITAL_TOO, "other")).await;
    assert!(cache.threshold(&other).total_cmp(&0.7).is_eq());
    // The next one is asked, although the old entry were near enough.
    assert_eq!(model.complete(asking(CAPITAL)).await.unwrap().text, "Nice.");
    let error = model.complete(asking(CAPITAL_TOO)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ScriptEnded);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_near_enough_is_learned_from() {
    // 35 % are within reach of a few judgements.
    let cache = apart(options().with_threshold(0.9).with_error_bound(0.35));
    let model = Arc::new(ScriptedModel::saying("m", ["Paris."]).repeating_the_last());
    let model = SemanticCached::new(model, cache.clone());
    let mut served = None;
    for _ in 0..20 {
        model.complete(asking(CAPITAL)).await.unwrap();
        let reply = model.complete(asking(CAPITAL_TOO)).await.unwrap();
        if let Some(hit) = reply.telemetry.semantic {
            served = Some(hit);
            break;
        }
        // What was stored for the second question is not to serve it.
        advance(HOUR).await;
    }
    let served = served.expect("the threshold has come down");
    assert!((served.score() - 0.8).abs() < 1e-6 && cache.threshold(&served) <= served.score());
    let seen = cache.statistics();
    assert_eq!((seen.compared, seen.below_threshold, seen.false_hit_rate), (8, 8, None));
}

#[tokio::test(start_paused = true)]
async fn meanings_decide_with_a_real_embedder() {
    let clock = clock();
    let embedder = ToldEmbedder::new(32).unwrap().means_the_same(&[CAPITAL, CAPITAL_TOO]).unwrap();
    let (tiers, index) = (tiers(&clock), Box::new(AdaptiveIndex::new(32).unwrap()));
    let cache = SemanticCache::new(Arc::new(embedder), tiers, index, options(), clock, Seed::new(7)).unwrap();
    let model = SemanticCached::new(Arc::new(ScriptedModel::saying("m", ["Paris.", "Lyon."])), cache.clone());
    model.complete(asking(CAPITAL)).await.unwrap();
    hit(&model, asking(CAPITAL_TOO)).await;
    // The guards would let it pass; the embedder was not told.
    let untold = "Could you give me the capital of France, please?";
    assert_eq!(Guards::all().judge(CAPITAL, untold), Ok(()));
    assert_eq!(model.complete(asking(untold)).await.unwrap().text, "Lyon.");
    assert_eq!(cache.statistics().below_threshold, 1);
}
